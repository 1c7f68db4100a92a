//! The table of problems: every row is explained in the documentation and named by a test.

use std::collections::BTreeSet;
use std::path::Path;

use put_core::problem::Kind;

use super::tokens::{Token, code};
use super::{name, none, read, root, rust_files};

/// The anchor of a problem type in `docs/problems.md`: the last part of a type of our own, or what stands for it.
fn anchor(kind: Kind) -> String {
    let uri = kind.type_uri();
    match uri.rsplit_once(['/', '#']) {
        Some((_, slug)) => slug.to_owned(),
        None => kind.status().as_u16().to_string(),
    }
}

#[test]
fn every_row_has_a_section() {
    let page = read(&root().join("docs/problems.md"));
    let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let anchor = format!("<a id=\"{}\"></a>", anchor(*kind));
        let Some(section) = sections.iter().find(|section| section.contains(&anchor)) else {
            found.push(format!("{kind:?}: no section has {anchor}"));
            continue;
        };
        for said in [kind.type_uri(), kind.title(), kind.status().as_str()] {
            if !section.contains(said) {
                found.push(format!("{kind:?}: its section does not say `{said}`"));
            }
        }
    }
    none("docs/problems.md", &found);
}

#[test]
fn no_section_is_of_a_row_that_is_gone() {
    let page = read(&root().join("docs/problems.md"));
    let anchors = page.lines().filter_map(|line| line.strip_prefix("<a id=\"")?.split('"').next());
    let known: Vec<String> = Kind::ALL.iter().map(|kind| anchor(*kind)).collect();
    let found: Vec<_> =
        anchors.filter(|anchor| !known.iter().any(|known| known == anchor)).map(str::to_owned).collect();
    none("docs/problems.md explains what the table does not have", &found);
}

/// The codes of violations in the tables of the documentation, and those that are given in the sources.
#[test]
fn every_code_of_a_violation_is_documented_and_given() {
    let page = read(&root().join("docs/problems.md"));
    let section = page.split("### Codes").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the codes");
    let first_cell = |line: &str| Some(line.strip_prefix("| `")?.split_once("` |")?.0.to_owned());
    let documented: BTreeSet<String> = section.lines().filter_map(first_cell).collect();
    let (mut given, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for path in ["put-core/src", "stores"].iter().flat_map(|folder| rust_files(folder)) {
        let tokens = code(&path);
        for window in tokens.windows(3) {
            if let [word, Token::Open('('), Token::Text(code)] = window
                && word.is_ident("with_code")
            {
                given.insert(code.clone());
            }
        }
        // Some are chosen before they are given.
        texts.extend(tokens.into_iter().filter_map(|token| match token {
            Token::Text(text) => Some(text),
            _ => None,
        }));
    }
    let unknown = given.difference(&documented).map(|code| format!("{code} is not documented"));
    let gone = documented.difference(&texts).map(|code| format!("nothing has the code {code}"));
    none("docs/problems.md", &unknown.chain(gone).collect::<Vec<_>>());
    let manual = read(&root().join("put-core/src/violation.rs"));
    let own = section.split("With `put-postgres`").next().unwrap_or_default().lines().filter_map(first_cell);
    let found: Vec<String> = own.filter(|code| !manual.contains(&format!("/// | `{code}` |"))).collect();
    none("put-core/src/violation.rs does not explain the code", &found);
}

/// What tests say: the types they expect, the kinds, and the status codes of the cases.
fn named_by_tests() -> Vec<(String, String)> {
    ["put-core/tests", "conformance/src/cases", "tests/tests", "adapters", "stores", "put-core/src"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|path| !path.ends_with("tidy/problems.rs"))
        .map(|path| {
            let text = read(&path);
            // In a crate's sources only what comes after the start of its tests.
            let in_src = name(&path).contains("/src/") && !name(&path).starts_with("conformance/");
            let tests =
                if in_src { text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests).to_owned() } else { text };
            (name(&path), tests)
        })
        .collect()
}

#[test]
fn every_row_is_named_by_a_test() {
    let tests = named_by_tests();
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let uri = kind.type_uri();
        let names: Vec<String> = if uri == "about:blank" {
            // The status says it all.
            vec![format!("Kind::{kind:?}"), kind.status().as_u16().to_string()]
        } else {
            vec![format!("Kind::{kind:?}"), uri.to_owned(), format!("\"{}\"", anchor(*kind))]
        };
        if !tests.iter().any(|(_, text)| names.iter().any(|name| text.contains(name.as_str()))) {
            found.push(format!("{kind:?} ({uri}): no test has {}", names.join(" or ")));
        }
    }
    none("a row that no test names can change unseen", &found);
}

#[test]
fn nobody_decides_a_refusal_beside_the_table() {
    let is_table = |path: &Path| path.ends_with("problem.rs");
    let refusal = |token: &Token| match token {
        Token::Ident(ident) => Kind::ALL.iter().any(|kind| constant(*kind) == *ident),
        _ => false,
    };
    let mut found = Vec::new();
    for path in rust_files("put-core/src").iter().filter(|path| !is_table(path)) {
        found
            .extend(code(path).iter().filter(|token| refusal(token)).map(|token| format!("{}: {token:?}", name(path))));
    }
    none("a refusal is a row of the table in put-core/src/problem.rs", &found);
    let table = code(&root().join("put-core/src/problem.rs"));
    assert!(table.iter().filter(|token| refusal(token)).count() >= Kind::ALL.len(), "the table is there");
}

/// The name that http has for the status.
fn constant(kind: Kind) -> String {
    let phrase = kind.status().canonical_reason().expect("a registered status");
    phrase.to_uppercase().replace([' ', '-'], "_")
}
