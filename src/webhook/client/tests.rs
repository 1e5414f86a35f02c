//! The call itself, over real sockets and real TLS: where it may not go, how long it waits, and
//! what is wrong with a certificate.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::super::address::Allowed;
use super::{Client, Fault, Reply, fault, of_words, take};

const ROOT: &[u8] = include_bytes!("../../../tests/certificates/root.pem");
const MID: &[u8] = include_bytes!("../../../tests/certificates/mid.pem");
const GOOD: &[u8] = include_bytes!("../../../tests/certificates/good.pem");
const OTHER: &[u8] = include_bytes!("../../../tests/certificates/other.pem");
const EXPIRED: &[u8] = include_bytes!("../../../tests/certificates/expired.pem");
const EARLY: &[u8] = include_bytes!("../../../tests/certificates/early.pem");
const DEEP: &[u8] = include_bytes!("../../../tests/certificates/deep.pem");
const KEY: &[u8] = include_bytes!("../../../tests/certificates/leaf.key.pem");

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

/// What comes of a call that has passed by every look at its URL.
fn called(allowed: Allowed, url: &str) -> Fault {
    run(async {
        let client = Client::new(allowed, &[]).unwrap();
        let request = client.http.post(url).body("{}");
        let failed = take(request, &mut Reply::default()).await;
        fault(&failed.unwrap_err())
    })
}

#[test]
fn a_name_that_leads_inside_is_refused_when_it_is_connected_to() {
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let url = format!("https://localhost:{port}/hook");
    assert_eq!(called(Allowed::Public, &url), Fault::AddressRefused);
    assert!(inside.accept().is_err(), "nobody has knocked");
    // The same name is no secret to the resolver: where it may, it does go there.
    inside.set_nonblocking(false).unwrap();
    let knocked = std::thread::spawn(move || drop(inside.accept().unwrap()));
    assert_ne!(called(Allowed::AlsoLoopback, &url), Fault::AddressRefused);
    knocked.join().unwrap();
}

#[test]
fn production_never_speaks_without_encryption() {
    let url = "http://shop.example/hook";
    assert_eq!(called(Allowed::Public, url), Fault::BadUrl);
}

/// Answers one request with `head`, and then does what it is told with the connection.
fn server(head: &'static [u8], then: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(head).unwrap();
        then(stream);
    });
    url
}

#[test]
fn an_answer_must_be_whole_in_its_time_however_it_dawdles() {
    let hangs = server(b"", |mut stream| {
        // Until the other side has had enough.
        let _ = stream.read(&mut [0; 1]);
    });
    let drips = server(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
        |mut stream| {
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(10));
            }
        },
    );
    let wait = Duration::from_millis(300);
    let client = Client::waiting(Allowed::AlsoLoopback, &[], wait).unwrap();
    for (url, status) in [(hangs, None), (drips, Some(200))] {
        let reply = run(client.post(&url, Vec::new(), b"{}".to_vec()));
        assert_eq!(reply.fault, Some(Fault::TimedOut), "{reply:?}");
        assert_eq!((reply.status, reply.whole), (status, false));
    }
}

#[test]
fn an_answer_that_breaks_off_is_not_whole() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n0000", drop);
    let client = Client::new(Allowed::AlsoLoopback, &[]).unwrap();
    let reply = run(client.post(&url, Vec::new(), b"{}".to_vec()));
    assert_eq!((reply.status, reply.whole), (Some(200), false));
    assert_eq!(reply.fault, Some(Fault::Broke));
}

/// A head without an end, and a body that is packed: neither grows in our hands.
#[test]
fn a_flood_of_headers_ends_and_nothing_is_unpacked() {
    let floods = server(b"HTTP/1.1 200 OK\r\n", |mut stream| {
        while stream
            .write_all(b"x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
            .is_ok()
        {}
    });
    let client = Client::new(Allowed::AlsoLoopback, &[]).unwrap();
    let reply = run(client.post(&floods, Vec::new(), b"{}".to_vec()));
    assert_eq!((reply.status, reply.fault), (None, Some(Fault::Broke)));
    let packed = server(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00",
        drop,
    );
    let reply = run(client.post(&packed, Vec::new(), b"{}".to_vec()));
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (Some(200), b"\x1f\x8b\x08\x00".as_slice())
    );
}

