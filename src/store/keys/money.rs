//! Keys of orders, accounts' lists and the history.

use super::{TableKey, read_text, take, write_text};
use crate::domain::{AccountNo, MerchantId, OrderNumber, Shelf, Timestamp, Waiting, Won, name};

impl TableKey for OrderNumber {
    /// An order number holds no control character, so that the nought can end it.
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.as_str(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        OrderNumber::new(&read_text(from)?)
    }
}

impl TableKey for AccountNo {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.as_str(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        AccountNo::new(&read_text(from)?)
    }
}

/// A line of the index of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NameKey {
    pub(crate) merchant: MerchantId,
    pub(crate) folded: String,
    pub(crate) amount: Won,
    pub(crate) shelf: Shelf,
    pub(crate) ordered_at: Timestamp,
    pub(crate) position: u64,
    pub(crate) number: OrderNumber,
}

impl NameKey {
    /// The key of a line.
    pub(crate) fn of(merchant: &MerchantId, line: &Waiting) -> Self {
        NameKey {
            merchant: merchant.clone(),
            folded: name::folded_name(&line.name),
            amount: line.amount,
            shelf: line.shelf,
            ordered_at: line.ordered_at,
            position: line.position,
            number: line.number.clone(),
        }
    }

    /// What the keys of names that begin with `folded` begin with.
    pub(crate) fn beginning(merchant: &MerchantId, folded: &str) -> Vec<u8> {
        let mut out = merchant.bytes();
        out.extend_from_slice(folded.as_bytes());
        out
    }

    /// What the keys of one name begin with.
    pub(crate) fn name(merchant: &MerchantId, folded: &str) -> Vec<u8> {
        let mut out = merchant.bytes();
        write_text(folded, &mut out);
        out
    }

    /// What the keys of one name, amount and shelf begin with.
    pub(crate) fn shelf(merchant: &MerchantId, folded: &str, amount: Won, shelf: Shelf) -> Vec<u8> {
        let mut out = NameKey::name(merchant, folded);
        amount.write(&mut out);
        shelf.write(&mut out);
        out
    }
}

impl TableKey for NameKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.merchant.write(out);
        write_text(&self.folded, out);
        self.amount.write(out);
        self.shelf.write(out);
        self.ordered_at.write(out);
        self.position.write(out);
        self.number.write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(NameKey {
            merchant: MerchantId::read(from)?,
            folded: read_text(from)?,
            amount: Won::read(from)?,
            shelf: Shelf::read(from)?,
            ordered_at: Timestamp::read(from)?,
            position: u64::read(from)?,
            number: OrderNumber::read(from)?,
        })
    }
}

impl TableKey for Shelf {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Shelf::Open => 0,
            Shelf::Expired => 1,
            Shelf::Excluded => 2,
            Shelf::Matched => 3,
        });
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [0] => Some(Shelf::Open),
            [1] => Some(Shelf::Expired),
            [2] => Some(Shelf::Excluded),
            [3] => Some(Shelf::Matched),
            _ => None,
        }
    }
}

/// A deposit that met no order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnmetKey {
    pub(crate) merchant: MerchantId,
    pub(crate) folded: String,
    pub(crate) amount: Won,
    pub(crate) position: u64,
}

impl UnmetKey {
    /// What the keys of one name and amount begin with.
    pub(crate) fn same(merchant: &MerchantId, folded: &str, amount: Won) -> Vec<u8> {
        let mut out = NameKey::name(merchant, folded);
        amount.write(&mut out);
        out
    }
}

impl TableKey for UnmetKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.merchant.write(out);
        write_text(&self.folded, out);
        self.amount.write(out);
        self.position.write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(UnmetKey {
            merchant: MerchantId::read(from)?,
            folded: read_text(from)?,
            amount: Won::read(from)?,
            position: u64::read(from)?,
        })
    }
}

