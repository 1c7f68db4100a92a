//! Octets in and out: one connection, its buffer, and what an end of it means.

mod answer;
mod content;
mod head;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

pub(crate) use answer::{Answer, Asked, date_of};
pub(crate) use content::{Content, Unread};
pub(crate) use head::{Fields, Head, NoHead};

/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(10);
/// How much is passed over, and how long each piece of it may take, when a connection ends before its content does.
const PASSED_OVER: usize = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_millis(500);

/// A connection and what has been read from it and not yet used.
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    pub(crate) fn write(&mut self, octets: &[u8]) -> bool {
        self.stream.write_all(octets).is_ok()
    }

    /// Reads once; `false` says that nothing more will come.
    fn fill(&mut self) -> bool {
        let mut block = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut block) {
                Ok(0) => return false,
                Ok(count) => {
                    self.buffer.extend_from_slice(&block[..count]);
                    return true;
                }
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    /// The next line without its end, or `None` if it does not come or is longer than `limit`.
    fn line(&mut self, limit: usize) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line = self.buffer.drain(..end + 2).take(end).collect();
                return Some(line).filter(|line: &Vec<u8>| line.len() <= limit);
            }
            if self.buffer.len() > limit || !self.fill() {
                return None;
            }
        }
    }

    /// Says that the server is done, and passes over what the client still sends: a connection that is dropped with
    /// unread octets is reset, and the client loses the answer.
    pub(crate) fn end(mut self) {
        // The client may have gone already; then there is nobody to be polite to.
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = self.stream.set_read_timeout(Some(PATIENCE));
        let mut passed = 0;
        while passed < PASSED_OVER && self.fill() {
            passed += self.buffer.len();
            self.buffer.clear();
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
