//! The typed front of the engine: policy of one mount, and the same reads and writes for code outside HTTP.
//!
//! One file, because the switches and the typed calls are all that an application calls.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Method};

use crate::canonical::Json;
use crate::change::Change;
use crate::content::with_buffer;
use crate::engine::Engine;
use crate::entity_tag::EntityTag;
use crate::format::Format;
use crate::host::Host;
use crate::precondition::{Condition, Precondition};
use crate::proposal::Refusal;
use crate::resource::PutResource;
use crate::settings::Settings;
use crate::store::{Deletion, Failed, Key, Outcome, State, Store, StoreError, StoreFor};
use crate::violation::{Pointer, Violation, Violations};

/// A resource over a store, with the policy of one mount. Made by [`PutResource::endpoint`]; cloning is cheap.
///
/// The switches change what the standards leave open; each names its default.
pub struct Endpoint<R> {
    plan: Plan,
    resource: PhantomData<fn() -> R>,
}

/// What there is to an endpoint besides its type.
#[derive(Clone)]
struct Plan {
    format: Format,
    store: Arc<dyn Store>,
    settings: Settings,
}

impl Plan {
    fn new(format: Format, store: Arc<dyn Store>) -> Self {
        Self { format, store, settings: Settings::default() }
    }

    fn mount(self, host: Host) -> Arc<Engine> {
        Engine::new(self.format, self.store, self.settings, host)
    }
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
    /// The value or its key breaks rules of the resource, or of the store.
    Violations(Violations),
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
            Self::Store(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Violations(violations) | Self::Conflict(violations) => Some(violations),
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
            condition => Self::PreconditionFailed(condition, failed.current),
        }
    }
}

impl<R: PutResource> Endpoint<R> {
    pub(crate) fn new(store: impl StoreFor<R>) -> Self {
        Self { plan: Plan::new(Format::of::<R>(), store.into_store()), resource: PhantomData }
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
        self.plan.mount(host)
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// [`Error::Store`]; and [`Error::Violations`] if the key has no canonical spelling.
    pub async fn get(&self, key: &R::Key) -> Result<Option<Stored<R>>, Error> {
        let key = self.key(&|part| R::part_of(key, part).to_string())?;
        self.plan.store.get(&key).await?.map(|state| read(&state)).transpose()
    }

    /// Writes a resource under its own key, by the rules and with the tags of a PUT: members that only the server sets
    /// are set by it, whatever the value says. A write that has begun is done even if this future is dropped, if the
    /// store works it out elsewhere.
    ///
    /// # Errors
    /// Every one of [`Error`].
    pub async fn put(&self, value: R, precondition: Precondition) -> Result<Written<R>, Error> {
        let (key, change) = self.change(&value)?;
        let precondition = Precondition {
            must_exist: precondition.must_exist || self.plan.settings.update_only,
            accept_replay: precondition.accept_replay || self.plan.settings.accept_replay,
            ..precondition
        };
        Ok(match self.plan.store.put(key, change, precondition).await? {
            Outcome::Created(state) => Written::Created(read(&state)?),
            Outcome::Replaced(state) => Written::Replaced(read(&state)?),
            Outcome::Unchanged(state) => Written::Unchanged(read(&state)?),
            Outcome::Failed(failed) => return Err(failed.into()),
            Outcome::Conflict(violations) => return Err(Error::Conflict(violations)),
            Outcome::Invalid(violations) => return Err(Error::Violations(violations)),
        })
    }

    /// The key and the change that [`put`](Self::put) hands to the store for this value: what a test of a store needs,
    /// which looks at the [`Store`] itself.
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
        let propose = |texts: &[&str]| self.plan.format.propose(&content, texts);
        let change = key.with_texts(propose).map_err(|refusal| match refusal {
            Refusal::Syntax(fault) => whole(fault.reason),
            Refusal::Violations(violations) => Error::Violations(violations),
            Refusal::Server(reason) => Error::Store(StoreError::failed(reason)),
        })?;
        Ok((key, change))
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// [`Error::Absent`], [`Error::PreconditionFailed`], [`Error::Conflict`] if something else needs the resource,
    /// [`Error::Store`]; and [`Error::Violations`] if the key has no canonical spelling.
    pub async fn delete(&self, key: &R::Key, precondition: Precondition) -> Result<(), Error> {
        let key = self.key(&|part| R::part_of(key, part).to_string())?;
        match self.plan.store.delete(key, precondition).await? {
            Deletion::Deleted => Ok(()),
            Deletion::Absent => Err(Error::Absent),
            Deletion::Failed(failed) => Err(failed.into()),
            Deletion::Conflict(violations) => Err(Error::Conflict(violations)),
        }
    }

    /// The resources whose keys come after this one, at most `limit`: integers in the order of numbers, before texts in
    /// the order of their octets.
    ///
    /// # Errors
    /// [`Error::Store`]; and [`Error::Violations`] if the key has no canonical spelling.
    pub async fn list(&self, after: Option<&R::Key>, limit: usize) -> Result<Vec<Stored<R>>, Error> {
        let after = after.map(|key| self.key(&|part| R::part_of(key, part).to_string())).transpose()?;
        self.plan.store.list(after, limit).await?.iter().map(read).collect()
    }

    fn key(&self, part: &dyn Fn(usize) -> String) -> Result<Key, Error> {
        let texts: Vec<String> = (0..self.plan.format.keys().len()).map(part).collect();
        self.plan.format.key(texts.iter().map(String::as_str)).map_err(|index| {
            let (name, demand) =
                self.plan.format.keys().get(index).map_or_else(Default::default, |key| (key.name, key.demand()));
            let detail = format!("is not a key that reads back as it is written{demand}");
            Error::Violations(vec![Violation::new(Pointer::root().member(name), detail)].into())
        })
    }
}

fn whole(detail: String) -> Error {
    Error::Violations(vec![Violation::new(Pointer::root(), detail)].into())
}

fn read<R: PutResource>(state: &State) -> Result<Stored<R>, Error> {
    let mut json = serde_json::Deserializer::from_slice(state.json());
    let value = R::read(&mut json)
        .and_then(|value| json.end().map(|()| value))
        .map_err(|error| StoreError::failed(format!("the stored state cannot be read: {error}")))?;
    Ok(Stored { value, tag: state.tag().clone(), modified: state.modified() })
}

impl<R> Clone for Endpoint<R> {
    fn clone(&self) -> Self {
        Self { plan: self.plan.clone(), resource: PhantomData }
    }
}

impl<R> fmt::Debug for Endpoint<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { format, settings, .. } = &self.plan;
        f.debug_struct("Endpoint").field("format", format).field("settings", settings).finish_non_exhaustive()
    }
}
