//! The one list of configuration keys: from it come the reading of the file, the names in the
//! environment, the defaults, the help and `naru config show`.

/// What a key holds, for the type check of the file and for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text in the file.
    Text,
    /// A whole number in the file.
    Whole,
    /// true or false in the file.
    YesNo,
    /// An array of texts in the file (or one text); parted by commas in the environment.
    List,
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Where it stands in the file, parted by dots; a `*` stands for a bank code or `otherwise`.
    pub path: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Its value when nobody sets it, as the environment would say it; empty where there is none.
    pub default: &'static str,
    /// Whether its value is shown to nobody.
    pub secret: bool,
    /// One sentence for people.
    pub help: &'static str,
}

impl Key {
    /// The variable that sets the key at `path`: `relay.listen` is `NARU_RELAY_LISTEN`.
    pub fn variable(path: &str) -> String {
        format!("{PREFIX}{}", path.replace('.', "_").to_uppercase())
    }

    /// Whether this key stands at `path`.
    fn covers(&self, path: &str) -> bool {
        match self.path.split_once('*') {
            None => self.path == path,
            Some((before, after)) => path
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(is_hours_row),
        }
    }
}

/// What every variable of ours begins with.
pub const PREFIX: &str = "NARU_";
/// Names the configuration file itself, and so stands in no file.
pub const FILE_VARIABLE: &str = "NARU_CONFIG";

/// Set by a service manager that hands over credentials; a key may lie there.
pub const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

fn is_hours_row(name: &str) -> bool {
    name == "otherwise" || (name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_digit()))
}

const fn key(path: &'static str, shape: Shape, default: &'static str, help: &'static str) -> Key {
    Key {
        path,
        shape,
        default,
        secret: false,
        help,
    }
}

use Shape::{List, Text, Whole, YesNo};

/// Every key there is.
pub const KEYS: &[Key] = &[
    key(
        "mode",
        Text,
        "sandbox",
        "sandbox or production; production refuses what only a trial may do.",
    ),
    key("data_dir", Text, "naru-data", "The folder of the books."),
    key(
        "institution",
        Text,
        "30000003",
        "Our institution code with the relay (기관코드), 8 characters.",
    ),
    key(
        "banks",
        List,
        "",
        "Contracted banks by their 3-digit codes; empty means every bank known.",
    ),
    key(
        "hold_seconds",
        Whole,
        "60",
        "How long an approval holds what it would use up, 1 to 600.",
    ),
    key(
        "numbers.*.ranges",
        List,
        "",
        "Account numbers that a bank has given us to issue, as in 79040000000000-79040099999999; \
         a sandbox has some of its own.",
    ),
    key(
        "accounts.quarantine_days",
        Whole,
        "90",
        "How long an account's number rests after its end before it is issued again, 0 to 3650.",
    ),
    key(
        "merchants.plan",
        Text,
        "",
        "What merchants pay for that have chosen nothing: basic or premium (cash receipts); \
         empty means premium in a sandbox and basic in production.",
    ),
    key(
        "layouts_dir",
        Text,
        "",
        "A folder of telegram layouts that adds to or replaces our own.",
    ),
    key(
        "aggregate.cancel_day",
        Text,
        "original",
        "The day a correction counts on (집계): original (its deposit's) or cancel (its own).",
    ),
    key(
        "relay.listen",
        List,
        "127.0.0.1:7300",
        "Where the relay dials us; an item may name its layout, as in 127.0.0.1:7301=ksnet.",
    ),
    key(
        "relay.profile",
        Text,
        "dozn",
        "The layout of listeners that name none.",
    ),
    key(
        "relay.allow",
        List,
        "127.0.0.0/8, ::1/128",
        "Address ranges that may connect; everyone else is turned away at once.",
    ),
    key(
        "relay.sessions_max",
        Whole,
        "64",
        "Sessions at the same time, 1 to 10000.",
    ),
    key(
        "http.listen",
        Text,
        "127.0.0.1:8080",
        "Where merchants and operators call: the faces under /payaction and /ezpg.",
    ),
    key(
        "http.proxies",
        List,
        "",
        "Address ranges of proxies whose forwarded addresses (X-Forwarded-For) are believed.",
    ),
    key(
        "http.connections_max",
        Whole,
        "4096",
        "Connections of merchants at the same time, 1 to 1000000.",
    ),
    key(
        "http.body_kb",
        Whole,
        "64",
        "KiB of a request's body at most, 1 to 16384.",
    ),
    key(
        "http.address_rate_limit",
        Whole,
        "300",
        "Requests a second from one address, before it is known who calls.",
    ),
    key(
        "http.logins_per_minute",
        Whole,
        "10",
        "Logins a minute from one address, and as one user.",
    ),
    key(
        "rate_limit",
        Whole,
        "100",
        "Requests a second under one key of a merchant or by one user.",
    ),
    key(
        "tls_terminated_by_proxy",
        YesNo,
        "false",
        "Whether a proxy before us ends TLS; production needs it for lines beyond loopback.",
    ),
    key(
        "webhook.addresses",
        List,
        "",
        "The addresses that our webhooks come from, shown to merchants for their firewalls.",
    ),
    key(
        "webhook.ca_file",
        Text,
        "",
        "Certificates of authorities in PEM that receivers may use beside the system's.",
    ),
    Key {
        path: "mail.smtp",
        shape: Text,
        default: "",
        secret: true,
        help: "The mail server, as in smtp://user:password@mail.example:587?tls=required; \
               without one a sandbox keeps mails in its outbox and production sends none.",
    },
    key(
        "mail.from",
        Text,
        "naru <naru@localhost>",
        "Whom our mails come from.",
    ),
    key(
        "telegram.base",
        Text,
        "",
        "Where Telegram's bots are called; empty is https://api.telegram.org in production and \
         the outbox in a sandbox.",
    ),
    key(
        "ops.listen",
        Text,
        "127.0.0.1:9464",
        "Where operators find /metrics, /health and, in a sandbox, /clock; never a public address.",
    ),
    key(
        "clock.offset",
        Whole,
        "0",
        "Seconds to shift the clock by at the start; sandbox only.",
    ),
    Key {
        path: "store.key",
        shape: Text,
        default: "",
        secret: true,
        help: "The key of the books as 64 hex digits (openssl rand -hex 32).",
    },
    key(
        "store.key_file",
        Text,
        "",
        "A file that holds that key; production needs one of the two.",
    ),
    key(
        "store.cache_mb",
        Whole,
        "256",
        "Memory for pages of the books, in MiB, 16 to 1048576.",
    ),
    Key {
        path: "admin.password",
        shape: Text,
        default: "",
        secret: true,
        help: "The password of the first user, admin, of a new house; empty makes a random one.",
    },
    key("log.format", Text, "text", "json or text."),
    key(
        "log.level",
        Text,
        "info,actix_server=warn",
        "What to log: a level, or finer as in info,naru::bank=debug.",
    ),
    key(
        "log.keep_days",
        Whole,
        "30",
        "Days that log lines are kept under data_dir/logs for the console; 0 keeps none.",
    ),
    key(
        "hours.*.window",
        Text,
        "",
        "A bank's working time, as in 00:30-24:00; the row otherwise is for banks without one.",
    ),
    key(
        "hours.*.maintenance",
        List,
        "",
        "Its maintenance: daily 00:30-04:30, Sun 04:30-05:00, 2nd Sun 00:00-04:00, \
         3rd Mon or next business day 00:00-04:00.",
    ),
    key(
        "holidays",
        List,
        "",
        "Public holidays as YYYY-MM-DD, for maintenance that gives way to them; \
         empty means the calendar we ship.",
    ),
];

