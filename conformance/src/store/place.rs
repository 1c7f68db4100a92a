//! Where the stores under judgement are opened, and what else can be done there.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use put_core::store::Store;
use put_core::{PutResource, Task};

use super::driver;

/// A store, or why it could not be opened.
pub type Opening = Result<Arc<dyn Store>, Box<dyn Error + Send + Sync>>;

/// Where stores are: a file, a database, some memory. Each rule gets one of its own, in which nothing is kept yet.
///
/// Only [`open`](Self::open) is needed. The rest says what the place can do besides, and by default it can do nothing.
pub trait Place: Send + Sync + 'static {
    /// Opens the store of the resource `R`. The types are those in [`resources`](super::resources).
    ///
    /// # Errors
    /// Why it cannot be opened; the rule is broken then.
    fn open<R: PutResource>(&self) -> Opening;

    /// Whether [`open`](Self::open), when all that was opened before is dropped, shows what was acknowledged before.
    fn is_durable(&self) -> bool {
        false
    }

    /// Whether a text may hold U+0000 here. Where it may not, a put of one must come to
    /// [`Invalid`](put_core::store::Outcome::Invalid), and that is judged instead.
    fn holds_nul(&self) -> bool {
        true
    }

    /// From now on no read of any store here succeeds, as if the disk or the connection were gone. What happens to
    /// writes is left to the place. Says whether that was done.
    fn break_reads(&self) -> bool {
        false
    }

    /// From now on no write of any store here succeeds. If reads go on, what they show is judged. Says whether that was
    /// done.
    fn break_writes(&self) -> bool {
        false
    }

    /// Runs a task to its end although nobody waits for it. By default on a thread of its own; a store that needs a
    /// runtime runs it there: `drop(tokio::spawn(task))`.
    fn spawn(&self, task: Task) {
        driver::spawn(task);
    }

    /// How long a rule may take. A store that has not answered until then is wedged. A minute by default.
    fn patience(&self) -> Duration {
        Duration::from_mins(1)
    }
}
