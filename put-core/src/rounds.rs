//! A write that needs more than its content and precondition: the application has a say in it, or it keeps members of
//! the current state. It is made from a state that was seen, and made anew when another write came between.
//!
//! One file, because a round is one thing: what is asked before the write, the write, and who is told of it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use futures_channel::oneshot;
use tracing::Instrument as _;

use crate::change::{Change, Decision};
use crate::guard::{Guard, Permitted, as_absent, out_of_reach};
use crate::host::{Host, to_the_end};
use crate::observe::Observed;
use crate::plan::Plan;
use crate::precondition::Precondition;
use crate::proposal::{Refusal, Seen};
use crate::removal::Removal;
use crate::rulebook::Rulebook;
use crate::rules::Verdict;
use crate::say::{Asked, Caller, Commit, Say};
use crate::store::{Deletion, Key, Outcome, Refused, Reply, State, StoreError};
use crate::watch::{Harm, message, watched};

/// How often a write is made anew because another came between.
const ROUNDS: u32 = 16;

/// Why a write came to nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    Store(StoreError),
    Harm(Harm),
    /// The content is no proposal.
    Refusal(Refusal),
    /// Another write came between each time.
    Outrun,
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Harm> for Trouble {
    fn from(harm: Harm) -> Self {
        Self::Harm(harm)
    }
}

/// What was seen of the current state.
enum Look {
    NotYet,
    Shows(Option<State>),
}

impl Look {
    fn known(&self) -> Seen<'_> {
        match self {
            Self::NotYet => Seen::Unknown,
            Self::Shows(state) => Seen::Known(state.as_ref()),
        }
    }
}

