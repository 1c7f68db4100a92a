//! Stores that are wrong, each in one way, written against the port as a third party would write them; and the same store
//! without a flaw. One file, because it is one store; its
//! flaws are listed in [`flaw`].

use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use put_core::change::{Change, Decision};
use put_core::store::{Deletion, Key, KeyPart, Outcome, Removal, Reply, State, Store, StoreError};
use put_core::{Format, Precondition, PutResource};

mod flaw;

use super::{Opening, Place};
pub(super) use flaw::Flaw;

/// What is kept of one resource.
#[derive(Default)]
struct Shelf {
    states: BTreeMap<Key, State>,
    /// What a list shows.
    listed: BTreeMap<Key, State>,
    /// What was there before the last write or delete.
    before: BTreeMap<Key, State>,
    deleted: BTreeMap<Key, State>,
    written: Vec<Key>,
    busy: bool,
}

/// A place that survives its stores, and whose reads and writes can be broken.
pub(super) struct Broken {
    flaw: Flaw,
    shelves: Mutex<HashMap<&'static str, Arc<Mutex<Shelf>>>>,
    reads: Arc<AtomicBool>,
    writes: Arc<AtomicBool>,
}

impl Broken {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, shelves: Mutex::default(), reads: Arc::default(), writes: Arc::default() }
    }
}

impl Place for Broken {
    fn open<R: PutResource>(&self) -> Opening {
        let format = Format::of::<R>();
        let table = if self.flaw == Flaw::SharesOneTable { "one" } else { format.path() };
        let shelf = Arc::clone(self.shelves.lock().unwrap().entry(table).or_default());
        let (reads, writes) = (Arc::clone(&self.reads), Arc::clone(&self.writes));
        Ok(Arc::new(Flawed { desk: Desk { flaw: self.flaw, format, shelf, reads, writes } }))
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn break_reads(&self) -> bool {
        self.reads.store(true, Ordering::SeqCst);
        true
    }

    fn break_writes(&self) -> bool {
        self.writes.store(true, Ordering::SeqCst);
        true
    }

    fn patience(&self) -> Duration {
        let wedges = [Flaw::WedgesWhenDropped, Flaw::WedgesWhenAListIsDropped].contains(&self.flaw);
        if wedges { Duration::from_millis(500) } else { Duration::from_mins(1) }
    }
}

struct Flawed {
    desk: Desk,
}

/// Goes into the futures.
#[derive(Clone)]
struct Desk {
    flaw: Flaw,
    format: Format,
    shelf: Arc<Mutex<Shelf>>,
    reads: Arc<AtomicBool>,
    writes: Arc<AtomicBool>,
}

/// Lets others go first.
async fn turn() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Desk {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap()
    }

    /// Waits until nobody writes, and keeps the turn until it is given back.
    async fn busy(&self) -> Turn {
        loop {
            if !std::mem::replace(&mut self.shelf().busy, true) {
                return Turn { desk: self.clone(), done: false };
            }
            turn().await;
            std::thread::yield_now();
        }
    }

