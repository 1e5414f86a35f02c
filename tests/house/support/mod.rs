//! What every test of the house needs.

mod gate;
mod gateway;
pub(crate) mod http;
pub(crate) mod log;
pub(crate) mod post;
pub(crate) mod receiver;
mod relay;
pub(crate) mod shop;
mod telegram;

pub(crate) use gateway::{Gateway, eventually};
pub(crate) use relay::Relay;
pub(crate) use telegram::{
    Telegram, aggregate, check, correction, deposit, line_test, lookup, network,
};

/// Our institution code.
pub(crate) const US: &str = "30000003";
/// The business date of the tests.
pub(crate) const DAY: &str = "20260302";
/// An account that takes any number of deposits of any amount.
pub(crate) const FIXED: &str = "56211024649265";
/// A second one.
pub(crate) const FIXED_TOO: &str = "56211024649272";
/// An account that its first deposit uses up.
pub(crate) const ONE_TIME: &str = "56211024649289";
/// The payee's name of [`FIXED`] in CP949.
pub(crate) const PAYEE: &[u8] = b"\xb3\xaa\xb7\xe7\xbb\xf3\xc1\xa1";
