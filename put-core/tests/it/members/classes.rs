//! The table that every class is asked: what becomes of a value, of none and of null, where nothing is and where
//! something is. One file, because the classes are read side by side.

use std::sync::Arc;

use put_core::{Endpoint, Engine, Precondition, PutResource};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PATH, Watched, refusal};
use crate::support::{Answer, HOST, get, put};

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
        pub(super) mod $module {
            use super::*;

            #[derive(Serialize, Deserialize, PutResource)]
            #[put(path = "/things/{id}")]
            pub(crate) struct Thing {
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
