//! The requests of one connection, ready as bytes before the measurement begins.
//!
//! The connections share the keys out among them, so nobody else writes a connection's keys and its entity tags stay
//! current. Each key has two contents that take turns, and no measurement has the contents of another: every PUT is a
//! real replacement, never the unchanged state. Where all connections write one key, each has contents of its own.
//!
//! Requests for very many keys are not ready, because they would not fit; they are written one by one.

use std::{io::Write, net::SocketAddr};

use super::{KEYS, client::Connection};
use crate::Result;

/// Which keys the requests of a measurement name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys {
    /// A thousand of them, shared out among the connections.
    Shared,
    /// Every connection the same one.
    One,
    /// Any of the first so many, in no order. Without entity tags.
    Any(u64),
}

/// Whose requests they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// The measurement, counted.
    pub(super) run: u64,
    /// The connection, counted from 0.
    pub(super) connection: usize,
    /// How many connections there are.
    pub(super) connections: usize,
}

/// The keys of one connection, asked in turn.
#[derive(Debug)]
pub(super) struct Requests {
    /// Empty if the requests are written one by one.
    keys: Vec<Key>,
    walk: Option<Walk>,
    /// Which key was asked last.
    position: usize,
    if_match: bool,
    scratch: Vec<u8>,
}

/// A walk over very many keys that never does the same twice.
#[derive(Debug)]
struct Walk {
    address: SocketAddr,
    keys: u64,
    next: u64,
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
    pub(super) fn new(address: SocketAddr, keys: Keys, share: Share, if_match: bool) -> Self {
        let Share { run, connection, connections } = share;
        let mut walk = None;
        let keys: Vec<_> = match keys {
            Keys::Shared => {
                let own = (1..=KEYS).skip(connection).step_by(connections);
                own.map(|id| Key::new(address, id, &format!("{run:04}"))).collect()
            }
            Keys::One => vec![Key::new(address, 1, &format!("{run:04}.{connection:03}"))],
            Keys::Any(keys) => {
                walk = Some(Walk { address, keys, next: (run << 16 | connection as u64) << 32 });
                Vec::new()
            }
        };
        let position = keys.len().saturating_sub(1);
        Self { keys, walk, position, if_match, scratch: Vec::with_capacity(1024) }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The next request. After one lap over the keys the other content has its turn.
    pub(super) fn next(&mut self) -> &[u8] {
        if let Some(walk) = &mut self.walk {
            walk.write(&mut self.scratch);
            return &self.scratch;
        }
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

impl Walk {
    fn write(&mut self, request: &mut Vec<u8>) {
        self.next += 1;
        // The finalizer of SplitMix64: numbers that follow each other come to lie anywhere.
        let mut any = self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        any = (any ^ (any >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        any = (any ^ (any >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let id = 1 + (any ^ (any >> 31)) % self.keys;
        let content = content(id, (self.next % 2) as usize, &format!("{:x}", self.next));
        request.clear();
        // A write into memory does not fail.
        let _ = write!(request, "{}\r\n{content}", head(self.address, id, &content));
    }
}

impl Key {
    fn new(address: SocketAddr, id: u64, mark: &str) -> Self {
        let variants = [0, 1].map(|variant| {
            let content = content(id, variant, mark);
            (head(address, id, &content).into_bytes(), content.into_bytes())
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

/// Request line and fields, without the empty line at their end.
fn head(address: SocketAddr, id: u64, content: &str) -> String {
    format!(
        "PUT /api/users/{id} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: put-bench\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n",
        content.len()
    )
}

/// About a hundred bytes, every member present, in the order of the struct. The mark is whose content it is.
fn content(id: u64, variant: usize, mark: &str) -> String {
    let (name, host, role, nickname) = match variant {
        0 => ("Ada Lovelace", "example.org", "user", "\"countess\""),
        _ => ("Ada Augusta King", "example.com", "admin", "null"),
    };
    format!(r#"{{"id":{id},"name":"{name} {mark}","email":"user{id}@{host}","role":"{role}","nickname":{nickname}}}"#)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    /// The requests of two connections in two measurements, in turn.
    fn requests(keys: Keys, count: usize) -> Vec<String> {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let mut all = Vec::new();
        for run in 0..2 {
            let share = |connection| Share { run, connection, connections: 2 };
            let mut both = [0, 1].map(|connection| Requests::new(address, keys, share(connection), false));
            for _ in 0..count {
                all.extend(both.each_mut().map(|own| String::from_utf8_lossy(own.next()).into_owned()));
            }
        }
        all
    }

    #[test]
    fn no_request_asks_for_the_state_that_the_last_one_of_its_key_has_made() {
        for keys in [Keys::Shared, Keys::One, Keys::Any(10)] {
            let mut last = HashMap::new();
            for request in requests(keys, 2500) {
                let path = request.split(' ').nth(1).map(str::to_owned);
                assert_ne!(last.insert(path, request.clone()), Some(request), "{keys:?}");
            }
        }
    }

    #[test]
    fn a_walk_comes_everywhere() {
        let walked = requests(Keys::Any(100), 500);
        let paths: HashSet<_> = walked.iter().map(|request| request.split(' ').nth(1)).collect();
        assert_eq!(paths.len(), 100);
    }
}
