//! All that an application says of one endpoint, as the engine asks it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::rules::{Access, Action, Against, RuleError, Verdict};
use crate::say::{Asked, Caller, Say, Topics};
use crate::store::{Key, State};
use crate::violation::Violation;
use crate::watch::{Harm, watched};

/// The rules and closures of one endpoint, in their order.
pub(crate) struct Rulebook {
    resource: &'static str,
    says: Vec<Arc<dyn Say>>,
    topics: Topics,
    pace: AtomicU8,
}

/// Whether the checks answer at once: not known yet, always so far, or not always.
const UNKNOWN: u8 = 0;
const AT_ONCE: u8 = 1;
const WAITS: u8 = 2;
/// They did until one failed in a store. Whether it fails elsewhere too will show.
const SUSPECT: u8 = 3;

impl Rulebook {
    /// A book in which nothing stands: the caller is known, and nothing is asked.
    pub(crate) fn empty(resource: &'static str) -> Arc<Self> {
        Arc::new(Self { resource, says: Vec::new(), topics: Topics::default(), pace: AtomicU8::new(UNKNOWN) })
    }

    /// This book, or an empty one, with one say more.
    pub(crate) fn with(book: Option<&Arc<Self>>, resource: &'static str, say: impl Say + 'static) -> Arc<Self> {
        let mut says = book.map_or_else(Vec::new, |book| book.says.clone());
        says.push(Arc::new(say));
        let topics = says.iter().map(|say| say.topics()).fold(Topics::default(), |all, one| Topics {
            authorize: all.authorize || one.authorize,
            scope: all.scope || one.scope,
            states: all.states || one.states,
            check: all.check || one.check,
            committed: all.committed || one.committed,
        });
        Arc::new(Self { resource, says, topics, pace: AtomicU8::new(UNKNOWN) })
    }

    /// Whether nothing stands in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.says.is_empty()
    }

    pub(crate) fn resource(&self) -> &'static str {
        self.resource
    }

    pub(crate) fn topics(&self) -> Topics {
        self.topics
    }

    /// Whether the checks have answered at once whenever they were asked, so that a store may ask them.
    pub(crate) fn answers_at_once(&self) -> bool {
        self.pace.load(Ordering::Relaxed) == AT_ONCE
    }

    /// A check was answered where it could have waited.
    pub(crate) fn answered(&self, at_once: bool) {
        if !at_once {
            return self.waits();
        }
        // One that has waited before may do so again; and what fails only in a store is not asked there again.
        if !self.moves(UNKNOWN, AT_ONCE) {
            self.moves(SUSPECT, WAITS);
        }
    }

    /// A check failed where it could have waited. That says nothing of its pace.
    pub(crate) fn failed(&self) {
        self.moves(SUSPECT, UNKNOWN);
    }

    /// A check failed in a store.
    pub(crate) fn failed_in_store(&self) {
        self.moves(AT_ONCE, SUSPECT);
    }

    fn moves(&self, from: u8, to: u8) -> bool {
        self.pace.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// A check did not answer at once.
    pub(crate) fn waits(&self) {
        self.pace.store(WAITS, Ordering::Relaxed);
    }

    /// The first answer that does not grant.
    pub(crate) async fn authorize(&self, caller: &Caller, action: Action, key: &Key) -> Result<Access, RuleError> {
        for say in self.says.iter().filter(|say| say.topics().authorize) {
            match say.authorize(caller, action, key).await? {
                Access::Granted => {}
                other => return Ok(other),
            }
        }
        for say in self.says.iter().filter(|say| say.topics().scope) {
            if !say.reaches_key(caller, key)? {
                return Ok(Access::Hidden);
            }
        }
        Ok(Access::Granted)
    }

    /// Whether the state exists for the caller.
    pub(crate) fn reaches_state(&self, caller: &Caller, state: &State) -> Result<bool, RuleError> {
        for say in self.says.iter().filter(|say| say.topics().states) {
            if !say.reaches_state(caller, state)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same where somebody can be told what went wrong. For the application itself every state exists.
    pub(crate) async fn reaches(&self, caller: &Caller, state: &State) -> Result<bool, Harm> {
        if caller.is_application() || !self.topics.states {
            return Ok(true);
        }
        Ok(watched(async { self.reaches_state(caller, state) }, None).await?.0)
    }

    /// Notes the warnings of a verdict, if nothing speaks against the write.
    pub(crate) fn heed(&self, key: &Key, verdict: Verdict, clashes: Vec<Violation>) -> Result<(), Against> {
        for warning in verdict.outcome(clashes)? {
            tracing::warn!(resource = self.resource, %key, "{warning}");
        }
        Ok(())
    }

    /// What all checks think of a change.
    pub(crate) fn check_all<'a>(
        &'a self,
        caller: &'a Caller,
        key: &'a Key,
        current: Option<&'a State>,
        proposed: &'a State,
    ) -> Asked<'a, Verdict> {
        Box::pin(async move {
            let mut all = Verdict::permit();
            for say in self.says.iter().filter(|say| say.topics().check) {
                all = all.and(say.check(caller, key, current, proposed).await?);
            }
            Ok(all)
        })
    }

    /// What all checks think of a removal.
    pub(crate) fn check_delete_all<'a>(
        &'a self,
        caller: &'a Caller,
        key: &'a Key,
        current: &'a State,
    ) -> Asked<'a, Verdict> {
        Box::pin(async move {
            let mut all = Verdict::permit();
            for say in self.says.iter().filter(|say| say.topics().check) {
                all = all.and(say.check_delete(caller, key, current).await?);
            }
            Ok(all)
        })
    }

    /// Those that are told of a commit: what goes wrong with one is no matter to the next.
    pub(crate) fn listeners(&self) -> impl Iterator<Item = &dyn Say> {
        self.says.iter().map(|say| &**say).filter(|say| say.topics().committed)
    }
}

impl fmt::Debug for Rulebook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rulebook").field("topics", &self.topics).finish_non_exhaustive()
    }
}
