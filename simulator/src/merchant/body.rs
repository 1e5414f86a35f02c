//! The bodies of the dialects, field by field, as their receivers in the field expect them.

use serde_json::Value;

/// What a field must look like.
#[derive(Clone, Copy)]
enum Shape {
    /// Text, possibly empty.
    Text,
    /// Text that is not empty.
    Word,
    /// Exactly this text.
    Just(&'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// So many digits.
    Digits(usize),
    /// Digits, one at least.
    Number,
    /// A JSON number: whole won, above zero.
    Won,
    /// A JSON number: whole won.
    Balance,
    /// `YYYY-MM-DDTHH:MM:SS+09:00`.
    Seoul,
    /// RFC 3339 with an offset.
    Instant,
    /// An object.
    Table,
}

impl Shape {
    fn fits(self, value: &Value) -> bool {
        let text = value.as_str();
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Text => text.is_some(),
            Self::Word => text.is_some_and(|text| !text.is_empty()),
            Self::Just(due) => text == Some(due),
            Self::OneOf(due) => text.is_some_and(|text| due.contains(&text)),
            Self::Digits(count) => text.is_some_and(|text| text.len() == count && digits(text)),
            Self::Number => text.is_some_and(|text| !text.is_empty() && digits(text)),
            Self::Won => value.as_u64().is_some_and(|won| won > 0),
            Self::Balance => value.is_u64(),
            Self::Seoul => text.is_some_and(is_seoul),
            Self::Instant => text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            Self::Table => value.is_object(),
        }
    }
}

/// Seconds and the offset of Seoul, nothing else.
fn is_seoul(text: &str) -> bool {
    text.len() == 25 && text.ends_with("+09:00") && text.parse::<jiff::Timestamp>().is_ok()
}

type Fields = &'static [(&'static str, Shape)];

/// Each field due is there in its shape; of the others only those are, that may be.
fn check(said: &Value, due: Fields, may: Fields, faults: &mut Vec<String>) {
    let Some(table) = said.as_object() else {
        faults.push("the body is no object".into());
        return;
    };
    for (name, shape) in due {
        match table.get(*name) {
            None => faults.push(format!("`{name}` is missing")),
            Some(value) if !shape.fits(value) => faults.push(format!("`{name}` is {value}")),
            Some(_) => {}
        }
    }
    for (name, value) in table {
        if due.iter().any(|(known, _)| known == name) {
            continue;
        }
        match may.iter().find(|(known, _)| known == name) {
            None => faults.push(format!("`{name}` does not belong there")),
            Some((_, shape)) if !shape.fits(value) => faults.push(format!("`{name}` is {value}")),
            Some(_) => {}
        }
    }
}

const MATCHED: Fields = &[
    ("order_number", Shape::Word),
    ("order_status", Shape::Just("매칭완료")),
    ("processing_date", Shape::Seoul),
];

const TRANSACTION: Fields = &[
    (
        "transaction_type",
        Shape::OneOf(&["deposited", "withdrawn"]),
    ),
    ("bank_account_id", Shape::Text),
    ("bank_account_number", Shape::Number),
    ("bank_code", Shape::Digits(3)),
    ("amount", Shape::Won),
    ("transaction_date", Shape::Seoul),
    ("transaction_name", Shape::Text),
    ("balance", Shape::Balance),
    ("processing_date", Shape::Seoul),
];

/// 매칭완료 in exactly three fields, or 입출금 in nine.
pub(super) fn payaction(said: &Value, faults: &mut Vec<String>) {
    let due = if said.get("transaction_type").is_some() {
        TRANSACTION
    } else {
        MATCHED
    };
    check(said, due, &[], faults);
}

const NOTICE_A: Fields = &[
    ("type", Shape::OneOf(&["deposit", "depositback"])),
    ("moid", Shape::Text),
    ("appDt", Shape::Digits(8)),
    ("appTm", Shape::Digits(6)),
    ("amt", Shape::Number),
    ("sender", Shape::Text),
];

/// «(+ account fields)»: named as in the second form.
const NOTICE_A_MAY: Fields = &[
    ("mid", Shape::Word),
    ("vacctNo", Shape::Number),
    ("bankCd", Shape::Digits(3)),
    ("trNo", Shape::Word),
];

/// EzPG's notice in its first form.
pub(super) fn ezpg_a(said: &Value, mid: Option<&str>, faults: &mut Vec<String>) {
    check(said, NOTICE_A, NOTICE_A_MAY, faults);
    whose(said, mid, faults);
}

const NOTICE_B: Fields = &[
    ("mid", Shape::Word),
    ("vacctNo", Shape::Number),
    ("bankCd", Shape::Digits(3)),
    ("amt", Shape::Number),
    ("depositDt", Shape::Digits(8)),
    ("depositTm", Shape::Digits(6)),
    ("trNo", Shape::Word),
];

const NOTICE_B_MAY: Fields = &[("depositNm", Shape::Text), ("bankTrId", Shape::Text)];

const NOTICE_B_OUT: Fields = &[
    ("mid", Shape::Word),
    ("natvTrNo", Shape::Word),
    ("moid", Shape::Text),
    ("resultCd", Shape::Digits(4)),
    ("resultMsg", Shape::Text),
    ("amt", Shape::Number),
    ("bankCd", Shape::Digits(3)),
    ("accntNo", Shape::Number),
    ("accntNm", Shape::Text),
    ("trDt", Shape::Digits(8)),
    ("trTm", Shape::Digits(6)),
];

