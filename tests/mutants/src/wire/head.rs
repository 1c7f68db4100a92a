//! The beginning of a request: request line and header section.

use std::mem;

use super::{Answer, Wire, find};
use crate::mutant::Mutant;
use crate::problem::{Kind, Problem};
use crate::variant::Variant;

/// The longest request line, and the longest header section with it.
const LINE_MAX: usize = 16 * 1024;
const SECTION_MAX: usize = 64 * 1024;
/// How much of a section that is too long is looked at by the mutant that does not refuse it.
const FORGIVEN_MAX: usize = 4 * 1024 * 1024;

/// Field lines in the order of their arrival.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.lines(name).next().is_some()
    }

    /// The values of all lines of this name.
    pub(crate) fn lines<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// All lines of this name as one list.
    pub(crate) fn joined(&self, name: &str) -> Vec<u8> {
        self.lines(name).collect::<Vec<_>>().join(&b", "[..])
    }

    /// The value of the last line, as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.lines(name).next_back().map(|value| String::from_utf8_lossy(value).into_owned())
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The lines whose names begin so.
    pub(crate) fn beginning(&self, prefix: &str) -> Vec<(String, String)> {
        let fits = |name: &str| name.to_ascii_lowercase().starts_with(prefix);
        let lines = self.0.iter().filter(|(name, _)| fits(name));
        lines.map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned())).collect()
    }

    /// Reads a section without its last, empty line. Lines that are folded or hold control characters are none.
    pub(super) fn read(section: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        let mut rest = section;
        while !rest.is_empty() {
            let end = find(rest, b"\r\n")?;
            let (line, after) = (&rest[..end], &rest[end + 2..]);
            let colon = line.iter().position(|octet| *octet == b':')?;
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            let is_token = |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet);
            let is_control = |octet: &u8| (*octet < b' ' && *octet != b'\t') || *octet == 0x7f;
            if name.is_empty() || !name.iter().all(is_token) || value.iter().any(is_control) {
                return None;
            }
            fields.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
            rest = after;
        }
        Some(Self(fields))
    }
}

/// A request without its content.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    /// The minor version of HTTP/1.
    pub(crate) minor: u8,
    pub(crate) fields: Fields,
}

/// Why there is no head.
pub(crate) enum NoHead {
    /// The connection is over.
    Ended,
    /// What came is refused, and the connection with it.
    Refused(Answer),
}

impl Head {
    pub(crate) fn read(wire: &mut Wire, variant: Variant) -> Result<Self, NoHead> {
        let refuse = |kind: Kind, detail: &str| NoHead::Refused(Problem::new(kind).detail(detail).answer(variant));
        let forgives = variant.is(Mutant::LongHeadCut);
        let mut section = loop {
            while wire.buffer.starts_with(b"\r\n") {
                wire.buffer.drain(..2);
            }
            let line = find(&wire.buffer[..wire.buffer.len().min(LINE_MAX)], b"\r\n");
            if line.is_none() && wire.buffer.len() >= LINE_MAX {
                return Err(refuse(Kind::TargetTooLong, "the request line is too long"));
            }
            let end = line.and_then(|_| find(&wire.buffer, b"\r\n\r\n"));
            let limit = if forgives { FORGIVEN_MAX } else { SECTION_MAX };
            if end.unwrap_or(wire.buffer.len()) > limit {
                return Err(refuse(Kind::FieldsTooLarge, "the header section is too long"));
            }
            if let Some(end) = end {
                let rest = wire.buffer.split_off(end + 4);
                break mem::replace(&mut wire.buffer, rest);
            }
            if !wire.fill() {
                return Err(NoHead::Ended);
            }
        };
        section.truncate(section.len() - 2);
        if section.len() > SECTION_MAX {
            section.truncate(SECTION_MAX);
            let whole = section.windows(2).rposition(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
            section.truncate(whole);
        }
        let line_end = find(&section, b"\r\n").unwrap_or_default();
        let line = String::from_utf8(section[..line_end].to_vec()).ok().filter(|line| line.is_ascii());
        let line = line.ok_or_else(|| refuse(Kind::Malformed, "the request line is not ASCII"))?;
        let parts: Vec<&str> = line.split(' ').collect();
        let &[method, target, version] = parts.as_slice() else {
            return Err(refuse(Kind::Malformed, "the request line has not three parts"));
        };
        let minor = match version {
            "HTTP/1.1" => 1,
            "HTTP/1.0" => 0,
            other if other.starts_with("HTTP/") && other.len() == 8 => {
                return Err(refuse(Kind::VersionUnknown, "only HTTP/1 is spoken here"));
            }
            _ => return Err(refuse(Kind::Malformed, "the request line names no version")),
        };
        let is_token = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
        if method.is_empty() || !method.bytes().all(is_token) || target.is_empty() {
            return Err(refuse(Kind::Malformed, "the request line names no method or no target"));
        }
        let fields = Fields::read(&section[line_end + 2..])
            .ok_or_else(|| refuse(Kind::Malformed, "a field line cannot be read"))?;
        let head = Self { method: method.to_owned(), target: target.to_owned(), minor, fields };
        if !head.host_is_good(variant) {
            return Err(refuse(Kind::Malformed, "one Host field is needed, with a host and nothing else"));
        }
        Ok(head)
    }

    fn host_is_good(&self, variant: Variant) -> bool {
        let hosts: Vec<&[u8]> = self.fields.lines("Host").collect();
        let is_host =
            |host: &[u8]| host.iter().all(|octet| octet.is_ascii_alphanumeric() || b".-_~:[]%".contains(octet));
        match hosts.as_slice() {
            [] => self.minor == 0 || variant.is(Mutant::HostNotNeeded),
            [host] => is_host(host),
            _ => false,
        }
    }

    /// Whether the client waits for 100 (RFC 9110, section 10.1.1: a client of HTTP/1.0 never does).
    pub(crate) fn waits(&self, variant: Variant) -> bool {
        let speaks = self.minor > 0 || variant.is(Mutant::ContinueToOldClient);
        speaks && self.fields.lines("Expect").any(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }
}
