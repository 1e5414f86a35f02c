//! One macro for the crate's closed vocabularies (kinds, fields, answers).
//!
//! Each vocabulary is an enum whose words are also written in layout files, so every variant
//! carries its one written name. This module knows no particular word.

/// Declares a closed enum whose variants have one written name each.
macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// How many words there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The written name, `snake_case`, as it stands in layouts, logs and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The word with this written name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.name())
            }
        }
    };
}
pub(crate) use vocabulary;

/// The written name nearest to a misspelt one, where one is near enough to be worth saying.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_word_is_named_and_a_far_one_is_not() {
        let known = ["amount", "account_no", "trade_date"];
        assert_eq!(nearest("amuont", known.into_iter()), Some("amount"));
        assert_eq!(nearest("zzz", known.into_iter()), None);
    }
}