    /// The key as this store spells it.
    fn slot(&self, key: &Key) -> Key {
        let text = |change: &dyn Fn(&str) -> String| {
            let part = |part: &KeyPart| match part {
                KeyPart::Text(text) => KeyPart::Text(change(text).into()),
                KeyPart::Integer(_) => part.clone(),
            };
            key.parts().iter().map(part).collect::<Vec<_>>().into()
        };
        let number = |change: &dyn Fn(i128) -> i128| {
            let part = |part: &KeyPart| match part {
                KeyPart::Integer(number) => KeyPart::Integer(change(*number)),
                KeyPart::Text(_) => part.clone(),
            };
            key.parts().iter().map(part).collect::<Vec<_>>().into()
        };
        match self.flaw {
            Flaw::JoinsKeysWithASlash => KeyPart::Text(key.to_string().into()).into(),
            Flaw::FoldsCase => text(&str::to_lowercase),
            Flaw::TrimsKeys => text(&|text| text.trim_end().to_owned()),
            Flaw::EndsKeysAtNul => text(&|text| text.split('\0').next().unwrap_or_default().to_owned()),
            Flaw::CutsLongKeys => text(&|text| text.chars().take(255).collect()),
            Flaw::ListsNumbersAsTexts => {
                key.parts().iter().map(|part| KeyPart::Text(part.to_string().into())).collect::<Vec<_>>().into()
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "this is the flaw")]
            Flaw::KeepsNumbersAsDoubles => number(&|number| number as f64 as i128),
            #[expect(clippy::cast_possible_truncation, reason = "this is the flaw")]
            Flaw::KeepsNumbersSigned => number(&|number| i128::from(number as i64)),
            _ => key.clone(),
        }
    }

    /// The state as this store keeps it.
    fn kept(&self, state: &State) -> Result<State, StoreError> {
        let text = String::from_utf8_lossy(state.json());
        let json: String = match self.flaw {
            Flaw::CutsLongValues if text.len() > 65_535 => text[..60_000].to_owned() + "\"}",
            Flaw::StoresTheRepresentation => String::from_utf8_lossy(state.representation()).into_owned(),
            Flaw::DropsNulFromValues => text.replace("\\u0000", ""),
            Flaw::KeepsJsonAsDoubles => text.replace("9007199254740993", "9007199254740992"),
            _ => return Ok(state.clone()),
        };
        self.format.state(json.into(), state.modified())
    }

    fn write(&self, shelf: &mut Shelf, slot: &Key, state: &State) -> Result<State, StoreError> {
        if self.writes.load(Ordering::SeqCst) && self.flaw != Flaw::WritesAndThenFails {
            return if self.flaw == Flaw::SwallowsWriteErrors { Ok(state.clone()) } else { Err(gone()) };
        }
        let state = self.kept(state)?;
        shelf.before = shelf.states.clone();
        shelf.states.insert(slot.clone(), state.clone());
        if self.flaw != Flaw::WritesHalfWhenDropped {
            shelf.listed.insert(slot.clone(), state.clone());
        }
        shelf.deleted.remove(slot);
        shelf.written.retain(|key| key != slot);
        shelf.written.push(slot.clone());
        if self.writes.load(Ordering::SeqCst) { Err(gone()) } else { Ok(state) }
    }

    fn current(&self, shelf: &Shelf, slot: &Key) -> Result<Option<State>, StoreError> {
        if self.reads.load(Ordering::SeqCst) {
            return if self.flaw == Flaw::CreatesOverWhatItCannotRead { Ok(None) } else { Err(gone()) };
        }
        let deleted = if self.flaw == Flaw::DecidesAgainstTheDeleted { shelf.deleted.get(slot) } else { None };
        Ok(shelf.states.get(slot).or(deleted).cloned())
    }

    fn decide(&self, current: Option<&State>, change: &Change, precondition: &Precondition) -> Decided {
        let ignores = match self.flaw {
            Flaw::IgnoresPreconditions => true,
            Flaw::IgnoresPreconditionsOfCreations => current.is_none(),
            _ => false,
        };
        let none = Precondition::none();
        let now = SystemTime::now();
        let decision = change.decide(current, if ignores { &none } else { precondition }, now)?;
        let put = |json: &Bytes| self.format.state(json.clone(), Some(now));
        Ok(match (self.flaw, decision) {
            (Flaw::StoresWhatWasPut, Decision::Replace(_)) => Decision::Replace(put(change.created())?),
            (Flaw::WritesWhatIsUnchanged, Decision::Answer(Outcome::Unchanged(state))) => {
                Decision::Replace(put(state.json())?)
            }
            (Flaw::WritesOnlyWhatIsAnotherState, Decision::Replace(state)) => match current {
                Some(current) if current.json() == state.json() => Decision::Answer(Outcome::Unchanged(state)),
                _ => Decision::Replace(state),
            },
            (Flaw::WritesAConflict, Decision::Answer(Outcome::Conflict(_)))
            | (Flaw::StoresWhatWasOvertaken, Decision::Answer(Outcome::Overtaken(_))) => {
                Decision::Replace(put(change.created())?)
            }
            (Flaw::RestartsVersions | Flaw::KeepsTheFirstVersion, Decision::Create(state)) => {
                Decision::Create(put(&first_version(&state))?)
            }
            (Flaw::KeepsTheFirstVersion, Decision::Replace(state)) => Decision::Replace(put(&first_version(&state))?),
            (_, decision) => decision,
        })
    }

    fn done(&self, shelf: &mut Shelf, slot: &Key, decision: Decision) -> Result<Outcome, StoreError> {
        Ok(match decision {
            Decision::Answer(outcome) => outcome,
            Decision::Create(state) => Outcome::Created(self.write(shelf, slot, &state)?),
            Decision::Replace(state) if self.flaw == Flaw::CallsEverythingCreated => {
                Outcome::Created(self.write(shelf, slot, &state)?)
            }
            Decision::Replace(state) => Outcome::Replaced(self.write(shelf, slot, &state)?),
        })
    }

    async fn put(self, key: Key, change: Change, precondition: Precondition) -> Result<Outcome, StoreError> {
        let slot = self.slot(&key);
        turn().await;
        match self.flaw {
            Flaw::ChecksThenWrites | Flaw::ChecksThenWritesAtOnce => {
                let current = self.current(&self.shelf(), &slot)?;
                let decision = self.decide(current.as_ref(), &change, &precondition)?;
                if self.flaw == Flaw::ChecksThenWrites {
                    turn().await;
                } else {
                    std::thread::sleep(Duration::from_micros(200));
                }
                self.done(&mut self.shelf(), &slot, decision)
            }
            Flaw::IsAbsentForAMoment => {
                let old = self.shelf().states.remove(&slot);
                std::thread::sleep(Duration::from_micros(200));
                let mut shelf = self.shelf();
                if let Some(old) = old {
                    shelf.states.insert(slot.clone(), old);
                }
                drop(shelf);
                self.put_at_once(&slot, &change, &precondition)
            }
            Flaw::RefusesASecondWriter => {
                if std::mem::replace(&mut self.shelf().busy, true) {
                    return Err(StoreError::busy(Duration::from_secs(1), "another writer is at work"));
                }
                turn().await;
                self.shelf().busy = false;
                self.put_at_once(&slot, &change, &precondition)
            }
            Flaw::WedgesWhenDropped | Flaw::WedgesWhenAListIsDropped => {
                let busy = self.busy().await;
                turn().await;
                let outcome = self.put_at_once(&slot, &change, &precondition);
                busy.give_back();
                outcome
            }
            Flaw::WritesHalfWhenDropped => {
                let outcome = self.put_at_once(&slot, &change, &precondition)?;
                turn().await;
                let mut shelf = self.shelf();
                shelf.listed = shelf.states.clone();
                Ok(outcome)
            }
            _ => self.put_at_once(&slot, &change, &precondition),
        }
    }

    fn put_at_once(&self, slot: &Key, change: &Change, precondition: &Precondition) -> Result<Outcome, StoreError> {
        let mut shelf = self.shelf();
        let current = self.current(&shelf, slot)?;
        let decision = self.decide(current.as_ref(), change, precondition)?;
        self.done(&mut shelf, slot, decision)
    }

    fn delete(&self, slot: &Key, removal: &Removal) -> Result<Deletion, StoreError> {
        assert!(self.flaw != Flaw::PanicsOnDelete, "a delete that nobody has tried before");
        let mut shelf = self.shelf();
        let Some(state) = self.current(&shelf, slot)? else {
            let deleted = self.flaw == Flaw::SaysDeletedOfWhatIsAbsent;
            return Ok(if deleted { Deletion::Deleted } else { Deletion::Absent });
        };
        if self.flaw != Flaw::DeletesWhateverTheCondition
            && let Err(deletion) = removal.decide(Some(&state))
        {
            return Ok(deletion);
        }
        if self.writes.load(Ordering::SeqCst) {
            return if self.flaw == Flaw::SwallowsWriteErrors { Ok(Deletion::Deleted) } else { Err(gone()) };
        }
        shelf.before = shelf.states.clone();
        shelf.listed.remove(slot);
        if self.flaw != Flaw::DeletesOnlyFromTheList {
            shelf.states.remove(slot);
        }
        shelf.deleted.insert(slot.clone(), state);
        Ok(Deletion::Deleted)
    }

    fn get(&self, slot: &Key) -> Result<Option<State>, StoreError> {
        if self.reads.load(Ordering::SeqCst) {
            return if self.flaw == Flaw::TakesAReadErrorForAbsence { Ok(None) } else { Err(gone()) };
        }
        let shelf = self.shelf();
        let states = if self.flaw == Flaw::ReadsWhatWasThereBefore { &shelf.before } else { &shelf.states };
        let state = states.get(slot).cloned();
        match state {
            Some(state) if self.flaw == Flaw::ForgetsDates => Ok(Some(self.format.state(state.json().clone(), None)?)),
            state => Ok(state),
        }
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Result<Vec<State>, StoreError> {
        if self.reads.load(Ordering::SeqCst) {
            return if self.flaw == Flaw::TakesAListErrorForNothing { Ok(Vec::new()) } else { Err(gone()) };
        }
        let shelf = self.shelf();
        let begin = match after.map(|key| self.slot(&key)) {
            Some(key) if self.flaw == Flaw::ListsTheKeyItBeginsAfter => Bound::Included(key),
            Some(key) => Bound::Excluded(key),
            None => Bound::Unbounded,
        };
        if self.flaw == Flaw::ListsInTheOrderOfWrites {
            let passed = |key: &&Key| matches!(&begin, Bound::Excluded(after) if *key != after);
            let skip = shelf.written.iter().take_while(passed).count();
            let skip = if begin == Bound::Unbounded { 0 } else { skip + 1 };
            let states = shelf.written.iter().skip(skip).filter_map(|key| shelf.listed.get(key)).take(limit);
            return Ok(states.cloned().collect());
        }
        let gap = usize::from(self.flaw == Flaw::LeavesAGapBetweenPages && begin != Bound::Unbounded);
        let limit = if self.flaw == Flaw::ListsWithoutALimit { usize::MAX } else { limit };
        Ok(shelf
            .listed
            .range((begin, Bound::Unbounded))
            .map(|(_, state)| state.clone())
            .skip(gap)
            .take(limit)
            .collect())
    }
}

