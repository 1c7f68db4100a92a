//! Running the table: the state before, the request, the verdict, the state after.
//!
//! One thing although it is long: what every case has in common is said here once, so that a row of the table says only
//! what is its own.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::case::{Before, Case, Outcome, Shape};
use crate::http::{Client, Connection, Request, Response, Transcript, Trouble};
use crate::invariants::{self, Asked, Ledger};
use crate::report::{CaseResult, Report, Verdict};
use crate::subject::{Subject, Switch};

/// What a GET shows of a resource; two equal ones are how "state unchanged" is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The status of the GET.
    pub status: u16,
    /// The content; empty unless the status is 200, because problem details may differ from answer to answer.
    pub content: Vec<u8>,
    /// The entity tag.
    pub tag: Option<String>,
    /// Last-Modified.
    pub modified: Option<String>,
}

/// A case in progress: its own resource, a client whose every response is held against the invariants, the exchange.
#[derive(Debug)]
pub struct Run<'a> {
    subject: &'a Subject,
    ledger: &'a Ledger,
    case: &'a Case,
    key: String,
    path: String,
    before: Option<Snapshot>,
    client: Client,
    transcript: Transcript,
    breaches: Vec<String>,
    fresh: u64,
}

/// Keys are fresh over all runs against one store: seconds since 1970 and a counter, below 2^53.
fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let process = u64::from(std::process::id()) & 0xff;
    (((seconds & 0xffff_ffff) << 20) + (process << 12) + (NEXT.fetch_add(1, Ordering::Relaxed) & 0xfff)).to_string()
}

impl<'a> Run<'a> {
    fn new(subject: &'a Subject, ledger: &'a Ledger, case: &'a Case) -> Self {
        let key = fresh_key();
        let path = format!("{}{}", case.switch.prefix(), case.shape.path(&key));
        Self {
            subject,
            ledger,
            case,
            key,
            path,
            before: None,
            client: Client::new(subject.addr),
            transcript: Transcript::default(),
            breaches: Vec::new(),
            fresh: 0,
        }
    }

