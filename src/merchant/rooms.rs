//! The handles to the house that every handler has, and the two things it does with them: ask
//! the books, or have a command carried out.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::{HttpMessage, HttpRequest};

use super::{Asked, Gate, Keys, Stop};
use crate::bank::trial::Trial;
use crate::clock::Clock;
use crate::domain::{
    AnswerName, Answered, BankCode, Command, KeptBody, MerchantId, MessageCommand, SystemSettings,
};
use crate::limits;
use crate::people::People;
use crate::secrets::Secrets;
use crate::store::engine::Broken;
use crate::store::once::{Answer, Given, Kept, Once};
use crate::store::{Busy, Ledger, Mode, Reads, Receipt, once};
use crate::telemetry;
use crate::telemetry::log_book::LogBook;
use crate::webhook::Sender;

/// Makes a page for people of a telegram; numbers and names are masked unless it is told to
/// reveal them.
pub type Describe = Arc<dyn Fn(&[u8], bool) -> String + Send + Sync>;

/// Everything a face may use; one for the house, shared by all handlers as `web::Data<Rooms>`.
#[derive(Clone)]
pub struct Rooms {
    /// The door for commands.
    pub ledger: Ledger,
    /// The door for questions.
    pub reads: Reads,
    /// House time.
    pub clock: Clock,
    /// Trial or earnest.
    pub mode: Mode,
    /// Wraps and hashes what must not lie in the books in clear.
    pub secrets: Secrets,
    /// How people prove who they are.
    pub people: People,
    /// Recognises merchants' keys.
    pub keys: Keys,
    /// How often one may.
    pub gate: Arc<Gate>,
    /// Bytes of a body at most.
    pub body_bytes_max: usize,
    /// What to do when the books cannot be read any more: stop the process, in production.
    pub on_broken: fn(&Broken),
    /// Idempotency keys being worked on.
    pub in_flight: InFlight,
    /// The log lines of the last days.
    pub logs: LogBook,
    /// Level and days of the log as configured, where nobody set others.
    pub log_defaults: (String, u16),
    /// Dials the house's own line, in a sandbox.
    pub trial: Option<Trial>,
    /// Signs and posts letters to merchants.
    pub sender: Sender,
    /// Where such letters come from, for merchants' firewalls.
    pub webhook_addresses: Vec<String>,
    /// A telegram as a page for people.
    pub describe: Describe,
    /// A bank's name in Korean.
    pub bank_name: fn(BankCode) -> Option<&'static str>,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}

/// The names of answers that are being made right now.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<BTreeSet<AnswerName>>>);

/// A key under which something is to be done once; while it lives, the same key is refused.
pub struct OnceKey {
    name: AnswerName,
    asked: [u8; 32],
    key: String,
    scope: String,
    in_flight: InFlight,
}

impl fmt::Debug for OnceKey {
    /// Without the key, which opens sealed answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceKey").field(&self.name).finish()
    }
}

impl OnceKey {
    /// A number that is always the same for this caller and key: for effects beyond the books
    /// (a telegram of a trial deposit) that are named by a number.
    pub fn number(&self) -> u64 {
        let (head, _) = self.name.0.split_at(8);
        head.iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The caller and its key together, which the books do not hold: what opens a sealed answer.
    fn word(&self) -> String {
        format!("{}\n{}", self.scope, self.key)
    }
}

impl Drop for OnceKey {
    fn drop(&mut self) {
        self.in_flight.change(|names| names.remove(&self.name));
    }
}

impl InFlight {
    fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<AnswerName>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A caller's idempotency key, looked at before anything else is done.
#[derive(Debug)]
pub enum Turn {
    /// There is none, or it is new: go on.
    Go(Option<OnceKey>),
    /// This was answered before: say it again.
    Again(Answer),
}

impl Rooms {
    /// Has a command carried out and waits until it is durable.
    ///
    /// # Errors
    /// [`Busy`] where the writer has more waiting than it may; nothing was written. Where the
    /// books break there is no return: the process stops without an answer.
    pub async fn carry_out(&self, command: Command) -> Result<Receipt, Busy> {
        match self.ledger.submit(command)?.await {
            Some(receipt) => Ok(receipt),
            None => silence().await,
        }
    }

    /// Lets a request of an authenticated caller in, as `payaction/shop` or `user/admin`, and has
    /// its answer tell what is left of the caller's rate.
    ///
    /// # Errors
    /// [`Stop::TooMany`].
    pub fn admit(&self, request: &HttpRequest, caller: &str) -> Result<(), Stop> {
        let (allowance, admitted) = self.gate.key(caller);
        request.extensions_mut().insert(allowance);
        admitted
    }

    /// Counts a malformed call of an authenticated merchant; too many lock it for a while.
    pub fn count_invalid(&self, merchant: &MerchantId) {
        if self.gate.invalid(merchant).is_some() {
            metrics::counter!(telemetry::MERCHANTS_LOCKED_TOTAL).increment(1);
            tracing::warn!(%merchant, "too many malformed calls: the merchant is locked");
            let minutes = limits::INVALID_CALLS_LOCK.as_secs() / 60;
            let command = MessageCommand::TellLocked {
                merchant: merchant.clone(),
                minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
            };
            // Books that are busy have better things to do than a mail.
            drop(self.ledger.submit(Command::Message(Box::new(command))));
        }
    }

