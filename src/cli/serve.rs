//! `naru serve`: run the gateway until told to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Ending, Failure, Outcome, books, config::Source, say};
use crate::config::Config;
use crate::gateway::Gateway;
use crate::{limits, telemetry};

/// Arguments of `naru serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
}

/// Runs `naru serve`.
pub fn run(args: &Args) -> Outcome {
    let loaded = args.source.load()?;
    let logs = telemetry::logs::install(&loaded.config.log)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let metrics = telemetry::install()?;
    actix::System::new().block_on(async {
        let settings = books::settings(&loaded.config, false);
        let mut signals = Signals::watch()?;
        let mut tell = |password: &str| {
            say(format_args!(
                "the first user is admin with the password {password} (shown this once)"
            ));
        };
        let gateway = Gateway::start(&loaded.config, &settings, metrics, logs, &mut tell)?;
        tell_ready(&gateway, &loaded.config);
        let name = signals.next().await;
        tracing::info!(
            signal = name,
            "stopping: no new frames, what is in is answered"
        );
        stop(gateway, &mut signals).await;
        Ok(Ending::Well)
    })
}

/// The one line that says where everything is.
fn tell_ready(gateway: &Gateway, config: &Config) {
    let relay: Vec<_> = gateway
        .relay_addresses()
        .iter()
        .zip(&config.relay.listen)
        .map(|(address, listen)| format!("{address}={}", listen.profile))
        .collect();
    tracing::info!(
        relay = relay.join(","),
        http = %gateway.http_address(),
        ops = %gateway.ops_address(),
        mode = %config.mode,
        institution = config.house.institution,
        data_dir = %config.data_dir.display(),
        "ready"
    );
}

/// Ends the gateway, in order and in time; a second signal ends it at once. Whatever was not
/// answered is asked again by the relay.
pub(super) async fn stop(gateway: Gateway, signals: &mut Signals) {
    let in_time = tokio::time::timeout(limits::STOP_ROOMS_WITHIN, gateway.stop());
    tokio::select! {
        ended = in_time => tracing::info!(in_order = ended.is_ok(), "stopped"),
        name = signals.next() => tracing::warn!(signal = name, "stopped at once"),
    }
}

/// The signals that mean "stop".
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Watches for them from now on; must be called within a runtime.
    pub(super) fn watch() -> Result<Self, Failure> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The name of the next one.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
