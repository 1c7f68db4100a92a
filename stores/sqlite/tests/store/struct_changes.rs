//! A struct that has changed over an old file.
//!
//! One thing although it is long: one test for each promise of the chapter.

use put_core::{Precondition, PutResource};
use put_sqlite::{Database, OpenError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{commits, elsewhere, folder, open, port};

/// The struct as it was.
mod first {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/people/{id}")]
    pub(super) struct Person {
        #[put(key)]
        pub(super) id: u64,
        pub(super) full_name: String,
        pub(super) age: Option<u32>,
    }
}

/// An optional member more, and another order.
mod compatible {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/people/{id}")]
    pub(super) struct Person {
        pub(super) age: Option<u32>,
        #[put(key)]
        pub(super) id: u64,
        #[serde(alias = "full_name")]
        pub(super) name: String,
        pub(super) email: Option<String>,
    }
}

/// A required member more.
mod incompatible {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/people/{id}")]
    pub(super) struct Person {
        #[put(key)]
        pub(super) id: u64,
        pub(super) full_name: String,
        pub(super) age: Option<u32>,
        pub(super) email: String,
    }
}

/// The key is a text now.
mod rekeyed {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/people/{id}")]
    pub(super) struct Person {
        #[put(key)]
        pub(super) id: String,
        pub(super) full_name: String,
        pub(super) age: Option<u32>,
    }
}

/// A member less.
mod narrower {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/people/{id}")]
    pub(super) struct Person {
        #[put(key)]
        pub(super) id: u64,
        pub(super) full_name: String,
    }
}

async fn filled(folder: &tempfile::TempDir, count: u64) {
    let people = first::Person::endpoint(open(folder).store().unwrap());
    for id in 0..count {
        let person = first::Person { id, full_name: format!("Person {id}"), age: Some(30) };
        people.put(person, Precondition::none()).await.unwrap();
    }
}

fn rows(database: &Database) -> Vec<(Value, String, i64)> {
    let connection = elsewhere(database.path());
    let mut statement = connection.prepare("SELECT key, json, modified FROM person ORDER BY key").unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let key = match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => json!(number),
            text => json!(text.as_str()?),
        };
        Ok((key, row.get(1)?, row.get(2)?))
    };
    statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn documents_are_brought_into_the_new_form_in_one_transaction() {
    let folder = folder();
    filled(&folder, 600).await;
    let database = open(&folder);
    let (before, written) = (rows(&database), commits(database.path()));
    let people = compatible::Person::endpoint(database.store().unwrap());
    let after = rows(&database);
    assert_eq!(commits(database.path()), written + 1);
    assert_eq!(after.len(), 600);
    assert_eq!(after[7].1, r#"{"age":30,"id":7,"name":"Person 7","email":null}"#);
    assert!(after.iter().zip(&before).all(|(after, before)| after.0 == before.0 && after.2 >= before.2));
    let person = people.get(&599).await.unwrap().unwrap();
    assert_eq!(person.value.name, "Person 599");
    let same = people.put(person.value.clone(), Precondition::if_match(person.tag)).await.unwrap();
    assert!(matches!(same, put_core::Written::Unchanged(_)), "the stored form is the canonical one");

    drop((people, database));
    let database = open(&folder);
    let written = commits(database.path());
    database.store::<compatible::Person>().unwrap();
    assert_eq!((commits(database.path()), rows(&database)), (written, after), "the second time there is nothing to do");
}

#[tokio::test]
async fn documents_that_do_not_decode_are_listed_and_nothing_is_written() {
    let folder = folder();
    filled(&folder, 25).await;
    let database = open(&folder);
    let before = rows(&database);
    for _ in 0..2 {
        let error = database.store::<incompatible::Person>().unwrap_err();
        let OpenError::Undecodable { table, count, first } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), *count, first.len()), ("person", 25, 10));
        assert_eq!(first[3].0, "3");
        assert!(first[3].1.contains("email"), "{first:?}");
        assert!(error.to_string().contains("and 15 more") && error.to_string().contains(".migrate("), "{error}");
    }
    assert_eq!(rows(&database), before);
    let people = first::Person::endpoint(database.store().unwrap());
    assert_eq!(people.get(&3).await.unwrap().unwrap().value.full_name, "Person 3", "the old program still runs");
}

#[tokio::test]
async fn a_migration_mends_what_does_not_decode() {
    let folder = folder();
    filled(&folder, 300).await;
    let database = open(&folder);
    let mut called = 0;
    let store = database.store_options::<incompatible::Person>().migrate(|person| {
        called += 1;
        person.insert("email".into(), json!(format!("{}@example.org", person["id"])));
    });
    let people = incompatible::Person::endpoint(store.open().unwrap());
    assert_eq!(called, 300);
    assert_eq!(people.get(&299).await.unwrap().unwrap().value.email, "299@example.org");

    drop((people, database));
    let database = open(&folder);
    database.store_options::<incompatible::Person>().migrate(|_| panic!("there is nothing to mend")).open().unwrap();
}

