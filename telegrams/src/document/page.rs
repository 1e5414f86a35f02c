//! A profile as the blocks of its document.

use crate::answer::Answer;
use crate::charset::Charset;
use crate::field::Field;
use crate::layout::{Asker, Layout, Row};
use crate::profile::{Profile, StandIn};

use super::blocks::Block;

/// Lists of codes with no more values than this stand beside the field itself.
const BESIDE: usize = 6;

/// The document but for its rules.
pub(super) fn page(profile: &Profile) -> Vec<Block> {
    let mut page = vec![
        Block::heading(1, &*profile.title),
        Block::Text(format!("{} · 프로파일 `{}`", profile.edition, profile.name)),
    ];
    frame(profile, &mut page);
    legend(&mut page);
    kinds(profile, &mut page);
    blocks(profile, &mut page);
    stand_ins(profile, &mut page);
    codes(profile, &mut page);
    answers(profile, &mut page);
    page
}

fn frame(profile: &Profile, page: &mut Vec<Block>) {
    let codec = &profile.codec;
    let own = if codec.counts_itself() {
        "길이부를 포함한 전체 바이트 수"
    } else {
        "길이부를 제외한 뒤따르는 바이트 수"
    };
    let charset = match profile.charset {
        Charset::Cp949 => "CP949(EUC-KR 포함, 한글 1자 2바이트)",
        Charset::KsX1001 => "EUC-KR(KS X 1001, 한글 2,350자만)",
    };
    let (date, trace_no) = profile.original;
    let mut rows = vec![
        row([
            "길이부",
            &format!("ASCII 숫자 {}자리, {own}", codec.prefix_digits()),
        ]),
        row([
            "전문 최대 길이",
            &format!("{}바이트(길이부 제외)", codec.frame_max()),
        ]),
        row(["전문 구성", &composition(profile)]),
        row(["문자 집합", charset]),
        row([
            "응답 전문",
            &format!("요청의 전문구분코드 + {}", profile.step),
        ]),
        row([
            "원거래의 키",
            &format!("{}, {}", named(profile, date), named(profile, trace_no)),
        ]),
    ];
    if let Some(poll) = &profile.poll {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (asks, answers) = (text(&poll.asks), text(&poll.answers));
        let digits = poll.time_digits;
        rows.push(row([
            "폴링",
            &format!("`{asks}` + 시각 {digits}자리를 받으면 `{answers}` + 같은 시각으로 응답"),
        ]));
    }
    page.push(Block::heading(2, "전문 형식"));
    page.push(Block::table(&["항목", "내용"], rows));
}

