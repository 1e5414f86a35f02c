//! A trial deposit (입금 테스트): the house dials its own line, as the relay would, and sends real
//! telegrams. For a sandbox only; whoever hands this out sees to that.
//!
//! The numbers come from a range that no bank uses, so that a trial never takes a deposit's
//! number away. What comes of it is what the line answers; nothing here looks into the books.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use telegrams::{Answer, Composer, Field, FrameCodec, Kind, Profile, Reading, Record};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::codec::Framed;

use crate::domain::{AccountKey, RelayKey, Timestamp, Won};
use crate::limits;

/// Dials the house's own line. Clones share the bound on how many do so at a time.
#[derive(Clone, Debug)]
pub struct Trial {
    line: SocketAddr,
    profile: Arc<Profile>,
    institution: String,
    places: Arc<Semaphore>,
}

/// A deposit to be tried.
#[derive(Clone, Debug)]
pub struct TrialDeposit {
    /// Where it goes.
    pub account: AccountKey,
    /// How much.
    pub amount: Won,
    /// Who pays.
    pub payer: String,
    /// Chooses the number: the same one is the same deposit, sent again.
    pub number: u64,
    /// When, by house time.
    pub at: Timestamp,
    /// Whether the deposit is sent although nobody asked before.
    pub force: bool,
}

/// How far a trial came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The payee look-up (수취조회).
    PayeeLookup,
    /// The pre-deposit check (입금사전조회).
    PreDepositCheck,
    /// The deposit itself (입금).
    Deposit,
}

/// What the line said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialEnd {
    /// The key under which the deposit was sent, or would have been.
    pub key: RelayKey,
    /// The last step that was answered.
    pub step: Step,
    /// Its answer; only [`Answer::Accepted`] to a deposit is a deposit.
    pub answer: Answer,
    /// The answer's words, as the layout has them.
    pub words: String,
}

impl TrialEnd {
    /// Whether the deposit was taken.
    pub fn accepted(&self) -> bool {
        self.step == Step::Deposit && self.answer == Answer::Accepted
    }
}

/// Why there was no trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// As many as may are on their way.
    #[error("too many trial deposits are on their way")]
    Full,
    /// The line's layout has no room for a value.
    #[error("the line's layout cannot say it: {0}")]
    Compose(String),
    /// The line could not be reached or ended early.
    #[error("the house's own line is not to be reached: {0}")]
    Line(#[from] io::Error),
    /// The line did not answer in time.
    #[error("the house's own line did not answer in time")]
    Silent,
}

impl Trial {
    /// Trials on the line at `line`, in the layout spoken there.
    pub fn new(line: SocketAddr, profile: Arc<Profile>, institution: String) -> Trial {
        Trial {
            line: reachable(line),
            profile,
            institution,
            places: Arc::new(Semaphore::new(limits::TRIALS_MAX)),
        }
    }

    /// Sends look-up, pre-deposit check and deposit; a no to one of them is the end. With `force`
    /// the deposit alone is sent.
    ///
    /// # Errors
    /// [`TrialError`]; what was sent before may stand in the books all the same.
    pub async fn deposit(&self, trial: &TrialDeposit) -> Result<TrialEnd, TrialError> {
        let _place = self.places.try_acquire().map_err(|_| TrialError::Full)?;
        let work = tokio::time::timeout(limits::TRIAL_WAIT, self.play(trial));
        work.await.map_err(|_| TrialError::Silent)?
    }

    async fn play(&self, trial: &TrialDeposit) -> Result<TrialEnd, TrialError> {
        let date = trial.at.business_date();
        let date = date.ok_or_else(|| TrialError::Compose("the date".to_owned()))?;
        let key = RelayKey {
            institution: self.institution.clone(),
            bank: trial.account.bank,
            trade_date: date,
            trace_no: self.trace_no(trial.number),
        };
        let stream = TcpStream::connect(self.line).await?;
        stream.set_nodelay(true)?;
        let mut line = Framed::new(stream, self.profile.frame_codec());
        let mut end = None;
        for (step, kind) in [
            (Step::PayeeLookup, Kind::PayeeLookup),
            (Step::PreDepositCheck, Kind::PreDepositCheck),
            (Step::Deposit, Kind::Deposit),
        ] {
            let asked = step == Step::Deposit || (!trial.force && self.profile.has(kind));
            if !asked {
                continue;
            }
            let telegram = self.compose(kind, &key, trial)?;
            let reply = ask(&mut line, &self.profile, kind, telegram).await?;
            let answer = reply.answer().unwrap_or(Answer::Other);
            end = Some(TrialEnd {
                key: key.clone(),
                step,
                answer,
                words: self.profile.answer_text(answer).to_owned(),
            });
            if answer != Answer::Accepted {
                break;
            }
        }
        end.ok_or(TrialError::Silent)
    }

