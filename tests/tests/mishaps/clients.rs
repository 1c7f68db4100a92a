//! Clients that leave, that are slow, or that do not stop.

use std::thread;
use std::time::{Duration, Instant};

use put_conformance::http::{Framing, Request};

use super::{each, get, is_problem, open, put, state};

const BEFORE: &str = r#"{"slug":"a","title":"before"}"#;
const MIB: usize = 1024 * 1024;

#[test]
fn a_client_that_leaves_inside_its_request_changes_nothing() {
    let after = format!(r#"{{"slug":"a","title":"{}"}}"#, "after".repeat(100));
    // Each with the octets that are missing although all of what is described was sent.
    let requests = [
        (Request::put("/pages/a").json(&after), 0),
        (Request::put("/pages/a").json(&after).chunked(50), 0),
        // What has come so far is a whole JSON text; it is not the whole content.
        (Request::put("/pages/a").json(BEFORE.replace("before", "cut")).framing(Framing::Declared("100".into())), 70),
        (Request::put("/pages/a").json(&after).framing(Framing::Chunked { size: 1000, last: false }), 5),
    ];
    each(|server| {
        assert_eq!(put(server, "/pages/a", BEFORE).status, 201);
        let before = state(server, "/pages/a");
        for (request, missing) in &requests {
            let octets = [request.head_octets(&server.addr().into()), request.content_octets()].concat();
            let most = octets.len() - usize::from(*missing == 0);
            for sent in [20, octets.len() / 2, octets.len() - 30, most] {
                let mut connection = open(server);
                connection.write(&octets[..sent]);
                drop(connection);
            }
        }
        // Half of a request, and then the end of what the client has to say: it may still be told.
        for (request, _) in &requests[..2] {
            let mut connection = open(server);
            connection.write_head(request);
            let content = request.content_octets();
            connection.write(&content[..content.len() / 2]);
            connection.finish_writing();
            if let Ok(answer) = connection.read_response("PUT") {
                is_problem(&answer, 400);
            }
        }
        thread::sleep(Duration::from_millis(100));
        assert_eq!(state(server, "/pages/a"), before);
    });
}

#[test]
fn a_declared_length_of_two_gibibytes_is_refused_at_once() {
    each(|server| {
        for length in ["2147483648", "1000000000000000000"] {
            let mut connection = open(server);
            let begun = Instant::now();
            connection.write_head(&Request::put("/items/1").json("").framing(Framing::Declared(length.into())));
            is_problem(&connection.read_response("PUT").unwrap(), 413);
            assert!(begun.elapsed() < Duration::from_secs(5), "without waiting for any of it");
        }
        assert_eq!(get(server, "/items/1").status, 404);
    });
}

/// A client that looks for an answer only when it has sent everything finds it.
#[test]
fn a_client_that_keeps_sending_past_413_can_read_it() {
    let content = vec![b' '; 24 * MIB];
    each(|server| {
        for request in
            [Request::put("/items/1").json(&content), Request::put("/items/1").json(&content).chunked(MIB / 10)]
        {
            let mut connection = open(server);
            assert!(connection.write_head(&request));
            assert!(connection.write_content(&request), "all of it is taken");
            let answer = connection.read_response("PUT").unwrap();
            is_problem(&answer, 413);
            assert!(answer.closed, "and the connection is said to end");
            assert!(connection.closes_within(Duration::from_secs(5)));
        }
        assert_eq!(get(server, "/items/1").status, 404);
    });
}

#[test]
fn a_slow_client_is_served_and_keeps_nobody_waiting() {
    each(|server| {
        let content = format!(r#"{{"slug":"slow","title":"{}"}}"#, "x".repeat(300));
        let request = Request::put("/pages/slow").json(&content);
        let mut slow: Vec<_> = (0..8).map(|_| open(server)).collect();
        for connection in &mut slow {
            connection.write_head(&request);
        }
        for piece in content.as_bytes().chunks(content.len().div_ceil(10)) {
            for connection in &mut slow {
                connection.write(piece);
            }
            let begun = Instant::now();
            assert!(put(server, "/pages/quick", r#"{"title":"x"}"#).is_success());
            assert!(begun.elapsed() < Duration::from_secs(5), "nobody waits for the slow ones");
            thread::sleep(Duration::from_millis(20));
        }
        let mut statuses: Vec<_> = slow.iter_mut().map(|slow| slow.read_response("PUT").unwrap().status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
    });
}
