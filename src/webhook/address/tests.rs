//! Which addresses are ours to call, and which are not.

use std::net::SocketAddr;

use super::{Allowed, Nowhere, UrlFault, callable, is_public, read_url};

/// Every way we know to make us call ourselves, our neighbours or the machine's landlord.
const EVIL: &[&str] = &[
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://127.0.0.1.:8443/",
    "https://127.127.127.127/",
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://172.16.0.1/",
    "https://172.31.255.254/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://168.63.129.16/machine/?comp=goalstate",
    "https://192.0.0.1/",
    "https://192.0.0.192/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://239.255.255.255/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[100::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001::1]/",
    "https://[2001:db8::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[3fff::1]/",
    "https://[5f00::1]/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://www.localhost/",
    "https://\u{24db}ocalhost/",
    "https://metadata/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://router.home.arpa/",
    "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
    "https://127\u{3002}0\u{3002}0\u{3002}1/",
];

#[test]
fn no_spelling_of_a_private_or_special_address_is_an_endpoint() {
    for url in EVIL {
        assert_eq!(
            read_url(url, Allowed::Public),
            Err(UrlFault::NotPublic),
            "{url}"
        );
    }
}

#[test]
fn what_is_no_plain_https_url_is_no_endpoint() {
    for (url, fault) in [
        ("http://shop.example/hook", UrlFault::Scheme),
        ("ftp://shop.example/hook", UrlFault::Scheme),
        ("file:///etc/passwd", UrlFault::Scheme),
        ("gopher://shop.example/", UrlFault::Scheme),
        ("javascript:alert(1)", UrlFault::Scheme),
        ("shop.example/hook", UrlFault::NotAUrl),
        ("https://", UrlFault::NotAUrl),
        ("https:///hook", UrlFault::NotPublic),
        ("", UrlFault::NotAUrl),
        ("https://me@shop.example/", UrlFault::Credentials),
        ("https://me:secret@shop.example/", UrlFault::Credentials),
        ("https://shop.example@127.0.0.1/", UrlFault::Credentials),
        ("https://shop.example/hook\r\nx-mall-id: 1", UrlFault::Odd),
        ("https://shop.example/\thook", UrlFault::Odd),
        ("https://shop.example/hook#part", UrlFault::Odd),
        ("https://shop.example:22/", UrlFault::Port),
        ("https://shop.example:25/", UrlFault::Port),
        ("https://shop.example:80/", UrlFault::Port),
        ("https://shop.example:0/", UrlFault::Port),
    ] {
        assert_eq!(read_url(url, Allowed::Public), Err(fault), "{url}");
    }
    let long = format!("https://shop.example/{}", "a".repeat(3000));
    assert_eq!(read_url(&long, Allowed::Public), Err(UrlFault::NotAUrl));
}

#[test]
fn public_addresses_are_endpoints() {
    for url in [
        "https://shop.example/hook?token=1",
        "https://shop.example:8443/hook",
        "https://가게.example/hook",
        "https://1.1.1.1/hook",
        "https://[2606:4700::1111]/hook",
    ] {
        assert!(read_url(url, Allowed::Public).is_ok(), "{url}");
    }
}

#[test]
fn a_sandbox_calls_its_own_machine_and_no_neighbour() {
    for url in [
        "http://localhost:3000/",
        "http://127.0.0.1:3000/",
        "http://[::1]:3000/",
    ] {
        assert!(read_url(url, Allowed::AlsoLoopback).is_ok(), "{url}");
    }
    for url in [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://192.168.0.1:3000/",
    ] {
        let read = read_url(url, Allowed::AlsoLoopback);
        assert_eq!(read, Err(UrlFault::NotPublic), "{url}");
    }
}

#[test]
fn a_name_leads_only_to_addresses_that_may_be_called() {
    let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    };
    let both = addresses(&["127.0.0.1:0", "1.1.1.1:0", "[::ffff:10.0.0.1]:0"]);
    let may: Vec<_> = callable(both.into_iter(), Allowed::Public)
        .unwrap()
        .collect();
    assert_eq!(may, addresses(&["1.1.1.1:0"]));
    let inward = addresses(&["10.0.0.1:0", "[fd00::1]:0"]);
    assert_eq!(
        callable(inward.into_iter(), Allowed::Public).err(),
        Some(Nowhere::NotPublic)
    );
    assert_eq!(
        callable(std::iter::empty(), Allowed::Public).err(),
        Some(Nowhere::NotResolved)
    );
}

#[test]
fn the_edges_of_private_ranges_are_where_they_should_be() {
    for (address, public) in [
        ("9.255.255.255", true),
        ("11.0.0.0", true),
        ("100.63.255.255", true),
        ("100.128.0.0", true),
        ("168.63.129.15", true),
        ("168.63.129.16", false),
        ("168.63.129.17", true),
        ("172.15.255.255", true),
        ("172.32.0.0", true),
        ("198.17.255.255", true),
        ("198.20.0.0", true),
        ("223.255.255.255", true),
        ("2001:200::1", true),
        ("2001:1ff::1", false),
        ("2003::1", true),
        ("3ffe::1", true),
        ("4000::1", false),
        ("1fff::1", false),
    ] {
        assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
    }
}
