//! What the queue and the writer tell the feature `metrics`. Without it these functions are empty.

#[cfg(feature = "metrics")]
mod told {
    use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

    const BATCH_SIZE: &str = "put_batch_size";
    const QUEUE_DEPTH: &str = "put_queue_depth";
    const REFUSED: &str = "put_queue_refused_total";

    /// Says what the names mean. A recorder that is installed later has the numbers only.
    pub(crate) fn describe() {
        describe_histogram!(BATCH_SIZE, Unit::Count, "Changes that were decided in one transaction.");
        describe_histogram!(QUEUE_DEPTH, Unit::Count, "Changes that waited when the writer took a batch.");
        describe_counter!(REFUSED, Unit::Count, "Changes that were refused because as many waited as may.");
    }

    /// A transaction of so many changes has ended well.
    pub(crate) fn transaction(changes: usize) {
        histogram!(BATCH_SIZE, "store" => "sqlite").record(number(changes));
    }

    /// So many changes waited when a batch was taken.
    pub(crate) fn waiting(changes: usize) {
        histogram!(QUEUE_DEPTH, "store" => "sqlite").record(number(changes));
    }

    /// A change was refused because as many wait as may.
    pub(crate) fn refused() {
        counter!(REFUSED, "store" => "sqlite").increment(1);
    }

    fn number(count: usize) -> f64 {
        u32::try_from(count).unwrap_or(u32::MAX).into()
    }
}

#[cfg(feature = "metrics")]
pub(crate) use told::{describe, refused, transaction, waiting};

#[cfg(not(feature = "metrics"))]
mod silent {
    pub(crate) fn describe() {}

    pub(crate) fn transaction(_changes: usize) {}

    pub(crate) fn waiting(_changes: usize) {}

    pub(crate) fn refused() {}
}

#[cfg(not(feature = "metrics"))]
pub(crate) use silent::{describe, refused, transaction, waiting};
