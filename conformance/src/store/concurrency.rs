//! Many tasks at one store. Every put that says it wrote did write, and nothing is lost between them.
//!
//! Each rule is asked in many rounds, because one round proves little. One file, because the rules are one thing: a race
//! and its one winner.

use std::collections::HashMap;
use std::time::Duration;

use put_core::store::{Deletion, Outcome, State};
use put_core::{Condition, Precondition};

use super::driver::{Way, pause, together};
use super::opened::{Opened, told, value};
use super::resources::Note;
use super::{Complaint, Kept, Place, ensure};

const TASKS: u64 = 8;
const ROUNDS: u64 = 40;

/// Puts the notes at one time.
async fn at_once(
    (place, way): (&impl Place, Way),
    notes: &Opened<Note>,
    puts: impl Iterator<Item = (Note, Precondition)>,
) -> Result<Vec<Outcome>, Complaint> {
    let put = |(note, precondition)| {
        let notes = notes.clone();
        async move { notes.put(&note, precondition).await }
    };
    together(place, way, puts.map(put).collect()).await
}

/// The one state that was written; every other put must have failed, by this condition, and been told a tag.
fn winner(outcomes: &[Outcome], by: Condition) -> Result<&State, Complaint> {
    let mut won = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Created(state) | Outcome::Replaced(state) => won.push(state),
            Outcome::Failed(failed) if failed.condition == by => {}
            other => return Err(Complaint::Broken(format!("a put beside others came to {}", told(other)))),
        }
    }
    match won[..] {
        [state] => Ok(state),
        _ => Err(Complaint::Broken(format!("of {} puts that exclude each other {} wrote", outcomes.len(), won.len()))),
    }
}

/// Of tasks that create one key if nothing is there, exactly one does; the others are told its tag.
pub async fn concurrent_creators_have_one_winner(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for id in 0..ROUNDS {
        let puts = (0..TASKS).map(|task| (Note::new(id, format!("task {task}")), Precondition::if_none_match_any()));
        let outcomes = at_once((place, Way::of(id)), &notes, puts).await?;
        let state = winner(&outcomes, Condition::IfNoneMatch)?;
        for outcome in &outcomes {
            if let Outcome::Failed(failed) = outcome {
                ensure(failed.tag() == Some(state.tag()), || {
                    format!("a task was told the tag {:?}, the winner wrote {}", failed.tag(), state.tag())
                })?;
            }
        }
        notes.shows(&notes.key(&Note::new(id, ""))?, Some(state)).await?;
    }
    Ok(())
}

/// Of tasks that replace what one tag names, exactly one does.
pub async fn concurrent_replacements_of_one_tag_have_one_winner(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let mut tag = notes.create(&Note::new(7, "start")).await?.tag().clone();
    for round in 0..ROUNDS {
        let puts = (0..TASKS)
            .map(|task| (Note::new(7, format!("round {round}, task {task}")), Precondition::if_match(tag.clone())));
        let outcomes = at_once((place, Way::of(round)), &notes, puts).await?;
        let state = winner(&outcomes, Condition::IfMatch)?;
        notes.shows(&notes.key(&Note::new(7, ""))?, Some(state)).await?;
        tag = state.tag().clone();
    }
    Ok(())
}

/// A delete and puts that all name one tag: exactly one of them happens, and what is deleted stays deleted.
pub async fn a_deletion_and_a_replacement_of_one_tag_have_one_winner(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for id in 0..ROUNDS {
        let tag = notes.create(&Note::new(id, "start")).await?.tag().clone();
        let key = notes.key(&Note::new(id, ""))?;
        let works = (0..4).map(|task| {
            let (notes, key, precondition) = (notes.clone(), key.clone(), Precondition::if_match(tag.clone()));
            async move {
                if task % 2 == 0 {
                    return Ok(notes.delete(&key, precondition).await? == Deletion::Deleted);
                }
                let outcome = notes.put(&Note::new(id, format!("task {task}")), precondition).await?;
                Ok(matches!(outcome, Outcome::Created(_) | Outcome::Replaced(_)))
            }
        });
        let won = together(place, Way::of(id), works.collect()).await?;
        let deleted = won.iter().step_by(2).any(|won| *won);
        let count = won.iter().filter(|won| **won).count();
        ensure(count == 1, || format!("of deletes and puts with one tag {count} happened"))?;
        let left = notes.get(&key).await?;
        ensure(left.is_none() == deleted, || format!("deleted: {deleted}, and then there is {left:?}"))?;
    }
    Ok(())
}

/// Tasks that count up by get and put with the tag end at the exact sum.
pub async fn increments_end_exact(place: &impl Place) -> Kept {
    const EACH: u64 = 25;
    let notes = Opened::new(place)?;
    for way in [Way::Turns, Way::Tasks] {
        notes.put(&Note::new(7, "0"), Precondition::none()).await?;
        let works = (0..TASKS).map(|_| {
            let notes = notes.clone();
            async move { count_up(&notes, EACH).await }
        });
        together(place, way, works.collect()).await?;
        let state = notes.get(&notes.key(&Note::new(7, ""))?).await?;
        let note: Option<Note> = state.as_ref().map(value).transpose()?;
        let (end, sum) = (note.map(|note| note.text).unwrap_or_default(), TASKS * EACH);
        ensure(end == sum.to_string(), || format!("{TASKS} tasks counted {EACH} times each, and the end is {end}"))?;
    }
    Ok(())
}

