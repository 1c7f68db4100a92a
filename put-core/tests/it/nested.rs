//! What is wrong inside the members of a content, however deep and however serde reads them: every violation at its place,
//! under serde's name, with its code.
//!
//! One file, because it is one table after another over one resource.

use std::collections::BTreeMap;

use put_core::{MemoryStore, PutResource};
use serde::{Deserialize, Deserializer, Serialize};

use crate::support::{HOST, put};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/all/{id}")]
#[serde(rename_all = "camelCase")]
struct All {
    #[put(key)]
    id: u64,
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    by_name: BTreeMap<String, Row>,
    row: Option<Row>,
    strict: Option<Strict>,
    flat: Option<Flat>,
    #[serde(default)]
    shape: Option<Shape>,
    #[serde(default)]
    shapes: Vec<Shape>,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    jobs: Vec<Job>,
    #[serde(default)]
    values: Vec<Value>,
    drawing: Option<Drawing>,
    mail: Option<Contact>,
    range: Option<Range>,
    pair: Option<(u8, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    line_number: u8,
    #[serde(rename = "the text", alias = "text")]
    text: String,
    #[serde(default)]
    cells: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    width: u8,
    inner: Option<Box<Strict>>,
}

#[derive(Serialize, Deserialize)]
struct Flat {
    title: String,
    #[serde(flatten)]
    size: Size,
    #[serde(flatten)]
    event: Event,
}

#[derive(Serialize, Deserialize)]
struct Size {
    wide: u8,
    high: u8,
    row: Option<Row>,
}

/// Named by the one member that it is in.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Dot,
    Circle { radius: u32, label: String },
    Line(u32, u32),
    Text(String),
}

/// Named by a member beside the others.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Event {
    Opened { at: u32, by: String, rows: Option<Vec<Row>> },
    Closed(Closing),
    Quiet,
}

#[derive(Serialize, Deserialize)]
struct Closing {
    reason: Option<String>,
    shape: Shape,
    #[serde(flatten)]
    size: Size,
}

/// Named by a member beside one for the rest.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
enum Job {
    Copy { from: String, to: String },
    Sizes(u8, u8),
    Row(Row),
    Stop,
}

/// Not named at all.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Number(u8),
    Point { x: u8, y: Option<u8> },
}

#[derive(Serialize, Deserialize)]
struct Drawing {
    layers: Vec<Layer>,
}

#[derive(Serialize, Deserialize)]
struct Layer {
    name: String,
    event: Event,
    values: Vec<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "by")]
enum Contact {
    Mail { address: Address, others: Option<Vec<Address>> },
}

#[derive(Serialize)]
struct Address(String);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.contains('@') { Ok(Self(text)) } else { Err(serde::de::Error::custom("is no mail address")) }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Ends {
    from: u8,
    to: u8,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "Ends")]
struct Range {
    from: u8,
    to: u8,
}

impl TryFrom<Ends> for Range {
    type Error = &'static str;

    fn try_from(Ends { from, to }: Ends) -> Result<Self, &'static str> {
        if from <= to { Ok(Self { from, to }) } else { Err("ends before it begins") }
    }
}

type Expected<'a> = &'a [(&'a str, &'a str)];

