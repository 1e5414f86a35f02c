//! Blocks as one HTML page that needs nothing else.

use std::fmt::Write as _;

use super::blocks::Block;

const STYLE: &str = "\
body{font:15px/1.6 'Noto Sans KR','Apple SD Gothic Neo','Malgun Gothic',sans-serif;\
max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2430}\
h1{border-bottom:3px solid #1c2430}h2{margin-top:2.5rem;border-bottom:1px solid #9aa5b4}\
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:14px}\
th,td{border:1px solid #c5ccd6;padding:.3rem .5rem;text-align:left;vertical-align:top}\
th{background:#eef1f5}code,pre{background:#f4f6f8;font-family:monospace}\
pre{padding:.8rem;overflow-x:auto}\
@media print{body{max-width:none;margin:0;font-size:11px}tr{break-inside:avoid}}";

/// Writes a page.
pub(super) fn write<'a>(title: &str, blocks: impl Iterator<Item = &'a Block>) -> String {
    let title = escaped(title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
    for block in blocks {
        one(block, &mut page);
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn one(block: &Block, page: &mut String) {
    match block {
        Block::Heading(level, text) => {
            let _ = writeln!(page, "<h{level}>{}</h{level}>", inline(text));
        }
        Block::Text(text) => {
            let _ = writeln!(page, "<p>{}</p>", inline(text));
        }
        Block::List { numbered, items } => {
            let tag = if *numbered { "ol" } else { "ul" };
            let _ = writeln!(page, "<{tag}>");
            for item in items {
                let _ = writeln!(page, "<li>{}</li>", inline(item));
            }
            let _ = writeln!(page, "</{tag}>");
        }
        Block::Table { head, rows } => {
            page.push_str("<table>\n<thead>");
            row("th", head, page);
            page.push_str("</thead>\n<tbody>\n");
            for cells in rows {
                row("td", cells, page);
            }
            page.push_str("</tbody>\n</table>\n");
        }
        Block::Plain(text) => {
            let _ = writeln!(page, "<pre>{}</pre>", escaped(text));
        }
    }
}

fn row(tag: &str, cells: &[String], page: &mut String) {
    page.push_str("<tr>");
    for cell in cells {
        let _ = write!(page, "<{tag}>{}</{tag}>", inline(cell));
    }
    page.push_str("</tr>\n");
}

/// Text as text, whatever it holds.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(one),
        }
    }
    out
}

/// Escaped text with its `code` and **bold** marked.
fn inline(text: &str) -> String {
    let marked = |text: &str, mark: &str, tag: &str| {
        let parts: Vec<&str> = text.split(mark).collect();
        // An odd mark stands for itself.
        if parts.len().is_multiple_of(2) {
            return text.to_owned();
        }
        let each = parts.iter().enumerate();
        each.map(|(at, part)| match at % 2 {
            0 => (*part).to_owned(),
            _ => format!("<{tag}>{part}</{tag}>"),
        })
        .collect()
    };
    marked(&marked(&escaped(text), "`", "code"), "**", "strong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_a_tag() {
        let block = Block::Text("<b> & \"R&D\" `a<b` **굵게** 3 ` 4".to_owned());
        let page = write("<title>", [block].iter());
        assert!(page.contains("<title>&lt;title&gt;</title>"));
        assert!(page.contains("&lt;b&gt; &amp; &quot;R&amp;D&quot;"));
        assert!(!page.contains("<b>"));
        assert_eq!(
            inline("`a<b` **굵게**"),
            "<code>a&lt;b</code> <strong>굵게</strong>"
        );
    }
}
