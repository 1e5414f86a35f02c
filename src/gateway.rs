//! The gateway as one value: rooms built from the ground up, and taken down in reverse.
//!
//! `naru serve` starts one and waits for a signal, `naru demo` starts one and plays a bank's day
//! against it, tests start many. Knows every room and no business.

mod posts;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix::{Actor, Addr};
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use telegrams::{Profile, Profiles};

use posts::Posts;

use crate::bank::trial::Trial;
use crate::bank::{self, Lines, Listener};
use crate::clock::Clock;
use crate::config::{self, Config, banks};
use crate::merchant::{Describe, Gate, GateSettings, InFlight, Keys, Rooms};
use crate::message::MailFault;
use crate::network;
use crate::ops::{Ops, Readiness};
use crate::people::{self, People};
use crate::pulse::{Pulse, Stop};
use crate::secrets::Secrets;
use crate::store::engine::Broken;
use crate::store::key::StoreKey;
use crate::store::{self, Folder, FolderError, FolderSettings, Mode, Reads, Store};
use crate::telemetry;
use crate::telemetry::log_book::LogBook;
use crate::web::{self, Web};
use crate::webhook::Sender;

/// The exit code of a process whose books broke (`EX_IOERR`).
const BOOKS_BROKEN: i32 = 74;

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operators' address cannot be listened on.
    #[error(
        "cannot listen for operators on {address} (ops.listen, NARU_OPS_LISTEN): {error}; is \
         another gateway running?"
    )]
    Ops {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// A layout in the configured folder is not sound.
    #[error("the layouts in {folder} cannot be used: {why}", folder = .folder.display())]
    Layouts {
        /// The folder.
        folder: PathBuf,
        /// What is wrong, with file and line.
        why: String,
    },
    /// A listener names a profile that no layout describes.
    #[error("relay.listen names the profile {name}; there are {known}")]
    Profile {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The merchants' address cannot be listened on.
    #[error(
        "cannot listen for merchants on {address} (http.listen, NARU_HTTP_LISTEN): {error}; is \
         another gateway running?"
    )]
    Http {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The first user's password is too weak for production.
    #[error("admin.password (NARU_ADMIN_PASSWORD) cannot be used: {0}")]
    AdminPassword(String),
    /// The data folder does not open.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The books do not open.
    #[error("the books cannot be read: {0}")]
    Books(#[from] Broken),
    /// Webhooks cannot be posted.
    #[error("webhooks cannot be posted (webhook.ca_file, NARU_WEBHOOK_CA_FILE): {0}")]
    Webhook(String),
    /// Mails cannot be sent.
    #[error("{0} (mail.smtp, mail.from)")]
    Mail(#[from] MailFault),
    /// The lines do not start.
    #[error("{0} (relay.listen, NARU_RELAY_LISTEN)")]
    Lines(#[from] bank::StartError),
}

/// A gateway at work.
#[derive(Debug)]
pub struct Gateway {
    lines: Lines,
    pulse: Addr<Pulse>,
    posts: Posts,
    web: Web,
    store: Store,
    ops: Ops,
    readiness: Readiness,
}

impl Gateway {
    /// Starts every room. Must be called within an actix system. Where the house is new and its
    /// first user was given no password, one is made, and `tell` is told it: once, and before it
    /// counts, so that it is known also where something later keeps the house from starting.
    ///
    /// # Errors
    /// [`StartError`], after which nothing of it runs any more but a listener that is closing.
    pub fn start(
        config: &Config,
        folder: &FolderSettings,
        metrics: PrometheusHandle,
        logs: LogBook,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Gateway, StartError> {
        let clock = match config.mode {
            Mode::Sandbox => Clock::sandbox(config.clock_offset_seconds),
            Mode::Production => Clock::real(),
        };
        gauge!(telemetry::START_SECONDS).set(clock.real_now().as_micros() as f64 / 1e6);
        let listeners = listeners(config)?;
        let profile = listeners.first().map(|first| Arc::clone(&first.profile));
        let profiles = listeners
            .iter()
            .map(|one| Arc::clone(&one.profile))
            .collect();
        let readiness = Readiness::default();
        readiness.wait_for("books", "the books are being opened");
        readiness.wait_for("lines", "the lines are not open yet");
        let ops = open_ops(config, &clock, metrics, &readiness)?;
        readiness.wait_for("http", "merchants are not served yet");
        let http = bind_http(config)?;
        let Opened { store, key } = open_books(config, folder, &clock, tell)?;
        readiness.is_ready("books");
        logs.keep_in(config.data_dir.join("logs"));
        let mut settings = bank::Settings::new(&config.house.institution, listeners);
        settings.banks.clone_from(&config.house.banks);
        settings.allow.clone_from(&config.relay.allow);
        settings.sessions_max = config.relay.sessions_max;
        settings.ports = config.ports;
        let lines = bank::start(settings, store.ledger(), store.reads(), clock.clone())?;
        readiness.is_ready("lines");
        let secrets = Secrets::new(&key);
        let keys = keys(config, &store, &clock, &secrets);
        let sender = posts::sender(config, &clock, secrets.clone(), keys.clone())?;
        let mut rooms = merchant_rooms(config, &store, (secrets, keys), sender.clone());
        rooms.log_defaults = (logs.level(), logs.keep_days());
        rooms.logs = logs;
        rooms.obey(&store.reads().system_settings()?);
        rooms.describe = describe(profiles);
        rooms.trial = profile
            .filter(|_| config.mode == Mode::Sandbox)
            .map(|profile| {
                let institution = config.house.institution.clone();
                Trial::new(lines.addresses()[0], profile, institution)
            });
        let web = start_web(config, http, rooms)?;
        readiness.is_ready("http");
        let posts = Posts::start(config, &store, sender)?;
        let pulse = Pulse::new(store.ledger(), store.reads(), stop_the_process).start();
        Ok(Gateway {
            lines,
            pulse,
            posts,
            web,
            store,
            ops,
            readiness,
        })
    }

    /// Where the relay calls, in the order of the configuration.
    pub fn relay_addresses(&self) -> &[SocketAddr] {
        self.lines.addresses()
    }

    /// Where merchants call.
    pub fn http_address(&self) -> SocketAddr {
        self.web.address()
    }

    /// Where operators look.
    pub fn ops_address(&self) -> SocketAddr {
        self.ops.address()
    }

    /// The books, to look at.
    pub fn reads(&self) -> Reads {
        self.store.reads()
    }

    /// The orderly end: no new frames, everything that is in is answered, the books are closed.
    pub async fn stop(self) {
        self.readiness.wait_for("lines", "the gateway is stopping");
        // Both at once: each has its own bound, and the process has one for both.
        tokio::join!(self.lines.stop(), self.web.stop());
        self.posts.stop().await;
        // An actor that is gone already needs no word to stop.
        let _ = self.pulse.send(Stop).await;
        drop(self.pulse);
        let store = self.store;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if !matches!(closed, Ok(Ok(()))) {
            tracing::error!("the books were not closed in order; they recover at the next start");
        }
        self.ops.stop().await;
    }
}

/// The listeners that a configuration asks for, each with the layout it names.
///
/// # Errors
/// A folder of layouts that is not sound, or a layout that nobody knows.
pub(crate) fn listeners(config: &Config) -> Result<Vec<Listener>, StartError> {
    let mut profiles = Profiles::embedded();
    if let Some(folder) = &config.layouts_dir {
        profiles = profiles
            .with_directory(folder)
            .map_err(|errors| StartError::Layouts {
                folder: folder.clone(),
                why: errors.to_string(),
            })?;
    }
    let find = |listen: &crate::config::Listen| {
        let profile = profiles
            .get(&listen.profile)
            .ok_or_else(|| StartError::Profile {
                name: listen.profile.clone(),
                known: profiles.names().collect::<Vec<_>>().join(", "),
            })?;
        Ok(Listener {
            address: listen.address,
            profile,
        })
    };
    config.relay.listen.iter().map(find).collect()
}

/// Describes a telegram in the first of the layouts spoken here that it keeps to.
fn describe(profiles: Vec<Arc<Profile>>) -> Describe {
    Arc::new(move |telegram: &[u8], reveal| {
        let page = |profile| telegrams::describe::page(profile, telegram, reveal);
        let sound = profiles.iter().map(page).find(|page| page.sound);
        let page = sound.or_else(|| profiles.first().map(page));
        page.map_or_else(String::new, |page| page.text)
    })
}

fn open_ops(
    config: &Config,
    clock: &Clock,
    metrics: PrometheusHandle,
    readiness: &Readiness,
) -> Result<Ops, StartError> {
    let address = config.ops_listen;
    let failed = |error| StartError::Ops { address, error };
    let listener = network::bind(address, config.ports).map_err(failed)?;
    Ops::start(listener, clock.clone(), metrics, readiness.clone()).map_err(failed)
}

fn bind_http(config: &Config) -> Result<TcpListener, StartError> {
    let address = config.http.listen;
    network::bind(address, config.ports).map_err(|error| StartError::Http { address, error })
}

fn start_web(config: &Config, listener: TcpListener, rooms: Rooms) -> Result<Web, StartError> {
    let address = config.http.listen;
    let settings = web::Settings {
        proxies: config.http.proxies.clone(),
        connections_max: config.http.connections_max,
    };
    Web::start(listener, rooms, settings).map_err(|error| StartError::Http { address, error })
}

fn keys(config: &Config, store: &Store, clock: &Clock, secrets: &Secrets) -> Keys {
    let doors = (store.ledger(), store.reads());
    Keys::new(
        doors,
        clock.clone(),
        secrets.clone(),
        config.mode,
        stop_the_process,
    )
}

fn merchant_rooms(
    config: &Config,
    store: &Store,
    (secrets, keys): (Secrets, Keys),
    sender: Sender,
) -> Rooms {
    let gate = Gate::new(GateSettings {
        per_key: config.http.rate_per_key,
        per_address: config.http.rate_per_address,
        logins: config.http.logins_per_minute,
    });
    let addresses = &config.webhook.addresses;
    Rooms {
        ledger: store.ledger(),
        reads: store.reads(),
        clock: sender.clock.clone(),
        mode: config.mode,
        people: People::new(&secrets, config.mode),
        keys,
        secrets,
        gate: Arc::new(gate),
        body_bytes_max: config.http.body_bytes_max,
        on_broken: stop_the_process,
        in_flight: InFlight::default(),
        logs: LogBook::default(),
        log_defaults: (String::new(), 0),
        trial: None,
        describe: Arc::new(|_, _| String::new()),
        sender,
        webhook_addresses: addresses.iter().map(ToString::to_string).collect(),
        bank_name: banks::name,
    }
}

/// Books at work.
struct Opened {
    store: Store,
    key: StoreKey,
}

fn open_books(
    config: &Config,
    settings: &FolderSettings,
    clock: &Clock,
    tell: &mut dyn FnMut(&str),
) -> Result<Opened, StartError> {
    let given = config.admin_password.as_ref().map(config::Secret::expose);
    // Looked at before anything is made: a house with a bad first password is not begun.
    people::check_first_password(given, config.mode).map_err(StartError::AdminPassword)?;
    let folder = Folder::open(settings)?;
    for note in &folder.notes {
        tracing::info!("{note}");
    }
    for warning in &folder.warnings {
        tracing::warn!("{warning}");
    }
    let house = config.house.clone();
    let institution = &config.house.institution;
    store::found(&*folder.engine, institution, config.mode, clock.now())?;
    if !store::has_users(&*folder.engine)? {
        let (hash, made) = people::first_password(given);
        if let Some(made) = made {
            tell(&made);
        }
        store::found_admin(&*folder.engine, hash, clock.now())?;
    }
    let on_broken = Box::new(stop_the_process);
    let store = Store::open(folder.engine, house, clock.clone(), on_broken)?;
    Ok(Opened {
        store,
        key: folder.key,
    })
}

/// The only thing to do after the disk has failed: what it holds is unknown until a new process
/// reads it, so nobody may be answered any more. The relay asks again.
fn stop_the_process(broken: &Broken) {
    tracing::error!(%broken, "the books broke; the process stops without answering");
    std::process::exit(BOOKS_BROKEN);
}
