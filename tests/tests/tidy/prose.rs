//! What the documentation says is there, and what is there is said.

use std::collections::BTreeSet;

use put_core::EntityTag;

use super::tokens::{Token, code};
use super::{files, has_extension, name, none, read, root};

/// The methods of an endpoint that take it and give it back: its switches.
fn switches() -> BTreeSet<String> {
    let tokens = code(&root().join("put-core/src/endpoint.rs"));
    let mut found = BTreeSet::new();
    for window in tokens.windows(5) {
        if let [word, Token::Ident(name), Token::Open('('), first, second] = window
            && word.is_ident("fn")
            && first.is_ident("mut")
            && second.is_ident("self")
        {
            found.insert(name.clone());
        }
    }
    assert!(found.contains("require_precondition") && found.len() > 8, "the switches have been found: {found:?}");
    found
}

#[test]
fn every_switch_is_in_the_readme_the_manual_and_the_hints_of_the_derive() {
    let readme = read(&root().join("README.md"));
    let manual = read(&root().join("put-core/src/manual.md"));
    let hints = code(&root().join("put-derive/src/symbol.rs"));
    let mut found = Vec::new();
    for switch in switches() {
        for (page, text) in [("README.md", &readme), ("put-core/src/manual.md", &manual)] {
            if !text.contains(&format!(".{switch}(")) {
                found.push(format!("{page} does not say `.{switch}(..)`"));
            }
        }
        if !hints.contains(&Token::Text(switch.clone())) {
            found.push(format!("put-derive/src/symbol.rs does not know that `{switch}` is a switch"));
        }
    }
    none("switches of a mount", &found);
}

/// The words that `#[put(..)]` takes, from their table.
fn words() -> BTreeSet<String> {
    let tokens = code(&root().join("put-derive/src/symbol.rs"));
    let mut found = BTreeSet::new();
    for window in tokens.windows(5) {
        if let [Token::Ident(_), Token::Punct('='), Token::Text(word), Token::Punct(','), place] = window
            && (place.is_ident("Struct") || place.is_ident("Field"))
        {
            found.insert(word.clone());
        }
    }
    assert!(found.contains("key") && found.len() > 8, "the words have been found: {found:?}");
    found
}

#[test]
fn every_word_of_the_derive_is_explained() {
    let mut found = Vec::new();
    for page in ["README.md", "put-core/src/manual.md", "put-derive/derive.md"] {
        let text = read(&root().join(page));
        let missing = words().into_iter().filter(|word| !text.contains(&format!("`{word}")));
        found.extend(missing.map(|word| format!("{page} does not explain `{word}`")));
    }
    none("words of the derive", &found);
}

#[test]
fn every_local_link_leads_somewhere() {
    let mut found = Vec::new();
    for page in files(".").iter().filter(|path| has_extension(path, "md")) {
        let text = read(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (target, anchor) = link.split_once('#').map_or((link, None), |(target, anchor)| (target, Some(anchor)));
            let is_local = !link.contains("://") && !link.starts_with("mailto:") && !link.contains("::");
            // A page that is part of the API documentation links to items, which rustdoc checks.
            let of_rustdoc = name(page).contains("/src/") || name(page).ends_with("derive.md");
            if !is_local || of_rustdoc {
                continue;
            }
            let path = if target.is_empty() { page.clone() } else { page.parent().expect("a folder").join(target) };
            if !path.exists() {
                found.push(format!("{}: {link}", name(page)));
                continue;
            }
            let Some(anchor) = anchor else { continue };
            let there = read(&path);
            let heading = |line: &str| line.starts_with('#') && slug(line.trim_start_matches('#').trim()) == anchor;
            if !there.contains(&format!("<a id=\"{anchor}\">")) && !there.lines().any(heading) {
                found.push(format!("{}: {link} has no such heading", name(page)));
            }
        }
    }
    none("links that lead nowhere", &found);
}

/// The anchor that a heading gets.
fn slug(heading: &str) -> String {
    let kept = heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || *letter == ' ' || *letter == '-' || *letter == '_')
        .collect::<String>();
    kept.replace(' ', "-")
}

#[test]
fn the_readme_gives_the_commands_that_are_there() {
    let readme = read(&root().join("README.md"));
    for command in ["cargo run -p quickstart", "cargo xtask test"] {
        assert!(readme.contains(command), "README.md has `{command}`");
    }
    let ci = read(&root().join(".ci/run"));
    assert!(ci.contains("cargo xtask test"), ".ci/run calls the README's test command");
    let msrv = read(&root().join("Cargo.toml"));
    let msrv =
        msrv.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("a stated version").trim_matches('"');
    assert!(readme.contains(&format!("Rust {msrv}")), "README.md says Rust {msrv}");
}

/// The tags in the README are those of the representations beside them.
#[test]
fn the_readme_shows_tags_that_come() {
    let readme = read(&root().join("README.md"));
    for name in ["Ada", "Ada Lovelace"] {
        let state = format!(r#"{{"id":1,"name":"{name}","email":"ada@example.org","role":"user","nickname":null}}"#);
        let tag = EntityTag::of(state.as_bytes());
        assert!(readme.contains(&format!("etag: {tag}\n")), "README.md shows {tag} for {name}");
    }
    assert!(readme.contains(r#"{"id":1,"name":"Ada","email":"ada@example.org","role":"user","nickname":null}"#));
}
