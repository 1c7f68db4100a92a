//! The loop of every careful client: read, change, write with the tag, try again.

use std::time::{Duration, Instant};

use super::Register;
use super::failure::{Exchange, Failure, Kind, Seen, describe};
use super::line::Line;
use super::register::Present;

/// How often one increment is tried. With a fair server it needs about as many tries as there are clients.
const TRIES: usize = 2000;
/// How long a client waits that was told to come later.
const LATER: Duration = Duration::from_millis(5);

/// Increments that were all counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Increments {
    /// What the register showed before.
    pub before: u64,
    /// What it showed afterwards.
    pub after: u64,
    /// How many increments were acknowledged.
    pub acknowledged: u64,
    /// How many may have been made: their answers were lost.
    pub unknown: u64,
    /// How many tries were refused because somebody else was faster.
    pub refused: u64,
}

/// Lets clients add one, each several times, with GET and a PUT with If-Match: every acknowledged increment must count.
///
/// A refused try (412, 409, 429 or 503) is made again. Where answers are lost the final number may be greater by as many.
///
/// ```no_run
/// # fn look(register: &put_conformance::race::Register) -> Result<(), put_conformance::race::Failure> {
/// let counted = put_conformance::race::increments(register, 8, 10)?;
/// assert_eq!(counted.acknowledged, 80);
/// # Ok(())
/// # }
/// ```
pub fn increments(register: &Register, tasks: usize, each: usize) -> Result<Increments, Failure> {
    let mut line = Line::new(register);
    let start = register.prepare(&mut line)?;
    start.strong_tag()?;
    let deadline = Instant::now() + register.race_limit;
    let done: Vec<Task> = std::thread::scope(|scope| {
        let running: Vec<_> =
            (1..=tasks).map(|client| scope.spawn(move || Task::run(register, client, each, deadline))).collect();
        running.into_iter().map(|task| task.join().unwrap_or_default()).collect()
    });
    let after = register.show(&mut line)?;
    let Some(end) = Present::of(&after) else {
        return Err(Failure::new(Kind::NotShown, format!("GET after the increments shows no number: {after}")));
    };
    let counted = Increments {
        before: start.number,
        after: end.number,
        acknowledged: done.iter().map(|task| task.acknowledged).sum(),
        unknown: done.iter().map(|task| task.unknown).sum(),
        refused: done.iter().map(|task| task.refused).sum(),
    };
    judge(counted, &done, (tasks * each) as u64)
}

fn judge(counted: Increments, done: &[Task], wanted: u64) -> Result<Increments, Failure> {
    let Increments { before, after, acknowledged, unknown, .. } = counted;
    let strange: Vec<Exchange> = done.iter().filter_map(|task| task.stopped.clone()).collect();
    let made = after.wrapping_sub(before);
    if made < acknowledged || made > acknowledged + unknown {
        let sentence = format!(
            "{acknowledged} increments from {before} were acknowledged and {unknown} had no answer, but GET shows {after}"
        );
        return Err(Failure::new(Kind::Uncounted, sentence).with(&strange));
    }
    if let Some(stop) = strange.first() {
        let kind = if stop.answer.is_err() { Kind::Unanswered } else { Kind::WrongStatus };
        return Err(Failure::new(kind, format!("an increment could not go on after {}", stop.request)).with(&strange));
    }
    if acknowledged + unknown < wanted {
        let sentence = format!("only {acknowledged} of {wanted} increments came to an end in the time they had");
        return Err(Failure::new(Kind::NotRun, sentence));
    }
    Ok(counted)
}

/// What one client did.
#[derive(Default)]
struct Task {
    acknowledged: u64,
    unknown: u64,
    refused: u64,
    /// An answer after which it made no sense to go on.
    stopped: Option<Exchange>,
}

impl Task {
    fn run(register: &Register, client: usize, each: usize, deadline: Instant) -> Self {
        let mut task = Self::default();
        let mut line = Line::new(register);
        for _ in 0..each {
            if !task.increment(register, &mut line, client, deadline) {
                break;
            }
        }
        task
    }

    /// One increment. `false` says that the client should stop.
    fn increment(&mut self, register: &Register, line: &mut Line<'_>, client: usize, deadline: Instant) -> bool {
        for _ in 0..TRIES {
            if Instant::now() > deadline {
                return false;
            }
            let get = register.get();
            let answer = line.ask(&get).map(|response| Seen::new(register, &response));
            let tagged = answer.as_ref().ok().and_then(Present::of).and_then(|shown| Some((shown.number, shown.tag?)));
            let Some((number, tag)) = tagged else {
                if answer.as_ref().is_ok_and(|seen| later(seen.status)) {
                    std::thread::sleep(LATER);
                    continue;
                }
                self.stopped = Some(Exchange { client, request: describe(&get, None), answer });
                return false;
            };
            let next = number.wrapping_add(1);
            let put = register.put(next).field("If-Match", &tag);
            let answer = line.ask(&put).map(|response| Seen::new(register, &response));
            match &answer {
                Ok(seen) if seen.is_success() => {
                    self.acknowledged += 1;
                    return true;
                }
                Ok(Seen { status: 409 | 412, .. }) => self.refused += 1,
                Ok(seen) if later(seen.status) => {
                    self.refused += 1;
                    std::thread::sleep(LATER);
                }
                strange => {
                    // A server that failed, or did not answer, may have written all the same.
                    self.unknown += u64::from(strange.as_ref().map_or(true, |seen| seen.status >= 500));
                    self.stopped = Some(Exchange { client, request: describe(&put, Some(next)), answer });
                    return false;
                }
            }
        }
        false
    }
}

/// Whether the server asks to come later.
fn later(status: u16) -> bool {
    matches!(status, 429 | 503)
}
