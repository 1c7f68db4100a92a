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
pub use crate::resource::{Facts, Member, ReadJson, StoreWith, WriteJson};
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
    /// The key that the text is, if it is in its one canonical spelling.
    fn parse(text: &str) -> Option<Self>
    where
        Self: Sized;

    /// Whether the text is a key of this type in its one canonical spelling.
    fn is_canonical(text: &str) -> bool
    where
        Self: Sized,
    {
        Self::parse(text).is_some()
    }

    /// The key as it is written into the path.
    fn as_display(&self) -> &dyn Display;
}
#[diagnostic::do_not_recommend]
impl<T: FromStr + Display + Eq + Hash> KeyField for T {
    fn parse(text: &str) -> Option<Self> {
        text.parse::<T>().ok().filter(|key| displays_as(key, text))
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

/// What a function of `store_with` gives for a member of the type `T`: what is kept, or why the content is refused.
#[diagnostic::on_unimplemented(
    message = "`store_with` gives `{Self}` where `{T}` is kept",
    label = "must give `{T}` or `Result<{T}, E>`",
    note = "what is kept is read again as the member's type, and an error `E` is told by its `Display`"
)]
pub trait Kept<T> {
    /// What is kept, or the text of the error.
    fn kept(self) -> Result<T, String>;
}
#[diagnostic::do_not_recommend]
impl<T> Kept<T> for T {
    fn kept(self) -> Result<T, String> {
        Ok(self)
    }
}
#[diagnostic::do_not_recommend]
impl<T, E: Display> Kept<T> for Result<T, E> {
    fn kept(self) -> Result<T, String> {
        self.map_err(|error| error.to_string())
    }
}

/// The JSON of what is kept for the JSON of what a client sent.
///
/// # Errors
/// What the function says, and what serde says of a text that is not of the type or of a value that cannot be written.
pub fn stored_with<T: ReadJson + WriteJson, K: Kept<T>>(
    json: &str,
    keep: impl FnOnce(T) -> K,
) -> Result<String, String> {
    let mut text = serde_json::Deserializer::from_str(json);
    let sent = T::read(&mut text).and_then(|value| text.end().map(|()| value)).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    keep(sent).kept()?.write(Json::new(&mut out)).map_err(|error| error.to_string())?;
    String::from_utf8(out).map_err(|error| error.to_string())
}

/// The same for a member that is an `Option<T>`: there is nothing to keep of null.
///
/// # Errors
/// As of [`stored_with`].
pub fn stored_option_with<T: ReadJson + WriteJson, K: Kept<T>>(
    json: &str,
    keep: impl FnOnce(T) -> K,
) -> Result<String, String> {
    if json.trim() == "null" { Ok("null".to_owned()) } else { stored_with(json, keep) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "such a function is given the value")]
    fn backwards(text: String) -> String {
        text.chars().rev().collect()
    }

    fn short(text: String) -> Result<String, &'static str> {
        if text.len() < 4 { Ok(text) } else { Err("is too long") }
    }

    #[test]
    fn what_a_function_gives_is_kept_as_json() {
        for (json, kept) in [
            (r#""abc""#, Ok(r#""cba""#)),
            (r#" "\u0041\"" "#, Ok(r#""\"A""#)),
            (r#""""#, Ok(r#""""#)),
            ("7", Err("invalid type: integer `7`, expected a string at line 1 column 1")),
            ("null", Err("invalid type: null, expected a string at line 1 column 4")),
        ] {
            let kept = kept.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(stored_with::<String, _>(json, backwards), kept, "{json}");
        }
        assert_eq!(stored_with::<Vec<u8>, _>("[1, 2]", |list| [list, vec![3]].concat()).as_deref(), Ok("[1,2,3]"));
    }

    #[test]
    fn an_error_of_the_function_is_its_text() {
        assert_eq!(stored_with(r#""abc""#, short).as_deref(), Ok(r#""abc""#));
        assert_eq!(stored_with(r#""abcd""#, short), Err("is too long".to_owned()));
        assert_eq!(stored_option_with(r#""abcd""#, short), Err("is too long".to_owned()));
    }

    #[test]
    fn null_is_left_alone_where_the_member_is_an_option() {
        assert_eq!(stored_option_with(" null ", backwards).as_deref(), Ok("null"));
        assert_eq!(stored_option_with(r#""null""#, backwards).as_deref(), Ok(r#""llun""#));
    }

    #[test]
    fn a_key_is_read_in_its_one_spelling() {
        for (text, key) in [("7", Some(7)), ("0", Some(0)), ("07", None), ("+7", None), ("", None), ("a", None)] {
            assert_eq!(<u64 as KeyField>::parse(text), key, "{text}");
            assert_eq!(<u64 as KeyField>::is_canonical(text), key.is_some(), "{text}");
        }
        assert_eq!(<String as KeyField>::parse("07"), Some("07".to_owned()));
    }
}
