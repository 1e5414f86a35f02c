//! What somebody wants to be told, and where; and how that is changed.

use serde::{Deserialize, Serialize};

use super::{Channel, Message, MessageEvent, MessageOutcome, Wording};
use crate::domain::{
    Audit, By, Decision, Event, MerchantId, MerchantRefusal, Outcome, Refusal, Won, Wrapped,
};

/// A Telegram bot and the chat that it writes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telegram {
    /// The bot's token, wrapped.
    pub token: Wrapped,
    /// Its last characters, to tell it from another.
    pub token_end: String,
    /// The chat: a number or `@name`.
    pub chat: String,
    /// Whether it writes.
    pub enabled: bool,
}

/// How a merchant hears of deposits that met no order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchFailedMail {
    /// A mail for each.
    #[default]
    Each,
    /// One mail a day.
    Daily,
    /// None.
    Never,
}

/// What somebody wants to be told, and where: a merchant, or the house about all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch that somebody sets by its name"
)]
pub struct Notifications {
    /// The chat, where there is one.
    pub telegram: Option<Telegram>,
    /// E-mail addresses; empty is the contact of the registration.
    pub mail_to: Vec<String>,
    /// Whether deposits and so on go out by mail, too.
    pub by_mail: bool,
    /// Whether deposits are told.
    pub deposits: bool,
    /// Whether withdrawals are told.
    pub withdrawals: bool,
    /// Whether troubles are told in the chat, too; by mail they always are.
    pub errors: bool,
    /// Less than this is not worth a word.
    pub min_amount: Won,
    /// How deposits without an order are told.
    pub match_failed: MatchFailedMail,
}

/// Other settings; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct NotificationsChange {
    /// The bot's token, wrapped, and its end.
    pub token: Option<(Wrapped, String)>,
    /// The chat.
    pub chat: Option<String>,
    /// Whether the bot writes.
    pub telegram_enabled: Option<bool>,
    /// E-mail addresses.
    pub mail_to: Option<Vec<String>>,
    /// Whether by mail, too.
    pub by_mail: Option<bool>,
    /// Deposits.
    pub deposits: Option<bool>,
    /// Withdrawals.
    pub withdrawals: Option<bool>,
    /// Troubles.
    pub errors: Option<bool>,
    /// The least amount.
    pub min_amount: Option<Won>,
    /// Deposits without an order.
    pub match_failed: Option<MatchFailedMail>,
}

/// Gives somebody other settings. A chat needs a token, and a token a chat.
pub fn set(
    by: By,
    whose: Option<MerchantId>,
    known: bool,
    before: &Notifications,
    change: NotificationsChange,
) -> Decision {
    if !known {
        return Decision::refuse(Refusal::Merchant(MerchantRefusal::NoSuchMerchant));
    }
    let mut settings = before.clone();
    settings.telegram = match telegram(before.telegram.clone(), &change) {
        Ok(telegram) => telegram,
        Err(refusal) => return Decision::refuse(Refusal::Merchant(refusal)),
    };
    settings.mail_to = change.mail_to.unwrap_or(settings.mail_to);
    settings.by_mail = change.by_mail.unwrap_or(settings.by_mail);
    settings.deposits = change.deposits.unwrap_or(settings.deposits);
    settings.withdrawals = change.withdrawals.unwrap_or(settings.withdrawals);
    settings.errors = change.errors.unwrap_or(settings.errors);
    settings.min_amount = change.min_amount.unwrap_or(settings.min_amount);
    settings.match_failed = change.match_failed.unwrap_or(settings.match_failed);
    let outcome = Outcome::Message(MessageOutcome::Settings(Box::new(settings.clone())));
    if settings == *before {
        return Decision::new(outcome, Vec::new());
    }
    let subject = whose
        .as_ref()
        .map_or("house".to_owned(), |id| format!("merchant/{id}"));
    let audit = Event::Audited(Audit {
        by,
        action: "notifications.set".to_owned(),
        subject,
        before: Some(described(before)),
        after: Some(described(&settings)),
    });
    let event = Event::Message(MessageEvent::NotificationsSet { whose, settings });
    Decision::new(outcome, vec![event, audit])
}

