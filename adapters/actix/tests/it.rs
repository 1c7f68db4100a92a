//! Mounted beside whatever else an application has. What an answer means is tested elsewhere; here it is that the
//! request gets to the engine, and the answer out.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, Error, HttpResponse, HttpServer, rt};
use put_conformance::http::{Connection, Request as Ask, Response};
use put_core::{Endpoint, MemoryStore, PutResource};
use serde::{Deserialize, Serialize};

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

/// An application that is served by two workers until this is dropped.
struct Served {
    addr: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    fn new(configure: impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (ready, handle) = mpsc::channel();
        let thread = thread::spawn(move || {
            rt::System::new().block_on(async move {
                let app = move || App::new().wrap(from_fn(seen)).configure(configure.clone());
                let server = HttpServer::new(app).workers(2).disable_signals().listen(listener).unwrap().run();
                ready.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { addr, handle: handle.recv().unwrap(), thread: Some(thread) }
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
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || thread::panicking(), "the server panicked");
        }
    }
}

/// A middleware of the application.
async fn seen(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.headers().contains_key("x-forbidden") {
        return Err(actix_web::error::ErrorForbidden("no"));
    }
    let mut response = next.call(request).await?;
    response.headers_mut().insert(HeaderName::from_static("x-seen"), HeaderValue::from_static("yes"));
    Ok(response)
}

const TEXT: &str = r#"{"text":"hi"}"#;

#[test]
fn a_scope_is_part_of_the_path_and_may_have_parameters_of_its_own() {
    let (one, other, slots) = (notes(), notes(), slots());
    let served = Served::new(move |config| {
        let deep = web::scope("/deep").configure(put_actix::configure(slots));
        config
            .service(web::scope("/v1").configure(put_actix::configure(one.clone())))
            .service(web::scope("/v2/longer").service(put_actix::resource(one)))
            .service(web::scope("/tenants/{id}").service(deep))
            .configure(put_actix::configure(other));
    });
    let created = served.put("/v1/notes/7", TEXT);
    assert_eq!((created.status, created.field("Location")), (201, Some("/v1/notes/7")));
    assert_eq!(served.put("/v1/notes/7", TEXT).field("Content-Location"), Some("/v1/notes/7"));
    assert_eq!(served.get("/v2/longer/notes/7").status, 200, "it is one store");
    assert_eq!(served.get("/notes/7").status, 404, "another endpoint has another store");
    let slot = served.put("/tenants/acme/deep/shelves/a%2Fb/slots/3", "{}");
    assert_eq!(slot.status, 201);
    assert_eq!(slot.content, br#"{"shelf":"a/b","slot":3,"label":null}"#);
    assert_eq!(served.put("/tenants/%FF/deep/shelves/a/slots/3", "{}").status, 201, "not a parameter of the resource");
}

struct Greeting(&'static str);

async fn greet(greeting: web::Data<Greeting>, name: web::Path<String>) -> String {
    format!("{} {name}", greeting.0)
}

#[test]
fn routes_state_middleware_and_extractors_of_the_application_stay_as_they_are() {
    let (notes, slots) = (notes(), slots());
    let served = Served::new(move |config| {
        config
            .app_data(web::Data::new(Greeting("hello")))
            .configure(put_actix::configure(notes))
            .service(put_actix::resource(slots))
            .route("/notes", web::post().to(|content: String| async move { format!("posted {content}") }))
            .route("/greet/{name}", web::get().to(greet))
            .default_service(web::to(|| async { HttpResponse::NotFound().body("nothing here") }));
    });
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
    let notes = notes();
    let served = Served::new(put_actix::configure(notes));
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
    let served = Served::new(put_actix::configure(notes()));
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
    let served = Served::new(put_actix::configure(notes().content_limit(100_000)));
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

/// A client that announces content and takes its time for it is answered all the same.
#[test]
fn content_that_does_not_come_is_not_waited_for() {
    let served = Served::new(put_actix::configure(notes()));
    let mut connection = Connection::open(served.addr).unwrap();
    connection.write_head(&Ask::put("/notes/x").json(TEXT));
    let answer = connection.read_response("PUT").unwrap();
    assert_eq!((answer.status, answer.closed), (404, true));
}
