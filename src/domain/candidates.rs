//! Orders that a deposit may belong to, ranked for a person to choose from.
//!
//! A score says how much speaks for an order: half of it is the name, half the amount. Nothing of
//! this ever matches by itself.

use super::matching::reason;
use super::name::folded_name;
use super::{
    Arrival, MatchReason, MatchingPolicy, Order, OrderNumber, OrderStanding, Shelf, Waiting, Won,
    name_code,
};

/// Candidates that are shown at most.
pub const CANDIDATES_MAX: usize = 20;
/// Marks of a company that people write or leave out.
const COMPANY_MARKS: [&str; 6] = ["(주)", "㈜", "주식회사", "(유)", "유한회사", "(재)"];

/// An order that a deposit may belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub number: OrderNumber,
    /// How much speaks for it, 0 to 100.
    pub score: u8,
    /// What speaks for and against it, in words.
    pub reasons: Vec<String>,
}

/// Ranks `lines`, the best first; each order once, by its best name.
pub fn ranked(
    arrival: &Arrival,
    policy: &MatchingPolicy,
    lines: &[Waiting],
    booked: u64,
) -> Vec<Candidate> {
    let mut ranked: Vec<Candidate> = Vec::new();
    for line in lines.iter().filter(|line| line.shelf != Shelf::Matched) {
        let candidate = judged(arrival, policy, line, booked);
        match ranked.iter_mut().find(|one| one.number == line.number) {
            Some(known) if known.score >= candidate.score => {}
            Some(known) => *known = candidate,
            None => ranked.push(candidate),
        }
    }
    ranked.retain(|candidate| candidate.score > 0);
    ranked.sort_by(|one, other| {
        let number = one.number.cmp(&other.number);
        other.score.cmp(&one.score).then(number)
    });
    ranked.truncate(CANDIDATES_MAX);
    ranked
}

/// Puts first the order that the deposit's own account was issued for, unless it has met another.
pub fn with_own(mut ranked: Vec<Candidate>, own: Option<&Order>, paid: Won) -> Vec<Candidate> {
    let meets = |order: &&Order| !matches!(order.standing, OrderStanding::Matched(_));
    let Some(order) = own.filter(meets) else {
        return ranked;
    };
    let (amount, words) = amount_score(paid, order.amount);
    ranked.retain(|candidate| candidate.number != order.number);
    let mut reasons = vec![
        "입금된 계좌가 이 주문에 발급된 계좌입니다.".to_owned(),
        words,
    ];
    let over = match order.standing {
        OrderStanding::Excluded { .. } => Some(MatchReason::Excluded {
            order: order.number.clone(),
        }),
        OrderStanding::Expired { .. } => Some(MatchReason::Expired {
            order: order.number.clone(),
        }),
        OrderStanding::Open | OrderStanding::Matched(_) => None,
    };
    let against = if over.is_some() { 15 } else { 0 };
    reasons.extend(over.map(|reason| reason.words()));
    let first = Candidate {
        number: order.number.clone(),
        score: 50 + amount - against,
        reasons,
    };
    ranked.insert(0, first);
    ranked.truncate(CANDIDATES_MAX);
    ranked
}

fn judged(arrival: &Arrival, policy: &MatchingPolicy, line: &Waiting, booked: u64) -> Candidate {
    let (name, name_words) = name_score(arrival, &line.name);
    let (amount, amount_words) = amount_score(arrival.amount, line.amount);
    let mut reasons = vec![name_words.to_owned(), amount_words];
    let mut against = 0;
    let obstacle = reason(arrival, policy, line).filter(|obstacle| {
        // What the two scores say already is not said twice.
        !matches!(
            obstacle,
            MatchReason::NameDiffers { .. }
                | MatchReason::AmountDiffers { .. }
                | MatchReason::NameCut { .. }
        )
    });
    if let Some(obstacle) = obstacle {
        against += 15;
        reasons.push(obstacle.words());
    }
    if line.position > booked {
        against += 5;
        let late = MatchReason::SentLater {
            order: line.number.clone(),
        };
        reasons.push(late.words());
    }
    Candidate {
        number: line.number.clone(),
        score: (name + amount).saturating_sub(against),
        reasons,
    }
}

/// Up to 50 for the name.
fn name_score(arrival: &Arrival, name: &str) -> (u8, &'static str) {
    let (told, asked) = (arrival.folded(), folded_name(name));
    if told.is_empty() {
        return (0, "입금자명이 없습니다.");
    }
    if told == asked {
        return (50, "입금자명이 같습니다.");
    }
    if arrival.name_cut && asked.starts_with(&told) {
        return (
            40,
            "은행이 줄인 입금자명이 주문의 입금자명 앞부분과 같습니다.",
        );
    }
    if told.eq_ignore_ascii_case(&asked) {
        return (40, "입금자명이 대소문자만 다릅니다.");
    }
    let (bare_told, bare_asked) = (bare(&told), bare(&asked));
    if !bare_told.is_empty() && bare_told == bare_asked {
        return (40, "괄호나 법인 표기를 빼면 입금자명이 같습니다.");
    }
    if name_code::is_right(&asked) == Some(true) && distance(&told, &asked) <= 2 {
        return (30, "입금자 코드를 잘못 쓴 것으로 보입니다.");
    }
    if !bare_asked.is_empty() && bare_told.contains(&bare_asked) {
        return (30, "입금자명에 주문의 입금자명이 들어 있습니다.");
    }
    let letters = told.chars().count().max(asked.chars().count());
    match distance(&told, &asked) {
        1 if letters > 2 => (25, "입금자명이 한 글자 다릅니다."),
        2 if letters > 4 => (15, "입금자명이 두 글자 다릅니다."),
        _ => (0, "입금자명이 다릅니다."),
    }
}

