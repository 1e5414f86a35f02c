//! Every bound in the house, in one place: a queue, a body, a batch or a wait that has no number
//! here has no business being bounded elsewhere.
//!
//! It knows nothing but numbers. Units stand in the names; times are [`Duration`]s. What an
//! operator may change is a configuration key instead (`config.rs`); a bound here is a promise of
//! the design and changes with the code.

use std::num::NonZeroU32;
use std::time::Duration;

// The bank's face.

/// Bytes of one telegram at most, where a layout does not say less.
pub const FRAME_BYTES_MAX: usize = 9_999;
/// Bytes read ahead of the frame that is being put together; beyond it the socket waits.
pub const READ_BUFFER_BYTES: usize = 64 * 1024;
/// Answers put together in one write.
pub const ANSWERS_PER_WRITE: usize = 256;
/// A peer that takes nothing of its answers for so long loses its session. (What may wait for it
/// is bounded by the requests in work.)
pub const WRITE_WAIT: Duration = Duration::from_secs(30);
/// After our last word on a session, how long the peer is left to hang up.
pub const LINGER: Duration = Duration::from_millis(500);
/// A frame that began must be complete within this time, or the session ends.
pub const FRAME_WAIT: Duration = Duration::from_secs(10);
/// Silence on a session after which we send a line test (회선시험).
pub const SESSION_IDLE: Duration = Duration::from_mins(1);
/// Line tests without an answer after which a session is closed.
pub const LINE_TESTS_UNANSWERED_MAX: u32 = 2;
/// Requests of one session that may be in work at the same time; beyond it the socket waits.
pub const IN_FLIGHT_PER_SESSION_MAX: usize = 512;
/// Sessions at the same time, where the configuration does not say otherwise.
pub const SESSIONS_MAX_DEFAULT: usize = 64;
/// Requests waiting for one desk; a full desk is answered at once.
pub const DESK_MAILBOX: usize = 1_024;
/// Requests after which a desk lets the other tasks of its thread have a turn.
pub const DESK_BREATH: u32 = 32;
/// Threads that sessions are spread over.
pub const LINE_THREADS: usize = 2;
/// Questions of our own (line tests) that may wait on one session.
pub const OWN_QUESTIONS_PER_SESSION_MAX: usize = 4;
/// Approvals that wait to be made void.
pub const VOIDS_QUEUE: usize = 4_096;
/// How often busy books are asked to make one approval void, 20 ms apart; a hold lives a minute.
pub const VOID_TRIES_MAX: u32 = 3_000;
/// Lines in the log about bad input, in a second and a session.
pub const COMPLAINTS_PER_SECOND: u32 = 10;

// The relay gives up on a question after 10 seconds.

/// A question that is not decided by then is answered with `too_late`.
pub const DECIDE_WITHIN: Duration = Duration::from_secs(7);
/// From the first byte of a question; after it nothing leaves, and an approval is void.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(9_500);

// Trial deposits of a sandbox.

/// Trial deposits on their way at the same time.
pub const TRIALS_MAX: usize = 16;
/// A trial deposit, all its telegrams together, is answered by then.
pub const TRIAL_WAIT: Duration = Duration::from_secs(25);

// The writer.

