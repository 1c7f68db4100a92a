//! What is known of a request before its content: method, path, version, and the fields that have a meaning here.

use http::Version;

use crate::say::Caller;

macro_rules! fields {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// The request fields that the engine reads. Every other one is ignored (RFC 9110, section 5.1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Field {
            $($(#[doc = $doc])* $name,)*
        }

        impl Field {
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }

            const fn bit(self) -> u32 {
                1 << self as u32
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

fields! {
    Accept = "accept";
    AcceptLanguage = "accept-language";
    ContentDigest = "content-digest";
    ContentEncoding = "content-encoding";
    ContentLength = "content-length";
    ContentRange = "content-range";
    ContentType = "content-type";
    Expect = "expect";
    Host = "host";
    IfMatch = "if-match";
    IfModifiedSince = "if-modified-since";
    IfNoneMatch = "if-none-match";
    IfUnmodifiedSince = "if-unmodified-since";
    Prefer = "prefer";
    ReprDigest = "repr-digest";
    TransferEncoding = "transfer-encoding";
}

/// The methods that have a meaning here (RFC 9110, section 9), and the rest. They are case-sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Head,
    Put,
    Delete,
    Options,
    /// Known, but never allowed here.
    Other,
    /// Known nowhere.
    Unknown,
}

impl Verb {
    fn named(method: &str) -> Self {
        match method {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            "POST" | "PATCH" | "TRACE" | "CONNECT" => Self::Other,
            _ => Self::Unknown,
        }
    }
}

/// The head of a request, as an adapter hands it over.
///
/// ```
/// use put_core::Head;
///
/// let mut head = Head::new("PUT", "/items/42", "/items/{id}");
/// head.version(http::Version::HTTP_11);
/// head.field("host", b"example.org");
/// head.field("if-match", b"\"v7\"");
/// ```
#[derive(Clone, Debug)]
pub struct Head<'a> {
    pub(crate) verb: Verb,
    /// Not decoded, without the query.
    pub(crate) path: &'a str,
    pub(crate) template: &'a str,
    pub(crate) version: Option<Version>,
    lines: Vec<(Field, &'a [u8])>,
    /// Which fields there are, one bit for each: most of those that are asked for are not.
    present: u32,
    pub(crate) empty: bool,
    pub(crate) caller: Caller,
}

impl<'a> Head<'a> {
    /// The head of a request with this method to this path (as it arrived, not decoded, without the query), for
    /// which this path template of the router matched.
    #[must_use]
    pub fn new(method: &str, path: &'a str, template: &'a str) -> Self {
        let (verb, lines) = (Verb::named(method), Vec::with_capacity(8));
        Self { verb, path, template, version: None, lines, present: 0, empty: false, caller: Caller::default() }
    }

    /// Says which version of HTTP the request is of. What is said of none, as in a test, needs no Host.
    pub fn version(&mut self, version: Version) {
        self.version = Some(version);
    }

    /// Adds one field line, its name in lower case. Lines of one name keep their order.
    pub fn field(&mut self, name: &str, value: &'a [u8]) {
        if let Some(field) = Field::named(name) {
            self.lines.push((field, value));
            self.present |= field.bit();
        }
    }

    /// Says that no content follows, as the framing has it (RFC 9112, section 6.3; RFC 9113, section 8.1).
    pub fn without_content(&mut self) {
        self.empty = true;
    }

    /// Says who makes the request; until then nobody knows.
    pub fn caller(&mut self, caller: Caller) {
        self.caller = caller;
    }

    pub(crate) fn has_content(&self) -> bool {
        !self.empty
    }

    /// The values of all lines of this field.
    pub(crate) fn all(&self, field: Field) -> impl Iterator<Item = &'a [u8]> {
        let lines = if self.has(field) { &self.lines[..] } else { &[] };
        lines.iter().filter(move |(name, _)| *name == field).map(|(_, value)| *value)
    }

    pub(crate) fn has(&self, field: Field) -> bool {
        self.present & field.bit() != 0
    }
}
