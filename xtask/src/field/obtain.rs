//! Fetches a server from its package registry into a folder, once. What cannot be had is a reason to skip it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::running::Running;
use super::servers::{Server, Source};
use crate::run::{cargo, is_there, stream};
use crate::step::Outcome;

/// How long one step may take; the longest one builds some hundred crates.
const LIMIT: Duration = Duration::from_mins(20);

pub(super) fn obtain(server: &Server, folder: &Path) -> Result<(), String> {
    for program in server.source.programs().iter().chain(server.needs) {
        if !is_there(Command::new("sh").args(["-c", "command -v \"$0\"", program])) {
            return Err(format!("there is no {program} on this machine"));
        }
    }
    let step = |name: &str, command: &str| step(name, command, folder);
    match server.source {
        Source::Debian(packages) => {
            if folder.join("debian").exists() {
                return Ok(());
            }
            // The name is given at the end, so that half of it is never taken for the whole.
            let unpack = "for package in *.deb; do dpkg -x \"$package\" debian.part; echo \"$package\"; done";
            step("download", &format!("rm -rf debian.part *.deb && apt-get download {}", packages.join(" ")))?;
            step("unpack", &format!("set -e; {unpack}; rm *.deb; mv debian.part debian"))
        }
        Source::Npm => step("install", "npm install --no-package-lock --no-audit --no-fund --ignore-scripts && npm ls"),
        Source::Pip => {
            step("venv", "test -d venv || python3 -m venv venv")?;
            step(
                "install",
                "venv/bin/pip install --disable-pip-version-check -r requirements.txt && venv/bin/pip freeze",
            )
        }
        Source::Cargo => step("build", "CARGO_TARGET_DIR=../cargo cargo build"),
        Source::Workspace => match stream(cargo(["build", "--locked", "--package", server.name])) {
            Outcome::Failed(why) | Outcome::Skipped(why) => Err(why),
            Outcome::Passed(_) => Ok(()),
        },
    }
}

/// Runs one command of the shell, in at most [`LIMIT`].
fn step(name: &str, command: &str, folder: &Path) -> Result<(), String> {
    println!("$ {command}");
    let log = folder.join(format!("{name}.log"));
    let arguments = ["sh", "-c", command].map(str::to_owned);
    let status = Running::start(arguments, folder, &log)?.ends(LIMIT).map_err(|error| format!("{name}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let said = fs::read_to_string(&log).unwrap_or_default();
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim();
    Err(format!("`{command}` ended with {status}: {last}"))
}
