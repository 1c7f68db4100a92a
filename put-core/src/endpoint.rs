//! The typed front of the engine: policy of one mount, and the same reads and writes for code outside HTTP.
//!
//! One file, because the switches and the typed calls are all that an application calls.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Method};

use crate::canonical::Json;
use crate::change::Change;
use crate::content::with_buffer;
use crate::engine::Engine;
use crate::entity_tag::EntityTag;
use crate::guard::not_under_a_lock;
use crate::host::Host;
use crate::observe::Observed;
use crate::plan::Plan;
use crate::precondition::{Condition, Precondition};
use crate::proposal::{Prepared, Refusal, Seen};
use crate::resource::{PutResource, Role};
use crate::rounds::{Rounds, Trouble};
use crate::rulebook::Rulebook;
use crate::rules::{Access, Action, RuleError};
use crate::say::Caller;
use crate::store::{Deletion, Failed, Key, Outcome, Refused, State, StoreError, StoreFor};
use crate::violation::{Pointer, Violation, Violations};
use crate::watch::{Harm, watched};
use crate::wording::Wording;

/// A resource over a store, with the policy of one mount. Made by [`PutResource::endpoint`]; cloning is cheap.
///
/// The switches change what the standards leave open; each names its default.
///
/// `C` is what the authentication of the application leaves in the extensions of a request
/// ([`caller`](Self::caller)).
pub struct Endpoint<R, C = ()> {
    /// Boxed, so that what is compiled for each resource moves a pointer about.
    pub(crate) plan: Box<Plan>,
    /// Who writes and reads through the typed calls.
    caller: Caller,
    resource: PhantomData<fn() -> (R, C)>,
}

/// A resource as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<R> {
    /// The value.
    pub value: R,
    /// Its entity tag, for the precondition of the next write.
    pub tag: EntityTag,
    /// When it was last modified, where the store knows.
    pub modified: Option<SystemTime>,
}

/// What a write outside HTTP did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written<R> {
    /// There was nothing, and now there is this.
    Created(Stored<R>),
    /// What was there is replaced by this.
    Replaced(Stored<R>),
    /// What was there is what was wanted; nothing was written.
    Unchanged(Stored<R>),
}

impl<R> Written<R> {
    /// What is stored now.
    #[must_use]
    pub fn into_stored(self) -> Stored<R> {
        match self {
            Self::Created(stored) | Self::Replaced(stored) | Self::Unchanged(stored) => stored,
        }
    }
}

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
fn outrun() -> StoreError {
    StoreError::busy(Duration::from_secs(1), "another write came between each time")
}

impl<R: PutResource> Endpoint<R> {
    pub(crate) fn new(store: impl StoreFor<R>) -> Self {
        Self::of(Plan::boxed(R::FACTS, store.into_store()))
    }

    /// Says what the application's own authentication leaves in the extensions of a request, for the rules to see: with
    /// Axum what a middleware inserts into `request.extensions_mut()`, with Actix Web likewise. It is the very type: who
    /// inserts an `Arc<User>` says `caller::<Arc<User>>()`. By default nothing.
    ///
    /// It comes before the rules. An endpoint that has some already answers 500 from then on, and the log says why.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # use put_core::rules::Access;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// #[derive(Clone)]
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// let notes = Note::endpoint(MemoryStore::new()).caller::<User>().authorize(async |caller, _action, _id| {
    ///     Ok(caller.map_or(Access::unauthenticated("Bearer"), |_| Access::Granted))
    /// });
    /// ```
    #[must_use]
    pub fn caller<C: Send + Sync + 'static>(mut self) -> Endpoint<R, C> {
        // The `within` of a store may want to know it, even if no rule does.
        let book = self.plan.rulebook.get_or_insert_with(|| Rulebook::empty(self.plan.format.name()));
        if !book.is_empty() {
            // They would be asked with nobody for ever, and one that permits what nobody does would permit everything.
            self.plan.mistake =
                Some("rules were given before `.caller::<..>()` said whom they are asked about; say it first");
        }
        Endpoint { plan: self.plan, caller: self.caller, resource: PhantomData }
    }
}

