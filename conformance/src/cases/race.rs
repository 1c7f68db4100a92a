//! PUT-23: the test of a condition and the write are one step. Only many clients at one time can show it.

use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex, PoisonError};

use serde_json::json;

use super::case;
use super::checks::{ensure, status, tag_of};
use crate::case::{Case, Outcome};
use crate::http::{Client, Request, Response};
use crate::race::{self, Failure, Plan, Register};
use crate::run::Run;
use crate::{Need, Switch};

const CLIENTS: usize = 20;
const HISTORIES: usize = 20;

pub(super) fn cases() -> Vec<Case> {
    let mut table = vec![
        careful("of 20 parallel PUTs with one If-Match exactly one writes", Need::StrongTag, |run| {
            told(run, race::one_tag(&run.register(), CLIENTS)).map(drop)
        })
        .present(),
        careful("of 20 parallel creations with If-None-Match: * exactly one writes", Need::Creation, |run| {
            told(run, race::creators(&run.register(), CLIENTS)).map(drop)
        }),
        careful("increments by GET and If-Match are all counted", Need::StrongTag, |run| {
            if accepts_replay(run)? {
                return Err(run.not_applicable("a replay is accepted here, and two equal increments are one"));
            }
            told(run, race::increments(&run.register(), 8, 10)).map(drop)
        })
        .present(),
        careful("a removal and a careful PUT at one time never create again", Need::Removal, |run| {
            told(run, race::removal(&run.register(), 10)).map(drop)
        })
        .on(Switch::Delete)
        .needs(Need::StrongTag),
        careful("of two careful writers one loses and is told", Need::StrongTag, lost_updates).present(),
        careful("what several clients see is what one register shows", Need::Creation, |run| {
            let registers: Vec<Register> = (0..HISTORIES)
                .map(|_| {
                    let (path, _) = run.another();
                    run.register().at(path)
                })
                .collect();
            told(run, race::histories(registers, &Plan::default())).map(drop)
        }),
        case("of 20 parallel creations where conditions are required exactly one writes", &["PUT-23", "CND-24"])
            .on(Switch::RequirePrecondition)
            .script(|run| one_wins(run, 201, |request| request.field("If-None-Match", "*"))),
        case("of 20 parallel plain PUTs on nothing exactly one creates", &["PUT-01", "PUT-23"]).script(|run| {
            let responses = at_once(run, |request| request)?;
            let created = responses.iter().filter(|response| response.status == 201).count();
            let replaced = responses.iter().filter(|response| response.status == 200).count();
            ensure(created == 1 && replaced == CLIENTS - 1, || format!("{created} times 201, {replaced} times 200"))?;
            last_is_one_of(run, &responses)
        }),
        case("20 parallel plain PUTs leave one of the states that were sent, with its tag", &["PUT-03", "VAL-06"])
            .present()
            .script(|run| {
                let responses = at_once(run, |request| request)?;
                ensure(responses.iter().all(|response| response.status == 200), || "not all are 200".to_owned())?;
                last_is_one_of(run, &responses)
            }),
        case("readers beside writers see every tag with its own content", &["VAL-03", "VAL-06", "PUT-23"])
            .present()
            .script(readers),
    ];
    table.push(case("creations of different resources do not hinder each other", &["PUT-23"]).script(|run| {
        let paths: Vec<String> = (0..CLIENTS).map(|_| run.another().0).collect();
        let origin = run.subject().origin();
        let answers = all_at_once(&paths, |path| {
            Client::new(origin).send(&Request::put(path).field("If-None-Match", "*").json(r#"{"title":"x"}"#))
        })?;
        for response in &answers {
            status(response, &[201], "PUT")?;
        }
        Ok(())
    }));
    table
}

/// A race on a register, with what it needs.
fn careful(name: &str, need: Need, script: impl Fn(&mut Run<'_>) -> Outcome + Send + Sync + 'static) -> Case {
    case(name, &["PUT-23", "CND-05"]).any().needs(need).needs(Need::FreeValue).script(script)
}

/// What a race says about the rule; where it says nothing, neither does the case.
fn told<T>(run: &mut Run<'_>, came: Result<T, Failure>) -> Result<T, String> {
    came.map_err(
        |failure| if failure.is_broken() { failure.to_string() } else { run.not_applicable(failure.to_string()) },
    )
}

/// Whether a false If-Match succeeds where the wanted state is already there, as RFC 9110, section 13.1.1, permits.
fn accepts_replay(run: &mut Run<'_>) -> Result<bool, String> {
    let request = Request::put(run.path()).field("If-Match", run.tag()).json(run.variant(1));
    run.send(&request)?;
    Ok(run.send(&request)?.is_success())
}

/// Many rounds of two writers that both hold the tag of the moment.
fn lost_updates(run: &mut Run<'_>) -> Outcome {
    let rounds = run.subject().race_rounds();
    let lost = told(run, race::lost_updates(&run.register_for(rounds), rounds))?;
    run.count(lost.clone());
    let first = lost.first.as_ref().map(Failure::to_string).unwrap_or_default();
    ensure(lost.both_won == 0 && lost.not_shown == 0, || {
        format!(
            "{} updates of {} rounds were lost without a word; the first: {first}",
            lost.both_won + lost.not_shown,
            lost.rounds
        )
    })
}

/// Four clients write, four read: a tag belongs to one content, whatever is written meanwhile.
fn readers(run: &mut Run<'_>) -> Outcome {
    let (origin, path, key) = (run.subject().origin(), run.path().to_owned(), run.key().to_owned());
    let seen: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let clients: Vec<usize> = (0..8).collect();
    all_at_once(&clients, |client| -> Result<Response, String> {
        let mut wire = Client::new(origin);
        let mut last = Response::default();
        for round in 0..25 {
            let request = if client % 2 == 0 {
                // Few titles, so that states come back and their tags with them.
                Request::put(&path)
                    .json(json!({"slug": key, "title": format!("title {}", (client + round) % 5)}).to_string())
            } else {
                Request::get(&path)
            };
            last = wire.send(&request).map_err(|trouble| trouble.to_string())?;
            status(&last, &[200], request.method())?;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let content = seen.entry(tag_of(&last)?).or_insert_with(|| last.content.clone());
            ensure(*content == last.content, || {
                format!("{} shows another content under a known tag", request.method())
            })?;
        }
        Ok(last)
    })
    .map(drop)
}

/// Runs the work for every input in a thread of its own, all starting together.
fn all_at_once<T: Sync, E: std::fmt::Display + Send>(
    inputs: &[T],
    work: impl Fn(&T) -> Result<Response, E> + Sync,
) -> Result<Vec<Response>, String> {
    let start = Barrier::new(inputs.len());
    std::thread::scope(|scope| {
        let running: Vec<_> = inputs
            .iter()
            .map(|input| {
                scope.spawn(|| {
                    start.wait();
                    work(input)
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(answer) => answer.map_err(|trouble| trouble.to_string()),
                Err(_) => Err("a client thread panicked".to_owned()),
            })
            .collect()
    })
}

/// Twenty PUTs of twenty titles to the case's page.
fn at_once(run: &mut Run<'_>, change: impl Fn(Request) -> Request + Sync) -> Result<Vec<Response>, String> {
    let (origin, path) = (run.subject().origin(), run.path().to_owned());
    let contents: Vec<String> = (0..CLIENTS)
        .map(|number| json!({"slug": run.key(), "title": format!("client {number}")}).to_string())
        .collect();
    let responses =
        all_at_once(&contents, |content| Client::new(origin).send(&change(Request::put(&path)).json(content)))?;
    for response in &responses {
        run.judge(&Request::put(&path), response);
    }
    Ok(responses)
}

fn one_wins(run: &mut Run<'_>, success: u16, change: impl Fn(Request) -> Request + Sync) -> Outcome {
    let responses = at_once(run, change)?;
    let won: Vec<&Response> = responses.iter().filter(|response| response.status == success).collect();
    let lost = responses.iter().filter(|response| response.status == 412).count();
    ensure(won.len() == 1 && lost == CLIENTS - 1, || {
        let statuses: Vec<u16> = responses.iter().map(|response| response.status).collect();
        format!("not one winner and {} times 412, but {statuses:?}", CLIENTS - 1)
    })?;
    let path = run.path().to_owned();
    let shown = run.get(&path)?;
    ensure(won.iter().all(|winner| winner.content == shown.content && winner.tag() == shown.tag()), || {
        "GET does not show what the winner wrote".to_owned()
    })
}

fn last_is_one_of(run: &mut Run<'_>, responses: &[Response]) -> Outcome {
    let path = run.path().to_owned();
    let shown = run.get(&path)?;
    ensure(responses.iter().any(|one| one.content == shown.content && one.tag() == shown.tag()), || {
        "GET shows a state that no answer had".to_owned()
    })
}
