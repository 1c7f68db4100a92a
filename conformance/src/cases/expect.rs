//! Expect. The content is held back until the server has said what it makes of the header section.

use std::time::Duration;

use super::case;
use super::checks::{ensure, fairly};
use super::connection::padded;
use crate::case::{Before, Case, Outcome};
use crate::http::{Connection, Message, Request, Response, Trouble};
use crate::run::Run;
use crate::{Profile, Switch};

/// An answer that needs no content must come well within this time.
const SOON: Duration = Duration::from_secs(5);

/// Any success; which one it has to be is told elsewhere.
const WRITTEN: &[u16] = &[200, 201, 204];

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    expectations(&mut table);
    refusals_before_content(&mut table);
    table
}

/// What a server makes of a request whose content is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// It asks for the content.
    Asked,
    /// It decides without the content.
    Decided,
    /// It says nothing until the content comes.
    Silent,
}

/// Sends the head of a request, and the content unless the answer is there already.
fn hold_back(wire: &mut Connection, request: &Request) -> Result<(First, Response), Trouble> {
    wire.write_head(request);
    wire.set_limit(SOON);
    let first = match wire.read_message(request.method()) {
        Ok(Message::Final(response)) => return Ok((First::Decided, response)),
        Ok(Message::Interim(_)) => First::Asked,
        Err(Trouble::TimedOut(_)) => First::Silent,
        Err(trouble) => return Err(trouble),
    };
    wire.write_content(request);
    Ok((first, wire.read_response(request.method())?))
}

/// That the client was not left waiting.
fn said_at_once(first: First) -> Outcome {
    ensure(first != First::Silent, || "EXP-01: neither 100 nor an answer until the content was sent".to_owned())
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
                .any()
                .before(before)
                .script(move |run| {
                    let mut request = Request::put(run.path()).field("Expect", spelling).json(run.replacement());
                    if chunked {
                        request = request.chunked(9);
                    }
                    let (first, response) = run.raw(|wire| hold_back(wire, &request))?;
                    run.judge(&request, &response);
                    said_at_once(first)?;
                    if chunked && response.status == 411 && run.profile() == Profile::Rfc {
                        return run.unchanged();
                    }
                    ensure(first == First::Asked, || format!("{} instead of 100", response.status))?;
                    fairly(run, &response, &[done], WRITTEN, "PUT")?;
                    run.stored_as_told(&request, &response)
                }),
            );
        }
    }
    for before in [Before::Absent, Before::Present] {
        table.push(
            case(format!("another expectation is 417 ({before:?})"), &["EXP-03"])
                .should()
                .fair(&[200, 201, 204, 400])
                .before(before)
                .field("Expect", "foo")
                .expect(&[417])
                .never(&[500]),
        );
    }
    table.push(
        case("an expectation among others is 417", &["EXP-03"])
            .should()
            .fair(&[200, 201, 204, 400])
            .field("Expect", "100-continue, foo")
            .expect(&[417]),
    );
    table.push(case("a client of HTTP/1.0 gets no 100", &["EXP-02"]).any().script(|run| {
        let request = Request::put(run.path()).version_1_0().field("Expect", "100-continue").json(run.replacement());
        let by_framework = run.subject().sends_interim_by_framework();
        let response = run.raw(|wire| {
            wire.write_head(&request);
            // Time for a 100 that must not come.
            wire.hears_within(Duration::from_millis(300));
            wire.write_content(&request);
            wire.read_response("PUT")
        })?;
        run.judge(&request, &response);
        ensure(by_framework || response.interim.is_empty(), || "EXP-02: 100 to HTTP/1.0".to_owned())?;
        // A server may have left the old version behind.
        fairly(run, &response, &[201], &[200, 204, 426, 505], "PUT")
    }));
    table.push(case("content that is sent without waiting for the 100 is read", &["EXP-04"]).any().script(|run| {
        let request = Request::put(run.path()).field("Expect", "100-continue").json(run.replacement());
        let response = run.send(&request)?;
        fairly(run, &response, &[201], WRITTEN, "PUT")?;
        run.stored_as_told(&request, &response)
    }));
}

