//! One pass over JSON: the whole grammar, and what `serde_json` does not check: names that stand twice at any depth,
//! lone surrogates, nesting - and an index of the top-level members.
//!
//! One thing although it is long: the grammar of JSON.

use std::borrow::Cow;
use std::collections::HashSet;

/// How deep arrays and objects may nest.
pub(crate) const DEPTH: usize = 128;
/// Up to this many names of one object are compared one with another; beyond that they are hashed.
const FEW: usize = 24;
/// A whole number with fewer digits is exact in every number type of Rust, `f32` included.
const EXACT_DIGITS: usize = 8;

/// What stands in a JSON text.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    /// The value at the top: `{` for an object, otherwise its first octet.
    pub(crate) first: u8,
    /// The members of the object at the top, in their order.
    pub(crate) members: Vec<Found<'a>>,
    /// Numbers that a member's type might not hold exactly.
    pub(crate) numbers: Vec<&'a str>,
}

/// One member of the object at the top.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    /// The name, unescaped.
    pub(crate) name: Cow<'a, str>,
    /// The text of the value.
    pub(crate) value: &'a str,
    /// How many of the noted numbers stand before the end of this member.
    pub(crate) numbers_until: usize,
    /// Whether the resource reads it. Decided later; at first every one is.
    pub(crate) read: bool,
}

/// What makes a text no JSON that we take, and the offset in octets where it was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) position: usize,
    pub(crate) reason: String,
}

impl Fault {
    /// Boxed, because what hardly ever comes should cost what always comes nothing.
    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "a small result is what the box is for")]
    fn at(position: usize, reason: impl Into<String>) -> Box<Self> {
        Box::new(Self { position, reason: reason.into() })
    }
}

/// Scans the octets of some content.
pub(crate) fn scan(octets: &[u8]) -> Result<Scan<'_>, Box<Fault>> {
    if octets.starts_with(b"\xEF\xBB\xBF") {
        return Err(Fault::at(0, "a byte order mark is not part of JSON"));
    }
    let text = std::str::from_utf8(octets).map_err(|error| Fault::at(error.valid_up_to(), "the text is not UTF-8"))?;
    let mut scanner = Scanner { text, octets, at: 0, names: Vec::new(), numbers: Vec::new() };
    let mut members = Vec::new();
    scanner.white_space();
    let first = scanner.peek();
    if first == b'{' {
        scanner.top_object(&mut members)?;
    } else {
        scanner.value(0)?;
    }
    scanner.white_space();
    if scanner.at < octets.len() {
        return Err(scanner.fault("something follows the JSON value"));
    }
    Ok(Scan { first, members, numbers: scanner.numbers })
}

/// The octets at which the reading of a string stops: its end, an escape, and what must be escaped.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse a wrong index")]
static STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut octet = 0;
    while octet < 0x20 {
        stops[octet] = true;
        octet += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};

/// A character as a person can read it. Quotes and backslashes are left to JSON.
fn visible(character: char) -> String {
    if character.is_control() { character.escape_unicode().to_string() } else { character.to_string() }
}

/// Whether an octet cannot stand in a string as it is.
#[inline]
#[expect(clippy::indexing_slicing, reason = "the table has every octet")]
pub(crate) fn needs_escape(octet: u8) -> bool {
    STOPS[usize::from(octet)]
}

/// The names of one object once they are many: comparing each with each would take too long.
#[derive(Default)]
struct Many<'a>(Option<HashSet<Cow<'a, str>>>);

impl<'a> Many<'a> {
    /// Whether the object had the name before.
    #[expect(clippy::ptr_arg, reason = "a borrowed name is kept without a copy")]
    fn has<'n, I>(&mut self, name: &Cow<'a, str>, count: usize, before: impl FnOnce() -> I) -> bool
    where
        'a: 'n,
        I: Iterator<Item = &'n Cow<'a, str>>,
    {
        if count < FEW {
            return before().any(|other| other == name);
        }
        !self.0.get_or_insert_with(|| before().cloned().collect()).insert(name.clone())
    }
}

struct Scanner<'a> {
    text: &'a str,
    octets: &'a [u8],
    at: usize,
    /// The names of the objects that are open below the top, innermost last.
    names: Vec<Cow<'a, str>>,
    numbers: Vec<&'a str>,
}

#[expect(clippy::unnecessary_box_returns, reason = "a small result is what the box is for")]
impl<'a> Scanner<'a> {
    #[cold]
    fn fault(&self, reason: impl Into<String>) -> Box<Fault> {
        Fault::at(self.at, reason)
    }

