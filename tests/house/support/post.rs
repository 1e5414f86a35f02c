//! A mail server under test: it takes every mail, or refuses as the test says.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One mail as it came.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) text: String,
}

/// A mail server at work.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    got: Arc<Mutex<Vec<Mail>>>,
}

impl MailServer {
    /// Answers the nth recipient (from 0) as `recipient` says.
    pub(crate) fn start(
        recipient: impl Fn(usize) -> &'static str + Send + Sync + 'static,
    ) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            let mut asked = 0;
            for stream in listener.incoming().flatten() {
                // One mail after the other; a client that goes away is no failure here.
                let _ = serve(stream, &kept, &recipient, &mut asked);
            }
        });
        MailServer { address, got }
    }

    pub(crate) fn got(&self) -> Vec<Mail> {
        self.got.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    got: &Mutex<Vec<Mail>>,
    recipient: &impl Fn(usize) -> &'static str,
    asked: &mut usize,
) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    let mut to = String::new();
    writer.write_all(b"220 here\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "RCPT" => {
                to = line;
                *asked += 1;
                recipient(*asked - 1)
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n")?;
                let mut text = String::new();
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    text += &line;
                    text.push('\n');
                }
                let to = to.clone();
                got.lock().unwrap().push(Mail { to, text });
                "250 taken"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => "250 yes",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

impl Mail {
    /// The body as it was written, out of base64 or quoted printable.
    pub(crate) fn body(&self) -> String {
        use base64::Engine as _;
        let (head, body) = self.text.split_once("\n\n").unwrap_or_default();
        if head.to_ascii_lowercase().contains("base64") {
            let coded: String = body.split_whitespace().collect();
            let engine = base64::engine::general_purpose::STANDARD;
            return String::from_utf8(engine.decode(coded).unwrap()).unwrap();
        }
        body.to_owned()
    }
}
