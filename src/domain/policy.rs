//! What a merchant has decided about its deposits: matching, ceilings, reactions.
//!
//! A merchant that has decided nothing lives by the defaults, which are the house's. A change is
//! in force from its position in the journal on, and is written down with what stood before.

use serde::{Deserialize, Serialize};

use super::placing::refuse;
use super::{
    AccountKind, Audit, BankCode, By, Decision, Event, Limits, MerchantId, MerchantRefusal,
    Outcome, Reaction, Won,
};

/// The most days that a merchant can let an order wait.
pub const ORDER_DAYS_MAX: u16 = 365;

/// What to do when several orders have the deposit's name and amount (스마트오더매칭).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchMode {
    /// Nothing: only exactly one order matches.
    #[default]
    Exact,
    /// The one ordered first.
    Oldest,
    /// The one ordered last.
    Newest,
}

/// How orders meet deposits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchingPolicy {
    /// What to do with several.
    pub mode: MatchMode,
    /// Whether an order may meet a deposit that came before it.
    pub late_orders: bool,
    /// How many days of 24 hours an order waits from its receipt.
    pub max_age_days: u16,
    /// Whether spaces inside a name count for nothing.
    pub ignore_inner_spaces: bool,
}

/// What to do with deposits that are out of the ordinary. None is the house's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositPolicy {
    /// Less than the account's amount: wait, accept or refund; by default wait.
    pub partial: Option<Reaction>,
    /// More than the account's amount: accept, refund or suspense; by default suspense.
    pub over: Option<Reaction>,
    /// After the end: accept, refund or suspense; by default suspense.
    pub late: Option<Reaction>,
    /// Paid before: accept, refund or suspense; by default accept, but for a used-up account,
    /// which is closed and parks.
    pub duplicate: Option<Reaction>,
}

/// How the `PayAction` face tells errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorStatus {
    /// With status 200 and the error in the body.
    #[default]
    #[serde(rename = "200")]
    Always200,
    /// With a status from 400 to 499.
    #[serde(rename = "4xx")]
    Status4xx,
}

/// What a merchant pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Without cash receipts.
    Basic,
    /// With cash receipts.
    Premium,
}

/// Whether a correction is taken after the money was paid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionAfterPayout {
    /// Yes; the merchant owes it.
    #[default]
    Accept,
    /// No.
    Refuse,
}

/// Everything a merchant has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// How orders meet deposits.
    pub matching: MatchingPolicy,
    /// What to do with deposits that are out of the ordinary.
    pub deposits: DepositPolicy,
    /// Ceilings on every account of the merchant, over what each has of its own.
    pub limits: Limits,
    /// How the `PayAction` face tells errors.
    pub payaction_error_status: ErrorStatus,
    /// Address ranges that its programs may call from; empty is any.
    pub ip_allow_list: Vec<String>,
    /// Corrections after a payout.
    pub correction_after_payout: CorrectionAfterPayout,
    /// What it pays for; none is the house's default.
    pub plan: Option<Plan>,
}

impl Default for Policies {
    fn default() -> Self {
        Policies {
            matching: MatchingPolicy {
                mode: MatchMode::Exact,
                late_orders: false,
                max_age_days: 14,
                ignore_inner_spaces: true,
            },
            deposits: DepositPolicy::default(),
            limits: Limits::default(),
            payaction_error_status: ErrorStatus::default(),
            ip_allow_list: Vec::new(),
            correction_after_payout: CorrectionAfterPayout::default(),
            plan: None,
        }
    }
}

/// What shall be other than it is; none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoliciesChange {
    /// What to do with several orders.
    pub mode: Option<MatchMode>,
    /// Late orders.
    pub late_orders: Option<bool>,
    /// Days an order waits, 1 to 365.
    pub max_age_days: Option<u16>,
    /// Spaces inside a name.
    pub ignore_inner_spaces: Option<bool>,
    /// Less than the account's amount.
    pub partial: Option<Reaction>,
    /// More than the account's amount.
    pub over: Option<Reaction>,
    /// After the end.
    pub late: Option<Reaction>,
    /// Paid before.
    pub duplicate: Option<Reaction>,
    /// The most one deposit may bring; the inner none takes the ceiling away.
    pub per_deposit: Option<Option<Won>>,
    /// The most one account may bring in a day; the inner none takes the ceiling away.
    pub per_day: Option<Option<Won>>,
    /// How the `PayAction` face tells errors.
    pub payaction_error_status: Option<ErrorStatus>,
    /// Address ranges, already checked.
    pub ip_allow_list: Option<Vec<String>>,
    /// Corrections after a payout.
    pub correction_after_payout: Option<CorrectionAfterPayout>,
    /// What it pays for.
    pub plan: Option<Plan>,
}

