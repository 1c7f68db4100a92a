//! What only a plain socket can show: truncated content (PUT-16), lengths and chunks (LEN), Host (SEC-04), pipelining.
//!
//! One thing although it is long: every case here is about octets that no correct client would send.

use std::time::Duration;

use super::case;
use super::checks::{ensure, fairly};
use crate::case::{Before, Case, Outcome};
use crate::http::{Framing, Request, Response, Trouble};
use crate::run::Run;
use crate::subject::{Need, Profile};

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
        ensure(response.is_error(), || format!("PUT-16: what was cut short was answered with {}", response.status))?;
    }
    run.unchanged()?;
    std::thread::sleep(Duration::from_millis(200));
    run.unchanged()
}

fn truncated(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        for (way, politely) in [("half-closed", true), ("dropped", false)] {
            table.push(
                case(format!("more octets declared than sent, {way} ({before:?})"), &["PUT-16"])
                    .framework()
                    .any()
                    .before(before)
                    .script(move |run| {
                        // What is sent is good by itself.
                        let sent = padded(run, 70);
                        let declared = Framing::Declared((sent.len() + 30).to_string());
                        let request = Request::put(run.path()).json("").framing(declared);
                        let octets = [request.head_octets(run.subject().origin()), sent].concat();
                        cut_short(run, &octets, &request, politely)
                    }),
            );
            table.push(
                case(format!("half of a JSON text sent, {way} ({before:?})"), &["PUT-16"])
                    .framework()
                    .any()
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
                    .any()
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
                case(format!("a chunk cut short, {way} ({before:?})"), &["PUT-16"])
                    .framework()
                    .any()
                    .before(before)
                    .script(move |run| {
                        let request = Request::put(run.path()).json(run.replacement()).chunked(1000);
                        let mut octets = request.head_octets(run.subject().origin());
                        let content = run.replacement();
                        octets.extend(format!("{:x}\r\n", content.len() + 100).bytes());
                        octets.extend(content);
                        cut_short(run, &octets, &request, politely)
                    }),
            );
        }
        table.push(
            case(format!("a large content cut short in the middle ({before:?})"), &["PUT-16"])
                .framework()
                .any()
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
                .any()
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
    refused_fairly(run, request, wanted, &[], must_close)
}

/// As [`refused`]; the standards accept these, too.
fn refused_fairly(run: &mut Run<'_>, request: &Request, wanted: &[u16], fair: &[u16], must_close: bool) -> Outcome {
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
            fairly(run, &response, wanted, fair, "the request")?;
            ensure(!must_close || ended || response.closed, || "the connection stays open".to_owned())?;
        }
        // To drop the connection without a word is a refusal, too.
        Err(Trouble::Closed) => {}
        Err(trouble) => return Err(trouble.to_string()),
    }
    run.unchanged()
}

/// Declares more than any number of a machine holds, and sends little.
fn beyond_numbers(run: &mut Run<'_>, digits: Digits) -> Outcome {
    let content = run.replacement();
    let declared = Framing::Declared(digits(content.len()));
    let request = Request::put(run.path()).json(content).framing(declared);
    let answer = run.raw(|wire| {
        wire.set_limit(Duration::from_secs(3));
        wire.write_head(&request);
        wire.write_content(&request);
        Ok(wire.read_response("PUT"))
    })?;
    match answer {
        Ok(response) => {
            run.judge(&request, &response);
            fairly(run, &response, &[400, 413, 414, 431], &[411, 501, 507], "PUT")?;
        }
        Err(Trouble::Closed) => {}
        // Whoever can count so far may wait for the rest.
        Err(Trouble::TimedOut(_)) if run.profile() == Profile::Rfc => {}
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
                    .fair(&[411])
                    .before(before)
                    .chunked(size)
                    .expect(&[done])
                    .never(&[411]),
            );
        }
        // A store of any octets may hold none; what must not be is a success that leaves the old content there.
        let nothing = |name: &str| {
            case(format!("{name} ({before:?})"), &["LEN-03", "PUT-04"])
                .fair(&[200, 201, 204, 411, 413, 415, 422])
                .before(before)
                .must_then(replaced)
        };
        table.push(
            nothing("neither length nor chunks is no content")
                .no_content()
                .field("Content-Type", "application/json")
                .expect(&[400])
                .never(&[200, 201, 204, 411]),
        );
        table.push(nothing("a length of zero is no content").content("").expect(&[400]).never(&[200, 201, 204, 411]));
        table.push(
            nothing("chunks of nothing are no content")
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
        let one = case(format!("{name} is refused and the connection closed"), &["LEN-04"])
            .framework()
            .present()
            .script(move |run| {
                let mut request = Request::put(run.path()).json(run.replacement()).framing(Framing::Unframed);
                for (field, value) in lines {
                    request = request.field(field, value);
                }
                refused_fairly(run, &request, &[400, 501], &[411, 413], true)
            });
        // No sender may do this, but the standard does not say what a recipient has to: it may wait for a chunk.
        table.push(if name == "chunked twice" { one } else { one.any() });
    }
    table.push(case("length and chunks together end the connection", &["LEN-05"]).any().framework().present().script(
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
            fairly(run, &response, &[400, 200], &[201, 204, 411, 501], "PUT")?;
            if response.is_error() {
                run.unchanged()?;
            } else {
                run.stored_as_told(&request, &response)?;
            }
            ensure(ended, || "the connection stays open".to_owned())
        },
    ));
    for (name, digits) in LENGTHS_BEYOND {
        table.push(
            case(format!("a length of {name} does not overflow"), &["LEN-06"])
                .any()
                .framework()
                .present()
                .script(move |run| beyond_numbers(run, digits)),
        );
    }
}

