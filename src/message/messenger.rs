//! The messenger: takes due messages out of the outbox and has each sent, in its own time.
//!
//! Like the courier it remembers only what it has in hand. A chat is written to no faster than its
//! service likes; who waits for one lane holds up no other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, SpawnHandle,
    StreamHandler, WrapFuture,
};
use futures_util::stream;
use metrics::{counter, gauge};
use tokio::sync::watch;

use super::alimtalk::Alimtalk;
use super::{Chats, Mails};
use crate::clock::{self, Clock};
use crate::domain::message::{MessageThen, Sent};
use crate::domain::{
    Channel, Command, MessageCommand, MessageId, MessageOutcome, Outcome, Timestamp,
};
use crate::secrets::Secrets;
use crate::store::engine::Broken;
use crate::store::{Lane, Ledger, MessageHands, Parcel, Reads};
use crate::{limits, telemetry};

/// What a messenger works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The door for questions.
    pub reads: Reads,
    /// The door for commands.
    pub ledger: Ledger,
    /// House time.
    pub clock: Clock,
    /// Opens bots' tokens.
    pub secrets: Secrets,
    /// Sends mails.
    pub mails: Mails,
    /// Writes into chats.
    pub chats: Chats,
    /// Sends Alimtalk.
    pub alimtalk: Alimtalk,
    /// What to do when the books cannot be read any more.
    pub on_broken: fn(&Broken),
}

/// The actor; start it beside the courier.
#[derive(Debug)]
pub struct Messenger {
    settings: Settings,
    position: watch::Receiver<u64>,
    in_hand: InHand,
    about_to_look: bool,
    sleeper: Option<SpawnHandle>,
    stopping: bool,
}

impl Messenger {
    /// A messenger for these books; `position` follows the journal.
    pub fn new(settings: Settings, position: watch::Receiver<u64>) -> Messenger {
        Messenger {
            settings,
            position,
            in_hand: InHand::default(),
            about_to_look: false,
            sleeper: None,
            stopping: false,
        }
    }

    fn look_soon(&mut self, context: &mut Context<Self>) {
        if self.about_to_look || self.stopping {
            return;
        }
        self.about_to_look = true;
        context.run_later(limits::MESSENGER_BREATH, |messenger, context| {
            messenger.about_to_look = false;
            messenger.look(context);
        });
    }

    fn look(&mut self, context: &mut Context<Self>) {
        self.in_hand.now = Some(clock::monotonic());
        let most = limits::MESSAGES_UNDER_WAY_MAX.saturating_sub(self.in_hand.messages.len());
        let due = match self.settings.reads.due_messages(most, &self.in_hand) {
            Ok(due) => due,
            Err(broken) => return (self.settings.on_broken)(&broken),
        };
        for parcel in due.parcels {
            self.set_out(parcel, context);
        }
        for (merchant, day) in due.days {
            let command = MessageCommand::TellDay { merchant, day };
            // Where the books are busy, the next look finds the day again.
            drop(
                self.settings
                    .ledger
                    .submit(Command::Message(Box::new(command))),
            );
        }
        self.sleep_until(due.next, context);
    }

