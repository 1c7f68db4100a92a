//! What happened, in the order in which it happened.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::reference::{Answer, Operation};

/// The beginning or the end of an operation.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: Duration,
    pub(super) client: usize,
    pub(super) what: What,
    /// What was sent or came back, for a person.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The request is about to be written.
    Invoked(Operation),
    /// The answer has been read.
    Returned(Answer),
    /// The operation is over. It changed nothing, and its answer says nothing about the register.
    LeftOut,
    /// Nobody knows whether the operation was performed, or will be.
    Unknown,
}

/// The events of all clients. Their order is the order in which the clients got the lock: what is noted before a request
/// is written and after an answer is read can make an operation look longer, and never shorter.
pub(super) struct Record {
    began: Instant,
    events: Mutex<Vec<Event>>,
}

impl Record {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), events: Mutex::new(Vec::new()) }
    }

    pub(super) fn note(&self, client: usize, what: What, text: String) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(Event { at: self.began.elapsed(), client, what, text });
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn into_events(self) -> Vec<Event> {
        self.events.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line for each event, with the state at the beginning above and what was never answered below its request.
pub(super) fn timeline(start: Option<u64>, events: &[Event]) -> Vec<String> {
    let first = match start {
        Some(number) => format!("at first the resource shows {number}"),
        None => "at first the resource is absent".to_owned(),
    };
    let mut lines = vec![first];
    for event in events {
        let mut line = format!("{:>9.3} ms  client {}  ", event.at.as_secs_f64() * 1000.0, event.client);
        let mark = if matches!(event.what, What::Invoked(_)) { '>' } else { '<' };
        // Writing to a String does not fail.
        let _ = write!(line, "{mark} {}", event.text);
        lines.push(line);
    }
    lines
}
