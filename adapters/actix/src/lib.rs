//! Mounts a PUT resource into Actix Web: a request goes in, the engine's answer comes out.
//!
//! ```
//! use actix_web::{App, web};
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
//! // In the factory of an `HttpServer`, which makes one application for each worker:
//! let app = App::new()
//!     .service(web::scope("/v1").configure(put_actix::configure(notes.clone())))
//!     .route("/health", web::get().to(|| async { "ok" }));
//! ```
//!
//! What a request means is decided in put-core; nothing here knows it. Actix Web speaks http 0.2 and put-core http 1,
//! so versions, names and values change type on the way; the values are not copied.
//!
//! # Who makes a request
//!
//! What a caller is, [`Endpoint::caller`] says: a type of the application, which a middleware leaves in the extensions of the
//! request. The middleware goes around the application or the scope, finds out who it is and lets everybody pass; what each
//! may do, the rules of the endpoint say.
//!
//! ```
//! use actix_web::body::MessageBody;
//! use actix_web::dev::{ServiceRequest, ServiceResponse};
//! use actix_web::middleware::{Next, from_fn};
//! use actix_web::{App, Error, HttpMessage as _};
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
//! async fn authenticate(
//!     request: ServiceRequest,
//!     next: Next<impl MessageBody>,
//! ) -> Result<ServiceResponse<impl MessageBody>, Error> {
//!     if let Some(user) = user_of(&request) {
//!         request.extensions_mut().insert(user);
//!     }
//!     next.call(request).await
//! }
//!
//! fn user_of(request: &ServiceRequest) -> Option<User> {
//!     // Here stands the authentication of the application.
//! #     None
//! }
//!
//! let notes = Note::endpoint(MemoryStore::new())
//!     .caller::<User>()
//!     .authorize(async |user, _action, _id| Ok(user.map_or(Access::unauthenticated("Bearer"), |_| Access::Granted)));
//! let app = App::new().configure(put_actix::configure(notes.clone())).wrap(from_fn(authenticate));
//! ```
//!
//! # Dry run
//!
//! An endpoint with [`dry_run`](Endpoint::dry_run) has a second path, which [`configure`] mounts beside the first, so under the
//! same scope and the same middleware. [`resource`] has none.
//!
//! One file, because a request is followed through it from its arrival to its answer.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // nothing a request can reach may panic

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, Response};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, Resource, rt};
use bytes::Bytes;
use futures_core::Stream as _;
use http::Version;
use put_core::{
    Admission, Caller, Endpoint, Engine, Head, Host, Incoming, NotRead, PutResource, ResponseField, Unread,
};

/// How long unread content is passed over while an answer is sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer waits for the end of content that nobody reads, so that the connection can be used again.
const A_MOMENT: Duration = Duration::from_millis(500);

/// The runtime of Actix Web: that of the worker which reads the request.
const HOST: Host = Host::new(|task| drop(rt::spawn(task))).with_sleep(|time| Box::pin(rt::time::sleep(time)));

/// Finds who makes a request in its extensions.
type Find = fn(&HttpRequest) -> Caller;

fn find<C: Clone + Send + Sync + 'static>(request: &HttpRequest) -> Caller {
    Caller::of(request.extensions().get::<C>().cloned())
}

/// Configures an application or a scope with the resource at its path, and with its dry run at the path of that. Clone
/// the endpoint into the factory.
///
/// ```
/// # use put_core::{MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
/// let notes = Note::endpoint(MemoryStore::new());
/// let app = actix_web::App::new().configure(put_actix::configure(notes.clone()));
/// ```
pub fn configure<R, C>(endpoint: Endpoint<R, C>) -> impl FnOnce(&mut ServiceConfig) + Clone
where
    R: PutResource,
    C: Clone + Send + Sync + 'static,
{
    move |config| mounted(config, &endpoint.mount(HOST), find::<C>)
}

/// The resource at its path, to be registered as a service. A dry run is not part of it.
///
/// ```
/// # use put_core::{MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
/// let notes = Note::endpoint(MemoryStore::new());
/// let app = actix_web::App::new().service(put_actix::resource(notes.clone()));
/// ```
pub fn resource<R, C>(endpoint: Endpoint<R, C>) -> Resource
where
    R: PutResource,
    C: Clone + Send + Sync + 'static,
{
    routes(endpoint.mount(HOST), find::<C>)
}

// From here on nothing is generic over the resource, so that it is compiled once.

fn mounted(config: &mut ServiceConfig, engine: &Arc<Engine>, find: Find) {
    if let Some(dry_run) = engine.dry_run() {
        config.service(routes(Arc::clone(dry_run), find));
    }
    config.service(routes(Arc::clone(engine), find));
}

fn routes(engine: Arc<Engine>, find: Find) -> Resource {
    let resource = web::resource(engine.path());
    let mount = Arc::new(Mount { engine, find, template: OnceLock::new() });
    resource.to(move |request: HttpRequest, content: web::Payload| serve(Arc::clone(&mount), request, content))
}

