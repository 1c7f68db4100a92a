//! Paths and content that are not what they should be.

use put_conformance::http::Request;

use super::{each, get, is_problem, open, put, state};
use crate::programs::exchange;

#[test]
fn a_path_that_names_no_key_is_404() {
    each(|server| {
        let put = |target: &[u8]| exchange(server.addr(), &Request::put(target).json(r#"{"name":"n","label":"l"}"#));
        for target in [
            "/items/abc",
            "/items/-1",
            "/items/+1",
            "/items/042",
            "/items/1.0",
            "/items/18446744073709551616",
            "/items/%20",
            "/items/%FF",
            "/items/%C3",
            "/items/%C0%80",
            "/items/%ED%A0%80",
            "/items/%",
            "/items/%4",
            "/items/%zz",
            "/items/1%00",
            "/items/..%2F1",
            "/pages/%2E%2E",
            "/pages/%FF",
            "/shelves/a/slots/-0",
            "/shelves/%80/slots/1",
        ] {
            is_problem(&put(target.as_bytes()), 404);
        }
        // Octets that may not stand in a request target are the framework's to refuse.
        for target in [&b"/items/\xff"[..], b"/items/\xc3\xbc", b"/pages/\xed\xa0\x80", b"/pages/\x01"] {
            let answer = put(target);
            assert!([400, 404].contains(&answer.status), "{target:?}: {}", answer.status);
        }
    });
}

#[test]
fn content_that_cannot_be_parsed_is_400() {
    let member = |value: &str| format!(r#"{{"name":"n","note":{value}}}"#);
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let contents: Vec<Vec<u8>> = vec![
        b"{\"name\":\"\xff\"}".to_vec(),
        b"{\"name\":\"\xc3\"}".to_vec(),
        b"{\"name\":\"\xed\xa0\x80\"}".to_vec(),
        b"{\"na\xffme\":\"n\"}".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        nested("[", "]").into(),
        member(&nested("[", "]")).into(),
        member(&nested("{\"a\":", "}").replace(":}", ":1}")).into(),
        format!(r#"{{"name":"n","unknown":{}}}"#, nested("[", "]")).into(),
        "[".repeat(1_000_000).into(),
        "{\"a\":".repeat(200_000).into(),
        member("\"\\ud800\"").into(),
        b"\0".to_vec(),
    ];
    each(|server| {
        assert_eq!(put(server, "/items/1", r#"{"name":"before"}"#).status, 201);
        let before = state(server, "/items/1");
        for content in &contents {
            let answer = exchange(server.addr(), &Request::put("/items/1").json(content));
            let shown = String::from_utf8_lossy(&content[..content.len().min(60)]);
            assert_eq!(answer.status, 400, "{shown}");
            is_problem(&answer, 400);
        }
        assert_eq!(state(server, "/items/1"), before);
    });
}

/// What a client got wrong is its own matter: the connection goes on, and so does everybody else's.
#[test]
fn a_refused_request_costs_no_connection() {
    each(|server| {
        let mut connection = open(server);
        for number in 0..50 {
            let wrong = connection.exchange(&Request::put("/items/1").json("{\"name\":1}")).unwrap();
            is_problem(&wrong, 422);
            let syntax = connection.exchange(&Request::put("/items/1").json("{\"name\"")).unwrap();
            is_problem(&syntax, 400);
            let path = connection.exchange(&Request::put("/items/x").json("{\"name\":\"n\"}")).unwrap();
            is_problem(&path, 404);
            assert_eq!([wrong.closed, syntax.closed, path.closed], [false; 3], "{number}");
        }
        assert_eq!(get(server, "/items/1").status, 404);
    });
}