    /// The server under judgement.
    pub fn subject(&self) -> &'a Subject {
        self.subject
    }

    /// The path of the case's own resource.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The key of the case's own resource.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether the case's resource was present before the request.
    pub fn was_present(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.status == 200)
    }

    /// What a GET showed before the request.
    pub fn before(&self) -> Option<&Snapshot> {
        self.before.as_ref()
    }

    /// The entity tag before the request, or a well-formed one that never was when there is none.
    pub fn tag(&self) -> String {
        let tag = self.before.as_ref().and_then(|before| before.tag.clone());
        tag.unwrap_or_else(|| "\"no-such-tag\"".to_owned())
    }

    /// Another path of the same shape and mount, with its key.
    pub fn another(&mut self) -> (String, String) {
        self.fresh += 1;
        let key = fresh_key();
        (format!("{}{}", self.case.switch.prefix(), self.case.shape.path(&key)), key)
    }

    /// Puts values in the place of `$key`, `$id`, `$path`, `$E` and `$opaque`.
    pub fn fill(&self, text: &[u8]) -> Vec<u8> {
        if !text.contains(&b'$') {
            return text.to_vec();
        }
        let tag = self.tag();
        let opaque = tag.trim_matches('"').to_owned();
        let mut out = Vec::with_capacity(text.len() + 32);
        let mut rest = text;
        'next: while let Some(first) = rest.first() {
            for (name, value) in
                [("$key", &self.key), ("$id", &self.key), ("$path", &self.path), ("$E", &tag), ("$opaque", &opaque)]
            {
                if let Some(behind) = rest.strip_prefix(name.as_bytes()) {
                    out.extend_from_slice(value.as_bytes());
                    rest = behind;
                    continue 'next;
                }
            }
            out.push(*first);
            rest = &rest[1..];
        }
        out
    }

    /// Content of the case's shape that makes the resource present.
    pub fn original(&self) -> Vec<u8> {
        self.fill(self.case.shape.original().as_bytes())
    }

    /// Good content of the case's shape that differs from the original.
    pub fn replacement(&self) -> Vec<u8> {
        self.fill(self.case.shape.replacement().as_bytes())
    }

    /// Sends a request on the kept connection; the response is held against the invariants.
    pub fn send(&mut self, request: &Request) -> Result<Response, String> {
        let answer = self.client.send(request);
        self.transcript.append(self.client.take_transcript());
        let response = answer.map_err(|trouble| format!("{} {trouble}", request.method()))?;
        self.judge(request, &response);
        Ok(response)
    }

    /// Holds a response that was read by other means against the invariants.
    pub fn judge(&mut self, request: &Request, response: &Response) {
        let asked = Asked::of(request, self.case.framework);
        for breach in invariants::check(asked, response, self.ledger) {
            self.breaches.push(format!("{} answered {}: {breach}", request.method(), response.status));
        }
    }

    /// Works on a connection of its own, opened for this.
    pub fn raw<T>(&mut self, work: impl FnOnce(&mut Connection) -> Result<T, Trouble>) -> Result<T, String> {
        let mut connection = Connection::open(self.subject.addr).map_err(|trouble| trouble.to_string())?;
        let answer = work(&mut connection);
        self.transcript.append(connection.take_transcript());
        answer.map_err(|trouble| trouble.to_string())
    }

    /// GET of a path.
    pub fn get(&mut self, path: &str) -> Result<Response, String> {
        self.send(&Request::get(path))
    }

    /// PUT of JSON to a path.
    pub fn put(&mut self, path: &str, content: impl AsRef<[u8]>) -> Result<Response, String> {
        self.send(&Request::put(path).json(content))
    }

    /// What a GET of the path shows.
    pub fn snapshot(&mut self, path: &str) -> Result<Snapshot, String> {
        let response = self.get(path)?;
        let content = if response.status == 200 { response.content.clone() } else { Vec::new() };
        Ok(Snapshot {
            status: response.status,
            content,
            tag: response.tag().map(str::to_owned),
            modified: response.field("Last-Modified").map(str::to_owned),
        })
    }

    /// That the case's resource is as it was before (the contract's "state unchanged").
    pub fn unchanged(&mut self) -> Outcome {
        let path = self.path.clone();
        let now = self.snapshot(&path)?;
        match &self.before {
            Some(before) if *before != now => {
                Err(format!("the state has changed although the request was refused: {before:?} became {now:?}"))
            }
            _ => Ok(()),
        }
    }

    /// Makes the resource present when the case wants that, and remembers what a GET shows.
    fn prepare(&mut self) -> Outcome {
        let path = self.path.clone();
        if self.case.before == Before::Present {
            // Nothing can be created on an update-only mount; it shares its store with the default mount.
            let prefix = if self.case.switch == Switch::UpdateOnly { "" } else { self.case.switch.prefix() };
            let at = format!("{prefix}{}", self.case.shape.path(&self.key));
            let request = Request::put(at).field("If-None-Match", "*").json(self.original());
            let response = self.send(&request)?;
            if response.status != 201 {
                return Err(format!("preparing the state: the creating PUT answered {}", response.status));
            }
        }
        let before = self.snapshot(&path)?;
        let wanted = match (self.case.switch, self.case.before) {
            (Switch::PutOnly, _) => 405,
            (_, Before::Present) => 200,
            (_, Before::Absent) => 404,
        };
        if before.status != wanted {
            return Err(format!("preparing the state: GET answered {}, not {wanted}", before.status));
        }
        self.before = Some(before);
        Ok(())
    }

    fn table(&mut self) -> Result<Option<String>, String> {
        let case = self.case;
        let request = case.request(self);
        let response = self.send(&request)?;
        let status = response.status;
        let note = if case.expect.contains(&status) {
            None
        } else if case.tolerate.contains(&status) {
            Some(format!("answered {status}; the profile decides on {:?}", case.expect))
        } else {
            let gravity = if case.never.contains(&status) { ", which must never come here" } else { "" };
            let state = if self.was_present() { "present" } else { "absent" };
            return Err(format!("answered {status}{gravity}; expected {:?} (resource {state})", case.expect));
        };
        let safe = ["GET", "HEAD", "OPTIONS"].contains(&case.method.as_str());
        if !safe && response.is_error() {
            self.unchanged()?;
        }
        if case.method == "PUT" && response.is_success() {
            self.stored_as_told(&request, &response)?;
        }
        for check in &case.checks {
            check(self, &response)?;
        }
        Ok(note)
    }

    /// What a 2xx to PUT says must be what the next GET shows.
    pub fn stored_as_told(&mut self, request: &Request, response: &Response) -> Outcome {
        let target = String::from_utf8_lossy(request.target()).into_owned();
        let path = target.split('?').next().unwrap_or_default();
        let shown = self.get(path)?;
        if shown.status == 405 && self.case.switch == Switch::PutOnly {
            return Ok(());
        }
        if shown.status != 200 {
            return Err(format!("PUT-03: GET after a {} answered {}", response.status, shown.status));
        }
        let sent = request.sent_content().unwrap_or_default();
        let verbatim = shown.content == sent;
        let enclosed = response.content == shown.content && response.field("Content-Location") == Some(path);
        if let Some(tag) = response.tag() {
            if shown.tag() != Some(tag) {
                return Err(format!(
                    "VAL-06: ETag {tag} in the {}, then {:?} in the GET",
                    response.status,
                    shown.tag()
                ));
            }
            let permitted = verbatim || (enclosed && self.case.switch != Switch::StrictValidators);
            if !permitted {
                return Err(
                    "PUT-06: an ETag although the stored representation is neither the one sent nor enclosed".into()
                );
            }
        } else if response.has("Last-Modified") {
            return Err("PUT-06: Last-Modified without ETag".into());
        } else if verbatim || (enclosed && self.case.switch != Switch::StrictValidators) {
            return Err("K-VALIDATORS: no ETag although it is permitted here".into());
        }
        if let Some(modified) = response.field("Last-Modified")
            && shown.field("Last-Modified") != Some(modified)
        {
            return Err(format!("VAL-06: Last-Modified {modified}, then {:?}", shown.field("Last-Modified")));
        }
        if response.has("Content-Location") && !enclosed {
            return Err("LOC-05: Content-Location, but the content is not what GET of that path returns".into());
        }
        if !response.content.is_empty() && !enclosed {
            return Err("PUT-19: content that is not the representation with its Content-Location".into());
        }
        if let Some(location) = response.field("Location")
            && location != path
        {
            return Err(format!("LOC-01: Location {location:?} is not the target {path:?}"));
        }
        self.members_kept(sent, &shown.content)
    }

    /// Every member that was sent is in the representation with its value, except those that the server manages.
    fn members_kept(&self, sent: &[u8], shown: &[u8]) -> Outcome {
        let (Ok(Value::Object(sent)), Ok(Value::Object(shown))) =
            (serde_json::from_slice(sent), serde_json::from_slice::<Value>(shown))
        else {
            return Ok(());
        };
        for (name, value) in &sent {
            let managed = self.case.shape == Shape::Item && (name == "createdAt" || name == "updatedAt");
            if !managed && !shown.get(name).is_some_and(|stored| same(value, stored)) {
                return Err(format!("PUT-03: member {name:?} was sent as {value}, stored as {:?}", shown.get(name)));
            }
        }
        Ok(())
    }
}

