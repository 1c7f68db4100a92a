//! The methods of an endpoint that take the application's say.

use std::future::Future;

use crate::endpoint::Endpoint;
use crate::resource::PutResource;
use crate::rulebook::Rulebook;
use crate::rules::{Access, Action, CallerOf, Committed, Proposed, RuleError, Rules, Verdict};
use crate::say::{Afterwards, Authorize, Check, CheckDelete, Closure, OfRules, Say, Scope, StateScope};

/// The application's say, one question after the other. What is given later is asked later, and may only take away.
///
/// A closure owns what it is given, so that its future can go to another thread. One that captures something clones it:
/// `move |caller, change| { let prices = prices.clone(); async move { .. } }`; or write [`Rules`] for a struct.
impl<R: PutResource, C: Send + Sync + 'static> Endpoint<R, C> {
    fn say(mut self, say: impl Say + 'static) -> Self {
        let resource = self.plan.format.name();
        self.plan.rulebook = Some(Rulebook::with(self.plan.rulebook.as_ref(), resource, say));
        self
    }

    /// Asks these rules. The same value may be given to several endpoints, and runs under every adapter.
    #[must_use]
    pub fn rules<T: Rules<R, Caller = C>>(self, rules: T) -> Self
    where
        R::Key: Send + Sync,
    {
        self.say(OfRules::new(rules))
    }

    /// Asks this closure who may do what, as [`Rules::authorize`].
    #[must_use]
    pub fn authorize<A>(self, answer: impl Fn(CallerOf<C>, Action, R::Key) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<Access, RuleError>> + Send + 'static,
    {
        self.say(Closure::<R, C, Authorize, _>::new(answer))
    }

    /// Asks this closure about every change, as [`Rules::check`].
    ///
    /// ```
    /// use put_core::rules::Verdict;
    /// use put_core::{MemoryStore, PutResource, Violation};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// #[put(path = "/counters/{id}")]
    /// struct Counter {
    ///     #[put(key)]
    ///     id: u64,
    ///     count: u64,
    /// }
    ///
    /// let counters = Counter::endpoint(MemoryStore::new()).check(async |_caller, change| {
    ///     let before = change.current().map_or(0, |counter| counter.count);
    ///     Ok(if change.proposed().count < before {
    ///         Verdict::conflict(Violation::of_member("count", "never goes back"))
    ///     } else {
    ///         Verdict::permit()
    ///     })
    /// });
    /// ```
    #[must_use]
    pub fn check<A>(self, answer: impl Fn(CallerOf<C>, Proposed<R>) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<Verdict, RuleError>> + Send + 'static,
    {
        self.say(Closure::<R, C, Check, _>::new(answer))
    }

    /// Asks this closure about every removal, as [`Rules::check_delete`]: [`check`](Self::check) is not asked about them.
    ///
    /// ```
    /// use put_core::rules::Verdict;
    /// use put_core::{MemoryStore, PutResource, Violation};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// #[put(path = "/shelves/{id}")]
    /// struct Shelf {
    ///     #[put(key)]
    ///     id: u64,
    ///     books: u64,
    /// }
    ///
    /// let shelves = Shelf::endpoint(MemoryStore::new()).allow_delete().check_delete(async |_caller, _id, shelf| {
    ///     Ok(match shelf.books {
    ///         0 => Verdict::permit(),
    ///         _ => Verdict::conflict(Violation::of_member("books", "are still there")),
    ///     })
    /// });
    /// ```
    #[must_use]
    pub fn check_delete<A>(self, answer: impl Fn(CallerOf<C>, R::Key, R) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<Verdict, RuleError>> + Send + 'static,
    {
        self.say(Closure::<R, C, CheckDelete, _>::new(answer))
    }

    /// Tells this closure of every commit, as [`Rules::committed`].
    #[must_use]
    pub fn committed<A>(self, answer: impl Fn(CallerOf<C>, Committed<R>) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<(), RuleError>> + Send + 'static,
    {
        self.say(Closure::<R, C, Afterwards, _>::new(answer))
    }

    /// The keys that exist for a caller, as those of a tenant: every other is 404 for every method, whether there is
    /// something or not.
    ///
    /// ```
    /// use put_core::{MemoryStore, PutResource};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// #[put(path = "/tenants/{tenant}/notes/{id}")]
    /// struct Note {
    ///     #[put(key)]
    ///     tenant: String,
    ///     #[put(key)]
    ///     id: u64,
    /// }
    ///
    /// #[derive(Clone)]
    /// struct User {
    ///     tenant: String,
    /// }
    ///
    /// let notes = Note::endpoint(MemoryStore::new())
    ///     .caller::<User>()
    ///     .scope(|caller, (tenant, _id)| caller.is_some_and(|caller| caller.tenant == *tenant));
    /// ```
    #[must_use]
    pub fn scope(self, reaches: impl Fn(Option<&C>, &R::Key) -> bool + Send + Sync + 'static) -> Self {
        self.say(Closure::<R, C, Scope, _>::new(reaches))
    }

    /// The states that exist for a caller, where the tenant is a member and not in the key: a resource in another state
    /// answers every method as if it did not exist, except that it is not created, which is 404; and a change that
    /// would put one there is 403. It only computes; it is asked under the lock of the store.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, tenant: String }
    /// # struct User { tenant: String }
    /// let notes = Note::endpoint(MemoryStore::new())
    ///     .caller::<User>()
    ///     .state_scope(|caller, note| caller.is_some_and(|caller| caller.tenant == note.tenant));
    /// ```
    #[must_use]
    pub fn state_scope(self, reaches: impl Fn(Option<&C>, &R) -> bool + Send + Sync + 'static) -> Self {
        self.say(Closure::<R, C, StateScope, _>::new(reaches))
    }
}
