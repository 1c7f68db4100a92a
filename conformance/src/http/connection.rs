//! One connection: octets out, messages in, every wait bounded.
//!
//! One thing although it is long: the reading of a message is one state that the buffer, the time limit and the record of
//! the exchange share.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Origin, Request, Response, Transcript};

/// How long the line is watched for octets that must not follow a response without content.
const WATCH: Duration = Duration::from_millis(4);
/// The longest header section and the longest content that a response may have here.
const HEAD_MAX: usize = 256 * 1024;
const CONTENT_MAX: usize = 32 * 1024 * 1024;
/// How long a time limit may be: a year is for ever, and the clock cannot count to the end of all numbers.
const LIMIT_MAX: Duration = Duration::from_hours(24 * 365);
/// Requests longer than this are written while the answer is awaited, because the answer may come first.
const ALONGSIDE: usize = 32 * 1024;

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection could be made.
    Connect(String),
    /// Nothing, or not enough, came within the time limit.
    TimedOut(String),
    /// The connection ended before the first octet of a response.
    Closed,
    /// The connection ended inside a response.
    Truncated(String),
    /// What came is not a correct HTTP/1.1 response.
    Malformed(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(why) => write!(out, "no connection: {why}"),
            Self::TimedOut(what) => write!(out, "timed out waiting for {what}"),
            Self::Closed => out.write_str("the connection was closed without an answer"),
            Self::Truncated(what) => write!(out, "the connection was closed inside {what}"),
            Self::Malformed(why) => write!(out, "not a correct response: {why}"),
        }
    }
}

impl std::error::Error for Trouble {}

/// One message from the server.
#[derive(Clone, Debug)]
pub enum Message {
    /// A 1xx response; another message follows.
    Interim(u16),
    /// The final response.
    Final(Response),
}

/// A connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    origin: Origin,
    buffer: Vec<u8>,
    ended: bool,
    limit: Duration,
    transcript: Transcript,
}

impl Connection {
    /// Connects.
    pub fn open(origin: impl Into<Origin>) -> Result<Self, Trouble> {
        let origin = origin.into();
        let limit = origin.patience().min(LIMIT_MAX);
        let stream =
            TcpStream::connect_timeout(&origin.addr(), limit).map_err(|why| Trouble::Connect(why.to_string()))?;
        let prepared = stream.set_nodelay(true).and_then(|()| stream.set_write_timeout(Some(limit)));
        prepared.map_err(|why| Trouble::Connect(why.to_string()))?;
        Ok(Self { stream, origin, buffer: Vec::new(), ended: false, limit, transcript: Transcript::default() })
    }

    /// Changes how long one response may take.
    pub fn set_limit(&mut self, limit: Duration) {
        self.limit = limit.min(LIMIT_MAX);
    }

    /// The octets of a request up to the end of its header section, as this connection would send them.
    pub fn head_octets(&self, request: &Request) -> Vec<u8> {
        request.head_octets(&self.origin)
    }

    /// What was sent and received since the last call, without the values that go with every request.
    pub fn take_transcript(&mut self) -> Transcript {
        std::mem::take(&mut self.transcript).veiled(&self.origin)
    }

    /// Writes octets as they are. `false` says that the server no longer takes them; an answer may still be readable.
    pub fn write(&mut self, octets: &[u8]) -> bool {
        self.transcript.sent(octets);
        self.stream.write_all(octets).is_ok()
    }

    /// Writes the header section of a request and holds its content back.
    pub fn write_head(&mut self, request: &Request) -> bool {
        let octets = self.head_octets(request);
        self.write(&octets)
    }

    /// Writes the content of a request.
    pub fn write_content(&mut self, request: &Request) -> bool {
        let octets = request.content_octets();
        self.write(&octets)
    }

