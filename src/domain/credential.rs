//! The keys by which a merchant's own programs prove who they are, and those by which we prove
//! who we are to them.

use serde::{Deserialize, Serialize};

use super::{
    Audit, BusinessDate, By, Decision, Event, KeyHash, MerchantId, MerchantRefusal, Moment,
    Outcome, Refusal, Timestamp, Wrapped,
};

/// Hours for which replaced keys may go on at most.
pub const OVERLAP_HOURS_MAX: u32 = 720;
/// Keys of one kind that count at the same time: the newest, and those it replaced last.
const KEYS_OF_A_KIND_MAX: usize = 3;

/// A merchants' interface that keys are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyFace {
    /// `PayAction`.
    Payaction,
    /// `EzPG`'s merchant calls.
    Ezpg,
    /// iPay.
    Ipay,
    /// Welcome `PAYAPI`.
    Payapi,
}

impl KeyFace {
    /// Every interface.
    pub const ALL: [KeyFace; 4] = [
        KeyFace::Payaction,
        KeyFace::Ezpg,
        KeyFace::Ipay,
        KeyFace::Payapi,
    ];

    /// The word for it in requests and answers.
    pub fn word(self) -> &'static str {
        match self {
            KeyFace::Payaction => "payaction",
            KeyFace::Ezpg => "ezpg",
            KeyFace::Ipay => "ipay",
            KeyFace::Payapi => "payapi",
        }
    }

    /// The interface of a word.
    pub fn of(word: &str) -> Option<KeyFace> {
        KeyFace::ALL.into_iter().find(|face| face.word() == word)
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// `PayAction`'s `x-api-key`.
    PayactionApi,
    /// The `x-webhook-key` that we send.
    PayactionWebhook,
    /// `EzPG`'s `meky`.
    EzpgMeky,
    /// iPay's user name of Basic authentication.
    IpayApi,
    /// Its password.
    IpaySecret,
    /// iPay's key for browsers.
    IpayPublishable,
    /// What signs iPay's webhooks.
    IpayWebhook,
    /// Welcome's signKey.
    PayapiSign,
    /// Welcome's AES key.
    PayapiAes,
    /// Welcome's AES initialisation vector.
    PayapiAesIv,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [KeyKind; 10] = [
        KeyKind::PayactionApi,
        KeyKind::PayactionWebhook,
        KeyKind::EzpgMeky,
        KeyKind::IpayApi,
        KeyKind::IpaySecret,
        KeyKind::IpayPublishable,
        KeyKind::IpayWebhook,
        KeyKind::PayapiSign,
        KeyKind::PayapiAes,
        KeyKind::PayapiAesIv,
    ];

    /// The interface it belongs to.
    pub fn face(self) -> KeyFace {
        match self {
            KeyKind::PayactionApi | KeyKind::PayactionWebhook => KeyFace::Payaction,
            KeyKind::EzpgMeky => KeyFace::Ezpg,
            KeyKind::IpayApi
            | KeyKind::IpaySecret
            | KeyKind::IpayPublishable
            | KeyKind::IpayWebhook => KeyFace::Ipay,
            KeyKind::PayapiSign | KeyKind::PayapiAes | KeyKind::PayapiAesIv => KeyFace::Payapi,
        }
    }

    /// Its name in that interface's credentials.
    pub fn word(self) -> &'static str {
        match self {
            KeyKind::PayactionApi | KeyKind::IpayApi => "apiKey",
            KeyKind::PayactionWebhook => "webhookKey",
            KeyKind::EzpgMeky => "meky",
            KeyKind::IpaySecret => "apiSecret",
            KeyKind::IpayPublishable => "publishableKey",
            KeyKind::IpayWebhook => "webhookSecret",
            KeyKind::PayapiSign => "signKey",
            KeyKind::PayapiAes => "aesKey",
            KeyKind::PayapiAesIv => "aesIv",
        }
    }
}

/// What the books keep of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptKey {
    /// Enough to recognise it.
    Hashed(KeyHash),
    /// All of it, because we must say or use it ourselves.
    Wrapped(Wrapped),
}

/// A key to be issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// What it is for.
    pub kind: KeyKind,
    /// What is kept of it.
    pub kept: KeptKey,
    /// Its first characters, for people to tell keys apart.
    pub prefix: String,
}