/// A percentage in units of a ten-thousandth of a percent: 1.5 % is 15,000.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Rate(pub u32);

/// What a merchant's new accounts are like, and what it pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantSettings {
    /// The kind of account where a request names none.
    pub account_kind: AccountKind,
    /// Whether a new account takes only its amount.
    pub amount_match_required: bool,
    /// How far a deposit may lie from that amount.
    pub allowed_amount_error: Won,
    /// The bank where a request names none.
    pub default_bank: Option<BankCode>,
    /// The fee on deposits.
    pub deposit_fee_rate: Rate,
    /// The fee on withdrawals.
    pub withdrawal_fee_rate: Rate,
}

impl Default for MerchantSettings {
    fn default() -> Self {
        MerchantSettings {
            account_kind: AccountKind::Fixed,
            amount_match_required: true,
            allowed_amount_error: Won::ZERO,
            default_bank: None,
            deposit_fee_rate: Rate::default(),
            withdrawal_fee_rate: Rate::default(),
        }
    }
}

/// What shall be other than it is; none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// The kind of account where a request names none.
    pub account_kind: Option<AccountKind>,
    /// Whether a new account takes only its amount.
    pub amount_match_required: Option<bool>,
    /// How far a deposit may lie from that amount.
    pub allowed_amount_error: Option<Won>,
    /// The bank where a request names none.
    pub default_bank: Option<Option<BankCode>>,
    /// The fee on deposits.
    pub deposit_fee_rate: Option<Rate>,
    /// The fee on withdrawals.
    pub withdrawal_fee_rate: Option<Rate>,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum PolicyCommand {
    /// Other policies for a merchant.
    SetPolicies {
        /// Whose.
        merchant: MerchantId,
        /// What is to be other.
        change: Box<PoliciesChange>,
        /// Who says so.
        by: By,
    },
    /// Other settings for a merchant.
    SetSettings {
        /// Whose.
        merchant: MerchantId,
        /// What is to be other.
        change: Box<SettingsChange>,
        /// Who says so.
        by: By,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEvent {
    /// A merchant's policies are these now.
    PoliciesSet {
        /// Whose.
        merchant: MerchantId,
        /// All of them.
        policies: Policies,
    },
    /// A merchant's settings are these now.
    SettingsSet {
        /// Whose.
        merchant: MerchantId,
        /// All of them.
        settings: MerchantSettings,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyOutcome {
    /// The policies in force now.
    Policies(Box<Policies>),
    /// The settings in force now.
    Settings(Box<MerchantSettings>),
}

impl DepositPolicy {
    /// About too little.
    pub fn on_partial(&self) -> Reaction {
        self.partial.unwrap_or(Reaction::Wait)
    }

    /// About too much.
    pub fn on_over(&self) -> Reaction {
        self.over.unwrap_or(Reaction::Suspense)
    }

    /// About too late.
    pub fn on_late(&self) -> Reaction {
        self.late.unwrap_or(Reaction::Suspense)
    }

    /// About an order that was paid before.
    pub fn on_duplicate(&self) -> Reaction {
        self.duplicate.unwrap_or(Reaction::Accept)
    }

    /// About an account that is used up, and so is closed.
    pub fn on_used_up(&self) -> Reaction {
        self.duplicate.unwrap_or(Reaction::Suspense)
    }
}

/// Changes a merchant's policies; `in_force` are those of now, none where there is no such merchant.
pub fn set_policies(
    merchant: MerchantId,
    in_force: Option<&Policies>,
    change: PoliciesChange,
    by: By,
) -> Decision {
    let Some(before) = in_force else {
        return refuse(MerchantRefusal::NoSuchMerchant);
    };
    if !change.is_known() {
        return refuse(MerchantRefusal::PolicyInvalid);
    }
    let after = change.over(before.clone());
    let outcome = Outcome::Policy(PolicyOutcome::Policies(Box::new(after.clone())));
    let Some((was, is)) = differences(&before.words(), &after.words()) else {
        return Decision::new(outcome, Vec::new());
    };
    let audit = audit(by, "merchant.policies", &merchant, was, is);
    let set = PolicyEvent::PoliciesSet {
        merchant,
        policies: after,
    };
    Decision::new(outcome, vec![Event::Policy(set), audit])
}

/// Changes a merchant's settings; none in force where there is no such merchant.
pub fn set_settings(
    merchant: MerchantId,
    in_force: Option<&MerchantSettings>,
    change: &SettingsChange,
    by: By,
) -> Decision {
    let Some(before) = in_force else {
        return refuse(MerchantRefusal::NoSuchMerchant);
    };
    let after = change.over(before);
    let outcome = Outcome::Policy(PolicyOutcome::Settings(Box::new(after.clone())));
    let Some((was, is)) = differences(&before.words(), &after.words()) else {
        return Decision::new(outcome, Vec::new());
    };
    let audit = audit(by, "merchant.settings", &merchant, was, is);
    let set = PolicyEvent::SettingsSet {
        merchant,
        settings: after,
    };
    Decision::new(outcome, vec![Event::Policy(set), audit])
}

fn audit(by: By, action: &str, merchant: &MerchantId, before: String, after: String) -> Event {
    Event::Audited(Audit {
        by,
        action: action.to_owned(),
        subject: format!("merchant/{merchant}"),
        before: Some(before),
        after: Some(after),
    })
}

type Words = Vec<(&'static str, String)>;

/// What was and what is, where the two differ; both lists name the same things in one order.
fn differences(before: &Words, after: &Words) -> Option<(String, String)> {
    let pairs = before.iter().zip(after).filter(|(was, is)| was != is);
    let (was, is): (Vec<_>, Vec<_>) = pairs
        .map(|((name, was), (_, is))| (format!("{name}={was}"), format!("{name}={is}")))
        .unzip();
    (!was.is_empty()).then(|| (was.join(", "), is.join(", ")))
}

fn word<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}").to_lowercase()
}

fn ceiling(won: Option<Won>) -> String {
    won.map_or_else(|| "none".to_owned(), |won| won.digits().to_string())
}

impl PoliciesChange {
    /// Whether every value is one that its policy knows.
    fn is_known(&self) -> bool {
        use Reaction::{Accept, Refund, Suspense, Wait};
        let one_of = |value: Option<Reaction>, known: [Reaction; 3]| {
            value.is_none_or(|value| known.contains(&value))
        };
        let parked = [Accept, Refund, Suspense];
        one_of(self.partial, [Wait, Accept, Refund])
            && one_of(self.over, parked)
            && one_of(self.late, parked)
            && one_of(self.duplicate, parked)
            && self
                .max_age_days
                .is_none_or(|days| (1..=ORDER_DAYS_MAX).contains(&days))
    }

    fn over(self, before: Policies) -> Policies {
        let Policies {
            matching,
            deposits,
            limits,
            ..
        } = before;
        Policies {
            matching: MatchingPolicy {
                mode: self.mode.unwrap_or(matching.mode),
                late_orders: self.late_orders.unwrap_or(matching.late_orders),
                max_age_days: self.max_age_days.unwrap_or(matching.max_age_days),
                ignore_inner_spaces: self
                    .ignore_inner_spaces
                    .unwrap_or(matching.ignore_inner_spaces),
            },
            deposits: DepositPolicy {
                partial: self.partial.or(deposits.partial),
                over: self.over.or(deposits.over),
                late: self.late.or(deposits.late),
                duplicate: self.duplicate.or(deposits.duplicate),
            },
            limits: Limits {
                per_deposit: self.per_deposit.unwrap_or(limits.per_deposit),
                per_day: self.per_day.unwrap_or(limits.per_day),
            },
            payaction_error_status: self
                .payaction_error_status
                .unwrap_or(before.payaction_error_status),
            ip_allow_list: self.ip_allow_list.unwrap_or(before.ip_allow_list),
            correction_after_payout: self
                .correction_after_payout
                .unwrap_or(before.correction_after_payout),
            plan: self.plan.or(before.plan),
        }
    }
}

impl Policies {
    fn words(&self) -> Words {
        let (matching, deposits) = (&self.matching, &self.deposits);
        let chosen = |value: &Option<Reaction>| {
            value.map_or_else(|| "default".to_owned(), |value| word(&value))
        };
        vec![
            ("mode", word(&matching.mode)),
            ("lateOrders", word(&matching.late_orders)),
            ("maxAgeDays", word(&matching.max_age_days)),
            ("ignoreInnerSpaces", word(&matching.ignore_inner_spaces)),
            ("partial", chosen(&deposits.partial)),
            ("over", chosen(&deposits.over)),
            ("late", chosen(&deposits.late)),
            ("duplicate", chosen(&deposits.duplicate)),
            ("perDeposit", ceiling(self.limits.per_deposit)),
            ("perDay", ceiling(self.limits.per_day)),
            (
                "payactionErrorStatus",
                match self.payaction_error_status {
                    ErrorStatus::Always200 => "200".to_owned(),
                    ErrorStatus::Status4xx => "4xx".to_owned(),
                },
            ),
            ("ipAllowList", self.ip_allow_list.join(" ")),
            ("correctionAfterPayout", word(&self.correction_after_payout)),
            (
                "plan",
                self.plan
                    .map_or_else(|| "default".to_owned(), |plan| word(&plan)),
            ),
        ]
    }
}

impl SettingsChange {
    fn over(&self, before: &MerchantSettings) -> MerchantSettings {
        MerchantSettings {
            account_kind: self.account_kind.unwrap_or(before.account_kind),
            amount_match_required: self
                .amount_match_required
                .unwrap_or(before.amount_match_required),
            allowed_amount_error: self
                .allowed_amount_error
                .unwrap_or(before.allowed_amount_error),
            default_bank: self.default_bank.unwrap_or(before.default_bank),
            deposit_fee_rate: self.deposit_fee_rate.unwrap_or(before.deposit_fee_rate),
            withdrawal_fee_rate: self
                .withdrawal_fee_rate
                .unwrap_or(before.withdrawal_fee_rate),
        }
    }
}

impl MerchantSettings {
    fn words(&self) -> Words {
        let bank = self
            .default_bank
            .map_or_else(|| "none".to_owned(), |bank| bank.to_string());
        vec![
            ("accountType", word(&self.account_kind)),
            ("amountMatchRequired", word(&self.amount_match_required)),
            (
                "allowedAmountError",
                self.allowed_amount_error.digits().to_string(),
            ),
            ("defaultBank", bank),
            ("depositFeeRate", self.deposit_fee_rate.to_string()),
            ("withdrawalFeeRate", self.withdrawal_fee_rate.to_string()),
        ]
    }
}

impl std::fmt::Display for Rate {
    /// In percent, without noughts at the end: `1.5`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.0 / 10_000, self.0 % 10_000);
        if part == 0 {
            return f.pad(&whole.to_string());
        }
        let digits = format!("{part:04}");
        f.pad(&format!("{whole}.{}", digits.trim_end_matches('0')))
    }
}

impl Rate {
    /// Reads a percentage with up to four decimals, from 0 to 100.
    pub fn parse(text: &str) -> Option<Rate> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=3).contains(&whole.len()) && part.len() <= 4;
        if !fits || !digits(whole) || !digits(part) || text.ends_with('.') {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let part: u32 = format!("{part:0<4}").parse().ok()?;
        let rate = whole * 10_000 + part;
        (rate <= 1_000_000).then_some(Rate(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_sent_stays_as_it_is() {
        let first = PoliciesChange {
            mode: Some(MatchMode::Oldest),
            over: Some(Reaction::Accept),
            per_day: Some(Some(Won::new(5))),
            ..PoliciesChange::default()
        };
        let policies = first.over(Policies::default());
        let second = PoliciesChange {
            late_orders: Some(true),
            per_day: Some(None),
            ..PoliciesChange::default()
        };
        let policies = second.over(policies);
        assert_eq!(policies.matching.mode, MatchMode::Oldest);
        assert!(policies.matching.late_orders);
        assert_eq!(policies.deposits.over, Some(Reaction::Accept));
        assert_eq!(policies.limits, Limits::default());
    }

    #[test]
    fn the_defaults_are_the_settled_ones() {
        let policies = Policies::default();
        let matching = &policies.matching;
        assert_eq!(matching.mode, MatchMode::Exact);
        assert_eq!(matching.max_age_days, 14);
        assert!(matching.ignore_inner_spaces && !matching.late_orders);
        let deposits = &policies.deposits;
        let reactions = [
            deposits.on_partial(),
            deposits.on_over(),
            deposits.on_late(),
            deposits.on_duplicate(),
            deposits.on_used_up(),
        ];
        let expected = [
            Reaction::Wait,
            Reaction::Suspense,
            Reaction::Suspense,
            Reaction::Accept,
            Reaction::Suspense,
        ];
        assert_eq!(reactions, expected);
    }

    #[test]
    fn a_change_is_told_by_what_differs() {
        let change = PoliciesChange {
            partial: Some(Reaction::Accept),
            ..PoliciesChange::default()
        };
        let shop = MerchantId::new("shop").unwrap();
        let decision = set_policies(shop.clone(), Some(&Policies::default()), change, By::HOUSE);
        let Some(Event::Audited(audit)) = decision.events.last() else {
            panic!("{decision:?}");
        };
        assert_eq!(audit.before.as_deref(), Some("partial=default"));
        assert_eq!(audit.after.as_deref(), Some("partial=accept"));
        let nothing = PoliciesChange::default();
        let decision = set_policies(shop, Some(&Policies::default()), nothing, By::HOUSE);
        assert_eq!(decision.events, []);
    }

    #[test]
    fn rates_have_four_decimals() {
        for (text, rate) in [
            ("0", 0),
            ("1.5", 15_000),
            ("0.0001", 1),
            ("100", 1_000_000),
            ("3.30", 33_000),
        ] {
            assert_eq!(Rate::parse(text), Some(Rate(rate)), "{text}");
        }
        for text in ["", "-1", "1.", ".5", "1.00001", "100.1", "1,5", "abc", "1000"] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
        assert_eq!(Rate(15_000).to_string(), "1.5");
        assert_eq!(Rate(1_000_000).to_string(), "100");
    }
}
