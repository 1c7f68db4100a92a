//! The application's say, inside the store: a rule is asked about the state that is really replaced or removed, and what
//! it permits happens to no other. A store that decides where [`put_core::store`] says has nothing to do for it.
//!
//! Each rule is asked of rules that answer at once, which the store itself asks, and of rules that wait, whose answer is
//! then tied to the state that they saw. One file, because the rules share their resource and its endpoints.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use put_core::rules::{Proposed, RuleError, Rules, Verdict};
use put_core::store::{State, Store};
use put_core::{Endpoint, Error, Pointer, Precondition, PutResource, Violation, Written};

use super::driver::{Way, pause, together, turn};
use super::opened::{Opened, value};
use super::resources::Note;
use super::{Complaint, Kept, Place, ensure};

const KEY: u64 = 7;

/// How a rule comes to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    AtOnce,
    Waits,
}

impl Pace {
    const BOTH: [Self; 2] = [Self::AtOnce, Self::Waits];

    async fn pass(self) {
        if self == Self::Waits {
            turn().await;
        }
    }
}

/// A judgement of one write: the text that is there, and the one that will be, if any is.
type Judge = Arc<dyn Fn(Option<&str>, Option<&str>) -> Verdict + Send + Sync>;

/// Asks a judge about changes and removals.
struct Judged(Pace, Judge);

impl Rules<Note> for Judged {
    type Caller = ();

    async fn check(&self, _: Option<&()>, change: &Proposed<Note>) -> Result<Verdict, RuleError> {
        self.0.pass().await;
        Ok((self.1)(change.current().map(|note| &*note.text), Some(&change.proposed().text)))
    }

    async fn check_delete(&self, _: Option<&()>, _: &u64, current: &Note) -> Result<Verdict, RuleError> {
        self.0.pass().await;
        Ok((self.1)(Some(&current.text), None))
    }
}

fn judged(
    store: &Arc<dyn Store>,
    pace: Pace,
    judge: impl Fn(Option<&str>, Option<&str>) -> Verdict + Send + Sync + 'static,
) -> Endpoint<Note> {
    Note::endpoint(Arc::clone(store)).rules(Judged(pace, Arc::new(judge)))
}

fn note(text: impl Into<String>) -> Note {
    Note::new(KEY, text)
}

fn conflict(detail: impl Into<String>) -> Verdict {
    Verdict::conflict(Violation::new(Pointer::root().member("text"), detail))
}

fn unexpected(doing: &str, came: &impl std::fmt::Debug) -> Complaint {
    Complaint::Broken(format!("{doing} came to {came:?}"))
}

async fn deleted(notes: &Endpoint<Note>) -> Result<(), Error> {
    notes.delete(&KEY, Precondition::none()).await
}

async fn put(notes: &Endpoint<Note>, text: impl Into<String>) -> Result<Written<Note>, Error> {
    notes.put(note(text), Precondition::none()).await
}

/// The text that is stored.
async fn text(notes: &Opened<Note>) -> Result<Option<String>, Complaint> {
    let state = notes.get(&notes.key(&note(""))?).await?;
    Ok(state.as_ref().map(value::<Note>).transpose()?.map(|note| note.text))
}

/// What is replaced is shown to a rule, and nothing after a deletion.
pub async fn a_rule_sees_what_is_there_and_what_will_be(place: &impl Place) -> Kept {
    let notes = Opened::<Note>::new(place)?;
    for pace in Pace::BOTH {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let endpoint = judged(&notes.store, pace, move |current, proposed| {
            let entry = (current.map(str::to_owned), proposed.map(str::to_owned));
            log.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
            Verdict::permit()
        });
        for (current, proposed) in [
            (None, Some("one")),
            (Some("one"), Some("two")),
            (Some("two"), None),
            (None, Some("two")),
            (Some("two"), Some("three")),
            (Some("three"), None),
        ] {
            let done = match proposed {
                Some(text) => put(&endpoint, text).await.map(drop),
                None => deleted(&endpoint).await,
            };
            done.map_err(|error| unexpected("what a rule permits", &error))?;
            let entry = asked.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let wanted = (current.map(str::to_owned), proposed.map(str::to_owned));
            ensure(entry.as_ref() == Some(&wanted), || {
                format!("{pace:?}: {wanted:?} was written, {entry:?} was shown")
            })?;
            ensure(text(&notes).await?.as_deref() == proposed, || {
                format!("{pace:?}: {wanted:?} is not what is there")
            })?;
        }
    }
    Ok(())
}