    /// A number of the layout's length from the range that no bank uses: the highest.
    fn trace_no(&self, number: u64) -> String {
        let length = trace_no_length(&self.profile);
        let reserved = if length >= 12 { "9999" } else { "9" };
        let digits = u32::try_from(length - reserved.len()).unwrap_or(0).min(18);
        let number = number % 10_u64.pow(digits);
        let width = digits as usize;
        format!("{reserved}{number:0width$}")
    }

    fn compose(
        &self,
        kind: Kind,
        key: &RelayKey,
        trial: &TrialDeposit,
    ) -> Result<Bytes, TrialError> {
        let has = fields_of(&self.profile, kind);
        let text = |composer: Composer, field: Field, text: &str| {
            if has(field) {
                composer.text(field, text)
            } else {
                composer
            }
        };
        let number = |composer: Composer, field: Field, number: u64| {
            if has(field) {
                composer.number(field, number)
            } else {
                composer
            }
        };
        let time = trial.at.in_seoul();
        let time = time.map_or_else(String::new, |at| at.strftime("%H%M%S").to_string());
        let bank = u64::from(trial.account.bank.number());
        let mode = if trial.force { "S" } else { "I" };
        let mut composer = self.profile.compose(kind);
        for (field, value) in [
            (Field::Institution, key.institution.as_str()),
            (Field::TradeDate, &key.trade_date.number().to_string()),
            (Field::TradeTime, &time),
            (Field::TraceNo, &key.trace_no),
            (Field::Occurrence, "B"),
            (Field::Mode, mode),
            (Field::AccountNo, trial.account.number.as_str()),
            (Field::DepositorName, &trial.payer),
        ] {
            composer = text(composer, field, value);
        }
        for (field, value) in [
            (Field::Bank, bank),
            (Field::AccountBank, bank),
            (Field::Amount, trial.amount.digits()),
            (Field::CashAmount, trial.amount.digits()),
            (Field::ChequeAmount, 0),
        ] {
            composer = number(composer, field, value);
        }
        composer
            .finish()
            .map_err(|error| TrialError::Compose(error.to_string()))
    }
}

/// Sends a telegram and waits for its reply; what else the line says meanwhile is let pass.
async fn ask(
    line: &mut Framed<TcpStream, FrameCodec>,
    profile: &Arc<Profile>,
    kind: Kind,
    telegram: Bytes,
) -> Result<Record, TrialError> {
    line.send(telegram).await.map_err(broken)?;
    while let Some(frame) = line.next().await {
        match profile.read(frame.map_err(broken)?) {
            Reading::Reply(reply) if reply.kind() == kind => return Ok(reply),
            _ => {}
        }
    }
    Err(TrialError::Line(io::ErrorKind::UnexpectedEof.into()))
}

fn broken(error: telegrams::FrameError) -> TrialError {
    TrialError::Line(io::Error::other(error))
}

/// Which fields a kind has in this layout.
fn fields_of(profile: &Arc<Profile>, kind: Kind) -> impl Fn(Field) -> bool {
    let blank = blank(profile, kind);
    move |field| {
        blank
            .as_ref()
            .is_some_and(|record| record.raw(field).is_some())
    }
}

fn trace_no_length(profile: &Arc<Profile>) -> usize {
    let blank = blank(profile, Kind::Deposit);
    let length = blank.and_then(|record| Some(record.raw(Field::TraceNo)?.len()));
    length.unwrap_or(1).max(1)
}

fn blank(profile: &Arc<Profile>, kind: Kind) -> Option<Record> {
    match profile.read(profile.compose(kind).as_it_is().ok()?) {
        Reading::Request(record) => Some(record),
        _ => None,
    }
}

/// A listener on every address is reached on this machine's own.
fn reachable(line: SocketAddr) -> SocketAddr {
    let address = match line.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(address, line.port())
}

#[cfg(test)]
mod tests {
    use telegrams::Profiles;

    use super::*;

    fn trial(profile: &str) -> Trial {
        let profile = Profiles::embedded().get(profile).unwrap();
        Trial::new(
            "0.0.0.0:7300".parse().unwrap(),
            profile,
            "30000003".to_owned(),
        )
    }

    #[test]
    fn numbers_are_of_the_layouts_length_and_from_the_highest_range() {
        let profiles = Profiles::embedded();
        let lengths: Vec<(String, usize)> = profiles
            .names()
            .map(|name| {
                let number = trial(name).trace_no(u64::MAX);
                assert!(number.starts_with('9'), "{name}: {number}");
                (name.to_owned(), number.len())
            })
            .collect();
        for (name, length) in lengths {
            let profile = profiles.get(&name).unwrap();
            assert_eq!(length, trace_no_length(&profile), "{name}");
        }
    }

    #[test]
    fn a_listener_on_every_address_is_dialled_on_this_machine() {
        assert_eq!(trial("ksnet").line.to_string(), "127.0.0.1:7300");
    }
}
