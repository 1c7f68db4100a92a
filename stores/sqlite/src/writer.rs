//! The one writer: takes all that waits, decides it inside one transaction, commits, answers. One file, because what
//! is true of the transaction has to be seen in one place.
//!
//! **No savepoints.** Deciding writes nothing; what a batch comes to is written afterwards, one statement for each
//! key, and SQLite undoes a statement that fails. So a change that cannot be decided, even one whose code panics, has
//! left nothing to undo. When a statement fails, the whole transaction is rolled back and every change of the batch is
//! tried again in a transaction of its own: the one that fails, fails alone, and the common batch pays nothing for it.
//!
//! **A savepoint where the application writes too.** A change of a store that has a `within` is written at its turn,
//! its own state and not the last one of its key, and the closure runs behind the same savepoint. What was decided
//! before it is written first, so the closure finds the tables as its change left them; what is decided after it reads
//! them anew, because the closure may have written anything. So one that fails leaves no trace, and nobody after it was
//! decided against it. Stores without a `within` know nothing of this, except that they are written a little earlier.
//!
//! **No timers.** The writer takes what is there. While it waits for the disk the next batch gathers by itself; a
//! change that comes alone is committed at once.
//!
//! **Nothing is answered before the commit**, not even what wrote nothing: it may have been decided against a change
//! of the same batch.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use put_core::change::Decision;
use put_core::store::{Deletion, Key, Outcome, State, StoreError, Written};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Statement};

use crate::file_identity::FileIdentity;
use crate::queue::{Job, METERS, Queue, Work};
use crate::reader::{bind_key, instant, milliseconds, read};
use crate::schema::{FINGERPRINT, Table};
use crate::trouble::Trouble;
use crate::within::{Guard, Hook};

/// Starts the thread. It ends when the queue is closed and empty, and gives its connection back.
pub(crate) fn start(
    mut connection: Connection,
    queue: Arc<Queue>,
    file: Arc<FileIdentity>,
) -> io::Result<JoinHandle<Connection>> {
    thread::Builder::new().name("put-sqlite-write".into()).spawn(move || {
        let _stop = StopQueue(&queue);
        queue.is_taken_here();
        let guard = Guard::new(&mut connection).map_err(Trouble::sqlite("guarding the writer"));
        let writer = guard.and_then(|guard| Writer::new(&connection, &file, guard));
        if let Err(trouble) = writer.map(|mut writer| writer.serve(&queue)) {
            tracing::error!("{trouble}");
        }
        connection
    })
}

/// However the writer ends, nobody waits for it any longer.
struct StopQueue<'a>(&'a Queue);

impl Drop for StopQueue<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

struct Writer<'c> {
    connection: &'c Connection,
    file: &'c FileIdentity,
    guard: Guard,
    begin: Statement<'c>,
    commit: Statement<'c>,
    rollback: Statement<'c>,
    savepoint: Statement<'c>,
    undo: Statement<'c>,
    release: Statement<'c>,
    data_version: Statement<'c>,
    fingerprint: Statement<'c>,
    tables: HashMap<usize, Prepared<'c>>,
    /// The data version up to which nobody else has written, so that the fingerprints still hold.
    seen: Option<i64>,
}

/// The statements of one table.
struct Prepared<'c> {
    select: Statement<'c>,
    insert: Statement<'c>,
    replace: Statement<'c>,
    delete: Statement<'c>,
    /// Whether the fingerprint in the file was found to be ours since `Writer::seen`.
    ours: bool,
}

/// What became of a job; the answer goes out after the commit.
enum Verdict {
    Put(Outcome),
    Delete(Deletion),
}

/// Why a transaction came to nothing.
struct Failure {
    trouble: Trouble,
    /// Whether it would be the same for each change by itself.
    for_all: bool,
}

/// The state of one key within a batch.
struct Current {
    /// Of the first job that names the key.
    job: usize,
    /// Whether there is a row.
    row: bool,
    state: Option<State>,
    dirty: bool,
}

