//! The layout document in the repository is the one that is printed.

use std::path::Path;

use telegrams::Profiles;
use telegrams::document::{Format, document};

#[test]
fn the_document_in_the_repository_is_the_printed_one() {
    let profile = Profiles::embedded().get("dozn").unwrap();
    let printed = document(&profile, Format::Markdown);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wire/dozn.md");
    if std::fs::read_to_string(file).unwrap_or_default() != printed {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dozn.md");
        std::fs::write(&new, printed).unwrap();
        panic!(
            "docs/wire/dozn.md is not what is printed; make it anew with \
             `cargo run -- layout dozn --format md > docs/wire/dozn.md`, or take {}",
            new.display()
        );
    }
}

#[test]
fn a_page_needs_nothing_else_and_says_the_rules() {
    let profile = Profiles::embedded().get("dozn").unwrap();
    let page = document(&profile, Format::Html);
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(!page.contains("src=") && !page.contains("href=") && !page.contains("<script"));
    for part in [
        "<td>tram</td><td>거래금액</td><td>164</td><td>13</td>",
        "<td>R&amp;D</td>",
        "<td>9903</td><td>입금 기한 경과</td>",
        "<h2>처리 규칙</h2>",
        "<strong>절대 거절하지 않는다</strong>",
        "<td>중계기관 → 기관</td>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}
