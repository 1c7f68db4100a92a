//! Every row of the problem table, brought about by a request: its type, its title, its status, and nothing that a client
//! should not see.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use put_core::change::Change;
use put_core::problem::Kind;
use put_core::rules::Access;
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError};
use put_core::{
    Admission, Endpoint, Head, Host, MemoryStore, NotRead, Precondition, PutResource, Response, ResponseField,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/notes/{id}")]
struct Note {
    #[put(key)]
    id: u64,
    #[put(immutable)]
    owner: String,
    text: String,
}

/// What a test sends: method, path, field lines, content.
struct Sent<'a>(&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

const JSON: (&str, &str) = ("content-type", "application/json");
const GOOD: &str = r#"{"owner":"ada","text":"hi"}"#;
const SECRET: &str = "the disk at rack 7 is on fire";

async fn answer(endpoint: Endpoint<Note>, sent: Sent<'_>, not_read: Option<NotRead>) -> Response {
    let Sent(method, path, fields, content) = sent;
    let engine = endpoint.mount(Host::new(|task| drop(tokio::spawn(task))));
    let mut head = Head::new(method, path, engine.path());
    for (name, value) in fields {
        head.field(name, value.as_bytes());
    }
    match engine.admit(&head).await {
        Admission::Answer(answer) => answer,
        Admission::Content(admitted) => match not_read {
            Some(reason) => admitted.refuse(reason).await,
            None => admitted.apply(content.as_bytes().to_vec().into()).await,
        },
    }
}

/// A store with one note in it.
async fn notes() -> Endpoint<Note> {
    let notes = Note::endpoint(MemoryStore::new());
    let note = Note { id: 1, owner: "ada".to_owned(), text: "old".to_owned() };
    notes.put(note, Precondition::none()).await.expect("it is created");
    notes
}

/// A store that cannot do anything.
struct Broken {
    retry_after: Option<Duration>,
}

impl Broken {
    fn error<T: Send + 'static>(&self) -> Reply<T> {
        Reply::ready(Err(match self.retry_after {
            Some(wait) => StoreError::busy(wait, SECRET),
            None => StoreError::failed(SECRET),
        }))
    }
}

impl Store for Broken {
    fn get(&self, _: &Key) -> Reply<Option<State>> {
        self.error()
    }

    fn put(&self, _: Key, _: Change, _: Precondition) -> Reply<Outcome> {
        self.error()
    }

    fn delete(&self, _: Key, _: Removal) -> Reply<Deletion> {
        self.error()
    }

    fn list(&self, _: Option<Key>, _: usize) -> Reply<Vec<State>> {
        self.error()
    }
}

fn broken(retry_after: Option<Duration>) -> Endpoint<Note> {
    let store: Arc<dyn Store> = Arc::new(Broken { retry_after });
    Note::endpoint(store)
}

