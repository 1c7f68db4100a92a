//! What a PUT does.
//!
//! One thing although it is long: the rows of the section, in their order.

use serde_json::{Value, json};

use super::case;
use super::checks::{
    absent, done, empty, ensure, fairly, has, lacks, members_of, representation, status, stored, tag_at, tag_of,
};
use crate::case::{Before, Case};
use crate::http::Request;
use crate::subject::{Need, Profile};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    statuses(&mut table);
    replacement(&mut table);
    ignored_fields(&mut table);
    steps(&mut table);
    table
}

fn statuses(table: &mut Vec<Case>) {
    for (name, shape) in [("resource", 0), ("item", 1), ("pair", 2)] {
        let shaped = |case: Case| match shape {
            0 => case.any(),
            1 => case.item(),
            _ => case.pair(),
        };
        table.push(
            shaped(case(
                format!("creating a {name} answers 201 with the representation"),
                &["PUT-01", "PUT-19", "PUT-18"],
            ))
            .expect(&[201])
            .never(&[200, 202, 204])
            .check(representation())
            .check(has("Location", "$path")),
        );
        table.push(
            shaped(case(
                format!("replacing a {name} answers 200 with the representation"),
                &["PUT-02", "PUT-18", "PUT-19"],
            ))
            .present()
            .expect(&[200])
            .never(&[201, 202, 206, 304])
            .check(representation()),
        );
        table.push(
            shaped(case(
                format!("replacing a {name} by itself is a success and never 304"),
                &["PUT-02", "PUT-21", "PUT-20"],
            ))
            .present()
            .unchanged()
            .expect(&[200])
            .never(&[201, 202, 205, 206, 304]),
        );
    }
    table.push(
        case("a content without the key takes it from the path", &["PUT-03"])
            .policy()
            .item()
            .content(r#"{"name":"two"}"#)
            .expect(&[201])
            .then(|run, response| {
                let id = response.json().unwrap_or_default().get("id").map(Value::to_string);
                ensure(id.as_deref() == Some(run.key()), || format!("id is {id:?}"))
            }),
    );
    table.push(
        case("the representation is canonical: every member, in order, null for what is absent", &["PUT-03"])
            .policy()
            .item()
            .content(r#"{ "tags" : [] , "name" : "two" }"#)
            .expect(&[201])
            .then(|run, response| {
                let text = String::from_utf8_lossy(&response.content).into_owned();
                let begins = format!(
                    r#"{{"id":{},"name":"two","size":"small","note":null,"tags":[],"place":null,"count":null,"ratio":null,"owner":null,"createdAt":""#,
                    run.key()
                );
                ensure(text.starts_with(&begins) && text.ends_with("\"}"), || format!("the representation is {text}"))
            }),
    );
    table.push(
        case("every member that is sent is stored with its value", &["PUT-03"])
            .should()
            .item()
            .content(concat!(
                r#"{"id":$id,"name":"n \" \\ / \u00e9 é 😀","size":"large","note":"","tags":["b","a","b"],"#,
                r#""place":{"city":"Ulm","zip":"89073"},"count":-9223372036854775808,"ratio":0.1,"owner":"ann"}"#
            ))
            .expect(&[201]),
    );
    table.push(
        case("a page in canonical form is stored byte for byte and the 2xx has its tag", &["PUT-06"])
            .content(r#"{"slug":"$key","title":"two"}"#)
            .expect(&[201])
            .then(|_, response| tag_of(response).map(drop)),
    );
    for (before, status, word) in [(Before::Absent, 201, "creation"), (Before::Present, 204, "replacement")] {
        let told = case(format!("a tag in the answer to a {word} is that of the octets that were sent"), &["PUT-06"]);
        table.push(told.fair(&[200, 201, 204]).before(before).field("Prefer", "return=minimal").expect(&[status]));
        table.push(
            case(format!("a minimal {word} after verbatim storage has the tag"), &["PUT-06", "PRF-02"])
                .needs(Need::Verbatim)
                .before(before)
                .field("Prefer", "return=minimal")
                .expect(&[status])
                .check(empty())
                .then(|_, response| tag_of(response).map(drop)),
        );
        table.push(
            case(format!("a minimal {word} after another spelling has no validator"), &["PUT-06", "PRF-02"])
                .before(before)
                .field("Prefer", "return=minimal")
                .content(r#"{ "slug":"$key", "title":"two" }"#)
                .expect(&[status])
                .check(empty())
                .check(lacks("ETag"))
                .check(lacks("Last-Modified")),
        );
    }
    table.push(
        // Who ignores the coding keeps the octets as they are; who decodes them must not send a tag.
        case("a coded content is refused, so that no tag speaks of it", &["PUT-07"])
            .fair(&[200, 201, 204, 400, 422, 501])
            .field("Content-Encoding", "gzip")
            .content([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            .expect(&[415])
            .check(lacks("ETag")),
    );
    table.push(
        case("a second representation of one resource in the same second has another tag", &["VAL-09", "PUT-06"])
            .any()
            .needs(Need::StrongTag)
            .needs(Need::FreeValue)
            .script(|run| {
                let path = run.path().to_owned();
                let mut tags = Vec::new();
                // Of one length, because a tag made of date and length is a common mistake.
                for number in [1, 2] {
                    let response = run.put(&path, run.variant(number))?;
                    done(run, &response)?;
                    tags.push(tag_at(run, &path)?);
                }
                ensure(tags[0] != tags[1], || format!("one tag, {}, for two representations", tags[0]))
            }),
    );
    table.push(
        case("200 and 204 of a replacement leave the connection usable at once", &["PUT-17"]).any().present().script(
            |run| {
                let request = Request::put(run.path()).field("Prefer", "return=minimal").json(run.replacement());
                let again = Request::get(run.path());
                let (first, second) = run.raw(|wire| {
                    let first = wire.exchange(&request)?;
                    let second = if first.closed { None } else { Some(wire.exchange(&again)?) };
                    Ok((first, second))
                })?;
                run.judge(&request, &first);
                fairly(run, &first, &[204], &[200, 201], "PUT")?;
                let Some(second) = second else {
                    return Err(run.not_applicable("the server closes the connection after a PUT"));
                };
                run.judge(&again, &second);
                status(&second, &[200], "GET on the same connection")
            },
        ),
    );
}

fn replacement(table: &mut Vec<Case>) {
    table.push(
        case("a replacement replaces the whole state: what is absent is cleared", &["PUT-04"]).item().script(|run| {
            let path = run.path().to_owned();
            let full = r#"{"name":"a","size":"large","note":"n","tags":["t"],"place":{"city":"c","zip":"z"},"count":1,"ratio":1.5}"#;
            status(&run.put(&path, full)?, &[201], "PUT")?;
            status(&run.put(&path, r#"{"name":"b"}"#)?, &[200], "PUT")?;
            let shown = run.get(&path)?.json().unwrap_or_default();
            for (name, value) in [
                ("name", json!("b")),
                ("size", json!("small")),
                ("note", Value::Null),
                ("tags", json!([])),
                ("place", Value::Null),
                ("count", Value::Null),
                ("ratio", Value::Null),
            ] {
                ensure(shown.get(name) == Some(&value), || format!("{name} is {:?} after the second PUT", shown.get(name)))?;
            }
            Ok(())
        }),
    );
    table.push(case("a nested object is replaced whole, not merged", &["PUT-04"]).item().script(|run| {
        let path = run.path().to_owned();
        status(&run.put(&path, r#"{"name":"a","place":{"city":"c","zip":"z"}}"#)?, &[201], "PUT")?;
        status(&run.put(&path, r#"{"name":"a","place":{"city":"d"}}"#)?, &[200], "PUT")?;
        let shown = run.get(&path)?.json().unwrap_or_default();
        ensure(shown.get("place") == Some(&json!({"city": "d", "zip": null})), || {
            format!("place is {:?}", shown.get("place"))
        })
    }));
    table.push(case("identical PUTs leave what one would leave", &["PUT-05", "VAL-16"]).item().any().script(|run| {
        let path = run.path().to_owned();
        let request = Request::put(&path).json(run.replacement());
        let first = run.send(&request)?;
        fairly(run, &first, &[201], &[200, 204], "the first PUT")?;
        run.stored_as_told(&request, &first)?;
        let once = run.snapshot(&path)?;
        for count in ["second", "third"] {
            let response = run.send(&request)?;
            fairly(run, &response, &[200], &[201, 204], &format!("the {count} PUT"))?;
            let again = run.snapshot(&path)?;
            // To count versions, or to note the time, is no breach of a standard; to change what was sent is one.
            let json = |octets: &[u8]| serde_json::from_slice::<Value>(octets).unwrap_or_default();
            let sent = json(request.sent_content().unwrap_or_default());
            let kept = members_of(&sent, &json(&again.content)) == members_of(&sent, &json(&once.content));
            ensure(again == once || (kept && run.profile() == Profile::Rfc), || {
                format!("PUT-05: after the {count} PUT GET shows {again:?}, before {once:?}")
            })?;
            run.stored_as_told(&request, &response)?;
        }
        Ok(())
    }));
    table.push(
        case("an immutable member that changes is a conflict that is explained", &["PUT-22", "PUT-09", "PRB-09"])
            .item()
            .present()
            .content(r#"{"id":$id,"name":"one","owner":"bob"}"#)
            .expect(&[409])
            .check(super::checks::pointers(&["#/owner"]))
            .check(super::checks::detail()),
    );
    table.push(
        case("an immutable member that is left out would change, too", &["PUT-22"])
            .policy()
            .item()
            .present()
            .content(r#"{"id":$id,"name":"one"}"#)
            .expect(&[409])
            .check(super::checks::pointers(&["#/owner"])),
    );
    table.push(
        case("an immutable member is free at creation and may be repeated", &["PUT-09"])
            .policy()
            .item()
            .present()
            .content(r#"{"id":$id,"name":"two","owner":"ann"}"#)
            .expect(&[200])
            .check(stored("owner", json!("ann"))),
    );
    table.push(
        case("a key in the content that differs from the path is refused", &["PUT-09"])
            .policy()
            .item()
            .content(r#"{"id":1,"name":"two"}"#)
            .expect(&[422])
            .check(super::checks::pointers(&["#/id"])),
    );
    for (name, content, pointer) in [
        ("first", r#"{"shelf":"other","slot":7,"label":"x"}"#, &["#/shelf"][..]),
        ("second", r#"{"shelf":"s$key","slot":8,"label":"x"}"#, &["#/slot"][..]),
        ("whole", r#"{"shelf":"other","slot":8,"label":"x"}"#, &["#/shelf", "#/slot"][..]),
    ] {
        table.push(
            case(format!("a composite key whose {name} part differs from the path is refused"), &["PUT-09"])
                .policy()
                .pair()
                .content(content)
                .expect(&[422])
                .check(super::checks::pointers(pointer)),
        );
    }
    table.push(
        case("GET, edit, PUT: what the server manages may be sent back and is ignored", &["PUT-09"])
            .policy()
            .item()
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let mut state = run.get(&path)?.json().unwrap_or_default();
                let created = state.get("createdAt").cloned();
                state["name"] = json!("two");
                state["createdAt"] = json!("1999-12-31T23:59:59Z");
                state["updatedAt"] = json!(5);
                status(&run.put(&path, state.to_string())?, &[200], "PUT")?;
                let shown = run.get(&path)?.json().unwrap_or_default();
                ensure(shown.get("name") == Some(&json!("two")), || "the edit is lost".to_owned())?;
                ensure(shown.get("createdAt") == created.as_ref(), || {
                    format!("createdAt was {created:?} and is {:?}", shown.get("createdAt"))
                })?;
                ensure(shown.get("updatedAt").is_some_and(Value::is_string), || {
                    "updatedAt was taken from the client".to_owned()
                })
            }),
    );
    table.push(case("what GET shows can be sent back", &["PUT-09", "VAL-16"]).policy().any().present().script(|run| {
        let path = run.path().to_owned();
        let request = Request::put(&path).json(run.get(&path)?.content);
        let response = run.send(&request)?;
        status(&response, &[200], "PUT")?;
        run.stored_as_told(&request, &response)?;
        run.unchanged()
    }));
    table.push(
        case("members that the server manages are set at creation, whatever was sent", &["PUT-09"])
            .policy()
            .item()
            .content(r#"{"name":"two","createdAt":"1999-12-31T23:59:59Z","updatedAt":null}"#)
            .expect(&[201])
            .then(|_, response| {
                let shown = response.json().unwrap_or_default();
                let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                ensure(text("createdAt").starts_with('2') && text("updatedAt").starts_with('2'), || format!("{shown}"))
            }),
    );
}

fn ignored_fields(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        let done: &[u16] = if before == Before::Absent { &[201] } else { &[200] };
        let state = if before == Before::Absent { "absent" } else { "present" };
        table.push(
            case(format!("Content-Range is refused ({state})"), &["PUT-08"])
                .should()
                .fair(&[415, 416, 422, 501])
                .before(before)
                .field("Content-Range", "bytes 0-4/10")
                .expect(&[400])
                .never(&[200, 201, 204]),
        );
        table.push(
            case(format!("Content-Range in any form is refused ({state})"), &["PUT-08"])
                .should()
                .fair(&[415, 416, 422, 501])
                .before(before)
                .field("Content-Range", "nonsense")
                .expect(&[400])
                .never(&[200, 201, 204]),
        );
        table.push(
            case(format!("Range and If-Range are ignored ({state})"), &["PUT-14"])
                .any()
                .before(before)
                .field("Range", "bytes=0-1")
                .field("If-Range", "\"zzz\"")
                .expect(done),
        );
        table.push(
            case(format!("unknown fields are ignored and not stored ({state})"), &["PUT-12"])
                .should()
                .any()
                .before(before)
                .field("X-Foo", "1")
                .field("Content-Language", "de")
                .expect(done)
                .must_then(|run, _| {
                    let path = run.path().to_owned();
                    ensure(!run.get(&path)?.has("X-Foo"), || "GET gives X-Foo back".to_owned())
                })
                // Others may know the language of what they store.
                .then(|run, _| {
                    let path = run.path().to_owned();
                    ensure(!run.get(&path)?.has("Content-Language"), || "GET gives Content-Language back".to_owned())
                }),
        );
        table.push(
            case(format!("a trailer is not folded into the header section ({state})"), &["PUT-15"])
                .fair(&[411, 501])
                .before(before)
                .chunked(10)
                .trailer("If-Match", "\"zzz\"")
                .framework()
                .expect(done)
                .tolerate(&[400])
                .never(&[412]),
        );
        table.push(
            case(format!("Accept of another type does not hide a success ({state})"), &["NEG-03"])
                .policy()
                .open()
                .before(before)
                .field("Accept", "text/html")
                .expect(done),
        );
    }
    table.push(case("Content-Location in the request is passing context", &["PUT-13"]).any().script(|run| {
        let (other, _) = run.another();
        let path = run.path().to_owned();
        let request = Request::put(&path).field("Content-Location", &other).json(run.replacement());
        let response = run.send(&request)?;
        fairly(run, &response, &[201], &[200, 204], "PUT")?;
        let elsewhere = run.get(&other)?;
        absent(run, &elsewhere)?;
        run.stored_as_told(&request, &response)?;
        let shown = run.get(&path)?;
        ensure(shown.field("Content-Location") != Some(other.as_str()), || "it was stored".to_owned())
    }));
}

fn steps(table: &mut Vec<Case>) {
    table.push(
        case("every refusal leaves the state and its validators", &["PUT-24"]).policy().item().present().script(
            |run| {
                let path = run.path().to_owned();
                let requests = [
                    Request::put(&path).json("{"),
                    Request::put(&path).json(r#"{"name":5}"#),
                    Request::put(&path).field("If-Match", "\"zzz\"").json(r#"{"name":"x"}"#),
                    Request::put(&path).field("Content-Type", "text/plain").content("x"),
                    Request::put(&path).json(r#"{"name":"x","owner":"bob"}"#),
                    Request::new("POST", &path).json(r#"{"name":"x"}"#),
                    Request::delete(&path),
                ];
                for request in requests {
                    let response = run.send(&request)?;
                    ensure(response.is_error(), || format!("{} answered {}", request.method(), response.status))?;
                    run.unchanged()?;
                }
                Ok(())
            },
        ),
    );
    table.push(
        case("the test of a condition and the write are one step", &["PUT-23"])
            .any()
            .needs(Need::StrongTag)
            .present()
            .script(|run| {
                // The races proper are in a file of their own; this is the sequence that every race comes down to.
                let (path, tag) = (run.path().to_owned(), run.tag());
                let first = Request::put(&path).field("If-Match", &tag).json(run.replacement());
                let second = Request::put(&path).field("If-Match", &tag).json(run.original());
                let written = run.send(&first)?;
                fairly(run, &written, &[200], &[201, 204], "the first PUT")?;
                run.stored_as_told(&first, &written)?;
                let won = run.snapshot(&path)?;
                let refused = run.send(&second)?;
                fairly(run, &refused, &[412], &[409], "the second PUT with the same tag")?;
                let left = run.snapshot(&path)?;
                ensure(left == won, || format!("the second PUT was refused, but GET showed {won}, now {left}"))
            }),
    );
}