    /// The next octet; 0, which no JSON value begins with, at the end.
    fn peek(&self) -> u8 {
        self.octets.get(self.at).copied().unwrap_or(0)
    }

    fn slice(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn white_space(&mut self) {
        // Compact JSON, as programs write it, has none.
        if self.peek() > b' ' {
            return;
        }
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    #[cold]
    fn unexpected(&self, wanted: &str) -> Box<Fault> {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => self.fault(format!("expected {wanted}, found `{}`", visible(found))),
            None => self.fault(format!("expected {wanted}, but the text ends here")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), Box<Fault>> {
        match self.peek() {
            b'"' => self.string().map(drop),
            b'{' => self.object(depth + 1),
            b'[' => self.array(depth + 1),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    fn deeper(&self, depth: usize) -> Result<(), Box<Fault>> {
        if depth > DEPTH {
            return Err(self.fault(format!("arrays and objects nest deeper than {DEPTH}")));
        }
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Box<Fault>> {
        self.deeper(depth)?;
        self.at += 1;
        self.white_space();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.white_space();
            self.value(depth)?;
            self.white_space();
            match self.peek() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
    }

    /// The object at the top, with an index of its members.
    fn top_object(&mut self, members: &mut Vec<Found<'a>>) -> Result<(), Box<Fault>> {
        members.reserve(8);
        let mut many = Many::default();
        self.members(|scanner, name_at, name| {
            if many.has(&name, members.len(), || members.iter().map(|found| &found.name)) {
                return Err(Self::twice(name_at, &name));
            }
            let start = scanner.at;
            scanner.value(1)?;
            let (value, numbers_until) = (scanner.slice(start), scanner.numbers.len());
            members.push(Found { name, value, numbers_until, read: true });
            Ok(())
        })
    }

    fn object(&mut self, depth: usize) -> Result<(), Box<Fault>> {
        self.deeper(depth)?;
        let first = self.names.len();
        let mut many = Many::default();
        self.members(|scanner, name_at, name| {
            let before = scanner.names.get(first..).unwrap_or_default();
            if many.has(&name, before.len(), || before.iter()) {
                return Err(Self::twice(name_at, &name));
            }
            scanner.names.push(name);
            scanner.value(depth)
        })?;
        self.names.truncate(first);
        Ok(())
    }

    /// The members of an object: each name is handed over, standing before its value, which is left to be read.
    fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, usize, Cow<'a, str>) -> Result<(), Box<Fault>>,
    ) -> Result<(), Box<Fault>> {
        self.at += 1;
        self.white_space();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.white_space();
            if self.peek() != b'"' {
                return Err(self.unexpected("a member name in double quotes"));
            }
            let name_at = self.at;
            let name = self.name()?;
            self.white_space();
            if self.peek() != b':' {
                return Err(self.unexpected("`:`"));
            }
            self.at += 1;
            self.white_space();
            member(self, name_at, name)?;
            self.white_space();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
    }

    #[cold]
    fn twice(position: usize, name: &str) -> Box<Fault> {
        // Hardly a name is longer; a text of the client is not sent back to it whole.
        let shown: String = name.chars().take(64).collect();
        Fault::at(
            position,
            format!("the member `{}` stands twice in one object", shown.chars().map(visible).collect::<String>()),
        )
    }

    fn literal(&mut self, word: &str) -> Result<(), Box<Fault>> {
        if self.octets.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.fault(format!("expected `{word}`")))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<(), Box<Fault>> {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        let leading_zero = self.peek() == b'0';
        let whole = self.digits();
        if whole == 0 {
            return Err(self.unexpected("a digit"));
        }
        if leading_zero && whole > 1 {
            self.at = start;
            return Err(self.fault("a number has no leading zeros"));
        }
        let mut doubtful = whole >= EXACT_DIGITS;
        if self.peek() == b'.' {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.unexpected("a digit"));
            }
            // A fraction is rounded to what its type holds; only its magnitude can be lost.
            doubtful = whole > 38;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected("a digit"));
            }
            doubtful = true;
        }
        if doubtful {
            self.numbers.push(self.slice(start));
        }
        Ok(())
    }

    /// Passes over a string; says whether it has escapes.
    fn string(&mut self) -> Result<bool, Box<Fault>> {
        self.at += 1;
        let mut escapes = false;
        loop {
            let rest = self.octets.get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(|octet| needs_escape(*octet)).unwrap_or(rest.len());
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(escapes);
                }
                b'\\' => {
                    self.escape()?;
                    escapes = true;
                }
                _ if self.at >= self.octets.len() => return Err(self.fault("a string is not closed")),
                _ => return Err(self.fault("a control character in a string must be escaped")),
            }
        }
    }

    /// Reads a string and gives what it says; borrowed unless it has escapes.
    fn name(&mut self) -> Result<Cow<'a, str>, Box<Fault>> {
        let start = self.at;
        if self.string()? {
            let said = serde_json::from_str::<String>(self.slice(start));
            return said.map(Cow::Owned).map_err(|error| Fault::at(start, error.to_string()));
        }
        Ok(Cow::Borrowed(self.text.get(start + 1..self.at - 1).unwrap_or_default()))
    }

    /// Passes over one escape.
    fn escape(&mut self) -> Result<(), Box<Fault>> {
        self.at += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => return self.unicode_escape(),
            _ => return Err(self.unexpected("an escape that JSON knows")),
        }
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), Box<Fault>> {
        let begin = self.at - 1;
        let first = self.four_hex_digits()?;
        let whole = match first {
            0xD800..=0xDBFF if self.octets.get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u")) => {
                self.at += 1;
                matches!(self.four_hex_digits()?, 0xDC00..=0xDFFF)
            }
            0xD800..=0xDFFF => false,
            _ => true,
        };
        if whole {
            return Ok(());
        }
        Err(Fault::at(begin, format!("`\\u{first:04x}` is half of a surrogate pair; the other half is missing")))
    }

    /// The digits of `\uXXXX`, standing at the `u`.
    fn four_hex_digits(&mut self) -> Result<u32, Box<Fault>> {
        let digits = self.text.get(self.at + 1..self.at + 5).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.fault("`\\u` needs four hexadecimal digits"))?;
        self.at += 5;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_json_is_refused_where_it_goes_wrong() {
        for (text, position) in [
            ("", 0),
            ("{", 1),
            ("{\"a\"}", 4),
            ("{\"a\":}", 5),
            ("{\"a\":1,}", 7),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("{}{}", 2),
            ("{} x", 3),
            ("// c\n{}", 0),
            ("NaN", 0),
            ("Infinity", 0),
            ("'x'", 0),
            ("01", 0),
            ("+1", 0),
            (".5", 0),
            ("1.", 2),
            ("1e", 2),
            ("-", 1),
            ("tru", 0),
            ("nul", 0),
            ("\"a", 2),
            ("\"\u{1}\"", 1),
            ("\"\\x\"", 2),
            ("\"\\u12\"", 2),
            ("\"\\ud800\"", 1),
            ("\"\\ud800\\u0041\"", 1),
            ("\"\\udc00\"", 1),
            ("{\"a\":1,\"a\":2}", 7),
            ("{\"a\":1,\"\\u0061\":2}", 7),
            ("{\"x\":[{\"a\":1,\"a\":2}]}", 13),
            ("\u{feff}{}", 0),
        ] {
            let fault = scan(text.as_bytes()).expect_err(text);
            assert_eq!(fault.position, position, "{text}: {}", fault.reason);
        }
        assert!(scan(b"{\"a\":\"\xff\"}").is_err());
        assert!(scan(b"{\x00\"a\x00\"").is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(scan(nested(DEPTH).as_bytes()).is_ok());
        assert!(scan(nested(DEPTH + 1).as_bytes()).is_err());
        assert!(scan("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn many_names_are_compared_too() {
        let object = |names: usize, last: usize| {
            let members: Vec<_> = (0..names).chain([last]).map(|n| format!("\"n{n}\":{{\"n\":1}}")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(scan(object(10_000, 10_000).as_bytes()).is_ok());
        for twice in [0, 23, 24, 25, 9_999] {
            assert!(scan(object(10_000, twice).as_bytes()).is_err());
        }
    }

    #[test]
    fn the_index_has_names_and_values() {
        let text = r#" { "a" : [1, 2] , "\u0062" : "x" , "c":12345678 } "#;
        let scan = scan(text.as_bytes()).unwrap();
        let found: Vec<_> = scan.members.iter().map(|found| (found.name.as_ref(), found.value)).collect();
        assert_eq!(found, [("a", "[1, 2]"), ("b", "\"x\""), ("c", "12345678")]);
        assert_eq!(scan.numbers, ["12345678"]);
    }

    proptest! {
        /// serde_json is the naive model: whatever one takes, the other takes, except for what we refuse on purpose.
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}:,\" 0-9.eE+\\-truefalsn\\\\u]{0,24}") {
            let ours = scan(text.as_bytes());
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            match ours {
                Ok(_) => prop_assert!(theirs.is_ok(), "{text}"),
                Err(fault) if fault.reason.contains("twice") || fault.reason.contains("surrogate") => {}
                Err(_) => prop_assert!(theirs.is_err(), "{text}"),
            }
        }
    }
}
