//! Preconditions as the store decides them. Whatever refuses leaves everything as it was.

use std::time::{Duration, SystemTime};

use put_core::Condition::{IfMatch, IfNoneMatch, IfUnmodifiedSince, MustExist};
use put_core::store::{Deletion, Failed, Outcome, State};
use put_core::{Condition, EntityTag, Precondition};

use super::driver::{both, polled};
use super::opened::{Opened, told};
use super::resources::{Card, Note};
use super::{Complaint, Kept, Place, ensure};

/// A precondition, and its verdict where nothing is and where a state with the tag is.
pub(super) struct Row {
    pub(super) told: &'static str,
    pub(super) precondition: fn(&EntityTag) -> Precondition,
    absent: Result<(), Condition>,
    pub(super) present: Result<(), Condition>,
}

const fn row(
    told: &'static str,
    precondition: fn(&EntityTag) -> Precondition,
    absent: Result<(), Condition>,
    present: Result<(), Condition>,
) -> Row {
    Row { told, precondition, absent, present }
}

fn weak(tag: &EntityTag) -> Option<EntityTag> {
    EntityTag::parse(&[b"W/", tag.as_bytes()].concat())
}

fn other() -> EntityTag {
    EntityTag::of(b"no state of this suite")
}

/// RFC 9110, sections 13.1.1, 13.1.2 and 13.2.2, row by row.
pub(super) const ROWS: &[Row] = &[
    row("no condition", |_| Precondition::none(), Ok(()), Ok(())),
    row("If-Match: the tag", |tag| Precondition::if_match(tag.clone()), Err(IfMatch), Ok(())),
    row("If-Match: another tag", |_| Precondition::if_match(other()), Err(IfMatch), Err(IfMatch)),
    row("If-Match: the tag, weak", |tag| Precondition::if_match_one_of(weak(tag)), Err(IfMatch), Err(IfMatch)),
    row("If-Match: an empty list", |_| Precondition::if_match_one_of([]), Err(IfMatch), Err(IfMatch)),
    row(
        "If-Match: the tag among others",
        |tag| Precondition::if_match_one_of(weak(tag).into_iter().chain([other(), tag.clone()])),
        Err(IfMatch),
        Ok(()),
    ),
    row("If-Match: *", |_| Precondition::if_match_any(), Err(IfMatch), Ok(())),
    row("If-None-Match: *", |_| Precondition::if_none_match_any(), Ok(()), Err(IfNoneMatch)),
    row("If-None-Match: the tag", |tag| Precondition::if_none_match_one_of([tag.clone()]), Ok(()), Err(IfNoneMatch)),
    row("If-None-Match: the tag, weak", |tag| Precondition::if_none_match_one_of(weak(tag)), Ok(()), Err(IfNoneMatch)),
    row("If-None-Match: another tag", |_| Precondition::if_none_match_one_of([other()]), Ok(()), Ok(())),
    row("If-None-Match: an empty list", |_| Precondition::if_none_match_one_of([]), Ok(()), Ok(())),
    row(
        "If-Match: the tag, If-None-Match: *",
        |tag| Precondition::if_match(tag.clone()).and(Precondition::if_none_match_any()),
        Err(IfMatch),
        Err(IfNoneMatch),
    ),
    row(
        "If-Match: the tag, If-None-Match: the tag",
        |tag| Precondition::if_match(tag.clone()).and(Precondition::if_none_match_one_of([tag.clone()])),
        Err(IfMatch),
        Err(IfNoneMatch),
    ),
    row(
        "If-Match: the tag, If-None-Match: another tag",
        |tag| Precondition::if_match(tag.clone()).and(Precondition::if_none_match_one_of([other()])),
        Err(IfMatch),
        Ok(()),
    ),
    row(
        "If-Match: *, If-None-Match: *",
        |_| Precondition::if_match_any().and(Precondition::if_none_match_any()),
        Err(IfMatch),
        Err(IfNoneMatch),
    ),
];

