//! Where letters may go. A merchant names an address and we call it from inside our own network,
//! so whatever is not plainly public is not called: not by its number, not by a name that leads
//! there, not at the time of asking and not later, when the name has come to lead elsewhere. The
//! check is made on the very addresses that are then connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::limits;

/// What may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// HTTPS to public addresses.
    Public,
    /// In a sandbox also HTTP, and the machine's own loopback.
    AlsoLoopback,
}

/// Why a URL cannot be an endpoint's, in words for its merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It is no URL, or a long one.
    #[error("{}자 이하의 URL이어야 합니다.", limits::WEBHOOK_URL_CHARACTERS_MAX)]
    NotAUrl,
    /// There is a control character in it, or a part behind `#`, which is never sent.
    #[error("URL에 제어 문자나 # 뒷부분을 넣을 수 없습니다.")]
    Odd,
    /// Neither HTTPS nor, in a sandbox, HTTP.
    #[error("https:// 로 시작해야 합니다. http:// 는 시험 환경에서만 됩니다.")]
    Scheme,
    /// A user or a password stands in it.
    #[error("URL에 사용자나 비밀번호를 넣을 수 없습니다.")]
    Credentials,
    /// A port below 1024 that is neither 443 nor, in a sandbox, 80.
    #[error("포트는 443이거나 1024 이상이어야 합니다.")]
    Port,
    /// The host is an address that is not public, or a name that always leads to one.
    #[error("사설 또는 특수 주소입니다. 인터넷에서 접근할 수 있는 공개 주소만 호출합니다.")]
    NotPublic,
}

/// Reads a URL as far as it can be judged without asking for the name's addresses.
///
/// # Errors
/// [`UrlFault`].
pub fn read_url(text: &str, allowed: Allowed) -> Result<Url, UrlFault> {
    if text.chars().count() > limits::WEBHOOK_URL_CHARACTERS_MAX {
        return Err(UrlFault::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| UrlFault::NotAUrl)?;
    if text.chars().any(char::is_control) || url.fragment().is_some() {
        return Err(UrlFault::Odd);
    }
    let sandbox = allowed == Allowed::AlsoLoopback;
    if url.scheme() != "https" && !(sandbox && url.scheme() == "http") {
        return Err(UrlFault::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::Credentials);
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if !(port == 443 || port >= 1024 || (sandbox && port == 80)) {
        return Err(UrlFault::Port);
    }
    match url.host_str() {
        None | Some("") => Err(UrlFault::NotAUrl),
        Some(host) if may_host(host, allowed) => Ok(url),
        Some(_) => Err(UrlFault::NotPublic),
    }
}

/// Whether a host may be called, as far as its text tells. The URL's parser has already turned
/// every odd way to write an IPv4 address into the plain one.
fn may_host(host: &str, allowed: Allowed) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return may_call(address, allowed);
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let local = name == "localhost" || name.ends_with(".localhost");
    if local {
        return allowed == Allowed::AlsoLoopback;
    }
    let inward = [
        ".local",
        ".internal",
        ".home.arpa",
        ".lan",
        ".intranet",
        ".corp",
    ];
    name.contains('.') && !inward.iter().any(|end| name.ends_with(end))
}

/// Whether an address may be connected to.
pub(crate) fn may_call(address: IpAddr, allowed: Allowed) -> bool {
    let address = address.to_canonical();
    is_public(address) || (allowed == Allowed::AlsoLoopback && address.is_loopback())
}

/// Whether an address is one of the public internet: not private, not special, not reserved.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Ranges of IPv4 that are not the public internet's (IANA's special-purpose registry), as first
/// address and length of prefix.
const NOT_PUBLIC_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Public by its number, but in one landlord's houses the machine's own keeper.
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !NOT_PUBLIC_V4.iter().any(|(first, prefix)| {
        let difference = bits ^ Ipv4Addr::from(*first).to_bits();
        difference >> (32 - prefix) == 0
    })
}

/// Parts of `2000::/3` that are not the public internet's; all beyond it is refused anyway.
const NOT_PUBLIC_V6: &[([u16; 3], u32)] = &[
    // IETF protocol assignments, among them Teredo, which hides an IPv4 address.
    ([0x2001, 0, 0], 23),
    // Documentation.
    ([0x2001, 0xdb8, 0], 32),
    // 6to4, which hides an IPv4 address.
    ([0x2002, 0, 0], 16),
    // Direct delegation of AS112.
    ([0x2620, 0x4f, 0x8000], 48),
    // Documentation.
    ([0x3fff, 0, 0], 20),
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let global = bits >> 125 == 1;
    let special = NOT_PUBLIC_V6.iter().any(|([a, b, c], prefix)| {
        let first = Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0).to_bits();
        (bits ^ first) >> (128 - prefix) == 0
    });
    global && !special
}

/// Resolves names to addresses that may be called, and to none other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver {
    pub(crate) allowed: Allowed,
}

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nowhere {
    /// Nobody knows it.
    #[error("the name has no address")]
    NotResolved,
    /// It leads to where we do not go.
    #[error("the name leads to a private or special address")]
    NotPublic,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed;
        Box::pin(async move {
            let host = (name.as_str(), 0);
            let found = tokio::net::lookup_host(host)
                .await
                .map_err(|_| Nowhere::NotResolved)?;
            Ok(callable(found, allowed)?)
        })
    }
}

/// Of the addresses that a name has, those that may be called.
fn callable(found: impl Iterator<Item = SocketAddr>, allowed: Allowed) -> Result<Addrs, Nowhere> {
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(Nowhere::NotResolved);
    }
    let may: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| may_call(address.ip(), allowed))
        .collect();
    if may.is_empty() {
        return Err(Nowhere::NotPublic);
    }
    Ok(Box::new(may.into_iter()))
}

#[cfg(test)]
mod tests;
