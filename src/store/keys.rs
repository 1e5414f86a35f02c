//! Keys as bytes, in the order in which they should be walked.
//!
//! Numbers are big-endian, texts end with a zero byte (no text of ours holds one), so that
//! comparing bytes compares the keys. The relay's key has its date before its bank: a day's rows
//! lie together, and new ones grow at the end of a few runs instead of all over the file.

mod money;
mod people;

pub(crate) use money::{NameKey, UnmetKey, UserKey};
pub use money::{Tag, Whose};
pub(crate) use people::SettingKey;

use crate::domain::{
    AccountKey, AccountNo, BankCode, BusinessDate, ExceptionKind, LedgerAccount, MerchantId,
    RelayKey, Timestamp, Won,
};

/// A key that can be written to bytes and read back.
pub(crate) trait TableKey: Sized {
    /// Appends the key to `out`.
    fn write(&self, out: &mut Vec<u8>);

    /// Takes the key from the front of `from`; `None` where the bytes are no such key.
    fn read(from: &mut &[u8]) -> Option<Self>;

    /// The key alone.
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(48);
        self.write(&mut out);
        out
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}

fn read_text(from: &mut &[u8]) -> Option<String> {
    let end = from.iter().position(|byte| *byte == 0)?;
    let text = std::str::from_utf8(&from[..end]).ok()?.to_owned();
    *from = &from[end + 1..];
    Some(text)
}

/// Bytes of any kind with their length before them, for texts that others write.
pub(crate) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Takes what [`write_bytes`] wrote.
pub(crate) fn read_bytes<'b>(from: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(u32::from_be_bytes(take(from)?)).ok()?;
    let (bytes, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(bytes)
}

pub(crate) fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*head)
}

impl TableKey for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_be_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        take(from).map(u64::from_be_bytes)
    }
}

impl TableKey for [u8; 32] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        take(from)
    }
}

impl TableKey for BankCode {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number().to_be_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        BankCode::new(u16::from_be_bytes(take(from)?))
    }
}

impl TableKey for BusinessDate {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number().to_be_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        BusinessDate::from_number(u32::from_be_bytes(take(from)?))
    }
}

impl TableKey for Timestamp {
    /// Flipping the sign bit makes the order of the bytes the order of the instants.
    fn write(&self, out: &mut Vec<u8>) {
        let shifted = self.as_micros().cast_unsigned() ^ (1 << 63);
        out.extend_from_slice(&shifted.to_be_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let shifted = u64::from_be_bytes(take(from)?);
        Some(Timestamp::from_micros((shifted ^ (1 << 63)).cast_signed()))
    }
}

impl TableKey for Won {
    fn write(&self, out: &mut Vec<u8>) {
        self.digits().write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        u64::read(from).map(Won::new)
    }
}

impl TableKey for MerchantId {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.as_str(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        MerchantId::new(&read_text(from)?)
    }
}

impl TableKey for AccountKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.bank.write(out);
        write_text(self.number.as_str(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let bank = BankCode::read(from)?;
        let number = AccountNo::new(&read_text(from)?)?;
        Some(AccountKey { bank, number })
    }
}

impl TableKey for RelayKey {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(&self.institution, out);
        self.trade_date.write(out);
        self.bank.write(out);
        write_text(&self.trace_no, out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let institution = read_text(from)?;
        let trade_date = BusinessDate::read(from)?;
        let bank = BankCode::read(from)?;
        let trace_no = read_text(from)?;
        Some(RelayKey {
            institution,
            bank,
            trade_date,
            trace_no,
        })
    }
}

impl TableKey for ExceptionKind {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            ExceptionKind::DepositKeyReused => 0,
            ExceptionKind::CorrectionKeyReused => 1,
            ExceptionKind::CorrectionAmountDiffers => 2,
            ExceptionKind::CorrectionWithoutDeposit => 3,
            ExceptionKind::TombstoneDiffers => 4,
        });
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [0] => Some(ExceptionKind::DepositKeyReused),
            [1] => Some(ExceptionKind::CorrectionKeyReused),
            [2] => Some(ExceptionKind::CorrectionAmountDiffers),
            [3] => Some(ExceptionKind::CorrectionWithoutDeposit),
            [4] => Some(ExceptionKind::TombstoneDiffers),
            _ => None,
        }
    }
}

impl TableKey for LedgerAccount {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            LedgerAccount::BankClearing(bank) => {
                out.push(0);
                bank.write(out);
            }
            LedgerAccount::MerchantPayable(merchant) => {
                out.push(1);
                merchant.write(out);
            }
            LedgerAccount::Suspense(bank) => {
                out.push(2);
                bank.write(out);
            }
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [0] => BankCode::read(from).map(LedgerAccount::BankClearing),
            [1] => MerchantId::read(from).map(LedgerAccount::MerchantPayable),
            [2] => BankCode::read(from).map(LedgerAccount::Suspense),
            _ => None,
        }
    }
}

impl<A: TableKey, B: TableKey> TableKey for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<A: TableKey, B: TableKey, C: TableKey, D: TableKey> TableKey for (A, B, C, D) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
        self.3.write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some((
            A::read(from)?,
            B::read(from)?,
            C::read(from)?,
            D::read(from)?,
        ))
    }
}

/// One bank's day: institution, date, bank; a day's banks lie together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayKey {
    /// Our institution code.
    pub institution: String,
    /// The business date.
    pub day: BusinessDate,
    /// The telegrams' bank, or all of them where a question was about all.
    pub bank: BankCode,
}

impl TableKey for DayKey {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(&self.institution, out);
        self.day.write(out);
        self.bank.write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let institution = read_text(from)?;
        let day = BusinessDate::read(from)?;
        let bank = BankCode::read(from)?;
        Some(DayKey {
            institution,
            day,
            bank,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DayKey, TableKey};
    use crate::domain::{AccountKey, AccountNo, BankCode, BusinessDate, RelayKey, Timestamp};

    fn relay_key() -> impl Strategy<Value = RelayKey> {
        (
            "[0-9A-Z]{0,8}",
            0u16..1000,
            20_200_101u32..20_200_131,
            "[ -~]{0,14}",
        )
            .prop_map(|(institution, bank, date, trace_no)| RelayKey {
                institution,
                bank: BankCode::new(bank).expect("a bank"),
                trade_date: BusinessDate::from_number(date).expect("a date"),
                trace_no,
            })
    }

    fn account_key() -> impl Strategy<Value = AccountKey> {
        (0u16..1000, "[ -~]{1,16}").prop_map(|(bank, number)| AccountKey {
            bank: BankCode::new(bank).expect("a bank"),
            number: AccountNo::new(&number).expect("a number"),
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(relay in relay_key(), account in account_key()) {
            let key = (account, relay);
            prop_assert_eq!(TableKey::read(&mut key.bytes().as_slice()), Some(key));
        }

        #[test]
        fn bytes_sort_as_accounts_do(one in account_key(), other in account_key()) {
            prop_assert_eq!(one.bytes().cmp(&other.bytes()), one.cmp(&other));
        }

        #[test]
        fn bytes_sort_as_instants_do(one in any::<i64>(), other in any::<i64>()) {
            let (one, other) = (Timestamp::from_micros(one), Timestamp::from_micros(other));
            prop_assert_eq!(one.bytes().cmp(&other.bytes()), one.cmp(&other));
        }

        #[test]
        fn junk_is_no_key(junk in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = RelayKey::read(&mut junk.as_slice());
            let _ = DayKey::read(&mut junk.as_slice());
            let _ = <(AccountKey, RelayKey)>::read(&mut junk.as_slice());
        }
    }
}