/// A rule that refuses, whatever its words, keeps the write from happening; one that permits does not.
pub async fn what_a_rule_refuses_is_not_written(place: &impl Place) -> Kept {
    let notes = Opened::<Note>::new(place)?;
    let key = notes.key(&note(""))?;
    for pace in Pace::BOTH {
        let endpoint = judged(&notes.store, pace, |current, proposed| match proposed.or(current) {
            Some("refused") => Verdict::refuse("not this"),
            Some("invalid") => Verdict::violation(Violation::new(Pointer::root(), "not this")),
            Some("conflict") => conflict("not this"),
            _ => Verdict::permit(),
        });
        // Twice: the first time it is found out how the rule answers.
        for round in 0..2 {
            for there in [false, true] {
                for wrong in ["refused", "invalid", "conflict"] {
                    let before = if there { Some(notes.create(&note("before")).await?) } else { None };
                    let came = put(&endpoint, wrong).await;
                    let fits = matches!(
                        (wrong, &came),
                        ("refused", Err(Error::Denied(_)))
                            | ("invalid", Err(Error::Violations(_)))
                            | ("conflict", Err(Error::Conflict(_)))
                    );
                    ensure(fits, || format!("{pace:?}, there: {there}: what is {wrong} came to {came:?}"))?;
                    notes.shows(&key, before.as_ref()).await?;
                    if before.is_none() {
                        continue;
                    }
                    let state = notes.replace(&note(wrong)).await?;
                    let came = deleted(&endpoint).await;
                    let fits = matches!(
                        (wrong, &came),
                        ("refused", Err(Error::Denied(_))) | ("invalid" | "conflict", Err(Error::Conflict(_)))
                    );
                    ensure(fits, || format!("{pace:?}: the deletion of what is {wrong} came to {came:?}"))?;
                    notes.shows(&key, Some(&state)).await?;
                    notes.delete(&key, Precondition::none()).await?;
                }
            }
            let came = put(&endpoint, format!("right {round}")).await;
            ensure(matches!(came, Ok(Written::Created(_))), || format!("what is permitted came to {came:?}"))?;
            deleted(&endpoint).await.map_err(|error| unexpected("a deletion that is permitted", &error))?;
        }
    }
    Ok(())
}

/// A write that comes between makes a rule be asked again, about the state that there is now, or about there being none.
pub async fn what_was_permitted_is_written_over_nothing_else(place: &impl Place) -> Kept {
    for (start, between, deletes) in [
        (None, Some("other"), false),
        (Some("start"), Some("other"), false),
        (Some("start"), None, false),
        (Some("start"), Some("other"), true),
    ] {
        let notes = Opened::<Note>::new(place)?;
        notes.delete(&notes.key(&note(""))?, Precondition::none()).await?;
        if let Some(text) = start {
            notes.create(&note(text)).await?;
        }
        let shown = Arc::new(Mutex::new(Vec::new()));
        let rules = Interrupted { plain: Note::endpoint(Arc::clone(&notes.store)), between, shown: Arc::clone(&shown) };
        let endpoint = Note::endpoint(Arc::clone(&notes.store)).rules(rules);
        let came = if deletes { deleted(&endpoint).await } else { put(&endpoint, "mine").await.map(drop) };
        came.map_err(|error| unexpected("what is permitted in the end", &error))?;
        let mut shown = std::mem::take(&mut *shown.lock().unwrap_or_else(PoisonError::into_inner));
        // Of one state it may be asked twice: in the store, where it cannot wait, and beside it.
        shown.dedup();
        let wanted = [start, between].map(|text| text.map(str::to_owned));
        ensure(shown == wanted, || format!("a rule was shown {shown:?}, and there was {wanted:?}"))?;
        let left = text(&notes).await?;
        ensure(left.as_deref() == (!deletes).then_some("mine"), || format!("in the end there is {left:?}"))?;
    }
    Ok(())
}

/// Rules that let another write come between the first time.
struct Interrupted {
    plain: Endpoint<Note>,
    between: Option<&'static str>,
    shown: Arc<Mutex<Vec<Option<String>>>>,
}

