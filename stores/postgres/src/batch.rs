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
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use put_core::store::Key;
use tokio::sync::Semaphore;
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

use crate::change::array;
use crate::line::Line;
use crate::ordered::ordered;
use crate::queue::{Job, METERS, Queue};
use crate::refusal::refuse;
use crate::session::Session;
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
    let line = Rc::new(Line::new(shared));
    while let Some(jobs) = queue.take().await {
        // The semaphore is never closed.
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let line = Rc::clone(&line);
        let batch = spawn_local(async move {
            run(&line, jobs).await;
            drop(turn);
        });
        // Whether it is done or not, the next batch may begin.
        drop(timeout(PATIENCE, batch).await);
    }
}

async fn run(line: &Rc<Line>, jobs: Vec<Job>) {
    let shared = &line.shared;
    let jobs = line.behind_the_locked(in_time(shared, jobs));
    if jobs.is_empty() {
        return;
    }
    if shared.within.is_some() {
        // Each has a transaction of its own. Those of different rows run beside each other.
        let each = by_key(jobs).map(|same| spawn_local(with_the_application(Rc::clone(line), same)));
        for transactions in each.collect::<Vec<_>>() {
            drop(transactions.await);
        }
        return;
    }
    let mut keys = HashSet::with_capacity(jobs.len());
    if shared.table.writes_every_state(&jobs) && !jobs.iter().all(|job| keys.insert(&job.key)) {
        let waiting = ordered(shared, jobs, false).await;
        return without_the_locked(line, waiting).await;
    }
    match shared.connections.session().await {
        Ok(session) => together(line, session, jobs).await,
        Err(trouble) => fail(jobs, &trouble),
    }
}

/// The changes of one row, one transaction after the other.
async fn with_the_application(line: Rc<Line>, jobs: Vec<Job>) {
    // The semaphore is never closed.
    let Ok(_turn) = line.applications.acquire().await else { return };
    for job in jobs {
        let left = line.behind_the_locked(in_time(&line.shared, vec![job]));
        if !left.is_empty() {
            line.wait(ordered(&line.shared, left, false).await);
        }
    }
}

/// Those that have not waited too long already: where every statement is slow, the last of many tries would never come.
fn in_time(shared: &Shared, jobs: Vec<Job>) -> Vec<Job> {
    let limit = 3 * shared.connections.limit();
    let (in_time, late): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.since.elapsed() < limit);
    fail(late, &Trouble::Outrun);
    in_time
}

/// All in one statement; in halves if it fails.
async fn together(line: &Rc<Line>, mut session: Session, mut jobs: Vec<Job>) {
    let shared = &line.shared;
    for attempt in 0..TRIES {
        let how = How::Alone { again: attempt > 0 };
        let trouble = match step(&shared.table, &mut session, &jobs.iter().collect::<Vec<_>>(), how).await {
            Ok(verdicts) => {
                // The others were lost to another writer, and come again.
                METERS.batch(verdicts.iter().flatten().count());
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
            Remedy::Wait => {
                drop(session);
                return without_the_locked(line, jobs).await;
            }
            Remedy::Split | Remedy::GiveUp if jobs.len() > 1 => {
                drop(session);
                return in_halves(line, jobs).await;
            }
            // Two that create the same row at one time meet at another index before they meet at the key.
            Remedy::Split if attempt == 0 && trouble.is_taken() => {}
            Remedy::Split | Remedy::GiveUp => {
                for job in jobs {
                    let verdict = refuse(shared, &mut session, &job, trouble.clone()).await;
                    job.answer(verdict);
                }
                return;
            }
        }
    }
    // Always too late: now each locks its row first.
    by_key(jobs).for_each(|same| line.wait(same));
}

async fn in_halves(line: &Rc<Line>, mut jobs: Vec<Job>) {
    let second = jobs.split_off(jobs.len() / 2);
    Box::pin(run(line, jobs)).await;
    Box::pin(run(line, second)).await;
}

/// Goes on with the rows that nobody has locked. The others wait by themselves.
async fn without_the_locked(line: &Rc<Line>, jobs: Vec<Job>) {
    if jobs.is_empty() {
        return;
    }
    let mut session = match line.shared.connections.session().await {
        Ok(session) => session,
        Err(trouble) => return fail(jobs, &trouble),
    };
    let states = array(jobs.iter().map(|job| job.change.created()));
    let free = session.alone("looking for locks", &line.shared.table.sql.free, &[&Text(&states)]).await;
    drop(session);
    let free = match free {
        Ok(rows) => rows.iter().filter_map(|row| usize::try_from(row.try_get::<_, i64>(0).ok()? - 1).ok()).collect(),
        // It looks at nothing but keys; a state that does not fit is met again below.
        Err(_) => HashSet::new(),
    };
    let (free, locked): (Vec<_>, Vec<_>) = jobs.into_iter().enumerate().partition(|(index, _)| free.contains(index));
    let [free, locked] = [free, locked].map(|jobs| jobs.into_iter().map(|(_, job)| job).collect::<Vec<_>>());
    let none_locked = locked.is_empty();
    by_key(locked).for_each(|same| line.wait(same));
    match free.len() {
        0 => {}
        // Nobody has a row; somebody inserts the same value into an index, or the lock has just gone.
        1 if none_locked => line.wait(free),
        _ if none_locked => in_halves(line, free).await,
        _ => Box::pin(run(line, free)).await,
    }
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
