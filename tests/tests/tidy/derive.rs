//! The derive: what its expansion names, and that every message it can give has been read by someone. One file, because
//! both are about what the derive writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::tokens::{Token, all, code, texts};
use super::{files, has_extension, name, none, read, root, rust_files};

fn is_expanded(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".expanded.rs")
}

fn source_of(snapshot: &Path) -> PathBuf {
    snapshot.with_extension("").with_extension("rs")
}

const KEYWORDS: &[&str] = &[
    "_", "as", "const", "dyn", "else", "fn", "for", "if", "impl", "in", "let", "match", "move", "mut", "pub", "ref",
    "return", "static", "type", "unsafe", "use", "where",
];

/// What the user wrote may name anything; everything else starts at put-core or `core`, or is a name of the expansion.
fn foreign_names(expanded: &[Token], written: &BTreeSet<String>, root_crate: &str) -> Vec<String> {
    let mut found = Vec::new();
    let colon = Some(&Token::Punct(':'));
    let is_keyword = |token: &Token| KEYWORDS.iter().any(|word| token.is_ident(word));
    for (index, token) in expanded.iter().enumerate() {
        let Token::Ident(ident) = token else { continue };
        if is_keyword(token) {
            continue;
        }
        let before = |back: usize| index.checked_sub(back).and_then(|at| expanded.get(at));
        let after = |on: usize| expanded.get(index + on);
        if before(1) == colon && before(2) == colon {
            // After an ident or a type in angle brackets a path goes on; elsewhere it starts.
            let goes_on = match before(3) {
                Some(Token::Punct('>')) => true,
                Some(token @ Token::Ident(_)) => !is_keyword(token),
                _ => false,
            };
            if !goes_on && ident != "core" && ident != root_crate && !written.contains(ident) {
                found.push(format!("::{ident}"));
            }
            continue;
        }
        let leads = after(1) == colon && after(2) == colon && after(3) != colon;
        let is_macro = after(1) == Some(&Token::Punct('!')) && after(2) != Some(&Token::Punct('='));
        let is_named = ident.starts_with(|first: char| first.is_ascii_uppercase());
        let is_declared = before(1).is_some_and(|token| token.is_ident("type") || token.is_ident("const"));
        let is_known = ident == "Self" || is_declared || written.contains(ident);
        if (leads || is_named || is_macro) && !is_known {
            found.push(if is_macro { format!("{ident}!") } else { ident.clone() });
        }
    }
    found
}

fn idents(tokens: &[Token]) -> BTreeSet<String> {
    let ident = |token: &Token| if let Token::Ident(ident) = token { Some(ident.clone()) } else { None };
    // A path in a text, such as `with = "time::serde::rfc3339"`, is written too.
    let words = |token: &Token| -> Vec<String> {
        match token {
            Token::Text(text) => text.split("::").map(str::to_owned).collect(),
            _ => ident(token).into_iter().collect(),
        }
    };
    tokens.iter().flat_map(words).collect()
}

#[test]
fn the_expansion_names_put_core_and_core_only() {
    let snapshots: Vec<_> = files("tests/expand").into_iter().filter(|path| is_expanded(path)).collect();
    assert!(snapshots.len() > 3, "there are snapshots");
    let mut found = Vec::new();
    for snapshot in snapshots {
        let written = idents(&all(&source_of(&snapshot)));
        let names = foreign_names(&all(&snapshot), &written, "put_core");
        found.extend(names.into_iter().map(|text| format!("{}: {text}", name(&snapshot))));
    }
    none("an expansion names only `::put_core`, `::core` and what the user wrote", &found);
}

#[test]
fn a_foreign_name_is_seen() {
    let written = idents(&super::tokens::of_source("struct User { id: u64, at: OffsetDateTime }"));
    for (source, expected) in [
        ("impl ::put_core::PutResource for User {}", &[][..]),
        ("let x: ::core::option::Option<u64> = OffsetDateTime::now_utc();", &[]),
        ("let _: &mut dyn ::core::fmt::Display = x;", &[]),
        ("<u64 as ::put_core::__private::KeyField>::is_canonical", &[]),
        ("type Key = u64; const FACTS: &Self::Key = a != b;", &[]),
        ("let x: Option<u64>;", &["Option"]),
        ("::std::vec::Vec::new()", &["::std"]),
        ("let x: &dyn ::std::fmt::Display;", &["::std"]),
        ("serde::Serialize::serialize(x)", &["serde"]),
        ("f(::serde::Serialize)", &["::serde"]),
        ("panic!()", &["panic!"]),
    ] {
        assert_eq!(foreign_names(&super::tokens::of_source(source), &written, "put_core"), expected, "{source}");
    }
}

#[test]
fn every_snapshot_is_of_a_source_that_also_runs() {
    let runs = read(&root().join("tests/tests/expand.rs"));
    let mut found = Vec::new();
    for path in files("tests/expand") {
        if is_expanded(&path) {
            if !source_of(&path).exists() {
                found.push(format!("{} has no source", name(&path)));
            }
            continue;
        }
        if !path.with_extension("expanded.rs").exists() {
            found.push(format!("{} has no snapshot", name(&path)));
        }
        let file = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
        // What stands beside errors is not compiled.
        if file != "with_errors.rs" && !runs.contains(&format!("include!(\"../expand/{file}\")")) {
            found.push(format!("{} is not compiled by tests/tests/expand.rs", name(&path)));
        }
    }
    none("tests/expand", &found);
}

