//! A CSV list, line by line. Every line stands alone: a quote that is left open spoils its own
//! line and no other, and no line, however long, is held whole. A field cannot hold a line end;
//! no column of ours wants one.

use std::io::{self, BufRead, Read as _};

use csv::ByteRecord;
use csv_core::{ReadRecordResult, Reader};

use super::rows::Reject;
use crate::limits;

/// What is wrong with a line that has a carriage return inside.
pub(super) const LONE_RETURN: &str = "the row has a carriage return inside; lines must end with a \
                                      line feed (a spreadsheet calls it CSV UTF-8, not Macintosh)";

/// The lines of a list.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    bytes: u64,
    line: Vec<u8>,
    splitter: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`.
    pub(super) fn new(input: R) -> Self {
        Lines {
            input,
            number: 0,
            bytes: 0,
            line: Vec::new(),
            splitter: Reader::new(),
            text: vec![0; limits::IMPORT_LINE_BYTES_MAX + 1],
            ends: vec![0; limits::IMPORT_COLUMNS_MAX],
        }
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The number of the line that was read last.
    pub(super) fn line(&self) -> u64 {
        self.number
    }

    /// Reads the next line that is not blank into `row` and gives its number, counted from 1;
    /// a line that is no row gives the reason beside it. None at the end.
    pub(super) fn next(
        &mut self,
        row: &mut ByteRecord,
    ) -> io::Result<Option<(u64, Result<(), Reject>)>> {
        if !self.next_line()? {
            return Ok(None);
        }
        Ok(Some((self.number, self.split(row))))
    }

    /// Brings the next line that is not blank into `line`; false at the end.
    fn next_line(&mut self) -> io::Result<bool> {
        loop {
            self.line.clear();
            let most = limits::IMPORT_LINE_BYTES_MAX as u64 + 1;
            let mut start = self.input.by_ref().take(most);
            let read = start.read_until(b'\n', &mut self.line)? as u64;
            self.bytes += read;
            self.number += 1;
            if read == most && !self.line.ends_with(b"\n") {
                self.bytes += self.input.skip_until(b'\n')? as u64;
            }
            if read == 0 || !self.line.iter().all(u8::is_ascii_whitespace) {
                return Ok(read > 0);
            }
        }
    }

    fn split(&mut self, row: &mut ByteRecord) -> Result<(), Reject> {
        row.clear();
        if self.line.len() > limits::IMPORT_LINE_BYTES_MAX {
            let most = limits::IMPORT_LINE_BYTES_MAX;
            return Err(Reject(format!("the row has more than {most} bytes")));
        }
        let fields = self.fields()?;
        let mut start = 0;
        for end in &self.ends[..fields] {
            row.push_field(&self.text[start..*end]);
            start = *end;
        }
        Ok(())
    }

    /// Takes the line apart into `text` and `ends`; the number of its fields.
    fn fields(&mut self) -> Result<usize, Reject> {
        let line = self.line.trim_ascii_end();
        self.splitter.reset();
        let (mut read, mut written, mut fields) = (0, 0, 0);
        loop {
            // Behind the line's own text comes a line end, which ends nothing inside a quote.
            let ended = read >= line.len();
            let input = if ended { b"\n" } else { &line[read..] };
            let (result, used, out, ends) = self.splitter.read_record(
                input,
                &mut self.text[written..],
                &mut self.ends[fields..],
            );
            (read, written, fields) = (read + used, written + out, fields + ends);
            match result {
                // A row that ends before its line does was ended by a carriage return alone; what
                // stands behind it must not be lost without a word.
                ReadRecordResult::Record if read < line.len() => {
                    return Err(Reject(LONE_RETURN.to_owned()));
                }
                ReadRecordResult::Record => return Ok(fields),
                ReadRecordResult::InputEmpty if ended => {
                    return Err(Reject("the row has a quote that is not closed".to_owned()));
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull
                | ReadRecordResult::OutputEndsFull
                | ReadRecordResult::End => {
                    return Err(Reject("the row has more fields than any list".to_owned()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line by its number: its fields, or what is wrong with it.
    fn read(text: impl AsRef<[u8]>) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut lines = Lines::new(text.as_ref());
        let (mut found, mut row) = (Vec::new(), ByteRecord::new());
        while let Some((number, fate)) = lines.next(&mut row).unwrap() {
            let fields = row
                .iter()
                .map(|field| String::from_utf8_lossy(field).into_owned());
            found.push((
                number,
                fate.map(|()| fields.collect()).map_err(|Reject(why)| why),
            ));
        }
        assert_eq!(lines.bytes(), text.as_ref().len() as u64);
        found
    }

    #[test]
    fn quotes_hold_commas_and_quotes_and_end_with_their_line() {
        let found = read("a,\"b, c\",\"d\"\"e\"\r\n1,\"open\n2,x,\"\"\nlast,\"y\"");
        assert_eq!(
            found[0],
            (1, Ok(vec!["a".into(), "b, c".into(), "d\"e".into()]))
        );
        assert_eq!(
            found[1],
            (2, Err("the row has a quote that is not closed".into()))
        );
        assert_eq!(
            found[2],
            (3, Ok(vec!["2".into(), "x".into(), String::new()]))
        );
        assert_eq!(found[3], (4, Ok(vec!["last".into(), "y".into()])));
    }

    #[test]
    fn a_carriage_return_inside_a_line_spoils_it_and_loses_nothing_in_silence() {
        let found = read("a,b\rc,d\n\re,f\r\ng,h\r\r\n");
        assert_eq!(found[0], (1, Err(LONE_RETURN.into())));
        assert_eq!(found[1], (2, Ok(vec!["e".into(), "f".into()])));
        assert_eq!(found[2], (3, Ok(vec!["g".into(), "h".into()])));
        assert_eq!(read("a,b\rc,d\r"), [(1, Err(LONE_RETURN.into()))]);
    }

    #[test]
    fn a_line_too_long_or_too_wide_harms_no_other() {
        let (long, wide) = ("x".repeat(100_000), ",".repeat(limits::IMPORT_COLUMNS_MAX));
        let found = read(format!("{long}\n\n  \r\n{wide}\nfine\n{long}"));
        let numbers: Vec<u64> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 4, 5, 6]);
        assert_eq!(found[0].1, Err("the row has more than 4096 bytes".into()));
        assert_eq!(
            found[1].1,
            Err("the row has more fields than any list".into())
        );
        assert_eq!(found[2].1, Ok(vec!["fine".into()]));
        assert!(found[3].1.is_err());
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_field() {
        assert_eq!(
            read("\u{feff}\"a\",b\n")[0].1,
            Ok(vec!["a".into(), "b".into()])
        );
        assert_eq!(read(""), []);
    }
}
