//! What each class of member lets a client send, at creation and later, what is stored then, and what is shown.
//!
//! One file, because the first table is asked of every class, and the tests below it are its exceptions.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use put_conformance::store::block_on;
use put_core::change::{Change, Decision};
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreFor as _};
use put_core::{Endpoint, Engine, Error, Format, MemoryStore, Precondition, PutResource};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::support::{Answer, HOST, get, put, send};

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

/// All that is kept, as the application reads it.
async fn stored<R: PutResource + Serialize>(store: &Arc<Watched>) -> Value {
    let stored = store.endpoint::<R>().get_one().await;
    stored.map_or(Value::Null, |value| serde_json::to_value(value).unwrap())
}

/// The resource under the one key of these tests.
trait GetOne<R> {
    async fn get_one(&self) -> Option<R>;
}

impl<R: PutResource> GetOne<R> for Endpoint<R> {
    async fn get_one(&self) -> Option<R> {
        self.list(None, 2).await.unwrap().pop().map(|stored| stored.value)
    }
}

/// What one content comes to, in a line: what was done, the member as it is shown and as it is stored, and whether the
/// tag has moved; or the refusal.
async fn line<R: PutResource + Serialize>(
    store: &Arc<Watched>,
    engine: &Arc<Engine>,
    fields: &[(&str, &str)],
    content: &str,
) -> String {
    let before = get(engine, PATH).await;
    let (kept, modified) = (stored::<R>(store).await, before.field("last-modified").map(str::to_owned));
    let answer = put(engine, PATH, fields, content).await;
    if answer.status() >= 400 {
        assert_eq!(stored::<R>(store).await, kept, "a refusal writes nothing: {content}");
        return refusal(&answer);
    }
    let done = store.last.lock().unwrap().unwrap();
    let after = get(engine, PATH).await;
    assert_eq!(after.json(), answer.json(), "the answer is what a GET shows: {content}");
    assert_eq!(after.field("etag"), answer.field("etag"), "{content}");
    let shown = after.json().get("member").map_or_else(|| "hidden".to_owned(), Value::to_string);
    let kept = stored::<R>(store).await["member"].to_string();
    if done == "created" {
        assert_eq!(answer.status(), 201);
        return format!("created {shown} {kept}");
    }
    assert_eq!(answer.status(), 200);
    assert!(done == "replaced" || after.field("last-modified").map(str::to_owned) == modified, "{content}");
    let tag = if after.field("etag") == before.field("etag") { "same tag" } else { "other tag" };
    format!("{done} {shown} {kept} {tag}")
}

