//! Telegrams as people read them: in every form they come in, with what is wrong marked, and with
//! nobody's name unless it is asked for.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use telegrams::describe::{Page, page};
use telegrams::{Profile, Profiles};

fn profile() -> Arc<Profile> {
    Profiles::embedded().get("dozn").unwrap()
}

fn hex_text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    fs::read_to_string(folder.join(format!("{name}.hex"))).unwrap()
}

fn golden(name: &str) -> Vec<u8> {
    let text = hex_text(name);
    hex::decode(
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<String>(),
    )
    .unwrap()
}

fn with(name: &str, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut telegram = golden(name);
    telegram[at..at + bytes.len()].copy_from_slice(bytes);
    telegram
}

fn described(input: &[u8]) -> Page {
    page(&profile(), input, false)
}

/// The line of a page that holds a text.
fn line<'a>(page: &'a Page, text: &str) -> &'a str {
    let found = page.text.lines().find(|line| line.contains(text));
    found.unwrap_or_else(|| panic!("no line with `{text}` in:\n{}", page.text))
}

/// The words of a line, however far apart they stand.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[test]
fn a_telegram_is_shown_with_ruler_names_values_and_meanings() {
    let page = described(hex_text("dozn/deposit").as_bytes());
    assert!(page.sound);
    let title = "telegram 1 of 1: deposit 입금, request, 300 bytes from byte 0";
    assert_eq!(page.text.lines().next(), Some(title));
    assert_eq!(
        line(&page, "|100"),
        "         |100      |110      |120      |130      |140"
    );
    assert_eq!(
        line(&page, "    100  "),
        "    100  ·······BS020088562*********65··004홍**동··········"
    );
    let bank = words(line(&page, "bnk_c  "));
    assert_eq!(
        bank,
        ["11", "3", "N", "bank", "bnk_c", "은행코드", "088", "신한"]
    );
    let date = words(line(&page, "tr_dt  "));
    let wanted = [
        "23",
        "8",
        "D",
        "trade_date",
        "tr_dt",
        "거래일자",
        "20250407",
        "2025-04-07",
    ];
    assert_eq!(date, wanted);
    assert!(line(&page, "med_dsc").ends_with("인터넷뱅킹"));
    assert!(words(line(&page, "거래금액")).ends_with(&["0000000000300", "300"]));
    assert!(page.text.contains("keeps to the layout"));
}

#[test]
fn nobody_is_named_unless_asked_for() {
    let secrets = [
        "56211024649265",
        "홍길동",
        "길",
        "1234567890123456",
        "나다라마",
        "똠방각하",
    ];
    for name in [
        "dozn/deposit",
        "dozn/deposit_full",
        "dozn/payee_lookup.reply",
    ] {
        let masked = page(&profile(), &golden(name), false).text;
        for secret in secrets {
            assert!(!masked.contains(secret), "{name} shows {secret}:\n{masked}");
        }
    }
    let open = page(&profile(), &golden("dozn/deposit"), true).text;
    assert!(open.contains("56211024649265") && open.contains("홍길동"));
}

#[test]
fn response_codes_are_told_in_words() {
    let page = described(&golden("dozn/pre_deposit_check.reply"));
    assert!(
        page.text
            .starts_with("telegram 1 of 1: pre_deposit_check 입금사전조회, reply")
    );
    assert!(line(&page, "rsp_c").ends_with("금액 오류"));
    let second = Profiles::embedded().get("ksnet").unwrap();
    let page = telegrams::describe::page(&second, &golden("ksnet/pre_deposit_check.reply"), false);
    assert!(
        line(&page, "answer_code").ends_with("발급되지 않은 계좌"),
        "416 is bank 004's own"
    );
}

#[test]
fn telegrams_come_in_every_form() {
    let one = golden("dozn/deposit");
    let framed = [&b"0300"[..], &one].concat();
    let forms: Vec<(Vec<u8>, usize, &str)> = vec![
        (one.clone(), 1, "bytes"),
        ([&one[..], b"\n"].concat(), 1, "bytes and a line end"),
        ([&one[..], &one].concat(), 2, "bytes of two"),
        (
            [&one[..], b"\r\n", &one, b"\r\n"].concat(),
            2,
            "one on each line",
        ),
        (framed.clone(), 1, "framed"),
        (framed.repeat(3), 3, "three frames"),
        (
            [&framed[..], b"\n", &framed, b"\n"].concat(),
            2,
            "a frame on each line",
        ),
        (hex::encode(&one).into_bytes(), 1, "hex"),
        (hex::encode_upper(&framed).into_bytes(), 1, "hex of a frame"),
        (hex_text("dozn/deposit").into_bytes(), 1, "hex with remarks"),
        (
            [&b"0020HDRREQPOLL0302151637"[..], &framed].concat(),
            2,
            "a poll and a frame",
        ),
    ];
    for (input, count, form) in forms {
        let page = described(&input);
        let titles = page
            .text
            .lines()
            .filter(|line| line.starts_with("telegram "));
        assert_eq!(titles.count(), count, "{form}:\n{}", page.text);
        assert!(page.sound, "{form}:\n{}", page.text);
    }
}