/// Commands in one commit at most.
pub const BATCH_MAX: usize = 512;
/// Commands waiting for the writer; a full queue is answered "busy" and nothing is written.
pub const WRITER_QUEUE: usize = 4_096;
/// How often the books are asked to end what is over.
pub const PULSE_EVERY: Duration = Duration::from_secs(1);
/// Shared rows (balances, totals, merchants) kept in memory between commits.
pub const SHARED_ROWS_MAX: usize = 100_000;
/// Journal texts from this length on are packed in their rows (bytes).
pub const JOURNAL_PACKED_FROM_BYTES: usize = 512;
/// Longer ones are not, so that no damaged row can ask for more memory than this (bytes).
pub const JOURNAL_PACKED_BYTES_MAX: usize = 16 << 20;
/// Holds ended by one pulse at most; the rest waits for the next one.
pub const HOLDS_ENDED_PER_PULSE_MAX: usize = 256;
/// Kept answers forgotten by one pulse at most; the rest waits for the next one.
pub const ANSWERS_FORGOTTEN_PER_PULSE_MAX: u32 = 8_192;
/// How long an answer under an idempotency key is kept, in seconds: 30 days.
pub const ANSWER_KEEP_SECONDS: i64 = 30 * 86_400;
/// How long one that carries secrets is kept, in seconds: 24 hours.
pub const SECRET_ANSWER_KEEP_SECONDS: i64 = 86_400;
/// Orders whose waiting is ended by one pulse at most; the rest waits for the next one.
pub const ORDERS_EXPIRED_PER_PULSE_MAX: usize = 2_000;
/// Rows that one page of a list looks at and leaves out before it ends short; the next page goes
/// on there.
pub const LIST_ROWS_LOOKED_AT_MAX: usize = 2_000;
/// Records that a check reads and replays at a time.
pub const CHECK_CHUNK_RECORDS: usize = 512;
/// Books of up to this many records are rebuilt in memory by a check, others in a scratch file.
pub const CHECK_IN_MEMORY_RECORDS: u64 = 100_000;
/// Memory for pages of a check's scratch file.
pub const CHECK_CACHE_BYTES: usize = 128 << 20;
/// Books up to this size have every page's checksum verified before they open.
pub const CHECK_INTEGRITY_BELOW_BYTES: u64 = 256 << 20;
/// Rows that a rebuild throws away in one commit.
pub const REBUILD_ROWS_CLEARED: usize = 10_000;
/// Rows that a check holds of each side while it compares.
pub const CHECK_PAGE_ROWS: usize = 1_024;
/// Rows of a CSV file in one command, and so in one record, of an import.
pub const IMPORT_CHUNK_ROWS: usize = 500;
/// Chunks of an import on their way to the writer; the next one waits.
pub const IMPORT_CHUNKS_WAITING_MAX: usize = 64;
/// Characters of a name in a list at most.
pub const NAME_CHARACTERS_MAX: usize = 100;
/// Bytes of one line of a CSV file at most.
pub const IMPORT_LINE_BYTES_MAX: usize = 4_096;
/// Columns of a CSV file at most.
pub const IMPORT_COLUMNS_MAX: usize = 64;
/// Bad rows listed one by one; the rest is only counted.
pub const IMPORT_BAD_ROWS_LISTED_MAX: usize = 1_000;

// Lists.

/// Rows of a list where nobody says how many.
pub const LIST_ROWS_DEFAULT: usize = 20;
/// Rows of a list at most.
pub const LIST_ROWS_MAX: usize = 500;
/// Rows that can be reached by page number; further on one pages by cursor.
pub const LIST_PAGED_ROWS_MAX: usize = 10_000;

/// Ranges of addresses on a merchant's list at most.
pub const ADDRESS_RANGES_MAX: usize = 64;
/// How often a free id is drawn before giving up; one draw in a billion meets another.
pub const ID_TRIES_MAX: u32 = 8;

// People.

/// Passwords hashed or compared at the same time; each takes some 19 MiB.
pub const PASSWORDS_AT_ONCE: usize = 2;
/// How long an access token lives, in seconds.
pub const TOKEN_SECONDS: i64 = 600;
/// How long before its making a token counts, in seconds: clocks that were set back a little.
pub const TOKEN_EARLY_SECONDS: i64 = 60;
/// How long a token for the second step of a log-in lives, in seconds.
pub const HALF_TOKEN_SECONDS: i64 = 300;
/// How long a failed log-in is remembered at most, in seconds.
pub const FAILURES_KEEP_SECONDS: i64 = 2 * 86_400;
/// Rows about what is over that are cleared away when a new one is written.
pub const OLD_ROWS_CLEARED_MAX: usize = 16;
/// Rows of the audit log looked at for one page.
pub const AUDIT_ROWS_PER_PAGE_MAX: usize = 10_000;

// The operators' listener.

/// Bytes of a request body on the operators' listener at most.
pub const OPS_BODY_BYTES_MAX: usize = 4 * 1024;
/// Connections at the same time on the operators' listener.
pub const OPS_CONNECTIONS_MAX: usize = 64;
/// A request on the operators' listener must have come by then.
pub const OPS_REQUEST_WAIT: Duration = Duration::from_secs(5);

