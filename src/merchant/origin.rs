//! Where a request comes from. Behind a proxy the peer is the proxy; the address it forwards is
//! believed only from proxies that the configuration names.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpMessage;
use actix_web::http::header::HeaderMap;

use crate::network::Network;

/// The caller's address, put to the request by the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(pub IpAddr);

/// The address a request comes from, as the listener found it.
pub fn of(request: &impl HttpMessage) -> IpAddr {
    let found = request.extensions().get::<Origin>().map(|origin| origin.0);
    // The listener puts one to every request; without it nobody is on an allow-list.
    found.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Finds the caller: the peer itself, or where the peer is one of `proxies`, the last forwarded
/// address that is not.
pub fn find(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let named = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let mut caller = peer.to_canonical();
    if !named(caller) {
        return caller;
    }
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .collect();
    for text in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        // What is no address was not written by a proxy of ours; what stands before it is hearsay.
        let Ok(address) = text.trim().parse::<IpAddr>() else {
            break;
        };
        caller = address.to_canonical();
        if !named(caller) {
            break;
        }
    }
    caller
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn found(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let name = HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        find(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_a_named_proxy_is_believed() {
        let proxies = ["10.0.0.0/24"];
        for (peer, forwarded, caller) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["1.2.3.4, 198.51.100.1, 10.0.0.2"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4, junk, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(
                found(peer, forwarded, &proxies),
                caller,
                "{peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn without_proxies_nobody_is_believed() {
        assert_eq!(found("127.0.0.1", &["1.2.3.4"], &[]), "127.0.0.1");
    }
}
