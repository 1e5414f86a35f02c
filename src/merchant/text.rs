//! Texts that people type: composed as telegrams are, and without characters that nobody can see.

use unicode_normalization::UnicodeNormalization;

/// The text composed (NFC), so that it can meet the names in telegrams; its ends trimmed.
pub fn composed(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Whether a text holds no control characters and none of the marks that turn, isolate or hide
/// the text around them.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(|letter| {
        letter.is_control()
            || matches!(letter,
                '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_hangul_is_composed() {
        assert_eq!(composed(" \u{1112}\u{1169}\u{11bc}길동 "), "홍길동");
    }

    #[test]
    fn what_nobody_can_see_is_not_plain() {
        assert!(is_plain("홍길동 (주)=1+1<b>"));
        for hidden in [
            "a\u{0}",
            "a\nb",
            "\u{202e}동길홍",
            "a\u{200b}b",
            "\u{feff}a",
        ] {
            assert!(!is_plain(hidden), "{hidden:?}");
        }
    }
}
