//! A trial of an endpoint: what was tried and found, in words. Nothing of it is written down.

use serde_json::json;

use super::Sender;
use super::yes::wanted;
use crate::domain::webhook::{Attempt, Fault};
use crate::domain::{Dialect, Endpoint, EventId, Timestamp};

/// What a trial found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// What came of the call.
    pub attempt: Attempt,
    /// What was sent.
    pub body: String,
    /// What it means, in words.
    pub words: String,
    /// What should have come, in words.
    pub wanted: &'static str,
}

impl Sender {
    /// Calls an endpoint with a sample that nobody can take for money: no order and no won.
    pub async fn try_out(&self, endpoint: &Endpoint) -> Trial {
        let now = self.clock.now();
        let about = EventId {
            position: 0,
            index: 0,
        };
        let body = sample(endpoint, now).to_string();
        let bytes = Some(body.clone().into_bytes());
        let attempt = self.attempt(endpoint, (about, now), bytes).await;
        let words = words(endpoint, &attempt);
        Trial {
            attempt,
            body,
            words,
            wanted: wanted(endpoint.dialect),
        }
    }
}

fn sample(endpoint: &Endpoint, now: Timestamp) -> serde_json::Value {
    let second = |format: &str| match now.in_seoul() {
        Some(at) => at.strftime(format).to_string(),
        None => String::new(),
    };
    match endpoint.dialect {
        Dialect::Payaction => json!({
            "order_number": "NARU-TEST",
            "order_status": "테스트",
            "processing_date": second("%Y-%m-%dT%H:%M:%S+09:00"),
        }),
        Dialect::EzpgA => json!({
            "type": "test", "moid": "NARU-TEST", "appDt": second("%Y%m%d"),
            "appTm": second("%H%M%S"), "amt": "0", "sender": "", "mid": endpoint.merchant,
            "bankCd": "", "vacctNo": "", "trNo": "test",
        }),
        Dialect::EzpgB => json!({
            "mid": endpoint.merchant, "vacctNo": "", "bankCd": "", "amt": "0",
            "depositDt": second("%Y%m%d"), "depositTm": second("%H%M%S"), "trNo": "test",
            "depositNm": "", "bankTrId": "",
        }),
        Dialect::Standard => json!({
            "type": "webhook.test", "timestamp": now.to_string(),
            "data": { "merchantId": endpoint.merchant },
        }),
    }
}

/// What an attempt means to whoever looks after the receiver.
pub fn words(endpoint: &Endpoint, attempt: &Attempt) -> String {
    if attempt.accepted {
        return format!(
            "정상입니다. {} ms 만에 올바른 응답을 받았습니다.",
            attempt.took_millis
        );
    }
    if let Some(fault) = attempt.fault {
        return of_fault(fault).to_owned();
    }
    let Some(status) = attempt.status else {
        return of_fault(Fault::Broke).to_owned();
    };
    let answer = attempt.answer.as_deref().unwrap_or_default();
    match (status, endpoint.dialect) {
        (300..=399, _) => format!(
            "서버가 HTTP {status} 로 다른 주소를 알려 주었습니다. 웹훅은 리다이렉트를 따라가지 \
             않으므로 최종 주소를 등록해 주십시오."
        ),
        (401 | 403, _) => format!(
            "서버가 HTTP {status} 로 거절했습니다. 방화벽이나 인증 설정에서 이 요청을 허용하는지 \
             확인해 주십시오."
        ),
        (404, _) => "서버는 응답하지만 그 경로가 없습니다 (HTTP 404). URL의 경로를 확인해 \
                     주십시오."
            .to_owned(),
        (200, Dialect::Payaction) if answer.trim().is_empty() => {
            "HTTP 200 이지만 본문이 비어 있습니다. {\"status\":\"success\"} 를 JSON 본문으로 \
             보내 주십시오."
                .to_owned()
        }
        (200, Dialect::Payaction) => {
            "HTTP 200 이지만 본문이 {\"status\":\"success\"} 가 아닙니다.".to_owned()
        }
        (200..=299, Dialect::Payaction) => format!(
            "HTTP {status} 로 응답했습니다. 상태 코드 200과 {{\"status\":\"success\"}} 본문이 \
             필요합니다."
        ),
        (200..=299, Dialect::EzpgA | Dialect::EzpgB) => format!(
            "HTTP {status} 이지만 본문이 정확히 0000 네 글자가 아닙니다. 공백이나 줄바꿈도 없어야 \
             합니다."
        ),
        (500..=599, _) => format!(
            "서버 안에서 오류가 났습니다 (HTTP {status}). 서버의 오류 기록을 확인해 주십시오."
        ),
        _ => format!("HTTP {status} 로 응답했습니다. 2xx 응답이 필요합니다."),
    }
}

