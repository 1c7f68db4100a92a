//! The rules of an application without their types: what the engine, which knows no resource, asks.
//!
//! One file, because each question appears three times, as the engine asks it, as [`Rules`] answer it and as a closure does,
//! and the three are read together.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use crate::resource::PutResource;
use crate::rules::{Access, Action, CallerOf, Committed, Proposed, RuleError, Rules, Verdict};
use crate::store::{Key, State};
use crate::typed::read;

/// Who makes a request.
///
/// `None` inside where nobody said who it is.
#[derive(Clone, Default)]
pub struct Caller(Option<Arc<dyn Any + Send + Sync>>);

/// Who writes outside HTTP.
struct Application;

impl Caller {
    /// What the authentication of the application left in the extensions of a request, if it left anything.
    ///
    /// ```
    /// use put_core::Caller;
    ///
    /// struct User(String);
    /// let ada = Caller::of(Some(User("ada".to_owned())));
    /// let stranger = Caller::of(None::<User>);
    /// ```
    #[must_use]
    pub fn of<C: Send + Sync + 'static>(caller: Option<C>) -> Self {
        Self(caller.map(|caller| Arc::new(caller) as _))
    }

    /// The application itself.
    #[inline(never)]
    pub(crate) fn application() -> Self {
        Self(Some(Arc::new(Application)))
    }

    /// Who it is, if it is one of these.
    ///
    /// ```
    /// use put_core::Caller;
    ///
    /// assert_eq!(Caller::of(Some("ada")).get::<&str>(), Some(&"ada"));
    /// assert_eq!(Caller::of(None::<&str>).get::<&str>(), None);
    /// ```
    #[must_use]
    pub fn get<C: 'static>(&self) -> Option<&C> {
        self.0.as_ref()?.downcast_ref()
    }

    /// Whether the application itself writes, which may do what it does.
    pub(crate) fn is_application(&self) -> bool {
        self.0.as_ref().is_some_and(|caller| caller.is::<Application>())
    }

    fn named<C: Send + Sync + 'static>(&self) -> CallerOf<C> {
        self.0.clone()?.downcast().ok()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            _ if self.is_application() => "Caller(the application)",
            None => "Caller(nobody)",
            Some(_) => "Caller(somebody)",
        })
    }
}

/// A question on its way to an answer.
pub(crate) type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, RuleError>> + Send + 'a>>;

/// What a commit did, without types.
#[derive(Clone, Debug)]
pub(crate) enum Commit {
    Created(State),
    Replaced(State),
    Deleted,
}

/// Which questions a say has an answer to. What nobody answers is not asked, and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(crate) struct Topics {
    pub(crate) authorize: bool,
    pub(crate) scope: bool,
    pub(crate) states: bool,
    pub(crate) check: bool,
    pub(crate) committed: bool,
}

/// One value of rules, or one closure. Each method has the answer of a say that has nothing to say.
pub(crate) trait Say: Send + Sync {
    fn topics(&self) -> Topics;

    fn authorize<'a>(&'a self, caller: &'a Caller, action: Action, key: &'a Key) -> Asked<'a, Access> {
        let _ = (caller, action, key);
        Box::pin(async { Ok(Access::Granted) })
    }

    /// Whether the key exists for the caller.
    fn reaches_key(&self, caller: &Caller, key: &Key) -> Result<bool, RuleError> {
        let _ = (caller, key);
        Ok(true)
    }

    /// Whether the state exists for the caller.
    fn reaches_state(&self, caller: &Caller, state: &State) -> Result<bool, RuleError> {
        let _ = (caller, state);
        Ok(true)
    }

    fn check<'a>(
        &'a self,
        caller: &'a Caller,
        key: &'a Key,
        current: Option<&'a State>,
        proposed: &'a State,
    ) -> Asked<'a, Verdict> {
        let _ = (caller, key, current, proposed);
        Box::pin(async { Ok(Verdict::permit()) })
    }

    fn check_delete<'a>(&'a self, caller: &'a Caller, key: &'a Key, current: &'a State) -> Asked<'a, Verdict> {
        let _ = (caller, key, current);
        Box::pin(async { Ok(Verdict::permit()) })
    }

    fn committed<'a>(&'a self, caller: &'a Caller, key: &'a Key, commit: &'a Commit) -> Asked<'a, ()> {
        let _ = (caller, key, commit);
        Box::pin(async { Ok(()) })
    }
}

