//! The expansions as files: `tests/expand/<what>.rs` has structs, `<what>.expanded.rs` what they become. Run with
//! `BLESS=1` to write the second from the first, then read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::Item;

/// A longer expansion states more than facts.
const MAX_LINES: usize = 60;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expand")
}

fn is_expanded(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".expanded.rs")
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of the snapshots");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// The expansions of all structs of a file that derive the trait, one after the other.
fn expanded(source: &str) -> String {
    let file = syn::parse_file(source).expect("a snapshot's source is Rust");
    let structs = file.items.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    });
    let derived = structs.filter(|item| {
        let derives = item.attrs.iter().filter(|attr| attr.path().is_ident("derive"));
        derives.into_iter().any(|attr| attr.to_token_stream().to_string().contains("PutResource"))
    });
    let tokens = derived.map(|item| crate::derive(item.to_token_stream())).collect();
    prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is Rust"))
}

#[test]
fn expansions_are_as_recorded() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for source in files().iter().filter(|path| !is_expanded(path)) {
        let snapshot = source.with_extension("expanded.rs");
        let is = expanded(&fs::read_to_string(source).expect("the source"));
        assert!(is.lines().count() <= MAX_LINES, "{} expands to more than {MAX_LINES} lines", source.display());
        if bless {
            fs::write(&snapshot, &is).expect("the snapshot can be written");
        } else if fs::read_to_string(&snapshot).unwrap_or_default() != is {
            wrong.push(format!("{}:\n{is}", snapshot.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "the expansion changed; run again with BLESS=1 and read the difference\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_snapshot_has_its_source() {
    let files = files();
    assert!(files.len() > 1, "there must be snapshots");
    for snapshot in files.iter().filter(|path| is_expanded(path)) {
        let source = snapshot.with_extension("").with_extension("rs");
        assert!(files.contains(&source), "{} has no source", snapshot.display());
    }
}
