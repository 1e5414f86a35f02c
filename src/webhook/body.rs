//! What a letter says, in the words of each dialect. Rendered from the journal alone, by pure
//! functions over fixed fields: every attempt, resend and replay of a letter has the same bytes.

use serde::Serialize;

use crate::domain::{BankCode, BusinessDate, Dialect, EventKind, Timestamp, digits_of};
use crate::store::{Booking, Telling};

/// The body of a letter in `dialect`; none where the dialect has no words for it.
pub fn body(dialect: Dialect, telling: &Telling) -> Option<Vec<u8>> {
    if !dialect.can_say(telling.notice.kind) {
        return None;
    }
    match dialect {
        Dialect::Payaction => payaction(telling),
        Dialect::EzpgA => ezpg_a(telling),
        Dialect::EzpgB => ezpg_b(telling),
        Dialect::Standard => bytes(&Standard {
            r#type: telling.notice.kind.word(),
            timestamp: telling.at.to_string(),
            data: data(telling),
        }),
    }
}

fn bytes(body: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(body).ok()
}

/// The envelope of Standard Webhooks.
#[derive(Serialize)]
struct Standard<'t> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'t>,
}

/// What a `standard` letter and the pull feed say of a happening.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    merchant_id: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_no: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depositor_name: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'t str>,
}

/// What there is to say about a happening, in the names of the `standard` dialect.
pub fn data(telling: &Telling) -> Data<'_> {
    let notice = &telling.notice;
    let booking = telling.booking.as_ref();
    let deposit = booking.map(|booking| &booking.deposit);
    let account = deposit
        .map(|deposit| &deposit.account)
        .or(notice.account.as_ref());
    Data {
        transaction_id: booking.map(|booking| transaction_id(booking.position)),
        merchant_id: notice.merchant.as_str(),
        account_no: account.map(|account| account.number.as_str()),
        bank_code: account.map(|account| account.bank.to_string()),
        amount: deposit.map(|deposit| deposit.amount.digits()),
        // There are no fees yet; the field is promised.
        fee: deposit.map(|_| 0),
        depositor_name: deposit.map(|deposit| deposit.payer.name.as_str()),
        deposited_at: booking.map(|booking| seconds(deposited_at(booking))),
        order_number: notice.order.as_deref(),
        reason: notice.reason.as_deref(),
    }
}

/// 매칭완료: exactly these three fields.
#[derive(Serialize)]
struct Matched<'t> {
    order_number: &'t str,
    order_status: &'static str,
    processing_date: String,
}

/// 입출금: a movement on an account, without any order.
#[derive(Serialize)]
struct Moved<'t> {
    transaction_type: &'static str,
    bank_account_id: String,
    bank_account_number: &'t str,
    bank_code: String,
    amount: u64,
    transaction_date: String,
    transaction_name: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<u64>,
    processing_date: String,
}

fn payaction(telling: &Telling) -> Option<Vec<u8>> {
    let processing_date = seconds(telling.at);
    match telling.notice.kind {
        EventKind::DepositMatched => {
            return bytes(&Matched {
                order_number: telling.notice.order.as_deref()?,
                order_status: "매칭완료",
                processing_date,
            });
        }
        EventKind::DepositReceived => {}
        // Nothing else has words yet, and whatever has none must not look like a payment.
        _ => return None,
    }
    let booking = telling.booking.as_ref()?;
    let deposit = &booking.deposit;
    bytes(&Moved {
        transaction_type: "deposited",
        bank_account_id: account_id(deposit.account.bank, deposit.account.number.as_str()),
        bank_account_number: deposit.account.number.as_str(),
        bank_code: deposit.account.bank.to_string(),
        amount: deposit.amount.digits(),
        transaction_date: seconds(deposited_at(booking)),
        transaction_name: &deposit.payer.name,
        balance: telling.balance.map(crate::domain::Won::digits),
        processing_date,
    })
}

/// A name for an account in the shape that `PayAction` gives them, always the same one.
fn account_id(bank: BankCode, number: &str) -> String {
    let mut seed = vec![u64::from(bank.number())];
    seed.extend(number.bytes().map(u64::from));
    let (head, tail) = digits_of(&seed);
    format!(
        "{:013}x{tail:018}",
        1_500_000_000_000 + head % 100_000_000_000
    )
}

