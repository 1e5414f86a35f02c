//! How often one may: rates per address, per key and at login, and the budget of invalid calls
//! that locks a merchant for a while.
//!
//! Rates follow real time, never house time. What fails to authenticate counts against the
//! address and never against the merchant that was named, or anybody could lock out anybody.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::Stop;
use crate::clock;
use crate::domain::MerchantId;
use crate::limits;

/// A rate for each of many keys.
type Rates<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// How often one may.
#[derive(Clone, Copy, Debug)]
pub struct GateSettings {
    /// Requests a second and key.
    pub per_key: NonZeroU32,
    /// Requests a second and address, before anybody is known.
    pub per_address: NonZeroU32,
    /// Logins a minute and address, and a minute and user.
    pub logins: NonZeroU32,
}

impl Default for GateSettings {
    fn default() -> Self {
        GateSettings {
            per_key: limits::RATE_PER_KEY_DEFAULT,
            per_address: limits::RATE_PER_ADDRESS_DEFAULT,
            logins: limits::LOGINS_PER_MINUTE_DEFAULT,
        }
    }
}

/// What is left of a key's rate, for the `RateLimit-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a second.
    pub limit: u32,
    /// How many could follow at once.
    pub remaining: u32,
    /// In how many seconds all of them can again.
    pub reset_seconds: u64,
}

/// A merchant has just been locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockedNow;

/// The gate; one for the house.
pub struct Gate {
    settings: GateSettings,
    clock: DefaultClock,
    addresses: Rates<IpAddr>,
    strangers: Rates<IpAddr>,
    logins: Rates<IpAddr>,
    users: Rates<String>,
    keys: Rates<String>,
    budgets: Mutex<BTreeMap<MerchantId, Budget>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What a merchant has left of its invalid calls.
#[derive(Clone, Copy, Debug)]
struct Budget {
    since: Instant,
    invalid: u32,
    locked_until: Option<Instant>,
}

fn rates<K: std::hash::Hash + Eq + Clone>(quota: Quota) -> Rates<K> {
    RateLimiter::keyed(quota).with_middleware()
}

impl Gate {
    /// A gate with nobody in it.
    pub fn new(settings: GateSettings) -> Gate {
        let logins = Quota::per_minute(settings.logins);
        Gate {
            settings,
            clock: DefaultClock::default(),
            addresses: rates(Quota::per_second(settings.per_address)),
            strangers: rates(Quota::per_minute(limits::FAILED_KEYS_PER_MINUTE)),
            logins: rates(logins),
            users: rates(logins),
            keys: rates(Quota::per_second(settings.per_key)),
            budgets: Mutex::default(),
        }
    }

    /// A request from `address`, before anybody is known.
    ///
    /// # Errors
    /// [`Stop::TooMany`].
    pub fn address(&self, address: IpAddr) -> Result<(), Stop> {
        self.take(&self.addresses, &network_of(address)).map(drop)
    }

    /// An attempt to log in from `address`.
    ///
    /// # Errors
    /// [`Stop::TooMany`].
    pub fn login_from(&self, address: IpAddr) -> Result<(), Stop> {
        self.take(&self.logins, &network_of(address)).map(drop)
    }

    /// An attempt to log in as `user`, whether there is such a user or not.
    ///
    /// # Errors
    /// [`Stop::TooMany`].
    pub fn login_as(&self, user: &str) -> Result<(), Stop> {
        self.take(&self.users, &user.to_owned()).map(drop)
    }

    /// A request under an authenticated key, as `payaction/shop` or `user/admin`: what is left of
    /// its rate, and whether the request may pass ([`Stop::TooMany`]).
    pub fn key(&self, key: &str) -> (Allowance, Result<(), Stop>) {
        match self.take(&self.keys, &key.to_owned()) {
            Ok(allowance) => (allowance, Ok(())),
            Err(stop) => {
                let nothing = Allowance {
                    limit: self.settings.per_key.get(),
                    remaining: 0,
                    reset_seconds: stop.retry_after().unwrap_or(1),
                };
                (nothing, Err(stop))
            }
        }
    }

    fn take<K: std::hash::Hash + Eq + Clone>(
        &self,
        rates: &Rates<K>,
        key: &K,
    ) -> Result<Allowance, Stop> {
        match rates.check_key(key) {
            Ok(state) => {
                let limit = state.quota().burst_size().get();
                let remaining = state.remaining_burst_capacity();
                let missing = u64::from(limit.saturating_sub(remaining));
                let each = state.quota().replenish_interval();
                let reset = each.saturating_mul(u32::try_from(missing).unwrap_or(u32::MAX));
                Ok(Allowance {
                    limit,
                    remaining,
                    reset_seconds: whole_seconds(reset),
                })
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Err(Stop::TooMany(whole_seconds(wait).max(1)))
            }
        }
    }

