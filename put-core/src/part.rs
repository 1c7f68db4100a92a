//! What a type says of its members' names: the field of a rule's path on one side, the member in JSON on the other.
//!
//! A type is asked through [`Ask`], which accepts every type: one that derives [`PutPart`] names its members, a list or
//! a map of the standard library says that it is one, and any other says nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

/// A type inside a resource that says how serde names its members, so that a broken rule inside it is told at the right
/// place. Derived, not written by hand; it needs nothing of put-core but this.
///
/// ```
/// use put_core::PutPart;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PutPart)]
/// #[serde(rename_all = "camelCase")]
/// struct Address {
///     zip_code: String,
/// }
///
/// fn names_its_members<T: PutPart>() {}
/// names_its_members::<Address>();
/// names_its_members::<Option<Vec<Address>>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how its members are named",
    label = "needs `#[derive(PutPart)]`"
)]
pub trait PutPart {
    /// What the derive states.
    #[doc(hidden)]
    fn part() -> Part;
}

/// What is known of a type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Nothing: names are told by their spelling.
    Unknown,
    /// An object with these members.
    Fields(&'static [Field]),
    /// A tuple struct of one field, which serde writes as that field.
    Newtype(fn() -> Part),
    /// The same where the rules, too, have no step for the field.
    Through(fn() -> Part),
    /// An array of these.
    Tuple(&'static [fn() -> Part]),
    /// An array or an object, all values of one type, in the order in which they are written.
    Each(fn() -> Part),
    /// The same in an order of its own.
    Set(fn() -> Part),
    Enum(Tagging, &'static [Variant]),
}

impl Part {
    fn unknown() -> Self {
        Self::Unknown
    }
}

/// How serde writes which variant it is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Tagging {
    External,
    Internal(&'static str),
    Adjacent(&'static str, &'static str),
    Untagged,
}

/// One variant of an enum.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) part: Part,
}

impl Variant {
    /// A variant with serde's name.
    #[must_use]
    pub const fn new(name: &'static str, aliases: &'static [&'static str], part: Part) -> Self {
        Self { name, aliases, part }
    }
}

/// One field of a struct, and the member that it is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its own name.
    pub(crate) ident: &'static str,
    /// serde's name.
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    /// Whether its members are those of the struct around it.
    pub(crate) flatten: bool,
    /// Whether only the server sets it.
    pub(crate) server: bool,
    pub(crate) part: fn() -> Part,
}

impl Field {
    /// A field with serde's name: `Field::new("zip_code", "zipCode", || Ask::<String>::NEW.part())`.
    #[must_use]
    pub const fn new(ident: &'static str, name: &'static str, part: fn() -> Part) -> Self {
        Self { ident, name, aliases: &[], flatten: false, server: false, part }
    }

    /// `#[serde(alias = "..")]`, all of them.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// `#[serde(flatten)]`, or the one field of a struct that serde passes through.
    #[must_use]
    pub const fn flatten(mut self) -> Self {
        self.flatten = true;
        self
    }

    /// `#[put(read_only)]` or `#[put(version)]`: no client could mend what is wrong with it.
    #[must_use]
    pub const fn server(mut self) -> Self {
        self.server = true;
        self
    }
}

/// Asks any type: `(&&&Ask::<T>::NEW).part()`. The compiler takes the first of the three traits that fits.
#[doc(hidden)]
#[derive(Debug)]
pub struct Ask<T: ?Sized>(PhantomData<fn() -> Box<T>>);

impl<T: ?Sized> Ask<T> {
    /// The question.
    pub const NEW: Self = Self(PhantomData);
}

/// The first: the type, or what it contains, names its members.
#[doc(hidden)]
pub trait ByPart {
    /// The answer.
    fn part(&self) -> Part;
}
impl<T: PutPart + ?Sized> ByPart for &&Ask<T> {
    fn part(&self) -> Part {
        T::part()
    }
}

/// The second: the type is a list or a map of whatever.
#[doc(hidden)]
pub trait ByShape {
    /// The answer.
    fn part(&self) -> Part;
}
impl<T: Shape + ?Sized> ByShape for &Ask<T> {
    fn part(&self) -> Part {
        T::shape()
    }
}

/// The last: every other type.
#[doc(hidden)]
pub trait ByNothing {
    /// The answer.
    fn part(&self) -> Part;
}
impl<T: ?Sized> ByNothing for Ask<T> {
    fn part(&self) -> Part {
        Part::Unknown
    }
}

/// A list or a map, whatever is in it.
#[doc(hidden)]
pub trait Shape {
    /// The answer.
    fn shape() -> Part;
}

macro_rules! containers {
    ($([$($parameters:tt)*] $container:ty: $kind:ident;)*) => {
        $(impl<$($parameters)*, T: PutPart> PutPart for $container {
            fn part() -> Part {
                Part::$kind(T::part)
            }
        }
        impl<$($parameters)*, T> Shape for $container {
            fn shape() -> Part {
                Part::$kind(Part::unknown)
            }
        })*
    };
}
containers! {
    ['a] &'a [T]: Each;
    [const N: usize] [T; N]: Each;
    [K] BTreeMap<K, T>: Each;
    [K, S] HashMap<K, T, S>: Each;
    [S] HashSet<T, S>: Set;
}

macro_rules! lists {
    ($($list:ident: $kind:ident;)*) => {
        $(impl<T: PutPart> PutPart for $list<T> {
            fn part() -> Part {
                Part::$kind(T::part)
            }
        }
        impl<T> Shape for $list<T> {
            fn shape() -> Part {
                Part::$kind(Part::unknown)
            }
        })*
    };
}
lists! {
    Vec: Each;
    VecDeque: Each;
    BTreeSet: Set;
}

macro_rules! transparent {
    ($($wrapper:ident)*) => {
        $(impl<T: PutPart> PutPart for $wrapper<T> {
            fn part() -> Part {
                T::part()
            }
        }
        impl<T: Shape> Shape for $wrapper<T> {
            fn shape() -> Part {
                T::shape()
            }
        })*
    };
}
transparent! { Option Box Rc Arc }
