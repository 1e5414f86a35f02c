//! The only place that tells time; nobody else may ask the machine.
//!
//! *Real time* is the wall clock read once at the start and carried on by the monotonic clock, so
//! that a step of the wall clock (an operator, a broken time server) moves nothing here. It turns
//! slowly towards the wall clock, at most [`limits::CLOCK_SLEW_PER_SECOND`]; the distance left is
//! the metric [`telemetry::CLOCK_DRIFT_SECONDS`], and beyond a second it is a warning.
//!
//! *House time* is what [`Clock::now`] answers: real time, or in a sandbox
//! `house = real at the call of shift + offset, then × speed`. Stamps, due times, expiry and
//! business hours follow it. The budgets of telegrams and the waits of sockets do not: they are
//! measured by [`monotonic`].
//!
//! The clock does not know who asks, and time zones are none of its business. It may go back when
//! a sandbox is shifted back; that the journal's stamps still rise is the writer's promise.

#![allow(
    clippy::disallowed_methods,
    reason = "the one room that asks the machine"
)]

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::domain::Timestamp;
use crate::{limits, telemetry};

/// The monotonic clock, for budgets and waits. It never goes back and follows no shift.
pub fn monotonic() -> Instant {
    Instant::now()
}

/// Tells the house time. Clones tell the same time.
#[derive(Clone)]
pub struct Clock {
    shared: Arc<Shared>,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.reading()).finish()
    }
}

struct Shared {
    source: Box<dyn Source>,
    sandbox: bool,
    state: Mutex<State>,
    jumps: watch::Sender<u64>,
}

/// Where the raw readings come from: the machine, or a test.
trait Source: Send + Sync {
    /// Microseconds since some fixed point, never going back.
    fn monotonic(&self) -> i64;
    /// Microseconds since 1970 as the machine believes, stepping as it likes.
    fn wall(&self) -> i64;
}

/// What the clock says of itself, for the operators.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// House time.
    pub now: Timestamp,
    /// Real time, whatever the shift.
    pub real: Timestamp,
    /// The offset last set, in seconds against the real time of that moment.
    pub offset_seconds: i64,
    /// House seconds in a real second.
    pub speed: f64,
}

/// Why the clock could not be shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShiftRefused {
    /// Only a sandbox plays with time.
    #[error("the clock can be shifted in sandbox mode only")]
    NotSandbox,
    /// The offset is out of bounds.
    #[error(
        "offset_seconds must be within {} either way",
        limits::CLOCK_OFFSET_SECONDS_MAX
    )]
    Offset,
    /// The speed is negative, not a number or out of bounds.
    #[error("speed must be a number from 0 to {}", limits::CLOCK_SPEED_MAX)]
    Speed,
}

impl Clock {
    /// House time is real time and cannot be shifted.
    pub fn real() -> Clock {
        Clock::over(Box::new(Machine::new()), false)
    }

    /// House time starts `offset_seconds` from real time (at most
    /// [`limits::CLOCK_OFFSET_SECONDS_MAX`] either way) and may be shifted.
    pub fn sandbox(offset_seconds: i64) -> Clock {
        let clock = Clock::over(Box::new(Machine::new()), true);
        let max = limits::CLOCK_OFFSET_SECONDS_MAX;
        clock.set(offset_seconds.clamp(-max, max), 1.0);
        clock
    }

    fn over(source: Box<dyn Source>, sandbox: bool) -> Clock {
        let (monotonic, wall) = (source.monotonic(), source.wall());
        let state = Mutex::new(State {
            real: Real {
                at: monotonic,
                micros: wall,
                drift: 0,
                warned: false,
            },
            shift: Shift {
                real: 0,
                house: 0,
                offset_seconds: 0,
                speed: 1.0,
            },
        });
        let jumps = watch::Sender::new(0);
        Clock {
            shared: Arc::new(Shared {
                source,
                sandbox,
                state,
                jumps,
            }),
        }
    }

    /// House time.
    pub fn now(&self) -> Timestamp {
        self.reading().now
    }

    /// Real time: what house time would be without any shift.
    pub fn real_now(&self) -> Timestamp {
        self.reading().real
    }

    /// House time, real time and the shift between them, all of one moment.
    pub fn reading(&self) -> Reading {
        let mut state = self.lock();
        let real = state.real.tell(self.shared.source.as_ref());
        let Shift {
            offset_seconds,
            speed,
            ..
        } = state.shift;
        Reading {
            now: Timestamp::from_micros(state.shift.house(real)),
            real: Timestamp::from_micros(real),
            offset_seconds,
            speed,
        }
    }

    /// Sets house time to real time plus `offset_seconds`, running on `speed` times as fast as
    /// real time (0 stands still), and wakes all sleepers to look at it again.
    ///
    /// Errors: not a sandbox, or a number out of bounds; then nothing has changed.
    pub fn shift(&self, offset_seconds: i64, speed: f64) -> Result<(), ShiftRefused> {
        if !self.shared.sandbox {
            return Err(ShiftRefused::NotSandbox);
        }
        if offset_seconds.unsigned_abs() > limits::CLOCK_OFFSET_SECONDS_MAX.unsigned_abs() {
            return Err(ShiftRefused::Offset);
        }
        if !(0.0..=limits::CLOCK_SPEED_MAX).contains(&speed) {
            return Err(ShiftRefused::Speed);
        }
        self.set(offset_seconds, speed);
        Ok(())
    }

