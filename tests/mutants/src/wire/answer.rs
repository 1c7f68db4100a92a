//! A response, and the octets it becomes.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use httpdate::fmt_http_date;

use crate::mutant::Mutant;
use crate::problem;
use crate::variant::Variant;

/// A response as the server means it; what its status and method forbid is left out when it is written.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

/// What of the request decides how the response is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) is_head: bool,
    pub(crate) minor: u8,
    /// The connection ends with this response.
    pub(crate) ends: bool,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, fields: Vec::new(), content: Vec::new() }
    }

    pub(crate) fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn content(self, kind: &str, content: Vec<u8>) -> Self {
        let mut typed = self.field("Content-Type", kind);
        typed.content = content;
        typed
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn octets(&self, asked: Asked, variant: Variant) -> Vec<u8> {
        let status = self.status;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", problem::phrase(status));
        let mut line = |name: &str, value: &str| {
            // Writing to a text cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        };
        match variant.mutant() {
            Some(Mutant::NoDate) => {}
            Some(Mutant::DateInOldForm) => line("Date", &old_form(&fmt_http_date(SystemTime::now()))),
            _ => line("Date", &fmt_http_date(SystemTime::now())),
        }
        for (name, value) in &self.fields {
            line(name, value);
        }
        let chunked = variant.is(Mutant::AnswersInChunks) && asked.minor > 0 && !self.content.is_empty();
        let length = self.content.len().to_string();
        match status {
            204 if variant.is(Mutant::NoContentWithLength) => line("Content-Length", "0"),
            204 | 304 => {}
            _ if asked.is_head && variant.is(Mutant::HeadLengthZero) => line("Content-Length", "0"),
            _ if asked.is_head && variant.is(Mutant::HeadWithoutLength) => {}
            _ if chunked => line("Transfer-Encoding", "chunked"),
            _ => line("Content-Length", &length),
        }
        if asked.ends {
            line("Connection", "close");
        }
        head.push_str("\r\n");
        let mut octets = head.into_bytes();
        let silent = asked.is_head && !variant.is(Mutant::HeadWithContent);
        if silent || status == 204 {
            return octets;
        }
        if chunked && !asked.is_head {
            octets.extend(format!("{:x}\r\n", self.content.len()).bytes());
            octets.extend_from_slice(&self.content);
            octets.extend_from_slice(b"\r\n0\r\n\r\n");
        } else {
            octets.extend_from_slice(&self.content);
        }
        octets
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as RFC 850 wrote it.
fn old_form(date: &str) -> String {
    let parts: Vec<&str> = date.split(' ').collect();
    let names =
        [("Mon", "day"), ("Tue", "sday"), ("Wed", "nesday"), ("Thu", "rsday"), ("Fri", "day"), ("Sat", "urday")];
    let &[day, number, month, year, time, zone] = parts.as_slice() else { return date.to_owned() };
    let day = day.trim_end_matches(',');
    let rest = names.iter().find(|(short, _)| *short == day).map_or("day", |(_, rest)| rest);
    format!("{day}{rest}, {number}-{month}-{} {time} {zone}", year.get(2..).unwrap_or(year))
}

/// A second of the Unix time as an HTTP-date.
pub(crate) fn date_of(second: u64) -> String {
    fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(second))
}
