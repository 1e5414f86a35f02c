//! `naru import` as an operator meets it: lists in, bad rows told, nothing twice; and what lies
//! in the folder afterwards tells nobody anything.

use std::path::Path;
use std::process::{Command, Output};

fn naru(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NARU_") {
            command.env_remove(name);
        }
    }
    command.env("NARU_DATA_DIR", folder.join("data"));
    command
}

fn import(folder: &Path, what: &str, list: &[u8], more: &[&str]) -> (Option<i32>, String) {
    let file = folder.join(format!("{what}.csv"));
    std::fs::write(&file, list).expect("a list");
    let run = naru(folder)
        .args(["import", what])
        .arg(&file)
        .args(more)
        .output();
    told(&run.expect("a run"))
}

fn told(run: &Output) -> (Option<i32>, String) {
    let text = [run.stdout.as_slice(), run.stderr.as_slice()].concat();
    (run.status.code(), String::from_utf8(text).expect("text"))
}

const MERCHANTS: &str = "\u{feff}merchant_id,name\r\nshop,나루상점\r\ncafe,\"찻집, 둘째\"\r\n";
const HEAD: &str =
    "merchant_id,bank_code,account_no,account_type,amount,tolerance,expires_at,holder_name\n";

fn accounts(rows: &[&str]) -> Vec<u8> {
    format!("{HEAD}{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn good_rows_land_and_bad_rows_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, text) = import(folder.path(), "merchants", MERCHANTS.as_bytes(), &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("2 added, 0 updated, 0 unchanged, 0 bad"),
        "{text}"
    );
    let list = accounts(&[
        "shop,004,11122233344455,fixed,0,0,,",
        "shop,004,11122233344456,one_time,5000,,2020-01-01T00:00:00+09:00,카나리아이름",
        "nobody,004,11122233344457,fixed,0,0,,",
        "shop,4,11122233344458,fixed,0,0,,",
        "shop,004,11122233344459,fixed,zero,0,,",
        "shop,004,11122233344455,fixed,7,0,,",
    ]);
    let (code, text) = import(folder.path(), "accounts", &list, &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("2 added, 0 updated, 0 unchanged, 4 bad"),
        "{text}"
    );
    for line in [
        "line 4: its merchant_id",
        "line 5: bank_code",
        "line 6: amount",
        "line 7: known",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(
        !text.contains("11122233344457"),
        "account numbers stay out of complaints:\n{text}"
    );
    assert_nothing_is_readable(&folder.path().join("data"));
}

/// Names and numbers that were taken in stand nowhere in the folder, in no encoding.
fn assert_nothing_is_readable(data: &Path) {
    let mut files = 0;
    for entry in std::fs::read_dir(data).expect("the data folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        files += 1;
        for canary in [
            "11122233344455",
            "11122233344456",
            "카나리아이름",
            "나루상점",
            "찻집",
        ] {
            let found = bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} can be read in the data folder");
        }
    }
    assert!(files >= 2, "the folder holds the books and their identity");
}

#[test]
fn importing_again_changes_nothing_and_other_values_need_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    import(folder.path(), "merchants", MERCHANTS.as_bytes(), &[]);
    let (code, text) = import(folder.path(), "merchants", MERCHANTS.as_bytes(), &[]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("0 added, 0 updated, 2 unchanged, 0 bad"),
        "{text}"
    );
    let first = accounts(&["shop,004,1,fixed,100,0,,", "cafe,088,1,matching,0,0,,"]);
    assert_eq!(import(folder.path(), "accounts", &first, &[]).0, Some(0));
    let other = accounts(&["shop,004,1,fixed,200,0,,", "cafe,088,1,matching,0,0,,"]);
    let (code, text) = import(folder.path(), "accounts", &other, &[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("line 2: known with other values"), "{text}");
    let (code, text) = import(folder.path(), "accounts", &other, &["--update"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("0 added, 1 updated, 1 unchanged, 0 bad"),
        "{text}"
    );
}

#[test]
fn a_list_that_is_none_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, text) = import(folder.path(), "merchants", b"", &[]);
    assert_eq!(code, Some(2));
    assert!(text.contains("line 1 must name the columns"), "{text}");
    let (code, text) = import(folder.path(), "merchants", b"merchant_id,nam\na,b\n", &[]);
    assert_eq!(code, Some(2));
    assert!(text.contains("did you mean name"), "{text}");
    // CP949 instead of UTF-8: the row is told, the rest lands.
    let list = b"merchant_id,name\nshop,\xb3\xaa\xb7\xe7\ncafe,tea\n";
    let (code, text) = import(folder.path(), "merchants", list, &[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("line 2: the row is not UTF-8"), "{text}");
    assert!(text.contains("1 added"), "{text}");
    // A quote left open spoils its own line and none of those behind it.
    let list = b"merchant_id,name\nstall,\"open\nkiosk,Kiosk\nbooth,\"Booth, small\"\n";
    let (code, text) = import(folder.path(), "merchants", list, &[]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("line 2: the row has a quote that is not closed"),
        "{text}"
    );
    assert!(
        text.contains("2 added, 0 updated, 0 unchanged, 1 bad"),
        "{text}"
    );
    let missing = naru(folder.path())
        .args(["import", "merchants", "nowhere.csv"])
        .output();
    assert_eq!(told(&missing.expect("a run")).0, Some(2));
}

#[test]
fn the_report_and_the_check_read_what_was_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    import(folder.path(), "merchants", MERCHANTS.as_bytes(), &[]);
    let run = |what: &str| told(&naru(folder.path()).arg(what).output().expect("a run"));
    let (code, text) = run("check");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the books are sound"), "{text}");
    let (code, text) = run("report");
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("all debits 0, all credits 0: balanced"),
        "{text}"
    );
}

#[test]
fn a_list_with_the_line_ends_of_an_old_macintosh_is_refused_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, text) = import(
        folder.path(),
        "merchants",
        b"merchant_id,name\rshop,naru\r",
        &[],
    );
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("carriage return"), "{text}");
    // One such line among others is a bad row, and the others land.
    let list = b"merchant_id,name\nshop,naru\rcafe,two\nbook,three\n";
    let (code, text) = import(folder.path(), "merchants", list, &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("1 added, 0 updated, 0 unchanged, 1 bad"),
        "{text}"
    );
}
