//! The report for a reader.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::json::word;
use super::{CaseResult, Report, Verdict};
use crate::rows;

/// So many failures are shown whole; a server that ignores preconditions altogether fails hundreds in one way.
const SHOWN_PER_ROW: usize = 3;

impl Report {
    /// The report for a reader: failures with their exchange, deviations and tolerated answers by a line each, a sum.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let (mut failed, mut advised, mut tolerated, mut deviating) = (0, 0, 0, 0);
        for result in &self.results {
            let head = format!("{} [{}] {:?}, {:?}", result.name, result.rows.join(" "), result.level, result.switch);
            // Writing into a String cannot fail.
            let _ = match &result.verdict {
                Verdict::Passed | Verdict::NotApplicable(_) => Ok(()),
                Verdict::NotRun(why) => writeln!(text, "not run: {head}\n    {why}"),
                Verdict::Tolerated(note) => {
                    tolerated += 1;
                    writeln!(text, "tolerated: {head}\n    {note}")
                }
                Verdict::Deviates(what, reason) => {
                    deviating += 1;
                    writeln!(text, "deviates: {head}\n    {what}\n    because {reason}")
                }
                Verdict::Failed(why) => {
                    let word = if self.counts(result.level) { "FAILED" } else { "advice" };
                    *(if word == "FAILED" { &mut failed } else { &mut advised }) += 1;
                    let exchange = result.exchange.replace('\n', "\n    ");
                    writeln!(text, "{word}: {head}\n    {why}\n    {}", exchange.trim_end())
                }
            };
        }
        let _ = writeln!(
            text,
            "{} cases: {} passed, {tolerated} tolerated, {deviating} known deviations, {advised} advised, {failed} failed",
            self.results.len(),
            self.passed(),
        );
        text
    }

    /// A table with one line for each section of the standards: how many cases passed, failed, were not applicable.
    pub fn to_table(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{:<28} {:>8} {:>8} {:>8} {:>8}", "section", "passed", "failed", "advice", "n/a");
        let mut line = |name: &str, chosen: &dyn Fn(&CaseResult) -> bool| {
            let mut counts = [0; 4];
            for result in self.results.iter().filter(|result| chosen(result)) {
                counts[column(result, self)] += 1;
            }
            let [passed, failed, advice, other] = counts;
            if counts != [0; 4] {
                let _ = writeln!(text, "{name:<28} {passed:>8} {failed:>8} {advice:>8} {other:>8}");
            }
        };
        for (name, _) in rows::groups() {
            line(name, &|result| result.row().is_some_and(|row| row.group() == name));
        }
        line("all", &|_| true);
        text
    }

    /// Each failure: what went wrong, what the contract says, where to read on, the exchange. `paint` marks up words.
    pub fn to_findings(&self, paint: impl Fn(Mark, &str) -> String) -> String {
        let mut text = String::new();
        let groups = [("FAILED", Mark::Bad, self.failures()), ("ADVICE", Mark::Doubtful, self.advice())];
        for (word, mark, found) in groups {
            let mut shown: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
            for result in &found {
                shown.entry(result.row().map_or("", |row| row.id)).or_default().push(result);
            }
            for (id, results) in shown {
                let level =
                    results.first().map_or(String::new(), |result| format!("{:?}", result.level).to_uppercase());
                let _ = writeln!(text, "{} {} ({level})", paint(mark, word), paint(Mark::Strong, id));
                if let Some(row) = rows::find(id) {
                    let _ = writeln!(text, "  {}", row.requirement);
                    for source in row.sources {
                        let _ = writeln!(
                            text,
                            "  {source}  {}",
                            paint(Mark::Faint, &rows::url(source).unwrap_or_default())
                        );
                    }
                }
                for result in results.iter().take(SHOWN_PER_ROW) {
                    let Verdict::Failed(why) = &result.verdict else { continue };
                    let why = why.strip_prefix(id).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(why);
                    let _ = writeln!(text, "\n  {}\n    {why}", paint(Mark::Strong, &result.name));
                    for line in result.exchange.trim_end().lines() {
                        let _ = writeln!(text, "      {}", paint(Mark::Faint, line));
                    }
                }
                if let Some(more @ 1..) = results.len().checked_sub(SHOWN_PER_ROW) {
                    let names: Vec<&str> = results.iter().skip(SHOWN_PER_ROW).map(|one| one.name.as_str()).collect();
                    let _ = writeln!(text, "\n  and {more} more:\n    {}", names.join("\n    "));
                }
                text.push('\n');
            }
        }
        text
    }
}

/// How a word is to be marked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Something is broken.
    Bad,
    /// Something might be better.
    Doubtful,
    /// A heading.
    Strong,
    /// Less important.
    Faint,
}

fn column(result: &CaseResult, report: &Report) -> usize {
    match word(result, report) {
        "passed" => 0,
        "failed" => 1,
        "advice" => 2,
        _ => 3,
    }
}
