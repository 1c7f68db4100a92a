//! What only a plain socket can show: truncated content (PUT-16), lengths and chunks (LEN), Host (SEC-04), pipelining.
//!
//! One thing although it is long: every case here is about octets that no correct client would send.

use std::time::Duration;

use super::case;
use super::checks::{ensure, status};
use crate::case::{Before, Case, Outcome};
use crate::http::{Framing, Request, Response, Trouble};
use crate::run::Run;

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    truncated(&mut table);
    lengths(&mut table);
    hosts(&mut table);
    pipelines(&mut table);
    table
}

/// Good JSON followed by white space: a server that stores what has arrived would find nothing wrong with it.
pub(super) fn padded(run: &Run<'_>, length: usize) -> Vec<u8> {
    let mut content = run.replacement();
    content.resize(length.max(content.len()), b' ');
    content
}

/// Sends octets, ends the connection in this way, and looks twice whether anything was stored.
fn cut_short(run: &mut Run<'_>, octets: &[u8], request: &Request, politely: bool) -> Outcome {
    let answer = run.raw(|wire| {
        wire.write(octets);
        if !politely {
            return Ok(None);
        }
        wire.finish_writing();
        wire.set_limit(Duration::from_secs(3));
        // A server may answer a half-closed connection or just drop it.
        Ok(wire.read_response("PUT").ok())
    })?;
    if let Some(response) = answer {
        run.judge(request, &response);
        ensure(response.is_error(), || format!("a truncated content was answered with {}", response.status))?;
    }
    run.unchanged()?;
    std::thread::sleep(Duration::from_millis(200));
    run.unchanged()
}

fn truncated(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        for (way, politely) in [("half-closed", true), ("dropped", false)] {
            table.push(
                case(format!("100 octets declared, fewer sent, {way} ({before:?})"), &["PUT-16"])
                    .framework()
                    .before(before)
                    .script(move |run| {
                        let request =
                            Request::put(run.path()).json(padded(run, 100)).framing(Framing::Declared("100".into()));
                        let mut octets = request.head_octets(run.subject().origin());
                        octets.extend(&padded(run, 70)[..70]);
                        cut_short(run, &octets, &request, politely)
                    }),
            );
            table.push(
                case(format!("half of a JSON text sent, {way} ({before:?})"), &["PUT-16"])
                    .framework()
                    .before(before)
                    .script(move |run| {
                        let request = Request::put(run.path()).json(run.replacement());
                        let mut octets = request.head_octets(run.subject().origin());
                        let content = run.replacement();
                        octets.extend(&content[..content.len() / 2]);
                        cut_short(run, &octets, &request, politely)
                    }),
            );
            table.push(
                case(format!("chunks without the last one, {way} ({before:?})"), &["PUT-16"])
                    .framework()
                    .before(before)
                    .script(move |run| {
                        let request = Request::put(run.path())
                            .json(run.replacement())
                            .framing(Framing::Chunked { size: 1000, last: false });
                        let mut octets = request.head_octets(run.subject().origin());
                        octets.extend(request.content_octets());
                        cut_short(run, &octets, &request, politely)
                    }),
            );
            table.push(
                case(format!("a chunk cut short, {way} ({before:?})"), &["PUT-16"]).framework().before(before).script(
                    move |run| {
                        let request = Request::put(run.path()).json(run.replacement()).chunked(1000);
                        let mut octets = request.head_octets(run.subject().origin());
                        octets.extend_from_slice(b"100\r\n");
                        octets.extend(run.replacement());
                        cut_short(run, &octets, &request, politely)
                    },
                ),
            );
        }
        table.push(
            case(format!("a large content cut short in the middle ({before:?})"), &["PUT-16"])
                .framework()
                .before(before)
                .script(|run| {
                    let length = 300_000;
                    let request = Request::put(run.path()).json(padded(run, length));
                    let mut octets = request.head_octets(run.subject().origin());
                    octets.extend(&padded(run, length)[..length - 1]);
                    cut_short(run, &octets, &request, false)
                }),
        );
        table.push(
            case(format!("a chunk size that is none ({before:?})"), &["PUT-16", "LEN-04"])
                .framework()
                .before(before)
                .script(|run| {
                    let request = Request::put(run.path()).json("").chunked(1);
                    let mut octets = request.head_octets(run.subject().origin());
                    octets.extend_from_slice(b"zz\r\n");
                    octets.extend(run.replacement());
                    octets.extend_from_slice(b"\r\n0\r\n\r\n");
                    cut_short(run, &octets, &request, true)
                }),
        );
    }
}

