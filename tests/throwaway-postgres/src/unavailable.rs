//! Why there is no server.

use std::error::Error;
use std::fmt::{Display, Formatter};

use crate::find;

/// Why there is no server, and what would help: for the line that says what a test skipped.
///
/// ```no_run
/// if let Err(unavailable) = put_throwaway_postgres::Server::start() {
///     // A machine without PostgreSQL is no failure of the test; one where it does not start may be.
///     assert!(unavailable.is_missing(), "{unavailable}");
///     eprintln!("\nSKIPPED: {unavailable}");
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Unavailable {
    missing: bool,
    text: String,
}

impl Unavailable {
    /// Whether this machine has no PostgreSQL, or nobody to run it as. Otherwise it is there and did not start.
    pub fn is_missing(&self) -> bool {
        self.missing
    }

    /// PostgreSQL is not where it was looked for.
    pub(crate) fn missing(looked_for: &str) -> Self {
        let help = find::HELP.iter().find(|(manager, _)| find::on_path(manager).is_some());
        let help = help.map_or("install PostgreSQL", |(_, command)| command);
        let text =
            format!("PostgreSQL is not here: {looked_for}. `{help}` helps, or DATABASE_URL with the URL of a server");
        Self { missing: true, text }
    }

    /// Nobody on this machine may run it.
    pub(crate) fn nobody(why: &str) -> Self {
        Self { missing: true, text: format!("PostgreSQL does not run as root, and {why}") }
    }

    /// It is there, and does not work.
    pub(crate) fn broken(text: impl Into<String>) -> Self {
        Self { missing: false, text: text.into() }
    }
}

impl Display for Unavailable {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Unavailable {}
