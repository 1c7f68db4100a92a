//! The register that a correct server is, and the search for an order that explains a history.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use super::record::{Event, What};

/// How many steps the search may take in all. Short histories need some thousands.
const STEPS: u64 = 200_000;
/// The longest history that is looked at: each operation is one bit of a situation.
const LONGEST: usize = 128;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Get,
    Put(u64),
    /// With `If-None-Match: *`.
    PutIfAbsent(u64),
    /// With the tag that stands for `held`.
    PutIfMatch {
        held: u64,
        number: u64,
    },
}

/// What the register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// GET shows this number.
    Shows(u64),
    /// GET shows that there is nothing.
    Nothing,
    /// GET shows something that has no number. The register never answers so.
    Strange,
    /// The PUT was performed.
    Done,
    /// The condition was false.
    Refused,
}

/// An operation and its place in the history, which makes it different from all others.
type Placed = (u32, Operation);

/// What was performed and what came of it: everything that the rest of the search depends on.
type Situation = (u128, Option<u64>);

/// What all steps of one search share.
#[derive(Debug)]
struct Search {
    left: Cell<u64>,
    /// The situations that were reached. A search that comes to one again has found nothing behind it the first time.
    reached: RefCell<HashSet<Situation>>,
}

/// A register that is absent or has a number.
#[derive(Clone, Debug)]
struct Reference<'a> {
    state: Option<u64>,
    performed: u128,
    search: &'a Search,
}

impl Reference<'_> {
    fn perform(&mut self, operation: Operation) -> Answer {
        let (holds, number) = match operation {
            Operation::Get => return self.state.map_or(Answer::Nothing, Answer::Shows),
            Operation::Put(number) => (true, number),
            Operation::PutIfAbsent(number) => (self.state.is_none(), number),
            Operation::PutIfMatch { held, number } => (self.state == Some(held), number),
        };
        if !holds {
            return Answer::Refused;
        }
        self.state = Some(number);
        Answer::Done
    }
}

impl SequentialSpec for Reference<'_> {
    type Op = Placed;
    type Ret = Answer;

    fn invoke(&mut self, &(place, operation): &Placed) -> Answer {
        self.performed |= 1_u128.checked_shl(place).unwrap_or_default();
        self.perform(operation)
    }

    /// When no steps are left nothing is valid, and so the search comes to an end.
    fn is_valid_step(&mut self, operation: &Placed, answer: &Answer) -> bool {
        let left = self.search.left.get();
        self.search.left.set(left.saturating_sub(1));
        if left == 0 || self.invoke(operation) != *answer {
            return false;
        }
        self.search.reached.borrow_mut().insert((self.performed, self.state))
    }
}

/// What the search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is an order that explains all answers.
    Linearizable,
    /// There is none for the events up to this one.
    Broken { at: usize },
    /// The steps did not suffice.
    Undecided,
}

/// Looks for an order, for one answer more at a time: the shortest history that cannot be explained says most.
///
/// A history of more than [`LONGEST`] operations is undecided, unless it is broken before.
pub(super) fn check(start: Option<u64>, events: &[Event]) -> Verdict {
    let search = Search { left: Cell::new(STEPS), reached: RefCell::default() };
    let mut tester = LinearizabilityTester::new(Reference { state: start, performed: 0, search: &search });
    // An operation without an answer stays open for ever, so its client goes on under another name.
    let mut next_name = events.iter().map(|event| event.client + 1).max().unwrap_or_default();
    let mut names: Vec<usize> = (0..next_name).collect();
    let mut places = 0_u32..;
    for (at, event) in events.iter().enumerate() {
        let Some(name) = names.get_mut(event.client) else { continue };
        let fed = match &event.what {
            What::Invoked(operation) if !left_out(events, at) => match places.next() {
                Some(place) if (place as usize) < LONGEST => tester.on_invoke(*name, (place, *operation)).map(drop),
                _ => return Verdict::Undecided,
            },
            What::Returned(answer) => {
                let fed = tester.on_return(*name, *answer).map(drop);
                search.reached.borrow_mut().clear();
                if fed.is_ok() && !tester.is_consistent() {
                    return if search.left.get() == 0 { Verdict::Undecided } else { Verdict::Broken { at } };
                }
                fed
            }
            What::Unknown => {
                *name = next_name;
                next_name += 1;
                Ok(())
            }
            What::Invoked(_) | What::LeftOut => Ok(()),
        };
        // The record has one answer for each request of a client; if it had not, nothing could be said.
        if fed.is_err() {
            return Verdict::Undecided;
        }
    }
    Verdict::Linearizable
}

/// Whether the operation that begins here had no effect and told nothing.
fn left_out(events: &[Event], at: usize) -> bool {
    let mut following = events.iter().skip(at);
    let client = following.next().map(|event| event.client);
    let end = following.find(|event| Some(event.client) == client);
    end.is_some_and(|event| event.what == What::LeftOut)
}
