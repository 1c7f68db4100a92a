//! What the engine needs of the runtime it is mounted in. put-core itself has none; the adapter fills this.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_channel::oneshot;
use tracing::Instrument as _;

use crate::store::{Reply, StoreError};

/// A future that owns what it needs.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The runtime of an adapter.
///
/// ```
/// use put_core::Host;
///
/// let host = Host::new(|task| drop(tokio::spawn(task))).with_sleep(|time| Box::pin(tokio::time::sleep(time)));
/// ```
#[derive(Clone, Copy)]
pub struct Host {
    spawn: fn(Task),
    sleep: Option<fn(Duration) -> Task>,
}

impl Host {
    /// A runtime that runs a task to its end although nobody waits for it. A write that has begun is such a task:
    /// it must not stop half-way because its client has left.
    #[must_use]
    pub const fn new(spawn: fn(Task)) -> Self {
        Self { spawn, sleep: None }
    }

    /// Adds a clock: what ends after this time. Without one, no rule is stopped that waits too long.
    #[must_use]
    pub const fn with_sleep(mut self, sleep: fn(Duration) -> Task) -> Self {
        self.sleep = Some(sleep);
        self
    }

    pub(crate) fn sleep(self, time: Duration) -> Option<Task> {
        self.sleep.map(|sleep| sleep(time))
    }

    pub(crate) fn spawn(self, task: Task) {
        (self.spawn)(task);
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

/// Awaits a write so that it ends even if this future is dropped once the write has begun.
pub(crate) async fn to_the_end<T: Send + 'static>(host: Host, mut write: Reply<T>) -> Result<T, StoreError> {
    if write.goes_on_alone() {
        return write.await;
    }
    // Most writes that are quick are done at the first poll and need no task of their own.
    let first = poll_fn(|context| Poll::Ready(Pin::new(&mut write).poll(context))).await;
    if let Poll::Ready(outcome) = first {
        return outcome;
    }
    let (done, outcome) = oneshot::channel();
    let to_the_end = async move {
        // Nobody may be listening any more; the write has ended all the same.
        let _ = done.send(write.await);
    };
    // What the store says belongs to the request, also after its client has left.
    (host.spawn)(Box::pin(to_the_end.in_current_span()));
    outcome.await.unwrap_or_else(|_| Err(StoreError::failed("the runtime stopped before the write had ended")))
}
