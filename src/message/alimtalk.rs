//! Alimtalk (알림톡) through a port. A provider is contracted with, so what stands behind the port
//! in production is somebody's own choice; a sandbox keeps what would be sent in its outbox.

use crate::domain::message::Sent;

/// Who sends Alimtalk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alimtalk {
    /// The sandbox: what would be sent is read in its outbox.
    Kept,
    /// Nobody yet.
    Nowhere,
}

impl Alimtalk {
    /// One attempt to reach a phone number.
    pub(super) fn send(self, phone: &str) -> Sent {
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        if !(9..=15).contains(&digits) {
            return Sent::Refused {
                why: "this is no phone number".to_owned(),
            };
        }
        match self {
            Alimtalk::Kept => Sent::Taken,
            Alimtalk::Nowhere => Sent::Refused {
                why: "no provider of Alimtalk is connected".to_owned(),
            },
        }
    }
}
