//! Lists: the order of keys, pages, and what comes and goes meanwhile.

use put_core::store::{Key, State};
use put_core::{Format, Precondition, PutResource};

use super::driver::{Way, together};
use super::keys::texts;
use super::opened::Opened;
use super::resources::{Note, Page, Pair, Slot};
use super::{Complaint, Kept, Place, ensure};

fn keys<R: PutResource>(states: &[State]) -> Result<Vec<Key>, Complaint> {
    let format = Format::of::<R>();
    let key = |state: &State| {
        format.key_of(state.json()).ok_or_else(|| Complaint::Broken(format!("{:?} has no key", state.json())))
    };
    states.iter().map(key).collect()
}

/// All keys, page by page.
async fn paged<R: PutResource>(opened: &Opened<R>, limit: usize, most: usize) -> Result<Vec<Key>, Complaint> {
    let mut seen: Vec<Key> = Vec::new();
    loop {
        let page = keys::<R>(&opened.list(seen.last(), limit).await?)?;
        ensure(page.len() <= limit, || format!("a page of {limit} holds {}", page.len()))?;
        if page.is_empty() {
            return Ok(seen);
        }
        seen.extend(page);
        ensure(seen.len() <= most, || format!("pages of {limit} do not end: {seen:?}"))?;
    }
}

async fn go_up<R: PutResource>(place: &impl Place, values: &[R]) -> Kept {
    let opened = Opened::new(place)?;
    let empty = opened.list(None, usize::MAX).await?;
    ensure(empty.is_empty(), || format!("a list of nothing shows {empty:?}"))?;
    // Neither in the order of the keys nor in its reverse.
    let (even, odd) = (values.iter().step_by(2), values.iter().skip(1).step_by(2));
    let mut wanted = Vec::with_capacity(values.len());
    for value in even.rev().chain(odd) {
        opened.create(value).await?;
        wanted.push(opened.key(value)?);
    }
    wanted.sort();
    let listed = keys::<R>(&opened.list(None, usize::MAX).await?)?;
    let wrong = listed.iter().zip(&wanted).find(|(found, wanted)| found != wanted);
    ensure(wrong.is_none() && listed.len() == wanted.len(), || {
        let there = format!("{} of {} keys are listed", listed.len(), wanted.len());
        wrong.map_or(there, |(found, wanted)| {
            format!("a list has {found:?} where {wanted:?} stands in the order of keys")
        })
    })?;
    for (index, after) in wanted.iter().enumerate().step_by(1 + wanted.len() / 16) {
        for limit in [0, 1, 2, usize::MAX] {
            let listed = keys::<R>(&opened.list(Some(after), limit).await?)?;
            let rest: Vec<_> = wanted.iter().skip(index + 1).take(limit).cloned().collect();
            ensure(listed == rest, || format!("after {after:?} a list of {limit} shows {listed:?}, not {rest:?}"))?;
        }
    }
    Ok(())
}

/// A list goes up: numbers as numbers, before texts; texts by their octets; keys of several parts from the first to the
/// last.
pub async fn lists_go_up_in_the_order_of_keys(place: &impl Place) -> Kept {
    let ids = [0, 1, 2, 9, 10, 11, 99, 100, 1000, 9_223_372_036_854_775_807, 9_223_372_036_854_775_808, u64::MAX];
    go_up(place, &ids.map(|id| Note::new(id, "x"))).await?;
    let page = |slug: &&str| Page { slug: (*slug).to_owned(), text: "x".to_owned() };
    go_up(place, &texts(place).iter().map(page).collect::<Vec<_>>()).await?;
    let pair = |left: &str, right: &str| Pair { left: left.to_owned(), right: right.to_owned(), text: "x".to_owned() };
    let lefts = ["a", if place.holds_nul() { "a\0" } else { "a\u{1}" }, "a!", "a/", "ab", "b"];
    go_up(place, &lefts.iter().flat_map(|left| lefts.map(|right| pair(left, right))).collect::<Vec<_>>()).await?;
    let slot = |shelf: &str, slot| Slot { shelf: shelf.to_owned(), slot, label: "x".to_owned() };
    let slots = [i64::MIN, -10, -9, -1, 0, 1, 9, 10, i64::MAX];
    go_up(
        place,
        &["a", "a b", "b"].iter().flat_map(|shelf| slots.map(|number| slot(shelf, number))).collect::<Vec<_>>(),
    )
    .await
}

/// Page after page shows every key once, whatever the length of a page, and the key to begin after need not exist.
pub async fn pages_leave_no_gap(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let mut wanted = Vec::new();
    for id in (0..40).rev() {
        let note = Note::new(id * 3, "x");
        notes.create(&note).await?;
        wanted.push(notes.key(&note)?);
    }
    wanted.sort();
    for limit in [1, 2, 3, 7, 39, 40, 41] {
        let seen = paged(&notes, limit, wanted.len()).await?;
        ensure(seen == wanted, || format!("pages of {limit} show {seen:?}, not {wanted:?}"))?;
    }
    let (between, end) = (notes.key(&Note::new(10, ""))?, notes.key(&Note::new(u64::MAX, ""))?);
    let (after, past) = (keys::<Note>(&notes.list(Some(&between), 2).await?)?, notes.list(Some(&end), 2).await?);
    ensure(Some(after.as_slice()) == wanted.get(4..6), || format!("after 10, which does not exist, come {after:?}"))?;
    ensure(past.is_empty(), || format!("after the last key come {past:?}"))
}

/// What is there all the time is on exactly one page while others are created, replaced and deleted.
pub async fn pages_hold_what_stays_while_others_come_and_go(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let mut stays = Vec::new();
    for id in 0..30 {
        let note = Note::new(id * 2, "stays");
        notes.create(&note).await?;
        stays.push(notes.key(&note)?);
    }
    for way in [Way::Turns, Way::Tasks] {
        let works =
            (0..4).map(|task: u64| {
                let (notes, stays) = (notes.clone(), stays.clone());
                async move {
                    if task.is_multiple_of(2) { come_and_go(&notes, task).await } else { look(&notes, &stays).await }
                }
            });
        together(place, way, works.collect()).await?;
    }
    Ok(())
}

async fn come_and_go(notes: &Opened<Note>, task: u64) -> Kept {
    for round in 0..60 {
        let note = Note::new(((round * 7 + task) % 30) * 2 + 1, format!("round {round}"));
        notes.put(&note, Precondition::none()).await?;
        if round % 3 == 0 {
            notes.delete(&notes.key(&note)?, Precondition::none()).await?;
        }
    }
    Ok(())
}

async fn look(notes: &Opened<Note>, stays: &[Key]) -> Kept {
    for limit in [1, 2, 5, 20] {
        let seen = paged(notes, limit, 1000).await?;
        ensure(seen.is_sorted_by(|one, next| one < next), || format!("pages of {limit} go back: {seen:?}"))?;
        let missing: Vec<_> = stays.iter().filter(|key| !seen.contains(key)).collect();
        ensure(missing.is_empty(), || format!("pages of {limit} leave out {missing:?}, which are there"))?;
    }
    Ok(())
}
