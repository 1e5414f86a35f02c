//! Lengths, kinds and polls: what a frame must be before its fields count.

use bytes::{Bytes, BytesMut};
use telegrams::{Answer, FrameError, Kind, Reading, Why};
use tokio_util::codec::{Decoder, Encoder};

use super::support::{gist, golden, profile, read, with};

// --- the length prefix ----------------------------------------------------------------------

fn decode(bytes: &[u8]) -> Result<Option<Bytes>, FrameError> {
    profile("dozn")
        .frame_codec()
        .decode(&mut BytesMut::from(bytes))
}

#[test]
fn a_prefix_that_is_no_length_ends_the_session() {
    for (bytes, at) in [
        (&b"03O0"[..], 2),
        (b"+300", 0),
        (b"    ", 0),
        (b"03\x0000", 2),
    ] {
        assert!(matches!(decode(bytes), Err(FrameError::NotDigits { at: place }) if place == at));
    }
    assert!(matches!(decode(b"0000"), Err(FrameError::Empty)));
    assert!(matches!(
        decode(b"2049"),
        Err(FrameError::TooLong {
            length: 2049,
            max: 2048
        })
    ));
    assert!(matches!(decode(b"9999"), Err(FrameError::TooLong { .. })));
    assert!(matches!(decode(b"2048"), Ok(None)));
}

#[test]
fn a_telegram_cut_at_any_byte_is_not_yet_one() {
    let mut wire = BytesMut::new();
    let mut codec = profile("dozn").frame_codec();
    codec
        .encode(Bytes::from(golden("dozn/deposit")), &mut wire)
        .unwrap();
    assert_eq!((wire.len(), &wire[..4]), (304, &b"0300"[..]));
    for cut in 0..wire.len() {
        let mut part = BytesMut::from(&wire[..cut]);
        assert!(codec.decode(&mut part).unwrap().is_none(), "cut at {cut}");
        assert_eq!(
            part.len(),
            cut,
            "nothing is eaten before the frame is whole"
        );
        let end = codec.decode_eof(&mut part);
        match cut {
            0 => assert!(matches!(end, Ok(None))),
            _ => assert!(matches!(end, Err(FrameError::Cut { have }) if have == cut)),
        }
    }
    assert_eq!(
        codec.decode(&mut wire).unwrap().unwrap(),
        golden("dozn/deposit")
    );
}

#[test]
fn a_telegram_in_single_bytes_and_bytes_behind_it_come_out_whole() {
    let mut codec = profile("dozn").frame_codec();
    let mut wire = BytesMut::new();
    for byte in [&b"0300"[..], &golden("dozn/deposit"), b"0300VAS"].concat() {
        wire.extend_from_slice(&[byte]);
        if let Some(frame) = codec.decode(&mut wire).unwrap() {
            assert_eq!(frame, golden("dozn/deposit"));
            assert!(wire.is_empty());
        }
    }
    assert_eq!(&wire[..], b"0300VAS");
}

// --- lengths --------------------------------------------------------------------------------

#[test]
fn a_known_kind_of_a_wrong_length_is_answered_in_its_own_length() {
    let whole = golden("dozn/deposit");
    for length in [100, 101, 299, 301, 2048] {
        let mut telegram = whole.clone();
        telegram.resize(length, b'x');
        let Reading::WrongLength { kind, answer, why } = read(telegram.clone()) else {
            panic!("{length} bytes")
        };
        assert_eq!(kind, Kind::Deposit);
        assert_eq!(
            why.why,
            Why::WrongLength {
                have: length,
                need: 300
            }
        );
        let mut wanted = telegram;
        wanted.resize(300, b' ');
        wanted[14..18].copy_from_slice(b"0210");
        wanted[51..55].copy_from_slice(b"0001");
        assert_eq!(answer, wanted, "{length} bytes");
    }
}

#[test]
fn less_than_a_header_cannot_be_answered() {
    let whole = golden("dozn/deposit");
    for length in 1..100 {
        let Reading::Unanswerable(why) = read(whole[..length].to_vec()) else {
            panic!("{length} bytes")
        };
        assert_eq!(
            why.why,
            Why::TooShort {
                have: length,
                need: 100
            }
        );
    }
}

#[test]
fn a_wrong_length_with_a_broken_header_cannot_be_answered() {
    let mut telegram = with("dozn/deposit", 23, b"2025-4-7");
    telegram.truncate(280);
    let Reading::Unanswerable(why) = read(telegram) else {
        panic!("the header is broken")
    };
    assert_eq!(gist(&why), ("trade_date", "not_digits", 27));
}

