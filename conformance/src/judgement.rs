//! The verdict on one request of the table, and on what a 2xx to PUT says.

use serde_json::Value;

use crate::case::{Case, Outcome, Scope, Shape};
use crate::http::{Request, Response};
use crate::run::Run;
use crate::subject::{Profile, Switch};

/// Whether a status may come.
fn permitted(case: &Case, status: u16, profile: Profile) -> bool {
    if profile == Profile::Put {
        return case.expect.contains(&status);
    }
    let listed = |wanted: u16| case.expect.contains(&wanted) || case.tolerate.contains(&wanted);
    let same_to_the_standards: &[u16] = match (case.method.as_str(), status) {
        // Which success a PUT is told by is for the cases about PUT-01 and PUT-02; one mistake is not to be found in all.
        ("PUT", 200 | 201 | 204) if !case.rows.iter().any(|row| ["PUT-01", "PUT-02"].contains(row)) => &[200, 201, 204],
        ("PUT" | "OPTIONS", 200 | 204) => &[200, 204],
        ("DELETE", 200 | 202 | 204) => &[200, 202, 204],
        ("GET" | "HEAD", 404 | 410) => &[404, 410],
        _ => &[],
    };
    let fair = match &case.scope {
        Scope::Fixture => false,
        Scope::Any(fair) => fair.contains(&status),
        Scope::Open => !case.never.contains(&status) && (status < 500 || status == 501 || status == 505),
    };
    listed(status) || fair || same_to_the_standards.iter().any(|other| listed(*other))
}

