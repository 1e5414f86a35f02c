//! Messages to people (알림): taken from the outbox, put into words, sent by mail, to a chat or by
//! Alimtalk, and what came of it put into the journal.
//!
//! Nothing here stands in the way of money: whether a message leaves, and when, is nobody's
//! condition. This room knows no face and no telegram.

mod alimtalk;
mod chat;
mod mail;
mod messenger;
mod wording;

pub use alimtalk::Alimtalk;
pub use chat::{Chats, TOKEN_CONTEXT};
pub use mail::{MailFault, Mails};
pub use messenger::{Messenger, Settings, Stop};
pub use wording::{chat_text, subject, text};
