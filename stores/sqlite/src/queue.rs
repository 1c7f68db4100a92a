//! The bounded queue in front of the writer: many threads put changes in, one takes all that wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};

use futures_channel::oneshot;
use put_core::change::Change;
use put_core::store::{Deletion, Key, Meters, Outcome, Removal, StoreError};
use put_core::{Caller, Precondition};

use crate::schema::Table;
use crate::trouble::Trouble;
use crate::within::Hook;

/// What the queue and the writer count.
pub(crate) const METERS: Meters = Meters::of("sqlite");

/// Changes that go into one transaction. More would make the first of them wait for the last.
const BATCH: usize = 512;
/// Octets of new states that go into one transaction, so that the write-ahead log stays small.
const BATCH_OCTETS: usize = 8 * 1024 * 1024;

/// Octets of new states that may wait: what waits is in memory.
const WAITING_OCTETS: usize = 64 * 1024 * 1024;

/// A change that waits for the writer.
pub(crate) struct Job {
    pub(crate) table: Arc<Table>,
    pub(crate) key: Key,
    pub(crate) work: Work,
    /// What the application writes with it.
    pub(crate) within: Option<Hook>,
}

pub(crate) enum Work {
    Put { change: Change, precondition: Precondition, reply: Sender<Outcome> },
    Delete { removal: Removal, reply: Sender<Deletion> },
}

pub(crate) type Sender<T> = oneshot::Sender<Result<T, StoreError>>;

impl Job {
    fn octets(&self) -> usize {
        match &self.work {
            Work::Put { change, .. } => change.created().len(),
            Work::Delete { .. } => 0,
        }
    }

    /// Who makes the change, where the endpoint says what a caller is.
    pub(crate) fn caller(&self) -> Option<&Caller> {
        match &self.work {
            Work::Put { change, .. } => change.caller(),
            Work::Delete { removal, .. } => removal.caller(),
        }
    }

    /// Answers with this error. That nobody may wait for it any more is no matter.
    pub(crate) fn fail(self, error: StoreError) {
        match self.work {
            Work::Put { reply, .. } => drop(reply.send(Err(error))),
            Work::Delete { reply, .. } => drop(reply.send(Err(error))),
        }
    }
}

pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    limit: usize,
    /// The thread that takes.
    writer: OnceLock<ThreadId>,
}

struct Waiting {
    jobs: VecDeque<Job>,
    octets: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Nothing more is accepted; what was accepted is still done.
    Closed,
    /// The writer is gone.
    Stopped,
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        let waiting = Waiting { jobs: VecDeque::new(), octets: 0, state: State::Open };
        Self { waiting: Mutex::new(waiting), arrived: Condvar::new(), limit, writer: OnceLock::new() }
    }

    /// Accepts a job, or says why not. A job that is accepted is always answered.
    pub(crate) fn push(&self, job: Job) -> Result<(), Trouble> {
        if self.writer.get() == Some(&thread::current().id()) {
            return Err(Trouble::FromWithin);
        }
        let octets = job.octets();
        let mut waiting = self.lock();
        match (waiting.state, waiting.jobs.len()) {
            (State::Closed, _) => return Err(Trouble::Closed),
            (State::Stopped, _) => return Err(Trouble::Stopped),
            // One change is accepted whatever its size, or it never would be.
            (State::Open, length)
                if length >= self.limit || (length > 0 && waiting.octets + octets > WAITING_OCTETS) =>
            {
                drop(waiting);
                METERS.refused();
                return Err(Trouble::QueueFull(length));
            }
            (State::Open, _) => waiting.jobs.push_back(job),
        }
        waiting.octets += octets;
        let first = waiting.jobs.len() == 1;
        drop(waiting);
        // The writer sleeps only on an empty queue.
        if first {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Says that this thread is the one that takes.
    pub(crate) fn is_taken_here(&self) {
        // There is one, which says so once.
        let _ = self.writer.set(thread::current().id());
    }

    /// Waits for the next batch; `false` when the queue is closed and empty.
    pub(crate) fn take(&self, batch: &mut Vec<Job>) -> bool {
        let mut waiting = self.lock();
        while waiting.jobs.is_empty() {
            if waiting.state != State::Open {
                return false;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let length = waiting.jobs.len();
        let mut octets = 0;
        while batch.len() < BATCH && octets < BATCH_OCTETS {
            let Some(job) = waiting.jobs.pop_front() else { break };
            octets += job.octets();
            batch.push(job);
        }
        waiting.octets = waiting.octets.saturating_sub(octets);
        drop(waiting);
        METERS.waiting(length);
        true
    }

    /// Accepts nothing from now on.
    pub(crate) fn close(&self) {
        let mut waiting = self.lock();
        if waiting.state == State::Open {
            waiting.state = State::Closed;
        }
        drop(waiting);
        self.arrived.notify_all();
    }

    /// The writer is gone: what still waits is answered with an error. After an orderly end nothing does.
    pub(crate) fn stop(&self) {
        let mut waiting = self.lock();
        if waiting.state == State::Open {
            waiting.state = State::Stopped;
        }
        let left = std::mem::take(&mut waiting.jobs);
        drop(waiting);
        for job in left {
            job.fail(Trouble::Stopped.into());
        }
    }

    // No user code runs under this lock, so a poisoned one would still hold a queue that is whole.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
