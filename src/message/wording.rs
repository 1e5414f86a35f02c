//! What messages say, in Korean. Pure functions over what was queued.

use std::fmt::Write as _;

use crate::domain::BusinessDate;
use crate::domain::message::{OrderEnd, Unmatched, Wording};
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
        Wording::MatchUndone { number, .. } => format!("매칭 취소: 주문 {number}"),
        Wording::OrdersOver { why, count, .. } => match why {
            OrderEnd::Excluded => format!("매칭에서 제외된 주문 {count}건"),
            OrderEnd::Expired => format!("기간이 만료된 주문 {count}건"),
        },
    }
}

/// The body, as plain text. What others have named is one line, whatever stands in it, so that
/// nobody can write lines of ours.
pub fn text(wording: &Wording) -> String {
    match wording {
        Wording::OrderTaken { .. } | Wording::OrderPaid { .. } => to_orderer(wording),
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
        } => of_day(*day, deposits, *count),
        Wording::MatchUndone { .. } | Wording::OrdersOver { .. } => about_orders(wording),
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
        Wording::DepositCame { .. } | Wording::DepositUndone { .. } => about_money(wording),
    }
}

/// To whoever ordered.
fn to_orderer(wording: &Wording) -> String {
    match wording {
        Wording::OrderTaken {
            number,
            orderer,
            amount,
            billing_name,
            ..
        } => format!(
            "{}님, 주문이 접수되었습니다.\n\n주문번호: {}\n입금하실 금액: {amount}원\n\
             입금자명: {}\n\n입금자명과 금액이 정확히 일치해야 자동으로 확인됩니다.\n",
            one_line(orderer),
            one_line(number),
            one_line(billing_name),
        ),
        Wording::OrderPaid {
            number,
            orderer,
            amount,
            ..
        } => format!(
            "{}님, 입금이 확인되었습니다.\n\n주문번호: {}\n입금액: {amount}원\n",
            one_line(orderer),
            one_line(number),
        ),
        _ => String::new(),
    }
}

/// To the merchant, about orders.
fn about_orders(wording: &Wording) -> String {
    match wording {
        Wording::MatchUndone {
            number,
            deposit,
            amount,
            payer,
            reason,
        } => format!(
            "관리자가 입금과 주문의 매칭을 취소했습니다. 주문은 다시 입금을 기다립니다.\n\n\
             주문번호: {}\n입금액: {amount}원\n입금자명: {}\n거래: dep_{deposit:012}\n사유: {}\n",
            one_line(number),
            named(payer),
            one_line(reason),
        ),
        Wording::OrdersOver {
            why,
            numbers,
            count,
        } => {
            let mut text = match why {
                OrderEnd::Excluded => "매칭에서 제외된 주문입니다.\n\n".to_owned(),
                OrderEnd::Expired => "기간 안에 입금되지 않은 주문입니다.\n\n".to_owned(),
            };
            for number in numbers {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "- {}", one_line(number));
            }
            tell_rest(&mut text, *count, numbers.len());
            text
        }
        _ => String::new(),
    }
}

/// About money that came or went back.
fn about_money(wording: &Wording) -> String {
    match wording {
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
            deposit,
            amount,
            order,
            ..
        } => {
            let mut text =
                format!("은행이 입금을 취소했습니다: {amount}원\n거래: dep_{deposit:012}\n");
            if let Some(order) = order {
                // Writing to a text cannot fail.
                let _ = write!(
                    text,
                    "\n주문 {}은(는) 다시 입금을 기다립니다(매칭대기). 이미 처리한 주문이면 확인해 \
                     주십시오.\n",
                    one_line(order)
                );
            }
            text
        }
        _ => String::new(),
    }
}

/// All deposits of a day that met no order.
fn of_day(day: BusinessDate, deposits: &[Unmatched], count: u64) -> String {
    let mut text = format!("{day}에 매칭되지 않은 입금이 {count}건 있습니다.\n");
    for deposit in deposits {
        text.push('\n');
        tell_unmatched(&mut text, deposit);
    }
    tell_rest(&mut text, count, deposits.len());
    text
}

