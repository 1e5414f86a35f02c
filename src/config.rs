//! The configuration: defaults, a TOML file and the environment, turned once into plain structs.
//!
//! Each room gets only its part of [`Config`]; no room asks the environment itself. This room
//! knows what a value must look like and what production refuses, not what a room does with it.
//! All that is wrong is told at once, each complaint with the file and line or the variable.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use crate::domain::{BankCode, House, Issuing, Plan};
use crate::network::{Network, Ports};
use crate::store;
use crate::telemetry::logs;

pub mod banks;
mod hours;
pub mod keys;
pub mod layers;
mod numbers;
mod out;
mod values;

use layers::{Complaint, Settings};

pub use crate::store::Mode;
pub use out::{MessagePart, WebhookPart};

/// Beyond any rate that a machine can serve.
const RATE_MAX: NonZeroU32 = NonZeroU32::MAX;

/// A value that is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `value` from being shown.
    pub fn new(value: String) -> Secret {
        Secret(value)
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Where the key of the books comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreKey {
    /// The key itself, 64 hex digits.
    Hex(Secret),
    /// A file that holds it.
    File(PathBuf),
}

/// The part for the books.
#[derive(Debug, Clone)]
pub struct StorePart {
    /// The key, if the operator gave one.
    pub key: Option<StoreKey>,
    /// The service manager's folder of credentials, which may hold the key too.
    pub credentials: Option<PathBuf>,
    /// Memory for pages, in bytes.
    pub cache_bytes: usize,
}

/// One address where the relay dials us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The address; port 0 takes any free one.
    pub address: SocketAddr,
    /// The layout spoken there.
    pub profile: String,
}

/// The part for the bank's lines.
#[derive(Debug, Clone)]
pub struct RelayPart {
    /// Where to listen, at least one.
    pub listen: Vec<Listen>,
    /// Who may connect.
    pub allow: Vec<Network>,
    /// Sessions at the same time.
    pub sessions_max: usize,
}

/// The part for the merchants' listener.
#[derive(Debug, Clone)]
pub struct HttpPart {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Proxies whose forwarded addresses are believed.
    pub proxies: Vec<Network>,
    /// Connections at the same time.
    pub connections_max: usize,
    /// Bytes of a body at most.
    pub body_bytes_max: usize,
    /// Requests a second and key.
    pub rate_per_key: NonZeroU32,
    /// Requests a second and address.
    pub rate_per_address: NonZeroU32,
    /// Logins a minute and address, and a minute and user.
    pub logins_per_minute: NonZeroU32,
}

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Trial or earnest.
    pub mode: Mode,
    /// The folder of the books.
    pub data_dir: PathBuf,
    /// The policy of decisions.
    pub house: House,
    /// Layouts that add to or replace our own.
    pub layouts_dir: Option<PathBuf>,
    /// The books.
    pub store: StorePart,
    /// The lines.
    pub relay: RelayPart,
    /// The merchants' listener.
    pub http: HttpPart,
    /// Letters to merchants.
    pub webhook: WebhookPart,
    /// Messages to people.
    pub message: MessagePart,
    /// Whether a proxy before us ends TLS, so that plain lines beyond loopback are private.
    pub tls_terminated_by_proxy: bool,
    /// The operators' listener; port 0 takes any free one.
    pub ops_listen: SocketAddr,
    /// What is done about a port that is taken; no key of the configuration, but the demo's.
    pub ports: Ports,
    /// The password of the first user of a new house.
    pub admin_password: Option<Secret>,
    /// Seconds by which a sandbox's clock starts shifted.
    pub clock_offset_seconds: i64,
    /// The logs.
    pub log: logs::Settings,
}

/// A configuration and what is worth saying about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The checked values.
    pub config: Config,
    /// Each setting as it was written and where, for people.
    pub settings: Settings,
    /// What works but was hardly meant, such as unknown variables.
    pub warnings: Vec<Complaint>,
}

/// The configuration cannot be used; everything that is wrong with it, one line each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<Complaint>);

/// Reads `file` (if any) and this process's environment.
pub fn load(file: Option<&Path>) -> Result<Loaded, ConfigError> {
    let text = file
        .map(read_file)
        .transpose()
        .map_err(|complaint| ConfigError(vec![complaint]))?;
    let layer = file.zip(text.as_deref());
    read(layer, environment())
}

/// This process's variables. One that is no text cannot be ours: names and values are all ASCII
/// or UTF-8.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Reads no file, and of this process's environment only what sets the paths of `heeded`. The
/// warnings name every other variable of ours that is set.
pub fn load_heeding(heeded: &[&str]) -> Result<Loaded, ConfigError> {
    read_heeding(heeded, environment())
}

