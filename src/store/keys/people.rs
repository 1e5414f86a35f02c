//! Keys of the tables about people, their sessions, merchants' keys and settings.

use super::{TableKey, read_text, take, write_text};
use crate::domain::{FamilyId, KeyHash, KeyKind, UserId};

impl TableKey for UserId {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.as_str(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        UserId::new(&read_text(from)?)
    }
}

impl TableKey for KeyHash {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        take(from).map(KeyHash::new)
    }
}

impl TableKey for FamilyId {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        take(from).map(FamilyId::new)
    }
}

/// The numbers never change once data exists.
const KINDS: [KeyKind; 10] = [
    KeyKind::PayactionApi,
    KeyKind::PayactionWebhook,
    KeyKind::EzpgMeky,
    KeyKind::IpayApi,
    KeyKind::IpaySecret,
    KeyKind::IpayPublishable,
    KeyKind::IpayWebhook,
    KeyKind::PayapiSign,
    KeyKind::PayapiAes,
    KeyKind::PayapiAesIv,
];

impl TableKey for KeyKind {
    fn write(&self, out: &mut Vec<u8>) {
        let number = (0_u8..).zip(KINDS).find(|(_, kind)| kind == self);
        out.push(number.map_or(u8::MAX, |(number, _)| number));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let [number] = take::<1>(from)?;
        KINDS.get(usize::from(number)).copied()
    }
}

/// A setting by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingKey(pub(crate) String);

impl TableKey for SettingKey {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(&self.0, out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        read_text(from).map(SettingKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_has_a_number_of_its_own() {
        for kind in KeyKind::ALL {
            let bytes = kind.bytes();
            assert_eq!(KeyKind::read(&mut bytes.as_slice()), Some(kind));
        }
    }
}
