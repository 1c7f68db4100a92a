//! What does not exist for a caller: by its key, and by its state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use put_core::rules::Verdict;
use put_core::{Endpoint, Engine};

use crate::stock::{Pace, Sent, Stock, Switched, User, content, current, given, memory, of, over, seen};
use crate::support::HOST;

/// What else is asked beside the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Nothing,
    Check(Pace),
}

impl Beside {
    const ALL: [Self; 3] = [Self::Nothing, Self::Check(Pace::AtOnce), Self::Check(Pace::Waits)];

    fn add(self, endpoint: Endpoint<Stock, User>) -> Endpoint<Stock, User> {
        match self {
            Self::Nothing => endpoint,
            Self::Check(pace) => endpoint.check(move |_, _| async move {
                pace.pass().await;
                Ok(Verdict::permit())
            }),
        }
    }
}

fn scoped(endpoint: Endpoint<Stock, User>) -> Endpoint<Stock, User> {
    endpoint.state_scope(|caller, stock| caller.is_some_and(|caller| caller.0 == stock.tenant))
}

/// Every method with every condition field, with good content and bad, small and large.
fn requests(tag: &str) -> Vec<Sent<'_>> {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let conditions: [&[(&str, &str)]; 12] = [
        &[],
        &[("if-match", tag)],
        &[("if-match", "\"x\"")],
        &[("if-match", "*")],
        &[("if-match", "")],
        &[("if-match", "zzz")],
        &[("if-none-match", tag)],
        &[("if-none-match", "\"x\"")],
        &[("if-none-match", "*")],
        &[("if-unmodified-since", date)],
        &[("if-modified-since", date)],
        &[("if-match", tag), ("if-none-match", "*")],
    ];
    let large = content(2).replace('{', &format!("{{{}", " ".repeat(70_000)));
    let mut requests = Vec::new();
    for condition in conditions {
        for method in ["GET", "HEAD", "DELETE"] {
            requests.push(Sent::new(method, condition, ""));
        }
        for prefers in [None, Some(("prefer", "return=representation")), Some(("expect", "100-continue"))] {
            let fields: Vec<_> = condition.iter().copied().chain(prefers).collect();
            for text in [content(2), "{".to_owned(), r#"{"tenant":5}"#.to_owned(), large.clone()] {
                requests.push(Sent::put(&fields, text));
            }
            // What is stored already would be no change.
            requests.push(Sent::put(&fields, content(1).replace("\"a\"", "\"b\"")));
        }
    }
    requests
}

fn lacking() -> Arc<Engine> {
    over(memory()).allow_delete().mount(HOST)
}

#[tokio::test]
async fn a_key_out_of_scope_is_absent_for_every_method_whether_there_is_something_or_not() {
    let tag = given(&memory(), of("b", 1)).await.tag.to_string();
    let absent = seen(&Sent::new("GET", &[], "").to(&lacking()).await);
    let nothing = seen(&Sent::new("HEAD", &[], "").to(&lacking()).await);
    for beside in Beside::ALL {
        for there in [true, false] {
            let store = memory();
            if there {
                given(&store, of("b", 1)).await;
            }
            let endpoint = over(Arc::clone(&store)).allow_delete().dry_run("/stock/{id}/try");
            let engine = beside.add(endpoint.scope(|caller, key| caller.is_none() || *key != 1)).mount(HOST);
            for request in requests(&tag) {
                let answer = seen(&request.to(&engine).await);
                assert_eq!(&answer, if request.method == "HEAD" { &nothing } else { &absent }, "{request:?}");
                if request.method == "PUT" {
                    let dry = request.at("/stock/1/try").to(engine.dry_run().unwrap()).await;
                    assert_eq!(seen(&dry), absent);
                }
            }
            assert_eq!(current(&store).await.is_some(), there, "nothing was written");
            assert_eq!(Sent::quantity(2).at("/stock/2").to(&engine).await.status(), 201, "another key is there");
        }
    }
}

