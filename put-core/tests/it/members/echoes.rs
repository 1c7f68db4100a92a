//! What comes back that only the server sets: an echo of the version, and one that the type itself refuses.

use put_core::{MemoryStore, PutResource};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::{PATH, refusal};
use crate::support::{HOST, get, put};

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
