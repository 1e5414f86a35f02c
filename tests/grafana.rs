//! Operators' first view, held against the code: what `grafana/` names exists, what exists is
//! shown, and the dashboards are what Grafana reads.
//!
//! Grafana itself does not run here. The schema is made from its own types
//! (`grafana/schema/README.md`); what a schema cannot say is a rule below. Each rule is shown to
//! fail on a planted fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use naru::telemetry::{Kind, METRICS, Metric};
use serde_json::{Value, json};

#[path = "grafana/query.rs"]
mod query;

use query::Query;

/// Metrics that no panel shows, each with its reason.
const NOT_SHOWN: &[(&str, &str)] = &[];

/// Labels that Prometheus adds to everything it scrapes, or to a histogram's parts.
const COMMON_LABELS: &[&str] = &["instance", "job", "le"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn dashboards() -> BTreeMap<PathBuf, Value> {
    let read = |(path, text): (PathBuf, String)| (path, serde_json::from_str(&text).unwrap());
    files(&root().join("grafana/dashboards"))
        .into_iter()
        .map(read)
        .collect()
}

fn board() -> Value {
    dashboards()
        .remove(&root().join("grafana/dashboards/bank.json"))
        .unwrap()
}

/// Panels with something on them: rows are only headings, and may hold panels of their own.
fn panels(board: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for panel in board["panels"].as_array().unwrap() {
        found.push(panel);
        found.extend(panel["panels"].as_array().into_iter().flatten());
    }
    found
}

fn title(panel: &Value) -> String {
    panel["title"].as_str().unwrap_or_default().to_owned()
}

/// Every query of a dashboard, with the panel it stands in.
fn board_queries(board: &Value) -> Vec<(String, Query)> {
    let mut found = Vec::new();
    for panel in panels(board) {
        for target in panel["targets"].as_array().into_iter().flatten() {
            found.push((title(panel), Query::parse(target["expr"].as_str().unwrap())));
        }
    }
    for list in ["/templating/list", "/annotations/list"] {
        for item in board.pointer(list).unwrap().as_array().unwrap() {
            let text = item["definition"].as_str().or(item["expr"].as_str());
            found.extend(text.map(|text| (item["name"].to_string(), Query::parse(text))));
        }
    }
    found
}

/// The expressions of the alerts, by alert.
fn alert_queries() -> BTreeMap<String, Query> {
    let text = fs::read_to_string(root().join("grafana/alerts.yml")).unwrap();
    let mut found = BTreeMap::new();
    for rule in text.split("- alert: ").skip(1) {
        let name = rule.lines().next().unwrap().trim().to_owned();
        let (_, rest) = rule.split_once("expr: ").unwrap();
        let ends = [" for: ", " labels: "]
            .iter()
            .filter_map(|end| rest.find(end));
        let expr = rest[..ends.min().unwrap()].trim_start_matches(">-");
        found.insert(name, Query::parse(expr));
    }
    found
}

fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// The metric behind a series, if there is one: a histogram is only seen by its parts.
fn behind(series: &str) -> Option<&'static Metric> {
    for part in ["_bucket", "_sum", "_count"] {
        if let Some(found) = series.strip_suffix(part).and_then(metric) {
            return matches!(found.kind, Kind::Histogram(_)).then_some(found);
        }
    }
    metric(series).filter(|found| !matches!(found.kind, Kind::Histogram(_)))
}

/// What is wrong with a query, by the catalogue.
fn query_faults(query: &Query) -> Vec<String> {
    let mut faults = Vec::new();
    let mut labels: BTreeSet<&str> = COMMON_LABELS.iter().copied().collect();
    for series in &query.series {
        match behind(series) {
            Some(metric) => labels.extend(metric.labels),
            None => faults.push(format!("{series} is no series of ours")),
        }
    }
    for label in query
        .labels
        .iter()
        .filter(|label| !labels.contains(label.as_str()))
    {
        faults.push(format!("no metric of the query has the label {label}"));
    }
    for series in &query.rated {
        if behind(series).is_some_and(|metric| metric.kind == Kind::Gauge) {
            faults.push(format!("{series} is a gauge; a rate of it means nothing"));
        }
    }
    faults
}

/// Every word that stands between quotes in the sources: what a label's value can be.
fn quoted_words() -> BTreeSet<String> {
    let sources = ["src", "telegrams/src"].map(|folder| files(&root().join(folder)));
    let texts = sources.iter().flat_map(BTreeMap::values);
    texts
        .flat_map(|text| text.split('"').map(str::to_owned))
        .collect()
}