/// Calls `localhost` over TLS, where a server shows these certificates.
fn shown(certificates: &[&[u8]], roots: &[u8]) -> Reply {
    let chain = certificates
        .iter()
        .map(|pem| CertificateDer::from_pem_slice(pem).unwrap());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain.collect(), PrivateKeyDer::from_pem_slice(KEY).unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    run(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = Client::new(Allowed::AlsoLoopback, roots).unwrap();
        let url = format!("https://localhost:{port}/hook");
        let serve = async {
            loop {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let (stream, _) = listener.accept().await.unwrap();
                // A client that does not like what it is shown leaves.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let read = stream.read(&mut [0; 4096]).await;
                if read.is_ok_and(|bytes| bytes > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n0000";
                    stream.write_all(answer).await.unwrap();
                }
            }
        };
        tokio::select! {
            reply = client.post(&url, Vec::new(), b"{}".to_vec()) => reply,
            () = serve => unreachable!("it serves for ever"),
        }
    })
}

#[test]
fn what_is_wrong_with_a_certificate_is_found_out() {
    let well = shown(&[GOOD], ROOT);
    assert_eq!((well.status, well.fault), (Some(200), None));
    let whole = shown(&[DEEP, MID], ROOT);
    assert_eq!((whole.status, whole.fault), (Some(200), None));
    for (what, certificates, roots, due) in [
        ("over", [EXPIRED], ROOT, Fault::CertificateExpired),
        ("not yet valid", [EARLY], ROOT, Fault::CertificateExpired),
        ("another name", [OTHER], ROOT, Fault::CertificateName),
        ("half a chain", [DEEP], ROOT, Fault::CertificateUntrusted),
        (
            "nobody's",
            [GOOD],
            b"".as_slice(),
            Fault::CertificateUntrusted,
        ),
    ] {
        let reply = shown(&certificates, roots);
        assert_eq!((reply.status, reply.fault), (None, Some(due)), "{what}");
    }
}

#[test]
fn a_port_that_does_not_speak_tls_is_told_as_that() {
    let url = server(b"HTTP/1.1 400 Bad Request\r\n\r\n", drop);
    let client = Client::new(Allowed::AlsoLoopback, &[]).unwrap();
    let url = url.replace("http://", "https://");
    let reply = run(client.post(&url, Vec::new(), b"{}".to_vec()));
    assert_eq!((reply.status, reply.fault), (None, Some(Fault::Tls)));
}

#[test]
fn certificates_are_told_apart_by_what_is_wrong_with_them() {
    for (words, fault) in [
        (
            "invalid peer certificate: certificate expired: verification time 1 (UNIX)",
            Some(Fault::CertificateExpired),
        ),
        (
            "invalid peer certificate: Expired",
            Some(Fault::CertificateExpired),
        ),
        (
            "invalid peer certificate: NotValidYet",
            Some(Fault::CertificateExpired),
        ),
        (
            "invalid peer certificate: certificate not valid for name \"shop.example\"",
            Some(Fault::CertificateName),
        ),
        (
            "invalid peer certificate: NotValidForName",
            Some(Fault::CertificateName),
        ),
        (
            "invalid peer certificate: UnknownIssuer",
            Some(Fault::CertificateUntrusted),
        ),
        ("received fatal alert: ProtocolVersion", Some(Fault::Tls)),
        (
            "peer is incompatible: no ciphersuites in common",
            Some(Fault::Tls),
        ),
        ("connection closed before message completed", None),
    ] {
        assert_eq!(of_words(words), fault, "{words}");
    }
}
