//! The clock over readings that a test sets by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

/// Readings in a test's hand: `pass` lets time go by, `step` moves the wall clock alone.
#[derive(Clone, Default)]
struct Hand(Arc<(AtomicI64, AtomicI64)>);

impl Hand {
    fn pass(&self, micros: i64) {
        self.0.0.fetch_add(micros, Ordering::SeqCst);
        self.0.1.fetch_add(micros, Ordering::SeqCst);
    }

    fn step(&self, micros: i64) {
        self.0.1.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Source for Hand {
    fn monotonic(&self) -> i64 {
        self.0.0.load(Ordering::SeqCst)
    }

    fn wall(&self) -> i64 {
        self.0.1.load(Ordering::SeqCst)
    }
}

const START: i64 = 1_763_800_000 * MICROS;

fn clock(sandbox: bool) -> (Hand, Clock) {
    let hand = Hand::default();
    hand.step(START);
    let clock = Clock::over(Box::new(hand.clone()), sandbox);
    (hand, clock)
}

fn since_start(clock: &Clock) -> i64 {
    clock.now().as_micros() - START
}

#[test]
fn time_passes_as_the_monotonic_clock_says() {
    let (hand, clock) = clock(false);
    assert_eq!(since_start(&clock), 0);
    hand.pass(1);
    assert_eq!(since_start(&clock), 1);
    hand.pass(90 * MICROS);
    assert_eq!(since_start(&clock), 90 * MICROS + 1);
}

#[test]
fn a_step_of_the_wall_clock_moves_nothing_at_once() {
    for step in [-86_400 * MICROS, -1_000, 1_000, 86_400 * MICROS] {
        let (hand, clock) = clock(false);
        hand.step(step);
        assert_eq!(since_start(&clock), 0, "step {step}");
        hand.pass(MICROS);
        // The drift is seen now, and made good from now on.
        assert_eq!(since_start(&clock), MICROS, "step {step}");
    }
}

#[test]
fn it_turns_towards_the_wall_clock_by_500_microseconds_a_second_and_stops_there() {
    for sign in [1, -1] {
        let (hand, clock) = clock(false);
        hand.step(sign * 2_000);
        hand.pass(MICROS);
        assert_eq!(since_start(&clock), MICROS);
        for second in 1..=6 {
            hand.pass(MICROS);
            let made_good = sign * (500 * second).min(2_000);
            assert_eq!(
                since_start(&clock),
                (second + 1) * MICROS + made_good,
                "second {second}"
            );
        }
    }
}

#[test]
fn a_clock_nobody_asked_for_long_does_not_leap() {
    let (hand, clock) = clock(false);
    hand.step(3_000);
    hand.pass(MICROS);
    assert_eq!(since_start(&clock), MICROS);
    // An hour later: the whole drift is made good, and not a microsecond more.
    hand.pass(3_600 * MICROS);
    assert_eq!(since_start(&clock), 3_601 * MICROS + 3_000);
}

#[test]
fn it_never_goes_back_while_it_slews_back() {
    let (hand, clock) = clock(false);
    hand.step(-3_600 * MICROS);
    let mut last = clock.now();
    for _ in 0..20_000 {
        hand.pass(777);
        let now = clock.now();
        assert!(now > last);
        last = now;
    }
}

#[test]
fn a_shift_starts_from_real_time_at_the_call() {
    let (hand, clock) = clock(true);
    clock.shift(3_600, 60.0).unwrap();
    assert_eq!(since_start(&clock), 3_600 * MICROS);
    hand.pass(2 * MICROS);
    assert_eq!(since_start(&clock), 3_600 * MICROS + 120 * MICROS);
    assert_eq!(clock.real_now().as_micros() - START, 2 * MICROS);
    clock.shift(-10, 1.0).unwrap();
    assert_eq!(since_start(&clock), 2 * MICROS - 10 * MICROS);
    hand.pass(MICROS);
    assert_eq!(since_start(&clock), 3 * MICROS - 10 * MICROS);
}

#[test]
fn a_clock_at_speed_zero_stands_still() {
    let (hand, clock) = clock(true);
    clock.shift(5, 0.0).unwrap();
    hand.pass(1_000 * MICROS);
    assert_eq!(since_start(&clock), 5 * MICROS);
    let reading = clock.reading();
    assert_eq!(
        (reading.offset_seconds, reading.speed.to_bits()),
        (5, 0.0_f64.to_bits())
    );
}

#[test]
fn a_start_offset_stands_from_the_first_reading() {
    let clock = Clock::sandbox(-7_200);
    let reading = clock.reading();
    assert_eq!(
        reading.real.as_micros() - reading.now.as_micros(),
        7_200 * MICROS
    );
}

#[test]
fn shifts_out_of_bounds_or_in_production_change_nothing() {
    let (_, real) = clock(false);
    assert_eq!(real.shift(1, 1.0), Err(ShiftRefused::NotSandbox));
    let (_, clock) = clock(true);
    for speed in [-1.0, f64::NAN, f64::INFINITY, 86_401.0] {
        assert_eq!(clock.shift(0, speed), Err(ShiftRefused::Speed), "{speed}");
    }
    for offset in [i64::MIN, i64::MAX, limits::CLOCK_OFFSET_SECONDS_MAX + 1] {
        assert_eq!(
            clock.shift(offset, 1.0),
            Err(ShiftRefused::Offset),
            "{offset}"
        );
    }
    assert_eq!(since_start(&clock), 0);
}

#[tokio::test(start_paused = true)]
async fn a_jump_wakes_sleepers() {
    let (hand, clock) = clock(true);
    let due = Timestamp::from_micros(START + 86_400 * MICROS);
    let sleeper = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep_until(due).await }
    });
    hand.pass(MICROS);
    tokio::task::yield_now().await;
    assert!(!sleeper.is_finished());
    clock.shift(86_400, 1.0).unwrap();
    sleeper.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_jump_back_does_not_end_a_sleep_early() {
    let (hand, clock) = clock(true);
    let due = Timestamp::from_micros(START + 2 * MICROS);
    let sleeper = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep_until(due).await }
    });
    tokio::task::yield_now().await;
    clock.shift(-3_600, 1.0).unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(!sleeper.is_finished());
    hand.pass(3_602 * MICROS);
    tokio::time::sleep(LOOK_AGAIN).await;
    sleeper.await.unwrap();
}

#[test]
fn a_sleep_is_shorter_the_faster_time_runs() {
    let reading = |speed| Reading {
        now: Timestamp::from_micros(0),
        real: Timestamp::from_micros(0),
        offset_seconds: 0,
        speed,
    };
    let due = Timestamp::from_micros(10 * MICROS);
    assert_eq!(wait(&reading(1.0), due), Some(Duration::from_secs(10)));
    assert_eq!(wait(&reading(10.0), due), Some(Duration::from_secs(1)));
    assert_eq!(wait(&reading(0.0), due), Some(LOOK_AGAIN));
    assert_eq!(wait(&reading(1.0), Timestamp::from_micros(0)), None);
    assert_eq!(wait(&reading(1.0), Timestamp::from_micros(-1)), None);
}