fn read_heeding(
    heeded: &[&str],
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let ours = variables.filter(|(name, _)| name.starts_with(keys::PREFIX));
    let (taken, left): (Vec<_>, Vec<_>) = ours.partition(|(name, _)| {
        keys::path_of(name).is_some_and(|path| heeded.contains(&path.as_str()))
    });
    let mut loaded = read(None, taken)?;
    let mut left: Vec<_> = left.into_iter().map(|(name, _)| name).collect();
    left.sort_unstable();
    let told = left
        .iter()
        .map(|name| format!("{name} is set and has no effect here"));
    loaded.warnings.extend(told);
    Ok(loaded)
}

fn read_file(file: &Path) -> Result<String, Complaint> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Reads a configuration from the text of a file (if any) and `variables`.
pub fn read(
    file: Option<(&Path, &str)>,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let variables: Vec<(String, String)> = variables.into_iter().collect();
    let credentials = variables
        .iter()
        .find(|(name, _)| name == keys::CREDENTIALS_VARIABLE);
    let mut reader = Reader {
        settings: layers::defaults(),
        complaints: Vec::new(),
        warnings: Vec::new(),
        credentials: credentials.map(|(_, folder)| PathBuf::from(folder)),
    };
    if let Some((name, text)) = file {
        layers::lay_file(name, text, &mut reader.settings, &mut reader.complaints);
    }
    layers::lay_environment(variables, &mut reader.settings, &mut reader.warnings);
    let config = reader.config();
    let Reader {
        settings,
        complaints,
        warnings,
        ..
    } = reader;
    if complaints.is_empty() {
        Ok(Loaded {
            config,
            settings,
            warnings,
        })
    } else {
        Err(ConfigError(complaints))
    }
}

/// Gathers values; a wrong one leaves a complaint and the default in its place, so that all that
/// is wrong is found in one go. Whoever has complaints throws the values away.
struct Reader {
    settings: Settings,
    complaints: Vec<Complaint>,
    warnings: Vec<Complaint>,
    credentials: Option<PathBuf>,
}

impl Reader {
    fn config(&mut self) -> Config {
        let mode = self.one("mode", values::mode);
        let config = Config {
            mode,
            data_dir: self.one("data_dir", values::text::<PathBuf>),
            house: self.house(mode),
            layouts_dir: self.maybe("layouts_dir", values::text::<PathBuf>),
            store: self.store(),
            relay: self.relay(),
            http: self.http(),
            webhook: self.webhook(),
            message: self.message(),
            tls_terminated_by_proxy: self.one("tls_terminated_by_proxy", values::yes_or_no),
            ops_listen: self.one("ops.listen", values::address),
            ports: Ports::AsSet,
            admin_password: self
                .maybe("admin.password", values::text::<String>)
                .map(Secret::new),
            clock_offset_seconds: self.one("clock.offset", values::offset),
            log: logs::Settings {
                format: self.one("log.format", values::log_format),
                level: self.one("log.level", values::log_level),
                keep_days: self.one("log.keep_days", |text| values::whole(text, 0, 3_650)),
            },
        };
        self.check_addresses(&config);
        if config.mode == Mode::Production {
            self.check_production(&config);
        }
        config
    }

    fn house(&mut self, mode: Mode) -> House {
        House {
            institution: self.one("institution", values::institution),
            banks: self.banks(),
            hours: hours::read(&self.settings, &mut self.complaints),
            hold_seconds: self.one("hold_seconds", |text| values::whole(text, 1, 600)),
            cancel_day: self.one("aggregate.cancel_day", values::cancel_day),
            issuing: self.issuing(mode),
            plan: self
                .maybe("merchants.plan", values::plan)
                .unwrap_or(match mode {
                    Mode::Sandbox => Plan::Premium,
                    Mode::Production => Plan::Basic,
                }),
            receipts_in_books: mode == Mode::Sandbox,
        }
    }

    fn issuing(&mut self, mode: Mode) -> Issuing {
        let days = self.one("accounts.quarantine_days", |text| {
            values::whole(text, 0, 3_650)
        });
        let quarantine_seconds: i64 = days;
        Issuing {
            ranges: numbers::read(&self.settings, mode, &mut self.complaints),
            quarantine_seconds: quarantine_seconds * 24 * 60 * 60,
        }
    }

    fn banks(&mut self) -> BTreeSet<BankCode> {
        let named: BTreeSet<BankCode> = self.each("banks", values::bank).into_iter().collect();
        for bank in named.iter().filter(|bank| banks::name(**bank).is_none()) {
            self.warnings
                .push(format!("banks: {bank} is in no list of banks that we know"));
        }
        if named.is_empty() {
            banks::all().collect()
        } else {
            named
        }
    }

