//! A JSON text taken apart, so that parts of it can be left out or replaced, and each is still found by its place.
//!
//! One file, because what is taken apart and what is put together must be the same text.

use std::borrow::Cow;

use serde::de::Unexpected;

use crate::violation::Pointer;

/// A value inside a JSON text that is known to be right.
#[derive(Clone, Debug)]
pub(crate) enum Node<'a> {
    /// A string, a number, a boolean, null, or what stands in for a value, as it is written.
    Text(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    /// The names as they are written.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// What is left out. It keeps its index, so that those behind it keep theirs.
    Absent,
}

/// Where reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The indexes from the root to the value.
    pub(crate) path: Vec<usize>,
    /// Whether it stopped in the name and not in the value.
    pub(crate) in_name: bool,
}

impl<'a> Node<'a> {
    /// Takes a JSON text apart; `None` if it is none.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parser = Parser { text, at: 0 };
        parser.value()
    }

    pub(crate) fn is_container(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Whether it is an object with a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        matches!(self, Self::Object(members) if members.iter().any(|(own, value)| {
            !matches!(value, Self::Absent) && unquoted(own) == name
        }))
    }

    pub(crate) fn get(&self, path: &[usize]) -> Option<&Self> {
        path.iter().try_fold(self, |node, index| match node {
            Self::Array(elements) => elements.get(*index),
            Self::Object(members) => members.get(*index).map(|(_, value)| value),
            Self::Text(_) | Self::Absent => None,
        })
    }

    pub(crate) fn get_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, index| match node {
            Self::Array(elements) => elements.get_mut(*index),
            Self::Object(members) => members.get_mut(*index).map(|(_, value)| value),
            Self::Text(_) | Self::Absent => None,
        })
    }

    /// The pointer to the value at this path.
    pub(crate) fn pointer(&self, path: &[usize], root: Pointer) -> Pointer {
        let (mut node, mut pointer) = (self, root);
        for index in path {
            match node {
                Self::Object(members) => {
                    let Some((name, value)) = members.get(*index) else { break };
                    (node, pointer) = (value, pointer.member(&unquoted(name)));
                }
                Self::Array(elements) => {
                    let Some(value) = elements.get(*index) else { break };
                    (node, pointer) = (value, pointer.element(*index));
                }
                Self::Text(_) | Self::Absent => break,
            }
        }
        pointer
    }

    /// Appends the text, without white space.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Array(_) | Self::Object(_) => self.write_some(0..self.len(), out),
            Self::Absent => {}
        }
    }

    /// Appends the text of an array or object that has only these of what is inside.
    pub(crate) fn write_some(&self, indexes: impl Iterator<Item = usize>, out: &mut String) {
        let close = self.open(out);
        let mut first = true;
        for (name, value) in indexes.filter_map(|index| self.at(index)) {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            if let Some(name) = name {
                out.push_str(name);
                out.push(':');
            }
            value.write(out);
        }
        out.push_str(close);
    }

    /// The value at this index, if it is not left out, with its name, if it has one.
    pub(crate) fn at(&self, index: usize) -> Option<(Option<&str>, &Self)> {
        let (name, value) = match self {
            Self::Array(elements) => (None, elements.get(index)?),
            Self::Object(members) => members.get(index).map(|(name, value)| (Some(&**name), value))?,
            Self::Text(_) | Self::Absent => return None,
        };
        (!matches!(value, Self::Absent)).then_some((name, value))
    }

    /// How many values are inside, those included that are left out.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Array(elements) => elements.len(),
            Self::Object(members) => members.len(),
            Self::Text(_) | Self::Absent => 0,
        }
    }

    /// Opens an array or object; gives what closes it.
    pub(crate) fn open(&self, out: &mut String) -> &'static str {
        let (open, close) = match self {
            Self::Array(_) => ("[", "]"),
            Self::Object(_) => ("{", "}"),
            Self::Text(_) | Self::Absent => ("", ""),
        };
        out.push_str(open);
        close
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The value in which serde_json stopped after so many octets of the text. It stops behind a scalar that is wrong,
    /// before an array or object that should be something else, behind an object in which something is missing.
    pub(crate) fn spot(&self, stop: usize) -> Option<Spot> {
        let mut path = Vec::new();
        let in_name = self.stopped(stop, &mut 0, &mut path)?;
        path.reverse();
        Some(Spot { path, in_name })
    }

    /// Passes over the value; if reading stopped in it, the way there from the inside to the outside.
    fn stopped(&self, stop: usize, at: &mut usize, path: &mut Vec<usize>) -> Option<bool> {
        let start = *at;
        if let Self::Text(text) = self {
            *at += text.len();
            return (start < stop && stop <= *at).then_some(false);
        }
        *at += 1;
        let mut found = None;
        let mut first = true;
        for index in 0..self.len() {
            let Some((name, value)) = self.at(index) else { continue };
            *at += usize::from(!std::mem::take(&mut first));
            let in_name = name.is_some_and(|name| {
                let begin = *at;
                *at += name.len() + 1;
                begin < stop && stop < *at
            });
            let inside = if in_name {
                path.clear();
                value.stopped(usize::MAX, at, path);
                Some(true)
            } else {
                value.stopped(if found.is_some() { usize::MAX } else { stop }, at, path)
            };
            if found.is_none() && inside.is_some() {
                found = inside;
                path.push(index);
            }
        }
        *at += 1;
        found.or_else(|| (start <= stop && stop <= *at).then_some(false))
    }

    /// What it says, if it is a string.
    pub(crate) fn string(&self) -> Option<String> {
        match self {
            Self::Text(text) if text.starts_with('"') => Some(unquoted(text)),
            _ => None,
        }
    }

    /// Whether an error that calls a value so may mean this one.
    pub(crate) fn is_called(&self, what: &str) -> bool {
        match self {
            Self::Text(text) => is_called(text, what),
            Self::Array(_) => is_called("[]", what),
            Self::Object(_) => is_called("{}", what),
            Self::Absent => false,
        }
    }

    /// A value of the same kind, but another one, where there is one.
    pub(crate) fn changed(&self) -> String {
        let Self::Text(text) = self else { return "7".to_owned() };
        match &**text {
            "true" => "false".to_owned(),
            "false" => "true".to_owned(),
            "null" => "7".to_owned(),
            string if string.starts_with('"') => {
                let head = string.strip_suffix('"').unwrap_or(string);
                format!("{head}~\"")
            }
            number => match (number.parse::<u64>(), number.parse::<i64>()) {
                (Ok(number), _) => number.checked_add(1).unwrap_or(7).to_string(),
                (_, Ok(number)) => number.checked_sub(1).unwrap_or(-7).to_string(),
                _ => "7.25".to_owned(),
            },
        }
    }
}

