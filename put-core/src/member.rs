//! The members of a resource, for a store that looks into states: one that spreads them over the columns of a table
//! must know what each of them holds, and who sets it.
//!
//! ```
//! use put_core::member::{Integer, Kind, SetBy};
//! use put_core::{Format, PutResource};
//! # use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PutResource)]
//! #[put(path = "/notes/{id}")]
//! struct Note {
//!     #[put(key)]
//!     id: u64,
//!     text: Option<String>,
//! }
//!
//! let format = Format::of::<Note>();
//! let [id, text] = &format.members().collect::<Vec<_>>()[..] else { panic!("two members") };
//! assert_eq!((id.name(), id.kind(), id.set_by()), ("id", Kind::Integer(Integer::U64), SetBy::Key { part: 0 }));
//! assert_eq!((text.name(), text.kind(), text.set_by()), ("text", Kind::String, SetBy::Client));
//! assert!(text.takes_null() && text.may_be_absent());
//! ```
//!
//! One file, because it is read as one page, and most of it is examples.

use std::fmt;

use crate::format::Known;
use crate::resource::{Given, Role};

/// The JSON that a type reads, which is what it writes.
///
/// ```
/// use put_core::member::{Integer, Kind};
/// # use put_core::{Format, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/songs/{title}")]
/// # struct Song { #[put(key)] title: String, seconds: u16, tags: Vec<String>, more: serde_json::Value }
/// // struct Song { title: String, seconds: u16, tags: Vec<String>, more: serde_json::Value }
/// let kinds: Vec<Kind> = Format::of::<Song>().members().map(|member| member.kind()).collect();
/// assert_eq!(kinds, [Kind::String, Kind::Integer(Integer::U16), Kind::Array, Kind::Any]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer(Integer),
    /// A number.
    Number,
    /// A text.
    String,
    /// A list, or a tuple.
    Array,
    /// A struct, or a map.
    Object,
    /// An enum: a string or an object, as the variant has it.
    Variant,
    /// The type looks at the content to decide.
    Any,
}

macro_rules! integers {
    ($($variant:ident = $type:ident;)*) => {
        /// The integer that a type reads. Those of the size of a pointer have 64 bits for serde.
        ///
        /// ```
        /// use put_core::member::Integer;
        ///
        /// let fits_a_bigint = |integer: Integer| integer.bits() <= if integer.is_signed() { 64 } else { 32 };
        /// assert!(fits_a_bigint(Integer::I64) && fits_a_bigint(Integer::U32));
        /// assert!(!fits_a_bigint(Integer::U64));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Integer {
            $(#[doc = concat!("`", stringify!($type), "`")] $variant,)*
        }

        impl Integer {
            /// How many bits it has.
            ///
            /// ```
            /// assert_eq!(put_core::member::Integer::U128.bits(), 128);
            /// ```
            #[must_use]
            pub const fn bits(self) -> u32 {
                match self { $(Self::$variant => $type::BITS,)* }
            }

            /// Whether it can be negative.
            ///
            /// ```
            /// assert!(put_core::member::Integer::I8.is_signed());
            /// ```
            #[must_use]
            pub const fn is_signed(self) -> bool {
                match self { $(Self::$variant => $type::MIN != 0,)* }
            }
        }
    };
}

integers! {
    I8 = i8;
    I16 = i16;
    I32 = i32;
    I64 = i64;
    I128 = i128;
    U8 = u8;
    U16 = u16;
    U32 = u32;
    U64 = u64;
    U128 = u128;
}

/// Who sets a member, and when.
///
/// ```
/// use put_core::member::SetBy;
/// # use put_core::{Format, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/orders/{id}")]
/// # struct Order { #[put(key)] id: u64, #[put(immutable)] currency: String, #[put(version)] version: i64 }
/// // struct Order { #[put(key)] id: u64, #[put(immutable)] currency: String, #[put(version)] version: i64 }
/// let set_by: Vec<SetBy> = Format::of::<Order>().members().map(|member| member.set_by()).collect();
/// assert_eq!(set_by, [SetBy::Key { part: 0 }, SetBy::Immutable, SetBy::Version { max: i64::MAX.unsigned_abs() }]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetBy {
    /// The path has it.
    Key {
        /// Which part of the key it is, in the order of the path.
        part: usize,
    },
    /// The client, with each PUT; one that is [`create_only`](Member::is_create_only) at creation only, and one that is
    /// [`write_only`](Member::is_write_only) with those that name it.
    Client,
    /// The client, at creation only.
    Immutable,
    /// The server, or another program. Where the server gives no value, serde's default is the first one, and the one
    /// that is stored stays.
    Server {
        /// Whether the server gives a value at creation.
        at_creation: bool,
        /// Whether the server gives a value at each real change.
        at_change: bool,
    },
    /// The server counts the changes in it.
    Version {
        /// The greatest version.
        max: u64,
    },
}

