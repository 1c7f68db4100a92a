//! The requests of one connection, ready as bytes before the measurement begins.
//!
//! The connections share the keys out among them, so nobody else writes a connection's keys and its entity tags stay
//! current. Each key has two contents that take turns: every PUT is a real replacement, never the unchanged state.

use std::net::SocketAddr;

use super::{KEYS, client::Connection};
use crate::Result;

/// The keys of one connection, asked in turn.
#[derive(Debug)]
pub(super) struct Requests {
    keys: Vec<Key>,
    /// Which key was asked last.
    position: usize,
    if_match: bool,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Key {
    /// Request line and fields, without the empty line at their end, and the content, for each of two contents.
    variants: [(Vec<u8>, Vec<u8>); 2],
    /// The whole request without If-Match, likewise.
    unconditional: [Vec<u8>; 2],
    turn: usize,
    tag: Vec<u8>,
    /// A request for the current representation.
    get: Vec<u8>,
}

impl Requests {
    /// The share `share` of `shares`.
    pub(super) fn new(address: SocketAddr, share: usize, shares: usize, if_match: bool) -> Self {
        let keys: Vec<_> = (1..=KEYS).skip(share).step_by(shares).map(|id| Key::new(address, id)).collect();
        let position = keys.len() - 1;
        Self { keys, position, if_match, scratch: Vec::with_capacity(1024) }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The next request. After one lap over the keys the other content has its turn.
    pub(super) fn next(&mut self) -> &[u8] {
        self.position = (self.position + 1) % self.keys.len();
        let key = &mut self.keys[self.position];
        let turn = key.turn;
        key.turn = 1 - turn;
        if !self.if_match {
            return &key.unconditional[turn];
        }
        let (head, content) = &key.variants[turn];
        self.scratch.clear();
        for part in [head.as_slice(), b"If-Match: ", &key.tag, b"\r\n\r\n", content] {
            self.scratch.extend_from_slice(part);
        }
        &self.scratch
    }

    /// The entity tag that the answer to the last request carried.
    pub(super) fn remember_tag(&mut self, tag: &[u8]) {
        let current = &mut self.keys[self.position].tag;
        current.clear();
        current.extend_from_slice(tag);
    }

    /// Asks for the current tag of every key. A floor has no GET and no tags: it is sent one that it does not read.
    pub(super) async fn learn_tags(&mut self, connection: &mut Connection) -> Result<()> {
        for key in &mut self.keys {
            let answer = connection.exchange(&key.get).await?;
            if let Some(tag) = answer.entity_tag {
                key.tag = tag.to_vec();
            }
        }
        Ok(())
    }
}

impl Key {
    fn new(address: SocketAddr, id: u64) -> Self {
        let variants = [0, 1].map(|variant| {
            let content = content(id, variant);
            let head = format!(
                "PUT /api/users/{id} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: put-bench\r\nAccept: */*\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n",
                content.len()
            );
            (head.into_bytes(), content.into_bytes())
        });
        let unconditional = [0, 1].map(|turn| {
            let (head, content) = &variants[turn];
            [head.as_slice(), b"\r\n", content].concat()
        });
        let get = format!("GET /api/users/{id} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
        let tag = b"\"AAAAAAAAAAAAAAAAAAAAAA\"".to_vec();
        Self { variants, unconditional, turn: 0, tag, get }
    }
}

/// About a hundred bytes, every member present, in the order of the struct.
fn content(id: u64, variant: usize) -> String {
    let (name, host, role, nickname) = match variant {
        0 => ("Ada Lovelace", "example.org", "user", "\"countess\""),
        _ => ("Ada Augusta King", "example.com", "admin", "null"),
    };
    format!(r#"{{"id":{id},"name":"{name} {id}","email":"user{id}@{host}","role":"{role}","nickname":{nickname}}}"#)
}