/// The typed key of a key, which was made from one.
fn key_of<R: PutResource>(key: &Key) -> Result<R::Key, RuleError> {
    key.with_texts(R::key_from).ok_or_else(|| "the key does not read back".into())
}

fn value_of<R: PutResource>(state: &State) -> Result<R, RuleError> {
    Ok(read::<R>(state)?.value)
}

fn proposed_of<R: PutResource>(key: &Key, current: Option<&State>, proposed: &State) -> Result<Proposed<R>, RuleError> {
    let current = current.map(value_of::<R>).transpose()?;
    Ok(Proposed::new(key_of::<R>(key)?, current, value_of::<R>(proposed)?))
}

fn committed_of<R: PutResource>(key: &Key, commit: &Commit) -> Result<Committed<R>, RuleError> {
    let (now, created) = match commit {
        Commit::Created(state) => (Some(read(state)?), true),
        Commit::Replaced(state) => (Some(read(state)?), false),
        Commit::Deleted => (None, false),
    };
    Ok(Committed::new(key_of::<R>(key)?, now, created))
}

/// A value of [`Rules`].
pub(crate) struct OfRules<R, T> {
    rules: T,
    resource: PhantomData<fn() -> R>,
}

impl<R, T> OfRules<R, T> {
    pub(crate) fn new(rules: T) -> Self {
        Self { rules, resource: PhantomData }
    }
}

impl<R: PutResource<Key: Send + Sync>, T: Rules<R>> Say for OfRules<R, T> {
    fn topics(&self) -> Topics {
        Topics { authorize: true, scope: true, states: false, check: true, committed: true }
    }

    fn reaches_key(&self, caller: &Caller, key: &Key) -> Result<bool, RuleError> {
        Ok(self.rules.scope(caller.named().as_deref(), &key_of::<R>(key)?))
    }

    fn authorize<'a>(&'a self, caller: &'a Caller, action: Action, key: &'a Key) -> Asked<'a, Access> {
        Box::pin(async move {
            let (caller, key) = (caller.named::<T::Caller>(), key_of::<R>(key)?);
            self.rules.authorize(caller.as_deref(), action, &key).await
        })
    }

    fn check<'a>(
        &'a self,
        caller: &'a Caller,
        key: &'a Key,
        current: Option<&'a State>,
        proposed: &'a State,
    ) -> Asked<'a, Verdict> {
        Box::pin(async move {
            let (caller, change) = (caller.named::<T::Caller>(), proposed_of::<R>(key, current, proposed)?);
            self.rules.check(caller.as_deref(), &change).await
        })
    }

    fn check_delete<'a>(&'a self, caller: &'a Caller, key: &'a Key, current: &'a State) -> Asked<'a, Verdict> {
        Box::pin(async move {
            let (caller, key, current) = (caller.named::<T::Caller>(), key_of::<R>(key)?, value_of::<R>(current)?);
            self.rules.check_delete(caller.as_deref(), &key, &current).await
        })
    }

    fn committed<'a>(&'a self, caller: &'a Caller, key: &'a Key, commit: &'a Commit) -> Asked<'a, ()> {
        Box::pin(async move {
            let (caller, committed) = (caller.named::<T::Caller>(), committed_of::<R>(key, commit)?);
            self.rules.committed(caller.as_deref(), &committed).await
        })
    }
}

/// A closure that answers one question.
pub(crate) struct Closure<R, C, Q, F> {
    answer: F,
    of: Of<R, C, Q>,
}

/// The resource, the caller and the question that a closure is about.
type Of<R, C, Q> = PhantomData<fn() -> (R, C, Q)>;

impl<R, C, Q, F> Closure<R, C, Q, F> {
    pub(crate) fn new(answer: F) -> Self {
        Self { answer, of: PhantomData }
    }
}

