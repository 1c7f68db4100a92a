//! Rules together with every switch of a mount: which of the two is first, and what an answer has.

use std::sync::Arc;

use put_core::Endpoint;
use put_core::rules::{Proposed, Verdict};

use super::warm;
use crate::stock::{Pace, Sent, Stock, Switched, content, given, memory, of, over};
use crate::support::HOST;

#[tokio::test]
async fn rules_go_together_with_every_switch() {
    let tag = given(&memory(), of("a", 1)).await.tag.to_string();
    let spaced = r#"{ "tenant": "a", "unit": "kg", "quantity": 2 }"#;
    let stale = ("if-match", "\"x\"");
    let rows: [(Switched, Sent<'_>, u16, bool, bool); 15] = [
        (Endpoint::update_only, Sent::quantity(2).at("/stock/7"), 404, false, true),
        (Endpoint::update_only, Sent::quantity(13).at("/stock/7"), 404, false, true),
        (Endpoint::update_only, Sent::quantity(13), 403, false, true),
        (Endpoint::update_only, Sent::quantity(2), 200, true, true),
        (Endpoint::require_precondition, Sent::quantity(13), 428, false, true),
        (Endpoint::require_precondition, Sent::put(&[("if-match", &tag)], content(13)), 403, false, true),
        (Endpoint::require_precondition, Sent::put(&[stale], content(13)), 412, true, true),
        (Endpoint::require_precondition, Sent::put(&[("if-match", &tag)], content(2)), 200, true, true),
        (Endpoint::accept_replay, Sent::put(&[stale], content(1)), 200, true, true),
        (Endpoint::accept_replay, Sent::put(&[stale], content(13)), 412, true, true),
        (Endpoint::strict_validators, Sent::put(&[], spaced), 200, false, true),
        (|endpoint| endpoint, Sent::put(&[], spaced), 200, true, true),
        (Endpoint::return_minimal, Sent::put(&[], spaced), 204, false, false),
        (Endpoint::return_minimal, Sent::quantity(13), 403, false, true),
        (|endpoint| endpoint.content_limit(10), Sent::quantity(13), 413, false, true),
    ];
    for pace in Pace::BOTH {
        for warmed in [false, true] {
            for (switched, sent, status, has_tag, has_content) in &rows {
                let store = memory();
                given(&store, of("a", 1)).await;
                let endpoint = over(Arc::clone(&store)).check(move |_, change: Proposed<Stock>| async move {
                    pace.pass().await;
                    let unlucky = change.proposed().quantity == 13;
                    Ok(if unlucky { Verdict::refuse("unlucky") } else { Verdict::permit() })
                });
                if warmed {
                    // The switch comes after the rules, which it shares with the endpoint that it is made from.
                    warm(&endpoint.clone().mount(HOST)).await;
                }
                let answer = sent.to(&switched(endpoint).mount(HOST)).await;
                let facts = (answer.status(), answer.field("etag").is_some(), !answer.text().is_empty());
                assert_eq!(facts, (*status, *has_tag, *has_content), "{pace:?} {sent:?} {}", answer.text());
            }
        }
    }
}
