//! What is wrong with some content: all of it, at its place, with what would be right.
//!
//! One thing although it is long: each test is a kind of content.

use put_core::{MemoryStore, PutResource};
use serde::{Deserialize, Serialize};

use crate::support::{HOST, get, items, put};

/// Content of an item that is right, with some members replaced or added.
fn item(members: &str) -> String {
    format!("{{\"name\":\"n\"{}{members}}}", if members.is_empty() { "" } else { "," })
}

#[tokio::test]
async fn all_violations_are_told_at_once_with_their_places() {
    let engine = items().mount(HOST);
    for (content, expected) in [
        ("{}", vec![("#/name", "is required")]),
        (
            r#"{"nam":"x","size":"huge","note":5,"count":"many","e mail":1}"#,
            vec![
                ("#/name", "is required"),
                ("#/size", "unknown variant `huge`, expected `small` or `large`"),
                ("#/note", "expected a string, found number `5`"),
                (
                    "#/count",
                    "expected an integer from -9223372036854775808 to 9223372036854775807, found string \"many\"",
                ),
                ("#/nam", "is not a known member; did you mean `name`?"),
                ("#/e%20mail", "is not a known member"),
            ],
        ),
        (
            &item(r#""place":{"city":1,"zip":2,"lines":["a",1,-2,{}]}"#),
            vec![
                ("#/place/city", "expected a string, found number `1`"),
                ("#/place/zip", "expected a string, found number `2`"),
                ("#/place/lines/0", "expected an integer from 0 to 4294967295, found string \"a\""),
                ("#/place/lines/2", "expected an integer from 0 to 4294967295, found number `-2`"),
                ("#/place/lines/3", "expected an integer from 0 to 4294967295, found an object"),
            ],
        ),
        (
            &item("\"place\":{\n\"zip\" : 7\n}"),
            vec![
                ("#/place/zip", "expected a string, found number `7`"),
                ("#/place/city", "is required"),
                ("#/place/lines", "is required"),
            ],
        ),
        (&item(r#""place":[]"#), vec![("#/place", "expected an object, found an array")]),
        (
            &item(r#""tags":["a",1,null]"#),
            vec![("#/tags/1", "expected a string, found number `1`"), ("#/tags/2", "expected a string, found null")],
        ),
        (&item(r#""tags":[],"labels":[]"#), vec![("#/labels", "is another name for `tags`, which is there too")]),
        (&item(r#""id":8"#), vec![("#/id", "must be the key in the path, `7`, or be left out")]),
        (
            &item(r#""id":"7""#),
            vec![("#/id", "expected an integer from 0 to 18446744073709551615, found string \"7\"")],
        ),
        (
            r#"{"id":8,"nmae":"x"}"#,
            vec![
                ("#/name", "is required"),
                ("#/id", "must be the key in the path, `7`, or be left out"),
                ("#/nmae", "is not a known member; did you mean `name`?"),
            ],
        ),
        (&item(r#""__proto__":{}"#), vec![("#/__proto__", "is not a known member")]),
        ("[]", vec![("#", "expected an object, found an array")]),
        ("null", vec![("#", "expected an object, found null")]),
        ("\"x\"", vec![("#", "expected an object, found a string")]),
        ("1", vec![("#", "expected an object, found a number")]),
        ("true", vec![("#", "expected an object, found a boolean")]),
    ] {
        let answer = put(&engine, "/items/7", &[], content).await;
        assert_eq!(answer.status(), 422, "{content}: {}", answer.text());
        let errors = answer.errors();
        let errors: Vec<_> = errors.iter().map(|(pointer, detail)| (pointer.as_str(), detail.as_str())).collect();
        assert_eq!(errors, expected, "{content}");
    }
    assert_eq!(get(&engine, "/items/7").await.status(), 404);
}

#[tokio::test]
async fn numbers_are_never_silently_altered_jsn_08() {
    let engine = items().mount(HOST);
    for (members, altered) in [
        (r#""count":9007199254740993"#, None),
        (r#""count":12345678901234567890"#, Some("#/count")),
        (r#""ratio":12345678901234567890"#, Some("#/ratio")),
        (r#""ratio":9007199254740992"#, None),
        (r#""ratio":100000000000000000000"#, None),
        (r#""ratio":9007199254740993,"note":"9007199254740993""#, Some("#/ratio")),
        (r#""ratio":1e400"#, Some("#/ratio")),
        (r#""ratio":1e300"#, None),
        (r#""ratio":-0"#, None),
        (r#""ratio":0.1"#, None),
        (r#""ratio":1E+2"#, None),
        (r#""smallRatio":16777217"#, Some("#/smallRatio")),
        (r#""smallRatio":16777216"#, None),
        (r#""smallRatio":1e39"#, Some("#/smallRatio")),
        (r#""smallRatio":1e-50"#, None),
        (r#""createdAt":12345678901234567890123"#, None),
    ] {
        let answer = put(&engine, "/items/7", &[], &item(members)).await;
        match altered {
            None => assert!(answer.0.status().is_success(), "{members}: {}", answer.text()),
            Some(pointer) => {
                assert_eq!(answer.status(), 422, "{members}: {}", answer.text());
                assert_eq!(answer.errors()[0].0, pointer, "{members}");
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_parsed_is_400_with_its_position() {
    let engine = items().mount(HOST);
    for (content, position) in [
        ("{", 1),
        (r#"{"name":"a","name":"b"}"#, 12),
        (r#"{"name":"a","x":{"b":1,"\u0062":2}}"#, 23),
        (r#"{"name":"\ud800"}"#, 9),
        (r#"{"name":"a","createdAt":tru}"#, 24),
        (r#"{"name":"a"} {}"#, 13),
    ] {
        let answer = put(&engine, "/items/7", &[], content).await;
        assert_eq!(
            (answer.status(), &answer.json()["position"]),
            (400, &position.into()),
            "{content}: {}",
            answer.text()
        );
    }
    let answer = put(&engine, "/items/7", &[], r#"{"name":"\u0000 \ud83d\ude00"}"#).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.json()["name"], "\u{0} 😀");
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/parcels/{id}")]
struct Parcel {
    #[put(key)]
    id: String,
    weight: u32,
    #[serde(flatten)]
    address: Address,
    #[put(required)]
    comment: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Address {
    street: String,
    number: u16,
}

#[tokio::test]
async fn flattened_members_are_known_by_name_and_diagnosed() {
    let engine = Parcel::endpoint(MemoryStore::new()).mount(HOST);
    let answer = put(&engine, "/parcels/a", &[], r#"{"weight":1,"street":"s","number":2,"comment":null}"#).await;
    assert_eq!(answer.status(), 201, "{}", answer.text());
    for (content, pointers) in [
        (r#"{"weight":1,"street":"s","number":2}"#, vec!["#/comment"]),
        (r#"{"weight":1,"street":"s","number":2,"comment":null,"city":"x"}"#, vec!["#/city"]),
        (r#"{"weight":1,"street":5,"number":2,"comment":null}"#, vec!["#/street"]),
        (r#"{"weight":1,"street":"s","comment":null}"#, vec!["#/number"]),
        (r#"{"comment":"x"}"#, vec!["#/weight", "#/street", "#/number"]),
        (r#"{"street":5,"number":"x","comment":1}"#, vec!["#/weight", "#/comment", "#/street", "#/number"]),
    ] {
        let answer = put(&engine, "/parcels/b", &[], content).await;
        assert_eq!(answer.status(), 422, "{content}: {}", answer.text());
        let errors = answer.errors();
        let mut found: Vec<_> = errors.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let mut pointers = pointers;
        found.sort_unstable();
        pointers.sort_unstable();
        assert_eq!(found, pointers, "{content}: {errors:?}");
    }
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/bags/{id}", allow_unknown)]
struct Bag {
    #[put(key)]
    id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[tokio::test]
async fn unknown_members_may_be_let_through() {
    let engine = Bag::endpoint(MemoryStore::new()).mount(HOST);
    let answer = put(&engine, "/bags/-3", &[], r#"{"x":1,"note":"a"}"#).await;
    assert_eq!((answer.status(), answer.text().as_str()), (201, r#"{"id":-3,"note":"a"}"#));
    let answer = put(&engine, "/bags/-3", &[], "{}").await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, r#"{"id":-3}"#));
}

mod seconds {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(super) fn serialize<S: Serializer>(seconds: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&seconds.to_string())
    }

    /// From a number or from its digits, as types that are careful with JSON's numbers do.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(digits) => digits.parse().map_err(serde::de::Error::custom),
            other => other.as_u64().ok_or_else(|| serde::de::Error::custom("no seconds")),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_usual(wait: &u64) -> bool {
    *wait == 86_400_000
}

fn usual() -> u64 {
    86_400_000
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/timers/{id}")]
struct Timer {
    #[put(key)]
    id: u64,
    #[serde(default, with = "seconds")]
    at: u64,
    #[serde(default = "usual", skip_serializing_if = "is_usual")]
    wait: u64,
    ratio: Option<f64>,
    large: Option<u64>,
}

#[tokio::test]
async fn a_number_is_compared_with_what_became_of_its_member_jsn_08() {
    let engine = Timer::endpoint(MemoryStore::new()).mount(HOST);
    for (content, stored) in [
        (r#"{"at":1700000000}"#, Some(r#"{"id":7,"at":"1700000000","ratio":null,"large":null}"#)),
        (r#"{"wait":86400000}"#, Some(r#"{"id":7,"at":"0","ratio":null,"large":null}"#)),
        (r#"{"wait":86400001}"#, Some(r#"{"id":7,"at":"0","wait":86400001,"ratio":null,"large":null}"#)),
        (r#"{"ratio":9007199254740993,"large":9007199254740993}"#, None),
    ] {
        let answer = put(&engine, "/timers/7", &[], content).await;
        match stored {
            Some(stored) => assert_eq!(answer.text(), stored, "{content}"),
            None => assert_eq!((answer.status(), answer.errors()[0].0.as_str()), (422, "#/ratio"), "{content}"),
        }
    }
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/letters/{id}")]
struct Letter {
    #[put(key)]
    id: u64,
    #[serde(flatten)]
    to: Option<Address>,
    #[serde(flatten)]
    kind: Option<Seal>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Seal {
    Wax { color: String },
    Tape(u8),
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/chests/{id}")]
struct Chest {
    #[put(key)]
    id: u64,
    #[serde(flatten)]
    outer: Outer,
}

/// A part with a part of its own takes any name, and drops those that neither knows.
#[derive(Serialize, Deserialize)]
struct Outer {
    #[serde(default, alias = "width", skip_serializing_if = "is_nothing")]
    wide: u8,
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Serialize, Deserialize)]
struct Inner {
    #[serde(rename = "high", alias = "height")]
    high: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_nothing(number: &u8) -> bool {
    *number == 0
}

#[tokio::test]
async fn no_member_of_a_flattened_part_is_lost_in_silence() {
    let letters = Letter::endpoint(MemoryStore::new()).mount(HOST);
    let chests = Chest::endpoint(MemoryStore::new()).mount(HOST);
    for (engine, path, content, answer) in [
        (&letters, "/letters/7", "{}", Ok(r#"{"id":7}"#)),
        (&letters, "/letters/7", r#"{"street":"s","number":2}"#, Ok(r#"{"id":7,"number":2,"street":"s"}"#)),
        (&letters, "/letters/7", r#"{"street":null}"#, Ok(r#"{"id":7}"#)),
        (&letters, "/letters/7", r#"{"tape":2}"#, Ok(r#"{"id":7,"tape":2}"#)),
        (&letters, "/letters/7", r#"{"street":"s"}"#, Err("#/street")),
        (&letters, "/letters/7", r#"{"street":"s","number":"two"}"#, Err("#/street")),
        (&letters, "/letters/7", r#"{"tape":2,"wax":{"color":"red"}}"#, Err("#/wax")),
        (&chests, "/chests/7", r#"{"width":1,"height":2}"#, Ok(r#"{"high":2,"id":7,"wide":1}"#)),
        (&chests, "/chests/7", r#"{"wide":0,"high":2}"#, Ok(r#"{"high":2,"id":7}"#)),
        (&chests, "/chests/7", r#"{"high":2,"deep":3}"#, Err("#/deep")),
    ] {
        let found = put(engine, path, &[], content).await;
        match answer {
            Ok(stored) => assert_eq!(found.text(), stored, "{content}"),
            Err(pointer) => {
                assert_eq!(found.status(), 422, "{content}: {}", found.text());
                assert_eq!(found.errors()[0].0, pointer, "{content}: {}", found.text());
            }
        }
    }
    let dropped = put_core::Format::of::<Chest>().canonical(br#"{"id":7,"high":2,"deep":3}"#);
    assert_eq!(dropped.unwrap_err().to_string(), "#/deep: is not a known member");
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/cars/{id}")]
struct Car {
    #[put(key)]
    id: u64,
    engine: Motor,
    body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Motor {
    kw: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Body {
    Truck { axles: u8 },
}

#[tokio::test]
async fn what_is_wrong_inside_is_not_told_to_be_missing() {
    let engine = Car::endpoint(MemoryStore::new()).mount(HOST);
    for (content, pointers) in [
        (r#"{"engine":{"kw":1,"hp":2},"body":{"truck":{"axles":2}}}"#, vec!["#/engine/hp"]),
        (r#"{"engine":{"kw":1},"body":{"truck":{}}}"#, vec!["#/body/truck/axles"]),
        (r#"{"engine":{"kw":"x"},"body":{"car":1}}"#, vec!["#/engine/kw", "#/body/car"]),
        (r#"{"body":{"truck":{"axles":2}}}"#, vec!["#/engine"]),
    ] {
        let answer = put(&engine, "/cars/1", &[], content).await;
        let errors = answer.errors();
        assert_eq!(errors.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(), pointers, "{content}");
    }
}