impl Interrupted {
    async fn sees(&self, current: Option<&Note>) -> Result<Verdict, RuleError> {
        let is_first = {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.push(current.map(|note| note.text.clone()));
            shown.len() == 1
        };
        match self.between {
            Some(text) if is_first => drop(put(&self.plain, text).await?),
            None if is_first => deleted(&self.plain).await?,
            _ => turn().await,
        }
        Ok(Verdict::permit())
    }
}

impl Rules<Note> for Interrupted {
    type Caller = ();

    async fn check(&self, _: Option<&()>, change: &Proposed<Note>) -> Result<Verdict, RuleError> {
        self.sees(change.current()).await
    }

    async fn check_delete(&self, _: Option<&()>, _: &u64, current: &Note) -> Result<Verdict, RuleError> {
        self.sees(Some(current)).await
    }
}

/// Sixty-four tasks take one each from a count that a rule lets go down by exactly one, without preconditions and without
/// reading: exactly as many succeed, and as many are told of.
pub async fn decrements_that_a_rule_watches_end_exact(place: &impl Place) -> Kept {
    const TASKS: u64 = 64;
    let notes = Opened::<Note>::new(place)?;
    for pace in Pace::BOTH {
        for way in [Way::Turns, Way::Tasks] {
            notes.put(&note(TASKS.to_string()), Precondition::none()).await?;
            let commits = Arc::new(AtomicUsize::new(0));
            let told = Arc::clone(&commits);
            let endpoint = judged(&notes.store, pace, |current, proposed| {
                let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
                match (number(current), number(proposed)) {
                    (Some(current), Some(proposed)) if proposed + 1 == current => Verdict::permit(),
                    (current, _) => conflict(current.unwrap_or_default().to_string()),
                }
            })
            .committed(move |_, _| {
                told.fetch_add(1, Ordering::SeqCst);
                async { Ok(()) }
            });
            let works = (0..TASKS).map(|_| take_one(endpoint.clone(), TASKS)).collect();
            together(place, way, works).await?;
            let (left, commits) = (text(&notes).await?, commits.load(Ordering::SeqCst) as u64);
            ensure(left.as_deref() == Some("0"), || format!("{pace:?}: {TASKS} took one each, left is {left:?}"))?;
            ensure(commits == TASKS, || format!("{pace:?}: {TASKS} took one each, {commits} commits were told"))?;
        }
    }
    Ok(())
}

/// Takes one, from what the last refusal says that there is.
async fn take_one(endpoint: Endpoint<Note>, mut count: u64) -> Kept {
    // Each refusal means that another task has taken one; a rule that waits may be overtaken more often than it is
    // asked again.
    for _ in 0..10_000 {
        match put(&endpoint, count.saturating_sub(1).to_string()).await {
            Ok(Written::Replaced(_)) => return Ok(()),
            // Another task was there before, and no rule is asked about what changes nothing.
            Ok(Written::Unchanged(_)) => count = count.saturating_sub(1),
            Ok(created @ Written::Created(_)) => return Err(unexpected("a put where something is", &created)),
            Err(Error::Conflict(violations)) => {
                let detail = violations.iter().next().map(|violation| violation.detail().parse());
                count = detail.and_then(Result::ok).unwrap_or(count);
            }
            Err(Error::Store(error)) if error.retry_after().is_some() => turn().await,
            Err(error) => return Err(unexpected("a put that takes one", &error)),
        }
    }
    Err(Complaint::broken("of ten thousand tries none took one"))
}