/// The vendor's notice: `deposit`, or `depositback` where the bank undid it.
#[derive(Serialize)]
#[allow(non_snake_case, reason = "the names are the interface's own")]
struct NoticeA<'t> {
    r#type: &'static str,
    moid: &'t str,
    appDt: String,
    appTm: String,
    amt: String,
    sender: &'t str,
    mid: &'t str,
    bankCd: String,
    vacctNo: &'t str,
    trNo: String,
}

fn ezpg_a(telling: &Telling) -> Option<Vec<u8>> {
    let booking = telling.booking.as_ref()?;
    let deposit = &booking.deposit;
    let (word, at) = match telling.notice.kind {
        EventKind::DepositReceived => ("deposit", deposited_at(booking)),
        EventKind::DepositCorrected => ("depositback", telling.at),
        _ => return None,
    };
    let (day, time) = day_and_time(at);
    bytes(&NoticeA {
        r#type: word,
        moid: telling.notice.order.as_deref().unwrap_or_default(),
        appDt: day,
        appTm: time,
        amt: deposit.amount.digits().to_string(),
        sender: &deposit.payer.name,
        mid: telling.notice.merchant.as_str(),
        bankCd: deposit.account.bank.to_string(),
        vacctNo: deposit.account.number.as_str(),
        trNo: transaction_id(booking.position),
    })
}

/// The second client's notice of a deposit.
#[derive(Serialize)]
#[allow(non_snake_case, reason = "the names are the interface's own")]
struct NoticeB<'t> {
    mid: &'t str,
    vacctNo: &'t str,
    bankCd: String,
    amt: String,
    depositDt: String,
    depositTm: String,
    trNo: String,
    depositNm: &'t str,
    bankTrId: &'t str,
}

fn ezpg_b(telling: &Telling) -> Option<Vec<u8>> {
    if telling.notice.kind != EventKind::DepositReceived {
        return None;
    }
    let booking = telling.booking.as_ref()?;
    let deposit = &booking.deposit;
    let (day, time) = day_and_time(deposited_at(booking));
    bytes(&NoticeB {
        mid: telling.notice.merchant.as_str(),
        vacctNo: deposit.account.number.as_str(),
        bankCd: deposit.account.bank.to_string(),
        amt: deposit.amount.digits().to_string(),
        depositDt: day,
        depositTm: time,
        trNo: transaction_id(booking.position),
        depositNm: &deposit.payer.name,
        bankTrId: &deposit.key.trace_no,
    })
}

/// A deposit's public name, by the journal position of its booking.
pub fn transaction_id(position: u64) -> String {
    format!("dep_{position:012}")
}

/// When the money came, as the bank says; by our own clock where it does not.
fn deposited_at(booking: &Booking) -> Timestamp {
    let deposit = &booking.deposit;
    let told = deposit.trade_time.as_deref();
    told.and_then(|time| bank_time(deposit.key.trade_date, time))
        .unwrap_or(booking.at)
}

/// A day and `HHMMSS` of Seoul.
fn bank_time(day: BusinessDate, time: &str) -> Option<Timestamp> {
    let plain = time.len() == 6 && time.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, max: i8| {
        let part: i8 = time.get(from..from + 2)?.parse().ok()?;
        (part <= max).then_some(part)
    };
    if !plain {
        return None;
    }
    let at = day.date().at(part(0, 23)?, part(2, 59)?, part(4, 59)?, 0);
    Timestamp::from_seoul(at)
}

/// ISO 8601 to the second: `2026-03-02T10:15:00+09:00`.
fn seconds(at: Timestamp) -> String {
    match at.in_seoul() {
        Some(at) => format!("{}+09:00", at.strftime("%Y-%m-%dT%H:%M:%S")),
        None => at.to_string(),
    }
}

/// `YYYYMMDD` and `HHMMSS` of Seoul.
fn day_and_time(at: Timestamp) -> (String, String) {
    match at.in_seoul() {
        Some(at) => (
            at.strftime("%Y%m%d").to_string(),
            at.strftime("%H%M%S").to_string(),
        ),
        None => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests;
