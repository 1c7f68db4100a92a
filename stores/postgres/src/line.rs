//! What the batches of one table know of each other: which rows somebody else has locked, and who waits for them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use put_core::store::Key;
use tokio::sync::Semaphore;
use tokio::task::spawn_local;
use tokio::time::timeout;

use crate::batch::fail;
use crate::ordered::ordered;
use crate::queue::Job;
use crate::store::Shared;
use crate::trouble::Trouble;

/// What the batches of one table know of each other.
pub(crate) struct Line {
    pub(crate) shared: Arc<Shared>,
    /// The changes of rows that somebody else has locked. Each row has one task, which waits for the lock; what comes
    /// later for the same row waits behind it, and not with a batch.
    locked: RefCell<HashMap<Key, Vec<Job>>>,
    /// How many transactions with the application's own statements may run at once.
    pub(crate) applications: Semaphore,
}

impl Line {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let applications = Semaphore::new((shared.connections.most() / 2).max(1));
        Self { shared, locked: RefCell::default(), applications }
    }

    /// Puts the changes of rows that are known to be locked behind those that wait for them already.
    pub(crate) fn behind_the_locked(&self, jobs: Vec<Job>) -> Vec<Job> {
        let mut locked = self.locked.borrow_mut();
        if locked.is_empty() {
            return jobs;
        }
        let mut left = Vec::with_capacity(jobs.len());
        for job in jobs {
            match locked.get_mut(&job.key) {
                Some(waiting) => waiting.push(job),
                None => left.push(job),
            }
        }
        left
    }

    /// Lets these changes, all of one row, wait for its lock.
    pub(crate) fn wait(self: &Rc<Self>, jobs: Vec<Job>) {
        let Some(key) = jobs.first().map(|job| job.key.clone()) else { return };
        match self.locked.borrow_mut().entry(key.clone()) {
            Entry::Occupied(mut waiting) => return waiting.get_mut().extend(jobs),
            Entry::Vacant(place) => drop(place.insert(Vec::new())),
        }
        let line = Rc::clone(self);
        spawn_local(async move {
            let mut jobs = jobs;
            let _gone = Gone(&line, &key);
            while !jobs.is_empty() {
                match timeout(line.shared.connections.limit(), line.shared.waits.acquire()).await {
                    // A patient one leaves nothing.
                    Ok(Ok(_turn)) => drop(ordered(&line.shared, jobs, true).await),
                    _ => fail(jobs, &Trouble::Outrun),
                }
                jobs = line.locked.borrow_mut().get_mut(&key).map(std::mem::take).unwrap_or_default();
            }
        });
    }
}

/// However the task of a locked row ends, nobody waits behind it any longer.
struct Gone<'l>(&'l Line, &'l Key);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.locked.borrow_mut().remove(self.1);
    }
}
