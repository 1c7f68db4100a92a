//! The same rules under both frameworks, with an authentication of each that says who the caller is; at the root, under a
//! prefix, and under two.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpMessage as _, web};
use put_conformance::http::{Connection, Request, Response};
use put_core::rules::{Access, Action, Proposed, RuleError, Rules, Verdict};
use put_core::{Endpoint, MemoryStore, PutResource};
use serde::{Deserialize, Serialize};

use crate::programs::exchange;
use crate::servers::{Adapter, Server};

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/orders/{id}")]
struct Order {
    #[put(key)]
    id: u64,
    owner: String,
    count: u32,
}

/// What the authentication of the application finds out.
#[derive(Clone)]
struct User(String);

/// Guests only read, writers only write, strangers are not to know that there are orders, and an order is its owner's.
#[derive(Clone)]
struct OfOwners;

impl Rules<Order> for OfOwners {
    type Caller = User;

    async fn authorize(&self, caller: Option<&User>, action: Action, _: &u64) -> Result<Access, RuleError> {
        // As if it were looked up.
        tokio::task::yield_now().await;
        Ok(match (caller.map(|caller| caller.0.as_str()), action) {
            (None, _) => Access::unauthenticated("Bearer realm=\"orders\""),
            (Some("stranger"), _) => Access::Hidden,
            (Some("guest"), Action::Put | Action::Delete) => Access::forbidden("guests only read"),
            (Some("writer"), Action::Read) => Access::forbidden("writers only write"),
            _ => Access::Granted,
        })
    }

    async fn check(&self, caller: Option<&User>, change: &Proposed<Order>) -> Result<Verdict, RuleError> {
        let owner = &change.current().unwrap_or(change.proposed()).owner;
        Ok(may(caller, owner))
    }

    async fn check_delete(&self, caller: Option<&User>, _: &u64, current: &Order) -> Result<Verdict, RuleError> {
        Ok(may(caller, &current.owner))
    }
}

fn may(caller: Option<&User>, owner: &str) -> Verdict {
    let is_owner = caller.is_none_or(|caller| caller.0 == owner || caller.0 == "writer");
    if is_owner { Verdict::permit() } else { Verdict::refuse("an order is its owner's") }
}

fn orders() -> Endpoint<Order, User> {
    let orders = Order::endpoint(MemoryStore::new()).caller::<User>().rules(OfOwners);
    orders.allow_delete().dry_run("/orders/{id}/validate")
}

/// Whose token it is; a real application would verify it.
fn named(field: Option<&str>) -> Option<User> {
    field.and_then(|value| value.strip_prefix("Bearer ")).map(|name| User(name.to_owned()))
}

async fn by_axum(mut request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    let field = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    if let Some(user) = named(field) {
        request.extensions_mut().insert(user);
    }
    next.run(request).await
}

async fn by_actix<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let field = request.headers().get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if let Some(user) = named(field.as_deref()) {
        request.extensions_mut().insert(user);
    }
    next.call(request).await
}

/// Where the orders are, each with a store of its own.
const PREFIXES: [&str; 3] = ["", "/v1", "/outer/inner"];

fn server(adapter: Adapter) -> Server {
    let [root, v1, inner] = PREFIXES.map(|_| orders());
    let router = axum::Router::new()
        .merge(put_axum::router(root.clone()))
        .nest("/v1", put_axum::router(v1.clone()))
        .nest("/outer", axum::Router::new().nest("/inner", put_axum::router(inner.clone())))
        .layer(axum::middleware::from_fn(by_axum));
    Server::of(adapter, router, move |config| {
        let outer = web::scope("/outer").service(web::scope("/inner").configure(put_actix::configure(inner)));
        // A scope around all of it, so that the innermost of them is the third.
        let all = web::scope("")
            .wrap(from_fn(by_actix))
            .service(web::scope("/v1").configure(put_actix::configure(v1)))
            .service(outer)
            .configure(put_actix::configure(root));
        config.service(all);
    })
}

fn sent(server: &Server, by: Option<&str>, request: Request) -> Response {
    let request = match by {
        Some(name) => request.field("Authorization", format!("Bearer {name}")),
        None => request,
    };
    exchange(server.addr(), &request)
}

