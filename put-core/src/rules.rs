//! The application's say: who may, what must hold, what happens after.
//!
//! [`Rules`] is a trait with defaults; [`Endpoint`](crate::Endpoint) takes a value of it, or plain closures for one
//! question each. Several are asked in the order in which they were given, and each may only take away.
//!
//! # When it is asked
//!
//! [`authorize`](Rules::authorize) comes before the content is read and before any precondition is looked at, so that a
//! stranger can tell neither existence nor entity tag apart. [`check`](Rules::check) comes last, when the content is
//! right and the precondition true, with the current state and the proposed one. What it permits is written only over exactly the
//! state that it saw. When another write comes between, it is asked again, about the new one: it must be able to stand
//! that, so what should happen once belongs into [`committed`](Rules::committed), or into the `within` of a store, which is part of
//! the transaction. A replacement that changes nothing is answered without it: there is nothing to permit.
//!
//! # Where it runs
//!
//! On the task of the request. A rule that has answered without waiting for anything is asked inside the store from then on, on the
//! thread that writes and under its lock, which spares the round through a read: it computes, and is done. A rule that
//! waits (for a database, for another service) is asked before, and the write is then conditioned on what it saw. So is
//! one that fails under the lock and not beside it, because it needs the runtime of its request, say; and one that calls
//! into an endpoint, or into a store in memory: under the lock such a call only fails, and what the rule answers then does
//! not count. A scope of states has no other place to be asked than under the lock, so it must not call at all.
//! Which of the two it is, is found out and not declared; a typed call of an endpoint always counts as waiting.
//!
//! # When it goes wrong
//!
//! An error, and a panic, is a 500 whose id is in the log with the reason. A rule that waits too long
//! ([`rule_timeout`](crate::Endpoint::rule_timeout)) is a 503; one that blocks its thread instead of waiting cannot
//! be stopped. A client that leaves while a rule is asked takes the question with it. In each case nothing is written.
//!
//! One file, because an application reads it as one page.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::resource::PutResource;
pub use crate::store::Done;
use crate::store::{Outcome, Refused};
use crate::typed::Stored;
use crate::violation::{Violation, Violations};

/// Why a rule could not be asked: 500, or 503 for a [`StoreError`](crate::store::StoreError) that says when to try again.
/// The log has the text, the client only an id. Every error becomes one by `?`.
pub type RuleError = Box<dyn Error + Send + Sync>;

/// What a caller wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// GET and HEAD. Asked as well before the answer to a write shows the current state or its entity tag.
    Read,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

/// What a caller may do.
///
/// ```
/// use put_core::rules::{Access, Action};
///
/// fn access(role: Option<&str>, action: Action) -> Access {
///     match (role, action) {
///         (None, _) => Access::unauthenticated("Bearer realm=\"stock\""),
///         (Some("auditor"), Action::Put | Action::Delete) => Access::forbidden("an auditor only reads"),
///         (Some(_), _) => Access::Granted,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an access that is not returned grants nothing"]
pub enum Access {
    /// It may.
    Granted,
    /// Nobody knows who it is: 401 with this challenge (RFC 9110, section 11.6.1).
    Unauthenticated {
        /// The value of WWW-Authenticate.
        challenge: String,
    },
    /// It may not, and is told so: 403 with this detail.
    Forbidden {
        /// What it may not do, and why.
        detail: String,
    },
    /// It is not to learn whether there is anything: 404, as for what does not exist.
    Hidden,
}

impl Access {
    /// 401 with this challenge, such as `Bearer realm="stock"`.
    pub fn unauthenticated(challenge: impl Into<String>) -> Self {
        Self::Unauthenticated { challenge: challenge.into() }
    }

    /// 403 with this detail.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::Forbidden { detail: detail.into() }
    }
}

/// What a rule thinks of a change. One that says nothing permits it.
///
/// Of several the client is told the gravest: a refusal (403), else violations (422), else conflicts (409).
///
/// ```
/// use put_core::Violation;
/// use put_core::rules::Verdict;
///
/// fn of_quantity(before: i64, after: i64) -> Verdict {
///     match () {
///         () if after < 0 => Verdict::violation(Violation::of_member("quantity", "may not be negative")),
///         () if after > before + 1000 => Verdict::warning("an unusually large delivery"),
///         () => Verdict::permit(),
///     }
/// }
/// assert!(of_quantity(3, 2).permits() && !of_quantity(3, -1).permits());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a verdict that is not returned permits everything"]
pub struct Verdict {
    refusal: Option<String>,
    violations: Vec<Violation>,
    conflicts: Vec<Violation>,
    warnings: Vec<String>,
}