/// Writes and deletions of one key, with rules of both kinds and without: no state is replaced or removed twice.
pub async fn no_state_is_replaced_twice(place: &impl Place) -> Kept {
    const ROUNDS: u64 = 12;
    let notes = Opened::<Note>::new(place)?;
    let number = Arc::new(AtomicU64::new(0));
    for round in 0..ROUNDS {
        let works = (0..12_u64).map(|task| {
            let (store, number) = (Arc::clone(&notes.store), Arc::clone(&number));
            async move {
                let last = Arc::new(Mutex::new(None));
                let seen = Arc::clone(&last);
                let pace = if task % 2 == 0 { Pace::AtOnce } else { Pace::Waits };
                let ruled = judged(&store, pace, move |current, _| {
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(current.map(str::to_owned));
                    Verdict::permit()
                });
                let plain = Note::endpoint(store);
                // How the rule answers is found out elsewhere: asked in the store each time, it has permitted what it saw
                // last, while what it permitted beside the store may come back.
                let elsewhere = ruled.put(Note::new(100 + task, round.to_string()), Precondition::none()).await;
                elsewhere.map_err(|error| unexpected("a put that nobody hinders", &error))?;
                let mut found = Vec::new();
                for _ in 0..3 {
                    let text = format!("state {}", number.fetch_add(1, Ordering::SeqCst));
                    let (what, watched) = match task % 6 {
                        0..3 => (format!("a put of {text:?}, {pace:?}"), true),
                        3 | 4 => (format!("a deletion, {pace:?}"), true),
                        _ => (String::new(), false),
                    };
                    let done = match task % 6 {
                        0..3 => put(&ruled, text).await.map(drop),
                        3 | 4 => deleted(&ruled).await,
                        _ => put(&plain, text).await.map(drop),
                    };
                    match done {
                        Ok(()) => {
                            let seen = last.lock().unwrap_or_else(PoisonError::into_inner).take();
                            found.extend(seen.filter(|_| watched).flatten().map(|seen| (seen, what)));
                        }
                        Err(Error::Absent) => {}
                        Err(Error::Store(error)) if error.retry_after().is_some() => {}
                        Err(error) => return Err(unexpected("a write that every rule permits", &error)),
                    }
                }
                Ok(found)
            }
        });
        let mut replaced: HashMap<String, Vec<String>> = HashMap::new();
        for (text, what) in together(place, Way::of(round), works.collect()).await?.into_iter().flatten() {
            replaced.entry(text).or_default().push(what);
        }
        let twice = replaced.iter().find(|(_, by)| by.len() > 1);
        ensure(twice.is_none(), || format!("replaced or removed more than once, and by what: {twice:?}"))?;
    }
    Ok(())
}

/// A state that does not exist for a caller is not touched by it, and comes and goes meanwhile.
pub async fn what_is_hidden_is_not_touched(place: &impl Place) -> Kept {
    let notes = Opened::<Note>::new(place)?;
    let is_mine = |caller: Option<&String>, note: &Note| caller.is_some_and(|caller| note.text.starts_with(&**caller));
    let endpoint = Note::endpoint(Arc::clone(&notes.store)).caller::<String>().state_scope(is_mine);
    let ruled = endpoint.clone().check(async |_, _| Ok(Verdict::permit()));
    let waits = endpoint.clone().check(async |_, _| {
        turn().await;
        Ok(Verdict::permit())
    });
    let mine = [endpoint, ruled, waits].map(|endpoint| endpoint.on_behalf_of("mine".to_owned()));
    for mine in &mine {
        let state = notes.create(&note("yours")).await?;
        for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
            let came = mine.put(note("mine"), precondition.clone()).await;
            ensure(matches!(came, Err(Error::Absent | Error::PreconditionFailed(_, None))), || {
                format!("a put over what is hidden came to {came:?}")
            })?;
            let came = mine.delete(&KEY, precondition).await;
            ensure(matches!(came, Err(Error::Absent)), || format!("a deletion of what is hidden came to {came:?}"))?;
        }
        notes.shows(&notes.key(&note(""))?, Some(&state)).await?;
        notes.replace(&note("mine")).await?;
        let came = mine.put(note("yours"), Precondition::none()).await;
        ensure(matches!(came, Err(Error::Denied(_))), || format!("to give away what is mine came to {came:?}"))?;
        let came = mine.delete(&KEY, Precondition::none()).await;
        came.map_err(|error| unexpected("a deletion of what is mine", &error))?;
    }
    let write = move |task: usize, count: u64| {
        let mine = mine.clone();
        async move {
            let Some(mine) = mine.get(task % 3) else { return Ok(()) };
            if task.is_multiple_of(4) {
                mine.delete(&KEY, Precondition::none()).await
            } else {
                mine.put(note(format!("mine {task} {count}")), Precondition::none()).await.map(drop)
            }
        }
    };
    stays(place, &notes, ["yours", "mine"], write).await
}

