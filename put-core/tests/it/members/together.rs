//! Every class in one resource: the names under which its members are found, the order in which all that is wrong is told,
//! and what a value is outside HTTP.

use put_core::{Error, Precondition};

use super::{ACCOUNT, Account, PATH, SHOWN, Sealed, account, accounts, refusal};
use crate::support::put;

#[tokio::test]
async fn names_and_nested_types_are_those_of_serde() {
    let (store, engine) = accounts().await;
    let kept = account(&store.inner);
    assert_eq!((kept.password.as_str(), kept.currency_code.as_str()), ("hash of hush", "GBP"));
    assert_eq!(kept.secret_key, Some(Sealed { text: "sealed hush".to_owned(), parts: vec![] }));
    for (content, status) in [
        // What stays is found under whichever name, and sent back in another form it is equal.
        (r#"{"fullName":"Ada","homeTown":"London"}"#, 200),
        (r#"{"fullName":"Ada","homeTown":"London","currencyCode":"G\u0042P","origin":[ "\u0078" ]}"#, 200),
        (r#"{"fullName":"Ada","homeTown":"London","money":"EUR"}"#, 409),
        (r#"{"fullName":"Ada","homeTown":"London","seen":0}"#, 200),
        (r#"{"fullName":"Ada","homeTown":"London","timesSeen":1}"#, 409),
    ] {
        let answer = put(&engine, PATH, &[], content).await;
        assert_eq!(answer.status(), status, "{content}: {}", answer.text());
        assert_eq!(account(&store.inner), kept, "{content}");
    }
    let sent = r#"{"fullName":"Ada","homeTown":"London","secretKey":{"parts":[1],"text":"t"},"passWord":"other"}"#;
    assert_eq!(put(&engine, PATH, &[], sent).await.text(), SHOWN);
    let kept = account(&store.inner);
    assert_eq!(kept.password, "hash of other");
    assert_eq!(kept.secret_key, Some(Sealed { text: "sealed t".to_owned(), parts: vec![1] }));
}

#[tokio::test]
async fn all_that_clashes_is_told_at_once_in_the_order_of_the_members() {
    let (store, engine) = accounts().await;
    let kept = account(&store.inner);
    let content = r#"{"fullName":"Ada","origin":null,"money":"EUR","seen":3,"homeTown":"Ulm","pwd":"new"}"#;
    let answer = put(&engine, PATH, &[], content).await;
    let expected = "409 #/homeTown immutable #/timesSeen read_only #/currencyCode immutable #/origin immutable";
    assert_eq!(refusal(&answer), expected);
    assert_eq!(account(&store.inner), kept);
    let answer = put(&engine, "/things/2", &[], &ACCOUNT.replace("{\"fullName", "{\"timesSeen\":0,\"fullName")).await;
    assert_eq!(refusal(&answer), "409 #/timesSeen read_only", "nothing is stored that it could be equal to");
}

#[tokio::test]
async fn violations_come_in_the_order_of_the_members_whatever_their_class() {
    let (_, engine) = accounts().await;
    for (path, content, expected) in [
        (
            "/things/2",
            r#"{"pin":7,"note":"x","seen":"often","fullName":7,"nmae":1,"secretKey":{"text":1}}"#,
            "422 #/fullName type #/passWord required #/seen type #/currencyCode required #/secretKey/text type \
             #/note read_only #/pin type #/nmae unknown_member",
        ),
        // What is kept is not missing.
        (PATH, r#"{"note":null,"fullName":7}"#, "422 #/fullName type #/note read_only"),
        (PATH, r#"{"fullName":"Ada","pwd":"a","passWord":"b"}"#, "422 #/passWord duplicate_name"),
        (PATH, r#"{"fullName":"Ada","seen":0,"timesSeen":0}"#, "422 #/timesSeen duplicate_name"),
        // Only the functions themselves have something against these.
        (PATH, r#"{"fullName":"Ada","pin":"12345","pwd":"ä"}"#, "422 #/pwd invalid #/pin invalid"),
        (
            PATH,
            r#"{"fullName":"Ada","pin":"12345","pwd":"ä","seen":-1}"#,
            "422 #/pwd invalid #/seen out_of_range #/pin invalid",
        ),
    ] {
        assert_eq!(refusal(&put(&engine, path, &[], content).await), expected, "{content}");
    }
    let answer = put(&engine, PATH, &[], r#"{"fullName":"Ada","pwd":"ä"}"#).await;
    assert_eq!(answer.errors(), [("#/pwd".to_owned(), "ä has other letters".to_owned())]);
}

#[tokio::test]
async fn outside_http_a_value_is_a_state() {
    let (store, _) = accounts().await;
    let endpoint = store.endpoint::<Account>();
    let mut value = account(&store.inner);
    endpoint.put(value.clone(), Precondition::none()).await.unwrap();
    assert_eq!(*store.last.lock().unwrap(), Some("unchanged"), "an equal state is no change");
    "plain".clone_into(&mut value.password);
    value.times_seen = 9;
    value.note = Some("x".to_owned());
    endpoint.put(value.clone(), Precondition::none()).await.unwrap();
    assert_eq!(*store.last.lock().unwrap(), Some("replaced"));
    let kept = account(&store.inner);
    assert_eq!(
        (kept.password.as_str(), kept.times_seen, kept.note),
        ("plain", 0, None),
        "kept as it is, without a hash"
    );
    "EUR".clone_into(&mut value.currency_code);
    let refused = endpoint.put(value, Precondition::none()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
}