const PATH: &str = "/things/1";
const HERE: &[&str] = &[r#"{"member":"a"}"#, r#"{"member":"b"}"#, "{}", r#"{"member":null}"#];

/// Asks a class what becomes of a value, of none and of null: where nothing is, and where `"a"` is stored; then the same
/// with preconditions, as a dry run, and as a replay.
async fn table<R: PutResource + Serialize + DeserializeOwned>(class: &str, created: [&str; 3], replaced: [&str; 4]) {
    let absent =
        [HERE[0], HERE[2], HERE[3]].into_iter().zip(created).map(|(content, expected)| (content, expected, false));
    let present = HERE.iter().copied().zip(replaced).map(|(content, expected)| (content, expected, true));
    for (content, expected, is_there) in absent.chain(present) {
        let what = format!("{class}: {content} where {}", if is_there { "it is" } else { "nothing is" });
        let filled = |replay: bool| async move {
            let store = Watched::new::<R>();
            let mut endpoint = store.endpoint::<R>().dry_run("/dry/things/{id}");
            if replay {
                endpoint = endpoint.accept_replay();
            }
            if is_there {
                let state = serde_json::from_str(r#"{"id":1,"member":"a"}"#).unwrap();
                endpoint.put(state, Precondition::none()).await.unwrap();
            }
            (store, endpoint.mount(HOST))
        };
        let (store, engine) = filled(false).await;
        let tag = get(&engine, PATH).await.field("etag").map_or_else(|| "\"none\"".to_owned(), str::to_owned);
        let rehearsed = put_dry(&engine, content).await;
        assert_eq!(line::<R>(&store, &engine, &[], content).await, expected, "{what}");
        if expected.starts_with('4') {
            assert_eq!(refusal(&rehearsed), expected, "{what}, dry");
        } else {
            assert!(
                expected.starts_with(rehearsed.json()["outcome"].as_str().unwrap()),
                "{what}: {}",
                rehearsed.text()
            );
            assert!(!rehearsed.text().contains("\"member\"") || !expected.contains("hidden"), "{what}, dry");
        }
        // What is wrong with the content is told only where the precondition is true.
        for (name, value, expected) in [
            ("if-match", tag.as_str(), if is_there { expected } else { "412" }),
            ("if-match", "\"stale\"", "412"),
            ("if-none-match", "*", if is_there { "412" } else { expected }),
        ] {
            let (store, engine) = filled(false).await;
            assert_eq!(
                line::<R>(&store, &engine, &[(name, value)], content).await,
                expected,
                "{what}, {name}: {value}"
            );
        }
        // A replay is what finds everything as it wants it.
        let (store, engine) = filled(true).await;
        let expected = if expected.starts_with("unchanged") { expected } else { "412" };
        let told = line::<R>(&store, &engine, &[("if-match", "\"stale\"")], content).await;
        assert_eq!(told, expected, "{what}, as a replay");
    }
}

async fn put_dry(engine: &Arc<Engine>, content: &str) -> Answer {
    put(engine.dry_run().unwrap(), "/dry/things/1", &[], content).await
}

/// A resource with one member of a class.
macro_rules! class {
    ($module:ident: $type:ty $(, #[$attribute:meta])*) => {
        mod $module {
            use super::*;

            #[derive(Serialize, Deserialize, PutResource)]
            #[put(path = "/things/{id}")]
            pub(super) struct Thing {
                #[put(key)]
                id: u64,
                $(#[$attribute])*
                member: $type,
            }
        }
    };
}

class!(plain: String);
class!(optional: Option<String>);
class!(required: Option<String>, #[put(required)]);
class!(ignored: String, #[put(read_only, on_create = "a".to_owned())]);
class!(equal: String, #[put(read_only, echo = "require_equal", on_create = "a".to_owned())]);
class!(rejected: String, #[put(read_only, echo = "reject", on_create = "a".to_owned())]);
class!(immutable: String, #[put(immutable)]);
class!(immutable_optional: Option<String>, #[put(immutable)]);
class!(create_only: String, #[put(create_only)]);
class!(create_only_kept: Option<String>, #[put(create_only, absent = "keep")]);
class!(create_only_cleared: Option<String>, #[put(create_only, absent = "clear")]);
class!(write_only: String, #[put(write_only)]);
class!(write_only_kept: Option<String>, #[put(write_only, absent = "keep")]);
class!(write_only_kept_or_empty: String, #[put(write_only, absent = "keep")], #[serde(default)]);
class!(write_only_cleared: Option<String>, #[put(write_only, absent = "clear")]);

const MISSING: &str = "422 #/member required";
const NO_TEXT: &str = "422 #/member type";
const NEVER: &str = "409 #/member immutable";
const OTHER: &str = "409 #/member read_only";
const NOT_SENT: &str = "422 #/member read_only";

#[tokio::test]
async fn what_a_client_sets_is_what_it_sends() {
    let created = ["created \"a\" \"a\"", MISSING, NO_TEXT];
    let replaced = ["unchanged \"a\" \"a\" same tag", "replaced \"b\" \"b\" other tag", MISSING, NO_TEXT];
    table::<plain::Thing>("plain", created, replaced).await;
    let (nothing, cleared) = ("created null null", "replaced null null other tag");
    let created = ["created \"a\" \"a\"", nothing, nothing];
    table::<optional::Thing>("optional", created, [replaced[0], replaced[1], cleared, cleared]).await;
    let created = ["created \"a\" \"a\"", MISSING, nothing];
    table::<required::Thing>("required", created, [replaced[0], replaced[1], MISSING, cleared]).await;
}

#[tokio::test]
async fn what_only_the_server_sets_is_passed_over_compared_or_refused() {
    let (created, same) = ("created \"a\" \"a\"", "unchanged \"a\" \"a\" same tag");
    table::<ignored::Thing>("ignored", [created; 3], [same; 4]).await;
    table::<equal::Thing>("equal", [OTHER, created, NO_TEXT], [same, OTHER, same, NO_TEXT]).await;
    table::<rejected::Thing>("rejected", [NOT_SENT, created, NOT_SENT], [NOT_SENT, NOT_SENT, same, NOT_SENT]).await;
}

#[tokio::test]
async fn what_is_set_at_creation_stays() {
    let (created, same) = ("created \"a\" \"a\"", "unchanged \"a\" \"a\" same tag");
    table::<immutable::Thing>("immutable", [created, MISSING, NO_TEXT], [same, NEVER, MISSING, NO_TEXT]).await;
    table::<create_only::Thing>("create_only", [created, MISSING, NO_TEXT], [same, NEVER, same, NO_TEXT]).await;
    let nothing = "created null null";
    table::<immutable_optional::Thing>("optional", [created, nothing, nothing], [same, NEVER, NEVER, NEVER]).await;
    table::<create_only_kept::Thing>("kept", [created, nothing, nothing], [same, NEVER, same, NEVER]).await;
    table::<create_only_cleared::Thing>("cleared", [created, nothing, nothing], [same, NEVER, NEVER, NEVER]).await;
}

#[tokio::test]
async fn what_is_never_shown_is_kept_and_moves_no_tag() {
    let created = "created hidden \"a\"";
    let again = "replaced hidden \"a\" same tag";
    let other = "replaced hidden \"b\" same tag";
    let same = "unchanged hidden \"a\" same tag";
    table::<write_only::Thing>("write_only", [created, MISSING, NO_TEXT], [again, other, same, NO_TEXT]).await;
    let (nothing, cleared) = ("created hidden null", "replaced hidden null same tag");
    table::<write_only_kept::Thing>("kept", [created, nothing, nothing], [again, other, same, cleared]).await;
    let empty = "created hidden \"\"";
    table::<write_only_kept_or_empty::Thing>("empty", [created, empty, NO_TEXT], [again, other, same, NO_TEXT]).await;
    table::<write_only_cleared::Thing>("cleared", [created, nothing, nothing], [again, other, cleared, cleared]).await;
}

mod versions {
    use super::*;

    macro_rules! version {
        ($module:ident, $echo:literal) => {
            pub(super) mod $module {
                use super::*;

                #[derive(Serialize, Deserialize, PutResource)]
                #[put(path = "/things/{id}")]
                pub(crate) struct Thing {
                    #[put(key)]
                    id: u64,
                    text: String,
                    #[put(version, echo = $echo)]
                    #[serde(alias = "revision")]
                    version: u64,
                }
            }
        };
    }
    version!(ignored, "ignore");
    version!(equal, "require_equal");
    version!(rejected, "reject");
}

#[tokio::test]
async fn an_echo_of_the_version_is_like_any_other() {
    async fn asked<R: PutResource>(content: &dyn Fn(u64) -> Value) -> String {
        let engine = R::endpoint(MemoryStore::new()).mount(HOST);
        let created = put(&engine, PATH, &[], r#"{"text":"a"}"#).await;
        let version = created.json()["version"].as_u64().unwrap();
        let answer = put(&engine, PATH, &[], &content(version).to_string()).await;
        if answer.status() >= 400 {
            assert_eq!(get(&engine, PATH).await.json(), created.json());
            return refusal(&answer);
        }
        let (text, now) = (answer.json()["text"].to_string(), answer.json()["version"].as_u64().unwrap());
        format!("{text} {}", if now > version { "next" } else { "same" })
    }
    type Case<'c> = (&'c dyn Fn(u64) -> Value, [&'c str; 3]);
    let cases: &[Case<'_>] = &[
        (&|_| json!({"text": "b"}), ["\"b\" next"; 3]),
        (&|_| json!({"text": "a"}), ["\"a\" same"; 3]),
        (&|version| json!({"text": "b", "version": version}), ["\"b\" next", "\"b\" next", "422 #/version read_only"]),
        (&|version| json!({"text": "a", "version": version}), ["\"a\" same", "\"a\" same", "422 #/version read_only"]),
        (
            &|version| json!({"text": "a", "version": version - 1}),
            ["\"a\" same", "409 #/version read_only", "422 #/version read_only"],
        ),
        (
            &|version| json!({"text": "b", "version": version - 1}),
            ["\"b\" next", "409 #/version read_only", "422 #/version read_only"],
        ),
        (
            &|_| json!({"text": "b", "version": -1}),
            ["\"b\" next", "422 #/version out_of_range", "422 #/version read_only"],
        ),
        (&|_| json!({"text": "b", "version": "1"}), ["\"b\" next", "422 #/version type", "422 #/version read_only"]),
        // Under its other name, as the client spells it; a conflict names the member.
        (
            &|version| json!({"text": "b", "revision": version}),
            ["\"b\" next", "\"b\" next", "422 #/revision read_only"],
        ),
        (
            &|_| json!({"text": "b", "revision": 1}),
            ["\"b\" next", "409 #/version read_only", "422 #/revision read_only"],
        ),
        (&|_| json!({"text": "b", "revision": []}), ["\"b\" next", "422 #/revision type", "422 #/revision read_only"]),
        (
            &|version| json!({"text": "b", "version": version, "revision": version}),
            ["\"b\" next", "422 #/version duplicate_name", "422 #/revision read_only #/version read_only"],
        ),
    ];
    for (index, (content, expected)) in cases.iter().enumerate() {
        let told = [
            asked::<versions::ignored::Thing>(content).await,
            asked::<versions::equal::Thing>(content).await,
            asked::<versions::rejected::Thing>(content).await,
        ];
        // serde_json's map has its names sorted, so that `revision` comes before `version`.
        assert_eq!(told, *expected, "case {index}");
    }
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

/// Its own `Deserialize` has something against an echo.
#[derive(Serialize, PutResource)]
#[put(path = "/things/{id}")]
struct Superstitious {
    #[put(key)]
    id: u64,
    #[put(read_only, echo = "require_equal")]
    #[serde(default)]
    seen: u32,
}

impl<'de> Deserialize<'de> for Superstitious {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            id: u64,
            #[serde(default)]
            seen: u32,
        }
        let Raw { id, seen } = Raw::deserialize(deserializer)?;
        if seen == 13 { Err(serde::de::Error::custom("13 is never seen")) } else { Ok(Self { id, seen }) }
    }
}

#[tokio::test]
async fn an_echo_that_the_type_itself_refuses_is_the_mistake_of_the_client() {
    let engine = Superstitious::endpoint(MemoryStore::new()).mount(HOST);
    for (content, expected) in [("{}", "201"), (r#"{"seen":13}"#, "422 # invalid"), (r#"{"seen":12}"#, OTHER_SEEN)] {
        assert_eq!(refusal(&put(&engine, PATH, &[], content).await), expected, "{content}");
    }
}

const OTHER_SEEN: &str = "409 #/seen read_only";

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

/// Holds one state, and writes nothing.
struct Fixed(State);

impl Store for Fixed {
    fn get(&self, _: &Key) -> Reply<Option<State>> {
        Reply::ready(Ok(Some(self.0.clone())))
    }

    fn put(&self, _: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        let now = std::time::SystemTime::now();
        Reply::ready(change.decide(Some(&self.0), &precondition, now).map(|decision| match decision {
            Decision::Answer(outcome) => outcome,
            Decision::Create(state) => Outcome::Created(state),
            Decision::Replace(state) => Outcome::Replaced(state),
        }))
    }

    fn delete(&self, _: Key, _: Removal) -> Reply<Deletion> {
        Reply::ready(Ok(Deletion::Absent))
    }

    fn list(&self, _: Option<Key>, _: usize) -> Reply<Vec<State>> {
        Reply::ready(Ok(Vec::new()))
    }
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
