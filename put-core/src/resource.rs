//! The trait of a resource, and the facts that its derive states.
//!
//! One file, because it is read beside an expansion, which calls all of it.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::{Deserializer, Serialize, Serializer};

use crate::content::{Decode, decode};
use crate::endpoint::Endpoint;
use crate::member::Echo;
use crate::pattern::{Compile, Pattern};
use crate::probe::Probe;
use crate::store::StoreFor;
use crate::values::ValueFaults;

use crate::change::ServerValues;

/// A type whose values are replaced as a whole by PUT (RFC 9110, section 9.3.4).
///
/// Derived, not written by hand:
///
/// ```
/// use put_core::{MemoryStore, PutResource};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PutResource)]
/// #[put(path = "/api/users/{id}")]
/// struct User {
///     #[put(key)]
///     id: u64,
///     name: String,
///     nickname: Option<String>,
/// }
///
/// let users = User::endpoint(MemoryStore::new());
/// assert_eq!(users.path(), "/api/users/{id}");
/// ```
///
/// The members keep the names and the meaning that serde gives them. A map member is written with sorted names; a
/// `HashSet` has no order that could be kept, so use `BTreeSet` where the entity tag must not move by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a PUT resource",
    label = "needs `#[derive(PutResource)]`",
    note = "add `#[derive(serde::Serialize, serde::Deserialize, put_core::PutResource)]` and `#[put(path = \"/..\")]` to `{Self}`"
)]
pub trait PutResource: WriteJson + ReadJson + Send + Sync + 'static {
    /// The type of the key field, or a tuple of them in the order of the path.
    type Key;

    /// What the derive states.
    #[doc(hidden)]
    const FACTS: &'static Facts;

    /// The key field bound to the path parameter at this position.
    #[doc(hidden)]
    fn key_part(&self, part: usize) -> &dyn Display;

    /// The same of a key by itself.
    #[doc(hidden)]
    fn part_of(key: &Self::Key, part: usize) -> &dyn Display;

    /// The key whose parts are these texts, each in its one canonical spelling, in the order of the path.
    #[doc(hidden)]
    fn key_from(parts: &[&str]) -> Option<Self::Key>;

    /// Evaluates the expressions of the members that the server sets.
    #[doc(hidden)]
    fn server_values(values: &mut ServerValues) {
        let _ = values;
    }

    /// Whether there are value rules. Asked by the compiler: without them nothing of theirs is compiled.
    #[doc(hidden)]
    const VALUE_RULES: bool = false;

    /// Asks the value rules: `#[put(garde)]`, `#[put(validator)]`.
    #[doc(hidden)]
    fn value_rules(&self, faults: &mut ValueFaults) {
        let _ = faults;
    }

    /// The endpoint of this resource over a store, with the default profile.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// let notes = Note::endpoint(MemoryStore::new()).require_precondition().allow_delete();
    /// ```
    fn endpoint(store: impl StoreFor<Self>) -> Endpoint<Self>
    where
        Self: Sized,
    {
        Endpoint::new(store)
    }
}

/// A type that serde can read from JSON, in the words of this project.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from JSON",
    label = "needs `#[derive(serde::Deserialize)]`",
    note = "a PUT resource is read from and written to JSON by serde"
)]
pub trait ReadJson: Sized {
    /// Reads a value. A method, because with serde's trait above this one the compiler would speak of serde's.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> ReadJson for T {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer)
    }
}

/// A type that serde can write as JSON, in the words of this project.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as JSON",
    label = "needs `#[derive(serde::Serialize)]`",
    note = "a PUT resource is read from and written to JSON by serde"
)]
pub trait WriteJson {
    /// Writes the value.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}
#[diagnostic::do_not_recommend]
impl<T: Serialize> WriteJson for T {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

/// What is known of a resource when it is compiled.
#[doc(hidden)]
#[derive(Debug)]
pub struct Facts {
    /// The name of the struct.
    pub(crate) name: &'static str,
    /// The path with its parameters, as written.
    pub(crate) path: &'static str,
    /// The members in the order of the struct.
    pub(crate) members: &'static [Member],
    pub(crate) allow_unknown: bool,
    /// Reads the type and writes its canonical JSON: the only code that is compiled once for each resource.
    pub(crate) decode: Decode,
    pub(crate) server_values: fn(&mut ServerValues),
}

impl Facts {
    /// The facts of `R`: `Facts::new::<Self>("User", "/users/{id}", &[..])`.
    #[must_use]
    pub const fn new<R: PutResource>(name: &'static str, path: &'static str, members: &'static [Member]) -> Self {
        Self { name, path, members, allow_unknown: false, decode: decode::<R>, server_values: R::server_values }
    }

