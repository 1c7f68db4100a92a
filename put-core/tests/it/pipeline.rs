//! The order of the answers, and the truth table of the preconditions.

use put_core::{Format, MemoryStore, PutResource};
use serde::{Deserialize, Serialize};

use crate::support::{HOST, get, items, pages, put, send};

const PAGE: &str = r#"{"slug":"a","title":"one"}"#;
const OTHER: &str = r#"{"slug":"a","title":"two"}"#;

/// The truth table of PUT: If-Match, If-None-Match, the answer when absent, the answer when present.
/// `E` stands for the current tag, `X` for another one.
const TRUTH: &[(&str, &str, u16, u16)] = &[
    ("-", "-", 201, 200),
    ("E", "-", 412, 200),
    ("X", "-", 412, 412),
    ("W/E", "-", 412, 412),
    ("", "-", 412, 412),
    ("*", "-", 412, 200),
    ("-", "*", 201, 412),
    ("-", "E", 201, 412),
    ("-", "W/E", 201, 412),
    ("-", "X", 201, 200),
    ("-", "", 201, 200),
    ("E", "*", 412, 412),
    ("E", "E", 412, 412),
    ("E", "X", 412, 200),
    ("*", "*", 412, 412),
    ("abc", "-", 400, 400),
    ("-", "abc", 400, 400),
    ("*, \"a\"", "-", 400, 400),
    ("\"x\", W/\"y\", E", "-", 412, 200),
];

#[tokio::test]
async fn truth_table_4_2() {
    for (if_match, if_none_match, when_absent, when_present) in TRUTH {
        for present in [false, true] {
            let engine = pages().mount(HOST);
            if present {
                assert_eq!(put(&engine, "/pages/a", &[], PAGE).await.status(), 201);
            }
            let before = get(&engine, "/pages/a").await;
            let current = before.field("etag").unwrap_or("\"E\"").to_owned();
            let spelled = |value: &str| value.replace('E', &current).replace('X', "\"other\"");
            let (if_match_value, if_none_match_value) = (spelled(if_match), spelled(if_none_match));
            let mut fields = Vec::new();
            if *if_match != "-" {
                fields.push(("if-match", if_match_value.as_str()));
            }
            if *if_none_match != "-" {
                fields.push(("if-none-match", if_none_match_value.as_str()));
            }
            let answer = put(&engine, "/pages/a", &fields, OTHER).await;
            let expected = if present { *when_present } else { *when_absent };
            assert_eq!(answer.status(), expected, "{fields:?} present: {present}");
            if expected >= 400 {
                assert_eq!(get(&engine, "/pages/a").await.text(), before.text(), "{fields:?} present: {present}");
            }
            // The precondition beats a bad content, and is beaten by a bad head (CND-18, CND-19).
            if expected == 412 {
                let bad_content = put(&engine, "/pages/a", &fields, "{").await;
                assert_eq!(bad_content.status(), 412, "{fields:?} present: {present}");
                let mut bad_head = fields.clone();
                bad_head.push(("content-type", "text/plain"));
                assert_eq!(send(&engine, "PUT", "/pages/a", &bad_head, b"{}").await.status(), 415);
            }
        }
    }
}

