//! A telegram as a page for people: a byte ruler, every field by its three names, what its codes
//! mean, and what breaks the layout, at which byte and why. Personal data is masked unless asked
//! for. Reads no file and prints nothing; that is for whoever holds the bytes.

mod pieces;
mod ruler;
mod table;

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use crate::kind::Kind;
use crate::layout::Layout;
use crate::malformed::Malformed;
use crate::profile::{Profile, Reading};
use crate::record::Record;
use pieces::{HalfByte, Piece, Pieces};
use ruler::Mark;

/// A described input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The page, many lines.
    pub text: String,
    /// True when there was at least one telegram and each keeps to its layout.
    pub sound: bool,
}

/// Describes everything in an input: hex digits (white space and lines that begin with `#` do not
/// count) or bytes as they are, with length prefixes or without, one telegram or several.
pub fn page(profile: &Arc<Profile>, input: &[u8], reveal: bool) -> Page {
    let bytes = match pieces::bytes_of(profile, input) {
        Ok(bytes) => bytes,
        Err(HalfByte(digits)) => {
            let text = format!("the input is {digits} hex digits, and bytes need an even number\n");
            return Page { text, sound: false };
        }
    };
    let Pieces { found, broken } = pieces::cut(profile, &bytes);
    let mut page = Page {
        text: String::new(),
        sound: !found.is_empty() && broken.is_none(),
    };
    for (index, piece) in found.iter().enumerate() {
        let title = format!("telegram {} of {}", index + 1, found.len());
        let told = telegram(profile, piece, reveal);
        let at = piece.at;
        page.line(&format!(
            "{title}: {}, {} bytes from byte {at}",
            told.what,
            piece.bytes.len()
        ));
        page.text.push_str(&told.body);
        page.line("");
        page.sound &= told.sound;
    }
    match broken {
        Some((at, error)) => page.line(&format!("no telegram from byte {at}: {error}")),
        None if found.is_empty() => page.line("nothing there: the input is empty"),
        None => {}
    }
    page
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// What is told of one telegram.
struct Told {
    what: String,
    body: String,
    sound: bool,
}

fn telegram(profile: &Arc<Profile>, piece: &Piece<'_>, reveal: bool) -> Told {
    let bytes = Bytes::copy_from_slice(piece.bytes);
    match profile.read(bytes) {
        Reading::Request(record) | Reading::Reply(record) => known(&record, reveal),
        Reading::Poll { .. } => poll(piece.bytes),
        Reading::WrongLength { kind, why, .. } => {
            let layout = profile.layout(kind);
            let what = named(profile, kind, "request of a wrong length");
            unsure(profile, layout, piece.bytes, what, &why, reveal)
        }
        Reading::Unknown { why, .. } => {
            let what = "of no known kind".to_owned();
            unsure(
                profile,
                profile.layouts.first(),
                piece.bytes,
                what,
                &why,
                reveal,
            )
        }
        Reading::Stray(why) => {
            let what = "an answer that fits no kind".to_owned();
            unsure(
                profile,
                profile.layouts.first(),
                piece.bytes,
                what,
                &why,
                reveal,
            )
        }
        Reading::Unanswerable(why) => {
            let what = "no telegram of this layout".to_owned();
            unsure(profile, None, piece.bytes, what, &why, reveal)
        }
    }
}

/// `deposit 입금, request`.
fn named(profile: &Profile, kind: Kind, what: &str) -> String {
    format!(
        "{kind} {}, {what}",
        profile.korean(kind).unwrap_or_default()
    )
}

fn poll(bytes: &[u8]) -> Told {
    let body = format!("  {}\n", String::from_utf8_lossy(bytes));
    Told {
        what: "a poll frame".to_owned(),
        body,
        sound: true,
    }
}

/// A telegram of a known kind and the right length.
fn known(record: &Record, reveal: bool) -> Told {
    let way = if record.is_reply() {
        "reply"
    } else {
        "request"
    };
    let flaws = record.flaws();
    let marks: Vec<Mark> = flaws.iter().map(|(flaw, _)| mark(record, flaw)).collect();
    let layout = record.layout();
    let mut body = ruler::draw(layout, record.bytes(), layout.size, &marks, reveal);
    body.push_str(&table::draw(
        record.profile(),
        layout,
        record.bytes(),
        layout.size,
        reveal,
    ));
    let refused = flaws.iter().any(|(_, refused)| *refused);
    body.push_str(if flaws.is_empty() {
        "\n  keeps to the layout\n"
    } else {
        "\n"
    });
    for (flaw, refused) in &flaws {
        let weight = if *refused {
            "breaks the layout"
        } else {
            "noted, not refused"
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            body,
            "  {weight}: {flaw}{}",
            byte_at(record.bytes(), flaw, layout)
        );
    }
    let what = named(record.profile(), record.kind(), way);
    Told {
        what,
        body,
        sound: !refused,
    }
}

/// The whole field that a flaw is in.
fn mark(record: &Record, flaw: &Malformed) -> Mark {
    let row = record
        .layout()
        .rows
        .iter()
        .find(|row| row.slot.range().contains(&flaw.at));
    Mark {
        at: flaw.at,
        field: row.map_or(flaw.at..flaw.at + 1, |row| row.slot.range()),
    }
}

/// The byte that breaks a field, where it may be shown.
fn byte_at(bytes: &[u8], flaw: &Malformed, layout: &Layout) -> String {
    let row = layout
        .rows
        .iter()
        .find(|row| row.slot.range().contains(&flaw.at));
    let open = row.is_some_and(|row| row.personal.is_none());
    match bytes.get(flaw.at) {
        Some(byte) if open => format!(" (there is 0x{byte:02X})"),
        _ => String::new(),
    }
}

/// Bytes whose layout is not sure: only the header is trusted, and the rest may be anybody's name.
fn unsure(
    profile: &Profile,
    layout: Option<&Layout>,
    bytes: &[u8],
    what: String,
    why: &Malformed,
    reveal: bool,
) -> Told {
    let blank = profile.layouts.first();
    let trusted = if layout.is_some() {
        profile.header_size.min(bytes.len())
    } else {
        0
    };
    let mut body = String::new();
    if let Some(layout) = layout.or(blank) {
        let marks = [Mark {
            at: why.at,
            field: why.at..why.at + 1,
        }];
        body.push_str(&ruler::draw(layout, bytes, trusted, &marks, reveal));
        body.push_str(&table::draw(profile, layout, bytes, trusted, reveal));
    }
    // Writing to a string cannot fail.
    let _ = writeln!(body, "\n  breaks the layout: {why}");
    if !reveal && trusted < bytes.len() {
        let _ = writeln!(
            body,
            "  bytes from {trusted} are hidden: where nothing stands for sure"
        );
    }
    Told {
        what,
        body,
        sound: false,
    }
}
