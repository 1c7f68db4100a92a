//! Steps, what became of them, and the table at the end.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// One check.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn() -> Outcome,
}

/// What became of a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It passed. What could not be tried in it is listed.
    Passed(Vec<String>),
    Failed(String),
    /// Nothing of it could be tried, because this machine lacks something.
    Skipped(String),
}

impl Outcome {
    /// Goes on with the next part, unless this one has failed already.
    pub(crate) fn and(self, next: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Passed(mut before) => match next() {
                Self::Passed(notes) => {
                    before.extend(notes);
                    Self::Passed(before)
                }
                other => other,
            },
            other => other,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        if matches!(self, Self::Failed(_)) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Runs all steps, also after one that failed, and says how each went.
pub(crate) fn run_all(steps: &[Step]) -> ExitCode {
    let begun = Instant::now();
    let mut done = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        println!("{}", bold(&format!("== {} ({} of {}): {}", step.name, index + 1, steps.len(), step.about)));
        let start = Instant::now();
        let outcome = (step.run)();
        let time = start.elapsed();
        match &outcome {
            Outcome::Passed(_) => println!("-- {}: passed in {}\n", step.name, seconds(time)),
            Outcome::Failed(why) => println!("-- {}: FAILED in {}: {why}\n", step.name, seconds(time)),
            Outcome::Skipped(why) => println!("SKIPPED: {why}\n"),
        }
        done.push((*step, outcome, time));
    }
    summary(&done, begun.elapsed());
    if done.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn summary(done: &[(Step, Outcome, Duration)], time: Duration) {
    println!("{}", bold("== summary"));
    for (step, outcome, time) in done {
        let (result, why) = match outcome {
            Outcome::Passed(_) => ("passed", ""),
            Outcome::Failed(why) => ("FAILED", why.as_str()),
            Outcome::Skipped(why) => ("SKIPPED", why.as_str()),
        };
        println!("{}", format!("{:<10} {result:<8} {:>11}  {why}", step.name, seconds(*time)).trim_end());
    }
    println!("{:<10} {:<8} {:>11}", "all", "", seconds(time));
    for (step, outcome, _) in done {
        if let Outcome::Passed(notes) = outcome {
            for note in notes {
                println!("SKIPPED in {}: {note}", step.name);
            }
        }
    }
    println!("{}", totals(done.iter().map(|(_, outcome, _)| outcome)));
}

/// The last line.
fn totals<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for outcome in outcomes {
        match outcome {
            Outcome::Passed(_) => passed += 1,
            Outcome::Failed(_) => failed += 1,
            Outcome::Skipped(_) => skipped += 1,
        }
    }
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    format!("{passed} passed, {failed} failed{skipped}")
}

fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} min {:>2} s", whole / 60, whole % 60) }
}

fn bold(text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed() -> Outcome {
        Outcome::Passed(Vec::new())
    }

    #[test]
    fn the_last_line_counts_the_steps() {
        let (failed, skipped) = (Outcome::Failed("it broke".to_owned()), Outcome::Skipped("it is not here".to_owned()));
        assert_eq!(totals([&passed(), &passed()].into_iter()), "2 passed, 0 failed");
        assert_eq!(totals([&passed(), &failed].into_iter()), "1 passed, 1 failed");
        assert_eq!(totals([&passed(), &failed, &skipped].into_iter()), "1 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_failure_ends_a_step_and_notes_add_up() {
        let note = |text: &str| Outcome::Passed(vec![text.to_owned()]);
        assert_eq!(note("a").and(|| note("b")), Outcome::Passed(vec!["a".to_owned(), "b".to_owned()]));
        let failed = || Outcome::Failed("it broke".to_owned());
        assert_eq!(note("a").and(failed), failed());
        assert_eq!(failed().and(|| unreachable!("it has failed already")), failed());
    }
}
