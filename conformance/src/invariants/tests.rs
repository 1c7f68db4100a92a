//! Each invariant against a response that keeps it and one that breaks it.

use super::{Asked, Ledger, Profile, check};
use crate::http::{Connection, Request, Response};
use crate::scripted::{Scripted, Step, say};

const DATE: &str = "Date: Sun, 06 Nov 1994 08:49:37 GMT";

/// A response as the client reads it, so that the two are tested together.
fn read(method: &str, head: &str, content: &str) -> Response {
    let text = format!("HTTP/1.1 {}\r\n\r\n{content}", head.replace('\n', "\r\n"));
    let server = Scripted::start(vec![vec![Step::ReadHead, say(text)]]);
    let mut wire = Connection::open(server.addr).expect("a connection");
    wire.exchange(&Request::new(method, "/x")).expect("a response")
}

fn breaches(method: &str, head: &str, content: &str) -> Vec<String> {
    check(Asked { method, ..Asked::default() }, &read(method, head, content), &Ledger::default(), Profile::Put)
}

fn error(status: &str, fields: &str, content: &str) -> Vec<String> {
    let length = content.len();
    let head = format!(
        "{status}\n{DATE}\nCache-Control: no-store\nContent-Type: application/problem+json\nContent-Length: {length}{fields}"
    );
    breaches("PUT", &head, content)
}