/// A deletion that a rule permits of some states never removes another, however they follow each other.
pub async fn a_deletion_is_permitted_when_it_happens(place: &impl Place) -> Kept {
    let notes = Opened::<Note>::new(place)?;
    let endpoints = Pace::BOTH.map(|pace| {
        judged(&notes.store, pace, |current, _| {
            if current.is_some_and(|text| text.starts_with("open")) { conflict("is open") } else { Verdict::permit() }
        })
    });
    let write = move |task: usize, _| {
        let endpoint = endpoints.get(task % 2).cloned();
        async move {
            match endpoint {
                Some(endpoint) => deleted(&endpoint).await,
                None => Ok(()),
            }
        }
    };
    stays(place, &notes, ["open", "closed"], write).await
}

/// Tasks that may touch only the second kind of state, beside one that writes states of both kinds in turn and sees that
/// the first kind stays until it writes another itself.
async fn stays<W>(
    place: &impl Place,
    notes: &Opened<Note>,
    [stays, goes]: [&'static str; 2],
    write: impl Fn(usize, u64) -> W + Clone + Send + 'static,
) -> Kept
where
    W: Future<Output = Result<(), Error>> + Send,
{
    const TIMES: u64 = 24;
    for way in [Way::Turns, Way::Tasks] {
        let is_over = Arc::new(AtomicBool::new(false));
        let works = (0..7).map(|task| {
            let (notes, write) = (notes.clone(), write.clone());
            let over = Over(Arc::clone(&is_over));
            async move {
                if task > 0 {
                    let mut count = 0;
                    while !over.0.load(Ordering::SeqCst) {
                        match write(task, count).await {
                            Ok(()) | Err(Error::Absent | Error::Denied(_) | Error::Conflict(_)) => {}
                            Err(Error::Store(error)) if error.retry_after().is_some() => {}
                            Err(error) => return Err(unexpected("a write beside others", &error)),
                        }
                        count += 1;
                        turn().await;
                    }
                    return Ok(());
                }
                for count in 0..TIMES {
                    let text = format!("{stays} {count}");
                    notes.put(&note(&*text), Precondition::none()).await?;
                    pause(Duration::from_millis(1)).await;
                    let left = self::text(&notes).await?;
                    ensure(left.as_ref() == Some(&text), || format!("{text:?} was to stay, and there is {left:?}"))?;
                    notes.put(&note(format!("{goes} {count}")), Precondition::none()).await?;
                    pause(Duration::from_millis(1)).await;
                }
                Ok(())
            }
        });
        together(place, way, works.collect()).await?;
    }
    Ok(())
}

/// Says that it is over as soon as one task has come to its end, whatever that is.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A rule that panics, at the first question or at a later one, writes nothing, and the next write is done.
pub async fn a_rule_that_panics_writes_nothing_and_does_not_wedge(place: &impl Place) -> Kept {
    let notes = Opened::<Note>::new(place)?;
    let key = notes.key(&note(""))?;
    for pace in Pace::BOTH {
        let endpoint = judged(&notes.store, pace, panics_over_one_text);
        for count in 0..3 {
            let state = notes.put(&note(format!("before {count}")), Precondition::none()).await?;
            let came = put(&endpoint, "panics").await;
            ensure(matches!(came, Err(Error::Rule(_))), || format!("{pace:?}: a rule that panics came to {came:?}"))?;
            notes.shows(&key, Some(state_of(&state)?)).await?;
            let state = notes.replace(&note("panics")).await?;
            let came = deleted(&endpoint).await;
            ensure(matches!(came, Err(Error::Rule(_))), || format!("{pace:?}: a rule that panics came to {came:?}"))?;
            notes.shows(&key, Some(&state)).await?;
            let came = put(&endpoint, format!("after {count}")).await;
            ensure(matches!(came, Ok(Written::Replaced(_))), || format!("the next write came to {came:?}"))?;
        }
    }
    Ok(())
}

fn panics_over_one_text(current: Option<&str>, proposed: Option<&str>) -> Verdict {
    assert!(proposed.or(current) != Some("panics"), "a rule with a mistake, which this suite means to have");
    Verdict::permit()
}

fn state_of(outcome: &put_core::store::Outcome) -> Result<&State, Complaint> {
    use put_core::store::Outcome::{Created, Replaced, Unchanged};
    match outcome {
        Created(state) | Replaced(state) | Unchanged(state) => Ok(state),
        other => Err(unexpected("a plain put", other)),
    }
}
