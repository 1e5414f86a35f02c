//! The virtual accounts that the scenarios pay into, and the two files that bring them in.
//!
//! Each scenario declares its own accounts; this room gathers them, adds an open range for load,
//! and writes what `naru import` reads. It must not know what the gateway makes of them.

use std::io;
use std::path::{Path, PathBuf};

use crate::scenario::{Scenario, ScriptError};

/// How an account is used up (계좌 구분).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// For any number of deposits.
    #[default]
    Fixed,
    /// For one deposit.
    OneTime,
    /// Its deposits are matched with orders.
    Matching,
}

impl AccountKind {
    /// The word of the import file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::OneTime => "one_time",
            Self::Matching => "matching",
        }
    }
}

/// Whether an account takes deposits (계좌 상태).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// It does.
    #[default]
    Open,
    /// It was closed for good.
    Closed,
    /// It is stopped for a while.
    Stopped,
}

impl AccountState {
    /// The word of the import file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Stopped => "stopped",
        }
    }
}

/// One virtual account as the gateway is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is, at most 10 characters.
    pub merchant: String,
    /// Its bank (은행코드).
    pub bank: u16,
    /// Its number (계좌번호), digits, at most 16.
    pub number: String,
    /// How it is used up.
    pub kind: AccountKind,
    /// The only amount it takes, in won; 0 takes any.
    pub amount: u64,
    /// How far a deposit may be from that amount, in won.
    pub tolerance: u64,
    /// When it ends, RFC 3339; `None` never.
    pub expires: Option<String>,
    /// The name that a look-up answers (예금주명).
    pub holder: String,
    /// The only payer allowed; `None` allows all.
    pub payer: Option<String>,
    /// The largest single deposit in won; `None` is without limit.
    pub limit_per_deposit: Option<u64>,
    /// The largest sum of a day in won; `None` is without limit.
    pub limit_per_day: Option<u64>,
    /// Whether it takes deposits.
    pub state: AccountState,
}

impl Account {
    /// The account as one key: `004-701004000001`.
    pub fn key(&self) -> String {
        format!("{:03}-{}", self.bank, self.number)
    }
}

/// A merchant as the gateway is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// At most 10 characters.
    pub id: String,
    /// For people.
    pub name: String,
}

/// Why the account files were not written.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// A scenario that declares accounts cannot be read.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The folder does not take the file.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows of `merchants.csv`.
    pub merchants: u64,
    /// Rows of `accounts.csv`.
    pub accounts: u64,
}

/// The merchant of the accounts that `load` pays into.
pub const LOAD_MERCHANT: &str = "SIMLOAD";

/// How many accounts for load every folder gets, beside those of the scenarios.
pub const LOAD_ACCOUNTS: u64 = 1_000;

const LOAD_BANKS: [u16; 5] = [4, 11, 20, 81, 88];

/// The bank of the n-th account for load.
pub(crate) fn load_bank(index: u64) -> u16 {
    let banks = LOAD_BANKS.len() as u64;
    LOAD_BANKS[usize::try_from(index % banks).unwrap_or_default()]
}

/// The n-th account for load; any n works, so that a million can be made without a list.
pub fn load_account(index: u64) -> Account {
    let bank = load_bank(index);
    Account {
        merchant: LOAD_MERCHANT.into(),
        bank,
        number: format!("8{bank:03}{index:010}"),
        kind: AccountKind::Fixed,
        amount: 0,
        tolerance: 0,
        expires: None,
        holder: "나루부하시험".into(),
        payer: None,
        limit_per_deposit: None,
        limit_per_day: None,
        state: AccountState::Open,
    }
}

/// Writes `merchants.csv` and `accounts.csv` for all scenarios that came with the simulator, and
/// the usual range for load.
pub fn write(folder: &Path) -> Result<Written, AccountsError> {
    write_for(folder, &Scenario::embedded()?, LOAD_ACCOUNTS)
}

/// The same for scenarios of one's own and any number of accounts for load.
pub fn write_for(
    folder: &Path,
    scenarios: &[Scenario],
    load_accounts: u64,
) -> Result<Written, AccountsError> {
    std::fs::create_dir_all(folder).map_err(|source| AccountsError::Write {
        path: folder.into(),
        source,
    })?;
    let merchants = write_merchants(&folder.join("merchants.csv"), scenarios)?;
    let accounts = write_accounts(&folder.join("accounts.csv"), scenarios, load_accounts)?;
    Ok(Written {
        merchants,
        accounts,
    })
}

