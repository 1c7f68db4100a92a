//! PUT-23: the test of a condition and the write are one step. Only many clients at one time can show it.

use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::case;
use super::checks::{ensure, status, tag_of};
use crate::Switch;
use crate::case::{Case, Outcome};
use crate::http::{Client, Request, Response};
use crate::run::Run;

const CLIENTS: usize = 20;

pub(super) fn cases() -> Vec<Case> {
    let mut table = vec![
        case("of 20 parallel PUTs with one If-Match exactly one writes", &["PUT-23", "CND-05"]).present().script(
            |run| {
                let tag = run.tag();
                one_wins(run, 200, |request| request.field("If-Match", &tag))
            },
        ),
        case("of 20 parallel creations with If-None-Match: * exactly one writes", &["PUT-23", "CND-08"])
            .script(|run| one_wins(run, 201, |request| request.field("If-None-Match", "*"))),
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
        case("increments by GET and If-Match are all counted", &["PUT-23", "CND-05"]).item().script(increments),
        case("a removal and a careful PUT at one time never create again", &["PUT-23", "DEL-02", "CND-04"])
            .on(Switch::Delete)
            .script(removal),
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

/// Eight clients, ten increments each, every one a GET and a PUT with the tag; a refused one is tried again.
fn increments(run: &mut Run<'_>) -> Outcome {
    const TASKS: u64 = 8;
    const EACH: u64 = 10;
    let (origin, path) = (run.subject().origin(), run.path().to_owned());
    status(&run.put(&path, r#"{"name":"counter","count":0}"#)?, &[201], "PUT")?;
    let deadline = Instant::now() + Duration::from_secs(40);
    let tasks: Vec<u64> = (0..TASKS).collect();
    all_at_once(&tasks, |_| -> Result<Response, String> {
        let mut client = Client::new(origin);
        let mut last = Response::default();
        for _ in 0..EACH {
            loop {
                if Instant::now() > deadline {
                    return Err("the increments do not come to an end".to_owned());
                }
                let shown = client.send(&Request::get(&path)).map_err(|trouble| trouble.to_string())?;
                let tag = tag_of(&shown)?;
                let count = shown.json().unwrap_or_default().get("count").and_then(Value::as_u64).unwrap_or_default();
                let content = json!({"name": "counter", "count": count + 1}).to_string();
                let request = Request::put(&path).field("If-Match", &tag).json(content);
                last = client.send(&request).map_err(|trouble| trouble.to_string())?;
                if last.status == 200 {
                    break;
                }
                status(&last, &[412], "PUT")?;
            }
        }
        Ok(last)
    })?;
    let count = run.get(&path)?.json().unwrap_or_default().get("count").and_then(Value::as_u64);
    ensure(count == Some(TASKS * EACH), || format!("{} increments made {count:?}", TASKS * EACH))
}

/// A careful PUT that loses against the removal must not bring the resource back.
fn removal(run: &mut Run<'_>) -> Outcome {
    let origin = run.subject().origin();
    for _ in 0..10 {
        let (path, key) = run.another();
        let created = run.put(&path, json!({"slug": key, "title": "one"}).to_string())?;
        let tag = tag_of(&created)?;
        let requests = [
            Request::delete(&path).field("If-Match", &tag),
            Request::put(&path).field("If-Match", &tag).json(json!({"slug": key, "title": "two"}).to_string()),
        ];
        let answers = all_at_once(&requests, |request| Client::new(origin).send(request))?;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        let shown = run.get(&path)?.status;
        let removed_first = statuses == [204, 412] && shown == 404;
        let replaced_first = statuses == [412, 200] && shown == 200;
        ensure(removed_first || replaced_first, || format!("DELETE and PUT answered {statuses:?}, then GET {shown}"))?;
    }
    Ok(())
}
