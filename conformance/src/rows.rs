//! The rows of the contract: what has to hold, how strongly, and where to read it.
//!
//! The same rows, for a reader, are in `docs/contract.md`, which is written from this table.

use std::fmt;

mod caches;
mod content;
mod digests;
mod json;
mod methods;
mod negotiation;
mod preconditions;
mod problems;
mod put;
mod tags;
mod validators;

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;

/// One requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its identifier, such as `PUT-01`.
    pub id: &'static str,
    /// The sections to read, such as `RFC 9110 section 9.3.4`, the one that decides first. Empty if no standard says
    /// anything.
    pub sources: &'static [&'static str],
    /// How strongly it is demanded.
    pub strength: Strength,
    /// Who has to meet it.
    pub role: Role,
    /// What has to hold, in a sentence or two that can be read alone.
    pub requirement: &'static str,
}

/// How strongly a row is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A MUST of the standard, or what follows from one.
    Must,
    /// A SHOULD of the standard.
    Should,
    /// The standard permits it; the row says what comes of it.
    May,
    /// Decided by this project, where the standards are silent or leave a choice.
    Policy,
}

impl fmt::Display for Strength {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Policy => "policy",
        })
    }
}

/// Who has to meet a row. What others do is in the table where the server's part depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The origin server.
    Server,
    /// A cache between client and server.
    Cache,
    /// The client.
    Client,
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Server => "server",
            Self::Cache => "cache",
            Self::Client => "client",
        })
    }
}

/// The group of the rows that no standard is a source of.
pub const OWN_POLICY: &str = "This project's policy";

impl Row {
    /// What the row is counted under: its first source, or [`OWN_POLICY`].
    pub fn group(&self) -> &'static str {
        self.sources.first().copied().unwrap_or(OWN_POLICY)
    }

    const fn of_cache(mut self) -> Self {
        self.role = Role::Cache;
        self
    }

    const fn of_client(mut self) -> Self {
        self.role = Role::Client;
        self
    }
}

type Sources = &'static [&'static str];

const fn row(strength: Strength, id: &'static str, sources: Sources, requirement: &'static str) -> Row {
    Row { id, sources, strength, role: Role::Server, requirement }
}

const fn must(id: &'static str, sources: Sources, requirement: &'static str) -> Row {
    row(Strength::Must, id, sources, requirement)
}

const fn should(id: &'static str, sources: Sources, requirement: &'static str) -> Row {
    row(Strength::Should, id, sources, requirement)
}

const fn may(id: &'static str, sources: Sources, requirement: &'static str) -> Row {
    row(Strength::May, id, sources, requirement)
}

const fn policy(id: &'static str, sources: Sources, requirement: &'static str) -> Row {
    row(Strength::Policy, id, sources, requirement)
}

/// The rows by subject, each subject with its title.
pub const SUBJECTS: &[(&str, &[Row])] = &[
    ("PUT", put::ROWS),
    ("GET, HEAD, OPTIONS, DELETE and other methods", methods::ROWS),
    ("Location and Content-Location", validators::LOCATION),
    ("Validators", validators::VALIDATORS),
    ("Entity tags and condition fields", tags::ROWS),
    ("Preconditions", preconditions::ROWS),
    ("Content-Type, Content-Encoding, length and Expect", content::ROWS),
    ("Negotiation and Prefer", negotiation::ROWS),
    ("Problem details", problems::ROWS),
    ("Digest fields", digests::ROWS),
    ("JSON", json::ROWS),
    ("Date, caches and security", caches::ROWS),
];

/// All rows, in the order of the contract.
pub fn all() -> impl Iterator<Item = &'static Row> {
    SUBJECTS.iter().flat_map(|(_, rows)| *rows)
}

/// The row with this identifier.
pub fn find(id: &str) -> Option<&'static Row> {
    all().find(|row| row.id == id)
}

/// The groups of all rows ([`Row::group`]), in the order of the standards and their sections; what is this project's
/// own comes last.
pub fn groups() -> Vec<(&'static str, Vec<&'static Row>)> {
    let mut groups: Vec<(&'static str, Vec<&'static Row>)> = Vec::new();
    for row in all() {
        match groups.iter_mut().find(|(name, _)| *name == row.group()) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((row.group(), vec![row])),
        }
    }
    groups.sort_by_key(|(name, _)| order(name));
    groups
}

/// Where a source stands among others: section 9 is before section 13, and what is no source is behind all.
fn order(source: &str) -> (u32, Vec<u32>) {
    let Some((rfc, _, place)) = parts(source) else { return (u32::MAX, Vec::new()) };
    // An appendix starts with a letter and is behind the sections.
    let number = |part: &str| part.parse().unwrap_or(u32::MAX);
    (number(rfc), place.split('.').map(number).collect())
}

/// `RFC 9110 section 9.3.4` as `9110`, `section` and `9.3.4`.
fn parts(source: &str) -> Option<(&str, &str, &str)> {
    let (rfc, place) = source.strip_prefix("RFC ")?.split_once(' ')?;
    let (kind, place) = place.split_once(' ')?;
    Some((rfc, kind, place))
}

/// Where a source can be read. Nothing for what is no section of an RFC.
pub fn url(source: &str) -> Option<String> {
    let (rfc, kind, place) = parts(source)?;
    Some(format!("https://www.rfc-editor.org/rfc/rfc{rfc}#{kind}-{place}"))
}

/// Rows that no black box can see, each with the reason.
pub const NOT_OBSERVABLE: &[(&str, &str)] = &[
    ("PUT-11", "side effects on other resources are permitted, not required, and the subject has no collection"),
    ("LOC-03", "the subject has no moved resource to redirect from"),
    ("VAL-05", "a permission: tags of different resources may be equal"),
    ("ENC-06", "content codings are not decoded, so there is nothing to bound"),
    ("PRB-11", "what counts as a secret is a matter of review"),
    ("DIG-09", "a permission that the profile does not use"),
    ("DIG-11", "a note about a misprinted sample"),
    ("CCH-01", "what a cache does"),
    ("CCH-02", "what a cache does"),
    ("CCH-03", "a permission that the profile does not use"),
    ("CCH-07", "cross-origin answers are given by the application's middleware"),
    ("SEC-01", "the subject has no authentication"),
    ("SEC-02", "the subject has no authentication"),
    ("SEC-03", "early data exists in TLS only"),
    ("SEC-05", "the subject has no rate limit"),
];
