//! Mounted beside whatever else an application has. What an answer means is tested elsewhere; here it is that the
//! request gets to the engine, and the answer out.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response as AxumResponse;
use axum::routing::{get, post};
use put_conformance::http::{Connection, Request as Ask, Response};
use put_core::{Endpoint, MemoryStore, PutResource};
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/notes/{id}")]
struct Note {
    #[put(key)]
    id: u64,
    text: String,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/shelves/{shelf}/slots/{slot}")]
struct Place {
    #[put(key)]
    shelf: String,
    #[put(key)]
    slot: u32,
    label: Option<String>,
}

fn notes() -> Endpoint<Note> {
    Note::endpoint(MemoryStore::new())
}

fn slots() -> Endpoint<Place> {
    Place::endpoint(MemoryStore::new())
}

/// An application that is served until this is dropped.
struct Served {
    addr: SocketAddr,
    runtime: Option<Runtime>,
}

impl Served {
    fn new(app: Router) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let addr = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { addr, runtime: Some(runtime) }
    }

    fn ask(&self, ask: &Ask) -> Response {
        let mut connection = Connection::open(self.addr).unwrap();
        connection.exchange(ask).unwrap_or_else(|trouble| panic!("{trouble}\n{}", connection.take_transcript()))
    }

    fn put(&self, target: &str, content: &str) -> Response {
        self.ask(&Ask::put(target).json(content))
    }

