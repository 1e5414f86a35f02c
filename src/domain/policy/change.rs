//! How a merchant's decisions change: what is not sent stays, and the audit log says what differs.

use super::{
    DepositPolicy, ErrorStatus, MatchingPolicy, MerchantSettings, ORDER_DAYS_MAX, Policies,
    PoliciesChange, PolicyEvent, PolicyOutcome, SettingsChange,
};
use crate::domain::placing::refuse;
use crate::domain::{
    Audit, By, Decision, Event, Limits, MerchantId, MerchantRefusal, Outcome, Reaction, Won,
};

/// Changes a merchant's policies; `in_force` are those of now, none where there is no merchant.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MatchMode;

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
}
