//! When two names are the same name (merchant-faces 1.7-6).
//!
//! Full-width forms become ASCII, ends are trimmed, inner spaces do not count, case does. Names
//! from telegrams are composed (NFC) by their charset; names that people type are composed by
//! the face that takes them in.

/// Whether a payer's name and the name a rule asks for are the same.
pub fn same_name(told: &str, asked: &str) -> bool {
    folded_letters(told).eq(folded_letters(asked))
}

/// Whether a name that fills its field is the beginning of a longer one. Nothing begins no name.
pub fn begins_name(told: &str, whole: &str) -> bool {
    let told = folded_name(told);
    !told.is_empty() && folded_name(whole).starts_with(&told)
}

/// A name as indexes keep it: narrow, without spaces and control characters.
pub fn folded_name(name: &str) -> String {
    folded_letters(name).collect()
}

/// A name with its inner spaces, each as one: narrow and trimmed.
pub fn spaced_name(name: &str) -> String {
    let narrowed: String = name
        .chars()
        .map(narrow)
        .filter(|letter| letter.is_whitespace() || !letter.is_control())
        .collect();
    narrowed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn folded_letters(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .map(narrow)
        .filter(|letter| !letter.is_whitespace() && !letter.is_control())
}

/// The ASCII letter behind a full-width one (U+FF01–FF5E, U+3000).
fn narrow(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xff01 + 0x21).unwrap_or(letter)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{begins_name, folded_name, same_name, spaced_name};

    #[test]
    fn width_and_spaces_do_not_matter_but_case_does() {
        assert!(same_name("홍길동", " 홍 길동 "));
        assert!(same_name("ＫＩＭ　Ａ", "KIM A"));
        assert!(!same_name("kim", "KIM"));
        assert!(!same_name("홍길동", "홍길순"));
    }

    #[test]
    fn a_beginning_is_folded_like_a_name_and_is_something() {
        assert!(begins_name("나루 전자", "나루전자상거래"));
        assert!(begins_name("ＫＩＭ", "KIM A"));
        assert!(!begins_name("나루전자상거래", "나루전자"));
        assert!(!begins_name("", "나루"));
        assert!(!begins_name(" \u{3000}", "나루"));
    }

    #[test]
    fn an_index_keeps_names_folded() {
        assert_eq!(folded_name("　홍 길동\u{0}\t"), "홍길동");
        assert_eq!(folded_name("（주）나루"), "(주)나루");
        assert_eq!(spaced_name("  KIM \u{3000} A "), "KIM A");
        assert_eq!(folded_name(" \u{1}"), "");
    }
}
