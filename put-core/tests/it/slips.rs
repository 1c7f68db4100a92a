//! Ways around the application's say, and ways in which it did harm, that were open once.
//!
//! One file, because each is short and belongs to no table.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "garde hands over a reference")]

use std::sync::Arc;
use std::time::Duration;

use put_conformance::store::block_on;
use put_core::rules::{Access, Action, Verdict};
use put_core::store::{Store, StoreFor as _};
use put_core::{Endpoint, Engine, Error, Format, MemoryStore, Pointer, Precondition, PutResource, Violation};
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::stock::{Sent, Stock, User, current, given, memory, of, over, seen, stock};
use crate::support::{Answer, Fixed, HOST, put};

const PATIENCE: Duration = Duration::from_secs(10);

fn no_name_is_a_secret(account: &Account, _: &()) -> garde::Result {
    if account.name == account.secret { Err(garde::Error::new("is the secret")) } else { Ok(()) }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource, garde::Validate)]
#[garde(custom(no_name_is_a_secret))]
#[put(path = "/stock/{id}", garde)]
struct Account {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(skip)]
    tenant: String,
    #[garde(skip)]
    name: String,
    #[put(write_only)]
    #[garde(length(max = 8))]
    secret: String,
}

fn accounts(store: &Arc<dyn Store>) -> Endpoint<Account, User> {
    Account::endpoint(Arc::clone(store))
        .caller::<User>()
        .dry_run("/stock/{id}/try")
        .state_scope(|caller, account| caller.is_some_and(|caller| caller.0 == account.tenant))
}

fn account(tenant: &str) -> Account {
    Account { id: 1, tenant: tenant.into(), name: "n".into(), secret: "s3cret".into() }
}

#[tokio::test]
async fn what_a_hidden_state_keeps_is_not_taken_over_into_a_proposal_of_a_stranger() {
    for name in ["x", "s3cret"] {
        let mut answers = Vec::new();
        for there in [true, false] {
            let store = MemoryStore::<Account>::new().into_store();
            if there {
                Account::endpoint(Arc::clone(&store)).put(account("b"), Precondition::none()).await.unwrap();
            }
            let engine = accounts(&store).mount(HOST);
            let content = format!(r#"{{"tenant":"a","name":"{name}"}}"#);
            let real = seen(&Sent::put(&[], content.clone()).to(&engine).await);
            let dry = Sent::put(&[], content).at("/stock/1/try").to(engine.dry_run().unwrap()).await;
            answers.push((real, seen(&dry)));
        }
        assert_eq!(answers[0], answers[1], "{name}");
    }
}

fn never(_: &str, _: &()) -> garde::Result {
    panic!("a rule for values")
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource, garde::Validate)]
#[put(path = "/notes/{id}", garde)]
struct Panicky {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(custom(never))]
    text: String,
}

fn is_an_incident(answer: &Answer) {
    assert_eq!(answer.status(), 500, "{}", answer.text());
    assert!(answer.json()["instance"].as_str().unwrap().starts_with("urn:put:incident:"));
}