#[tokio::test]
async fn a_migration_that_mends_only_some_changes_nothing() {
    let folder = folder();
    filled(&folder, 20).await;
    let database = open(&folder);
    let before = rows(&database);
    let store = database.store_options::<incompatible::Person>().migrate(|person| {
        if person["id"] != json!(13) {
            person.insert("email".into(), json!("somebody@example.org"));
        }
    });
    let error = store.open().unwrap_err();
    let OpenError::Undecodable { count: 1, first, .. } = &error else { panic!("{error:?}") };
    assert_eq!(first[0].0, "13");
    assert!(first[0].1.contains("after `migrate`"), "{error}");
    assert_eq!(rows(&database), before);

    let store = database.store_options::<incompatible::Person>().migrate(|person| {
        person.insert("email".into(), json!("somebody@example.org"));
        person.insert("id".into(), json!(1));
    });
    let error = store.open().unwrap_err();
    let OpenError::Undecodable { count: 19, first, .. } = &error else { panic!("{error:?}") };
    assert!(first[0].1.contains("now have the key 1"), "{error}");
    assert_eq!(rows(&database), before);
}

#[tokio::test]
async fn a_key_may_change_its_type_but_not_its_spelling() {
    let folder = folder();
    filled(&folder, 600).await;
    let database = open(&folder);
    assert!(matches!(database.store::<rekeyed::Person>(), Err(OpenError::Undecodable { count: 600, .. })));
    let store = database.store_options::<rekeyed::Person>().migrate(|person| {
        let id = person["id"].to_string();
        person.insert("id".into(), json!(id));
    });
    let people = rekeyed::Person::endpoint(store.open().unwrap());
    assert_eq!(people.get(&"10".into()).await.unwrap().unwrap().value.full_name, "Person 10");
    let listed = people.list(Some(&"10".into()), 2).await.unwrap();
    assert_eq!(listed.iter().map(|person| person.value.id.as_str()).collect::<Vec<_>>(), ["100", "101"]);
    assert_eq!(people.list(None, 1000).await.unwrap().len(), 600);
}

#[tokio::test]
async fn a_member_that_the_struct_has_no_more_is_not_dropped_silently() {
    let folder = folder();
    filled(&folder, 3).await;
    let database = open(&folder);
    let before = rows(&database);
    let error = database.store::<narrower::Person>().unwrap_err();
    let OpenError::Undecodable { count: 3, first, .. } = &error else { panic!("{error:?}") };
    assert!(first[0].1.contains("age"), "{error}");
    assert_eq!(rows(&database), before);
    let store = database.store_options::<narrower::Person>().migrate(|person| drop(person.remove("age")));
    let people = narrower::Person::endpoint(store.open().unwrap());
    assert_eq!(people.get(&2).await.unwrap().unwrap().value.full_name, "Person 2");
}

#[tokio::test]
async fn two_versions_of_a_struct_do_not_write_over_each_other() {
    let folder = folder();
    filled(&folder, 3).await;
    let (old, new) = (open(&folder), open(&folder));
    let before = port::<first::Person>(&old);
    let (key, change) = crate::support::change(first::Person { id: 1, full_name: "Old".into(), age: None }).await;
    before.put(key.clone(), change.clone(), Precondition::none()).await.unwrap();
    let people = compatible::Person::endpoint(new.store().unwrap());
    let error = before.put(key, change, Precondition::none()).await.unwrap_err();
    assert!(error.to_string().contains("another version"), "{error}");
    assert_eq!(people.get(&1).await.unwrap().unwrap().value.name, "Old");
    let person = compatible::Person { id: 1, name: "New".into(), age: None, email: None };
    people.put(person, Precondition::none()).await.unwrap();
    let claimed = new.store::<first::Person>().unwrap_err();
    assert!(matches!(claimed, OpenError::Claimed { .. }), "in one process only one version has the table: {claimed:?}");
}

#[tokio::test]
async fn a_struct_that_was_renamed_keeps_its_documents() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/people/{id}")]
    struct Human {
        #[put(key)]
        id: u64,
        full_name: String,
        age: Option<u32>,
    }
    let folder = folder();
    filled(&folder, 3).await;
    let database = open(&folder);
    let store = database.store::<Human>().unwrap();
    assert_eq!(store.table(), "person");
    assert_eq!(Human::endpoint(store).get(&2).await.unwrap().unwrap().value.full_name, "Person 2");
}

/// A struct whose nested part changes from one version of the program to the next.
mod nested {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Before {
        pub(super) city: String,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct After {
        pub(super) city: String,
        pub(super) country: String,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/places/{id}")]
    pub(super) struct Place<T> {
        #[put(key)]
        pub(super) id: u64,
        pub(super) at: T,
    }
}

#[tokio::test]
async fn a_revision_says_what_the_members_do_not_show() {
    use nested::{After, Before, Place};
    let folder = folder();
    let database = open(&folder);
    let places = Place::<Before>::endpoint(database.store().unwrap());
    let place = Place { id: 1, at: Before { city: "Ulm".into() } };
    places.put(place, Precondition::none()).await.unwrap();
    drop(places);
    database.close().unwrap();

    let database = open(&folder);
    let error = database.store_options::<Place<After>>().revision(1).open().unwrap_err();
    assert!(error.to_string().contains("#/at/country: is required"), "{error}");
    let mend = |place: &mut serde_json::Map<String, Value>| place["at"]["country"] = json!("DE");
    let places = database.store_options::<Place<After>>().revision(1).migrate(mend).open().unwrap();
    let found = Place::<After>::endpoint(places).get(&1).await.unwrap().unwrap();
    assert_eq!(found.value.at, After { city: "Ulm".into(), country: "DE".into() });
    database.close().unwrap();

    let database = open(&folder);
    database.store_options::<Place<After>>().revision(1).open().expect("nothing is left to do");
    database.close().unwrap();
}
