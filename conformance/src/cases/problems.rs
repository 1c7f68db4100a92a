//! Problem details, and the pointers of violations. What every error must satisfy is an invariant; the cases
//! here provoke each kind once and look at what is particular to it.

use serde_json::Value;

use super::case;
use super::checks::{detail, ensure, has, pointers, says};
use crate::Switch;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    violations(&mut table);
    let elsewhere = [200, 201, 204, 415, 422];
    for (status, one) in [
        (400, case("malformed JSON", &[]).fair(&elsewhere).content("{")),
        (404, case("an absent page", &[]).any().method("GET")),
        (405, case("a method that is not allowed", &[]).method("POST")),
        (409, case("a conflict", &[]).item().present().content(r#"{"name":"x","owner":"bob"}"#)),
        (412, case("a false condition", &[]).fair(&[404]).field("If-Match", "\"x\"")),
        (413, case("too much content", &[]).on(Switch::ContentLimit(64)).content(vec![b' '; 65])),
        (415, case("a wrong type", &[]).fair(&[200, 201, 204, 400, 409, 422, 501]).field("Content-Type", "text/plain")),
        (417, case("an unknown expectation", &[]).fair(&[200, 201, 204, 400]).field("Expect", "foo")),
        (422, case("a violation", &[]).content("{}")),
        (428, case("a missing condition", &[]).on(Switch::RequirePrecondition)),
        (431, case("too many tags", &[]).fair(&[400, 404, 412, 413]).field("If-Match", "\"a\",".repeat(70))),
    ] {
        let mut one = one.should().expect(&[status]).check(has("Content-Type", "application/problem+json")).then(
            |_, response| {
                let members = response.json().unwrap_or_default();
                ensure(members.get("status").and_then(Value::as_u64).is_some(), || "no status member".to_owned())?;
                ensure(members.get("title").is_some_and(Value::is_string), || "no title".to_owned())
            },
        );
        one.name = format!("{} is a problem with title and status", one.name);
        one.rows = vec!["PRB-01", "PRB-02", "PRB-03", "PRB-04", "PRB-05", "PRB-06", "PRB-07", "PRB-10", "PRB-12"];
        table.push(one);
    }
    table.push(
        case("a field that is malformed is named", &["PRB-05"])
            .should()
            .fair(&[404, 412])
            .field("If-Match", "abc")
            .expect(&[400])
            .check(detail()),
    );
    table
}

fn violations(table: &mut Vec<Case>) {
    for (name, content, expected) in [
        ("a missing member", r#"{"id":$id}"#, &["#/name"][..]),
        ("an empty object", "{}", &["#/name"]),
        ("null where a value is required", r#"{"name":null}"#, &["#/name"]),
        ("a number where a string belongs", r#"{"name":5}"#, &["#/name"]),
        ("a list where a string belongs", r#"{"name":["a"]}"#, &["#/name"]),
        ("a string where a list belongs", r#"{"name":"a","tags":"x"}"#, &["#/tags"]),
        ("null where a list belongs", r#"{"name":"a","tags":null}"#, &["#/tags"]),
        ("a number in a list of strings", r#"{"name":"a","tags":["x",1]}"#, &["#/tags/1"]),
        ("a word that is not one of those", r#"{"name":"a","size":"huge"}"#, &["#/size"]),
        ("a word in another case", r#"{"name":"a","size":"Small"}"#, &["#/size"]),
        ("null where one of two words belongs", r#"{"name":"a","size":null}"#, &["#/size"]),
        ("a string where an object belongs", r#"{"name":"a","place":"x"}"#, &["#/place"]),
        ("a list where an object belongs", r#"{"name":"a","place":["x",null]}"#, &["#/place"]),
        ("a missing member of an object", r#"{"name":"a","place":{}}"#, &["#/place/city"]),
        ("a wrong member of an object", r#"{"name":"a","place":{"city":1}}"#, &["#/place/city"]),
        ("a wrong optional member of an object", r#"{"name":"a","place":{"city":"c","zip":1}}"#, &["#/place/zip"]),
        ("a string where an integer belongs", r#"{"name":"a","count":"1"}"#, &["#/count"]),
        ("a fraction where an integer belongs", r#"{"name":"a","count":1.5}"#, &["#/count"]),
        ("an integer beyond its type", r#"{"name":"a","count":9223372036854775808}"#, &["#/count"]),
        ("a string where a number belongs", r#"{"name":"a","ratio":"0.5"}"#, &["#/ratio"]),
        ("true where a number belongs", r#"{"name":"a","ratio":true}"#, &["#/ratio"]),
        ("a key of another type", r#"{"id":"$id","name":"a"}"#, &["#/id"]),
        ("a key that is another", r#"{"id":1,"name":"a"}"#, &["#/id"]),
        ("null as the key", r#"{"id":null,"name":"a"}"#, &["#/id"]),
        ("an unknown member", r#"{"name":"a","other":1}"#, &["#/other"]),
        ("two unknown members", r#"{"name":"a","other":1,"another":{}}"#, &["#/other", "#/another"]),
        ("an unknown member with a slash and a tilde", r#"{"name":"a","a/b~c":1}"#, &["#/a~1b~0c"]),
        ("an unknown member with a space and a letter beyond ASCII", r#"{"name":"a","x é":1}"#, &["#/x%20%C3%A9"]),
        ("an unknown member with a percent sign and quotes", r#"{"name":"a","100%\"":1}"#, &["#/100%25%22"]),
        ("a member with an empty name", r#"{"name":"a","":1}"#, &["#/"]),
        (
            "everything wrong at once",
            r#"{"id":1,"size":"huge","note":5,"tags":[1],"place":{"zip":1},"count":"x","ratio":[],"owner":{},"other":1}"#,
            &["#/id", "#/name", "#/size", "#/note", "#/tags/0", "#/place", "#/count", "#/ratio", "#/owner", "#/other"],
        ),
        (
            "three mistakes of three kinds",
            r#"{"size":"huge","count":"x","othre":1}"#,
            &["#/name", "#/size", "#/count", "#/othre"],
        ),
    ] {
        let one = case(format!("violation: {name}"), &["PRB-08", "PUT-09", "JSN-16", "JSN-14"])
            .policy()
            .item()
            .content(content)
            .expect(&[422])
            .never(&[200, 201, 204]);
        table.push(if name == "everything wrong at once" {
            // Inside one member the first mistake is enough: which one it is depends on the order of the members.
            one.then(move |_, response| {
                let problem = response.json().unwrap_or_default();
                let errors = problem.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
                let found: Vec<&str> = errors.iter().filter_map(|error| error.get("pointer")?.as_str()).collect();
                let missing = expected.iter().find(|wanted| !found.iter().any(|pointer| pointer.starts_with(**wanted)));
                ensure(missing.is_none(), || format!("{missing:?} is not among {found:?}"))
            })
        } else {
            one.check(pointers(expected))
        });
    }
    for (unknown, near) in [("nmae", "name"), ("Name", "name"), ("tag", "tags"), ("created_at", "createdAt")] {
        table.push(
            case(
                format!("violation: the unknown member {unknown} is named with the nearest known name"),
                &["JSN-14", "PRB-08"],
            )
            .policy()
            .item()
            .content(format!(r#"{{"name":"a","{unknown}":"x"}}"#))
            .expect(&[422])
            .then(move |run, response| {
                says(&["did you mean"])(run, response).or_else(|_| says_both(response, unknown, near))
            }),
        );
    }
    table.push(
        case("violation: a page is checked as an item is", &["PRB-08"])
            .policy()
            .content(r#"{"slug":"other","titel":"x"}"#)
            .expect(&[422])
            .check(pointers(&["#/slug", "#/title", "#/titel"])),
    );
    table.push(
        case("violation: a composite key of the wrong type", &["PRB-08"])
            .policy()
            .pair()
            .content(r#"{"shelf":1,"slot":"7","label":"x"}"#)
            .expect(&[422])
            .check(pointers(&["#/shelf", "#/slot"])),
    );
}

fn says_both(response: &crate::http::Response, unknown: &str, near: &str) -> crate::Outcome {
    let text = String::from_utf8_lossy(&response.content).into_owned();
    let named = text.contains(&format!("`{near}`")) || text.contains(&format!("\\\"{near}\\\""));
    ensure(named && text.contains(unknown), || format!("{text} does not name {near:?}"))
}
