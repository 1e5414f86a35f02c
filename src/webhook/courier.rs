//! The courier: takes due letters out of the outbox and sees to it that each is posted.
//!
//! It is woken by every commit, by the hour of the next letter, and by a jump of the clock. What
//! is under way is all it remembers; whatever it had in hand when the process ends is still due
//! in the books and is posted by the next one. No endpoint gets more than its share of what can be
//! under way, and one that keeps failing gets little, so that a dead one delays nobody.

use std::collections::{BTreeMap, BTreeSet};

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseFuture,
    SpawnHandle, StreamHandler, WrapFuture,
};
use futures_util::stream;
use metrics::{counter, gauge, histogram};
use tokio::sync::{oneshot, watch};

use super::Sender;
use crate::domain::delivery::Then;
use crate::domain::webhook::Attempt;
use crate::domain::{
    Command, Dialect, EndpointId, EventId, LetterId, Outcome, Timestamp, WebhookCommand,
    WebhookOutcome,
};
use crate::store::engine::Broken;
use crate::store::{Errand, Hands, Ledger, Reads};
use crate::{limits, telemetry};

/// What a courier works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The door for questions.
    pub reads: Reads,
    /// The door for commands.
    pub ledger: Ledger,
    /// Signs and posts.
    pub sender: Sender,
    /// What to do when the books cannot be read any more.
    pub on_broken: fn(&Broken),
}

/// The actor; start it on an arbiter of its own.
#[derive(Debug)]
pub struct Courier {
    settings: Settings,
    position: watch::Receiver<u64>,
    at_work: AtWork,
    /// Whether a look at the outbox is about to happen.
    about_to_look: bool,
    sleeper: Option<SpawnHandle>,
    /// Where the next look begins, so that all endpoints have their turn.
    from: EndpointId,
    stopping: Option<oneshot::Sender<()>>,
}

impl Courier {
    /// A courier for these books; `position` follows the journal.
    pub fn new(settings: Settings, position: watch::Receiver<u64>) -> Courier {
        Courier {
            settings,
            position,
            at_work: AtWork::default(),
            about_to_look: false,
            sleeper: None,
            from: EndpointId::default(),
            stopping: None,
        }
    }

    /// Has a look in a moment: what happens meanwhile is seen by the same look.
    fn look_soon(&mut self, context: &mut Context<Self>) {
        if self.about_to_look || self.stopping.is_some() {
            return;
        }
        self.about_to_look = true;
        context.run_later(limits::COURIER_BREATH, |courier, context| {
            courier.about_to_look = false;
            courier.look(context);
        });
    }

    fn look(&mut self, context: &mut Context<Self>) {
        let most = limits::LETTERS_UNDER_WAY_MAX.saturating_sub(self.at_work.count);
        let due = match self
            .settings
            .reads
            .due_letters(self.from, most, &self.at_work)
        {
            Ok(due) => due,
            Err(broken) => return (self.settings.on_broken)(&broken),
        };
        if let Some(last) = due.errands.last() {
            self.from = EndpointId::new(last.letter.endpoint.position().saturating_add(1));
        }
        for errand in due.errands {
            self.set_out(errand, context);
        }
        gauge!(telemetry::WEBHOOKS_UNDER_WAY).set(self.at_work.count as f64);
        self.sleep_until(due.next, context);
    }

    fn sleep_until(&mut self, due: Option<Timestamp>, context: &mut Context<Self>) {
        if let Some(sleeper) = self.sleeper.take() {
            context.cancel_future(sleeper);
        }
        if let Some(due) = due {
            let clock = self.settings.sender.clock.clone();
            let nap = async move { clock.sleep_until(due).await };
            let nap = nap.into_actor(self).map(|(), courier, context| {
                courier.sleeper = None;
                courier.look_soon(context);
            });
            self.sleeper = Some(context.spawn(nap));
        }
    }

    fn set_out(&mut self, errand: Errand, context: &mut Context<Self>) {
        let letter = errand.letter;
        self.at_work.take(letter);
        let settings = self.settings.clone();
        let way = async move { carry_out(&settings, errand).await };
        let way = way.into_actor(self).map(move |arrived, courier, context| {
            courier.at_work.release(letter, arrived);
            if courier.stopping.is_some() && courier.at_work.count == 0 {
                context.stop();
            }
            courier.look_soon(context);
        });
        context.spawn(way);
    }

