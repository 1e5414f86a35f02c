//! Load: the same telegram over and over, as cheap as the machine allows.
//!
//! In the closed model a fixed number of telegrams is always in flight: the next goes when an
//! answer comes. In the open model telegrams go at a set rate whatever comes back, and an answer's
//! time counts from the moment at which its question was due, not from when it could be sent:
//! a gateway that stalls cannot hide the waiting that it causes (coordinated omission).
//!
//! Templates are composed once and patched; whatever may go is written in one piece; answers are
//! read in big gulps and looked at in four places. One thread does it all.

mod calls;
mod payees;
mod report;
mod schedule;
mod session;
mod spread;
mod template;
mod webhooks;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use jiff::civil::Date;
use telegrams::{Kind, Profiles};

use self::schedule::Schedule;
use self::session::Session;
use self::template::Template;
use crate::places::Places;

pub use calls::{Called, Calls, CallsReport, call};
pub use payees::{Payee, Payees};
pub use report::{Latency, LoadReport, Told};
pub use schedule::Pace;
pub use spread::Spread;
pub use webhooks::{Dead, Webhooks, WebhooksReport, webhooks};

/// What to send, how fast and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// The gateway's relay listener, `HOST:PORT`.
    pub relay: String,
    /// The name of the layout that the listener speaks.
    pub profile: String,
    /// The gateway's institution code (기관코드).
    pub institution: String,
    /// The kind of all telegrams: deposit, line test, look-up or pre-deposit check.
    pub kind: Kind,
    /// Their business date (거래일자).
    pub date: Date,
    /// What their numbers begin with: another prefix for each run on the same store.
    pub prefix: String,
    /// Sessions that share the traffic.
    pub sessions: usize,
    /// How fast.
    pub pace: Pace,
    /// When to stop sending.
    pub until: Until,
    /// The accounts that are paid into.
    pub payees: Payees,
    /// Which of them how often.
    pub spread: Spread,
    /// What the lots are drawn from.
    pub seed: u64,
    /// How long the last answers are waited for, and how long a silent gateway is.
    pub patience: Duration,
    /// Whether to remember every telegram that was answered 0000, or not at all.
    pub remember: bool,
}

/// When the sending ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    /// After so many telegrams.
    Count(u64),
    /// After so long.
    Elapsed(Duration),
}

impl Load {
    /// Deposits, one session, 64 in flight, ten seconds.
    pub fn new(relay: &str, date: Date) -> Self {
        Self {
            relay: relay.to_owned(),
            profile: "dozn".into(),
            institution: "30000003".into(),
            kind: Kind::Deposit,
            date,
            prefix: "L000".into(),
            sessions: 1,
            pace: Pace::InFlight(64),
            until: Until::Elapsed(Duration::from_secs(10)),
            payees: Payees::default(),
            spread: Spread::Uniform,
            seed: 1,
            patience: Duration::from_secs(10),
            remember: false,
        }
    }
}

/// Why load could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No layout of that name.
    #[error("there is no layout of the name {0}")]
    NoProfile(String),
    /// A telegram of that kind cannot be sent in bulk.
    #[error("no load of {0}: only deposit, line_test, payee_lookup and pre_deposit_check")]
    Kind(Kind),
    /// The template could not be composed.
    #[error("cannot compose the telegram: {0}")]
    Compose(String),
    /// The prefix leaves no room for a running number, or is no plain text.
    #[error("the prefix `{prefix}` must be 0 to {room} letters or digits")]
    Prefix {
        /// As given.
        prefix: String,
        /// How many characters it may have.
        room: usize,
    },
    /// The listener could not be reached.
    #[error("no session with {relay}: {source}")]
    NoLine {
        /// Where.
        relay: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of accounts could not be read.
    #[error("cannot read accounts from {}: {what}", path.display())]
    Accounts {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The runtime could not be made.
    #[error("no runtime: {0}")]
    Runtime(std::io::Error),
}

/// Makes load and reports. Blocks; call it outside any runtime.
///
/// A session that breaks ends its part and is told in the report: what was acknowledged until
/// then is known all the same.
pub fn run(load: &Load) -> Result<LoadReport, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(LoadError::Runtime)?;
    let template = Rc::new(template(load)?);
    tokio::task::LocalSet::new().block_on(&runtime, drive(load, template))
}

fn template(load: &Load) -> Result<Template, LoadError> {
    let profile = Profiles::embedded().get(&load.profile);
    let profile = profile.ok_or_else(|| LoadError::NoProfile(load.profile.clone()))?;
    let places = Places::of(&profile);
    Template::new(load, places, load.payees.clone())
}

async fn drive(load: &Load, template: Rc<Template>) -> Result<LoadReport, LoadError> {
    let sessions = load.sessions.max(1);
    let mut lines = Vec::new();
    for _ in 0..sessions {
        let line = tokio::net::TcpStream::connect(&load.relay).await;
        let line = line.and_then(|line| line.set_nodelay(true).map(|()| line));
        lines.push(line.map_err(|source| LoadError::NoLine {
            relay: load.relay.clone(),
            source,
        })?);
    }
    let schedule = Schedule::new(load.pace, load.until, sessions as u64);
    let mut tasks = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        let schedule = schedule.of_session(at as u64);
        let session = Session::new(load, Rc::clone(&template), line, schedule, at as u64);
        tasks.push(tokio::task::spawn_local(session.run()));
    }
    let mut report = LoadReport::new(load);
    for task in tasks {
        match task.await {
            Ok(part) => report.add(part, &template),
            Err(error) => report
                .broken
                .push(format!("a session's task ended: {error}")),
        }
    }
    report.finish(schedule.began());
    Ok(report)
}
