//! A gateway of the simplest kind, honest or with one fault, to prove that the simulator notices.
//!
//! It knows no rules of business: every account is good. One thread for each connection.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::{Bytes, BytesMut};
use telegrams::telegram::{Aggregate, Correction, Deposit};
use telegrams::{Answer, Field, Kind, Profile, Profiles, Reading, Record};
use tokio_util::codec::{Decoder, Encoder};

/// What the gateway does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Deposits are answered with another code than yes.
    WrongCode,
    /// The n-th deposit (from 0) is booked and never answered.
    Silence(u64),
    /// A repeat gets other bytes than the first answer.
    DifferingRepeat,
    /// The reserve at the telegram's end does not come back as it was.
    BrokenEcho,
    /// The day's figures are one won short.
    WrongTotals,
    /// A number is booked again when its content differs.
    BooksTwice,
    /// A repeat is booked again.
    BooksRepeats,
    /// A correction is answered and forgotten.
    ForgetsCorrections,
    /// Every answer comes twice.
    Stutters,
    /// A look-up answers another name.
    WrongName,
    /// Bytes that are no frame do not end the session.
    Tolerant,
    /// The line is cut after so many deposits.
    HangsUp(u64),
}

/// What was booked.
#[derive(Default)]
struct Books {
    deposits: HashMap<String, (String, u64)>,
    corrections: HashMap<String, u64>,
    extra: u64,
    told: u64,
    /// Line tests that the gateway asked and the bank answered.
    line_tests_answered: u64,
}

/// Hears of every deposit that was booked anew: account, amount, payer.
pub(crate) type Hears = Arc<dyn Fn(&Deposit) + Send + Sync>;

/// A gateway on a free port.
pub(crate) struct Gateway {
    pub(crate) address: String,
    books: Arc<Mutex<Books>>,
}

impl Gateway {
    /// Starts it; it lives as long as the test's process.
    pub(crate) fn start(fault: Fault) -> Self {
        Self::heard(fault, Arc::new(|_| {}))
    }

    /// The same, and somebody hears of its deposits before they are answered.
    pub(crate) fn heard(fault: Fault, hears: Hears) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let books = Arc::new(Mutex::new(Books::default()));
        let shared = Arc::clone(&books);
        let profile = Profiles::embedded().get("dozn").unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let session = Session {
                    fault,
                    books: Arc::clone(&shared),
                    profile: Arc::clone(&profile),
                    hears: Arc::clone(&hears),
                };
                let stream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                thread::spawn(move || session.run(stream));
            }
        });
        Self { address, books }
    }

    /// How many of its line tests were answered.
    pub(crate) fn line_tests_answered(&self) -> u64 {
        self.books.lock().unwrap().line_tests_answered
    }
}

struct Session {
    fault: Fault,
    books: Arc<Mutex<Books>>,
    profile: Arc<Profile>,
    hears: Hears,
}

impl Session {
    fn run(&self, mut stream: TcpStream) {
        let mut codec = self.profile.frame_codec();
        let mut bytes = BytesMut::new();
        let mut gulp = [0; 8_192];
        self.send(&mut stream, &self.line_test());
        loop {
            match codec.decode(&mut bytes) {
                Ok(Some(frame)) => {
                    let Some(answers) = self.answer(frame) else {
                        return;
                    };
                    for answer in answers {
                        self.send(&mut stream, &answer);
                    }
                }
                Ok(None) => match stream.read(&mut gulp) {
                    Ok(read @ 1..) => bytes.extend_from_slice(&gulp[..read]),
                    _ => return,
                },
                Err(_) if self.fault == Fault::Tolerant => bytes.clear(),
                Err(_) => return,
            }
        }
    }

    fn send(&self, stream: &mut TcpStream, telegram: &Bytes) {
        let mut wire = BytesMut::new();
        self.profile
            .frame_codec()
            .encode(telegram.clone(), &mut wire)
            .unwrap();
        // The bank may have gone; then nobody misses the answer.
        let _ = stream.write_all(&wire);
    }

    fn line_test(&self) -> Bytes {
        let test = self
            .profile
            .compose(Kind::LineTest)
            .text(Field::Institution, "30000003");
        let test = test
            .text(Field::TradeDate, "20300304")
            .text(Field::TradeTime, "100000");
        test.text(Field::TraceNo, "GATEWAY").finish().unwrap()
    }

