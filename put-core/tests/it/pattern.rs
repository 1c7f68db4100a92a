//! Keys that must match a pattern: over HTTP, typed, and in what a store kept.

use put_core::{Error, Format, MemoryStore, Precondition, PutResource};
use serde::{Deserialize, Serialize};

use crate::support::{HOST, get, put, send};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/{tenant}/rooms/{number}")]
struct Room {
    #[put(key, pattern = "[1-9][0-9]?")]
    number: u64,
    #[put(key, pattern = "[a-z]{2}|main")]
    tenant: String,
    seats: u32,
}

fn room(tenant: &str, number: u64) -> Room {
    Room { number, tenant: tenant.to_owned(), seats: 4 }
}

#[tokio::test]
async fn a_path_that_does_not_match_is_no_resource_and_is_told_the_pattern() {
    let engine = Room::endpoint(MemoryStore::new()).allow_delete().mount(HOST);
    for (path, status, said) in [
        ("/ab/rooms/7", 201, ""),
        ("/main/rooms/99", 201, ""),
        ("/%61b/rooms/8", 201, ""),
        ("/mainx/rooms/7", 404, "`tenant`"),
        ("/xmain/rooms/7", 404, "`[a-z]{2}|main`"),
        ("/abc/rooms/7", 404, "`[a-z]{2}|main`"),
        ("/AB/rooms/7", 404, "`[a-z]{2}|main`"),
        ("/ab%0A/rooms/7", 404, "`[a-z]{2}|main`"),
        ("/ab/rooms/0", 404, "`[1-9][0-9]?`"),
        ("/ab/rooms/100", 404, "`[1-9][0-9]?`"),
        ("/ab/rooms/x", 404, "not in its one canonical spelling"),
    ] {
        let answer = put(&engine, path, &[], r#"{"seats":4}"#).await;
        assert_eq!(answer.status(), status, "{path}: {}", answer.text());
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(said), "{path}: {detail}");
        let found = if status == 201 { 200 } else { 404 };
        assert_eq!(get(&engine, path).await.status(), found, "{path}");
        let deleted = if status == 201 { 204 } else { 404 };
        assert_eq!(send(&engine, "DELETE", path, &[], b"").await.status(), deleted, "{path}");
    }
}

#[tokio::test]
async fn a_typed_write_of_a_key_that_does_not_match_is_a_violation() {
    let rooms = Room::endpoint(MemoryStore::new());
    assert!(rooms.put(room("ab", 7), Precondition::none()).await.is_ok());
    for (tenant, number, pointer, pattern) in
        [("abc", 7, "#/tenant", "`[a-z]{2}|main`"), ("", 7, "#/tenant", "main"), ("ab", 100, "#/number", "[0-9]?")]
    {
        let Err(Error::Violations(violations)) = rooms.put(room(tenant, number), Precondition::none()).await else {
            panic!("{tenant} {number} is refused")
        };
        let told = violations.to_string();
        assert!(told.contains(pointer) && told.contains(pattern), "{told}");
        assert!(matches!(rooms.get(&(tenant.to_owned(), number)).await, Err(Error::Violations(_))));
    }
}

#[test]
fn a_state_under_another_key_has_none() {
    let format = Format::of::<Room>();
    for (tenant, number, has_key) in [("ab", 7, true), ("main", 10, true), ("abc", 7, false), ("ab", 100, false)] {
        let state = format!(r#"{{"number":{number},"tenant":"{tenant}","seats":4}}"#);
        assert_eq!(format.key_of(state.as_bytes()).is_some(), has_key, "{state}");
    }
}

#[test]
fn a_key_is_read_from_its_texts() {
    for (texts, key) in [
        (&["ab", "7"][..], Some(("ab".to_owned(), 7))),
        (&["ab", "07"], None),
        (&["ab", "x"], None),
        (&["ab"], None),
        (&[], None),
    ] {
        assert_eq!(Room::key_from(texts), key, "{texts:?}");
    }
}
