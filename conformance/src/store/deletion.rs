//! What a delete does, and what it leaves behind: nothing.

use std::collections::HashMap;

use put_core::store::{Deletion, Failed, Outcome};
use put_core::{Condition, Precondition};

use super::opened::{Opened, told, value};
use super::preconditions::ROWS;
use super::resources::{Card, Draft, Note};
use super::{Kept, Place, ensure};

/// A delete removes the state: no get and no list shows it, and what is beside it stays.
pub async fn deletes_what_is_there(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let (note, beside) = (Note::new(7, "first"), Note::new(8, "beside"));
    let key = notes.key(&note)?;
    let kept = notes.create(&beside).await?;
    for precondition in [Precondition::none(), Precondition::if_match_any()] {
        notes.create(&note).await?;
        let deletion = notes.delete(&key, precondition).await?;
        ensure(deletion == Deletion::Deleted, || format!("a delete of what is there came to {deletion:?}"))?;
        notes.shows(&key, None).await?;
        notes.shows(&notes.key(&beside)?, Some(&kept)).await?;
    }
    Ok(())
}

/// A delete of what is not there is `Absent`, whatever its precondition says, and makes nothing.
pub async fn what_is_absent_cannot_be_deleted(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let note = Note::new(7, "first");
    let key = notes.key(&note)?;
    let absent = async |when: &str| {
        for precondition in [Precondition::none(), Precondition::if_match_any(), Precondition::none().must_exist()] {
            let deletion = notes.delete(&key, precondition).await?;
            ensure(deletion == Deletion::Absent, || format!("a delete of what {when} came to {deletion:?}"))?;
        }
        notes.shows(&key, None).await
    };
    absent("never was").await?;
    notes.create(&note).await?;
    notes.delete(&key, Precondition::none()).await?;
    absent("is deleted").await
}

/// The rows of the truth table, for a delete: a false condition removes nothing and is told with the current tag.
pub async fn every_precondition_of_a_deletion(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for (id, row) in (1..).zip(ROWS) {
        let note = Note::new(id, "current");
        let key = notes.key(&note)?;
        let state = notes.create(&note).await?;
        let deletion = notes.delete(&key, (row.precondition)(state.tag())).await?;
        let name = row.told;
        match row.present {
            Ok(()) => {
                ensure(deletion == Deletion::Deleted, || format!("{name}: the delete came to {deletion:?}"))?;
                notes.shows(&key, None).await?;
            }
            Err(condition) => {
                let wanted = Deletion::Failed(Failed::new(condition, Some(&state)));
                ensure(deletion == wanted, || format!("{name}: the delete came to {deletion:?}, not to {wanted:?}"))?;
                notes.shows(&key, Some(&state)).await?;
            }
        }
    }
    Ok(())
}

/// After a delete other data never has a tag that was there before, so an old tag does not match.
pub async fn deleting_and_creating_never_revives_a_tag(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let key = notes.key(&Note::new(7, ""))?;
    let mut known = HashMap::new();
    for round in 0..6 {
        let note = Note::new(7, format!("life {}", round % 4));
        let state = notes.create(&note).await?;
        let json = known.entry(state.tag().clone()).or_insert_with(|| state.json().clone());
        ensure(json == state.json(), || format!("the tag {} of {json:?} has come to {:?}", state.tag(), state.json()))?;
        for (tag, json) in known.iter().filter(|(_, json)| *json != state.json()) {
            let stale = notes.put(&Note::new(7, "stale"), Precondition::if_match(tag.clone())).await?;
            let refused = matches!(&stale, Outcome::Failed(failed) if failed.condition == Condition::IfMatch);
            ensure(refused, || format!("the tag of {json:?}, deleted before, let a put through: {}", told(&stale)))?;
        }
        notes.shows(&key, Some(&state)).await?;
        notes.delete(&key, Precondition::if_match(state.tag().clone())).await?;
        let stale = notes.put(&note, Precondition::if_match(state.tag().clone())).await?;
        ensure(matches!(stale, Outcome::Failed(_)), || {
            format!("the tag of what is deleted matched: {}", told(&stale))
        })?;
        notes.shows(&key, None).await?;
    }
    // A tag that is made of a version: one that begins anew for each life names two of them.
    let drafts = Opened::new(place)?;
    let key = drafts.key(&Draft::new(7, ""))?;
    let mut known = HashMap::new();
    for round in 0..6 {
        let state = drafts.create(&Draft::new(7, &format!("life {round}"))).await?;
        let before = known.insert(state.tag().clone(), state.json().clone());
        ensure(before.is_none(), || format!("the tag {} of {before:?} has come to {:?}", state.tag(), state.json()))?;
        drafts.delete(&key, Precondition::none()).await?;
    }
    Ok(())
}

/// What is created after a delete is decided with no current state: nothing immutable is in the way, what is set at
/// creation is set again, a version does not begin anew.
pub async fn a_deleted_key_starts_anew(place: &impl Place) -> Kept {
    let cards = Opened::new(place)?;
    let key = cards.key(&Card::new(7, "", ""))?;
    let first: Card = value(&cards.create(&Card::new(7, "same", "ada")).await?)?;
    cards.delete(&key, Precondition::none()).await?;
    let state = cards.create(&Card::new(7, "same", "byron")).await?;
    let second: Card = value(&state)?;
    ensure(second.owner == "byron", || format!("the owner is {:?}, who was deleted", second.owner))?;
    ensure(second.created > first.created, || "what is set at creation is that of the deleted one".to_owned())?;
    cards.shows(&key, Some(&state)).await?;

    let drafts = Opened::new(place)?;
    let key = drafts.key(&Draft::new(7, ""))?;
    let mut last = 0;
    for _ in 0..3 {
        let first: Draft = value(&drafts.create(&Draft::new(7, "same")).await?)?;
        let second: Draft = value(&drafts.replace(&Draft::new(7, "other")).await?)?;
        ensure(last < first.version && first.version < second.version, || {
            format!("after the version {last} came {} and {}", first.version, second.version)
        })?;
        last = second.version;
        drafts.delete(&key, Precondition::none()).await?;
    }
    Ok(())
}