    /// Looks again when the next message is due, or when a chat has had its pause.
    fn sleep_until(&mut self, due: Option<Timestamp>, context: &mut Context<Self>) {
        if let Some(sleeper) = self.sleeper.take() {
            context.cancel_future(sleeper);
        }
        let pause = self.in_hand.pause();
        if due.is_none() && pause.is_none() {
            return;
        }
        let clock = self.settings.clock.clone();
        let nap = async move {
            let of_house = async {
                match due {
                    Some(due) => clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let of_chats = async {
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = of_house => {}
                () = of_chats => {}
            }
        };
        let nap = nap.into_actor(self).map(|(), messenger, context| {
            messenger.sleeper = None;
            messenger.look_soon(context);
        });
        self.sleeper = Some(context.spawn(nap));
    }

    fn set_out(&mut self, parcel: Parcel, context: &mut Context<Self>) {
        let id = parcel.id;
        let lane = (parcel.message.channel, parcel.message.on_behalf_of.clone());
        self.in_hand.take(id, &lane, &parcel.message.to);
        let settings = self.settings.clone();
        let way = async move { carry_out(&settings, parcel).await };
        let way = way.into_actor(self).map(move |(), messenger, context| {
            messenger.in_hand.release(id, &lane);
            messenger.look_soon(context);
        });
        context.spawn(way);
    }

    fn measure(&mut self) {
        match self.settings.reads.oldest_message() {
            Ok(oldest) => {
                let now = self.settings.clock.now().as_micros();
                let age = oldest.map_or(0, |at| now.saturating_sub(at.as_micros()));
                gauge!(telemetry::MESSAGES_OLDEST_SECONDS).set(age.max(0) as f64 / 1e6);
            }
            Err(broken) => (self.settings.on_broken)(&broken),
        }
    }
}

impl Actor for Messenger {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        for channel in Channel::ALL {
            for outcome in ["sent", "again", "given_up"] {
                count(channel, outcome, 0);
            }
        }
        context.add_stream(changes(self.position.clone()));
        context.add_stream(changes(self.settings.clock.jumped()));
        context.run_interval(limits::OUTBOX_MEASURED_EVERY, |messenger, _| {
            messenger.measure();
        });
        self.look_soon(context);
    }
}

/// The journal has grown, or the clock has jumped.
#[derive(Clone, Copy, Debug)]
struct Changed;

fn changes(watched: watch::Receiver<u64>) -> impl futures_util::Stream<Item = Changed> {
    stream::unfold(watched, |mut watched| async move {
        watched.changed().await.ok()?;
        Some((Changed, watched))
    })
}

impl StreamHandler<Changed> for Messenger {
    fn handle(&mut self, _: Changed, context: &mut Self::Context) {
        self.look_soon(context);
    }

    /// The gateway says when to stop.
    fn finished(&mut self, _: &mut Self::Context) {}
}

/// Ends the messenger at once: what is under way is sent again by the next process.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Stop;

impl Handler<Stop> for Messenger {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Self::Context) {
        self.stopping = true;
        context.stop();
    }
}

/// What is under way, and which chats must be left in peace for a moment.
#[derive(Debug, Default)]
struct InHand {
    messages: BTreeSet<MessageId>,
    lanes: BTreeMap<Lane, usize>,
    /// When a lane of chats may be used again.
    rests: BTreeMap<Lane, Instant>,
    /// When any chat may be written to again.
    all_rest: Option<Instant>,
    now: Option<Instant>,
}

impl InHand {
    fn take(&mut self, id: MessageId, lane: &Lane, to: &str) {
        self.messages.insert(id);
        *self.lanes.entry(lane.clone()).or_default() += 1;
        if let (Channel::Telegram, Some(now)) = (lane.0, self.now) {
            let gap = if to.starts_with('-') {
                limits::GROUP_GAP
            } else {
                limits::CHAT_GAP
            };
            self.rests.insert(lane.clone(), now + gap);
            self.all_rest = Some(now + limits::CHATS_GAP);
        }
    }

    fn release(&mut self, id: MessageId, lane: &Lane) {
        self.messages.remove(&id);
        if let Some(count) = self.lanes.get_mut(lane) {
            *count -= 1;
            if *count == 0 {
                self.lanes.remove(lane);
            }
        }
    }

    /// How long until a chat may be written to again; none where none rests.
    fn pause(&mut self) -> Option<Duration> {
        let now = clock::monotonic();
        self.rests.retain(|_, until| *until > now);
        let until = self.rests.values().min()?;
        Some(until.saturating_duration_since(now))
    }
}

impl MessageHands for InHand {
    fn room(&self, lane: &Lane) -> usize {
        let used = self.lanes.get(lane).copied().unwrap_or(0);
        match lane.0 {
            Channel::Mail | Channel::Alimtalk => limits::MAILS_PER_LANE_MAX.saturating_sub(used),
            Channel::Telegram => {
                let rests = |until: Option<&Instant>| match (until, self.now) {
                    (Some(until), Some(now)) => *until > now,
                    _ => false,
                };
                let busy = rests(self.rests.get(lane)) || rests(self.all_rest.as_ref());
                usize::from(used == 0 && !busy)
            }
        }
    }

