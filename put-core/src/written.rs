//! What a store tells the application of a write that is not committed yet.

use crate::say::Caller;
use crate::store::{Key, State};

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Done {
    /// There was nothing, and now there is a resource.
    Created,
    /// The resource has another state.
    Replaced,
    /// The resource is gone.
    Deleted,
}

/// What was written, or removed, and is not committed yet: what a store tells the application's own statements, which it runs
/// within the same transaction.
///
/// ```
/// use put_core::store::{Done, Written};
///
/// fn line(written: &Written<'_>) -> String {
///     let text = |state: &put_core::store::State| String::from_utf8_lossy(state.json()).into_owned();
///     match written.done() {
///         Done::Created => format!("{} is new", written.key()),
///         Done::Replaced => format!("{} was {}", written.key(), written.before().map(text).unwrap_or_default()),
///         Done::Deleted => format!("{} is gone", written.key()),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Written<'w> {
    key: &'w Key,
    before: Option<&'w State>,
    after: Option<&'w State>,
    caller: Option<&'w Caller>,
}

impl<'w> Written<'w> {
    /// What a store has written under this key, over the one state and with the other; `after` is `None` for a removal.
    ///
    /// ```
    /// use put_core::store::{Done, Key, KeyPart, Written};
    ///
    /// let key = Key::from(KeyPart::Integer(7));
    /// let gone = Written::new(&key, None, None, None);
    /// assert_eq!(gone.done(), Done::Deleted);
    /// ```
    #[must_use]
    pub fn new(key: &'w Key, before: Option<&'w State>, after: Option<&'w State>, caller: Option<&'w Caller>) -> Self {
        Self { key, before, after, caller }
    }

    /// The key of the resource.
    #[must_use]
    pub fn key(&self) -> &'w Key {
        self.key
    }

    /// What was done.
    #[must_use]
    pub fn done(&self) -> Done {
        match (self.before, self.after) {
            (_, None) => Done::Deleted,
            (None, Some(_)) => Done::Created,
            (Some(_), Some(_)) => Done::Replaced,
        }
    }

    /// The state that there was, `write_only` members included; what others will read is made from its
    /// [`representation`](State::representation).
    #[must_use]
    pub fn before(&self) -> Option<&'w State> {
        self.before
    }

    /// The state that there is now, likewise.
    #[must_use]
    pub fn after(&self) -> Option<&'w State> {
        self.after
    }

    /// Who did it: what the endpoint's [`caller`](crate::Endpoint::caller) names, as the authentication of the
    /// application left it in the extensions of the request. `None` for a request without, and for the application itself.
    ///
    /// ```
    /// use put_core::store::Written;
    ///
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// fn line(written: &Written<'_>) -> String {
    ///     let name = written.caller::<User>().map_or("somebody", |user| &user.name);
    ///     format!("{name} wrote {}", written.key())
    /// }
    /// ```
    #[must_use]
    pub fn caller<C: 'static>(&self) -> Option<&'w C> {
        self.caller?.get()
    }
}
