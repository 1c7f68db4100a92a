//! Whatever answers, or does not: one clear line, the right exit status, no panic, no hang.

use std::io::Write;
use std::time::Duration;

use crate::program::{Ended, judge};
use crate::servers::{Server, message, read};

const QUICK: [&str; 2] = ["--timeout", "1"];

fn judged(server: &Server) -> Ended {
    judge(&server.url(), &QUICK)
}

#[test]
fn nobody_listens() {
    let gone = Server::saying("").url();
    judge(&gone, &QUICK).refused("cannot be reached: Connection refused");
    judge("http://no-such-host.invalid/things/42", &QUICK).refused("cannot be resolved");
}

#[test]
fn it_never_answers() {
    judged(&Server::start(|_stream, _| std::thread::sleep(Duration::from_secs(3)))).refused("timed out waiting for");
}

#[test]
fn it_closes_at_once() {
    judged(&Server::start(|_, _| {})).refused("closed without an answer");
}

#[test]
fn it_closes_inside_the_answer() {
    judged(&Server::saying("HTTP/1.1 200 OK\r\nContent-Le")).refused("closed inside a header section");
    judged(&Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")).refused("closed inside");
    judged(&Server::saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{")).refused("closed inside");
}

#[test]
fn it_is_not_http() {
    judged(&Server::saying("SSH-2.0-OpenSSH_9.2\r\n\r\n")).refused("does not speak correct HTTP/1.1");
    judged(&Server::saying("\u{16}\u{3}\u{1}\0\r\n\r\n")).refused("does not speak correct HTTP/1.1");
    judged(&Server::saying("HTTP/1.1 abc\r\n\r\n")).refused("does not speak correct HTTP/1.1");
    judged(&Server::saying("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")).refused("Content-Length");
}

#[test]
fn it_never_stops_talking() {
    let endless = Server::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(format!("X-More: {}\r\n", "x".repeat(1000)).as_bytes()).is_ok() {}
    });
    judged(&endless).refused("the header section has no end");
    let content = Server::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(format!("400\r\n{}\r\n", "x".repeat(1024)).as_bytes()).is_ok() {}
    });
    let ended = judged(&content);
    assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
}

#[test]
fn it_redirects_for_ever() {
    judged(&Server::saying(message("302 Found", "Location: /things/42\r\n", ""))).refused("redirects are not followed");
    let moved = message("308 Permanent Redirect", "Location: http://192.0.2.1/elsewhere\r\n", "");
    judged(&Server::saying(moved)).refused("to http://192.0.2.1/elsewhere");
}

#[test]
fn it_wants_credentials() {
    let closed = Server::saying(message("401 Unauthorized", "WWW-Authenticate: Bearer\r\n", ""));
    judged(&closed).refused("answered 401 (Bearer): give credentials, as in --header");
    judged(&Server::saying(message("403 Forbidden", "", ""))).refused("answered 403");
    let open = Server::start(|mut stream, _| {
        let (head, _) = read(&mut stream);
        let known = head.contains("Authorization: Bearer x\r\n");
        let answer = if known { message("404 Not Found", "", "") } else { message("401 Unauthorized", "", "") };
        let _ = stream.write_all(answer.as_bytes());
    });
    judge(&open.url(), &["--header", "Authorization: Bearer x"]).refused("was refused (404");
}

#[test]
fn it_refuses_good_contents() {
    let strict = message("422 Unprocessable Content", "", "the member `email` is missing");
    judged(&Server::saying(strict)).refused("422: the member `email` is missing");
    judged(&Server::saying(message("500 Internal Server Error", "", ""))).refused("was refused (500");
}

#[test]
fn it_says_yes_to_everything() {
    let ended = judged(&Server::saying(message("200 OK", "Content-Type: application/json\r\n", "{}")));
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("does not conform (profile rfc)"), "{}", ended.out);
}

#[test]
fn it_closes_at_random() {
    let flaky = Server::start(|mut stream, number| {
        read(&mut stream);
        if number % 3 != 2 {
            let _ = stream.write_all(message("200 OK", "", "{}").as_bytes());
        }
    });
    let ended = judged(&flaky);
    assert!(matches!(ended.code, Some(1 | 2)), "{}{}", ended.out, ended.err);
}

#[test]
fn it_falls_silent_in_the_middle() {
    let ended = judge(&Server::things(40).url(), &QUICK);
    assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("The run ended early: the server no longer answers."), "{}", ended.out);
}

#[test]
fn the_time_for_the_run_is_over() {
    let slow = Server::start(|mut stream, _| {
        read(&mut stream);
        std::thread::sleep(Duration::from_millis(100));
        let _ = stream.write_all(message("200 OK", "", "{\"name\":\"a\",\"size\":1}").as_bytes());
    });
    let ended = judge(&slow.url(), &["--within", "8"]);
    assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("The run ended early: the time for the run is over."), "{}", ended.out);
}
