//! `object_store` takes a quickstart for an S3 bucket: S3, too, creates with `If-None-Match: *` and replaces with
//! `If-Match`.
//!
//! It brings its own fields, encoding of names, conditions, retries and reading of answers; only the connections are
//! hyper's, because the ones it would open by itself come with TLS.

use std::pin::Pin;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper_util::client::legacy::{Client, connect};
use hyper_util::rt::TokioExecutor;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
    HttpService,
};
use object_store::path::Path;
use object_store::{
    Attribute, ClientOptions, Error, GetOptions, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutResult,
    UpdateVersion,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::programs::{Example, Program};

#[derive(Debug)]
struct Connections(Client<connect::HttpConnector, HttpRequestBody>);

impl HttpService for Connections {
    fn call<'a, 'f>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async {
            let answer =
                self.0.request(request).await.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
            let cut_short = |error| HttpError::new(HttpErrorKind::Interrupted, error);
            Ok(answer.map(|content| HttpResponseBody::new(content.map_err(cut_short))))
        })
    }
}

#[derive(Debug)]
struct Hyper;

impl HttpConnector for Hyper {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Connections(Client::builder(TokioExecutor::new()).build_http())))
    }
}

/// The bucket `api` of a quickstart.
fn bucket(server: &Program) -> AmazonS3 {
    AmazonS3Builder::new()
        .with_endpoint(server.url())
        .with_allow_http(true)
        .with_bucket_name("api")
        .with_skip_signature(true)
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        .with_http_connector(Hyper)
        .build()
        .unwrap()
}

async fn put(store: &AmazonS3, path: &Path, content: &Value, mode: PutMode) -> object_store::Result<PutResult> {
    let mut options = PutOptions::from(mode);
    options.attributes.insert(Attribute::ContentType, "application/json".into());
    store.put_opts(path, content.to_string().into(), options).await
}

/// What is there, and the mode in which exactly that is replaced.
async fn read(store: &AmazonS3, path: &Path) -> (Value, PutMode) {
    let object = store.get(path).await.unwrap();
    assert_eq!(object.attributes.get(&Attribute::ContentType).map(AsRef::as_ref), Some("application/json"));
    let version = UpdateVersion { e_tag: object.meta.e_tag.clone(), version: object.meta.version.clone() };
    (serde_json::from_slice(&object.bytes().await.unwrap()).unwrap(), PutMode::Update(version))
}

async fn lose_a_race_reload_retry(mine: &AmazonS3, theirs: &AmazonS3) {
    let path = Path::from("users/500");
    assert!(matches!(mine.get(&path).await, Err(Error::NotFound { .. })));
    let ada = json!({ "name": "Ada", "email": "ada@example.org" });
    let created = put(mine, &path, &ada, PutMode::Create).await.unwrap();
    let again = put(theirs, &path, &ada, PutMode::Create).await;
    assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");

    let (mut my_user, my_update) = read(mine, &path).await;
    let (mut their_user, their_update) = read(theirs, &path).await;
    their_user["nickname"] = json!("Countess");
    my_user["role"] = json!("admin");
    let won = put(theirs, &path, &their_user, their_update).await.unwrap();
    assert_ne!(won.e_tag, created.e_tag);
    let lost = put(mine, &path, &my_user, my_update).await;
    assert!(matches!(lost, Err(Error::Precondition { .. })), "{lost:?}");

    let (mut my_user, my_update) = read(mine, &path).await;
    assert_eq!(my_user, their_user, "the refusal changed nothing");
    my_user["role"] = json!("admin");
    let retried = put(mine, &path, &my_user, my_update).await.unwrap();
    let (last, _) = read(theirs, &path).await;
    let expected = json!({
        "id": 500, "name": "Ada", "email": "ada@example.org", "role": "admin", "nickname": "Countess"
    });
    assert_eq!(last, expected);
    let head = theirs.head(&path).await.unwrap();
    assert_eq!(head.e_tag, retried.e_tag);
    assert_eq!(head.size, u64::try_from(last.to_string().len()).unwrap());
}

