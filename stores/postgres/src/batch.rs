//! Write coalescing: the changes that wait at one moment travel in one statement.
//!
//! **No timers.** A batch is what has queued while the last one ran, so a change that comes alone is sent at once. Only
//! when a batch takes long (somebody holds a lock, the disk is slow) does the next one start beside it.
//!
//! **A change that fails, fails alone.** A statement that fails has done nothing. It is run again in halves, until the one
//! change that is in the way is by itself; that one gets the answer.
//!
//! **A lock of somebody else's holds up only its own row.** A batch waits a tenth of a second for a row that is locked. Then
//! it goes on without that row, whose changes wait by themselves as long as a statement may take.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use put_core::store::Key;
use tokio::sync::Semaphore;
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

use crate::change::array;
use crate::connections::Session;
use crate::ordered::ordered;
use crate::queue::{Job, Queue};
use crate::refusal::refuse;
use crate::step::{How, Verdict, step};
use crate::store::Shared;
use crate::text::Text;
use crate::trouble::{Remedy, Trouble};

/// How often a change is tried again because another writer was faster, or because of a deadlock, before it locks what it
/// looks at, or gives up.
pub(crate) const TRIES: u32 = 5;
/// When the next batch starts although the last one is not done.
const PATIENCE: Duration = Duration::from_millis(50);
/// How many batches may run at once. Each has a connection.
const BATCHES: usize = 4;

/// The task of one table. It ends when the queue is closed and empty.
pub(crate) async fn serve(shared: Arc<Shared>, queue: Arc<Queue>) {
    let turns = Arc::new(Semaphore::new(BATCHES));
    while let Some(jobs) = queue.take().await {
        // The semaphore is never closed.
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let shared = Arc::clone(&shared);
        let batch = spawn_local(async move {
            run(&shared, jobs).await;
            drop(turn);
        });
        // Whether it is done or not, the next batch may begin.
        drop(timeout(PATIENCE, batch).await);
    }
}

async fn run(shared: &Arc<Shared>, jobs: Vec<Job>) {
    if shared.within.is_some() {
        // Each has a transaction of its own, and they run beside each other.
        let transactions: Vec<_> = jobs.into_iter().map(|job| by_itself(shared, vec![job], false)).collect();
        for transaction in transactions {
            drop(transaction.await);
        }
        return;
    }
    let mut keys = HashSet::with_capacity(jobs.len());
    if !shared.table.last_state_only() && !jobs.iter().all(|job| keys.insert(&job.key)) {
        return ordered(shared, jobs, false).await;
    }
    match shared.connections.session().await {
        Ok(mut session) => together(shared, &mut session, jobs).await,
        Err(trouble) => fail(jobs, &trouble),
    }
}

/// All in one statement; in halves if it fails.
async fn together(shared: &Arc<Shared>, session: &mut Session, mut jobs: Vec<Job>) {
    for attempt in 0..TRIES {
        let trouble = match step(&shared.table, session, &jobs.iter().collect::<Vec<_>>(), How::Alone).await {
            Ok(verdicts) => {
                jobs = answer(jobs, verdicts);
                if jobs.is_empty() {
                    return;
                }
                continue;
            }
            Err(trouble) => trouble,
        };
        match trouble.remedy() {
            Remedy::Again => pause(attempt).await,
            Remedy::Reconnect => return fail(jobs, &trouble),
            Remedy::Wait => return without_the_locked(shared, session, jobs).await,
            Remedy::Split | Remedy::GiveUp if jobs.len() > 1 => return in_halves(shared, session, jobs).await,
            // Two that create the same row at one time meet at another index before they meet at the key.
            Remedy::Split if attempt == 0 && trouble.is_taken() => {}
            Remedy::Split | Remedy::GiveUp => {
                for job in jobs {
                    let verdict = refuse(shared, session, &job, trouble.clone()).await;
                    job.answer(verdict);
                }
                return;
            }
        }
    }
    // Always too late: now each locks its row first.
    for same in by_key(jobs) {
        drop(by_itself(shared, same, true));
    }
}

async fn in_halves(shared: &Arc<Shared>, session: &mut Session, mut jobs: Vec<Job>) {
    let second = jobs.split_off(jobs.len() / 2);
    Box::pin(together(shared, session, jobs)).await;
    Box::pin(together(shared, session, second)).await;
}

/// Goes on with the rows that nobody has locked. The others wait by themselves.
async fn without_the_locked(shared: &Arc<Shared>, session: &mut Session, jobs: Vec<Job>) {
    let states = array(jobs.iter().map(|job| job.change.created()));
    let free = match session.alone("looking for locks", &shared.table.sql.free, &[&Text(&states)]).await {
        Ok(rows) => rows.iter().filter_map(|row| usize::try_from(row.try_get::<_, i64>(0).ok()? - 1).ok()).collect(),
        // It looks at nothing but keys; a state that does not fit is met again below.
        Err(_) => HashSet::new(),
    };
    let (free, locked): (Vec<_>, Vec<_>) = jobs.into_iter().enumerate().partition(|(index, _)| free.contains(index));
    let [free, locked] = [free, locked].map(|jobs| jobs.into_iter().map(|(_, job)| job).collect::<Vec<_>>());
    let none_locked = locked.is_empty();
    for same in by_key(locked) {
        drop(by_itself(shared, same, true));
    }
    match free.len() {
        0 => {}
        // Nobody has a row; somebody inserts the same value into an index, or the lock has just gone.
        1 if none_locked => drop(by_itself(shared, free, true)),
        _ if none_locked => in_halves(shared, session, free).await,
        _ => Box::pin(together(shared, session, free)).await,
    }
}

/// In a transaction, on a connection of its own.
fn by_itself(shared: &Arc<Shared>, jobs: Vec<Job>, patient: bool) -> tokio::task::JoinHandle<()> {
    let shared = Arc::clone(shared);
    spawn_local(async move { ordered(&shared, jobs, patient).await })
}

/// The changes of each key, in their order.
fn by_key(jobs: Vec<Job>) -> impl Iterator<Item = Vec<Job>> {
    let mut groups: HashMap<Key, Vec<Job>> = HashMap::new();
    for job in jobs {
        groups.entry(job.key.clone()).or_default().push(job);
    }
    groups.into_values()
}

/// Answers what is decided; gives back what was lost to another writer.
fn answer(jobs: Vec<Job>, verdicts: Vec<Option<Verdict>>) -> Vec<Job> {
    let mut lost = Vec::new();
    for (job, verdict) in jobs.into_iter().zip(verdicts) {
        match verdict {
            Some(verdict) => job.answer(Ok(verdict)),
            None => lost.push(job),
        }
    }
    lost
}

pub(crate) fn fail(jobs: Vec<Job>, trouble: &Trouble) {
    for job in jobs {
        job.answer(Err(trouble.clone()));
    }
}

/// A short while, longer with each attempt and not the same for everybody.
pub(crate) async fn pause(attempt: u32) {
    let odd = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_micros() % 1000;
    sleep(Duration::from_micros(u64::from(odd) * 2 * (1 << attempt.min(6)))).await;
}