    fn hold(&self, id: MessageId) -> bool {
        self.messages.contains(&id)
    }
}

fn count(channel: Channel, outcome: &'static str, by: u64) {
    counter!(telemetry::MESSAGES_TOTAL, "channel" => channel.name(), "outcome" => outcome)
        .increment(by);
}

/// Sends a message and has the attempt recorded.
async fn carry_out(settings: &Settings, parcel: Parcel) {
    let channel = parcel.message.channel;
    let sent = send(settings, &parcel).await;
    match record(settings, parcel.id, sent).await {
        Some(MessageThen::Done) => count(channel, "sent", 1),
        Some(MessageThen::Again(_)) => count(channel, "again", 1),
        Some(MessageThen::GaveUp) => count(channel, "given_up", 1),
        None => {}
    }
}

async fn send(settings: &Settings, parcel: &Parcel) -> Sent {
    let message = &parcel.message;
    match message.channel {
        Channel::Mail => settings.mails.send(&message.to, &message.wording).await,
        Channel::Alimtalk => settings.alimtalk.send(&message.to),
        Channel::Telegram => {
            let Some(telegram) = parcel.settings.telegram.as_ref().filter(|bot| bot.enabled) else {
                return Sent::Refused {
                    why: "the bot was switched off meanwhile".to_owned(),
                };
            };
            let context = Chats::context(message.on_behalf_of.as_ref());
            let token = (&telegram.token, context.as_str());
            settings
                .chats
                .send(&settings.secrets, token, &message.to, &message.wording)
                .await
        }
    }
}

/// Has an attempt recorded, however busy the books are.
async fn record(settings: &Settings, id: MessageId, sent: Sent) -> Option<MessageThen> {
    loop {
        let sent = sent.clone();
        let command = MessageCommand::Record { id, sent };
        match settings.ledger.submit(Command::Message(Box::new(command))) {
            Ok(pending) => {
                return match pending.await?.verdict {
                    Ok(Outcome::Message(MessageOutcome::Recorded(then))) => Some(then),
                    _ => None,
                };
            }
            Err(crate::store::Busy) => tokio::time::sleep(limits::BUSY_BOOKS_WAIT).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::InHand;
    use crate::clock;
    use crate::domain::{Channel, MerchantId, MessageId};
    use crate::limits;
    use crate::store::MessageHands as _;

    #[test]
    fn a_chat_is_written_to_one_by_one_and_a_group_more_slowly() {
        let lane = |name: &str| (Channel::Telegram, MerchantId::new(name));
        let id = |position| MessageId {
            position,
            number: 0,
        };
        let start = clock::monotonic();
        let mut hands = InHand {
            now: Some(start),
            ..InHand::default()
        };
        let (chat, group) = (lane("one"), lane("two"));
        assert_eq!(hands.room(&chat), 1);
        hands.take(id(1), &chat, "123");
        assert_eq!(hands.room(&chat), 0);
        assert_eq!(
            hands.room(&group),
            0,
            "all chats rest a little after each message"
        );
        hands.now = Some(start + limits::CHATS_GAP);
        assert_eq!(hands.room(&group), 1);
        hands.take(id(2), &group, "-100");
        hands.release(id(1), &chat);
        hands.release(id(2), &group);
        hands.now = Some(start + limits::CHAT_GAP);
        assert_eq!(hands.room(&chat), 1);
        assert_eq!(hands.room(&group), 0);
        hands.now = Some(start + limits::CHATS_GAP + limits::GROUP_GAP);
        assert_eq!(hands.room(&group), 1);
    }

    #[test]
    fn a_lane_of_mails_has_its_share() {
        let lane = (Channel::Mail, None);
        let mut hands = InHand::default();
        for position in 0..2 {
            let number = 0;
            hands.take(MessageId { position, number }, &lane, "a@example.com");
        }
        assert_eq!(hands.room(&lane), 0);
        let other = (Channel::Mail, MerchantId::new("shop"));
        assert_eq!(hands.room(&other), limits::MAILS_PER_LANE_MAX);
    }
}
