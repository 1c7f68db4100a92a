//! PUT and GET on Axum over a shared map, as the framework's guides write it; with the argument `floor`, the least a
//! handler can do with a PUT: read the content and answer 204.

use std::{
    collections::HashMap,
    env,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{ETAG, IF_MATCH},
    },
    response::{IntoResponse, Response},
    routing::{get, put},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use user::User;

#[derive(Clone)]
struct Stored {
    user: User,
    version: u64,
}

type Users = Arc<RwLock<HashMap<u64, Stored>>>;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = match env::args().nth(1).as_deref() {
        Some("floor") => Router::new().route("/api/users/{id}", put(floor)),
        _ => Router::new().route("/api/users/{id}", get(get_user).put(put_user)).with_state(Users::default()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await
}

async fn put_user(
    State(users): State<Users>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    Json(user): Json<User>,
) -> Result<Response, StatusCode> {
    if user.id != id {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut users = users.write().unwrap_or_else(PoisonError::into_inner);
    let current = users.get(&id).map(|stored| stored.version);
    if let Some(wanted) = headers.get(IF_MATCH) {
        let matches = current.is_some_and(|version| wanted.as_bytes() == entity_tag(version).as_bytes());
        if !matches {
            return Err(StatusCode::PRECONDITION_FAILED);
        }
    }
    let version = current.map_or(1, |version| version + 1);
    users.insert(id, Stored { user: user.clone(), version });
    drop(users);
    let status = if current.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, [(ETAG, entity_tag(version))], Json(user)).into_response())
}

async fn get_user(State(users): State<Users>, Path(id): Path<u64>) -> Result<Response, StatusCode> {
    let stored = users.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
    let Stored { user, version } = stored.ok_or(StatusCode::NOT_FOUND)?;
    Ok(([(ETAG, entity_tag(version))], Json(user)).into_response())
}

async fn floor(_content: Bytes) -> StatusCode {
    StatusCode::NO_CONTENT
}

fn entity_tag(version: u64) -> String {
    format!("\"{version}\"")
}