/// Equal as JSON; numbers by value, so that 5 and 5.0 are one.
fn same(left: &Value, right: &Value) -> bool {
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

fn execute(subject: &Subject, ledger: &Ledger, case: &Case) -> CaseResult {
    let began = Instant::now();
    let mut run = Run::new(subject, ledger, case);
    let mut outcome = run.prepare().and_then(|()| match &case.script {
        Some(script) => script(&mut run).map(|()| None),
        None => run.table(),
    });
    if outcome.is_ok() && !run.breaches.is_empty() {
        run.breaches.dedup();
        outcome = Err(run.breaches.join("; "));
    }
    let excuse = subject.deviations.iter().find(|deviation| deviation.case == case.name);
    let verdict = match (outcome, excuse) {
        (Ok(None), None) => Verdict::Passed,
        (Ok(Some(note)), None) => Verdict::Tolerated(note),
        (Ok(_), Some(_)) => Verdict::Failed("listed as a known deviation, but it passes".to_owned()),
        (Err(why), Some(deviation)) => Verdict::Deviates(why, deviation.reason.clone()),
        (Err(why), None) => Verdict::Failed(why),
    };
    let exchange = if verdict == Verdict::Passed { String::new() } else { run.transcript.to_string() };
    CaseResult {
        name: case.name.clone(),
        rows: case.rows.clone(),
        level: case.level,
        switch: case.switch,
        framework: case.framework,
        verdict,
        exchange,
        took: began.elapsed(),
    }
}

/// Runs the cases that the filter chooses, a few at one time, and reports them in the order of the table.
pub fn run(subject: &Subject, filter: impl Fn(&Case) -> bool) -> Report {
    let chosen: Vec<Case> = crate::cases::all().into_iter().filter(|case| filter(case)).collect();
    run_cases(subject, &chosen)
}

/// Runs these cases.
pub(crate) fn run_cases(subject: &Subject, chosen: &[Case]) -> Report {
    let ledger = Ledger::default();
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, CaseResult)>> = Mutex::new(Vec::with_capacity(chosen.len()));
    std::thread::scope(|scope| {
        for _ in 0..subject.threads.max(1) {
            scope.spawn(|| {
                while let Some((at, case)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    chosen.get(at).map(|case| (at, case))
                } {
                    let result = execute(subject, &ledger, case);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    Report { results: results.into_iter().map(|(_, result)| result).collect() }
}

#[cfg(test)]
mod tests;
