//! One keep-alive connection: writes a request that is ready as bytes, reads the answer, and looks only at what the
//! measurement needs.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Result;

/// A connection and the answer it read last.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// What the measurement needs of an answer.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) entity_tag: Option<&'a [u8]>,
}

/// An answer's head, as far as framing goes.
struct Head {
    status: u16,
    /// The length of the whole answer, content included.
    length: usize,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(4096) })
    }

    /// One request, one answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let mut head = None;
        let head = loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if head.is_none() {
                head = read_head(&self.answer)?;
            }
            if let Some(head) = &head
                && self.answer.len() >= head.length
            {
                break head;
            }
        };
        if self.answer.len() > head.length {
            return Err(self.surprise());
        }
        Ok(Answer { status: head.status, entity_tag: field(&self.answer, b"etag") })
    }

    /// The last answer as an error, for a status that nobody expected.
    pub(super) fn surprise(&self) -> Box<dyn std::error::Error> {
        format!("an answer that was not expected:\n{}", String::from_utf8_lossy(&self.answer)).into()
    }
}

/// The head, when all of it is there.
fn read_head(answer: &[u8]) -> Result<Option<Head>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = &answer[..end + 2];
    let status: u16 = std::str::from_utf8(head.get(9..12).ok_or("an answer without a status")?)?.parse()?;
    let content = match field(head, b"content-length") {
        Some(length) => std::str::from_utf8(length)?.parse()?,
        None if status == 204 => 0,
        None => return Err("an answer without Content-Length; the generator reads no other framing".into()),
    };
    Ok(Some(Head { status, length: end + 4 + content }))
}

/// The value of the first field line of that name, which is given in lower case.
fn field<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut lines = head.split(|&byte| byte == b'\n');
    lines.next();
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        if line.len() > name.len() && line[name.len()] == b':' && line[..name.len()].eq_ignore_ascii_case(name) {
            return Some(line[name.len() + 1..].trim_ascii());
        }
    }
    None
}
