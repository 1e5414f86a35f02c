//! What a configuration may say, and how it is told when it may not.

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn from_file(text: &str) -> Result<Loaded, ConfigError> {
    read(Some((Path::new("naru.toml"), text)), Vec::new())
}

fn from_environment(pairs: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    read(None, variables(pairs))
}

/// The complaints about a file, one line each.
fn complaints(text: &str) -> Vec<String> {
    from_file(text).unwrap_err().0
}

#[test]
fn nobody_need_set_anything() {
    let Loaded {
        config,
        warnings,
        settings,
    } = from_environment(&[]).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(config.mode, Mode::Sandbox);
    assert_eq!(config.data_dir, Path::new("naru-data"));
    assert_eq!(config.house.institution, "30000003");
    assert_eq!(config.house.banks.len(), banks::all().count());
    assert_eq!(config.house.hold_seconds, 60);
    let listen = Listen {
        address: "127.0.0.1:7300".parse().unwrap(),
        profile: "dozn".to_owned(),
    };
    assert_eq!(config.relay.listen, [listen]);
    assert_eq!(config.ops_listen.to_string(), "127.0.0.1:9464");
    assert_eq!(config.store.key, None);
    assert!(
        settings
            .values()
            .all(|setting| setting.origin == layers::Origin::Default)
    );
}

#[test]
fn a_file_sets_values_and_the_environment_lies_over_it() {
    let file = "data_dir = '/var/lib/naru'\nbanks = ['004', '088']\n\
                [relay]\nlisten = ['127.0.0.1:7300', '127.0.0.1:7301=ksnet']\n\
                [ops]\nlisten = '127.0.0.1:1'\n[store]\ncache_mb = 512\n";
    let environment = variables(&[
        ("NARU_OPS_LISTEN", "127.0.0.1:2"),
        ("NARU_BANKS", "020, 011"),
    ]);
    let loaded = read(Some((Path::new("naru.toml"), file)), environment).unwrap();
    let config = loaded.config;
    assert_eq!(config.data_dir, Path::new("/var/lib/naru"));
    assert_eq!(config.relay.listen[1].profile, "ksnet");
    assert_eq!(config.ops_listen.port(), 2);
    assert_eq!(config.store.cache_bytes, 512 << 20);
    let banks: Vec<String> = config.house.banks.iter().map(ToString::to_string).collect();
    assert_eq!(banks, ["011", "020"]);
    let origin = |path: &str| loaded.settings[path].origin.to_string();
    assert_eq!(origin("relay.listen"), "naru.toml:4");
    assert_eq!(origin("store.cache_mb"), "naru.toml:8");
    assert_eq!(origin("banks"), "NARU_BANKS");
    assert_eq!(origin("mode"), "default");
}

#[test]
fn every_key_can_be_set_by_its_variable() {
    let examples = [
        ("mode", "sandbox"),
        ("clock.offset", "-3600"),
        ("store.cache_mb", "64"),
        ("hold_seconds", "30"),
        ("log.keep_days", "7"),
        ("http.listen", "127.0.0.1:0"),
        ("http.proxies", "10.0.0.0/8"),
        ("http.connections_max", "10"),
        ("http.body_kb", "32"),
        ("http.address_rate_limit", "10"),
        ("http.logins_per_minute", "5"),
        ("rate_limit", "10"),
        ("tls_terminated_by_proxy", "true"),
        ("relay.sessions_max", "2"),
        ("aggregate.cancel_day", "cancel"),
        ("log.format", "json"),
        ("hours.*.window", "00:00-24:00"),
        ("hours.*.maintenance", "daily 03:00-03:10"),
        ("holidays", "2026-12-25"),
        ("numbers.*.ranges", "79040000000000-79040099999999"),
        ("accounts.quarantine_days", "30"),
        ("webhook.addresses", "203.0.113.0/24"),
        ("merchants.plan", "basic"),
        ("mail.from", "naru@example.com"),
        ("telegram.base", "http://127.0.0.1:1"),
        ("relay.listen", "127.0.0.1:0"),
        ("relay.allow", "10.0.0.0/8"),
        ("ops.listen", "127.0.0.1:0"),
        ("banks", "004"),
        (
            "store.key",
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        ),
    ];
    for key in keys::KEYS {
        let example = examples.iter().find(|(path, _)| *path == key.path);
        let value = example.map_or("text", |(_, value)| *value);
        let path = key.path.replace('*', "004");
        let variable = keys::Key::variable(&path);
        let loaded = from_environment(&[(&variable, value)]).unwrap();
        assert_eq!(loaded.settings[&path].items, [value], "{variable}");
        assert_eq!(loaded.warnings, Vec::<String>::new(), "{variable}");
    }
}

