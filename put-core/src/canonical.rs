//! The canonical JSON of a value: compact, fields in the order of the struct, map members sorted.
//!
//! serde_json writes the numbers and the strings; what is our own is the order, because an entity tag is only as
//! steady as the bytes it is made from. One thing in one file: serde's `Serializer` has these many methods.
//! A struct with a flattened part reaches a serializer as a map, so its members are sorted by name.

use serde::Serialize;
use serde::ser::{self, Error as _};

use crate::scan::needs_escape;

type Error = serde_json::Error;

/// Writes one value to the end of a buffer.
#[derive(Debug)]
pub struct Json<'a>(&'a mut Vec<u8>);

impl<'a> Json<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self(out)
    }
}

/// serde_json writes numbers and strings; these instances are shared by all resources.
fn leaf<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    serde_json::to_writer(out, value)
}

/// A string. Most need no escapes and are copied whole.
fn text(out: &mut Vec<u8>, value: &str) -> Result<(), Error> {
    if value.bytes().any(needs_escape) {
        return leaf(out, value);
    }
    out.reserve(value.len() + 2);
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
    Ok(())
}

/// The names under which serde_json's own types ask for their text to be written as it is.
const VERBATIM: [&str; 2] = ["$serde_json::private::Number", "$serde_json::private::RawValue"];

macro_rules! leaves {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), Error> {
            leaf(self.0, &value)
        })*
    };
}