impl<'c> Writer<'c> {
    fn new(connection: &'c Connection, file: &'c FileIdentity, guard: Guard) -> Result<Self, Trouble> {
        let prepare = |sql| connection.prepare(sql).map_err(Trouble::sqlite("preparing the writer"));
        Ok(Self {
            connection,
            file,
            guard,
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            rollback: prepare("ROLLBACK")?,
            savepoint: prepare("SAVEPOINT put_change")?,
            undo: prepare("ROLLBACK TO put_change")?,
            release: prepare("RELEASE put_change")?,
            data_version: prepare("PRAGMA data_version")?,
            fingerprint: prepare(FINGERPRINT)?,
            tables: HashMap::new(),
            seen: None,
        })
    }

    fn serve(&mut self, queue: &Queue) {
        let mut batch = Vec::new();
        while queue.take(&mut batch) {
            self.run(&mut batch);
        }
    }

    fn run(&mut self, batch: &mut Vec<Job>) {
        let failure = match self.transact(batch) {
            Ok(verdicts) => return answer(batch.drain(..).zip(verdicts)),
            Err(failure) => failure,
        };
        tracing::error!(changes = batch.len(), "{}", failure.trouble);
        let mut for_all = (failure.for_all || batch.len() == 1).then_some(failure.trouble);
        for job in batch.drain(..) {
            if let Some(trouble) = &for_all {
                job.fail(trouble.clone().into());
                continue;
            }
            match self.transact(std::slice::from_ref(&job)) {
                Ok(verdicts) => answer([job].into_iter().zip(verdicts)),
                Err(failure) => {
                    tracing::error!(key = %job.key, table = &*job.table.name, "{}", failure.trouble);
                    job.fail(failure.trouble.clone().into());
                    for_all = failure.for_all.then_some(failure.trouble);
                }
            }
        }
    }

    /// Decides and writes these jobs in one transaction.
    fn transact(&mut self, jobs: &[Job]) -> Result<Vec<Result<Verdict, StoreError>>, Failure> {
        let for_all = |trouble| Failure { trouble, for_all: true };
        self.file.check().map_err(|lost| for_all(lost.into()))?;
        self.end();
        self.begin.raw_execute().map_err(Trouble::sqlite("beginning a transaction")).map_err(for_all)?;
        let done = self.decide_and_write(jobs);
        let committed = done.and_then(|(verdicts, dirty)| {
            if dirty {
                self.commit.raw_execute().map_err(Trouble::sqlite("committing")).map_err(|trouble| {
                    let for_all = !trouble.wrote_nothing();
                    Failure { trouble, for_all }
                })?;
            }
            Ok((verdicts, dirty))
        });
        self.end();
        let (verdicts, dirty) = committed?;
        if dirty {
            // A file that went away in between has not got the commit.
            self.file.check().map_err(|lost| for_all(lost.into()))?;
        }
        METERS.batch(jobs.len());
        Ok(verdicts)
    }

    /// Ends the transaction if there is one: after a commit there is none, after a failure and after nothing to write
    /// there mostly is.
    fn end(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.rollback.raw_execute()
        {
            tracing::error!("rolling back: {error}");
        }
    }