/// Up to 50 for the amount.
fn amount_score(paid: Won, asked: Won) -> (u8, String) {
    if paid == asked {
        return (50, "금액이 같습니다.".to_owned());
    }
    let apart = paid.distance(asked);
    let way = if paid > asked {
        "많습니다"
    } else {
        "적습니다"
    };
    let words = format!("주문 금액 {asked}원보다 {apart}원 {way}.");
    let within = |part: u64| apart.digits().saturating_mul(part) <= asked.digits();
    match () {
        () if apart.digits() <= 10 => (35, words),
        () if within(100) => (25, words),
        () if within(10) => (10, words),
        () => (0, words),
    }
}

/// A name without what stands in brackets and without marks of a company.
fn bare(name: &str) -> String {
    let mut rest = name.to_owned();
    for mark in COMPANY_MARKS {
        rest = rest.replace(mark, "");
    }
    let mut depth = 0_u32;
    rest.chars()
        .filter(|letter| match letter {
            '(' | '[' | '{' => {
                depth += 1;
                false
            }
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// How many letters must be put in, left out or changed to get from one to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (index, asked) in other.iter().enumerate() {
            let change = diagonal + usize::from(*asked != letter);
            diagonal = row[index + 1];
            row[index + 1] = change.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Policies, Timestamp};

    fn line(number: &str, name: &str, amount: u64) -> Waiting {
        Waiting {
            number: OrderNumber::new(number).unwrap(),
            name: name.to_owned(),
            amount: Won::new(amount),
            ordered_at: Timestamp::from_micros(0),
            position: 1,
            ends_at: Timestamp::from_micros(1_000),
            shelf: Shelf::Open,
        }
    }

    fn arrival(name: &str, name_cut: bool) -> Arrival {
        Arrival {
            name: name.to_owned(),
            name_cut,
            amount: Won::new(19_000),
            paid_at: Timestamp::from_micros(10),
            now: Timestamp::from_micros(10),
        }
    }

    #[test]
    fn the_best_comes_first_and_says_why() {
        let policy = Policies::default().matching;
        let lines = [
            line("other", "김철수", 5),
            line("near", "홍길순", 19_000),
            line("same name", "홍길동", 18_999),
            line("same", "홍 길동", 19_000),
            line("firm", "(주)홍길동", 19_000),
        ];
        let ranked = ranked(&arrival("홍길동", false), &policy, &lines, 9);
        let told: Vec<_> = ranked
            .iter()
            .map(|one| (one.number.as_str(), one.score))
            .collect();
        let expected = [("same", 100), ("firm", 90), ("same name", 85), ("near", 75)];
        assert_eq!(told, expected);
        let words = ranked[2].reasons.join(" ");
        assert_eq!(
            words,
            "입금자명이 같습니다. 주문 금액 18,999원보다 1원 많습니다."
        );
    }

    #[test]
    fn what_stands_against_an_order_lowers_it() {
        let policy = Policies::default().matching;
        let score = |change: &dyn Fn(&mut Waiting), booked: u64| {
            let mut one = line("1", "홍길동", 19_000);
            change(&mut one);
            ranked(&arrival("홍길동", false), &policy, &[one], booked)
                .first()
                .map(|candidate| candidate.score)
        };
        assert_eq!(score(&|_| {}, 9), Some(100));
        assert_eq!(score(&|_| {}, 0), Some(95), "sent after the deposit");
        assert_eq!(score(&|one| one.shelf = Shelf::Expired, 9), Some(85));
        assert_eq!(score(&|one| one.shelf = Shelf::Matched, 9), None);
    }

    #[test]
    fn names_are_likened_as_people_write_them() {
        let score = |told: &str, cut: bool, asked: &str| name_score(&arrival(told, cut), asked).0;
        let code = crate::domain::name_code::minted(5);
        let slip = format!("{}9", &code[..6]);
        for (told, cut, asked, expected) in [
            ("홍길동", false, "홍길동", 50),
            ("나루페이먼", true, "나루페이먼츠", 40),
            ("나루페이먼", false, "나루페이먼츠", 25),
            ("kim", false, "KIM", 40),
            ("주식회사나루", false, "(주)나루", 40),
            ("홍길동(급여)", false, "홍길동", 40),
            ("홍길동1234", false, "홍길동", 30),
            (
                slip.as_str(),
                false,
                code.as_str(),
                if slip == code { 50 } else { 30 },
            ),
            ("홍길", false, "홍동", 0),
            ("", false, "홍길동", 0),
        ] {
            assert_eq!(score(told, cut, asked), expected, "{told} {asked}");
        }
        assert_eq!(distance("홍길동", "홍동"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
