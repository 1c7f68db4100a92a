//! What went wrong in a race, and who got which answer.

use std::collections::BTreeMap;
use std::fmt;

use super::Register;
use crate::http::{Request, Response, Trouble};

/// What a failed race says about the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The race could not be run, because of what is told in the sentence. Nothing is known about the rule.
    NotRun,
    /// Requests of the race got no answer, and those that did break no rule.
    Unanswered,
    /// More than one request was performed although only one condition could be true.
    LostUpdate,
    /// No request was performed although the condition of one was true.
    NoWinner,
    /// A request of the race was answered with a status that does not say what happened to it.
    WrongStatus,
    /// GET afterwards does not show what the only successful request wrote.
    NotShown,
    /// The tag in the answer of the successful request is not the one that GET shows afterwards.
    TagDiffers,
    /// One strong tag stood for two different contents.
    TagReused,
    /// The number of acknowledged increments and what the register shows do not agree.
    Uncounted,
    /// The resource is there again after a removal that was acknowledged.
    Recreated,
    /// No order of the operations explains the answers.
    NotLinearizable,
}

/// What a response said, as far as a race is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The status code.
    pub status: u16,
    /// The entity tag, quotes included.
    pub tag: Option<String>,
    /// The number that the content shows.
    pub number: Option<u64>,
}

impl Seen {
    pub(super) fn new(register: &Register, response: &Response) -> Self {
        Self {
            status: response.status,
            tag: response.tag().map(str::to_owned),
            number: register.number(&response.content),
        }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether there is no such resource.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.status, 404 | 410)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.status)?;
        if let Some(number) = self.number {
            write!(out, " showing {number}")?;
        }
        match &self.tag {
            Some(tag) => write!(out, " with ETag {tag}"),
            None => Ok(()),
        }
    }
}

/// One request of a race and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Which client sent it, counted from 1.
    pub client: usize,
    /// The request in a few words: method, number, condition.
    pub request: String,
    /// What came back.
    pub answer: Result<Seen, Trouble>,
}

impl Exchange {
    /// The status code, if an answer came.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|seen| seen.status)
    }

    pub(super) fn won(&self) -> bool {
        self.answer.as_ref().is_ok_and(Seen::is_success)
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "client {}: {} -> ", self.client, self.request)?;
        match &self.answer {
            Ok(seen) => seen.fmt(out),
            Err(trouble) => trouble.fmt(out),
        }
    }
}

/// A request in a few words: `PUT 7 with If-Match "a"`.
pub(super) fn describe(request: &Request, number: Option<u64>) -> String {
    let mut text = request.method().to_owned();
    if let Some(number) = number {
        text = format!("{text} {number}");
    }
    for name in ["If-Match", "If-None-Match"] {
        for value in request.values(name) {
            text = format!("{text} with {name} {}", String::from_utf8_lossy(value));
        }
    }
    text
}

/// A race that did not end as it must: one sentence, and the exchanges that show it.
///
/// [`Display`](fmt::Display) writes the sentence and the statuses in the first line, and what happened below.
///
/// ```
/// use put_conformance::race::{Failure, Kind};
///
/// let failure = Failure::new(Kind::NotRun, "GET shows no entity tag");
/// assert_eq!(failure.to_string(), "GET shows no entity tag");
/// assert!(!failure.is_broken());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it says about the server.
    pub kind: Kind,
    /// One sentence for a person.
    pub sentence: String,
    /// The requests and answers that show it.
    pub exchanges: Vec<Exchange>,
    /// Who sent what when and what came back when, where the order matters; one line for each event.
    pub timeline: Vec<String>,
}

impl Failure {
    /// A failure without exchanges.
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), exchanges: Vec::new(), timeline: Vec::new() }
    }

    pub(super) fn with(mut self, exchanges: &[Exchange]) -> Self {
        self.exchanges.extend_from_slice(exchanges);
        self
    }

    /// Whether the server broke a rule; otherwise nothing is known about the rule.
    pub fn is_broken(&self) -> bool {
        !matches!(self.kind, Kind::NotRun | Kind::Unanswered)
    }

    /// How often each status came, and how often none: `1 x 200, 19 x 412`. Empty without exchanges.
    pub fn statuses(&self) -> String {
        let mut counts: BTreeMap<Option<u16>, usize> = BTreeMap::new();
        for exchange in &self.exchanges {
            *counts.entry(exchange.status()).or_default() += 1;
        }
        let shown: Vec<String> = counts
            .into_iter()
            .map(|(status, count)| match status {
                Some(status) => format!("{count} x {status}"),
                None => format!("{count} x no answer"),
            })
            .collect();
        shown.join(", ")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence)?;
        if !self.exchanges.is_empty() {
            write!(out, " ({})", self.statuses())?;
        }
        for line in &self.timeline {
            write!(out, "\n  {line}")?;
        }
        if self.timeline.is_empty() {
            for exchange in &self.exchanges {
                write!(out, "\n  {exchange}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
