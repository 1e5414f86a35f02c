//! How a record's text lies in its row: as it is, or packed.
//!
//! The chain is over the text, so packing is nobody's business but the disk's. It matters all the
//! same: the engine's bookkeeping per commit grows with the file, and a list of accounts repeats
//! its words thousands of times. A packed text begins with a byte that no JSON text begins with.

use std::borrow::Cow;

use crate::limits;

/// A text packed as one LZ4 block, its length before it.
const PACKED: u8 = 1;

/// Appends `text` to `row`, packed where that saves enough to be worth the work.
pub(super) fn write(text: &[u8], row: &mut Vec<u8>) {
    let worth_it = (limits::JOURNAL_PACKED_FROM_BYTES..=limits::JOURNAL_PACKED_BYTES_MAX)
        .contains(&text.len());
    if worth_it {
        let packed = lz4_flex::block::compress_prepend_size(text);
        if packed.len() < text.len() {
            row.push(PACKED);
            row.extend_from_slice(&packed);
            return;
        }
    }
    row.extend_from_slice(text);
}

/// The text in `stored`; `None` where it is packed and cannot be unpacked.
pub(super) fn read(stored: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some((&PACKED, packed)) = stored.split_first() else {
        return Some(Cow::Borrowed(stored));
    };
    let (length, block) = lz4_flex::block::uncompressed_size(packed).ok()?;
    // A damaged length must not ask for all the memory there is.
    if length > limits::JOURNAL_PACKED_BYTES_MAX {
        return None;
    }
    lz4_flex::block::decompress(block, length)
        .ok()
        .map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &[u8]) -> Vec<u8> {
        let mut row = Vec::new();
        write(text, &mut row);
        row
    }

    #[test]
    fn what_repeats_is_packed_and_comes_back_whole() {
        let text = br#"{"events":["deposit"]}"#.repeat(1_000);
        let row = stored(&text);
        assert!(row.len() < text.len() / 10, "{} bytes", row.len());
        assert_eq!(read(&row).as_deref(), Some(text.as_slice()));
    }

    #[test]
    fn short_texts_stay_as_they_are() {
        let text = br#"{"events":[]}"#;
        assert_eq!(stored(text), text);
        assert_eq!(read(text).as_deref(), Some(text.as_slice()));
    }

    #[test]
    fn damage_is_no_text_and_asks_for_no_memory() {
        let mut row = stored(&br#"{"events":["deposit"]}"#.repeat(1_000));
        row.truncate(row.len() - 1);
        assert_eq!(read(&row), None);
        assert_eq!(read(&[PACKED]), None);
        assert_eq!(read(&[PACKED, 0xff, 0xff, 0xff, 0xff, 0x10, b'{']), None);
    }
}
