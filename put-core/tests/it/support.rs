//! A resource with every class of member, requests to it, and a store that has one state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use put_core::change::{Change, Decision};
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store};
use put_core::{Admission, Endpoint, Engine, Head, Host, MemoryStore, Precondition, PutResource, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

static CLOCK: AtomicU64 = AtomicU64::new(0);

/// A clock that moves at every look.
fn tick() -> u64 {
    CLOCK.fetch_add(1, Ordering::Relaxed)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/items/{id}")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    #[put(key)]
    pub(crate) id: u64,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) size: Size,
    pub(crate) note: Option<String>,
    pub(crate) place: Option<Place>,
    #[serde(default, alias = "labels")]
    pub(crate) tags: Vec<String>,
    pub(crate) ratio: Option<f64>,
    pub(crate) small_ratio: Option<f32>,
    pub(crate) count: Option<i64>,
    #[put(immutable)]
    pub(crate) owner: Option<String>,
    #[put(read_only, on_create = tick())]
    pub(crate) created_at: u64,
    #[put(read_only, on_replace = tick())]
    pub(crate) updated_at: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    #[default]
    Small,
    Large,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) city: String,
    pub(crate) zip: Option<String>,
    pub(crate) lines: Vec<u32>,
}

/// A resource without members of the server: what is sent in canonical form is stored as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{slug}")]
pub(crate) struct Page {
    #[put(key)]
    pub(crate) slug: String,
    pub(crate) title: String,
}

pub(crate) fn items() -> Endpoint<Item> {
    Item::endpoint(MemoryStore::new())
}

pub(crate) fn pages() -> Endpoint<Page> {
    Page::endpoint(MemoryStore::new())
}

pub(crate) const HOST: Host =
    Host::new(|task| drop(tokio::spawn(task))).with_sleep(|time| Box::pin(tokio::time::sleep(time)));

/// One request, and what came back.
pub(crate) struct Answer(pub(crate) Response);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let value = self.0.fields().iter().find(|(other, _)| other.name() == name);
        value.map(|(_, value)| std::str::from_utf8(value).unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.0.content()).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.content().to_vec()).unwrap()
    }

    /// Pointer and detail of every violation.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let json = self.json();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("{}", self.text()));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["detail"]))).collect()
    }
}

pub(crate) async fn send(
    engine: &Arc<Engine>,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    content: &[u8],
) -> Answer {
    let mut head = Head::new(method, path, engine.path());
    for (name, value) in fields {
        head.field(name, value.as_bytes());
    }
    let length = content.len().to_string();
    if content.is_empty() {
        head.without_content();
    } else {
        head.field("content-length", length.as_bytes());
    }
    match engine.admit(&head).await {
        Admission::Answer(response) => Answer(response),
        Admission::Content(admitted) => Answer(admitted.apply(content.to_vec().into()).await),
    }
}

pub(crate) async fn put(engine: &Arc<Engine>, path: &str, fields: &[(&str, &str)], content: &str) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend(fields);
    send(engine, "PUT", path, &all, content.as_bytes()).await
}

pub(crate) async fn get(engine: &Arc<Engine>, path: &str) -> Answer {
    send(engine, "GET", path, &[], b"").await
}

/// Holds one state, whatever key is asked for and however many of them, and writes nothing.
pub(crate) struct Fixed(pub(crate) State);

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

    fn list(&self, _: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        Reply::ready(Ok(vec![self.0.clone(); limit]))
    }
}