fn tell_rest(text: &mut String, count: u64, told: usize) {
    let left = count.saturating_sub(told as u64);
    if left > 0 {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\n그 밖에 {left}건이 더 있습니다.");
    }
}

fn named(payer: &str) -> String {
    let payer = one_line(payer);
    if payer.trim().is_empty() {
        "(이름 없음)".to_owned()
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
        let _ = writeln!(text, "- {}", one_line(&reason.words()));
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

/// A text on one line, whatever stands in it.
pub(super) fn one_line(text: &str) -> String {
    plain(text, limits::WORDING_LINE_CHARACTERS_MAX).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::{BusinessDate, chat_text, one_line, subject, text};
    use crate::domain::message::{OrderEnd, Unmatched, Wording};
    use crate::domain::{BankCode, MatchReason, Won};
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
    fn long_names_and_long_lists_do_not_break_the_bound() {
        let one = Unmatched {
            deposit: 9,
            amount: Won::new(700),
            payer: "<".repeat(10_000),
            reasons: Vec::new(),
        };
        let day = Wording::MatchFailedDay {
            day: BusinessDate::parse("20260302").unwrap(),
            deposits: vec![one.clone(); 50],
            count: 50,
        };
        for (wording, fills) in [(Wording::MatchFailed(one), false), (day, true)] {
            let told = chat_text(&wording);
            let read = told
                .replace("&lt;", "<")
                .replace("<b>", "")
                .replace("</b>", "");
            assert_eq!(
                read.chars().count() == limits::CHAT_CHARACTERS_MAX,
                fills,
                "{}",
                read.chars().count()
            );
            assert!(read.chars().count() <= limits::CHAT_CHARACTERS_MAX);
            assert!(!read.contains('&'), "it is cut between characters");
        }
    }

    #[test]
    fn a_payers_name_writes_no_lines_of_ours() {
        let payer = "홍길동\n- 주문이 매칭되었습니다.\r\n\u{202e}";
        let failed = Wording::MatchFailed(Unmatched {
            deposit: 9,
            amount: Won::new(700),
            payer: payer.to_owned(),
            reasons: vec![MatchReason::NoOrder],
        });
        assert_eq!(
            text(&failed),
            "입금이 들어왔으나 맞는 주문을 찾지 못했습니다.\n\n입금액: 700원\n입금자명: 홍길동 - \
             주문이 매칭되었습니다. \n거래: dep_000000000009\n- 입금자명과 금액이 일치하는 주문이 \
             없습니다.\n\n관리자 화면에서 수동으로 매칭할 수 있습니다.\n"
        );
        assert!(!text(&came(payer)).contains("\n- "));
    }

    #[test]
    fn what_was_undone_is_told_with_the_order_that_waits_again() {
        let undone = |order: Option<&str>| Wording::DepositUndone {
            shop: "나루상점".to_owned(),
            deposit: 9,
            amount: Won::new(19_000),
            order: order.map(str::to_owned),
        };
        let before = "은행이 입금을 취소했습니다: 19,000원\n거래: dep_000000000009\n";
        assert_eq!(text(&undone(None)), before);
        let told = text(&undone(Some("A-1")));
        let after = told.strip_prefix(before).expect("the same beginning");
        assert!(after.starts_with("\n주문 A-1은(는) 다시 입금을 기다립니다(매칭대기)."));
        let parted = Wording::MatchUndone {
            number: "A-1".to_owned(),
            deposit: 9,
            amount: Won::new(19_000),
            payer: String::new(),
            reason: "다른 주문".to_owned(),
        };
        assert_eq!(subject(&parted), "매칭 취소: 주문 A-1");
        assert!(text(&parted).ends_with(
            "주문번호: A-1\n입금액: 19,000원\n입금자명: (이름 없음)\n거래: dep_000000000009\n\
             사유: 다른 주문\n"
        ));
        let over = Wording::OrdersOver {
            why: OrderEnd::Expired,
            numbers: vec!["1".to_owned(), "2".to_owned()],
            count: 5,
        };
        assert_eq!(subject(&over), "기간이 만료된 주문 5건");
        assert_eq!(
            text(&over),
            "기간 안에 입금되지 않은 주문입니다.\n\n- 1\n- 2\n\n그 밖에 3건이 더 있습니다.\n"
        );
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
