//! Lists of accounts: twice changes nothing, other values only with a word.

use naru::domain::{AccountKind, Command, Mode, Outcome, RowFate, Won};

use crate::support::{Desk, account, account_key, corrected, deposited};

fn import(desk: &Desk, amounts: &[u64], update: bool) -> Vec<RowFate> {
    let rows = amounts
        .iter()
        .enumerate()
        .map(|(index, amount)| {
            let mut row = account(&format!("{index}"), AccountKind::OneTime);
            row.terms.amount = Won::new(*amount);
            row
        })
        .collect();
    match desk.verdict(Command::ImportAccounts { rows, update }) {
        Ok(Outcome::Imported(fates)) => fates,
        other => panic!("an import tells fates, not {other:?}"),
    }
}

#[test]
fn importing_again_changes_nothing() {
    let desk = Desk::open();
    assert_eq!(
        import(&desk, &[1, 2], false),
        [RowFate::Added, RowFate::Added]
    );
    let before = desk.store.reads().head().unwrap();
    assert_eq!(
        import(&desk, &[1, 2], false),
        [RowFate::Unchanged, RowFate::Unchanged]
    );
    assert_eq!(desk.store.reads().head().unwrap(), before);
}

#[test]
fn other_values_need_a_word() {
    let desk = Desk::open();
    import(&desk, &[1, 2], false);
    assert_eq!(
        import(&desk, &[1, 3], false),
        [RowFate::Unchanged, RowFate::Differs]
    );
    assert_eq!(
        import(&desk, &[1, 3], true),
        [RowFate::Unchanged, RowFate::Updated]
    );
    let row = desk
        .store
        .reads()
        .account(&account_key("1"))
        .unwrap()
        .expect("an account");
    assert_eq!(row.terms.amount, Won::new(3));
    desk.assert_sound();
}

#[test]
fn an_update_keeps_what_the_account_has_lived_through() {
    let desk = Desk::open();
    import(&desk, &[0], false);
    desk.send(deposited("1", "0", 5000));
    import(&desk, &[9], true);
    let used = desk
        .store
        .reads()
        .account(&account_key("0"))
        .unwrap()
        .expect("an account");
    assert!(used.used_by.is_some());
    desk.send(corrected("1", "0", 5000, Mode::Notice));
    desk.assert_sound();
}

#[test]
fn an_account_needs_its_merchant_first() {
    let desk = Desk::open();
    let mut row = account("1", AccountKind::Fixed);
    row.terms.merchant = naru::domain::MerchantId::new("nobody").expect("an id");
    let command = Command::ImportAccounts {
        rows: vec![row],
        update: false,
    };
    assert_eq!(
        desk.verdict(command),
        Ok(Outcome::Imported(vec![RowFate::MerchantUnknown]))
    );
}
