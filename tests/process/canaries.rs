//! What lies in the data folder after a day of telegrams tells nobody who paid whom.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::gateway::{Gateway, naru};

/// Account numbers that were written into telegrams or lists.
const NUMBERS: [&str; 2] = ["71234509876543", "79876501234567"];

/// Names, in Unicode and by hand in CP949.
const NAMES: [(&str, &[u8]); 2] = [
    ("홍길동", b"\xc8\xab\xb1\xe6\xb5\xbf"),
    ("나루상점", b"\xb3\xaa\xb7\xe7\xbb\xf3\xc1\xa1"),
];

/// The deposit of the specification's sample with other bytes at some places.
fn deposit(changes: &[(usize, &[u8])]) -> Vec<u8> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("telegrams/tests/golden/dozn/deposit.hex");
    let text = std::fs::read_to_string(file).expect("the sample");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut telegram = hex::decode(lines.collect::<String>()).expect("hex");
    for (at, bytes) in changes {
        telegram[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    [b"0300".to_vec(), telegram].concat()
}

/// Sends a frame and gives the answer's code.
fn ask(socket: &mut TcpStream, frame: &[u8]) -> String {
    socket.write_all(frame).expect("a line");
    let mut answer = [0; 304];
    socket.read_exact(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer[55..59]).into_owned()
}

/// Every file under a folder, with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}

fn assert_nothing_is_readable(data: &Path) {
    let mut canaries: Vec<Vec<u8>> = NUMBERS.map(Into::into).into();
    for (name, cp949) in NAMES {
        canaries.extend([name.into(), cp949.to_vec()]);
        canaries.push(name.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    let in_hex: Vec<_> = canaries.iter().map(hex::encode).collect();
    let upper = in_hex.iter().map(|hex| hex.to_uppercase().into_bytes());
    let written: Vec<Vec<u8>> = upper
        .chain(in_hex.iter().map(|hex| hex.clone().into()))
        .collect();
    canaries.extend(written);
    let files = files(data);
    assert!(files.len() >= 3, "the books, their identity and the logs");
    let logged = files
        .iter()
        .any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("a telegram breaks its layout"));
    assert!(logged, "the log that is kept is among what is searched");
    for (file, bytes) in &files {
        for canary in &canaries {
            let found = bytes.windows(canary.len()).any(|window| window == canary);
            assert!(!found, "{file} holds {}", String::from_utf8_lossy(canary));
        }
    }
}

#[test]
fn no_name_and_no_account_of_a_telegram_can_be_read_in_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let lists = [
        ("merchants", "merchant_id,name\nshop,나루상점\n".to_owned()),
        (
            "accounts",
            format!(
                "merchant_id,bank_code,account_no,account_type,amount,tolerance,expires_at,\
                 holder_name\nshop,088,{},fixed,0,0,,나루상점\n",
                NUMBERS[0]
            ),
        ),
    ];
    for (what, list) in lists {
        let file = folder.path().join(format!("{what}.csv"));
        std::fs::write(&file, list).expect("a list");
        let run = naru(folder.path())
            .args(["import", what])
            .arg(&file)
            .output();
        assert!(run.expect("an import").status.success());
    }
    let gateway = Gateway::start(folder.path());
    let mut socket = TcpStream::connect(gateway.relay()).expect("a line");
    let patience = Some(Duration::from_secs(30));
    socket.set_read_timeout(patience).expect("a patience");
    let account = |number: &'static str| (115, number.as_bytes());
    let known = deposit(&[account(NUMBERS[0]), (37, b"04070000000001")]);
    assert_eq!(ask(&mut socket, &known), "0000");
    // One to nobody, one with junk that is logged, one that is refused, one that is corrected.
    let unknown = deposit(&[account(NUMBERS[1]), (37, b"04070000000002")]);
    assert_eq!(ask(&mut socket, &unknown), "0000");
    let junk = deposit(&[account(NUMBERS[0]), (37, b"04070000000003"), (107, b"\x01")]);
    assert_eq!(ask(&mut socket, &junk), "0000");
    let broken = deposit(&[account(NUMBERS[0]), (37, b"04070000000004"), (164, b"x")]);
    assert_eq!(ask(&mut socket, &broken), "0001");
    let corrected = deposit(&[account(NUMBERS[0]), (37, b"04070000000001"), (14, b"0400")]);
    assert_eq!(ask(&mut socket, &corrected), "0000");
    // What a kill leaves, and what the next start and its end make of it.
    gateway.kill();
    assert_nothing_is_readable(&folder.path().join("data"));
    Gateway::start(folder.path()).kill();
    assert_nothing_is_readable(&folder.path().join("data"));
}
