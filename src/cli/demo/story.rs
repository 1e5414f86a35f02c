//! The demo told to a person: what the bank believes beside what the books say.

use std::collections::BTreeMap;

use simulator::{DayReport, ShopReport};

use super::Played;
use crate::cli::say;
use crate::config::Config;
use crate::domain::Totals;
use crate::gateway::Gateway;
use crate::limits;
use crate::store::Overview;

/// The relay gives up on a question after this many seconds.
const RELAY_PATIENCE_SECONDS: f64 = 10.0;

/// Says what is running and what will happen.
pub(super) fn tell_start(gateway: &Gateway, config: &Config) {
    let relay = gateway.relay_addresses()[0];
    say(format_args!(
        "naru runs in {} mode: relay listener {relay}, operators http://{}",
        config.mode,
        gateway.ops_address()
    ));
    say(format_args!(
        "a simulated bank now plays a whole day over TCP: look-ups (수취조회), pre-deposit checks \
         (입금사전조회), deposits (입금), corrections (입금정정), lost answers and re-sends, \
         aggregates (집계); then a shop places orders, its customers pay, and its servers \
         receive the webhooks"
    ));
}

/// Tells how the day went; whether both sides agree and the books are sound.
pub(super) fn tell(played: &Played) -> bool {
    let day = &played.day;
    say(format_args!(
        "\nThe day {}: {} telegrams, {} told again, {:.1} s\n",
        verdict_word(day.verdict.passed()),
        day.verdict.telegrams,
        day.resends,
        day.verdict.took.as_secs_f64()
    ));
    let agree = table(day, &played.books);
    say(format_args!(
        "\nslowest pre-deposit check {:.1} ms of the relay's {RELAY_PATIENCE_SECONDS:.0} s \
         (decided within {} s, nothing sent after {} s)",
        day.slowest_check.as_secs_f64() * 1000.0,
        limits::DECIDE_WITHIN.as_secs_f64(),
        limits::ANSWER_WITHIN.as_secs_f64()
    ));
    for difference in day.verdict.differences() {
        say(format_args!("  differs: {difference}"));
    }
    let sold = tell_shop(&played.shop);
    let sound = prove(played);
    let all_well = agree && sold && sound && day.verdict.passed();
    let last = if all_well {
        "nothing was lost, doubled or invented"
    } else {
        "the two sides DIFFER; see above"
    };
    say(format_args!("{last}"));
    all_well
}

/// Tells how the shop's hour went; whether everything came as it should.
fn tell_shop(shop: &ShopReport) -> bool {
    let ShopReport {
        placed,
        deposits,
        matched,
        waiting,
        ..
    } = shop;
    say(format_args!(
        "\nThe shop's hour {}: {placed} orders placed, {deposits} deposits, {matched} orders \
         matched (매칭완료), {waiting} still waiting (매칭대기), {:.1} s",
        verdict_word(shop.verdict.passed()),
        shop.verdict.took.as_secs_f64()
    ));
    for receiver in &shop.receivers {
        say(format_args!(
            "  webhooks in dialect {:<10} {:>6} delivered in {} attempts, {} faults",
            receiver.dialect,
            receiver.deliveries,
            receiver.attempts,
            receiver.faults.len()
        ));
    }
    for difference in shop.verdict.differences() {
        say(format_args!("  differs: {difference}"));
    }
    shop.verdict.passed()
}

fn verdict_word(passed: bool) -> &'static str {
    if passed {
        "went as it should"
    } else {
        "did NOT go as it should"
    }
}