#[tokio::test]
async fn a_value_rule_that_panics_is_a_500_with_an_id() {
    let engine = Panicky::endpoint(MemoryStore::new()).mount(HOST);
    is_an_incident(&put(&engine, "/notes/1", &[], r#"{"text":"a"}"#).await);
}

#[tokio::test]
async fn wording_that_panics_leaves_the_words_as_they_are() {
    let request = Sent::put(&[], r#"{"tenant":5}"#);
    let answer = request.to(&stock().wording(|_, _| panic!("no words")).mount(HOST)).await;
    assert_eq!(seen(&answer), seen(&request.to(&stock().mount(HOST)).await));
}

#[tokio::test]
async fn a_rule_that_asks_a_store_itself_does_not_wait_for_its_own_lock() {
    let store = memory();
    given(&store, of("a", 1)).await;
    let inside = Arc::clone(&store);
    let engine = over(Arc::clone(&store))
        .check(move |_, change| {
            let store = Arc::clone(&inside);
            let key = Format::of::<Stock>().key_of(br#"{"id":1}"#).unwrap();
            async move {
                let there = store.get(&key).await?.is_some();
                let refused = || Verdict::violation(Violation::new(Pointer::root(), "is not there"));
                let _ = change;
                Ok(if there { Verdict::permit() } else { refused() })
            }
        })
        .mount(HOST);
    several(engine, &store).await;
}

#[tokio::test]
async fn a_rule_that_blocks_on_its_endpoint_does_not_wait_for_its_own_lock() {
    let store = memory();
    given(&store, of("a", 1)).await;
    let inside = over(Arc::clone(&store));
    let engine = over(Arc::clone(&store))
        .check(move |_, _| {
            // Swallows what the call says.
            let there = block_on(inside.get(&1)).ok().flatten().is_some();
            async move {
                let refused = || Verdict::violation(Violation::new(Pointer::root(), "is not there"));
                Ok(if there { Verdict::permit() } else { refused() })
            }
        })
        .mount(HOST);
    several(engine, &store).await;
}

/// Several writes in a row are done, on a thread that may be lost.
async fn several(engine: Arc<Engine>, store: &Arc<dyn Store>) {
    let (done, ended) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let statuses = runtime.block_on(async {
            let mut statuses = Vec::new();
            for quantity in 2..6 {
                statuses.push(Sent::quantity(quantity).to(&engine).await.status());
            }
            statuses
        });
        drop(done.send(statuses));
    });
    let statuses = timeout(PATIENCE, ended).await.expect("it waits for itself").unwrap();
    assert_eq!(statuses, [200, 200, 200, 200]);
    assert_eq!(current(store).await.unwrap().value.quantity, 5);
}

#[tokio::test]
async fn who_may_not_read_does_not_learn_when_it_was_written() {
    let store = memory();
    let whole = serde_json::to_string(&of("a", 1)).unwrap();
    given(&store, of("a", 1)).await;
    let engine = over(Arc::clone(&store))
        .authorize(async |_, action, _| {
            Ok(if action == Action::Read { Access::forbidden("no") } else { Access::Granted })
        })
        .mount(HOST);
    let answer = Sent::put(&[], whole).to(&engine).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.field("last-modified"), None);
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, garde::Validate)]
struct Small(#[garde(range(max = 1))] u32);

#[derive(Clone, Debug, Serialize, Deserialize, PutResource, garde::Validate)]
#[put(path = "/sets/{id}", garde)]
struct Sets {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(dive)]
    numbers: std::collections::BTreeSet<Small>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource, garde::Validate)]
#[put(path = "/sets/{id}", garde)]
struct Maps {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(dive)]
    numbers: std::collections::BTreeMap<String, Small>,
}

