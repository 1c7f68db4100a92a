//! What is permitted is written over the state that the rule has seen, and over no other: what others write while a rule
//! is asked, what it may read itself, and a client that does not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use put_core::rules::{Proposed, RuleError, Rules, Verdict};
use put_core::{Endpoint, Error, Precondition, PutResource as _};
use tokio::sync::{mpsc, oneshot};

use super::at;
use crate::stock::{Sent, Stock, User, content, current, given, left, memory, of, over};
use crate::support::HOST;

/// A rule that says what it sees, and waits to be told to go on.
fn stepwise(endpoint: Endpoint<Stock, User>) -> (Endpoint<Stock, User>, mpsc::UnboundedReceiver<Step>) {
    let (steps, taken) = mpsc::unbounded_channel();
    let endpoint = endpoint.check(move |_caller, change| {
        let (go_on, goes_on) = oneshot::channel();
        let seen = change.current().map(|current| current.quantity);
        steps.send(Step { seen, go_on }).unwrap();
        async move { goes_on.await.map_err(RuleError::from) }
    });
    (endpoint, taken)
}

struct Step {
    seen: Option<i64>,
    go_on: oneshot::Sender<Verdict>,
}

#[tokio::test]
async fn what_is_permitted_is_written_over_exactly_the_state_that_was_seen() {
    let store = memory();
    let (endpoint, mut steps) = stepwise(over(Arc::clone(&store)));
    let engine = endpoint.mount(HOST);
    let request = tokio::spawn(async move { Sent::quantity(5).to(&engine).await });
    // Created, replaced, deleted, created anew, put back to what it was: each time it is asked about what is there now.
    let mut step = steps.recv().await.unwrap();
    assert_eq!(step.seen, None);
    let tag = given(&store, of("b", 1)).await.tag;
    for (seen, next) in [(Some(1), Some(2)), (Some(2), None), (None, Some(3)), (Some(3), Some(4))] {
        step.go_on.send(Verdict::permit()).unwrap();
        step = steps.recv().await.unwrap();
        assert_eq!(step.seen, seen);
        match next {
            Some(quantity) => drop(given(&store, of("b", quantity)).await),
            None => Stock::endpoint(Arc::clone(&store)).delete(&1, Precondition::none()).await.unwrap(),
        }
    }
    step.go_on.send(Verdict::permit()).unwrap();
    let step = steps.recv().await.unwrap();
    given(&store, of("b", 9)).await;
    given(&store, of("b", 4)).await;
    step.go_on.send(Verdict::permit()).unwrap();
    let answer = request.await.unwrap();
    assert_eq!(
        (answer.status(), answer.json()["quantity"].as_i64()),
        (200, Some(5)),
        "the state that was seen is back"
    );
    assert_ne!(current(&store).await.unwrap().tag, tag);
    assert!(steps.try_recv().is_err(), "it was asked no more often than it had to be");
}