    fn set(&self, offset_seconds: i64, speed: f64) {
        let mut state = self.lock();
        let real = state.real.tell(self.shared.source.as_ref());
        let house = real.saturating_add(offset_seconds.saturating_mul(MICROS));
        state.shift = Shift {
            real,
            house,
            offset_seconds,
            speed,
        };
        drop(state);
        self.shared.jumps.send_modify(|count| *count += 1);
    }

    /// Changes with every jump of house time; whoever sleeps by it looks at the time again.
    pub fn jumped(&self) -> watch::Receiver<u64> {
        self.shared.jumps.subscribe()
    }

    /// Waits until house time has reached `due`, over any jump on the way.
    pub async fn sleep_until(&self, due: Timestamp) {
        let mut jumped = self.jumped();
        loop {
            jumped.mark_unchanged();
            let reading = self.reading();
            let Some(wait) = wait(&reading, due) else {
                return;
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // The sender lives in this clock, so this ends by a jump only.
                _ = jumped.changed() => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in the locked region can panic half-way through a change.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest sleep without a look at the clock: the slew may have brought the hour nearer.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// The shortest sleep, so that a rounded-down microsecond does not become a busy loop.
const BREATH: Duration = Duration::from_micros(100);

/// How long to sleep in real time before looking again; nothing when `due` has come.
fn wait(reading: &Reading, due: Timestamp) -> Option<Duration> {
    let left = due.as_micros().saturating_sub(reading.now.as_micros());
    let left = u64::try_from(left).ok().filter(|left| *left > 0)?;
    let seconds = Duration::from_micros(left).as_secs_f64() / reading.speed;
    // A clock that stands still makes this infinite; only a jump will wake the sleeper early.
    let wait = Duration::try_from_secs_f64(seconds).unwrap_or(LOOK_AGAIN);
    Some(wait.clamp(BREATH, LOOK_AGAIN))
}

const MICROS: i64 = 1_000_000;

struct State {
    real: Real,
    shift: Shift,
}

/// Real time: a fixed point, and the drift still to be made good from there.
struct Real {
    /// The monotonic reading of the fixed point.
    at: i64,
    /// Real time at the fixed point.
    micros: i64,
    /// Wall clock less real time, as seen at the fixed point.
    drift: i64,
    /// Whether the present drift has been warned of.
    warned: bool,
}

impl Real {
    /// Real time now. Once a second it also looks at the wall clock anew.
    fn tell(&mut self, source: &dyn Source) -> i64 {
        let elapsed = source.monotonic().saturating_sub(self.at);
        let real = self
            .micros
            .saturating_add(elapsed)
            .saturating_add(self.slew(elapsed));
        if elapsed >= MICROS {
            self.at = self.at.saturating_add(elapsed);
            self.micros = real;
            self.drift = source.wall().saturating_sub(real);
            self.report();
        }
        real
    }

    /// The part of the drift made good `elapsed` microseconds after the fixed point.
    fn slew(&self, elapsed: i64) -> i64 {
        let rate = i64::try_from(limits::CLOCK_SLEW_PER_SECOND.as_micros()).unwrap_or(0);
        let most = elapsed.max(0) / MICROS * rate + elapsed.max(0) % MICROS * rate / MICROS;
        self.drift.clamp(-most, most)
    }

    fn report(&mut self) {
        let seconds = self.drift as f64 / MICROS as f64;
        metrics::gauge!(telemetry::CLOCK_DRIFT_SECONDS).set(seconds);
        let far = seconds.abs() > limits::CLOCK_DRIFT_WARN.as_secs_f64();
        if far && !self.warned {
            tracing::warn!(
                drift_seconds = seconds,
                "the wall clock and the house clock disagree"
            );
        } else if !far && self.warned {
            tracing::info!(
                drift_seconds = seconds,
                "the wall clock and the house clock agree again"
            );
        }
        self.warned = far;
    }
}

/// From real time to house time.
#[derive(Clone, Copy)]
struct Shift {
    /// Real time at the call.
    real: i64,
    /// House time at the call.
    house: i64,
    offset_seconds: i64,
    speed: f64,
}

impl Shift {
    fn house(&self, real: i64) -> i64 {
        let passed = real.saturating_sub(self.real);
        if self.speed.to_bits() == 1.0_f64.to_bits() {
            return self.house.saturating_add(passed);
        }
        // Exact to the microsecond for 285 years of house time; a sandbox needs no more.
        #[allow(clippy::cast_possible_truncation)]
        let passed = (passed as f64 * self.speed) as i64;
        self.house.saturating_add(passed)
    }
}

/// The machine's own clocks.
struct Machine {
    start: Instant,
}

impl Machine {
    fn new() -> Machine {
        Machine {
            start: Instant::now(),
        }
    }
}

impl Source for Machine {
    fn monotonic(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn wall(&self) -> i64 {
        let signed = |age: Duration| i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(age) => signed(age),
            Err(before) => -signed(before.duration()),
        }
    }
}

#[cfg(test)]
mod tests;