fn composition(profile: &Profile) -> String {
    let mut sizes: Vec<usize> = profile.layouts.iter().map(|layout| layout.size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let header = profile.header_size;
    let size = |size: &usize| format!("{size}바이트(공통부 {header} + 개별부 {})", size - header);
    let sizes: Vec<String> = sizes.iter().map(size).collect();
    sizes.join(", ")
}

/// A field by its names, or our own where no layout has it.
fn named(profile: &Profile, field: Field) -> String {
    let mut rows = profile.layouts.iter().flat_map(|layout| &layout.rows);
    rows.find(|row| row.field == Some(field)).map_or_else(
        || field.name().to_owned(),
        |row| format!("{}({})", row.name.korean, row.name.relay),
    )
}

fn legend(page: &mut Vec<Block>) {
    let types = [
        [
            "N",
            "숫자",
            "오른쪽 정렬, 앞을 0으로 채움. 모두 공백이면 값 없음",
        ],
        [
            "AN",
            "영문자·숫자·기호(0x20–0x7E)",
            "왼쪽 정렬, 뒤를 공백으로 채움",
        ],
        [
            "H",
            "한글 포함 문자",
            "왼쪽 정렬, 뒤를 공백으로 채움. 글자 중간에서 자르지 않음",
        ],
        ["D", "일자 YYYYMMDD", "모두 0 또는 모두 공백이면 값 없음"],
        ["T", "시각 HHMMSS", "모두 공백이면 값 없음"],
    ];
    let needs = [
        ["M", "요청에서 필수"],
        ["R", "정상 응답에서 필수"],
        ["C", "조건부"],
        ["O", "선택"],
        ["-", "예비"],
    ];
    page.push(Block::heading(2, "표기"));
    let head = ["타입", "뜻", "채움"];
    page.push(Block::table(&head, types.into_iter().map(row).collect()));
    page.push(Block::table(
        &["필수", "뜻"],
        needs.into_iter().map(row).collect(),
    ));
    page.push(Block::Text(
        "위치는 길이부를 뺀 전문의 첫 바이트를 0으로 센다.".to_owned(),
    ));
}

fn kinds(profile: &Profile, page: &mut Vec<Block>) {
    let rows = profile.layouts.iter().map(|layout| {
        let way = match layout.asked_by {
            Asker::Relay => "중계기관 → 기관",
            Asker::Gateway => "기관 → 중계기관",
            Asker::Either => "양쪽",
        };
        let reply = String::from_utf8_lossy(&layout.reply_type);
        row([
            &layout.korean,
            layout.kind.name(),
            &signs(layout),
            &reply,
            way,
            body_korean(profile, &layout.body),
            &layout.size.to_string(),
            layout.note.as_deref().unwrap_or_default(),
        ])
    });
    let head = [
        "전문",
        "영문",
        "요청을 가르는 값",
        "응답 전문구분",
        "요청 방향",
        "개별부",
        "길이",
        "비고",
    ];
    page.push(Block::heading(2, "전문 목록"));
    page.push(Block::table(&head, rows.collect()));
}

/// The fields that tell a kind, with their values.
fn signs(layout: &Layout) -> String {
    let sign = |(field, bytes): &(Field, Box<[u8]>)| {
        let mut rows = layout.rows.iter();
        let row = rows.find(|row| row.field == Some(*field));
        let name = row.map_or(field.name(), |row| &*row.name.relay);
        format!("{name} `{}`", String::from_utf8_lossy(bytes))
    };
    let signs: Vec<String> = layout.when.iter().map(sign).collect();
    signs.join(", ")
}

fn body_korean<'a>(profile: &'a Profile, body: &'a str) -> &'a str {
    let mut bodies = profile.body_names.iter();
    let found = bodies.find(|(name, _)| &**name == body);
    found.map_or(body, |(_, korean)| korean)
}

fn blocks(profile: &Profile, page: &mut Vec<Block>) {
    if let Some(layout) = profile.layouts.first() {
        let rows = layout.rows.iter();
        let header = rows.filter(|row| row.slot.range().end <= profile.header_size);
        page.push(Block::heading(2, &*profile.header_korean));
        page.push(fields(profile, header));
    }
    for (name, korean) in &profile.body_names {
        let users: Vec<&Layout> = profile
            .layouts
            .iter()
            .filter(|layout| layout.body == *name)
            .collect();
        let Some(layout) = users.first() else {
            continue;
        };
        page.push(Block::heading(2, &**korean));
        let used: Vec<&str> = users.iter().map(|layout| &*layout.korean).collect();
        page.push(Block::Text(format!("쓰는 전문: {}", used.join(", "))));
        let rows = layout.rows.iter();
        let body = rows.filter(|row| row.slot.range().end > profile.header_size);
        page.push(fields(profile, body));
        let notes: Vec<String> = users
            .iter()
            .filter_map(|layout| exceptions(layout))
            .collect();
        if !notes.is_empty() {
            page.push(Block::List {
                numbered: false,
                items: notes,
            });
        }
    }
}

/// What a kind asks of the fields otherwise than the table says.
fn exceptions(layout: &Layout) -> Option<String> {
    let names = |has: &dyn Fn(Field) -> bool| -> Vec<&str> {
        let rows = layout.rows.iter();
        rows.filter(|row| row.field.is_some_and(has))
            .map(|row| &*row.name.relay)
            .collect()
    };
    let indispensable = names(&|field| layout.lenient && layout.indispensable.has(field));
    let zero = names(&|field| layout.may_be_zero.has(field));
    let mut notes = Vec::new();
    if !indispensable.is_empty() {
        notes.push(format!(
            "다음 항목만 없거나 틀리면 형식 오류로 거절하고 나머지는 기본값으로 처리한다: {}",
            indispensable.join(", ")
        ));
    }
    if !zero.is_empty() {
        notes.push(format!("0을 허용하는 항목: {}", zero.join(", ")));
    }
    (!notes.is_empty()).then(|| format!("{}: {}", layout.korean, notes.join(". ")))
}

fn fields<'a>(profile: &Profile, rows: impl Iterator<Item = &'a Row>) -> Block {
    let line = |(no, field): (usize, &Row)| {
        row([
            &no.to_string(),
            field.field.map_or("", Field::name),
            &field.name.relay,
            &field.name.korean,
            &field.slot.at.to_string(),
            &field.slot.len.to_string(),
            field.slot.picture.letter(),
            field.slot.need.letter(),
            &remark(profile, field),
        ])
    };
    let head = [
        "No",
        "영문",
        "필드",
        "한글명",
        "위치",
        "길이",
        "타입",
        "필수",
        "비고",
    ];
    Block::table(&head, (1..).zip(rows).map(line).collect())
}