/// The key at `path`, if there is one.
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.covers(path))
}

/// The path that `variable` sets, if there is one.
pub fn path_of(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix(PREFIX)?;
    KEYS.iter().find_map(|key| {
        let Some((before, after)) = key.path.split_once('*') else {
            return (Key::variable(key.path) == variable).then(|| key.path.to_owned());
        };
        let (start, end) = (before.replace('.', "_"), after.replace('.', "_"));
        let rest = rest.to_lowercase();
        let row = rest.strip_prefix(&start)?.strip_suffix(&end)?;
        let path = format!("{before}{row}{after}");
        (key.covers(&path) && Key::variable(&path) == variable).then_some(path)
    })
}

/// The known path most like `path`: what its writer probably meant.
pub fn nearest(path: &str) -> String {
    let row = path
        .split('.')
        .nth(1)
        .filter(|name| is_hours_row(name))
        .unwrap_or("004");
    let known = KEYS.iter().map(|key| key.path.replace('*', row));
    let likeness = |known: &String| strsim::normalized_damerau_levenshtein(known, path);
    // why: the list of keys is never empty.
    known
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_keys_share_a_path_or_a_variable() {
        let paths: BTreeSet<_> = KEYS.iter().map(|key| key.path).collect();
        let variables: BTreeSet<_> = KEYS.iter().map(|key| Key::variable(key.path)).collect();
        assert_eq!((paths.len(), variables.len()), (KEYS.len(), KEYS.len()));
    }

    #[test]
    fn a_variable_leads_back_to_its_key() {
        for key in KEYS {
            for row in ["004", "otherwise"] {
                let path = key.path.replace('*', row);
                assert_eq!(
                    path_of(&Key::variable(&path)).as_deref(),
                    Some(path.as_str())
                );
                assert!(find(&path).is_some(), "{path}");
            }
        }
        for unknown in [
            "NARU_HOURS_04_WINDOW",
            "NARU_",
            "NARU_RELAY",
            "NARU_relay_listen",
            "HOME",
        ] {
            assert_eq!(path_of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_nearest_key_is_the_one_that_was_meant() {
        for (written, meant) in [
            ("relay.listn", "relay.listen"),
            ("relays.listen", "relay.listen"),
            ("datadir", "data_dir"),
            ("ops.listn", "ops.listen"),
            ("hours.088.windw", "hours.088.window"),
            ("log.lvl", "log.level"),
        ] {
            assert_eq!(nearest(written), meant);
        }
    }
}