#[tokio::test]
async fn where_a_large_content_breaks_a_rule_everywhere_not_every_place_is_looked_for() {
    let sets = Sets::endpoint(MemoryStore::new()).mount(HOST);
    let maps = Maps::endpoint(MemoryStore::new()).mount(HOST);
    for (count, told) in [(20, 20), (60_000, 64)] {
        let numbers: Vec<String> = (2..count + 2).rev().map(|number| number.to_string()).collect();
        let answer = put(&sets, "/sets/1", &[], &format!(r#"{{"numbers":[{}]}}"#, numbers.join(","))).await;
        assert_eq!((answer.status(), answer.errors().len()), (422, told), "a set of {count}");
        let members: Vec<String> = numbers.iter().map(|number| format!("\"{number}\":2")).collect();
        let answer = put(&maps, "/sets/1", &[], &format!(r#"{{"numbers":{{{}}}}}"#, members.join(","))).await;
        assert_eq!((answer.status(), answer.errors().len()), (422, told), "a map of {count}");
    }
}

fn unlisted(secrets: Vec<String>) -> Vec<String> {
    secrets.into_iter().map(|secret| format!("hash-of-{secret}")).collect()
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource, garde::Validate)]
#[put(path = "/safes/{id}", garde)]
struct Safe {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(inner(length(min = 2)))]
    texts: Vec<String>,
    #[put(write_only, store_with = unlisted)]
    #[garde(inner(length(max = 4)))]
    secrets: Vec<String>,
}

#[tokio::test]
async fn rules_that_are_broken_by_what_is_kept_do_not_hide_that_the_content_breaks_one() {
    let engine = Safe::endpoint(MemoryStore::new()).mount(HOST);
    let secrets = vec!["\"abcd\""; 5000].join(",");
    let content = format!(r#"{{"texts":["ab"],"secrets":[{secrets}]}}"#);
    assert_eq!(put(&engine, "/safes/1", &[], &content).await.status(), 201);
    assert_eq!(put(&engine, "/safes/1", &[], r#"{"texts":["bc"]}"#).await.status(), 200);
    let answer = put(&engine, "/safes/1", &[], r#"{"texts":["b"]}"#).await;
    assert_eq!(answer.status(), 422, "{}", answer.text());
    assert_eq!(answer.errors().len(), 1);
}

#[tokio::test]
async fn a_stored_secret_that_cannot_be_read_is_not_quoted_in_a_log() {
    let json = br#"{"id":1,"tenant":"a","name":"n","secret":271828}"#;
    let format = Format::of::<Account>();
    let said = format.canonical(json).unwrap_err().to_string();
    assert!(said.contains("secret") && !said.contains("271828"), "{said}");
    let state = format.state(json.as_slice().into(), None).unwrap();
    let store: Arc<dyn Store> = Arc::new(Fixed(state));
    let said = Account::endpoint(store).get(&1).await.unwrap_err().to_string();
    assert!(!said.contains("271828"), "{said}");
}

/// Four digits, as a client sends them.
#[derive(Clone, Debug, Serialize)]
struct Pin(String);

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() == 4 {
            Ok(Self(text))
        } else {
            Err(D::Error::invalid_value(Unexpected::Str(&text), &"four digits"))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "such a function is given the value")]
fn hashed(pin: Pin) -> Pin {
    Pin(format!("hash-of-{}", pin.0))
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/doors/{id}")]
struct Door {
    #[put(key)]
    id: u64,
    name: String,
    #[put(write_only, store_with = hashed)]
    pin: Pin,
}

#[tokio::test]
async fn a_kept_secret_that_its_type_does_not_read_is_not_quoted_to_a_client() {
    let engine = Door::endpoint(MemoryStore::new()).mount(HOST);
    assert_eq!(put(&engine, "/doors/1", &[], r#"{"name":"a","pin":"1234"}"#).await.status(), 201);
    for content in [r#"{"name":"b"}"#, r#"{"name":5}"#, r#"{"name":"b","more":1}"#] {
        let answer = put(&engine, "/doors/1", &[], content).await;
        assert!(!answer.text().contains("hash-of"), "{}", answer.text());
        assert_eq!(answer.status(), 500, "{}", answer.text());
    }
}

/// How a second factor is given.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Factor {
    Totp,
    Sms,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/logins/{id}")]
struct Login {
    #[put(key)]
    id: u64,
    #[put(write_only)]
    #[serde(alias = "pass")]
    password: String,
    #[put(write_only, absent = "keep")]
    pin: Option<u16>,
    #[put(write_only, absent = "keep")]
    factor: Option<Factor>,
    #[put(write_only, absent = "keep")]
    ratio: Option<f64>,
    #[put(write_only, absent = "keep")]
    parts: Option<Vec<u8>>,
}

/// A problem is kept by clients and proxies: what may be shown nowhere is not sent back in one either.
#[tokio::test]
async fn what_is_wrong_with_a_secret_is_told_without_the_secret() {
    let logins = Login::endpoint(MemoryStore::new()).mount(HOST);
    for (content, secret, detail) in [
        (r#"{"password":73712345}"#, "73712345", "expected a string"),
        (r#"{"pass":73712345}"#, "73712345", "expected a string"),
        (r#"{"password":"p","pin":"SECRET"}"#, "SECRET", "expected an integer from 0 to 65535"),
        (r#"{"password":"p","pin":987654}"#, "987654", "expected an integer from 0 to 65535"),
        (r#"{"password":"p","pin":1234.5}"#, "1234.5", "expected an integer from 0 to 65535"),
        (r#"{"password":"p","factor":"SECRET"}"#, "SECRET", "is not what is read here"),
        (r#"{"password":"p","ratio":12345678901234567890}"#, "1234567890", "cannot be kept exactly"),
        (r#"{"password":"p","parts":[1,777]}"#, "777", "expected an integer from 0 to 255"),
    ] {
        let answer = put(&logins, "/logins/7", &[], content).await;
        assert_eq!(answer.status(), 422, "{content}: {}", answer.text());
        assert!(!answer.text().contains(secret), "{content}: {}", answer.text());
        assert!(answer.text().contains(detail), "{content}: {}", answer.text());
    }
}

#[derive(Clone)]
struct Somebody;

/// What is given for no caller would be asked with nobody for ever, and might permit everything.
#[tokio::test]
async fn rules_that_are_given_before_the_caller_is_said_are_a_mistake_that_is_told() {
    let logins = Login::endpoint(MemoryStore::new()).check(async |_, _| Ok(Verdict::permit())).caller::<Somebody>();
    let typed = logins.on_behalf_of(Somebody).get(&7).await;
    assert!(matches!(typed, Err(Error::Rule(_))), "{:?}", typed.err());
    let logins = logins.mount(HOST);
    let answer = put(&logins, "/logins/7", &[], r#"{"password":"p"}"#).await;
    assert_eq!(answer.status(), 500, "{}", answer.text());
    assert!(answer.text().contains("`.caller::<..>()`"), "{}", answer.text());
}
