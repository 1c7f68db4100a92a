//! What is never shown, and the functions that secrets go through before they are stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use put_conformance::store::block_on;
use put_core::store::Store;
use put_core::{Format, Precondition, PutResource};
use serde::{Deserialize, Serialize};

use super::classes::write_only;
use super::{ACCOUNT, PATH, SHOWN, Watched, account, accounts, refusal};
use crate::support::{Answer, Fixed, HOST, get, put, send};

#[tokio::test]
async fn a_secret_is_in_no_answer() {
    let (store, engine) = accounts().await;
    let wants = ("prefer", "return=representation");
    let dry = engine.dry_run().unwrap();
    let plain = r#"{"fullName":"Ada","homeTown":"London"}"#;
    let answers = [
        get(&engine, PATH).await,
        send(&engine, "GET", PATH, &[("if-match", "\"x\""), wants], b"").await,
        put(&engine, PATH, &[], plain).await,
        put(&engine, PATH, &[], &plain.replace("Ada", "Eve")).await,
        put(&engine, PATH, &[wants], ACCOUNT).await,
        put(&engine, PATH, &[("if-match", "\"x\""), wants], plain).await,
        put(&engine, PATH, &[("if-none-match", "*"), wants], ACCOUNT).await,
        put(&engine, PATH, &[("if-none-match", "*"), wants], r#"{"fullName":7}"#).await,
        put(dry, "/dry/things/1", &[], plain).await,
        put(dry, "/dry/things/1", &[], ACCOUNT).await,
        put(dry, "/dry/things/2", &[], ACCOUNT).await,
        put(dry, "/dry/things/1", &[("if-match", "\"x\""), wants], ACCOUNT).await,
        put(&engine, PATH, &[], &ACCOUNT.replace("GBP", "EUR")).await,
        put(&engine, PATH, &[], &ACCOUNT.replace("\"Ada\"", "7")).await,
        put(&engine, "/things/2", &[], ACCOUNT).await,
    ];
    let statuses: Vec<u16> = answers.iter().map(Answer::status).collect();
    assert_eq!(statuses, [200, 412, 200, 200, 200, 412, 412, 412, 200, 200, 200, 412, 409, 422, 201]);
    for (index, answer) in answers.iter().enumerate() {
        for text in ["hush", "hash", "passWord", "pwd", "secretKey", "pin"] {
            assert!(!answer.text().contains(text), "answer {index} tells {text}: {}", answer.text());
        }
    }
    let currents: Vec<_> = answers.iter().filter(|answer| answer.json().get("current").is_some()).collect();
    assert_eq!(currents.len(), 4, "who asks for it is shown what is there");
    let head = send(&engine, "HEAD", PATH, &[], b"").await;
    let length = get(&engine, PATH).await.text().len();
    assert_eq!(head.field("content-length"), Some(length.to_string().as_str()));
    assert_eq!(account(&store.inner).password, "hash of hush");
}

#[tokio::test]
async fn validators_come_with_an_answer_without_content_only_for_the_representation_itself() {
    let (_, engine) = accounts().await;
    let minimal = ("prefer", "return=minimal");
    let echoless = SHOWN.replace(r#","note":null"#, "");
    for (content, sends) in [(SHOWN, 422), (echoless.as_str(), 204), (ACCOUNT, 204)] {
        let answer = put(&engine, PATH, &[minimal], content).await;
        assert_eq!((answer.status(), answer.field("etag")), (sends, None), "{content}");
    }
    // Without a member that must not come back, what a GET gave may be sent.
    let store = Watched::new::<write_only::Thing>();
    let engine = store.endpoint::<write_only::Thing>().mount(HOST);
    put(&engine, PATH, &[], r#"{"member":"a"}"#).await;
    for (content, has_tag) in
        [(r#"{"id":1}"#, true), (r#"{ "id":1}"#, false), (r#"{"id":1,"member":"a"}"#, false), ("{}", false)]
    {
        let answer = put(&engine, PATH, &[minimal], content).await;
        assert_eq!((answer.status(), answer.field("etag").is_some()), (204, has_tag), "{content}");
    }
}

#[tokio::test]
async fn a_function_that_panics_is_an_incident_and_writes_nothing() {
    let (store, engine) = accounts().await;
    let kept = account(&store.inner);
    for path in [PATH, "/things/2"] {
        let answer = put(&engine, path, &[], &ACCOUNT.replace("\"hush\",\"m", "\"panic\",\"m")).await;
        assert_eq!(answer.status(), 500);
        assert!(answer.json()["instance"].as_str().unwrap().starts_with("urn:put:incident:"), "{}", answer.text());
        assert!(!answer.text().contains("bug"), "{}", answer.text());
    }
    assert_eq!(account(&store.inner), kept);
    assert_eq!(get(&engine, "/things/2").await.status(), 404);
    assert_eq!(put(&engine, PATH, &[], ACCOUNT).await.status(), 200, "it goes on");
}

static COUNTED: AtomicUsize = AtomicUsize::new(0);

fn counted(password: String) -> String {
    COUNTED.fetch_add(1, Ordering::SeqCst);
    password + " once"
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/things/{id}")]
struct Counted {
    #[put(key)]
    id: u64,
    #[put(write_only, store_with = counted)]
    password: String,
    #[put(write_only, absent = "keep")]
    pin: Option<u16>,
    #[serde(default)]
    text: String,
}

#[tokio::test]
async fn a_function_runs_once_for_each_content_however_often_the_write_is_made() {
    let store = Watched::new::<Counted>();
    let engine = store.endpoint::<Counted>().mount(HOST);
    for (content, runs) in [(r#"{"password":"a"}"#, 1), (r#"{"text":"x"}"#, 1), (r#"{"password":"b"}"#, 2)] {
        for pin in 1..5 {
            store.meddle(move |store| {
                let endpoint = Counted::endpoint(Arc::clone(store));
                let Some(stored) = block_on(endpoint.get(&1)).unwrap() else { return };
                block_on(endpoint.put(Counted { pin: Some(pin), ..stored.value }, Precondition::none())).unwrap();
            });
        }
        let answer = put(&engine, PATH, &[], content).await;
        assert!(answer.status() < 300, "{content}: {}", answer.text());
        assert_eq!(COUNTED.load(Ordering::SeqCst), runs, "{content}");
    }
    let kept = block_on(store.endpoint::<Counted>().get(&1)).unwrap().unwrap().value;
    assert_eq!((kept.password.as_str(), kept.pin), ("b once", Some(4)));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, garde::Validate, PutResource)]
#[put(path = "/things/{id}", garde)]
struct Ruled {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(length(min = 2))]
    #[serde(default)]
    text: String,
    #[garde(length(min = 4, max = 8))]
    #[put(write_only, store_with = |password: String| format!("the very long hash of {password}"))]
    password: String,
    #[garde(inner(length(max = 3)))]
    #[put(create_only, absent = "keep")]
    origin: Option<String>,
}

#[tokio::test]
async fn rules_are_asked_of_what_is_sent_and_never_of_what_became_of_it() {
    let store = Watched::new::<Ruled>();
    let engine = store.endpoint::<Ruled>().mount(HOST);
    for (content, expected) in [
        (r#"{"text":"ab","password":"abc"}"#, "422 #/password length"),
        (r#"{"text":"ab","password":"abcdefghi"}"#, "422 #/password length"),
        (r#"{"text":"a","password":"abc","origin":"long"}"#, "422 #/text length #/password length #/origin length"),
        (r#"{"text":"ab","password":"abcd","origin":"yes"}"#, "201"),
        // The hash is longer than a password may be.
        (r#"{"text":"cd"}"#, "200"),
        (r#"{"text":"c"}"#, "422 #/text length"),
        (r#"{"text":7}"#, "422 #/text type"),
        (r#"{"text":"c","txet":1}"#, "422 #/txet unknown_member #/text length"),
        (r#"{"text":"ef","password":"abc"}"#, "422 #/password length"),
        (r#"{"text":"ef","password":"efgh"}"#, "200"),
    ] {
        let answer = put(&engine, PATH, &[], content).await;
        assert_eq!(refusal(&answer), expected, "{content}: {}", answer.text());
    }
    let kept = block_on(store.endpoint::<Ruled>().get(&1)).unwrap().unwrap().value;
    assert_eq!((kept.text.as_str(), kept.password.as_str()), ("ef", "the very long hash of efgh"));
    // What is stored may be older than a rule about what stays.
    let old = Ruled { origin: Some("elsewhere".to_owned()), ..kept };
    let state = Format::of::<Ruled>().state(serde_json::to_vec(&old).unwrap().into(), None).unwrap();
    let engine = Ruled::endpoint(Arc::new(Fixed(state)) as Arc<dyn Store>).mount(HOST);
    assert_eq!(put(&engine, PATH, &[], r#"{"text":"gh"}"#).await.status(), 200);
}