async fn count_up(notes: &Opened<Note>, times: u64) -> Kept {
    let key = notes.key(&Note::new(7, ""))?;
    for _ in 0..times {
        // Each refusal means that another task has counted, which happens no more often than all of them do.
        for attempt in 0.. {
            let state = notes.get(&key).await?.ok_or_else(|| Complaint::broken("the counter is gone"))?;
            let note: Note = value(&state)?;
            let count: u64 = note.text.parse().map_err(|_| Complaint::Broken(format!("the counter is {note:?}")))?;
            let next = Note::new(7, (count + 1).to_string());
            if attempt == 0 {
                // Time for the others to read what this task has read.
                pause(Duration::from_millis(1)).await;
            }
            match notes.put(&next, Precondition::if_match(state.tag().clone())).await? {
                Outcome::Replaced(_) => break,
                Outcome::Failed(_) if attempt <= TASKS * times => {}
                other => return Err(Complaint::Broken(format!("try {attempt} to count came to {}", told(&other)))),
            }
        }
    }
    Ok(())
}

/// Of puts without a precondition where nothing is, one creates and the others replace; one of the states they were told
/// is there at the end.
pub async fn plain_writes_leave_one_of_them(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for id in 0..ROUNDS {
        let puts = (0..TASKS).map(|task| (Note::new(id, format!("task {task}")), Precondition::none()));
        let outcomes = at_once((place, Way::of(id)), &notes, puts).await?;
        let created = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Created(_))).count();
        let states: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Created(state) | Outcome::Replaced(state) => Some(state),
                _ => None,
            })
            .collect();
        ensure(created == 1 && states.len() == outcomes.len(), || {
            format!("of {} plain puts {created} created and {} wrote", outcomes.len(), states.len())
        })?;
        let end = notes.get(&notes.key(&Note::new(id, ""))?).await?;
        ensure(end.as_ref().is_some_and(|end| states.contains(&end)), || {
            format!("at the end there is {end:?}, which no task was told")
        })?;
    }
    Ok(())
}

/// Creations of different keys at one time all happen, and all are there.
pub async fn different_keys_do_not_hinder_each_other(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for round in 0..ROUNDS {
        let puts = (0..TASKS).map(|task| {
            let id = round * TASKS + task;
            (Note::new(id, format!("the note {id}")), Precondition::if_none_match_any())
        });
        for outcome in at_once((place, Way::of(round)), &notes, puts).await? {
            ensure(matches!(outcome, Outcome::Created(_)), || {
                format!("the creation of a key of its own came to {}", told(&outcome))
            })?;
        }
    }
    let listed = notes.list(None, usize::MAX).await?;
    ensure(listed.len() as u64 == ROUNDS * TASKS, || {
        format!("{} were created, {} are there", ROUNDS * TASKS, listed.len())
    })
}

/// Readers beside writers see states that were put, whole, each with its own tag.
pub async fn readers_see_whole_states(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let text = |round: u64| format!("{}", round % 5).repeat(3000);
    notes.create(&Note::new(7, text(0))).await?;
    let mut known = HashMap::new();
    for way in [Way::Turns, Way::Tasks] {
        let works = (0..TASKS).map(|task| {
            let notes = notes.clone();
            async move {
                // A read is quicker than a write.
                let rounds = if task % 4 < 2 { ROUNDS } else { ROUNDS * 5 };
                let mut seen = Vec::new();
                for round in 0..rounds {
                    seen.push(write_or_read(&notes, task, text(task + round)).await?);
                }
                Ok(seen)
            }
        });
        for state in together(place, way, works.collect()).await?.into_iter().flatten() {
            let note: Note = value(&state)?;
            let whole = (0..5).any(|round| note.text == text(round));
            ensure(whole, || format!("nobody put {:?}", state.json()))?;
            let json = known.entry(state.tag().clone()).or_insert_with(|| state.json().clone());
            ensure(json == state.json(), || format!("the tag {} was seen with two states", state.tag()))?;
        }
    }
    Ok(())
}

/// What a task sees: one half of them write, the others read.
async fn write_or_read(notes: &Opened<Note>, task: u64, text: String) -> Result<State, Complaint> {
    let state = match task % 4 {
        0 | 1 => match notes.put(&Note::new(7, text), Precondition::none()).await? {
            Outcome::Replaced(state) | Outcome::Unchanged(state) => Some(state),
            other => return Err(Complaint::Broken(format!("a put came to {}", told(&other)))),
        },
        2 => notes.get(&notes.key(&Note::new(7, ""))?).await?,
        _ => notes.list(None, 1).await?.pop(),
    };
    state.ok_or_else(|| Complaint::broken("what is only replaced was absent for a moment"))
}

/// A get and a list that begin after a write was acknowledged see it, whichever task asks.
pub async fn a_read_after_an_acknowledged_write_sees_it(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let key = notes.key(&Note::new(7, ""))?;
    notes.create(&Note::new(7, "start")).await?;
    for round in 0..ROUNDS {
        let state = notes.replace(&Note::new(7, format!("round {round}"))).await?;
        let works = (0..4).map(|_| {
            let (notes, key, state) = (notes.clone(), key.clone(), state.clone());
            async move { notes.shows(&key, Some(&state)).await }
        });
        together(place, Way::Tasks, works.collect()).await?;
    }
    notes.delete(&key, Precondition::none()).await?;
    let works = (0..4).map(|_| {
        let (notes, key) = (notes.clone(), key.clone());
        async move { notes.shows(&key, None).await }
    });
    together(place, Way::Tasks, works.collect()).await.map(drop)
}
