//! The invariants of the house, each as a test. They read the sources, because what they say is that something is not
//! there: a test of behaviour cannot see that.
//!
//! `ARCHITECTURE.md` says why each of them holds.

mod derive;
mod http_words;
mod manifests;
mod problems;
mod prose;
mod sources;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests have a workspace").to_owned()
}

/// The path below the root, with slashes.
fn name(path: &Path) -> String {
    let below = path.strip_prefix(root()).expect("it is in the workspace");
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a folder, what a build writes left out, in the order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} is empty, so a test that reads it would prove nothing");
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        let plain = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
        let is_git = plain == ".git";
        if path.is_dir() && !is_git && plain != "target" && plain != "node_modules" {
            collect(&path, found);
        } else if path.is_file() && !is_git {
            found.push(path);
        }
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// The Rust files below a folder.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|path| has_extension(path, "rs")).collect()
}

/// Nothing was found, or else a list of what was.
#[track_caller]
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
