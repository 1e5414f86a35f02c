//! What messages say, in Korean. Pure functions over what was queued.

use std::fmt::Write as _;

use crate::domain::message::{Unmatched, Wording};
use crate::limits;

/// The subject of a mail, and the first line elsewhere.
pub fn subject(wording: &Wording) -> String {
    match wording {
        Wording::OrderTaken { shop, number, .. } => {
            format!("[{shop}] 주문이 접수되었습니다 ({number})")
        }
        Wording::OrderPaid { shop, number, .. } => {
            format!("[{shop}] 입금이 확인되었습니다 ({number})")
        }
        Wording::MatchFailed(deposit) => format!("입금 매칭 실패: {}원", deposit.amount),
        Wording::MatchFailedDay { day, count, .. } => {
            format!("{day} 매칭되지 않은 입금 {count}건")
        }
        Wording::LetterGivenUp { host, .. } => format!("웹훅 발송 최종 실패: {host}"),
        Wording::EndpointSuspended { host, .. } => format!("웹훅 발송 중단: {host}"),
        Wording::Locked { .. } => "API 호출이 일시적으로 제한되었습니다".to_owned(),
        Wording::DepositCame { shop, amount, .. } => format!("[{shop}] 입금 {amount}원"),
        Wording::DepositUndone { shop, amount, .. } => format!("[{shop}] 입금 취소 {amount}원"),
    }
}

/// The body, as plain text.
pub fn text(wording: &Wording) -> String {
    match wording {
        Wording::OrderTaken {
            number,
            orderer,
            amount,
            billing_name,
            ..
        } => format!(
            "{orderer}님, 주문이 접수되었습니다.\n\n주문번호: {number}\n입금하실 금액: {amount}원\n\
             입금자명: {billing_name}\n\n입금자명과 금액이 정확히 일치해야 자동으로 확인됩니다.\n"
        ),
        Wording::OrderPaid {
            number,
            orderer,
            amount,
            ..
        } => format!(
            "{orderer}님, 입금이 확인되었습니다.\n\n주문번호: {number}\n입금액: {amount}원\n"
        ),
        Wording::MatchFailed(deposit) => {
            let mut text = "입금이 들어왔으나 맞는 주문을 찾지 못했습니다.\n\n".to_owned();
            tell_unmatched(&mut text, deposit);
            text += "\n관리자 화면에서 수동으로 매칭할 수 있습니다.\n";
            text
        }
        Wording::MatchFailedDay {
            day,
            deposits,
            count,
        } => {
            let mut text = format!("{day}에 매칭되지 않은 입금이 {count}건 있습니다.\n");
            for deposit in deposits {
                text.push('\n');
                tell_unmatched(&mut text, deposit);
            }
            let left = count.saturating_sub(deposits.len() as u64);
            if left > 0 {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "\n그 밖에 {left}건이 더 있습니다.");
            }
            text
        }
        Wording::LetterGivenUp { letter, kind, host } => format!(
            "웹훅을 정해진 횟수만큼 보냈으나 올바른 응답을 받지 못했습니다.\n\n엔드포인트: {} \
             ({host})\n이벤트: {} {}\n발송 건: {letter}\n\n서버를 정상화한 뒤 발송 내역에서 \
             재전송할 수 있습니다.\n",
            letter.endpoint,
            kind.word(),
            letter.event,
        ),
        Wording::EndpointSuspended { endpoint, host } => format!(
            "웹훅 발송이 연속으로 실패하여 이 엔드포인트로의 발송을 중단했습니다.\n\n엔드포인트: \
             {endpoint} ({host})\n\n그동안의 이벤트는 보관되며, 재개를 요청하면 이어서 \
             발송합니다.\n"
        ),
        Wording::Locked { minutes } => format!(
            "유효하지 않은 API 호출이 반복되어 {minutes}분 동안 호출을 제한합니다.\n\n연동 \
             프로그램이 보내는 필드와 값을 확인해 주십시오.\n"
        ),
        Wording::DepositCame {
            deposit,
            amount,
            payer,
            bank,
            account_end,
            ..
        } => format!(
            "입금 {amount}원\n입금자: {}\n계좌: {bank} …{account_end}\n거래: dep_{deposit:012}\n",
            named(payer)
        ),
        Wording::DepositUndone {
            deposit, amount, ..
        } => format!("은행이 입금을 취소했습니다: {amount}원\n거래: dep_{deposit:012}\n"),
    }
}

