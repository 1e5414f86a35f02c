//! `simulator load orders`, `accounts` and `webhooks`.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use simulator::load::{Called, Calls, Dead, Until, Webhooks, call, webhooks};
use simulator::shop::{HeadOffice, Keys, Shop, ShopError};

use super::{cannot, say};

/// Load by a shop, over HTTP. The gateway's limits per key must be raised for it.
#[derive(Subcommand)]
pub(super) enum ShopLoad {
    /// Place orders, so many in flight all the time.
    Orders(CallArgs),
    /// Issue one-time accounts, so many in flight all the time.
    Accounts(CallArgs),
    /// Tell of deposits at a rate and time the webhooks that follow.
    Webhooks(WebhookArgs),
}

/// Who opens the gateway's HTTP.
#[derive(Args)]
struct Door {
    /// The gateway's HTTP listener.
    #[arg(long, env = "NARU_HTTP_LISTEN", default_value = "127.0.0.1:8080")]
    http: String,
    /// A user of head office.
    #[arg(long, default_value = "admin")]
    user: String,
    /// That user's password.
    #[arg(long, env = "NARU_ADMIN_PASSWORD", hide_env_values = true)]
    password: String,
    /// Where the one-time secret is kept that the first log-in enrols; a later run needs it.
    #[arg(long)]
    keys: Option<std::path::PathBuf>,
    /// Report as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct CallArgs {
    #[command(flatten)]
    door: Door,
    /// Always so many in flight.
    #[arg(long, default_value_t = 128)]
    in_flight: usize,
    /// Stop after so many.
    #[arg(long, conflicts_with = "seconds")]
    count: Option<u64>,
    /// Stop after so many seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
}

#[derive(Args)]
pub(super) struct WebhookArgs {
    #[command(flatten)]
    door: Door,
    /// The gateway's relay listener.
    #[arg(long, env = "NARU_RELAY_LISTEN", default_value = "127.0.0.1:7300")]
    relay: String,
    /// The gateway's institution code.
    #[arg(long, env = "NARU_INSTITUTION", default_value = "30000003")]
    institution: String,
    /// Deposits a second.
    #[arg(long, default_value_t = 500.0)]
    rate: f64,
    /// For so many seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Sessions that share them.
    #[arg(long, default_value_t = 2)]
    sessions: u8,
    /// Receivers that answer well.
    #[arg(long, default_value_t = 4)]
    receivers: usize,
    /// Receivers that take requests and never answer.
    #[arg(long, default_value_t = 0)]
    hanging: usize,
    /// Receivers whose port is closed.
    #[arg(long, default_value_t = 0)]
    closed: usize,
    /// Each deposit meets an order, and the match is what is told.
    #[arg(long)]
    matched: bool,
}

impl ShopLoad {
    pub(super) fn run(&self) -> ExitCode {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return cannot(&error),
        };
        let made = tokio::task::LocalSet::new().block_on(&runtime, async {
            match self {
                Self::Orders(args) => args.make(Called::Orders).await,
                Self::Accounts(args) => args.make(Called::Accounts).await,
                Self::Webhooks(args) => args.make().await,
            }
        });
        match made {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => cannot(&error),
        }
    }
}

impl Door {
    fn open(&self) -> Result<HeadOffice, ShopError> {
        let mut keys = Keys::new(&self.user, &self.password);
        if let Some(path) = &self.keys {
            keys = Keys::kept_in(path, keys)?;
        }
        HeadOffice::new(&self.http, keys)
    }

    fn tell(&self, report: &impl std::fmt::Display, json: &serde_json::Value) {
        if self.json {
            say(format_args!("{json}"));
        } else {
            say(format_args!("{report}"));
        }
    }
}

/// Seconds since 1970: another run has another.
fn prefix() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0)
}

fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or_default()
}

impl CallArgs {
    async fn make(&self, what: Called) -> Result<bool, ShopError> {
        let office = self.door.open()?;
        let credential = office.register("부하시험").await?;
        let shop = Shop::new(office.address(), credential)?;
        let until = match self.count {
            Some(count) => Until::Count(count),
            None => Until::Elapsed(seconds(self.seconds)),
        };
        let calls = Calls {
            what,
            in_flight: self.in_flight,
            until,
            prefix: prefix(),
        };
        let report = call(&shop, &calls).await;
        self.door.tell(&report, &report.json());
        Ok(report.is_whole())
    }
}

impl WebhookArgs {
    async fn make(&self) -> Result<bool, ShopError> {
        let office = self.door.open()?;
        let mut dead = vec![Dead::Hangs; self.hanging];
        dead.extend(vec![Dead::Refuses; self.closed]);
        let load = Webhooks {
            relay: self.relay.clone(),
            institution: self.institution.clone(),
            rate: self.rate,
            lasts: seconds(self.seconds),
            sessions: self.sessions,
            receivers: self.receivers,
            dead,
            matched: self.matched,
            prefix: prefix(),
        };
        let report = webhooks(&office, &load).await?;
        self.door.tell(&report, &report.json());
        Ok(report.is_whole())
    }
}
