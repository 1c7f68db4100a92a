//! What came of a run.

use std::fmt::Write as _;
use std::time::Duration;

use crate::{Level, Switch};

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the profile decides.
    Passed,
    /// Otherwise than the profile decides, but within the contract.
    Tolerated(String),
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
    /// How strong the requirement is.
    pub level: Level,
    /// The mount it was about.
    pub switch: Switch,
    /// Whether it is about the framework's part.
    pub framework: bool,
    /// What came of it.
    pub verdict: Verdict,
    /// What was sent and received; empty for a case that passed.
    pub exchange: String,
    /// How long it took.
    pub took: Duration,
}

/// All cases of a run, in the order of the table.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One entry for each case.
    pub results: Vec<CaseResult>,
}

impl Report {
    /// The cases that failed without an excuse.
    pub fn failures(&self) -> Vec<&CaseResult> {
        self.results.iter().filter(|result| matches!(result.verdict, Verdict::Failed(_))).collect()
    }

    /// How many cases came out as the profile decides.
    pub fn passed(&self) -> usize {
        self.results.iter().filter(|result| result.verdict == Verdict::Passed).count()
    }

    /// The report for a reader: failures with their exchange, deviations and tolerated answers by a line each, a sum.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let (mut failed, mut tolerated, mut deviating) = (0, 0, 0);
        for result in &self.results {
            let head = format!("{} [{}] {:?}, {:?}", result.name, result.rows.join(" "), result.level, result.switch);
            // Writing into a String cannot fail.
            let _ = match &result.verdict {
                Verdict::Passed => Ok(()),
                Verdict::Tolerated(note) => {
                    tolerated += 1;
                    writeln!(text, "tolerated: {head}\n    {note}")
                }
                Verdict::Deviates(what, reason) => {
                    deviating += 1;
                    writeln!(text, "deviates: {head}\n    {what}\n    because {reason}")
                }
                Verdict::Failed(why) => {
                    failed += 1;
                    let exchange = result.exchange.replace('\n', "\n    ");
                    writeln!(text, "FAILED: {head}\n    {why}\n    {}", exchange.trim_end())
                }
            };
        }
        let _ = writeln!(
            text,
            "{} cases: {} passed, {tolerated} tolerated, {deviating} known deviations, {failed} failed",
            self.results.len(),
            self.passed(),
        );
        text
    }
}
