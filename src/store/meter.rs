//! Tells the metrics how long the disk took.

use std::time::Duration;

use metrics::{gauge, histogram};

use super::engine::Observer;
use crate::telemetry;

/// The engine's observer in a running gateway.
#[derive(Debug)]
pub(crate) struct Meter;

impl Observer for Meter {
    fn synced(&self, took: Duration) {
        histogram!(telemetry::FSYNC_SECONDS).record(took.as_secs_f64());
    }

    fn committed(&self, took: Duration) {
        histogram!(telemetry::COMMIT_SECONDS).record(took.as_secs_f64());
    }

    fn grew(&self, bytes: u64) {
        gauge!(telemetry::STORE_BYTES).set(bytes as f64);
    }
}
