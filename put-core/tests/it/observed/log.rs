//! A subscriber that keeps what it is told.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;
use tracing_subscriber::registry::LookupSpan;

/// A span or an event.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) name: &'static str,
    pub(super) level: Level,
    /// Of an event, whether it is inside a span.
    pub(super) inside: bool,
    fields: BTreeMap<&'static str, String>,
}

impl Told {
    fn new(metadata: &'static Metadata<'static>, inside: bool) -> Self {
        Self { name: metadata.name(), level: *metadata.level(), inside, fields: BTreeMap::new() }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    fn set(&mut self, field: &Field, text: String) {
        let before = self.fields.insert(field.name(), text);
        assert_eq!(before, None, "{field} is told twice");
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}

#[derive(Default)]
struct Kept {
    spans: Vec<Told>,
    /// Which of them an id means, until it is closed.
    open: BTreeMap<u64, usize>,
    events: Vec<Told>,
}

#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Kept>>, Level);

impl Log {
    /// Keeps what this thread tells from now on.
    pub(super) fn of_everything() -> (Self, DefaultGuard) {
        Self::up_to(Level::TRACE)
    }

    /// The same without what is less grave.
    pub(super) fn up_to(level: Level) -> (Self, DefaultGuard) {
        let log = Self(Arc::default(), level);
        let guard = tracing::subscriber::set_default(registry().with(log.clone()));
        (log, guard)
    }

    /// The one span that there was, which is closed.
    pub(super) fn span(&self) -> Told {
        let kept = self.0.lock().unwrap();
        assert!(kept.open.is_empty(), "the span is still open");
        let [span] = &kept.spans[..] else { panic!("{:?}", kept.spans) };
        span.clone()
    }

    pub(super) fn events(&self) -> Vec<Told> {
        self.0.lock().unwrap().events.clone()
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Log {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let ours = metadata.target().starts_with("put_core") || metadata.target().starts_with("it::");
        ours && *metadata.level() <= self.1
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.1.into())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut span = Told::new(attributes.metadata(), false);
        attributes.record(&mut span);
        let mut kept = self.0.lock().unwrap();
        let index = kept.spans.len();
        kept.open.insert(id.into_u64(), index);
        kept.spans.push(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut kept = self.0.lock().unwrap();
        let index = kept.open[&id.into_u64()];
        values.record(&mut kept.spans[index]);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut told = Told::new(event.metadata(), context.event_span(event).is_some());
        event.record(&mut told);
        self.0.lock().unwrap().events.push(told);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.0.lock().unwrap().open.remove(&id.into_u64());
    }
}