    fn decide_and_write(&mut self, jobs: &[Job]) -> Result<(Vec<Result<Verdict, StoreError>>, bool), Failure> {
        let alone = |trouble| Failure { trouble, for_all: false };
        self.notice_other_writers().map_err(alone)?;
        // What is stored and what is answered are the same instant: the column keeps milliseconds.
        let now = instant(milliseconds(SystemTime::now()));
        let mut currents: Vec<Current> = Vec::with_capacity(jobs.len());
        let mut places: HashMap<(usize, &Key), usize> = HashMap::with_capacity(jobs.len());
        let mut verdicts = Vec::with_capacity(jobs.len());
        let mut dirty = false;
        for (index, job) in jobs.iter().enumerate() {
            let place = match places.entry((job.table.id, &job.key)) {
                Entry::Occupied(place) => *place.get(),
                Entry::Vacant(place) => match self.current(&job.table, &job.key) {
                    Ok(state) => {
                        currents.push(Current { job: index, row: state.is_some(), state, dirty: false });
                        *place.insert(currents.len() - 1)
                    }
                    // A key that cannot be read fails alone.
                    Err(error) => {
                        verdicts.push(Err(error));
                        continue;
                    }
                },
            };
            if job.within.is_some() {
                dirty |= self.write_all(jobs, &mut currents).map_err(alone)?;
            }
            let Some(current) = currents.get_mut(place) else { continue };
            let Some(within) = &job.within else {
                verdicts.push(decide(job, current, now));
                continue;
            };
            let before = current.state.clone();
            let verdict = decide(job, current, now);
            if !current.dirty {
                verdicts.push(verdict);
                continue;
            }
            let written = self.write_with(within, job, current, before.as_ref()).map_err(alone)?;
            dirty |= written.is_ok();
            verdicts.push(written.map_err(StoreError::from).and(verdict));
            currents.clear();
            places.clear();
        }
        dirty |= self.write_all(jobs, &mut currents).map_err(alone)?;
        Ok((verdicts, dirty))
    }

    /// Writes what has been decided and not written yet; `false` if that comes to nothing.
    fn write_all(&mut self, jobs: &[Job], currents: &mut [Current]) -> Result<bool, Trouble> {
        // A read that fails may end the whole transaction; what is written after that would be committed by itself.
        if self.connection.is_autocommit() {
            return Err(Trouble::RolledBack);
        }
        let mut dirty = false;
        for current in currents.iter_mut().filter(|current| current.dirty) {
            if let Some(job) = jobs.get(current.job) {
                dirty |= self.write(job, current)?;
            }
            current.row = current.state.is_some();
            current.dirty = false;
        }
        Ok(dirty)
    }

    /// Writes one change, and what the application writes with it: both or nothing. The outer error is that of the whole
    /// transaction, which is then gone or cannot be trusted; the inner one is that of this change.
    fn write_with(
        &mut self,
        within: &Hook,
        job: &Job,
        current: &Current,
        before: Option<&State>,
    ) -> Result<Result<(), Trouble>, Trouble> {
        let written = Written::new(&job.key, before, current.state.as_ref(), job.caller());
        self.savepoint.raw_execute().map_err(Trouble::sqlite("setting a savepoint"))?;
        let result = match self.write(job, current) {
            Ok(_) => within.run(&self.guard, self.connection, &written),
            Err(trouble) => Err(trouble),
        };
        if self.connection.is_autocommit() {
            return Err(result.err().unwrap_or(Trouble::Ended));
        }
        if result.is_err() {
            self.undo.raw_execute().map_err(Trouble::sqlite("rolling back to a savepoint"))?;
        }
        self.release.raw_execute().map_err(Trouble::sqlite("releasing a savepoint"))?;
        Ok(result)
    }

    /// Looks whether another connection has committed since the last batch, and with it perhaps another version of
    /// the struct.
    fn notice_other_writers(&mut self) -> Result<(), Trouble> {
        let version = self.data_version.query_row([], |row| row.get(0)).map_err(Trouble::sqlite("reading"))?;
        if self.seen != Some(version) {
            self.seen = Some(version);
            self.tables.values_mut().for_each(|prepared| prepared.ours = false);
        }
        Ok(())
    }

