//! Runs the application's code so that what goes wrong with it harms nobody else: a panic is caught, and what waits too
//! long is dropped.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::host::Host;
use crate::rules::RuleError;

/// What went wrong with a rule.
#[derive(Debug)]
pub(crate) enum Harm {
    Panicked(String),
    TimedOut(Duration),
    Failed(RuleError),
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(message) => write!(f, "the application's own code panicked: {message}"),
            Self::TimedOut(limit) => write!(f, "a rule had not answered after {limit:?}"),
            Self::Failed(error) => write!(f, "a rule failed: {error}"),
        }
    }
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a text".to_owned())
}

/// The answer of a rule, and whether it came without waiting for anything.
pub(crate) async fn watched<T>(
    rule: impl Future<Output = Result<T, RuleError>>,
    limit: Option<(Host, Duration)>,
) -> Result<(T, bool), Harm> {
    let mut rule = pin!(rule);
    let mut at_once = true;
    let mut alarm = None;
    poll_fn(|context| {
        // After a panic the future is not polled again, so nobody sees what the panic left half done in it.
        let polled = catch_unwind(AssertUnwindSafe(|| rule.as_mut().poll(context)));
        match polled.map_err(|panic| Harm::Panicked(message(&*panic)))? {
            Poll::Ready(answer) => return Poll::Ready(answer.map(|answer| (answer, at_once)).map_err(Harm::Failed)),
            Poll::Pending => at_once = false,
        }
        // Only a rule that waits needs a clock.
        let Some((host, limit)) = limit else { return Poll::Pending };
        if alarm.is_none() {
            alarm = host.sleep(limit);
        }
        let rings = alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(context).is_ready());
        if rings { Poll::Ready(Err(Harm::TimedOut(limit))) } else { Poll::Pending }
    })
    .await
}
