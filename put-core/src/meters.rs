//! What the engine and the stores tell the feature `metrics`. Without it these functions are empty.

#[cfg(feature = "metrics")]
mod told {
    use std::time::Instant;

    use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

    use crate::observe::ABANDONED;

    const REQUESTS: &str = "put_requests_total";
    const FAILED: &str = "put_preconditions_failed_total";
    const DURATION: &str = "put_request_duration_seconds";
    const RETRIES: &str = "put_rule_retries";
    const BATCH_SIZE: &str = "put_batch_size";
    const QUEUE_DEPTH: &str = "put_queue_depth";
    const QUEUE_REFUSED: &str = "put_queue_refused_total";

    /// When a request began.
    pub(crate) type Since = Instant;

    /// Whether anything is counted.
    pub(crate) const COUNTS: bool = true;

    pub(crate) fn now() -> Since {
        Instant::now()
    }

    /// Says what the names mean. A recorder that is installed later has the numbers only.
    pub(crate) fn describe() {
        describe_counter!(REQUESTS, Unit::Count, "Requests, by what became of them.");
        describe_counter!(FAILED, Unit::Count, "Requests that were answered that a precondition is false.");
        describe_histogram!(DURATION, Unit::Seconds, "From the head of a request to its answer.");
        describe_histogram!(RETRIES, Unit::Count, "How often a write was made anew because another came between.");
    }

    /// A request has an answer.
    pub(crate) fn answered(resource: &'static str, method: &'static str, outcome: &'static str, since: &Since) {
        counter!(REQUESTS, "resource" => resource, "method" => method, "outcome" => outcome).increment(1);
        histogram!(DURATION, "resource" => resource, "method" => method).record(since.elapsed());
    }

    /// A client left before there was one.
    pub(crate) fn abandoned(resource: &'static str, method: &'static str) {
        counter!(REQUESTS, "resource" => resource, "method" => method, "outcome" => ABANDONED).increment(1);
    }

    /// A request was answered that this condition is false.
    pub(crate) fn failed(resource: &'static str, condition: &'static str) {
        counter!(FAILED, "resource" => resource, "condition" => condition).increment(1);
    }

    /// A write was made anew so often.
    pub(crate) fn retried(resource: &'static str, retries: u32) {
        histogram!(RETRIES, "resource" => resource).record(retries);
    }

    pub(super) fn describe_store() {
        describe_histogram!(BATCH_SIZE, Unit::Count, "Changes that were decided in one statement or transaction.");
        describe_histogram!(QUEUE_DEPTH, Unit::Count, "Changes that waited when a batch was taken.");
        describe_counter!(QUEUE_REFUSED, Unit::Count, "Changes that were refused because as many waited as may.");
    }

    pub(super) fn batch(store: &'static str, changes: usize) {
        histogram!(BATCH_SIZE, "store" => store).record(number(changes));
    }

    pub(super) fn waiting(store: &'static str, changes: usize) {
        histogram!(QUEUE_DEPTH, "store" => store).record(number(changes));
    }

    pub(super) fn refused(store: &'static str) {
        counter!(QUEUE_REFUSED, "store" => store).increment(1);
    }

    fn number(count: usize) -> f64 {
        u32::try_from(count).unwrap_or(u32::MAX).into()
    }
}

#[cfg(feature = "metrics")]
pub(crate) use told::{COUNTS, Since, abandoned, answered, describe, failed, now, retried};
#[cfg(feature = "metrics")]
use told::{batch, describe_store, refused, waiting};

#[cfg(not(feature = "metrics"))]
mod silent {
    /// No clock is asked.
    #[derive(Debug)]
    pub(crate) struct Since;

    pub(crate) const COUNTS: bool = false;

    pub(crate) fn now() -> Since {
        Since
    }

    pub(crate) fn describe() {}

    pub(crate) fn answered(_resource: &'static str, _method: &'static str, _outcome: &'static str, _since: &Since) {}

    pub(crate) fn abandoned(_resource: &'static str, _method: &'static str) {}

    pub(crate) fn failed(_resource: &'static str, _condition: &'static str) {}

    pub(crate) fn retried(_resource: &'static str, _retries: u32) {}

    pub(super) fn describe_store() {}

    pub(super) fn batch(_store: &'static str, _changes: usize) {}

    pub(super) fn waiting(_store: &'static str, _changes: usize) {}

    pub(super) fn refused(_store: &'static str) {}
}

#[cfg(not(feature = "metrics"))]
pub(crate) use silent::{COUNTS, Since, abandoned, answered, describe, failed, now, retried};
#[cfg(not(feature = "metrics"))]
use silent::{batch, describe_store, refused, waiting};

/// What a store that queues changes tells the feature `metrics`, under names that are the same for every store; without
/// the feature it tells nothing.
///
/// | Name | Kind | What |
/// |:--|:--|:--|
/// | `put_batch_size` | histogram | changes that were decided in one statement or transaction |
/// | `put_queue_depth` | histogram | changes that waited when a batch was taken, that batch included |
/// | `put_queue_refused_total` | counter | changes that were refused because as many waited as may |
///
/// ```
/// use put_core::store::Meters;
///
/// const METERS: Meters = Meters::of("shelf");
/// METERS.waiting(3);
/// METERS.batch(3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Meters {
    store: &'static str,
}

impl Meters {
    /// The meters of the store of this kind, which is their label `store`.
    #[must_use]
    pub const fn of(store: &'static str) -> Self {
        Self { store }
    }

    /// Says what the names mean. A recorder that is installed later has the numbers only.
    pub fn describe(self) {
        describe_store();
    }

    /// So many changes were decided in one statement or transaction, which has ended well.
    pub fn batch(self, changes: usize) {
        batch(self.store, changes);
    }

    /// So many changes waited when a batch was taken.
    pub fn waiting(self, changes: usize) {
        waiting(self.store, changes);
    }

    /// A change was refused because as many wait as may.
    pub fn refused(self) {
        refused(self.store);
    }
}