/// Makes the change of a content over what is known of the current state.
pub(crate) type Propose<'p> = &'p mut (dyn FnMut(Seen<'_>) -> Result<Change, Refusal> + Send);

/// One write.
pub(crate) struct Rounds<'w> {
    pub(crate) plan: &'w Plan,
    pub(crate) key: &'w Key,
    pub(crate) caller: &'w Caller,
    pub(crate) observed: &'w Observed,
    /// `None` outside HTTP, where the caller itself waits for everything.
    pub(crate) host: Option<Host>,
    /// How often it was made anew so far.
    pub(crate) retries: u32,
}

impl Rounds<'_> {
    /// Proposes, checks and writes. With `dry` everything but the last.
    pub(crate) async fn put(
        &mut self,
        propose: Propose<'_>,
        precondition: &Precondition,
        dry: bool,
    ) -> Result<Outcome, Trouble> {
        let mut seen = Look::NotYet;
        loop {
            let known = if self.is_hidden(&seen).await? { Seen::Known(None) } else { seen.known() };
            // The application's code may run in there.
            let proposed = catch_unwind(AssertUnwindSafe(|| propose(known)));
            let change = match proposed.map_err(|panic| Harm::Panicked(message(&*panic)))? {
                Ok(change) => change,
                Err(Refusal::NeedsCurrent) if matches!(seen, Look::NotYet) => {
                    self.look(&mut seen).await?;
                    continue;
                }
                Err(refusal) => return Err(Trouble::Refusal(refusal)),
            };
            let change = match &self.plan.rulebook {
                None => change,
                Some(rulebook) => match self.checked(rulebook, change, precondition, &mut seen, dry).await? {
                    Ok(change) => change,
                    Err(outcome) => return Ok(outcome),
                },
            };
            let outcome = if dry {
                let current = self.look(&mut seen).await?;
                match change.decide(current, precondition, SystemTime::now())? {
                    Decision::Answer(outcome) => outcome,
                    Decision::Create(state) => Outcome::Created(state),
                    Decision::Replace(state) => Outcome::Replaced(state),
                }
            } else {
                let put = self.plan.store.put(self.key.clone(), change, precondition.clone());
                self.committed(put, |outcome| match outcome {
                    Outcome::Created(state) => Some(Commit::Created(state.clone())),
                    Outcome::Replaced(state) => Some(Commit::Replaced(state.clone())),
                    _ => None,
                })
                .await?
            };
            match outcome {
                Outcome::Overtaken(current) => seen = Look::Shows(current.map(|state| *state)),
                outcome => return Ok(outcome),
            }
            self.again()?;
        }
    }

    /// Checks and removes.
    pub(crate) async fn delete(&mut self, precondition: &Precondition) -> Result<Deletion, Trouble> {
        let mut seen = Look::NotYet;
        loop {
            let mut removal = Removal::from(precondition.clone());
            if let Some(rulebook) = &self.plan.rulebook {
                let mut guard = self.guard(rulebook);
                let asks_here = rulebook.topics().check && !rulebook.answers_at_once();
                if (asks_here || self.asks_of_states_here(rulebook))
                    && let Some(state) = self.look(&mut seen).await?
                {
                    if !rulebook.reaches(self.caller, state).await? {
                        return Ok(Deletion::Refused(Refused::Hidden));
                    }
                    if asks_here && precondition.evaluate(Some(state)).is_ok() {
                        let asked = rulebook.check_delete_all(self.caller, self.key, state);
                        let verdict = self.ask(rulebook, asked).await?;
                        if let Err(against) = rulebook.heed(self.key, verdict, Vec::new()) {
                            return Ok(against.into());
                        }
                        guard.permitted = Permitted::of(Some(state));
                    }
                }
                removal = removal.guarded(guard);
            }
            let deleting = self.plan.store.delete(self.key.clone(), removal);
            let deletion = self
                .committed(deleting, |deletion| matches!(deletion, Deletion::Deleted).then_some(Commit::Deleted))
                .await?;
            match deletion {
                Deletion::Overtaken(current) => seen = Look::Shows(current.map(|state| *state)),
                deletion => return Ok(deletion),
            }
            self.again()?;
        }
    }

    /// The current state as it was seen; looked at now if it was not.
    async fn look<'s>(&self, seen: &'s mut Look) -> Result<Option<&'s State>, StoreError> {
        if matches!(seen, Look::NotYet) {
            *seen = Look::Shows(self.plan.store.get(self.key).await?);
        }
        let current = match seen {
            Look::Shows(state) => state.as_ref(),
            Look::NotYet => None,
        };
        self.observed.current(current);
        Ok(current)
    }

    /// Whether what was seen does not exist for the caller: then nothing of it stays in a proposal, or what is wrong with
    /// the proposal would tell of it.
    async fn is_hidden(&self, seen: &Look) -> Result<bool, Harm> {
        match (&self.plan.rulebook, seen) {
            (Some(rulebook), Look::Shows(Some(state))) if self.plan.format.weighs_members() => {
                Ok(!rulebook.reaches(self.caller, state).await?)
            }
            _ => Ok(false),
        }
    }

    fn again(&mut self) -> Result<(), Trouble> {
        self.retries += 1;
        if self.retries < ROUNDS { Ok(()) } else { Err(Trouble::Outrun) }
    }

    fn guard(&self, rulebook: &Arc<Rulebook>) -> Guard {
        let rulebook = Arc::clone(rulebook);
        let (caller, key, observed) = (self.caller.clone(), self.key.clone(), self.observed.clone());
        Guard { rulebook, caller, key, permitted: Permitted::OfNone, observed }
    }

    /// The change with its guard: asked here unless the store can ask it.
    async fn checked(
        &self,
        rulebook: &Arc<Rulebook>,
        change: Change,
        precondition: &Precondition,
        seen: &mut Look,
        dry: bool,
    ) -> Result<Result<Change, Outcome>, Trouble> {
        let mut guard = self.guard(rulebook);
        let asks_here = dry || (rulebook.topics().check && !rulebook.answers_at_once());
        if !asks_here && !self.asks_of_states_here(rulebook) {
            return Ok(Ok(change.guarded(guard)));
        }
        let current = self.look(seen).await?;
        if let Some(state) = current
            && !rulebook.reaches(self.caller, state).await?
        {
            return Ok(Err(as_absent(precondition)));
        }
        let (decision, clashes) = change.weigh(current, precondition, SystemTime::now())?;
        // What is no write is for the store to say, which may see another state by then.
        if let Decision::Create(proposed) | Decision::Replace(proposed) = &decision {
            if !rulebook.reaches(self.caller, proposed).await? {
                return Ok(Err(Outcome::Refused(out_of_reach())));
            }
            if !asks_here {
                return Ok(Ok(change.guarded(guard)));
            }
            let asked = rulebook.check_all(self.caller, self.key, current, proposed);
            let verdict = self.ask(rulebook, asked).await?;
            if let Err(against) = rulebook.heed(self.key, verdict, clashes) {
                return Ok(Err(against.into()));
            }
            guard.permitted = Permitted::of(current);
        }
        Ok(Ok(change.guarded(guard)))
    }

    /// Whether the scope of states is asked here, because a store could perhaps not say: then what is wrong with it
    /// is told.
    fn asks_of_states_here(&self, rulebook: &Rulebook) -> bool {
        self.retries > 0 && rulebook.topics().states
    }

    async fn ask(&self, rulebook: &Rulebook, asked: Asked<'_, Verdict>) -> Result<Verdict, Harm> {
        let limit = self.host.map(|host| (host, self.plan.settings.rule_timeout));
        let (verdict, at_once) = watched(asked, limit).await.inspect_err(|_| rulebook.failed())?;
        rulebook.answered(at_once);
        Ok(verdict)
    }

    /// Awaits a write, and tells those of it that want to know: all this on a task of its own, because a client that
    /// leaves must not keep them from it.
    async fn committed<T: Send + 'static>(
        &self,
        mut write: Reply<T>,
        real: fn(&T) -> Option<Commit>,
    ) -> Result<T, StoreError> {
        let rulebook = match (&self.plan.rulebook, self.host) {
            (Some(rulebook), _) if rulebook.topics().committed => Arc::clone(rulebook),
            (_, Some(host)) => return to_the_end(host, write).await,
            (_, None) => return write.await,
        };
        let (caller, key) = (self.caller.clone(), self.key.clone());
        let Some(host) = self.host else {
            let outcome = write.await?;
            if let Some(commit) = real(&outcome) {
                tell(rulebook, caller, key, commit).await;
            }
            return Ok(outcome);
        };
        match write.now() {
            Ok(outcome) => {
                let outcome = outcome?;
                if let Some(commit) = real(&outcome) {
                    host.spawn(Box::pin(tell(rulebook, caller, key, commit).in_current_span()));
                }
                return Ok(outcome);
            }
            Err(later) => write = later,
        }
        let (done, outcome) = oneshot::channel();
        let to_the_end = async move {
            let outcome = write.await;
            let commit = outcome.as_ref().ok().and_then(real);
            // Nobody may be listening any more; the write has ended all the same.
            let _ = done.send(outcome);
            if let Some(commit) = commit {
                tell(rulebook, caller, key, commit).await;
            }
        };
        host.spawn(Box::pin(to_the_end.in_current_span()));
        outcome.await.unwrap_or_else(|_| Err(StoreError::failed("the runtime stopped before the write had ended")))
    }
}

/// Tells of a commit. What goes wrong with that is for the log alone; and one that does not come to an end keeps the
/// others from nothing.
async fn tell(rulebook: Arc<Rulebook>, caller: Caller, key: Key, commit: Commit) {
    let tells = |say| Box::pin(watched(Say::committed(say, &caller, &key, &commit), None));
    let mut telling: Vec<_> = rulebook.listeners().map(tells).collect();
    poll_fn(|context| {
        telling.retain_mut(|told| match told.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(told) => {
                if let Err(harm) = told {
                    tracing::error!(resource = rulebook.resource(), %key, "after the commit {harm}");
                }
                false
            }
        });
        if telling.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