    /// The answers to a frame; `None` ends the session.
    fn answer(&self, frame: Bytes) -> Option<Vec<Bytes>> {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        match self.profile.read(frame) {
            Reading::Request(record) => self.request(&mut books, &record),
            Reading::Reply(_) => {
                books.line_tests_answered += 1;
                Some(Vec::new())
            }
            Reading::Unknown { answer, .. }
            | Reading::WrongLength { answer, .. }
            | Reading::Poll { answer } => Some(vec![answer]),
            Reading::Stray(_) => Some(Vec::new()),
            Reading::Unanswerable(_) => None,
        }
    }

    fn request(&self, books: &mut Books, record: &Record) -> Option<Vec<Bytes>> {
        let answer = match record.kind() {
            Kind::Deposit => {
                books.told += 1;
                match self.fault {
                    Fault::HangsUp(after) if books.told > after => return None,
                    Fault::Silence(at) if books.told == at + 1 => {
                        self.deposit(books, record);
                        return Some(Vec::new());
                    }
                    _ => self.deposit(books, record),
                }
            }
            Kind::Correction => self.correction(books, record),
            Kind::Aggregate => self.aggregate(books, record),
            Kind::PayeeLookup | Kind::PreDepositCheck => {
                let name = if self.fault == Fault::WrongName {
                    "다른상점"
                } else {
                    "나루상점"
                };
                record
                    .reply(Answer::Accepted)
                    .text(Field::PayeeName, name)
                    .bytes()
            }
            _ => record.reply(Answer::Accepted).bytes(),
        };
        let times = if self.fault == Fault::Stutters { 2 } else { 1 };
        Some(vec![answer; times])
    }

    fn deposit(&self, books: &mut Books, record: &Record) -> Bytes {
        let deposit = Deposit::read(record).unwrap();
        let number = key(record);
        let content = (
            format!("{}-{}", deposit.account_bank, deposit.account_no),
            deposit.amount,
        );
        let known = books.deposits.get(&number).cloned();
        let mut answer = Answer::Accepted;
        match known {
            Some(known) if known != content => {
                if self.fault == Fault::BooksTwice {
                    books.extra += 1;
                } else {
                    answer = Answer::KeyReused;
                }
            }
            Some(_) if self.fault == Fault::BooksRepeats => books.extra += 1,
            Some(_) if self.fault == Fault::DifferingRepeat => {
                let reply = record.reply(Answer::Accepted);
                return reply.text(Field::PayeeName, "나루상점").bytes();
            }
            _ => {
                if books.deposits.insert(number, content).is_none() {
                    (self.hears)(&deposit);
                }
            }
        }
        if self.fault == Fault::WrongCode {
            answer = Answer::SystemFault;
        }
        let mut bytes = record.reply(answer).bytes().to_vec();
        if self.fault == Fault::BrokenEcho {
            *bytes.last_mut().unwrap() = b'X';
        }
        bytes.into()
    }

    fn correction(&self, books: &mut Books, record: &Record) -> Bytes {
        let correction = Correction::read(record).unwrap();
        let number = key(record);
        if !books.deposits.contains_key(&number) {
            return record.reply(Answer::OriginalNotFound).bytes();
        }
        if self.fault != Fault::ForgetsCorrections {
            books.corrections.insert(number, correction.amount);
        }
        record.reply(Answer::Accepted).bytes()
    }

    fn aggregate(&self, books: &mut Books, record: &Record) -> Bytes {
        let asked = Aggregate::read(record).unwrap();
        let of = format!("{:03} {}", asked.key.bank, asked.day);
        let counts = |number: &&String| {
            number.starts_with(&of)
                || asked.key.bank == 0 && number[4..].starts_with(&asked.day.to_string())
        };
        let deposits: Vec<u64> = books
            .deposits
            .iter()
            .filter(|(n, _)| counts(n))
            .map(|(_, d)| d.1)
            .collect();
        let corrections: Vec<u64> = books
            .corrections
            .iter()
            .filter(|(n, _)| counts(n))
            .map(|(_, c)| *c)
            .collect();
        let short = u64::from(self.fault == Fault::WrongTotals);
        record
            .reply(Answer::Accepted)
            .number(Field::OurDepositCount, deposits.len() as u64 + books.extra)
            .number(
                Field::OurDepositAmount,
                deposits.iter().sum::<u64>() - short,
            )
            .number(Field::OurCorrectionCount, corrections.len() as u64)
            .number(Field::OurCorrectionAmount, corrections.iter().sum())
            .bytes()
    }
}

fn key(record: &Record) -> String {
    let key = record.key().unwrap();
    format!("{:03} {} {}", key.bank, key.trade_date, key.trace_no)
}