#[test]
fn what_breaks_the_layout_is_marked_at_its_byte() {
    let page = described(&with("dozn/pre_deposit_check", 164, b"0000000150,00"));
    assert!(!page.sound);
    // The ruler's second column of bytes begins nine columns from the left.
    let marked = line(&page, "^");
    assert_eq!(marked.find('^'), Some(9 + 174 - 150));
    assert_eq!(marked.matches('~').count(), 12);
    let told = line(&page, "breaks the layout");
    assert!(told.contains("amount (tram, 거래금액) at byte 174 holds something other than digits"));
    assert!(told.ends_with("(there is 0x2C)"));
}

#[test]
fn a_broken_personal_field_is_not_shown_even_then() {
    let page = described(&with("dozn/pre_deposit_check", 115, b"790\xB0\xA1SECRET"));
    let told = line(&page, "breaks the layout");
    assert!(told.contains("account_no") && !told.contains("there is"));
    assert!(!page.text.contains("SECRET"));
}

#[test]
fn what_a_lenient_kind_forgives_is_noted() {
    let page = described(&with("dozn/deposit", 177, b"x            "));
    assert!(page.sound, "a deposit is not refused for its cheques");
    assert!(line(&page, "noted, not refused").contains("cheque_amount"));
    let page = described(&with("dozn/deposit", 107, b"Q"));
    assert!(line(&page, "ocu_dsc").ends_with("(not in the list)"));
    let page = described(&with("dozn/deposit", 108, b" "));
    assert!(line(&page, "ir_saf_dsc").ends_with("(blank counts as S)"));
}

#[test]
fn half_a_syllable_and_no_text_at_all_are_boxes() {
    let odd = with("dozn/deposit", 134, b"\xC8\xAB\xFF\xB1 ");
    let page = telegrams::describe::page(&profile(), &odd, true);
    assert!(
        line(&page, "    100  ").contains("004홍▒▒·"),
        "{}",
        page.text
    );
    assert!(page.sound);
}

#[test]
fn where_nothing_stands_for_sure_only_the_header_is_shown() {
    let mut short = golden("dozn/deposit");
    short.truncate(250);
    let mut unknown = golden("dozn/deposit");
    unknown[14..18].copy_from_slice(b"0300");
    let cases = [
        (
            short,
            "deposit 입금, request of a wrong length, 250 bytes",
            "has 250 bytes",
        ),
        (
            unknown,
            "of no known kind, 300 bytes",
            "message_type (tgrm_dsc, 전문구분코드)",
        ),
    ];
    for (input, title, why) in cases {
        let page = described(&input);
        assert!(!page.sound);
        assert!(
            line(&page, "telegram 1 of 1").contains(title),
            "{}",
            page.text
        );
        assert!(
            line(&page, "breaks the layout").contains(why),
            "{}",
            page.text
        );
        assert!(page.text.contains("bytes from 100 are hidden"));
        assert!(
            !page.text.contains("홍") && !page.text.contains("562"),
            "{}",
            page.text
        );
        assert!(page.text.contains("30000003"), "the header is shown");
        assert!(
            telegrams::describe::page(&profile(), &input, true)
                .text
                .contains("562")
        );
    }
}

#[test]
fn what_is_no_telegram_is_said_so() {
    let page = described(b"GET / HTTP/1.1\r\n\r\n");
    assert!(
        !page.sound && page.text.contains("no telegram of this layout"),
        "{}",
        page.text
    );
    let page = described(b"");
    assert!(!page.sound && page.text.contains("the input is empty"));
    let framed = [&b"0300"[..], &golden("dozn/deposit"), b"03"].concat();
    let page = described(&framed);
    let told = "no telegram from byte 304: the line ended after 2 bytes of an incomplete frame";
    assert!(!page.sound && page.text.contains(told), "{}", page.text);
}