/// A declared length, made from the true one.
type Digits = fn(usize) -> String;

/// Lengths that a machine may take for the one that is sent. None is so small that a server might set memory aside for it.
const LENGTHS_BEYOND: [(&str, Digits); 4] = [
    ("20 digits", |_| "99999999999999999999".to_owned()),
    ("2^63", |_| (1_u128 << 63).to_string()),
    ("2^64 more than is sent", |sent| ((1_u128 << 64) + sent as u128).to_string()),
    // 2^128 ends with 211456.
    ("2^128 more than is sent", |sent| format!("340282366920938463463374607431768{}", 211_456 + sent)),
];

/// A success has replaced what was there, even by nothing.
fn replaced(run: &mut Run<'_>, response: &Response) -> Outcome {
    if !response.is_success() || !run.was_present() {
        return Ok(());
    }
    let path = run.path().to_owned();
    let shown = run.get(&path)?;
    let kept = run.before().is_some_and(|before| before.content == shown.content);
    ensure(!kept, || format!("PUT-04: {} to content of nothing, and the old content stays", response.status))
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
        table.push(case(format!("{name} is refused"), &["SEC-04"]).any().framework().present().script(move |run| {
            let mut request = Request::put(run.path()).without_host().json(run.replacement());
            for host in hosts {
                request = request.field("Host", host);
            }
            refused(run, &request, &[400], false)
        }));
    }
    table.push(case("HTTP/1.0 needs no Host", &["SEC-04"]).any().script(|run| {
        let request = Request::put(run.path()).version_1_0().without_host().json(run.replacement());
        let response = run.raw(|wire| wire.exchange(&request))?;
        run.judge(&request, &response);
        // Without Host a server of many names cannot know which is meant; and it need not speak so old a version.
        fairly(run, &response, &[201], &[200, 204, 400, 404, 421, 426, 505], "PUT")
    }));
    let beyond_ascii = case("an octet that is no character in the target is refused", &["PUT-27"]).should().any();
    table.push(beyond_ascii.framework().script(|run| {
        let target = [run.path().as_bytes(), b"\xff\xfe"].concat();
        refused(run, &Request::put(target).json(run.replacement()), &[400, 404], false)
    }));
    table.push(case("a space before the colon is refused", &["LEN-04"]).any().framework().present().script(|run| {
        let request = Request::put(run.path()).field("If-Match ", "\"zzz\"").json(run.replacement());
        refused(run, &request, &[400], false)
    }));
    table.push(case("a folded line never hides a condition", &["ETG-21"]).any().framework().present().script(|run| {
        let request =
            Request::put(run.path()).field("X-Folded", "a\r\n b").field("If-Match", "\"zzz\"").json(run.replacement());
        refused_fairly(run, &request, &[400, 412], &[409], false)
    }));
}

fn pipelines(table: &mut Vec<Case>) {
    table.push(
        case("requests sent in one go are answered in their order", &["PUT-17", "HEAD-01", "GET-04"])
            .any()
            .needs(Need::StrongTag)
            .present()
            .script(|run| {
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
                    let mut responses: Vec<Response> = Vec::new();
                    for request in &requests {
                        match wire.read_response(request.method()) {
                            Ok(response) => responses.push(response),
                            Err(Trouble::Closed) if !responses.is_empty() => break,
                            Err(trouble) => return Err(trouble),
                        }
                    }
                    Ok(responses)
                })?;
                for (request, response) in requests.iter().zip(&responses) {
                    run.judge(request, response);
                }
                let statuses: Vec<u16> = responses.iter().map(|response| response.status).collect();
                let decided = [200, 200, 304, 204, 412, 200];
                // A server may close the connection before the last of them; what it has answered is in order.
                let in_order = run.profile() == Profile::Rfc
                    && statuses.iter().zip(decided).all(|(found, wanted)| {
                        *found == wanted
                            || (wanted == 204 && [200, 201, 205].contains(found))
                            // Which answer a stale tag gets is for the cases about conditions.
                            || (wanted == 412 && [200, 201, 204, 205, 409].contains(found))
                    });
                ensure(statuses == decided || in_order, || format!("the answers are {statuses:?}"))
            }),
    );
    table.push(case("a request that comes octet by octet is read whole", &["PUT-15"]).any().script(|run| {
        let request = Request::put(run.path()).json(run.replacement());
        let response = run.raw(|wire| {
            for octet in [wire.head_octets(&request), request.content_octets()].concat() {
                wire.write(&[octet]);
            }
            wire.read_response("PUT")
        })?;
        run.judge(&request, &response);
        fairly(run, &response, &[201], &[200, 204], "PUT")?;
        run.stored_as_told(&request, &response)
    }));
}
