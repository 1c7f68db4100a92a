//! What the correct server makes of messages that are late, cut short or not to be trusted.

use put_mutants::Server;

use super::client::{Line, ONE, field, get, request, say, statuses};

#[test]
fn content_is_asked_for_only_where_it_is_wanted() {
    let server = Server::start(None);
    let path = "/things/a";
    let whole = request("PUT", path, &["Expect: 100-continue"], ONE);
    let head = &whole[..whole.len() - ONE.len()];
    let mut line = Line::open(&server);
    line.send(head);
    assert_eq!(statuses(&line.hear()), [100]);
    line.send(ONE.as_bytes());
    assert_eq!(statuses(&line.rest()), [201]);
    for refused in ["If-Match: \"zzz\"", "Content-Encoding: br", "Content-Range: bytes 0-1/2"] {
        let whole = request("PUT", path, &["Expect: 100-continue", refused], ONE);
        let heard = say(&server, &whole[..whole.len() - ONE.len()]);
        assert!(statuses(&heard).len() == 1 && statuses(&heard)[0] >= 400, "{refused}: {heard}");
        assert_eq!(field(&heard, "Connection"), Some("close"));
    }
}

#[test]
fn what_is_cut_short_is_not_stored() {
    let server = Server::start(None);
    let whole = request("PUT", "/things/a", &[], ONE);
    let chunked = "PUT /things/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked";
    let started = format!("{chunked}\r\n\r\n{:x}\r\n{ONE}\r\n", ONE.len());
    for octets in [&whole[..whole.len() - 1], started.as_bytes()] {
        assert_eq!(statuses(&say(&server, octets)), [400]);
        assert_eq!(statuses(&say(&server, &get("/things/a"))), [404]);
    }
    let trailer = format!("{started}0\r\nIf-Match: \"zzz\"\r\n\r\n");
    let pipelined = [trailer.as_bytes(), &get("/things/a")].concat();
    assert_eq!(statuses(&say(&server, &pipelined)), [201, 200], "a trailer is no condition");
}

#[test]
fn messages_that_nobody_should_trust_end_the_connection() {
    let server = Server::start(None);
    let put = "PUT /things/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let chunk = format!("{:x}\r\n{ONE}\r\n0\r\n\r\n", ONE.len());
    let length = ONE.len();
    for (head, wanted) in [
        ("GET /things/a HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /things/a HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n".to_owned(), 400),
        ("GET /things/a HTTP/1.1\r\nHost : x\r\n\r\n".to_owned(), 400),
        ("GET /things/a HTTP/2.0\r\nHost: x\r\n\r\n".to_owned(), 505),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(66_000)), 414),
        (format!("GET /things/a HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(66_000)), 431),
        (format!("{put}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"), 400),
        (format!("{put}Content-Length: {length}\r\nContent-Length: 3\r\n\r\n{ONE}"), 400),
        (format!("{put}Content-Length: +{length}\r\n\r\n{ONE}"), 400),
        (format!("{put}Content-Length: 184467440737095516{}\r\n\r\n{ONE}", 16 + length), 413),
        (format!("{put}Transfer-Encoding: gzip\r\n\r\n{chunk}"), 400),
        (format!("{put}Transfer-Encoding: chunked\r\n\r\nzz\r\n{ONE}"), 400),
        (format!("{put}If-Match:\r\n \"x\"\r\nContent-Length: {length}\r\n\r\n{ONE}"), 400),
    ] {
        let heard = say(&server, &[head.as_bytes(), &get("/things/a")].concat());
        assert_eq!(statuses(&heard), [wanted], "{}", &head[..head.len().min(200)]);
        assert_eq!(field(&heard, "Connection"), Some("close"));
    }
    let old = format!(
        "PUT /things/a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{ONE}"
    );
    assert_eq!(statuses(&say(&server, old.as_bytes())), [201]);
}

#[test]
fn an_early_answer_leaves_the_connection_usable_or_says_so() {
    let server = Server::start(None);
    for (size, wanted) in [(1_000, vec![415, 404]), (300_000, vec![415])] {
        let early = request("PUT", "/things/a", &["Content-Type: text/plain"], &"x".repeat(size));
        let heard = say(&server, &[early, get("/things/a")].concat());
        assert_eq!(statuses(&heard), wanted);
        assert_eq!(field(&heard, "Connection").is_some(), wanted.len() == 1);
    }
}
