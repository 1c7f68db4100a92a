//! Changes in a transaction: each state is written, in order and behind a savepoint, and all are committed at once.
//!
//! So it is done where a state that is only passed through matters (a trigger, a check, a unique value), where the
//! application writes in the same transaction, and where a row has to be locked before it is looked at.

use std::collections::HashMap;
use std::sync::Arc;

use put_core::store::Written;

use crate::batch::{TRIES, fail, pause};
use crate::queue::{Job, METERS};
use crate::refusal::refuse;
use crate::session::Session;
use crate::step::{Done, How, Verdict, step};
use crate::store::Shared;
use crate::trouble::{Remedy, Trouble};
use crate::within::{Hook, Transaction};

/// Runs the changes and answers them. With `patient` a lock is waited for as long as a statement may take; without, all of
/// them are given back when a row is locked.
///
/// What the application writes with a change is in the transaction of that change, so then each has one of its own.
pub(crate) async fn ordered(shared: &Arc<Shared>, jobs: Vec<Job>, patient: bool) -> Vec<Job> {
    if shared.within.is_some() && jobs.len() > 1 {
        return each_by_itself(shared, jobs, patient).await;
    }
    let mut session = match shared.connections.session().await {
        Ok(session) => session,
        Err(trouble) => return failed(jobs, &trouble),
    };
    for attempt in 0..TRIES {
        let trouble = match transaction(shared, &mut session, &jobs, patient).await {
            Ok(verdicts) => {
                METERS.batch(jobs.len());
                for (job, verdict) in jobs.into_iter().zip(verdicts) {
                    let verdict = match verdict {
                        Ok(verdict) => Ok(verdict),
                        // Why, is asked outside the transaction: to ask is to fail again.
                        Err(trouble) => refuse(shared, &mut session, &job, trouble).await,
                    };
                    job.answer(verdict);
                }
                return Vec::new();
            }
            Err(trouble) => trouble,
        };
        if trouble.remedy() == Remedy::Reconnect {
            return failed(jobs, &trouble);
        }
        if let Err(trouble) = session.roll_back().await {
            return failed(jobs, &trouble);
        }
        match trouble.remedy() {
            Remedy::Again if attempt + 1 < TRIES => pause(attempt).await,
            Remedy::Wait if !patient => return jobs,
            // Only the commit fails for all of several.
            Remedy::Split | Remedy::GiveUp if jobs.len() > 1 => {
                drop(session);
                return each_by_itself(shared, jobs, patient).await;
            }
            Remedy::Split if attempt == 0 && trouble.is_taken() => {}
            Remedy::Split | Remedy::GiveUp => {
                for job in jobs {
                    let verdict = refuse(shared, &mut session, &job, trouble.clone()).await;
                    job.answer(verdict);
                }
                return Vec::new();
            }
            _ => return failed(jobs, &trouble),
        }
    }
    failed(jobs, &Trouble::Outrun)
}

async fn each_by_itself(shared: &Arc<Shared>, jobs: Vec<Job>, patient: bool) -> Vec<Job> {
    let mut waiting = Vec::new();
    for job in jobs {
        waiting.extend(Box::pin(ordered(shared, vec![job], patient)).await);
    }
    waiting
}

fn failed(jobs: Vec<Job>, trouble: &Trouble) -> Vec<Job> {
    fail(jobs, trouble);
    Vec::new()
}

type Verdicts = Vec<Result<Verdict, Trouble>>;

async fn transaction(
    shared: &Arc<Shared>,
    session: &mut Session,
    jobs: &[Job],
    patient: bool,
) -> Result<Verdicts, Trouble> {
    let mut verdicts: Vec<Option<Result<Verdict, Trouble>>> = jobs.iter().map(|_| None).collect();
    session.begin(patient).await?;
    if let Some(within) = &shared.within {
        // Never several without it.
        let [job] = jobs else { return Err(Trouble::Swallowed) };
        let verdict = with_the_application(shared, within, session, job).await?;
        session.commit().await?;
        return Ok(vec![Ok(verdict)]);
    }
    let how = if patient { How::Locked } else { How::Together };
    for round in rounds(jobs, !shared.table.writes_every_state(jobs)) {
        match behind_a_savepoint(shared, session, jobs, &round, how).await {
            Ok(written) => {
                for (index, verdict) in round.iter().zip(written) {
                    put(&mut verdicts, *index, Ok(verdict));
                }
            }
            Err(trouble) if !matches!(trouble.remedy(), Remedy::Split | Remedy::GiveUp) => return Err(trouble),
            Err(trouble) if round.len() == 1 => round.iter().for_each(|index| {
                put(&mut verdicts, *index, Err(trouble.clone()));
            }),
            // Each by itself, so that the one that fails, fails alone.
            Err(_) => {
                for index in round {
                    let verdict = match behind_a_savepoint(shared, session, jobs, &[index], how).await {
                        Ok(written) => written.into_iter().next().ok_or(Trouble::Swallowed),
                        Err(trouble) if !matches!(trouble.remedy(), Remedy::Split | Remedy::GiveUp) => {
                            return Err(trouble);
                        }
                        Err(trouble) => Err(trouble),
                    };
                    put(&mut verdicts, index, verdict);
                }
            }
        }
    }
    session.commit().await?;
    Ok(verdicts.into_iter().map(|verdict| verdict.unwrap_or(Err(Trouble::Swallowed))).collect())
}

