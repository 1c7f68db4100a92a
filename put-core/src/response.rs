//! The finished answer: a status, fields and content, which an adapter copies out.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, StatusCode, header};

use crate::entity_tag::EntityTag;
use crate::problem::{Kind, Problem};
use crate::store::State;

/// The media type of a representation.
pub(crate) const JSON: &str = "application/json";
/// The media type of a problem (RFC 9457, section 3).
const PROBLEM_JSON: &str = "application/problem+json";
/// Prefer has an effect on the response to a PUT (RFC 7240, section 2).
const PREFER: &str = "Prefer";
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// An answer of the engine.
///
/// ```
/// use put_core::Response;
/// use put_core::problem::{Kind, Problem};
///
/// let response = Response::problem(&Problem::new(Kind::NotFound));
/// assert_eq!(response.status(), 404);
/// assert!(response.fields().iter().any(|(name, value)| name == "content-type" && value == "application/problem+json"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: StatusCode,
    fields: Vec<(HeaderName, Bytes)>,
    content: Bytes,
    fields_only: bool,
    unread: Unread,
}

/// What an adapter does with content of the request that has not been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Whether the connection ends with this answer, which must then say so.
    pub close: bool,
    /// How many octets are read and dropped while the answer is sent, at the most: a client that is still sending
    /// could otherwise lose the answer.
    pub pass_over: u64,
}

impl Unread {
    /// There is so little that reading it costs less than a new connection.
    pub(crate) const fn little(limit: u64) -> Self {
        Self { close: false, pass_over: limit }
    }

    /// There may be any amount. A client that does not stop loses the connection, and with it perhaps the answer.
    pub(crate) const MUCH: Self = Self { close: true, pass_over: 64 * 1024 * 1024 };

    /// The client has been told to wait and sends nothing, or has left: reading would only invite it.
    pub(crate) const NOTHING: Self = Self { close: true, pass_over: 0 };
}

impl Response {
    pub(crate) fn new(status: StatusCode) -> Self {
        let mut fields = Vec::with_capacity(8);
        // A server with a clock says what it shows (RFC 9110, section 6.6.1); a Last-Modified of ours is then
        // never later than the Date beside it, whatever clock the framework has cached.
        fields.push((header::DATE, http_date(SystemTime::now())));
        Self { status, fields, content: Bytes::new(), fields_only: false, unread: Unread { close: false, pass_over: 0 } }
    }

    /// The answer for something that went wrong.
    #[must_use]
    pub fn problem(problem: &Problem) -> Self {
        let mut response = Self::new(problem.kind().status());
        response.set(header::CONTENT_TYPE, PROBLEM_JSON);
        match problem.kind() {
            // A 415 says what would have been taken (RFC 9110, section 15.5.16), each kind by its own field.
            Kind::UnsupportedMediaType => response.set(header::ACCEPT, JSON),
            Kind::UnsupportedCoding => response.set(header::ACCEPT_ENCODING, "identity"),
            _ => {}
        }
        // Some 4xx may be kept by caches when nothing is said, and outlive the PUT that mends them.
        response.set(header::CACHE_CONTROL, "no-store");
        response.content = problem.to_json();
        response
    }

    pub(crate) fn set(&mut self, name: HeaderName, value: impl Into<Bytes>) {
        self.fields.push((name, value.into()));
    }

    /// The representation.
    pub(crate) fn content_of(&mut self, state: &State) {
        self.set(header::CONTENT_TYPE, JSON);
        self.content = state.json().clone();
    }

    /// The validators of a state (RFC 9110, section 8.8).
    pub(crate) fn validators(&mut self, state: &State) {
        self.entity_tag(state.tag());
        if let Some(modified) = state.modified() {
            // Never later than Date, even if the clock was set back (section 8.8.2.1).
            self.set(header::LAST_MODIFIED, http_date(modified.min(SystemTime::now())));
        }
    }

    pub(crate) fn entity_tag(&mut self, tag: &EntityTag) {
        self.set(header::ETAG, Bytes::copy_from_slice(tag.as_bytes()));
    }

    pub(crate) fn retry_after(&mut self, wait: Duration) {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.set(header::RETRY_AFTER, seconds.max(1).to_string());
    }

    pub(crate) fn vary_by_prefer(&mut self) {
        self.set(header::VARY, PREFER);
    }

    /// The same answer to HEAD: all fields, the length included, without the content (RFC 9110, section 9.3.2).
    pub(crate) fn without_content(mut self) -> Self {
        if !self.content.is_empty() {
            self.set(header::CONTENT_LENGTH, self.content.len().to_string());
            self.content = Bytes::new();
        }
        self.fields_only = true;
        self
    }

    pub(crate) fn leaving(mut self, unread: Unread) -> Self {
        self.unread = unread;
        self
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The fields in the order in which they should be sent. Their values are visible ASCII.
    #[must_use]
    pub fn fields(&self) -> &[(HeaderName, Bytes)] {
        &self.fields
    }

    /// The content; empty for an answer without.
    #[must_use]
    pub fn content(&self) -> &Bytes {
        &self.content
    }

    /// Whether this answers HEAD: the length that its fields state is that of a content which is not sent. A framework
    /// that would state the length of what it sends must be kept from it.
    #[must_use]
    pub fn is_fields_only(&self) -> bool {
        self.fields_only
    }

    /// What to do with content that has not been read.
    #[must_use]
    pub fn unread(&self) -> Unread {
        self.unread
    }

    /// The field that announces the end of the connection, for a framework that is told so by a field. It is only for
    /// HTTP/1 (RFC 9110, section 7.6.1).
    #[must_use]
    pub fn close_field(&self) -> Option<(HeaderName, Bytes)> {
        self.unread.close.then(|| (header::CONNECTION, Bytes::from_static(b"close")))
    }

    /// Takes the answer apart: status, fields, content.
    #[must_use]
    pub fn into_parts(self) -> (StatusCode, Vec<(HeaderName, Bytes)>, Bytes) {
        (self.status, self.fields, self.content)
    }
}

/// An IMF-fixdate (RFC 9110, section 5.6.7). The last one is kept: most answers of a second show the same.
fn http_date(instant: SystemTime) -> Bytes {
    thread_local! {
        static LAST: RefCell<(u64, Bytes)> = const { RefCell::new((u64::MAX, Bytes::new())) };
    }
    let second = crate::precondition::whole_seconds(instant);
    LAST.with(|last| {
        let Ok(mut last) = last.try_borrow_mut() else { return Bytes::from(httpdate::fmt_http_date(instant)) };
        if last.0 != second {
            *last = (second, Bytes::from(httpdate::fmt_http_date(instant)));
        }
        last.1.clone()
    })
}
