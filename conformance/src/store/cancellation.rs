//! Futures that are dropped before their end. Whoever waits for an answer may leave at any moment; the store is then as if
//! the write had happened or as if it had not, and goes on.
//!
//! A write that was dropped may still happen later, where the store works it out elsewhere. So each of them has a
//! condition that is false as soon as something else is written.

use std::time::Duration;

use put_core::Precondition;
use put_core::store::{Deletion, Key, Outcome, State};

use super::driver::{Way, pause, polled, together};
use super::opened::{Opened, told, value};
use super::resources::Note;
use super::{Complaint, Kept, Place, ensure};

/// How often a future is polled before it is dropped, in turns.
const STEPS: std::ops::Range<usize> = 0..12;

/// Writes until it is done: what was dropped may still come in between, but only once.
async fn writes_again(notes: &Opened<Note>, id: u64, dropped: &Note, before: Option<&State>) -> Kept {
    let last = Note::new(id, "afterwards");
    let key = notes.key(&last)?;
    for _ in 0..3 {
        let current = settled(notes, &key).await?;
        let whole = match &current {
            None => before.is_none(),
            Some(state) => Some(state) == before || value::<Note>(state)? == *dropped,
        };
        ensure(whole, || format!("after a dropped put of {dropped:?} there is {current:?}"))?;
        let precondition = match &current {
            Some(state) => Precondition::if_match(state.tag().clone()),
            None => Precondition::if_none_match_any(),
        };
        match notes.put(&last, precondition).await? {
            Outcome::Created(state) | Outcome::Replaced(state) => return notes.shows(&key, Some(&state)).await,
            Outcome::Failed(_) => {}
            other => return Err(Complaint::Broken(format!("the put after a dropped one came to {}", told(&other)))),
        }
    }
    Err(Complaint::broken("after a dropped put the next one finds another state again and again"))
}

/// The state under the key, when a get and a list agree. A write that was dropped may come between the two of them once,
/// and is half a write if they never agree.
async fn settled(notes: &Opened<Note>, key: &Key) -> Result<Option<State>, Complaint> {
    for _ in 0..50 {
        let current = notes.get(key).await?;
        if notes.shows(key, current.as_ref()).await.is_ok() {
            return Ok(current);
        }
        pause(Duration::from_millis(5)).await;
    }
    let current = notes.get(key).await?;
    notes.shows(key, current.as_ref()).await?;
    Ok(current)
}

/// A creation that is dropped after any number of steps has happened or has not; the key can be written again.
pub async fn a_dropped_creation_neither_half_writes_nor_wedges(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for (id, steps) in (0..).zip(STEPS) {
        let note = Note::new(id, "dropped");
        drop(polled(notes.begin(&note, Precondition::if_none_match_any())?, steps).await);
        writes_again(&notes, id, &note, None).await?;
    }
    Ok(())
}

/// The same of a replacement.
pub async fn a_dropped_replacement_neither_half_writes_nor_wedges(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for (id, steps) in (0..).zip(STEPS) {
        let before = notes.create(&Note::new(id, "before")).await?;
        let note = Note::new(id, "dropped");
        drop(polled(notes.begin(&note, Precondition::if_match(before.tag().clone()))?, steps).await);
        writes_again(&notes, id, &note, Some(&before)).await?;
    }
    Ok(())
}

/// The same of a deletion.
pub async fn a_dropped_deletion_neither_half_writes_nor_wedges(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for (id, steps) in (0..).zip(STEPS) {
        let before = notes.create(&Note::new(id, "before")).await?;
        let key = notes.key(&Note::new(id, ""))?;
        let deletion = notes.store.delete(key.clone(), Precondition::if_match(before.tag().clone()).into());
        drop(polled(deletion, steps).await);
        let mut left = notes.delete(&key, Precondition::if_match(before.tag().clone())).await?;
        if left == Deletion::Absent {
            left = Deletion::Deleted;
        }
        ensure(left == Deletion::Deleted, || format!("the delete after a dropped one came to {left:?}"))?;
        notes.shows(&key, None).await?;
        let state = notes.create(&Note::new(id, "afterwards")).await?;
        notes.shows(&key, Some(&state)).await?;
    }
    Ok(())
}

/// Many tasks that begin puts of one key and leave do not keep others from writing it.
pub async fn many_dropped_at_once_do_not_wedge(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let before = notes.create(&Note::new(7, "before")).await?;
    let note = Note::new(7, "dropped");
    let works = (0..64).map(|task| {
        let (notes, note, precondition) = (notes.clone(), note.clone(), Precondition::if_match(before.tag().clone()));
        async move {
            drop(polled(notes.begin(&note, precondition)?, task % 5).await);
            Ok(())
        }
    });
    together(place, Way::Tasks, works.collect()).await?;
    writes_again(&notes, 7, &note, Some(&before)).await
}

/// Gets and lists that are dropped keep nobody from anything.
pub async fn a_dropped_read_does_not_wedge(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let mut state = notes.create(&Note::new(7, "start")).await?;
    let key = notes.key(&Note::new(7, ""))?;
    for steps in STEPS {
        for _ in 0..20 {
            drop(polled(notes.store.get(&key), steps).await);
            drop(polled(notes.store.list(None, usize::MAX), steps).await);
        }
        notes.shows(&key, Some(&state)).await?;
        state = notes.replace(&Note::new(7, format!("after {steps} steps"))).await?;
    }
    Ok(())
}
