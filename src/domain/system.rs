//! Settings of the running house (시스템 설정): what head office changes without a restart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Audit, BankCode, BankHours, By, Decision, Event, House, MerchantRefusal, Outcome, Refusal,
    Timestamp,
};

/// Which part of the house a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingType {
    /// Hours of banks and ceilings.
    Environment,
    /// People and their sessions.
    Security,
    /// What is logged and how long it is kept.
    Log,
}

impl SettingType {
    /// Every type.
    pub const ALL: [SettingType; 3] = [
        SettingType::Environment,
        SettingType::Security,
        SettingType::Log,
    ];

    /// The word for it in requests and answers.
    pub fn word(self) -> &'static str {
        match self {
            SettingType::Environment => "environment",
            SettingType::Security => "security",
            SettingType::Log => "log",
        }
    }

    /// The type of a word.
    pub fn of(word: &str) -> Option<SettingType> {
        SettingType::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What a setting may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingShape {
    /// A whole number within bounds, both included.
    Whole(u64, u64),
    /// `Y` or `N`.
    YesNo,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Ranges of addresses parted by commas; empty means everyone. The face reads them.
    Networks,
    /// A bank's hours: `00:30-23:30`.
    Window,
    /// A bank's maintenances, parted by commas, or `none`.
    Upkeep,
}

/// A setting there can be.
#[derive(Clone, Copy, Debug)]
pub struct SettingSpec {
    /// Its key; a `*` stands for a bank's three digits.
    pub key: &'static str,
    /// Its type.
    pub kind: SettingType,
    /// What it may hold.
    pub shape: SettingShape,
    /// What holds when nobody set it; empty where that comes from the configuration.
    pub default: &'static str,
    /// What it does, for people.
    pub effect: &'static str,
}

const fn spec(
    key: &'static str,
    kind: SettingType,
    shape: SettingShape,
    default: &'static str,
    effect: &'static str,
) -> SettingSpec {
    SettingSpec {
        key,
        kind,
        shape,
        default,
        effect,
    }
}

use SettingShape::{Networks, Upkeep, Whole, Window, Word, YesNo};
use SettingType::{Environment, Log, Security};

/// The most won that a ceiling can be set to.
const CEILING_MAX: u64 = 9_999_999_999_999;

/// Every setting there is.
pub const SETTINGS: &[SettingSpec] = &[
    spec(
        "hours.*",
        Environment,
        Window,
        "",
        "은행 이용시간 (예: 00:30-23:30). 비우면 설정 파일의 값.",
    ),
    spec(
        "maintenance.*",
        Environment,
        Upkeep,
        "",
        "은행 점검시간 (예: daily 00:30-04:30). 비우면 설정 파일의 값.",
    ),
    spec(
        "limits.perDeposit",
        Environment,
        Whole(0, CEILING_MAX),
        "0",
        "입금 1건 한도(원), 전 가맹점 공통. 0은 제한 없음.",
    ),
    spec(
        "limits.perDay",
        Environment,
        Whole(0, CEILING_MAX),
        "0",
        "가상계좌 1개의 하루 입금 한도(원), 전 가맹점 공통. 0은 제한 없음.",
    ),
    spec(
        "session.minutes",
        Security,
        Whole(5, 720),
        "15",
        "갱신 없이 로그인이 유지되는 시간(분).",
    ),
    spec(
        "lockout.tries",
        Security,
        Whole(3, 10),
        "5",
        "연속 실패가 이 횟수에 이르면 잠깁니다.",
    ),
    spec(
        "lockout.minutes",
        Security,
        Whole(1, 1_440),
        "30",
        "잠긴 뒤 다시 시도할 수 있을 때까지의 시간(분).",
    ),
    spec(
        "otp.forced",
        Security,
        YesNo,
        "Y",
        "본사와 운영자에게 OTP를 강제합니다.",
    ),
    spec(
        "password.minLength",
        Security,
        Whole(8, 64),
        "12",
        "새 비밀번호의 최소 길이.",
    ),
    spec(
        "console.ipAllowList",
        Security,
        Networks,
        "",
        "본사·운영자·조회자가 접속할 수 있는 주소 범위. 비우면 제한 없음.",
    ),
    spec(
        "log.level",
        Log,
        Word(&["error", "warn", "info", "debug"]),
        "info",
        "기록할 로그 수준.",
    ),
    spec(
        "log.retentionDays",
        Log,
        Whole(1, 3_650),
        "31",
        "로그 보관 기간(일).",
    ),
    spec(
        "log.masking",
        Log,
        YesNo,
        "Y",
        "전문을 보여 줄 때 계좌번호와 이름을 가립니다. 운영 환경에서는 항상 Y.",
    ),
];

/// The setting behind a key, as `hours.004`.
pub fn setting(key: &str) -> Option<&'static SettingSpec> {
    SETTINGS.iter().find(|spec| match spec.of_bank(key) {
        Some(_) => true,
        None => spec.key == key,
    })
}

impl SettingSpec {
    /// The bank that `key` is about, where this setting is one of banks.
    pub fn of_bank(&self, key: &str) -> Option<BankCode> {
        let prefix = self.key.strip_suffix('*')?;
        BankCode::parse(key.strip_prefix(prefix)?).filter(|bank| *bank != BankCode::ALL)
    }

