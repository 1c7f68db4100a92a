//! The content of a request: how long it is, how it is read, and what is left when nobody read it.

use super::{Answer, Fields, Head, Wire};
use crate::mutant::Mutant;
use crate::problem::{Kind, Problem};
use crate::variant::Variant;

/// Content that nobody read and that is passed over to keep the connection.
const DRAINED_MAX: u64 = 64 * 1024;
const TRAILERS_MAX: usize = 16 * 1024;
const CHUNK_LINE_MAX: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked,
}

/// The content of one request, not yet read.
pub(crate) struct Content<'w> {
    wire: &'w mut Wire,
    framing: Framing,
    /// The client waits for 100 and has not been told so.
    waited_for: bool,
    /// Nothing of it is left on the connection.
    done: bool,
    /// Reading it failed, so nobody knows where the next request begins.
    broken: bool,
    trailers: Fields,
    variant: Variant,
}

/// Why content could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is longer than allowed.
    TooLong,
    /// The connection ended before it did.
    Truncated,
    /// Its chunks are none.
    Malformed,
    /// A mutant gives no answer at all.
    Silence,
}

impl<'w> Content<'w> {
    /// Reads from the head how the content is framed (RFC 9112, section 6.3). The refusal ends the connection.
    pub(crate) fn of(head: &Head, wire: &'w mut Wire, variant: Variant) -> Result<Self, Answer> {
        let refuse = |kind: Kind, detail: &str| Problem::new(kind).detail(detail).answer(variant);
        let lengths = head.fields.joined("Content-Length");
        let (coded, measured) = (head.fields.has("Transfer-Encoding"), head.fields.has("Content-Length"));
        if coded && measured && !variant.is(Mutant::LengthBesideChunks) {
            return Err(refuse(Kind::Malformed, "Content-Length and Transfer-Encoding exclude each other"));
        }
        let framing = if coded {
            if head.minor == 0 || !head.fields.joined("Transfer-Encoding").eq_ignore_ascii_case(b"chunked") {
                return Err(refuse(Kind::Malformed, "the only transfer coding here is chunked, once"));
            }
            Framing::Chunked
        } else if measured {
            let first = variant.is(Mutant::FirstLengthCounts).then(|| lengths.split(|octet| *octet == b',').next());
            let digits = first.flatten().unwrap_or(&lengths);
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                return Err(refuse(Kind::Malformed, "Content-Length is not one number"));
            }
            let add = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
            let wrapping = |sum: u64, digit: &u8| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            let length = if variant.is(Mutant::LengthWraps) {
                Some(digits.iter().fold(0, wrapping))
            } else {
                digits.iter().try_fold(0, add)
            };
            Framing::Length(length.ok_or_else(|| refuse(Kind::ContentTooLarge, "no content is that long"))?)
        } else {
            Framing::Length(0)
        };
        let waited_for = head.waits(variant) && framing != Framing::Length(0);
        Ok(Self {
            wire,
            framing,
            waited_for,
            done: framing == Framing::Length(0),
            broken: false,
            trailers: Fields::default(),
            variant,
        })
    }

    /// Its length, if it is told beforehand.
    pub(crate) fn declared(&self) -> Option<u64> {
        match self.framing {
            Framing::Length(length) => Some(length),
            Framing::Chunked => None,
        }
    }

    /// The trailer fields that followed it.
    pub(crate) fn trailers(&self) -> &Fields {
        &self.trailers
    }

    /// Asks for the content, if the client waits to be asked.
    pub(crate) fn ask(&mut self) {
        if std::mem::take(&mut self.waited_for) && !self.variant.is(Mutant::ContinueNeverSent) {
            self.wire.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// Reads all of it.
    pub(crate) fn read(&mut self, limit: u64) -> Result<Vec<u8>, Unread> {
        let silent = self.waited_for && self.variant.is(Mutant::ContinueThenSilence);
        self.ask();
        if silent {
            return Err(Unread::Silence);
        }
        let read = match self.framing {
            Framing::Length(length) if length > limit => Err(Unread::TooLong),
            Framing::Length(length) => self.measured(length),
            Framing::Chunked => self.chunks(limit),
        };
        self.done = read.is_ok();
        self.broken = read.is_err();
        read
    }

    fn measured(&mut self, length: u64) -> Result<Vec<u8>, Unread> {
        let length = usize::try_from(length).map_err(|_| Unread::TooLong)?;
        while self.wire.buffer.len() < length {
            if !self.wire.fill() {
                let stores = self.variant.is(Mutant::TruncatedLengthStored);
                return if stores { Ok(self.wire.buffer.drain(..).collect()) } else { Err(Unread::Truncated) };
            }
        }
        Ok(self.wire.buffer.drain(..length).collect())
    }

    fn chunks(&mut self, limit: u64) -> Result<Vec<u8>, Unread> {
        let mut content = Vec::new();
        let stores = self.variant.is(Mutant::TruncatedChunksStored);
        loop {
            let Some(line) = self.wire.line(CHUNK_LINE_MAX) else {
                return if stores { Ok(content) } else { Err(Unread::Truncated) };
            };
            let line = String::from_utf8(line).map_err(|_| Unread::Malformed)?;
            let digits = line.split(';').next().unwrap_or_default().trim_end();
            if digits.is_empty() || digits.len() > 16 || !digits.bytes().all(|octet| octet.is_ascii_hexdigit()) {
                return Err(Unread::Malformed);
            }
            let size = u64::from_str_radix(digits, 16).map_err(|_| Unread::Malformed)?;
            if size == 0 {
                return self.trailer_section().map(|()| content);
            }
            if size.saturating_add(content.len() as u64) > limit {
                return Err(Unread::TooLong);
            }
            let size = usize::try_from(size).map_err(|_| Unread::TooLong)?;
            while self.wire.buffer.len() < size + 2 {
                if !self.wire.fill() {
                    content.append(&mut self.wire.buffer);
                    return if stores { Ok(content) } else { Err(Unread::Truncated) };
                }
            }
            content.extend(self.wire.buffer.drain(..size));
            if self.wire.buffer.drain(..2).ne(*b"\r\n") {
                return Err(Unread::Malformed);
            }
        }
    }

    fn trailer_section(&mut self) -> Result<(), Unread> {
        let mut section = Vec::new();
        loop {
            let line = self.wire.line(TRAILERS_MAX).ok_or(Unread::Truncated)?;
            if line.is_empty() {
                break;
            }
            section.extend(line);
            section.extend_from_slice(b"\r\n");
            if section.len() > TRAILERS_MAX {
                return Err(Unread::Malformed);
            }
        }
        self.trailers = Fields::read(&section).ok_or(Unread::Malformed)?;
        Ok(())
    }

    /// Whether the connection can be used again once [`Content::conclude`] has passed over what is left.
    pub(crate) fn leaves_connection_usable(&self) -> bool {
        let is_short = !self.waited_for && self.declared().is_some_and(|length| length <= DRAINED_MAX);
        self.done || (is_short && !self.broken) || self.variant.is(Mutant::LeftoverIsNextRequest)
    }

    /// Writes the response and passes over what nobody read, so that the next request begins where it begins.
    /// `false` says that there will be none.
    pub(crate) fn conclude(mut self, response: &[u8], keeps: bool) -> bool {
        self.wire.write(response)
            && keeps
            && (self.done || self.variant.is(Mutant::LeftoverIsNextRequest) || self.read(DRAINED_MAX).is_ok())
    }
}
