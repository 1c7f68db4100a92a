//! The port to a store: keys and states go through it, no resource type and no HTTP. One file, because who writes a
//! store reads all of it.
//!
//! # Rules for implementors
//!
//! 1. **The only write is conditional.** [`Store::put`] decides with [`Change::decide`], [`Store::delete`] with
//!    [`Removal::decide`], against the state that is really replaced or removed, inside the same lock or transaction as
//!    the write. A check before it may refuse, never permit.
//! 2. **An error is not an absence.** A read that fails is a [`StoreError`]; `None` means that the store knows there
//!    is nothing.
//! 3. **Acknowledged is kept.** `put` and `delete` resolve after the write is as durable as the store promises, and
//!    a read that begins afterwards sees it.
//! 4. **[`Decision::Answer`] writes nothing**: an unchanged replacement keeps tag and modification date.
//! 5. **A dropped future neither half-writes nor wedges the store.** Use [`Reply::detached`] when the work goes
//!    on elsewhere; the engine finishes any other future that has begun, in a task of its own.
//! 6. **A deleted key is gone**: creating it again starts from [`Change::decide`] with no current state.
//! 7. [`Store::list`] goes up in the order of [`Key`].
//! 8. **A state is all of its JSON**, with the members that no representation shows: what is kept, and what `get` and `list`
//!    hand out, is [`State::json`].
//! 9. **[`Outcome::Overtaken`] and [`Refused`] are answers** like any other. Nothing was written, and nothing is tried again
//!    here: whoever made the change makes it anew, from the state that the answer shows.
//!
//! # A store that decides in its own language
//!
//! It may do so with what [`Precondition::demand`], [`Removal::demand`], [`Change::created`], [`Change::at_change`] and
//! [`Change::immutable`] say, unless [`Change::must_be_decided`], or a removal demands
//! [`Demand::State`](crate::Demand::State). Then it looks at the state, decides with `decide`, and writes over exactly what it
//! looked at, or decides again. What the store itself has against a change (a value that it cannot hold, a constraint) is told
//! after [`Change::answer_before`]: who is not to know of the resource, or has lost it, hears of that first.
//!
//! # Code that is not the store's
//!
//! In `decide` runs the application's: rules that compute, under the store's lock. They are asked once and must come to an end
//! at once; one that waits, fails or panics there is caught, and comes to [`Overtaken`](Outcome::Overtaken). The resource's own
//! serde may run in there too, and its panic is not caught: a thread that serves many changes must stand one, and a lock
//! must not stay poisoned. Deciding writes nothing, so nothing is left half done. A rule never calls into a store from
//! there, and a store never asks one.
//!
//! Who makes a change is [`Change::caller`] and [`Removal::caller`], for a store that lets the application write in the same
//! transaction.
//!
//! `put-conformance` asks a store about each of them: its feature `store` is a test that runs over any store.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::change::Change;
use crate::entity_tag::EntityTag;
use crate::precondition::{Condition, Precondition};
use crate::violation::Violations;

pub use crate::meters::Meters;
pub use crate::removal::Removal;
pub use crate::written::{Done, Written};

#[cfg(doc)]
use crate::change::Decision;

/// Where the states of one resource type are kept. See the [module](self) for the rules.
///
/// ```
/// use put_core::PutResource;
/// use put_core::store::{Store, StoreFor};
/// # use put_core::MemoryStore;
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
///
/// let store: std::sync::Arc<dyn Store> = MemoryStore::<Note>::new().into_store();
/// let notes = Note::endpoint(store);
/// ```
pub trait Store: Send + Sync + 'static {
    /// The state under this key, if there is one.
    fn get(&self, key: &Key) -> Reply<Option<State>>;

    /// Decides the change against the current state and writes it if it may be written, as one step.
    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome>;

    /// Decides the removal against the current state and removes it if it may be removed, as one step.
    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion>;

    /// The states whose keys come after this one, in the order of [`Key`], at most `limit`.
    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>>;
}

/// A store that can hold the resource `R`.
///
/// ```
/// # use put_core::{MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
/// let notes = Note::endpoint(MemoryStore::new());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `{R}`",
    label = "not a store for `{R}`",
    note = "a store is typed by its resource: pass `MemoryStore::new()`, `database.store::<{R}>()?`, or an `Arc<dyn Store>`"
)]
pub trait StoreFor<R> {
    /// The store behind the port.
    fn into_store(self) -> Arc<dyn Store>;
}

impl<R> StoreFor<R> for Arc<dyn Store> {
    fn into_store(self) -> Arc<dyn Store> {
        self
    }
}

/// The key of one resource as a store sees it: its path parameters in order.
///
/// Integers are ordered as numbers and stand before texts.
///
/// ```
/// use put_core::store::{Key, KeyPart};
///
/// let nine = Key::from(vec![KeyPart::Integer(9)]);
/// assert!(nine < Key::from(vec![KeyPart::Integer(10)]));
/// assert_eq!(nine.to_string(), "9");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Parts);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Parts {
    One(KeyPart),
    Many(Box<[KeyPart]>),
}

