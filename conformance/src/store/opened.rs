//! A store that is open, with the changes that clients bring to it. What goes wrong becomes a sentence.

use std::fmt;
use std::sync::Arc;

use put_core::change::Change;
use put_core::store::{Deletion, Key, Outcome, Reply, State, Store, StoreError};
use put_core::{Endpoint, Format, Precondition, PutResource};
use serde::de::DeserializeOwned;

use super::{Complaint, Kept, Place, ensure};

pub(super) struct Opened<R> {
    pub(super) store: Arc<dyn Store>,
    endpoint: Endpoint<R>,
}

impl<R> Clone for Opened<R> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), endpoint: self.endpoint.clone() }
    }
}

/// The store answered with an error where it should have answered.
fn failed(doing: &str, key: &impl fmt::Debug, error: &StoreError) -> Complaint {
    Complaint::Broken(format!("{doing} {key:?} failed: {error}"))
}

impl<R: PutResource> Opened<R> {
    pub(super) fn new(place: &impl Place) -> Result<Self, Complaint> {
        let store = place.open::<R>().map_err(|error| Complaint::Broken(format!("opening a store failed: {error}")))?;
        Ok(Self { endpoint: R::endpoint(Arc::clone(&store)), store })
    }

    pub(super) fn change(&self, value: &R) -> Result<(Key, Change), Complaint> {
        self.endpoint
            .change(value)
            .map_err(|error| Complaint::Broken(format!("a value of this suite is none: {error}")))
    }

    pub(super) fn key(&self, value: &R) -> Result<Key, Complaint> {
        Ok(self.change(value)?.0)
    }

    /// Hands a change to the store without waiting.
    pub(super) fn begin(&self, value: &R, precondition: Precondition) -> Result<Reply<Outcome>, Complaint> {
        let (key, change) = self.change(value)?;
        Ok(self.store.put(key, change, precondition))
    }

    /// The same with what a client sends, made into a change over this state.
    pub(super) fn begin_over(
        &self,
        content: &[u8],
        key: &R::Key,
        seen: Option<&State>,
        precondition: Precondition,
    ) -> Result<Reply<Outcome>, Complaint> {
        let change = self.endpoint.change_over(content, key, seen);
        let (key, change) =
            change.map_err(|error| Complaint::Broken(format!("a content of this suite is none: {error}")))?;
        Ok(self.store.put(key, change, precondition))
    }

    pub(super) async fn put(&self, value: &R, precondition: Precondition) -> Result<Outcome, Complaint> {
        let (key, change) = self.change(value)?;
        self.store.put(key.clone(), change, precondition).await.map_err(|error| failed("a put of", &key, &error))
    }

    /// Creates, and nothing else.
    pub(super) async fn create(&self, value: &R) -> Result<State, Complaint> {
        match self.put(value, Precondition::none()).await? {
            Outcome::Created(state) => Ok(state),
            other => Err(Complaint::Broken(format!("a put where nothing was came to {}", told(&other)))),
        }
    }

    /// Replaces, and nothing else.
    pub(super) async fn replace(&self, value: &R) -> Result<State, Complaint> {
        match self.put(value, Precondition::none()).await? {
            Outcome::Replaced(state) => Ok(state),
            other => Err(Complaint::Broken(format!("a put of other data came to {}", told(&other)))),
        }
    }

    pub(super) async fn get(&self, key: &Key) -> Result<Option<State>, Complaint> {
        self.store.get(key).await.map_err(|error| failed("a get of", key, &error))
    }

    pub(super) async fn delete(&self, key: &Key, precondition: Precondition) -> Result<Deletion, Complaint> {
        self.store.delete(key.clone(), precondition.into()).await.map_err(|error| failed("a delete of", key, &error))
    }

    pub(super) async fn list(&self, after: Option<&Key>, limit: usize) -> Result<Vec<State>, Complaint> {
        self.store.list(after.cloned(), limit).await.map_err(|error| failed("a list after", &after, &error))
    }

    /// That a get and a list show exactly this under the key.
    pub(super) async fn shows(&self, key: &Key, wanted: Option<&State>) -> Kept {
        let got = self.get(key).await?;
        ensure(got.as_ref() == wanted, || {
            format!("a get of {key:?} shows {}, not {}", state_told(got.as_ref()), state_told(wanted))
        })?;
        let (listed, shown) = (self.list(None, usize::MAX).await?, wanted.is_some());
        match wanted {
            Some(state) => ensure(listed.contains(state), || format!("a list does not show {}", state_told(wanted))),
            None => Ok(()),
        }?;
        let format = Format::of::<R>();
        let own = listed.iter().filter(|state| format.key_of(state.json()).as_ref() == Some(key)).count();
        ensure(own == usize::from(shown), || format!("a list shows {own} states under {key:?}"))
    }
}

/// The value of a state.
pub(super) fn value<T: DeserializeOwned>(state: &State) -> Result<T, Complaint> {
    serde_json::from_slice(state.json())
        .map_err(|error| Complaint::Broken(format!("{} cannot be read: {error}", state_told(Some(state)))))
}

/// An outcome in few words: states can be long.
pub(super) fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Created(state) => format!("Created, {}", state_told(Some(state))),
        Outcome::Replaced(state) => format!("Replaced, {}", state_told(Some(state))),
        Outcome::Unchanged(state) => format!("Unchanged, {}", state_told(Some(state))),
        Outcome::Failed(failed) => format!("{failed:?}"),
        Outcome::Conflict(violations) => format!("Conflict: {violations}"),
        Outcome::Invalid(violations) => format!("Invalid: {violations}"),
        Outcome::Refused(refused) => format!("{refused:?}"),
        Outcome::Overtaken(state) => format!("Overtaken, {}", state_told(state.as_deref())),
    }
}

pub(super) fn state_told(state: Option<&State>) -> String {
    let Some(state) = state else { return "nothing".to_owned() };
    let json = String::from_utf8_lossy(state.json());
    let start: String = json.chars().take(200).collect();
    let more = if start.len() < json.len() { " .." } else { "" };
    format!("{start}{more} with the tag {} and the date {:?}", state.tag(), state.modified())
}
