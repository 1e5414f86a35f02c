//! Questions about merchants: what they have decided, what is known of them, what they hold.

use std::ops::{Bound, ControlFlow};

use super::Reads;
use crate::domain::{
    Balance, LedgerAccount, Merchant, MerchantId, MerchantSettings, ProfileRow, Timestamp,
};
use crate::store::engine::{Broken, Direction, Rows};
use crate::store::facts::policy::settings;
use crate::store::journal;
use crate::store::keys::{TableKey as _, Tag, Whose};
use crate::store::tables::{HISTORY, LEDGER, MERCHANTS, PROFILES};

/// A merchant with everything that a list shows.
#[derive(Clone, Debug)]
pub struct MerchantShown {
    /// Who.
    pub merchant: Merchant,
    /// What is known of it; none where it was imported.
    pub profile: Option<ProfileRow>,
    /// What its accounts are like and what it pays.
    pub settings: MerchantSettings,
    /// What we owe it, as debits and credits.
    pub balance: Balance,
    /// When money last moved.
    pub last_movement: Option<Timestamp>,
}

/// A page of merchants, by id.
#[derive(Clone, Debug, Default)]
pub struct MerchantPage {
    /// How many there are in all.
    pub total: usize,
    /// Those of this page.
    pub merchants: Vec<MerchantShown>,
}

impl Reads {
    /// Merchants whose id, name, business number or contact holds `keyword`, whatever its case;
    /// only `own` where that is given.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn merchants(
        &self,
        keyword: &str,
        own: Option<&MerchantId>,
        (skip, limit): (usize, usize),
    ) -> Result<MerchantPage, Broken> {
        let rows = self.engine.snapshot()?;
        let keyword = keyword.to_lowercase();
        let mut known = Vec::new();
        MERCHANTS.walk_from(&*rows, &[], &mut |_, merchant| {
            if own.is_none_or(|own| *own == merchant.id) {
                known.push(merchant);
            }
            ControlFlow::Continue(())
        })?;
        let mut page = MerchantPage::default();
        for merchant in known {
            let profile = PROFILES.get(&*rows, &merchant.id)?;
            if !holds(&merchant, profile.as_ref(), &keyword) {
                continue;
            }
            page.total += 1;
            if page.total > skip && page.merchants.len() < limit {
                page.merchants.push(shown(&*rows, merchant, profile)?);
            }
        }
        Ok(page)
    }
}

fn holds(merchant: &Merchant, profile: Option<&ProfileRow>, keyword: &str) -> bool {
    let of_profile = profile.map(|row| {
        let profile = &row.profile;
        [
            &profile.business_number,
            &profile.manager_name,
            &profile.manager_email,
            &profile.manager_phone,
        ]
    });
    let own = [merchant.id.as_str(), &merchant.name];
    let mut texts = own
        .into_iter()
        .chain(of_profile.into_iter().flatten().map(String::as_str));
    keyword.is_empty() || texts.any(|text| text.to_lowercase().contains(keyword))
}

fn shown(
    rows: &dyn Rows,
    merchant: Merchant,
    profile: Option<ProfileRow>,
) -> Result<MerchantShown, Broken> {
    let payable = LedgerAccount::MerchantPayable(merchant.id.clone());
    Ok(MerchantShown {
        settings: settings(rows, &merchant.id)?,
        balance: LEDGER.get(rows, &payable)?.unwrap_or_default(),
        last_movement: last_movement(rows, &merchant.id)?,
        merchant,
        profile,
    })
}

/// When a merchant's money last moved.
fn last_movement(rows: &dyn Rows, merchant: &MerchantId) -> Result<Option<Timestamp>, Broken> {
    let mut last = 0;
    for tag in [Tag::Deposit, Tag::Correction] {
        let key = |position: u64| (Whose::Merchant(merchant.clone()), (tag, position)).bytes();
        let (from, to) = (key(0), key(u64::MAX));
        let (from, to) = (Bound::Included(&from[..]), Bound::Included(&to[..]));
        rows.scan(
            HISTORY.id,
            from,
            to,
            Direction::Backward,
            &mut |key, row| {
                let ((_, (_, position)), _) = HISTORY.read(key, row)?;
                last = last.max(position);
                Ok(ControlFlow::Break(()))
            },
        )?;
    }
    let record = match last {
        0 => None,
        position => journal::at(rows, position)?,
    };
    Ok(record.map(|record| record.at))
}
