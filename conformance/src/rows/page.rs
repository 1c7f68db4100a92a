//! `docs/contract.md`: what a person wrote (`page.md`), then the table. `BLESS=1` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{NOT_OBSERVABLE, Role, Row, SUBJECTS, url};

const OPENING: &str = include_str!("page.md");

/// The whole page.
fn page() -> String {
    let mut page = OPENING.to_owned();
    for (title, rows) in SUBJECTS {
        let _ = write!(page, "\n### {title}\n\n| Row | Level | What has to hold | Read |\n|:--|:--|:--|:--|\n");
        for row in *rows {
            let (level, sources) = (level(row), sources(row));
            let _ = writeln!(page, "| {} | {level} | {} | {sources} |", row.id, escaped(row.requirement));
        }
    }
    page.push_str("\n## Rows that no black box can see\n\n| Row | Why |\n|:--|:--|\n");
    for (row, reason) in NOT_OBSERVABLE {
        let _ = writeln!(page, "| {row} | {} |", escaped(reason));
    }
    page
}

fn level(row: &Row) -> String {
    match row.role {
        Role::Server => row.strength.to_string(),
        role => format!("{} ({role})", row.strength),
    }
}

fn sources(row: &Row) -> String {
    let link = |source: &&str| {
        let short = source.trim_start_matches("RFC ").replace(" section", "").replace(" appendix", "");
        url(source).map_or_else(|| (*source).to_owned(), |url| format!("[{short}]({url})"))
    };
    row.sources.iter().map(link).collect::<Vec<_>>().join(", ")
}

/// A text in which nothing means anything to Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '~' | '<' | '>' | '|' | '[' | ']') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[test]
fn the_page_is_written_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contract.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let is = fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(is.lines()).find(|(should, is)| should != is);
    assert!(is == page, "docs/contract.md is not what the table says; run again with BLESS=1\n{differs:#?}");
}

#[test]
fn what_markdown_would_take_for_its_own_is_escaped() {
    assert_eq!(escaped(r#""a\" or *, W/"x""#), r#""a\\" or \*, W/"x""#);
    assert_eq!(escaped("__proto__"), r"\_\_proto\_\_");
}