fn named(payer: &str) -> &str {
    if payer.trim().is_empty() {
        "(이름 없음)"
    } else {
        payer
    }
}

fn tell_unmatched(text: &mut String, deposit: &Unmatched) {
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "입금액: {}원\n입금자명: {}\n거래: dep_{:012}",
        deposit.amount,
        named(&deposit.payer),
        deposit.deposit
    );
    for reason in &deposit.reasons {
        let _ = writeln!(text, "- {}", reason.words());
    }
}

/// The whole message for a chat, in Telegram's HTML: whatever a payer or a shop is called, it is
/// text and nothing else, and it fits.
pub fn chat_text(wording: &Wording) -> String {
    let head = escaped(&plain(&subject(wording), usize::MAX));
    // The bound counts characters after Telegram has read the entities, so before escaping.
    let left = limits::CHAT_CHARACTERS_MAX.saturating_sub(head.chars().count() + 1);
    format!("<b>{head}</b>\n{}", escaped(&plain(&text(wording), left)))
}

/// At most `most` characters, without those that only confuse the eye or the screen.
fn plain(text: &str, most: usize) -> String {
    let harmless = |letter: &char| *letter == '\n' || !(letter.is_control() || turns(*letter));
    text.chars().filter(harmless).take(most).collect()
}

/// Characters that change the direction or the look of what stands around them.
fn turns(letter: char) -> bool {
    matches!(
        letter,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A subject on one line, whatever stands in it.
pub(super) fn one_line(text: &str) -> String {
    plain(text, limits::NAME_CHARACTERS_MAX * 2).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::{chat_text, one_line, subject, text};
    use crate::domain::message::Wording;
    use crate::domain::{BankCode, Won};
    use crate::limits;

    fn came(payer: &str) -> Wording {
        Wording::DepositCame {
            shop: "나루상점".to_owned(),
            deposit: 34,
            amount: Won::new(1_234_567),
            payer: payer.to_owned(),
            bank: BankCode::new(4).unwrap(),
            account_end: "5678".to_owned(),
        }
    }

    #[test]
    fn a_deposit_in_a_chat() {
        assert_eq!(
            chat_text(&came("홍길동")),
            "<b>[나루상점] 입금 1,234,567원</b>\n입금 1,234,567원\n입금자: 홍길동\n계좌: 004 \
             …5678\n거래: dep_000000000034\n"
        );
    }

    #[test]
    fn a_hostile_name_is_text_and_nothing_else() {
        let told = chat_text(&came("</b><a href=\"x\">&lt;\u{202e}\u{0}"));
        assert!(
            told.contains("입금자: &lt;/b&gt;&lt;a href=&quot;x&quot;&gt;&amp;lt;\n"),
            "{told}"
        );
    }

    #[test]
    fn a_long_name_does_not_break_the_bound() {
        let told = chat_text(&came(&"<".repeat(10_000)));
        let read = told
            .replace("&lt;", "<")
            .replace("<b>", "")
            .replace("</b>", "");
        assert!(read.chars().count() <= limits::CHAT_CHARACTERS_MAX);
        assert!(told.ends_with("&lt;"), "it is cut between characters");
    }

    #[test]
    fn a_subject_is_one_line() {
        let wording = Wording::OrderPaid {
            shop: "상점\r\nBcc: everyone@example.com".to_owned(),
            number: "1".to_owned(),
            orderer: "홍길동".to_owned(),
            amount: Won::new(1),
        };
        let line = one_line(&subject(&wording));
        assert!(!line.contains(['\r', '\n']), "{line:?}");
        assert!(text(&wording).contains("주문번호: 1\n"));
    }
}