    /// Tells the operators how old the oldest letter is that waits, and who gets none.
    fn measure(&mut self) {
        match self.settings.reads.outbox_levels() {
            Ok(levels) => {
                let now = self.settings.sender.clock.now().as_micros();
                let age = levels
                    .oldest
                    .map_or(0, |at| now.saturating_sub(at.as_micros()));
                gauge!(telemetry::OUTBOX_OLDEST_SECONDS).set(age.max(0) as f64 / 1e6);
                gauge!(telemetry::ENDPOINTS_SUSPENDED).set(levels.suspended as f64);
            }
            Err(broken) => (self.settings.on_broken)(&broken),
        }
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        for dialect in Dialect::ALL {
            for outcome in OUTCOMES {
                count(dialect, outcome, 0);
            }
        }
        context.add_stream(changes(self.position.clone()));
        context.add_stream(changes(self.settings.sender.clock.jumped()));
        context.run_interval(limits::OUTBOX_MEASURED_EVERY, |courier, _| {
            courier.measure();
        });
        self.look_soon(context);
    }
}

/// A word for each change of what is watched.
fn changes(watched: watch::Receiver<u64>) -> impl futures_util::Stream<Item = Changed> {
    stream::unfold(watched, |mut watched| async move {
        watched.changed().await.ok()?;
        Some((Changed, watched))
    })
}

/// The journal has grown, or the clock has jumped.
#[derive(Clone, Copy, Debug)]
struct Changed;

impl StreamHandler<Changed> for Courier {
    fn handle(&mut self, _: Changed, context: &mut Self::Context) {
        self.look_soon(context);
    }

    /// The books are gone, and with them every reason to go on; the gateway says when to stop.
    fn finished(&mut self, _: &mut Self::Context) {}
}

/// Ends the courier. What is under way has a moment to arrive; what does not is not counted and
/// is posted again by the next process.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Stop;

impl Handler<Stop> for Courier {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Stop, context: &mut Self::Context) -> Self::Result {
        let (stopping, stopped) = oneshot::channel();
        self.stopping = Some(stopping);
        if self.at_work.count == 0 {
            context.stop();
        } else {
            context.run_later(limits::STOP_COURIER_WITHIN, |_, context| context.stop());
        }
        // The other end goes with the actor, which is the word that is waited for.
        Box::pin(async move { drop(stopped.await) })
    }
}

/// What is under way.
#[derive(Debug, Default)]
struct AtWork {
    endpoints: BTreeMap<EndpointId, Bag>,
    count: usize,
}

/// What is under way to one endpoint.
#[derive(Debug, Default)]
struct Bag {
    letters: BTreeSet<EventId>,
    failures_in_a_row: u32,
}

impl AtWork {
    /// What one endpoint may have under way. The fuller the road, the less for each, so that many
    /// that hang at once leave room for all others.
    fn share(&self, others: usize) -> usize {
        let whole = limits::LETTERS_UNDER_WAY_MAX;
        let count = self.count + others;
        if count < whole / 2 {
            limits::LETTERS_PER_ENDPOINT_MAX
        } else if count < whole / 4 * 3 {
            limits::LETTERS_PER_ENDPOINT_MAX / 4
        } else {
            limits::LETTERS_PER_FAILING_ENDPOINT_MAX
        }
    }

    fn take(&mut self, letter: LetterId) {
        let bag = self.endpoints.entry(letter.endpoint).or_default();
        self.count += usize::from(bag.letters.insert(letter.event));
    }

    fn release(&mut self, letter: LetterId, arrived: bool) {
        let Some(bag) = self.endpoints.get_mut(&letter.endpoint) else {
            return;
        };
        self.count -= usize::from(bag.letters.remove(&letter.event));
        if !arrived {
            bag.failures_in_a_row = bag.failures_in_a_row.saturating_add(1);
        } else if bag.letters.is_empty() {
            self.endpoints.remove(&letter.endpoint);
        } else {
            bag.failures_in_a_row = 0;
        }
    }
}

impl Hands for AtWork {
    fn room(&self, endpoint: EndpointId, others: usize) -> usize {
        let share = self.share(others);
        let Some(bag) = self.endpoints.get(&endpoint) else {
            return share;
        };
        let share = if bag.failures_in_a_row < limits::FAILURES_BEFORE_A_TRICKLE {
            share
        } else {
            limits::LETTERS_PER_FAILING_ENDPOINT_MAX
        };
        share.saturating_sub(bag.letters.len())
    }

