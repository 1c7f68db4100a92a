//! Documents: keys, order, outcomes, dates.
//!
//! One thing although it is long: one test for each promise of the chapter.

use std::time::{Duration, SystemTime};

use put_core::store::{Deletion, Key, KeyPart, Outcome};
use put_core::{Condition, EntityTag, Error, Precondition, PutResource, Written};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::support::{User, change, commits, elsewhere, folder, key, open, port, user};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{slug}")]
struct Page {
    #[put(key)]
    slug: String,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/orgs/{org}/issues/{number}")]
struct Issue {
    #[put(key)]
    org: String,
    #[put(key)]
    number: i64,
    title: String,
}

#[tokio::test]
async fn a_resource_is_created_replaced_left_and_deleted() {
    let folder = folder();
    let database = open(&folder);
    let users = User::endpoint(database.store().unwrap());

    let before = SystemTime::now() - Duration::from_millis(1);
    let Written::Created(created) = users.put(user(1, "Ada"), Precondition::none()).await.unwrap() else {
        panic!("there was nothing")
    };
    assert!((before..=SystemTime::now()).contains(&created.modified.unwrap()));
    assert_eq!(
        users.get(&1).await.unwrap().unwrap(),
        created,
        "what was answered is what is stored, to the millisecond"
    );

    let same = users.put(user(1, "Ada"), Precondition::none()).await.unwrap();
    assert_eq!(same, Written::Unchanged(created.clone()));

    let if_match = Precondition::if_match(created.tag.clone());
    let Written::Replaced(replaced) = users.put(user(1, "Lovelace"), if_match.clone()).await.unwrap() else {
        panic!("it was there")
    };
    assert_ne!(replaced.tag, created.tag);
    let stale = users.put(user(1, "Byron"), if_match.clone()).await.unwrap_err();
    let Error::PreconditionFailed(Condition::IfMatch, Some(current)) = stale else { panic!("{stale}") };
    assert_eq!(current, replaced.tag);
    assert_eq!(users.get(&1).await.unwrap().unwrap(), replaced);

    assert!(matches!(users.delete(&1, if_match).await, Err(Error::PreconditionFailed(Condition::IfMatch, Some(_)))));
    users.delete(&1, Precondition::if_match(replaced.tag)).await.unwrap();
    assert!(users.get(&1).await.unwrap().is_none());
    assert!(matches!(users.delete(&1, Precondition::none()).await, Err(Error::Absent)));
    let absent = users.put(user(1, "Ada"), Precondition::if_match(created.tag.clone())).await.unwrap_err();
    assert!(matches!(absent, Error::PreconditionFailed(Condition::IfMatch, None)), "a tag never creates");
    let Written::Created(again) = users.put(user(1, "Ada"), Precondition::none()).await.unwrap() else {
        panic!("a deleted key is gone")
    };
    assert_eq!(again.tag, created.tag, "equal data, equal tag");
}

#[tokio::test]
async fn what_is_stored_is_there_after_the_database_is_opened_again() {
    let folder = folder();
    let stored = {
        let users = User::endpoint(open(&folder).store().unwrap());
        users.put(user(u64::MAX, "Größe\0\u{1f980}"), Precondition::none()).await.unwrap().into_stored()
    };
    let users = User::endpoint(open(&folder).store().unwrap());
    assert_eq!(users.get(&u64::MAX).await.unwrap(), Some(stored));
    assert!(users.get(&1).await.unwrap().is_none());
}

#[tokio::test]
async fn keys_of_texts_keep_every_character_and_their_order() {
    let keys = [
        "\u{1}",
        "\u{1}09223372036854775808",
        "\u{2}",
        " ",
        "%",
        "'",
        "'; DROP TABLE page; --",
        "...",
        "007",
        "10",
        "9",
        "A",
        "\\",
        "a",
        "a\0",
        "a\0b",
        "a\"b",
        "a/b",
        "ab",
        "b ",
        "ä",
        "\u{ffff}",
        "🦀",
        "🦀🦀",
    ];
    assert!(keys.is_sorted());
    let folder = folder();
    let database = open(&folder);
    let pages = Page::endpoint(database.store().unwrap());
    for slug in keys.iter().rev() {
        let page = Page { slug: (*slug).into(), text: format!("the page {slug:?}") };
        pages.put(page, Precondition::if_none_match_any()).await.unwrap();
    }
    for slug in keys {
        let found = pages.get(&slug.into()).await.unwrap().unwrap().value;
        assert_eq!(found, Page { slug: slug.into(), text: format!("the page {slug:?}") });
    }
    let listed = pages.list(None, usize::MAX).await.unwrap();
    assert_eq!(listed.iter().map(|page| page.value.slug.as_str()).collect::<Vec<_>>(), keys);
}

#[tokio::test]
async fn keys_of_numbers_are_listed_as_numbers() {
    let edge = u64::try_from(i64::MAX).unwrap();
    let ids = [0, 1, 2, 9, 10, 99, 100, edge - 1, edge, edge + 1, edge + 2, u64::MAX - 1, u64::MAX];
    let folder = folder();
    let database = open(&folder);
    let users = User::endpoint(database.store().unwrap());
    for id in ids.iter().rev() {
        users.put(user(*id, "somebody"), Precondition::none()).await.unwrap();
    }
    for (index, id) in ids.iter().enumerate() {
        assert_eq!(users.get(id).await.unwrap().unwrap().value.id, *id);
        for limit in [0, 1, 3, usize::MAX] {
            let listed = users.list(Some(id), limit).await.unwrap();
            let expected: Vec<_> = ids[index + 1..].iter().copied().take(limit).collect();
            assert_eq!(listed.iter().map(|user| user.value.id).collect::<Vec<_>>(), expected, "after {id}, {limit}");
        }
    }
    assert_eq!(users.list(Some(&5), 2).await.unwrap()[0].value.id, 9, "the key to start after need not exist");
}

#[tokio::test]
async fn a_key_of_several_parts_has_a_column_for_each() {
    let folder = folder();
    let database = open(&folder);
    let issues = Issue::endpoint(database.store().unwrap());
    let order = [("a", -5), ("a", 9), ("a", 10), ("a/1", 1), ("b", i64::MIN), ("b", i64::MAX)];
    for (org, number) in order.iter().rev() {
        let issue = Issue { org: (*org).into(), number: *number, title: format!("{org} {number}") };
        issues.put(issue, Precondition::if_none_match_any()).await.unwrap();
    }
    let listed = issues.list(None, 100).await.unwrap();
    assert_eq!(listed.iter().map(|issue| (issue.value.org.as_str(), issue.value.number)).collect::<Vec<_>>(), order);
    let after = issues.list(Some(&("a".into(), 9)), 2).await.unwrap();
    assert_eq!(after.iter().map(|issue| issue.value.title.as_str()).collect::<Vec<_>>(), ["a 10", "a/1 1"]);
    issues.delete(&("a".into(), 9), Precondition::none()).await.unwrap();
    assert!(issues.get(&("a".into(), 9)).await.unwrap().is_none());
    assert!(issues.get(&("a".into(), 10)).await.unwrap().is_some());
    let rows: i64 = elsewhere(database.path())
        .query_row("SELECT count(*) FROM issue WHERE key_1 = 'a' AND key_2 < 0", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "a person can read the table");
}

#[tokio::test]
async fn a_key_of_another_shape_is_an_error_and_never_an_absence() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let two = Key::from(vec![KeyPart::Integer(1), KeyPart::Integer(2)]);
    assert!(store.get(&two).await.is_err());
    assert!(store.list(Some(two.clone()), 1).await.is_err());
    assert!(store.delete(two.clone(), Precondition::none().into()).await.is_err());
    let (_, change) = change(user(1, "Ada")).await;
    let (wrong, right) =
        (store.put(two, change.clone(), Precondition::none()), store.put(key(1), change, Precondition::none()));
    assert!(wrong.await.is_err());
    assert!(matches!(right.await, Ok(Outcome::Created(_))));
}

