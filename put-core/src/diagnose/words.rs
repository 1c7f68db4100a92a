//! What serde says, taken apart and put in the words of JSON. One file, because both are about the same sentences.

use std::borrow::Cow;

use super::node::{is_called, unquoted};
use crate::violation::{Pointer, Violation, nearest};

/// What an error of serde says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says<'m> {
    /// A member of this name is missing.
    Missing(&'m str),
    /// A member of this name is not known.
    Unknown(&'m str),
    /// A member is there twice, under two of its names.
    Twice,
    /// This is the name of no variant.
    Variant(&'m str),
    /// This was found where something else was expected.
    Found { what: &'m str, expected: &'m str },
    /// There are too many elements, or too few.
    Length(usize),
    /// No floating point number is so large.
    Number,
    /// It says something of its own.
    Other(&'m str),
}

impl<'m> Says<'m> {
    pub(super) fn of(message: &'m str) -> Self {
        let name = |start: &str, ends: &[&str]| {
            let rest = message.strip_prefix(start)?;
            ends.iter().find_map(|end| rest.get(..rest.find(end)?))
        };
        if let Some(rest) = message.strip_prefix("missing field `") {
            return Self::Missing(rest.strip_suffix('`').unwrap_or(rest));
        }
        if let Some(name) = name("unknown field `", &["`, expected ", "`, there are no "]) {
            return Self::Unknown(name);
        }
        if let Some(name) = name("unknown variant `", &["`, expected ", "`, there are no "]) {
            return Self::Variant(name);
        }
        if message.starts_with("duplicate field `") {
            return Self::Twice;
        }
        if message == "number out of range" {
            return Self::Number;
        }
        let of_value = ["invalid type: ", "invalid value: "].into_iter().find_map(|start| message.strip_prefix(start));
        if let Some((what, expected)) = of_value.and_then(|rest| rest.rsplit_once(", expected ")) {
            return Self::Found { what, expected };
        }
        let length = name("invalid length ", &[", expected "]).and_then(|length| length.parse().ok());
        length.map_or(Self::Other(message), Self::Length)
    }

    /// Whether it may well say this of this value, which stands in for another one.
    pub(super) fn is_about(&self, text: &str) -> bool {
        match self {
            Self::Found { what: "unit variant", .. } => text.starts_with('"'),
            Self::Found { what, .. } => is_called(text, what),
            Self::Variant(name) => text.starts_with('"') && unquoted(text) == *name,
            Self::Length(0) => matches!(text, "[]" | "{}"),
            Self::Missing(_) => text == "{}",
            Self::Other(message) => *message == NO_VALUE,
            _ => false,
        }
    }

    fn code(&self) -> &'static str {
        const NARROW: [&str; 12] =
            ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];
        match self {
            Self::Missing(_) => "required",
            Self::Unknown(_) => "unknown_member",
            Self::Twice => "duplicate_name",
            Self::Variant(_) => "unknown_variant",
            Self::Number => "out_of_range",
            Self::Found { what, expected } if NARROW.contains(expected) && is_out_of_range(what) => "out_of_range",
            Self::Found { .. } => "type",
            Self::Length(_) | Self::Other(_) => "invalid",
        }
    }
}

/// The names that there are, where one of them was expected.
pub(super) fn choices_of(message: &str) -> Vec<&str> {
    let before = match Says::of(message) {
        Says::Variant(name) => "unknown variant ``, ".len() + name.len(),
        Says::Unknown(name) => "unknown field ``, ".len() + name.len(),
        _ => return Vec::new(),
    };
    message.get(before..).unwrap_or_default().split('`').skip(1).step_by(2).collect()
}

/// What is said of a member of this name that is not known, where these are.
pub(super) fn not_known<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("is not a known member; did you mean `{near}`?"),
        None => "is not a known member".to_owned(),
    }
}

/// What serde_json says where the name of a variant should stand, or an object with this name alone.
const NO_VALUE: &str = "expected value";

/// What serde says of an enum that is not named, before the name of the type.
const UNTAGGED: &str = "data did not match any variant of untagged enum ";

const AN_ARRAY: &str = "expected an object, found an array";

/// Whether what was found is a number that no integer, or no integer of this width, can be.
fn is_out_of_range(what: &str) -> bool {
    let whole = |what: &str| what.trim_matches('`').parse::<f64>().is_ok_and(|number| number.abs() >= 9.2e18);
    what.starts_with("integer ") || what.strip_prefix("floating point ").is_some_and(whole)
}

/// The violation that an error is, at this place.
pub(super) fn violation(pointer: Pointer, message: &str) -> Violation {
    let code = match Says::of(message) {
        Says::Length(_) if is_struct_from_array(message) => "type",
        Says::Other(NO_VALUE) => "type",
        Says::Other(other) if other.starts_with(UNTAGGED) => "no_variant",
        says @ Says::Found { what, .. }
            if message.starts_with("invalid value: ") && says.code() == "type" && what != "map" =>
        {
            "invalid"
        }
        says => says.code(),
    };
    Violation::new(pointer, explain(message)).with_code(code)
}

/// The violation of an array in the place of an object.
pub(super) fn not_an_object(pointer: Pointer) -> Violation {
    Violation::new(pointer, AN_ARRAY).with_code("type")
}

fn is_struct_from_array(message: &str) -> bool {
    message.starts_with("invalid length ") && message.contains(", expected struct ")
}

