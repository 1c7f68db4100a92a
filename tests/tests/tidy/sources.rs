//! What no source may have, and what a long one must say.

use std::fs;
use std::path::Path;

use super::tokens::{Token, all};
use super::{files, has_extension, name, none, read, rust_files};

/// A file may be longer when it says why it is one thing.
const LONG: usize = 250;

/// Lines of a source without the tests at its end.
fn length(source: &str) -> usize {
    source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().count()
}

fn module_doc(source: &str) -> String {
    let lines = source.lines().filter_map(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_long_file_says_why_it_is_one() {
    let mut found = Vec::new();
    for path in rust_files(".") {
        let source = read(&path);
        let doc = module_doc(&source).to_lowercase();
        let says = ["one file", "one thing", "one list", "only file"].iter().any(|words| doc.contains(words));
        if length(&source) > LONG && !says {
            found.push(format!("{} ({} lines): `//! One file, because ..`", name(&path), length(&source)));
        }
    }
    none(&format!("a file of more than {LONG} lines says in its module's documentation why it is one file"), &found);
}

#[test]
fn nothing_is_left_open() {
    let mut found = Vec::new();
    for path in rust_files(".") {
        let tokens = all(&path);
        for (index, token) in tokens.iter().enumerate() {
            let Token::Ident(ident) = token else { continue };
            let is_macro = tokens.get(index + 1) == Some(&Token::Punct('!'));
            let is_attribute = index >= 2 && tokens[index - 2] == Token::Punct('#');
            if is_macro && ["todo", "unimplemented", "dbg"].contains(&ident.as_str())
                || is_attribute && ident == "ignore"
            {
                found.push(format!("{}: {ident}", name(&path)));
            }
        }
    }
    none("nothing is left open, and no test is left out", &found);
}

#[test]
fn an_allowed_lint_has_a_reason() {
    let mut found = Vec::new();
    for path in rust_files(".").iter().filter(|path| !name(path).starts_with("tests/ui/") && !is_expanded(path)) {
        let source = read(path);
        for (at, _) in source.match_indices("[allow(") {
            let attribute = source[at..].split(")]").next().unwrap_or_default();
            let line = source[at..].lines().next().unwrap_or_default();
            let starts = source[..at].lines().next_back().is_some_and(|before| ["#", "#!"].contains(&before.trim()));
            if starts && !attribute.contains("reason = ") && !line.contains("//") {
                found.push(format!("{}: {attribute}", name(path)));
            }
        }
    }
    none("`reason = \"..\"` says why a lint is not followed", &found);
}

fn is_expanded(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".expanded.rs")
}

#[test]
fn no_path_of_somebodys_machine() {
    let folders = ["home", "root", "Users", "work", "tmp", "farm"].map(|folder| format!("/{folder}/"));
    let mut found = Vec::new();
    for path in files(".").iter().filter(|path| !has_extension(path, "lock")) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        for (at, line) in text.lines().enumerate() {
            for folder in &folders {
                let starts = |index: usize| {
                    let before = line[..index].chars().next_back();
                    before.is_none_or(|before| !before.is_alphanumeric() && !"._-}{*)".contains(before))
                };
                if line.match_indices(folder.as_str()).any(|(index, _)| starts(index)) {
                    found.push(format!("{}:{}: {}", name(path), at + 1, line.trim()));
                }
            }
        }
    }
    none("a path that only one machine has", &found);
}

#[test]
fn every_module_is_in_the_house() {
    let roots = super::manifests::target_roots();
    let mut found = Vec::new();
    for path in rust_files(".") {
        let name = name(&path);
        // Cases are given to a compiler one by one; peers and servers of the field are other workspaces, a file each.
        let elsewhere = ["tests/ui/", "tests/expand/", "benches/peers/", "docs/field/"];
        let elsewhere = elsewhere.iter().any(|folder| name.starts_with(folder));
        if elsewhere || roots.contains(name.as_str()) {
            continue;
        }
        let folder = path.parent().expect("a folder");
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
        // `a/b.rs` and `a/b/mod.rs` are modules of what `a` starts with, or of `a.rs`, or named by `#[path]` there.
        let (folder, stem) = match stem {
            "mod" => (
                folder.parent().expect("a folder"),
                folder.file_name().and_then(|name| name.to_str()).expect("a plain name"),
            ),
            _ => (folder, stem),
        };
        let declares = |parent: &Path| {
            let source = read(parent);
            source.contains(&format!("mod {stem};")) || source.contains(&format!("\"{stem}.rs\""))
        };
        let beside = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let beside = beside.filter(|other| roots.contains(super::name(other).as_str()) || other.ends_with("mod.rs"));
        let above = Some(folder.with_extension("rs")).filter(|parent| parent.exists());
        if !beside.chain(above).any(|parent| declares(&parent)) {
            found.push(name);
        }
    }
    none("no module declares these files, so nobody compiles them", &found);
}
