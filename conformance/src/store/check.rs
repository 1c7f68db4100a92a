//! Asking every rule, and what came of it.

use std::fmt;
use std::sync::Arc;

use futures_channel::oneshot;

use super::driver::within;
use super::rules::{Rule, rules};
use super::{Complaint, Kept, Place};

/// What came of one rule.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The group and name of the rule: `writes::creates_when_absent`.
    pub rule: &'static str,
    /// Whether it is kept.
    pub kept: Kept,
}

/// What came of every rule, in the order of [`rules`].
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One entry for each rule.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// Whether no rule is broken. Rules that were not tried are in [`not_tried`](Self::not_tried).
    pub fn is_kept(&self) -> bool {
        self.broken().next().is_none()
    }

    /// The rules that are broken, and how.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.verdicts.iter().filter_map(|verdict| match &verdict.kept {
            Err(Complaint::Broken(why)) => Some((verdict.rule, why.as_str())),
            _ => None,
        })
    }

    /// The rules that were not tried, and what the place would have to do for them.
    pub fn not_tried(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.verdicts.iter().filter_map(|verdict| match &verdict.kept {
            Err(Complaint::NotTried(why)) => Some((verdict.rule, why.as_str())),
            _ => None,
        })
    }
}

/// A line for each rule that is broken or was not tried, and a sum.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rule, why) in self.broken() {
            writeln!(f, "BROKEN: {rule}\n    {why}")?;
        }
        for (rule, why) in self.not_tried() {
            writeln!(f, "not tried: {rule}\n    {why}")?;
        }
        let (broken, not_tried) = (self.broken().count(), self.not_tried().count());
        let kept = self.verdicts.len() - broken - not_tried;
        write!(f, "{} rules: {kept} kept, {not_tried} not tried, {broken} broken", self.verdicts.len())
    }
}

/// Asks every rule, each of a fresh place.
///
/// A rule that does not end within the [patience](Place::patience) of its place is broken, and its task is left alone:
/// what wedged the store cannot be taken back. A store that panics breaks the rule that was being asked.
pub async fn check<P: Place>(fresh: impl Fn() -> P) -> Report {
    check_only(fresh, |_| true).await
}

/// Asks the rules whose name is wanted.
pub async fn check_only<P: Place>(fresh: impl Fn() -> P, wanted: impl Fn(&str) -> bool) -> Report {
    let mut report = Report::default();
    for rule in rules::<P>().into_iter().filter(|rule| wanted(rule.name)) {
        report.verdicts.push(Verdict { rule: rule.name, kept: ask(&rule, fresh()).await });
    }
    report
}

async fn ask<P: Place>(rule: &Rule<P>, place: P) -> Kept {
    let (patience, ask, place) = (place.patience(), rule.ask, Arc::new(place));
    let (done, answer) = oneshot::channel();
    let asked = Arc::clone(&place);
    place.spawn(Box::pin(async move {
        let kept = ask(&asked).await;
        // Before the answer, so that the next rule finds what this one held given back.
        drop(asked);
        drop(done.send(kept));
    }));
    drop(place);
    match within(patience, answer).await {
        Some(Ok(kept)) => kept,
        Some(Err(_)) => Err(Complaint::broken("the store panicked, or the task was given up")),
        None => Err(Complaint::Broken(format!("the store is wedged: no end after {patience:?}"))),
    }
}
