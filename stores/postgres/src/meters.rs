//! What the queue and the batches tell the feature `metrics`. Without it these functions are empty.

#[cfg(feature = "metrics")]
mod told {
    use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

    const BATCH_SIZE: &str = "put_batch_size";
    const QUEUE_DEPTH: &str = "put_queue_depth";
    const REFUSED: &str = "put_queue_refused_total";

    /// Says what the names mean. A recorder that is installed later has the numbers only.
    pub(crate) fn describe() {
        describe_histogram!(BATCH_SIZE, Unit::Count, "Changes that were decided in one statement or transaction.");
        describe_histogram!(QUEUE_DEPTH, Unit::Count, "Changes that waited when a batch was taken.");
        describe_counter!(REFUSED, Unit::Count, "Changes that were refused because as many waited as may.");
    }

    /// So many changes were decided in one statement, or in one transaction, that has ended well.
    pub(crate) fn batch(changes: usize) {
        histogram!(BATCH_SIZE, "store" => "postgres").record(number(changes));
    }

    /// So many changes waited when a batch was taken.
    pub(crate) fn waiting(changes: usize) {
        histogram!(QUEUE_DEPTH, "store" => "postgres").record(number(changes));
    }

    /// A change was refused because as many wait as may.
    pub(crate) fn refused() {
        counter!(REFUSED, "store" => "postgres").increment(1);
    }

    fn number(count: usize) -> f64 {
        u32::try_from(count).unwrap_or(u32::MAX).into()
    }
}

#[cfg(feature = "metrics")]
pub(crate) use told::{batch, describe, refused, waiting};

#[cfg(not(feature = "metrics"))]
mod silent {
    pub(crate) fn describe() {}

    pub(crate) fn batch(_changes: usize) {}

    pub(crate) fn waiting(_changes: usize) {}

    pub(crate) fn refused() {}
}

#[cfg(not(feature = "metrics"))]
pub(crate) use silent::{batch, describe, refused, waiting};
