//! One client's line to the server, and the start of a race on many of them.

use std::time::{Duration, Instant};

use super::Register;
use super::failure::{Exchange, Seen, describe};
use crate::http::{Connection, Request, Response, Trouble};

/// Between the last octet but one and the last, so that the server has seen the fields of all requests.
const PAUSE: Duration = Duration::from_millis(1);
/// What an answer may take behind the deadline.
const GRACE: Duration = Duration::from_millis(20);
/// Many servers write an answer in two pieces. On a connection that is kept the second piece then waits until the first is
/// acknowledged, and our system takes its time (40 ms are usual); on a new connection it does so at once. So a line whose
/// answers took this long so often in a row no longer keeps its connection.
const SLOW: Duration = Duration::from_millis(30);
const OFTEN: u32 = 3;

/// A client that sends a request at most once and keeps its connection where the server lets it.
///
/// [`Client`](crate::http::Client) sends a request again when a kept connection turns out to be closed. Here that would
/// be wrong: the first one may have been performed, and then the second one is a write that nobody asked for.
pub(super) struct Line<'a> {
    register: &'a Register,
    kept: Option<Connection>,
    keeps: bool,
    /// How many slow answers there were in a row on the kept connection.
    slow: u32,
    begun: Option<Begun>,
}

/// A request that was written except for its last octet.
struct Begun {
    connection: Connection,
    rest: Vec<u8>,
    method: String,
    reused: bool,
    finished: Instant,
}

impl<'a> Line<'a> {
    /// A line that keeps its connection.
    pub(super) fn new(register: &'a Register) -> Self {
        Self { register, kept: None, keeps: true, slow: 0, begun: None }
    }

    /// A line with a connection for each request, so that twenty of them need not stay open at one time.
    pub(super) fn single(register: &'a Register) -> Self {
        Self { keeps: false, ..Self::new(register) }
    }

    /// Sends a request and reads its answer. GET is sent again when it met a connection that was closed.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Response, Trouble> {
        let again = self.kept.is_some() && request.method() == "GET";
        let first = self.ask_once(request);
        if again && matches!(first, Err(Trouble::Closed | Trouble::Truncated(_))) {
            return self.ask_once(request);
        }
        first
    }

    fn ask_once(&mut self, request: &Request) -> Result<Response, Trouble> {
        self.begin(request)?;
        self.finish();
        self.answer(Instant::now() + self.register.answer_limit)
    }

    /// Writes a request except for its last octet.
    pub(super) fn begin(&mut self, request: &Request) -> Result<(), Trouble> {
        let (mut connection, reused) = match self.kept.take() {
            Some(kept) => (kept, true),
            None => (Connection::open(&self.register.origin)?, false),
        };
        let closing = (!self.keeps).then(|| request.clone().field("Connection", "close"));
        let request = closing.as_ref().unwrap_or(request);
        let mut octets = connection.head_octets(request);
        octets.extend(request.content_octets());
        let rest = octets.split_off(octets.len().saturating_sub(1));
        // A failed write is not the end: an early answer may be waiting.
        let _ = connection.write(&octets);
        let method = request.method().to_owned();
        self.begun = Some(Begun { connection, rest, method, reused, finished: Instant::now() });
        Ok(())
    }

    /// Writes the last octet.
    pub(super) fn finish(&mut self) {
        if let Some(begun) = &mut self.begun {
            let _ = begun.connection.write(&begun.rest);
            begun.finished = Instant::now();
        }
    }

    /// Reads the answer to the request that was begun.
    pub(super) fn answer(&mut self, deadline: Instant) -> Result<Response, Trouble> {
        let Some(begun) = self.begun.take() else { return Err(Trouble::Closed) };
        let Begun { mut connection, method, reused, finished, .. } = begun;
        // A moment is always left: an answer that came while another one was awaited has come in time.
        connection.set_limit(deadline.saturating_duration_since(Instant::now()).max(GRACE));
        let answer = connection.read_response(&method);
        // What was said is not shown, and thousands of rounds would fill the memory with it.
        drop(connection.take_transcript());
        self.slow = if reused && finished.elapsed() > SLOW { self.slow + 1 } else { 0 };
        self.keeps &= self.slow < OFTEN;
        match &answer {
            Ok(response) if self.keeps && !response.closed && !connection.hears_within(Duration::ZERO) => {
                self.kept = Some(connection);
            }
            Ok(_) => {}
            // Where a kept connection is not safe, the next request has one of its own.
            Err(_) => self.keeps = false,
        }
        answer
    }
}

/// One request of a race: the number that it writes, if it writes one.
pub(super) type Entry = (Request, Option<u64>);

/// Sends all requests, each on its line: everything but the last octets, the last octets, and only then the answers.
pub(super) fn race(register: &Register, lines: &mut [Line<'_>], entries: &[Entry]) -> Vec<Exchange> {
    let begun: Vec<Result<(), Trouble>> =
        lines.iter_mut().zip(entries).map(|(line, (request, _))| line.begin(request)).collect();
    std::thread::sleep(PAUSE);
    for line in &mut *lines {
        line.finish();
    }
    let deadline = Instant::now() + register.answer_limit;
    let mut exchanges = Vec::with_capacity(entries.len());
    for (at, ((line, begun), (request, number))) in lines.iter_mut().zip(begun).zip(entries).enumerate() {
        let answer = begun.and_then(|()| line.answer(deadline)).map(|response| Seen::new(register, &response));
        exchanges.push(Exchange { client: at + 1, request: describe(request, *number), answer });
    }
    exchanges
}