/// What becomes of a member that only the server sets, if a client sends it.
///
/// ```
/// use put_core::member::Echo;
/// # use put_core::{Format, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/invoices/{id}")]
/// # struct Invoice {
/// #     #[put(key)] id: u64,
/// #     #[put(read_only)] seen: Option<u64>,
/// #     #[put(read_only, echo = "reject")] paid: Option<u64>,
/// #     #[put(version, echo = "require_equal")] version: u64,
/// # }
/// // #[put(read_only)] seen: Option<u64>,
/// // #[put(read_only, echo = "reject")] paid: Option<u64>,
/// // #[put(version, echo = "require_equal")] version: u64,
/// let echoes: Vec<Option<Echo>> = Format::of::<Invoice>().members().map(|member| member.echo()).collect();
/// assert_eq!(echoes, [None, Some(Echo::Ignore), Some(Echo::Reject), Some(Echo::RequireEqual)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Echo {
    /// It is passed over.
    Ignore,
    /// It must be what is stored, so at creation it must be absent.
    RequireEqual,
    /// A client must not send it.
    Reject,
}

/// One member of a resource, as [`Format::members`](crate::Format::members) gives it.
///
/// ```
/// use put_core::member::Member;
/// # use put_core::{Format, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64, text: Option<String> }
/// // struct Note { #[put(key)] id: u64, text: Option<String> }
/// let not_null = |member: Member<'_>| if member.takes_null() || member.may_be_absent() { "" } else { " NOT NULL" };
/// let columns: Vec<String> =
///     Format::of::<Note>().members().map(|member| format!("{}{}", member.column(), not_null(member))).collect();
/// assert_eq!(columns, ["id NOT NULL", "text"]);
/// ```
#[derive(Clone, Copy)]
pub struct Member<'f>(&'f Known);

impl<'f> Member<'f> {
    pub(crate) const fn new(known: &'f Known) -> Self {
        Self(known)
    }

