//! What the feature `metrics` tells. The recorder is the thread's, so that other tests are not counted.

use std::collections::BTreeMap;

use put_core::rules::Verdict;
use put_recorder::Recorder;

use super::{ONE, TWO};
use crate::support::{HOST, pages, put, send};

#[tokio::test]
async fn requests_false_preconditions_and_retries_are_counted() {
    let recorder = Recorder::default();
    let guard = metrics::set_default_local_recorder(&recorder);
    let engine = pages().check(async |_, _| Ok(Verdict::permit())).mount(HOST);
    for (fields, content, status) in [
        (vec![], ONE, 201),
        (vec![], TWO, 200),
        (vec![("if-none-match", "*")], ONE, 412),
        (vec![("if-match", "\"x\"")], ONE, 412),
    ] {
        assert_eq!(put(&engine, "/pages/a", &fields, content).await.status(), status);
    }
    assert_eq!(send(&engine, "BREW", "/pages/a", &[], b"").await.status(), 501);
    // An endpoint that only updates has no false precondition to tell, but an absent resource.
    assert_eq!(put(&pages().update_only().mount(HOST), "/pages/a", &[], ONE).await.status(), 404);
    let mut head = put_core::Head::new("PUT", "/pages/a", engine.path());
    head.field("content-type", b"application/json");
    drop(engine.admit(&head).await);
    drop(guard);
    let expected: [(&str, &[f64]); 15] = [
        ("put_preconditions_failed_total", &[]),
        ("put_preconditions_failed_total{resource=Page,condition=If-Match}", &[1.0]),
        ("put_preconditions_failed_total{resource=Page,condition=If-None-Match}", &[1.0]),
        ("put_request_duration_seconds", &[]),
        ("put_request_duration_seconds{resource=Page,method=PUT}", &[0.0; 5]),
        ("put_request_duration_seconds{resource=Page,method=other}", &[0.0]),
        ("put_requests_total", &[]),
        ("put_requests_total{resource=Page,method=PUT,outcome=abandoned}", &[1.0]),
        ("put_requests_total{resource=Page,method=PUT,outcome=absent}", &[1.0]),
        ("put_requests_total{resource=Page,method=PUT,outcome=created}", &[1.0]),
        ("put_requests_total{resource=Page,method=PUT,outcome=precondition_failed}", &[1.0, 1.0]),
        ("put_requests_total{resource=Page,method=PUT,outcome=replaced}", &[1.0]),
        ("put_requests_total{resource=Page,method=other,outcome=not_allowed}", &[1.0]),
        ("put_rule_retries", &[]),
        ("put_rule_retries{resource=Page}", &[0.0; 4]),
    ];
    let expected = expected.map(|(name, values)| (name.to_owned(), values.to_vec()));
    assert_eq!(recorder.told(), BTreeMap::from(expected));
}