#[test]
fn replies_of_a_wrong_length_are_never_answered() {
    let mut telegram = golden("dozn/deposit.reply");
    telegram.push(b' ');
    assert!(matches!(read(telegram), Reading::Stray(_)));
}

// --- kinds ----------------------------------------------------------------------------------

#[test]
fn an_unknown_kind_is_answered_with_its_own_bytes() {
    let unknown = [
        (with("dozn/deposit", 14, b"0300"), b"0310", "message_type"),
        (
            with("dozn/deposit", 18, b"9999"),
            b"0210",
            "transaction_type",
        ),
        (with("dozn/deposit", 0, b"FRM"), b"0210", "system"),
        (with("dozn/deposit", 0, b"XXX"), b"0210", "system"),
        (with("dozn/deposit", 0, b"   "), b"0210", "system"),
    ];
    for (telegram, reply_type, field) in unknown {
        let Reading::Unknown { answer, why } = read(telegram.clone()) else {
            panic!("{field}")
        };
        assert_eq!(gist(&why).0, field);
        let mut wanted = telegram;
        wanted[14..18].copy_from_slice(reply_type);
        wanted[51..55].copy_from_slice(b"0002");
        assert_eq!(answer, wanted);
    }
}

#[test]
fn an_unknown_kind_of_any_length_is_answered_in_300_bytes() {
    for length in [100, 150, 400] {
        let mut telegram = with("dozn/deposit", 14, b"0300");
        telegram.resize(length, b' ');
        let Reading::Unknown { answer, .. } = read(telegram) else {
            panic!("{length} bytes")
        };
        assert_eq!(answer.len(), 300);
        assert_eq!(
            (&answer[14..18], &answer[51..55]),
            (&b"0310"[..], &b"0002"[..])
        );
    }
}

#[test]
fn a_message_type_that_is_no_number_cannot_be_answered() {
    for bad in [b"02A0", b"    ", b" 200", b"-200", b"\xB0\xA100"] {
        let Reading::Unanswerable(why) = read(with("dozn/deposit", 14, bad)) else {
            panic!("{bad:?}")
        };
        assert_eq!(gist(&why), ("message_type", "type_not_digits", 14));
    }
    let last = read(with("dozn/deposit", 14, b"9995"));
    assert!(
        matches!(last, Reading::Unanswerable(_)),
        "9995 + 10 is no message type"
    );
}

#[test]
fn replies_are_told_from_requests() {
    let Reading::Reply(record) = read(golden("dozn/deposit.reply")) else {
        panic!("a reply")
    };
    assert_eq!(
        (record.kind(), record.answer()),
        (Kind::Deposit, Some(Answer::Accepted))
    );
}

#[test]
fn unknown_answers_are_never_answered() {
    // 0210 answers deposits, so an unknown transaction type under it is an answer to nothing.
    let mut telegram = with("dozn/deposit.reply", 18, b"5555");
    assert!(matches!(read(telegram.clone()), Reading::Stray(_)));
    // What we ourselves send to an unknown kind must not come back for ever.
    telegram = with("dozn/deposit", 14, b"0300");
    let Reading::Unknown { answer, .. } = read(telegram) else {
        panic!("an unknown kind")
    };
    assert!(matches!(read(answer), Reading::Stray(_)));
}

#[test]
fn another_profiles_telegram_gets_no_further_than_its_kind() {
    let ours = profile("dozn").read(golden("ksnet/deposit").into());
    assert!(matches!(ours, Reading::Unanswerable(_)));
    let theirs = profile("ksnet").read(golden("dozn/deposit").into());
    assert!(matches!(
        theirs,
        Reading::Unknown { .. } | Reading::Unanswerable(_)
    ));
}

// --- polls ----------------------------------------------------------------------------------

#[test]
fn polls_are_answered_with_their_own_time() {
    let Reading::Poll { answer } = read(&b"HDRREQPOLL0302151637"[..]) else {
        panic!("a poll")
    };
    assert_eq!(answer, &b"HDRRESPOLL0302151637"[..]);
    assert!(matches!(
        read(&b"HDRRESPOLL0302151637"[..]),
        Reading::Stray(_)
    ));
    for odd in [
        &b"HDRREQPOLL03021516"[..],
        b"HDRREQPOLL03021516377",
        b"HDRREQPOLL0302-51637",
    ] {
        assert!(matches!(read(odd), Reading::Unanswerable(_)));
    }
    let none = profile("ksnet").read((&b"HDRREQPOLL0302151637"[..]).into());
    assert!(
        matches!(none, Reading::Unanswerable(_)),
        "this layout has no poll"
    );
}