#[test]
fn every_ui_case_is_run_and_has_its_words() {
    let mut found = Vec::new();
    for path in files("tests/ui") {
        let name = name(&path);
        // `ui.rs` runs each folder in `ui`, and no folder in those.
        let depth = name.split('/').count();
        let passes = name.starts_with("tests/ui/pass/");
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if depth != 4 => found.push(format!("{name} is not in a folder of its kind, so nobody runs it")),
            Some("rs") if !passes && !path.with_extension("stderr").exists() => {
                found.push(format!("{name} has no .stderr"));
            }
            Some("stderr") if passes => found.push(format!("{name} is of a case that compiles")),
            Some("stderr") if !path.with_extension("rs").exists() => found.push(format!("{name} has no .rs")),
            Some("rs" | "stderr") => {}
            _ => found.push(format!("{name} does not belong here")),
        }
    }
    none("tests/ui", &found);
}

/// The fixed parts of a format text, in order, and each without what another text may put at its ends.
fn fixed_parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let doubled = letters.peek() == Some(&letter);
        match letter {
            '{' | '}' if doubled => {
                letters.next();
                parts.last_mut().expect("one part").push(letter);
            }
            // `{name}`, `{name:?}` or `{}`; `{name}` in a text that is no format is taken for one, which proves less.
            '{' => {
                for inside in letters.by_ref() {
                    if inside == '}' {
                        break;
                    }
                }
                parts.push(String::new());
            }
            letter => parts.last_mut().expect("one part").push(letter),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn stands_in(line: &str, parts: &[String]) -> bool {
    let mut rest = line;
    parts.iter().all(|part| match rest.find(part.as_str()) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

fn words_of_the_compiler() -> Vec<String> {
    let stderr = files("tests/ui").into_iter().filter(|path| has_extension(path, "stderr"));
    stderr.flat_map(|path| read(&path).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Messages are texts of several words. A text that only a broken invariant shows is none.
fn messages(path: &Path) -> Vec<String> {
    let asserted: BTreeSet<String> = {
        let tokens = code(path);
        let mut inside = BTreeSet::new();
        for (index, token) in tokens.iter().enumerate() {
            if token.is_ident("debug_assert") {
                let texts = tokens[index..].iter().take_while(|token| **token != Token::Punct(';'));
                inside.extend(
                    texts.filter_map(|token| if let Token::Text(text) = token { Some(text.clone()) } else { None }),
                );
            }
        }
        inside
    };
    texts(path).into_iter().filter(|text| text.trim().contains(' ') && !asserted.contains(text)).collect()
}

/// A message that no source can bring about, each with the reason why it is there.
const NEVER_SHOWN: &[(&str, &str)] =
    &[("has no parameter", "a segment with a brace has one, or a fault that is told before")];

#[test]
fn every_message_of_the_derive_has_a_ui_case() {
    let shown = words_of_the_compiler();
    let mut found = Vec::new();
    let mut count = 0;
    for path in rust_files("put-derive/src") {
        // This file is compiled for tests only, which its parent says.
        if path.ends_with("snapshots.rs") {
            continue;
        }
        for message in messages(&path) {
            count += 1;
            let parts = fixed_parts(&message);
            if NEVER_SHOWN.iter().any(|(text, _)| *text == message) {
                continue;
            }
            if !shown.iter().any(|line| stands_in(line, &parts)) {
                found.push(format!("{}: {message:?}", name(&path)));
            }
        }
    }
    assert!(count > 60, "the messages have been found: {count}");
    none("these messages are in no .stderr, so nobody has read them as a user does", &found);
}

/// What the trait of the other library for value rules says. The cases have the feature of one of them, so of each
/// message one of the two is shown.
fn twin(message: &str) -> String {
    if message.contains("validator") {
        message.replace("validator", "garde")
    } else {
        message.replace("garde", "validator")
    }
}

#[test]
fn every_message_of_the_traits_has_a_ui_case() {
    let shown = words_of_the_compiler();
    let mut found = Vec::new();
    let mut count = 0;
    for path in rust_files("put-core/src") {
        let tokens = code(&path);
        for (index, token) in tokens.iter().enumerate() {
            if !token.is_ident("on_unimplemented") {
                continue;
            }
            for text in tokens[index..].iter().take_while(|token| **token != Token::Close(')')) {
                let Token::Text(text) = text else { continue };
                count += 1;
                let is_shown = |text: &str| shown.iter().any(|line| stands_in(line, &fixed_parts(text)));
                if !is_shown(text) && !is_shown(&twin(text)) {
                    found.push(format!("{}: {text:?}", name(&path)));
                }
            }
        }
    }
    assert!(count > 8, "the messages have been found: {count}");
    none("these messages are in no .stderr, so nobody has read them as a user does", &found);
}

#[test]
fn a_message_is_found_in_its_line() {
    let line = "error: path parameter `{id}` has no key field; name it like the key field: `{number}`";
    for (text, stands) in [
        ("path parameter `{{{name}}}` has no key field; name it like the key field: `{{{field}}}`", true),
        ("path parameter `{{{name}}}` has no key field; rename it", false),
        ("has no key field; {fix}", true),
        ("{message}; close it", false),
    ] {
        assert_eq!(stands_in(line, &fixed_parts(text)), stands, "{text}");
    }
}
