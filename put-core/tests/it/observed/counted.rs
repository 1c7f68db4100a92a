//! What the feature `metrics` tells. The recorder is the thread's, so that other tests are not counted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use put_core::rules::Verdict;

use super::{ONE, TWO};
use crate::support::{HOST, pages, put, send};

/// Everything that was recorded, in order, under name and labels.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

struct One(Told, String);

impl Told {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(One(self.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn describe(&self, name: &KeyName, unit: Option<Unit>) {
        let expected = if name.as_str().ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        assert_eq!(unit, Some(expected), "{name:?}");
        self.0.lock().unwrap().insert(name.as_str().to_owned(), Vec::new());
    }
}

impl One {
    fn push(&self, value: f64) {
        self.0.0.lock().unwrap().entry(self.1.clone()).or_default().push(value);
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        self.push(u32::try_from(value).unwrap().into());
    }

    fn absolute(&self, value: u64) {
        panic!("the counter is set to {value}");
    }
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        // No time is asserted, only that there is one.
        self.push(if self.1.contains("_seconds") { f64::from(u8::from(value < 0.0)) } else { value });
    }
}

impl Recorder for Told {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        panic!("a gauge {name:?}");
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("a gauge {key:?}");
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

#[tokio::test]
async fn requests_false_preconditions_and_retries_are_counted() {
    let told = Told::default();
    let guard = metrics::set_default_local_recorder(&told);
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
    let told = told.0.lock().unwrap();
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
    assert_eq!(*told, BTreeMap::from(expected));
}