/// One path parameter of a key, in the canonical spelling of its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyPart {
    /// A whole number between `i64::MIN` and `u64::MAX`.
    Integer(i128),
    /// Anything else, as its type displays it.
    Text(Box<str>),
}

impl KeyPart {
    /// The part for a canonical text; numeric if its type is.
    pub(crate) fn new(text: &str, integer: bool) -> Self {
        if integer
            && let Ok(number) = text.parse::<i128>()
            && (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number)
            && (text.starts_with(|first: char| ('1'..='9').contains(&first))
                || text == "0"
                || (text.starts_with('-') && number != 0))
        {
            return Self::Integer(number);
        }
        Self::Text(text.into())
    }
}

impl Key {
    /// The parts in the order of the path.
    #[must_use]
    pub fn parts(&self) -> &[KeyPart] {
        match &self.0 {
            Parts::One(part) => std::slice::from_ref(part),
            Parts::Many(parts) => parts,
        }
    }
}

impl Key {
    /// The texts of the parts, in the spelling of the path.
    pub(crate) fn with_texts<T>(&self, take: impl FnOnce(&[&str]) -> T) -> T {
        if let Parts::One(part) = &self.0 {
            return take(&[part.text(&mut Digits::default())]);
        }
        let mut digits = vec![Digits::default(); self.parts().len()];
        let texts: Vec<&str> = self.parts().iter().zip(&mut digits).map(|(part, digits)| part.text(digits)).collect();
        take(&texts)
    }
}

/// Room for the digits of a whole number.
#[derive(Clone, Default)]
struct Digits {
    text: [u8; 24],
    length: usize,
}

impl fmt::Write for Digits {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let end = self.length + piece.len();
        self.text.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(piece.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl KeyPart {
    fn text<'a>(&'a self, digits: &'a mut Digits) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Integer(number) => {
                // No integer of a key is longer than the room.
                let _ = fmt::Write::write_fmt(digits, format_args!("{number}"));
                digits.text.get(..digits.length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
            }
        }
    }
}

impl From<KeyPart> for Key {
    fn from(part: KeyPart) -> Self {
        Self(Parts::One(part))
    }
}

impl From<Vec<KeyPart>> for Key {
    fn from(mut parts: Vec<KeyPart>) -> Self {
        match (parts.len(), parts.pop()) {
            (1, Some(part)) => Self(Parts::One(part)),
            (_, last) => {
                parts.extend(last);
                Self(Parts::Many(parts.into()))
            }
        }
    }
}

impl fmt::Display for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => fmt::Display::fmt(number, f),
            Self::Text(text) => fmt::Display::fmt(text, f),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts().iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            fmt::Display::fmt(part, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parts()).finish()
    }
}

/// What a store keeps of one resource: its canonical JSON, and when that was last modified.
///
/// Made by [`Format::state`](crate::Format::state) from what was stored, or by [`Change::decide`].
#[derive(PartialEq, Eq)]
pub struct State {
    json: Json,
    tag: EntityTag,
    modified: Option<SystemTime>,
}

/// What is kept. No larger than what is shown, because every write moves it about.
#[derive(Clone, PartialEq, Eq)]
enum Json {
    /// All of it is shown.
    Shown(Bytes),
    /// With members that are never shown, and without.
    Both(Box<(Bytes, Bytes)>),
}

// Written out for the hint: every write clones its state once, and the hint of a derive is none.
impl Clone for State {
    #[inline]
    fn clone(&self) -> Self {
        Self { json: self.json.clone(), tag: self.tag.clone(), modified: self.modified }
    }
}

/// What is never shown, is not shown here either.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, modified, .. } = self;
        f.debug_struct("State")
            .field("representation", self.representation())
            .field("tag", tag)
            .field("modified", modified)
            .finish()
    }
}

impl State {
    #[inline]
    pub(crate) fn new(json: Bytes, shown: Option<Bytes>, tag: EntityTag, modified: Option<SystemTime>) -> Self {
        let json = match shown {
            None => Json::Shown(json),
            Some(shown) => Json::Both(Box::new((json, shown))),
        };
        Self { json, tag, modified }
    }

    /// The canonical JSON: all that is kept.
    #[inline]
    #[must_use]
    pub fn json(&self) -> &Bytes {
        match &self.json {
            Json::Shown(json) => json,
            Json::Both(both) => &both.0,
        }
    }

    /// The representation: the same without the members that are `write_only`.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// let state = Format::of::<Note>().state(r#"{"id":7}"#.into(), None).unwrap();
    /// assert_eq!(state.representation(), state.json(), "nothing of a note is secret");
    /// ```
    #[inline]
    #[must_use]
    pub fn representation(&self) -> &Bytes {
        match &self.json {
            Json::Shown(json) => json,
            Json::Both(both) => &both.1,
        }
    }

    /// The current entity tag, derived from the representation or from the version it holds.
    #[must_use]
    pub fn tag(&self) -> &EntityTag {
        &self.tag
    }

    /// When the state was last modified, where the store knows.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }
}

