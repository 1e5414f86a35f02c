//! What operators see: every metric's name, labels and help, in one catalogue.
//!
//! Rooms measure with the constants here (`counter!(telemetry::DEPOSITS_TOTAL, …)`); a name that
//! is not in the catalogue does not exist, and `tests/grafana.rs` asks a panel for each that does.
//! Units stand in the names, label values come from closed sets (kinds, answers; bank codes are
//! numbers of three digits, so a thousand at most), never text that a peer sent. This file does not
//! know who measures, nor when.

use metrics::Unit;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

pub mod log_book;
pub mod logs;

/// How a metric's value moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only ever rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts values under these upper bounds.
    Histogram(&'static [f64]),
}

/// One metric of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The full name, unit and all.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// Its unit, as the name says it.
    pub unit: Unit,
    /// Its labels; each has a bounded set of values.
    pub labels: &'static [&'static str],
    /// One sentence for people.
    pub help: &'static str,
}

/// Upper bounds for a telegram's whole time, fine around the relay's 10 s.
const TELEGRAM_SECONDS_BOUNDS: &[f64] = &[
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.0, 9.5,
];
/// Upper bounds for what is left of 9.5 s; the low end is where the danger is.
const BUDGET_SECONDS_BOUNDS: &[f64] = &[
    0.0, 0.1, 0.25, 0.5, 1.0, 2.5, 4.5, 6.5, 8.0, 9.0, 9.25, 9.4, 9.45, 9.49,
];
/// Upper bounds for one request of a merchant; what is slower than a second waits for the disk.
const HTTP_SECONDS_BOUNDS: &[f64] = &[
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// Upper bounds for one commit or one fsync.
const DISK_SECONDS_BOUNDS: &[f64] = &[
    0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];
/// Upper bounds for the commands in one commit, up to `limits::BATCH_MAX`.
const BATCH_BOUNDS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Upper bounds for an attempt to deliver, up to its time-out.
const WEBHOOK_SECONDS_BOUNDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0,
];

