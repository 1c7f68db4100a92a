//! What a put without preconditions does.

use std::time::Duration;

use put_core::Precondition;
use put_core::change::never_changes;
use put_core::store::Outcome;

use super::driver::pause;
use super::opened::{Opened, told, value};
use super::resources::{Card, Draft, Note, Page};
use super::{Kept, Place, ensure};

/// A put where nothing is creates: the answer is what is stored, a get and a list show it.
pub async fn creates_when_absent(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let note = Note::new(7, "first");
    let (key, change) = notes.change(&note)?;
    notes.shows(&key, None).await?;
    let state = notes.create(&note).await?;
    ensure(state.json() == change.created(), || {
        format!("{:?} was put, {:?} is stored", change.created(), state.json())
    })?;
    notes.shows(&key, Some(&state)).await?;
    let other = notes.key(&Note::new(8, ""))?;
    notes.shows(&other, None).await
}

/// A put of other data replaces all of the state, and the tag is another one.
pub async fn replaces_when_present(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let (first, second) = (Note::new(7, "first"), Note::new(7, "second"));
    let beside = notes.create(&Note::new(8, "beside")).await?;
    let created = notes.create(&first).await?;
    let replaced = notes.replace(&second).await?;
    let (key, change) = notes.change(&second)?;
    ensure(replaced.json() == change.created(), || "the answer is not what was put".to_owned())?;
    ensure(replaced.tag() != created.tag(), || "other data has the same tag".to_owned())?;
    ensure(replaced.modified().is_some() == created.modified().is_some(), || {
        "one answer has a modification date, the other has none".to_owned()
    })?;
    notes.shows(&key, Some(&replaced)).await?;
    notes.shows(&notes.key(&Note::new(8, ""))?, Some(&beside)).await?;
    // Back again: what was replaced has left nothing behind.
    let back = notes.replace(&first).await?;
    ensure(back.tag() == created.tag(), || "equal data has another tag".to_owned())?;
    notes.shows(&key, Some(&back)).await
}

/// A put of what is already there writes nothing: tag and modification date stay, and the answer says so.
pub async fn an_unchanged_replacement_writes_nothing(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let note = Note::new(7, "same");
    let state = notes.create(&note).await?;
    // Time passes, so that a date which is written anew is another one.
    pause(Duration::from_millis(20)).await;
    for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
        let outcome = notes.put(&note, precondition).await?;
        ensure(outcome == Outcome::Unchanged(state.clone()), || {
            format!("the same data again came to {}, not to Unchanged with tag and date as before", told(&outcome))
        })?;
    }
    notes.shows(&notes.key(&note)?, Some(&state)).await
}

/// What the server would set anew does not make a replacement a change.
pub async fn unchanged_is_judged_on_what_a_client_controls(place: &impl Place) -> Kept {
    let cards = Opened::new(place)?;
    let card = Card::new(7, "same", "ada");
    let state = cards.create(&card).await?;
    let outcome = cards.put(&card, Precondition::none()).await?;
    ensure(outcome == Outcome::Unchanged(state.clone()), || format!("the same card again came to {}", told(&outcome)))?;
    cards.shows(&cards.key(&card)?, Some(&state)).await?;
    let drafts = Opened::new(place)?;
    let draft = Draft::new(7, "same");
    let state = drafts.create(&draft).await?;
    let outcome = drafts.put(&draft, Precondition::none()).await?;
    ensure(outcome == Outcome::Unchanged(state.clone()), || {
        format!("the same draft again came to {}", told(&outcome))
    })?;
    drafts.shows(&drafts.key(&draft)?, Some(&state)).await
}

/// `on_create` is set once and kept, `on_replace` at every change: a store writes what the change decides, not what was
/// put.
pub async fn members_of_the_server_are_set_when_they_should_be(place: &impl Place) -> Kept {
    let cards = Opened::new(place)?;
    let first: Card = value(&cards.create(&Card::new(7, "first", "ada")).await?)?;
    let mut last = first.clone();
    for text in ["second", "third"] {
        let state = cards.replace(&Card::new(7, text, "ada")).await?;
        let card: Card = value(&state)?;
        ensure(card.text == text, || format!("{text:?} was put, {card:?} is stored"))?;
        ensure(card.created == first.created, || "what is set at creation changed with a replacement".to_owned())?;
        ensure(card.changed > last.changed, || "what is set at every change is as before".to_owned())?;
        cards.shows(&cards.key(&card)?, Some(&state)).await?;
        last = card;
    }
    Ok(())
}

/// A change of a member that never changes is a conflict that names it, and writes nothing.
pub async fn an_immutable_conflict_writes_nothing(place: &impl Place) -> Kept {
    let cards = Opened::new(place)?;
    let state = cards.create(&Card::new(7, "first", "ada")).await?;
    let other = Card::new(7, "second", "byron");
    for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
        let outcome = cards.put(&other, precondition).await?;
        ensure(outcome == Outcome::Conflict(never_changes(["owner"])), || {
            format!("another owner came to {}, not to a conflict of it", told(&outcome))
        })?;
        cards.shows(&cards.key(&other)?, Some(&state)).await?;
    }
    Ok(())
}

/// A version grows with every real change, and the tag is made of it.
pub async fn a_version_grows_with_every_change(place: &impl Place) -> Kept {
    let drafts = Opened::new(place)?;
    let mut state = drafts.create(&Draft::new(7, "0")).await?;
    for round in 1..20 {
        let next = drafts.replace(&Draft::new(7, &round.to_string())).await?;
        let (old, new): (Draft, Draft) = (value(&state)?, value(&next)?);
        ensure(new.version > old.version, || format!("the version {} came after {}", new.version, old.version))?;
        ensure(next.tag() != state.tag(), || "another version has the same tag".to_owned())?;
        state = next;
    }
    drafts.shows(&drafts.key(&Draft::new(7, ""))?, Some(&state)).await
}

/// Resources of one place do not share keys: the note 7 is not the draft 7.
pub async fn resources_of_one_place_are_kept_apart(place: &impl Place) -> Kept {
    let (notes, drafts, pages) = (Opened::new(place)?, Opened::new(place)?, Opened::new(place)?);
    let (note, draft) = (Note::new(7, "a note"), Draft::new(7, "a draft"));
    let page = Page { slug: "7".to_owned(), text: "a page".to_owned() };
    let (as_note, as_draft) = (notes.create(&note).await?, drafts.create(&draft).await?);
    let as_page = pages.create(&page).await?;
    notes.shows(&notes.key(&note)?, Some(&as_note)).await?;
    notes.delete(&notes.key(&note)?, Precondition::none()).await?;
    notes.shows(&notes.key(&note)?, None).await?;
    drafts.shows(&drafts.key(&draft)?, Some(&as_draft)).await?;
    pages.shows(&pages.key(&page)?, Some(&as_page)).await
}