    fn hold(&self, letter: LetterId) -> bool {
        let bag = self.endpoints.get(&letter.endpoint);
        bag.is_some_and(|bag| bag.letters.contains(&letter.event))
    }
}

/// The outcomes that metrics tell.
const OUTCOMES: [&str; 3] = ["delivered", "again", "given_up"];

fn count(dialect: Dialect, outcome: &'static str, by: u64) {
    counter!(telemetry::WEBHOOK_ATTEMPTS_TOTAL, "dialect" => dialect.name(), "outcome" => outcome)
        .increment(by);
}

/// Posts a letter and has the attempt recorded; says whether it arrived.
async fn carry_out(settings: &Settings, errand: Errand) -> bool {
    let dialect = errand.endpoint.dialect;
    let attempt = settings.sender.post(&errand).await;
    histogram!(telemetry::WEBHOOK_SECONDS, "dialect" => dialect.name())
        .record(attempt.took_millis as f64 / 1e3);
    let arrived = attempt.accepted;
    let then = record(settings, errand.letter, attempt).await;
    match then {
        Some(Then::Delivered) => count(dialect, "delivered", 1),
        Some(Then::Again(_)) => count(dialect, "again", 1),
        Some(Then::GaveUp | Then::Stays) => count(dialect, "given_up", 1),
        None => {}
    }
    arrived
}

/// Has an attempt recorded, however busy the books are: what is not recorded is posted again.
async fn record(settings: &Settings, letter: LetterId, attempt: Attempt) -> Option<Then> {
    let attempt = Box::new(attempt);
    loop {
        let attempt = attempt.clone();
        let command = WebhookCommand::Record { letter, attempt };
        match settings.ledger.submit(Command::Webhook(Box::new(command))) {
            Ok(pending) => {
                return match pending.await?.verdict {
                    Ok(Outcome::Webhook(WebhookOutcome::Recorded(then))) => Some(then),
                    _ => None,
                };
            }
            Err(crate::store::Busy) => tokio::time::sleep(limits::BUSY_BOOKS_WAIT).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AtWork;
    use crate::domain::{EndpointId, EventId, LetterId};
    use crate::limits;
    use crate::store::Hands as _;

    fn letter(endpoint: u64, position: u64) -> LetterId {
        LetterId {
            endpoint: EndpointId::new(endpoint),
            event: EventId { position, index: 0 },
        }
    }

    #[test]
    fn an_endpoint_that_keeps_failing_gets_a_trickle_until_one_arrives() {
        let mut at_work = AtWork::default();
        let dead = EndpointId::new(1);
        assert_eq!(at_work.room(dead, 0), limits::LETTERS_PER_ENDPOINT_MAX);
        for position in 0..u64::from(limits::FAILURES_BEFORE_A_TRICKLE) {
            at_work.take(letter(1, position));
            at_work.release(letter(1, position), false);
        }
        assert_eq!(
            at_work.room(dead, 0),
            limits::LETTERS_PER_FAILING_ENDPOINT_MAX
        );
        assert_eq!(
            at_work.room(EndpointId::new(2), 0),
            limits::LETTERS_PER_ENDPOINT_MAX
        );
        at_work.take(letter(1, 99));
        assert!(at_work.hold(letter(1, 99)) && !at_work.hold(letter(2, 99)));
        at_work.release(letter(1, 99), true);
        assert_eq!(at_work.room(dead, 0), limits::LETTERS_PER_ENDPOINT_MAX);
        assert_eq!(at_work.count, 0);
    }

    #[test]
    fn twenty_endpoints_that_hang_leave_room_for_the_twenty_first() {
        let mut at_work = AtWork::default();
        for endpoint in 1..=20 {
            for position in 0..100 {
                if at_work.room(EndpointId::new(endpoint), 0) > 0 {
                    at_work.take(letter(endpoint, position));
                }
            }
        }
        assert!(at_work.count <= limits::LETTERS_UNDER_WAY_MAX / 4 * 3);
        let living = EndpointId::new(21);
        assert!(at_work.room(living, 0) >= limits::LETTERS_PER_FAILING_ENDPOINT_MAX);
        // What the same look has handed out already counts as well.
        let handed_out = limits::LETTERS_UNDER_WAY_MAX / 2;
        let share = AtWork::default().room(living, handed_out);
        assert!(share < limits::LETTERS_PER_ENDPOINT_MAX);
    }
}