#[test]
fn an_unknown_key_names_the_nearest_known_one_and_its_place() {
    let found = complaints("mode = 'sandbox'\n\n[relay]\nlissten = '127.0.0.1:1'\n");
    assert_eq!(
        found,
        ["naru.toml:4: unknown key relay.lissten; the nearest known one is relay.listen"]
    );
    let found = complaints("[relais]\nlisten = '127.0.0.1:1'\n");
    assert_eq!(
        found,
        ["naru.toml:2: unknown key relais.listen; the nearest known one is relay.listen"]
    );
    assert!(complaints("[hours.4]\nwindow = '00:00-24:00'")[0].contains("unknown key hours.4"));
}

#[test]
fn an_unknown_variable_is_a_warning_and_other_peoples_are_none_of_ours() {
    let pairs = [
        ("NARU_RELAY_LISSTEN", "x"),
        ("PATH", "/bin"),
        ("NARU_CONFIG", "naru.toml"),
    ];
    let loaded = from_environment(&pairs).unwrap();
    assert_eq!(
        loaded.warnings,
        ["unknown variable NARU_RELAY_LISSTEN; the nearest known is NARU_RELAY_LISTEN"]
    );
}

#[test]
fn a_file_that_is_no_toml_is_told_by_line() {
    let found = complaints("mode = 'sandbox'\nrelay = [\n");
    assert!(found[0].starts_with("naru.toml:"), "{found:?}");
    assert!(complaints("mode = 'sandbox'\nmode = 'sandbox'\n")[0].starts_with("naru.toml:2: "));
}