/// What became of a [`Store::put`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing, and now there is this.
    Created(State),
    /// The current state was replaced by this one.
    Replaced(State),
    /// The current state is what was wanted; nothing was written.
    Unchanged(State),
    /// The precondition was false; nothing was written.
    Failed(Failed),
    /// It clashes with what is stored: a member that never changes would, or the store holds a rule over several
    /// resources, such as a unique value. Nothing was written.
    Conflict(Violations),
    /// The store cannot hold such a value, or has a rule of its own that it breaks, or the application has. Nothing was
    /// written.
    Invalid(Violations),
    /// The application refuses it. Nothing was written.
    Refused(Refused),
    /// The change was made for another current state than this one: another write came between. Nothing was written;
    /// whoever made the change makes it anew.
    Overtaken(Option<Box<State>>),
}

/// What became of a [`Store::delete`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The state is gone.
    Deleted,
    /// There was none.
    Absent,
    /// The precondition was false; nothing was removed.
    Failed(Failed),
    /// Something else that is stored needs it, or the application does; nothing was removed.
    Conflict(Violations),
    /// The application refuses it; nothing was removed.
    Refused(Refused),
    /// The removal was permitted of another current state than this one; nothing was removed.
    Overtaken(Option<Box<State>>),
}

/// Why the application refuses a write of the current state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// For this caller there is nothing under the key.
    Hidden,
    /// The caller may not do this; the text says what and why.
    Forbidden(String),
}

/// A false precondition and what is there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The condition that was false.
    pub condition: Condition,
    /// The current state; `None` if there is none. Boxed, because outcomes are moved about and few of them are this one.
    pub current: Option<Box<State>>,
}

impl Failed {
    /// The failure of this condition against this current state.
    #[must_use]
    pub fn new(condition: Condition, current: Option<&State>) -> Self {
        Self { condition, current: current.cloned().map(Box::new) }
    }

    /// The entity tag of the current state; `None` if there is none.
    #[must_use]
    pub fn tag(&self) -> Option<&EntityTag> {
        self.current.as_deref().map(State::tag)
    }
}

/// Why a store could not do what it was asked. Never "absent", and never shown to a client: the log has the source.
///
/// ```
/// use put_core::store::StoreError;
/// use std::time::Duration;
///
/// let full = StoreError::busy(Duration::from_secs(1), "the write queue is full");
/// assert_eq!(full.retry_after(), Some(Duration::from_secs(1)));
/// ```
#[derive(Debug)]
pub struct StoreError {
    retry_after: Option<Duration>,
    source: Box<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// The store cannot answer now but is likely to after this time: a full queue, a lost connection, a full disk.
    pub fn busy(retry_after: Duration, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { retry_after: Some(retry_after), source: source.into() }
    }

    /// The store failed in a way that waiting is not known to mend.
    pub fn failed(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { retry_after: None, source: source.into() }
    }

    /// When another try makes sense; `None` if nothing says that it will go better.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store: {}", self.source)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// The answer of a store, now or later.
///
/// ```
/// use put_core::store::Reply;
///
/// let now = Reply::ready(Ok(1));
/// let later: Reply<i32> = Reply::new(async { Ok(2) });
/// ```
#[must_use = "a store's answer does nothing unless awaited"]
pub struct Reply<T>(Inner<T>);

enum Inner<T> {
    Ready(Option<Result<T, StoreError>>),
    Driven(Boxed<T>),
    Detached(Boxed<T>),
}

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

impl<T> Reply<T> {
    /// An answer that is already known.
    pub fn ready(answer: Result<T, StoreError>) -> Self {
        Self(Inner::Ready(Some(answer)))
    }

    /// An answer that comes by driving this future. Once it has begun, the engine drives a write to its end.
    pub fn new(future: impl Future<Output = Result<T, StoreError>> + Send + 'static) -> Self {
        Self(Inner::Driven(Box::pin(future)))
    }

    /// An answer that is worked out elsewhere, on a thread of the store say: dropping this future stops nothing.
    pub fn detached(future: impl Future<Output = Result<T, StoreError>> + Send + 'static) -> Self {
        Self(Inner::Detached(Box::pin(future)))
    }

    /// The answer if it is known, or else this again.
    pub(crate) fn now(self) -> Result<Result<T, StoreError>, Self> {
        match self.0 {
            Inner::Ready(Some(answer)) => Ok(answer),
            later => Err(Self(later)),
        }
    }

    /// Whether the work goes on by itself when this is dropped.
    pub(crate) fn goes_on_alone(&self) -> bool {
        !matches!(self.0, Inner::Driven(_))
    }
}

// Nothing is pinned in place: a ready answer is only moved out, the futures are boxed.
impl<T> Unpin for Reply<T> {}

impl<T> Future for Reply<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Inner::Ready(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Inner::Driven(future) | Inner::Detached(future) => future.as_mut().poll(context),
        }
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Inner::Ready(_) => "Reply::ready",
            Inner::Driven(_) => "Reply::new",
            Inner::Detached(_) => "Reply::detached",
        })
    }
}
