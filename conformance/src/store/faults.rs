//! A store that cannot do what it is asked says so. A client that is told "absent" creates over what it could not see.

use put_core::Precondition;
use put_core::store::Outcome;

use super::opened::{Opened, told};
use super::resources::Note;
use super::{Complaint, Kept, Place, ensure};

fn untried(what: &str) -> Complaint {
    Complaint::NotTried(format!("the place does not say how to break {what}"))
}

/// A read that fails is an error: neither "absent" nor an empty list.
pub async fn a_failing_read_is_an_error_and_never_absent(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    notes.create(&Note::new(7, "there")).await?;
    if !place.break_reads() {
        return Err(untried("reads"));
    }
    for id in [7, 8, 7] {
        let got = notes.store.get(&notes.key(&Note::new(id, ""))?).await;
        ensure(got.is_err(), || format!("a get of {id} that cannot be answered came to {got:?}"))?;
    }
    for after in [None, Some(notes.key(&Note::new(3, ""))?)] {
        let listed = notes.store.list(after, 10).await;
        ensure(listed.is_err(), || format!("a list that cannot be answered came to {listed:?}"))?;
    }
    Ok(())
}

/// A write that cannot see the current state decides nothing against it: it fails, and never creates.
pub async fn a_write_over_what_cannot_be_read_is_never_a_creation(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let state = notes.create(&Note::new(7, "there")).await?;
    if !place.break_reads() {
        return Err(untried("reads"));
    }
    let note = Note::new(7, "over it");
    for precondition in [Precondition::if_none_match_any(), Precondition::none(), Precondition::if_match_any()] {
        let (key, change) = notes.change(&note)?;
        if let Ok(outcome) = notes.store.put(key, change, precondition).await {
            // A store that still sees its state may refuse or replace it.
            ensure(!matches!(outcome, Outcome::Created(_)), || {
                format!("a put over {:?}, which cannot be read, came to {}", state.json(), told(&outcome))
            })?;
        }
    }
    Ok(())
}

/// A write that fails is an error, and leaves all as it was.
pub async fn a_failing_write_is_an_error_and_changes_nothing(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let state = notes.create(&Note::new(7, "there")).await?;
    let (there, new) = (notes.key(&Note::new(7, ""))?, notes.key(&Note::new(8, ""))?);
    if !place.break_writes() {
        return Err(untried("writes"));
    }
    for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
        let answer = notes.begin(&Note::new(7, "over it"), precondition)?.await;
        ensure(answer.is_err(), || format!("a replacement that cannot be written came to {answer:?}"))?;
    }
    for precondition in [Precondition::none(), Precondition::if_none_match_any()] {
        let answer = notes.begin(&Note::new(8, "new"), precondition)?.await;
        ensure(answer.is_err(), || format!("a creation that cannot be written came to {answer:?}"))?;
    }
    let answer = notes.store.delete(there.clone(), Precondition::none().into()).await;
    ensure(answer.is_err(), || format!("a delete that cannot be done came to {answer:?}"))?;
    // Where reads go on, they show what was there.
    for (key, wanted) in [(&there, Some(&state)), (&new, None)] {
        if let Ok(got) = notes.store.get(key).await {
            ensure(got.as_ref() == wanted, || format!("after writes that failed {key:?} shows {got:?}"))?;
        }
    }
    Ok(())
}
