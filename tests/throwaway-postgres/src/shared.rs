//! One server for a whole test binary.

use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Server, Unavailable};

/// A database that many tests use at once, each in a schema of its own: [`schema_name`].
#[derive(Debug)]
pub struct Database {
    url: String,
    server: Option<Server>,
}

impl Database {
    /// Where it is: `postgres://user:password@host:port/database`, or what `DATABASE_URL` says.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is a throw-away server that was started here, and not the one that `DATABASE_URL` names.
    pub fn is_own(&self) -> bool {
        self.server.is_some()
    }

    /// The server, if it is a throw-away one. Other tests use it at the same time: to stop or kill one, start another.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }
}

/// The database that `DATABASE_URL` names, or else a server that the first call starts, for as long as the process runs.
///
/// A static is not dropped when a process ends; the guard of the [`Server`] stops it then.
///
/// ```no_run
/// match put_throwaway_postgres::shared() {
///     Ok(database) => println!("{} (own: {})", database.url(), database.is_own()),
///     Err(unavailable) => eprintln!("\nSKIPPED: {unavailable}"),
/// }
/// ```
pub fn shared() -> Result<&'static Database, &'static Unavailable> {
    static SHARED: OnceLock<Result<Database, Unavailable>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| match env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => Ok(Database { url, server: None }),
        _ => Server::start().map(|server| Database { url: server.url(), server: Some(server) }),
    });
    shared.as_ref()
}

/// A name that no other test has, in this process or another: the prefix in small letters, and a number. It needs no
/// quotes, and is short enough for PostgreSQL. Creating the schema is up to the test, which has a driver.
///
/// ```
/// let name = put_throwaway_postgres::schema_name("Users, twice");
/// assert!(name.starts_with("users__twice_"));
/// assert_ne!(name, put_throwaway_postgres::schema_name("Users, twice"));
/// ```
pub fn schema_name(prefix: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let prefix: String = prefix.chars().map(plain).take(40).collect();
    // What begins with a digit would need quotes, and what begins with `pg_` is PostgreSQL's own.
    let ours = !prefix.starts_with(|letter: char| letter.is_ascii_digit()) && !prefix.starts_with("pg_");
    format!("{}{prefix}_{:016x}", if ours { "" } else { "t_" }, random())
}

/// A number that nobody can guess: the standard library seeds its hash tables from the system.
pub(crate) fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    RandomState::new().hash_one(COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_name_is_a_plain_identifier() {
        for prefix in ["", "users", "Ümläute", "7 dwarfs", "pg_catalog", &"long".repeat(100)] {
            let name = schema_name(prefix);
            assert!(name.len() <= 63, "{name}");
            assert!(!name.starts_with("pg_"), "{name}");
            let (first, rest) = name.split_at(1);
            assert!(first.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_'), "{name}");
            let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
            assert!(rest.chars().all(is_plain), "{name}");
        }
    }
}
