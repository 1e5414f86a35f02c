//! What a record means, one file per business. Here bytes and layouts end: what comes out is
//! typed, with absent things absent.

mod aggregate;
mod correction;
mod deposit;
mod line;
mod payee_lookup;
mod pre_deposit_check;

pub use aggregate::Aggregate;
pub use correction::Correction;
pub use deposit::{Deposit, Mode};
pub use line::Line;
pub use payee_lookup::PayeeLookup;
pub use pre_deposit_check::PreDepositCheck;

use crate::field::Field;
use crate::kind::Kind;
use crate::malformed::{Malformed, Why};
use crate::record::Record;

/// The fields that the house cannot do without in a kind. A layout must have each of them, or
/// something that stands in for it.
pub(crate) fn needed(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::PayeeLookup => payee_lookup::NEEDED,
        Kind::PreDepositCheck => pre_deposit_check::NEEDED,
        Kind::Deposit => deposit::NEEDED,
        Kind::Correction => correction::NEEDED,
        Kind::Aggregate => aggregate::NEEDED,
        Kind::Open | Kind::Close | Kind::FaultNotice | Kind::RecoveryNotice | Kind::LineTest => {
            line::NEEDED
        }
        _ => &[
            Field::Institution,
            Field::Bank,
            Field::TradeDate,
            Field::TraceNo,
        ],
    }
}

/// True for fields that are read as numbers, whatever the layout writes them in.
pub(crate) fn is_number(field: Field) -> bool {
    matches!(
        field,
        Field::Bank
            | Field::AccountBank
            | Field::TargetBank
            | Field::Amount
            | Field::ChequeAmount
            | Field::CashAmount
            | Field::TheirDepositCount
            | Field::TheirDepositAmount
            | Field::TheirCorrectionCount
            | Field::TheirCorrectionAmount
    )
}

/// The name that counts: the real depositor's where the telegram says that there is one and
/// names him, else the depositor's. With it, whether the name fills its field and may be cut.
fn effective_name(record: &Record) -> Result<(String, bool), Malformed> {
    let real = record
        .text(Field::RealDepositor)?
        .is_some_and(|flag| flag == "Y");
    if real && let Some(name) = record.text(Field::RealDepositorName)? {
        return Ok((name.into_owned(), record.fills(Field::RealDepositorName)));
    }
    let name = record
        .text(Field::DepositorName)?
        .unwrap_or_default()
        .into_owned();
    Ok((name, record.fills(Field::DepositorName)))
}

/// True when a yes-or-no field says yes.
fn says_yes(record: &Record, field: Field) -> Result<bool, Malformed> {
    Ok(record.text(field)?.is_some_and(|flag| flag == "Y"))
}

/// How often a telegram was sent, 1 where it does not say.
fn send_count(record: &Record) -> Result<u8, Malformed> {
    let said = record.text(Field::SendCount)?;
    Ok(said.and_then(|count| count.parse().ok()).unwrap_or(1))
}

/// Cheques and cash that are more than the whole amount: odd, and never refused.
pub(crate) fn parts_exceed_whole(record: &Record) -> Option<Malformed> {
    let read = |field| record.number(field).ok().flatten();
    let slot = record.layout().slot(Field::CashAmount)?;
    let parts = read(Field::ChequeAmount)?.checked_add(read(Field::CashAmount)?)?;
    let exceeds = parts > read(Field::Amount)?;
    exceeds.then(|| record.layout().malformed(slot, 0, Why::PartsExceedWhole))
}