    /// `#[put(allow_unknown)]`.
    #[must_use]
    pub const fn allow_unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }
}

/// What is known of one member when it is compiled.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is said by itself")]
pub struct Member {
    /// serde's name.
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) probe: fn(Probe<'_>),
    pub(crate) absence: Absence,
    pub(crate) role: Role,
    pub(crate) required: bool,
    pub(crate) flatten: bool,
    pub(crate) last_modified: bool,
    pub(crate) given: Given,
    /// What becomes of a member that the server sets and the client sends.
    pub(crate) echo: Echo,
    /// Whether a create-only or write-only member that a replacement leaves out keeps what is stored.
    pub(crate) keeps: bool,
    /// What is kept in the place of what a client sent.
    pub(crate) store_with: Option<StoreWith>,
    /// What the whole text of a key must match.
    pub(crate) pattern: Option<(&'static str, Compile)>,
    /// For stores that have a column for each member.
    pub(crate) column: Option<&'static str>,
    pub(crate) column_type: Option<&'static str>,
}

/// From the JSON of what a client sent to the JSON of what is kept.
#[doc(hidden)]
pub type StoreWith = fn(&str) -> Result<String, String>;

/// Whether serde accepts the member's absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// The type decides; the probe asks it.
    ByType,
    /// `#[serde(default)]`.
    Accepted,
    /// `#[serde(with)]` or `deserialize_with` without a default: serde does not ask the type.
    Refused,
}

/// Who sets the member, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    Client,
    Key {
        part: usize,
        canonical: fn(&str) -> bool,
    },
    Immutable,
    /// The client, at creation; later it may be left out.
    CreateOnly,
    /// The client, and no representation shows it.
    WriteOnly,
    ReadOnly,
    Version {
        max: u64,
    },
}

/// When the server gives a read-only member its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    Never,
    AtCreation,
    /// And at creation.
    AtEachChange,
}

impl Member {
    /// A member that the client sets: `Member::new("name", private::probe::<String>)`.
    #[must_use]
    pub const fn new(name: &'static str, probe: fn(Probe<'_>)) -> Self {
        Self {
            name,
            aliases: &[],
            probe,
            absence: Absence::ByType,
            role: Role::Client,
            required: false,
            flatten: false,
            last_modified: false,
            given: Given::Never,
            echo: Echo::Ignore,
            keeps: false,
            store_with: None,
            pattern: None,
            column: None,
            column_type: None,
        }
    }

    /// `#[serde(alias = "..")]`, all of them.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// `#[serde(default)]` on the field.
    #[must_use]
    pub const fn has_default(mut self) -> Self {
        self.absence = Absence::Accepted;
        self
    }

    /// `#[serde(with)]` or `#[serde(deserialize_with)]`, without a default.
    #[must_use]
    pub const fn read_by_function(mut self) -> Self {
        self.absence = Absence::Refused;
        self
    }

    /// `#[serde(flatten)]`: the names are those of the part.
    #[must_use]
    pub const fn flatten(mut self) -> Self {
        self.flatten = true;
        self
    }

    /// `#[put(key)]`, bound to the parameter at this position: `.key(0, <u64 as KeyField>::is_canonical)`.
    #[must_use]
    pub const fn key(mut self, part: usize, canonical: fn(&str) -> bool) -> Self {
        self.role = Role::Key { part, canonical };
        self
    }

    /// `#[put(pattern = "..")]`, on a key.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some((pattern, Pattern::compile));
        self
    }

    /// `#[put(read_only)]`.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.role = Role::ReadOnly;
        self
    }

    /// `#[put(echo = "require_equal")]`.
    #[must_use]
    pub const fn echo_require_equal(mut self) -> Self {
        self.echo = Echo::RequireEqual;
        self
    }

    /// `#[put(echo = "reject")]`.
    #[must_use]
    pub const fn echo_reject(mut self) -> Self {
        self.echo = Echo::Reject;
        self
    }

    /// `#[put(on_create = ..)]`; the value itself is one of [`PutResource::server_values`].
    #[must_use]
    pub const fn set_on_create(mut self) -> Self {
        if matches!(self.given, Given::Never) {
            self.given = Given::AtCreation;
        }
        self
    }

    /// `#[put(on_replace = ..)]`, likewise.
    #[must_use]
    pub const fn set_on_replace(mut self) -> Self {
        self.given = Given::AtEachChange;
        self
    }

    /// `#[put(immutable)]`.
    #[must_use]
    pub const fn immutable(mut self) -> Self {
        self.role = Role::Immutable;
        self
    }

    /// `#[put(create_only)]`.
    #[must_use]
    pub const fn create_only(mut self) -> Self {
        self.role = Role::CreateOnly;
        self
    }

    /// `#[put(write_only)]`.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.role = Role::WriteOnly;
        self
    }

    /// `#[put(absent = "keep")]`, and a member of the two above that has to be there at creation.
    #[must_use]
    pub const fn absent_keeps(mut self) -> Self {
        self.keeps = true;
        self
    }

    /// `#[put(store_with = ..)]`: `.store_with(|json| private::stored_with::<String, _>(json, hash))`.
    #[must_use]
    pub const fn store_with(mut self, store_with: StoreWith) -> Self {
        self.store_with = Some(store_with);
        self
    }

    /// `#[put(required)]`.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// `#[put(version)]`: `.version(private::version::<u64>())`.
    #[must_use]
    pub const fn version(mut self, max: u64) -> Self {
        self.role = Role::Version { max };
        self
    }

    /// `#[put(last_modified)]`.
    #[must_use]
    pub const fn last_modified(mut self) -> Self {
        self.last_modified = true;
        self
    }

    /// `#[put(column = "..")]`.
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Self {
        self.column = Some(column);
        self
    }

    /// `#[put(column_type = "..")]`.
    #[must_use]
    pub const fn column_type(mut self, column_type: &'static str) -> Self {
        self.column_type = Some(column_type);
        self
    }

    /// Whether the server sets the member, so that what a client sends of it is passed over.
    pub(crate) const fn is_server_managed(&self) -> bool {
        matches!(self.role, Role::ReadOnly | Role::Version { .. })
    }
}