    fn store(&mut self) -> StorePart {
        let hex = self.maybe("store.key", values::store_key);
        let file = self.maybe("store.key_file", values::text::<PathBuf>);
        if hex.is_some() && file.is_some() {
            self.complain(
                "store.key_file",
                "stands beside store.key; only one of them may",
            );
        }
        let key = hex.map(StoreKey::Hex).or(file.map(StoreKey::File));
        let mebibytes: usize = self.one("store.cache_mb", |text| values::whole(text, 16, 1 << 20));
        StorePart {
            key,
            credentials: self.credentials.take(),
            cache_bytes: mebibytes << 20,
        }
    }

    fn relay(&mut self) -> RelayPart {
        let profile = self.one("relay.profile", values::text::<String>);
        let listen = self.each("relay.listen", |text| values::listen(text, &profile));
        if self.settings["relay.listen"].items.is_empty() {
            self.complain(
                "relay.listen",
                "must not be empty: the relay needs an address to dial",
            );
        }
        RelayPart {
            listen,
            allow: self.each("relay.allow", values::network),
            sessions_max: self.one("relay.sessions_max", |text| values::whole(text, 1, 10_000)),
        }
    }

    fn http(&mut self) -> HttpPart {
        let rate = |text: &str| values::whole(text, NonZeroU32::MIN, RATE_MAX);
        let kibibytes: usize = self.one("http.body_kb", |text| values::whole(text, 1, 16_384));
        HttpPart {
            listen: self.one("http.listen", values::address),
            proxies: self.each("http.proxies", values::network),
            connections_max: self.one("http.connections_max", |text| {
                values::whole(text, 1, 1_000_000)
            }),
            body_bytes_max: kibibytes << 10,
            rate_per_key: self.one("rate_limit", rate),
            rate_per_address: self.one("http.address_rate_limit", rate),
            logins_per_minute: self.one("http.logins_per_minute", rate),
        }
    }

    fn check_addresses(&mut self, config: &Config) {
        let mut seen = BTreeSet::from([config.ops_listen]);
        if config.http.listen.port() != 0 && !seen.insert(config.http.listen) {
            let taken = format!("{} is taken twice", config.http.listen);
            self.complain("http.listen", &taken);
        }
        for listen in &config.relay.listen {
            if listen.address.port() != 0 && !seen.insert(listen.address) {
                self.complain(
                    "relay.listen",
                    &format!("{} is taken twice", listen.address),
                );
            }
        }
    }

    fn check_production(&mut self, config: &Config) {
        if config.store.key.is_none() && config.store.credentials.is_none() {
            self.complain("store.key", "or store.key_file must be set in production");
        }
        if config.clock_offset_seconds != 0 {
            self.complain("clock.offset", "must be 0 in production");
        }
        self.check_plain_lines(config);
        self.check_default_secrets(config);
        if !config.ops_listen.ip().is_loopback() {
            let warning = format!(
                "ops.listen: {} is not a loopback address",
                config.ops_listen
            );
            self.warnings.push(warning);
        }
    }

    /// Neither listener speaks TLS; beyond this machine only a proxy may stand before them.
    fn check_plain_lines(&mut self, config: &Config) {
        if config.tls_terminated_by_proxy {
            return;
        }
        let why = "is plain and not a loopback address; production refuses it unless \
                   tls_terminated_by_proxy = true";
        if !config.http.listen.ip().is_loopback() {
            self.complain("http.listen", &format!("{} {why}", config.http.listen));
        }
        let lines = config.relay.listen.iter().map(|listen| listen.address);
        for address in lines.filter(|address| !address.ip().is_loopback()) {
            self.complain("relay.listen", &format!("{address} {why}"));
        }
    }

    /// A key that anybody would try first is none.
    fn check_default_secrets(&mut self, config: &Config) {
        let Some(StoreKey::Hex(key)) = &config.store.key else {
            return;
        };
        if store::key::is_guessable(key.expose()) {
            self.complain("store.key", "is a key that anybody would try first");
        }
    }

    fn complain(&mut self, path: &str, why: &str) {
        let origin = &self.settings[path].origin;
        self.complaints.push(format!("{origin}: {path}: {why}"));
    }

    /// The one value at `path`, which must have one.
    fn one<T>(&mut self, path: &str, read: impl Fn(&str) -> Result<T, String>) -> T {
        let complaints = self.complaints.len();
        if let Some(value) = self.maybe(path, &read) {
            return value;
        }
        if self.complaints.len() == complaints {
            self.complain(path, "must not be empty");
        }
        // why: the defaults are part of the program and a test reads each of them.
        read(self.settings[path].key.default).expect("a sound default")
    }

    /// The value at `path`, if it has one and it is right.
    fn maybe<T>(&mut self, path: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.each(path, read).into_iter().next()
    }

    /// Every item at `path`, or none where one of them is wrong.
    fn each<T>(&mut self, path: &str, read: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let items = self.settings[path].items.iter();
        match items.map(|item| read(item)).collect::<Result<_, _>>() {
            Ok(values) => values,
            Err(why) => {
                self.complain(path, &why);
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests;
