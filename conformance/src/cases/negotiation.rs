//! Negotiation of responses, and Prefer.
//!
//! One thing although it is long: the rows of the section, in their order.

use super::case;
use super::checks::{empty, ensure, has, lacks, lists_too, representation, stored};
use crate::case::{Before, Case};
use crate::{Profile, Switch};
use serde_json::{Value, json};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    accept(&mut table);
    prefer(&mut table);
    minimal(&mut table);
    table
}

fn accept(table: &mut Vec<Case>) {
    let ask = |value: &str| {
        case(format!("GET with Accept: {value:?}"), &["NEG-05", "NEG-06"])
            .method("GET")
            .present()
            .field("Accept", value)
    };
    for value in [
        "",
        "*/*",
        "application/*",
        "application/json",
        "APPLICATION/JSON",
        "application/*;q=0.1",
        "text/html, */*;q=0.1",
        "text/html;q=1.0, application/json;q=0.001",
        "application/json;Q=0.5",
        "*/*;q=0, application/json",
        "text/html, application/xhtml+xml, application/xml;q=0.9, image/avif, */*;q=0.8",
    ] {
        table.push(ask(value).fair(&[406]).expect(&[200]).must_then(move |run, response| {
            // A list of no types may also be read as it is written: that none is acceptable.
            if value.is_empty() && run.profile() == Profile::Rfc {
                return Ok(());
            }
            // A representation of another type may fit none of these ranges.
            let path = run.path().to_owned();
            let plain = run.get(&path)?;
            let json = plain.field("Content-Type").is_some_and(|kind| kind.starts_with("application/json"));
            ensure(!json || response.status == 200, || {
                format!("NEG-05: application/json is acceptable, and GET is {}", response.status)
            })
        }));
    }
    for value in ["text/html", "*/*;q=1, application/json;q=0", "application/json;q=0", "application/xml, text/*"] {
        let mut one = ask(value).policy().any().expect(&[406]).tolerate(&[200]).then(|_, response| {
            let available = response.json().unwrap_or_default().get("available").cloned();
            ensure(response.status == 200 || available == Some(json!(["application/json"])), || {
                format!("available is {available:?}")
            })
        });
        one.rows = vec!["NEG-01", "NEG-02", "NEG-05"];
        table.push(one);
    }
    table.push(
        case("GET without Accept", &["NEG-06"]).any().method("GET").present().expect(&[200]).check(lacks("Vary")),
    );
    table.push(
        case("GET does not vary by Prefer", &["NEG-08", "PRF-07"])
            .should()
            .any()
            .method("GET")
            .present()
            .field("Prefer", "return=minimal")
            .expect(&[200])
            .then(|_, response| {
                let named = response.list("Vary");
                let varies =
                    named.iter().any(|name| name.eq_ignore_ascii_case("Prefer") || name.eq_ignore_ascii_case("Accept"));
                ensure(!varies && !response.content.is_empty(), || format!("Vary lists {named:?}"))
            }),
    );
    // Which codings may come back; this project has none.
    for (value, codings) in [
        ("", &[][..]),
        ("gzip", &["gzip", "x-gzip"]),
        ("identity;q=0", &["gzip", "x-gzip", "deflate", "br", "zstd"]),
        ("*;q=0", &[]),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", &["gzip", "x-gzip", "deflate", "br", "zstd"]),
    ] {
        table.push(
            case(format!("GET with Accept-Encoding: {value:?} is not coded"), &["NEG-07"])
                .should()
                .any()
                .method("GET")
                .present()
                .field("Accept-Encoding", value)
                .expect(&[200])
                .tolerate(&[406])
                .check(lacks("Content-Encoding"))
                .must_then(move |_, response| {
                    let coding = response.field("Content-Encoding");
                    let asked = coding.is_none_or(|coding| codings.iter().any(|one| one.eq_ignore_ascii_case(coding)));
                    ensure(asked, || format!("the content is coded in {coding:?}, which was not asked for"))
                }),
        );
    }
    for value in ["text/html", "application/json", "application/json;q=0", ""] {
        for (before, wanted) in [(Before::Absent, 201), (Before::Present, 200)] {
            table.push(
                case(format!("PUT with Accept: {value:?} is never 406 ({before:?})"), &["NEG-03"])
                    .policy()
                    .open()
                    .before(before)
                    .field("Accept", value)
                    .expect(&[wanted]),
            );
        }
        table.push(
            case(format!("an error with Accept: {value:?} is explained all the same"), &["NEG-04", "PRB-01"])
                .should()
                .fair(&[200, 201, 204, 406, 415, 422])
                .field("Accept", value)
                .content("{")
                .expect(&[400])
                .check(has("Content-Type", "application/problem+json")),
        );
    }
}