/// A key that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LivingKey {
    /// What is kept of it.
    pub kept: KeptKey,
    /// Its first characters.
    pub prefix: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From this instant on it counts no more; the newest key has none.
    pub until: Option<Timestamp>,
}

impl LivingKey {
    /// Whether it counts at `now`.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// All keys of one kind that a merchant has, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysOfKind {
    /// The keys.
    pub keys: Vec<LivingKey>,
    /// The last day on which one of them was used.
    pub last_used: Option<BusinessDate>,
}

impl KeysOfKind {
    /// Adds a key; those before it count until `older_until` at most, and not many of them.
    pub fn renew(&mut self, key: LivingKey, older_until: Timestamp) {
        for older in &mut self.keys {
            let until = older
                .until
                .map_or(older_until, |until| until.min(older_until));
            older.until = Some(until);
        }
        let now = key.issued_at;
        self.keys.retain(|older| older.lives(now));
        let surplus = (self.keys.len() + 1).saturating_sub(KEYS_OF_A_KIND_MAX);
        self.keys.drain(..surplus);
        self.keys.push(key);
    }
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum CredentialCommand {
    /// New keys for a merchant, the first or in the place of others.
    Issue {
        /// Whose.
        merchant: MerchantId,
        /// The keys.
        keys: Vec<NewKey>,
        /// Hours for which those they replace go on.
        overlap_hours: u32,
        /// Who asks.
        by: By,
    },
    /// A key was used for the first time on a day.
    NoteUse {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        kind: KeyKind,
        /// The day.
        day: BusinessDate,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialEvent {
    /// A merchant has new keys.
    KeysIssued {
        /// Whose.
        merchant: MerchantId,
        /// The keys.
        keys: Vec<NewKey>,
        /// From this instant on those they replace count no more.
        older_until: Timestamp,
    },
    /// A key was used on a day.
    KeyUsed {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        kind: KeyKind,
        /// The day.
        day: BusinessDate,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialOutcome {
    /// The keys count from now on.
    Issued {
        /// From this instant on those they replace count no more.
        older_until: Timestamp,
    },
}

/// Everything a decision about keys may look at.
#[derive(Clone, Debug, Default)]
pub struct CredentialFacts {
    /// Whether the merchant is known.
    pub merchant_known: bool,
    /// The last day on which the key was used.
    pub last_used: Option<BusinessDate>,
}

/// Decides what becomes of a command about keys.
pub fn decide_credential(
    command: CredentialCommand,
    facts: &CredentialFacts,
    moment: Moment,
) -> Decision {
    let refuse = |refusal| Decision::refuse(Refusal::Merchant(refusal));
    if !facts.merchant_known {
        return refuse(MerchantRefusal::NoSuchMerchant);
    }
    match command {
        CredentialCommand::Issue { overlap_hours, .. } if overlap_hours > OVERLAP_HOURS_MAX => {
            refuse(MerchantRefusal::OverlapTooLong)
        }
        CredentialCommand::Issue {
            merchant,
            keys,
            overlap_hours,
            by,
        } => {
            let older_until = moment.now.plus_seconds(i64::from(overlap_hours) * 3_600);
            let audit = issue_audit(&merchant, &keys, &by);
            let issued = CredentialEvent::KeysIssued {
                merchant,
                keys,
                older_until,
            };
            let outcome = Outcome::Credential(CredentialOutcome::Issued { older_until });
            Decision::new(outcome, vec![Event::Credential(issued), audit])
        }
        CredentialCommand::NoteUse {
            merchant,
            kind,
            day,
        } => {
            let is_news = facts.last_used.is_none_or(|last| last < day);
            let used = is_news.then_some(CredentialEvent::KeyUsed {
                merchant,
                kind,
                day,
            });
            Decision::new(
                Outcome::Done,
                used.map(Event::Credential).into_iter().collect(),
            )
        }
    }
}

/// What the audit log says of new keys: which, never what they are.
pub(super) fn issue_audit(merchant: &MerchantId, keys: &[NewKey], by: &By) -> Event {
    let names = keys
        .iter()
        .map(|key| format!("{}.{}", key.kind.face().word(), key.kind.word()));
    Event::Audited(Audit {
        by: by.clone(),
        action: "credentials.issue".to_owned(),
        subject: format!("merchant/{merchant}"),
        before: None,
        after: Some(names.collect::<Vec<_>>().join(", ")),
    })
}
