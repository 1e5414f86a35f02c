//! Hides personal data in what people read: logs, tables, errors. Knows no fields.

/// An account number with only its first three and last two characters left.
///
/// Numbers of five characters or fewer are hidden whole.
pub fn account(number: &str) -> String {
    let length = number.chars().count();
    number
        .chars()
        .enumerate()
        .map(|(at, one)| {
            if length > 5 && (at < 3 || at + 2 >= length) {
                one
            } else {
                '*'
            }
        })
        .collect()
}

/// A name with only its first and last character left: `홍*동`, `홍*`, `*`.
pub fn name(name: &str) -> String {
    let length = name.chars().count();
    name.chars()
        .enumerate()
        .map(|(at, one)| match at {
            0 if length > 1 => one,
            _ if length > 2 && at + 1 == length => one,
            _ => '*',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_keep_three_and_two() {
        assert_eq!(account("56211024649265"), "562*********65");
        assert_eq!(account("123456"), "123*56");
        assert_eq!(account("12345"), "*****");
        assert_eq!(account(""), "");
    }

    #[test]
    fn names_keep_their_ends() {
        assert_eq!(name("홍길동"), "홍*동");
        assert_eq!(name("남궁민수"), "남**수");
        assert_eq!(name("홍길"), "홍*");
        assert_eq!(name("홍"), "*");
        assert_eq!(name(""), "");
    }
}