    /// Does what the settings of the house say of the log; everything else asks the books anew.
    pub fn obey(&self, settings: &SystemSettings) {
        let (level, days) = &self.log_defaults;
        let set = |key| settings.is_set(key).then(|| settings.value(key));
        let level = set("log.level").unwrap_or(level);
        if level != self.logs.level() {
            // Only words that are levels can be set.
            let _ = self.logs.set_level(level);
        }
        let days = set("log.retentionDays")
            .and_then(|days| days.parse().ok())
            .unwrap_or(*days);
        if days != self.logs.keep_days() {
            self.logs.set_keep_days(days);
        }
    }

    /// Asks the books a question, off the threads that serve. Where they cannot be read there is
    /// no return: the process stops without an answer.
    pub async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reads) -> Result<T, Broken> + Send + 'static,
    ) -> T {
        let reads = self.reads.clone();
        match actix_web::web::block(move || question(&reads)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(broken)) => {
                (self.on_broken)(&broken);
                silence().await
            }
            Err(_) => silence().await,
        }
    }

    /// The turn of a caller's idempotency key, before any of the request is done. `scope` names
    /// the caller, as `ezpg/user/admin` or `payaction/mall`; keys of different callers never
    /// meet. The key stays in flight until the [`OnceKey`] is dropped.
    ///
    /// # Errors
    /// [`Stop`] where it was used with other content or is being worked on.
    pub async fn turn(&self, scope: &str, asked: &Asked) -> Result<Turn, Stop> {
        let Some(key) = &asked.key else {
            return Ok(Turn::Go(None));
        };
        let name = once::name(scope, key);
        let hash = asked.asked;
        if !self.in_flight.change(|names| names.insert(name)) {
            return Err(Stop::InFlight);
        }
        let once = OnceKey {
            name,
            asked: hash,
            key: key.clone(),
            scope: scope.to_owned(),
            in_flight: self.in_flight.clone(),
        };
        match self.look(move |reads| reads.kept(name, hash)).await {
            None => Ok(Turn::Go(Some(once))),
            Some(Kept::Other) => Err(Stop::KeyReused),
            Some(Kept::Same(answered)) => self.again(&once, &answered).map(Turn::Again),
        }
    }

    /// Has a command carried out, once where there is a key, and answers with what `render`
    /// makes of the receipt. `render` runs in the writer: it must be quick and tell nobody.
    ///
    /// # Errors
    /// [`Stop`] as [`Rooms::turn`], and [`Stop::Busy`].
    pub async fn carry_out_once(
        &self,
        command: Command,
        once: Option<OnceKey>,
        render: impl FnOnce(&Receipt) -> Said + Send + 'static,
    ) -> Result<Answer, Stop> {
        let Some(once) = once else {
            let receipt = self.carry_out(command).await?;
            return Ok(render(&receipt).answer);
        };
        let (secrets, word) = (self.secrets.clone(), once.word());
        let asked = Once {
            name: once.name,
            asked: once.asked,
            always: matches!(command, Command::Answer),
            render: Box::new(move |receipt| {
                let Said { mut answer, secret } = render(receipt);
                if secret {
                    answer.sealed = Some(secrets.seal_for(&word, &answer.body));
                }
                answer
            }),
        };
        match self.ledger.submit_once(command, asked)?.await {
            Ok(Given::Now { answer, .. }) => Ok(answer),
            Ok(Given::Before(Kept::Same(answered))) => self.again(&once, &answered),
            Ok(Given::Before(Kept::Other)) => Err(Stop::KeyReused),
            Err(_) => silence().await,
        }
    }
}

impl Rooms {
    /// A kept answer as it first went out.
    fn again(&self, once: &OnceKey, answered: &Answered) -> Result<Answer, Stop> {
        let body = match &answered.body {
            KeptBody::Open(text) => text.clone().into_bytes(),
            KeptBody::Sealed(sealed) => {
                let opened = self.secrets.open_for(&once.word(), sealed);
                opened.ok_or(Stop::Failed)?.to_vec()
            }
        };
        Ok(Answer {
            status: answered.status,
            form: answered.form,
            body,
            sealed: None,
            again: true,
        })
    }
}

/// What a face says, and whether it carries secrets.
#[derive(Debug)]
pub struct Said {
    /// The answer.
    pub answer: Answer,
    /// Whether it must be sealed where it is kept.
    pub secret: bool,
}

impl Said {
    /// The same, known to carry secrets.
    #[must_use]
    pub fn with_secrets(self) -> Said {
        Said {
            secret: true,
            ..self
        }
    }
}

/// Nothing is said any more: the books broke, and the process is about to end.
pub async fn silence<T>() -> T {
    std::future::pending().await
}
