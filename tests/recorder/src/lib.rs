//! A recorder of metrics for a test: it keeps everything that is recorded, in order, under name and labels.
//!
//! ```
//! let recorder = put_recorder::Recorder::default();
//! metrics::with_local_recorder(&recorder, || metrics::counter!("made_total", "what" => "tea").increment(2));
//! assert_eq!(recorder.told()["made_total{what=tea}"], [2.0]);
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit};

/// The recorder. A clone tells the same.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

impl Recorder {
    /// What was recorded: for each name with its labels the values in order, and for each name that was described an
    /// entry without any. Of a duration only whether it is negative, because a test asserts no time: 0 or 1.
    #[must_use]
    pub fn told(&self) -> BTreeMap<String, Vec<f64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// # Panics
    /// If the unit is not the one that the name says.
    fn describe(&self, name: &KeyName, unit: Option<Unit>) {
        let said = if name.as_str().ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        assert_eq!(unit, Some(said), "{name:?}");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.as_str().to_owned(), Vec::new());
    }

    fn one(&self, key: &Key) -> Arc<One> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(One { recorder: self.clone(), name: format!("{}{{{}}}", key.name(), labels.join(",")) })
    }
}

/// One counter or histogram.
struct One {
    recorder: Recorder,
    name: String,
}

impl One {
    fn push(&self, value: f64) {
        let mut told = self.recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.entry(self.name.clone()).or_default().push(value);
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        self.push(f64::from(u32::try_from(value).unwrap_or(u32::MAX)));
    }

    fn absolute(&self, _: u64) {
        self.push(f64::NAN);
    }
}

impl GaugeFn for One {
    fn increment(&self, value: f64) {
        self.push(value);
    }

    fn decrement(&self, value: f64) {
        self.push(-value);
    }

    fn set(&self, value: f64) {
        self.push(value);
    }
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        let is_time = self.name.contains("_seconds");
        self.push(if is_time { f64::from(u8::from(value < 0.0)) } else { value });
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.one(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}
