//! One resource that shows a number: what the writers of a race write to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::failure::{Exchange, Failure, Kind, Seen, describe};
use super::line::Line;
use crate::http::{Origin, Request};

type Content = dyn Fn(u64) -> Vec<u8> + Send + Sync;
type Number = dyn Fn(&[u8]) -> Option<u64> + Send + Sync;

/// One target resource whose representation shows a number.
///
/// What its content looks like is the caller's: one function makes the content for a number, another one reads the number
/// from a representation. Different numbers must give different contents.
///
/// ```
/// use put_conformance::http::Origin;
/// use put_conformance::race::Register;
///
/// let register = Register::new(
///     Origin::new(([127, 0, 0, 1], 3000).into(), "localhost:3000").field("Authorization", "Bearer abc"),
///     "/things/1",
///     |number| number.to_string().into_bytes(),
///     |content| std::str::from_utf8(content).ok()?.parse().ok(),
/// );
/// assert_eq!(register.content(7), b"7");
/// assert_eq!(register.number(b"7"), Some(7));
/// assert_eq!(register.number(b"no number"), None);
/// ```
#[derive(Clone)]
pub struct Register {
    /// The server, and what goes with every request to it. A `Content-Type` there is sent instead of the usual one.
    pub origin: Origin,
    /// The request target.
    pub path: String,
    /// How long one answer may take.
    pub answer_limit: Duration,
    /// How long one race may go on; no new request is sent after it.
    pub race_limit: Duration,
    content: Arc<Content>,
    number: Arc<Number>,
}

impl Register {
    /// A register with `content` for a number and the `number` that a representation shows, if it shows any.
    ///
    /// An answer may take five seconds and a race one minute; both can be changed.
    pub fn new(
        origin: impl Into<Origin>,
        path: impl Into<String>,
        content: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
        number: impl Fn(&[u8]) -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            origin: origin.into(),
            path: path.into(),
            answer_limit: Duration::from_secs(5),
            race_limit: Duration::from_mins(1),
            content: Arc::new(content),
            number: Arc::new(number),
        }
    }

    /// The same register at another path: the server, the content and the limits stay.
    ///
    /// ```
    /// # use put_conformance::race::Register;
    /// # let register = Register::new(std::net::SocketAddr::from(([127, 0, 0, 1], 1)), "/things/1", |_| Vec::new(), |_| None);
    /// assert_eq!(register.at("/things/2").path, "/things/2");
    /// ```
    #[must_use]
    pub fn at(&self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self.clone() }
    }

    /// The content for a number.
    pub fn content(&self, number: u64) -> Vec<u8> {
        (self.content)(number)
    }

    /// The number that a representation shows.
    pub fn number(&self, content: &[u8]) -> Option<u64> {
        (self.number)(content)
    }

    pub(super) fn get(&self) -> Request {
        Request::get(&self.path)
    }

    pub(super) fn delete(&self) -> Request {
        Request::delete(&self.path)
    }

    pub(super) fn put(&self, number: u64) -> Request {
        let (request, content) = (Request::put(&self.path), self.content(number));
        let typed = self.origin.fields().iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        if typed { request.content(content) } else { request.json(content) }
    }

    /// What GET shows now.
    pub(super) fn show(&self, line: &mut Line<'_>) -> Result<Seen, Failure> {
        let request = self.get();
        match line.ask(&request) {
            Ok(response) => Ok(Seen::new(self, &response)),
            Err(trouble) => {
                let exchange = Exchange { client: 1, request: describe(&request, None), answer: Err(trouble) };
                Err(Failure::new(Kind::Unanswered, "GET got no answer").with(&[exchange]))
            }
        }
    }

    /// What GET shows, after the resource was created if it was absent, or given a number if it shows none.
    pub(super) fn prepare(&self, line: &mut Line<'_>) -> Result<Present, Failure> {
        let found = self.show(line)?;
        if let Some(present) = Present::of(&found) {
            return Ok(present);
        }
        if !found.is_absent() && found.status != 200 {
            return Err(not_run(format!("GET before the race is answered with {}", found.status)));
        }
        let request = match &found.tag {
            Some(tag) if !found.is_absent() => self.put(1).field("If-Match", tag),
            _ if found.is_absent() => self.put(1).field("If-None-Match", "*"),
            _ => self.put(1),
        };
        let answer = line.ask(&request).map(|response| Seen::new(self, &response));
        let exchange = Exchange { client: 1, request: describe(&request, Some(1)), answer };
        if !exchange.won() {
            return Err(not_run("the PUT before the race did not succeed").with(&[exchange]));
        }
        let shown = self.show(line)?;
        match Present::of(&shown) {
            Some(present) if present.number == 1 => Ok(present),
            _ => Err(not_run("GET before the race does not show the number that was put")
                .with(&[exchange, Exchange { client: 1, request: "GET".to_owned(), answer: Ok(shown) }])),
        }
    }
}

fn not_run(sentence: impl Into<String>) -> Failure {
    Failure::new(Kind::NotRun, sentence)
}

impl fmt::Debug for Register {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The fields of the server may hold a secret.
        out.debug_struct("Register")
            .field("addr", &self.origin.addr())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The state before a race.
#[derive(Clone, Debug)]
pub(super) struct Present {
    pub(super) number: u64,
    pub(super) tag: Option<String>,
}

impl Present {
    pub(super) fn of(seen: &Seen) -> Option<Self> {
        let number = seen.number.filter(|_| seen.status == 200)?;
        Some(Self { number, tag: seen.tag.clone() })
    }

    /// The tag that If-Match can be true for.
    pub(super) fn strong_tag(&self) -> Result<&str, Failure> {
        match &self.tag {
            None => Err(not_run("GET shows no ETag, so no client can say which state it means to replace")),
            Some(weak) if weak.starts_with("W/") => {
                Err(not_run(format!("GET shows the weak tag {weak}, and If-Match is never true for a weak tag")))
            }
            Some(tag) => Ok(tag),
        }
    }

    /// The number that the n-th writer of a race writes: different from the one that is there and from each other.
    pub(super) fn next(&self, writer: usize) -> u64 {
        self.number.wrapping_add(1).wrapping_add(writer as u64)
    }
}
