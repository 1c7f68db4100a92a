//! One PUT through the engine over the memory store, many times, without framework or socket: what
//! `put-bench instructions` runs under callgrind.
//!
//! `one-put COUNT [unconditional|if-match]`. The head is built as an adapter builds it; copying the answer into a
//! framework's response is the adapter's work and is not here.

use std::{
    env,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use put_benches::User;
use put_core::{Admission, Engine, Head, Host, MemoryStore, PutResource, Response};

const KEYS: usize = 100;

/// The requests for one key, with two contents that take turns.
struct Requests {
    path: String,
    contents: [Bytes; 2],
    length: [String; 2],
    /// The entity tag of the last answer.
    tag: Bytes,
}

fn main() {
    let count = env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1000);
    let if_match = env::args().nth(2).as_deref() == Some("if-match");
    let engine = User::endpoint(MemoryStore::new()).mount(Host::new(drop));
    let mut requests: Vec<_> = (0..KEYS).map(Requests::new).collect();
    // Everything exists and is warm before the counting begins.
    for lap in 0..4 {
        for requests in &mut requests {
            requests.send(&engine, lap % 2, if_match && lap > 0);
        }
    }
    let answered = measured(&engine, &mut requests, count, if_match);
    println!("{answered} of {count} replaced");
}

/// What callgrind counts: it looks for this function's name.
#[inline(never)]
fn measured(engine: &Arc<Engine>, requests: &mut [Requests], count: usize, if_match: bool) -> usize {
    let mut replaced = 0;
    for number in 0..count {
        let requests = &mut requests[number % KEYS];
        replaced += usize::from(requests.send(engine, number / KEYS % 2, if_match) == 200);
    }
    replaced
}

impl Requests {
    fn new(key: usize) -> Self {
        let contents = [("Ada Lovelace", "user", "\"countess\""), ("Ada Augusta King", "admin", "null")].map(
            |(name, role, nickname)| {
                Bytes::from(format!(
                    r#"{{"id":{key},"name":"{name} {key}","email":"user{key}@example.org","role":"{role}","nickname":{nickname}}}"#
                ))
            },
        );
        let length = contents.each_ref().map(|content| content.len().to_string());
        Self { path: format!("/api/users/{key}"), contents, length, tag: Bytes::new() }
    }

    fn send(&mut self, engine: &Arc<Engine>, turn: usize, if_match: bool) -> u16 {
        let response = {
            let mut head = Head::new("PUT", &self.path, engine.path());
            head.version(http::Version::HTTP_11);
            head.field("host", b"127.0.0.1:3000");
            head.field("user-agent", b"one-put");
            head.field("accept", b"*/*");
            head.field("content-type", b"application/json");
            head.field("content-length", self.length[turn].as_bytes());
            if if_match {
                head.field("if-match", &self.tag);
            }
            finished(answer(engine, &head, self.contents[turn].clone()))
        };
        if let Some((_, tag)) = response.fields().iter().find(|(field, _)| field.name() == "etag") {
            self.tag = tag.clone();
        }
        response.status().as_u16()
    }
}

async fn answer(engine: &Arc<Engine>, head: &Head<'_>, content: Bytes) -> Response {
    match engine.admit(head).await {
        Admission::Answer(response) => response,
        Admission::Content(admitted) => admitted.apply(content).await,
    }
}

/// The output of a future that never waits, as those over the memory store never do.
fn finished<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
