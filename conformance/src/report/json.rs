//! The report for a program.

use serde_json::{Value, json};

use super::{CaseResult, Report, Verdict};
use crate::rows;

impl Report {
    /// The report as JSON: `profile`, `summary` and one entry of `cases` for each case.
    pub fn to_json(&self) -> Value {
        let count = |wanted: &str| self.results.iter().filter(|result| word(result, self) == wanted).count();
        json!({
            "profile": format!("{:?}", self.profile).to_lowercase(),
            "summary": {
                "cases": self.results.len(),
                "passed": count("passed"),
                "failed": count("failed"),
                "advice": count("advice"),
                "notApplicable": count("not applicable"),
                "notRun": count("not run"),
                "deviates": count("deviates"),
            },
            "lostUpdates": self.lost_updates().map(|lost| json!({
                "rounds": lost.rounds,
                "oneWon": lost.one_won,
                "bothWon": lost.both_won,
                "noneWon": lost.none_won,
                "notShown": lost.not_shown,
                "troubled": lost.troubled,
            })),
            "cases": self.results.iter().map(|result| self.case(result)).collect::<Vec<Value>>(),
        })
    }

    fn case(&self, result: &CaseResult) -> Value {
        let row = result.row();
        let mut entry = json!({
            "name": result.name,
            "rows": result.rows,
            "level": format!("{:?}", result.level).to_lowercase(),
            "verdict": word(result, self),
            "milliseconds": u64::try_from(result.took.as_millis()).unwrap_or(u64::MAX),
        });
        let (why, failed) = match &result.verdict {
            Verdict::Passed => (None, false),
            Verdict::Tolerated(why) | Verdict::NotApplicable(why) | Verdict::NotRun(why) => (Some(why), false),
            Verdict::Failed(why) | Verdict::Deviates(why, _) => (Some(why), true),
        };
        if let Some(why) = why {
            entry["why"] = json!(why);
        }
        if failed {
            entry["row"] = json!(row.map(|row| row.id));
            entry["requirement"] = json!(row.map(|row| row.requirement));
            let source = |source: &&str| json!({"section": source, "url": rows::url(source)});
            entry["sources"] = row.map_or(Value::Null, |row| row.sources.iter().map(source).collect());
            entry["exchange"] = json!(result.exchange);
        }
        entry
    }
}

/// The verdict in a word.
pub(super) fn word(result: &CaseResult, report: &Report) -> &'static str {
    match &result.verdict {
        Verdict::Passed | Verdict::Tolerated(_) => "passed",
        Verdict::NotApplicable(_) => "not applicable",
        Verdict::NotRun(_) => "not run",
        Verdict::Deviates(..) => "deviates",
        Verdict::Failed(_) if report.counts(result.level) => "failed",
        Verdict::Failed(_) => "advice",
    }
}
