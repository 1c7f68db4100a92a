//! Who is told of a change once it is made: of every real one, once, whatever becomes of the client and of the telling.

use std::sync::Arc;

use put_core::Precondition;
use put_core::rules::Committed;
use put_core::store::Store;
use tokio::sync::Semaphore;

use super::{Fate, OneUp, SOON};
use crate::stock::{Log, Pace, Sent, Stock, Watched, content, given, left, of, over, stock};
use crate::support::HOST;

fn told(committed: &Committed<Stock>) -> String {
    let quantity = committed.stored().map(|stored| stored.value.quantity);
    format!("{:?} {} {quantity:?}", committed.done(), committed.key())
}

#[tokio::test]
async fn a_client_that_leaves_during_the_write_keeps_nobody_from_being_told() {
    for method in ["PUT", "DELETE"] {
        let (log, turns) = (Log::default(), Arc::new(Semaphore::new(1)));
        let store = Watched::new(Some(Arc::clone(&turns))) as Arc<dyn Store>;
        let noted = log.clone();
        let engine = over(Arc::clone(&store))
            .allow_delete()
            .committed(move |caller, committed| {
                noted.note(format!("{caller:?} {}", told(&committed)));
                async { Ok(()) }
            })
            .mount(HOST);
        given(&store, of("a", 1)).await;
        let content = if method == "PUT" { content(2) } else { String::new() };
        left(Sent::new(method, &[("content-type", "application/json")], content).to(&engine)).await;
        assert!(log.all().is_empty());
        turns.add_permits(1);
        let wanted = if method == "PUT" { "Replaced 1 Some(2)" } else { "Deleted 1 None" };
        assert_eq!(log.reaches(1).await, [format!("Some(User(\"a\")) {wanted}")]);
    }
}

#[tokio::test]
async fn what_goes_wrong_after_the_commit_is_no_matter_to_the_client_nor_to_the_next() {
    for fate in Fate::ALL {
        for pace in Pace::BOTH {
            for turns in [None, Some(Arc::new(Semaphore::new(9)))] {
                let (log, noted) = (Log::default(), Log::default());
                let store = Watched::new(turns) as Arc<dyn Store>;
                let (first, second) = (log.clone(), noted.clone());
                let engine = over(Arc::clone(&store))
                    .allow_delete()
                    .rule_timeout(SOON)
                    .committed(move |_, committed| {
                        first.note(told(&committed));
                        async move { Err(fate.befall(pace).await) }
                    })
                    .committed(move |_, committed| {
                        second.note(told(&committed));
                        async { Ok(()) }
                    })
                    .mount(HOST);
                assert_eq!(Sent::quantity(1).to(&engine).await.status(), 201, "{fate:?}");
                assert_eq!(Sent::quantity(2).to(&engine).await.status(), 200, "{fate:?}");
                assert_eq!(Sent::new("DELETE", &[], "").to(&engine).await.status(), 204, "{fate:?}");
                let mut all = ["Created 1 Some(1)", "Replaced 1 Some(2)", "Deleted 1 None"];
                all.sort_unstable();
                for log in [log, noted] {
                    let mut told = log.reaches(3).await;
                    told.sort_unstable();
                    assert_eq!(told, all, "{fate:?} {pace:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_real_change_is_told_once_and_nothing_else_is() {
    for pace in Pace::BOTH {
        let log = Log::default();
        let noted = log.clone();
        let endpoint = stock().allow_delete().accept_replay().dry_run("/stock/{id}/try").rules(OneUp(pace)).committed(
            move |_, committed| {
                noted.note(told(&committed));
                async { Ok(()) }
            },
        );
        let engine = endpoint.clone().mount(HOST);
        for (sent, wanted) in [
            (Sent::quantity(1), Some("Created 1 Some(1)")),
            (Sent::quantity(1), None),
            (Sent::put(&[("if-match", "\"lost\"")], content(1)), None),
            (Sent::put(&[("if-match", "\"lost\"")], content(2)), None),
            (Sent::quantity(9), None),
            (Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":1}"#), None),
            (Sent::put(&[], "{"), None),
            (Sent::quantity(0), Some("Replaced 1 Some(0)")),
            (Sent::new("GET", &[], ""), None),
            (Sent::new("DELETE", &[("if-match", "\"x\"")], ""), None),
            (Sent::new("DELETE", &[], ""), Some("Deleted 1 None")),
            (Sent::new("DELETE", &[], ""), None),
        ] {
            let before = log.all().len();
            let dry = sent.clone().at("/stock/1/try");
            if sent.method == "PUT" {
                dry.to(engine.dry_run().unwrap()).await;
            }
            let status = sent.to(&engine).await.status();
            // Who is told is told on a task of its own; the runtime has one thread, so it has run after a few turns.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            assert_eq!(log.all()[before..].first().map(String::as_str), wanted, "{sent:?} {status}");
            assert!(log.all().len() <= before + 1);
        }
        let before = log.all().len();
        endpoint.put(of("a", 1), Precondition::none()).await.unwrap();
        endpoint.put(of("a", 1), Precondition::none()).await.unwrap();
        endpoint.put(of("a", 9), Precondition::none()).await.unwrap_err();
        endpoint.put(of("a", 0), Precondition::none()).await.unwrap();
        endpoint.delete(&1, Precondition::none()).await.unwrap();
        assert_eq!(log.all()[before..], ["Created 1 Some(1)", "Replaced 1 Some(0)", "Deleted 1 None"]);
    }
}