// The log book.

/// Bytes of kept log lines that one question may look through.
pub const LOG_SCAN_BYTES_MAX: u64 = 512 << 20;
/// Bytes of one day's log lines; what is beyond is on the standard error only.
pub const LOG_DAY_BYTES_MAX: u64 = 1 << 30;

// The merchants' faces.

/// Bytes of a request body at most, where the configuration does not say otherwise.
pub const HTTP_BODY_BYTES_DEFAULT: usize = 64 * 1024;
/// Bytes of a body that is too large, read and thrown away before its sender is told.
pub const HTTP_BODY_DISCARDED_BYTES_MAX: usize = 16 << 20;
/// A request's whole body must have come by then: one byte a second is no way to send one.
pub const HTTP_BODY_WAIT: Duration = Duration::from_secs(10);
/// A request's head must have come by then.
pub const HTTP_HEAD_WAIT: Duration = Duration::from_secs(5);
/// A connection without a request is closed after this.
pub const HTTP_IDLE: Duration = Duration::from_secs(75);
/// Connections at the same time, where the configuration does not say otherwise.
pub const HTTP_CONNECTIONS_MAX_DEFAULT: usize = 4_096;
/// Threads that serve merchants.
pub const HTTP_THREADS: usize = 2;
/// Seconds that requests under way have at the orderly end.
pub const HTTP_STOP_SECONDS: u64 = 3;
/// How often the gate forgets whoever was quiet.
pub const GATE_TIDY_EVERY: Duration = Duration::from_mins(1);
/// Characters of a telephone number or of an address for mail at most.
pub const CONTACT_CHARACTERS_MAX: usize = 254;
/// Characters of an idempotency key at most.
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 255;
/// Requests a second and key, where the configuration does not say otherwise.
pub const RATE_PER_KEY_DEFAULT: NonZeroU32 = at_least_one(100);
/// Requests a second and address before anybody is known, where it does not say otherwise.
pub const RATE_PER_ADDRESS_DEFAULT: NonZeroU32 = at_least_one(300);
/// Logins a minute and address, and a minute and user, where it does not say otherwise.
pub const LOGINS_PER_MINUTE_DEFAULT: NonZeroU32 = at_least_one(10);
/// Wrong keys a minute and address, after which the address hears only that there were too many.
pub const FAILED_KEYS_PER_MINUTE: NonZeroU32 = at_least_one(60);
/// Malformed calls that a merchant may make ...
pub const INVALID_CALLS_MAX: u32 = 100;
/// ... within this time ...
pub const INVALID_CALLS_WITHIN: Duration = Duration::from_mins(10);
/// ... before it is locked for this long.
pub const INVALID_CALLS_LOCK: Duration = Duration::from_mins(5);

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}
// Letters to merchants.

