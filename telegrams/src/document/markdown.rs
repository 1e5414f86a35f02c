//! Blocks as Markdown, and the little Markdown that rules are written in as blocks: headings,
//! paragraphs, flat lists, tables, fenced text.

use super::blocks::Block;

/// Writes blocks, an empty line between them.
pub(super) fn write(blocks: &[Block]) -> String {
    let texts: Vec<String> = blocks.iter().map(one).collect();
    texts.join("\n")
}

fn one(block: &Block) -> String {
    match block {
        Block::Heading(level, text) => format!("{} {text}\n", "#".repeat(*level)),
        Block::Text(text) => format!("{text}\n"),
        Block::List { numbered, items } => {
            let mark = |at: usize| match numbered {
                true => format!("{}. ", at + 1),
                false => "* ".to_owned(),
            };
            let lines = items.iter().enumerate();
            lines.map(|(at, item)| mark(at) + item + "\n").collect()
        }
        Block::Table { head, rows } => {
            let rule = vec!["--".to_owned(); head.len()];
            let lines = [head, &rule].into_iter().chain(rows);
            lines.map(|cells| line(cells)).collect()
        }
        Block::Plain(text) => format!("```text\n{text}\n```\n"),
    }
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Reads Markdown as blocks.
pub(super) fn read(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if level > 0 && line[level..].starts_with(' ') {
            blocks.push(Block::heading(level, line[level..].trim()));
        } else if line.starts_with("```") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block::Plain(inside.join("\n")));
        } else if line.starts_with('|') {
            add_row(&mut blocks, line);
            if lines.peek().is_none_or(|next| !next.starts_with('|')) {
                blocks.push(Block::Text(String::new()));
            }
        } else if let Some((numbered, item)) = item(line) {
            add_item(&mut blocks, numbered, item);
        } else {
            continue_text(&mut blocks, line);
        }
        if lines.peek().is_some_and(|next| next.trim().is_empty()) {
            blocks.push(Block::Text(String::new()));
        }
    }
    // Empty texts only kept apart what an empty line keeps apart.
    blocks.retain(|block| *block != Block::Text(String::new()));
    blocks
}

fn add_row(blocks: &mut Vec<Block>, line: &str) {
    let cells = line.trim_matches('|').split('|');
    let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
    match blocks.last_mut() {
        Some(Block::Table { rows, .. }) => {
            if !cells
                .iter()
                .all(|cell| cell.trim_matches(['-', ':']).is_empty())
            {
                rows.push(cells);
            }
        }
        _ => blocks.push(Block::Table {
            head: cells,
            rows: Vec::new(),
        }),
    }
}

fn item(line: &str) -> Option<(bool, &str)> {
    if let Some(item) = line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")) {
        return Some((false, item));
    }
    let (number, item) = line.split_once(". ")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((true, item))
}

fn add_item(blocks: &mut Vec<Block>, is_numbered: bool, item: &str) {
    match blocks.last_mut() {
        Some(Block::List { numbered, items }) if *numbered == is_numbered => {
            items.push(item.to_owned());
        }
        _ => blocks.push(Block::List {
            numbered: is_numbered,
            items: vec![item.to_owned()],
        }),
    }
}

/// A line that goes on with what stands before it.
fn continue_text(blocks: &mut Vec<Block>, line: &str) {
    match blocks.last_mut() {
        Some(Block::Text(text)) if !text.is_empty() => {
            text.push(' ');
            text.push_str(line);
        }
        Some(Block::List { items, .. }) => {
            if let Some(item) = items.last_mut() {
                item.push(' ');
                item.push_str(line.trim_start());
            }
        }
        _ => blocks.push(Block::Text(line.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let blocks = vec![
            Block::heading(2, "규칙"),
            Block::Text("첫 줄. `code`".to_owned()),
            Block::List {
                numbered: true,
                items: words(&["하나", "둘"]),
            },
            Block::List {
                numbered: false,
                items: words(&["점"]),
            },
            Block::table(&["코드", "뜻"], vec![words(&["0000", "정상"])]),
            Block::table(&["또"], vec![words(&["하나"])]),
            Block::Plain("0300 VAS\n  ...".to_owned()),
        ];
        assert_eq!(read(&write(&blocks)), blocks);
    }

    #[test]
    fn a_broken_line_goes_on() {
        assert_eq!(
            read("* 하나\n  둘\n\n셋\n넷\n"),
            [
                Block::List {
                    numbered: false,
                    items: vec!["하나 둘".to_owned()]
                },
                Block::Text("셋 넷".to_owned()),
            ]
        );
    }
}
