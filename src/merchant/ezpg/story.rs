//! One deposit's story, read from the records that speak of it.

use super::deposits::{DecisionTold, MatchTold, PostingTold, TelegramTold};
use super::words;
use crate::domain::{
    Event, EventId, How, LedgerAccount, LetterId, OrderEvent, Parting, RelayKey, Transfer,
};
use crate::limits;
use crate::store::engine::Broken;
use crate::store::{Delivery, DepositFile, Reads};

/// The telegrams that told of the deposit and of its correction, masked unless `reveal`.
pub(super) fn telegrams(
    file: &DepositFile,
    describe: &(dyn Fn(&[u8], bool) -> String + Send + Sync),
    reveal: bool,
) -> Vec<TelegramTold> {
    let key = &file.seen.deposit.key;
    let told = file.records.iter().flat_map(|(_, record)| {
        record.events.iter().filter_map(|event| {
            let (kind, raw) = match event {
                Event::DepositBooked { deposit, .. } if deposit.key == *key => {
                    ("deposit", &deposit.raw)
                }
                Event::CorrectionAccepted(correction) if correction.original == *key => {
                    ("correction", &correction.raw)
                }
                _ => return None,
            };
            Some(TelegramTold {
                at: record.at.to_second(),
                kind,
                text: describe(raw, reveal),
            })
        })
    });
    told.collect()
}

/// What was decided about it, in the order of the journal.
pub(super) fn decisions(file: &DepositFile) -> Vec<DecisionTold> {
    let key = &file.seen.deposit.key;
    let booked = file.seen.position;
    let mut decisions = Vec::new();
    for (position, record) in &file.records {
        for event in &record.events {
            if let Some((what, why)) = decided(event, key, booked) {
                decisions.push(DecisionTold {
                    position: *position,
                    at: record.at.to_second(),
                    what: what.to_owned(),
                    why,
                });
            }
        }
    }
    decisions
}

fn decided(event: &Event, key: &RelayKey, booked: u64) -> Option<(&'static str, Option<String>)> {
    match event {
        Event::DepositBooked { deposit, row, .. } if deposit.key == *key => {
            Some(("입금 처리", super::deposits::status(row).1))
        }
        Event::DepositReleased { key: released, .. } if released == key => {
            Some(("미처리금에서 가맹점으로 옮김", None))
        }
        Event::DepositReversed { key: reversed, .. } if reversed == key => {
            Some(("입금 정정", None))
        }
        Event::CorrectionAccepted(correction) if correction.original == *key => {
            Some(("정정 접수", None))
        }
        Event::HoldTaken(hold) if hold.key == *key => Some(("입금사전조회 승인", None)),
        Event::HoldEnded { hold, .. } if hold.key == *key => Some(("승인 종료", None)),
        Event::ExceptionRaised(exception) if exception.key == *key => Some((
            "예외 기록",
            Some(words::exception(exception.kind).to_owned()),
        )),
        Event::Order(order) => decided_about_order(order, booked),
        _ => None,
    }
}

fn decided_about_order(event: &OrderEvent, booked: u64) -> Option<(&'static str, Option<String>)> {
    match event {
        OrderEvent::Matched {
            deposit,
            number,
            how,
            reason,
            ..
        } if deposit.position == booked => {
            let why = reason.clone().unwrap_or_else(|| how_word(*how).to_owned());
            Some(("주문 매칭", Some(format!("{number}: {why}"))))
        }
        OrderEvent::MatchFailed {
            deposit, reasons, ..
        } if deposit.position == booked => {
            let reasons: Vec<String> = reasons
                .iter()
                .map(crate::domain::MatchReason::words)
                .collect();
            Some(("매칭 실패", Some(reasons.join(" "))))
        }
        OrderEvent::Judged {
            deposit,
            judgement,
            reaction,
            ..
        } if deposit.position == booked => {
            let why = format!(
                "{} → {}",
                words::judged(*judgement),
                words::reacted(*reaction)
            );
            Some(("이례 입금", Some(why)))
        }
        OrderEvent::Unmatched {
            deposit,
            number,
            why,
            ..
        } if deposit.position == booked => {
            let why = match why {
                Parting::Undo { reason } => reason.clone(),
                Parting::Correction => "입금이 정정되었습니다.".to_owned(),
            };
            Some(("매칭 취소", Some(format!("{number}: {why}"))))
        }
        _ => None,
    }
}