    /// Its name in JSON, which is serde's. A part that is flattened has none there; this is the name it would have.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, #[serde(rename = "madeBy")] author: String }
    /// // #[serde(rename = "madeBy")] author: String
    /// assert_eq!(Format::of::<Note>().members().last().unwrap().name(), "madeBy");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.0.fact.name
    }

    /// The column that holds it, in a store that has one for each member: the one that the struct says, or else its
    /// name.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// assert_eq!(Format::of::<Note>().members().next().unwrap().column(), "id");
    /// ```
    #[must_use]
    pub const fn column(&self) -> &'static str {
        match self.0.fact.column {
            Some(column) => column,
            None => self.0.fact.name,
        }
    }

    /// The SQL type that the struct says for the column; without one a store chooses by the kind.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// assert_eq!(Format::of::<Note>().members().next().unwrap().column_type(), None);
    /// ```
    #[must_use]
    pub const fn column_type(&self) -> Option<&'static str> {
        self.0.fact.column_type
    }

    /// The JSON that its type reads, besides null.
    ///
    /// ```
    /// # use put_core::member::Kind;
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, pinned: Option<bool> }
    /// // pinned: Option<bool>
    /// assert_eq!(Format::of::<Note>().members().last().unwrap().kind(), Kind::Boolean);
    /// ```
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether the type reads null for the whole member: an `Option`, be it inside a newtype, and what reads anything.
    /// Of an untagged enum nobody knows without reading, so it is taken to.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, pinned: Option<bool>, more: serde_json::Value }
    /// // struct Note { id: u64, pinned: Option<bool>, more: serde_json::Value }
    /// let takes_null: Vec<bool> = Format::of::<Note>().members().map(|member| member.takes_null()).collect();
    /// assert_eq!(takes_null, [false, true, true]);
    /// ```
    #[must_use]
    pub const fn takes_null(&self) -> bool {
        self.0.null
    }

    /// Whether serde reads a state without it, by a default or as an `Option`, whoever sets it. A client may also leave
    /// out what it does not set, and must not leave out what is `#[put(required)]`; a state may still lack it.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, #[serde(default)] stars: u8 }
    /// // struct Note { id: u64, #[serde(default)] stars: u8 }
    /// let may_be_absent: Vec<bool> = Format::of::<Note>().members().map(|member| member.may_be_absent()).collect();
    /// assert_eq!(may_be_absent, [false, true]);
    /// ```
    #[must_use]
    pub const fn may_be_absent(&self) -> bool {
        self.0.absent
    }

    /// Who sets it.
    ///
    /// ```
    /// # use put_core::member::SetBy;
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, text: String }
    /// assert_eq!(Format::of::<Note>().members().last().unwrap().set_by(), SetBy::Client);
    /// ```
    #[must_use]
    pub const fn set_by(&self) -> SetBy {
        let fact = &self.0.fact;
        match fact.role {
            Role::Client | Role::CreateOnly | Role::WriteOnly => SetBy::Client,
            Role::Key { part, .. } => SetBy::Key { part },
            Role::Immutable => SetBy::Immutable,
            Role::ReadOnly => SetBy::Server {
                at_creation: !matches!(fact.given, Given::Never),
                at_change: matches!(fact.given, Given::AtEachChange),
            },
            Role::Version { max } => SetBy::Version { max },
        }
    }

    /// What becomes of it when a client sends it; `None` if the client is the one who sets it, or the path has it.
    ///
    /// ```
    /// # use put_core::member::Echo;
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, text: String, #[put(version)] version: u64 }
    /// // struct Note { #[put(key)] id: u64, text: String, #[put(version)] version: u64 }
    /// let echoes: Vec<Option<Echo>> = Format::of::<Note>().members().map(|member| member.echo()).collect();
    /// assert_eq!(echoes, [None, None, Some(Echo::Ignore)]);
    /// ```
    #[must_use]
    pub const fn echo(&self) -> Option<Echo> {
        if self.0.fact.is_server_managed() { Some(self.0.fact.echo) } else { None }
    }

    /// Whether the content of a PUT that creates must name it: what serde does not read without, and what is
    /// `#[put(required)]`. A PUT that replaces must name it too, unless it
    /// [stays when it is absent](Self::is_kept_when_absent).
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/tasks/{id}")]
    /// # struct Task {
    /// #     #[put(key)] id: u64,
    /// #     text: String,
    /// #     note: Option<String>,
    /// #     #[put(required)] assignee: Option<String>,
    /// #     #[put(write_only)] secret: String,
    /// #     #[put(version)] version: u64,
    /// # }
    /// // text: String, note: Option<String>, #[put(required)] assignee: Option<String>,
    /// // #[put(write_only)] secret: String, #[put(version)] version: u64
    /// let format = Format::of::<Task>();
    /// let names: Vec<&str> = format.members().filter(|member| member.is_required()).map(|member| member.name()).collect();
    /// assert_eq!(names, ["text", "assignee", "secret"]);
    /// ```
    #[must_use]
    pub const fn is_required(&self) -> bool {
        !self.0.optional
    }

    /// Whether the client sets it at creation and cannot change it, but may leave it out later.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/orders/{id}")]
    /// # struct Order { #[put(key)] id: u64, #[put(create_only)] currency: String }
    /// // #[put(create_only)] currency: String
    /// assert!(Format::of::<Order>().members().last().unwrap().is_create_only());
    /// ```
    #[must_use]
    pub const fn is_create_only(&self) -> bool {
        matches!(self.0.fact.role, Role::CreateOnly)
    }

    /// Whether a state has it and no representation shows it.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/users/{id}")]
    /// # struct User { #[put(key)] id: u64, #[put(write_only)] password: String }
    /// // #[put(write_only)] password: String
    /// assert!(Format::of::<User>().members().last().unwrap().is_write_only());
    /// ```
    #[must_use]
    pub const fn is_write_only(&self) -> bool {
        matches!(self.0.fact.role, Role::WriteOnly)
    }

    /// Whether a replacement that leaves it out keeps what is stored: what is `create_only` or `write_only`, unless the
    /// struct says `absent = "clear"`.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/users/{id}")]
    /// # struct User {
    /// #     #[put(key)] id: u64,
    /// #     #[put(write_only)] password: String,
    /// #     #[put(write_only, absent = "clear")] pin: Option<String>,
    /// # }
    /// // #[put(write_only)] password: String, #[put(write_only, absent = "clear")] pin: Option<String>
    /// let kept: Vec<bool> = Format::of::<User>().members().map(|member| member.is_kept_when_absent()).collect();
    /// assert_eq!(kept, [false, true, false]);
    /// ```
    #[must_use]
    pub const fn is_kept_when_absent(&self) -> bool {
        self.0.fact.keeps
    }

    /// Whether it is a key of any text: a `String`, or what makes no demands on the text either. A store whose own type for
    /// it has several spellings of one value (a `uuid` in capitals) would take two such keys for one. A pattern of the key
    /// is not looked into: it may leave several spellings too.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/shelves/{shelf}/slots/{slot}")]
    /// # struct Slot { #[put(key)] shelf: String, #[put(key)] slot: u64 }
    /// // struct Slot { #[put(key)] shelf: String, #[put(key)] slot: u64 }
    /// let free: Vec<bool> = Format::of::<Slot>().members().map(|member| member.is_key_of_any_text()).collect();
    /// assert_eq!(free, [true, false]);
    /// ```
    #[must_use]
    pub fn is_key_of_any_text(&self) -> bool {
        // No type that means something reads this.
        matches!(self.0.fact.role, Role::Key { canonical, .. } if canonical("\u{1}, not a value of Any Type"))
    }

    /// Whether it is a part whose members stand among those of the resource, under their own names.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # use std::collections::BTreeMap;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, #[serde(flatten)] more: BTreeMap<String, String> }
    /// // #[serde(flatten)] more: BTreeMap<String, String>
    /// assert!(Format::of::<Note>().members().last().unwrap().is_flattened());
    /// ```
    #[must_use]
    pub const fn is_flattened(&self) -> bool {
        self.0.fact.flatten
    }
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut member = f.debug_struct("Member");
        member.field("name", &self.name()).field("kind", &self.kind()).field("set_by", &self.set_by());
        member.finish_non_exhaustive()
    }
}