const NOTICE_B_OUT_MAY: Fields = &[("bankTrId", Shape::Text)];

/// EzPG's notice in its second form: of a deposit, or of a withdrawal.
pub(super) fn ezpg_b(said: &Value, mid: Option<&str>, faults: &mut Vec<String>) {
    if said.get("natvTrNo").is_some() {
        check(said, NOTICE_B_OUT, NOTICE_B_OUT_MAY, faults);
    } else {
        check(said, NOTICE_B, NOTICE_B_MAY, faults);
    }
    whose(said, mid, faults);
}

fn whose(said: &Value, mid: Option<&str>, faults: &mut Vec<String>) {
    if let (Some(came), Some(due)) = (said.get("mid"), mid)
        && came.as_str() != Some(due)
    {
        faults.push(format!("`mid` is {came}, due was `{due}`"));
    }
}

const ENVELOPE: Fields = &[
    ("type", Shape::Word),
    ("timestamp", Shape::Instant),
    ("data", Shape::Table),
];

const DEPOSIT: Fields = &[
    ("transactionId", Shape::Word),
    ("merchantId", Shape::Word),
    ("accountNo", Shape::Number),
    ("bankCode", Shape::Digits(3)),
    ("amount", Shape::Won),
    ("fee", Shape::Balance),
    ("depositorName", Shape::Text),
    ("depositedAt", Shape::Instant),
];

const DEPOSIT_MAY: Fields = &[("orderNumber", Shape::Word), ("reason", Shape::Text)];

/// Standard Webhooks: the envelope, and for events of deposits what is in it.
pub(super) fn standard(said: &Value, faults: &mut Vec<String>) {
    check(said, ENVELOPE, &[], faults);
    let kind = said.get("type").and_then(Value::as_str).unwrap_or_default();
    if let Some(data) = said.get("data").filter(|_| kind.starts_with("deposit.")) {
        check(data, DEPOSIT, DEPOSIT_MAY, faults);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(check: impl Fn(&Value, &mut Vec<String>), said: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        check(said, &mut faults);
        faults
    }

    #[test]
    fn the_matched_webhook_has_three_fields_and_no_more() {
        let good = json!({
            "order_number": "A-1", "order_status": "매칭완료",
            "processing_date": "2030-03-04T10:00:00+09:00"
        });
        assert_eq!(faults(payaction, &good), [""; 0]);
        let mut more = good.clone();
        more["amount"] = json!(1_000);
        assert_eq!(faults(payaction, &more), ["`amount` does not belong there"]);
        for (field, value) in [
            ("order_status", json!("매칭")),
            ("order_number", json!(1)),
            ("processing_date", json!("2030-03-04T10:00:00.123+09:00")),
            ("processing_date", json!("2030-03-04T01:00:00Z")),
        ] {
            let mut wrong = good.clone();
            wrong[field] = value;
            assert_eq!(faults(payaction, &wrong).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_transaction_has_nine_fields() {
        let good = json!({
            "transaction_type": "deposited", "bank_account_id": "1x2",
            "bank_account_number": "701004000001", "bank_code": "004", "amount": 1_000,
            "transaction_date": "2030-03-04T10:00:00+09:00", "transaction_name": "홍길동",
            "balance": 1_000, "processing_date": "2030-03-04T10:00:01+09:00"
        });
        assert_eq!(faults(payaction, &good), [""; 0]);
        for name in good
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| *name != "transaction_type")
        {
            let mut less = good.clone();
            less.as_object_mut().unwrap().remove(name);
            assert_eq!(faults(payaction, &less), [format!("`{name}` is missing")]);
        }
    }

    #[test]
    fn ezpg_speaks_for_the_right_merchant() {
        let good = json!({
            "mid": "SIM31", "vacctNo": "701004000001", "bankCd": "004", "amt": "1000",
            "depositDt": "20300304", "depositTm": "100000", "trNo": "dep_000000000001"
        });
        let check = |mid: Option<&'static str>| {
            move |said: &Value, faults: &mut Vec<String>| ezpg_b(said, mid, faults)
        };
        assert_eq!(faults(check(Some("SIM31")), &good), [""; 0]);
        assert_eq!(faults(check(Some("SIM32")), &good).len(), 1);
        let mut number = good.clone();
        number["amt"] = json!(1_000);
        assert_eq!(faults(check(None), &number), ["`amt` is 1000"]);
    }

    #[test]
    fn the_standard_envelope_is_checked_inside_too() {
        let good = json!({
            "type": "deposit.matched", "timestamp": "2030-03-04T10:00:00+09:00",
            "data": {
                "transactionId": "dep_000000000001", "merchantId": "SIM31",
                "accountNo": "701004000001", "bankCode": "004", "amount": 1_000, "fee": 0,
                "depositorName": "홍길동", "depositedAt": "2030-03-04T10:00:00+09:00",
                "orderNumber": "A-1"
            }
        });
        assert_eq!(faults(standard, &good), [""; 0]);
        let mut wrong = good.clone();
        wrong["data"]["amount"] = json!("1000");
        assert_eq!(faults(standard, &wrong), ["`amount` is \"1000\""]);
        let other = json!({"type": "order.expired", "timestamp": "soon", "data": {}});
        assert_eq!(faults(standard, &other), ["`timestamp` is \"soon\""]);
    }
}
