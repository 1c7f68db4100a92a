//! What every response must satisfy, whatever was asked.
//!
//! One thing although it is long: the list is read as a list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use crate::date;
use crate::http::{Request, Response};
use crate::rows::{self, Strength};
use crate::subject::Profile;

/// The status codes that the contract names (PRB-12), with the phrases of the registry.
const STATUSES: &[(u16, &str)] = &[
    (200, "OK"),
    (201, "Created"),
    (204, "No Content"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (417, "Expectation Failed"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (425, "Too Early"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (503, "Service Unavailable"),
    (505, "HTTP Version Not Supported"),
];

/// What was asked, as far as an invariant depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The method token.
    pub method: &'a str,
    /// Whether the content was said to be coded.
    pub coded: bool,
    /// Whether the framework may have answered in the place of the engine.
    pub framework: bool,
}

impl<'a> Asked<'a> {
    /// What this request asks.
    pub fn of(request: &'a Request, framework: bool) -> Self {
        let coded = request.values("Content-Encoding").any(|value| !value.eq_ignore_ascii_case(b"identity"));
        Self { method: request.method(), coded, framework }
    }
}

/// What one response says that others must agree with.
#[derive(Debug, Default)]
pub struct Ledger {
    titles: Mutex<BTreeMap<String, String>>,
    instances: Mutex<BTreeSet<String>>,
    broken: Mutex<BTreeMap<&'static str, Broken>>,
}

/// A row that responses have broken, whatever was asked.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    /// What was wrong with the first of them.
    pub(crate) first: String,
    /// The exchange that it was a part of.
    pub(crate) exchange: String,
    /// In how many cases there was one.
    pub(crate) cases: usize,
}

impl Ledger {
    /// The title that was first seen with this type.
    fn title_of(&self, kind: &str, title: &str) -> String {
        let mut titles = self.titles.lock().unwrap_or_else(PoisonError::into_inner);
        titles.entry(kind.to_owned()).or_insert_with(|| title.to_owned()).clone()
    }

    /// Remembers the breaches of one case, each row once.
    pub(crate) fn note(&self, breaches: &[String], exchange: impl Fn() -> String) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = BTreeSet::new();
        for breach in breaches {
            let Some(row) = breach.split(':').next().and_then(rows::find) else { continue };
            if seen.insert(row.id) {
                let fresh = || Broken { first: breach.clone(), exchange: exchange(), cases: 0 };
                broken.entry(row.id).or_insert_with(fresh).cases += 1;
            }
        }
    }

    /// The rows that were broken.
    pub(crate) fn into_broken(self) -> BTreeMap<&'static str, Broken> {
        self.broken.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_new_instance(&self, instance: &str) -> bool {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner).insert(instance.to_owned())
    }
}

/// Everything that is wrong with a response, one sentence each, with the row that says so.
pub fn check(asked: Asked<'_>, response: &Response, ledger: &Ledger, profile: Profile) -> Vec<String> {
    let mut breaches = Breaches { profile, found: Vec::new() };
    status(&mut breaches, asked, response);
    // What a framework says in its own words is judged by its status and its framing, which the client has verified.
    let foreign = asked.framework && response.is_error() && !is_problem(response);
    if !foreign {
        dates(&mut breaches, response);
        fields(&mut breaches, asked, response);
        content(&mut breaches, asked, response);
        if response.is_error() {
            errors(&mut breaches, asked, response, ledger);
        }
    }
    breaches.found
}

struct Breaches {
    profile: Profile,
    found: Vec<String>,
}

impl Breaches {
    /// What the row says; where only the standards count, a row that is this project's decision says nothing.
    fn unless(&mut self, holds: bool, row: &str, what: impl FnOnce() -> String) {
        let decided =
            self.profile == Profile::Rfc && rows::find(row).is_some_and(|row| row.strength == Strength::Policy);
        if !holds && !decided {
            self.found.push(format!("{row}: {}", what()));
        }
    }

    /// More than the row says: what this project decides.
    fn unless_decided(&mut self, holds: bool, row: &str, what: impl FnOnce() -> String) {
        if self.profile == Profile::Put {
            self.unless(holds, row, what);
        }
    }
}

fn is_problem(response: &Response) -> bool {
    response.field("Content-Type").is_some_and(|value| value.starts_with("application/problem+json"))
}

fn status(breaches: &mut Breaches, asked: Asked<'_>, response: &Response) {
    let status = response.status;
    breaches.unless_decided(STATUSES.iter().any(|(known, _)| *known == status), "PRB-12", || {
        format!("{status} is not a status of the contract")
    });
    let safe = asked.method == "GET" || asked.method == "HEAD";
    breaches.unless(status != 304 || safe, "CND-10", || format!("304 to {}", asked.method));
}

