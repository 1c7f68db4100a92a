//! A removal: what must hold of the current state for it to go.

use crate::guard::Guard;
use crate::precondition::{Demand, Precondition};
use crate::say::Caller;
use crate::store::{Deletion, Failed, Refused, State};

/// What must hold of the current state for it to be removed.
///
/// ```
/// use put_core::Precondition;
/// use put_core::store::{Deletion, Removal};
///
/// let removal = Removal::from(Precondition::none());
/// assert_eq!(removal.decide(None), Err(Deletion::Absent));
/// ```
#[derive(Clone, Debug)]
pub struct Removal {
    precondition: Precondition,
    guard: Option<Guard>,
}

impl From<Precondition> for Removal {
    fn from(precondition: Precondition) -> Self {
        Self { precondition, guard: None }
    }
}

impl Removal {
    /// The same removal, with the application's say.
    pub(crate) fn guarded(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Decides the removal of the state that is really there. Called under the store's lock. It writes nothing; where
    /// the application has a say it is asked here, and its code must come to an end at once.
    ///
    /// # Errors
    /// The answer, if nothing is removed.
    pub fn decide(&self, current: Option<&State>) -> Result<(), Deletion> {
        let state = current.ok_or(Deletion::Absent)?;
        match self.guard.as_ref().map_or(Some(false), |guard| guard.hides(state)) {
            Some(false) => {}
            Some(true) => return Err(Deletion::Refused(Refused::Hidden)),
            None => return Err(Deletion::Overtaken(current.cloned().map(Box::new))),
        }
        if let Err(condition) = self.precondition.evaluate(Some(state)) {
            return Err(Deletion::Failed(Failed::new(condition, Some(state))));
        }
        match &self.guard {
            None => Ok(()),
            Some(guard) => {
                guard.permits_removal(state).unwrap_or_else(|| Err(Deletion::Overtaken(current.cloned().map(Box::new))))
            }
        }
    }

    /// What is demanded, in terms of a store that decides in its own language; [`Demand::State`] where the application
    /// has a say.
    #[must_use]
    pub fn demand(&self) -> Demand {
        if self.guard.as_ref().is_some_and(Guard::has_a_say) { Demand::State } else { self.precondition.demand() }
    }

    /// Who removes, where the endpoint says what a caller is.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        Some(&self.guard.as_ref()?.caller)
    }
}
