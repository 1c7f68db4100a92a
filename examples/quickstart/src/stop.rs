//! What ends a server: Ctrl-C, or what a supervisor sends. Either way the running requests are finished.

use std::io;
use std::time::Duration;

/// How long they may take. A client that does not go on with its request must not keep the program from ending, and a
/// supervisor that has asked kills what is still there some ten seconds later.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Listens for it from now on; the future is ready when the program is asked to stop.
#[cfg(unix)]
pub(crate) fn asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens for it from now on; the future is ready when the program is asked to stop.
#[cfg(windows)]
pub(crate) fn asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        let _ = interrupt.recv().await;
    })
}
