//! One client of a history: what it knows, what it does next, and what the answers mean.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};

use super::super::Register;
use super::super::failure::{Seen, describe};
use super::super::line::Line;
use super::super::register::Present;
use super::Plan;
use super::record::{Event, Record, What};
use super::reference::{Answer, Operation};
use crate::http::Trouble;

/// So many writes without an answer, and no client goes on: each of them doubles the work of the search.
const OPEN: usize = 3;

/// What all clients of one history share.
pub(super) struct Shared<'a> {
    register: &'a Register,
    plan: &'a Plan,
    start: Barrier,
    record: Record,
    /// The next number that nobody has written yet.
    next: AtomicU64,
    /// How many writes had no answer.
    open: AtomicUsize,
    tags: Mutex<Tags>,
}

/// Which number a tag stands for.
#[derive(Default)]
struct Tags {
    known: BTreeMap<String, u64>,
    /// A tag that stood for two of them.
    reused: Option<String>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(register: &'a Register, plan: &'a Plan, start: Option<&Present>) -> Self {
        let shared = Self {
            register,
            plan,
            start: Barrier::new(plan.threads),
            record: Record::new(),
            next: AtomicU64::new(start.map_or(1, |present| present.next(0))),
            open: AtomicUsize::new(0),
            tags: Mutex::default(),
        };
        if let Some(Present { number, tag: Some(tag) }) = start {
            shared.learn(tag, *number);
        }
        shared
    }

    /// The events, and a tag that stood for two numbers, if there was one.
    pub(super) fn into_events(self) -> (Vec<Event>, Option<String>) {
        let tags = self.tags.into_inner().unwrap_or_else(PoisonError::into_inner);
        (self.record.into_events(), tags.reused)
    }

    fn learn(&self, tag: &str, number: u64) {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let known = *tags.known.entry(tag.to_owned()).or_insert(number);
        if known != number {
            tags.reused.get_or_insert_with(|| tag.to_owned());
        }
    }

    fn fresh(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn over(&self) -> bool {
        self.open.load(Ordering::Relaxed) >= OPEN || self.record.elapsed() > self.register.race_limit
    }
}

/// One client.
pub(super) struct Client<'a> {
    shared: &'a Shared<'a>,
    number: usize,
    line: Line<'a>,
    dice: Dice,
    /// The tags that this client has seen, the latest at the end, each with its number.
    held: Vec<(String, u64)>,
}

impl<'a> Client<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, number: usize) -> Self {
        let dice = Dice(shared.plan.seed.wrapping_mul(0x1000).wrapping_add(number as u64));
        Self { shared, number, line: Line::new(shared.register), dice, held: Vec::new() }
    }

    pub(super) fn run(mut self) {
        self.shared.start.wait();
        for _ in 0..self.shared.plan.operations {
            if self.shared.over() {
                break;
            }
            let (operation, tag) = self.choose();
            self.perform(operation, tag.as_deref());
        }
    }

    /// Most often a GET, or a PUT with the latest tag: where two clients hold one tag, something can go wrong.
    fn choose(&mut self) -> (Operation, Option<String>) {
        let creates = self.shared.plan.creates;
        let roll = self.dice.below(20);
        let latest = self.held.len().saturating_sub(1);
        let wanted = match roll {
            0..=6 => return (Operation::Get, None),
            7..=9 => return (Operation::Put(self.shared.fresh()), None),
            10..=11 if creates => return (Operation::PutIfAbsent(self.shared.fresh()), None),
            12..=13 => self.dice.below(latest.max(1)),
            _ => latest,
        };
        match self.held.get(wanted).cloned() {
            Some((tag, held)) => (Operation::PutIfMatch { held, number: self.shared.fresh() }, Some(tag)),
            // At the beginning nobody holds a tag, and creators may meet.
            None if creates && roll.is_multiple_of(2) => (Operation::PutIfAbsent(self.shared.fresh()), None),
            None => (Operation::Get, None),
        }
    }

    fn perform(&mut self, operation: Operation, tag: Option<&str>) {
        let register = self.shared.register;
        let (request, number) = match operation {
            Operation::Get => (register.get(), None),
            Operation::Put(number) => (register.put(number), Some(number)),
            Operation::PutIfAbsent(number) => (register.put(number).field("If-None-Match", "*"), Some(number)),
            Operation::PutIfMatch { number, .. } => {
                (register.put(number).field("If-Match", tag.unwrap_or_default()), Some(number))
            }
        };
        let mut text = describe(&request, number);
        if let Operation::PutIfMatch { held, .. } = operation {
            text = format!("{text}, the tag of {held}");
        }
        self.shared.record.note(self.number, What::Invoked(operation), text);
        let answer = self.line.ask(&request).map(|response| Seen::new(register, &response));
        let text = match &answer {
            Ok(seen) => seen.to_string(),
            Err(trouble) => trouble.to_string(),
        };
        let what = meaning(operation, &answer);
        if what == What::Unknown {
            self.shared.open.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.record.note(self.number, what, text);
        if let Ok(Seen { tag: Some(tag), .. }) = &answer {
            self.remember(tag, what, number);
        }
    }

    /// A strong tag that came with a number stands for it from now on.
    fn remember(&mut self, tag: &str, what: What, written: Option<u64>) {
        let number = match what {
            What::Returned(Answer::Shows(shown)) => shown,
            What::Returned(Answer::Done) => match written {
                Some(written) => written,
                None => return,
            },
            _ => return,
        };
        if !tag.starts_with("W/") {
            self.shared.learn(tag, number);
            self.held.push((tag.to_owned(), number));
        }
    }
}

/// What an answer says about the register.
pub(super) fn meaning(operation: Operation, answer: &Result<Seen, Trouble>) -> What {
    let conditional = matches!(operation, Operation::PutIfAbsent(_) | Operation::PutIfMatch { .. });
    match (operation, answer) {
        (Operation::Get, Ok(seen)) if seen.is_absent() => What::Returned(Answer::Nothing),
        (Operation::Get, Ok(Seen { status: 200, number: Some(number), .. })) => What::Returned(Answer::Shows(*number)),
        (Operation::Get, Ok(Seen { status: 200, .. })) => What::Returned(Answer::Strange),
        (Operation::Get, _) | (_, Err(Trouble::Connect(_))) => What::LeftOut,
        // 202 says that it will be performed, or not.
        (_, Ok(Seen { status: 202, .. })) => What::Unknown,
        (_, Ok(seen)) if seen.is_success() => What::Returned(Answer::Done),
        (_, Ok(Seen { status: 412, .. })) if conditional => What::Returned(Answer::Refused),
        (_, Ok(seen)) if seen.status < 500 => What::LeftOut,
        _ => What::Unknown,
    }
}

/// Small random numbers that a seed decides (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).unwrap_or_default()
    }
}
