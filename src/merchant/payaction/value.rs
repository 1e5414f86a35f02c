//! Values as this face's clients write them: blank is missing, digits in quotes are a number, and
//! instants come in many shapes. What is neither missing nor right is told by its field's name.

use serde_json::Value;

use super::No;
use crate::domain::{BusinessDate, OrderNumber, ReceiptWish, Timestamp, Won};
use crate::limits;
use crate::merchant::text::{composed, is_plain};

/// Digits of an amount at most, as in a telegram.
const AMOUNT_DIGITS_MAX: usize = 13;

/// A field with its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a>(pub(super) &'static str, pub(super) &'a Value);

impl Field<'_> {
    /// Whether nothing was sent: no field, null, or only blanks.
    fn is_missing(&self) -> bool {
        match self.1 {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    fn wrong(&self) -> No {
        No::Value(self.0)
    }

    /// The text just as it was written.
    fn text(&self) -> Result<&str, No> {
        self.1.as_str().ok_or_else(|| self.wrong())
    }

    /// A text that people read: composed, trimmed, and without what nobody can see.
    fn words(&self, most: usize) -> Result<String, No> {
        let text = composed(self.text()?);
        if text.is_empty() || text.chars().count() > most || !is_plain(&text) {
            return Err(self.wrong());
        }
        Ok(text)
    }

    /// A name.
    pub(super) fn name(&self) -> Result<String, No> {
        self.words(limits::NAME_CHARACTERS_MAX)
    }

    /// An address of a mail, if one was sent.
    pub(super) fn email(&self) -> Result<Option<String>, No> {
        if self.is_missing() {
            return Ok(None);
        }
        self.words(limits::CONTACT_CHARACTERS_MAX).map(Some)
    }

    /// The number of a phone without what people put between digits, if one was sent.
    pub(super) fn phone(&self) -> Result<Option<String>, No> {
        if self.is_missing() {
            return Ok(None);
        }
        let mut text = self.words(limits::CONTACT_CHARACTERS_MAX)?;
        text.retain(|letter| !letter.is_whitespace() && !"-.()".contains(letter));
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A merchant's own number of an order, just as it was written: it goes back in webhooks.
    pub(super) fn order_number(&self) -> Result<OrderNumber, No> {
        let text = self.text()?;
        let number = OrderNumber::new(text).filter(|_| is_plain(text));
        number.ok_or_else(|| self.wrong())
    }

    /// A whole amount of won, more than zero: a number, or its digits in quotes.
    pub(super) fn amount(&self) -> Result<Won, No> {
        let text = match self.1 {
            Value::String(text) => text.trim().to_owned(),
            // Some clients count in fractions and write a whole amount as `19000.0`.
            Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
            _ => return Err(self.wrong()),
        };
        let fits = (1..=AMOUNT_DIGITS_MAX).contains(&text.len());
        let digits = fits && text.bytes().all(|byte| byte.is_ascii_digit());
        let amount = text.parse().ok().filter(|amount| digits && *amount > 0);
        amount.map(Won::new).ok_or_else(|| self.wrong())
    }

    /// An instant.
    pub(super) fn instant(&self) -> Result<Timestamp, No> {
        Timestamp::parse_lenient(self.text()?.trim()).ok_or_else(|| self.wrong())
    }

    /// An instant or the last second of a day, if one was sent.
    pub(super) fn end(&self) -> Result<Option<Timestamp>, No> {
        if self.is_missing() {
            return Ok(None);
        }
        let text = self.text()?.trim();
        let of_day = |day: BusinessDate| Timestamp::from_seoul(day.date().at(23, 59, 59, 0));
        let end = match BusinessDate::parse(text) {
            Some(day) => of_day(day),
            None => Timestamp::parse_lenient(text),
        };
        end.map(Some).ok_or_else(|| self.wrong())
    }

    /// Whatever was sent, as text: for fields that are never a reason to refuse a call.
    fn lenient(&self) -> Option<String> {
        match self.1 {
            Value::Null => None,
            Value::String(text) => Some(composed(text)).filter(|text| !text.is_empty()),
            other => Some(other.to_string()),
        }
    }
}

/// Refuses a call in which one of `fields` is missing.
pub(super) fn all_there(fields: &[Field<'_>]) -> Result<(), No> {
    if fields.iter().any(Field::is_missing) {
        return Err(No::Missing);
    }
    Ok(())
}

/// The cash receipt that was asked for; what cannot be issued is kept as the reason why.
pub(super) fn receipt(usage: Field<'_>, identity: Field<'_>) -> ReceiptWish {
    ReceiptWish::judged(usage.lenient().as_deref(), identity.lenient().as_deref())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{ReceiptRefusal, ReceiptUsage};

    fn wrong<T: std::fmt::Debug>(answer: Result<T, No>) -> String {
        answer.expect_err("a no").words().into_owned()
    }

    #[test]
    fn amounts_are_whole_and_more_than_nothing() {
        let read = |value: Value| Field("order_amount", &value).amount();
        for (value, won) in [
            (json!(19000), 19_000),
            (json!("19000"), 19_000),
            (json!(" 19000 "), 19_000),
            (json!(19000.0), 19_000),
            (json!(9_999_999_999_999_u64), 9_999_999_999_999),
        ] {
            assert_eq!(read(value.clone()).unwrap(), Won::new(won), "{value}");
        }
        for value in [
            json!(0),
            json!(-1),
            json!(-0.0),
            json!(0.5),
            json!(19000.5),
            json!(1e30),
            json!("-1"),
            json!("+1"),
            json!("19000.0"),
            json!("19,000"),
            json!("1e3"),
            json!("１９０００"),
            json!("홍길동"),
            json!(10_000_000_000_000_u64),
            json!("00000000000001"),
            json!(true),
            json!([19000]),
            json!({"a": 1}),
        ] {
            let words = wrong(read(value.clone()));
            assert_eq!(words, "order_amount 값이 올바르지 않습니다.", "{value}");
        }
    }

    #[test]
    fn blank_is_missing() {
        for value in [json!(null), json!(""), json!("  "), json!("\u{3000}\t")] {
            let field = Field("billing_name", &value);
            assert!(field.is_missing(), "{value}");
            assert_eq!(wrong(all_there(&[field])), "누락된 필드가 존재합니다.");
            assert_eq!(field.phone().unwrap(), None);
            assert_eq!(field.end().unwrap(), None);
        }
        assert!(!Field("billing_name", &json!(0)).is_missing());
    }

    #[test]
    fn names_are_composed_and_hold_nothing_hidden() {
        let read = |text: &str| Field("billing_name", &json!(text)).name();
        for (sent, kept) in [
            (" 홍길동 ", "홍길동"),
            ("\u{1112}\u{1169}\u{11bc}길동", "홍길동"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("=HYPERLINK(\"x\")", "=HYPERLINK(\"x\")"),
        ] {
            assert_eq!(read(sent).unwrap(), kept);
        }
        let long = "가".repeat(101);
        for sent in [
            "a\u{0}b",
            "a\nb",
            "\u{202e}동길홍",
            "a\u{200b}b",
            "\u{feff}",
            &long,
        ] {
            assert_eq!(
                wrong(read(sent)),
                "billing_name 값이 올바르지 않습니다.",
                "{sent:?}"
            );
        }
        assert!(Field("billing_name", &json!(5)).name().is_err());
    }

    #[test]
    fn phones_lose_their_dashes() {
        for (sent, kept) in [
            ("010-1234-5678", Some("01012345678")),
            ("+82 10 1234 5678", Some("+821012345678")),
            ("-", None),
        ] {
            let value = json!(sent);
            let phone = Field("orderer_phone_number", &value).phone().unwrap();
            assert_eq!(phone.as_deref(), kept);
        }
    }

    #[test]
    fn an_end_may_be_a_day() {
        for (sent, end) in [
            ("2026-03-01", "2026-03-01T23:59:59+09:00"),
            ("2026-03-01 12:00:00", "2026-03-01T12:00:00+09:00"),
            ("2026-03-01T03:00:00.123Z", "2026-03-01T12:00:00+09:00"),
        ] {
            let value = json!(sent);
            let read = Field("auto_cancel_date", &value).end().unwrap();
            assert_eq!(read.unwrap().to_second(), end);
        }
        let value = json!("tomorrow");
        assert_eq!(
            wrong(Field("auto_cancel_date", &value).end()),
            "auto_cancel_date 값이 올바르지 않습니다."
        );
    }

    #[test]
    fn a_receipt_is_never_a_reason_to_refuse() {
        let read = |usage: Value, identity: Value| {
            receipt(
                Field("trade_usage", &usage),
                Field("identity_number", &identity),
            )
        };
        assert_eq!(
            read(json!("소득공제용"), json!("01012345678")),
            ReceiptWish::Wanted {
                usage: ReceiptUsage::IncomeDeduction,
                identity: "01012345678".to_owned(),
            }
        );
        assert_eq!(
            read(json!("지출증빙용"), json!(1_234_567_890)),
            ReceiptWish::Wanted {
                usage: ReceiptUsage::ExpenseProof,
                identity: "1234567890".to_owned(),
            }
        );
        for (usage, identity, why) in [
            (
                json!("소득공제"),
                json!("01012345678"),
                ReceiptRefusal::UsageUnknown,
            ),
            (
                json!(true),
                json!("01012345678"),
                ReceiptRefusal::UsageUnknown,
            ),
            (
                json!("소득공제용"),
                json!("user-7"),
                ReceiptRefusal::IdentityInvalid,
            ),
            (
                json!("소득공제용"),
                json!({}),
                ReceiptRefusal::IdentityInvalid,
            ),
            (
                json!("소득공제용"),
                json!(null),
                ReceiptRefusal::IdentityInvalid,
            ),
        ] {
            assert_eq!(read(usage, identity), ReceiptWish::Invalid(why));
        }
        assert_eq!(read(json!(null), json!("user-7")), ReceiptWish::None);
    }
}