/// Both sides per bank; whether every line agrees.
fn table(day: &DayReport, books: &Overview) -> bool {
    let ours = books_by_bank(books);
    say(format_args!(
        "{:<6} {:>9} {:>18} {:>9} {:>16}   {:>9} {:>18} {:>9} {:>16}",
        "", "the bank", "believes", "", "", "the books", "say", "", ""
    ));
    say(format_args!(
        "{:<6} {:>9} {:>18} {:>9} {:>16}   {:>9} {:>18} {:>9} {:>16}",
        "bank", "deposits", "won", "corrected", "won", "deposits", "won", "corrected", "won"
    ));
    let mut agree = true;
    let (mut bank_sum, mut book_sum) = ([0u64; 4], [0u64; 4]);
    for figures in &day.banks {
        let believed = [
            figures.believed.deposits,
            figures.believed.deposit_amount,
            figures.believed.corrections,
            figures.believed.correction_amount,
        ];
        let booked = ours.get(&figures.bank).copied().unwrap_or_default();
        agree &= line(&format!("{:03}", figures.bank), believed, booked);
        for place in 0..4 {
            bank_sum[place] += believed[place];
            book_sum[place] += booked[place];
        }
    }
    let all: u64 = ours.values().map(|row| row[0]).sum();
    let sums_agree = line("all", bank_sum, book_sum);
    agree && sums_agree && all == bank_sum[0]
}

fn line(name: &str, bank: [u64; 4], books: [u64; 4]) -> bool {
    let same = bank == books;
    let mark = if same { "✓" } else { "✗ DIFFERS" };
    let [deposits, won, corrected, won_back] = bank;
    let [our_deposits, our_won, our_corrected, our_won_back] = books;
    say(format_args!(
        "{name:<6} {deposits:>9} {won:>18} {corrected:>9} {won_back:>16}   {our_deposits:>9} \
         {our_won:>18} {our_corrected:>9} {our_won_back:>16}  {mark}"
    ));
    same
}

fn books_by_bank(books: &Overview) -> BTreeMap<u16, [u64; 4]> {
    let mut sums: BTreeMap<u16, [u64; 4]> = BTreeMap::new();
    for (key, row) in &books.totals {
        let sum = sums.entry(key.bank.number()).or_default();
        for (sum, more) in sum.iter_mut().zip(figures(*row)) {
            *sum += more;
        }
    }
    sums
}

fn figures(row: Totals) -> [u64; 4] {
    [
        row.deposit_count,
        row.deposit_amount.digits(),
        row.correction_count,
        row.correction_amount.digits(),
    ]
}

/// Says what the proof of the books found.
fn prove(played: &Played) -> bool {
    let check = &played.check;
    for problem in &check.problems {
        say(format_args!("  not sound: {problem}"));
    }
    if check.problems.is_empty() {
        say(format_args!(
            "the books are sound: {} records chained, {} rows rebuilt from them and compared",
            check.records, check.rows
        ));
    }
    check.problems.is_empty()
}

/// Says where to look while the gateway keeps serving.
pub(super) fn tell_where(gateway: &Gateway, config: &Config) {
    let (relay, ops) = (gateway.relay_addresses()[0], gateway.ops_address());
    let data = config.data_dir.display();
    say(format_args!(
        "\nNaru keeps serving; Ctrl-C ends it. Look at:"
    ));
    let http = gateway.http_address();
    say(format_args!(
        "  merchants   http://{http}/ezpg/docs, http://{http}/payaction/docs"
    ));
    say(format_args!("  metrics     http://{ops}/metrics"));
    say(format_args!("  health      http://{ops}/health/ready"));
    say(format_args!(
        "  the books   NARU_DATA_DIR={data} naru report"
    ));
    say(format_args!(
        "  the proof   NARU_DATA_DIR={data} naru check"
    ));
    say(format_args!("  more load   simulator load --relay {relay}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BankCode, BusinessDate};

    #[test]
    fn sums_run_over_days() {
        let key = |day: &str| crate::store::DayKey {
            institution: "30000003".to_owned(),
            day: BusinessDate::parse(day).expect("a date"),
            bank: BankCode::new(4).expect("a bank"),
        };
        let row = Totals {
            deposit_count: 1,
            deposit_amount: crate::domain::Won::new(5),
            ..Totals::default()
        };
        let books = Overview {
            totals: vec![(key("20260302"), row), (key("20260303"), row)],
            ..Overview::default()
        };
        assert_eq!(books_by_bank(&books), BTreeMap::from([(4, [2, 10, 0, 0])]));
    }
}
