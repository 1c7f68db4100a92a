//! The conformance program's library, held against every mutant: is the bug noticed, is the fair reading left in peace?

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use put_conformance::{CaseResult, KeyKind, Profile, Report, Target, survey};
use serde_json::json;

use crate::{Mutant, Server};

/// How many mutants are judged at one time. Most of a run is waiting.
const AT_ONE_TIME: usize = 4;

/// What came of one mutant, or of the correct server.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The mutant; `None` for the correct server.
    pub mutant: Option<Mutant>,
    /// Whether it came out as it should.
    pub right: bool,
    /// By whom it was noticed, or what it is wrongly accused of, in a line.
    pub told: String,
}

/// Judges the correct server and these mutants, and hands each judgement on as soon as it is there.
pub fn judge(mutants: &[Mutant], each: impl Fn(&Judgement) + Sync) -> Vec<Judgement> {
    let all: Vec<Option<Mutant>> = std::iter::once(None).chain(mutants.iter().copied().map(Some)).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONE_TIME {
            scope.spawn(|| {
                while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (right, told) = one(*mutant).unwrap_or_else(|why| (false, why));
                    let judgement = Judgement { mutant: *mutant, right, told };
                    each(&judgement);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(judgement);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn one(mutant: Option<Mutant>) -> Result<(bool, String), String> {
    let rfc = report(mutant, Profile::Rfc)?;
    let accused = !rfc.failures().is_empty();
    Ok(match mutant {
        None => {
            let put = report(None, Profile::Put)?;
            let clean = !accused && rfc.advice().is_empty() && put.failures().is_empty();
            (clean, findings(&[("rfc", &rfc), ("put", &put)]))
        }
        Some(fair) if fair.is_fair() => (!accused, findings(&[("rfc", &rfc)])),
        Some(policy) if policy.profile_put_only() => {
            let put = report(mutant, Profile::Put)?;
            (!accused && !put.failures().is_empty(), findings(&[("rfc", &rfc), ("put", &put)]))
        }
        Some(_) if accused || !rfc.advice().is_empty() => (true, findings(&[("rfc", &rfc)])),
        Some(_) => {
            // No standard forbids it as it seems; then this project must.
            let put = report(mutant, Profile::Put)?;
            (!put.failures().is_empty(), findings(&[("put", &put)]))
        }
    })
}

fn report(mutant: Option<Mutant>, profile: Profile) -> Result<Report, String> {
    let server = Server::start(mutant);
    let contents = [
        json!({"key": "42", "name": "one", "note": "n", "count": 1, "ratio": 0.5, "done": true, "place": {"city": "Ulm", "zip": "89073"}, "tags": ["a", "b"]}),
        json!({"key": "42", "name": "two", "note": "m", "count": 2, "ratio": 1.5, "done": false, "place": {"city": "Bern", "zip": "3000"}, "tags": ["c"]}),
    ];
    let target =
        Target::new(&server.url("42"), None, Some(KeyKind::Text), contents)?.limit(std::time::Duration::from_secs(3));
    let survey = survey(target).map_err(|why| format!("cannot be judged: {why}"))?;
    Ok(put_conformance::run(&survey.subject.profile(profile).races(20), |_| true))
}

/// The rows that were broken, and by how many cases; advice is in brackets.
fn findings(reports: &[(&str, &Report)]) -> String {
    let mut told = Vec::new();
    for (profile, report) in reports {
        let rows = |results: Vec<&CaseResult>| {
            let mut rows: Vec<&str> = results.iter().filter_map(|result| Some(result.row()?.id)).collect();
            rows.sort_unstable();
            rows.dedup();
            rows.join(" ")
        };
        let (failed, advised) = (rows(report.failures()), rows(report.advice()));
        match (failed.is_empty(), advised.is_empty()) {
            (true, true) => {}
            (false, true) => told.push(format!("{profile}: {failed}")),
            (true, false) => told.push(format!("{profile}: [{advised}]")),
            (false, false) => told.push(format!("{profile}: {failed} [{advised}]")),
        }
    }
    if told.is_empty() { "nothing was noticed".to_owned() } else { told.join("; ") }
}
