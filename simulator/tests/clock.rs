//! The house's clock is set through the ops listener, and nothing is taken for granted there.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use jiff::civil::datetime;
use jiff::{SignedDuration, Timestamp};
use simulator::house::House;

/// An ops listener that answers everything with one status and tells what it was asked.
fn ops(status: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, asked) = mpsc::sync_channel(16);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = String::new();
            let mut bytes = [0; 4_096];
            while !is_whole(&request) {
                let read = stream.read(&mut bytes).unwrap();
                request.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
            }
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n");
            stream
                .write_all(format!("{head}\r\nwhat").as_bytes())
                .unwrap();
            tell.send(request).unwrap();
        }
    });
    (address, asked)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

#[test]
fn an_hour_of_seoul_becomes_an_offset_against_the_real_time() {
    let (address, asked) = ops("200 OK");
    let mut house = House::new(Some(&address));
    house.set(datetime(2030, 3, 4, 10, 0, 0, 0), 2.0).unwrap();
    let request = asked.recv().unwrap();
    assert!(request.starts_with("POST /clock HTTP/1.1"), "{request}");
    let body: serde_json::Value =
        serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["speed"], 2.0);
    // Ten in Seoul is one in Greenwich; a minute for a slow machine is plenty.
    let wanted: Timestamp = "2030-03-04T01:00:00Z".parse().unwrap();
    let offset = SignedDuration::from_secs(body["offset_seconds"].as_i64().unwrap());
    let off_by = (Timestamp::now() + offset).duration_since(wanted);
    assert!(off_by.abs() < SignedDuration::from_mins(1), "{off_by}");
    assert_eq!(house.now().date(), datetime(2030, 3, 4, 0, 0, 0, 0).date());
}

#[test]
fn a_refusal_is_told_with_its_words() {
    let (address, _asked) = ops("409 Conflict");
    let mut house = House::new(Some(&address));
    let error = house
        .set(datetime(2030, 3, 4, 10, 0, 0, 0), 1.0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("409 Conflict what"), "{error}");
}

#[test]
fn a_gateway_that_does_not_become_ready_is_told() {
    let (address, _asked) = ops("503 Service Unavailable");
    let error = House::new(Some(&address))
        .wait_until_ready(Duration::ZERO)
        .unwrap_err();
    assert!(error.to_string().contains("is not ready: 503"), "{error}");
}
