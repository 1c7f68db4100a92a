//! Section 3.7: Expect. The content is held back until the server has said what it makes of the header section.

use std::time::Duration;

use super::case;
use super::checks::{ensure, status};
use super::connection::padded;
use crate::Switch;
use crate::case::{Before, Case, Outcome};
use crate::http::{Connection, Message, Request, Trouble};
use crate::run::Run;

/// An answer that needs no content must come well within this time.
const SOON: Duration = Duration::from_secs(5);

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    expectations(&mut table);
    refusals_before_content(&mut table);
    table
}

/// Sends the head of a request and reads the first message.
fn ask_first(wire: &mut Connection, request: &Request) -> Result<Message, Trouble> {
    wire.write_head(request);
    wire.set_limit(SOON);
    wire.read_message(request.method())
}

fn expectations(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        let done = if before == Before::Absent { 201 } else { 200 };
        for (name, chunked, spelling) in [
            ("with a length", false, "100-continue"),
            ("in chunks", true, "100-continue"),
            ("in another case", false, "100-Continue"),
        ] {
            table.push(
                case(
                    format!("content {name} held back is asked for with 100, then answered ({before:?})"),
                    &["EXP-01", "EXP-04"],
                )
                .before(before)
                .script(move |run| {
                    let mut request = Request::put(run.path()).field("Expect", spelling).json(run.replacement());
                    if chunked {
                        request = request.chunked(9);
                    }
                    let (first, response) = run.raw(|wire| {
                        let first = ask_first(wire, &request)?;
                        if let Message::Final(response) = first {
                            return Ok((None, response));
                        }
                        wire.write_content(&request);
                        Ok((Some(()), wire.read_response("PUT")?))
                    })?;
                    run.judge(&request, &response);
                    ensure(first.is_some(), || format!("{} instead of 100", response.status))?;
                    status(&response, &[done], "PUT")?;
                    run.stored_as_told(&request, &response)
                }),
            );
        }
    }
    for before in [Before::Absent, Before::Present] {
        table.push(
            case(format!("another expectation is 417 ({before:?})"), &["EXP-03"])
                .should()
                .before(before)
                .field("Expect", "foo")
                .expect(&[417])
                .never(&[500]),
        );
    }
    table.push(
        case("an expectation among others is 417", &["EXP-03"])
            .should()
            .field("Expect", "100-continue, foo")
            .expect(&[417]),
    );
    table.push(case("a client of HTTP/1.0 gets no 100", &["EXP-02"]).script(|run| {
        let request = Request::put(run.path()).version_1_0().field("Expect", "100-continue").json(run.replacement());
        let by_framework = run.subject().sends_interim_by_framework();
        let (early, response) = run.raw(|wire| {
            wire.write_head(&request);
            let early = wire.hears_within(Duration::from_millis(300));
            wire.write_content(&request);
            Ok((early, wire.read_response("PUT")?))
        })?;
        run.judge(&request, &response);
        ensure(by_framework || (!early && response.interim.is_empty()), || "100 to HTTP/1.0".to_owned())?;
        status(&response, &[201], "PUT")
    }));
    table.push(case("content that is sent without waiting for the 100 is read", &["EXP-04"]).script(|run| {
        let request = Request::put(run.path()).field("Expect", "100-continue").json(run.replacement());
        let response = run.send(&request)?;
        status(&response, &[201], "PUT")?;
        run.stored_as_told(&request, &response)
    }));
}

/// What the head alone decides is answered without asking for the content.
fn refusals_before_content(table: &mut Vec<Case>) {
    type Change = fn(&Run<'_>, Request) -> Request;
    let refusals: [(&str, &[&'static str], u16, Change); 7] = [
        ("a wrong media type", &["EXP-01", "MED-01"], 415, |_, request| {
            request.field("Content-Type", "text/plain").content("x")
        }),
        ("a content coding", &["EXP-01", "ENC-01"], 415, |run, request| {
            request.field("Content-Encoding", "gzip").json(run.replacement())
        }),
        ("a stale If-Match", &["EXP-06", "EXP-01"], 412, |run, request| {
            request.field("If-Match", "\"zzz\"").json(run.replacement())
        }),
        ("a false If-None-Match", &["EXP-06"], 412, |run, request| {
            request.field("If-None-Match", "*").json(run.replacement())
        }),
        ("a malformed If-Match", &["EXP-01", "CND-21"], 400, |run, request| {
            request.field("If-Match", "zzz").json(run.replacement())
        }),
        ("a length beyond the limit", &["EXP-01", "LEN-01"], 413, |run, request| {
            request.json(padded(run, 1024 * 1024 + 1))
        }),
        ("Content-Range", &["EXP-01", "PUT-08"], 400, |run, request| {
            request.field("Content-Range", "bytes 0-1/2").json(run.replacement())
        }),
    ];
    for (name, rows, wanted, change) in refusals {
        table.push(case(format!("{name} is answered without asking for the content"), rows).present().script(
            move |run| {
                let request = change(run, Request::put(run.path()).field("Expect", "100-continue"));
                without_asking(run, &request, wanted)
            },
        ));
    }
    table.push(
        case("a method that is not allowed is answered without asking for the content", &["EXP-01", "MTH-01"]).script(
            |run| {
                let request = Request::new("POST", run.path()).field("Expect", "100-continue").json("{}");
                without_asking(run, &request, 405)
            },
        ),
    );
    table.push(case("a key that is none is answered without asking for the content", &["EXP-01"]).item().script(
        |run| {
            let request = Request::put("/items/abc").field("Expect", "100-continue").json("{}");
            without_asking(run, &request, 404)
        },
    ));
    table.push(
        case("a missing condition is answered without asking for the content", &["EXP-01", "CND-24"])
            .on(Switch::RequirePrecondition)
            .script(|run| {
                let request = Request::put(run.path()).field("Expect", "100-continue").json("{}");
                without_asking(run, &request, 428)
            }),
    );
}

fn without_asking(run: &mut Run<'_>, request: &Request, wanted: u16) -> Outcome {
    let by_framework = run.subject().sends_interim_by_framework();
    let (asked, response) = run.raw(|wire| match ask_first(wire, request)? {
        Message::Final(response) => Ok((false, response)),
        Message::Interim(_) => {
            wire.write_content(request);
            Ok((true, wire.read_response(request.method())?))
        }
    })?;
    run.judge(request, &response);
    status(&response, &[wanted], request.method())?;
    ensure(by_framework || !asked, || "the content was asked for with 100".to_owned())?;
    run.unchanged()
}