    fn get(&self, target: &str) -> Response {
        self.ask(&Ask::get(target))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

const TEXT: &str = r#"{"text":"hi"}"#;

#[test]
fn a_prefix_is_part_of_the_path_and_may_have_parameters_of_its_own() {
    let app = Router::new()
        .nest("/v1", put_axum::router(notes()))
        .nest("/tenants/{id}", Router::new().nest("/deep", put_axum::router(slots())))
        .merge(put_axum::router(notes()));
    let served = Served::new(app);
    let created = served.put("/v1/notes/7", TEXT);
    assert_eq!((created.status, created.field("Location")), (201, Some("/v1/notes/7")));
    assert_eq!(served.put("/v1/notes/7", TEXT).field("Content-Location"), Some("/v1/notes/7"));
    assert_eq!(served.get("/notes/7").status, 404, "another endpoint has another store");
    let slot = served.put("/tenants/acme/deep/shelves/a%2Fb/slots/3", "{}");
    assert_eq!(slot.status, 201);
    assert_eq!(slot.content, br#"{"shelf":"a/b","slot":3,"label":null}"#);
    assert_eq!(served.put("/tenants/%FF/deep/shelves/a/slots/3", "{}").status, 201, "not a parameter of the resource");
}

#[test]
fn the_same_handlers_serve_other_paths_with_the_same_parameters() {
    let mounted = put_axum::method_router(notes());
    let app = Router::new()
        .route("/a/b/{id}", mounted.clone())
        .route("/{id}", mounted)
        .route("/turned/{slot}/{shelf}", put_axum::method_router(slots()));
    let served = Served::new(app);
    assert_eq!(served.put("/a/b/1", TEXT).status, 201);
    assert_eq!(served.put("/2", TEXT).content, br#"{"id":2,"text":"hi"}"#);
    assert_eq!(served.put("/a/b/2", TEXT).status, 200, "it is one store");
    assert_eq!(served.get("/1").status, 200);
    assert_eq!(served.put("/turned/3/top", "{}").content, br#"{"shelf":"top","slot":3,"label":null}"#);
}

#[derive(Clone)]
struct App {
    greeting: &'static str,
}

async fn greet(State(app): State<App>, Path(name): Path<String>) -> String {
    format!("{} {name}", app.greeting)
}

async fn seen(request: Request, next: Next) -> AxumResponse {
    let guarded = request.headers().contains_key("x-forbidden");
    if guarded {
        let mut refused = AxumResponse::default();
        *refused.status_mut() = StatusCode::FORBIDDEN;
        return refused;
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-seen", "yes".parse().unwrap());
    response
}

#[test]
fn routes_state_middleware_and_extractors_of_the_application_stay_as_they_are() {
    let app = Router::new()
        .merge(put_axum::router(notes()))
        .merge(put_axum::router(slots()))
        .route("/notes", post(|content: String| async move { format!("posted {content}") }))
        .route("/greet/{name}", get(greet))
        .fallback(|| async { (StatusCode::NOT_FOUND, "nothing here") })
        .layer(from_fn(seen))
        .with_state(App { greeting: "hello" });
    let served = Served::new(app);
    assert_eq!(served.put("/notes/1", TEXT).field("x-seen"), Some("yes"));
    assert_eq!(served.ask(&Ask::put("/notes/2").field("x-forbidden", "1").json(TEXT)).status, 403);
    assert_eq!(served.get("/notes/2").status, 404);
    assert_eq!(served.put("/shelves/a/slots/1", "{}").status, 201);
    assert_eq!(served.ask(&Ask::new("POST", "/notes").content("a note")).content, b"posted a note");
    assert_eq!(served.get("/greet/Ada").content, b"hello Ada");
    let nothing = served.get("/nowhere");
    assert_eq!((nothing.status, &nothing.content[..]), (404, &b"nothing here"[..]));
}

#[test]
fn a_method_that_is_not_allowed_is_the_engines_to_refuse() {
    let served = Served::new(Router::new().merge(put_axum::router(notes())));
    for (method, status) in
        [("POST", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405), ("BREW", 501), ("put", 501)]
    {
        let refused = served.ask(&Ask::new(method, "/notes/1"));
        assert_eq!(refused.status, status, "{method}");
        assert_eq!(refused.field("Allow"), Some("GET, HEAD, PUT, OPTIONS"), "{method}");
        assert_eq!(refused.field("Content-Type"), Some("application/problem+json"), "{method}");
        assert_eq!(refused.json().unwrap()["status"], status, "{method}");
    }
    let options = served.ask(&Ask::options("/notes/1"));
    assert_eq!((options.status, options.field("Allow")), (204, Some("GET, HEAD, PUT, OPTIONS")));
}

#[test]
fn head_has_the_fields_of_get_and_no_content() {
    let served = Served::new(Router::new().merge(put_axum::router(notes())));
    served.put("/notes/1", TEXT);
    for target in ["/notes/1", "/notes/2"] {
        let (get, head) = (served.get(target), served.ask(&Ask::head(target)));
        assert_eq!((head.status, head.content.len()), (get.status, 0));
        for name in ["ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control"] {
            assert_eq!(head.field(name), get.field(name), "{name}");
        }
        assert_eq!(head.field("Content-Length"), Some(&*get.content.len().to_string()));
    }
}

#[test]
fn content_that_nobody_reads_is_passed_over_and_the_connection_used_again() {
    let served = Served::new(Router::new().merge(put_axum::router(notes().content_limit(100_000))));
    let mut connection = Connection::open(served.addr).unwrap();
    let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(80_000));
    for content in [TEXT, &long] {
        for (ask, status) in [
            (Ask::put("/notes/x").json(content), 404),
            (Ask::put("/notes/1").content(content), 415),
            (Ask::new("POST", "/notes/1").json(content), 405),
            (Ask::put("/notes/1").field("If-Match", "x").json(content), 400),
        ] {
            let answer = connection.exchange(&ask).unwrap();
            assert_eq!((answer.status, answer.closed), (status, false), "{} octets", content.len());
        }
    }
    assert_eq!(connection.exchange(&Ask::put("/notes/1").json(TEXT)).unwrap().status, 201);
    // With more than the limit the connection ends, but not before the answer.
    let much = format!(r#"{{"text":"{}"}}"#, "x".repeat(3_000_000));
    let answer = connection.exchange(&Ask::put("/notes/1").json(&much)).unwrap();
    assert_eq!((answer.status, answer.closed), (413, true));
}
