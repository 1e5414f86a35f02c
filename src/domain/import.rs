//! Taking in accounts and merchants from lists (`naru import`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountKey, AccountTerms, Decision, Event, Merchant, MerchantId, Outcome, Standing,
};

/// One row of an account list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountImport {
    /// Bank and number.
    pub key: AccountKey,
    /// What was agreed.
    pub terms: AccountTerms,
    /// Its standing, where the list says one; a known account keeps its own otherwise.
    pub standing: Option<Standing>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowFate {
    /// New in the books.
    Added,
    /// Known with the very same values.
    Unchanged,
    /// Known with other values, now replaced.
    Updated,
    /// Known with other values, left as it was.
    Differs,
    /// The merchant is not known; import merchants first.
    MerchantUnknown,
}

/// Decides a chunk of an account list. `known` holds the accounts of the chunk that the books
/// have, `merchants` says for each merchant of the chunk whether it is known.
pub fn decide_accounts(
    rows: &[AccountImport],
    known: &BTreeMap<AccountKey, Account>,
    merchants: &BTreeMap<MerchantId, bool>,
    update: bool,
) -> Decision {
    let mut seen: BTreeMap<AccountKey, Account> = known.clone();
    let mut accounts = Vec::new();
    let mut fates = Vec::with_capacity(rows.len());
    for row in rows {
        let merchant_known = merchants.get(&row.terms.merchant).copied().unwrap_or(false);
        let earlier = seen.get(&row.key);
        let fate = account_fate(row, earlier, merchant_known, update);
        if matches!(fate, RowFate::Added | RowFate::Updated) {
            let account = merged(row, earlier);
            seen.insert(row.key.clone(), account.clone());
            accounts.push(account);
        }
        fates.push(fate);
    }
    let events = if accounts.is_empty() {
        Vec::new()
    } else {
        vec![Event::AccountsImported { accounts }]
    };
    Decision::new(Outcome::Imported(fates), events)
}

fn account_fate(
    row: &AccountImport,
    known: Option<&Account>,
    merchant_known: bool,
    update: bool,
) -> RowFate {
    if !merchant_known {
        return RowFate::MerchantUnknown;
    }
    let Some(account) = known else {
        return RowFate::Added;
    };
    let standing_kept = row
        .standing
        .is_none_or(|standing| standing == account.standing);
    match (account.terms == row.terms && standing_kept, update) {
        (true, _) => RowFate::Unchanged,
        (false, true) => RowFate::Updated,
        (false, false) => RowFate::Differs,
    }
}

/// The row's values over what the account has lived through.
fn merged(row: &AccountImport, known: Option<&Account>) -> Account {
    let mut account = Account::new(row.key.clone(), row.terms.clone());
    if let Some(known) = known {
        account.standing = known.standing;
        account.used_by.clone_from(&known.used_by);
    }
    if let Some(standing) = row.standing {
        account.standing = standing;
    }
    account
}

/// Decides a chunk of a merchant list.
pub fn decide_merchants(
    rows: &[Merchant],
    known: &BTreeMap<MerchantId, Merchant>,
    update: bool,
) -> Decision {
    let mut seen = known.clone();
    let mut merchants = Vec::new();
    let mut fates = Vec::with_capacity(rows.len());
    for row in rows {
        let fate = match seen.get(&row.id) {
            None => RowFate::Added,
            Some(earlier) if earlier == row => RowFate::Unchanged,
            Some(_) if update => RowFate::Updated,
            Some(_) => RowFate::Differs,
        };
        if matches!(fate, RowFate::Added | RowFate::Updated) {
            seen.insert(row.id.clone(), row.clone());
            merchants.push(row.clone());
        }
        fates.push(fate);
    }
    let events = if merchants.is_empty() {
        Vec::new()
    } else {
        vec![Event::MerchantsImported { merchants }]
    };
    Decision::new(Outcome::Imported(fates), events)
}
