//! Some JSON with its members in the order in which they stand, to look a place up in.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Object(Vec<(String, Tree)>),
    Array(Vec<Tree>),
    Text(String),
    Number(f64),
    Boolean(bool),
    Null,
}

impl Tree {
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The member of this name, and where it stands.
    pub(crate) fn member(&self, name: &str) -> Option<(usize, &Self)> {
        let Self::Object(members) = self else { return None };
        let index = members.iter().position(|(other, _)| other == name)?;
        members.get(index).map(|(_, value)| (index, value))
    }

    /// The name at this place.
    pub(crate) fn name_at(&self, index: usize) -> Option<&str> {
        let Self::Object(members) = self else { return None };
        members.get(index).map(|(name, _)| &**name)
    }

    pub(crate) fn element(&self, index: usize) -> Option<&Self> {
        let Self::Array(elements) = self else { return None };
        elements.get(index)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the other value is this one with, at the most, some members more: those that were absent.
    pub(crate) fn became(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(sent), Self::Object(_)) => {
                sent.iter().all(|(name, value)| other.member(name).is_some_and(|(_, other)| value.became(other)))
            }
            (Self::Array(sent), Self::Array(other)) => {
                sent.len() == other.len() && sent.iter().zip(other).all(|(sent, other)| sent.became(other))
            }
            _ => self == other,
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

/// JSON's numbers come as one of three types.
macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(#[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "only compared with another such")]
        fn $method<E: de::Error>(self, value: $type) -> Result<Tree, E> {
            Ok(Tree::Number(value as f64))
        })*
    };
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    numbers! { visit_u64: u64, visit_i64: i64, visit_f64: f64 }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Boolean(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = elements.next_element()? {
            all.push(element);
        }
        Ok(Tree::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Tree::Object(all))
    }
}