/// Sends each content and compares places and codes, in any order.
async fn told(table: &[(&str, Expected<'_>)]) {
    let engine = All::endpoint(MemoryStore::new()).mount(HOST);
    for (content, expected) in table {
        let answer = put(&engine, "/all/7", &[], content).await;
        if expected.is_empty() {
            assert!(answer.0.status().is_success(), "{content}: {}", answer.text());
            continue;
        }
        let json = answer.json();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("{content}: {}", answer.text()));
        let text = |error: &serde_json::Value, name| error[name].as_str().unwrap_or_default().to_owned();
        let mut found: Vec<_> = errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect();
        let mut expected: Vec<_> =
            expected.iter().map(|(place, code)| ((*place).to_owned(), (*code).to_owned())).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{content}: {}", answer.text());
    }
}

#[tokio::test]
async fn structs_in_vectors_and_maps() {
    told(&[
        (
            r#"{"rows":[{"lineNumber":1,"the text":"a"},{"lineNumber":"x","the text":"a"},{"lineNumber":2},
                {"lineNumber":3,"the text":4,"cells":[1,300,null]}]}"#,
            &[
                ("#/rows/1/lineNumber", "type"),
                ("#/rows/2/the%20text", "required"),
                ("#/rows/3/the%20text", "type"),
                ("#/rows/3/cells/1", "out_of_range"),
                ("#/rows/3/cells/2", "type"),
            ],
        ),
        (
            r#"{"byName":{"a/b":{"lineNumber":-1,"the text":"a"},"m~n":{},"c":5,"d":{"lineNumber":1,"the text":"a"}}}"#,
            &[
                ("#/byName/a~1b/lineNumber", "out_of_range"),
                ("#/byName/m~0n/lineNumber", "required"),
                ("#/byName/m~0n/the%20text", "required"),
                ("#/byName/c", "type"),
            ],
        ),
        (
            r#"{"row":{"the text":null,"cells":{}}}"#,
            &[("#/row/the%20text", "type"), ("#/row/cells", "type"), ("#/row/lineNumber", "required")],
        ),
        (r#"{"row":{"lineNumber":1,"text":"a","the text":"b"}}"#, &[("#/row/the%20text", "duplicate_name")]),
        (r#"{"row":[]}"#, &[("#/row", "type")]),
        (r#"{"pair":[1]}"#, &[("#/pair", "invalid")]),
        (r#"{"pair":["x",2]}"#, &[("#/pair/0", "type"), ("#/pair/1", "type")]),
        (r#"{"range":{"from":2,"to":1}}"#, &[("#/range", "invalid")]),
        (r#"{"range":{"from":"x"}}"#, &[("#/range/from", "type"), ("#/range/to", "required")]),
    ])
    .await;
}

#[tokio::test]
async fn unknown_members_of_strict_structs() {
    told(&[(
        r#"{"strict":{"width":"x","wdith":1,"inner":{"a":1,"width":2,"b":2,"inner":{"c":3}}}}"#,
        &[
            ("#/strict/width", "type"),
            ("#/strict/wdith", "unknown_member"),
            ("#/strict/inner/a", "unknown_member"),
            ("#/strict/inner/b", "unknown_member"),
            ("#/strict/inner/inner/c", "unknown_member"),
            ("#/strict/inner/inner/width", "required"),
        ],
    )])
    .await;
}

#[tokio::test]
async fn flattened_parts_of_nested_structs() {
    told(&[
        (r#"{"flat":{"title":"t","wide":1,"high":2,"kind":"quiet"}}"#, &[]),
        (
            r#"{"flat":{"wide":"x","high":300,"kind":"opened","at":"y","row":{"lineNumber":1}}}"#,
            &[
                ("#/flat/title", "required"),
                ("#/flat/wide", "type"),
                ("#/flat/high", "out_of_range"),
                ("#/flat/row/the%20text", "required"),
                ("#/flat/at", "type"),
                ("#/flat/by", "required"),
            ],
        ),
        (
            r#"{"flat":{"title":1,"wide":1,"kind":"loud"}}"#,
            &[("#/flat/title", "type"), ("#/flat/high", "required"), ("#/flat/kind", "unknown_variant")],
        ),
    ])
    .await;
}

#[tokio::test]
async fn enums_named_by_their_one_member() {
    told(&[
        (
            r#"{"shapes":["dot","dto",{"circle":{"radius":"x"}},{"line":[1,"y"]},{"line":["z",2]},{"text":5},{"square":1},
                {"circle":{"radius":1,"label":"l"}},{"circle":{}},"circle",7]}"#,
            &[
                ("#/shapes/1", "unknown_variant"),
                ("#/shapes/2/circle/radius", "type"),
                ("#/shapes/2/circle/label", "required"),
                ("#/shapes/3/line/1", "type"),
                ("#/shapes/4/line/0", "type"),
                ("#/shapes/5/text", "type"),
                ("#/shapes/6/square", "unknown_variant"),
                ("#/shapes/8/circle/radius", "required"),
                ("#/shapes/8/circle/label", "required"),
                ("#/shapes/9", "type"),
                ("#/shapes/10", "type"),
            ],
        ),
        (r#"{"shape":{"square":{}}}"#, &[("#/shape/square", "unknown_variant")]),
        (r#"{"shape":{"line":[1]}}"#, &[("#/shape/line", "invalid")]),
    ])
    .await;
}

#[tokio::test]
async fn enums_named_by_a_member() {
    told(&[
        (
            r#"{"events":[{"kind":"opened","at":"x","by":5},{"at":1,"kind":"opened"},{"kind":"quiet"},{"kind":"lost"},{},
                {"by":"b","at":{},"kind":"opened","rows":[{"lineNumber":"n"},{"lineNumber":1,"the text":"t"},5]},[],
                {"kind":7}]}"#,
            &[
                ("#/events/0/at", "type"),
                ("#/events/0/by", "type"),
                ("#/events/1/by", "required"),
                ("#/events/3/kind", "unknown_variant"),
                ("#/events/4/kind", "required"),
                ("#/events/5/at", "type"),
                ("#/events/5/rows/0/lineNumber", "type"),
                ("#/events/5/rows/0/the%20text", "required"),
                ("#/events/5/rows/2", "type"),
                ("#/events/6", "type"),
                ("#/events/7/kind", "type"),
            ],
        ),
        (
            r#"{"events":[{"kind":"closed","reason":1,"shape":{"circle":{"radius":-1}},"wide":1,"high":"x"}]}"#,
            &[
                ("#/events/0/reason", "type"),
                ("#/events/0/shape/circle/radius", "out_of_range"),
                ("#/events/0/shape/circle/label", "required"),
                ("#/events/0/high", "type"),
            ],
        ),
        (
            r#"{"events":[{"kind":"closed","shape":"dot"},{"kind":"closed","shape":"bot","wide":1,"high":2}]}"#,
            &[
                ("#/events/0/wide", "required"),
                ("#/events/0/high", "required"),
                ("#/events/1/shape", "unknown_variant"),
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_kind_of_value_in_the_wrong_place() {
    for value in ["null", "1.5", "1e300", "true", "[]", "{}", "\"a, expected `b`\"", "[[1]]", r#"{"at":{"at":1}}"#] {
        let opened = format!(r#"{{"at":{value},"by":"b","kind":"opened"}}"#);
        for (content, place) in [
            (format!(r#"{{"events":[{opened},{{"kind":"quiet"}}]}}"#), "#/events/0/at"),
            (format!(r#"{{"flat":{{"title":"t","wide":1,"high":2,{}}}"#, &opened[1..]), "#/flat/at"),
            (format!(r#"{{"row":{{"the text":"t","lineNumber":{value}}}}}"#), "#/row/lineNumber"),
            (format!(r#"{{"shape":{{"line":[1,{value}]}}}}"#), "#/shape/line/1"),
            (format!(r#"{{"jobs":[{{"data":[{value},1],"type":"Sizes"}}]}}"#), "#/jobs/0/data/0"),
        ] {
            told(&[(&content, &[(place, if value == "1e300" { "out_of_range" } else { "type" })])]).await;
        }
    }
}

#[tokio::test]
async fn enums_named_beside_their_content() {
    told(&[(
        r#"{"jobs":[{"type":"Copy","data":{"from":1}},{"data":{"from":1,"to":2},"type":"Copy"},{"type":"Stop"},
                {"type":"Sizes","data":["a",300]},{"type":"Fly","data":{}},{"type":"Row","data":{"lineNumber":null}},
                {"data":[],"type":"Row"},{"type":"Copy"},{"data":1}]}"#,
        &[
            ("#/jobs/0/data/from", "type"),
            ("#/jobs/0/data/to", "required"),
            ("#/jobs/1/data/from", "type"),
            ("#/jobs/1/data/to", "type"),
            ("#/jobs/3/data/0", "type"),
            ("#/jobs/3/data/1", "out_of_range"),
            ("#/jobs/4/type", "unknown_variant"),
            ("#/jobs/5/data/lineNumber", "type"),
            ("#/jobs/5/data/the%20text", "required"),
            ("#/jobs/6/data", "type"),
            ("#/jobs/7/data", "required"),
            ("#/jobs/8/type", "required"),
        ],
    )])
    .await;
}

#[tokio::test]
async fn enums_that_are_not_named() {
    told(&[
        (r#"{"values":[1,{"x":1},{"x":1,"y":2}]}"#, &[]),
        (
            r#"{"values":[1,"a",{"x":"b"},{"x":1,"y":"c"},{"x":2},[[]]]}"#,
            &[
                ("#/values/1", "no_variant"),
                ("#/values/2", "no_variant"),
                ("#/values/3", "no_variant"),
                ("#/values/5", "no_variant"),
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn enums_in_vectors_in_structs() {
    told(&[(
        r#"{"drawing":{"layers":[
                {"name":1,"event":{"kind":"opened","at":"x"},"values":[1,"y"]},
                {"name":"n","event":{"kind":"q"},"values":[]},
                {"event":{"kind":"closed","shape":{"line":[1,{}]},"wide":1,"high":null},"values":[{"y":1}]}]}}"#,
        &[
            ("#/drawing/layers/0/name", "type"),
            ("#/drawing/layers/0/event/at", "type"),
            ("#/drawing/layers/0/event/by", "required"),
            ("#/drawing/layers/0/values/1", "no_variant"),
            ("#/drawing/layers/1/event/kind", "unknown_variant"),
            ("#/drawing/layers/2/name", "required"),
            ("#/drawing/layers/2/event/shape/line/1", "type"),
            ("#/drawing/layers/2/event/high", "type"),
            ("#/drawing/layers/2/values/0", "no_variant"),
        ],
    )])
    .await;
}

#[tokio::test]
async fn what_a_type_says_of_itself() {
    told(&[
        (r#"{"mail":{"by":"Mail","address":"a@b"}}"#, &[]),
        (
            r#"{"mail":{"address":"ab","by":"Mail","others":["a@b","c","d@e",6,"f"]}}"#,
            &[
                ("#/mail/address", "invalid"),
                ("#/mail/others/1", "invalid"),
                ("#/mail/others/3", "type"),
                ("#/mail/others/4", "invalid"),
            ],
        ),
    ])
    .await;
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/shelves/{id}")]
struct Shelf {
    #[put(key)]
    id: u64,
    label: String,
    #[serde(flatten)]
    size: Size,
    #[serde(flatten)]
    event: Event,
}

#[tokio::test]
async fn flattened_parts_of_the_resource_are_looked_into() {
    let engine = Shelf::endpoint(MemoryStore::new()).mount(HOST);
    for (content, expected) in [
        (r#"{"label":"l","wide":1,"high":2,"kind":"quiet"}"#, vec![]),
        (
            r#"{"label":5,"wide":"x","row":{"lineNumber":"y"},"kind":"opened","at":1,"by":"b","rows":[{"lineNumber":1},6]}"#,
            vec![
                ("#/high", "required"),
                ("#/label", "type"),
                ("#/row/lineNumber", "type"),
                ("#/row/the%20text", "required"),
                ("#/rows/0/the%20text", "required"),
                ("#/rows/1", "type"),
                ("#/wide", "type"),
            ],
        ),
        (r#"{"label":"l","wide":1,"high":2,"kind":"loud"}"#, vec![("#/kind", "unknown_variant")]),
        (r#"{"label":"l","wide":1,"high":2}"#, vec![("#/kind", "required")]),
    ] {
        let answer = put(&engine, "/shelves/7", &[], content).await;
        if expected.is_empty() {
            assert!(answer.0.status().is_success(), "{content}: {}", answer.text());
            continue;
        }
        let json = answer.json();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("{content}: {}", answer.text()));
        let mut found: Vec<_> = errors
            .iter()
            .map(|error| (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{content}: {}", answer.text());
    }
}

/// Content in which everything is right.
const RIGHT: &str = r#"{
    "rows": [{"lineNumber": 1, "the text": "a", "cells": [1, 2]}, {"lineNumber": 2, "the text": "b"}],
    "byName": {"a/b": {"lineNumber": 3, "the text": "c"}, "m~n": {"lineNumber": 4, "the text": "d", "cells": [5]}},
    "row": {"lineNumber": 5, "the text": "e"},
    "strict": {"width": 1, "inner": {"width": 2}},
    "flat": {"title": "t", "wide": 1, "at": 7, "high": 2, "kind": "opened", "by": "b"},
    "shape": {"circle": {"radius": 1, "label": "l"}},
    "shapes": ["dot", {"line": [1, 2]}, {"text": "t"}, {"circle": {"radius": 2, "label": "k"}}],
    "events": [{"at": 1, "kind": "opened", "by": "b", "rows": [{"lineNumber": 6, "the text": "f"}]}, {"kind": "quiet"},
        {"kind": "closed", "shape": {"circle": {"radius": 3, "label": "j"}}, "wide": 3, "high": 4}],
    "jobs": [{"data": {"from": "x", "to": "y"}, "type": "Copy"}, {"type": "Sizes", "data": [1, 2]}, {"type": "Stop"}],
    "values": [1, {"x": 1, "y": 2}],
    "drawing": {"layers": [{"name": "n", "event": {"kind": "opened", "at": 1, "by": "b"}, "values": [1, 2]},
        {"name": "m", "event": {"kind": "closed", "shape": "dot", "wide": 1, "high": 1}, "values": []}]},
    "mail": {"by": "Mail", "address": "a@b", "others": ["c@d", "e@f"]},
    "pair": [1, "p"]
}"#;

/// What is put there instead, or nothing for what is left out; and the code of that. None of them hides another one.
const MISTAKES: [(&str, Option<&str>, &str); 40] = [
    ("/rows/0/lineNumber", Some("\"x\""), "type"),
    ("/rows/0/cells/1", Some("256"), "out_of_range"),
    ("/rows/1/the text", None, "required"),
    ("/byName/a~1b/lineNumber", None, "required"),
    ("/byName/a~1b/the text", Some("null"), "type"),
    ("/byName/m~0n/cells/0", Some("{}"), "type"),
    ("/row/the text", None, "required"),
    ("/row/lineNumber", None, "required"),
    ("/strict/width", Some("[]"), "type"),
    ("/strict/inner/width", None, "required"),
    ("/flat/title", None, "required"),
    ("/flat/wide", Some("-1"), "out_of_range"),
    ("/flat/high", None, "required"),
    ("/flat/at", Some("\"7\""), "type"),
    ("/flat/by", None, "required"),
    ("/shape/circle/radius", Some("\"r\""), "type"),
    ("/shape/circle/label", Some("5"), "type"),
    ("/shapes/0", Some("\"pot\""), "unknown_variant"),
    ("/shapes/1/line/0", Some("\"a\""), "type"),
    ("/shapes/1/line/1", Some("-5"), "out_of_range"),
    ("/shapes/2/text", Some("false"), "type"),
    ("/shapes/3/circle/label", None, "required"),
    ("/events/0/at", Some("\"y\""), "type"),
    ("/events/0/by", None, "required"),
    ("/events/0/rows/0/the text", None, "required"),
    ("/events/1/kind", Some("\"loud\""), "unknown_variant"),
    ("/events/2/shape/circle/radius", None, "required"),
    ("/events/2/shape/circle/label", Some("null"), "type"),
    ("/events/2/high", Some("null"), "type"),
    ("/jobs/0/data/from", Some("1"), "type"),
    ("/jobs/0/data/to", None, "required"),
    ("/jobs/1/data/1", Some("{}"), "type"),
    ("/jobs/2/type", Some("\"Go\""), "unknown_variant"),
    ("/values/0", Some("\"v\""), "no_variant"),
    ("/values/1/x", None, "no_variant"),
    ("/drawing/layers/0/event/at", None, "required"),
    ("/drawing/layers/1/name", Some("1"), "type"),
    ("/drawing/layers/1/event/wide", Some("\"w\""), "type"),
    ("/mail/others/0", Some("\"c\""), "invalid"),
    ("/pair/1", Some("1"), "type"),
];

/// Any few mistakes are each told where they are, and nothing else is.
#[tokio::test]
async fn mistakes_do_not_hide_each_other() {
    let engine = All::endpoint(MemoryStore::new()).mount(HOST);
    let answer = put(&engine, "/all/7", &[], RIGHT).await;
    assert!(answer.0.status().is_success(), "{}", answer.text());
    // Each with each, then ever more at once.
    let count = MISTAKES.len();
    let pairs = (0..count).flat_map(|one| (one..count).map(move |other| vec![one, other]));
    let many = (0..count).flat_map(|from| (1..7).map(move |step| (from..count).step_by(step).collect()));
    for chosen in pairs.chain(many) {
        let mut content: serde_json::Value = serde_json::from_str(RIGHT).unwrap();
        let mut expected: Vec<(String, &str)> = Vec::new();
        for (place, value, code) in chosen.iter().map(|index: &usize| MISTAKES[*index]) {
            if let Some(value) = value {
                *content.pointer_mut(place).expect(place) = serde_json::from_str(value).unwrap();
            } else {
                let (parent, name) = place.rsplit_once('/').unwrap();
                content.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            }
            // An enum without a name has one place.
            let place = if code == "no_variant" { place.trim_end_matches("/x") } else { place };
            expected.push((format!("#{}", place.replace(' ', "%20")), code));
        }
        expected.sort();
        expected.dedup();
        let answer = put(&engine, "/all/7", &[], &content.to_string()).await;
        let json = answer.json();
        let text = |error: &serde_json::Value, name| error[name].as_str().unwrap_or_default().to_owned();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("{content}: {}", answer.text()));
        let mut found: Vec<_> = errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect();
        found.sort();
        let found: Vec<_> = found.iter().map(|(place, code)| (place.clone(), code.as_str())).collect();
        assert_eq!(found, expected, "{content}\n{}", answer.text());
    }
}
