//! Asks a type, once at run time, what serde does with it: which kind of JSON it reads, whether it accepts that the
//! member is absent, and which member names it has when it is flattened.
//!
//! The probe is a deserializer that only notes which method the type calls and then fails, so that nothing of the
//! type's own reading is compiled a second time.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

use crate::resource::ReadJson;

/// The JSON a type reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
    /// A string or an object, as the variant has it.
    Variant,
    /// The type looks at the content to decide.
    Any,
}

/// The member names that a flattened part reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Any,
    These(&'static [&'static str]),
}

/// What a type answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Learned {
    pub(crate) kind: Kind,
    pub(crate) optional: bool,
    pub(crate) names: Names,
}

impl Learned {
    pub(crate) fn of(probe: fn(Probe<'_>)) -> Self {
        let mut learned = Self { kind: Kind::Any, optional: false, names: Names::Any };
        probe(Probe { learned: &mut learned, wrapped: false });
        learned
    }
}

/// The deserializer that notes what it is asked for.
#[derive(Debug)]
pub struct Probe<'a> {
    learned: &'a mut Learned,
    /// Inside a newtype; serde does not look through one for an absent member.
    wrapped: bool,
}

/// Asks a type. The answer is in the probe; the error is how it ends.
pub fn probe<T: ReadJson>(probe: Probe<'_>) {
    drop(T::read(probe));
}

impl Probe<'_> {
    fn is<T>(self, kind: Kind) -> Result<T, Learnt> {
        self.learned.kind = kind;
        Err(Learnt)
    }
}

macro_rules! kinds {
    ($($kind:ident: $($method:ident)*;)*) => {
        $($(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Learnt> {
            self.is(Kind::$kind)
        })*)*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Learnt;

    kinds! {
        Any: deserialize_any deserialize_ignored_any deserialize_unit;
        Boolean: deserialize_bool;
        Integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128;
        Number: deserialize_f32 deserialize_f64;
        String: deserialize_char deserialize_str deserialize_string deserialize_identifier;
        Array: deserialize_seq deserialize_bytes deserialize_byte_buf;
        Object: deserialize_map;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Learnt> {
        self.learned.optional |= !self.wrapped;
        visitor.visit_some(Probe { learned: self.learned, wrapped: true })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Learnt> {
        visitor.visit_newtype_struct(Probe { learned: self.learned, wrapped: true })
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Learnt> {
        self.is(Kind::Any)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Learnt> {
        self.is(Kind::Array)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, _: V) -> Result<V::Value, Learnt> {
        self.is(Kind::Array)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Learnt> {
        self.learned.names = Names::These(fields);
        self.is(Kind::Object)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Learnt> {
        self.learned.names = Names::These(variants);
        self.is(Kind::Variant)
    }
}

/// How every probe ends.
#[derive(Debug)]
pub struct Learnt;

impl fmt::Display for Learnt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("probed")
    }
}

impl std::error::Error for Learnt {}

impl de::Error for Learnt {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Wrapped(#[expect(dead_code, reason = "only read")] Option<u8>);

    #[derive(Deserialize)]
    struct Part {
        #[serde(rename = "City", alias = "town")]
        #[expect(dead_code, reason = "only read")]
        city: String,
    }

    type Alias = Option<String>;

    #[test]
    fn types_tell_their_kind_and_whether_they_may_be_absent() {
        for (probe, kind, optional) in [
            (probe::<bool> as fn(Probe<'_>), Kind::Boolean, false),
            (probe::<u64>, Kind::Integer, false),
            (probe::<f32>, Kind::Number, false),
            (probe::<Alias>, Kind::String, true),
            (probe::<Box<Option<u8>>>, Kind::Integer, true),
            (probe::<Wrapped>, Kind::Integer, false),
            (probe::<Vec<u8>>, Kind::Array, false),
            (probe::<(u8, u8)>, Kind::Array, false),
            (probe::<Option<Part>>, Kind::Object, true),
            (probe::<serde_json::Value>, Kind::Any, false),
        ] {
            let learned = Learned::of(probe);
            assert_eq!((learned.kind, learned.optional), (kind, optional));
        }
    }

    #[test]
    fn a_part_tells_its_names() {
        let Names::These(names) = Learned::of(probe::<Part>).names else { panic!("names are known") };
        assert!(names.contains(&"City") && names.contains(&"town"));
        assert_eq!(Learned::of(probe::<BTreeMap<String, u8>>).names, Names::Any);
    }
}
