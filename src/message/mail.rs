//! E-mail by SMTP.

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message as Letter};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::wording;
use crate::domain::message::{Sent, Wording};
use crate::limits;

/// Sends mails, or keeps them in a sandbox's outbox.
#[derive(Clone, Debug)]
pub enum Mails {
    /// To a server.
    Server {
        /// How it is reached.
        server: AsyncSmtpTransport<Tokio1Executor>,
        /// Whom mails come from.
        from: Box<Mailbox>,
    },
    /// Nowhere: a sandbox without a server; what would be sent is read in its outbox.
    Kept,
    /// Nowhere: nobody has said where.
    Nowhere,
}

/// Why mails cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// The server's address cannot be used.
    #[error("mail.smtp is no address of a mail server: smtp://user:password@host:587?tls=required")]
    Server(#[source] SmtpError),
    /// The sender's address is none.
    #[error("mail.from is no mail address")]
    From(#[from] lettre::address::AddressError),
}

impl Mails {
    /// Mails that go to the server at `url` and come from `from`.
    ///
    /// # Errors
    /// [`MailFault`].
    pub fn by(url: &str, from: &str) -> Result<Mails, MailFault> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(MailFault::Server)?
            .timeout(Some(limits::MESSAGE_WAIT))
            .build();
        let from = Box::new(from.parse::<Mailbox>()?);
        Ok(Mails::Server { server, from })
    }

    /// One attempt. What is told of a failure names no address.
    pub(super) async fn send(&self, to: &str, wording: &Wording) -> Sent {
        let (server, from) = match self {
            Mails::Server { server, from } => (server, from),
            Mails::Kept => return Sent::Taken,
            Mails::Nowhere => return refused("no mail server is configured (mail.smtp)"),
        };
        let Ok(address) = to.parse::<Address>() else {
            return refused("this is no mail address");
        };
        let letter = Letter::builder()
            .from(from.as_ref().clone())
            .to(Mailbox::new(None, address))
            .subject(wording::one_line(&wording::subject(wording)))
            .header(ContentType::TEXT_PLAIN)
            .body(wording::text(wording));
        let Ok(letter) = letter else {
            return refused("the mail cannot be written");
        };
        match server.send(letter).await {
            Ok(_) => Sent::Taken,
            Err(error) if error.is_permanent() => refused(&said("refused", &error)),
            Err(error) => Sent::Failed {
                why: said("failed", &error),
                retry_after: None,
            },
        }
    }
}

fn refused(why: &str) -> Sent {
    Sent::Refused {
        why: why.to_owned(),
    }
}

/// The server's code, never its words: those may repeat the address.
fn said(how: &str, error: &SmtpError) -> String {
    match error.status() {
        Some(code) => format!("the mail server {how} with {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None => "the mail server could not be reached".to_owned(),
    }
}