/// What the head alone decides is answered without asking for the content. The standard lets a server ask first, or find
/// nothing wrong; it must only not leave the client waiting.
fn refusals_before_content(table: &mut Vec<Case>) {
    type Change = fn(&Run<'_>, Request) -> Request;
    const TAKEN: &[u16] = &[200, 201, 204, 400, 409, 413, 422, 501];
    type Refusal = (&'static str, &'static [&'static str], u16, &'static [u16], Change);
    let refusals: [Refusal; 7] = [
        ("a wrong media type", &["EXP-01", "MED-01"], 415, TAKEN, |_, request| {
            request.field("Content-Type", "text/plain").content("x")
        }),
        ("a content coding", &["EXP-01", "ENC-01"], 415, TAKEN, |run, request| {
            request.field("Content-Encoding", "gzip").json(run.replacement())
        }),
        ("a stale If-Match", &["CND-05", "EXP-06", "EXP-01"], 412, &[], |run, request| {
            request.field("If-Match", "\"zzz\"").json(run.replacement())
        }),
        ("a false If-None-Match", &["CND-08", "EXP-06"], 412, &[], |run, request| {
            request.field("If-None-Match", "*").json(run.replacement())
        }),
        ("a malformed If-Match", &["EXP-01", "CND-21"], 400, &[412], |run, request| {
            request.field("If-Match", "zzz").json(run.replacement())
        }),
        ("a length beyond the limit", &["EXP-01", "LEN-01"], 413, TAKEN, |run, request| {
            request.json(padded(run, 1024 * 1024 + 1))
        }),
        // Whether it may be a success is told elsewhere.
        ("Content-Range", &["EXP-01", "PUT-08"], 400, &[200, 201, 204, 415, 416, 422, 501], |run, request| {
            request.field("Content-Range", "bytes 0-1/2").json(run.replacement())
        }),
    ];
    for (name, rows, wanted, fair, change) in refusals {
        table.push(case(format!("{name} is answered without asking for the content"), rows).any().present().script(
            move |run| {
                let request = change(run, Request::put(run.path()).field("Expect", "100-continue"));
                without_asking(run, &request, wanted, fair)
            },
        ));
    }
    table.push(
        case("a method that is not allowed is answered without asking for the content", &["EXP-01", "MTH-01"]).script(
            |run| {
                let request = Request::new("POST", run.path()).field("Expect", "100-continue").json("{}");
                without_asking(run, &request, 405, &[])
            },
        ),
    );
    table.push(case("a key that is none is answered without asking for the content", &["EXP-01"]).item().script(
        |run| {
            let request = Request::put("/items/abc").field("Expect", "100-continue").json("{}");
            without_asking(run, &request, 404, &[])
        },
    ));
    table.push(
        case("a missing condition is answered without asking for the content", &["EXP-01", "CND-24"])
            .on(Switch::RequirePrecondition)
            .script(|run| {
                let request = Request::put(run.path()).field("Expect", "100-continue").json("{}");
                without_asking(run, &request, 428, &[])
            }),
    );
}

fn without_asking(run: &mut Run<'_>, request: &Request, wanted: u16, fair: &[u16]) -> Outcome {
    let may_ask = run.subject().sends_interim_by_framework() || run.profile() == Profile::Rfc;
    let (first, response) = run.raw(|wire| hold_back(wire, request))?;
    run.judge(request, &response);
    said_at_once(first)?;
    fairly(run, &response, &[wanted], fair, request.method())?;
    ensure(may_ask || first == First::Decided, || "the content was asked for with 100".to_owned())?;
    if response.is_success() { Ok(()) } else { run.unchanged() }
}