/// The questions, as types.
pub(crate) struct Authorize;
pub(crate) struct Scope;
pub(crate) struct StateScope;
pub(crate) struct Check;
pub(crate) struct CheckDelete;
pub(crate) struct Afterwards;

impl<R, C, F, A> Say for Closure<R, C, Authorize, F>
where
    R: PutResource,
    C: Send + Sync + 'static,
    F: Fn(CallerOf<C>, Action, R::Key) -> A + Send + Sync,
    A: Future<Output = Result<Access, RuleError>> + Send,
{
    fn topics(&self) -> Topics {
        Topics { authorize: true, ..Topics::default() }
    }

    fn authorize<'a>(&'a self, caller: &'a Caller, action: Action, key: &'a Key) -> Asked<'a, Access> {
        Box::pin(async move {
            let answer = (self.answer)(caller.named(), action, key_of::<R>(key)?);
            answer.await
        })
    }
}

impl<R, C, F> Say for Closure<R, C, Scope, F>
where
    R: PutResource,
    C: Send + Sync + 'static,
    F: Fn(Option<&C>, &R::Key) -> bool + Send + Sync,
{
    fn topics(&self) -> Topics {
        Topics { scope: true, ..Topics::default() }
    }

    fn reaches_key(&self, caller: &Caller, key: &Key) -> Result<bool, RuleError> {
        Ok((self.answer)(caller.named().as_deref(), &key_of::<R>(key)?))
    }
}

impl<R, C, F> Say for Closure<R, C, StateScope, F>
where
    R: PutResource,
    C: Send + Sync + 'static,
    F: Fn(Option<&C>, &R) -> bool + Send + Sync,
{
    fn topics(&self) -> Topics {
        Topics { states: true, ..Topics::default() }
    }

    fn reaches_state(&self, caller: &Caller, state: &State) -> Result<bool, RuleError> {
        Ok((self.answer)(caller.named().as_deref(), &value_of::<R>(state)?))
    }
}

impl<R, C, F, A> Say for Closure<R, C, Check, F>
where
    R: PutResource,
    C: Send + Sync + 'static,
    F: Fn(CallerOf<C>, Proposed<R>) -> A + Send + Sync,
    A: Future<Output = Result<Verdict, RuleError>> + Send,
{
    fn topics(&self) -> Topics {
        Topics { check: true, ..Topics::default() }
    }

    fn check<'a>(
        &'a self,
        caller: &'a Caller,
        key: &'a Key,
        current: Option<&'a State>,
        proposed: &'a State,
    ) -> Asked<'a, Verdict> {
        Box::pin(async move {
            let answer = (self.answer)(caller.named(), proposed_of(key, current, proposed)?);
            answer.await
        })
    }
}

impl<R, C, F, A> Say for Closure<R, C, CheckDelete, F>
where
    R: PutResource,
    C: Send + Sync + 'static,
    F: Fn(CallerOf<C>, R::Key, R) -> A + Send + Sync,
    A: Future<Output = Result<Verdict, RuleError>> + Send,
{
    fn topics(&self) -> Topics {
        Topics { check: true, ..Topics::default() }
    }

    fn check_delete<'a>(&'a self, caller: &'a Caller, key: &'a Key, current: &'a State) -> Asked<'a, Verdict> {
        Box::pin(async move {
            let answer = (self.answer)(caller.named(), key_of::<R>(key)?, value_of::<R>(current)?);
            answer.await
        })
    }
}

impl<R, C, F, A> Say for Closure<R, C, Afterwards, F>
where
    R: PutResource,
    C: Send + Sync + 'static,
    F: Fn(CallerOf<C>, Committed<R>) -> A + Send + Sync,
    A: Future<Output = Result<(), RuleError>> + Send,
{
    fn topics(&self) -> Topics {
        Topics { committed: true, ..Topics::default() }
    }

    fn committed<'a>(&'a self, caller: &'a Caller, key: &'a Key, commit: &'a Commit) -> Asked<'a, ()> {
        Box::pin(async move {
            let answer = (self.answer)(caller.named(), committed_of(key, commit)?);
            answer.await
        })
    }
}