fn telegram(
    before: Option<Telegram>,
    change: &NotificationsChange,
) -> Result<Option<Telegram>, MerchantRefusal> {
    let told = change.token.is_some() || change.chat.is_some();
    let Some(mut telegram) = before else {
        if !told {
            // To switch off what was never there is no mistake.
            let on = change.telegram_enabled.unwrap_or(false);
            return if on {
                Err(MerchantRefusal::TelegramIncomplete)
            } else {
                Ok(None)
            };
        }
        let (Some((token, token_end)), Some(chat)) = (change.token.clone(), change.chat.clone())
        else {
            return Err(MerchantRefusal::TelegramIncomplete);
        };
        let enabled = change.telegram_enabled.unwrap_or(true);
        return Ok(Some(Telegram {
            token,
            token_end,
            chat,
            enabled,
        }));
    };
    if let Some((token, token_end)) = change.token.clone() {
        (telegram.token, telegram.token_end) = (token, token_end);
    }
    telegram.chat = change.chat.clone().unwrap_or(telegram.chat);
    telegram.enabled = change.telegram_enabled.unwrap_or(telegram.enabled);
    Ok(Some(telegram))
}

/// In short, for the audit log: no token, no address.
fn described(settings: &Notifications) -> String {
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    let chat = settings
        .telegram
        .as_ref()
        .is_some_and(|telegram| telegram.enabled);
    format!(
        "telegram {}, mail {}, deposits {}, withdrawals {}, errors {}, from {} won",
        on(chat),
        on(settings.by_mail),
        on(settings.deposits),
        on(settings.withdrawals),
        on(settings.errors),
        settings.min_amount
    )
}

/// Where a merchant, or the house, is told something.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// What it wants to be told.
    pub settings: Notifications,
    /// The contact of its registration.
    pub contact: Option<String>,
}

impl Reach {
    /// Messages about something that must be told by mail whatever is set.
    pub fn trouble(&self, whose: Option<&MerchantId>, wording: &Wording) -> Vec<Message> {
        let chat = self.settings.errors;
        self.messages(whose, wording, true, chat)
    }

    /// Messages about money, where they are wanted.
    pub fn money(
        &self,
        whose: Option<&MerchantId>,
        amount: Won,
        wording: &Wording,
    ) -> Vec<Message> {
        if !self.settings.deposits || amount < self.settings.min_amount {
            return Vec::new();
        }
        self.messages(whose, wording, self.settings.by_mail, true)
    }

    /// Messages about money that was taken back: by mail whatever is set, in the chat where money
    /// or troubles are told there.
    pub fn taken_back(
        &self,
        whose: Option<&MerchantId>,
        amount: Won,
        wording: &Wording,
    ) -> Vec<Message> {
        let told = self.settings.deposits && amount >= self.settings.min_amount;
        self.messages(whose, wording, true, told || self.settings.errors)
    }

    /// Messages about what is no trouble and no money: by mail, where money is told by mail.
    pub fn news(&self, whose: Option<&MerchantId>, wording: &Wording) -> Vec<Message> {
        let wanted = self.settings.deposits && self.settings.by_mail;
        self.messages(whose, wording, wanted, false)
    }

    fn messages(
        &self,
        whose: Option<&MerchantId>,
        wording: &Wording,
        mail: bool,
        chat: bool,
    ) -> Vec<Message> {
        let message = |channel, to: &str| Message {
            channel,
            to: to.to_owned(),
            on_behalf_of: whose.cloned(),
            wording: wording.clone(),
            skipped: None,
        };
        let mut messages = Vec::new();
        let telegram = self.settings.telegram.as_ref();
        if let Some(telegram) = telegram.filter(|telegram| chat && telegram.enabled) {
            messages.push(message(Channel::Telegram, &telegram.chat));
        }
        if mail {
            let given = self.settings.mail_to.iter();
            let contact = self
                .contact
                .iter()
                .filter(|_| self.settings.mail_to.is_empty());
            messages.extend(given.chain(contact).map(|to| message(Channel::Mail, to)));
        }
        messages
    }
}
