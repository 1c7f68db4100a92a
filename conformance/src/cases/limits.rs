//! Content, paths and header sections that are too long, and answers that come before the
//! content is read. The limits are this project's; another server may take more, if it stores what it takes.

use std::time::{Duration, Instant};

use super::case;
use super::checks::{ensure, fairly, status, truly};
use super::connection::{padded, refused};
use crate::case::{Before, Case};
use crate::http::{Framing, Request, Trouble};
use crate::run::Run;

/// An answer that needs no content must come well within this time.
const SOON: Duration = Duration::from_secs(5);

/// Where the limit is another, or lengths are wanted.
const ELSEWHERE: &[u16] = &[200, 201, 204, 400, 403, 411, 414, 422, 431];

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    limits(&mut table);
    early(&mut table);
    table
}

fn limits(table: &mut Vec<Case>) {
    table.push(case("content of exactly 1 MiB is accepted", &["LEN-01"]).policy().any().script(|run| {
        let request = Request::put(run.path()).json(padded(run, 1024 * 1024));
        let response = run.send(&request)?;
        status(&response, &[201], "PUT")?;
        run.stored_as_told(&request, &response)
    }));
    for before in [Before::Absent, Before::Present] {
        for (name, length, chunk) in [
            ("one octet beyond 1 MiB", 1024 * 1024 + 1, None),
            ("one octet beyond 1 MiB in chunks", 1024 * 1024 + 1, Some(16 * 1024)),
            ("1.5 MiB in chunks", 1536 * 1024, Some(16 * 1024)),
            ("4 MiB", 4 * 1024 * 1024, None),
            ("4 MiB in one chunk", 4 * 1024 * 1024, Some(usize::MAX)),
        ] {
            table.push(
                case(format!("{name} is 413, and the client can read it ({before:?})"), &["LEN-01", "EXP-05"])
                    .should()
                    .any()
                    .before(before)
                    .script(move |run| {
                        let mut request = Request::put(run.path()).json(padded(run, length));
                        if let Some(size) = chunk {
                            request = request.chunked(size);
                        }
                        let response = run.send(&request)?;
                        fairly(run, &response, &[413], ELSEWHERE, "PUT")?;
                        truly(run, &request, &response)
                    }),
            );
        }
        table.push(
            case(
                format!("2 GiB declared is 413 at once, although the client goes on sending ({before:?})"),
                &["LEN-01", "LEN-06"],
            )
            .policy()
            .any()
            .before(before)
            .script(|run| {
                let request = Request::put(run.path()).json("").framing(Framing::Declared("2147483648".into()));
                let began = Instant::now();
                let response = run.raw(|wire| {
                    let mut octets = wire.head_octets(&request);
                    octets.resize(octets.len() + 8 * 1024 * 1024, b' ');
                    wire.exchange_alongside(&octets, "PUT")
                })?;
                run.judge(&request, &response);
                status(&response, &[413], "PUT")?;
                ensure(began.elapsed() < SOON, || "the answer was late".to_owned())?;
                run.unchanged()
            }),
        );
        table.push(
            case(format!("2 GiB declared and nothing sent is 413 at once ({before:?})"), &["LEN-01", "EXP-05"])
                .policy()
                .any()
                .before(before)
                .script(|run| {
                    let request = Request::put(run.path()).json("").framing(Framing::Declared("2147483648".into()));
                    let response = run.raw(|wire| {
                        wire.write_head(&request);
                        wire.set_limit(SOON);
                        wire.read_response("PUT")
                    })?;
                    run.judge(&request, &response);
                    status(&response, &[413], "PUT")?;
                    run.unchanged()
                }),
        );
    }
    table.push(
        case("a stale tag is judged before chunks beyond the limit", &["LEN-01", "CND-19"]).any().present().script(
            |run| {
                let request = Request::put(run.path())
                    .field("If-Match", "\"zzz\"")
                    .json(padded(run, 1536 * 1024))
                    .chunked(16 * 1024);
                let response = run.send(&request)?;
                fairly(run, &response, &[412, 413], &[400, 411], "PUT")?;
                run.unchanged()
            },
        ),
    );
    table.push(
        case("a path of 8000 octets is handled", &["LEN-07"])
            .should()
            .framework()
            .target(format!("/pages/$key{}", "a".repeat(7900)))
            .content(r#"{"title":"x"}"#)
            .expect(&[201])
            .never(&[414]),
    );
    table.push(case("a path of 64 KiB is refused", &["LEN-07"]).should().framework().script(|run| {
        let target = format!("/pages/{}", "a".repeat(66_000));
        let request = Request::put(target).json(r#"{"title":"x"}"#);
        refused(run, &request, &[414, 400, 431, 404], false)
    }));
    for length in [8000, 66_000] {
        table.push(
            case(format!("a URI of {length} octets is handled or refused"), &["LEN-07"])
                .should()
                .any()
                .framework()
                .script(move |run| {
                    let target = format!("{}?{}", run.path(), "a".repeat(length - 1 - run.path().len()));
                    let request = Request::put(target).json(run.replacement());
                    match run.raw(|wire| Ok(wire.exchange(&request)))? {
                        Ok(response) => {
                            run.judge(&request, &response);
                            let short = length == 8000 && response.status == 414;
                            ensure(response.status < 500 && !short, || format!("PUT answered {}", response.status))?;
                            truly(run, &request, &response)
                        }
                        Err(Trouble::Closed) if length > 8000 => run.unchanged(),
                        Err(trouble) => Err(trouble.to_string()),
                    }
                }),
        );
    }
    table.push(case("a header section of 1 MiB is refused", &["LEN-08"]).any().framework().present().script(|run| {
        let request = Request::put(run.path()).field("X-Long", "a".repeat(1024 * 1024)).json(run.replacement());
        let answer = run.raw(|wire| Ok(wire.exchange(&request)))?;
        match answer {
            Ok(response) => {
                fairly(run, &response, &[431, 400, 413], &[200, 201, 204, 403, 414, 494], "PUT")?;
                truly(run, &request, &response)
            }
            Err(Trouble::Closed | Trouble::Truncated(_)) => run.unchanged(),
            Err(trouble) => Err(trouble.to_string()),
        }
    }));
}

fn early(table: &mut Vec<Case>) {
    type Make = fn(&Run<'_>) -> Request;
    const TAKEN: &[u16] = &[200, 201, 204, 400, 403, 409, 411, 413, 422];
    let refusals: [(&str, u16, Option<&'static [u16]>, Make); 8] = [
        ("a 415 to a small content", 415, Some(TAKEN), |run| {
            Request::put(run.path()).field("Content-Type", "text/plain").content(vec![b'x'; 10_000])
        }),
        ("a 415 to a large content", 415, Some(TAKEN), |run| {
            Request::put(run.path()).field("Content-Type", "text/plain").content(vec![b'x'; 900_000])
        }),
        ("a 412 to a large content", 412, Some(&[400, 413]), |run| {
            Request::put(run.path()).field("If-Match", "\"zzz\"").json(padded(run, 500_000))
        }),
        ("a 413 to a large content", 413, Some(TAKEN), |run| {
            Request::put(run.path()).json(padded(run, 2 * 1024 * 1024))
        }),
        ("a 413 to many chunks", 413, Some(TAKEN), |run| {
            Request::put(run.path()).json(padded(run, 2 * 1024 * 1024)).chunked(10_000)
        }),
        ("a 405 to a content", 405, None, |run| Request::new("POST", run.path()).json(padded(run, 100_000))),
        ("a 404 to a content", 404, None, |run| Request::put("/items/abc").json(padded(run, 100_000))),
        ("a 400 to a content that is no JSON", 400, Some(&[200, 201, 204, 415, 422]), |run| {
            Request::put(run.path()).json("{")
        }),
    ];
    for (name, wanted, fair, make) in refusals {
        let one = case(format!("after {name} the connection works or is announced to end"), &["EXP-05"])
            .should()
            .present()
            .script(move |run| {
                let request = make(run);
                let next = Request::get(run.path());
                let (first, second) = run.raw(|wire| {
                    let first = wire.exchange(&request)?;
                    let second = if first.closed { None } else { Some(wire.exchange(&next)?) };
                    Ok((first, second))
                })?;
                run.judge(&request, &first);
                fairly(run, &first, &[wanted], fair.unwrap_or_default(), request.method())?;
                if let Some(second) = second {
                    run.judge(&next, &second);
                    status(&second, &[200], "GET on the same connection")?;
                }
                truly(run, &request, &first)
            });
        // Elsewhere a POST may do anything, and no key is known to be none.
        table.push(if fair.is_some() { one.any() } else { one });
    }
}
