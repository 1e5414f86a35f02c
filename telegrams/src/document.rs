//! The layout document of a relay, in Korean, as a bank would hand it over: framing, message
//! list, every block of fields, codes, response codes, and the rules of handling.
//!
//! The tables come from the compiled profile, so what is printed is what is read and written. The
//! rules are the text that stands beside the layout file. Knows no relay by name.

mod blocks;
mod html;
mod markdown;
mod page;

use crate::profile::Profile;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown with tables.
    Markdown,
    /// One self-contained page.
    Html,
}

/// The layout document of a profile.
pub fn document(profile: &Profile, format: Format) -> String {
    let page = page::page(profile);
    match format {
        Format::Markdown => {
            let mut text = markdown::write(&page);
            text.push('\n');
            text.push_str(profile.rules.trim_end());
            text.push('\n');
            text
        }
        Format::Html => {
            let rules = markdown::read(&profile.rules);
            html::write(&profile.title, page.iter().chain(&rules))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::Profiles;

    #[test]
    fn every_profile_prints_in_both_forms_with_every_field_and_code() {
        let profiles = Profiles::embedded();
        for profile in profiles.names().filter_map(|name| profiles.get(name)) {
            let markdown = document(&profile, Format::Markdown);
            let html = document(&profile, Format::Html);
            for layout in &profile.layouts {
                assert!(markdown.contains(layout.kind.name()), "{}", layout.kind);
                for row in &layout.rows {
                    let at = row.slot.at;
                    let (relay, korean) = (&row.name.relay, &row.name.korean);
                    let line = format!("| {relay} | {korean} | {at} | {} |", row.slot.len);
                    assert!(markdown.contains(&line), "{line}");
                    let cell = format!("<td>{at}</td>");
                    assert!(html.contains(&cell), "{cell}");
                }
            }
            for (code, text) in &profile.answers.codes {
                let (code, text) = (html::escaped(code), html::escaped(text));
                assert!(html.contains(&format!("<td>{code}</td>")), "{code}");
                assert!(html.contains(&text), "{text}");
            }
        }
    }
}
