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
    Answers {
        codes,
        by_bank: by_bank(sheet, room, complaints),
    }
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