impl Run<'_> {
    /// The statuses that would have passed.
    fn wanted(&self) -> String {
        let case = self.case();
        if self.profile() == Profile::Rfc && case.scope == Scope::Open {
            return format!("anything but {:?} and a server error", case.never);
        }
        let passing: Vec<String> =
            (100..600).filter(|status| permitted(case, *status, self.profile())).map(|one| one.to_string()).collect();
        passing.join(" or ")
    }

    /// What a status counts as. A PUT or a DELETE that was performed must not be told by 205, but that is one mistake, and
    /// for the cases about the success itself; in the others 205 is as good as 204.
    pub(crate) fn counted(&self, status: u16) -> u16 {
        let first = self.case().rows.first();
        let about_success = first.is_some_and(|first| ["PUT-01", "PUT-02", "DEL-01"].contains(first));
        if status == 205 && !about_success && self.profile() == Profile::Rfc { 204 } else { status }
    }

    /// Whether a mistake that would show in nearly every case is for this one to find: with the profile `put` always,
    /// else if the case is about that row.
    pub(crate) fn judges(&self, row: &str) -> bool {
        self.profile() == Profile::Put || self.case().rows.contains(&row)
    }

    /// Sends the one request of a case and judges what comes; a note says that the answer is tolerated.
    pub(crate) fn table(&mut self) -> Result<Option<String>, String> {
        let case = self.case();
        let request = case.request(self);
        let response = self.send(&request)?;
        let status = response.status;
        if case.method == "HEAD" && [405, 501].contains(&status) && self.profile() == Profile::Rfc {
            return Err(format!("GET-01: there is no HEAD here ({status})"));
        }
        let note = if permitted(case, self.counted(status), self.profile()) {
            None
        } else if case.tolerate.contains(&status) {
            Some(format!("answered {status}; the profile decides on {:?}", case.expect))
        } else {
            let gravity = if case.never.contains(&status) { ", which must never come here" } else { "" };
            let state = if self.was_present() { "present" } else { "absent" };
            return Err(format!("answered {status}{gravity}; expected {} (resource {state})", self.wanted()));
        };
        let safe = ["GET", "HEAD", "OPTIONS"].contains(&case.method.as_str());
        if !safe && response.is_error() {
            self.unchanged()?;
        }
        if case.method == "PUT" && response.is_success() {
            self.stored_as_told(&request, &response)?;
        }
        for check in &case.demands {
            check(self, &response)?;
        }
        if self.profile() == Profile::Put {
            for check in &case.checks {
                check(self, &response)?;
            }
        }
        Ok(note)
    }

    /// What a 2xx to PUT says must be what the next GET shows.
    pub fn stored_as_told(&mut self, request: &Request, response: &Response) -> Outcome {
        let target = String::from_utf8_lossy(request.target()).into_owned();
        let path = target.split('?').next().unwrap_or_default();
        let shown = self.get(path)?;
        if shown.status == 405 && self.case().switch == Switch::PutOnly {
            return Ok(());
        }
        if shown.status != 200 {
            return Err(format!("PUT-03: GET after a {} answered {}", response.status, shown.status));
        }
        let sent = request.sent_content().unwrap_or_default();
        let verbatim = shown.content == sent;
        let same = response.content == shown.content;
        self.members_kept(sent, &shown.content)?;
        if let Some(tag) = response.tag() {
            if shown.tag() != Some(tag) {
                return Err(format!(
                    "VAL-06: ETag {tag} in the {}, then {:?} in the GET",
                    response.status,
                    shown.tag()
                ));
            }
            if !verbatim && self.judges("PUT-06") && !self.encloses(response, same, path) {
                return Err(
                    "PUT-06: the answer has an ETag, but GET then shows other octets than were sent; leave it out, or enclose the \
                     representation with Content-Location".into()
                );
            }
        } else if response.has("Last-Modified") && self.profile() == Profile::Put {
            return Err("PUT-06: Last-Modified without ETag".into());
        }
        if let Some(modified) = response.field("Last-Modified")
            && shown.field("Last-Modified") != Some(modified)
        {
            return Err(format!("VAL-06: Last-Modified {modified}, then {:?}", shown.field("Last-Modified")));
        }
        let located = response.field("Content-Location").map(|location| self.names(location, path));
        if located == Some(true) && !same && !response.content.is_empty() {
            return Err("LOC-05: Content-Location, but the content is not what GET of that path returns".into());
        }
        if let Some(location) = response.field("Location")
            && response.status == 201
            && !self.names(location, path)
        {
            return Err(format!("LOC-01: Location {location:?} is not the target {path:?}"));
        }
        if self.profile() == Profile::Put { self.told_as_decided(response, verbatim, same, path) } else { Ok(()) }
    }

    /// What this project decides about a 2xx beyond the standards.
    fn told_as_decided(&self, response: &Response, verbatim: bool, same: bool, path: &str) -> Outcome {
        if response.tag().is_none() && (verbatim || self.encloses(response, same, path)) {
            return Err("VAL-01: no ETag although it is permitted here".into());
        }
        let enclosed = same && response.field("Content-Location") == Some(path);
        if response.has("Content-Location") && !enclosed {
            return Err("LOC-05: Content-Location, but the content is not what GET of that path returns".into());
        }
        if !response.content.is_empty() && !enclosed {
            return Err("PUT-19: content that is not the representation with its Content-Location".into());
        }
        Ok(())
    }

    /// Whether the response carries the stored representation, and may therefore carry its validators.
    fn encloses(&self, response: &Response, same: bool, path: &str) -> bool {
        let said = response.field("Content-Location").is_some_and(|location| self.names(location, path));
        same && !response.content.is_empty() && said && self.case().switch != Switch::StrictValidators
    }

    /// Whether this reference, absolute or not, names the path.
    fn names(&self, reference: &str, path: &str) -> bool {
        let base = format!("http://{}", self.subject().origin().host());
        let absolute = reference.strip_prefix(&base).unwrap_or(reference);
        let folder = &path[..path.rfind('/').map_or(0, |at| at + 1)];
        absolute == path || (!reference.starts_with('/') && format!("{folder}{reference}") == path)
    }

    /// Every member that was sent is in the representation with its value, except those that the server manages. What is
    /// no JSON object has no members: it is shown as it came, or as the same JSON.
    fn members_kept(&self, sent: &[u8], shown: &[u8]) -> Outcome {
        let (told, found) = (serde_json::from_slice(sent), serde_json::from_slice(shown));
        let (sent, shown): (_, Value) = match (told, found) {
            (Ok(Value::Object(sent)), Ok(shown)) => (sent, shown),
            (Ok(Value::Object(_)), Err(_)) => return Err("PUT-03: a JSON object was sent, but GET shows none".into()),
            (Ok(sent), Ok(shown)) if same(&sent, &shown) => return Ok(()),
            _ if bare(sent) == bare(shown) => return Ok(()),
            _ => return Err("PUT-03: content that is no JSON object was accepted, and GET shows something else".into()),
        };
        for (name, value) in &sent {
            let managed = self.case().shape == Shape::Item && (name == "createdAt" || name == "updatedAt");
            if !managed && !shown.get(name).is_some_and(|stored| same(value, stored)) {
                return Err(format!("PUT-03: member {name:?} was sent as {value}, stored as {:?}", shown.get(name)));
            }
        }
        Ok(())
    }
}

/// Octets without white space: a text that is nested too deep to be read here may have been written anew all the same.
fn bare(octets: &[u8]) -> Vec<u8> {
    octets.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect()
}

/// Equal as JSON; numbers by value, so that 5 and 5.0 are one.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b
                || ((a.is_f64() || b.is_f64())
                    && a.as_f64()
                        .zip(b.as_f64())
                        .is_some_and(|(a, b)| a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_eq)))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(name, value)| b.get(name).is_some_and(|it| same(value, it)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => left == right,
    }
}