fn put(verdicts: &mut [Option<Result<Verdict, Trouble>>], index: usize, verdict: Result<Verdict, Trouble>) {
    if let Some(place) = verdicts.get_mut(index) {
        *place = Some(verdict);
    }
}

/// The changes in rounds of which each has a key once: the first change of every key, then the second, and so on. Where
/// only the last state of a key is written, there is one round.
fn rounds(jobs: &[Job], last_state_only: bool) -> Vec<Vec<usize>> {
    if last_state_only {
        return vec![(0..jobs.len()).collect()];
    }
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut seen = HashMap::new();
    for (index, job) in jobs.iter().enumerate() {
        let before = seen.entry(&job.key).or_insert(0_usize);
        match rounds.get_mut(*before) {
            Some(round) => round.push(index),
            None => rounds.push(vec![index]),
        }
        *before += 1;
    }
    rounds
}

/// A step that leaves the transaction as it was if it fails.
async fn behind_a_savepoint(
    shared: &Arc<Shared>,
    session: &mut Session,
    jobs: &[Job],
    round: &[usize],
    how: How,
) -> Result<Vec<Verdict>, Trouble> {
    let jobs: Vec<&Job> = round.iter().filter_map(|index| jobs.get(*index)).collect();
    session.execute("setting a savepoint", "SAVEPOINT change").await?;
    let mut written = to_the_end(shared, session, &jobs, how).await;
    for again in [true, false] {
        let Err(trouble) = &written else { break };
        if matches!(trouble.remedy(), Remedy::Reconnect | Remedy::Again) {
            break;
        }
        let taken = trouble.is_taken();
        session.execute("rolling back to a savepoint", "ROLLBACK TO SAVEPOINT change").await?;
        // Two that create the same row at one time meet at another index before they meet at the key.
        if !(again && taken && jobs.len() == 1) {
            break;
        }
        written = to_the_end(shared, session, &jobs, How::Locked).await;
    }
    written
}

/// A step, again and again for what is lost to others. What is looked at is locked, so only creations can be lost.
async fn to_the_end(
    shared: &Arc<Shared>,
    session: &mut Session,
    jobs: &[&Job],
    how: How,
) -> Result<Vec<Verdict>, Trouble> {
    let mut verdicts: Vec<Option<Verdict>> = jobs.iter().map(|_| None).collect();
    let mut how = how;
    for _ in 0..TRIES {
        let left: Vec<usize> =
            (0..jobs.len()).filter(|index| verdicts.get(*index).is_some_and(Option::is_none)).collect();
        if left.is_empty() {
            break;
        }
        let again: Vec<&Job> = left.iter().filter_map(|index| jobs.get(*index).copied()).collect();
        for (index, verdict) in left.into_iter().zip(step(&shared.table, session, &again, how).await?) {
            if let Some(place) = verdicts.get_mut(index) {
                *place = verdict;
            }
        }
        how = How::Locked;
    }
    // Whoever creates and removes the same row all the time; or a trigger that lets nothing through.
    verdicts.into_iter().collect::<Option<Vec<_>>>().ok_or(Trouble::Swallowed)
}

/// A change, and what the application writes with it.
async fn with_the_application(
    shared: &Arc<Shared>,
    within: &Hook,
    session: &mut Session,
    job: &Job,
) -> Result<Verdict, Trouble> {
    let table = &shared.table;
    let before = shared.row_of(session, &job.key, How::Locked).await?;
    let verdict = to_the_end(shared, session, &[job], How::Locked).await?;
    let Some(verdict) = verdict.into_iter().next() else { return Err(Trouble::Swallowed) };
    let Verdict::Row(Done::Created | Done::Replaced, row) = &verdict else { return Ok(verdict) };
    let after = row.state(table)?;
    let before = before.map(|row| row.state(table)).transpose()?;
    session.hand_over().await?;
    let written = Written::new(&job.key, before.as_ref(), Some(&after), job.change.caller());
    let limit = shared.connections.limit();
    within.run(limit, &Transaction::new(session.raw()?), &written).await?;
    Ok(verdict)
}