/// Characters of an endpoint's URL at most.
pub const WEBHOOK_URL_CHARACTERS_MAX: usize = 2_048;
/// From the first step of an attempt until its answer's last byte.
pub const WEBHOOK_WAIT: Duration = Duration::from_secs(15);
/// Of [`WEBHOOK_WAIT`], what finding the address, connecting and agreeing on keys may take.
pub const WEBHOOK_CONNECT_WAIT: Duration = Duration::from_secs(10);
/// How long an unused connection to a receiver is kept.
pub const WEBHOOK_IDLE: Duration = Duration::from_secs(30);
/// Bytes of a receiver's answer that are looked at; the rest is left on the line.
pub const WEBHOOK_ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a receiver's answer that are kept in the journal.
pub const WEBHOOK_ANSWER_BYTES_KEPT: usize = 1_024;
/// Happenings that one replay puts on their way at most, or a few more; the next one goes on.
pub const REPLAYED_MAX: usize = 10_000;
/// Records that the feed reads at a time.
pub const HAPPENINGS_AT_A_TIME: usize = 500;
/// Hours for which a replaced secret goes on to sign, where nothing else is asked.
pub const OVERLAP_HOURS_DEFAULT: u32 = 24;
/// How long a letter and its attempts are shown, in seconds: 31 days.
pub const LETTERS_VISIBLE_SECONDS: i64 = 31 * 86_400;
/// Letters of one endpoint that one question looks at, however few it finds.
pub const LETTERS_LOOKED_AT_MAX: usize = 20_000;
/// Letters under way at the same time.
pub const LETTERS_UNDER_WAY_MAX: usize = 512;
/// Letters under way to one endpoint at the same time.
pub const LETTERS_PER_ENDPOINT_MAX: usize = 32;
/// Letters under way to an endpoint that keeps failing.
pub const LETTERS_PER_FAILING_ENDPOINT_MAX: usize = 2;
/// Failures in a row after which an endpoint counts as failing.
pub const FAILURES_BEFORE_A_TRICKLE: u32 = 5;
/// From a commit until the courier looks into the outbox, so that one look sees many commits.
pub const COURIER_BREATH: Duration = Duration::from_millis(1);
/// How often the age of the outbox is measured.
pub const OUTBOX_MEASURED_EVERY: Duration = Duration::from_secs(5);
/// From a "busy" of the books until they are asked again to note what cannot be asked twice.
pub const BUSY_BOOKS_WAIT: Duration = Duration::from_millis(20);
/// At an orderly end, how long letters under way may take to arrive.
pub const STOP_COURIER_WITHIN: Duration = Duration::from_secs(1);

// Messages to people.

/// Messages about money that may wait by somebody's settings; beyond it no more are queued.
pub const MESSAGES_WAITING_MAX: u64 = 200;
/// After a mail about a letter that was given up, how long its endpoint's others are passed over.
pub const GIVEN_UP_MAIL_GAP_SECONDS: i64 = 600;
/// Deposits listed in one mail about a day; the rest is only counted.
pub const UNMATCHED_PER_MAIL_MAX: usize = 100;
/// Characters of a line of a message that somebody else has named.
pub const WORDING_LINE_CHARACTERS_MAX: usize = 400;
/// Addresses that one merchant's mails may go to.
pub const MAIL_ADDRESSES_MAX: usize = 5;
/// From a commit until the messenger looks into its outbox.
pub const MESSENGER_BREATH: Duration = Duration::from_millis(10);
/// Messages under way at the same time.
pub const MESSAGES_UNDER_WAY_MAX: usize = 64;
/// Mails under way at the same time by one merchant's settings.
pub const MAILS_PER_LANE_MAX: usize = 2;
/// One attempt to send a message is over by then.
pub const MESSAGE_WAIT: Duration = Duration::from_secs(15);
/// Between two messages into one chat.
pub const CHAT_GAP: Duration = Duration::from_secs(1);
/// Between two messages into one group: twenty a minute.
pub const GROUP_GAP: Duration = Duration::from_secs(3);
/// Between two messages to whatever chats: thirty a second.
pub const CHATS_GAP: Duration = Duration::from_millis(34);
/// Characters of one message to a chat at most.
pub const CHAT_CHARACTERS_MAX: usize = 4_096;

// Coming and going.

/// An orderly end is over by then, whatever the peers do.
pub const STOP_WITHIN: Duration = Duration::from_secs(10);
/// Of [`STOP_WITHIN`], what all rooms together may use; the rest is the process's own.
pub const STOP_ROOMS_WITHIN: Duration = Duration::from_millis(9_500);
/// Of [`STOP_WITHIN`], what the lines may use to answer what is in.
pub const STOP_LINES_WITHIN: Duration = Duration::from_secs(8);

// The clock.

/// House time turns towards the wall clock by this much in a second, never faster.
pub const CLOCK_SLEW_PER_SECOND: Duration = Duration::from_micros(500);
/// A distance between the wall clock and ours that is worth a warning.
pub const CLOCK_DRIFT_WARN: Duration = Duration::from_secs(1);
/// How many times faster than real time a sandbox may run.
pub const CLOCK_SPEED_MAX: f64 = 86_400.0;
/// Seconds by which a sandbox may be shifted, either way (100 years).
pub const CLOCK_OFFSET_SECONDS_MAX: i64 = 100 * 366 * 86_400;
