//! Requests as octets, and everything that comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use put_mutants::Server;

/// Content that every request of these tests sends unless it says otherwise.
pub(super) const ONE: &str = r#"{"name":"one","note":"n","count":7,"done":true,"tags":["x"]}"#;
pub(super) const TWO: &str = r#"{"name":"two"}"#;

/// A request with its content and Host.
pub(super) fn request(method: &str, target: &str, fields: &[&str], content: &str) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
    if !content.is_empty() {
        head.push_str("Content-Length: ");
        head.push_str(&content.len().to_string());
        head.push_str("\r\n");
        if !fields.iter().any(|line| line.starts_with("Content-Type")) {
            head.push_str("Content-Type: application/json\r\n");
        }
    }
    for line in fields {
        head.push_str(line);
        head.push_str("\r\n");
    }
    format!("{head}\r\n{content}").into_bytes()
}

pub(super) fn get(target: &str) -> Vec<u8> {
    request("GET", target, &[], "")
}

/// One connection.
pub(super) struct Line(TcpStream);

impl Line {
    pub(super) fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.addr()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        Self(stream)
    }

    pub(super) fn send(&mut self, octets: &[u8]) {
        // The server may have had enough; what it said is still there to be read.
        let _ = self.0.write_all(octets);
    }

    /// What the server says first.
    pub(super) fn hear(&mut self) -> String {
        let mut block = [0; 16 * 1024];
        let count = self.0.read(&mut block).unwrap_or_default();
        String::from_utf8_lossy(&block[..count]).into_owned()
    }

    /// Says that nothing follows, and reads to the end.
    pub(super) fn rest(mut self) -> String {
        let _ = self.0.shutdown(Shutdown::Write);
        let mut heard = Vec::new();
        let _ = self.0.read_to_end(&mut heard);
        String::from_utf8_lossy(&heard).into_owned()
    }
}

/// Sends octets on a connection of their own and returns all that comes back.
pub(super) fn say(server: &Server, octets: &[u8]) -> String {
    let mut line = Line::open(server);
    line.send(octets);
    line.rest()
}

/// The statuses of all responses, interim ones included.
pub(super) fn statuses(heard: &str) -> Vec<u16> {
    let parts = heard.split("HTTP/1.1 ").skip(1);
    parts.map(|part| part.get(..3).and_then(|digits| digits.parse().ok()).expect("a status")).collect()
}

/// The value of the first field line with this name.
pub(super) fn field<'a>(heard: &'a str, name: &str) -> Option<&'a str> {
    let lines = heard.lines().take_while(|line| !line.is_empty());
    let mut named =
        lines.filter_map(|line| line.split_once(": ")).filter(|(found, _)| found.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value)
}

/// What follows the first header section.
pub(super) fn content(heard: &str) -> &str {
    heard.split_once("\r\n\r\n").map_or("", |(_, content)| content)
}
