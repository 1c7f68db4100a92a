//! Mounts a PUT resource into Axum: a request goes in, the engine's answer comes out.
//!
//! ```
//! use put_core::{MemoryStore, PutResource};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PutResource)]
//! #[put(path = "/notes/{id}")]
//! struct Note {
//!     #[put(key)]
//!     id: u64,
//!     text: String,
//! }
//!
//! let notes = Note::endpoint(MemoryStore::new());
//! let app: axum::Router = axum::Router::new()
//!     .nest("/v1", put_axum::router(notes))
//!     .route("/health", axum::routing::get(|| async { "ok" }));
//! ```
//!
//! What a request means is decided in put-core; nothing here knows it.
//!
//! # Who makes a request
//!
//! What a caller is, [`Endpoint::caller`] says: a type of the application, which a middleware leaves in the extensions of the
//! request. The middleware goes around the router, finds out who it is and lets everybody pass; what each may do, the
//! rules of the endpoint say.
//!
//! ```
//! use axum::extract::Request;
//! use axum::middleware::{Next, from_fn};
//! use axum::response::Response;
//! use put_core::rules::Access;
//! use put_core::{MemoryStore, PutResource};
//! # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
//! # #[put(path = "/notes/{id}")]
//! # struct Note { #[put(key)] id: u64 }
//!
//! #[derive(Clone)]
//! struct User {
//!     name: String,
//! }
//!
//! async fn authenticate(mut request: Request, next: Next) -> Response {
//!     if let Some(user) = user_of(&request) {
//!         request.extensions_mut().insert(user);
//!     }
//!     next.run(request).await
//! }
//!
//! fn user_of(request: &Request) -> Option<User> {
//!     // Here stands the authentication of the application.
//! #     None
//! }
//!
//! let notes = Note::endpoint(MemoryStore::new())
//!     .caller::<User>()
//!     .authorize(async |user, _action, _id| Ok(user.map_or(Access::unauthenticated("Bearer"), |_| Access::Granted)));
//! let app: axum::Router = put_axum::router(notes).layer(from_fn(authenticate));
//! ```
//!
//! # Dry run
//!
//! An endpoint with [`dry_run`](Endpoint::dry_run) has a second path, which [`router`] mounts beside the first, so under the same
//! prefix and the same middleware. [`method_router`] has none.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // nothing a request can reach may panic

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{MatchedPath, OriginalUri, Request};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use bytes::Bytes;
use http::{Extensions, HeaderName, HeaderValue};
use http_body_util::BodyExt as _;
use put_core::{Admission, Caller, Endpoint, Engine, Head, Host, Incoming, NotRead, PutResource, ResponseField};

/// How long unread content is passed over while an answer is sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// The runtime of Axum.
const HOST: Host = Host::new(|task| drop(tokio::spawn(task))).with_sleep(|time| Box::pin(tokio::time::sleep(time)));

/// Finds who makes a request in its extensions.
type Find = fn(&Extensions) -> Caller;

fn find<C: Clone + Send + Sync + 'static>(extensions: &Extensions) -> Caller {
    Caller::of(extensions.get::<C>().cloned())
}

/// A router with the resource at its path, to be merged or nested into the application's own. A dry run is at the path of
/// its own.
///
/// # Panics
/// Like [`Router::route`], if the router has that path already.
///
/// ```
/// # use put_core::{MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
/// let app: axum::Router = axum::Router::new().merge(put_axum::router(Note::endpoint(MemoryStore::new())));
/// ```
pub fn router<R, C, S>(endpoint: Endpoint<R, C>) -> Router<S>
where
    R: PutResource,
    C: Clone + Send + Sync + 'static,
    S: Clone + Send + Sync + 'static,
{
    mounted(&endpoint.mount(HOST), find::<C>)
}

