//! Depositor codes: a name to print that belongs to one order alone, with a check character, so
//! that a mistyped one is known to be mistyped.

/// Letters and digits that no hand writes one for the other; 31 of them, a prime number, so that
/// the check finds every wrong character and every two that changed places.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKLMNPQRSTUVWXY";
/// Characters of a code, the last of which is the check.
const CODE_CHARACTERS: usize = 7;

/// The code that `dice` give; other dice give another one, with luck.
pub fn minted(dice: u64) -> String {
    let mut rest = dice;
    let mut digits: Vec<u64> = Vec::with_capacity(CODE_CHARACTERS);
    for _ in 1..CODE_CHARACTERS {
        digits.push(rest % 31);
        rest /= 31;
    }
    digits.push(check(&digits));
    digits.into_iter().map(letter).collect()
}

/// Whether `text` is a code that was written down rightly; none where it is no code at all.
pub fn is_right(text: &str) -> Option<bool> {
    if text.len() != CODE_CHARACTERS {
        return None;
    }
    let digits: Option<Vec<u64>> = text.bytes().map(digit).collect();
    let digits = digits?;
    let (last, body) = digits.split_last()?;
    Some(check(body) == *last)
}

/// Weighted sum modulo 31; the weights are all different and none is nought.
fn check(digits: &[u64]) -> u64 {
    let weighted = (2..).zip(digits).map(|(weight, digit)| weight * digit);
    weighted.sum::<u64>() % 31
}

fn letter(digit: u64) -> char {
    let at = usize::try_from(digit).unwrap_or_default();
    ALPHABET.get(at).copied().map_or('2', char::from)
}

fn digit(letter: u8) -> Option<u64> {
    let at = ALPHABET.iter().position(|known| *known == letter)?;
    u64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, is_right, minted};

    #[test]
    fn every_slip_of_the_pen_is_found() {
        for dice in [0, 1, 12_345_678_901, u64::MAX] {
            let code = minted(dice);
            assert_eq!(is_right(&code), Some(true), "{code}");
            for at in 0..code.len() {
                for wrong in ALPHABET {
                    let mut bytes = code.clone().into_bytes();
                    if bytes[at] == *wrong {
                        continue;
                    }
                    bytes[at] = *wrong;
                    let slip = String::from_utf8(bytes).unwrap();
                    assert_eq!(is_right(&slip), Some(false), "{code} {slip}");
                }
            }
            for at in 1..code.len() - 1 {
                let mut bytes = code.clone().into_bytes();
                bytes.swap(at - 1, at);
                let slip = String::from_utf8(bytes).unwrap();
                assert_eq!(is_right(&slip), Some(slip == code), "{code} {slip}");
            }
        }
    }

    #[test]
    fn a_name_is_no_code() {
        for name in ["홍길동", "", "ABC", "KIM1234", "0000000"] {
            assert_eq!(is_right(name), None, "{name}");
        }
    }
}
