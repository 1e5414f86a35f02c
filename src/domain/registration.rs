//! A merchant that joins us (가맹점 등록), and what is known of it.

use serde::{Deserialize, Serialize};

use super::credential::issue_audit;
use super::policy::set_settings;
use super::{
    Audit, BankCode, By, CredentialEvent, Decision, Event, Merchant, MerchantRefusal,
    MerchantSettings, Moment, NewKey, Outcome, Refusal, SettingsChange, Timestamp,
};

/// What is known of a merchant beside its name. Everything may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Business registration number (사업자등록번호).
    pub business_number: String,
    /// Who represents it (대표자명).
    pub representative_name: String,
    /// Type of business (업태).
    pub business_type: String,
    /// Category of business (종목).
    pub business_category: String,
    /// Where it is.
    pub address: String,
    /// Its telephone number.
    pub phone_number: String,
    /// Whom to talk to.
    pub manager_name: String,
    /// Their e-mail address.
    pub manager_email: String,
    /// Their telephone number.
    pub manager_phone: String,
    /// The account that settlements go to.
    pub settlement: Option<SettlementAccount>,
}

/// An account outside the house that money goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementAccount {
    /// The bank.
    pub bank: BankCode,
    /// The number at that bank.
    pub number: String,
    /// Whose it is.
    pub holder: String,
}

/// A profile as the books keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRow {
    /// What is known.
    pub profile: Profile,
    /// When the merchant joined.
    pub registered_at: Timestamp,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum RegistrationCommand {
    /// A new merchant with its first keys.
    Register {
        /// Who it is.
        merchant: Merchant,
        /// What is known of it.
        profile: Profile,
        /// What its accounts are like and what it pays, where that is not as usual.
        settings: SettingsChange,
        /// Its keys.
        keys: Vec<NewKey>,
        /// Who asks.
        by: By,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationEvent {
    /// A merchant joined.
    Registered {
        /// Who it is.
        merchant: Merchant,
        /// What is known of it.
        profile: Profile,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationOutcome {
    /// The merchant is registered.
    Registered,
}

/// Decides the registration of a merchant; `taken` says whether its id is in use.
pub fn register(command: RegistrationCommand, taken: bool, moment: Moment) -> Decision {
    let RegistrationCommand::Register {
        merchant,
        profile,
        settings,
        keys,
        by,
    } = command;
    if taken {
        return Decision::refuse(Refusal::Merchant(MerchantRefusal::MerchantTaken));
    }
    let audit = Event::Audited(Audit {
        by: by.clone(),
        action: "merchant.register".to_owned(),
        subject: format!("merchant/{}", merchant.id),
        before: None,
        after: Some(merchant.name.clone()),
    });
    let issued = issue_audit(&merchant.id, &keys, &by);
    let keys = CredentialEvent::KeysIssued {
        merchant: merchant.id.clone(),
        keys,
        older_until: moment.now,
    };
    let usual = MerchantSettings::default();
    let settings = set_settings(merchant.id.clone(), Some(&usual), &settings, by);
    let mut events = vec![
        Event::Registration(RegistrationEvent::Registered { merchant, profile }),
        Event::Credential(keys),
        audit,
        issued,
    ];
    events.extend(settings.events);
    Decision::new(
        Outcome::Registration(RegistrationOutcome::Registered),
        events,
    )
}