/// Puts where a state is, or where nothing is, and judges what comes: a false condition is told with the current tag and
/// changes nothing, anything else writes.
async fn decides(
    notes: &Opened<Note>,
    told_of: &str,
    (current, note): (Option<&State>, &Note),
    precondition: Precondition,
    verdict: Result<(), Condition>,
) -> Kept {
    let key = notes.key(note)?;
    let outcome = notes.put(note, precondition).await?;
    let place = if current.is_some() { "something" } else { "nothing" };
    let good = match (&verdict, &outcome, current) {
        (Ok(()), Outcome::Created(state), None) | (Ok(()), Outcome::Replaced(state), Some(_)) => {
            return notes.shows(&key, Some(state)).await;
        }
        (Err(condition), Outcome::Failed(failed), _) => *failed == Failed::new(*condition, current),
        _ => false,
    };
    ensure(good, || {
        format!("{told_of}, where {place} is: the put came to {}, the condition is {verdict:?}", told(&outcome))
    })?;
    notes.shows(&key, current).await
}

/// Every combination of If-Match and If-None-Match, where nothing is and where something is.
pub async fn every_row_of_the_truth_table(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for (id, row) in (1..).zip(ROWS) {
        let absent = (row.precondition)(&other());
        decides(&notes, row.told, (None, &Note::new(id, "new")), absent, row.absent).await?;
        let state = notes.create(&Note::new(id + 1000, "current")).await?;
        let present = (row.precondition)(state.tag());
        decides(&notes, row.told, (Some(&state), &Note::new(id + 1000, "new")), present, row.present).await?;
    }
    Ok(())
}

/// A date made of another one and a second.
type Dated = fn(SystemTime, Duration) -> SystemTime;

/// If-Unmodified-Since counts where no If-Match is and where the store knows a date, in whole seconds. A store that
/// knows none lets the write through.
pub async fn every_row_about_dates(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let probe = notes.create(&Note::new(0, "current")).await?;
    let since = Precondition::if_unmodified_since;
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let too_late = if probe.modified().is_some() { Err(IfUnmodifiedSince) } else { Ok(()) };
    let second = Duration::from_secs(1);
    let dates: [(&str, Dated, Result<(), Condition>); 3] = [
        ("the second before the date", |date, second| date - second, too_late),
        ("the date", |date, _| date, Ok(())),
        ("the second after the date", |date, second| date + second, Ok(())),
    ];
    for (id, (name, of, verdict)) in (1..).zip(dates) {
        let state = notes.create(&Note::new(id, "current")).await?;
        let date = of(state.modified().unwrap_or_else(SystemTime::now), second);
        decides(&notes, name, (Some(&state), &Note::new(id, "new")), since(date), verdict).await?;
        decides(&notes, name, (None, &Note::new(id + 10, "new")), since(date), Ok(())).await?;
    }
    let state = notes.create(&Note::new(100, "current")).await?;
    let here = (Some(&state), &Note::new(100, "new"));
    let stale = since(long_ago).and(Precondition::if_match(other()));
    decides(&notes, "long ago and If-Match: another tag", here, stale, Err(IfMatch)).await?;
    let first = since(long_ago).and(Precondition::if_none_match_any());
    let verdict = too_late.and(Err(IfNoneMatch));
    decides(&notes, "long ago and If-None-Match: *", here, first, verdict).await?;
    let ignored = since(long_ago).and(Precondition::if_match(state.tag().clone()));
    decides(&notes, "long ago and If-Match: the tag", here, ignored, Ok(())).await
}

