//! Running the table: a few cases at one time, to an end that comes by itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::case::{Case, Scope};
use crate::invariants::{Broken, Ledger};
use crate::report::{CaseResult, Report, Verdict};
use crate::rows;
use crate::run::Run;
use crate::subject::{Profile, Subject, Switch};
use crate::{Level, cases};

/// So many cases in a row without any answer, and the server is taken to be gone.
const SILENT_MAX: usize = 12;

const OVER: &str = "the time for the run is over";

/// Runs the cases that the filter chooses and that the subject can be asked, and reports them in the order of the table.
pub fn run(subject: &Subject, filter: impl Fn(&Case) -> bool) -> Report {
    run_with(subject, filter, |_| {})
}

/// As [`run`]; after every case `progress` is told what came of it.
pub fn run_with(subject: &Subject, filter: impl Fn(&Case) -> bool, progress: impl Fn(&CaseResult) + Sync) -> Report {
    let chosen: Vec<Case> = cases_for(subject).into_iter().filter(|case| filter(case)).collect();
    run_cases(subject, &chosen, &progress)
}

/// The cases that this subject can be asked.
pub fn cases_for(subject: &Subject) -> Vec<Case> {
    let mut table = cases::all();
    if let Some(own) = subject.own() {
        table.retain(|case| case.scope != Scope::Fixture);
        table.extend(cases::derived(&own.target));
    }
    table
}

/// Runs these cases.
pub(crate) fn run_cases(subject: &Subject, chosen: &[Case], progress: &(dyn Fn(&CaseResult) + Sync)) -> Report {
    let ledger = Ledger::default();
    let (next, silent) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Mutex<Vec<(usize, CaseResult)>> = Mutex::new(Vec::with_capacity(chosen.len()));
    std::thread::scope(|scope| {
        for _ in 0..subject.threads.max(1) {
            scope.spawn(|| {
                while let Some((at, case)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    chosen.get(at).map(|case| (at, case))
                } {
                    let late = subject.origin().is_over();
                    let gone = silent.load(Ordering::Relaxed) >= SILENT_MAX;
                    let result = if late || gone {
                        let why = if gone { "the server no longer answers" } else { OVER };
                        result_of(case, case.level, Verdict::NotRun(why.to_owned()))
                    } else {
                        execute(subject, &ledger, case, at, &silent)
                    };
                    progress(&result);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    let judged = results.into_iter().map(|(_, result)| result);
    // A habit of the server is one finding, not one in every case.
    let habits = ledger.into_broken().into_iter().map(|(row, broken)| habit(row, broken));
    Report { profile: subject.profile, results: judged.chain(habits).collect() }
}

/// What every response must satisfy, and some did not.
fn habit(row: &'static str, broken: Broken) -> CaseResult {
    let Broken { first, exchange, cases } = broken;
    let of = if cases == 1 { "in one case".to_owned() } else { format!("in {cases} cases; the first is shown") };
    CaseResult {
        name: format!("every response satisfies {row}"),
        rows: vec![row],
        level: level_of(row).unwrap_or(Level::Must),
        switch: Switch::Default,
        framework: false,
        verdict: Verdict::Failed(format!("{first}, {of}")),
        exchange,
        lost_updates: None,
        responses: Vec::new(),
        took: Duration::ZERO,
    }
}

fn result_of(case: &Case, level: Level, verdict: Verdict) -> CaseResult {
    CaseResult {
        name: case.name.clone(),
        rows: case.rows.clone(),
        level,
        switch: case.switch,
        framework: case.framework,
        verdict,
        exchange: String::new(),
        lost_updates: None,
        responses: Vec::new(),
        took: Duration::ZERO,
    }
}

fn execute(subject: &Subject, ledger: &Ledger, case: &Case, place: usize, silent: &AtomicUsize) -> CaseResult {
    let began = Instant::now();
    if let Some(need) = case.needed().find(|need| subject.lacks(*need)) {
        return result_of(case, case.level, Verdict::NotApplicable(need.lacking().to_owned()));
    }
    if subject.profile == Profile::Rfc && case.level == Level::Policy && case.scope != Scope::Open {
        return result_of(
            case,
            case.level,
            Verdict::NotApplicable("decided by this project's profile only".to_owned()),
        );
    }
    let mut run = Run::new(subject, ledger, case, place);
    let outcome = run.prepare().and_then(|()| match &case.script {
        Some(script) => script(&mut run).map(|()| None),
        None => run.table(),
    });
    // What was in the middle when the time was over proves nothing.
    let late = outcome.is_err() && subject.origin().is_over();
    run.clean_up();
    let evidence = run.into_evidence();
    if evidence.silent {
        silent.fetch_add(1, Ordering::Relaxed);
    } else {
        silent.store(0, Ordering::Relaxed);
    }
    if late {
        return result_of(case, case.level, Verdict::NotRun(OVER.to_owned()));
    }
    if evidence.inapplicable.is_none() {
        ledger.note(&evidence.breaches, || evidence.transcript.to_string());
    }
    let excuse = subject.deviations.iter().find(|deviation| deviation.case == case.name);
    let level = outcome.as_ref().err().and_then(|why| level_of(why)).unwrap_or(case.level);
    let verdict = match (outcome, excuse, evidence.inapplicable) {
        (_, _, Some(why)) => Verdict::NotApplicable(why),
        (Ok(None), None, _) => Verdict::Passed,
        (Ok(Some(note)), None, _) => Verdict::Tolerated(note),
        (Ok(_), Some(_), _) => Verdict::Failed("listed as a known deviation, but it passes".to_owned()),
        (Err(why), Some(deviation), _) => Verdict::Deviates(why, deviation.reason.clone()),
        (Err(why), None, _) => Verdict::Failed(why),
    };
    let exchange = if verdict == Verdict::Passed { String::new() } else { evidence.transcript.to_string() };
    CaseResult {
        exchange,
        lost_updates: evidence.lost,
        responses: evidence.recorded,
        took: began.elapsed(),
        ..result_of(case, level, verdict)
    }
}

/// The row that a message begins with says how grave it is.
fn level_of(message: &str) -> Option<Level> {
    rows::find(message.split(':').next()?).map(|row| row.strength.into())
}

#[cfg(test)]
mod tests;
