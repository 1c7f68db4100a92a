//! What checks come to: of several verdicts the gravest, whether they are given at once or waited for.

use std::sync::Arc;

use put_core::Endpoint;
use put_core::rules::{Proposed, RuleError, Verdict};

use super::{OneUp, at, warm};
use crate::stock::{Pace, Sent, Stock, User, content, current, given, memory, of, over, stock};
use crate::support::HOST;

/// A rule that finds in the quantity what it says: 1 for a refusal, 2 for a violation, 4 for a conflict, and their sums.
fn telling(pace: Pace) -> impl Fn(Option<Arc<User>>, Proposed<Stock>) -> Asked + Send + Sync + 'static {
    move |_caller, change| {
        Box::pin(async move {
            pace.pass().await;
            let says = change.proposed().quantity;
            let mut verdict = if says & 1 > 0 { Verdict::refuse("not today") } else { Verdict::permit() };
            if says & 2 > 0 {
                verdict = verdict.and(Verdict::violation(at("quantity", "is even worse")));
            }
            if says & 4 > 0 {
                verdict = verdict.and(Verdict::conflict(at("tenant", "is somebody else's")));
            }
            Ok(verdict.and(Verdict::warning("looked at")))
        })
    }
}

type Asked = std::pin::Pin<Box<dyn Future<Output = Result<Verdict, RuleError>> + Send>>;

#[tokio::test]
async fn of_several_verdicts_the_gravest_is_told() {
    for pace in Pace::BOTH {
        for warmed in [true, false] {
            for says in 0..8 {
                for clashes in [false, true] {
                    let store = memory();
                    let before = given(&store, of("a", 100)).await;
                    let engine = over(Arc::clone(&store)).check(telling(pace)).mount(HOST);
                    if warmed {
                        warm(&engine).await;
                    }
                    let unit = if clashes { "lb" } else { "kg" };
                    let sent = Sent::put(&[], format!(r#"{{"tenant":"a","unit":"{unit}","quantity":{says}}}"#));
                    let answer = sent.to(&engine).await;
                    let (refuses, violates, conflicts) = (says & 1 > 0, says & 2 > 0, says & 4 > 0);
                    let told = |pointers: &[&str]| {
                        let errors = answer.errors().into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
                        assert_eq!(errors, pointers, "{}", answer.text());
                    };
                    let status = match () {
                        () if refuses => 403,
                        () if violates => {
                            told(&["#/quantity"]);
                            422
                        }
                        () if conflicts && clashes => {
                            told(&["#/unit", "#/tenant"]);
                            409
                        }
                        () if conflicts => {
                            told(&["#/tenant"]);
                            409
                        }
                        () if clashes => {
                            told(&["#/unit"]);
                            409
                        }
                        () => 200,
                    };
                    assert_eq!(answer.status(), status, "{pace:?} warmed: {warmed}, says {says}, clashes: {clashes}");
                    assert!(!answer.text().contains("looked at"), "a warning is for the log");
                    let after = current(&store).await.unwrap();
                    assert_eq!(after == before, status != 200, "{pace:?} says {says}");
                }
            }
        }
    }
}

/// What a caller of these requests sees, one after the other, over one store.
async fn course(endpoint: Endpoint<Stock, User>, requests: &[Sent<'_>]) -> Vec<(u16, String)> {
    let engine = endpoint.mount(HOST);
    let mut answers = Vec::new();
    for request in requests {
        let answer = request.to(&engine).await;
        answers.push((answer.status(), answer.text()));
    }
    answers
}

#[tokio::test]
async fn a_rule_that_waits_comes_to_the_same_as_one_that_answers_at_once() {
    let tag = given(&memory(), of("a", 4)).await.tag.to_string();
    let course_of = |pace: Pace| {
        let requests = [
            Sent::quantity(3),
            Sent::quantity(3),
            Sent::quantity(4),
            Sent::quantity(6),
            Sent::quantity(5),
            Sent::put(&[("if-match", &tag)], content(4)),
            Sent::put(&[("if-none-match", "*")], content(4)),
            Sent::put(&[("if-match", &tag)], content(9)),
            Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":4}"#),
            Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":5}"#),
            Sent::put(&[("if-match", "\"x\"")], content(5)),
            Sent::new("DELETE", &[], ""),
            Sent::quantity(7),
            Sent::new("DELETE", &[("if-match", "\"x\"")], ""),
            Sent::new("DELETE", &[], ""),
            Sent::new("DELETE", &[], ""),
        ];
        let endpoint = stock().allow_delete().rules(OneUp(pace));
        async move { course(endpoint, &requests).await }
    };
    let (at_once, waits) = (course_of(Pace::AtOnce).await, course_of(Pace::Waits).await);
    assert_eq!(at_once, waits);
    let statuses: Vec<u16> = at_once.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [201, 200, 200, 422, 200, 412, 412, 412, 409, 409, 412, 409, 422, 412, 409, 409]);
}
