//! Ranges of addresses, as in `10.1.0.0/16`: who may connect; and the ports on which we listen.
//! Knows nothing of what is said there.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::str::FromStr;

/// What is done about a port that somebody else has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ports {
    /// Nothing; the listener does not start.
    #[default]
    AsSet,
    /// Any free port of this machine is taken in its place.
    FreeWhereTaken,
}

/// Listens on `address`. A port is taken by binding alone: whoever asked first and bound later
/// could lose it in between.
///
/// # Errors
/// Where the address cannot be had.
pub fn bind(address: SocketAddr, ports: Ports) -> io::Result<TcpListener> {
    match TcpListener::bind(address) {
        Err(error)
            if ports == Ports::FreeWhereTaken && error.kind() == io::ErrorKind::AddrInUse =>
        {
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        }
        bound => bound,
    }
}

/// A range of addresses in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a range of addresses; as in 10.1.0.0/16 or 10.1.2.3")]
pub struct NotANetwork(String);

impl Network {
    /// Whether `peer` lies in the range. An IPv4 peer in IPv6 clothes (`::ffff:10.1.2.3`) is
    /// taken as what it is.
    pub fn contains(&self, peer: IpAddr) -> bool {
        match (self.address, peer.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let shift = 32 - u32::from(self.prefix);
                (ours.to_bits() ^ theirs.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let shift = 128 - u32::from(self.prefix);
                (ours.to_bits() ^ theirs.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    /// Reads `10.1.0.0/16`, or a single address. Bits beyond the prefix must be zero: a range
    /// that says `10.1.2.3/16` is a slip of the pen.
    fn from_str(text: &str) -> Result<Network, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (bits, length): (u128, u8) = match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let prefix = prefix.unwrap_or(length);
        let host_bits = length.checked_sub(prefix).ok_or_else(wrong)?;
        let host_mask = 1_u128
            .checked_shl(u32::from(host_bits))
            .map_or(u128::MAX, |bit| bit - 1);
        if bits & host_mask != 0 {
            return Err(wrong());
        }
        Ok(Network { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_taken_port_is_replaced_only_where_that_is_wanted() {
        let first = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Ports::AsSet).unwrap();
        let taken = first.local_addr().unwrap();
        let error = bind(taken, Ports::AsSet).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let second = bind(taken, Ports::FreeWhereTaken).unwrap();
        assert_ne!(second.local_addr().unwrap().port(), taken.port());
    }

    #[test]
    fn a_range_holds_its_own_and_no_one_else() {
        for (range, inside, outside) in [
            ("127.0.0.0/8", "127.255.0.1", "128.0.0.1"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.2"),
            ("10.1.2.4/30", "10.1.2.7", "10.1.2.8"),
            ("::1", "::1", "::2"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("10.0.0.0/8", "::ffff:10.9.9.9", "::ffff:11.9.9.9"),
        ] {
            assert!(
                network(range).contains(inside.parse().unwrap()),
                "{range} {inside}"
            );
            assert!(
                !network(range).contains(outside.parse().unwrap()),
                "{range} {outside}"
            );
        }
    }

    #[test]
    fn everyone_is_a_range_of_one_family() {
        assert!(network("0.0.0.0/0").contains("203.0.113.9".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert!(network("::/0").contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.1.2.3/16",
            "::1/129",
            "here/8",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork(text.to_owned())));
        }
        assert_eq!(network("10.1.0.0/16").to_string(), "10.1.0.0/16");
    }
}
