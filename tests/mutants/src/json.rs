//! JSON as text and as a tree that keeps the digits of its numbers (RFC 8259).
//!
//! One file, because reading and writing are each other's measure.

use std::collections::HashMap;
use std::fmt;

use crate::mutant::Mutant;
use crate::variant::Variant;

/// The deepest nesting that is read.
const DEPTH_MAX: usize = 128;

/// A JSON value. Numbers are their text, so nothing alters them; members keep their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => value.fmt(out),
            Self::Number(digits) => out.write_str(digits),
            Self::Text(text) => out.write_str(&quoted(text)),
            Self::List(values) => {
                out.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(out, "{}{value}", if index > 0 { "," } else { "" })?;
                }
                out.write_str("]")
            }
            Self::Object(members) => {
                out.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    write!(out, "{}{}:{value}", if index > 0 { "," } else { "" }, quoted(name))?;
                }
                out.write_str("}")
            }
        }
    }
}

/// A text as JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.extend(format!("\\u{:04x}", control as u32).chars()),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Why content is no JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What is wrong, and at which octet.
    Syntax(&'static str, usize),
    /// A mutant breaks down.
    Breakdown,
}

/// Reads content as one JSON text.
pub(crate) fn read(content: &[u8], variant: Variant) -> Result<Json, Fault> {
    let replaced;
    let mut text = match std::str::from_utf8(content) {
        Ok(text) => text,
        Err(_) if variant.is(Mutant::OctetsReplaced) => {
            replaced = String::from_utf8_lossy(content).into_owned();
            &replaced
        }
        Err(why) => return Err(Fault::Syntax("this is not UTF-8", why.valid_up_to())),
    };
    if variant.is(Mutant::MarkAccepted) {
        text = text.strip_prefix('\u{feff}').unwrap_or(text);
    }
    let mut reader = Reader { text, at: 0, depth: 0, variant };
    let value = reader.value()?;
    reader.space();
    let ends = reader.at == text.len() || variant.is(Mutant::RestIgnored);
    if ends { Ok(value) } else { reader.fault("something follows the JSON text") }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    variant: Variant,
}

impl Reader<'_> {
    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault::Syntax(what, self.at))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes this octet, if it is the next one behind white space.
    fn takes(&mut self, octet: u8) -> bool {
        self.space();
        let is_next = self.peek() == Some(octet);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Result<Json, Fault> {
        self.space();
        for (word, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        match self.peek() {
            Some(b'"') => self.text().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(open @ (b'[' | b'{')) => {
                self.at += 1;
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    let fails = self.variant.is(Mutant::DepthFails);
                    return if fails { Err(Fault::Breakdown) } else { self.fault("this is nested too deeply") };
                }
                let value = if open == b'[' { self.list() } else { self.object() };
                self.depth -= 1;
                value
            }
            Some(_) => self.fault("no JSON value begins so"),
            None => self.fault("a JSON value is missing"),
        }
    }

    /// Behind a member of a list or object: whether another one follows.
    fn goes_on(&mut self, close: u8) -> Result<bool, Fault> {
        if self.takes(close) {
            return Ok(false);
        }
        if !self.takes(b',') {
            return self.fault("a comma or the end is missing");
        }
        Ok(!(self.variant.is(Mutant::TrailingCommaAccepted) && self.takes(close)))
    }

    fn list(&mut self) -> Result<Json, Fault> {
        let mut values = Vec::new();
        let mut more = !self.takes(b']');
        while more {
            values.push(self.value()?);
            more = self.goes_on(b']')?;
        }
        Ok(Json::List(values))
    }

    fn object(&mut self) -> Result<Json, Fault> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut more = !self.takes(b'}');
        while more {
            self.space();
            if self.peek() != Some(b'"') {
                return self.fault("a member begins with its name in quotes");
            }
            let name = self.text()?;
            if !self.takes(b':') {
                return self.fault("a colon is missing");
            }
            let value = self.value()?;
            if let Some(&first) = places.get(&name) {
                if !self.variant.is(Mutant::LastDuplicateWins) {
                    return self.fault("a name comes twice");
                }
                members[first].1 = value;
            } else {
                places.insert(name.clone(), members.len());
                members.push((name, value));
            }
            more = self.goes_on(b'}')?;
        }
        Ok(Json::Object(members))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.fault("a digit is missing") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.fault("a number does not begin with zero");
        }
        let digits = &self.text[start..self.at];
        if self.variant.is(Mutant::HugeNumberFails) && digits.parse().is_ok_and(f64::is_infinite) {
            return Err(Fault::Breakdown);
        }
        Ok(Json::Number(digits.to_owned()))
    }

    fn text(&mut self) -> Result<String, Fault> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let Some(letter) = self.text[self.at..].chars().next() else {
                return self.fault("a string has no end");
            };
            self.at += letter.len_utf8();
            match letter {
                '"' => return Ok(out),
                '\\' => out.push_str(&self.escape()?),
                control if control < ' ' => return self.fault("a control character must be escaped"),
                other => out.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<String, Fault> {
        let Some(letter) = self.peek() else { return self.fault("a string has no end") };
        self.at += usize::from(letter.is_ascii());
        let plain = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                return self.letter_of(unit);
            }
            _ => return self.fault("there is no such escape"),
        };
        Ok(plain.into())
    }

    fn unit(&mut self) -> Result<u16, Fault> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|octet| octet.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let Some(unit) = unit else { return self.fault("four hexadecimal digits are missing") };
        self.at += 4;
        Ok(unit)
    }

    fn letter_of(&mut self, unit: u16) -> Result<String, Fault> {
        if let Some(letter) = char::from_u32(unit.into()) {
            return Ok(letter.into());
        }
        if !self.text[self.at..].starts_with("\\u") {
            return self.fault("half of a surrogate pair is no character");
        }
        self.at += 2;
        let second = self.unit()?;
        if self.variant.is(Mutant::PairsBroken) {
            return Ok("\u{fffd}\u{fffd}".to_owned());
        }
        match String::from_utf16(&[unit, second]) {
            Ok(text) if text.chars().count() == 1 => Ok(text),
            _ => self.fault("half of a surrogate pair is no character"),
        }
    }
}