#[test]
fn what_is_named_exists_and_can_be_asked_for() {
    let boards = dashboards();
    let shown = boards.values().flat_map(board_queries);
    for (place, query) in shown.chain(alert_queries()) {
        assert_eq!(
            query_faults(&query),
            Vec::<String>::new(),
            "{place}: {}",
            query.text
        );
        assert!(
            !query.series.is_empty() || query.text.contains("up{"),
            "{place} asks nothing"
        );
    }
}

#[test]
fn no_file_names_a_metric_that_does_not_exist() {
    for (path, text) in files(&root().join("grafana")) {
        for series in query::series(&text) {
            assert!(behind(&series).is_some(), "{}: {series}", path.display());
        }
    }
}

#[test]
fn every_metric_is_shown() {
    let boards = dashboards();
    let queries: Vec<Query> = boards
        .values()
        .flat_map(board_queries)
        .map(|(_, q)| q)
        .collect();
    let shown: BTreeSet<&str> = queries
        .iter()
        .flat_map(|query| &query.series)
        .filter_map(|series| behind(series))
        .map(|metric| metric.name)
        .collect();
    for metric in METRICS {
        let excused = NOT_SHOWN.iter().any(|(name, _)| *name == metric.name);
        assert_ne!(shown.contains(metric.name), excused, "{}", metric.name);
    }
}

#[test]
fn values_that_queries_ask_for_are_words_of_the_code() {
    let words = quoted_words();
    let boards = dashboards();
    let shown = boards.values().flat_map(board_queries);
    for (place, query) in shown.chain(alert_queries()) {
        for (label, value) in query.values.iter().filter(|(label, _)| label != "job") {
            assert!(
                words.contains(value),
                "{place}: {label}={value:?} is said nowhere"
            );
        }
    }
}

#[test]
fn a_query_with_a_fault_is_found_out() {
    for (text, fault) in [
        (
            "sum(rate(naru_telegram_total[5m]))",
            "naru_telegram_total is no series",
        ),
        ("naru_commit_seconds", "naru_commit_seconds is no series"),
        ("naru_holds_bucket", "naru_holds_bucket is no series"),
        ("sum by (bank) (naru_holds)", "label bank"),
        ("naru_deposits_total{bnk=~\"$bank\"}", "label bnk"),
        ("rate(naru_holds[5m])", "is a gauge"),
        (
            "increase(naru_suspense_won{bank=\"004\"}[5m])",
            "is a gauge",
        ),
    ] {
        let faults = query_faults(&Query::parse(text));
        assert!(
            faults.len() == 1 && faults[0].contains(fault),
            "{text}: {faults:?}"
        );
    }
    let sound =
        "histogram_quantile(0.9, sum by (le, kind) (rate(naru_telegram_seconds_bucket[5m])))";
    assert_eq!(query_faults(&Query::parse(sound)), Vec::<String>::new());
}