/// What a fault means, and what to look at.
pub fn of_fault(fault: Fault) -> &'static str {
    match fault {
        Fault::BadUrl => "URL을 호출할 수 없습니다. https:// 로 시작하는 공개 주소여야 합니다.",
        Fault::NameNotResolved => {
            "도메인 이름을 찾을 수 없습니다. DNS에 등록되어 있는지, 철자가 맞는지 확인해 주십시오."
        }
        Fault::AddressRefused => {
            "도메인이 사설 또는 특수 주소를 가리킵니다. 인터넷에서 접근할 수 있는 공개 주소만 \
             호출합니다."
        }
        Fault::ConnectionRefused => {
            "서버가 연결을 거부했습니다. 서버가 켜져 있는지, 포트와 방화벽을 확인해 주십시오."
        }
        Fault::CertificateExpired => {
            "SSL 인증서의 유효기간이 지났거나 아직 시작되지 않았습니다. 인증서를 갱신해 주십시오."
        }
        Fault::CertificateName => {
            "SSL 인증서가 이 도메인의 것이 아닙니다. 인증서에 적힌 이름을 확인해 주십시오."
        }
        Fault::CertificateUntrusted => {
            "SSL 인증서를 신뢰할 수 없습니다. 중간 인증서가 빠졌거나(인증서 체인) 공인 기관이 \
             발급한 것이 아닙니다."
        }
        Fault::Tls => "SSL 연결을 맺지 못했습니다. TLS 1.2 이상을 지원하는지 확인해 주십시오.",
        Fault::TimedOut => {
            "15초 안에 응답이 오지 않았습니다. 방화벽이 막고 있지 않은지, 받은 즉시 응답하고 \
             처리는 나중에 하는지 확인해 주십시오."
        }
        Fault::Broke => "응답을 다 받기 전에 연결이 끊겼거나 HTTP가 아닌 응답이 왔습니다.",
        Fault::NoKey => {
            "서명할 키가 없어 보내지 않았습니다. 가맹점의 키를 발급하거나 secret을 지정해 주십시오."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::domain::webhook::{Attempt, Fault};
    use crate::domain::{Dialect, Endpoint, EndpointId, MerchantId, Timestamp};

    fn told(dialect: Dialect, status: Option<u16>, answer: &str, fault: Option<Fault>) -> String {
        let endpoint = Endpoint {
            id: EndpointId::new(1),
            merchant: MerchantId::new("shop").unwrap(),
            url: "https://shop.example/".to_owned(),
            dialect,
            events: Vec::new(),
            enabled: true,
            secret: None,
            former: None,
            created_at: Timestamp::default(),
        };
        let attempt = Attempt {
            url: endpoint.url.clone(),
            sent_at: Timestamp::default(),
            took_millis: 12,
            status,
            answer: Some(answer.to_owned()),
            fault,
            accepted: false,
            retry_after: None,
        };
        words(&endpoint, &attempt)
    }

    #[test]
    fn each_finding_has_words_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for fault in [
            Fault::BadUrl,
            Fault::NameNotResolved,
            Fault::AddressRefused,
            Fault::ConnectionRefused,
            Fault::CertificateExpired,
            Fault::CertificateName,
            Fault::CertificateUntrusted,
            Fault::Tls,
            Fault::TimedOut,
            Fault::Broke,
            Fault::NoKey,
        ] {
            assert!(seen.insert(told(Dialect::Standard, None, "", Some(fault))));
        }
        for (dialect, status, answer, part) in [
            (Dialect::Standard, 302, "", "리다이렉트"),
            (Dialect::Standard, 403, "", "방화벽"),
            (Dialect::Standard, 404, "", "경로"),
            (Dialect::Standard, 503, "", "오류"),
            (Dialect::Standard, 418, "", "2xx"),
            (Dialect::Payaction, 200, "", "비어"),
            (Dialect::Payaction, 200, "OK", "가 아닙니다"),
            (Dialect::Payaction, 201, "", "상태 코드 200"),
            (Dialect::EzpgA, 200, "0000\n", "네 글자"),
        ] {
            let words = told(dialect, Some(status), answer, None);
            assert!(words.contains(part), "{status}: {words}");
            assert!(seen.insert(words), "{status}");
        }
    }
}