    /// Says that nothing more will be sent, and goes on listening.
    pub fn finish_writing(&mut self) {
        // The server may have closed already; then there is nothing left to say.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends a request and reads its final response, passing over interim ones.
    pub fn exchange(&mut self, request: &Request) -> Result<Response, Trouble> {
        let mut octets = self.head_octets(request);
        octets.extend(request.content_octets());
        let response = if octets.len() > ALONGSIDE {
            self.exchange_alongside(&octets, request.method())?
        } else {
            // A failed write is not the end: an early answer may be waiting.
            let _ = self.write(&octets);
            self.read_response(request.method())?
        };
        self.watch_for_stray(&response, request.method())?;
        Ok(response)
    }

    /// Writes octets in a thread of their own while the answer is read; writing stops when the answer is complete.
    pub fn exchange_alongside(&mut self, octets: &[u8], method: &str) -> Result<Response, Trouble> {
        let mut writer = self.stream.try_clone().map_err(|why| Trouble::Connect(why.to_string()))?;
        self.transcript.sent(octets);
        let (answered, limit) = (AtomicBool::new(false), self.limit);
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| {
                let deadline = Instant::now() + limit;
                let mut rest = octets;
                // Short waits, so that an answer ends the writing soon. What had been written counts.
                let _ = writer.set_write_timeout(Some(Duration::from_millis(50)));
                while !rest.is_empty() && Instant::now() < deadline {
                    match writer.write(&rest[..rest.len().min(64 * 1024)]) {
                        Ok(written) => rest = &rest[written..],
                        Err(why) if waits(why.kind()) => {
                            if answered.load(Ordering::Acquire) {
                                break;
                            }
                        }
                        Err(_) => break,
                    }
                }
                let _ = writer.set_write_timeout(Some(limit));
                rest.is_empty()
            });
            let answer = self.read_response(method);
            answered.store(true, Ordering::Release);
            let complete = sending.join().unwrap_or(false);
            answer.map(|mut response| {
                // A request that was not sent to its end leaves the connection useless.
                response.closed |= !complete;
                response
            })
        })
    }

    /// Reads the final response to a request with this method, passing over interim ones.
    pub fn read_response(&mut self, method: &str) -> Result<Response, Trouble> {
        let mut interim = Vec::new();
        loop {
            match self.read_message(method)? {
                Message::Interim(_) if interim.len() >= 8 => {
                    return Err(Trouble::Malformed("more than eight interim responses".to_owned()));
                }
                Message::Interim(status) => interim.push(status),
                Message::Final(mut response) => {
                    response.interim = interim;
                    return Ok(response);
                }
            }
        }
    }

    /// Reads one message, interim or final, that answers a request with this method.
    pub fn read_message(&mut self, method: &str) -> Result<Message, Trouble> {
        let deadline = Instant::now() + self.origin.left().map_or(self.limit, |left| left.min(self.limit));
        let head = self.read_head(deadline)?;
        let (status, fields) = parse_head(&head)?;
        if status == 101 {
            return Err(Trouble::Malformed("101 to a request that did not ask for it".to_owned()));
        }
        if (100..200).contains(&status) {
            return Ok(Message::Interim(status));
        }
        let mut response = Response { status, fields, ..Response::default() };
        let version_1_0 = head.starts_with(b"HTTP/1.0");
        let options: Vec<String> =
            response.list("Connection").into_iter().map(|option| option.to_ascii_lowercase()).collect();
        response.closed = options.iter().any(|option| option == "close")
            || (version_1_0 && !options.iter().any(|option| option == "keep-alive"));
        if method != "HEAD" && status != 204 && status != 304 {
            self.read_content(&mut response, deadline)?;
        }
        Ok(Message::Final(response))
    }

    /// Whether the server closes the connection within this time. Octets that arrive instead are kept.
    pub fn closes_within(&mut self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        while !self.ended {
            match self.fill(deadline, "the end of the connection") {
                Ok(()) => {}
                Err(_) => return self.ended,
            }
        }
        true
    }

    /// Whether anything at all arrives within this time.
    pub fn hears_within(&mut self, wait: Duration) -> bool {
        if !self.buffer.is_empty() {
            return true;
        }
        let _ = self.fill(Instant::now() + wait, "anything");
        !self.buffer.is_empty()
    }

    /// Octets behind a response that has no content are content by another name.
    fn watch_for_stray(&mut self, response: &Response, method: &str) -> Result<(), Trouble> {
        let bare = method == "HEAD" || response.status == 204 || response.status == 304;
        if bare && !self.ended {
            let _ = self.fill(Instant::now() + WATCH, "nothing");
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        let status = response.status;
        let shown = String::from_utf8_lossy(&self.buffer[..self.buffer.len().min(40)]).into_owned();
        Err(Trouble::Malformed(format!("octets follow the end of the {status} to {method}: {shown:?}")))
    }

    fn read_head(&mut self, deadline: Instant) -> Result<Vec<u8>, Trouble> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                return Ok(self.buffer.drain(..end + 4).collect());
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Trouble::Malformed("the header section has no end".to_owned()));
            }
            if self.ended {
                let nothing = self.buffer.is_empty();
                return Err(if nothing { Trouble::Closed } else { Trouble::Truncated("a header section".to_owned()) });
            }
            self.fill(deadline, "a header section")?;
        }
    }

    fn read_content(&mut self, response: &mut Response, deadline: Instant) -> Result<(), Trouble> {
        let codings = response.list("Transfer-Encoding");
        let lengths = response.list("Content-Length");
        if !codings.is_empty() {
            if !lengths.is_empty() {
                return Err(Trouble::Malformed("Transfer-Encoding and Content-Length together".to_owned()));
            }
            if !matches!(codings.as_slice(), [only] if only.eq_ignore_ascii_case("chunked")) {
                return Err(Trouble::Malformed(format!("transfer codings {codings:?}")));
            }
            return self.read_chunks(response, deadline);
        }
        if let Some(first) = lengths.first() {
            let numeral = first.bytes().all(|octet| octet.is_ascii_digit());
            let length = first.parse().ok().filter(|_| numeral && lengths.iter().all(|other| other == first));
            let Some(length) = length else {
                return Err(Trouble::Malformed(format!("Content-Length {lengths:?}")));
            };
            response.content = self.take(length, deadline, "the content")?;
            return Ok(());
        }
        response.closed = true;
        while !self.ended {
            if self.buffer.len() > CONTENT_MAX {
                return Err(Trouble::Malformed("more content than this client takes".to_owned()));
            }
            self.fill(deadline, "the end of content that ends with the connection")?;
        }
        response.content = std::mem::take(&mut self.buffer);
        Ok(())
    }

    fn read_chunks(&mut self, response: &mut Response, deadline: Instant) -> Result<(), Trouble> {
        loop {
            let line = self.read_line(deadline)?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let Ok(size) = usize::from_str_radix(digits, 16) else {
                return Err(Trouble::Malformed(format!("chunk size {digits:?}")));
            };
            if size == 0 {
                while !self.read_line(deadline)?.is_empty() {}
                return Ok(());
            }
            if response.content.len().saturating_add(size) > CONTENT_MAX {
                return Err(Trouble::Malformed("more content than this client takes".to_owned()));
            }
            let chunk = self.take(size, deadline, "a chunk")?;
            response.content.extend(chunk);
            if self.take(2, deadline, "a chunk")? != b"\r\n" {
                return Err(Trouble::Malformed("a chunk is longer than it says".to_owned()));
            }
        }
    }

    fn read_line(&mut self, deadline: Instant) -> Result<String, Trouble> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).take(end).collect();
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Trouble::Malformed("a line between chunks has no end".to_owned()));
            }
            if self.ended {
                return Err(Trouble::Truncated("a chunk".to_owned()));
            }
            self.fill(deadline, "a chunk")?;
        }
    }

    fn take(&mut self, count: usize, deadline: Instant, what: &str) -> Result<Vec<u8>, Trouble> {
        if count > CONTENT_MAX {
            return Err(Trouble::Malformed("more content than this client takes".to_owned()));
        }
        while self.buffer.len() < count {
            if self.ended {
                return Err(Trouble::Truncated(what.to_owned()));
            }
            self.fill(deadline, what)?;
        }
        Ok(self.buffer.drain(..count).collect())
    }

    /// Reads once. The end of the connection is noted and is no error here: what it means depends on what was awaited.
    fn fill(&mut self, deadline: Instant, what: &str) -> Result<(), Trouble> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
            return Err(Trouble::TimedOut(what.to_owned()));
        }
        let mut block = [0_u8; 16 * 1024];
        match self.stream.read(&mut block) {
            Ok(0) => self.ended = true,
            Ok(count) => {
                self.transcript.received(&block[..count]);
                self.buffer.extend_from_slice(&block[..count]);
            }
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) if waits(why.kind()) => return Err(Trouble::TimedOut(what.to_owned())),
            // A reset is an end like any other for the reader: what came before it has been read.
            Err(_) => self.ended = true,
        }
        Ok(())
    }
}