#[tokio::test]
async fn a_write_between_can_turn_permission_into_refusal_and_condition_into_failure() {
    for (fields, verdict, status) in [
        (vec![], Verdict::refuse("not any more"), 403),
        (vec![], Verdict::conflict(at("quantity", "is another")), 409),
        (vec![("if-none-match", "*")], Verdict::permit(), 412),
    ] {
        let store = memory();
        let (endpoint, mut steps) = stepwise(over(Arc::clone(&store)));
        let engine = endpoint.mount(HOST);
        let asked_again = fields.is_empty();
        let request = tokio::spawn(async move { Sent::put(&fields, content(5)).to(&engine).await });
        let step = steps.recv().await.unwrap();
        given(&store, of("b", 1)).await;
        step.go_on.send(Verdict::permit()).unwrap();
        if asked_again {
            steps.recv().await.unwrap().go_on.send(verdict).unwrap();
        }
        assert_eq!(request.await.unwrap().status(), status);
        assert_eq!(current(&store).await.unwrap().value, of("b", 1));
        assert!(steps.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_deletion_is_permitted_of_exactly_the_state_that_was_seen() {
    struct Asks(mpsc::UnboundedSender<Step>);
    impl Rules<Stock> for Asks {
        type Caller = User;

        async fn check_delete(&self, _: Option<&User>, _: &u64, current: &Stock) -> Result<Verdict, RuleError> {
            let (go_on, goes_on) = oneshot::channel();
            self.0.send(Step { seen: Some(current.quantity), go_on })?;
            Ok(goes_on.await?)
        }
    }
    for (last, status) in [(Verdict::permit(), 204), (Verdict::refuse("no"), 403)] {
        let store = memory();
        given(&store, of("a", 1)).await;
        let (steps, mut taken) = mpsc::unbounded_channel();
        let engine = over(Arc::clone(&store)).allow_delete().rules(Asks(steps)).mount(HOST);
        let request = tokio::spawn(async move { Sent::new("DELETE", &[], "").to(&engine).await });
        let step = taken.recv().await.unwrap();
        given(&store, of("a", 2)).await;
        step.go_on.send(Verdict::permit()).unwrap();
        let step = taken.recv().await.unwrap();
        assert_eq!(step.seen, Some(2));
        step.go_on.send(last).unwrap();
        assert_eq!(request.await.unwrap().status(), status);
        assert_eq!(current(&store).await.is_none(), status == 204);
    }
}

#[tokio::test]
async fn who_is_overtaken_each_time_is_told_to_come_back() {
    let store = memory();
    let asks = Arc::new(AtomicUsize::new(0));
    let rule = {
        let (store, asks) = (Arc::clone(&store), Arc::clone(&asks));
        move |_caller, _change: Proposed<Stock>| {
            let (store, asks) = (Arc::clone(&store), Arc::clone(&asks));
            async move {
                tokio::task::yield_now().await;
                let ask = asks.fetch_add(1, Ordering::SeqCst);
                given(&store, of("b", i64::try_from(ask)?)).await;
                Ok(Verdict::permit())
            }
        }
    };
    let endpoint = over(Arc::clone(&store)).check(rule);
    let engine = endpoint.clone().mount(HOST);
    let answer = Sent::quantity(100).to(&engine).await;
    assert_eq!((answer.status(), answer.field("retry-after")), (503, Some("1")));
    assert_eq!((asks.load(Ordering::SeqCst), current(&store).await.unwrap().value), (16, of("b", 15)));
    let typed = endpoint.put(of("a", 100), Precondition::none()).await;
    assert!(matches!(typed, Err(Error::Store(error)) if error.retry_after().is_some()));
    assert_eq!(asks.load(Ordering::SeqCst), 32);
}

#[tokio::test]
async fn a_rule_may_read_through_the_endpoint_it_belongs_to() {
    // From the first time, or only when it has been taken for one that answers at once.
    for at_once_before in [0, 1, 3] {
        let store = memory();
        let (plain, asks) = (Stock::endpoint(Arc::clone(&store)), Arc::new(AtomicUsize::new(0)));
        let engine = over(Arc::clone(&store))
            .allow_delete()
            .check(move |_caller, change| {
                let (plain, ask) = (plain.clone(), asks.fetch_add(1, Ordering::SeqCst));
                async move {
                    if ask < at_once_before {
                        return Ok(Verdict::permit());
                    }
                    let read = plain.get(change.key()).await?.map(|stored| stored.value);
                    let all = plain.list(None, 9).await?.len();
                    assert_eq!((read.as_ref(), all), (change.current(), usize::from(change.current().is_some())));
                    Ok(Verdict::permit())
                }
            })
            .mount(HOST);
        for (quantity, status) in [(1, 201), (2, 200), (3, 200), (4, 200), (5, 200)] {
            assert_eq!(Sent::quantity(quantity).to(&engine).await.status(), status, "{at_once_before}");
            assert_eq!(current(&store).await.unwrap().value.quantity, quantity);
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_while_a_rule_is_asked_has_asked_nothing() {
    let store = memory();
    let before = given(&store, of("a", 1)).await;
    let (endpoint, mut steps) = stepwise(over(Arc::clone(&store)));
    let engine = endpoint.clone().mount(HOST);
    left(Sent::quantity(5).to(&engine)).await;
    left(endpoint.put(of("a", 5), Precondition::none())).await;
    for _ in 0..2 {
        let step = steps.recv().await.unwrap();
        assert!(step.go_on.send(Verdict::permit()).is_err(), "nobody waits for the answer");
    }
    assert_eq!(current(&store).await.unwrap(), before);
    let next = tokio::spawn(async move { Sent::quantity(6).to(&engine).await });
    steps.recv().await.unwrap().go_on.send(Verdict::permit()).unwrap();
    assert_eq!(next.await.unwrap().status(), 200);
}
