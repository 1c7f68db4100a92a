//! What the tests need of the machine and cargo does not bring: found, or installed where that takes no question.
//!
//! Only root can install, and only with a package manager that is in the table. What is missing then is no failure: the
//! tests that need it say `SKIPPED` too.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{is_there, stream};
use crate::step::Outcome;

/// One thing that tests need.
struct Part {
    name: &'static str,
    /// Where it is.
    find: fn() -> Result<String, Missing>,
    /// Its package for apt-get.
    package: &'static str,
    /// A file that is there while the package is installed, and what is in it.
    meanwhile: Option<(&'static str, &'static str)>,
}

/// A part that is not there.
struct Missing {
    /// What was looked for, and what would help.
    note: String,
    /// Whether it would be found if its package were installed.
    installable: bool,
}

const PARTS: &[Part] = &[Part {
    name: "PostgreSQL",
    find: postgres,
    package: "postgresql",
    // The package would make a cluster and start it, on the port where people expect their own.
    meanwhile: Some(("/etc/postgresql-common/createcluster.d/put-xtask.conf", "create_main_cluster = false\n")),
}];

/// A mirror may be silent for as long as it likes, so what asks one has a time limit.
const UPDATE: &str = "timeout -k 10 120 apt-get -q update -o Acquire::Retries=0 -o Acquire::http::Timeout=20";
const DOWNLOAD: &str = "timeout -k 10 600 apt-get -q -y install --no-install-recommends --download-only";
/// This asks nobody, and half of it would be worse than nothing.
const INSTALL: &str = "apt-get -q -y install --no-install-recommends --no-download -o DPkg::Lock::Timeout=60";

pub(crate) fn run() -> Outcome {
    let mut notes = Vec::new();
    for part in PARTS {
        match provide(part, may_install()) {
            Ok(found) => println!("{}: {found}", part.name),
            Err(note) => {
                println!("SKIPPED: {note}");
                notes.push(note);
            }
        }
    }
    Outcome::Passed(notes)
}

/// Says where the part is, afterwards at the latest, or why it is not there.
fn provide(part: &Part, may_install: bool) -> Result<String, String> {
    let missing = match (part.find)() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    if !(missing.installable && may_install) {
        return Err(missing.note);
    }
    println!("{} is not here, so the package {} is installed", part.name, part.package);
    install(part).map_err(|error| format!("{} (which was tried: {error})", missing.note))?;
    let found = (part.find)().map_err(|missing| missing.note)?;
    Ok(format!("{found}, from the package {}, which was installed now", part.package))
}

fn may_install() -> bool {
    let is_root = "test \"$(id -u)\" = 0 && command -v apt-get";
    is_there(Command::new("sh").args(["-c", is_root]))
}

fn install(part: &Part) -> Result<(), String> {
    if let Some((path, content)) = part.meanwhile {
        let written =
            Path::new(path).parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, content));
        written.map_err(|error| format!("{path}: {error}"))?;
    }
    let apt_get = |command: &str, package: Option<&str>| {
        let mut words = command.split(' ').chain(package);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        stream(command)
    };
    // An old list of packages may do.
    let _ = apt_get(UPDATE, None);
    let outcome = apt_get(DOWNLOAD, Some(part.package)).and(|| apt_get(INSTALL, Some(part.package)));
    if let Some((path, _)) = part.meanwhile {
        fs::remove_file(path).map_err(|error| format!("{path}: {error}"))?;
    }
    // What apt-get said stands above.
    if matches!(outcome, Outcome::Passed(_)) { Ok(()) } else { Err("apt-get failed".to_owned()) }
}

fn postgres() -> Result<String, Missing> {
    if env::var_os("DATABASE_URL").is_some_and(|url| !url.is_empty()) {
        return Ok("the server that DATABASE_URL names".to_owned());
    }
    // Who names a folder wants no other.
    let installable = env::var_os("PG_BIN").is_none_or(|folder| folder.is_empty());
    let found = put_throwaway_postgres::find();
    let found = found.map_err(|unavailable| Missing { note: unavailable.to_string(), installable })?;
    Ok(found.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(find: fn() -> Result<String, Missing>) -> Part {
        Part { name: "a part", find, package: "no-such-package", meanwhile: None }
    }

    #[test]
    fn what_is_there_is_named() {
        assert_eq!(provide(&part(|| Ok("here".to_owned())), true), Ok("here".to_owned()));
    }

    #[test]
    fn what_is_not_there_and_cannot_be_installed_is_told() {
        let note = || "install it".to_owned();
        let installable = part(|| Err(Missing { note: "install it".to_owned(), installable: true }));
        assert_eq!(provide(&installable, false), Err(note()));
        let not_installable = part(|| Err(Missing { note: "install it".to_owned(), installable: false }));
        assert_eq!(provide(&not_installable, true), Err(note()));
    }
}