fn remark(profile: &Profile, row: &Row) -> String {
    let mut parts: Vec<String> = row.note.iter().map(ToString::to_string).collect();
    if let Some(codes) = row.field.and_then(|field| profile.codes_of(field)) {
        parts.push(if codes.values.len() <= BESIDE {
            let pair = |(code, text): &(_, _)| format!("`{code}` {text}");
            let pairs: Vec<String> = codes.values.iter().map(pair).collect();
            pairs.join(", ")
        } else {
            format!("코드표 「{}」", codes.korean)
        });
    }
    if row.slot.positive
        && !parts
            .iter()
            .any(|part| part.contains("0보다") || part.contains("1 이상"))
    {
        parts.push("0보다 커야 함".to_owned());
    }
    if row.personal.is_some() {
        parts.push("개인정보".to_owned());
    }
    parts.join(". ")
}

fn stand_ins(profile: &Profile, page: &mut Vec<Block>) {
    let rows = Field::ALL.iter().zip(&*profile.stand_ins);
    let rows = rows.filter_map(|(field, stand_in)| {
        let value = match stand_in {
            StandIn::Nothing => return None,
            StandIn::Value(value) => format!("`{value}`"),
            StandIn::From(other) => format!("{}의 값", named(profile, *other)),
        };
        Some(row([&named(profile, *field), &value]))
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        page.push(Block::heading(2, "빈 항목의 기본값"));
        page.push(Block::table(&["항목", "기본값"], rows));
    }
}

fn codes(profile: &Profile, page: &mut Vec<Block>) {
    page.push(Block::heading(2, "코드표"));
    for list in &profile.codes {
        let as_of = list.as_of.iter().map(|day| format!(" ({day} 기준)"));
        let title = format!("{}{}", list.korean, as_of.collect::<String>());
        page.push(Block::heading(3, title));
        if !list.complete {
            page.push(Block::Text("목록에 없는 값도 받는다.".to_owned()));
        }
        let rows = list.values.iter().map(|(code, text)| row([code, text]));
        page.push(Block::table(&["코드", "뜻"], rows.collect()));
    }
}

fn answers(profile: &Profile, page: &mut Vec<Block>) {
    let own = Answer::ALL.iter().zip(&profile.answers.codes);
    let rows = own.map(|(answer, (code, text))| row([code, text, answer.name()]));
    page.push(Block::heading(2, "응답코드"));
    page.push(Block::table(&["코드", "뜻", "영문"], rows.collect()));
    for table in &profile.answers.by_bank {
        let banks: Vec<String> = table
            .banks
            .iter()
            .map(|bank| format!("{bank:03}"))
            .collect();
        let rows = Answer::ALL.iter().zip(&table.codes);
        let rows = rows.filter_map(|(answer, code)| {
            Some(row([
                code.as_deref()?,
                profile.answer_text(*answer),
                answer.name(),
            ]))
        });
        page.push(Block::heading(
            3,
            format!("계좌의 은행이 {}일 때", banks.join(", ")),
        ));
        page.push(Block::table(&["코드", "뜻", "영문"], rows.collect()));
    }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