    /// What it may hold, in words.
    pub fn range(&self) -> String {
        match self.shape {
            Whole(least, most) => format!("{least}-{most}"),
            YesNo => "Y, N".to_owned(),
            Word(words) => words.join(", "),
            Networks => "CIDR, CIDR, …".to_owned(),
            Window => "HH:MM-HH:MM".to_owned(),
            Upkeep => "daily HH:MM-HH:MM, 2nd Sun HH:MM-HH:MM, …; none".to_owned(),
        }
    }

    /// Whether `value` is one that this setting may have, as far as can be told without knowing
    /// how networks are written.
    pub fn takes(&self, value: &str) -> bool {
        match self.shape {
            Whole(least, most) => {
                let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
                let number = value.parse().ok().filter(|_| plain);
                number.is_some_and(|number: u64| (least..=most).contains(&number))
            }
            YesNo => matches!(value, "Y" | "N"),
            Word(words) => words.contains(&value),
            Networks => value.len() <= 1_000,
            Window => BankHours::default().laid_over(value, "").is_ok(),
            Upkeep => BankHours::default().laid_over("", value).is_ok(),
        }
    }
}

/// What was set, over the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemSettings(BTreeMap<String, String>);

impl SystemSettings {
    /// Settings that were set.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        SystemSettings(values)
    }

    /// The value in force; the empty text where there is neither value nor default.
    pub fn value(&self, key: &str) -> &str {
        match self.0.get(key) {
            Some(value) => value,
            None => setting(key).map_or("", |spec| spec.default),
        }
    }

    /// Whether somebody set it.
    pub fn is_set(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Everything that was set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The hours of `bank`: what was set over what is configured.
    pub fn hours(&self, bank: BankCode, configured: &BankHours) -> BankHours {
        let window = self.value(&format!("hours.{bank}"));
        let upkeep = self.value(&format!("maintenance.{bank}"));
        let laid = configured.laid_over(window, upkeep);
        // What stands in the books was checked when it was set.
        laid.unwrap_or_else(|_| configured.clone())
    }

    fn whole(&self, key: &str) -> u64 {
        // What stands in the books was checked when it was set.
        self.value(key).parse().unwrap_or_default()
    }

    fn seconds(&self, key: &str) -> i64 {
        i64::try_from(self.whole(key)).map_or(i64::MAX, |minutes| minutes.saturating_mul(60))
    }

    /// How long a session lives without a refresh.
    pub fn session_seconds(&self) -> i64 {
        self.seconds("session.minutes")
    }

    /// How long a session lives at most: a working day.
    pub fn session_seconds_max(&self) -> i64 {
        self.session_seconds().max(12 * 3_600)
    }

    /// Failures in a row that lock a name.
    pub fn lockout_tries(&self) -> u32 {
        u32::try_from(self.whole("lockout.tries")).unwrap_or(u32::MAX)
    }

    /// How long a lock holds, and how long a failure is remembered.
    pub fn lockout_seconds(&self) -> i64 {
        self.seconds("lockout.minutes")
    }

    /// Whether head office and operators need a second factor.
    pub fn otp_forced(&self) -> bool {
        self.value("otp.forced") == "Y"
    }

    /// Whether account numbers and names are masked where telegrams are shown.
    pub fn masking(&self) -> bool {
        self.value("log.masking") != "N"
    }

    /// Characters of a new password at least.
    pub fn password_length_min(&self) -> usize {
        usize::try_from(self.whole("password.minLength")).unwrap_or(usize::MAX)
    }
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum SystemCommand {
    /// Other values for some settings; an empty one gives the default back.
    Set {
        /// Key and value.
        values: BTreeMap<String, String>,
        /// Whether this is production, which keeps the masking of logs on.
        production: bool,
        /// Who asks.
        by: By,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemEvent {
    /// Settings have other values.
    Set {
        /// Key and value; an empty value gives the default back.
        values: BTreeMap<String, String>,
        /// Who did it.
        by: By,
    },
}

/// A setting as it was last set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingRow {
    /// Its value.
    pub value: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: By,
}

/// Decides a change of settings: all of them or none.
pub fn set_system(command: SystemCommand, settings: &SystemSettings, house: &House) -> Decision {
    let SystemCommand::Set {
        mut values,
        production,
        by,
    } = command;
    for (key, value) in &values {
        let refused = match setting(key) {
            None => Some(MerchantRefusal::NoSuchSetting),
            Some(spec) if spec.of_bank(key).is_some_and(|bank| !house.contracts(bank)) => {
                Some(MerchantRefusal::NoSuchSetting)
            }
            Some(_) if production && key == "log.masking" && value == "N" => {
                Some(MerchantRefusal::SettingOutOfRange)
            }
            Some(spec) if value.is_empty() || spec.takes(value) => None,
            Some(_) => Some(MerchantRefusal::SettingOutOfRange),
        };
        if let Some(refusal) = refused {
            return Decision::refuse(Refusal::Merchant(refusal));
        }
    }
    values.retain(|key, value| {
        let was = if settings.is_set(key) {
            settings.value(key)
        } else {
            ""
        };
        was != value
    });
    if values.is_empty() {
        return Decision::new(Outcome::Done, Vec::new());
    }
    let audits = values.iter().map(|(key, value)| {
        Event::Audited(Audit {
            by: by.clone(),
            action: "system.set".to_owned(),
            subject: format!("system/{key}"),
            before: Some(settings.value(key).to_owned()),
            after: Some(value.clone()),
        })
    });
    let audits: Vec<Event> = audits.collect();
    let set = Event::System(SystemEvent::Set { values, by });
    Decision::new(Outcome::Done, [vec![set], audits].concat())
}