struct Mount {
    engine: Arc<Engine>,
    find: Find,
    /// The whole pattern, scopes included. A resource is registered once, so it is the same for every request.
    template: OnceLock<String>,
}

async fn serve(mount: Arc<Mount>, request: HttpRequest, content: web::Payload) -> HttpResponse<Content> {
    let engine = &mount.engine;
    let mut content = content.into_inner();
    let pattern = || request.match_pattern().unwrap_or_else(|| engine.path().to_owned());
    let template = mount.template.get_or_init(pattern);
    let mut head = Head::new(request.method().as_str(), request.uri().path(), template);
    head.version(version_of(&request));
    for (name, value) in request.headers() {
        head.field(name.as_str(), value.as_bytes());
    }
    if matches!(content, Payload::None) {
        head.without_content();
    }
    if engine.asks_for_caller() {
        head.caller((mount.find)(&request));
    }
    let answer = match engine.admit(&head).await {
        Admission::Answer(answer) => answer,
        Admission::Content(admitted) => match collect(&mut content, admitted.incoming()).await {
            Ok(octets) => admitted.apply(octets).await,
            Err(reason) => admitted.refuse(reason).await,
        },
    };
    let unread = answer.unread();
    if unread.pass_over > 0 && !matches!(content, Payload::None) {
        pass_over(content, unread).await;
    }
    respond(answer)
}

/// The version of the request, which both versions of http know under one name.
fn version_of(request: &HttpRequest) -> Version {
    use actix_web::http::Version as Theirs;
    match request.version() {
        Theirs::HTTP_09 => Version::HTTP_09,
        Theirs::HTTP_10 => Version::HTTP_10,
        Theirs::HTTP_11 => Version::HTTP_11,
        Theirs::HTTP_2 => Version::HTTP_2,
        _ => Version::HTTP_3,
    }
}

/// The next piece of the content; `None` at its end.
async fn next(content: &mut Payload) -> Option<Result<Bytes, NotRead>> {
    let piece = poll_fn(|context| Pin::new(&mut *content).poll_next(context)).await?;
    Some(piece.map_err(|_| NotRead::Truncated))
}

/// Reads the content, but no more of it than is taken.
async fn collect(content: &mut Payload, mut incoming: Incoming) -> Result<Bytes, NotRead> {
    while let Some(piece) = next(content).await {
        incoming.push(piece?)?;
    }
    Ok(incoming.into_content())
}

/// Reads and drops what is left, beside the answer if the connection ends with it, else before: Actix Web closes the
/// connection when an answer comes before the end of the content.
async fn pass_over(mut content: Payload, unread: Unread) {
    if !unread.close && rt::time::timeout(A_MOMENT, drop_content(&mut content, unread.pass_over)).await.is_ok() {
        return;
    }
    let reading = async move { drop_content(&mut content, unread.pass_over).await };
    drop(rt::spawn(rt::time::timeout(PATIENCE, reading)));
}

async fn drop_content(content: &mut Payload, octets: u64) {
    let mut left = octets;
    while let Some(Ok(data)) = next(content).await {
        left = left.saturating_sub(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if left == 0 {
            break;
        }
    }
}

/// The names of the fields that an answer can have, by their index.
static NAMES: LazyLock<Vec<HeaderName>> =
    LazyLock::new(|| ResponseField::ALL.iter().map(|field| HeaderName::from_static(field.name())).collect());

/// Copies the engine's answer out.
fn respond(answer: put_core::Response) -> HttpResponse<Content> {
    let (unread, fields_only) = (answer.unread(), answer.is_fields_only());
    let (status, fields, octets) = answer.into_parts();
    // Every status of the engine is one of http's, which both versions share.
    let status = StatusCode::from_u16(status.as_u16()).unwrap_or_default();
    let mut response = Response::with_body(status, Content { octets, fields_only });
    response.head_mut().no_chunking(fields_only);
    if unread.close {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let into = response.headers_mut();
    for (field, value) in fields {
        if let (Some(name), Ok(value)) = (NAMES.get(field.index()), HeaderValue::from_maybe_shared(value)) {
            into.insert(name.clone(), value);
        }
    }
    response.into()
}

/// The content of an answer, or the lack of it.
struct Content {
    octets: Bytes,
    fields_only: bool,
}

impl MessageBody for Content {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        // Actix Web would write the length of what it sends over the length that the fields state. And it must not be
        // given content to leave out: with several requests under way it takes a later method for this one's.
        if self.fields_only { BodySize::Stream } else { BodySize::Sized(self.octets.len() as u64) }
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let octets = std::mem::take(&mut self.get_mut().octets);
        Poll::Ready((!octets.is_empty()).then_some(Ok(octets)))
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        if self.fields_only { Err(self) } else { Ok(self.octets) }
    }
}
