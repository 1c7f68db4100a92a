//! The finished answer: a status, fields and content, which an adapter copies out. One file, because that is all that an
//! adapter sees of it.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;

use crate::entity_tag::EntityTag;
use crate::precondition::whole_seconds;
use crate::problem::{Kind, Problem};
use crate::store::State;

/// The media type of a representation.
pub(crate) const JSON: &str = "application/json";
/// The media type of a problem (RFC 9457, section 3).
const PROBLEM_JSON: &str = "application/problem+json";

macro_rules! response_fields {
    ($($name:ident = $text:literal;)*) => {
        /// The fields that an answer can have. A closed set, so that an adapter can keep the names of its framework in
        /// a table by [`index`](Self::index).
        ///
        /// ```
        /// use put_core::ResponseField;
        ///
        /// let names: Vec<&str> = ResponseField::ALL.iter().map(|field| field.name()).collect();
        /// assert_eq!(names[ResponseField::ETag.index()], "etag");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ResponseField {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl ResponseField {
            /// All of them, in the order of their index.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name, in lower case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The position in [`ALL`](Self::ALL).
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

response_fields! {
    Accept = "accept";
    AcceptEncoding = "accept-encoding";
    Allow = "allow";
    CacheControl = "cache-control";
    Connection = "connection";
    ContentLength = "content-length";
    ContentLocation = "content-location";
    ContentType = "content-type";
    Date = "date";
    ETag = "etag";
    LastModified = "last-modified";
    Location = "location";
    PreferenceApplied = "preference-applied";
    RetryAfter = "retry-after";
    Vary = "vary";
    WwwAuthenticate = "www-authenticate";
}

/// An answer of the engine.
///
/// ```
/// use put_core::Response;
/// use put_core::problem::{Kind, Problem};
///
/// let response = Response::problem(&Problem::new(Kind::NotFound));
/// assert_eq!(response.status(), 404);
/// assert!(response.fields().iter().any(|(field, value)| field.name() == "content-type" && value == "application/problem+json"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: StatusCode,
    /// What went wrong, if anything did.
    kind: Option<Kind>,
    fields: Vec<(ResponseField, Bytes)>,
    content: Bytes,
    fields_only: bool,
    unread: Unread,
    /// The instant of the Date field.
    date: SystemTime,
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
        let date = SystemTime::now();
        fields.push((ResponseField::Date, http_date_now(date)));
        let unread = Unread { close: false, pass_over: 0 };
        Self { status, kind: None, fields, content: Bytes::new(), fields_only: false, unread, date }
    }

    /// The answer for something that went wrong.
    #[must_use]
    pub fn problem(problem: &Problem) -> Self {
        let mut response = Self::new(problem.kind().status());
        response.kind = Some(problem.kind());
        response.set(ResponseField::ContentType, PROBLEM_JSON);
        match problem.kind() {
            // A 415 says what would have been taken (RFC 9110, section 15.5.16), each kind by its own field.
            Kind::UnsupportedMediaType => response.set(ResponseField::Accept, JSON),
            Kind::UnsupportedCoding => response.set(ResponseField::AcceptEncoding, "identity"),
            _ => {}
        }
        // Some 4xx may be kept by caches when nothing is said, and outlive the PUT that mends them.
        response.set(ResponseField::CacheControl, "no-store");
        response.content = problem.to_json();
        response
    }

    pub(crate) fn set(&mut self, name: ResponseField, value: impl Into<Bytes>) {
        self.fields.push((name, value.into()));
    }

    /// The representation.
    pub(crate) fn content_of(&mut self, state: &State) {
        self.set(ResponseField::ContentType, JSON);
        self.content = state.representation().clone();
    }

    /// Content of another type, which a field has said.
    pub(crate) fn set_content(&mut self, content: Bytes) {
        self.content = content;
    }

    /// The validators of a state (RFC 9110, section 8.8).
    pub(crate) fn validators(&mut self, state: &State) {
        self.entity_tag(state.tag());
        if let Some(modified) = state.modified() {
            // Never later than Date, even if the clock was set back (section 8.8.2.1).
            self.set(ResponseField::LastModified, http_date(modified.min(self.date)));
        }
    }

    pub(crate) fn entity_tag(&mut self, tag: &EntityTag) {
        self.set(ResponseField::ETag, Bytes::copy_from_slice(tag.as_bytes()));
    }

    pub(crate) fn retry_after(&mut self, wait: Duration) {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.set(ResponseField::RetryAfter, seconds.max(1).to_string());
    }

    pub(crate) fn vary_by_prefer(&mut self) {
        self.set(ResponseField::Vary, "Prefer");
    }

    /// The same answer to HEAD: all fields, the length included, without the content (RFC 9110, section 9.3.2).
    pub(crate) fn without_content(mut self) -> Self {
        if !self.content.is_empty() {
            self.set(ResponseField::ContentLength, self.content.len().to_string());
            self.content = Bytes::new();
        }
        self.fields_only = true;
        self
    }

    pub(crate) fn leaving(mut self, unread: Unread) -> Self {
        self.unread = unread;
        self
    }

    /// What went wrong, if anything did.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The fields in the order in which they should be sent, each at most once. Their values are visible ASCII.
    #[must_use]
    pub fn fields(&self) -> &[(ResponseField, Bytes)] {
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
    pub fn close_field(&self) -> Option<(ResponseField, Bytes)> {
        self.unread.close.then(|| (ResponseField::Connection, Bytes::from_static(b"close")))
    }

    /// Takes the answer apart: status, fields, content.
    #[must_use]
    pub fn into_parts(self) -> (StatusCode, Vec<(ResponseField, Bytes)>, Bytes) {
        (self.status, self.fields, self.content)
    }
}

thread_local! {
    /// The Date of this second: most answers show the same, and many of them a Last-Modified of this second.
    static TODAY: RefCell<(u64, Bytes)> = const { RefCell::new((u64::MAX, Bytes::new())) };
}

/// An IMF-fixdate (RFC 9110, section 5.6.7). What lies outside of the years it can hold becomes the nearest.
fn http_date(instant: SystemTime) -> Bytes {
    const LAST: u64 = 253_402_300_799;
    let second = whole_seconds(instant).min(LAST);
    let instant = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
    let today =
        TODAY.with(|today| today.try_borrow().ok().filter(|today| today.0 == second).map(|today| today.1.clone()));
    today.unwrap_or_else(|| Bytes::from(httpdate::fmt_http_date(instant)))
}

/// The same for the instant of an answer, which is the one to remember.
fn http_date_now(now: SystemTime) -> Bytes {
    let date = http_date(now);
    TODAY.with(|today| {
        if let Ok(mut today) = today.try_borrow_mut()
            && today.0 != whole_seconds(now)
        {
            *today = (whole_seconds(now), date.clone());
        }
    });
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_has_a_date() {
        let day = Duration::from_hours(24);
        for (instant, date) in [
            // A store may hold any date that somebody has put there.
            (SystemTime::UNIX_EPOCH - day, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (SystemTime::UNIX_EPOCH + day, "Fri, 02 Jan 1970 00:00:00 GMT"),
            (SystemTime::UNIX_EPOCH + day * 365 * 9000, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(http_date(instant), date);
        }
    }
}
