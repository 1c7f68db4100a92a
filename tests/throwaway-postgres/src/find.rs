//! Where the programs of PostgreSQL are.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Unavailable;

/// What a cluster is made with, and what serves it. They are of the same version only if they are in the same folder.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];

/// The folders of the distributions, which often are not on the path: a folder, how the name in it begins that has the
/// version, and what follows. The newest version is taken.
const FOLDERS: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),                          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                                   // the packages of postgresql.org for Red Hat
    ("/usr/libexec", "postgresql", ""),                          // Alpine
    ("/usr/local", "pgsql", "bin"),                              // from source
    ("/opt/homebrew/opt", "postgresql", "bin"),                  // Homebrew
    ("/usr/local/opt", "postgresql", "bin"),                     // Homebrew on Intel
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
];

/// The command that would help, by the program that would do it.
pub(crate) const HELP: &[(&str, &str)] = &[
    ("apt-get", "apt-get install postgresql"),
    ("dnf", "dnf install postgresql-server"),
    ("apk", "apk add postgresql"),
    ("pacman", "pacman -S postgresql"),
    ("brew", "brew install postgresql"),
];

/// The folder that has `initdb` and `postgres`: the one that `PG_BIN` names, or else one of the path, or else one where
/// the distributions put them.
///
/// ```no_run
/// match put_throwaway_postgres::find() {
///     Ok(folder) => println!("PostgreSQL is in {}", folder.display()),
///     Err(unavailable) => println!("{unavailable}"),
/// }
/// ```
pub fn find() -> Result<PathBuf, Unavailable> {
    if !cfg!(unix) {
        return Err(Unavailable::missing("a throw-away server is guarded by sh, which this system has not"));
    }
    let programs = PROGRAMS.join(" and ");
    if let Some(named) = env::var_os("PG_BIN").filter(|named| !named.is_empty()) {
        // Whoever names one means that one.
        let folder = PathBuf::from(named);
        let missing = || Unavailable::missing(&format!("PG_BIN is {}, which has not {programs}", folder.display()));
        return if has_programs(&folder) { Ok(folder.clone()) } else { Err(missing()) };
    }
    if let Some(folder) = path().into_iter().chain(distributions()).find(|folder| has_programs(folder)) {
        return Ok(folder);
    }
    let folders = FOLDERS.iter().map(|(folder, begin, end)| format!("{folder}/{begin}*/{end}"));
    let folders = folders.map(|folder| folder.trim_end_matches('/').to_owned()).collect::<Vec<_>>().join(", ");
    Err(Unavailable::missing(&format!("{programs} were looked for in PG_BIN, PATH, {folders}")))
}

/// A program on the path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    path().into_iter().map(|folder| folder.join(program)).find(|program| program.is_file())
}

fn has_programs(folder: &Path) -> bool {
    PROGRAMS.iter().all(|program| folder.join(program).is_file())
}

fn path() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
}

fn distributions() -> impl Iterator<Item = PathBuf> {
    FOLDERS.iter().flat_map(|(folder, begin, end)| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).filter(|name| begins(name, begin)).collect();
        names.sort_by_key(|name| version(name));
        names.into_iter().rev().map(|name| Path::new(folder).join(name).join(end)).collect::<Vec<_>>()
    })
}

fn begins(name: &OsStr, begin: &str) -> bool {
    name.to_string_lossy().starts_with(begin)
}

/// `9.6` is before `17`, and a name without a version before both.
fn version(name: &OsStr) -> Vec<u32> {
    let name = name.to_string_lossy();
    name.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_the_greatest_number() {
        let mut names = ["postgresql@9.6", "postgresql@17", "postgresql", "postgresql@9.10"].map(OsStr::new);
        names.sort_by_key(|name| version(name));
        assert_eq!(names, ["postgresql", "postgresql@9.6", "postgresql@9.10", "postgresql@17"].map(OsStr::new));
    }

    #[test]
    fn a_folder_with_one_of_the_programs_is_not_enough() {
        let folder = env::temp_dir().join(crate::schema_name("find"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("postgres"), "").unwrap();
        assert!(!has_programs(&folder));
        fs::write(folder.join("initdb"), "").unwrap();
        assert!(has_programs(&folder));
        fs::remove_dir_all(&folder).unwrap();
    }
}