#[test]
fn correct_responses_pass() {
    let none: [String; 0] = [];
    let shown = "ETag: \"a-b_c\"\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(
        breaches("GET", &format!("200 OK\n{DATE}\nContent-Type: application/json\nContent-Length: 2\n{shown}"), "{}"),
        none
    );
    assert_eq!(breaches("PUT", &format!("201 Created\n{DATE}\nLocation: /x\nContent-Length: 0"), ""), none);
    assert_eq!(breaches("PUT", &format!("204 No Content\n{DATE}\nETag: \"x\""), ""), none);
    assert_eq!(breaches("GET", &format!("304 Not Modified\n{DATE}\nETag: \"x\""), ""), none);
    assert_eq!(error("404 Not Found", "", r#"{"title":"Not Found","status":404}"#), none);
    assert_eq!(
        error("405 Method Not Allowed", "\nAllow: PUT", r#"{"type":"about:blank","title":"Method Not Allowed"}"#),
        none
    );
    let violation = r##"{"type":"/problems/validation","title":"t","status":422,"detail":"d","errors":[{"detail":"d","pointer":"#/a~1b%20"}]}"##;
    assert_eq!(error("422 Unprocessable Content", "", violation), none);
}

/// One broken response for each rule, and the row that must be named.
#[test]
fn every_breach_is_found() {
    let problem = |members: &str| error("400 Bad Request", "", &format!("{{{members}}}"));
    let json = format!("{DATE}\nContent-Type: application/json\nContent-Length: 2");
    for (row, found) in [
        ("PRB-12", breaches("PUT", &format!("202 Accepted\n{DATE}\nContent-Length: 0"), "")),
        ("CND-10", breaches("PUT", &format!("304 Not Modified\n{DATE}"), "")),
        ("DAT-01", breaches("PUT", "204 No Content", "")),
        ("DAT-01", breaches("PUT", &format!("204 No Content\n{DATE}\n{DATE}"), "")),
        ("DAT-02", breaches("PUT", "204 No Content\nDate: Sunday, 06-Nov-94 08:49:37 GMT", "")),
        ("DAT-02", breaches("GET", &format!("200 OK\n{json}\nLast-Modified: now"), "{}")),
        ("VAL-08", breaches("GET", &format!("200 OK\n{json}\nLast-Modified: Sun, 06 Nov 1994 08:49:38 GMT"), "{}")),
        ("VAL-15", breaches("GET", &format!("200 OK\n{json}\nETag: W/\"x\""), "{}")),
        ("VAL-15", breaches("GET", &format!("200 OK\n{json}\nETag: \"\""), "{}")),
        ("VAL-15", breaches("GET", &format!("200 OK\n{json}\nETag: \"a,b\""), "{}")),
        ("VAL-15", breaches("GET", &format!("200 OK\n{json}\nETag: abc"), "{}")),
        ("LOC-02", breaches("PUT", &format!("201 Created\n{DATE}\nContent-Length: 0\nLocation: /a\nLocation: /b"), "")),
        ("LOC-02", breaches("PUT", &format!("201 Created\n{DATE}\nContent-Length: 0\nLocation: /a#b"), "")),
        ("LOC-04", breaches("PUT", &format!("204 No Content\n{DATE}\nLocation: /a"), "")),
        ("PUT-17", breaches("PUT", &format!("204 No Content\n{DATE}\nContent-Length: 0"), "")),
        ("PUT-17", breaches("PUT", &format!("204 No Content\n{DATE}\nContent-Type: application/json"), "")),
        ("GET-06", breaches("GET", &format!("304 Not Modified\n{DATE}\nContent-Type: application/json"), "")),
        ("GET-06", breaches("GET", &format!("304 Not Modified\n{DATE}\nContent-Length: 0"), "")),
        ("GET-01", breaches("GET", &format!("200 OK\n{DATE}\nContent-Type: text/html\nContent-Length: 2"), "{}")),
        ("GET-01", breaches("GET", &format!("200 OK\n{json}"), "{x")),
        ("NEG-07", breaches("GET", &format!("200 OK\n{json}\nContent-Encoding: gzip"), "{}")),
        ("OPT-05", breaches("OPTIONS", &format!("204 No Content\n{DATE}\nAccept-Patch: x/y"), "")),
        ("MTH-01", error("405 Method Not Allowed", "", "{}")),
        ("MED-03", error("415 Unsupported Media Type", "\nAccept-Encoding: identity", "{}")),
        (
            "CCH-05",
            breaches(
                "GET",
                &format!("404 Not Found\n{DATE}\nContent-Type: application/problem+json\nContent-Length: 2"),
                "{}",
            ),
        ),
        ("PRB-01", breaches("GET", &format!("404 Not Found\n{DATE}\nCache-Control: no-store\nContent-Length: 0"), "")),
        (
            "PRB-01",
            breaches(
                "GET",
                &format!(
                    "404 Not Found\n{DATE}\nCache-Control: no-store\nContent-Type: application/problem+json; charset=utf-8\nContent-Length: 2"
                ),
                "{}",
            ),
        ),
        ("PRB-01", error("400 Bad Request", "", "[]")),
        ("PRB-02", problem(r#""status":422"#)),
        ("PRB-02", problem(r#""status":"400""#)),
        ("PRB-03", problem(r#""type":"problems/x","title":"t""#)),
        ("PRB-04", problem(r#""title":"Bad""#)),
        ("PRB-04", problem(r#""type":"/problems/x""#)),
        ("PRB-05", problem(r#""detail":"panicked at src/x.rs:1""#)),
        ("PRB-05", problem(r#""detail":" ""#)),
        ("PRB-07", problem(r#""detail":5"#)),
        ("PRB-10", problem(r#""ab":1"#)),
        ("PRB-10", problem(r#""a-bcd":1"#)),
        ("PRB-10", problem(r#""1abc":1"#)),
        ("PRB-08", problem(r#""errors":[{"detail":"x","pointer":"/a"}]"#)),
        ("PRB-08", problem(r##""errors":[{"detail":"x","pointer":"#/a b"}]"##)),
        ("PRB-08", problem(r##""errors":[{"pointer":"#/a"}]"##)),
        ("PRB-08", problem(r#""errors":[]"#)),
    ] {
        assert!(found.iter().any(|breach| breach.starts_with(row)), "{row} is not among {found:?}");
    }
}

#[test]
fn responses_must_agree_with_each_other() {
    let ledger = Ledger::default();
    let answer = |content: &str| {
        let length = content.len();
        let head = format!(
            "422 Unprocessable Content\n{DATE}\nCache-Control: no-store\nContent-Type: application/problem+json\nContent-Length: {length}"
        );
        check(Asked { method: "PUT", ..Asked::default() }, &read("PUT", &head, content), &ledger, Profile::Put)
    };
    assert!(answer(r#"{"type":"/p","title":"one","instance":"urn:x:1"}"#).is_empty());
    assert!(answer(r#"{"type":"/p","title":"one","instance":"urn:x:2"}"#).is_empty());
    assert!(answer(r#"{"type":"/p","title":"two"}"#).iter().any(|breach| breach.starts_with("PRB-04")));
    assert!(
        answer(r#"{"type":"/q","title":"q","instance":"urn:x:1"}"#).iter().any(|breach| breach.starts_with("PRB-06"))
    );
}

#[test]
fn a_framework_may_answer_in_its_own_words_but_not_with_any_status() {
    let page = |status: &str| read("PUT", &format!("{status}\nContent-Type: text/plain\nContent-Length: 3"), "bad");
    let asked = Asked { method: "PUT", framework: true, ..Asked::default() };
    assert!(check(asked, &page("400 Bad Request"), &Ledger::default(), Profile::Put).is_empty());
    assert!(!check(asked, &page("418 Teapot"), &Ledger::default(), Profile::Put).is_empty());
    assert!(
        !check(Asked { framework: false, ..asked }, &page("400 Bad Request"), &Ledger::default(), Profile::Put)
            .is_empty()
    );
}