/// What serde calls a value in an error, from its text.
fn described(text: &str) -> String {
    let unexpected = match text {
        "null" => return "unit value".to_owned(),
        "true" | "false" => Unexpected::Bool(text == "true"),
        _ if text.starts_with('[') => Unexpected::Seq,
        _ if text.starts_with('{') => Unexpected::Map,
        _ if text.starts_with('"') => return Unexpected::Str(&unquoted(text)).to_string(),
        _ => match (text.parse(), text.parse()) {
            (Ok(number), _) => Unexpected::Unsigned(number),
            (_, Ok(number)) if number != 0 => Unexpected::Signed(number),
            _ => Unexpected::Float(text.parse().unwrap_or(f64::INFINITY)),
        },
    };
    unexpected.to_string()
}

/// Whether an error that calls a value so may mean the one with this text. serde_json has other names for null and for
/// numbers with a fraction than serde has.
pub(crate) fn is_called(text: &str, what: &str) -> bool {
    let number = |what: &str| what.strip_prefix("floating point `")?.strip_suffix('`')?.parse::<f64>().ok();
    let own = described(text);
    own == what
        || (text == "null" && what == "null")
        || number(what).zip(number(&own)).is_some_and(|(what, own)| what.total_cmp(&own).is_eq())
}

/// A JSON string as what it says.
pub(crate) fn unquoted(text: &str) -> String {
    serde_json::from_str(text).unwrap_or_default()
}

