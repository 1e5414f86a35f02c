//! `simulator merchant`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use simulator::merchant::{Credentials, Dialect, Manners, Receiver, ReceiverReport};

use super::{cannot, hint, say};

/// How often the receiver is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A merchant's server for webhooks, until it got enough, or until Ctrl-C.
#[derive(Args)]
pub(super) struct MerchantArgs {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: String,
    /// The dialect of the endpoint: payaction, ezpg-a, ezpg-b or standard.
    #[arg(long, default_value = "payaction")]
    dialect: Dialect,
    /// How it answers, one word after the other, the last for ever: ok, slow:3s, 500*2,
    /// `503:retry=30`, 410, `wrong_body`, hang, close.
    #[arg(long = "answer", value_delimiter = ',')]
    answers: Vec<String>,
    /// The key that `x-webhook-key` must carry.
    #[arg(long)]
    webhook_key: Option<String>,
    /// The mall that `x-mall-id`, or the `mid` of a notice, must name.
    #[arg(long)]
    mall_id: Option<String>,
    /// The endpoint's secret (`whsec_...`), by which the signature is checked.
    #[arg(long)]
    secret: Vec<String>,
    /// End after so many webhooks.
    #[arg(long)]
    count: Option<usize>,
    /// End after so many seconds.
    #[arg(long)]
    seconds: Option<f64>,
    /// Report as one JSON object.
    #[arg(long)]
    json: bool,
}

impl MerchantArgs {
    pub(super) fn run(&self) -> ExitCode {
        let manners = match Manners::parse(&self.answers) {
            Ok(manners) => manners,
            Err(error) => return cannot(&error),
        };
        let receiver = match Receiver::start(&self.listen, self.dialect) {
            Ok(receiver) => receiver,
            Err(error) => return cannot(&format!("cannot listen on {}: {error}", self.listen)),
        };
        receiver.behaves(manners);
        receiver.knows(Credentials {
            webhook_key: self.webhook_key.clone(),
            mall_id: self.mall_id.clone(),
            secrets: self.secret.clone(),
        });
        hint(format_args!(
            "{} webhooks are taken at {}",
            self.dialect,
            receiver.url()
        ));
        match self.watch(&receiver) {
            Ok(report) => self.tell(&report),
            Err(error) => cannot(&error),
        }
    }

    /// Tells of every attempt as it comes, until it is enough.
    fn watch(&self, receiver: &Receiver) -> Result<ReceiverReport, String> {
        let stop = interrupted()?;
        let began = Instant::now();
        let mut told = 0;
        loop {
            let (attempts, deliveries) = receiver.look(|ledger| {
                for words in ledger.log(told) {
                    hint(format_args!("{words}"));
                }
                (ledger.attempts(), ledger.deliveries().len())
            });
            told = attempts;
            let enough = self.count.is_some_and(|count| deliveries >= count);
            let late = self
                .seconds
                .is_some_and(|max| began.elapsed().as_secs_f64() >= max);
            if enough || late || stop.recv_timeout(LOOK_EVERY).is_ok() {
                return Ok(receiver.report());
            }
        }
    }

    fn tell(&self, report: &ReceiverReport) -> ExitCode {
        if self.json {
            say(format_args!("{}", report.json()));
        } else {
            say(format_args!("{report}"));
        }
        if report.faults.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Hears of Ctrl-C.
fn interrupted() -> Result<std::sync::mpsc::Receiver<()>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (tell, heard) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            // Nobody listens any more where the report has been told already.
            let _ = tell.send(());
        }
    });
    Ok(heard)
}