fn dates(breaches: &mut Breaches, response: &Response) {
    let all: Vec<_> = response.values("Date").collect();
    // The standard asks for it up to 4xx.
    let excused = breaches.profile == Profile::Rfc && response.status >= 500 && all.is_empty();
    breaches.unless(all.len() == 1 || excused, "DAT-01", || format!("{} Date field lines", all.len()));
    let date = response.field("Date").and_then(date::parse_imf_fixdate);
    breaches.unless(all.is_empty() || date.is_some(), "DAT-02", || {
        format!("Date {:?} is no IMF-fixdate", response.field("Date"))
    });
    if let Some(text) = response.field("Last-Modified") {
        let modified = date::parse_imf_fixdate(text);
        breaches.unless(modified.is_some(), "DAT-02", || format!("Last-Modified {text:?} is no IMF-fixdate"));
        if let (Some(date), Some(modified)) = (date, modified) {
            breaches.unless(modified <= date, "VAL-08", || format!("Last-Modified {text:?} is later than Date"));
        }
    }
}

fn fields(breaches: &mut Breaches, asked: Asked<'_>, response: &Response) {
    for single in ["ETag", "Last-Modified", "Location", "Content-Location", "Content-Type", "Content-Length"] {
        let count = response.values(single).count();
        breaches.unless(count <= 1, "LOC-02", || format!("{count} field lines {single}"));
    }
    if let Some(tag) = response.values("ETag").next() {
        breaches.unless(is_tag(tag), "VAL-02", || {
            let shown = String::from_utf8_lossy(tag);
            format!(
                "the field is `ETag: {shown}`, and an entity tag stands in double quotes, with W/ before or nothing"
            )
        });
        let opaque = tag.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default();
        let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"._~-".contains(octet);
        breaches.unless(!opaque.is_empty() && opaque.iter().all(plain), "VAL-15", || {
            format!("entity tag {:?} is not strong and plain", String::from_utf8_lossy(tag))
        });
    }
    if response.status == 405 {
        breaches.unless(response.has("Allow"), "MTH-01", || "405 without Allow".to_owned());
    }
    if response.status == 204 {
        breaches.unless(!response.has("Content-Length"), "PUT-17", || "204 with Content-Length".to_owned());
        breaches.unless(!response.has("Transfer-Encoding"), "PUT-17", || "204 with Transfer-Encoding".to_owned());
    }
    if response.status == 304 {
        for name in ["Content-Type", "Content-Encoding", "Last-Modified", "Transfer-Encoding"] {
            // Without an entity tag Last-Modified is the only validator.
            let validator = name == "Last-Modified" && !response.has("ETag");
            breaches.unless(!response.has(name) || validator, "GET-06", || format!("304 with {name}"));
        }
        breaches.unless(response.field("Content-Length") != Some("0"), "GET-06", || {
            "304 says that the content is empty".to_owned()
        });
    }
    if let Some(location) = response.field("Location") {
        let meant = response.status == 201 || (300..400).contains(&response.status);
        breaches.unless(meant, "LOC-04", || format!("Location on {}", response.status));
        breaches.unless(!location.contains(['#', ' ']) && !location.is_empty(), "LOC-02", || {
            format!("Location {location:?} is not one reference without a fragment")
        });
    }
    if response.status == 415 && !asked.coded {
        breaches.unless(!response.has("Accept-Encoding"), "MED-03", || {
            "415 with Accept-Encoding although no content coding was the cause".to_owned()
        });
    }
    breaches.unless_decided(!response.has("Accept-Patch"), "OPT-05", || "Accept-Patch promises PATCH".to_owned());
    breaches.unless_decided(!response.has("Content-Encoding"), "NEG-07", || "a coded response".to_owned());
}

fn content(breaches: &mut Breaches, asked: Asked<'_>, response: &Response) {
    if response.content.is_empty() {
        if asked.method != "HEAD" {
            let kind = response.field("Content-Type");
            breaches.unless_decided(kind.is_none(), "PUT-17", || format!("no content, but Content-Type {kind:?}"));
        }
    } else if response.is_success() {
        let kind = response.field("Content-Type");
        breaches.unless_decided(kind == Some("application/json"), "GET-01", || format!("2xx content of type {kind:?}"));
        breaches.unless_decided(response.json().is_some(), "GET-01", || "2xx content that is not JSON".to_owned());
    }
}

