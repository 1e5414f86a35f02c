//! `naru inspect` and `naru layout` as a person meets them: the real binary on hand-made
//! telegrams, what it shows, what it hides, and its exit code.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn naru() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NARU_") {
            command.env_remove(name);
        }
    }
    command
}

/// The file of a golden vector: hex text.
fn file(profile: &str, name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join(format!("telegrams/tests/golden/{profile}/{name}.hex"))
}

fn golden(profile: &str, name: &str) -> Vec<u8> {
    let text = std::fs::read_to_string(file(profile, name)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    hex::decode(lines.collect::<String>()).unwrap()
}

fn told(run: &Output) -> (Option<i32>, String) {
    let text = [run.stdout.as_slice(), run.stderr.as_slice()].concat();
    (run.status.code(), String::from_utf8(text).unwrap())
}

fn inspect(arguments: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let mut child = naru()
        .arg("inspect")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What it does not want to read it need not take.
    let _ = child.stdin.take().unwrap().write_all(input);
    told(&child.wait_with_output().unwrap())
}

fn framed(telegram: &[u8]) -> Vec<u8> {
    [format!("{:04}", telegram.len()).as_bytes(), telegram].concat()
}

#[test]
fn names_and_accounts_are_shown_to_those_who_ask() {
    let sample = file("dozn", "deposit");
    let (code, masked) = inspect(&[sample.to_str().unwrap()], b"");
    assert_eq!(code, Some(0), "{masked}");
    for shown in [
        "deposit",
        "입금",
        "tram",
        "거래금액",
        "562*********65",
        "홍*동",
    ] {
        assert!(masked.contains(shown), "{shown}: {masked}");
    }
    for secret in ["56211024649265", "11024649", "길"] {
        assert!(!masked.contains(secret), "{secret}: {masked}");
    }
    let (code, open) = inspect(&[sample.to_str().unwrap(), "--reveal"], b"");
    assert_eq!(code, Some(0), "{open}");
    assert!(
        open.contains("56211024649265") && open.contains("홍길동"),
        "{open}"
    );
}

#[test]
fn a_broken_telegram_names_its_fields_and_bytes() {
    let mut telegram = golden("dozn", "deposit");
    telegram[170] = b'X';
    telegram[23..31].copy_from_slice(b"20250230");
    let (code, text) = inspect(&[], &framed(&telegram));
    assert_eq!(code, Some(1), "{text}");
    for flaw in [
        "trade_date (tr_dt, 거래일자) at byte 23 is not a real date",
        "amount (tram, 거래금액) at byte 170 holds something other than digits",
    ] {
        assert!(text.contains(flaw), "{flaw}: {text}");
    }
    let (code, text) = inspect(&["-"], &framed(&golden("dozn", "deposit")[..299]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("has 299 bytes, its kind has 300"), "{text}");
    assert!(!text.contains("11024649") && !text.contains('길'), "{text}");
}

#[test]
fn glued_frames_and_polls_come_from_the_standard_input() {
    let mut glued = framed(&golden("dozn", "deposit"));
    glued.extend(framed(b"HDRREQPOLL0407150256"));
    glued.extend(framed(&golden("dozn", "deposit.reply")));
    let (code, text) = inspect(&["-"], &glued);
    assert_eq!(code, Some(0), "{text}");
    for part in ["telegram 1 of 3", "a poll frame", "telegram 3 of 3", "정상"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn hex_may_be_the_argument_and_another_relay_is_another_layout() {
    let hex = hex::encode(golden("ksnet", "deposit"));
    let (code, text) = inspect(&["--profile", "ksnet", &hex], b"");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("가상계좌번호"), "{text}");
}

#[test]
fn what_cannot_be_read_is_said() {
    let nothing: [(&[&str], &str); 2] = [
        (&["/no/such/file"], "cannot read /no/such/file"),
        (&["--profile", "nosuch"], "known are dozn, ksnet"),
    ];
    for (arguments, complaint) in nothing {
        let (code, text) = inspect(arguments, b"");
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(complaint), "{arguments:?}: {text}");
    }
}

#[test]
fn layouts_are_listed_and_printed_in_both_forms() {
    let layout = |arguments: &[&str]| told(&naru().arg("layout").args(arguments).output().unwrap());
    let (code, list) = layout(&[]);
    assert_eq!(code, Some(0), "{list}");
    assert!(
        list.contains("dozn  ") && list.contains("ksnet  "),
        "{list}"
    );
    let (code, text) = layout(&["dozn"]);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/wire/dozn.md");
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text == std::fs::read_to_string(kept).unwrap(),
        "make it anew: cargo run -- layout dozn --format md > docs/wire/dozn.md"
    );
    let (code, page) = layout(&["ksnet", "--format", "html"]);
    assert_eq!(code, Some(0), "{page}");
    assert!(page.contains("<td>가상계좌번호</td>"), "{page}");
    let (code, text) = layout(&["nosuch"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("known are dozn, ksnet"), "{text}");
}

#[test]
fn an_odd_number_of_hex_digits_is_said_to_be_one() {
    let hex = hex::encode(golden("dozn", "deposit"));
    let odd = &hex[..hex.len() - 1];
    for (code, text) in [inspect(&[odd], b""), inspect(&["-"], odd.as_bytes())] {
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains("599 hex digits, and bytes need an even number"),
            "{text}"
        );
    }
}

#[test]
fn an_input_without_anything_is_said_to_be_empty() {
    for input in [&b""[..], b"\n", b"# only a remark\n"] {
        let (code, text) = inspect(&["-"], input);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("nothing there: the input is empty"), "{text}");
    }
    let (code, text) = inspect(&[""], b"");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("names no file and holds no hex"), "{text}");
}

#[test]
fn bytes_that_are_no_korean_text_are_pointed_at_and_not_refused() {
    let mut telegram = golden("dozn", "deposit");
    telegram[134..137].copy_from_slice(b"\xff\xfe\x80");
    let (code, text) = inspect(&[], &framed(&telegram));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("noted, not refused: deposit: depositor_name"),
        "{text}"
    );
    assert!(
        text.contains("at byte 134 holds bytes that are no Korean text"),
        "{text}"
    );
    assert!(!text.contains("keeps to the layout"), "{text}");
}
