//! A scenario that makes no sense is refused by file, line and key.

use simulator::scenario::{EMBEDDED, Scenario};

const HEAD: &str = "name = \"x\"\ntitle = \"x\"\nabout = \"x\"\nblock = 98\ndate = 2030-03-04\n\
                    [accounts.shop]\nbank = \"004\"\n";

/// The steps begin at line 8.
fn refused(steps: &str, line: usize, words: &[&str]) {
    let error = Scenario::parse("x.toml", &format!("{HEAD}{steps}")).unwrap_err();
    assert_eq!(error.line, line, "{error}");
    for word in words {
        assert!(error.what.contains(word), "no «{word}» in «{error}»");
    }
    assert!(
        error.to_string().starts_with(&format!("x.toml:{line}: ")),
        "{error}"
    );
}

#[test]
fn an_unknown_key_is_named() {
    refused(
        "[[step]]\ndeposit = { acount = \"shop\" }\n",
        9,
        &["`acount`", "`account`"],
    );
    refused(
        "[[step]]\nnote = \"a\"\ndepositt = {}\n",
        10,
        &["`depositt`"],
    );
    refused(
        "[[step]]\ntotals = {}\nexpect = { kode = \"0000\" }\n",
        10,
        &["`kode`"],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_named_with_its_key() {
    refused(
        "[[step]]\ndeposit = { amount = \"much\" }\n",
        9,
        &["`amount`", "\"much\"", "u64"],
    );
    refused("[[step]]\nclock = 7\n", 9, &["`clock`", "text or a table"]);
    refused(
        "[[step]]\ndeposit = { lose = \"wallet\" }\n",
        9,
        &["`wallet`", "`answer`"],
    );
}

#[test]
fn what_is_referred_to_must_be_there() {
    let steps =
        "[[step]]\ndeposit = { account = \"shop\" }\n\n[[step]]\ndeposit = { like = \"a\" }\n";
    refused(steps, 11, &["step 2", "`a`"]);
    refused(
        "[[step]]\ndeposit = { account = \"ship\" }\n",
        8,
        &["step 1", "`ship`", "declared"],
    );
    refused(
        "[[step]]\ndeposit = { account = \"shop.2\" }\n",
        8,
        &["`shop.2`"],
    );
    refused("[[step]]\nrepeat = { of = \"never\" }\n", 8, &["`never`"]);
    let field = "[[step]]\ndeposit = { account = \"shop\", patch = { colour = \"x\" } }\n";
    refused(field, 8, &["`colour`"]);
    refused(
        "[[step]]\ntelegram = { kind = \"party\" }\n",
        8,
        &["`kind`", "`party`"],
    );
    let day = "[[step]]\nday = { deposits = 1, accounts = [\"b\"] }\n";
    refused(day, 8, &["`accounts`", "`b`"]);
}

#[test]
fn a_step_does_one_thing() {
    refused("[[step]]\nnote = \"nothing\"\n", 8, &["exactly one thing"]);
    refused(
        "[[step]]\ntotals = {}\nclock = \"10:00\"\n",
        8,
        &["exactly one thing"],
    );
    refused(
        "[[step]]\nclock = \"10:00\"\nexpect = \"0000\"\n",
        8,
        &["`expect`", "`clock`"],
    );
    refused(
        "[[step]]\ntotals = {}\nsession = 1\nsessions = [2]\n",
        8,
        &["`sessions`"],
    );
}

#[test]
fn values_are_checked_with_their_keys() {
    refused("[[step]]\nclock = \"noon\"\n", 8, &["`clock`", "`noon`"]);
    refused(
        "[[step]]\nresend = { every = \"soon\" }\n",
        8,
        &["`every`", "`soon`"],
    );
    refused(
        "[[step]]\ntotals = { date = \"2030-02-30\" }\n",
        8,
        &["`date`", "2030-02-30"],
    );
    refused(
        "[[step]]\ntotals = { banks = [\"4\"] }\n",
        8,
        &["`banks`", "`4`"],
    );
    refused(
        "[[step]]\ntotals = {}\nexpect = \"well done\"\n",
        8,
        &["`expect`", "well done"],
    );
    let day = "[[step]]\nday = { deposits = 1, accounts = [\"shop\"], repeated = 1.5 }\n";
    refused(day, 8, &["`repeated`", "1.5"]);
    let patch = "[[step]]\ndeposit = { account = \"shop\", patch = { amount = \"hex:0\" } }\n";
    refused(patch, 8, &["`patch`", "hexadecimal"]);
}

#[test]
fn the_head_is_checked_too() {
    let error = Scenario::parse("x", "name = \"x\"\n").unwrap_err();
    assert!(error.what.contains("missing field"), "{error}");
    let error = Scenario::parse("x", &HEAD.replace("98", "100")).unwrap_err();
    assert!(error.what.contains("`block` is 100"), "{error}");
    let error = Scenario::parse("x", &HEAD.replace("2030-03-04", "10:00:00")).unwrap_err();
    assert_eq!(
        (error.line, error.what.contains("`date`")),
        (5, true),
        "{error}"
    );
    let error = Scenario::parse("x", HEAD).unwrap_err();
    assert!(error.what.contains("nothing would be shown"), "{error}");
    let error = Scenario::parse("x", &HEAD.replace("bank = \"004\"", "each = 2")).unwrap_err();
    assert_eq!(
        (error.line, error.what.contains("`bank` or `banks`")),
        (6, true),
        "{error}"
    );
}

#[test]
fn a_scenario_is_found_by_name_or_path() {
    assert_eq!(Scenario::find("plain_day").unwrap().name, "plain_day");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    std::fs::write(&path, format!("{HEAD}[[step]]\ntotals = {{}}\n")).unwrap();
    let own = Scenario::find(&path.to_string_lossy()).unwrap();
    assert_eq!(own.accounts().next().unwrap().key(), "004-798004000001");
    let error = Scenario::find("no_such").unwrap_err().to_string();
    assert!(
        error.contains("neither an embedded scenario nor a readable file"),
        "{error}"
    );
}

#[test]
fn embedded_scenarios_keep_apart() {
    let scenarios = Scenario::embedded().unwrap();
    assert_eq!(scenarios.len(), EMBEDDED.len());
    for (scenario, (name, _)) in scenarios.iter().zip(EMBEDDED) {
        assert_eq!(
            scenario.name, *name,
            "the list is in the order of the dates"
        );
    }
    for pair in scenarios.windows(2) {
        let days = pair[0].date.until(pair[1].date).unwrap().get_days();
        assert!(
            days >= 2,
            "{} and {} are too near",
            pair[0].name,
            pair[1].name
        );
    }
    let mut blocks: Vec<u8> = scenarios.iter().map(|scenario| scenario.block).collect();
    blocks.sort_unstable();
    blocks.dedup();
    assert_eq!(
        blocks.len(),
        scenarios.len(),
        "each scenario has a block of its own"
    );
}

#[test]
fn the_plain_day_is_as_large_as_promised() {
    let plain_day = Scenario::find("plain_day").unwrap();
    let banks: std::collections::HashSet<u16> =
        plain_day.accounts().map(|account| account.bank).collect();
    assert!(banks.len() >= 5);
    assert!(EMBEDDED[0].1.contains("deposits = 10_000"));
}

#[test]
fn the_example_of_the_readme_is_a_scenario() {
    let readme = include_str!("../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    assert_eq!(Scenario::parse("README.md", example).unwrap().name, "twice");
}

/// With a shop the steps begin at line 11.
fn shop_refused(steps: &str, words: &[&str]) {
    let head = format!("{HEAD}[shop]\n[endpoints.mall]\ndialect = \"payaction\"\n");
    let error = Scenario::parse("x.toml", &format!("{head}{steps}")).unwrap_err();
    assert!(error.line >= 11, "{error}");
    for word in words {
        assert!(error.what.contains(word), "no «{word}» in «{error}»");
    }
}

#[test]
fn a_shops_steps_need_a_shop() {
    refused("[[step]]\norder = { as = \"a\" }\n", 8, &["`[shop]`"]);
    refused(
        "[endpoints.mall]\ndialect = \"payaction\"\n[[step]]\ntotals = {}\n",
        8,
        &["`mall`", "`[shop]`"],
    );
}

#[test]
fn what_a_shops_steps_refer_to_must_be_there() {
    shop_refused(
        "[[step]]\nwebhook = { at = \"mail\", event = \"deposit.matched\" }\n",
        &["`mail`", "`[endpoints.mail]`"],
    );
    shop_refused(
        "[[step]]\nwebhook = { at = \"mall\", again = \"first\" }\n",
        &["`first`"],
    );
    shop_refused("[[step]]\nwebhook = { at = \"mall\" }\n", &["`event`"]);
    shop_refused(
        "[[step]]\nreceiver = { at = \"mall\", answers = [\"500*0\"] }\n",
        &["`answers`", "`500*0`"],
    );
    shop_refused("[[step]]\norder = { amount = 1 }\n", &["`as`", "`number`"]);
    shop_refused(
        "[[step]]\norder = { as = \"a\", date = \"soon\" }\n",
        &["`date`", "`soon`"],
    );
    shop_refused(
        "[[step]]\nno_webhook = { at = \"mall\", for = \"a while\" }\n",
        &["`for`", "`a while`"],
    );
    shop_refused(
        "[[step]]\ncall = { get = \"/x\", body = { a = 1 } }\n",
        &["`body`"],
    );
    shop_refused(
        "[[step]]\ncall = { by = \"nobody\" }\n",
        &["`get`", "`post`"],
    );
    shop_refused(
        "[[step]]\norder_status = { order = \"a\", is = \"b\" }\nexpect = \"0000\"\n",
        &["`expect`", "`order_status`"],
    );
}

#[test]
fn an_issued_account_is_paid_into_by_its_label() {
    let head = format!("{HEAD}[shop]\n");
    let issue = "[[step]]\nissue = { as = \"own\", kind = \"fixed\" }\n";
    let deposit = "[[step]]\ndeposit = { account = \"own\", amount = 1 }\n";
    assert!(Scenario::parse("x", &format!("{head}{issue}{deposit}")).is_ok());
    let error = Scenario::parse("x", &format!("{head}{deposit}{issue}")).unwrap_err();
    assert!(error.what.contains("`own`"), "{error}");
}
