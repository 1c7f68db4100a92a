//! Asks a type, once at run time, what serde does with it: which kind of JSON it reads, whether it reads null, whether it
//! accepts that the member is absent, and which member names it has when it is flattened.
//!
//! The probe is a deserializer that only notes which method the type calls and then fails, so that nothing of the
//! type's own reading is compiled a second time.
//!
//! One file, because half of it is the list of types that are asked.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

use crate::member::{Integer, Kind};
use crate::resource::ReadJson;

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
    /// Whether it reads null.
    pub(crate) null: bool,
    /// Whether serde accepts the member's absence.
    pub(crate) optional: bool,
    pub(crate) names: Names,
}

impl Learned {
    pub(crate) fn of(probe: fn(Probe<'_>)) -> Self {
        // A type that asks for nothing may read anything.
        let mut learned = Self { kind: Kind::Any, null: true, optional: false, names: Names::Any };
        probe(Probe { learned: &mut learned, wrapped: false, null: false });
        learned
    }
}

/// The deserializer that notes what it is asked for.
#[derive(Debug)]
pub struct Probe<'a> {
    learned: &'a mut Learned,
    /// Inside a newtype; serde does not look through one for an absent member.
    wrapped: bool,
    /// Inside an `Option`, through newtypes as well: those hand null on.
    null: bool,
}

/// Asks a type. The answer is in the probe; the error is how it ends.
pub fn probe<T: ReadJson>(probe: Probe<'_>) {
    drop(T::read(probe));
}

impl Probe<'_> {
    fn is<T>(self, kind: Kind) -> Result<T, Learnt> {
        self.learned.kind = kind;
        self.learned.null = self.null;
        Err(Learnt)
    }

    fn unit<T>(mut self) -> Result<T, Learnt> {
        self.null = true;
        self.is(Kind::Any)
    }
}

macro_rules! kinds {
    ($($kind:expr => $($method:ident)*;)*) => {
        $($(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Learnt> {
            self.is($kind)
        })*)*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Learnt;

    kinds! {
        Kind::Boolean => deserialize_bool;
        Kind::Integer(Integer::I8) => deserialize_i8;
        Kind::Integer(Integer::I16) => deserialize_i16;
        Kind::Integer(Integer::I32) => deserialize_i32;
        Kind::Integer(Integer::I64) => deserialize_i64;
        Kind::Integer(Integer::I128) => deserialize_i128;
        Kind::Integer(Integer::U8) => deserialize_u8;
        Kind::Integer(Integer::U16) => deserialize_u16;
        Kind::Integer(Integer::U32) => deserialize_u32;
        Kind::Integer(Integer::U64) => deserialize_u64;
        Kind::Integer(Integer::U128) => deserialize_u128;
        Kind::Number => deserialize_f32 deserialize_f64;
        Kind::String => deserialize_char deserialize_str deserialize_string deserialize_identifier;
        Kind::Array => deserialize_seq deserialize_bytes deserialize_byte_buf;
        Kind::Object => deserialize_map;
    }

    /// The type looks at what comes, so it is shown null.
    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Learnt> {
        self.null |= visitor.visit_unit::<Learnt>().is_ok();
        self.is(Kind::Any)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Learnt> {
        self.unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Learnt> {
        self.learned.optional |= !self.wrapped;
        visitor.visit_some(Probe { learned: self.learned, wrapped: true, null: true })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Learnt> {
        visitor.visit_newtype_struct(Probe { wrapped: true, ..self })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Learnt> {
        self.unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Learnt> {
        self.unit()
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

    #[derive(Deserialize)]
    struct Nothing;

    #[derive(Deserialize)]
    enum Choice {
        One,
    }

    #[derive(Deserialize)]
    #[serde(tag = "type")]
    enum Tagged {
        One,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(#[expect(dead_code, reason = "only read")] u8),
    }

    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Transparent(#[expect(dead_code, reason = "only read")] Option<Wrapped>);

    /// Asks its deserializer for nothing.
    struct Silent;

    impl<'de> Deserialize<'de> for Silent {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Self)
        }
    }

    #[test]
    fn types_tell_their_kind_and_whether_they_may_be_null_or_absent() {
        // The kind, whether it reads null, whether it may be absent.
        let table = [
            (probe::<bool> as fn(Probe<'_>), Kind::Boolean, false, false),
            (probe::<i8>, Kind::Integer(Integer::I8), false, false),
            (probe::<i16>, Kind::Integer(Integer::I16), false, false),
            (probe::<i32>, Kind::Integer(Integer::I32), false, false),
            (probe::<i64>, Kind::Integer(Integer::I64), false, false),
            (probe::<i128>, Kind::Integer(Integer::I128), false, false),
            (probe::<u8>, Kind::Integer(Integer::U8), false, false),
            (probe::<u16>, Kind::Integer(Integer::U16), false, false),
            (probe::<u32>, Kind::Integer(Integer::U32), false, false),
            (probe::<u64>, Kind::Integer(Integer::U64), false, false),
            (probe::<u128>, Kind::Integer(Integer::U128), false, false),
            (probe::<usize>, Kind::Integer(Integer::U64), false, false),
            (probe::<std::num::NonZeroI32>, Kind::Integer(Integer::I32), false, false),
            (probe::<f32>, Kind::Number, false, false),
            (probe::<f64>, Kind::Number, false, false),
            (probe::<char>, Kind::String, false, false),
            (probe::<Alias>, Kind::String, true, true),
            (probe::<Box<Option<u8>>>, Kind::Integer(Integer::U8), true, true),
            (probe::<Wrapped>, Kind::Integer(Integer::U8), true, false),
            (probe::<Transparent>, Kind::Integer(Integer::U8), true, true),
            (probe::<Vec<Option<u8>>>, Kind::Array, false, false),
            (probe::<(u8, u8)>, Kind::Array, false, false),
            (probe::<Option<Part>>, Kind::Object, true, true),
            (probe::<BTreeMap<String, u8>>, Kind::Object, false, false),
            (probe::<Choice>, Kind::Variant, false, false),
            (probe::<Option<Choice>>, Kind::Variant, true, true),
            (probe::<serde_json::Value>, Kind::Any, true, false),
            (probe::<Option<serde_json::Value>>, Kind::Any, true, true),
            (probe::<Tagged>, Kind::Any, false, false),
            (probe::<Option<Tagged>>, Kind::Any, true, true),
            (probe::<Untagged>, Kind::Any, true, false),
            (probe::<de::IgnoredAny>, Kind::Any, true, false),
            (probe::<()>, Kind::Any, true, false),
            (probe::<Nothing>, Kind::Any, true, false),
            (probe::<Silent>, Kind::Any, true, false),
        ];
        for (row, (probe, kind, null, optional)) in table.into_iter().enumerate() {
            let learned = Learned::of(probe);
            assert_eq!((learned.kind, learned.null, learned.optional), (kind, null, optional), "row {row}");
        }
    }

    #[test]
    fn a_part_tells_its_names() {
        let Names::These(names) = Learned::of(probe::<Part>).names else { panic!("names are known") };
        assert!(names.contains(&"City") && names.contains(&"town"));
        assert_eq!(Learned::of(probe::<BTreeMap<String, u8>>).names, Names::Any);
    }
}