/// The same JSON with the version 1, if there is one.
fn first_version(state: &State) -> Bytes {
    let json = String::from_utf8_lossy(state.json());
    let Some((head, tail)) = json.split_once("\"version\":") else { return state.json().clone() };
    let tail = tail.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{head}\"version\":1{tail}").into()
}

type Decided = Result<Decision, StoreError>;

fn gone() -> StoreError {
    StoreError::failed("the disk is gone")
}

/// The turn of one writer. Dropped before its end it is not given back: that is the flaw.
struct Turn {
    desk: Desk,
    done: bool,
}

impl Turn {
    fn give_back(mut self) {
        self.done = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.done {
            self.desk.shelf().busy = false;
        }
    }
}

impl Store for Flawed {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        Reply::ready(self.desk.get(&self.desk.slot(key)))
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        Reply::new(self.desk.clone().put(key, change, precondition))
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        let desk = self.desk.clone();
        Reply::new(async move {
            turn().await;
            if desk.flaw != Flaw::WedgesWhenDropped {
                return desk.delete(&desk.slot(&key), &removal);
            }
            let busy = desk.busy().await;
            turn().await;
            let deletion = desk.delete(&desk.slot(&key), &removal);
            busy.give_back();
            deletion
        })
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        let desk = self.desk.clone();
        Reply::new(async move {
            if desk.flaw != Flaw::WedgesWhenAListIsDropped {
                turn().await;
                return desk.list(after, limit);
            }
            let busy = desk.busy().await;
            turn().await;
            busy.give_back();
            desk.list(after, limit)
        })
    }
}

impl Drop for Flawed {
    fn drop(&mut self) {
        let mut shelf = self.desk.shelf();
        let Shelf { states, listed, deleted, written, .. } = &mut *shelf;
        match self.desk.flaw {
            Flaw::LosesTheLastWriteAtReopening => {
                if let Some(key) = written.pop() {
                    states.remove(&key);
                    listed.remove(&key);
                }
            }
            Flaw::RevivesTheDeletedAtReopening => states.append(deleted),
            Flaw::WritesDatesAnewAtReopening => {
                for state in states.values_mut() {
                    *state = self.desk.format.state(state.json().clone(), Some(SystemTime::now())).unwrap();
                }
                *listed = states.clone();
            }
            _ => {}
        }
    }
}
