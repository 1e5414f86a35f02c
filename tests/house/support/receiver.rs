//! A merchant's server under test: it listens on a real socket, keeps what it gets and answers
//! as the test says.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Got {
    /// A header by its name in small letters; empty where it did not come.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// Answers: status line, more headers, body.
    Answer(&'static str, Vec<String>, Vec<u8>),
    /// Never answers, and keeps the connection.
    Hang,
    /// Closes the connection without a word.
    HangUp,
    /// Begins a body that never ends.
    Flood,
}

impl Say {
    pub(crate) fn ok(body: &str) -> Say {
        Say::Answer("200 OK", Vec::new(), body.as_bytes().to_vec())
    }

    pub(crate) fn status(line: &'static str) -> Say {
        Say::Answer(line, Vec::new(), Vec::new())
    }

    pub(crate) fn with(line: &'static str, header: String) -> Say {
        Say::Answer(line, vec![header], Vec::new())
    }
}

type Script = Box<dyn Fn(usize, &Got) -> Say + Send + Sync>;

/// A receiver at work.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    got: Mutex<Vec<Got>>,
    script: Script,
    over: AtomicBool,
}

impl Receiver {
    /// Answers the nth request (from 0) as `script` says.
    pub(crate) fn start(script: impl Fn(usize, &Got) -> Say + Send + Sync + 'static) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            got: Mutex::default(),
            script: Box::new(script),
            over: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if of_thread.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Receiver { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.shared.got.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.got.lock().unwrap().len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, so that it sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(stream: TcpStream, shared: &Shared) {
    stream.set_nodelay(true).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(got) = read(&mut reader) {
        let nth = {
            let mut all = shared.got.lock().unwrap();
            all.push(got.clone());
            all.len() - 1
        };
        if !answer(&mut writer, (shared.script)(nth, &got), shared) {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Got> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|bytes| *bytes > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    assert!(
        line.starts_with("POST "),
        "a letter is posted, not {line:?}"
    );
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length?.1.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Got {
        path,
        headers,
        body,
    })
}

/// Whether the connection goes on.
fn answer(writer: &mut TcpStream, say: Say, shared: &Shared) -> bool {
    match say {
        Say::Answer(line, headers, body) => {
            let mut text = format!("HTTP/1.1 {line}\r\ncontent-length: {}\r\n", body.len());
            for header in headers {
                text.push_str(&header);
                text.push_str("\r\n");
            }
            text.push_str("\r\n");
            let mut bytes = text.into_bytes();
            bytes.extend(body);
            writer.write_all(&bytes).is_ok()
        }
        Say::Hang => {
            while !shared.over.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
            false
        }
        Say::HangUp => false,
        Say::Flood => {
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let mut open = writer.write_all(head).is_ok();
            while open {
                let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
                open = writer.write_all(&chunk).is_ok();
            }
            false
        }
    }
}
