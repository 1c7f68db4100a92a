//! What came of a run, and how it is shown: to a reader, to a program, to a build server.

mod json;
mod junit;
mod text;

pub use text::Mark;

use std::time::Duration;

use crate::http::Response;
use crate::race::LostUpdates;
use crate::subject::{Profile, Switch};
use crate::{Level, rows};

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Otherwise than the profile decides, but within the contract.
    Tolerated(String),
    /// The case says nothing about this server; why.
    NotApplicable(String),
    /// The run ended before the case; why.
    NotRun(String),
    /// Failed, as the subject says it would; first what failed, then the stated reason.
    Deviates(String, String),
    /// Failed.
    Failed(String),
}

/// One case and what came of it.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The name of the case.
    pub name: String,
    /// The rows of the contract that it proves.
    pub rows: Vec<&'static str>,
    /// How strong the requirement is; of a failure, the one that was broken.
    pub level: Level,
    /// The mount it was about.
    pub switch: Switch,
    /// Whether it is about the framework's part.
    pub framework: bool,
    /// What came of it.
    pub verdict: Verdict,
    /// What was sent and received; empty for a case that passed.
    pub exchange: String,
    /// What came of the rounds of two careful writers, where the case has any.
    pub lost_updates: Option<LostUpdates>,
    /// Every response, where the subject asks for [recording](crate::Subject::recording).
    pub responses: Vec<Response>,
    /// How long it took.
    pub took: Duration,
}

impl CaseResult {
    /// The row that a failure breaks, or else the first that the case is about.
    pub fn row(&self) -> Option<&'static rows::Row> {
        let named = match &self.verdict {
            Verdict::Failed(why) | Verdict::Deviates(why, _) => why.split(':').next().and_then(rows::find),
            _ => None,
        };
        named.or_else(|| self.rows.first().and_then(|row| rows::find(row)))
    }
}

/// All cases of a run, in the order of the table.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was judged.
    pub profile: Profile,
    /// One entry for each case.
    pub results: Vec<CaseResult>,
}

impl Report {
    /// The cases that failed without an excuse, and that count: where only the standards are judged, those about a MUST.
    pub fn failures(&self) -> Vec<&CaseResult> {
        self.failed(|level| self.counts(level))
    }

    /// The cases that failed but break no MUST, where only the standards are judged.
    pub fn advice(&self) -> Vec<&CaseResult> {
        self.failed(|level| !self.counts(level))
    }

    /// Whether a failure of this level is a failure of the server under this profile.
    fn counts(&self, level: Level) -> bool {
        self.profile == Profile::Put || level == Level::Must
    }

    fn failed(&self, counts: impl Fn(Level) -> bool) -> Vec<&CaseResult> {
        let failed = |result: &&CaseResult| matches!(result.verdict, Verdict::Failed(_)) && counts(result.level);
        self.results.iter().filter(failed).collect()
    }

    /// How many cases came out as they should.
    pub fn passed(&self) -> usize {
        self.results.iter().filter(|result| result.verdict == Verdict::Passed).count()
    }

    /// What came of the rounds of two careful writers.
    pub fn lost_updates(&self) -> Option<&LostUpdates> {
        self.results.iter().find_map(|result| result.lost_updates.as_ref())
    }

    /// Why the run ended early, if it did.
    pub fn cut_short(&self) -> Option<&str> {
        self.results.iter().find_map(|result| match &result.verdict {
            Verdict::NotRun(why) => Some(why.as_str()),
            _ => None,
        })
    }
}