impl<'a> ser::Serializer for Json<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Elements<'a>;
    type SerializeTupleVariant = Elements<'a>;
    type SerializeMap = Sorted<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    leaves! {
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32, serialize_f64: f64,
        serialize_char: char, serialize_bytes: &[u8]
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        text(self.0, value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        open_variant(self.0, variant)?;
        value.serialize(Json(&mut *self.0))?;
        self.0.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'a>, Error> {
        Ok(Elements::open(self.0, b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements<'a>, Error> {
        Ok(Elements::open(self.0, b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements<'a>, Error> {
        Ok(Elements::open(self.0, b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements<'a>, Error> {
        open_variant(self.0, variant)?;
        Ok(Elements::open(self.0, b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Sorted<'a>, Error> {
        Ok(Sorted::open(self.0))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a>, Error> {
        if VERBATIM.contains(&name) {
            return Ok(Fields { out: self.0, close: b"", first: true, verbatim: true });
        }
        Ok(Fields::open(self.0, b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Error> {
        open_variant(self.0, variant)?;
        Ok(Fields::open(self.0, b"}}"))
    }
}

fn open_variant(out: &mut Vec<u8>, variant: &str) -> Result<(), Error> {
    out.push(b'{');
    text(out, variant)?;
    out.push(b':');
    Ok(())
}

/// An array being written.
#[derive(Debug)]
pub struct Elements<'a> {
    out: &'a mut Vec<u8>,
    close: &'static [u8],
    first: bool,
}

impl<'a> Elements<'a> {
    fn open(out: &'a mut Vec<u8>, close: &'static [u8]) -> Self {
        out.push(b'[');
        Self { out, close, first: true }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        value.serialize(Json(&mut *self.out))
    }

    fn close(self) {
        self.out.extend_from_slice(self.close);
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident),*) => {
        $(impl ser::$trait for Elements<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.element(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        })*
    };
}
elements! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
}

/// A struct being written, in its own order.
#[derive(Debug)]
pub struct Fields<'a> {
    out: &'a mut Vec<u8>,
    close: &'static [u8],
    first: bool,
    verbatim: bool,
}

impl<'a> Fields<'a> {
    fn open(out: &'a mut Vec<u8>, close: &'static [u8]) -> Self {
        out.push(b'{');
        Self { out, close, first: true, verbatim: false }
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.name(name)?;
        let start = self.out.len();
        value.serialize(Json(&mut *self.out))?;
        if self.verbatim { self.text_as_it_is(start) } else { Ok(()) }
    }

    fn name(&mut self, name: &str) -> Result<(), Error> {
        if self.verbatim {
            return Ok(());
        }
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        text(self.out, name)?;
        self.out.push(b':');
        Ok(())
    }

    /// The one field of serde_json's own number or raw value is a string that holds JSON.
    #[cold]
    fn text_as_it_is(&mut self, start: usize) -> Result<(), Error> {
        let json: String = serde_json::from_slice(self.out.get(start..).unwrap_or_default())?;
        self.out.truncate(start);
        self.out.extend_from_slice(json.as_bytes());
        Ok(())
    }

    fn close(self) {
        self.out.extend_from_slice(self.close);
    }
}

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        })*
    };
}
fields! { SerializeStruct, SerializeStructVariant }

/// A map being written. Its members are put in order at the end, and only if they were not already.
#[derive(Debug)]
pub struct Sorted<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    /// Where each member begins and where its name ends.
    members: Vec<(usize, usize)>,
}

impl<'a> Sorted<'a> {
    fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        let start = out.len();
        Self { out, start, members: Vec::new() }
    }

    /// The member written at this place of the list, and the name in it.
    fn member(&self, index: usize) -> (&[u8], &[u8]) {
        let Some(&(begin, name_end)) = self.members.get(index) else { return (b"", b"") };
        // Behind each member but the last stands a comma.
        let end = self.members.get(index + 1).map_or(self.out.len(), |next| next.0 - 1);
        (self.out.get(begin..name_end).unwrap_or_default(), self.out.get(begin..end).unwrap_or_default())
    }

    fn put_in_order(&mut self) {
        let mut members: Vec<_> = (0..self.members.len()).map(|index| self.member(index)).collect();
        if members.is_sorted_by_key(|member| member.0) {
            return;
        }
        members.sort_unstable_by_key(|member| member.0);
        let sorted = members.iter().map(|member| member.1).collect::<Vec<_>>().join(&b","[..]);
        self.out.truncate(self.start);
        self.out.extend_from_slice(&sorted);
    }
}

impl ser::SerializeMap for Sorted<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        if !self.members.is_empty() {
            self.out.push(b',');
        }
        let begin = self.out.len();
        key.serialize(Json(&mut *self.out))?;
        match self.out.get(begin) {
            Some(b'"') => {}
            Some(b'0'..=b'9' | b'-' | b't' | b'f') => {
                self.out.insert(begin, b'"');
                self.out.push(b'"');
            }
            _ => return Err(Error::custom("the name of a member must be a string, a number or a boolean")),
        }
        self.members.push((begin, self.out.len()));
        self.out.push(b':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Json(&mut *self.out))
    }

    fn end(mut self) -> Result<(), Error> {
        self.put_in_order();
        self.out.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde_json::json;

    use super::*;

    fn written(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        value.serialize(Json::new(&mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct { x: i64 },
    }

    #[test]
    fn every_shape_reads_like_serde_json() {
        let value = (
            (true, -5_i8, 7_u64, 1.5_f32, 0.1_f64, 'c', "a\"\u{1}é", Some(1), None::<u8>, ()),
            [Shape::Unit, Shape::Newtype(1), Shape::Tuple(1, 2), Shape::Struct { x: -1 }],
            BTreeMap::from([(1, "a"), (2, "b")]),
            json!({"a": [1, {}, []], "b": null, "n": 12_345_678_901_234_567_890_u64}),
            i128::MIN,
        );
        assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn map_members_are_sorted() {
        let map: HashMap<String, u32> = (0..100).map(|n| (format!("k{n:03}"), n)).collect();
        let sorted: BTreeMap<_, _> = map.clone().into_iter().collect();
        assert_eq!(written(&map), serde_json::to_string(&sorted).unwrap());
    }

    #[test]
    fn a_key_that_is_no_name_is_an_error() {
        let map = BTreeMap::from([(vec![1], 2)]);
        assert!(map.serialize(Json::new(&mut Vec::new())).is_err());
    }
}