#[tokio::test]
async fn earlier_steps_answer_first() {
    let engine = pages().require_precondition().content_limit(50).mount(HOST);
    let json = ("content-type", "application/json");
    let stale = ("if-match", "\"x\"");
    for (method, path, fields, content, status) in [
        ("POST", "/pages/..", vec![stale], "{", 405),
        ("DELETE", "/pages/a", vec![stale], "", 405),
        ("BREW", "/pages/a", vec![stale], "{", 501),
        ("put", "/pages/a", vec![json], PAGE, 501),
        ("OPTIONS", "/pages/..", vec![("if-match", "zzz")], "", 204),
        ("PUT", "/pages/..", vec![("if-match", "zzz")], "{", 404),
        ("PUT", "/pages/%FF", vec![json], PAGE, 404),
        ("PUT", "/pages/a", vec![("if-match", "zzz"), ("content-range", "bytes 0-1/2")], "{", 400),
        ("PUT", "/pages/a", vec![json, ("content-range", "bytes 0-1/2"), ("expect", "x")], PAGE, 400),
        ("PUT", "/pages/a", vec![("expect", "x"), ("content-type", "text/plain")], PAGE, 417),
        ("PUT", "/pages/a", vec![("content-type", "text/plain")], "", 415),
        ("PUT", "/pages/a", vec![json, stale], "", 400),
        ("PUT", "/pages/a", vec![("content-type", "text/plain"), ("content-encoding", "br")], PAGE, 415),
        ("PUT", "/pages/a", vec![json, ("content-encoding", "br")], PAGE, 415),
        ("PUT", "/pages/a", vec![json, ("content-encoding", "identity"), stale], PAGE, 412),
        ("PUT", "/pages/a", vec![json], "{\"a\":\"012345678901234567890123456789012345678901234567890\"}", 413),
        ("PUT", "/pages/a", vec![json], "{", 428),
        ("PUT", "/pages/a", vec![json, ("if-none-match", "")], PAGE, 428),
        ("PUT", "/pages/a", vec![json, ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")], PAGE, 428),
        ("PUT", "/pages/a", vec![json, stale, ("content-digest", "sha-256=abc")], PAGE, 412),
        ("PUT", "/pages/a", vec![json, ("if-none-match", "*"), ("content-digest", "sha-256=abc")], "{", 400),
        ("PUT", "/pages/a", vec![json, ("if-none-match", "*")], "{", 400),
        ("PUT", "/pages/a", vec![json, ("if-none-match", "*")], "{}", 422),
        ("PUT", "/pages/a", vec![json, ("if-none-match", "*")], PAGE, 201),
    ] {
        let answer = send(&engine, method, path, &fields, content.as_bytes()).await;
        assert_eq!(answer.status(), status, "{method} {path} {fields:?}: {}", answer.text());
        if status >= 400 {
            assert_eq!(answer.json()["status"], status);
            assert_eq!(answer.field("content-type"), Some("application/problem+json"));
            assert_eq!(answer.field("cache-control"), Some("no-store"));
        }
    }
}

#[tokio::test]
async fn a_route_without_the_parameters_of_the_key_is_the_server_s_mistake() {
    let engine = pages().mount(HOST);
    for template in ["/pages/{other}", "/none"] {
        let put_core::Admission::Answer(answer) = engine.admit(&put_core::Head::new("GET", "/pages/a", template)).await
        else {
            panic!("there is no content to ask for")
        };
        assert_eq!(answer.status(), 500, "{template}");
        assert!(String::from_utf8_lossy(answer.content()).contains(template));
    }
}

#[tokio::test]
async fn a_replacement_replaces_and_an_equal_one_writes_nothing() {
    let engine = items().mount(HOST);
    let created = put(&engine, "/items/7", &[], r#"{"name":"a","note":"x","owner":"me","createdAt":99}"#).await;
    assert_eq!(created.status(), 201);
    assert_eq!(created.field("location"), Some("/items/7"));
    assert_eq!(created.field("content-location"), Some("/items/7"));
    assert_ne!(created.json()["createdAt"], 99, "a read-only member is ignored");
    let again = put(&engine, "/items/7", &[], &created.text()).await;
    assert_eq!((again.status(), again.text()), (200, created.text()), "nothing changes, no time moves");
    assert_eq!(again.field("etag"), created.field("etag"));
    assert_eq!(again.field("last-modified"), created.field("last-modified"));
    let conflict = put(&engine, "/items/7", &[], r#"{"name":"b"}"#).await;
    assert_eq!((conflict.status(), conflict.errors()[0].0.as_str()), (409, "#/owner"));
    let replaced = put(&engine, "/items/7", &[], r#"{"name":"b","owner":"me"}"#).await;
    assert_eq!((replaced.status(), replaced.field("location")), (200, None));
    let (before, after) = (created.json(), replaced.json());
    assert_eq!((&after["note"], &after["createdAt"]), (&serde_json::Value::Null, &before["createdAt"]));
    assert!(after["updatedAt"].as_u64() > before["updatedAt"].as_u64());
    assert_eq!(get(&engine, "/items/7").await.text(), replaced.text());
}

#[tokio::test]
async fn validators_and_preferences_follow_the_switches() {
    let minimal = ("prefer", "return=minimal");
    let spaced = r#"{ "slug": "a", "title": "spaced" }"#;
    for (endpoint, prefer, content, status, has_tag, has_content) in [
        (pages(), None, OTHER, 200, true, true),
        (pages(), None, spaced, 200, true, true),
        (pages(), Some(minimal), OTHER, 204, true, false),
        (pages(), Some(minimal), spaced, 204, false, false),
        (pages().strict_validators(), None, OTHER, 200, true, true),
        (pages().strict_validators(), None, spaced, 200, false, true),
        (pages().return_minimal(), None, spaced, 204, false, false),
        (pages().return_minimal(), Some(("prefer", "return=representation")), spaced, 200, true, true),
    ] {
        let engine = endpoint.mount(HOST);
        put(&engine, "/pages/a", &[], PAGE).await;
        let answer = put(&engine, "/pages/a", prefer.as_slice(), content).await;
        let facts = (answer.status(), answer.field("etag").is_some(), !answer.text().is_empty());
        assert_eq!(facts, (status, has_tag, has_content), "{prefer:?} {content}");
        assert_eq!(answer.field("preference-applied"), prefer.map(|(_, value)| value));
        assert_eq!(answer.field("content-location").is_some(), has_content);
        if has_tag {
            assert_eq!(answer.field("etag"), get(&engine, "/pages/a").await.field("etag"));
        }
    }
}

#[tokio::test]
async fn switches_of_the_mount() {
    let engine = pages().update_only().allow_delete().public_prefix("/api").mount(HOST);
    for fields in [vec![], vec![("if-match", "\"x\"")], vec![("if-none-match", "*")]] {
        assert_eq!(put(&engine, "/pages/a", &fields, PAGE).await.status(), 404, "{fields:?}");
    }
    assert_eq!(send(&engine, "DELETE", "/pages/a", &[("if-match", "\"x\"")], b"").await.status(), 404);

    let engine = pages().accept_replay().allow_delete().public_prefix("/api").mount(HOST);
    let created = put(&engine, "/pages/a", &[], PAGE).await;
    assert_eq!(created.field("location"), Some("/api/pages/a"));
    let stale = ("if-match", "\"x\"");
    assert_eq!(put(&engine, "/pages/a", &[stale], PAGE).await.status(), 200, "it is there already");
    assert_eq!(put(&engine, "/pages/a", &[stale], OTHER).await.status(), 412);
    for bad in ["{", r#"{"title":5}"#] {
        assert_eq!(put(&engine, "/pages/a", &[stale], bad).await.status(), 412, "{bad} is no replay");
        assert_eq!(put(&engine, "/pages/a", &[stale, ("expect", "100-continue")], bad).await.status(), 412);
    }
    assert_eq!(send(&engine, "DELETE", "/pages/a", &[stale], b"").await.status(), 412);
    let tag = created.field("etag").unwrap();
    assert_eq!(send(&engine, "DELETE", "/pages/a", &[("if-match", tag)], b"").await.status(), 204);
    assert_eq!(get(&engine, "/pages/a").await.status(), 404);

    let engine = pages().put_only().mount(HOST);
    assert_eq!(get(&engine, "/pages/a").await.status(), 405);
    assert_eq!(send(&engine, "OPTIONS", "/pages/a", &[], b"").await.field("allow"), Some("PUT, OPTIONS"));
}

#[tokio::test]
async fn location_is_one_uri_loc_02() {
    let engine = pages().mount(HOST);
    for (path, location) in [
        ("/pages/a;x=1,%61:@!$&'()*+~_.-b", "/pages/a;x=1,%61:@!$&'()*+~_.-b"),
        ("/pages/a\"<b>", "/pages/a%22%3Cb%3E"),
        ("/pages/ü", "/pages/%C3%BC"),
    ] {
        let answer = put(&engine, path, &[], r#"{"title":"x"}"#).await;
        assert_eq!((answer.status(), answer.field("location")), (201, Some(location)));
        assert_eq!(answer.field("content-location"), Some(location));
        assert_eq!(get(&engine, location).await.text(), answer.text());
    }
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/drafts/{id}")]
struct Draft {
    #[put(key)]
    id: u64,
    text: String,
    #[put(read_only, on_create = Some("new".to_owned()), on_replace = None::<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
    #[put(read_only, on_replace = Some("changed".to_owned()), on_create = None::<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

#[tokio::test]
async fn what_a_change_stores_is_in_canonical_form() {
    let engine = Draft::endpoint(MemoryStore::new()).mount(HOST);
    for (content, stored) in [
        (r#"{"text":"a"}"#, r#"{"id":7,"text":"a","mark":"new"}"#),
        (r#"{"text":"b"}"#, r#"{"id":7,"text":"b","last":"changed"}"#),
        (r#"{"text":"c","mark":"mine"}"#, r#"{"id":7,"text":"c","last":"changed"}"#),
    ] {
        let answer = put(&engine, "/drafts/7", &[], content).await;
        assert_eq!(answer.text(), stored, "{content}");
        assert_eq!(Format::of::<Draft>().canonical(answer.text().as_bytes()).unwrap(), answer.text());
    }
}
