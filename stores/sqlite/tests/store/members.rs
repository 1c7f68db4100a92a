//! Members that no representation shows, and those that stay when a client leaves them out, in a file.

use put_core::store::{Outcome, State, Store};
use put_core::{Format, Precondition, PutResource};
use put_sqlite::Database;
use serde::{Deserialize, Serialize};

use crate::support::{Blocked, User, elsewhere, folder, key, open, port};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/logins/{id}")]
struct Login {
    #[put(key)]
    id: u64,
    name: String,
    #[put(write_only, store_with = |password: String| format!("hash of {password}"))]
    password: String,
    #[put(create_only, absent = "keep")]
    origin: Option<String>,
}

const DOCUMENT: &str = r#"{"id":7,"name":"Ada","password":"hash of hush","origin":"x"}"#;

fn documents(database: &Database) -> Vec<String> {
    let connection = elsewhere(database.path());
    let mut statement = connection.prepare("SELECT json FROM login ORDER BY key").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// What becomes of this content, made into a change over that state.
async fn put(database: &Database, content: &str, seen: Option<&State>) -> Outcome {
    begin(&*port::<Login>(database), content, seen).await.unwrap()
}

fn begin(store: &dyn Store, content: &str, seen: Option<&State>) -> put_core::store::Reply<Outcome> {
    let endpoint = Login::endpoint(put_core::MemoryStore::new());
    let (key, change) = endpoint.change_over(content.as_bytes(), &7, seen).unwrap();
    store.put(key, change, Precondition::none())
}

/// The login as it is created.
async fn created(database: &Database) -> State {
    match put(database, r#"{"name":"Ada","password":"hush","origin":"x"}"#, None).await {
        Outcome::Created(state) => state,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_document_is_all_of_the_state_and_what_is_shown_is_not() {
    let folder = folder();
    let database = open(&folder);
    let state = created(&database).await;
    assert_eq!(documents(&database), [DOCUMENT]);
    assert_eq!(state.representation(), r#"{"id":7,"name":"Ada","origin":"x"}"#);
    let store = port::<Login>(&database);
    assert_eq!(store.get(&key(7)).await.unwrap(), Some(state.clone()));
    assert_eq!(store.list(None, 9).await.unwrap(), [state]);
}

#[tokio::test]
async fn what_a_client_leaves_out_is_there_after_the_database_was_opened_again() {
    let folder = folder();
    let first = open(&folder);
    let state = created(&first).await;
    first.close().unwrap();
    let database = open(&folder);
    let seen = port::<Login>(&database).get(&key(7)).await.unwrap();
    assert_eq!(seen.as_ref(), Some(&state), "tag and date as well");
    assert!(matches!(put(&database, r#"{"name":"Ada"}"#, Some(&state)).await, Outcome::Unchanged(_)));
    assert!(matches!(put(&database, r#"{"name":"Eve"}"#, Some(&state)).await, Outcome::Replaced(_)));
    assert_eq!(documents(&database), [DOCUMENT.replace("Ada", "Eve")]);
    let same = r#"{"name":"Eve","password":"hush"}"#;
    assert!(
        matches!(put(&database, same, Some(&state)).await, Outcome::Replaced(_)),
        "it is written whatever is stored"
    );
}

#[tokio::test]
async fn of_changes_that_share_a_transaction_one_with_a_password_is_not_undone_by_the_next() {
    let folder = folder();
    let database = open(&folder);
    let first = created(&database).await;
    let (users, logins) = (port::<User>(&database), port::<Login>(&database));
    let (blocked, waits) = Blocked::new(database.path(), &*users).await;
    let with = begin(&*logins, r#"{"name":"Ada","password":"new"}"#, Some(&first));
    let without = begin(&*logins, r#"{"name":"Eve"}"#, Some(&first));
    blocked.release();
    waits.await.unwrap();
    let Outcome::Replaced(state) = with.await.unwrap() else { panic!("it has all that it needs") };
    let outcome = without.await.unwrap();
    assert_eq!(outcome, Outcome::Overtaken(Some(Box::new(state.clone()))));
    assert_eq!(documents(&database), [DOCUMENT.replace("hush", "new")]);
    assert!(matches!(put(&database, r#"{"name":"Eve"}"#, Some(&state)).await, Outcome::Replaced(_)));
    assert_eq!(documents(&database), [DOCUMENT.replace("hush", "new").replace("Ada", "Eve")]);
}

/// The struct as it becomes.
mod later {
    use super::*;

    /// A member more, in another order, and what was set at creation is the client's.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/logins/{id}")]
    pub(super) struct Login {
        #[put(key)]
        pub(super) id: u64,
        #[put(write_only)]
        pub(super) password: String,
        #[put(write_only, absent = "keep")]
        pub(super) pin: Option<u16>,
        pub(super) name: String,
        pub(super) origin: Option<String>,
    }

    pub(super) mod open {
        use super::*;

        /// Nothing is secret any more.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
        #[put(path = "/logins/{id}")]
        pub(crate) struct Login {
            #[put(key)]
            id: u64,
            name: String,
            password: String,
            #[put(create_only, absent = "keep")]
            origin: Option<String>,
        }
    }
}

#[tokio::test]
async fn a_struct_that_changes_keeps_the_secrets_of_its_documents() {
    let folder = folder();
    let database = open(&folder);
    created(&database).await;
    database.close().unwrap();
    let database = open(&folder);
    let logins = later::Login::endpoint(database.store().unwrap());
    let kept = logins.get(&7).await.unwrap().unwrap();
    assert_eq!((kept.value.password.as_str(), kept.value.pin), ("hash of hush", None));
    let document = r#"{"id":7,"password":"hash of hush","pin":null,"name":"Ada","origin":"x"}"#;
    assert_eq!(documents(&database), [document]);
}

#[tokio::test]
async fn a_member_that_becomes_secret_or_ceases_to_be_moves_the_fingerprint_and_loses_nothing() {
    assert_ne!(Format::of::<Login>().fingerprint(), Format::of::<later::open::Login>().fingerprint());
    let folder = folder();
    let database = open(&folder);
    let secret = created(&database).await;
    database.close().unwrap();
    let database = open(&folder);
    let shown = port::<later::open::Login>(&database).get(&key(7)).await.unwrap().unwrap();
    assert_eq!((shown.json(), shown.representation()), (secret.json(), secret.json()));
    assert_ne!(shown.tag(), secret.tag(), "another representation has another tag");
    database.close().unwrap();
    let database = open(&folder);
    let again = port::<Login>(&database).get(&key(7)).await.unwrap().unwrap();
    assert_eq!((again.tag(), again.representation()), (secret.tag(), secret.representation()));
    assert_eq!(documents(&database), [DOCUMENT]);
}