#[tokio::test]
async fn a_row_that_another_program_broke_is_an_error_and_never_an_absence() {
    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/versioned/{id}")]
    struct Versioned {
        #[put(key)]
        id: u64,
        #[put(version)]
        version: u64,
    }
    let folder = folder();
    let database = open(&folder);
    let store = port::<Versioned>(&database);
    let (key, change) = change(Versioned { id: 1, version: 0 }).await;
    store.put(key.clone(), change.clone(), Precondition::none()).await.unwrap();
    elsewhere(database.path()).execute("UPDATE versioned SET json = 'rubbish'", []).unwrap();
    assert!(store.get(&key).await.is_err());
    assert!(store.list(None, 10).await.is_err());
    assert!(store.put(key.clone(), change, Precondition::none()).await.is_err());
    assert!(store.delete(key, Precondition::none().into()).await.is_err());
    let kept: String = json_of(&elsewhere(database.path()), "versioned");
    assert_eq!(kept, "rubbish", "nothing was written over it");
}

fn json_of(connection: &Connection, table: &str) -> String {
    connection.query_row(&format!("SELECT json FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let (key, change) = change(user(1, "Ada")).await;
    let Outcome::Created(created) = store.put(key.clone(), change.clone(), Precondition::none()).await.unwrap() else {
        panic!("there was nothing")
    };
    let before = commits(database.path());
    assert!(before > 0, "the count counts");
    let wrong = || Precondition::if_match(EntityTag::of(b"something else"));
    for _ in 0..20 {
        let same = store.put(key.clone(), change.clone(), Precondition::none());
        let refused = store.put(key.clone(), change.clone(), wrong());
        let kept = store.delete(key.clone(), wrong().into());
        let absent = store.delete(crate::support::key(99), Precondition::none().into());
        assert_eq!(same.await.unwrap(), Outcome::Unchanged(created.clone()));
        assert!(matches!(refused.await.unwrap(), Outcome::Failed(_)));
        assert!(matches!(kept.await.unwrap(), Deletion::Failed(_)));
        assert_eq!(absent.await.unwrap(), Deletion::Absent);
    }
    assert_eq!(commits(database.path()), before);
}

#[tokio::test]
async fn two_resources_live_in_one_file_beside_the_tables_of_others() {
    let folder = folder();
    let path = folder.path().join("app.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (42)").unwrap();
    let database = open(&folder);
    let (users, pages) = (User::endpoint(database.store().unwrap()), Page::endpoint(database.store().unwrap()));
    users.put(user(1, "Ada"), Precondition::none()).await.unwrap();
    let page = Page { slug: "1".into(), text: "one".into() };
    pages.put(page, Precondition::if_none_match_any()).await.unwrap();
    assert_eq!(users.list(None, 10).await.unwrap().len(), 1);
    assert_eq!(pages.list(None, 10).await.unwrap().len(), 1);
    let theirs: i64 = elsewhere(&path).query_row("SELECT a FROM theirs", [], |row| row.get(0)).unwrap();
    assert_eq!(theirs, 42);
}

#[tokio::test]
async fn a_read_that_starts_after_the_answer_sees_the_change() {
    let folder = folder();
    let database = open(&folder);
    let users = User::endpoint(database.store().unwrap());
    for round in 0..200 {
        let name = format!("round {round}");
        users.put(user(7, &name), Precondition::none()).await.unwrap();
        assert_eq!(users.get(&7).await.unwrap().unwrap().value.name, name);
        assert_eq!(users.list(None, 1).await.unwrap()[0].value.name, name);
    }
}
