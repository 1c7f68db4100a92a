//! JSON.
//!
//! One thing although it is long: the rows of the section, in their order.

use serde_json::{Value, json};

use super::case;
use super::checks::{detail, ensure, pointers, stored};
use crate::Switch;
use crate::case::{Before, Case};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    not_json(&mut table);
    good_json(&mut table);
    numbers(&mut table);
    depth(&mut table);
    meaning(&mut table);
    table
}

/// A file store takes any octets, and then shows them as they came; others may tell bad content apart in another way.
pub(super) const ELSEWHERE: &[u16] = &[200, 201, 204, 409, 413, 415, 422];

/// What cannot be parsed is 400, on nothing and on a representation.
fn not_json(table: &mut Vec<Case>) {
    let utf16 = |text: &str, big: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let text = r#"{"name":"a"}"#;
    let mut bad: Vec<(String, &'static str, Vec<u8>)> = vec![
        ("a character cut short".into(), "JSN-01", b"{\"name\":\"\xc3\"}".to_vec()),
        ("an overlong form".into(), "JSN-01", b"{\"name\":\"\xc0\xaf\"}".to_vec()),
        ("a surrogate in UTF-8".into(), "JSN-01", b"{\"name\":\"\xed\xa0\x80\"}".to_vec()),
        ("an octet that is not UTF-8 in a name".into(), "JSN-01", b"{\"name\":\"a\",\"\xff\":1}".to_vec()),
        (
            "an octet that is not UTF-8 in an ignored member".into(),
            "JSN-01",
            b"{\"name\":\"a\",\"createdAt\":\"\xff\"}".to_vec(),
        ),
        ("UTF-16, little end first".into(), "JSN-01", utf16(text, false, false)),
        ("UTF-16, big end first".into(), "JSN-01", utf16(text, true, false)),
        ("UTF-16 with its mark".into(), "JSN-01", utf16(text, false, true)),
        ("a lone high surrogate".into(), "JSN-07", br#"{"name":"\ud800"}"#.to_vec()),
        ("a lone low surrogate".into(), "JSN-07", br#"{"name":"\udc00"}"#.to_vec()),
        ("surrogates in the wrong order".into(), "JSN-07", br#"{"name":"\udc00\ud800"}"#.to_vec()),
        ("a high surrogate before another escape".into(), "JSN-07", br#"{"name":"\ud800\n"}"#.to_vec()),
        ("a lone surrogate in a name".into(), "JSN-07", br#"{"name":"a","\ud800":1}"#.to_vec()),
        ("a lone surrogate in an ignored member".into(), "JSN-07", br#"{"name":"a","createdAt":"\ud800"}"#.to_vec()),
    ];
    for (name, value) in [
        ("a comment", "/* x */ 1"),
        ("a line comment", "1 // x\n"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("minus Infinity", "-Infinity"),
        ("single quotes", "'x'"),
        ("a leading zero", "01"),
        ("a leading plus", "+1"),
        ("a leading point", ".5"),
        ("a trailing point", "5."),
        ("a minus alone", "-"),
        ("an exponent without digits", "1e"),
        ("a hexadecimal number", "0x10"),
        ("an underscore in a number", "1_000"),
        ("True", "True"),
        ("None", "None"),
        ("undefined", "undefined"),
        ("an unknown escape", "\"\\x41\""),
        ("half an escape", "\"\\u12\""),
        ("a string without end", "\"abc"),
        ("a list without end", "[1"),
        ("a comma at the end of a list", "[1,]"),
        ("a comma at the beginning of a list", "[,1]"),
        ("two commas", "[1,,2]"),
        ("a list that ends as an object", "[1}"),
        ("no value", ""),
    ] {
        for member in ["ratio", "createdAt", "other"] {
            let content = format!(r#"{{"name":"a","{member}":{value}}}"#);
            bad.push((format!("{name} in {member}"), "JSN-04", content.into_bytes()));
        }
    }
    for (name, content) in [
        ("a name without quotes", r#"{name:"a"}"#),
        ("a name in single quotes", r#"{'name':"a"}"#),
        ("no comma", r#"{"name":"a" "note":"b"}"#),
        ("a number as name", r#"{1:"a"}"#),
    ] {
        bad.push((name.to_owned(), "JSN-04", content.as_bytes().to_vec()));
    }
    for (name, content) in [
        ("a name twice", r#"{"name":"a","name":"b"}"#),
        ("a name twice with one value", r#"{"name":"a","name":"a"}"#),
        ("a name twice, once escaped", r#"{"name":"a","n\u0061me":"b"}"#),
        ("an ignored name twice", r#"{"name":"a","createdAt":1,"createdAt":2}"#),
        ("an unknown name twice", r#"{"name":"a","other":1,"\u006fther":2}"#),
        ("a name twice in an object inside", r#"{"name":"a","place":{"city":"a","city":"b"}}"#),
        ("a name twice in an object inside, once escaped", r#"{"name":"a","place":{"city":"a","c\u0069ty":"b"}}"#),
        ("a name twice inside an unknown member", r#"{"name":"a","other":[{"x":1,"x":2}]}"#),
        ("a name twice inside an ignored member", r#"{"name":"a","updatedAt":{"x":1,"x":2}}"#),
        (
            "a name twice, far apart",
            r#"{"name":"a","size":"small","note":null,"tags":[],"count":1,"ratio":1,"name":"b"}"#,
        ),
        ("a name twice, the first value wrong", r#"{"name":5,"name":"b"}"#),
    ] {
        bad.push((name.to_owned(), "JSN-06", content.as_bytes().to_vec()));
    }
    for (name, row, content) in bad {
        let gentle: &[u16] = if row == "JSN-06" || row == "JSN-07" { &[422] } else { &[] };
        table.push(
            case(format!("not JSON: {name}"), &[row, "JSN-16"])
                .item()
                .content(&content)
                .expect(&[400])
                .tolerate(gentle)
                .never(&[200, 201, 204, 500])
                .check(detail()),
        );
        if row == "JSN-06" || row == "JSN-01" {
            table.push(
                case(format!("not JSON, to replace: {name}"), &[row, "PUT-24"])
                    .item()
                    .before(Before::Present)
                    .content(&content)
                    .expect(&[400])
                    .tolerate(gentle)
                    .never(&[200, 201, 204, 500]),
            );
        }
    }
}

fn good_json(table: &mut Vec<Case>) {
    for (name, content, member, value) in [
        ("white space everywhere", "\r\n\t { \"name\"\n:\t\"a\" , \"tags\" : [ ] } \n", "name", json!("a")),
        ("every escape", r#"{"name":"\"\\\/\b\f\n\r\t\u0041\u00e9"}"#, "name", json!("\"\\/\u{8}\u{c}\n\r\tAé")),
        ("a pair of surrogates", r#"{"name":"\ud83d\ude00"}"#, "name", json!("😀")),
        ("letters as they are", r#"{"name":"é😀\u2028"}"#, "name", json!("é😀\u{2028}")),
        ("a noncharacter", r#"{"name":"\uffff"}"#, "name", json!("\u{ffff}")),
        ("the delete character as it is", "{\"name\":\"\u{7f}\"}", "name", json!("\u{7f}")),
        ("an escaped name", r#"{"n\u0061me":"a"}"#, "name", json!("a")),
        ("null for an optional member", r#"{"name":"a","note":null}"#, "note", Value::Null),
        ("an empty string for an optional member", r#"{"name":"a","note":""}"#, "note", json!("")),
        ("an empty list", r#"{"name":"a","tags":[]}"#, "tags", json!([])),
        ("an exponent with a plus", r#"{"name":"a","ratio":1E+2}"#, "ratio", json!(100.0)),
        ("an exponent with a minus", r#"{"name":"a","ratio":125e-3}"#, "ratio", json!(0.125)),
        ("a negative zero", r#"{"name":"a","ratio":-0}"#, "ratio", json!(-0.0)),
        ("a negative zero with a fraction", r#"{"name":"a","ratio":-0.0}"#, "ratio", json!(-0.0)),
        ("an integer for a number", r#"{"name":"a","ratio":5}"#, "ratio", json!(5.0)),
        ("the smallest number", r#"{"name":"a","ratio":5e-324}"#, "ratio", json!(5e-324)),
        (
            "the largest number",
            r#"{"name":"a","ratio":1.7976931348623157e308}"#,
            "ratio",
            json!(1.797_693_134_862_315_7e308),
        ),
        (
            "a number with many digits",
            r#"{"name":"a","ratio":0.30000000000000004}"#,
            "ratio",
            json!(0.300_000_000_000_000_04),
        ),
    ] {
        table.push(
            case(format!("JSON: {name}"), &["JSN-03", "JSN-07", "PUT-03"])
                .item()
                .content(content)
                .expect(&[201])
                .check(stored(member, value)),
        );
    }
    for (place, content, member, value, pointer) in [
        ("in a text", r#"{"name":"a\u0000b"}"#, "name", json!("a\0b"), &["#/name"]),
        ("in a list", r#"{"name":"a","tags":["b","\u0000"]}"#, "tags", json!(["b", "\0"]), &["#/tags/1"]),
        (
            "in an object inside",
            r#"{"name":"a","place":{"city":"\u0000c","zip":null}}"#,
            "place",
            json!({"city": "\0c", "zip": null}),
            &["#/place/city"],
        ),
    ] {
        let (kept, refused) = (stored(member, value), pointers(pointer));
        table.push(
            case(format!("JSON: an escaped zero character {place} is kept, or refused at its place"), &["JSN-11"])
                .item()
                .content(content)
                .expect(&[201, 422])
                .then(move |run, response| {
                    let status = if run.subject().holds_nul { 201 } else { 422 };
                    ensure(response.status == status, || format!("answered {}, not {status}", response.status))?;
                    if status == 201 { kept(run, response) } else { refused(run, response) }
                }),
        );
    }
    for content in [
        r#"{"note":"n","name":"a","id":$id}"#,
        r#"{"tags":["x"],"name":"a","size":"large"}"#,
        r#"{"updatedAt":null,"createdAt":null,"owner":null,"ratio":null,"count":null,"place":null,"tags":[],"note":null,"size":"small","name":"a","id":$id}"#,
    ] {
        table.push(
            case(format!("JSON: members in another order: {content}"), &["JSN-12"])
                .item()
                .content(content)
                .expect(&[201]),
        );
    }
    table.push(
        case("JSON: names are not normalised: the two forms of é are two names", &["JSN-13"])
            .item()
            .content("{\"name\":\"a\",\"\u{e9}\":1,\"e\u{301}\":2}")
            .expect(&[422])
            .check(pointers(&["#/%C3%A9", "#/e%CC%81"])),
    );
    table.push(
        case("JSON: strings are not normalised", &["JSN-13", "PUT-03"])
            .item()
            .content("{\"name\":\"e\u{301}\"}")
            .expect(&[201])
            .check(stored("name", json!("e\u{301}"))),
    );
}

fn numbers(table: &mut Vec<Case>) {
    for (name, member, digits) in [
        ("an integer beyond 2^53", "count", "9007199254740993"),
        ("the largest integer", "count", "9223372036854775807"),
        ("the smallest integer", "count", "-9223372036854775808"),
        ("an integer beyond every type", "count", "12345678901234567890"),
        ("an integer far beyond every type", "count", "123456789012345678901234567890"),
        ("an integer beyond 2^53 for a binary64", "ratio", "9007199254740993"),
        ("an integer beyond every integer type for a binary64", "ratio", "12345678901234567890"),
        ("an integer written with an exponent", "count", "1E+2"),
        ("an integer written with a fraction", "count", "2.0"),
        ("a negative zero for an integer", "count", "-0"),
    ] {
        table.push(
            case(format!("number: {name} ({digits}) is kept or refused, never altered"), &["JSN-08"])
                .item()
                .content(format!(r#"{{"name":"a","{member}":{digits}}}"#))
                .expect(&[201, 422])
                .then(move |run, response| {
                    if response.status == 422 {
                        return Ok(());
                    }
                    let path = run.path().to_owned();
                    let shown = run.get(&path)?;
                    let text = String::from_utf8_lossy(&shown.content).into_owned();
                    // An integer may be written with its fraction, but its digits must be there.
                    let short = match digits {
                        "1E+2" => "100",
                        "2.0" => "2",
                        "-0" => "0",
                        other => other,
                    };
                    let kept = [short, digits].iter().any(|form| {
                        let begin = format!("\"{member}\":{form}");
                        text.contains(&format!("{begin},")) || text.contains(&format!("{begin}.0,"))
                    });
                    ensure(kept, || format!("{digits} became something else in {text}"))
                }),
        );
    }
    for digits in ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0"] {
        table.push(
            case(format!("number: {digits} fits its type and is stored"), &["JSN-08"])
                .item()
                .content(format!(r#"{{"name":"a","count":{digits}}}"#))
                .expect(&[201])
                .check(stored("count", digits.parse::<i64>().map_or(Value::Null, Value::from))),
        );
    }
    for (member, digits) in [
        ("ratio", "1e400"),
        ("ratio", "-1e400"),
        ("count", "9223372036854775808"),
        ("count", "1e400"),
        ("count", "0.5"),
    ] {
        table.push(
            case(format!("number: {digits} is out of range for {member}"), &["JSN-08", "JSN-16"])
                .policy()
                .item()
                .content(format!(r#"{{"name":"a","{member}":{digits}}}"#))
                .expect(&[422])
                .never(&[200, 201, 204, 400, 500])
                .check(if member == "ratio" { pointers(&["#/ratio"]) } else { pointers(&["#/count"]) }),
        );
    }
    table.push(
        case("number: one out of range in an unknown member is no syntax error", &["JSN-08", "JSN-16"])
            .policy()
            .item()
            .content(r#"{"name":"a","other":1e400}"#)
            .expect(&[422]),
    );
}

fn depth(table: &mut Vec<Case>) {
    let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    for depth in [200, 10_000, 100_000] {
        for (name, content) in [
            ("lists", lists(depth)),
            ("lists in an unknown member", format!(r#"{{"name":"a","other":{}}}"#, lists(depth))),
            ("lists in an ignored member", format!(r#"{{"name":"a","createdAt":{}}}"#, lists(depth))),
            ("lists in a list", format!(r#"{{"name":"a","tags":{}}}"#, lists(depth))),
            ("objects", objects(depth)),
            ("lists without end", "[".repeat(depth)),
        ] {
            let one = case(format!("depth: {depth} {name}"), &["JSN-09"])
                .should()
                .item()
                .content(content)
                .expect(&[400])
                .never(&[500])
                .check(detail());
            table.push(if ["lists", "lists without end"].contains(&name) { one.fair(ELSEWHERE) } else { one });
        }
    }
    table.push(
        case("depth: 100 lists are within the limit", &["JSN-09", "JSN-16"])
            .policy()
            .item()
            .content(format!(r#"{{"name":"a","other":{}}}"#, lists(100)))
            .expect(&[422]),
    );
    table.push(
        case("size: 5000 members are no trouble", &["JSN-09"])
            .policy()
            .item()
            .content(format!(
                r#"{{"name":"a"{}}}"#,
                (0..5000).map(|number| format!(r#","m{number}":1"#)).collect::<Vec<_>>().concat()
            ))
            .expect(&[422]),
    );
    table.push(
        case("size: a list of 20 000 strings is stored", &["JSN-09"])
            .item()
            .content(format!(r#"{{"name":"a","tags":["{}"]}}"#, vec!["x"; 20_000].join("\",\"")))
            .expect(&[201]),
    );
}

fn meaning(table: &mut Vec<Case>) {
    for content in ["[]", "\"x\"", "null", "1", "true", "[{\"name\":\"a\"}]", " null "] {
        table.push(
            case(format!("top level: {content} is no object"), &["JSN-10", "JSN-16"])
                .should()
                .fair(&[200, 201, 204, 400, 409, 415])
                .item()
                .content(content)
                .expect(&[422])
                .never(&[200, 201, 204, 500])
                .check(pointers(&["#"])),
        );
    }
    for name in ["__proto__", "constructor", "prototype", "toString"] {
        table.push(
            case(format!("unknown: {name} is a plain name"), &["JSN-15", "JSN-14"])
                .policy()
                .item()
                .content(format!(r#"{{"name":"a","{name}":{{"x":1}}}}"#))
                .expect(&[422]),
        );
    }
    table.push(
        case("unknown: on another mount as well", &["JSN-14"])
            .policy()
            .on(Switch::Delete)
            .content(r#"{"title":"a","other":null}"#)
            .expect(&[422])
            .check(pointers(&["#/other"])),
    );
    table.push(
        case("unknown: the Rust name of a renamed member is not its name", &["JSN-14"])
            .policy()
            .item()
            .content(r#"{"name":"a","created_at":"x"}"#)
            .expect(&[422])
            .check(pointers(&["#/created_at"])),
    );
}
