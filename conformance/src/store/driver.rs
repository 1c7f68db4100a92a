//! Futures without a runtime: driving one, running a task, waiting no longer than a limit, starting together.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use futures_channel::oneshot;
use put_core::Task;

use super::{Complaint, Place};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives a future to its end on this thread, which sleeps while there is nothing to do.
///
/// ```
/// assert_eq!(put_conformance::store::block_on(async { 7 }), 7);
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Runs a task on a thread of its own. If there is no thread to be had the task is dropped, and whoever waits for it
/// is told.
pub(super) fn spawn(task: Task) {
    drop(thread::Builder::new().name("put-conformance".to_owned()).spawn(move || block_on(task)));
}

/// The output of the future, or `None` if it is not there in time.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (over, is_over) = oneshot::channel::<()>();
    // Dropping this end tells the thread that nobody is interested any longer.
    let (_interest, ended) = mpsc::channel::<()>();
    let alarm = thread::Builder::new().name("put-conformance-limit".to_owned()).spawn(move || {
        if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            // Nobody listens any more if the future has just ended.
            let _ = over.send(());
        }
    });
    let (mut future, mut is_over) = (pin!(future), pin!(is_over));
    let unlimited = alarm.is_err();
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        if !unlimited && is_over.as_mut().poll(context).is_ready() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// Lets this much time pass.
pub(super) async fn pause(time: Duration) {
    within(time, std::future::pending::<()>()).await;
}

/// Lets others go first.
pub(super) async fn turn() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future this often at most; its output if it was there by then.
pub(super) async fn polled<T>(mut future: impl Future<Output = T> + Unpin, times: usize) -> Option<T> {
    for _ in 0..times {
        let mut future = pin!(&mut future);
        if let Poll::Ready(value) = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
            return Some(value);
        }
    }
    None
}

/// Drives two futures to their ends in turns, the first one first.
pub(super) async fn both<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut a, mut b) = (None, None);
    poll_fn(|context| {
        if a.is_none()
            && let Poll::Ready(value) = first.as_mut().poll(context)
        {
            a = Some(value);
        }
        if b.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)
        {
            b = Some(value);
        }
        match (a.take(), b.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            (first, second) => {
                (a, b) = (first, second);
                Poll::Pending
            }
        }
    })
    .await
}

/// Where tasks wait until all of them are there.
struct Gate(Mutex<Waiting>);

struct Waiting {
    missing: usize,
    wakers: Vec<Waker>,
}

impl Gate {
    async fn pass(&self) {
        let mut arrived = false;
        poll_fn(|context| {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if !arrived {
                arrived = true;
                waiting.missing = waiting.missing.saturating_sub(1);
                if waiting.missing == 0 {
                    waiting.wakers.drain(..).for_each(Waker::wake);
                }
            }
            if waiting.missing == 0 {
                return Poll::Ready(());
            }
            waiting.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// How works are done at one time. A store that computes in its caller's thread shows its races to threads, one whose
/// futures wait in between shows them to turns, and surely.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// Each is a task of its own, all starting together.
    Tasks,
    /// All are one task, which takes one step of each in turns.
    Turns,
}

impl Way {
    /// Both, one after the other.
    pub(super) fn of(round: u64) -> Self {
        if round.is_multiple_of(2) { Self::Turns } else { Self::Tasks }
    }
}

/// Does the works at one time; what they came to, in the same order.
pub(super) async fn together<T: Send + 'static>(
    place: &impl Place,
    way: Way,
    works: Vec<impl Future<Output = Result<T, Complaint>> + Send + 'static>,
) -> Result<Vec<T>, Complaint> {
    match way {
        Way::Tasks => as_tasks(place, works).await,
        Way::Turns => in_turns(works).await,
    }
}

async fn in_turns<T>(works: Vec<impl Future<Output = Result<T, Complaint>>>) -> Result<Vec<T>, Complaint> {
    let mut works: Vec<_> = works.into_iter().map(|work| (Box::pin(work), None)).collect();
    poll_fn(|context| {
        for (work, output) in works.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(value) = work.as_mut().poll(context) {
                *output = Some(value);
            }
        }
        if works.iter().all(|(_, output)| output.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    works.into_iter().filter_map(|(_, output)| output).collect()
}

async fn as_tasks<T: Send + 'static>(
    place: &impl Place,
    works: Vec<impl Future<Output = Result<T, Complaint>> + Send + 'static>,
) -> Result<Vec<T>, Complaint> {
    let gate = Arc::new(Gate(Mutex::new(Waiting { missing: works.len(), wakers: Vec::new() })));
    let mut answers = Vec::with_capacity(works.len());
    for work in works {
        let (done, answer) = oneshot::channel();
        let gate = Arc::clone(&gate);
        place.spawn(Box::pin(async move {
            gate.pass().await;
            // Nobody listens when another task has already broken the rule.
            drop(done.send(work.await));
        }));
        answers.push(answer);
    }
    let mut outputs = Vec::with_capacity(answers.len());
    for answer in answers {
        outputs.push(answer.await.map_err(|_| Complaint::broken("a task of the store panicked or was given up"))??);
    }
    Ok(outputs)
}
