//! One step: a set of changes through one statement, or through two where somebody has to look at the rows first.
//!
//! A change whose precondition names entity tags that are made from all of the row, or that follows another change of the
//! same key in the same batch, is decided here, with [`Change::decide`], against what a look shows. The statement that
//! writes then demands exactly the row that was seen, so that what was decided is true when it is written. If the row is
//! another one by then, the change is lost, and its caller tries again.
//!
//! One file, because a step is one thing: what goes in, in which order, and what each row that comes back means.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use bytes::Bytes;
use put_core::change::{Change, Decision};
use put_core::store::{Key, Outcome, State};
use serde_json::Value;

use crate::change::{Entry, array, at_change};
use crate::queue::Job;
use crate::row::{Row, canonical};
use crate::session::{Params, Session};
use crate::table::Table;
use crate::text::Text;
use crate::trouble::Trouble;

/// What became of a change.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// A row was written, or is as wanted; the state is what the row shows.
    Row(Done, Row),
    /// The statement found the precondition false of this row, or of there being none.
    Failed(Option<Row>),
    /// It was decided before the statement.
    Outcome(Outcome),
}

/// What was done about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Created,
    Replaced,
    Unchanged,
}

/// How a step is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Each statement is a transaction.
    Alone {
        /// Whether it was tried before.
        again: bool,
    },
    /// In the transaction that there is. What is looked at is locked.
    Together,
    /// So, and every row is looked at first, so that no other writer can be faster.
    Locked,
}

/// What a look shows for one change.
struct Looked {
    /// The current row.
    row: Option<Row>,
    /// The change as the columns would hold it.
    change: Change,
    created: Option<SystemTime>,
    replaced: Option<SystemTime>,
}

/// Changes of one key, decided one after the other, of which only the last state is written.
struct Chain {
    jobs: Vec<usize>,
    /// What each comes to, if the last state gets written.
    outcomes: Vec<Outcome>,
    /// The one whose state that is.
    last: Option<usize>,
}