/// A merchant's own user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UserKey {
    pub(crate) merchant: MerchantId,
    pub(crate) user: String,
}

impl TableKey for UserKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.merchant.write(out);
        super::write_bytes(self.user.as_bytes(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let merchant = MerchantId::read(from)?;
        let user = std::str::from_utf8(super::read_bytes(from)?)
            .ok()?
            .to_owned();
        Some(UserKey { merchant, user })
    }
}

/// Whom a record concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// Nobody that we know: money for an account that was never issued.
    Nobody,
    /// Everyone together; for counts alone.
    Everyone,
    /// A merchant.
    Merchant(MerchantId),
}

impl TableKey for Whose {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Whose::Nobody => write_text("", out),
            // No merchant's id has a star.
            Whose::Everyone => write_text("*", out),
            Whose::Merchant(merchant) => merchant.write(out),
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match read_text(from)?.as_str() {
            "" => Some(Whose::Nobody),
            "*" => Some(Whose::Everyone),
            id => MerchantId::new(id).map(Whose::Merchant),
        }
    }
}

/// How a record concerns somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    /// A deposit was booked.
    Deposit,
    /// A deposit was corrected.
    Correction,
    /// An order was taken in.
    Order,
    /// Something else became of an order, or of a deposit's money.
    Change,
    /// An account was issued or closed.
    Account,
    /// The booking of a deposit whose money is parked now.
    Pending,
    /// The booking of a deposit that is corrected now.
    Cancelled,
}

impl Tag {
    /// Tags whose records tell something, as opposed to those that only list deposits again.
    pub const HAPPENINGS: [Tag; 5] = [
        Tag::Deposit,
        Tag::Correction,
        Tag::Order,
        Tag::Change,
        Tag::Account,
    ];
}

impl TableKey for Tag {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Tag::Deposit => 1,
            Tag::Correction => 2,
            Tag::Order => 3,
            Tag::Change => 4,
            Tag::Account => 5,
            Tag::Pending => 6,
            Tag::Cancelled => 7,
        });
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [1] => Some(Tag::Deposit),
            [2] => Some(Tag::Correction),
            [3] => Some(Tag::Order),
            [4] => Some(Tag::Change),
            [5] => Some(Tag::Account),
            [6] => Some(Tag::Pending),
            [7] => Some(Tag::Cancelled),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name_key() -> impl Strategy<Value = NameKey> {
        let text = "[가-힣A-Z(]{0,4}";
        (text, 0u64..3, 0i64..3, 0u64..3, "[0-9가-힣 -]{1,5}[0-9]").prop_map(
            |(folded, amount, at, position, number)| NameKey {
                merchant: MerchantId::new("shop").unwrap(),
                folded,
                amount: Won::new(amount),
                shelf: Shelf::Open,
                ordered_at: Timestamp::from_micros(at),
                position,
                number: OrderNumber::new(&number).unwrap(),
            },
        )
    }

    proptest! {
        #[test]
        fn lines_are_read_back_and_sort_as_they_should(one in name_key(), other in name_key()) {
            prop_assert_eq!(NameKey::read(&mut one.bytes().as_slice()), Some(one.clone()));
            prop_assert_eq!(one.bytes().cmp(&other.bytes()), one.cmp(&other));
        }

        #[test]
        fn junk_is_no_key(junk in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = NameKey::read(&mut junk.as_slice());
            let _ = UnmetKey::read(&mut junk.as_slice());
            let _ = UserKey::read(&mut junk.as_slice());
            let _ = <(Whose, (Tag, u64))>::read(&mut junk.as_slice());
        }
    }

    #[test]
    fn everyone_and_nobody_are_no_merchants() {
        for whose in [Whose::Nobody, Whose::Everyone] {
            assert_eq!(Whose::read(&mut whose.bytes().as_slice()), Some(whose));
        }
        for text in ["", "*"] {
            assert_eq!(MerchantId::new(text), None);
        }
    }
}