/// Sends a request whose framing is given as field lines; the answer must be one of these, and the connection end.
pub(super) fn refused(run: &mut Run<'_>, request: &Request, wanted: &[u16], must_close: bool) -> Outcome {
    let (answer, ended) = run.raw(|wire| {
        let answer = {
            wire.write_head(request);
            wire.write_content(request);
            wire.read_response(request.method())
        };
        let ended = wire.closes_within(Duration::from_secs(2));
        Ok((answer, ended))
    })?;
    match answer {
        Ok(response) => {
            run.judge(request, &response);
            status(&response, wanted, "the request")?;
            ensure(!must_close || ended || response.closed, || "the connection stays open".to_owned())?;
        }
        // To drop the connection without a word is a refusal, too.
        Err(Trouble::Closed) => {}
        Err(trouble) => return Err(trouble.to_string()),
    }
    run.unchanged()
}

fn lengths(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        let done = if before == Before::Absent { 201 } else { 200 };
        for size in [1, 7, 4096] {
            table.push(
                case(format!("content in chunks of {size} is accepted ({before:?})"), &["LEN-02"])
                    .before(before)
                    .chunked(size)
                    .expect(&[done])
                    .never(&[411]),
            );
        }
        table.push(
            case(format!("neither length nor chunks is no content ({before:?})"), &["LEN-03"])
                .before(before)
                .no_content()
                .field("Content-Type", "application/json")
                .expect(&[400])
                .never(&[200, 201, 204, 411]),
        );
        table.push(
            case(format!("a length of zero is no content ({before:?})"), &["LEN-03"])
                .before(before)
                .content("")
                .expect(&[400])
                .never(&[200, 201, 204, 411]),
        );
        table.push(
            case(format!("chunks of nothing are no content ({before:?})"), &["LEN-03"])
                .before(before)
                .content("")
                .chunked(5)
                .expect(&[400])
                .never(&[200, 201, 204, 411]),
        );
    }
    for (name, lines) in [
        ("a length of letters", &[("Content-Length", "abc")][..]),
        ("a negative length", &[("Content-Length", "-1")]),
        ("a length with a plus", &[("Content-Length", "+28")]),
        ("a hexadecimal length", &[("Content-Length", "0x1c")]),
        ("two lengths", &[("Content-Length", "28"), ("Content-Length", "29")]),
        ("two lengths on one line", &[("Content-Length", "28, 29")]),
        ("a transfer coding that is not chunked", &[("Transfer-Encoding", "gzip")]),
        ("chunked that is not the last coding", &[("Transfer-Encoding", "chunked, gzip")]),
        ("chunked twice", &[("Transfer-Encoding", "chunked, chunked")]),
    ] {
        table.push(
            case(format!("{name} is refused and the connection closed"), &["LEN-04"]).framework().present().script(
                move |run| {
                    let mut request = Request::put(run.path()).json(run.replacement()).framing(Framing::Unframed);
                    for (field, value) in lines {
                        request = request.field(field, value);
                    }
                    refused(run, &request, &[400, 501], true)
                },
            ),
        );
    }
    table.push(case("length and chunks together end the connection", &["LEN-05"]).framework().present().script(
        |run| {
            let request = Request::put(run.path()).field("Content-Length", "5").json(run.replacement()).chunked(1000);
            let (response, ended) = run.raw(|wire| {
                wire.write_head(&request);
                wire.write_content(&request);
                let response = wire.read_response("PUT")?;
                let ended = response.closed || wire.closes_within(Duration::from_secs(2));
                Ok((response, ended))
            })?;
            run.judge(&request, &response);
            status(&response, &[400, 200], "PUT")?;
            if response.status == 400 {
                run.unchanged()?;
            } else {
                run.stored_as_told(&request, &response)?;
            }
            ensure(ended, || "the connection stays open".to_owned())
        },
    ));
    for digits in [
        "99999999999999999999",
        "18446744073709551616",
        "18446744073709551644",
        "9223372036854775808",
        "340282366920938463463374607431768211484",
    ] {
        table.push(case(format!("a length of {digits} does not overflow"), &["LEN-06"]).framework().present().script(
            move |run| {
                let request =
                    Request::put(run.path()).json(run.replacement()).framing(Framing::Declared(digits.into()));
                refused(run, &request, &[400, 413, 414, 431], false)
            },
        ));
    }
}

