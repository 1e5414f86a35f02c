//! What moved money lately: deposits and corrections together, the newest first.

use std::ops::ControlFlow;

use super::super::engine::{Broken, Rows};
use super::super::journal;
use super::super::keys::Tag;
use super::Reads;
use super::deposits::{DepositSeen, seen};
use super::history::{self, Stretch};
use crate::domain::{DepositRow, Event, MerchantId, RelayKey, Timestamp};

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// A deposit, as it stands now.
    Deposit(Box<DepositSeen>),
    /// A correction of a deposit.
    Correction {
        /// Journal position of its record.
        position: u64,
        /// When.
        at: Timestamp,
        /// The deposit's key.
        key: RelayKey,
        /// The deposit as it stood.
        row: DepositRow,
        /// Whose account it was, where that is known.
        merchant: Option<MerchantId>,
    },
}

impl Reads {
    /// The last `limit` movements of `merchant`, or of everyone, from before the record at
    /// `before` on.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn recent(
        &self,
        merchant: Option<&MerchantId>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Movement>, Broken> {
        let rows = self.engine.snapshot()?;
        let rows = &*rows;
        let owners = history::owners(rows, merchant)?;
        let all = Stretch {
            from: 0,
            to: u64::MAX,
        };
        let stretch = all.before(before);
        let mut places = Vec::new();
        for tag in [Tag::Deposit, Tag::Correction] {
            let mut taken = 0;
            history::walk_back(rows, &owners, tag, stretch, &mut |_, position| {
                places.push((position, tag));
                taken += 1;
                Ok(if taken < limit {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                })
            })?;
        }
        places.sort_by_key(|(position, tag)| std::cmp::Reverse((*position, *tag)));
        places.truncate(limit);
        let mut movements = Vec::with_capacity(places.len());
        for (position, tag) in places {
            match tag {
                Tag::Deposit => {
                    let seen = seen(rows, position)?;
                    movements.extend(seen.map(|seen| Movement::Deposit(Box::new(seen))));
                }
                _ => movements.extend(corrected_at(rows, position)?),
            }
        }
        Ok(movements)
    }
}

fn corrected_at(rows: &dyn Rows, position: u64) -> Result<Vec<Movement>, Broken> {
    let Some(record) = journal::at(rows, position)? else {
        return Ok(Vec::new());
    };
    let mut movements = Vec::new();
    for event in record.events {
        if let Event::DepositReversed { key, row, .. } = event {
            let merchant = seen(rows, row.position)?.and_then(|seen| seen.merchant);
            movements.push(Movement::Correction {
                position,
                at: record.at,
                key,
                row,
                merchant,
            });
        }
    }
    Ok(movements)
}