#[test]
fn each_wrong_value_is_refused_where_it_stands() {
    for (line, why) in [
        (
            "mode = 'test'",
            "mode: \"test\" is not one of sandbox, production",
        ),
        ("mode = ''", "mode: must not be empty"),
        ("mode = 1", "mode must be a text in quotes"),
        ("mode = { a = 1 }", "mode must be a text in quotes"),
        ("institution = '300000031'", "at most 8"),
        ("banks = ['04']", "banks: \"04\" is not a bank code"),
        ("banks = [4]", "banks must be an array of texts"),
        (
            "hold_seconds = 0",
            "hold_seconds: \"0\" is not a whole number from 1 to 600",
        ),
        (
            "hold_seconds = '60'",
            "hold_seconds must be a whole number without quotes",
        ),
        (
            "relay.listen = 'localhost'",
            "relay.listen: \"localhost\" is not an address",
        ),
        ("relay.listen = []", "relay.listen: must not be empty"),
        (
            "relay.listen = ['127.0.0.1:1', '127.0.0.1:1']",
            "127.0.0.1:1 is taken twice",
        ),
        (
            "relay.listen = '127.0.0.1:9464'",
            "127.0.0.1:9464 is taken twice",
        ),
        (
            "relay.allow = ['10.1.2.3/8']",
            "relay.allow: \"10.1.2.3/8\" is not a range",
        ),
        (
            "relay.sessions_max = 0",
            "relay.sessions_max: \"0\" is not a whole number",
        ),
        ("clock.offset = 99999999999", "clock.offset: "),
        (
            "store.cache_mb = 1",
            "store.cache_mb: \"1\" is not a whole number from 16",
        ),
        (
            "log.format = 'xml'",
            "log.format: \"xml\" is not one of json, text",
        ),
        ("log.level = 'naru=loudly'", "log.level: "),
        ("holidays = ['2026-02-30']", "is not a date"),
    ] {
        let found = complaints(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(
            found[0].starts_with("naru.toml:1: ") && found[0].contains(why),
            "{found:?}"
        );
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let found = complaints("mode = 'x'\ninstitution = '-'\nnonsense = 1\n[log]\nformat = 'y'\n");
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn production_refuses_what_only_a_trial_may_do() {
    let found = complaints("mode = 'production'\n[clock]\noffset = 5\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("store.key") && found[1].contains("clock.offset"),
        "{found:?}"
    );
    let sound = from_environment(&[("NARU_MODE", "production"), ("NARU_STORE_KEY", KEY)]);
    assert_eq!(sound.unwrap().config.mode, Mode::Production);
    let credential = [
        ("NARU_MODE", "production"),
        ("CREDENTIALS_DIRECTORY", "/run/credentials"),
    ];
    let given = from_environment(&credential).unwrap().config.store;
    assert_eq!(
        given.credentials.as_deref(),
        Some(Path::new("/run/credentials"))
    );
    let open = from_environment(&[
        ("NARU_MODE", "production"),
        ("NARU_STORE_KEY_FILE", "/run/key"),
        ("NARU_OPS_LISTEN", "0.0.0.0:9464"),
    ]);
    assert!(open.unwrap().warnings[0].contains("not a loopback address"));
}

/// A key that nobody would try first.
const KEY: &str = "8c2f1b6de07a4593bb1f0e6d52c7a9843fd06e7b19c5a2d8e4f07361b8d9c52a";

#[test]
fn production_refuses_plain_lines_beyond_this_machine_unless_a_proxy_ends_tls() {
    let production = |pairs: &[(&str, &str)]| {
        let common = [("NARU_MODE", "production"), ("NARU_STORE_KEY", KEY)];
        from_environment(&[&common, pairs].concat())
    };
    for (variable, path) in [
        ("NARU_HTTP_LISTEN", "http.listen"),
        ("NARU_RELAY_LISTEN", "relay.listen"),
    ] {
        let found = production(&[(variable, "0.0.0.0:8000")]).unwrap_err().0;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains(path) && found[0].contains("tls_terminated_by_proxy = true"),
            "{found:?}"
        );
        let proxied = [
            (variable, "0.0.0.0:8000"),
            ("NARU_TLS_TERMINATED_BY_PROXY", "true"),
        ];
        assert!(production(&proxied).unwrap().config.tls_terminated_by_proxy);
        assert!(production(&[(variable, "[::1]:8000")]).is_ok());
    }
    let sandbox = from_environment(&[("NARU_HTTP_LISTEN", "0.0.0.0:8000")]);
    assert!(sandbox.is_ok(), "a sandbox may listen where it likes");
}

#[test]
fn production_refuses_a_key_that_anybody_would_try_first() {
    for key in [
        "0".repeat(64),
        "ab".repeat(32),
        "0123456789abcdef".repeat(4),
    ] {
        let pairs = [
            ("NARU_MODE", "production"),
            ("NARU_STORE_KEY", key.as_str()),
        ];
        let found = from_environment(&pairs).unwrap_err().0;
        assert!(found[0].contains("anybody would try first"), "{found:?}");
        assert!(!found[0].contains(&key), "{found:?}");
    }
}

#[test]
fn a_switch_is_true_or_false_without_quotes() {
    let loaded = from_file("tls_terminated_by_proxy = true").unwrap();
    assert!(loaded.config.tls_terminated_by_proxy);
    let found = complaints("tls_terminated_by_proxy = 'true'");
    assert!(
        found[0].contains("true or false without quotes"),
        "{found:?}"
    );
}

#[test]
fn a_secret_is_shown_to_nobody() {
    let secret = "5ec7e7".repeat(11);
    let found = from_environment(&[("NARU_STORE_KEY", &secret)]).unwrap_err();
    assert!(!found.to_string().contains("5ec7e7"), "{found}");
    let key = "5ec7e75a".repeat(8);
    let loaded = from_environment(&[("NARU_STORE_KEY", &key)]).unwrap();
    assert!(!format!("{loaded:?}").contains("5ec7e75a"));
    let Some(StoreKey::Hex(kept)) = loaded.config.store.key else {
        panic!("no key")
    };
    assert_eq!(kept.expose(), key);
    let both = from_environment(&[("NARU_STORE_KEY", &key), ("NARU_STORE_KEY_FILE", "k")]);
    assert!(both.unwrap_err().0[0].contains("only one of them"));
}

#[test]
fn who_heeds_few_variables_names_the_others_and_obeys_none_of_them() {
    let set = variables(&[
        ("NARU_INSTITUTION", "30000099"),
        ("NARU_HOURS_004_WINDOW", "10:00-11:00"),
        ("NARU_CONFIG", "/nowhere.toml"),
        ("NARU_MODE", "neither"),
        ("NARU_OPS_LISTEN", "127.0.0.1:9999"),
        ("CREDENTIALS_DIRECTORY", "/run/credentials"),
        ("HOME", "/root"),
    ]);
    let loaded = read_heeding(&["ops.listen"], set.into_iter()).unwrap();
    assert_eq!(loaded.config.ops_listen.port(), 9999);
    assert_eq!(loaded.config.house.institution, "30000003");
    assert_eq!(loaded.config.store.credentials, None);
    let told = loaded.warnings.join("\n");
    let names = [
        "NARU_CONFIG",
        "NARU_HOURS_004_WINDOW",
        "NARU_INSTITUTION",
        "NARU_MODE",
    ];
    assert_eq!(
        told,
        names
            .map(|name| format!("{name} is set and has no effect here"))
            .join("\n")
    );
}