impl<R: PutResource, C: Send + Sync + 'static> Endpoint<R, C> {
    fn of(plan: Box<Plan>) -> Self {
        Self { plan, caller: Caller::application(), resource: PhantomData }
    }

    /// Demands If-Match, or `If-None-Match: *`, of every write: 428 without (RFC 6585, section 3).
    /// By default a write without a precondition is done.
    #[must_use]
    pub fn require_precondition(mut self) -> Self {
        self.plan.settings.require_precondition = true;
        self
    }

    /// Never creates: a PUT to what does not exist is 404, whatever its conditions. By default it creates.
    #[must_use]
    pub fn update_only(mut self) -> Self {
        self.plan.settings.update_only = true;
        self
    }

    /// Answers a PUT without content unless the client prefers the representation (RFC 7240, section 4.2). By default
    /// it is the other way round.
    #[must_use]
    pub fn return_minimal(mut self) -> Self {
        self.plan.settings.return_minimal = true;
        self
    }

    /// Largest content, in octets; more is 413. By default 1 MiB.
    #[must_use]
    pub fn content_limit(mut self, octets: u64) -> Self {
        self.plan.settings.content_limit = octets;
        self
    }

    /// Sends validators with a PUT only when the content was stored byte for byte: the letter of RFC 9110, section
    /// 9.3.4. By default also when the answer itself carries the stored representation.
    #[must_use]
    pub fn strict_validators(mut self) -> Self {
        self.plan.settings.strict_validators = true;
        self
    }

    /// Answers a PUT whose If-Match is false with success when what it wants is already there, as after a lost
    /// response (RFC 9110, section 13.1.1). By default that is 412.
    #[must_use]
    pub fn accept_replay(mut self) -> Self {
        self.plan.settings.accept_replay = true;
        self
    }

    /// Adds DELETE. By default there is none.
    #[must_use]
    pub fn allow_delete(mut self) -> Self {
        self.plan.settings.delete = true;
        self
    }

    /// Takes GET and HEAD away. By default they are there.
    #[must_use]
    pub fn put_only(mut self) -> Self {
        self.plan.settings.put_only = true;
        self
    }

    /// A prefix that a proxy strips before the request arrives here; Location and Content-Location begin with it.
    /// By default there is none.
    #[must_use]
    pub fn public_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.plan.settings.public_prefix = prefix.into();
        self
    }

    /// Cache-Control of a representation. By default `private, no-cache, no-transform`: always validated, and the
    /// entity tag not rewritten by a proxy.
    #[must_use]
    pub fn cache_control(mut self, value: &HeaderValue) -> Self {
        self.plan.settings.cache_control = Bytes::copy_from_slice(value.as_bytes());
        self
    }

    /// Shows the current representation to a client whose precondition was false, as the member `current` of the
    /// problem, so that an editor can merge without another round trip. By default only to one that asks for it with
    /// `Prefer: return=representation` (RFC 7240, section 4.2), and never to a caller who may not read.
    #[must_use]
    pub fn reveal_current(mut self) -> Self {
        self.plan.settings.reveal_current = true;
        self
    }

    /// Takes entity tags that a compressing proxy has altered for what they were: `W/"x"`, `"x-gzip"` and `"x;br"` for
    /// `"x"`. No tag of ours is weak or ends so, so nothing else can be meant. By default they match nothing, as RFC 9110,
    /// section 13.1.1, has it.
    #[must_use]
    pub fn tolerate_proxy_tags(mut self) -> Self {
        self.plan.settings.tolerate_proxy_tags = true;
        self
    }

    /// Adds a mount at this path, with the same parameters, at which a PUT is judged in every respect and not done. It
    /// answers 200 with what would have become of it (`created`, `replaced` or `unchanged`), or with the problem.
    /// What only the database knows, such as that a value is taken, is not found out.
    #[must_use]
    pub fn dry_run(mut self, path: impl Into<String>) -> Self {
        self.plan.settings.dry_run = Some(path.into());
        self
    }

    /// How long a rule may wait before the answer is 503. By default ten seconds. A rule that does not wait but blocks
    /// its thread cannot be stopped.
    #[must_use]
    pub fn rule_timeout(mut self, limit: Duration) -> Self {
        self.plan.settings.rule_timeout = limit;
        self
    }

    /// Other words for violations (422, 409): asked of each, with the value of the request's Accept-Language, which is
    /// empty if there is none. By default, for `None` and after a panic, they keep their words.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// let notes = Note::endpoint(MemoryStore::new()).wording(|violation, language| {
    ///     let german = language.starts_with("de");
    ///     (german && violation.detail() == "is required").then(|| "fehlt".to_owned())
    /// });
    /// ```
    #[must_use]
    pub fn wording(mut self, words: impl Fn(&Violation, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.plan.settings.wording = Some(Wording::new(words));
        self
    }

    /// The path template of the resource.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.plan.format.path()
    }

    /// The methods of this mount, for an application's CORS middleware.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        self.plan.settings.methods().collect()
    }

    /// The engine that an adapter runs.
    #[must_use]
    pub fn mount(self, host: Host) -> Arc<Engine> {
        Engine::of(self.plan, host)
    }

    /// The same endpoint for the typed calls of one caller: they ask the rules as a request of this caller does. Without
    /// it the application itself reads and writes, which nothing is hidden from and nobody authorizes; the checks are
    /// asked all the same.
    #[must_use]
    pub fn on_behalf_of(&self, caller: C) -> Self {
        Self { caller: Caller::of(Some(caller)), ..self.clone() }
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Violations`] if the key has no canonical spelling; [`Error::Denied`] and
    /// [`Error::Rule`] on behalf of a caller.
    pub async fn get(&self, key: &R::Key) -> Result<Option<Stored<R>>, Error> {
        let key = self.key(&|part| R::part_of(key, part).to_string())?;
        not_under_a_lock()?;
        match self.let_pass(Action::Read, &key).await {
            Ok(()) => {}
            Err(Error::Absent) => return Ok(None),
            Err(error) => return Err(error),
        }
        match self.plan.store.get(&key).await? {
            Some(state) if self.reaches(&state).await? => read(&state).map(Some),
            _ => Ok(None),
        }
    }

    /// Writes a resource under its own key, by the rules and with the tags of a PUT: members that only the server sets
    /// are set by it, whatever the value says. The value is a state, so nothing is made of a `write_only` member: it
    /// is kept as it is. A write that has begun is done even if this future is dropped, if the store works it out
    /// elsewhere.
    ///
    /// # Errors
    /// Every one of [`Error`].
    pub async fn put(&self, value: R, precondition: Precondition) -> Result<Written<R>, Error> {
        let (key, change) = self.change(&value)?;
        not_under_a_lock()?;
        let precondition = Precondition {
            must_exist: precondition.must_exist || self.plan.settings.update_only,
            accept_replay: precondition.accept_replay || self.plan.settings.accept_replay,
            ..precondition
        };
        let outcome = if self.plan.rulebook.is_none() {
            self.plan.store.put(key, change, precondition).await?
        } else {
            self.let_pass(Action::Put, &key).await?;
            let mut propose = |_: Seen<'_>| Ok(change.clone());
            self.rounds(&key).put(&mut propose, &precondition, false).await?
        };
        Ok(match outcome {
            Outcome::Created(state) => Written::Created(read(&state)?),
            Outcome::Replaced(state) => Written::Replaced(read(&state)?),
            Outcome::Unchanged(state) => Written::Unchanged(read(&state)?),
            Outcome::Failed(failed) => return Err(failed.into()),
            Outcome::Conflict(violations) => return Err(Error::Conflict(violations)),
            Outcome::Invalid(violations) => return Err(Error::Violations(violations)),
            Outcome::Refused(refused) => return Err(refused.into()),
            Outcome::Overtaken(_) => return Err(outrun().into()),
        })
    }

    /// The key and the change that [`put`](Self::put) hands to the store for this value: what a test of a store needs,
    /// which looks at the [`Store`](crate::store::Store) itself.
    ///
    /// ```
    /// # use put_core::{MemoryStore, Precondition, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// # fn main() -> Result<(), put_core::Error> {
    /// use put_core::store::{Store, StoreFor};
    ///
    /// let store = StoreFor::<Note>::into_store(MemoryStore::new());
    /// let (key, change) = Note::endpoint(store.clone()).change(&Note { id: 7 })?;
    /// let answer = store.put(key, change, Precondition::none());
    /// # drop(answer);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Violations`], and [`Error::Store`] if a value that the server sets cannot be written.
    pub fn change(&self, value: &R) -> Result<(Key, Change), Error> {
        let key = self.key(&|part| value.key_part(part).to_string())?;
        let content = with_buffer(|out| value.write(Json::new(out)).map(|()| Bytes::copy_from_slice(out)));
        let content = content.map_err(|error| whole(error.to_string()))?;
        let propose = |texts: &[&str]| self.plan.format.propose(&content, texts, Seen::Unknown, None);
        let change = key.with_texts(propose)?;
        Ok((key, change))
    }

    /// The key and the change that a PUT of this content comes to, over the state that was seen: what the content leaves
    /// out and would keep is taken from there. A store that finds another one by then answers
    /// [`Overtaken`](Outcome::Overtaken), if that makes a difference. For tests of a store, like
    /// [`change`](Self::change).
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/users/{id}")]
    /// # struct User { #[put(key)] id: u64, name: String, #[put(write_only)] password: String }
    /// # fn main() -> Result<(), put_core::Error> {
    /// // struct User { #[put(key)] id: u64, name: String, #[put(write_only)] password: String }
    /// let users = User::endpoint(MemoryStore::new());
    /// assert!(users.change_over(br#"{"name":"Ada"}"#, &7, None).is_err(), "there is no password to keep");
    /// let format = put_core::Format::of::<User>();
    /// let seen = format.state(r#"{"id":7,"name":"A","password":"secret"}"#.into(), None).unwrap();
    /// let (_key, change) = users.change_over(br#"{"name":"Ada"}"#, &7, Some(&seen))?;
    /// assert_eq!(change.created(), r#"{"id":7,"name":"Ada","password":"secret"}"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Violations`], and [`Error::Store`] if a value that the server sets cannot be written.
    pub fn change_over(&self, content: &[u8], key: &R::Key, seen: Option<&State>) -> Result<(Key, Change), Error> {
        let key = self.key(&|part| R::part_of(key, part).to_string())?;
        let mut prepared = Prepared::new();
        let change =
            key.with_texts(|texts| self.plan.format.propose(content, texts, Seen::Known(seen), Some(&mut prepared)))?;
        Ok((key, change))
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// [`Error::Absent`], [`Error::PreconditionFailed`], [`Error::Conflict`] if something else needs the resource,
    /// [`Error::Denied`], [`Error::Rule`], [`Error::Store`]; and [`Error::Violations`] if the key has no canonical
    /// spelling.
    pub async fn delete(&self, key: &R::Key, precondition: Precondition) -> Result<(), Error> {
        let key = self.key(&|part| R::part_of(key, part).to_string())?;
        not_under_a_lock()?;
        let deletion = if self.plan.rulebook.is_none() {
            self.plan.store.delete(key, precondition.into()).await?
        } else {
            self.let_pass(Action::Delete, &key).await?;
            self.rounds(&key).delete(&precondition).await?
        };
        match deletion {
            Deletion::Deleted => Ok(()),
            Deletion::Absent => Err(Error::Absent),
            Deletion::Failed(failed) => Err(failed.into()),
            Deletion::Conflict(violations) => Err(Error::Conflict(violations)),
            Deletion::Refused(refused) => Err(refused.into()),
            Deletion::Overtaken(_) => Err(outrun().into()),
        }
    }

    /// The resources whose keys come after this one, at most `limit`: integers in the order of numbers, before texts in
    /// the order of their octets. On behalf of a caller those that it may read.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Violations`] if the key has no canonical spelling; and [`Error::Rule`].
    pub async fn list(&self, after: Option<&R::Key>, limit: usize) -> Result<Vec<Stored<R>>, Error> {
        let mut after = after.map(|key| self.key(&|part| R::part_of(key, part).to_string())).transpose()?;
        not_under_a_lock()?;
        if self.caller.is_application() || self.plan.rulebook.is_none() {
            return self.plan.store.list(after, limit).await?.iter().map(read).collect();
        }
        let mut found = Vec::new();
        while found.len() < limit {
            let states = self.plan.store.list(after.clone(), limit).await?;
            let are_all = states.len() < limit;
            for state in states {
                if found.len() == limit {
                    return Ok(found);
                }
                // Passed over, it would come again with the next page.
                let key = self.plan.format.key_of(state.json());
                let key = key.ok_or_else(|| StoreError::failed("a stored state does not say its key"))?;
                match self.let_pass(Action::Read, &key).await {
                    Ok(()) if self.reaches(&state).await? => found.push(read(&state)?),
                    Ok(()) | Err(Error::Absent | Error::Denied(_)) => {}
                    Err(error) => return Err(error),
                }
                after = Some(key);
            }
            if are_all {
                break;
            }
        }
        Ok(found)
    }

    fn rounds<'w>(&'w self, key: &'w Key) -> Rounds<'w> {
        Rounds { plan: &self.plan, key, caller: &self.caller, observed: Observed::nobody(), host: None, retries: 0 }
    }

    /// Lets the caller pass; the application itself always does.
    async fn let_pass(&self, action: Action, key: &Key) -> Result<(), Error> {
        if let Some(mistake) = self.plan.mistake {
            return Err(Error::Rule(mistake.into()));
        }
        let Some(rulebook) = self.plan.rulebook.as_ref().filter(|_| !self.caller.is_application()) else {
            return Ok(());
        };
        match watched(rulebook.authorize(&self.caller, action, key), None).await?.0 {
            Access::Granted => Ok(()),
            Access::Hidden => Err(Error::Absent),
            access => Err(Error::Denied(access)),
        }
    }

    async fn reaches(&self, state: &State) -> Result<bool, Error> {
        match self.plan.rulebook.as_ref().filter(|_| !self.caller.is_application()) {
            Some(rulebook) => Ok(watched(async { rulebook.reaches_state(&self.caller, state) }, None).await?.0),
            None => Ok(true),
        }
    }

    fn key(&self, part: &dyn Fn(usize) -> String) -> Result<Key, Error> {
        let texts: Vec<String> = (0..self.plan.format.keys().len()).map(part).collect();
        self.plan.format.key(texts.iter().map(String::as_str)).map_err(|index| {
            let (name, demand) =
                self.plan.format.keys().get(index).map_or_else(Default::default, |key| (key.name, key.demand()));
            let detail = format!("is not a key that reads back as it is written{demand}");
            Error::Violations(vec![Violation::new(Pointer::root().member(name), detail).with_code("invalid")].into())
        })
    }
}

fn whole(detail: String) -> Error {
    Error::Violations(vec![Violation::new(Pointer::root(), detail).with_code("invalid")].into())
}

/// What serde says of a stored state. It goes into logs, and may quote a secret: then only the place is told.
#[cold]
fn unquoted<R: PutResource>(error: &serde_json::Error) -> String {
    if R::FACTS.members.iter().any(|member| matches!(member.role, Role::WriteOnly)) {
        return format!("at line {} column {}", error.line(), error.column());
    }
    error.to_string()
}

pub(crate) fn read<R: PutResource>(state: &State) -> Result<Stored<R>, Error> {
    let mut json = serde_json::Deserializer::from_slice(state.json());
    let value = R::read(&mut json)
        .and_then(|value| json.end().map(|()| value))
        .map_err(|error| StoreError::failed(format!("the stored state cannot be read: {}", unquoted::<R>(&error))))?;
    Ok(Stored { value, tag: state.tag().clone(), modified: state.modified() })
}

impl<R, C> Clone for Endpoint<R, C> {
    fn clone(&self) -> Self {
        Self { plan: self.plan.clone(), caller: self.caller.clone(), resource: PhantomData }
    }
}

impl<R, C> fmt::Debug for Endpoint<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { format, settings, .. } = &*self.plan;
        f.debug_struct("Endpoint").field("format", format).field("settings", settings).finish_non_exhaustive()
    }
}