    fn prepared(&mut self, table: &Table) -> Result<&mut Prepared<'c>, Trouble> {
        let prepared = match self.tables.entry(table.id) {
            Entry::Occupied(prepared) => prepared.into_mut(),
            Entry::Vacant(place) => {
                let prepare = |sql: &str| self.connection.prepare(sql).map_err(Trouble::sqlite("preparing a table"));
                place.insert(Prepared {
                    select: prepare(&table.select)?,
                    insert: prepare(&table.insert)?,
                    replace: prepare(&table.replace)?,
                    delete: prepare(&table.delete)?,
                    ours: false,
                })
            }
        };
        if !prepared.ours {
            let found = self.fingerprint.query_row([&*table.name], |row| row.get::<_, String>(0)).optional();
            if found.map_err(Trouble::sqlite("reading the fingerprint"))?.as_ref() != Some(&table.fingerprint) {
                return Err(Trouble::Superseded(Arc::clone(&table.name)));
            }
            prepared.ours = true;
        }
        Ok(prepared)
    }

    fn current(&mut self, table: &Table, key: &Key) -> Result<Option<State>, StoreError> {
        read(&mut self.prepared(table)?.select, table, key)
    }

    /// Writes what the batch made of one key; `false` if that is what was there.
    fn write(&mut self, job: &Job, current: &Current) -> Result<bool, Trouble> {
        let (table, key) = (&*job.table, &job.key);
        let prepared = self.prepared(table)?;
        let (statement, state, doing) = match (current.row, &current.state) {
            (false, None) => return Ok(false),
            (false, Some(state)) => (&mut prepared.insert, Some(state), "writing a new document"),
            (true, Some(state)) => (&mut prepared.replace, Some(state), "replacing a document"),
            (true, None) => (&mut prepared.delete, None, "deleting a document"),
        };
        bind_key(statement, table, key)?;
        if let Some(state) = state {
            let (json, modified) = (table.columns + 1, table.columns + 2);
            let text = ToSqlOutput::Borrowed(ValueRef::Text(state.json()));
            let instant = milliseconds(state.modified().unwrap_or(SystemTime::UNIX_EPOCH));
            statement.raw_bind_parameter(json, text).map_err(Trouble::sqlite(doing))?;
            statement.raw_bind_parameter(modified, instant).map_err(Trouble::sqlite(doing))?;
        }
        match statement.raw_execute().map_err(Trouble::sqlite(doing))? {
            1 => Ok(true),
            // Only a trigger that somebody added can do that.
            _ => Err(Trouble::Row("a statement for one row did not write it")),
        }
    }
}

/// Decides a job against the state that the jobs before it left. Writes nothing but `current`.
fn decide(job: &Job, current: &mut Current, now: SystemTime) -> Result<Verdict, StoreError> {
    match &job.work {
        Work::Put { change, precondition, .. } => {
            // The resource's own Deserialize may run in there.
            let decided = catch_unwind(AssertUnwindSafe(|| change.decide(current.state.as_ref(), precondition, now)));
            let (state, answer): (State, fn(State) -> Outcome) = match decided.map_err(|_| Trouble::Panicked)?? {
                Decision::Answer(outcome) => return Ok(Verdict::Put(outcome)),
                Decision::Create(state) => (state, Outcome::Created),
                Decision::Replace(state) => (state, Outcome::Replaced),
            };
            current.state = Some(state.clone());
            current.dirty = true;
            Ok(Verdict::Put(answer(state)))
        }
        Work::Delete { removal, .. } => {
            if let Err(deletion) = removal.decide(current.state.as_ref()) {
                return Ok(Verdict::Delete(deletion));
            }
            current.state = None;
            current.dirty = true;
            Ok(Verdict::Delete(Deletion::Deleted))
        }
    }
}

/// Sends the answers. That nobody may wait for one any more is no matter: the client left, the change stays.
fn answer(answers: impl Iterator<Item = (Job, Result<Verdict, StoreError>)>) {
    for (job, verdict) in answers {
        match (job.work, verdict) {
            (Work::Put { reply, .. }, Ok(Verdict::Put(outcome))) => drop(reply.send(Ok(outcome))),
            (Work::Delete { reply, .. }, Ok(Verdict::Delete(deletion))) => drop(reply.send(Ok(deletion))),
            (Work::Put { reply, .. }, verdict) => drop(reply.send(Err(error_of(verdict)))),
            (Work::Delete { reply, .. }, verdict) => drop(reply.send(Err(error_of(verdict)))),
        }
    }
}

/// The error of a verdict; `decide` gives every job the verdict of its kind.
fn error_of(verdict: Result<Verdict, StoreError>) -> StoreError {
    verdict.err().unwrap_or_else(|| Trouble::Stopped.into())
}