/// How an order met its deposit, in one word.
pub(super) fn how_word(how: How) -> &'static str {
    match how {
        How::Automatic => "automatic",
        How::Smart => "smart",
        How::LateOrder => "late_order",
        How::OneTime => "one_time",
        How::ByHand => "by_hand",
    }
}

/// What was posted for it.
pub(super) fn postings(file: &DepositFile) -> Vec<PostingTold> {
    let key = &file.seen.deposit.key;
    let mut postings = Vec::new();
    for (position, record) in &file.records {
        for event in &record.events {
            if let Some(transfer) = posted(event, key) {
                postings.push(PostingTold {
                    position: *position,
                    at: record.at.to_second(),
                    debit: account(&transfer.debit),
                    credit: account(&transfer.credit),
                    amount: transfer.amount.digits(),
                });
            }
        }
    }
    postings
}

fn posted<'e>(event: &'e Event, key: &RelayKey) -> Option<&'e Transfer> {
    match event {
        Event::DepositBooked {
            deposit, transfer, ..
        } if deposit.key == *key => Some(transfer),
        Event::DepositReleased {
            key: moved,
            transfer,
            ..
        }
        | Event::DepositReversed {
            key: moved,
            transfer,
            ..
        } if moved == key => Some(transfer),
        _ => None,
    }
}

fn account(account: &LedgerAccount) -> String {
    match account {
        LedgerAccount::BankClearing(bank) => format!("bank_clearing/{bank}"),
        LedgerAccount::MerchantPayable(merchant) => format!("merchant_payable/{merchant}"),
        LedgerAccount::Suspense(bank) => format!("suspense/{bank}"),
    }
}

/// The order it met, or why it met none; nothing where it was never to meet one.
pub(super) fn matched(file: &DepositFile) -> Option<MatchTold> {
    if let Some(order) = &file.order
        && let Some(found) = order.matched()
    {
        return Some(MatchTold {
            order_number: Some(order.number.to_string()),
            how: Some(how_word(found.how)),
            matched_at: Some(found.at.to_second()),
            reasons: Vec::new(),
        });
    }
    let events = file.records.iter().flat_map(|(_, record)| &record.events);
    let booked = file.seen.position;
    let mut reasons = events.filter_map(|event| match event {
        Event::Order(OrderEvent::MatchFailed {
            deposit, reasons, ..
        }) if deposit.position == booked => Some(reasons),
        _ => None,
    });
    reasons.next_back().map(|reasons| MatchTold {
        order_number: None,
        how: None,
        matched_at: None,
        reasons: reasons
            .iter()
            .map(crate::domain::MatchReason::words)
            .collect(),
    })
}

/// What its merchant's endpoints were told of it.
pub(super) fn deliveries(reads: &Reads, file: &DepositFile) -> Result<Vec<Delivery>, Broken> {
    let Some(merchant) = &file.seen.merchant else {
        return Ok(Vec::new());
    };
    let endpoints = reads.endpoints(Some(merchant), None, limits::LIST_ROWS_MAX)?;
    let mut found = Vec::new();
    for shown in endpoints {
        for (position, record) in &file.records {
            // A record makes at most as many happenings as it has events.
            for index in 0..record.events.len() {
                let Ok(index) = u32::try_from(index) else {
                    break;
                };
                let letter = LetterId {
                    endpoint: shown.endpoint.id,
                    event: EventId {
                        position: *position,
                        index,
                    },
                };
                found.extend(reads.delivery(letter)?);
            }
        }
    }
    Ok(found)
}
