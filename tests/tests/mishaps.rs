//! What goes wrong on real servers: clients that leave or send nonsense, files that go away, stores that fail, programs
//! that are killed. One clear answer each, and nothing lost.

mod clients;
mod content;
mod file;
mod killed;
mod log;
mod postgres;
mod races;
mod shop;
mod stores;

use put_conformance::http::{Connection, Request, Response};

use crate::programs::exchange;
use crate::servers::{Adapter, Server, Store};

/// Tries something on a server of each framework over a file.
fn each(test: impl Fn(&Server)) {
    for adapter in Adapter::BOTH {
        eprintln!("{adapter:?}");
        test(&Server::start(adapter, Store::Sqlite));
    }
}

fn put(server: &Server, path: &str, content: &str) -> Response {
    exchange(server.addr(), &Request::put(path).json(content))
}

fn get(server: &Server, path: &str) -> Response {
    exchange(server.addr(), &Request::get(path))
}

fn open(server: &Server) -> Connection {
    Connection::open(server.addr()).unwrap()
}

/// The state of a resource: its representation, its tag, its date.
fn state(server: &Server, path: &str) -> (Vec<u8>, Option<String>, Option<String>) {
    let answer = get(server, path);
    assert_eq!(answer.status, 200, "{path}");
    let field = |name| answer.field(name).map(str::to_owned);
    (answer.content.clone(), field("ETag"), field("Last-Modified"))
}

/// The answer is a problem with this status.
fn is_problem(answer: &Response, status: u16) {
    assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.content));
    assert_eq!(answer.field("Content-Type"), Some("application/problem+json"));
    assert_eq!(answer.json().expect("a problem")["status"], status);
}

/// The answer is a failure of the server with an id, the log knows the reason under this id, and the client is told
/// nothing of it.
fn is_incident(answer: &Response, status: u16, reason: &str) {
    is_problem(answer, status);
    assert_eq!(answer.field("Cache-Control"), Some("no-store"));
    let problem = answer.json().unwrap();
    let instance = problem["instance"].as_str().expect("a failure has an id");
    let id = instance.strip_prefix("urn:put:incident:").expect("the id is a URN");
    let line = log::line_with(id);
    assert!(line.contains(reason), "{line}");
    let told = String::from_utf8_lossy(&answer.content).to_lowercase();
    for word in [&reason.to_lowercase(), "sqlite", "database", "file", "disk", "table", "wal", "/", "\\"] {
        let told = told.replace("\"type\":\"about:blank\"", "");
        assert!(!told.contains(word), "{told} shows {word:?}");
    }
}
