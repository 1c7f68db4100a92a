//! Why a typed call did not do what was asked: each way in which the inside can fail, as an application sees it.

use std::fmt;
use std::time::Duration;

use crate::entity_tag::EntityTag;
use crate::precondition::Condition;
use crate::proposal::Refusal;
use crate::rounds::Trouble;
use crate::rules::{Access, RuleError};
use crate::store::{Failed, Refused, StoreError};
use crate::violation::{Pointer, Violation, Violations};
use crate::watch::Harm;

/// Why a call outside HTTP did not do what was asked.
#[derive(Debug)]
pub enum Error {
    /// There is nothing under this key, and the call needs something.
    Absent,
    /// The precondition is false: which condition, and the current entity tag if there is a current state.
    PreconditionFailed(Condition, Option<EntityTag>),
    /// The value clashes with what is stored: a member that never changes would, or one that is unique is taken.
    Conflict(Violations),
    /// The value or its key breaks rules of the resource, of the application, or of the store.
    Violations(Violations),
    /// The caller on whose behalf it is done may not do it: [`Access::Forbidden`] or [`Access::Unauthenticated`]; or a
    /// rule refuses the change.
    Denied(Access),
    /// A rule of the application could not be asked.
    Rule(RuleError),
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no resource under this key"),
            Self::PreconditionFailed(condition, _) => write!(f, "the precondition {condition:?} is false"),
            Self::Conflict(violations) => write!(f, "conflict with what is stored: {violations}"),
            Self::Violations(violations) => fmt::Display::fmt(violations, f),
            Self::Denied(Access::Forbidden { detail }) => write!(f, "not permitted: {detail}"),
            Self::Denied(_) => f.write_str("not permitted"),
            Self::Rule(error) => write!(f, "a rule could not be asked: {error}"),
            Self::Store(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Violations(violations) | Self::Conflict(violations) => Some(violations),
            Self::Rule(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed.condition {
            Condition::MustExist => Self::Absent,
            condition => Self::PreconditionFailed(condition, failed.tag().cloned()),
        }
    }
}

impl From<Harm> for Error {
    fn from(harm: Harm) -> Self {
        match harm {
            Harm::Failed(error) => Self::Rule(error),
            other => Self::Rule(other.to_string().into()),
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Hidden => Self::Absent,
            Refused::Forbidden(detail) => Self::Denied(Access::Forbidden { detail }),
        }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Store(error) => Self::Store(error),
            Trouble::Harm(harm) => harm.into(),
            Trouble::Refusal(refusal) => refusal.into(),
            Trouble::Outrun => outrun().into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Syntax(fault) => whole(fault.reason),
            Refusal::Violations(violations) => Self::Violations(violations),
            Refusal::Server(reason) => Self::Store(StoreError::failed(reason)),
            Refusal::NeedsCurrent => Self::Store(StoreError::failed("the current state was not looked at")),
        }
    }
}

/// Another write came between each time.
pub(crate) fn outrun() -> StoreError {
    StoreError::busy(Duration::from_secs(1), "another write came between each time")
}

/// A violation of the whole value.
pub(crate) fn whole(detail: String) -> Error {
    Error::Violations(vec![Violation::new(Pointer::root(), detail).with_code("invalid")].into())
}