/// What serde says, in the words of JSON.
fn explain(message: &str) -> String {
    match Says::of(message) {
        Says::Missing(_) => "is required".to_owned(),
        Says::Number => "the number is out of range".to_owned(),
        Says::Other(NO_VALUE) => "expected the name of a variant, or an object with that name alone".to_owned(),
        Says::Other(other) if other.starts_with(UNTAGGED) => "is none of the values that are read here".to_owned(),
        Says::Unknown(name) => not_known(name, choices_of(message)),
        Says::Twice => "is there twice, under two of its names".to_owned(),
        Says::Length(_) if is_struct_from_array(message) => AN_ARRAY.to_owned(),
        Says::Length(length) => {
            let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
            let expected = expected.strip_suffix(" elements").unwrap_or(expected);
            match expected.rsplit_once([' ']).map(|(_, count)| count.parse::<usize>()) {
                Some(Ok(count)) => format!("expected an array with {count} elements, found {length}"),
                _ => shortened(message),
            }
        }
        Says::Found { what, expected } => {
            format!("expected {}, found {}", in_json_words(expected), found_in_json_words(what))
        }
        _ => shortened(message),
    }
}

/// A text of the client may stand in the middle of what serde says, such as the name of a variant: it is not sent back
/// whole.
fn shortened(message: &str) -> String {
    const ENDS: usize = 1000;
    if message.len() <= 3 * ENDS {
        return message.to_owned();
    }
    let (mut head, mut tail) = (ENDS, message.len() - ENDS);
    while !message.is_char_boundary(head) {
        head -= 1;
    }
    while !message.is_char_boundary(tail) {
        tail += 1;
    }
    format!("{}…{}", message.get(..head).unwrap_or_default(), message.get(tail..).unwrap_or_default())
}

fn is_one_of(text: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| text.starts_with(start))
}

fn in_json_words(expected: &str) -> Cow<'_, str> {
    macro_rules! range {
        ($($type:ident)*) => {
            match expected {
                $(stringify!($type) => return format!("an integer from {} to {}", $type::MIN, $type::MAX).into(),)*
                _ => {}
            }
        };
    }
    range!(u8 u16 u32 u64 i8 i16 i32 i64);
    match expected {
        "f32" | "f64" => "a number".into(),
        "usize" | "u128" => "a whole number that is not negative".into(),
        "isize" | "i128" => "a whole number".into(),
        "a sequence" => "an array".into(),
        "a map" => "an object".into(),
        "unit" => "null".into(),
        "newtype variant" | "struct variant" | "tuple variant" => "an object with the variant as its one member".into(),
        "variant identifier" | "string or map" => "the name of a variant".into(),
        other if is_one_of(other, &["struct ", "internally tagged enum ", "adjacently tagged enum "]) => {
            "an object".into()
        }
        other if is_one_of(other, &["tuple ", "a tuple "]) => "an array".into(),
        other if is_one_of(other, &["unit variant ", "unit struct "]) => "null".into(),
        other => other.into(),
    }
}

fn found_in_json_words(found: &str) -> String {
    let words = match found {
        "map" => "an object".to_owned(),
        "sequence" => "an array".to_owned(),
        "unit value" | "null" => "null".to_owned(),
        "unit variant" => "only the name of the variant".to_owned(),
        other => other.replace("floating point ", "number ").replace("integer ", "number "),
    };
    // A long text of the client is not sent back to it whole.
    match words.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serde_says_is_put_in_the_words_of_json() {
        for (message, code, detail) in [
            ("missing field `a`", "required", "is required"),
            (
                "unknown field `nmae`, expected `name` or `x`",
                "unknown_member",
                "is not a known member; did you mean `name`?",
            ),
            ("unknown field `a`, there are no fields", "unknown_member", "is not a known member"),
            ("duplicate field `a`", "duplicate_name", "is there twice, under two of its names"),
            ("unknown variant `a`, expected `b` or `c`", "unknown_variant", "unknown variant `a`, expected `b` or `c`"),
            (
                "data did not match any variant of untagged enum X",
                "no_variant",
                "is none of the values that are read here",
            ),
            ("number out of range", "out_of_range", "the number is out of range"),
            (
                "invalid value: integer `300`, expected u8",
                "out_of_range",
                "expected an integer from 0 to 255, found number `300`",
            ),
            (
                "invalid type: floating point `1e30`, expected i8",
                "out_of_range",
                "expected an integer from -128 to 127, found number `1e30`",
            ),
            (
                "invalid type: floating point `1.5`, expected i8",
                "type",
                "expected an integer from -128 to 127, found number `1.5`",
            ),
            ("invalid type: map, expected a string", "type", "expected a string, found an object"),
            ("invalid type: unit value, expected struct X", "type", "expected an object, found null"),
            (
                "invalid type: string \"a, expected b\", expected a sequence",
                "type",
                "expected an array, found string \"a, expected b\"",
            ),
            (
                "invalid type: integer `1`, expected internally tagged enum X",
                "type",
                "expected an object, found number `1`",
            ),
            (
                "invalid value: string \"ab\", expected a character",
                "invalid",
                "expected a character, found string \"ab\"",
            ),
            ("invalid length 1, expected struct X with 2 elements", "type", "expected an object, found an array"),
            ("invalid length 1, expected a tuple of size 2", "invalid", "expected an array with 2 elements, found 1"),
            (
                "invalid length 0, expected tuple variant X::Y with 2 elements",
                "invalid",
                "expected an array with 2 elements, found 0",
            ),
            ("is no mail address", "invalid", "is no mail address"),
        ] {
            let violation = violation(Pointer::root(), message);
            assert_eq!((violation.code(), violation.detail()), (Some(code), detail), "{message}");
        }
    }
}
