//! The application's say on its way into a store: asked under the lock that the write is made under.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::observe::Observed;
use crate::precondition::Precondition;
use crate::rulebook::Rulebook;
use crate::rules::{Against, RuleError, Verdict};
use crate::say::{Asked, Caller};
use crate::store::{Deletion, Failed, Key, Outcome, Refused, State, StoreError};
use crate::violation::Violation;

/// What travels with a change or a removal.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) rulebook: Arc<Rulebook>,
    pub(crate) caller: Caller,
    pub(crate) key: Key,
    pub(crate) permitted: Permitted,
    pub(crate) observed: Observed,
}

/// The current state of which a write was permitted already.
#[derive(Clone, Debug)]
pub(crate) enum Permitted {
    OfNone,
    OfAbsence,
    /// Of the state with this JSON.
    Of(Bytes),
}

impl Permitted {
    pub(crate) fn of(current: Option<&State>) -> Self {
        current.map_or(Self::OfAbsence, |state| Self::Of(state.json().clone()))
    }

    /// Whether this is the state: all of it, not only its tag.
    fn is_of(&self, current: Option<&State>) -> bool {
        match (self, current) {
            (Self::OfAbsence, None) => true,
            (Self::Of(json), Some(state)) => json == state.json(),
            _ => false,
        }
    }
}

/// Whether a rule is asked under the lock of a store on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    Free,
    Held,
    /// And it has called into a store, which did nothing.
    Called,
}

thread_local! {
    static UNDER: Cell<Lock> = const { Cell::new(Lock::Free) };
}

/// What is said to a rule that is asked under the lock of a store and calls into one, which might be the same and
/// would wait for itself. What the rule answers then is no answer, and it is asked again beside the lock.
///
/// # Errors
/// That it is so.
#[inline]
pub(crate) fn not_under_a_lock() -> Result<(), StoreError> {
    if UNDER.get() == Lock::Free { Ok(()) } else { Err(called()) }
}

#[cold]
fn called() -> StoreError {
    UNDER.set(Lock::Called);
    StoreError::failed("a rule called into a store under the lock of one; it is asked again without")
}

/// The answer to a question that must be answered at once; `None` if the rule panics or calls into a store, which is
/// then found out again where somebody can wait for it.
fn now<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let before = UNDER.replace(Lock::Held);
    let answer = catch_unwind(AssertUnwindSafe(ask));
    let has_called = UNDER.replace(before) == Lock::Called;
    answer.ok().filter(|_| !has_called)
}

/// What comes of a question that nobody waits for; `None` if it panics.
fn polled<T>(mut asked: Asked<'_, T>) -> Option<Poll<Result<T, RuleError>>> {
    now(move || Pin::new(&mut asked).poll(&mut Context::from_waker(Waker::noop())))
}

/// What becomes of a change to a resource that does not exist for the caller: what would if there were nothing. Only
/// that it is not created tells them apart, which nobody can help.
pub(crate) fn as_absent(precondition: &Precondition) -> Outcome {
    match precondition.evaluate(None) {
        Err(condition) => Outcome::Failed(Failed::new(condition, None)),
        Ok(()) => Outcome::Refused(Refused::Hidden),
    }
}

impl Guard {
    /// Whether there is anything to ask of a state.
    #[inline]
    pub(crate) fn has_a_say(&self) -> bool {
        let topics = self.rulebook.topics();
        topics.states || topics.check
    }

    /// Whether the state does not exist for the caller; `None` if that cannot be said at once.
    pub(crate) fn hides(&self, state: &State) -> Option<bool> {
        if self.caller.is_application() || !self.rulebook.topics().states {
            return Some(false);
        }
        now(|| self.rulebook.reaches_state(&self.caller, state)).and_then(Result::ok).map(|reaches| !reaches)
    }

    /// Whether the change may be written over this current state, although this much clashes with it; `None` if that
    /// cannot be said at once.
    pub(crate) fn permits(
        &self,
        current: Option<&State>,
        proposed: &State,
        clashes: Vec<Violation>,
    ) -> Option<Result<(), Outcome>> {
        self.observed.current(current);
        if self.hides(proposed)? {
            return Some(Err(Outcome::Refused(out_of_reach())));
        }
        let verdict = if !self.rulebook.topics().check || self.permitted.is_of(current) {
            Verdict::permit()
        } else {
            self.asked(|rulebook| rulebook.check_all(&self.caller, &self.key, current, proposed))?
        };
        Some(self.rulebook.heed(&self.key, verdict, clashes).map_err(Outcome::from))
    }

    /// The same of a removal.
    pub(crate) fn permits_removal(&self, current: &State) -> Option<Result<(), Deletion>> {
        self.observed.current(Some(current));
        let verdict = if !self.rulebook.topics().check || self.permitted.is_of(Some(current)) {
            Verdict::permit()
        } else {
            self.asked(|rulebook| rulebook.check_delete_all(&self.caller, &self.key, current))?
        };
        Some(self.rulebook.heed(&self.key, verdict, Vec::new()).map_err(Deletion::from))
    }

    fn asked<'a>(&'a self, ask: impl FnOnce(&'a Rulebook) -> Asked<'a, Verdict>) -> Option<Verdict> {
        if !self.rulebook.answers_at_once() {
            return None;
        }
        match polled(ask(&self.rulebook)) {
            Some(Poll::Ready(Ok(verdict))) => return Some(verdict),
            Some(Poll::Pending) => self.rulebook.waits(),
            Some(Poll::Ready(Err(_))) | None => self.rulebook.failed_in_store(),
        }
        None
    }
}

pub(crate) fn out_of_reach() -> Refused {
    Refused::Forbidden("the change would put the resource where you cannot reach it".to_owned())
}

impl From<Against> for Deletion {
    fn from(against: Against) -> Self {
        match against {
            Against::Refused(refused) => Self::Refused(refused),
            Against::Violations(conflicts) | Against::Conflict(conflicts) => Self::Conflict(conflicts),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("caller", &self.caller).field("key", &self.key).finish_non_exhaustive()
    }
}