/// A request that brings the problem about, against an endpoint where it can.
async fn provoked(kind: Kind) -> Response {
    let put = |fields: &'static [(&'static str, &'static str)], content| Sent("PUT", "/notes/1", fields, content);
    let sent = match kind {
        Kind::NotFound => Sent("GET", "/notes/2", &[], ""),
        Kind::MethodNotAllowed => Sent("POST", "/notes/1", &[JSON], GOOD),
        Kind::MethodUnknown => Sent("BREW", "/notes/1", &[], ""),
        Kind::NotAcceptable => Sent("GET", "/notes/1", &[("accept", "text/html")], ""),
        Kind::MalformedField => put(&[JSON, ("if-match", "v1")], GOOD),
        Kind::FieldTooLarge => {
            let many = "\"tag\",".repeat(65);
            return answer(notes().await, Sent("PUT", "/notes/1", &[JSON, ("if-match", &many)], GOOD), None).await;
        }
        Kind::PartialPut => put(&[JSON, ("content-range", "bytes 0-1/2")], GOOD),
        Kind::ExpectationFailed => put(&[JSON, ("expect", "tea")], GOOD),
        Kind::UnsupportedMediaType => put(&[("content-type", "text/plain")], GOOD),
        Kind::UnsupportedCoding => put(&[JSON, ("content-encoding", "gzip")], GOOD),
        Kind::ContentTooLarge => put(&[JSON, ("content-length", "2147483648")], ""),
        Kind::ContentMissing => put(&[JSON, ("content-length", "0")], ""),
        Kind::ContentTruncated => return answer(notes().await, put(&[JSON], ""), Some(NotRead::Truncated)).await,
        Kind::PreconditionRequired => {
            return answer(notes().await.require_precondition(), put(&[JSON], GOOD), None).await;
        }
        Kind::PreconditionFailed => put(&[JSON, ("if-match", "\"other\"")], GOOD),
        Kind::DigestInvalid => put(&[JSON, ("content-digest", "sha-256=abc")], GOOD),
        Kind::DigestMismatch => {
            put(&[JSON, ("content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")], GOOD)
        }
        Kind::MalformedJson => put(&[JSON], r#"{"owner":"ada","text":"#),
        Kind::Validation => put(&[JSON], r#"{"owner":7,"txet":"hi"}"#),
        Kind::Conflict => put(&[JSON], r#"{"owner":"eve","text":"hi"}"#),
        Kind::Unauthenticated | Kind::Forbidden => {
            let access = if kind == Kind::Forbidden {
                Access::forbidden("an auditor only reads")
            } else {
                Access::unauthenticated("Bearer realm=\"notes\"")
            };
            let notes = notes().await.authorize(move |_, _, _| ready(Ok(access.clone())));
            return answer(notes, put(&[JSON], GOOD), None).await;
        }
        Kind::Internal => return answer(broken(None), put(&[JSON], GOOD), None).await,
        Kind::Unavailable => return answer(broken(Some(Duration::from_secs(3))), put(&[JSON], GOOD), None).await,
    };
    answer(notes().await, sent, None).await
}

/// The types as a client compares them.
fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::NotAcceptable => "/problems/not-acceptable",
        Kind::MalformedField => "/problems/malformed-header",
        Kind::PartialPut => "/problems/partial-put",
        Kind::UnsupportedMediaType => "/problems/unsupported-media-type",
        Kind::UnsupportedCoding => "/problems/unsupported-coding",
        Kind::ContentMissing => "/problems/content-missing",
        Kind::ContentTruncated => "/problems/content-truncated",
        Kind::PreconditionRequired => "/problems/precondition-required",
        Kind::PreconditionFailed => "/problems/precondition-failed",
        Kind::DigestInvalid => "https://iana.org/assignments/http-problem-types#digest-invalid-values",
        Kind::DigestMismatch => "https://iana.org/assignments/http-problem-types#digest-mismatched-values",
        Kind::MalformedJson => "/problems/malformed-json",
        Kind::Validation => "/problems/validation",
        Kind::Conflict => "/problems/conflict",
        _ => "about:blank",
    }
}

#[tokio::test]
async fn every_row_is_brought_about_by_a_request() {
    for kind in Kind::ALL.iter().copied() {
        let response = provoked(kind).await;
        let content: Value =
            serde_json::from_slice(response.content()).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        let told = (response.status(), content["type"].as_str(), content["title"].as_str());
        assert_eq!(told, (kind.status(), Some(type_of(kind)), Some(kind.title())), "{kind:?}");
        assert_eq!(content["status"], kind.status().as_u16(), "{kind:?}: the content says what the status line says");
        assert!(content["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{kind:?}: {content}");
        let media_type = response.fields().iter().find(|(field, _)| *field == ResponseField::ContentType);
        assert!(media_type.is_some_and(|(_, value)| value == "application/problem+json"), "{kind:?}");
    }
}

#[tokio::test]
async fn what_a_client_needs_to_mend_it_stands_beside() {
    for (kind, name, value) in [
        (Kind::NotAcceptable, "available", r#"["application/json"]"#),
        (Kind::MalformedField, "header", r#""if-match""#),
        (Kind::PartialPut, "header", r#""Content-Range""#),
        (Kind::UnsupportedMediaType, "supported", r#"["application/json"]"#),
        (Kind::UnsupportedCoding, "supported", r#"["identity"]"#),
        (Kind::ContentTooLarge, "limit", "1048576"),
        (Kind::PreconditionRequired, "accepted_conditions", r#"["If-Match","If-None-Match: *"]"#),
        (Kind::PreconditionFailed, "condition", r#""If-Match""#),
        (Kind::PreconditionFailed, "reason", r#""changed""#),
        (Kind::MalformedJson, "position", "22"),
    ] {
        let response = provoked(kind).await;
        let content: Value = serde_json::from_slice(response.content()).expect("it is JSON");
        assert_eq!(content[name].to_string(), value, "{kind:?}: {content}");
    }
    let pointers = |response: Response| {
        let content: Value = serde_json::from_slice(response.content()).expect("it is JSON");
        let errors = content["errors"].as_array().expect("errors").clone();
        errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect::<Vec<_>>()
    };
    let mut violations = pointers(provoked(Kind::Validation).await);
    violations.sort();
    assert_eq!(violations, ["#/owner", "#/text", "#/txet"]);
    assert_eq!(pointers(provoked(Kind::Conflict).await), ["#/owner"]);
}

#[tokio::test]
async fn a_failure_of_the_server_tells_an_id_and_nothing_else() {
    for kind in [Kind::Internal, Kind::Unavailable] {
        let response = provoked(kind).await;
        let content = String::from_utf8(response.content().to_vec()).expect("UTF-8");
        assert!(!content.contains("rack"), "{content}");
        assert!(content.contains("\"instance\":\"urn:put:incident:"), "{content}");
        let wait = response
            .fields()
            .iter()
            .find(|(field, _)| *field == ResponseField::RetryAfter)
            .map(|(_, value)| value.clone());
        assert_eq!(wait.as_deref(), (kind == Kind::Unavailable).then_some(b"3".as_slice()), "{kind:?}");
    }
}

/// The examples of the documentation are answers that really come.
#[tokio::test]
async fn the_examples_are_as_documented() {
    let page = include_str!("../../docs/problems.md");
    let without_id = |json: &[u8]| {
        let mut json: Value = serde_json::from_slice(json).expect("it is JSON");
        json.as_object_mut().expect("it is an object").remove("instance");
        json
    };
    for kind in Kind::ALL.iter().copied() {
        let section = page
            .split("\n## ")
            .find(|section| section.contains(&format!("{}, type `{}`", kind.status().as_u16(), kind.type_uri())));
        let section = section.unwrap_or_else(|| panic!("docs/problems.md has no section for {kind:?}"));
        let example = section.split("```json").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        assert_eq!(without_id(example.as_bytes()), without_id(provoked(kind).await.content()), "{kind:?}");
    }
}