/// Runs the changes. For each of them a verdict, or `None` if another writer was faster: then it did nothing.
///
/// Only where the table lets just the last state be written may several changes have one key.
pub(crate) async fn step(
    table: &Table,
    session: &mut Session,
    jobs: &[&Job],
    how: How,
) -> Result<Vec<Option<Verdict>>, Trouble> {
    let mut verdicts: Vec<Option<Verdict>> = jobs.iter().map(|_| None).collect();
    let mut places: HashMap<&Key, usize> = HashMap::with_capacity(jobs.len());
    let mut groups: Vec<Vec<usize>> = Vec::with_capacity(jobs.len());
    for (index, job) in jobs.iter().enumerate() {
        let place = *places.entry(&job.key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(groups.len());
    let mut chains: Vec<Chain> = Vec::with_capacity(groups.len());
    let mut to_look: Vec<Vec<usize>> = Vec::new();
    for group in groups {
        let direct = match (&group[..], how) {
            ([only], How::Alone { .. } | How::Together) => jobs.get(*only),
            _ => None,
        };
        match direct.and_then(|job| Entry::direct(table, &job.change, &job.precondition)) {
            Some(entry) => {
                entries.push(entry);
                chains.push(Chain { jobs: group, outcomes: Vec::new(), last: None });
            }
            None => to_look.push(group),
        }
    }
    if !to_look.is_empty() {
        let order: Vec<usize> = to_look.iter().flatten().copied().collect();
        let mut looked = look(table, session, &order, jobs, how).await?;
        for group in to_look {
            let (chain, entry) = decide(table, jobs, group, &mut looked)?;
            match entry {
                Some(entry) => {
                    entries.push(entry);
                    chains.push(chain);
                }
                // Nothing to write: it is decided as of the look.
                None => {
                    for (index, outcome) in chain.jobs.into_iter().zip(chain.outcomes) {
                        set(&mut verdicts, index, Verdict::Outcome(outcome));
                    }
                }
            }
        }
    }
    if entries.is_empty() {
        return Ok(verdicts);
    }
    let written = write(table, session, &entries, how).await?;
    for (chain, verdict) in chains.into_iter().zip(written) {
        let Some(verdict) = verdict else { continue };
        let Chain { jobs, outcomes, last } = chain;
        if outcomes.is_empty() {
            if let [only] = jobs[..] {
                set(&mut verdicts, only, verdict);
            }
            continue;
        }
        let mut row = match verdict {
            Verdict::Row(_, row) => Some(row),
            Verdict::Failed(_) | Verdict::Outcome(_) => continue,
        };
        for (index, outcome) in jobs.into_iter().zip(outcomes) {
            let done = if matches!(outcome, Outcome::Created(_)) { Done::Created } else { Done::Replaced };
            let written = if Some(index) == last { row.take() } else { None };
            let verdict = written.map_or(Verdict::Outcome(outcome), |row| Verdict::Row(done, row));
            set(&mut verdicts, index, verdict);
        }
    }
    Ok(verdicts)
}

fn set(verdicts: &mut [Option<Verdict>], index: usize, verdict: Verdict) {
    if let Some(place) = verdicts.get_mut(index) {
        *place = Some(verdict);
    }
}

async fn run(
    session: &mut Session,
    how: How,
    doing: &'static str,
    sql: &str,
    params: Params<'_>,
) -> Result<Vec<tokio_postgres::Row>, Trouble> {
    match how {
        How::Alone { .. } => session.alone(doing, sql, params).await,
        How::Together | How::Locked => session.query(doing, sql, params).await,
    }
}

/// Looks at the rows of these changes; by the index of the change.
async fn look(
    table: &Table,
    session: &mut Session,
    order: &[usize],
    jobs: &[&Job],
    how: How,
) -> Result<HashMap<usize, Looked>, Trouble> {
    let changes: Vec<&Change> = order.iter().filter_map(|index| jobs.get(*index)).map(|job| &job.change).collect();
    let states = array(changes.iter().map(|change| change.created()));
    let sets: Vec<Bytes> = changes.iter().map(|change| at_change(change)).collect();
    let sets = array(sets.iter());
    let (states, sets) = (Text(&states), Text(&sets));
    let params: Params<'_> = if table.sql.has_changed { &[&states, &sets] } else { &[&states] };
    let sql = if matches!(how, How::Alone { .. }) { &table.sql.look } else { &table.sql.look_locked };
    let rows = run(session, how, "looking at rows", sql, params).await?;
    let mut looked = HashMap::with_capacity(rows.len());
    for row in &rows {
        let failed = Trouble::postgres("looking at rows");
        let read = || -> Result<_, tokio_postgres::Error> {
            let place: i64 = row.try_get(0)?;
            let current: Option<&str> = row.try_get(1)?;
            let current = current.map(|json| Ok(Row::new(json, row.try_get(2)?))).transpose()?;
            let created = Row::new(row.try_get(3)?, row.try_get(4)?);
            // Where nothing is set anew it is shown once.
            let replaced: Option<&str> = row.try_get(5)?;
            let replaced = replaced.map(|json| Ok(Row::new(json, row.try_get(6)?))).transpose()?;
            Ok((place, current, created, replaced))
        };
        let (place, current, created, replaced) = read().map_err(failed)?;
        let index = usize::try_from(place - 1).ok().and_then(|place| order.get(place));
        let Some((index, job)) = index.and_then(|index| Some((*index, jobs.get(*index)?))) else { continue };
        let sets: HashMap<String, Value> = match &replaced {
            Some(replaced) => {
                serde_json::from_slice(&replaced.json).map_err(|error| Trouble::Row(error.to_string()))?
            }
            None => HashMap::new(),
        };
        // What comes back octet for octet is canonical still.
        let wanted = job.change.created();
        let spelled = if created.json == *wanted { wanted.clone() } else { canonical(table, &created.json)? };
        let change = job.change.spelled(spelled, |name| sets.get(name).map(Value::to_string));
        let replaced = replaced.map_or(created.modified, |replaced| replaced.modified);
        looked.insert(index, Looked { row: current, change, created: created.modified, replaced });
    }
    Ok(looked)
}

/// Decides the changes of one key, each against the result of the one before.
fn decide(
    table: &Table,
    jobs: &[&Job],
    group: Vec<usize>,
    looked: &mut HashMap<usize, Looked>,
) -> Result<(Chain, Option<Entry>), Trouble> {
    let mut chain = Chain { jobs: group, outcomes: Vec::new(), last: None };
    let first = chain.jobs.first().and_then(|index| looked.get_mut(index)).and_then(|looked| looked.row.take());
    let mut current: Option<State> = first.as_ref().map(|row| row.state(table)).transpose()?;
    for &index in &chain.jobs {
        let (Some(job), Some(seen)) = (jobs.get(index), looked.get(&index)) else {
            return Err(Trouble::Row("a look showed fewer rows than it was asked for".to_owned()));
        };
        // The resource's own Deserialize may run in there.
        let decided = catch_unwind(AssertUnwindSafe(|| {
            seen.change.decide(current.as_ref(), &job.precondition, SystemTime::now())
        }));
        let decided = decided.map_err(|_| Trouble::Panicked)?.map_err(|error| Trouble::Row(error.to_string()))?;
        let (state, modified, outcome): (State, _, fn(State) -> Outcome) = match decided {
            Decision::Answer(outcome) => {
                chain.outcomes.push(outcome);
                continue;
            }
            Decision::Create(state) => (state, seen.created, Outcome::Created),
            Decision::Replace(state) => (state, seen.replaced, Outcome::Replaced),
        };
        // The date is what the row would show, not the time of this decision.
        let dated = table.format.state(state.json().clone(), modified);
        let state = dated.map_err(|error| Trouble::Row(error.to_string()))?;
        chain.outcomes.push(outcome(state.clone()));
        chain.last = Some(index);
        current = Some(state);
    }
    let entry = match (chain.last, current) {
        (Some(_), Some(state)) => Some(Entry::decided(state.json().clone(), first.as_ref().map(|row| &row.json[..]))),
        _ => None,
    };
    Ok((chain, entry))
}

/// Decides and writes, one entry for each key. `None` where another writer was faster.
async fn write(
    table: &Table,
    session: &mut Session,
    entries: &[Entry],
    how: How,
) -> Result<Vec<Option<Verdict>>, Trouble> {
    let doing = "writing rows";
    let states = array(entries.iter().map(|entry| &entry.state));
    let guards: Vec<i16> = entries.iter().map(|entry| entry.guard as i16).collect();
    let wanted: Vec<Option<&str>> = entries.iter().map(|entry| entry.wanted.as_deref()).collect();
    let sets = if table.sql.has_changed { array(entries.iter().map(|entry| &entry.changed)) } else { String::new() };
    let (states, sets) = (Text(&states), Text(&sets));
    let with_sets: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [&states, &guards, &wanted, &sets];
    let params: Params<'_> = if table.sql.has_changed { &with_sets } else { with_sets.get(..3).unwrap_or_default() };
    let rows = run(session, how, doing, &table.sql.write, params).await?;
    let mut verdicts: Vec<Option<Verdict>> = entries.iter().map(|_| None).collect();
    let mut creations: HashMap<Vec<String>, usize> = HashMap::new();
    for row in &rows {
        let read = || -> Result<_, tokio_postgres::Error> {
            let place: Option<i64> = row.try_get(0)?;
            let verdict: &str = row.try_get(1)?;
            let shown: Option<&str> = row.try_get(2)?;
            let shown = shown.map(|json| Ok(Row::new(json, row.try_get(3)?))).transpose()?;
            Ok((place, verdict, shown))
        };
        // It is committed, or will be: what comes back is taken as it comes, and nothing of it is decoded here.
        let (place, verdict, shown) = read().map_err(Trouble::postgres(doing))?;
        let key = || row.try_get::<_, Option<Vec<String>>>(4).map_err(Trouble::postgres(doing));
        let place = place.and_then(|place| usize::try_from(place - 1).ok());
        let index = match (place, verdict) {
            (Some(place), "create") => {
                creations.extend(key()?.map(|key| (key, place)));
                continue;
            }
            (Some(place), _) => place,
            // The rows of the table come after those of the changes that want them.
            (None, _) => match key()?.and_then(|key| creations.remove(&key)) {
                Some(place) => place,
                None => continue,
            },
        };
        let decided = entries.get(index).is_some_and(|entry| entry.decided);
        let verdict = match (verdict, shown) {
            ("created", Some(row)) => Verdict::Row(Done::Created, row),
            ("replaced", Some(row)) => Verdict::Row(Done::Replaced, row),
            ("unchanged", Some(row)) => Verdict::Row(Done::Unchanged, row),
            ("failed", _) if decided => continue,
            // Somebody may have removed the row and made it anew while its lock was waited for; a second look tells.
            ("absent", _) if how == (How::Alone { again: false }) || how == How::Together => continue,
            ("failed" | "absent", row) => Verdict::Failed(row),
            (immutable, _) => Verdict::Outcome(Outcome::Conflict(never_changes(table, immutable))),
        };
        set(&mut verdicts, index, verdict);
    }
    Ok(verdicts)
}

/// The members that would have changed: their places follow the word.
fn never_changes(table: &Table, verdict: &str) -> put_core::Violations {
    let places = verdict.split(' ').filter_map(|word| word.parse::<usize>().ok());
    let names: Vec<&str> = places.filter_map(|place| table.columns.get(place)).map(|kept| kept.member).collect();
    put_core::change::never_changes(names)
}
