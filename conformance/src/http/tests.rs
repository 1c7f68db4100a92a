//! The client against correct and broken answers.

use std::time::{Duration, Instant};

use super::{Client, Connection, Framing, Message, Origin, Request, Response, Trouble};
use crate::scripted::{Scripted, Step, say};

fn answer(method: &str, octets: impl AsRef<[u8]>) -> Result<Response, Trouble> {
    let server = Scripted::start(vec![vec![Step::ReadHead, say(octets)]]);
    let mut wire = Connection::open(server.addr).expect("a connection");
    wire.set_limit(Duration::from_secs(3));
    wire.exchange(&Request::new(method, "/x"))
}

fn malformed(method: &str, octets: impl AsRef<[u8]>) -> bool {
    matches!(answer(method, octets), Err(Trouble::Malformed(_)))
}

#[test]
fn a_request_is_written_octet_by_octet_as_described() {
    let server =
        Scripted::start(vec![vec![Step::ReadHead, Step::ReadContent(2), say("HTTP/1.1 204 No Content\r\n\r\n")]]);
    let request = Request::put(b"/pages/\xff").field("If-Match", b"\"\xe9\"").field("if-match", "").json("{}");
    let response = Client::new(server.addr).send(&request).expect("a response");
    assert_eq!(response.status, 204);
    let host = server.addr;
    let wanted = [
        b"PUT /pages/\xff HTTP/1.1\r\n".as_slice(),
        format!("Host: {host}\r\n").as_bytes(),
        b"If-Match: \"\xe9\"\r\nif-match: \r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    ]
    .concat();
    assert_eq!(server.heard(), [wanted]);
}

#[test]
fn framing_is_as_asked_for() {
    let text = |request: &Request| {
        String::from_utf8(
            [request.head_octets(&Origin::new(([127, 0, 0, 1], 1).into(), "h")), request.content_octets()].concat(),
        )
        .expect("ASCII")
    };
    let base = || Request::put("/x").content("abcde");
    assert!(
        text(&base().framing(Framing::Declared("2147483648".into())))
            .contains("Content-Length: 2147483648\r\n\r\nabcde")
    );
    assert!(text(&base().framing(Framing::Unframed)).ends_with("Host: h\r\n\r\nabcde"));
    assert!(
        text(&base().chunked(2).trailer("T", "1"))
            .ends_with("chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\nT: 1\r\n\r\n")
    );
    assert!(text(&base().framing(Framing::Chunked { size: 9, last: false })).ends_with("5\r\nabcde\r\n"));
    assert!(text(&base().version_1_0().without_host()).starts_with("PUT /x HTTP/1.0\r\nContent-Length"));
}

#[test]
fn content_by_length_by_chunks_and_by_the_end() {
    let response =
        answer("GET", "HTTP/1.1 200 OK\r\nX: 1\r\nx:  2 \r\nContent-Length: 3\r\n\r\nabc").expect("by length");
    assert_eq!((response.content.as_slice(), response.closed), (b"abc".as_slice(), false));
    assert_eq!(response.values("X").collect::<Vec<_>>(), [b"1", b"2"]);
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n";
    assert_eq!(answer("GET", chunks).expect("by chunks").content, b"abc");
    let response = answer("GET", "HTTP/1.1 200 OK\r\n\r\nabc").expect("by the end");
    assert_eq!((response.content.as_slice(), response.closed), (b"abc".as_slice(), true));
}

#[test]
fn interim_responses_are_told_and_passed_over() {
    let response = answer("PUT", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        .expect("a final response");
    assert_eq!((response.interim, response.status), (vec![100, 103], 201));
}

#[test]
fn content_is_held_back_until_it_is_asked_for() {
    let server = Scripted::start(vec![vec![
        Step::ReadHead,
        say("HTTP/1.1 100 Continue\r\n\r\n"),
        Step::ReadContent(2),
        say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ]]);
    let request = Request::put("/x").field("Expect", "100-continue").json("{}");
    let mut wire = Connection::open(server.addr).expect("a connection");
    wire.write_head(&request);
    assert!(matches!(wire.read_message("PUT"), Ok(Message::Interim(100))));
    wire.write_content(&request);
    assert_eq!(wire.read_response("PUT").expect("a response").status, 200);
}

#[test]
fn content_where_none_may_be_is_noticed() {
    assert!(malformed("HEAD", "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc"));
    assert!(malformed("PUT", "HTTP/1.1 204 No Content\r\n\r\nabc"));
    assert!(malformed("GET", "HTTP/1.1 304 Not Modified\r\n\r\nabc"));
    assert!(malformed("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc"));
    let head = answer("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n").expect("HEAD without content");
    assert!(head.content.is_empty());
    // It may come late.
    let server = Scripted::start(vec![vec![
        Step::ReadHead,
        say("HTTP/1.1 204 No Content\r\n\r\n"),
        Step::Wait(Duration::from_millis(1)),
        say("late"),
        Step::Wait(Duration::from_millis(50)),
    ]]);
    let late = Connection::open(server.addr).expect("a connection").exchange(&Request::put("/x"));
    assert!(matches!(late, Err(Trouble::Malformed(_))), "{late:?}");
}

#[test]
fn what_is_not_http_is_not_forgiven() {
    for octets in [
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo-Colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName : x\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        assert!(malformed("GET", octets), "{octets:?}");
    }
}

#[test]
fn a_closed_and_a_cut_connection_are_told_apart() {
    assert_eq!(answer("GET", "").map(|response| response.status), Err(Trouble::Closed));
    for cut in [
        "HTTP/1.1 200 O",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ] {
        assert!(matches!(answer("GET", cut), Err(Trouble::Truncated(_))), "{cut:?}");
    }
}

#[test]
fn silence_ends_with_the_time_limit() {
    let server = Scripted::start(vec![vec![
        Step::ReadHead,
        say("HTTP/1.1 200 OK\r\nContent-Le"),
        Step::Wait(Duration::from_millis(600)),
    ]]);
    let mut wire = Connection::open(server.addr).expect("a connection");
    wire.set_limit(Duration::from_millis(100));
    let began = Instant::now();
    assert!(matches!(wire.exchange(&Request::get("/x")), Err(Trouble::TimedOut(_))));
    assert!(began.elapsed() < Duration::from_millis(500));
}

#[test]
fn an_early_answer_to_a_large_content_is_read() {
    let server = Scripted::start(vec![vec![
        Step::ReadHead,
        say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        Step::Wait(Duration::from_millis(400)),
    ]]);
    let mut wire = Connection::open(server.addr).expect("a connection");
    let began = Instant::now();
    let response = wire.exchange(&Request::put("/x").content(vec![b' '; 16 * 1024 * 1024])).expect("the early answer");
    assert_eq!((response.status, response.closed), (413, true));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_client_keeps_its_connection_and_survives_the_loss_of_it() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let server = Scripted::start(vec![
        vec![Step::ReadHead, say(ok), Step::ReadHead, say(ok)],
        vec![Step::ReadHead, say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")],
        vec![Step::ReadHead, say(ok)],
    ]);
    let mut client = Client::new(server.addr);
    for _ in 0..4 {
        assert_eq!(client.send(&Request::get("/x")).expect("a response").status, 200);
    }
    let text = client.take_transcript().to_string();
    assert!(text.starts_with("> GET /x HTTP/1.1\n> Host: ") && text.contains("\n< HTTP/1.1 200 OK\n"), "{text}");
    let heads: Vec<usize> =
        server.heard().iter().map(|heard| String::from_utf8_lossy(heard).matches("GET /x").count()).collect();
    assert_eq!(heads, [2, 1, 1]);
}

#[test]
fn a_record_shows_no_secret_and_hides_no_octet() {
    let server = Scripted::start(vec![vec![Step::ReadHead, say("HTTP/1.1 204 No Content\r\n\r\n")]]);
    let origin = Origin::new(server.addr, "h").field("Authorization", "Bearer s3cret").field("X-Tenant", "s3cret");
    let mut wire = Connection::open(&origin).expect("a connection");
    let request = Request::get("/x").field("If-Match", b"\"a\rb\"");
    for octet in wire.head_octets(&request) {
        wire.write(&[octet]);
    }
    wire.read_response("GET").expect("a response");
    let shown = wire.take_transcript().to_string();
    assert!(!shown.contains("s3cret") && shown.contains("> X-Tenant: [as given]\n"), "{shown}");
    assert!(shown.contains("> If-Match: \"a\\x0db\"\n") && shown.contains("< HTTP/1.1 204 No Content\n"), "{shown}");
    assert!(server.heard()[0].windows(6).any(|at| at == b"s3cret"));
}

#[test]
fn chunks_without_end_are_not_gathered_for_ever() {
    let chunk = [b"F00000\r\n".as_slice(), &vec![b'x'; 0xf0_0000], b"\r\n"].concat();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice();
    assert!(malformed("GET", [head, &chunk, &chunk, &chunk].concat()));
    assert!(malformed("GET", [head, b"0\r\n", &vec![b'x'; 512 * 1024]].concat()));
}

#[test]
fn a_limit_beyond_all_clocks_is_a_limit() {
    let server = Scripted::start(vec![vec![Step::ReadHead, say("HTTP/1.1 204 No Content\r\n\r\n")]]);
    let origin = Origin::from(server.addr).limit(Duration::MAX);
    assert_eq!(Client::new(origin).send(&Request::get("/x")).map(|response| response.status), Ok(204));
}