impl Verdict {
    /// Nothing speaks against it.
    pub fn permit() -> Self {
        Self::default()
    }

    /// The caller may not make this change: 403 with this detail.
    pub fn refuse(detail: impl Into<String>) -> Self {
        Self { refusal: Some(detail.into()), ..Self::default() }
    }

    /// The proposed state breaks a rule at this place: 422.
    pub fn violation(violation: Violation) -> Self {
        Self { violations: vec![violation], ..Self::default() }
    }

    /// The proposed state clashes with what is stored at this place: 409.
    pub fn conflict(conflict: Violation) -> Self {
        Self { conflicts: vec![conflict], ..Self::default() }
    }

    /// Something for the log, if the change is permitted. The client does not see it.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { warnings: vec![text.into()], ..Self::default() }
    }

    /// Both verdicts.
    ///
    /// ```
    /// use put_core::rules::Verdict;
    ///
    /// assert!(!Verdict::permit().and(Verdict::refuse("only the owner may")).permits());
    /// ```
    pub fn and(mut self, other: Self) -> Self {
        self.refusal = self.refusal.or(other.refusal);
        self.violations.extend(other.violations);
        self.conflicts.extend(other.conflicts);
        self.warnings.extend(other.warnings);
        self
    }

    /// Whether nothing speaks against the change.
    #[must_use]
    pub fn permits(&self) -> bool {
        self.refusal.is_none() && self.violations.is_empty() && self.conflicts.is_empty()
    }

    /// The gravest of what was found, with what clashes besides.
    pub(crate) fn outcome(self, clashes: Vec<Violation>) -> Result<Vec<String>, Against> {
        if let Some(detail) = self.refusal {
            return Err(Against::Refused(Refused::Forbidden(detail)));
        }
        if !self.violations.is_empty() {
            return Err(Against::Violations(self.violations.into()));
        }
        let conflicts: Vec<Violation> = clashes.into_iter().chain(self.conflicts).collect();
        if conflicts.is_empty() { Ok(self.warnings) } else { Err(Against::Conflict(conflicts.into())) }
    }
}

/// What speaks against a change.
#[derive(Debug)]
pub(crate) enum Against {
    Refused(Refused),
    Violations(Violations),
    Conflict(Violations),
}

impl From<Against> for Outcome {
    fn from(against: Against) -> Self {
        match against {
            Against::Refused(refused) => Self::Refused(refused),
            Against::Violations(violations) => Self::Invalid(violations),
            Against::Conflict(conflicts) => Self::Conflict(conflicts),
        }
    }
}

/// A change as a rule sees it: the key, what is there, and what there will be.
pub struct Proposed<R: PutResource> {
    key: R::Key,
    before: Option<R>,
    after: R,
}

impl<R: PutResource> Proposed<R> {
    pub(crate) fn new(key: R::Key, before: Option<R>, after: R) -> Self {
        Self { key, before, after }
    }

    /// The key of the resource.
    #[must_use]
    pub fn key(&self) -> &R::Key {
        &self.key
    }

    /// The state that is replaced; `None` if the resource is created.
    #[must_use]
    pub fn current(&self) -> Option<&R> {
        self.before.as_ref()
    }

    /// The state there will be, with the members that the server sets.
    #[must_use]
    pub fn proposed(&self) -> &R {
        &self.after
    }
}

impl<R: PutResource> fmt::Debug for Proposed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposed").field("creates", &self.before.is_none()).finish_non_exhaustive()
    }
}

/// What was committed.
pub struct Committed<R: PutResource> {
    key: R::Key,
    now: Option<Stored<R>>,
    created: bool,
}

impl<R: PutResource> Committed<R> {
    pub(crate) fn new(key: R::Key, now: Option<Stored<R>>, created: bool) -> Self {
        Self { key, now, created }
    }

    /// The key of the resource.
    #[must_use]
    pub fn key(&self) -> &R::Key {
        &self.key
    }

    /// What was done.
    #[must_use]
    pub fn done(&self) -> Done {
        match (&self.now, self.created) {
            (None, _) => Done::Deleted,
            (Some(_), true) => Done::Created,
            (Some(_), false) => Done::Replaced,
        }
    }

    /// What the commit left; `None` if the resource is gone.
    #[must_use]
    pub fn stored(&self) -> Option<&Stored<R>> {
        self.now.as_ref()
    }
}

impl<R: PutResource> fmt::Debug for Committed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committed").field("done", &self.done()).finish_non_exhaustive()
    }
}

