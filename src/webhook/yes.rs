//! What a dialect takes for a yes.

use crate::domain::Dialect;

/// Whether an answer is the one that the dialect's receivers must give. `whole` says that the
/// body's end was seen.
pub(crate) fn accepted(dialect: Dialect, status: u16, body: &[u8], whole: bool) -> bool {
    match dialect {
        Dialect::Payaction => status == 200 && whole && says_success(body),
        Dialect::EzpgA | Dialect::EzpgB => (200..300).contains(&status) && whole && body == b"0000",
        Dialect::Standard => (200..300).contains(&status),
    }
}

/// JSON with `"status": "success"` in it.
fn says_success(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|answer| {
        answer
            .get("status")
            .is_some_and(|status| status == "success")
    })
}

/// What should have come, in words for a merchant.
pub(crate) fn wanted(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Payaction => "HTTP 200과 JSON 본문 {\"status\":\"success\"}",
        Dialect::EzpgA | Dialect::EzpgB => "HTTP 2xx와 정확히 네 글자인 본문 0000",
        Dialect::Standard => "HTTP 2xx",
    }
}

#[cfg(test)]
mod tests {
    use super::accepted;
    use crate::domain::Dialect::{self, EzpgA, EzpgB, Payaction, Standard};

    #[test]
    fn each_dialect_has_its_own_yes() {
        let table: &[(Dialect, u16, &str, bool)] = &[
            (Payaction, 200, r#"{"status":"success"}"#, true),
            (
                Payaction,
                200,
                " {\"status\" : \"success\", \"more\": [1]}\n",
                true,
            ),
            (Payaction, 201, r#"{"status":"success"}"#, false),
            (Payaction, 200, r#"{"status":"error"}"#, false),
            (Payaction, 200, r#"{"result":"success"}"#, false),
            (Payaction, 200, r#""success""#, false),
            (Payaction, 200, "OK", false),
            (Payaction, 200, "", false),
            (Payaction, 200, r#"[{"status":"success"}]"#, false),
            (EzpgA, 200, "0000", true),
            (EzpgB, 202, "0000", true),
            (EzpgA, 200, "0000\n", false),
            (EzpgA, 200, "9999", false),
            (EzpgB, 200, "", false),
            (EzpgB, 500, "0000", false),
            (Standard, 200, "", true),
            (Standard, 204, "whatever", true),
            (Standard, 299, "", true),
            (Standard, 302, "", false),
            (Standard, 410, "", false),
            (Standard, 500, "", false),
        ];
        for (dialect, status, body, yes) in table {
            let said = accepted(*dialect, *status, body.as_bytes(), true);
            assert_eq!(said, *yes, "{dialect:?} {status} {body:?}");
        }
    }

    #[test]
    fn half_a_body_is_no_yes_where_the_body_counts() {
        assert!(!accepted(EzpgA, 200, b"0000", false));
        assert!(!accepted(Payaction, 200, br#"{"status":"success"}"#, false));
        assert!(accepted(Standard, 200, b"", false));
    }
}
