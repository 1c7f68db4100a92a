//! Content to state: the resource's own `Deserialize` reads from a thin map over the scanned members, and what it
//! read is written back as canonical JSON. That is the only code compiled for each resource.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Display};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::canonical::Json;
use crate::private::displays_as;
use crate::resource::PutResource;
use crate::scan::Found;
use crate::values::ValueFaults;

/// One member that the resource will read, besides those of the scanned content.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) name: Cow<'a, str>,
    /// The JSON text of the value.
    pub(crate) value: Cow<'a, str>,
}

/// Reads a resource from its members and writes its canonical JSON. See [`decode`].
pub type Decode = fn(Source<'_>, Option<&[&str]>, &mut Vec<u8>) -> Result<(), DecodeError>;

/// Reads `R` from its members, compares its key with the one in the path, and appends its canonical JSON. With a key it
/// is a proposal, which the value rules are asked about; a state that is stored already may be older than they are.
///
/// # Errors
/// What serde says, with the member it said it of.
pub fn decode<R: PutResource>(source: Source<'_>, key: Option<&[&str]>, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let value = R::read(source)?;
    same_key(key, &|part| value.key_part(part))?;
    if R::VALUE_RULES && key.is_some() {
        let mut faults = ValueFaults::default();
        value.value_rules(&mut faults);
        faults.none()?;
    }
    written(value.write(Json::new(out)))
}

fn same_key<'v>(key: Option<&[&str]>, part_of: &dyn Fn(usize) -> &'v dyn Display) -> Result<(), DecodeError> {
    match key.unwrap_or_default().iter().enumerate().find(|(part, text)| !displays_as(part_of(*part), text)) {
        Some((part, _)) => Err(DecodeError::OtherKey(part)),
        None => Ok(()),
    }
}

fn written(result: Result<(), serde_json::Error>) -> Result<(), DecodeError> {
    result.map_err(|error| DecodeError::Unwritable(error.to_string()))
}

/// The members of one object, in a form that serde reads: those of the scanned content that are to be read, then others.
#[derive(Debug)]
pub struct Source<'a> {
    found: std::slice::Iter<'a, Found<'a>>,
    entries: std::slice::Iter<'a, Entry<'a>>,
    /// The value that belongs to the name which was read last.
    value: Option<&'a str>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(found: &'a [Found<'a>], entries: &'a [Entry<'a>]) -> Self {
        Self { found: found.iter(), entries: entries.iter(), value: None }
    }

    /// The name of the next member; its value is kept. What is generic below is compiled once for each resource or
    /// type of member, so as little as possible stands there, down to the `match` in place of `map`.
    fn advance(&mut self) -> Option<&'a str> {
        let (name, value): (&'a str, &'a str) = match self.found.find(|found| found.read) {
            Some(found) => (&found.name, found.value),
            None => self.entries.next().map(|entry| (&*entry.name, &*entry.value))?,
        };
        self.value = Some(value);
        Some(name)
    }
}

impl<'de> Deserializer<'de> for Source<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Source<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some(name) = self.advance() else { return Ok(None) };
        match seed.deserialize(de::value::BorrowedStrDeserializer::new(name)) {
            Ok(name) => Ok(Some(name)),
            Err(error) => Err(error),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let text = self.value.take().unwrap_or("null");
        let mut value = serde_json::Deserializer::from_str(text);
        match seed.deserialize(&mut value) {
            Ok(value) => Ok(value),
            Err(error) => Err(DecodeError::value(&error)),
        }
    }
}

/// Why a resource could not be read from its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The value of one member.
    Value {
        /// What serde says, without the place.
        message: String,
        /// How many octets of the value were read, where that is known: on its first line.
        offset: Option<usize>,
    },
    /// A member is missing.
    Missing(&'static str),
    /// The key in the content is not the one in the path, at this part.
    OtherKey(usize),
    /// It is all read, and breaks value rules.
    Values(Box<ValueFaults>),
    /// What was read cannot be written as JSON.
    Unwritable(String),
    /// Something else, of the whole.
    Other(String),
}

impl DecodeError {
    #[cold]
    fn value(error: &serde_json::Error) -> Self {
        let mut message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        if let Some(without) = message.strip_suffix(&place) {
            message.truncate(without.len());
        }
        let offset = (error.line() == 1).then(|| error.column());
        Self::Value { message, offset }
    }
}

impl Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { message, .. } | Self::Unwritable(message) | Self::Other(message) => f.write_str(message),
            Self::Missing(name) => write!(f, "missing member `{name}`"),
            Self::OtherKey(_) => f.write_str("the key is not the one in the path"),
            Self::Values(_) => f.write_str("a value breaks a rule"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    #[cold]
    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}

thread_local! {
    /// Canonical JSON is written here first, so that what is kept is exactly as long as it is.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Runs with a buffer that is empty and has room; another one if this thread's is in use.
pub(crate) fn with_buffer<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    BUFFER.with(|buffer| match buffer.try_borrow_mut() {
        Ok(mut buffer) => {
            buffer.clear();
            if buffer.capacity() > 64 * 1024 {
                // One large resource should not keep its memory for ever.
                *buffer = Vec::new();
            }
            work(&mut buffer)
        }
        Err(_) => work(&mut Vec::new()),
    })
}
