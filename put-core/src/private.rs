//! The one door for generated code. Not a public interface: it changes without notice.

use std::fmt::{self, Display, Write as _};
use std::hash::Hash;
use std::str::FromStr;

pub use serde::Serialize;

pub use crate::canonical::Json;
pub use crate::change::ServerValues;
pub use crate::content::{Decode, DecodeError, Source, decode};
pub use crate::part::{Ask, ByNothing, ByPart, ByShape, Field, Part, Tagging, Variant};
pub use crate::probe::{Probe, probe};
pub use crate::resource::{Facts, Member, ReadJson, WriteJson};
pub use crate::values::{GardeRules, ValidatorRules, ValueFaults};

/// A type that can be a key, or one part of it.
///
/// It has no supertraits, and generated code asks for nothing but it, so that of a type that lacks one of the four the
/// compiler says only that it cannot be a key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "a key is read from the path and written into it",
    note = "implement `FromStr`, `Display`, `Eq` and `Hash` for `{Self}`, with one spelling for each value"
)]
pub trait KeyField {
    /// Whether the text is a key of this type in its one canonical spelling.
    fn is_canonical(text: &str) -> bool
    where
        Self: Sized;

    /// The key of this text.
    fn parse(text: &str) -> Option<Self>
    where
        Self: Sized;

    /// The key as it is written into the path.
    fn as_display(&self) -> &dyn Display;
}
#[diagnostic::do_not_recommend]
impl<T: FromStr + Display + Eq + Hash> KeyField for T {
    fn is_canonical(text: &str) -> bool {
        text.parse::<T>().is_ok_and(|key| displays_as(&key, text))
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn as_display(&self) -> &dyn Display {
        self
    }
}

/// Whether the value displays exactly as this text; nothing is allocated.
pub(crate) fn displays_as(value: &dyn Display, text: &str) -> bool {
    struct Rest<'a>(&'a str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(piece).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}

/// An integer that can hold a version: the nanoseconds since 1970 at creation, one more at the least with each change.
///
/// Narrower integers could only count seconds, and a resource deleted and created again within one second would get
/// an old entity tag for other data.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a version",
    label = "a version is `i64` or `u64`",
    note = "the server sets it to the Unix time in nanoseconds, which narrower types cannot hold"
)]
pub trait VersionField {
    /// The greatest version.
    const MAX: u64;
}
impl VersionField for u64 {
    const MAX: u64 = u64::MAX;
}
impl VersionField for i64 {
    const MAX: u64 = i64::MAX.unsigned_abs();
}

/// The greatest version the type can hold.
#[must_use]
pub const fn version<T: VersionField>() -> u64 {
    T::MAX
}