    /// Keys from `address` failed to authenticate.
    ///
    /// # Errors
    /// [`Stop::TooMany`] where that happened too often: say this instead.
    pub fn stranger(&self, address: IpAddr) -> Result<(), Stop> {
        self.take(&self.strangers, &network_of(address)).map(drop)
    }

    /// A malformed call of an authenticated merchant. Duplicates and unknown names are no such.
    pub fn invalid(&self, merchant: &MerchantId) -> Option<LockedNow> {
        let now = clock::monotonic();
        let mut budgets = self.budgets();
        let budget = budgets.entry(merchant.clone()).or_insert(Budget {
            since: now,
            invalid: 0,
            locked_until: None,
        });
        if now.saturating_duration_since(budget.since) > limits::INVALID_CALLS_WITHIN {
            (budget.since, budget.invalid) = (now, 0);
        }
        budget.invalid += 1;
        if budget.invalid <= limits::INVALID_CALLS_MAX {
            return None;
        }
        *budget = Budget {
            since: now,
            invalid: 0,
            locked_until: Some(now + limits::INVALID_CALLS_LOCK),
        };
        Some(LockedNow)
    }

    /// For how many more seconds a merchant is locked.
    pub fn locked(&self, merchant: &MerchantId) -> Option<u64> {
        let until = self.budgets().get(merchant)?.locked_until?;
        let left = until.checked_duration_since(clock::monotonic())?;
        (!left.is_zero()).then(|| whole_seconds(left))
    }

    /// Forgets whoever has been quiet for long enough; once in a while.
    pub fn tidy(&self) {
        self.addresses.retain_recent();
        self.strangers.retain_recent();
        self.logins.retain_recent();
        self.users.retain_recent();
        self.keys.retain_recent();
        let now = clock::monotonic();
        self.budgets().retain(|_, budget| {
            let fresh = now.saturating_duration_since(budget.since) <= limits::INVALID_CALLS_WITHIN;
            fresh || budget.locked_until.is_some_and(|until| until > now)
        });
    }

    fn budgets(&self) -> MutexGuard<'_, BTreeMap<MerchantId, Budget>> {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An IPv6 customer has a whole /64 and may change its address at will.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let bits = v6.to_bits() >> 64 << 64;
            IpAddr::V6(bits.into())
        }
    }
}

/// Rounded up, so that nobody comes back too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(per_key: u32) -> Gate {
        Gate::new(GateSettings {
            per_key: NonZeroU32::new(per_key).unwrap(),
            ..GateSettings::default()
        })
    }

    fn shop() -> MerchantId {
        MerchantId::new("shop").unwrap()
    }

    #[test]
    fn a_key_has_its_rate_and_hears_what_is_left() {
        let gate = gate(3);
        let left: Vec<u32> = (0..3).map(|_| gate.key("a").0.remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let (left, admitted) = gate.key("a");
        assert_eq!(admitted, Err(Stop::TooMany(1)));
        assert_eq!((left.limit, left.remaining, left.reset_seconds), (3, 0, 1));
        assert_eq!(gate.key("b").1, Ok(()), "another key has its own");
    }

    #[test]
    fn an_ipv6_customer_is_its_network() {
        let gate = gate(1);
        let logins = limits::LOGINS_PER_MINUTE_DEFAULT.get();
        for last in 0..logins {
            let address = format!("2001:db8::{last:x}").parse().unwrap();
            assert_eq!(gate.login_from(address), Ok(()));
        }
        let next = "2001:db8::ffff".parse().unwrap();
        assert!(matches!(gate.login_from(next), Err(Stop::TooMany(_))));
        assert_eq!(gate.login_from("2001:db9::1".parse().unwrap()), Ok(()));
    }

    #[test]
    fn invalid_calls_lock_the_merchant_and_nobody_else() {
        let gate = gate(1);
        for _ in 0..limits::INVALID_CALLS_MAX {
            assert_eq!(gate.invalid(&shop()), None);
        }
        assert_eq!(gate.locked(&shop()), None);
        assert_eq!(gate.invalid(&shop()), Some(LockedNow));
        let left = gate.locked(&shop()).expect("a lock");
        assert!(
            (1..=limits::INVALID_CALLS_LOCK.as_secs()).contains(&left),
            "{left}"
        );
        assert_eq!(gate.locked(&MerchantId::new("other").unwrap()), None);
        gate.tidy();
        assert!(gate.locked(&shop()).is_some(), "tidying unlocks nobody");
    }
}
