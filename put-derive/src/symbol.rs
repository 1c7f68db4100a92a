//! The words of `#[put(..)]`: the one table that parsing, messages and suggestions are made from.

use std::fmt;

/// Where a word may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    Field,
}

/// What follows a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing.
    Flag,
    /// `= "text"`; the example is for messages.
    Text { example: &'static str },
    /// `= "text"`, one of these.
    Choice { texts: &'static [&'static str] },
    /// `= expression`
    Expression { example: &'static str },
}

macro_rules! words {
    ($($variant:ident = $name:literal, $place:ident, $form:expr;)*) => {
        /// A word of `#[put(..)]`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Word {
            $($variant,)*
        }

        impl Word {
            const ALL: &[Word] = &[$(Word::$variant,)*];

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Word::$variant => $name,)*
                }
            }

            pub(crate) const fn place(self) -> Place {
                match self {
                    $(Word::$variant => Place::$place,)*
                }
            }

            pub(crate) const fn form(self) -> Form {
                match self {
                    $(Word::$variant => $form,)*
                }
            }
        }
    };
}

words! {
    Path = "path", Struct, Form::Text { example: "\"/users/{id}\"" };
    AllowUnknown = "allow_unknown", Struct, Form::Flag;
    Garde = "garde", Struct, Form::Flag;
    Validator = "validator", Struct, Form::Flag;
    Crate = "crate", Struct, Form::Text { example: "\"::put_core\"" };
    Key = "key", Field, Form::Flag;
    Pattern = "pattern", Field, Form::Text { example: "\"[a-z0-9-]{1,64}\"" };
    ReadOnly = "read_only", Field, Form::Flag;
    Echo = "echo", Field, Form::Choice { texts: &[IGNORE, REQUIRE_EQUAL, REJECT] };
    OnCreate = "on_create", Field, Form::Expression { example: "Uuid::new_v4()" };
    OnReplace = "on_replace", Field, Form::Expression { example: "OffsetDateTime::now_utc()" };
    Immutable = "immutable", Field, Form::Flag;
    CreateOnly = "create_only", Field, Form::Flag;
    WriteOnly = "write_only", Field, Form::Flag;
    Absent = "absent", Field, Form::Choice { texts: &[KEEP, CLEAR] };
    StoreWith = "store_with", Field, Form::Expression { example: "hash_password" };
    Required = "required", Field, Form::Flag;
    Version = "version", Field, Form::Flag;
    LastModified = "last_modified", Field, Form::Flag;
    Column = "column", Field, Form::Text { example: "\"created_at\"" };
    ColumnType = "column_type", Field, Form::Text { example: "\"timestamptz\"" };
}

/// The texts of `echo`.
pub(crate) const IGNORE: &str = "ignore";
pub(crate) const REQUIRE_EQUAL: &str = "require_equal";
pub(crate) const REJECT: &str = "reject";

/// The texts of `absent`.
pub(crate) const KEEP: &str = "keep";
pub(crate) const CLEAR: &str = "clear";

/// Words that a user may look for here and that are serde's.
pub(crate) const SERDE_WORDS: &[&str] = &[
    "alias",
    "default",
    "deny_unknown_fields",
    "deserialize_with",
    "flatten",
    "rename",
    "rename_all",
    "serialize_with",
    "skip",
    "skip_serializing_if",
    "with",
];

/// Words that a user may look for here and that are methods of the endpoint: they say how one mount answers.
pub(crate) const ENDPOINT_SWITCHES: &[&str] = &[
    "accept_replay",
    "allow_delete",
    "authorize",
    "cache_control",
    "caller",
    "check",
    "check_delete",
    "committed",
    "content_limit",
    "dry_run",
    "on_behalf_of",
    "public_prefix",
    "put_only",
    "require_precondition",
    "return_minimal",
    "reveal_current",
    "rule_timeout",
    "rules",
    "scope",
    "state_scope",
    "strict_validators",
    "tolerate_proxy_tags",
    "update_only",
    "wording",
];

/// In backticks, as messages show it.
impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name())
    }
}

impl Word {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.name() == name)
    }

    /// The words that may stand here, as a message lists them.
    pub(crate) fn list(place: Place) -> String {
        let words: Vec<String> = Self::at(place).map(|word| word.to_string()).collect();
        words.join(", ")
    }

    /// The word the user may have meant, whether it may stand here or not.
    pub(crate) fn nearest(name: &str) -> Option<Self> {
        nearest(name, Self::ALL.iter().map(|word| (word.name(), *word)))
    }

    fn at(place: Place) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |word| word.place() == place)
    }
}

/// The thing whose name may have been meant.
pub(crate) fn nearest<T>(typed: &str, things: impl Iterator<Item = (&'static str, T)>) -> Option<T> {
    let by_distance = things.map(|(name, thing)| (distance(typed, name), name, thing));
    let (distance, name, thing) = by_distance.min_by_key(|(distance, ..)| *distance)?;
    // A third of the letters may be wrong, or the two have little to do with each other.
    (distance <= name.len().max(typed.len()).div_ceil(3)).then_some(thing)
}

/// How many letters must be put in, left out or replaced to make one name the other; `-` and `_` and case are equal.
fn distance(a: &str, b: &str) -> usize {
    let plain = |text: &str| text.to_ascii_lowercase().replace('-', "_").chars().collect::<Vec<_>>();
    let (a, b) = (plain(a), plain(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_by_its_name() {
        for word in Word::ALL {
            assert_eq!(Word::named(word.name()), Some(*word));
            assert_eq!(Word::nearest(word.name()), Some(*word));
        }
        assert_eq!(Word::named("Key"), None);
    }

    #[test]
    fn the_nearest_word_is_near() {
        for (typed, meant) in [
            ("keyy", Some(Word::Key)),
            ("readonly", Some(Word::ReadOnly)),
            ("read-only", Some(Word::ReadOnly)),
            ("onCreate", Some(Word::OnCreate)),
            ("imutable", Some(Word::Immutable)),
            ("createOnly", Some(Word::CreateOnly)),
            ("writeonly", Some(Word::WriteOnly)),
            ("stored_with", Some(Word::StoreWith)),
            ("patern", Some(Word::Pattern)),
            ("lastmodified", Some(Word::LastModified)),
            ("colum", Some(Word::Column)),
            ("columnType", Some(Word::ColumnType)),
            ("paht", Some(Word::Path)),
            ("validate", Some(Word::Validator)),
            ("x", None),
        ] {
            assert_eq!(Word::nearest(typed), meant, "{typed}");
        }
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "key"), 3);
        assert_eq!(distance("key", "key"), 0);
        assert_eq!(distance("kye", "key"), 2);
        assert_eq!(distance("version", "versions"), 1);
    }
}
