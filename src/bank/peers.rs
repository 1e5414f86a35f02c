//! The allow-list: from which addresses the relay may call.
//!
//! It compares addresses and knows no socket. An IPv4 address in IPv6 clothes is the IPv4 address.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A block of addresses in CIDR form: `10.1.2.0/24`, `fd00::/8`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressBlock {
    address: IpAddr,
    prefix: u32,
}

/// Why a text is no block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressBlockError {
    /// The part before the slash is no address.
    #[error(
        "{0:?} is not an address block: write an IP address, or one with a prefix length such as 10.1.2.0/24"
    )]
    NotAnAddress(String),
    /// The part behind the slash is no length, or more than the address has bits.
    #[error("{0:?} is not an address block: its prefix length must be a number from 0 to {1}")]
    PrefixLength(String, u32),
}

impl AddressBlock {
    /// Whether `peer` lies within the block.
    pub fn contains(self, peer: IpAddr) -> bool {
        match (self.address, peer.to_canonical()) {
            (IpAddr::V4(block), IpAddr::V4(peer)) => same_start(
                block.to_bits().into(),
                peer.to_bits().into(),
                32 - self.prefix,
            ),
            (IpAddr::V6(block), IpAddr::V6(peer)) => {
                same_start(block.to_bits(), peer.to_bits(), 128 - self.prefix)
            }
            _ => false,
        }
    }
}

/// Whether two addresses are the same but for their last `free` bits.
fn same_start(one: u128, other: u128, free: u32) -> bool {
    (one ^ other).checked_shr(free).unwrap_or(0) == 0
}

impl FromStr for AddressBlock {
    type Err = AddressBlockError;

    fn from_str(text: &str) -> Result<Self, AddressBlockError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| AddressBlockError::NotAnAddress(text.to_owned()))?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => Some(bits),
            Some(digits) => digits.parse().ok().filter(|prefix| *prefix <= bits),
        };
        let prefix = prefix.ok_or(AddressBlockError::PrefixLength(text.to_owned(), bits))?;
        Ok(AddressBlock { address, prefix })
    }
}

impl fmt::Display for AddressBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressBlock, AddressBlockError};

    fn block(text: &str) -> AddressBlock {
        text.parse().unwrap()
    }

    #[test]
    fn a_block_holds_its_own_and_no_other() {
        for (text, within, without) in [
            ("10.1.2.0/24", "10.1.2.255", "10.1.3.0"),
            ("10.1.2.7", "10.1.2.7", "10.1.2.8"),
            ("10.1.2.7/24", "10.1.2.1", "10.1.1.255"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("192.168.0.0/31", "192.168.0.1", "192.168.0.2"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::1", "::1", "::2"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
            ("10.1.2.0/24", "::ffff:10.1.2.3", "::ffff:10.1.3.3"),
        ] {
            assert!(
                block(text).contains(within.parse().unwrap()),
                "{within} in {text}"
            );
            assert!(
                !block(text).contains(without.parse().unwrap()),
                "{without} not in {text}"
            );
        }
    }

    #[test]
    fn what_is_no_block_is_told() {
        for text in ["", "relay", "10.1.2", "10.1.2.300/8", "/8"] {
            let error = text.parse::<AddressBlock>().unwrap_err();
            assert_eq!(error, AddressBlockError::NotAnAddress(text.to_owned()));
        }
        for (text, bits) in [
            ("10.0.0.0/33", 32),
            ("10.0.0.0/", 32),
            ("::/129", 128),
            ("::/x", 128),
        ] {
            let error = text.parse::<AddressBlock>().unwrap_err();
            assert_eq!(
                error,
                AddressBlockError::PrefixLength(text.to_owned(), bits)
            );
        }
    }
}
