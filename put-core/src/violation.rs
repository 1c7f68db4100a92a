//! What is wrong with one place of the content, and JSON Pointers to name the place (RFC 6901). One file, because
//! neither is told without the other.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// One thing that is wrong with the content, and where.
///
/// ```
/// use put_core::{Pointer, Violation};
///
/// let violation = Violation::new(Pointer::root().member("a/b").element(0), "is required");
/// assert_eq!(violation.pointer().to_string(), "#/a~1b/0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pointer: Pointer,
    detail: String,
    code: Option<Cow<'static, str>>,
    constraint: Option<String>,
}

impl Violation {
    /// A violation at this place.
    #[must_use]
    pub fn new(pointer: Pointer, detail: impl Into<String>) -> Self {
        Self { pointer, detail: detail.into(), code: None, constraint: None }
    }

    /// A violation of the member of this name at the top.
    ///
    /// ```
    /// use put_core::Violation;
    ///
    /// let negative = Violation::of_member("quantity", "may not be negative").with_code("range");
    /// assert_eq!(negative.to_string(), "#/quantity: may not be negative");
    /// ```
    #[must_use]
    pub fn of_member(name: &str, detail: impl Into<String>) -> Self {
        Self::new(Pointer::root().member(name), detail)
    }

    /// Says in one word what kind of violation it is, for programs: details are for people and may change.
    ///
    /// The words of this crate are a closed set:
    ///
    /// | Code | What is wrong |
    /// |:--|:--|
    /// | `required` | a member is missing; the place is where it would stand |
    /// | `unknown_member` | a member has no meaning here |
    /// | `duplicate_name` | a member is there under another of its names too |
    /// | `type` | a value is of another kind than what is read here, such as a string for a number |
    /// | `out_of_range` | a number does not fit the type that reads it |
    /// | `not_exact` | a number fits, but not to its last digit |
    /// | `unknown_variant` | a value, or the name of one, is none of those that are known here |
    /// | `no_variant` | a value looks like none of the kinds that are read here |
    /// | `key_mismatch` | a part of the key is not the one in the path |
    /// | `immutable` | a member that never changes would change |
    /// | `read_only` | a member that only the server sets is sent, or sent with another value than the stored one |
    /// | `would_be_lost` | a member would be dropped without a word |
    /// | `invalid` | whatever else the type of a value says of it |
    ///
    /// A store that refuses a value takes one of these words where it fits, and has words of its own where none does.
    ///
    /// ```
    /// use put_core::{Pointer, Violation};
    ///
    /// let taken = Violation::new(Pointer::root().member("email"), "is taken").with_code("taken");
    /// assert_eq!(taken.code(), Some("taken"));
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Names the rule of a store that is broken, so that a program can tell it from others: a constraint of a table.
    ///
    /// ```
    /// use put_core::{Pointer, Violation};
    ///
    /// let taken = Violation::new(Pointer::root().member("email"), "is taken").of_constraint("users_email_key");
    /// assert_eq!(taken.constraint(), Some("users_email_key"));
    /// ```
    #[must_use]
    pub fn of_constraint(mut self, name: impl Into<String>) -> Self {
        self.constraint = Some(name.into());
        self
    }

    /// The same in other words.
    pub(crate) fn with_detail(mut self, detail: String) -> Self {
        self.detail = detail;
        self
    }

    /// Where it is.
    #[must_use]
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// What is wrong, and what would be right.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What kind of violation it is, in one word; see [`with_code`](Self::with_code).
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, text: String }
    /// let wrong = Format::of::<Note>().canonical(br#"{"id": 1, "text": 5}"#).unwrap_err();
    /// let codes: Vec<_> = wrong.iter().filter_map(|violation| violation.code()).collect();
    /// assert_eq!(codes, ["type"]);
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The rule of the store that is broken, if it has a name.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.constraint.as_deref()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.detail)
    }
}

/// All that is wrong with some content; never empty.
///
/// ```
/// use put_core::{Pointer, Violation, Violations};
///
/// let violations = Violations::from(vec![Violation::new(Pointer::root().member("name"), "is required")]);
/// assert_eq!(violations.to_string(), "#/name: is required");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The violations in the order in which they are told.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }
}

impl From<Vec<Violation>> for Violations {
    fn from(violations: Vec<Violation>) -> Self {
        Self(violations)
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            fmt::Display::fmt(violation, f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// A JSON Pointer. It displays as a URI fragment (RFC 6901, section 6).
///
/// ```
/// use put_core::Pointer;
///
/// assert_eq!(Pointer::root().to_string(), "#");
/// assert_eq!(Pointer::root().member("m~n").member("ü").to_string(), "#/m~0n/%C3%BC");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole content.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The member of this name.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.0.push('/');
        for character in name.chars() {
            match character {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// The array element at this index.
    #[must_use]
    pub fn element(mut self, index: usize) -> Self {
        self.0.push('/');
        self.0.push_str(&index.to_string());
        self
    }

    /// Whether this is the other place, or one inside it.
    pub(crate) fn is_in(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The pointer as RFC 6901, section 3, writes it, without the fragment form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('#')?;
        for octet in self.0.bytes() {
            // The characters of a fragment (RFC 3986, section 3.5); the rest is percent-coded.
            match octet {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => f.write_char(char::from(octet))?,
                _ if b"-._~!$&'()*+,;=:@/?".contains(&octet) => f.write_char(char::from(octet))?,
                _ => write!(f, "%{octet:02X}")?,
            }
        }
        Ok(())
    }
}

/// The known name that is nearest to an unknown one, if any is near: one slip for every three characters, at least one.
/// A change of case is none.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // No sensible name is longer, and the comparison takes the square of it.
    let name = name.chars().take(64).collect::<String>().to_lowercase();
    let allowed = (name.chars().count() / 3).max(1);
    let distances = known.into_iter().map(|known| (strsim::osa_distance(&name, &known.to_lowercase()), known));
    distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|found| found.1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let known = ["name", "email", "nickname", "createdAt"];
        for (name, near) in [
            ("nmae", Some("name")),
            ("nam", Some("name")),
            ("e-mail", Some("email")),
            ("created_at", Some("createdAt")),
            ("NickName", Some("nickname")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), near, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_pointer_finds_its_way_back(names in prop::collection::vec(".*", 0..4)) {
            let pointer = names.iter().fold(Pointer::root(), |pointer, name| pointer.member(name));
            let mut value = serde_json::Value::Bool(true);
            for name in names.iter().rev() {
                value = serde_json::json!({ name.as_str(): value });
            }
            prop_assert_eq!(value.pointer(pointer.as_str()), Some(&serde_json::Value::Bool(true)));
            prop_assert!(pointer.to_string().bytes().all(|octet| octet.is_ascii_graphic()));
        }
    }
}