fn waits(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

type Fields = Vec<(String, Vec<u8>)>;

/// Strict, because a client that forgives would not notice.
fn parse_head(head: &[u8]) -> Result<(u16, Fields), Trouble> {
    let malformed = |why: &str, line: &[u8]| {
        Trouble::Malformed(format!("{why}: {:?}", String::from_utf8_lossy(&line[..line.len().min(80)])))
    };
    let mut lines = Vec::new();
    let mut rest = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
    while let Some(end) = find(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    let status_line = lines.remove(0);
    let version = status_line.starts_with(b"HTTP/1.1 ") || status_line.starts_with(b"HTTP/1.0 ");
    let digits = status_line.get(9..12).filter(|digits| version && digits.iter().all(u8::is_ascii_digit));
    let phrase_apart = matches!(status_line.get(12), None | Some(b' '));
    let status = digits.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| digits.parse().ok());
    let Some(status) = status.filter(|status: &u16| phrase_apart && (100..600).contains(status)) else {
        return Err(malformed("status line", status_line));
    };
    let mut fields = Vec::new();
    for line in lines {
        let Some(colon) = line.iter().position(|octet| *octet == b':') else {
            return Err(malformed("field line", line));
        };
        let name = &line[..colon];
        let token = |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet);
        if name.is_empty() || !name.iter().all(token) {
            return Err(malformed("field name", line));
        }
        let value = line[colon + 1..].trim_ascii();
        if value.iter().any(|octet| matches!(octet, 0..=8 | 10..=31 | 127)) {
            return Err(malformed("field value", line));
        }
        fields.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
    }
    Ok((status, fields))
}
