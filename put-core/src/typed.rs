//! The reads and writes of an endpoint for code outside HTTP, with the same rules and the same entity tags.
//!
//! One file, because the calls share how they find a key, let a caller pass and read a state.

use std::time::SystemTime;

use bytes::Bytes;

use crate::canonical::Json;
use crate::change::Change;
use crate::content::with_buffer;
use crate::endpoint::Endpoint;
use crate::entity_tag::EntityTag;
use crate::error::{Error, outrun, whole};
use crate::guard::not_under_a_lock;
use crate::observe::Observed;
use crate::precondition::Precondition;
use crate::proposal::{Prepared, Seen};
use crate::resource::{PutResource, Role};
use crate::rounds::Rounds;
use crate::rules::{Access, Action};
use crate::say::Caller;
use crate::store::{Deletion, Key, Outcome, State, StoreError};
use crate::violation::{Pointer, Violation};
use crate::watch::watched;

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

/// Reads and writes outside HTTP: in a job, for seeding, behind another handler.
impl<R: PutResource, C: Send + Sync + 'static> Endpoint<R, C> {
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
        match &self.plan.rulebook {
            Some(rulebook) => Ok(rulebook.reaches(&self.caller, state).await?),
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