/// What an endpoint adds to a precondition: that something must exist, and that a repeated write is no failure.
pub async fn every_row_about_endpoints(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let absent = Note::new(1, "new");
    for (name, precondition) in [
        ("must exist", Precondition::none()),
        ("must exist, If-Match: *", Precondition::if_match_any()),
        ("must exist, If-None-Match: *", Precondition::if_none_match_any()),
    ] {
        decides(&notes, name, (None, &absent), precondition.must_exist(), Err(MustExist)).await?;
    }
    let state = notes.create(&Note::new(2, "current")).await?;
    let (here, same) = ((Some(&state), &Note::new(2, "new")), Note::new(2, "current"));
    let key = notes.key(&same)?;
    let replay = || Precondition::if_match(other()).accept_replay();
    decides(&notes, "a replay of other data", here, replay(), Err(IfMatch)).await?;
    decides(&notes, "a replay where nothing is", (None, &absent), replay(), Err(IfMatch)).await?;
    let never = Precondition::if_none_match_any().accept_replay();
    decides(&notes, "a replay of a creation", (Some(&state), &same), never, Err(IfNoneMatch)).await?;
    let outcome = notes.put(&same, replay()).await?;
    ensure(outcome == Outcome::Unchanged(state.clone()), || {
        format!("a replay of what is there came to {}", told(&outcome))
    })?;
    notes.shows(&key, Some(&state)).await?;
    decides(&notes, "must exist", here, Precondition::none().must_exist(), Ok(())).await
}

/// A write with the tag of a state that is no more changes nothing, whatever it would write, and is told the current tag.
pub async fn a_stale_write_leaves_state_and_tag_untouched(place: &impl Place) -> Kept {
    let cards = Opened::new(place)?;
    let stale = cards.create(&Card::new(7, "first", "ada")).await?;
    let current = cards.replace(&Card::new(7, "second", "ada")).await?;
    let key = cards.key(&Card::new(7, "", ""))?;
    let failed = Failed::new(IfMatch, Some(&current));
    let precondition = || Precondition::if_match(stale.tag().clone());
    for (text, owner) in [("third", "ada"), ("first", "ada"), ("second", "ada"), ("third", "byron")] {
        let outcome = cards.put(&Card::new(7, text, owner), precondition()).await?;
        ensure(outcome == Outcome::Failed(failed.clone()), || {
            format!("a stale put of {text:?} by {owner:?} came to {}, not to {failed:?}", told(&outcome))
        })?;
        cards.shows(&key, Some(&current)).await?;
    }
    let deletion = cards.delete(&key, precondition()).await?;
    ensure(deletion == Deletion::Failed(failed), || format!("a stale delete came to {deletion:?}"))?;
    cards.shows(&key, Some(&current)).await
}

/// Two writes with one precondition, the second begun while the first is under way: the state that is really replaced
/// decides, so exactly one of them writes.
pub async fn preconditions_are_decided_when_the_write_happens(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for (id, steps) in (0..).zip(0..6) {
        for replaces in [false, true] {
            let id = id * 2 + u64::from(replaces);
            let precondition = if replaces {
                Precondition::if_match(notes.create(&Note::new(id, "current")).await?.tag().clone())
            } else {
                Precondition::if_none_match_any()
            };
            let mut first = notes.begin(&Note::new(id, "first"), precondition.clone())?;
            let early = polled(&mut first, steps).await;
            let second = notes.begin(&Note::new(id, "second"), precondition)?;
            let (second, first) = match early {
                Some(answer) => (second.await, answer),
                None => both(second, first).await,
            };
            let wrote = |answer: Result<Outcome, _>| match answer {
                Ok(Outcome::Created(state) | Outcome::Replaced(state)) => Ok(Some(state)),
                Ok(Outcome::Failed(_)) => Ok(None),
                Ok(other) => Err(Complaint::Broken(format!("a put beside another came to {}", told(&other)))),
                Err(error) => Err(Complaint::Broken(format!("a put beside another failed: {error}"))),
            };
            let states = [wrote(first)?, wrote(second)?];
            let [(Some(state), None) | (None, Some(state))] = [(&states[0], &states[1])] else {
                let count = states.iter().flatten().count();
                return Err(Complaint::Broken(format!("of two writes with one precondition {count} wrote")));
            };
            notes.shows(&notes.key(&Note::new(id, ""))?, Some(state)).await?;
        }
    }
    Ok(())
}
