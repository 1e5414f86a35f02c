//! The relay's end of a session.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::{Telegram, log};

/// Long enough that only a defect reaches it.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection to the gateway.
#[derive(Debug)]
pub(crate) struct Relay {
    socket: TcpStream,
    /// Where the log stood before the call.
    mark: usize,
}

impl Relay {
    pub(crate) fn call(address: SocketAddr) -> Relay {
        let mark = log::mark();
        let socket = TcpStream::connect(address).expect("a connection");
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Relay { socket, mark }
    }

    /// What the gateway's log says of this session.
    pub(crate) fn log(&self) -> Vec<String> {
        let name = format!("peer={} ", self.socket.local_addr().unwrap());
        log::lines_since(self.mark, &name)
    }

    /// The complaints among it.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let complains = |line: &String| line.contains(" WARN ");
        self.log().into_iter().filter(complains).collect()
    }

    pub(crate) fn send(&mut self, telegram: &Telegram) {
        self.send_bytes(&telegram.frame());
    }

    /// Sends to a session that may be closed already.
    pub(crate) fn try_send(&mut self, telegram: &Telegram) {
        let _ = self.socket.write_all(&telegram.frame());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket
            .write_all(bytes)
            .expect("a session that takes bytes");
    }

    /// The next telegram, or nothing when the gateway has hung up.
    pub(crate) fn hear(&mut self) -> Option<Telegram> {
        let mut prefix = [0; 4];
        if !self.fill(&mut prefix) {
            return None;
        }
        let length: usize = std::str::from_utf8(&prefix).unwrap().parse().unwrap();
        let mut telegram = vec![0; length];
        assert!(self.fill(&mut telegram), "half a telegram");
        Some(Telegram(telegram))
    }

    /// Reads until `bytes` are full; false at the end of the session.
    fn fill(&mut self, bytes: &mut [u8]) -> bool {
        let mut have = 0;
        while have < bytes.len() {
            match self.socket.read(&mut bytes[have..]) {
                Ok(0) => return false,
                Ok(count) => have += count,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return false,
                Err(error) => panic!("nothing came: {error}"),
            }
        }
        true
    }

    /// Sends and hears the answer.
    pub(crate) fn ask(&mut self, telegram: &Telegram) -> Telegram {
        self.send(telegram);
        self.hear().expect("an answer")
    }

    /// The response code of the answer.
    pub(crate) fn code(&mut self, telegram: &Telegram) -> String {
        self.ask(telegram).code()
    }

    /// Everything that comes before the gateway hangs up.
    pub(crate) fn hear_out(&mut self) -> Vec<Telegram> {
        std::iter::from_fn(|| self.hear()).collect()
    }

    /// The gateway hangs up, and nothing comes before that.
    pub(crate) fn is_hung_up(&mut self) {
        assert_eq!(self.hear(), None);
    }

    /// Says no more, but listens on.
    pub(crate) fn say_no_more(&self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    /// Breaks the connection without a goodbye, so that the gateway cannot write to it: a socket
    /// that is closed over unread bytes is reset.
    pub(crate) fn vanish(mut self) {
        self.send(&super::line_test("99999999999999"));
        self.socket
            .peek(&mut [0])
            .expect("an answer to leave unread");
    }
}
