//! The log over HTTP: the real lines of the days asked for, for head office alone.

use crate::support::http::Http;

/// Writes lines into the house's log book as its own writer would.
fn keep(house: &Http, lines: &[(&str, &str, &str)]) {
    let folder = house.data().join("logs");
    std::fs::create_dir_all(&folder).unwrap();
    for (stamp, level, message) in lines {
        let text = format!(
            "{{\"timestamp\":\"{stamp}\",\"level\":\"{level}\",\"message\":\"{message}\",\
             \"target\":\"naru::web\",\"trace\":\"TRACE1\"}}\n"
        );
        let file = folder.join(format!("naru-{}.jsonl", &stamp[..10]));
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        std::fs::write(file, before + &text).unwrap();
    }
}

#[test]
fn lines_are_found_by_day_level_and_word() {
    let house = Http::start();
    let (_, admin) = house.admin();
    keep(
        &house,
        &[
            ("2026-03-01T14:59:59.000000Z", "INFO", "the evening before"),
            (
                "2026-03-01T15:00:00.000000Z",
                "INFO",
                "the first of the day",
            ),
            ("2026-03-02T01:00:00.000000Z", "WARN", "something odd"),
            ("2026-03-02T14:59:59.000000Z", "INFO", "the last of the day"),
        ],
    );
    let day = "startDate=20260302&endDate=2026-03-02";
    let all = house.get(&format!("/ezpg/logs?{day}"), &admin).yes();
    assert_eq!(all.body["totalCount"], 3, "{}", all.body);
    assert_eq!(all.body["logs"][0]["message"], "the last of the day");
    assert_eq!(all.body["logs"][0]["source"], "naru::web");
    assert_eq!(all.body["logs"][0]["details"]["trace"], "TRACE1");
    let odd = house
        .get(&format!("/ezpg/logs?{day}&logLevel=warn"), &admin)
        .yes();
    assert_eq!(odd.body["totalCount"], 1);
    let word = house
        .get(&format!("/ezpg/logs?{day}&keyword=first"), &admin)
        .yes();
    assert_eq!(word.body["logs"][0]["message"], "the first of the day");
    let page = house
        .get(&format!("/ezpg/logs?{day}&limit=1&page=3"), &admin)
        .yes();
    assert_eq!(page.body["logs"][0]["message"], "the first of the day");
}

#[test]
fn what_is_asked_wrongly_is_told_and_others_may_not_look() {
    let house = Http::start();
    let (_, admin) = house.admin();
    for query in [
        "logLevel=LOUD",
        "startDate=yesterday",
        "startDate=20260302&endDate=20260301",
        "page=0",
        "limit=501",
        "page=21&limit=500",
    ] {
        assert_eq!(
            house.get(&format!("/ezpg/logs?{query}"), &admin).no(),
            (400, "1003"),
            "{query}"
        );
    }
    let password = house.add_user(&admin, "viewer", "viewer", None);
    let viewer = house.log_in("viewer", &password).yes().text("token");
    assert_eq!(house.get("/ezpg/logs", &viewer).no(), (403, "1002"));
}
