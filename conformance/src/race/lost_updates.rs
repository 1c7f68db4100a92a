//! How often both of two writers are told that they won.

use std::ops::AddAssign;
use std::time::Instant;

use super::Register;
use super::failure::{Exchange, Failure, Kind, Seen};
use super::line::{Entry, Line, race};
use super::register::Present;

/// So many rounds without answers in a row, and the rest is not tried.
const PATIENCE: usize = 5;

/// What came of many rounds of two writers.
///
/// Every round is one of the four: `rounds` is the sum of `one_won`, `both_won`, `none_won` and `troubled`. Counts of
/// several resources are added with `+=`.
///
/// ```
/// use put_conformance::race::LostUpdates;
///
/// let mut sum = LostUpdates { rounds: 2, one_won: 2, ..LostUpdates::default() };
/// sum += LostUpdates { rounds: 3, one_won: 1, both_won: 2, ..LostUpdates::default() };
/// assert_eq!((sum.rounds, sum.one_won, sum.both_won), (5, 3, 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostUpdates {
    /// How many rounds were run; less than asked for when the time was over or the server no longer answered.
    pub rounds: usize,
    /// One writer was told that it wrote, the other one was refused.
    pub one_won: usize,
    /// Both were told that they wrote, and one of the writes is gone: a lost update.
    pub both_won: usize,
    /// Both were refused.
    pub none_won: usize,
    /// A request got no answer, or one that does not say what happened (5xx, except 503).
    pub troubled: usize,
    /// Of the rounds that one writer won, those after which GET shows something else.
    pub not_shown: usize,
    /// The first round in which something was lost or not shown.
    pub first: Option<Failure>,
}

impl AddAssign for LostUpdates {
    fn add_assign(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.one_won += other.one_won;
        self.both_won += other.both_won;
        self.none_won += other.none_won;
        self.troubled += other.troubled;
        self.not_shown += other.not_shown;
        self.first = self.first.take().or(other.first);
    }
}

/// Lets two writers race in many rounds, both with If-Match of the tag that GET shows at that moment, and counts.
///
/// What is lost is no error of this function: it is counted, and the first case is in [`LostUpdates::first`]. An error is
/// always of the kind [`Kind::NotRun`] or [`Kind::Unanswered`]. The connections are kept, so that thousands of rounds
/// take seconds.
///
/// ```no_run
/// # fn look(register: &put_conformance::race::Register) -> Result<(), put_conformance::race::Failure> {
/// let count = put_conformance::race::lost_updates(register, 2000)?;
/// println!("{} of {} updates lost", count.both_won, count.rounds);
/// # Ok(())
/// # }
/// ```
pub fn lost_updates(register: &Register, rounds: usize) -> Result<LostUpdates, Failure> {
    let deadline = Instant::now() + register.race_limit;
    let mut reader = Line::new(register);
    let mut writers = [Line::new(register), Line::new(register)];
    let mut present = register.prepare(&mut reader)?;
    present.strong_tag()?;
    let mut count = LostUpdates::default();
    let mut in_a_row = 0;
    while count.rounds < rounds && in_a_row < PATIENCE && Instant::now() < deadline {
        // A server may stop showing tags, or anything, in the middle. What was counted until then stays true.
        let Ok(tag) = present.strong_tag() else { break };
        let numbers = [present.next(0), present.next(1)];
        let entries: Vec<Entry> =
            numbers.iter().map(|number| (register.put(*number).field("If-Match", tag), Some(*number))).collect();
        let exchanges = race(register, &mut writers, &entries);
        let shown = register.show(&mut reader);
        let troubled = count.add(numbers, &exchanges, shown.as_ref().ok());
        in_a_row = if troubled { in_a_row + 1 } else { 0 };
        present = match shown.as_ref().ok().and_then(Present::of) {
            Some(present) => present,
            None => match register.prepare(&mut reader) {
                Ok(present) => present,
                Err(_) => break,
            },
        };
    }
    Ok(count)
}

impl LostUpdates {
    /// Counts one round and says whether it was troubled.
    fn add(&mut self, numbers: [u64; 2], exchanges: &[Exchange], shown: Option<&Seen>) -> bool {
        self.rounds += 1;
        let fail = |kind, sentence: String| {
            let after = shown.map(|seen| Exchange { client: 3, request: "GET".to_owned(), answer: Ok(seen.clone()) });
            Failure::new(kind, sentence).with(exchanges).with(after.as_slice())
        };
        let winners: Vec<u64> =
            exchanges.iter().zip(numbers).filter(|(one, _)| one.won()).map(|(_, number)| number).collect();
        let unclear = exchanges.iter().any(|one| one.status().is_none_or(|status| status >= 500 && status != 503));
        match winners.as_slice() {
            [_, _] => {
                self.both_won += 1;
                let sentence =
                    format!("two writers with one tag were both told that they wrote, in round {}", self.rounds);
                self.first.get_or_insert_with(|| fail(Kind::LostUpdate, sentence));
            }
            _ if unclear || shown.is_none() => self.troubled += 1,
            [winner] => {
                self.one_won += 1;
                if shown.is_some_and(|seen| seen.status != 200 || seen.number != Some(*winner)) {
                    self.not_shown += 1;
                    let sentence =
                        format!("GET does not show {winner}, which the only winner of round {} wrote", self.rounds);
                    self.first.get_or_insert_with(|| fail(Kind::NotShown, sentence));
                }
            }
            _ => self.none_won += 1,
        }
        unclear || shown.is_none()
    }
}
