//! The switches of a mount that no other file has used whole: update-only, strict validators,
//! replay, PUT only, the content limit.

use serde_json::json;

use super::case;
use super::checks::{ensure, has, lacks, lists, representation, status, stored};
use crate::case::{Before, Case};
use crate::http::Request;
use crate::{Need, Switch};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    update_only(&mut table);
    for before in [Before::Absent, Before::Present] {
        let strict = |name: &str| {
            case(format!("strict validators: {name} ({before:?})"), &["PUT-06"])
                .on(Switch::StrictValidators)
                .before(before)
                .expect(&[200, 201])
        };
        table.push(
            strict("verbatim storage has the tag")
                .needs(Need::Verbatim)
                .check(representation())
                .then(|_, response| ensure(response.has("ETag"), || "no ETag".to_owned())),
        );
        table.push(
            strict("another spelling has none, although the representation is there")
                .content(r#"{"title":"two"}"#)
                .check(representation())
                .check(lacks("ETag"))
                .check(lacks("Last-Modified")),
        );
        table.push(
            strict("white space around the members is another spelling")
                .content("{\"slug\":\"$key\",\"title\":\"two\"}\n")
                .check(lacks("ETag"))
                .check(lacks("Last-Modified")),
        );
    }
    for (size, content) in [("small", vec![b'[']), ("large", vec![b'['; 100_000])] {
        table.push(
            case(format!("lenient: {size} content that is no JSON is no replay of anything"), &["CND-19", "CND-06"])
                .on(Switch::AcceptReplay)
                .present()
                .field("If-Match", "\"zzz\"")
                .content(content)
                .expect(&[412])
                .never(&[200, 204, 400]),
        );
    }
    table.push(
        case("strict validators: an item that the server completes has none", &["PUT-06"])
            .on(Switch::StrictValidators)
            .item()
            .expect(&[201])
            .check(lacks("ETag")),
    );
    table.push(
        case("strict validators: what GET shows, sent back, is verbatim", &["PUT-06"])
            .on(Switch::StrictValidators)
            .item()
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let shown = run.get(&path)?;
                let request = Request::put(&path).json(&shown.content);
                let response = run.send(&request)?;
                status(&response, &[200], "PUT")?;
                run.stored_as_told(&request, &response)
            }),
    );

    let only = |name: &str, rows: &[&'static str]| case(format!("PUT only: {name}"), rows).on(Switch::PutOnly).policy();
    table.push(only("PUT creates", &["PUT-01"]).expect(&[201]).check(has("Location", "$path")));
    table.push(only("PUT replaces", &["PUT-02"]).present().expect(&[200]));
    table.push(only("conditions hold", &["CND-08"]).present().field("If-None-Match", "*").expect(&[412]));
    table.push(only("a stale tag is refused", &["CND-05"]).present().field("If-Match", "\"zzz\"").expect(&[412]));
    for method in ["GET", "HEAD", "DELETE", "POST"] {
        table.push(
            only(&format!("{method} is 405"), &["MTH-01"])
                .method(method)
                .present()
                .expect(&[405])
                .check(lists("Allow", &["PUT", "OPTIONS"])),
        );
    }
    table.push(
        only("OPTIONS lists what there is", &["OPT-01"])
            .method("OPTIONS")
            .expect(&[204])
            .tolerate(&[200])
            .check(lists("Allow", &["PUT", "OPTIONS"])),
    );

    let tiny = |name: &str| case(format!("content limit: {name}"), &["LEN-01"]).on(Switch::ContentLimit(64));
    let padded = |length: usize| {
        let content = br#"{"title":"two"}"#;
        let mut padded = content.to_vec();
        padded.resize(length, b' ');
        padded
    };
    for (name, chunk) in [("declared", None), ("in one chunk", Some(1000)), ("in chunks of one octet", Some(1))] {
        let framed = |case: Case| match chunk {
            Some(size) => case.chunked(size),
            None => case,
        };
        table.push(framed(tiny(&format!("64 octets {name} are within it"))).content(padded(64)).expect(&[201]));
        table.push(
            framed(tiny(&format!("65 octets {name} are beyond it")))
                .content(padded(65))
                .expect(&[413])
                .never(&[200, 201, 204]),
        );
        table.push(
            framed(tiny(&format!("65 octets {name} do not replace"))).present().content(padded(65)).expect(&[413]),
        );
        table.push(
            framed(tiny(&format!("100 000 octets {name} are beyond it"))).content(padded(100_000)).expect(&[413]),
        );
    }
    table.push(
        tiny("a stale tag and content beyond the declared limit is 413")
            .present()
            .field("If-Match", "\"zzz\"")
            .content(padded(65))
            .expect(&[413]),
    );
    table.push(
        tiny("a stale tag and chunks beyond the limit is 412")
            .present()
            .field("If-Match", "\"zzz\"")
            .content(padded(65))
            .chunked(9)
            .expect(&[412]),
    );
    table
}

/// Where PUT creates nothing, conditions are about what there is.
fn update_only(table: &mut Vec<Case>) {
    table.push(
        case("update-only: no condition makes a creation of it", &["CND-18"])
            .on(Switch::UpdateOnly)
            .expect(&[404])
            .never(&[201, 200, 204]),
    );
    for (field, value) in
        [("If-Match", "*"), ("If-Match", "\"zzz\""), ("If-None-Match", "*"), ("If-None-Match", "\"zzz\"")]
    {
        table.push(
            case(format!("update-only: {field}: {value} on nothing is 404"), &["CND-18"])
                .on(Switch::UpdateOnly)
                .field(field, value)
                .expect(&[404])
                .never(&[201, 412]),
        );
    }
    table.push(
        case("where PUT creates nothing, no condition makes a creation of it", &["CND-18", "CND-04"])
            .on(Switch::UpdateOnly)
            .any()
            .present()
            .script(|run| {
                let (path, key) = run.another();
                let content = run.second_of(&key);
                let plain = run.put(&path, &content)?;
                if plain.is_success() {
                    return Err(run.not_applicable("PUT creates here"));
                }
                for (field, value) in
                    [("If-Match", "*"), ("If-Match", "\"zzz\""), ("If-None-Match", "*"), ("If-None-Match", "\"zzz\"")]
                {
                    let response = run.send(&Request::put(&path).field(field, value).json(&content))?;
                    // That a false If-Match is ignored, too, follows from the text, and not all who wrote it agree.
                    let fair = field == "If-Match" && response.status == 412;
                    ensure(response.status == plain.status || fair, || {
                        format!("{field}: {value} answered {}, a plain PUT {}", response.status, plain.status)
                    })?;
                }
                let shown = run.get(&path)?.status;
                ensure(matches!(shown, 404 | 410), || format!("GET answers {shown} after PUTs that were refused"))
            }),
    );
    table.push(
        case("update-only: what is there is replaced", &["PUT-02"])
            .on(Switch::UpdateOnly)
            .item()
            .present()
            .field("If-Match", "$E")
            .expect(&[200])
            .check(stored("name", json!("two"))),
    );
    table.push(
        case("update-only: a stale If-Match is 412", &["CND-05"])
            .on(Switch::UpdateOnly)
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412]),
    );
}