fn write_merchants(path: &Path, scenarios: &[Scenario]) -> Result<u64, AccountsError> {
    let mut file = Rows::create(path, &["merchant_id", "name"])?;
    for scenario in scenarios {
        let merchant = scenario.merchant();
        file.row([merchant.id.as_str(), merchant.name.as_str()])?;
    }
    file.row([LOAD_MERCHANT, "나루부하시험"])?;
    file.finish()
}

const ACCOUNT_COLUMNS: [&str; 12] = [
    "merchant_id",
    "bank_code",
    "account_no",
    "account_type",
    "amount",
    "tolerance",
    "expires_at",
    "holder_name",
    "depositor_name",
    "limit_per_deposit",
    "limit_per_day",
    "state",
];

fn write_accounts(
    path: &Path,
    scenarios: &[Scenario],
    load_accounts: u64,
) -> Result<u64, AccountsError> {
    let mut file = Rows::create(path, &ACCOUNT_COLUMNS)?;
    for account in scenarios.iter().flat_map(Scenario::accounts) {
        file.row(row(account))?;
    }
    for index in 0..load_accounts {
        file.row(row(&load_account(index)))?;
    }
    file.finish()
}

fn row(account: &Account) -> [String; 12] {
    let won = |limit: Option<u64>| limit.map(|won| won.to_string()).unwrap_or_default();
    [
        account.merchant.clone(),
        format!("{:03}", account.bank),
        account.number.clone(),
        account.kind.name().into(),
        account.amount.to_string(),
        account.tolerance.to_string(),
        account.expires.clone().unwrap_or_default(),
        account.holder.clone(),
        account.payer.clone().unwrap_or_default(),
        won(account.limit_per_deposit),
        won(account.limit_per_day),
        account.state.name().into(),
    ]
}

/// A file of rows that remembers its path for the error.
struct Rows {
    path: PathBuf,
    file: csv::Writer<std::fs::File>,
    written: u64,
}

impl Rows {
    fn create(path: &Path, columns: &[&str]) -> Result<Self, AccountsError> {
        let file = std::fs::File::create(path).map_err(|source| AccountsError::Write {
            path: path.into(),
            source,
        })?;
        let mut rows = Self {
            path: path.into(),
            file: csv::Writer::from_writer(file),
            written: 0,
        };
        rows.row(columns)?;
        rows.written = 0;
        Ok(rows)
    }

    fn row<R>(&mut self, row: R) -> Result<(), AccountsError>
    where
        R: IntoIterator,
        R::Item: AsRef<[u8]>,
    {
        self.written += 1;
        let written = self.file.write_record(row);
        written.map_err(|error| self.broken(error.into()))
    }

    fn finish(mut self) -> Result<u64, AccountsError> {
        let flushed = self.file.flush();
        flushed.map_err(|source| self.broken(source))?;
        Ok(self.written)
    }

    fn broken(&self, source: io::Error) -> AccountsError {
        AccountsError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_account_of_every_scenario_is_one_of_its_kind() {
        let scenarios = Scenario::embedded().unwrap();
        let mut seen = HashSet::new();
        for account in scenarios.iter().flat_map(Scenario::accounts) {
            assert!(
                seen.insert(account.key()),
                "{} is there twice",
                account.key()
            );
            assert!(account.number.len() <= 16);
            assert!(account.number.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(account.merchant.chars().count() <= 10);
        }
        for index in 0..LOAD_ACCOUNTS {
            assert!(seen.insert(load_account(index).key()));
        }
    }

    #[test]
    fn writing_twice_gives_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        assert_eq!(write(&first).unwrap(), write(&second).unwrap());
        for name in ["merchants.csv", "accounts.csv"] {
            let bytes = std::fs::read(first.join(name)).unwrap();
            assert_eq!(bytes, std::fs::read(second.join(name)).unwrap());
            assert!(!bytes.is_empty());
        }
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = write(file.path()).unwrap_err().to_string();
        assert!(error.contains(&*file.path().to_string_lossy()), "{error}");
    }
}
