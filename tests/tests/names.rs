//! The names of members are serde's. Each struct has a member that only the server sets: it gets its value under the name
//! that the derive found, and serde reads it under its own, so a resource is created only if the two agree.

use put_core::{MemoryStore, Precondition, PutResource};
use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($($name:ident: $rule:literal,)*) => {
        $(
            #[derive(Serialize, Deserialize, PutResource)]
            #[put(path = "/{id}")]
            #[serde(rename_all = $rule)]
            struct $name {
                #[put(key)]
                id: u64,
                #[put(read_only, on_create = 7)]
                made_by_server2: u64,
                #[put(read_only, on_create = 8)]
                r#in: u64,
                #[put(read_only, on_create = 9)]
                r#type: u64,
            }
        )*

        #[tokio::test]
        async fn every_rule_of_rename_all() {
            $({
                let value = $name { id: 1, made_by_server2: 0, r#in: 0, r#type: 0 };
                let json = serde_json::to_value(&value).expect("it is written");
                let stored = $name::endpoint(MemoryStore::new()).put(value, Precondition::none()).await;
                let stored = stored.unwrap_or_else(|error| panic!("{}: {error}: {json}", $rule)).into_stored().value;
                assert_eq!((stored.made_by_server2, stored.r#in, stored.r#type), (7, 8, 9), "{}", $rule);
            })*
        }
    };
}

rules! {
    Lower: "lowercase",
    Upper: "UPPERCASE",
    Pascal: "PascalCase",
    Camel: "camelCase",
    Snake: "snake_case",
    ScreamingSnake: "SCREAMING_SNAKE_CASE",
    Kebab: "kebab-case",
    ScreamingKebab: "SCREAMING-KEBAB-CASE",
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{id}")]
#[serde(rename_all = "camelCase")]
struct Renamed {
    #[put(key)]
    #[serde(rename = "the id")]
    id: u64,
    #[put(read_only, on_create = 7)]
    #[serde(rename(serialize = "one", deserialize = "one"), alias = "two")]
    made_at: u64,
}

#[tokio::test]
async fn a_name_of_a_field() {
    let value = Renamed { id: 1, made_at: 0 };
    assert_eq!(serde_json::to_value(&value).expect("it is written"), serde_json::json!({"the id": 1, "one": 0}));
    let stored = Renamed::endpoint(MemoryStore::new()).put(value, Precondition::none()).await.expect("it is created");
    assert_eq!(stored.into_stored().value.made_at, 7);
}
