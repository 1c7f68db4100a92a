//! The bounded queue in front of a table: many requests put changes in, one task takes all that wait.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_channel::oneshot;
use put_core::Precondition;
use put_core::change::Change;
use put_core::store::{Key, Meters, StoreError};
use tokio::sync::Notify;

use crate::step::Verdict;
use crate::trouble::Trouble;

/// What the queue and the batches count.
pub(crate) const METERS: Meters = Meters::of("postgres");

/// Changes that go into one statement. More would make the first of them wait for the last.
const BATCH: usize = 512;
/// Octets of new states that go into one statement.
const BATCH_OCTETS: usize = 4 * 1024 * 1024;
/// Octets of new states that may wait: what waits is in memory.
const WAITING_OCTETS: usize = 64 * 1024 * 1024;

/// A change that waits, or is under way.
pub(crate) struct Job {
    pub(crate) key: Key,
    pub(crate) change: Change,
    pub(crate) precondition: Precondition,
    /// When it was accepted.
    pub(crate) since: Instant,
    reply: oneshot::Sender<Result<Verdict, StoreError>>,
    /// Given back when it is answered.
    _room: Room,
}

/// What a change takes of the room that there is for all of them, from when it is accepted until it is answered.
struct Room {
    taken: Arc<Taken>,
    octets: usize,
}

#[derive(Default)]
struct Taken {
    jobs: AtomicUsize,
    octets: AtomicUsize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.jobs.fetch_sub(1, Ordering::Relaxed);
        self.taken.octets.fetch_sub(self.octets, Ordering::Relaxed);
    }
}

/// How the answer comes.
pub(crate) type Answer = oneshot::Receiver<Result<Verdict, StoreError>>;

impl Job {
    /// Answers. That nobody may wait for it any more is no matter: the client left, the change stays.
    pub(crate) fn answer(self, verdict: Result<Verdict, Trouble>) {
        drop(self.reply.send(verdict.map_err(StoreError::from)));
    }

    pub(crate) fn octets(&self) -> usize {
        self.change.created().len()
    }
}

#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    taken: Arc<Taken>,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    /// Accepts a change, or says why not. One that is accepted is always answered.
    pub(crate) fn push(
        &self,
        (key, change, precondition): (Key, Change, Precondition),
        limit: usize,
    ) -> Result<Answer, Trouble> {
        let octets = change.created().len();
        let (reply, answer) = oneshot::channel();
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(Trouble::Stopped);
        }
        let (jobs, before) = (self.taken.jobs.load(Ordering::Relaxed), self.taken.octets.load(Ordering::Relaxed));
        // One change is accepted whatever its size, or it never would be.
        if jobs >= limit || (jobs > 0 && before + octets > WAITING_OCTETS) {
            drop(waiting);
            METERS.refused();
            return Err(Trouble::QueueFull(jobs));
        }
        self.taken.jobs.fetch_add(1, Ordering::Relaxed);
        self.taken.octets.fetch_add(octets, Ordering::Relaxed);
        let room = Room { taken: Arc::clone(&self.taken), octets };
        let first = waiting.jobs.is_empty();
        waiting.jobs.push_back(Job { key, change, precondition, since: Instant::now(), reply, _room: room });
        drop(waiting);
        // The task sleeps only on an empty queue.
        if first {
            self.arrived.notify_one();
        }
        Ok(answer)
    }

    /// Waits for the next batch: all that waits now. `None` when the queue is closed and empty.
    pub(crate) async fn take(&self) -> Option<Vec<Job>> {
        loop {
            {
                let mut waiting = self.lock();
                let length = waiting.jobs.len();
                let (mut batch, mut octets) = (Vec::new(), 0);
                while batch.len() < BATCH && octets < BATCH_OCTETS {
                    let Some(job) = waiting.jobs.pop_front() else { break };
                    octets += job.octets();
                    batch.push(job);
                }
                if !batch.is_empty() {
                    drop(waiting);
                    METERS.waiting(length);
                    return Some(batch);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.arrived.notified().await;
        }
    }

    /// Accepts nothing from now on; what was accepted is still done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    // No user code runs under this lock, so a poisoned one would still hold a queue that is whole.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