/// What Grafana's own types say against a dashboard.
fn schema_faults(board: &Value) -> Vec<String> {
    let text = fs::read_to_string(root().join("grafana/schema/board.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let told = |error: jsonschema::ValidationError<'_>| format!("{error}");
    validator.iter_errors(board).map(told).collect()
}

#[test]
fn dashboards_are_what_grafana_reads() {
    for (path, board) in dashboards() {
        assert_eq!(
            schema_faults(&board),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_dashboard_that_grafana_would_not_read_is_found_out() {
    let spoilt: &[(&str, Value)] = &[
        ("/panels/1/type", json!("guage")),
        ("/panels/1/gridPos", json!({"h": 4, "w": 4, "x": 0})),
        ("/panels/1/options/graphMode", json!("loud")),
        (
            "/panels/1/fieldConfig/defaults/thresholds",
            json!({"mode": "absolute"}),
        ),
        ("/panels/1/targets/0", json!({"refId": "A", "exp": "up"})),
        (
            "/panels/10/fieldConfig/defaults/custom/drawStyle",
            json!("dots"),
        ),
        ("/panels/10/options/tooltip/mode", json!("many")),
        ("/templating/list/0/type", json!("source")),
        ("/schemaVersion", json!("41")),
        ("/panels", json!({})),
    ];
    for (place, value) in spoilt {
        let mut board = board();
        *board
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("no {place}")) = value.clone();
        assert!(!schema_faults(&board).is_empty(), "{place} = {value}");
    }
    let mut board = board();
    board["colour"] = json!("green");
    assert!(!schema_faults(&board).is_empty());
}

/// The cells of the grid that a panel covers.
fn cells(panel: &Value) -> Vec<(u64, u64)> {
    let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
    let columns = side("x")..side("x") + side("w");
    let cell = |x: u64| (side("y")..side("y") + side("h")).map(move |y| (x, y));
    columns.flat_map(cell).collect()
}

/// The variables that a text uses, without Grafana's own.
fn variables(text: &str) -> Vec<String> {
    let words = text.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start_matches('{');
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    words
        .filter(|word| !word.is_empty() && !word.starts_with("__"))
        .collect()
}

/// What is wrong with a dashboard that no schema can say.
fn board_faults(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut ids, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels(board) {
        let name = title(panel);
        if !ids.insert(panel["id"].as_u64()) {
            faults.push(format!("{name}: its id is taken"));
        }
        for (x, y) in cells(panel) {
            if x >= 24 || !taken.insert((x, y)) {
                faults.push(format!("{name}: lies over another panel or the edge"));
                break;
            }
        }
        if name.is_empty() {
            faults.push("a panel has no title".to_owned());
        }
        if panel["type"] != "row" {
            faults.extend(
                panel_faults(panel)
                    .into_iter()
                    .map(|fault| format!("{name}: {fault}")),
            );
        }
    }
    faults.extend(variable_faults(board));
    faults
}

fn panel_faults(panel: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let asked = |value: &Value| value["datasource"]["uid"] == "${datasource}";
    let targets = panel["targets"].as_array().unwrap();
    if !asked(panel) || !targets.iter().all(asked) {
        faults.push("does not ask the chosen data source".to_owned());
    }
    if panel["fieldConfig"]["defaults"]["unit"]
        .as_str()
        .unwrap_or_default()
        .is_empty()
    {
        faults.push("has no unit".to_owned());
    }
    if panel["description"].as_str().unwrap_or_default().is_empty() {
        faults.push("has no description".to_owned());
    }
    let refs: BTreeSet<_> = targets
        .iter()
        .map(|target| target["refId"].to_string())
        .collect();
    if refs.len() != targets.len() || targets.is_empty() {
        faults.push("has no targets, or two of one name".to_owned());
    }
    for target in targets {
        let query = Query::parse(target["expr"].as_str().unwrap());
        for label in query::legend(target["legendFormat"].as_str().unwrap_or_default()) {
            let kept = query.grouped.contains(&label) || query.grouped.is_empty();
            if !kept {
                faults.push(format!("its legend names {label}, which the query drops"));
            }
        }
    }
    faults
}

fn variable_faults(board: &Value) -> Vec<String> {
    let list = board["templating"]["list"].as_array().unwrap();
    let known: BTreeSet<&str> = list
        .iter()
        .filter_map(|item| item["name"].as_str())
        .collect();
    let mut used: BTreeSet<String> = variables(&board.to_string()).into_iter().collect();
    used.retain(|name| !known.contains(name.as_str()));
    used.iter()
        .map(|name| format!("the variable {name} is defined nowhere"))
        .collect()
}

#[test]
fn dashboards_are_laid_out_and_told() {
    let mut uids = BTreeSet::new();
    for (path, board) in dashboards() {
        assert_eq!(
            board_faults(&board),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
        assert!(
            uids.insert(board["uid"].to_string()),
            "{}: its uid is taken",
            path.display()
        );
    }
}

#[test]
fn a_dashboard_with_a_slip_is_found_out() {
    let spoilt: &[(&str, Value, &str)] = &[
        ("/panels/2/id", json!(2), "its id is taken"),
        ("/panels/2/gridPos/x", json!(1), "lies over"),
        ("/panels/8/gridPos/w", json!(9), "lies over"),
        ("/panels/1/title", json!(""), "no title"),
        (
            "/panels/1/fieldConfig/defaults/unit",
            json!(""),
            "has no unit",
        ),
        ("/panels/1/description", json!(""), "no description"),
        (
            "/panels/1/datasource/uid",
            json!("prometheus"),
            "chosen data source",
        ),
        (
            "/panels/10/targets/0/legendFormat",
            json!("{{bank}}"),
            "which the query drops",
        ),
        (
            "/panels/10/targets/0/expr",
            json!("naru_sessions{instance=\"$host\"}"),
            "variable host",
        ),
    ];
    for (place, value, fault) in spoilt {
        let mut board = board();
        *board
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("no {place}")) = value.clone();
        let faults = board_faults(&board);
        assert!(
            faults.iter().any(|found| found.contains(fault)),
            "{place}: {faults:?}"
        );
    }
}

#[test]
fn every_alert_is_played() {
    let played = fs::read_to_string(root().join("grafana/alerts.test.yml")).unwrap();
    let alerts = alert_queries();
    assert!(alerts.len() > 10, "{alerts:?}");
    for name in alerts.keys() {
        let fires = format!("alertname: {name}\n        exp_alerts:");
        assert!(played.contains(&fires), "no test makes {name} fire");
    }
}
