//! A PUT that is judged in every respect and not done.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use put_core::rules::{Access, Action, Proposed, Verdict};
use put_core::store::Store;
use put_core::{Endpoint, Pointer, Violation};

use crate::stock::{Log, Pace, Sent, Stock, Switched, User, Watched, content, current, given, memory, of, over, seen};
use crate::support::{HOST, items, put};

const TRY: &str = "/stock/{id}/try";

/// No more than ten at a time, 13 never, and 40 is taken.
fn ruled(endpoint: Endpoint<Stock, User>, pace: Pace) -> Endpoint<Stock, User> {
    endpoint.check(move |_, change: Proposed<Stock>| async move {
        pace.pass().await;
        let (before, after) = (change.current().map_or(0, |current| current.quantity), change.proposed().quantity);
        let quantity = |detail: &str| Violation::new(Pointer::root().member("quantity"), detail);
        Ok(match after {
            13 => Verdict::refuse("unlucky"),
            40 => Verdict::conflict(quantity("is taken")),
            _ if after > before + 10 => Verdict::violation(quantity("goes up too fast")),
            _ => Verdict::permit(),
        })
    })
}

#[tokio::test]
async fn it_says_what_would_have_become_of_the_put_and_does_nothing() {
    let tag = given(&memory(), of("a", 1)).await.tag.to_string();
    let stale = ("if-match", "\"x\"");
    let date = ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT");
    let large = content(2).replace('{', &format!("{{{}", " ".repeat(70_000)));
    let requests = [
        Sent::quantity(1),
        Sent::quantity(2),
        Sent::put(&[], content(2).replace(':', ": ")),
        Sent::put(&[("prefer", "return=minimal")], content(2)),
        Sent::put(&[("if-match", &tag)], content(3)),
        Sent::put(&[("if-none-match", "*")], content(3)),
        Sent::put(&[stale], content(3)),
        Sent::put(&[stale], content(1)),
        Sent::put(&[stale, ("prefer", "return=representation")], content(3)),
        Sent::put(&[stale, ("expect", "100-continue")], content(3)),
        Sent::put(&[stale], "{"),
        Sent::put(&[date], content(3)),
        Sent::put(&[], large),
        Sent::put(&[("if-match", "zzz")], content(3)),
        Sent::put(&[("content-range", "bytes 0-1/2")], content(3)),
        Sent::put(&[("content-digest", "sha-256=abc")], content(3)),
        Sent::put(&[], "{"),
        Sent::put(&[], ""),
        Sent::put(&[], r#"{"tenant":5,"x":1}"#),
        Sent::new("PUT", &[("content-type", "text/plain")], content(3)),
        Sent::quantity(13),
        Sent::quantity(40),
        Sent::quantity(99),
        Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":2}"#),
        Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":13}"#),
        Sent::put(&[], r#"{"tenant":"b","unit":"kg","quantity":2}"#),
        Sent::quantity(2).by(None),
    ];
    let switches: [Switched; 5] = [
        |endpoint| endpoint,
        Endpoint::update_only,
        Endpoint::require_precondition,
        Endpoint::accept_replay,
        |endpoint| endpoint.return_minimal().strict_validators(),
    ];
    for pace in [None, Some(Pace::AtOnce), Some(Pace::Waits)] {
        for switched in switches {
            for there in [Some("a"), Some("b"), None] {
                for request in &requests {
                    let (log, store) = (Log::default(), Watched::new(None));
                    let store_of_all = Arc::clone(&store) as Arc<dyn Store>;
                    if let Some(tenant) = there {
                        given(&store_of_all, of(tenant, 1)).await;
                    }
                    let writes = store.writes.load(Ordering::SeqCst);
                    let mut endpoint = switched(over(Arc::clone(&store_of_all)).dry_run(TRY));
                    if let Some(pace) = pace {
                        let noted = log.clone();
                        endpoint = ruled(endpoint, pace)
                            .state_scope(|caller, stock| caller.is_some_and(|caller| caller.0 == stock.tenant))
                            .committed(move |_, _| {
                                noted.note("told");
                                async { Ok(()) }
                            });
                    }
                    let engine = endpoint.mount(HOST);
                    let before = current(&store_of_all).await;
                    let dry = request.clone().at("/stock/1/try").to(engine.dry_run().unwrap()).await;
                    assert_eq!(current(&store_of_all).await, before);
                    assert_eq!(store.writes.load(Ordering::SeqCst), writes, "the store is not even asked to write");
                    let real = request.to(&engine).await;
                    if real.status() >= 300 {
                        assert_eq!(seen(&dry), seen(&real), "{pace:?} {there:?} {request:?}");
                        continue;
                    }
                    let after = current(&store_of_all).await;
                    let outcome = match () {
                        () if before.is_none() => "created",
                        () if before == after => "unchanged",
                        () => "replaced",
                    };
                    let shown = serde_json::to_value(after.unwrap().value).unwrap();
                    assert_eq!(dry.status(), 200);
                    assert_eq!(dry.json(), serde_json::json!({ "outcome": outcome, "representation": shown }));
                    let names: Vec<_> = dry.0.fields().iter().map(|(field, _)| field.name()).collect();
                    assert_eq!(names, ["date", "content-type", "cache-control"], "no tag, no location");
                    assert_eq!(dry.field("cache-control"), Some("no-store"));
                    assert!(log.all().len() <= 1, "a dry run is told to nobody");
                }
            }
        }
    }
}

#[tokio::test]
async fn it_is_a_mount_of_its_own_with_one_method() {
    let engine = over(memory()).allow_delete().dry_run(TRY).mount(HOST);
    let dry = engine.dry_run().unwrap();
    assert_eq!((engine.path(), dry.path()), ("/stock/{id}", TRY));
    assert!(dry.dry_run().is_none());
    for method in ["GET", "HEAD", "DELETE", "POST"] {
        let answer = Sent::new(method, &[], "").at("/stock/1/try").to(dry).await;
        assert_eq!((answer.status(), answer.field("allow")), (405, Some("PUT, OPTIONS")), "{method}");
    }
    let answer = Sent::new("OPTIONS", &[], "").at("/stock/1/try").to(dry).await;
    assert_eq!((answer.status(), answer.field("allow")), (204, Some("PUT, OPTIONS")));
    for (path, status) in [("/stock/1/try", 200), ("/stock/01/try", 404), ("/stock/x/try", 404)] {
        assert_eq!(Sent::quantity(1).at(path).to(dry).await.status(), status, "{path}");
    }
    assert_eq!(Sent::new("GET", &[], "").to(&engine).await.status(), 404, "the resource itself is still not there");
    assert!(over(memory()).mount(HOST).dry_run().is_none());
}

#[tokio::test]
async fn who_may_not_read_learns_the_outcome_and_no_more() {
    for pace in Pace::BOTH {
        let store = memory();
        given(&store, of("a", 1)).await;
        let endpoint = over(store).dry_run(TRY).authorize(move |_, action, _| async move {
            pace.pass().await;
            Ok(if action == Action::Read { Access::Hidden } else { Access::Granted })
        });
        let engine = endpoint.mount(HOST);
        // One of the two is what is stored: a guess that is right looks like one that is wrong.
        for quantity in [1, 2] {
            let answer = Sent::quantity(quantity).at("/stock/1/try").to(engine.dry_run().unwrap()).await;
            assert_eq!((answer.status(), &*answer.text()), (200, r#"{"outcome":"replaced"}"#));
        }
        let stale = Sent::put(&[("if-match", "\"x\"")], content(2)).at("/stock/1/try");
        let answer = stale.to(engine.dry_run().unwrap()).await;
        assert_eq!((answer.status(), answer.field("etag")), (412, None));
    }
}

#[tokio::test]
async fn what_the_server_would_set_is_shown() {
    let engine = items().dry_run("/items/{id}/try").mount(HOST);
    let dry = engine.dry_run().unwrap();
    let answer = put(dry, "/items/7/try", &[], r#"{"name":"a","createdAt":5,"owner":"me"}"#).await;
    assert_eq!(answer.json()["outcome"], "created");
    assert_ne!(answer.json()["representation"]["createdAt"], 5);
    let created = put(&engine, "/items/7", &[], r#"{"name":"a","owner":"me"}"#).await;
    let answer = put(dry, "/items/7/try", &[], r#"{"name":"b","owner":"me"}"#).await;
    assert_eq!(answer.json()["outcome"], "replaced");
    assert_eq!(answer.json()["representation"]["createdAt"], created.json()["createdAt"]);
    let answer = put(dry, "/items/7/try", &[], r#"{"name":"a","owner":"me"}"#).await;
    assert_eq!(answer.json(), serde_json::json!({ "outcome": "unchanged", "representation": created.json() }));
}
