//! The same reads and writes for code outside HTTP.

use put_core::{Error, MemoryStore, Precondition, PutResource, Written};
use serde::{Deserialize, Serialize};

use crate::support::{HOST, Page, get, pages};

fn page(slug: &str, title: &str) -> Page {
    Page { slug: slug.to_owned(), title: title.to_owned() }
}

#[tokio::test]
async fn tags_and_rules_are_those_of_http() {
    let endpoint = pages();
    let engine = endpoint.clone().mount(HOST);
    let Ok(Written::Created(created)) = endpoint.put(page("a/ü", "one"), Precondition::if_none_match_any()).await
    else {
        panic!("is created")
    };
    let over_http = get(&engine, "/pages/a%2F%C3%BC").await;
    assert_eq!(over_http.field("etag"), Some(created.tag.to_string().as_str()));
    let stale = Precondition::if_match(put_core::EntityTag::of(b"x"));
    assert!(matches!(endpoint.put(page("a/ü", "two"), stale).await, Err(Error::PreconditionFailed(..))));
    let written = endpoint.put(page("a/ü", "two"), Precondition::if_match(created.tag)).await.unwrap();
    assert!(matches!(&written, Written::Replaced(stored) if stored.value.title == "two"));
    let unchanged = endpoint.put(page("a/ü", "two"), Precondition::none()).await.unwrap();
    assert!(matches!(unchanged, Written::Unchanged(_)));
    let read = endpoint.get(&"a/ü".to_owned()).await.unwrap().unwrap();
    assert_eq!(read, written.into_stored());
    endpoint.delete(&"a/ü".to_owned(), Precondition::if_match(read.tag)).await.unwrap();
    assert!(matches!(endpoint.delete(&"a/ü".to_owned(), Precondition::none()).await, Err(Error::Absent)));
    assert!(matches!(endpoint.get(&String::new()).await, Err(Error::Violations(_))), "no URI has this key");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/shelves/{shelf}/slots/{slot}")]
struct Slot {
    #[put(key)]
    #[expect(clippy::struct_field_names, reason = "the path has the same name")]
    slot: i64,
    #[put(key)]
    shelf: String,
    #[put(version)]
    version: u64,
    label: String,
}

fn slot(shelf: &str, slot: i64, label: &str) -> Slot {
    Slot { slot, shelf: shelf.to_owned(), version: 5, label: label.to_owned() }
}

#[tokio::test]
async fn lists_go_up_in_the_order_of_keys_page_by_page() {
    let slots = Slot::endpoint(MemoryStore::new());
    for (shelf, number) in [("b", 2), ("a", 10), ("a", 9), ("a", -1), ("b", 1)] {
        slots.put(slot(shelf, number, "x"), Precondition::none()).await.unwrap();
    }
    let keys = |page: &[put_core::Stored<Slot>]| -> Vec<(String, i64)> {
        page.iter().map(|stored| (stored.value.shelf.clone(), stored.value.slot)).collect()
    };
    let first = slots.list(None, 3).await.unwrap();
    assert_eq!(keys(&first), [("a".into(), -1), ("a".into(), 9), ("a".into(), 10)]);
    let rest = slots.list(keys(&first).last(), 9).await.unwrap();
    assert_eq!(keys(&rest), [("b".into(), 1), ("b".into(), 2)]);
}

#[tokio::test]
async fn a_version_is_set_by_the_server_and_only_grows() {
    let slots = Slot::endpoint(MemoryStore::new());
    let first = slots.put(slot("a", 1, "x"), Precondition::none()).await.unwrap().into_stored();
    assert!(first.value.version > 1_700_000_000_000_000_000, "nanoseconds since 1970");
    assert_eq!(first.tag.to_string(), format!("\"v{}\"", first.value.version));
    let same = slots.put(slot("a", 1, "x"), Precondition::if_match(first.tag.clone())).await.unwrap().into_stored();
    assert_eq!(same, first);
    let second = slots.put(slot("a", 1, "y"), Precondition::if_match(first.tag.clone())).await.unwrap().into_stored();
    assert!(second.value.version > first.value.version);
    slots.delete(&("a".to_owned(), 1), Precondition::none()).await.unwrap();
    let reborn = slots.put(slot("a", 1, "x"), Precondition::none()).await.unwrap().into_stored();
    assert!(reborn.value.version > second.value.version, "no tag is used again");
}