#[tokio::test]
async fn a_state_out_of_scope_answers_as_nothing_would_unless_that_were_a_creation() {
    let tag = given(&memory(), of("b", 1)).await.tag.to_string();
    let absent = seen(&Sent::new("GET", &[], "").to(&lacking()).await);
    let switches: [Switched; 5] = [
        |endpoint| endpoint,
        Endpoint::update_only,
        Endpoint::require_precondition,
        Endpoint::accept_replay,
        Endpoint::reveal_current,
    ];
    for beside in Beside::ALL {
        for switched in switches {
            for request in requests(&tag) {
                let answered = async |there: bool, dry: bool| {
                    let store = memory();
                    if there {
                        given(&store, of("b", 1)).await;
                    }
                    let endpoint = switched(over(Arc::clone(&store)).allow_delete().dry_run("/stock/{id}/try"));
                    let engine = beside.add(scoped(endpoint)).mount(HOST);
                    let dried = request.clone().at("/stock/1/try");
                    let answer =
                        if dry { dried.to(engine.dry_run().unwrap()).await } else { request.to(&engine).await };
                    if there {
                        assert_eq!(current(&store).await.unwrap().value, of("b", 1), "{request:?}");
                    }
                    seen(&answer)
                };
                for dry in [false, true] {
                    if dry && request.method != "PUT" {
                        continue;
                    }
                    let (there, not_there) = (answered(true, dry).await, answered(false, dry).await);
                    if not_there.0 < 300 {
                        assert_eq!(there, absent, "{beside:?} {request:?}");
                    } else if not_there.0 == 403 {
                        // It would create what the caller cannot reach, and there is nothing of its own to protect.
                        assert_eq!(there, absent, "{beside:?} {request:?}");
                    } else {
                        assert_eq!(there, not_there, "{beside:?} {request:?}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn no_change_moves_a_resource_out_of_its_scope_or_another_one_into_it() {
    for beside in Beside::ALL {
        for before in [None, Some("a"), Some("b")] {
            for after in ["a", "b"] {
                let store = memory();
                if let Some(tenant) = before {
                    given(&store, of(tenant, 1)).await;
                }
                let was = current(&store).await;
                let engine = beside.add(scoped(over(Arc::clone(&store)))).mount(HOST);
                let sent = Sent::put(&[], format!(r#"{{"tenant":"{after}","unit":"kg","quantity":2}}"#));
                let status = match (before, after) {
                    (Some("b"), _) => 404,
                    (_, "b") => 403,
                    (None, _) => 201,
                    _ => 200,
                };
                for _ in 0..2 {
                    let answer = sent.to(&engine).await;
                    let repeated = if status == 201 { [200, 201] } else { [status; 2] };
                    assert!(repeated.contains(&answer.status()), "{beside:?} {before:?} to {after}: {}", answer.text());
                }
                assert_eq!(current(&store).await == was, status >= 400);
            }
        }
    }
}

#[tokio::test]
async fn a_scope_that_panics_is_the_server_s_mistake() {
    for beside in Beside::ALL {
        for (method, there) in [("GET", true), ("PUT", true), ("PUT", false), ("DELETE", true)] {
            for warmed in [false, true] {
                let store = memory();
                if there {
                    given(&store, of("a", 1)).await;
                }
                let panics = Arc::new(AtomicBool::new(false));
                let mood = Arc::clone(&panics);
                let endpoint = over(Arc::clone(&store)).allow_delete().state_scope(move |_, _| {
                    assert!(!mood.load(Ordering::SeqCst), "a scope with a mistake");
                    true
                });
                let engine = beside.add(endpoint).mount(HOST);
                if warmed {
                    for _ in 0..2 {
                        assert!(Sent::quantity(1).at("/stock/9").to(&engine).await.status() < 300);
                    }
                }
                panics.store(true, Ordering::SeqCst);
                let text = if method == "PUT" { content(2) } else { String::new() };
                let sent = Sent::new(method, &[("content-type", "application/json")], text);
                let answer = sent.to(&engine).await;
                assert_eq!(answer.status(), 500, "{beside:?} {method} there: {there} warmed: {warmed}");
                assert!(answer.json()["instance"].as_str().is_some_and(|id| id.starts_with("urn:put:incident:")));
                assert_eq!(current(&store).await.map(|stored| stored.value), there.then(|| of("a", 1)));
                panics.store(false, Ordering::SeqCst);
                assert!(sent.to(&engine).await.status() < 300, "the next request is served");
            }
        }
    }
}
