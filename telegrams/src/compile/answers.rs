//! Response codes: each answer of the house has one, and some banks have their own.

use toml::Spanned;

use super::blocks::Blocks;
use super::hint;
use crate::answer::Answer;
use crate::layout_error::Complaints;
use crate::profile::{Answers, BankAnswers};
use crate::sheet::Sheet;

pub(super) fn read(sheet: &Sheet, blocks: &Blocks, complaints: &mut Complaints<'_>) -> Answers {
    let room = blocks
        .answer_code
        .map_or(usize::MAX, |slot| usize::from(slot.len));
    let mut codes: Vec<(Box<str>, Box<str>)> = vec![Default::default(); Answer::COUNT];
    for (word, (code, korean)) in &sheet.answers {
        let Some(answer) = known_answer(word, complaints) else {
            continue;
        };
        check_code(word, code, room, complaints);
        codes[answer as usize] = (code.get_ref().as_str().into(), korean.as_str().into());
    }
    let mapped = |answer: Answer| !codes[answer as usize].0.is_empty();
    for answer in Answer::ALL.iter().filter(|answer| !mapped(**answer)) {
        let span = sheet.answers.keys().next().map_or(0..0, Spanned::span);
        complaints.about(answer.name(), span, "has no response code in [answers]");
    }
    check_yes_is_no_no(sheet, &codes, complaints);
    let by_bank = by_bank(sheet, room, complaints);
    check_yes_is_no_no_by_bank(sheet, &codes, &by_bank, complaints);
    Answers { codes, by_bank }
}

const YES: Answer = Answer::Accepted;

/// The code of a yes must be nobody's no, or the relay would take a refusal for an acceptance.
fn check_yes_is_no_no(
    sheet: &Sheet,
    codes: &[(Box<str>, Box<str>)],
    complaints: &mut Complaints<'_>,
) {
    let yes = &*codes[YES as usize].0;
    for (word, (code, _)) in &sheet.answers {
        let refusal = word.get_ref() != YES.name();
        if refusal && code.get_ref() == yes {
            complaints.about(word.get_ref(), code.span(), taken(yes));
        }
    }
}

/// The same at each bank, whose answers are its own codes and behind them those of all.
fn check_yes_is_no_no_by_bank(
    sheet: &Sheet,
    codes: &[(Box<str>, Box<str>)],
    by_bank: &[BankAnswers],
    complaints: &mut Complaints<'_>,
) {
    for (table, own) in sheet.answers_by_bank.iter().zip(by_bank) {
        let code = |answer: Answer| {
            let own = own.codes[answer as usize].as_deref();
            own.unwrap_or(&codes[answer as usize].0)
        };
        let yes = code(YES);
        let span = |answer: Answer| {
            let mut words = table.codes.iter();
            let found = words.find(|(word, _)| word.get_ref() == answer.name());
            found.map(|(_, code)| code.span())
        };
        let refusals = Answer::ALL.iter().filter(|answer| **answer != YES);
        for refusal in refusals.filter(|refusal| code(**refusal) == yes) {
            // Where neither stands here, the table of all has the complaint already.
            if let Some(span) = span(*refusal).or_else(|| span(YES)) {
                complaints.about(refusal.name(), span, taken(yes));
            }
        }
    }
}

fn taken(yes: &str) -> String {
    format!("has the code `{yes}`, which is that of `{YES}` and may be no refusal's")
}

fn by_bank(sheet: &Sheet, room: usize, complaints: &mut Complaints<'_>) -> Vec<BankAnswers> {
    let mut tables = Vec::new();
    let mut seen: Vec<u16> = Vec::new();
    for table in &sheet.answers_by_bank {
        let mut codes = vec![None; Answer::COUNT];
        for (word, code) in &table.codes {
            let Some(answer) = known_answer(word, complaints) else {
                continue;
            };
            check_code(word, code, room, complaints);
            codes[answer as usize] = Some(code.get_ref().as_str().into());
        }
        let mut banks = Vec::new();
        for bank in &table.banks {
            match bank.get_ref().parse::<u16>() {
                Ok(number) if bank.get_ref().len() == 3 && !seen.contains(&number) => {
                    banks.push(number);
                    seen.push(number);
                }
                _ => {
                    let what = "is not a bank code of three digits that stands here once";
                    complaints.about(bank.get_ref(), bank.span(), what);
                }
            }
        }
        tables.push(BankAnswers { banks, codes });
    }
    tables
}

fn known_answer(word: &Spanned<String>, complaints: &mut Complaints<'_>) -> Option<Answer> {
    let answer = Answer::from_name(word.get_ref());
    if answer.is_none() {
        let hint = hint(
            word.get_ref(),
            Answer::ALL.iter().map(|answer| answer.name()),
        );
        let what = format!("is no answer that the house gives{hint}");
        complaints.about(word.get_ref(), word.span(), what);
    }
    answer
}

fn check_code(
    word: &Spanned<String>,
    code: &Spanned<String>,
    room: usize,
    complaints: &mut Complaints<'_>,
) {
    let text = code.get_ref();
    if text.is_empty() || text.len() > room || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let what = format!("has the code `{text}`, which is no code of 1 to {room} characters");
        complaints.about(word.get_ref(), code.span(), what);
    }
}
