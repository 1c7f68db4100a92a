//! The thread that talks to the database.
//!
//! One for the process, with a runtime of its own: a connection made here outlives the runtime of whoever asked for it
//! (each worker of Actix Web has one), and a write goes on when its client leaves. What runs here need not be `Send`,
//! so an application may write its `within` as a plain async closure.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::{io, thread};

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{LocalSet, spawn_local};

type Start = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

static THREAD: Mutex<Option<UnboundedSender<Start>>> = Mutex::new(None);

/// Runs the future that this makes, on the thread of the stores, which is started if there is none.
pub(crate) fn run<F: Future<Output = ()> + 'static>(make: impl FnOnce() -> F + Send + 'static) -> io::Result<()> {
    let mut start: Start = Box::new(move || Box::pin(make()));
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = &*thread {
        match running.send(start) {
            Ok(()) => return Ok(()),
            Err(back) => start = back.0,
        }
    }
    let running = spawn()?;
    running.send(start).map_err(|_| io::Error::other("the thread of put-postgres has ended"))?;
    *thread = Some(running);
    Ok(())
}

fn spawn() -> io::Result<UnboundedSender<Start>> {
    let (sender, mut starts) = unbounded_channel::<Start>();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("put-postgres".to_owned()).spawn(move || {
        LocalSet::new().block_on(&runtime, async move {
            while let Some(start) = starts.recv().await {
                spawn_local(start());
            }
        });
    })?;
    Ok(sender)
}