/// Declares each metric once: its constant and its row in [`METRICS`].
macro_rules! catalogue {
    ($($constant:ident = $name:literal, $kind:expr, $unit:ident, [$($label:literal),*],
       $help:literal;)*) => {
        $(#[doc = $help] pub const $constant: &str = $name;)*
        /// Every metric the house has.
        pub const METRICS: &[Metric] = &[$(Metric {
            name: $constant, kind: $kind, unit: Unit::$unit, labels: &[$($label),*], help: $help,
        },)*];
    };
}

use Kind::{Counter, Gauge, Histogram};

catalogue! {
    TELEGRAMS_TOTAL = "naru_telegrams_total", Counter, Count, ["kind", "outcome"],
        "Telegrams taken from the relay, by kind and by the answer they got \
         (or silent, or late when the answer was not sent any more).";
    TELEGRAM_SECONDS = "naru_telegram_seconds", Histogram(TELEGRAM_SECONDS_BOUNDS), Seconds,
        ["kind"], "From a telegram's first byte until its answer was handed to the socket.";
    BUDGET_LEFT_SECONDS = "naru_budget_left_seconds", Histogram(BUDGET_SECONDS_BOUNDS), Seconds,
        ["kind"], "What was left of 9.5 s when a look-up or a pre-deposit check was answered.";
    MALFORMED_TOTAL = "naru_malformed_total", Counter, Count, ["why"],
        "Telegrams that broke their layout, by what was wrong.";
    FRAMES_REFUSED_TOTAL = "naru_frames_refused_total", Counter, Count, ["why"],
        "Frames that ended their session: length not digits, empty, too long or half-received.";
    MAILBOX_FULL_TOTAL = "naru_mailbox_full_total", Counter, Count, ["desk"],
        "Telegrams answered at once because their desk's mailbox was full.";
    APPROVALS_VOID_TOTAL = "naru_approvals_void_total", Counter, Count, ["why"],
        "Approvals that could not leave in time and were made void in the journal.";

    SESSIONS = "naru_sessions", Gauge, Count, ["profile"],
        "Sessions open with the relay, by profile.";
    SESSIONS_REFUSED_TOTAL = "naru_sessions_refused_total", Counter, Count, ["why"],
        "Connections turned away: address not allowed, or too many sessions.";
    SESSIONS_CLOSED_TOTAL = "naru_sessions_closed_total", Counter, Count, ["why"],
        "Sessions that ended, by cause.";
    LINE_TESTS_TOTAL = "naru_line_tests_total", Counter, Count, ["outcome"],
        "Line tests that we sent on idle sessions, answered or not.";
    REPLIES_UNEXPECTED_TOTAL = "naru_replies_unexpected_total", Counter, Count, [],
        "Reply telegrams that answered nothing we had asked.";
    BANK_FAULT = "naru_bank_fault", Gauge, Count, ["bank"],
        "1 while the relay reports this bank as faulty, else 0.";

    DEPOSITS_TOTAL = "naru_deposits_total", Counter, Count, ["bank", "into"],
        "Deposits booked since the start, by bank of the telegram and by where they went.";
    DEPOSITED_WON_TOTAL = "naru_deposited_won_total", Counter, Count, ["bank"],
        "Won deposited since the start, by bank of the telegram.";
    CORRECTIONS_TOTAL = "naru_corrections_total", Counter, Count, ["bank", "outcome"],
        "Corrections since the start, by bank of the telegram and outcome.";
    AGGREGATES_TOTAL = "naru_aggregates_total", Counter, Count, ["outcome"],
        "Aggregates answered, by whether the bank's day and ours agreed.";
    HOLDS = "naru_holds", Gauge, Count, [],
        "Approvals that hold an account or a limit and have neither ended nor expired.";
    HOLDS_ENDED_TOTAL = "naru_holds_ended_total", Counter, Count, ["why"],
        "Holds that ended, by why: their deposit, one of other amount or account, or expiry.";
    SUSPENSE_WON = "naru_suspense_won", Gauge, Count, ["bank"],
        "Won in suspense, by bank of the telegram.";
    SUSPENSE_OPEN = "naru_suspense_open", Gauge, Count, [],
        "Deposits in suspense that wait for a person.";
    EXCEPTIONS_TOTAL = "naru_exceptions_total", Counter, Count, ["kind"],
        "Exception records raised for a person to look at, by kind.";

    HTTP_REQUESTS_TOTAL = "naru_http_requests_total", Counter, Count, ["face", "call", "outcome"],
        "Requests of merchants and operators answered, by face, call and how they ended.";
    HTTP_SECONDS = "naru_http_seconds", Histogram(HTTP_SECONDS_BOUNDS), Seconds, ["face"],
        "From a request's head until its answer was made, by face.";
    MERCHANTS_LOCKED_TOTAL = "naru_merchants_locked_total", Counter, Count, [],
        "Times a merchant was locked for a while because of too many malformed calls.";

    COMMIT_SECONDS = "naru_commit_seconds", Histogram(DISK_SECONDS_BOUNDS), Seconds, [],
        "One batch from its first command's decision until it was durable.";
    FSYNC_SECONDS = "naru_fsync_seconds", Histogram(DISK_SECONDS_BOUNDS), Seconds, [],
        "One flush of the data file to the disk.";
    BATCH_COMMANDS = "naru_batch_commands", Histogram(BATCH_BOUNDS), Count, [],
        "Commands in one commit.";
    WRITER_QUEUE = "naru_writer_queue", Gauge, Count, [],
        "Commands waiting for the writer when it last looked.";
    JOURNAL_POSITION = "naru_journal_position", Gauge, Count, [],
        "The journal's last position.";
    STORE_BYTES = "naru_store_bytes", Gauge, Bytes, [],
        "Size of the data file.";

    WEBHOOK_ATTEMPTS_TOTAL = "naru_webhook_attempts_total", Counter, Count,
        ["dialect", "outcome"],
        "Attempts to deliver a letter to a merchant's endpoint, by what followed.";
    WEBHOOK_SECONDS = "naru_webhook_seconds", Histogram(WEBHOOK_SECONDS_BOUNDS), Seconds,
        ["dialect"], "One attempt, from its first step until its answer's last byte.";
    WEBHOOKS_UNDER_WAY = "naru_webhooks_under_way", Gauge, Count, [],
        "Letters being posted when the courier last looked.";
    OUTBOX_OLDEST_SECONDS = "naru_outbox_oldest_seconds", Gauge, Seconds, [],
        "Age of the oldest letter that could be posted now and is not delivered yet.";
    ENDPOINTS_SUSPENDED = "naru_endpoints_suspended", Gauge, Count, [],
        "Endpoints that get nothing until they are resumed.";

    MESSAGES_TOTAL = "naru_messages_total", Counter, Count, ["channel", "outcome"],
        "Attempts to send a message to a person, by channel and by what followed.";
    MESSAGES_OLDEST_SECONDS = "naru_messages_oldest_seconds", Gauge, Seconds, [],
        "Age of the oldest message that could be sent now and is not sent yet.";

    CLOCK_DRIFT_SECONDS = "naru_clock_drift_seconds", Gauge, Seconds, [],
        "The wall clock less the house's real time; it is made good by 500 microseconds a second.";
    BUILD_INFO = "naru_build_info", Gauge, Count, ["version"],
        "Always 1; its label tells the version that runs.";
    START_SECONDS = "naru_start_seconds", Gauge, Seconds, [],
        "When the process started, in seconds since 1970.";
}

/// Gives every metric its help text. Counters and gauges without labels are shown from the start,
/// so that "none yet" reads 0 and not "no data".
pub fn describe_all() {
    for metric in METRICS {
        match metric.kind {
            Counter => metrics::describe_counter!(metric.name, metric.unit, metric.help),
            Gauge => metrics::describe_gauge!(metric.name, metric.unit, metric.help),
            Histogram(_) => metrics::describe_histogram!(metric.name, metric.unit, metric.help),
        }
        match metric.kind {
            Counter if metric.labels.is_empty() => metrics::counter!(metric.name).increment(0),
            Gauge if metric.labels.is_empty() => metrics::gauge!(metric.name).increment(0.0),
            _ => {}
        }
    }
    metrics::gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// A recorder with the catalogue's bounds, not yet installed: what [`install`] installs, for
/// tests that want one of their own.
pub fn recorder() -> Result<metrics_exporter_prometheus::PrometheusRecorder, BuildError> {
    Ok(builder()?.build_recorder())
}

/// Installs the process's recorder and describes every metric. What it hands back renders the
/// exposition and must have its upkeep run (`ops.rs` does both).
///
/// Errors: a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = builder()?.install_recorder()?;
    describe_all();
    Ok(handle)
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    METRICS
        .iter()
        .try_fold(PrometheusBuilder::new(), |builder, metric| {
            match metric.kind {
                Histogram(bounds) => {
                    builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)
                }
                Counter | Gauge => Ok(builder),
            }
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_one_of_a_kind_and_say_kind_and_unit() {
        let mut seen = BTreeSet::new();
        for metric in METRICS {
            let Metric {
                name,
                kind,
                unit,
                labels,
                help,
            } = metric;
            assert!(seen.insert(name), "{name} stands twice");
            assert!(name.starts_with("naru_"), "{name}");
            assert_eq!(*kind == Counter, name.ends_with("_total"), "{name}");
            assert_eq!(*unit == Unit::Seconds, name.ends_with("_seconds"), "{name}");
            assert_eq!(*unit == Unit::Bytes, name.ends_with("_bytes"), "{name}");
            assert!(
                help.ends_with('.') && help.len() > 10,
                "{name} needs a sentence"
            );
            assert!(labels.len() <= 3, "{name} has labels {labels:?}");
        }
    }

    #[test]
    fn bounds_rise() {
        for metric in METRICS {
            if let Histogram(bounds) = metric.kind {
                assert!(bounds.is_sorted() && !bounds.is_empty(), "{}", metric.name);
            }
        }
    }

    #[test]
    fn every_metric_is_rendered_with_its_help_and_bounds() {
        let recorder = recorder().unwrap();
        let text = metrics::with_local_recorder(&recorder, || {
            describe_all();
            for metric in METRICS {
                let labels: Vec<_> = metric
                    .labels
                    .iter()
                    .map(|label| metrics::Label::new(*label, "x"))
                    .collect();
                match metric.kind {
                    Counter => metrics::counter!(metric.name, labels).increment(1),
                    Gauge => metrics::gauge!(metric.name, labels).set(1.0),
                    Histogram(_) => metrics::histogram!(metric.name, labels).record(1.0),
                }
            }
            recorder.handle().render()
        });
        for metric in METRICS {
            let kind = match metric.kind {
                Counter => "counter",
                Gauge => "gauge",
                Histogram(_) => "histogram",
            };
            let name = metric.name;
            assert!(text.contains(&format!("# HELP {name} ")), "{name}\n{text}");
            assert!(
                text.contains(&format!("# TYPE {name} {kind}\n")),
                "{name}\n{text}"
            );
        }
    }

    #[test]
    fn what_has_no_labels_reads_nought_from_the_start() {
        let recorder = recorder().unwrap();
        let text = metrics::with_local_recorder(&recorder, || {
            describe_all();
            recorder.handle().render()
        });
        assert!(text.contains("\nnaru_holds 0\n"), "{text}");
        assert!(
            text.contains("\nnaru_replies_unexpected_total 0\n"),
            "{text}"
        );
        assert!(text.contains("naru_build_info{version="), "{text}");
    }
}
