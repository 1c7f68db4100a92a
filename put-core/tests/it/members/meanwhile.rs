//! What others write before a put reaches the store: what stays is what is stored then.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use put_conformance::store::block_on;
use put_core::{Precondition, PutResource as _};

use super::{Account, PATH, Watched, account, accounts, change, refusal};
use crate::support::{HOST, get, put};

const RENAMED: &str = r#"{"fullName":"Countess","homeTown":"London"}"#;

#[tokio::test]
async fn a_member_that_stays_is_the_one_that_is_stored_when_the_write_happens() {
    let (store, engine) = accounts().await;
    store.meddle(|store| change(store, |account| "changed".clone_into(&mut account.password)));
    store.meddle(|store| change(store, |account| account.pin = Some("7".to_owned())));
    let tag = get(&engine, PATH).await.field("etag").unwrap().to_owned();
    let before = store.puts.load(Ordering::SeqCst);
    // The tag says nothing of a secret, so the condition is still true.
    let answer = put(&engine, PATH, &[("if-match", &tag)], RENAMED).await;
    assert_eq!((answer.status(), store.puts.load(Ordering::SeqCst) - before), (200, 3));
    let kept = account(&store.inner);
    assert_eq!((kept.full_name.as_str(), kept.password.as_str()), ("Countess", "changed"));
    assert_eq!(kept.pin.as_deref(), Some("7"));
}

#[tokio::test]
async fn what_is_created_meanwhile_keeps_what_the_client_leaves_out() {
    let store = Watched::new::<Account>();
    let engine = store.endpoint::<Account>().mount(HOST);
    store.meddle(|store| {
        let value: Account = serde_json::from_str(ACCOUNT_STATE).unwrap();
        block_on(Account::endpoint(Arc::clone(store)).put(value, Precondition::none())).unwrap();
    });
    // It would create, and what may be absent would be absent.
    let content = r#"{"fullName":"Eve","homeTown":"London","pwd":"mine","money":"GBP"}"#;
    let answer = put(&engine, PATH, &[], content).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let kept = account(&store.inner);
    assert_eq!((kept.full_name.as_str(), kept.password.as_str()), ("Eve", "hash of mine"));
    assert_eq!((kept.pin.as_deref(), kept.origin), (Some("1234"), Some(vec!["x".to_owned()])));
    assert_eq!(kept.secret_key.map(|key| key.text).as_deref(), Some("k"));
}

const ACCOUNT_STATE: &str = r#"{"id":1,"fullName":"Ada","homeTown":"London","passWord":"p","timesSeen":0,
    "currencyCode":"GBP","secretKey":{"text":"k"},"origin":["x"],"note":"n","pin":"1234"}"#;

#[tokio::test]
async fn what_is_removed_meanwhile_is_judged_as_a_creation() {
    for (fields, expected) in
        [(&[][..], "422 #/passWord required #/currencyCode required"), (&[("if-match", "*")][..], "412")]
    {
        let (store, engine) = accounts().await;
        store.meddle(|store| {
            let endpoint = Account::endpoint(Arc::clone(store));
            block_on(endpoint.delete(&1, Precondition::none())).unwrap();
        });
        assert_eq!(refusal(&put(&engine, PATH, fields, RENAMED).await), expected);
        assert_eq!(get(&engine, PATH).await.status(), 404);
    }
}

#[tokio::test]
async fn a_write_that_is_always_overtaken_comes_to_an_end() {
    let (store, engine) = accounts().await;
    for round in 0..100 {
        store.meddle(move |store| change(store, |account| account.password = format!("{round}")));
    }
    let before = store.puts.load(Ordering::SeqCst);
    let answer = put(&engine, PATH, &[], RENAMED).await;
    assert_eq!((answer.status(), answer.field("retry-after")), (503, Some("1")), "{}", answer.text());
    assert_eq!(store.puts.load(Ordering::SeqCst) - before, 16);
    assert_eq!(account(&store.inner).full_name, "Ada");
}