/// The resource for a path of the application's own choice, which must have the same parameters. A dry run is not part
/// of it.
///
/// ```
/// # use put_core::{MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
/// let notes = Note::endpoint(MemoryStore::new());
/// let app: axum::Router = axum::Router::new().route("/archive/{id}", put_axum::method_router(notes));
/// ```
pub fn method_router<R, C, S>(endpoint: Endpoint<R, C>) -> MethodRouter<S>
where
    R: PutResource,
    C: Clone + Send + Sync + 'static,
    S: Clone + Send + Sync + 'static,
{
    routes(endpoint.mount(HOST), find::<C>)
}

// From here on nothing is generic over the resource, so that it is compiled once.

fn mounted<S: Clone + Send + Sync + 'static>(engine: &Arc<Engine>, find: Find) -> Router<S> {
    let mut router = Router::new();
    if let Some(dry_run) = engine.dry_run() {
        router = router.route(dry_run.path(), routes(Arc::clone(dry_run), find));
    }
    router.route(engine.path(), routes(Arc::clone(engine), find))
}

fn routes<S: Clone + Send + Sync + 'static>(engine: Arc<Engine>, find: Find) -> MethodRouter<S> {
    any(move |request: Request| serve(Arc::clone(&engine), find, request))
}

/// Not an `async fn`: its future would hold the request twice, whole and in parts, and every request pays for its size.
fn serve(engine: Arc<Engine>, find: Find, request: Request) -> impl Future<Output = Response> + Send {
    let (parts, mut body) = request.into_parts();
    async move {
        let admission = {
            let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0).path();
            let template = parts.extensions.get::<MatchedPath>().map_or(engine.path(), MatchedPath::as_str);
            let mut head = Head::new(parts.method.as_str(), path, template);
            head.version(parts.version);
            for (name, value) in &parts.headers {
                head.field(name.as_str(), value.as_bytes());
            }
            if body.is_end_stream() {
                head.without_content();
            }
            if engine.asks_for_caller() {
                head.caller(find(&parts.extensions));
            }
            engine.admit(&head).await
        };
        let answer = match admission {
            Admission::Answer(answer) => answer,
            Admission::Content(admitted) => match collect(&mut body, admitted.incoming()).await {
                Ok(content) => admitted.apply(content).await,
                Err(reason) => admitted.refuse(reason).await,
            },
        };
        pass_over(body, answer.unread().pass_over);
        respond(answer)
    }
}

/// Reads the content, but no more of it than is taken.
async fn collect(body: &mut Body, mut incoming: Incoming) -> Result<Bytes, NotRead> {
    // Asked first, because what knows its length need not be polled once more to learn that it has ended.
    while !body.is_end_stream()
        && let Some(frame) = body.frame().await
    {
        if let Ok(piece) = frame.map_err(|_| NotRead::Truncated)?.into_data() {
            incoming.push(piece)?;
        }
    }
    Ok(incoming.into_content())
}

/// Reads and drops what is left, beside the answer.
fn pass_over(mut body: Body, octets: u64) {
    if octets == 0 || body.is_end_stream() {
        return;
    }
    let reading = async move {
        let mut left = octets;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            left = left.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
            if left == 0 {
                break;
            }
        }
    };
    drop(tokio::spawn(tokio::time::timeout(PATIENCE, reading)));
}

/// The names of the fields that an answer can have, by their index.
static NAMES: LazyLock<Vec<HeaderName>> =
    LazyLock::new(|| ResponseField::ALL.iter().map(|field| HeaderName::from_static(field.name())).collect());

/// Copies the engine's answer out.
fn respond(answer: put_core::Response) -> Response {
    let close = answer.close_field();
    let (status, fields, content) = answer.into_parts();
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    let into = response.headers_mut();
    into.reserve(fields.len() + 1);
    for (field, value) in fields.into_iter().chain(close) {
        if let (Some(name), Ok(value)) = (NAMES.get(field.index()), HeaderValue::from_maybe_shared(value)) {
            into.insert(name, value);
        }
    }
    response
}
