//! What each class of member lets a client send, at creation and later, what is stored then, and what is shown. Here are
//! the store that lets others go first and the resource that has every class at once; each room below has the tests of
//! one question.

mod classes;
mod echoes;
mod meanwhile;
mod secrets;
mod together;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use put_conformance::store::block_on;
use put_core::change::Change;
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreFor as _};
use put_core::{Endpoint, Engine, MemoryStore, Precondition, PutResource};
use serde::{Deserialize, Serialize};

use crate::support::{Answer, HOST, put};

const PATH: &str = "/things/1";

/// What somebody else does just before a put reaches the store.
type Meddling = Box<dyn FnOnce(&Arc<dyn Store>) + Send>;

/// The store in memory, which remembers what became of the last put, and lets others go first.
struct Watched {
    inner: Arc<dyn Store>,
    last: Mutex<Option<&'static str>>,
    puts: AtomicUsize,
    meddlers: Mutex<VecDeque<Meddling>>,
}

impl Watched {
    fn new<R: PutResource>() -> Arc<Self> {
        let inner = MemoryStore::<R>::new().into_store();
        Arc::new(Self { inner, last: Mutex::default(), puts: AtomicUsize::new(0), meddlers: Mutex::default() })
    }

    fn meddle(&self, meddling: impl FnOnce(&Arc<dyn Store>) + Send + 'static) {
        self.meddlers.lock().unwrap().push_back(Box::new(meddling));
    }

    fn endpoint<R: PutResource>(self: &Arc<Self>) -> Endpoint<R> {
        R::endpoint(Arc::clone(self) as Arc<dyn Store>)
    }
}

impl Store for Watched {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        self.inner.get(key)
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        self.puts.fetch_add(1, Ordering::SeqCst);
        let meddling = self.meddlers.lock().unwrap().pop_front();
        if let Some(meddling) = meddling {
            meddling(&self.inner);
        }
        let outcome = block_on(self.inner.put(key, change, precondition));
        *self.last.lock().unwrap() = outcome.as_ref().ok().map(|outcome| match outcome {
            Outcome::Created(_) => "created",
            Outcome::Replaced(_) => "replaced",
            Outcome::Unchanged(_) => "unchanged",
            _ => "refused",
        });
        Reply::ready(outcome)
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.inner.delete(key, removal)
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        self.inner.list(after, limit)
    }
}

/// Status and codes of a refusal.
fn refusal(answer: &Answer) -> String {
    let json = answer.json();
    let codes = json["errors"].as_array().into_iter().flatten().map(|error| {
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        format!(" {} {}", text("pointer"), text("code"))
    });
    format!("{}{}", answer.status(), codes.collect::<String>())
}

#[expect(clippy::needless_pass_by_value, reason = "such a function is given the value")]
fn hashed(password: String) -> Result<String, String> {
    assert!(password != "panic", "a bug of the application");
    if password.is_ascii() { Ok(format!("hash of {password}")) } else { Err(format!("{password} has other letters")) }
}

fn sealed(key: Sealed) -> Sealed {
    Sealed { text: format!("sealed {}", key.text), parts: key.parts }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sealed {
    text: String,
    #[serde(default)]
    parts: Vec<u8>,
}

/// Every class at once, under names of serde's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/things/{id}")]
#[serde(rename_all = "camelCase")]
struct Account {
    #[put(key)]
    id: u64,
    full_name: String,
    #[put(immutable)]
    #[serde(default)]
    home_town: String,
    #[put(write_only, store_with = hashed)]
    #[serde(rename = "passWord", alias = "pwd")]
    password: String,
    #[put(read_only, echo = "require_equal")]
    #[serde(default, alias = "seen")]
    times_seen: u32,
    #[put(create_only)]
    #[serde(alias = "money")]
    currency_code: String,
    #[put(write_only, absent = "keep", store_with = sealed)]
    secret_key: Option<Sealed>,
    #[put(create_only, absent = "keep")]
    origin: Option<Vec<String>>,
    #[put(read_only, echo = "reject")]
    note: Option<String>,
    #[put(write_only, absent = "keep", store_with = |pin: String| if pin.len() < 5 { Ok(pin) } else { Err("is too long") })]
    pin: Option<String>,
}

const ACCOUNT: &str =
    r#"{"fullName":"Ada","homeTown":"London","pwd":"hush","money":"GBP","secretKey":{"text":"hush"},"origin":["x"]}"#;
const SHOWN: &str =
    r#"{"id":1,"fullName":"Ada","homeTown":"London","timesSeen":0,"currencyCode":"GBP","origin":["x"],"note":null}"#;

async fn accounts() -> (Arc<Watched>, Arc<Engine>) {
    let store = Watched::new::<Account>();
    let engine = store.endpoint::<Account>().dry_run("/dry/things/{id}").mount(HOST);
    let created = put(&engine, PATH, &[], ACCOUNT).await;
    assert_eq!((created.status(), created.text().as_str()), (201, SHOWN));
    (store, engine)
}

fn account(store: &Arc<dyn Store>) -> Account {
    let endpoint = Account::endpoint(Arc::clone(store));
    block_on(endpoint.get(&1)).unwrap().unwrap().value
}

fn change(store: &Arc<dyn Store>, change: impl FnOnce(&mut Account)) {
    let mut value = account(store);
    change(&mut value);
    block_on(Account::endpoint(Arc::clone(store)).put(value, Precondition::none())).unwrap();
}
