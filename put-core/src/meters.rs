//! What the engine tells the feature `metrics`. Without it these functions are empty.

#[cfg(feature = "metrics")]
mod told {
    use std::time::Instant;

    use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

    use crate::observe::ABANDONED;

    const REQUESTS: &str = "put_requests_total";
    const FAILED: &str = "put_preconditions_failed_total";
    const DURATION: &str = "put_request_duration_seconds";
    const RETRIES: &str = "put_rule_retries";

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
}

#[cfg(feature = "metrics")]
pub(crate) use told::{COUNTS, Since, abandoned, answered, describe, failed, now, retried};

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
}

#[cfg(not(feature = "metrics"))]
pub(crate) use silent::{COUNTS, Since, abandoned, answered, describe, failed, now, retried};