fn prefer(table: &mut Vec<Case>) {
    let ask = |lines: &[&str], before: Before, rows: &[&'static str]| {
        let mut one = case(format!("Prefer: {} ({before:?})", lines.join(" | ")), rows).before(before);
        for line in lines {
            one = one.field("Prefer", line);
        }
        // Elsewhere a server may follow this one: then nothing is written yet when the answer comes.
        let delayed = lines.iter().any(|line| line.contains("respond-async"));
        if delayed { one } else { one.fair(&[200, 201, 204]) }
    };
    let both = [(Before::Absent, 201, 201), (Before::Present, 200, 204)];
    for (before, full, bare) in both {
        for lines in [
            &["foo=bar"][..],
            &["return=Minimal"],
            &["return"],
            &["return="],
            &["return=\"\""],
            &["return=nothing"],
            &["respond-async, wait=10"],
            &[""],
            &["handling=lenient"],
            &["handling=strict"],
            &["xreturn=minimal"],
            &["foo; return=minimal"],
            &["foo=\"return=minimal, return=minimal\""],
        ] {
            table.push(
                ask(lines, before, &["PRF-01", "PRF-05", "PRF-08"])
                    .expect(&[full])
                    .never(&[202, 400])
                    .check(representation())
                    .then(|_, response| {
                        let applied = response.field("Preference-Applied");
                        ensure(applied.is_none_or(|text| text == "return=representation"), || {
                            format!("Preference-Applied is {applied:?}")
                        })
                    }),
            );
        }
        for lines in [
            &["return=minimal"][..],
            &["RETURN=minimal"],
            &["RETURN = minimal"],
            &["return\t=\tminimal"],
            &["return=\"minimal\""],
            &["return=minimal; foo=bar"],
            &["return=minimal;foo"],
            &["foo, return=minimal, bar=\"a,b\""],
            &["foo=\"a, return=representation\", return=minimal"],
            &["foo", "return=minimal"],
            &["return=minimal", "respond-async"],
            &[",,return=minimal,,"],
        ] {
            let mut one = ask(lines, before, &["PRF-02", "PRF-04", "PRF-05"])
                .should()
                .expect(&[bare])
                .check(empty())
                .check(lacks("Content-Type"))
                .check(has("Preference-Applied", "return=minimal"));
            if bare == 201 {
                one = one.check(has("Content-Length", "0"));
            }
            table.push(one);
        }
        for lines in [&["return=representation"][..], &["Return=representation"], &["return=\"representation\""]] {
            table.push(
                ask(lines, before, &["PRF-03", "PRF-04"])
                    .should()
                    .expect(&[full])
                    .check(representation())
                    .check(has("Preference-Applied", "return=representation")),
            );
        }
        for lines in [
            &["return=minimal, return=representation"][..],
            &["return=representation, return=minimal"],
            &["return=minimal", "return=representation"],
        ] {
            table.push(ask(lines, before, &["PRF-06"]).should().expect(&[200, 201, 204]));
        }
        table.push(
            case(format!("a 2xx to PUT varies by Prefer ({before:?})"), &["PRF-07"])
                .policy()
                .any()
                .before(before)
                .expect(&[full])
                .check(lists_too("Vary", "Prefer")),
        );
        table.push(
            case(format!("a minimal 2xx to PUT varies by Prefer ({before:?})"), &["PRF-07"])
                .policy()
                .any()
                .before(before)
                .field("Prefer", "return=minimal")
                .expect(&[bare])
                .check(lists_too("Vary", "Prefer")),
        );
    }
    for line in ["handling=lenient", "return=minimal", "return=representation"] {
        let mut stale = ask(&[line], Before::Present, &["PRF-09"])
            .any()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .check(lacks("Preference-Applied"));
        stale.name.push_str(" with a stale If-Match");
        table.push(stale);
    }
    table.push(
        case("Prefer: handling=lenient (Absent) with an unknown member", &["PRF-08", "PRF-09", "JSN-14"])
            .policy()
            .field("Prefer", "handling=lenient")
            .content(r#"{"title":"x","other":1}"#)
            .expect(&[422]),
    );
    table.push(
        case("Prefer: return=minimal (Present) on an item, whose state the server has completed", &["PRF-02"])
            .item()
            .present()
            .field("Prefer", "return=minimal")
            .expect(&[204])
            .check(lacks("ETag")),
    );
}

fn minimal(table: &mut Vec<Case>) {
    for (before, full, bare) in [(Before::Absent, 201, 201), (Before::Present, 200, 204)] {
        table.push(
            case(format!("where minimal is the default, PUT has no content ({before:?})"), &["PUT-18", "PRF-02"])
                .policy()
                .on(Switch::ReturnMinimal)
                .before(before)
                .expect(&[bare])
                .check(empty())
                .check(lacks("Content-Location"))
                .check(lists_too("Vary", "Prefer")),
        );
        table.push(
            case(format!("where minimal is the default, an item's answer has no tag ({before:?})"), &["PUT-06"])
                .on(Switch::ReturnMinimal)
                .item()
                .before(before)
                .expect(&[bare])
                .check(empty())
                .check(lacks("ETag"))
                .check(lacks("Last-Modified"))
                .check(stored("name", Value::from("two"))),
        );
        table.push(
            case(
                format!("where minimal is the default, the representation can be asked for ({before:?})"),
                &["PRF-03", "PRF-04"],
            )
            .should()
            .on(Switch::ReturnMinimal)
            .item()
            .before(before)
            .field("Prefer", "return=representation")
            .expect(&[full])
            .check(representation())
            .check(has("Preference-Applied", "return=representation")),
        );
    }
}