fn order(owner: &str, count: u32) -> String {
    format!(r#"{{"owner":"{owner}","count":{count}}}"#)
}

#[test]
fn the_same_rules_hold_under_both_frameworks_and_every_prefix() {
    for adapter in Adapter::BOTH {
        let server = server(adapter);
        for prefix in PREFIXES {
            let (path, dry) = (format!("{prefix}/orders/7"), format!("{prefix}/orders/7/validate"));
            let ada = |count| Request::put(&path).json(order("ada", count));
            let dry_ada = |count| Request::put(&dry).json(order("ada", count));
            let stale = |request: Request| request.field("If-Match", "\"x\"");
            let steps: Vec<(Option<&str>, Request, u16)> = vec![
                (None, ada(1), 401),
                (None, stale(ada(1)), 401),
                (None, ada(1).field("Expect", "100-continue"), 401),
                (None, Request::put(&path).content("{"), 401),
                (None, Request::get(&path), 401),
                (None, dry_ada(1), 401),
                (Some("guest"), ada(1), 403),
                (Some("guest"), dry_ada(1), 403),
                (Some("guest"), Request::get(&path), 404),
                (Some("stranger"), ada(1), 404),
                (Some("stranger"), stale(ada(1)), 404),
                (Some("bob"), ada(1), 403),
                (Some("ada"), dry_ada(1), 200),
                (Some("ada"), Request::get(&path), 404),
                (Some("ada"), ada(1), 201),
                (Some("ada"), Request::get(&path), 200),
                (Some("guest"), Request::get(&path), 200),
                (Some("writer"), Request::get(&path), 403),
                (Some("writer"), ada(2), 204),
                (Some("writer"), stale(ada(3)), 412),
                (Some("bob"), ada(3), 403),
                (Some("bob"), dry_ada(3), 403),
                (Some("ada"), stale(ada(3)), 412),
                (Some("ada"), dry_ada(3), 200),
                (Some("ada"), Request::get(&dry), 405),
                (None, Request::options(&dry), 204),
                (Some("stranger"), Request::delete(&path), 404),
                (Some("guest"), Request::delete(&path), 403),
                (Some("bob"), Request::delete(&path), 403),
                (Some("ada"), ada(3), 200),
                (Some("ada"), Request::delete(&path), 204),
                (Some("ada"), Request::delete(&path), 404),
            ];
            for (by, request, status) in steps {
                let told = format!("{adapter:?} {by:?} {request:?}");
                let answer = sent(&server, by, request);
                assert_eq!(answer.status, status, "{told}: {}", String::from_utf8_lossy(&answer.content));
                let challenge = (status == 401).then_some("Bearer realm=\"orders\"");
                assert_eq!(answer.field("WWW-Authenticate"), challenge, "{told}");
                assert_eq!(answer.field("Location"), (status == 201).then_some(&*path), "{told}");
                let shows_tag = by == Some("ada") || by == Some("guest");
                assert!(shows_tag || !answer.has("ETag"), "{told}");
                assert!(status != 412 || answer.has("ETag") == shows_tag, "{told}");
            }
        }
    }
}

#[test]
fn location_and_content_location_lead_back_to_what_was_put() {
    for adapter in Adapter::BOTH {
        let server = server(adapter);
        for prefix in PREFIXES {
            let path = format!("{prefix}/orders/8");
            let created = sent(&server, Some("ada"), Request::put(&path).json(order("ada", 1)));
            for field in ["Location", "Content-Location"] {
                let found = sent(&server, Some("ada"), Request::get(created.field(field).unwrap()));
                assert_eq!((found.status, &found.content), (200, &created.content), "{adapter:?} {path} {field}");
            }
            let dry = Request::put(format!("{path}/validate")).json(order("ada", 2));
            let dry = sent(&server, Some("ada"), dry);
            let json = dry.json().unwrap();
            assert_eq!(
                (dry.status, &json["outcome"], &json["representation"]["count"]),
                (200, &"replaced".into(), &2.into())
            );
            for field in ["ETag", "Location", "Content-Location", "Last-Modified"] {
                assert!(!dry.has(field), "{adapter:?} {path}: a dry run has no {field}");
            }
            let found = sent(&server, Some("ada"), Request::get(&path));
            assert_eq!(found.content, created.content, "nothing was written");
        }
    }
}

#[test]
fn who_is_sent_away_keeps_the_connection_and_asks_again() {
    for adapter in Adapter::BOTH {
        let server = server(adapter);
        let mut connection = Connection::open(server.addr()).unwrap();
        let put = || Request::put("/orders/9").json(order("ada", 1));
        for (request, status) in [
            (put(), 401),
            (put().field("Authorization", "Bearer guest"), 403),
            (put().field("Authorization", "Bearer ada"), 201),
        ] {
            let answer = connection.exchange(&request).unwrap();
            assert_eq!((answer.status, answer.closed), (status, false), "{adapter:?}");
        }
    }
}