/// What says a string as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Option<u8> {
        let octets = self.text.as_bytes();
        while octets.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        octets.get(self.at).copied()
    }

    fn value(&mut self) -> Option<Node<'a>> {
        match self.peek()? {
            b'[' => {
                self.at += 1;
                let mut elements = Vec::new();
                while self.goes_on(b']')? {
                    elements.push(self.value()?);
                }
                Some(Node::Array(elements))
            }
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                while self.goes_on(b'}')? {
                    let name = self.string()?;
                    if self.peek()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    members.push((Cow::Borrowed(name), self.value()?));
                }
                Some(Node::Object(members))
            }
            b'"' => self.string().map(|text| Node::Text(Cow::Borrowed(text))),
            _ => {
                let is_token = |octet: u8| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet);
                let rest = self.text.get(self.at..)?;
                let token = rest.get(..rest.bytes().take_while(|octet| is_token(*octet)).count())?;
                self.at += token.len();
                (!token.is_empty()).then_some(Node::Text(Cow::Borrowed(token)))
            }
        }
    }

    /// Whether an array or object has something more; passes over its punctuation.
    fn goes_on(&mut self, close: u8) -> Option<bool> {
        let octet = self.peek()?;
        match octet {
            _ if octet == close => {
                self.at += 1;
                Some(false)
            }
            b',' => {
                self.at += 1;
                self.peek()?;
                Some(true)
            }
            _ => Some(true),
        }
    }

    /// A string as it is written.
    fn string(&mut self) -> Option<&'a str> {
        self.peek()?;
        let rest = self.text.get(self.at..)?;
        let mut escaped = true;
        for (index, octet) in rest.bytes().enumerate() {
            match octet {
                b'"' if !escaped => {
                    self.at += index + 1;
                    return rest.get(..=index);
                }
                // The opening quote is passed over as if it were escaped.
                b'\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        number: u32,
        list: Vec<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        inner: Inner,
        many: Vec<Inner>,
        pair: (u8, String),
    }

    #[test]
    fn errors_are_found_where_they_are() {
        let right = r#"{"number":1,"list":[]}"#;
        for (text, pointer) in [
            ("5", "#"),
            (r#"{"inner":5}"#, "#/inner"),
            (r#"{"inner": [1]}"#, "#/inner"),
            (r#"{"inner":{"number":"x"}}"#, "#/inner/number"),
            ("{\t \"inner\" : {\r\n \"number\" : {} } }", "#/inner/number"),
            (r#"{"inner":{"number":1,"list":[1,2,300]}}"#, "#/inner/list/2"),
            (r#"{"inner":{"number":1,"list":[1,[],3]}}"#, "#/inner/list/1"),
            (r#"{"inner":{"number":1}}"#, "#/inner"),
            (r#"{"inner":{"number":1e400}}"#, "#/inner/number"),
            (&format!(r#"{{"inner":{right},"many":[{right},{{}}]}}"#), "#/many/1"),
            (&format!(r#"{{"inner":{right},"many":[],"pair":[1]}}"#), "#/pair"),
            (&format!(r#"{{"inner":{right},"many":[],"pair":[1,2]}}"#), "#/pair/1"),
            (r#"{"a\"b":1}"#, "#/a%22b"),
        ] {
            let node = Node::parse(text).expect(text);
            let text = node.text();
            let error = serde_json::from_str::<Outer>(&text).unwrap_err();
            let spot = node.spot(error.column()).expect(&text);
            assert_eq!(node.pointer(&spot.path, Pointer::root()).to_string(), pointer, "{text}: {error}");
        }
    }

    /// A type that reads nothing.
    struct Nothing;

    impl serde::de::Visitor<'_> for Nothing {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("nothing")
        }
    }

    #[test]
    fn values_are_called_what_serde_calls_them() {
        use serde::Deserializer as _;
        for text in ["null", "true", "0", "-5", "-0", "1.50", "1e300", "18446744073709551616", r#""a\"b""#, "[1]", "{}"]
        {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let of_json = value.deserialize_any(Nothing).unwrap_err().to_string();
            let of_text = serde_json::Deserializer::from_str(text).deserialize_any(Nothing).unwrap_err().to_string();
            let float = text.parse::<f64>().ok().filter(|_| text.contains(['.', 'e']));
            let of_serde = float.map(|float| format!("invalid type: {}, expected nothing", Unexpected::Float(float)));
            for error in [of_json, of_text].into_iter().chain(of_serde) {
                let what = error.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected nothing"));
                let (what, _) = what.expect(&error);
                assert!(Node::parse(text).unwrap().is_called(what), "{text}: {error}");
                assert!(!Node::parse("7").unwrap().is_called(what), "{text}: {error}");
            }
        }
    }
}
