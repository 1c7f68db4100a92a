//! Everyday clients against the quickstarts, as their users write them, and the lines that a quickstart tells them to
//! try. What a machine lacks is said, not passed over.

mod shutdown;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::programs::{Example, PATIENCE, Quickstart, run, say, skipped};

/// A file beside this one.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Whether a program is there and content with these arguments.
fn has(program: impl AsRef<Path>, arguments: &[&str]) -> bool {
    run(Command::new(program.as_ref()).args(arguments), "", PATIENCE).is_some_and(|ended| ended.success)
}

/// Runs a client, which says `done` at its end, against a quickstart of its own.
fn client(example: Example, command: impl Fn(&str) -> Command) {
    let folder = tempfile::tempdir().unwrap();
    let server = Quickstart::start(example, &folder.path().join("quickstart.db"));
    let mut command = command(&server.url());
    let ended = run(command.current_dir(folder.path()), "", 2 * PATIENCE).expect("the client was there a moment ago");
    let said = ended.expect_success(&format!("{example:?}: the client"));
    assert_eq!(said.trim_end(), "done");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

/// A Python that has requests: the machine's, or one in a virtual environment that is made here once.
fn python() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    const HAS_REQUESTS: [&str; 2] = ["-c", "import requests"];
    let find = || {
        if !has("python3", &["--version"]) {
            skipped("there is no python3, so nothing was tried with requests");
            return None;
        }
        if has("python3", &HAS_REQUESTS) {
            return Some(PathBuf::from("python3"));
        }
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let (python, folder) = (environment.join("bin/python3"), environment.to_string_lossy().into_owned());
        if has(&python, &HAS_REQUESTS) {
            return Some(python);
        }
        say(&format!("python3 has no requests; installing it with pip into {folder}"));
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--timeout=10",
            "--retries=1",
            "requests",
        ];
        if has("python3", &["-m", "venv", &folder]) && has(&python, &pip) && has(&python, &HAS_REQUESTS) {
            return Some(python);
        }
        skipped("python3 has no requests and pip could not install it, so nothing was tried with requests");
        None
    };
    FOUND.get_or_init(find).clone()
}

fn with_python(example: Example) {
    let Some(python) = python() else { return };
    client(example, |url| {
        let mut command = Command::new(&python);
        command.arg(script("python.py")).arg(url).env("NO_PROXY", "*");
        command
    });
}

#[test]
fn requests_against_axum() {
    with_python(Example::Axum);
}

#[test]
fn requests_against_actix() {
    with_python(Example::Actix);
}

fn with_node(example: Example) {
    if !has("node", &["-e", "process.exit(typeof fetch === 'function' ? 0 : 1)"]) {
        return skipped("there is no node with fetch, so nothing was tried with it");
    }
    client(example, |url| {
        let mut command = Command::new("node");
        command.arg(script("node.mjs")).arg(url);
        command
    });
}

#[test]
fn fetch_against_axum() {
    with_node(Example::Axum);
}

#[test]
fn fetch_against_actix() {
    with_node(Example::Actix);
}

fn has_curl() -> bool {
    // The newest option that is used here came with 7.82.
    let there = has("curl", &["--json", "", "--version"]);
    if !there {
        skipped("there is no curl of version 7.82 or later, so nothing was tried with it");
    }
    there
}

#[test]
fn curl_against_both() {
    if !has_curl() {
        return;
    }
    for example in Example::BOTH {
        client(example, |url| {
            let mut command = Command::new("sh");
            command.arg(script("curl.sh")).arg(url).env("NO_PROXY", "*").env("CURL_HOME", "/nonexistent");
            command
        });
    }
}

#[test]
fn the_lines_to_try_give_the_promised_answers_in_every_run() {
    if !has_curl() {
        return;
    }
    for example in Example::BOTH {
        let folder = tempfile::tempdir().unwrap();
        for round in ["first", "second"] {
            let server = Quickstart::start(example, &folder.path().join("quickstart.db"));
            let mut statuses = Vec::new();
            for line in server.lines_to_try(5) {
                // Pasted one by one, into a shell that knows nothing else.
                let ended =
                    run(Command::new("sh").env("NO_PROXY", "*"), &format!("{line}\n"), PATIENCE).expect("sh runs");
                let answer = ended.expect_success(&line);
                let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
                match status.as_str() {
                    "201" => assert!(answer.to_lowercase().contains("\nlocation: /api/users/"), "{answer}"),
                    "422" => assert_eq!(answer.matches("\"pointer\"").count(), 3, "{answer}"),
                    _ => {}
                }
                statuses.push(status);
            }
            assert_eq!(statuses, ["201", "304", "200", "412", "422"], "{example:?}, {round} run");
            server.signal("TERM");
            assert!(server.ended().success());
        }
    }
}
