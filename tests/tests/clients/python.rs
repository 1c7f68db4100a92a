//! Python's requests and httpx.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{client, has, script};
use crate::programs::{Example, say, skipped};

/// A Python that has the libraries: the machine's, or one in a virtual environment that is made here once.
fn python() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    const HAS_THEM: [&str; 2] = ["-c", "import requests, httpx"];
    const PIP: [&str; 9] = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--timeout=10",
        "--retries=1",
        "requests",
        "httpx",
    ];
    let find = || {
        if !has("python3", &["--version"]) {
            skipped("there is no python3, so nothing was tried with requests and httpx");
            return None;
        }
        if has("python3", &HAS_THEM) {
            return Some(PathBuf::from("python3"));
        }
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let (python, folder) = (environment.join("bin/python3"), environment.to_string_lossy().into_owned());
        if has(&python, &HAS_THEM) {
            return Some(python);
        }
        say(&format!("python3 lacks requests or httpx; installing them with pip into {folder}"));
        if has("python3", &["-m", "venv", &folder]) && has(&python, &PIP) && has(&python, &HAS_THEM) {
            return Some(python);
        }
        skipped("python3 lacks requests or httpx and pip could not install them, so nothing was tried with them");
        None
    };
    FOUND.get_or_init(find).clone()
}

fn with_python(example: Example, name: &str) {
    let Some(python) = python() else { return };
    client(example, |url| {
        let mut command = Command::new(&python);
        command.arg(script(name)).arg(url).env("NO_PROXY", "*");
        command
    });
}

#[test]
fn requests_against_axum() {
    with_python(Example::Axum, "with_requests.py");
}

#[test]
fn requests_against_actix() {
    with_python(Example::Actix, "with_requests.py");
}

#[test]
fn httpx_against_axum() {
    with_python(Example::Axum, "with_httpx.py");
}

#[test]
fn httpx_against_actix() {
    with_python(Example::Actix, "with_httpx.py");
}