fn hosts(table: &mut Vec<Case>) {
    for (name, hosts) in [
        ("no Host", &[][..]),
        ("two Host lines", &["localhost", "other"]),
        ("two equal Host lines", &["localhost", "localhost"]),
        ("a Host with a space", &["a b"]),
        ("a Host with a slash", &["a/b"]),
        ("a Host that is a list", &["localhost, other"]),
    ] {
        table.push(case(format!("{name} is refused"), &["SEC-04"]).framework().present().script(move |run| {
            let mut request = Request::put(run.path()).without_host().json(run.replacement());
            for host in hosts {
                request = request.field("Host", host);
            }
            refused(run, &request, &[400], false)
        }));
    }
    table.push(case("HTTP/1.0 needs no Host", &["SEC-04"]).script(|run| {
        let request = Request::put(run.path()).version_1_0().without_host().json(run.replacement());
        let response = run.raw(|wire| wire.exchange(&request))?;
        run.judge(&request, &response);
        status(&response, &[201], "PUT")
    }));
    table.push(case("an octet that is no character in the target is refused", &["PUT-27"]).framework().script(|run| {
        let target = [b"/pages/".as_slice(), run.key().as_bytes(), b"\xff\xfe"].concat();
        refused(run, &Request::put(target).json(r#"{"title":"x"}"#), &[400, 404], false)
    }));
    table.push(case("a space before the colon is refused", &["LEN-04"]).framework().present().script(|run| {
        let request = Request::put(run.path()).field("If-Match ", "\"zzz\"").json(run.replacement());
        refused(run, &request, &[400], false)
    }));
    table.push(case("a folded line never hides a condition", &["ETG-21"]).framework().present().script(|run| {
        let request =
            Request::put(run.path()).field("X-Folded", "a\r\n b").field("If-Match", "\"zzz\"").json(run.replacement());
        refused(run, &request, &[400, 412], false)
    }));
}

fn pipelines(table: &mut Vec<Case>) {
    table.push(
        case("requests sent in one go are answered in their order", &["PUT-17", "HEAD-01", "GET-04"]).present().script(
            |run| {
                let tag = run.tag();
                let requests = [
                    Request::get(run.path()),
                    Request::head(run.path()),
                    Request::get(run.path()).field("If-None-Match", &tag),
                    Request::put(run.path()).field("Prefer", "return=minimal").json(run.replacement()),
                    Request::put(run.path()).field("If-Match", &tag).json(run.original()),
                    Request::get(run.path()),
                ];
                let responses = run.raw(|wire| {
                    let octets: Vec<u8> =
                        requests.iter().flat_map(|it| [wire.head_octets(it), it.content_octets()].concat()).collect();
                    wire.write(&octets);
                    requests.iter().map(|it| wire.read_response(it.method())).collect::<Result<Vec<Response>, _>>()
                })?;
                for (request, response) in requests.iter().zip(&responses) {
                    run.judge(request, response);
                }
                let statuses: Vec<u16> = responses.iter().map(|response| response.status).collect();
                ensure(statuses == [200, 200, 304, 204, 412, 200], || format!("the answers are {statuses:?}"))
            },
        ),
    );
    table.push(case("a request that comes octet by octet is read whole", &["PUT-15"]).script(|run| {
        let request = Request::put(run.path()).json(run.replacement());
        let response = run.raw(|wire| {
            for octet in [wire.head_octets(&request), request.content_octets()].concat() {
                wire.write(&[octet]);
            }
            wire.read_response("PUT")
        })?;
        run.judge(&request, &response);
        status(&response, &[201], "PUT")?;
        run.stored_as_told(&request, &response)
    }));
}
