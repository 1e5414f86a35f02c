//! The map: who may name whom. An arrow that is not drawn here does not exist.
//!
//! A row speaks of a module and everything below it; rows of inner modules add to those of outer
//! ones. `outside` are crates, or paths into them.

/// What a module may name.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) owner: &'static str,
    /// `domain`, `store::engine`; the empty path is every module of the crate.
    pub(crate) module: &'static str,
    pub(crate) rooms: &'static [&'static str],
    pub(crate) outside: &'static [&'static str],
}

const fn gateway(
    module: &'static str,
    rooms: &'static [&'static str],
    outside: &'static [&'static str],
) -> Row {
    Row {
        owner: "naru",
        module,
        rooms,
        outside,
    }
}

/// The rooms of the gateway, in the order in which they stand on each other.
pub(crate) const ROOMS: [&str; 16] = [
    "limits",
    "network",
    "domain",
    "telemetry",
    "clock",
    "store",
    "secrets",
    "pulse",
    "bank",
    "webhook",
    "merchant",
    "web",
    "ops",
    "config",
    "gateway",
    "cli",
];

/// Every arrow there is.
pub(crate) const MAP: &[Row] = &[
    gateway("limits", &[], &[]),
    gateway("network", &[], &["thiserror"]),
    // The rules: no clock, no dice, no disk. Only `time` knows what a time zone is.
    gateway("domain", &[], &["serde", "jiff::civil"]),
    gateway(
        "domain::time",
        &[],
        &["jiff::tz::Offset", "jiff::Timestamp"],
    ),
    gateway(
        "telemetry",
        &["limits"],
        &[
            "metrics",
            "metrics_exporter_prometheus",
            "serde_json",
            "thiserror",
            "tracing",
            "tracing_subscriber",
        ],
    ),
    gateway("telemetry::log_book", &[], &["jiff::civil"]),
    gateway(
        "clock",
        &["domain", "limits", "telemetry"],
        &["metrics", "thiserror", "tokio", "tracing"],
    ),
    gateway(
        "store",
        &["domain", "limits", "clock", "telemetry"],
        &[
            "hex",
            "metrics",
            "postcard",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "tokio::sync",
            "tracing",
        ],
    ),
    gateway("store::journal", &[], &["lz4_flex"]),
    gateway("store::engine", &[], &["redb"]),
    gateway("store::vault", &[], &["aes", "redb", "zeroize"]),
    gateway(
        "store::key",
        &[],
        &["getrandom", "hkdf", "rustix", "zeroize"],
    ),
    gateway("store::identity", &[], &["toml"]),
    gateway("store::ground", &[], &["rustix"]),
    gateway(
        "secrets",
        &["domain", "store"],
        &["aes_gcm", "getrandom", "hmac", "sha2", "subtle", "zeroize"],
    ),
    gateway(
        "pulse",
        &["domain", "limits", "store", "telemetry"],
        &["actix", "metrics", "tracing"],
    ),
    gateway(
        "bank",
        &["domain", "store", "limits", "clock", "telemetry", "network"],
        &[
            "actix",
            "actix_rt",
            "bytes",
            "futures_util",
            "jiff::civil",
            "metrics",
            "telegrams",
            "thiserror",
            "tokio",
            "tokio_util",
            "tracing",
        ],
    ),
    // The merchants' side: faces over the doors of the store.
    gateway(
        "merchant",
        &[
            "bank",
            "clock",
            "domain",
            "limits",
            "network",
            "secrets",
            "store",
            "telemetry",
        ],
        &[
            "actix_web",
            "futures_util",
            "getrandom",
            "metrics",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
        ],
    ),
    gateway("merchant::gate", &[], &["governor"]),
    gateway(
        "web",
        &[
            "clock",
            "limits",
            "merchant",
            "network",
            "store",
            "telemetry",
        ],
        &["actix_web", "metrics", "tokio", "tracing"],
    ),
    // Letters to merchants: whatever is called out there is called from here.
    gateway(
        "webhook",
        &["clock", "domain", "limits", "secrets", "store", "telemetry"],
        &[
            "actix",
            "base64",
            "futures_util",
            "hmac",
            "jiff",
            "metrics",
            "reqwest",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "tokio",
            "zeroize",
        ],
    ),
    gateway(
        "ops",
        &["domain", "limits", "clock", "telemetry"],
        &[
            "actix_rt",
            "actix_web",
            "metrics_exporter_prometheus",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
        ],
    ),
    gateway("ops::tests", &[], &["actix", "metrics"]),
    // Configuration speaks of a mode in the store's own word, and of nothing else there.
    gateway(
        "config",
        &["domain", "limits", "network", "store", "telemetry"],
        &[
            "jiff::civil",
            "serde",
            "strsim",
            "thiserror",
            "toml",
            "zeroize",
        ],
    ),
    gateway("config::hours", &[], &["jiff"]),
    // The one place where rooms are put together.
    gateway(
        "gateway",
        &[
            "bank",
            "clock",
            "config",
            "limits",
            "merchant",
            "ops",
            "pulse",
            "secrets",
            "store",
            "telemetry",
            "web",
        ],
        &[
            "actix",
            "metrics",
            "metrics_exporter_prometheus",
            "telegrams",
            "thiserror",
            "tokio",
            "tracing",
        ],
    ),
    // The command line builds the rooms, so it may name them all; what stands behind them is
    // not its business.
    gateway(
        "cli",
        &ROOMS,
        &[
            "actix_rt",
            "clap",
            "csv",
            "csv_core",
            "hex",
            "indicatif",
            "jiff",
            "serde",
            "serde_json",
            "strsim",
            "thiserror",
            "tokio",
            "toml",
            "tracing",
        ],
    ),
    gateway("cli::books", &[], &["zeroize"]),
    gateway("cli::import", &[], &["unicode_normalization"]),
    gateway("cli::report", &[], &["telegrams::mask"]),
    gateway("cli::inspect", &[], &["telegrams"]),
    gateway("cli::layout", &[], &["telegrams"]),
    gateway("cli::serve", &[], &["telegrams", "actix"]),
    gateway("cli::demo", &[], &["actix", "simulator", "telegrams"]),
    Row {
        owner: "telegrams",
        module: "",
        rooms: &[],
        outside: &[
            "bytes",
            "encoding_rs",
            "jiff::civil",
            "nom",
            "serde",
            "strsim",
            "thiserror",
            "tokio_util::codec",
            "toml",
        ],
    },
    Row {
        owner: "simulator",
        module: "",
        rooms: &[],
        outside: &[
            "base64",
            "bytes",
            "clap",
            "csv",
            "futures_util",
            "hdrhistogram",
            "hmac",
            "http_body_util",
            "hyper",
            "hyper_util",
            "indicatif",
            "jiff",
            "rand",
            "serde",
            "serde_json",
            "sha1",
            "sha2",
            "telegrams",
            "thiserror",
            "tokio",
            "tokio_util",
            "toml",
            "ureq",
        ],
    },
];

/// Parts of the standard library that a module must not touch, with the reason.
pub(crate) const CLOSED: &[(&str, &str, &[&str], &str)] = &[
    (
        "naru",
        "domain",
        &[
            "std::env",
            "std::fs",
            "std::io",
            // An address is a value; a socket is the world.
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::ToSocketAddrs",
            "std::net::UdpSocket",
            "std::process",
            // Sharing what does not change (`Arc`) is no touch of the world.
            "std::sync::Condvar",
            "std::sync::LazyLock",
            "std::sync::Mutex",
            "std::sync::Once",
            "std::sync::OnceLock",
            "std::sync::RwLock",
            "std::sync::atomic",
            "std::sync::mpsc",
            "std::thread",
            "std::time",
        ],
        "decisions are made of facts that arrive as arguments",
    ),
    (
        "naru",
        "limits",
        &["std::env", "std::fs", "std::io", "std::net", "std::process"],
        "a bound is a number and asks nobody",
    ),
    (
        "telegrams",
        "",
        &[
            "std::env",
            "std::net",
            "std::process",
            "std::thread",
            "std::time",
        ],
        "the codec turns bytes into meaning, without sockets and without a clock",
    ),
];
