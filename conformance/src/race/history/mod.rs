//! Random operations of several clients, and whether one register can have given the answers.
//!
//! A history is linearizable when its operations can be put into one order such that every operation lies between its
//! request and its answer, and every answer is the one that a register gives which performs them in this order. The
//! search for the order is the work of `stateright`; here are the register and what the answers mean for it:
//!
//! - 200 to GET shows a number, 404 and 410 show that there is none;
//! - 2xx to a PUT: it was performed; 412: its condition was false;
//! - any other 3xx or 4xx: it was not performed, and nothing is learnt, so the operation is left out;
//! - 202, 5xx, or no answer: it may have been performed, or may still be. It stays open until the end of the history;
//! - a failed GET is left out.
//!
//! To a client a tag is opaque. Here one that came together with a number stands for this number, because every write of a
//! history writes another one.

mod client;
mod record;
mod reference;

#[cfg(test)]
mod tests;

use std::ops::AddAssign;
use std::time::Instant;

use self::client::{Client, Shared};
use self::record::{Event, What};
use self::reference::{Verdict, check};
use super::Register;
use super::failure::{Failure, Kind};
use super::line::Line;
use super::register::Present;

/// What the clients of a history do.
///
/// ```
/// use put_conformance::race::Plan;
///
/// let plan = Plan { creates: false, seed: 7, ..Plan::default() };
/// assert_eq!((plan.threads, plan.operations), (4, 6));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many clients there are.
    pub threads: usize,
    /// How many operations each of them makes. Many short histories find more than a long one, in less time.
    pub operations: usize,
    /// Where the random choices begin. What the server does between them is not repeatable.
    pub seed: u64,
    /// Whether PUT creates: the history may begin with an absent resource and has PUTs with `If-None-Match: *`.
    pub creates: bool,
}

impl Default for Plan {
    /// Four clients, six operations each, on a server that creates.
    fn default() -> Self {
        Self { threads: 4, operations: 6, seed: 0, creates: true }
    }
}

/// Histories that broke no rule.
///
/// ```
/// use put_conformance::race::Histories;
///
/// let mut sum = Histories { rounds: 1, operations: 24, ..Histories::default() };
/// sum += Histories { rounds: 1, operations: 20, unknown: 1, ..Histories::default() };
/// assert_eq!((sum.rounds, sum.operations, sum.unknown), (2, 44, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histories {
    /// How many histories were recorded.
    pub rounds: usize,
    /// How many requests were sent.
    pub operations: usize,
    /// How many PUTs were answered with success.
    pub written: usize,
    /// How many PUTs were answered with 412.
    pub refused: usize,
    /// How many requests had an answer that says nothing about the register.
    pub left_out: usize,
    /// How many PUTs had no answer, or a 5xx, so that nobody knows what they did.
    pub unknown: usize,
    /// How many histories were too hard to check in the steps that are allowed.
    pub undecided: usize,
}

impl AddAssign for Histories {
    fn add_assign(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.operations += other.operations;
        self.written += other.written;
        self.refused += other.refused;
        self.left_out += other.left_out;
        self.unknown += other.unknown;
        self.undecided += other.undecided;
    }
}

/// Records one history on each register, with another seed each, until the time limit of the first is over.
///
/// Fresh resources are best. On a server that creates nothing the same register may come again and again.
///
/// ```no_run
/// # use put_conformance::race::{self, Plan, Register};
/// # fn look(register: &Register) -> Result<(), race::Failure> {
/// let fresh = (0..50).map(|number| register.at(format!("/things/history-{number}")));
/// let histories = race::histories(fresh, &Plan::default())?;
/// println!("{} histories of one register", histories.rounds);
/// # Ok(())
/// # }
/// ```
pub fn histories(registers: impl IntoIterator<Item = Register>, plan: &Plan) -> Result<Histories, Failure> {
    let began = Instant::now();
    let mut limit = None;
    let mut sum = Histories::default();
    let mut plan = *plan;
    for register in registers {
        if began.elapsed() > *limit.get_or_insert(register.race_limit) {
            break;
        }
        sum += history(&register, &plan)?;
        plan.seed = plan.seed.wrapping_add(1);
    }
    Ok(sum)
}

/// Records one history on the register as it is now and checks that it is linearizable.
///
/// A failure of the kind [`Kind::NotLinearizable`] has the [timeline](Failure::timeline) up to the first answer that no
/// order of the operations explains. PUTs with If-Match are made where the server shows strong tags.
///
/// ```no_run
/// # use put_conformance::race::{self, Plan, Register};
/// # fn look(register: &Register) -> Result<(), race::Failure> {
/// if let Err(failure) = race::history(register, &Plan::default()) {
///     println!("{failure}");
/// }
/// # Ok(())
/// # }
/// ```
pub fn history(register: &Register, plan: &Plan) -> Result<Histories, Failure> {
    let start = begin(register, plan)?;
    let shared = Shared::new(register, plan, start.as_ref());
    std::thread::scope(|scope| {
        for client in 1..=plan.threads {
            let shared = &shared;
            scope.spawn(move || Client::new(shared, client).run());
        }
    });
    let (events, reused) = shared.into_events();
    let number = start.map(|present| present.number);
    if let Some(tag) = reused {
        let sentence = format!("the tag {tag} stood for two different contents");
        return Err(Failure { timeline: record::timeline(number, &events), ..Failure::new(Kind::TagReused, sentence) });
    }
    let mut found = count(&events);
    match check(number, &events) {
        Verdict::Linearizable => Ok(found),
        Verdict::Undecided => {
            found.undecided = 1;
            Ok(found)
        }
        Verdict::Broken { at } => {
            let mut timeline = record::timeline(number, events.get(..=at).unwrap_or(&events));
            if let Some(last) = timeline.last_mut() {
                last.push_str("   <- no order of the operations explains this");
            }
            let sentence = "the answers are not those of one register that performs the operations in some order";
            Err(Failure { timeline, ..Failure::new(Kind::NotLinearizable, sentence) })
        }
    }
}

/// The state in which the history begins: a number, or nothing where the server creates.
fn begin(register: &Register, plan: &Plan) -> Result<Option<Present>, Failure> {
    let mut line = Line::new(register);
    let found = register.show(&mut line)?;
    if found.is_absent() {
        return if plan.creates {
            Ok(None)
        } else {
            Err(Failure::new(
                Kind::NotRun,
                format!("there is nothing to write to: GET is answered with {}", found.status),
            ))
        };
    }
    register.prepare(&mut line).map(Some)
}

fn count(events: &[Event]) -> Histories {
    let mut found = Histories { rounds: 1, ..Histories::default() };
    for event in events {
        match &event.what {
            What::Invoked(_) => found.operations += 1,
            What::Returned(reference::Answer::Done) => found.written += 1,
            What::Returned(reference::Answer::Refused) => found.refused += 1,
            What::Returned(_) => {}
            What::LeftOut => found.left_out += 1,
            What::Unknown => found.unknown += 1,
        }
    }
    found
}
