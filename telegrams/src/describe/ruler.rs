//! The bytes on a ruler, fifty to a line, with what is personal masked and what is wrong marked.

use std::fmt::Write as _;
use std::ops::Range;

use crate::charset;
use crate::layout::{Layout, Need, Personal};
use crate::picture::Picture;

/// Bytes on one line.
const PER_LINE: usize = 50;

/// Something wrong: the byte, and the field in which it is.
pub(super) struct Mark {
    pub(super) at: usize,
    pub(super) field: Range<usize>,
}

/// One byte as it is drawn. A syllable is drawn on its first byte, two columns wide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// A character of one column.
    Narrow(char),
    /// A character of two columns; the next cell is its second half.
    Wide(char),
    /// The second half of a wide character.
    Half,
}

/// What stands for a byte that is no character where it is.
const NO_CHARACTER: char = '▒';
/// What stands for a space.
const SPACE: char = '·';
/// What stands for a byte that is nobody's business.
const MASK: char = '*';

/// Draws the bytes. Only the first `trusted` are where the layout says; of the others nothing is
/// known, so they are masked whole.
pub(super) fn draw(
    layout: &Layout,
    bytes: &[u8],
    trusted: usize,
    marks: &[Mark],
    reveal: bool,
) -> String {
    let cells = cells(layout, bytes, trusted, reveal);
    let mut page = String::new();
    for (index, line) in cells.chunks(PER_LINE).enumerate() {
        let start = index * PER_LINE;
        let tens = (0..line.len().div_ceil(10)).map(|ten| format!("|{:<9}", start + ten * 10));
        let pictures: String = line
            .iter()
            .enumerate()
            .map(|(at, cell)| drawn(*cell, at))
            .collect();
        let _ = writeln!(page, "         {}", tens.collect::<String>().trim_end());
        let _ = writeln!(page, "  {start:>5}  {pictures}");
        let under: String = (start..start + line.len())
            .map(|at| under(at, marks))
            .collect();
        if !under.trim().is_empty() {
            let _ = writeln!(page, "         {}", under.trim_end());
        }
    }
    page
}

/// A wide character that begins in the last column, or ends in the first, has only half its room.
fn drawn(cell: Cell, column: usize) -> String {
    match cell {
        Cell::Wide(_) if column + 1 == PER_LINE => "‹".to_owned(),
        Cell::Narrow(one) | Cell::Wide(one) => one.to_string(),
        Cell::Half if column == 0 => "›".to_owned(),
        Cell::Half => String::new(),
    }
}

fn under(at: usize, marks: &[Mark]) -> char {
    if marks.iter().any(|mark| mark.at == at) {
        '^'
    } else if marks.iter().any(|mark| mark.field.contains(&at)) {
        '~'
    } else {
        ' '
    }
}

fn cells(layout: &Layout, bytes: &[u8], trusted: usize, reveal: bool) -> Vec<Cell> {
    let mut cells: Vec<Cell> = bytes.iter().map(|byte| narrow(*byte)).collect();
    for row in &layout.rows {
        let range = row.slot.range();
        let Some(field) = bytes.get(range.clone()).filter(|_| range.end <= trusted) else {
            continue;
        };
        if row.slot.picture == Picture::Hangul {
            cells[range.clone()].copy_from_slice(&hangul(field));
        }
        // What stands in a filler is nobody knows what, so it is masked whole.
        let personal = row
            .personal
            .or((row.slot.need == Need::Filler).then_some(Personal::Number));
        if let Some(personal) = personal.filter(|_| !reveal) {
            mask(&mut cells[range], personal);
        }
    }
    if !reveal {
        for cell in cells.iter_mut().skip(trusted) {
            *cell = Cell::Narrow(MASK);
        }
    }
    cells
}

fn narrow(byte: u8) -> Cell {
    Cell::Narrow(match byte {
        b' ' => SPACE,
        0x21..=0x7E => char::from(byte),
        _ => NO_CHARACTER,
    })
}

/// The characters of a Korean field on the bytes that they take.
fn hangul(field: &[u8]) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(field.len());
    for one in charset::characters(field) {
        match one {
            (_, [byte]) => cells.push(narrow(*byte)),
            (Some(character), both) => {
                cells.push(Cell::Wide(character));
                cells.extend(both.iter().skip(1).map(|_| Cell::Half));
            }
            (None, bytes) => cells.extend(bytes.iter().map(|_| Cell::Narrow(NO_CHARACTER))),
        }
    }
    cells
}

/// Masks the characters of a field, all but those that may be seen.
fn mask(cells: &mut [Cell], personal: Personal) {
    let written = |cell: &Cell| !matches!(cell, Cell::Narrow(SPACE) | Cell::Half);
    let places: Vec<usize> = (0..cells.len()).filter(|at| written(&cells[*at])).collect();
    let count = places.len();
    for (nth, at) in places.iter().enumerate() {
        let open = match personal {
            Personal::Account => count > 5 && (nth < 3 || nth + 2 >= count),
            Personal::Name => nth == 0 && count > 1 || count > 2 && nth + 1 == count,
            Personal::Number => false,
        };
        if !open {
            cells[*at] = Cell::Narrow(MASK);
            if let Some(half) = cells.get_mut(at + 1).filter(|next| **next == Cell::Half) {
                *half = Cell::Narrow(MASK);
            }
        }
    }
}