/// The rules of an application for one resource. Every method has a default that permits; see the [module](self) for when
/// and where they run.
///
/// ```
/// use put_core::rules::{Access, Action, Proposed, RuleError, Rules, Verdict};
/// use put_core::{MemoryStore, PutResource, Violation};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PutResource)]
/// #[put(path = "/notes/{id}")]
/// struct Note {
///     #[put(key)]
///     id: u64,
///     owner: String,
///     text: String,
/// }
///
/// /// What the authentication of the application leaves in the extensions of a request.
/// #[derive(Clone)]
/// struct User {
///     name: String,
/// }
///
/// struct OnlyTheOwner;
///
/// impl Rules<Note> for OnlyTheOwner {
///     type Caller = User;
///
///     async fn authorize(&self, caller: Option<&User>, _: Action, _: &u64) -> Result<Access, RuleError> {
///         Ok(caller.map_or_else(|| Access::unauthenticated("Bearer"), |_| Access::Granted))
///     }
///
///     async fn check(&self, caller: Option<&User>, change: &Proposed<Note>) -> Result<Verdict, RuleError> {
///         let owner = &change.current().unwrap_or(change.proposed()).owner;
///         Ok(match caller {
///             Some(caller) if caller.name != *owner => Verdict::refuse("only the owner may change a note"),
///             _ if change.proposed().owner != *owner => {
///                 Verdict::conflict(Violation::of_member("owner", "a note is not given away"))
///             }
///             _ => Verdict::permit(),
///         })
///     }
///
///     async fn check_delete(&self, caller: Option<&User>, _: &u64, current: &Note) -> Result<Verdict, RuleError> {
///         Ok(match caller {
///             Some(caller) if caller.name != current.owner => Verdict::refuse("only the owner may remove a note"),
///             _ => Verdict::permit(),
///         })
///     }
/// }
///
/// let notes = Note::endpoint(MemoryStore::new()).caller::<User>().rules(OnlyTheOwner);
/// ```
pub trait Rules<R: PutResource<Key: Send + Sync>>: Send + Sync + 'static {
    /// What the application's authentication leaves in the extensions of a request; `()` where there is none.
    type Caller: Send + Sync + 'static;

    /// Whether the caller may do this to the resource with this key, whether there is one or not. The caller is `None`
    /// where the extensions of the request have none.
    fn authorize(
        &self,
        caller: Option<&Self::Caller>,
        action: Action,
        key: &R::Key,
    ) -> impl Future<Output = Result<Access, RuleError>> + Send {
        let _ = (caller, action, key);
        async { Ok(Access::Granted) }
    }

    /// Whether the resource with this key exists for the caller: every other is 404 for every method, whether there is
    /// something or not. It only computes. For states, where the tenant is a member,
    /// [`state_scope`](crate::Endpoint::state_scope) says the same.
    fn scope(&self, caller: Option<&Self::Caller>, key: &R::Key) -> bool {
        let _ = (caller, key);
        true
    }

    /// Whether the change may be made. It may be asked several times for one request. The caller is `None` as above, and
    /// where the application itself writes, outside HTTP, which [`authorize`](Self::authorize) is not asked about: where
    /// that refuses whoever is not known, `None` here is the application.
    fn check(
        &self,
        caller: Option<&Self::Caller>,
        change: &Proposed<R>,
    ) -> impl Future<Output = Result<Verdict, RuleError>> + Send {
        let _ = (caller, change);
        async { Ok(Verdict::permit()) }
    }

    /// Whether the resource may be deleted. As content has no part in it, violations are told as conflicts.
    fn check_delete(
        &self,
        caller: Option<&Self::Caller>,
        key: &R::Key,
        current: &R,
    ) -> impl Future<Output = Result<Verdict, RuleError>> + Send {
        let _ = (caller, key, current);
        async { Ok(Verdict::permit()) }
    }

    /// Told of every real change after its commit: once, or never if the process ends before. It cannot turn a success
    /// into an error, and the answer does not wait for it. A typed call has no runtime to leave it to: it waits, and if
    /// it is dropped meanwhile nobody is told. What must not be lost is written with the change, by the `within` of the
    /// store.
    fn committed(
        &self,
        caller: Option<&Self::Caller>,
        committed: &Committed<R>,
    ) -> impl Future<Output = Result<(), RuleError>> + Send {
        let _ = (caller, committed);
        async { Ok(()) }
    }
}

/// The caller as a closure gets it, shared so that its future can own it; `None` where the extensions of the request have
/// none, and where the application itself writes.
pub type CallerOf<C> = Option<Arc<C>>;