/// A GET under each of the conditions that `object_store` knows.
async fn conditional_reads(store: &AmazonS3) {
    let path = Path::from("users/501");
    let ada = json!({ "name": "Ada", "email": "ada@example.org" });
    let old = put(store, &path, &ada, PutMode::Overwrite).await.unwrap().e_tag;
    let grace = json!({ "name": "Grace", "email": "grace@example.org" });
    let new = put(store, &path, &grace, PutMode::Overwrite).await.unwrap().e_tag;
    let at = store.head(&path).await.unwrap().last_modified;
    assert!(at.timestamp() > 0, "there is a Last-Modified");
    let before = at - Duration::from_hours(24);
    let get = async |options: GetOptions| match store.get_opts(&path, options).await {
        Ok(object) => {
            let content: Value = serde_json::from_slice(&object.bytes().await.unwrap()).unwrap();
            assert_eq!(content["name"], "Grace");
            "read"
        }
        Err(Error::NotModified { .. }) => "not modified",
        Err(Error::Precondition { .. }) => "precondition",
        Err(error) => panic!("{error}"),
    };
    let any = GetOptions::default;
    assert_eq!(get(GetOptions { if_none_match: new.clone(), ..any() }).await, "not modified");
    assert_eq!(get(GetOptions { if_none_match: old.clone(), ..any() }).await, "read");
    assert_eq!(get(GetOptions { if_match: new, ..any() }).await, "read");
    assert_eq!(get(GetOptions { if_match: old, ..any() }).await, "precondition");
    assert_eq!(get(GetOptions { if_modified_since: Some(at), ..any() }).await, "not modified");
    assert_eq!(get(GetOptions { if_modified_since: Some(before), ..any() }).await, "read");
    assert_eq!(get(GetOptions { if_unmodified_since: Some(at), ..any() }).await, "read");
    assert_eq!(get(GetOptions { if_unmodified_since: Some(before), ..any() }).await, "precondition");
}

/// Sixteen at once with one mode; those that came too late. The one that did not is what is there.
async fn race(store: &AmazonS3, path: &Path, mode: &PutMode) -> Vec<Error> {
    let mut racers = JoinSet::new();
    for racer in 0..16 {
        let (store, path, mode) = (store.clone(), path.clone(), mode.clone());
        racers.spawn(async move {
            let content = json!({ "name": format!("{mode:?} {racer}"), "email": "ada@example.org" });
            put(&store, &path, &content, mode).await.map(|_| content["name"].clone())
        });
    }
    let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    let won: Vec<_> = won.into_iter().map(Result::unwrap).collect();
    assert_eq!(won, [read(store, path).await.0["name"].clone()]);
    lost.into_iter().map(Result::unwrap_err).collect()
}

async fn one_of_many_wins(store: &AmazonS3) {
    let path = Path::from("users/502");
    let lost = race(store, &path, &PutMode::Create).await;
    assert!(lost.iter().all(|error| matches!(error, Error::AlreadyExists { .. })), "{lost:?}");
    for _ in 0..5 {
        let (_, update) = read(store, &path).await;
        let lost = race(store, &path, &update).await;
        assert!(lost.iter().all(|error| matches!(error, Error::Precondition { .. })), "{lost:?}");
    }
}

/// Its paths are those of objects, which it encodes in its own way.
async fn names_in_paths(store: &AmazonS3) {
    for name in ["café", "a b", "a+b", "a=b", "100%", "日本", "x?y#z"] {
        let path = Path::parse(format!("documents/{name}")).unwrap();
        put(store, &path, &json!({ "title": name, "content": "…" }), PutMode::Create).await.unwrap();
        assert_eq!(read(store, &path).await.0["slug"], name);
    }
}

/// What is no JSON, or says nothing about itself, is refused with words that its user gets to see.
async fn refusals_are_legible(store: &AmazonS3) {
    let path = Path::from("users/503");
    let untyped = store.put(&path, "{}".into()).await.unwrap_err();
    assert!(untyped.to_string().contains("415"), "{untyped}");
    let wrong = put(store, &path, &json!({ "nmae": "Ada" }), PutMode::Overwrite).await.unwrap_err();
    assert!(wrong.to_string().contains("422") && wrong.to_string().contains("#/nmae"), "{wrong}");
    assert!(matches!(store.head(&path).await, Err(Error::NotFound { .. })));
}

async fn with_object_store(example: Example) {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(example, folder.path().join("quickstart.db"));
    let store = bucket(&server);
    lose_a_race_reload_retry(&store, &bucket(&server)).await;
    conditional_reads(&store).await;
    one_of_many_wins(&store).await;
    names_in_paths(&store).await;
    refusals_are_legible(&store).await;
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn object_store_against_axum() {
    with_object_store(Example::Axum).await;
}

#[tokio::test]
async fn object_store_against_actix() {
    with_object_store(Example::Actix).await;
}