fn errors(breaches: &mut Breaches, asked: Asked<'_>, response: &Response, ledger: &Ledger) {
    let stored = response.list("Cache-Control").iter().any(|directive| directive.eq_ignore_ascii_case("no-store"));
    breaches.unless(stored, "CCH-05", || format!("{} without Cache-Control: no-store", response.status));
    let kind = response.field("Content-Type");
    breaches.unless_decided(kind == Some("application/problem+json"), "PRB-01", || {
        format!("{} with Content-Type {kind:?} instead of application/problem+json", response.status)
    });
    if asked.method == "HEAD" {
        return;
    }
    breaches.unless(!response.content.is_empty(), "PRB-01", || format!("{} without an explanation", response.status));
    if breaches.profile == Profile::Rfc && !is_problem(response) {
        return;
    }
    match response.json() {
        Some(Value::Object(members)) => problem(breaches, response, &members, ledger),
        _ => breaches.unless(false, "PRB-01", || "the explanation is not a JSON object".to_owned()),
    }
}

fn problem(breaches: &mut Breaches, response: &Response, members: &Map<String, Value>, ledger: &Ledger) {
    for name in ["type", "title", "detail", "instance"] {
        let right = members.get(name).is_none_or(Value::is_string);
        breaches.unless(right, "PRB-07", || format!("member {name} is not a string"));
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let status = members.get("status");
    breaches.unless(status.is_none_or(|value| value.as_u64() == Some(u64::from(response.status))), "PRB-02", || {
        format!("member status is {status:?}, the status line says {}", response.status)
    });
    let kind = text("type").unwrap_or("about:blank");
    let absolute = kind == "about:blank" || (kind.starts_with('/') && !kind.starts_with("//")) || kind.contains("://");
    breaches.unless(absolute, "PRB-03", || format!("type {kind:?} is a relative reference"));
    match (kind, text("title")) {
        ("about:blank", Some(title)) => {
            let phrase = STATUSES.iter().find(|(code, _)| *code == response.status).map(|(_, phrase)| *phrase);
            let phrase = phrase.unwrap_or(title);
            // Some had another phrase before RFC 9110.
            let older = matches!(
                (response.status, title),
                (413, "Payload Too Large" | "Request Entity Too Large") | (422, "Unprocessable Entity")
            );
            breaches.unless(phrase == title || (older && breaches.profile == Profile::Rfc), "PRB-04", || {
                format!("title {title:?} of about:blank is not the phrase of the status, {phrase:?}")
            });
        }
        (_, Some(title)) => {
            let first = ledger.title_of(kind, title);
            breaches.unless(first == title, "PRB-04", || format!("type {kind:?} had title {first:?}, now {title:?}"));
        }
        (_, None) => breaches.unless(kind == "about:blank", "PRB-04", || format!("type {kind:?} without a title")),
    }
    if let Some(detail) = text("detail") {
        let dump = ["panicked", ".rs:", "SELECT ", "INSERT ", "rusqlite", "SqliteFailure", "\n   at "];
        breaches.unless(!dump.iter().any(|sign| detail.contains(sign)), "PRB-05", || {
            format!("detail is a debug dump: {detail:?}")
        });
        breaches.unless(!detail.trim().is_empty(), "PRB-05", || "detail is empty".to_owned());
    }
    if let Some(instance) = text("instance") {
        breaches.unless(ledger.is_new_instance(instance), "PRB-06", || format!("instance {instance:?} came twice"));
    }
    for name in members.keys() {
        if ["type", "title", "status", "detail", "instance"].contains(&name.as_str()) {
            continue;
        }
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
        let plain = name.chars().all(|each| each.is_ascii_alphanumeric() || each == '_');
        breaches.unless(begins && plain && name.len() >= 3, "PRB-10", || format!("extension member {name:?}"));
    }
    if let Some(errors) = members.get("errors") {
        let right = errors.as_array().is_some_and(|all| {
            !all.is_empty()
                && all.iter().all(|one| {
                    one.get("detail").is_some_and(Value::is_string)
                        && one.get("pointer").and_then(Value::as_str).is_some_and(is_pointer)
                })
        });
        breaches.unless(right, "PRB-08", || format!("errors are not details with pointers: {errors}"));
    }
}

/// The grammar of RFC 9110, section 8.8.3.
pub(crate) fn is_tag(value: &[u8]) -> bool {
    let strong = value.strip_prefix(b"W/").unwrap_or(value);
    let opaque = strong.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    opaque.is_some_and(|opaque| opaque.iter().all(|octet| matches!(octet, 0x21 | 0x23..=0x7e | 0x80..)))
}

/// A JSON Pointer in the form of a URI fragment (RFC 6901, section 6).
fn is_pointer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('#') else { return false };
    if !(rest.is_empty() || rest.starts_with('/')) {
        return false;
    }
    let octets = rest.as_bytes();
    octets.iter().enumerate().all(|(at, octet)| match octet {
        b'%' => octets.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b'~' => matches!(octets.get(at + 1), Some(b'0' | b'1')),
        other => other.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(other),
    })
}

#[cfg(test)]
mod tests;
