//! PUT and GET on Axum over PostgreSQL, as a careful engineer writes it with sqlx: one transaction per request, in which
//! the row is locked before it is looked at, so that the entity tag it compares is the one it replaces.
//!
//! Arguments: the URL, how many connections the pool has (default 16), and `statement` for the other way to write it: one
//! statement per request, which compares the version itself. The table is `users` on the search path.

use std::{env, io};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ETAG, IF_MATCH},
    },
    response::{IntoResponse, Response},
    routing::{get, put},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use user::{Role, User};

const USAGE: &str = "usage: axum-postgres URL [CONNECTIONS] [statement]";

type Failure = (StatusCode, String);

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let url = arguments.next().ok_or_else(|| io::Error::other(USAGE))?;
    let connections = arguments.next().map_or(Ok(16), |count| count.parse()).map_err(io::Error::other)?;
    let put = match arguments.next().as_deref() {
        None => put(put_in_a_transaction),
        Some("statement") => put(put_in_one_statement),
        Some(_) => return Err(io::Error::other(USAGE)),
    };
    // By default sqlx asks each connection whether it still lives before it lends it. That is a round trip more, which
    // many switch off and which is not what is compared here.
    let options = PgPoolOptions::new().max_connections(connections).test_before_acquire(false);
    let users = options.connect(&url).await.map_err(io::Error::other)?;
    let app = Router::new().route("/api/users/{id}", get(get_user).merge(put)).with_state(users.clone());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    users.close().await;
    Ok(())
}

async fn put_in_a_transaction(
    State(users): State<PgPool>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    Json(user): Json<User>,
) -> Result<Response, Failure> {
    let key = key_of(&user, id)?;
    let mut transaction = users.begin().await.map_err(failed)?;
    let current: Option<i64> = sqlx::query_scalar("SELECT version FROM users WHERE id = $1 FOR UPDATE")
        .bind(key)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed)?;
    if let Some(wanted) = headers.get(IF_MATCH) {
        let matches = current.is_some_and(|version| wanted.as_bytes() == entity_tag(version).as_bytes());
        if !matches {
            return Err(not_the_current_one());
        }
    }
    let statement = if current.is_some() {
        "UPDATE users SET name = $2, email = $3, role = $4, nickname = $5, version = version + 1 WHERE id = $1
         RETURNING version"
    } else {
        // What is not there cannot be locked: somebody else may create it meanwhile.
        "INSERT INTO users (id, name, email, role, nickname, version) VALUES ($1, $2, $3, $4, $5, 1)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, role = excluded.role,
             nickname = excluded.nickname, version = users.version + 1
         RETURNING version"
    };
    let version = sqlx::query_scalar(statement)
        .bind(key)
        .bind(&user.name)
        .bind(&user.email)
        .bind(role_name(user.role))
        .bind(&user.nickname)
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(written(version, user))
}

async fn put_in_one_statement(
    State(users): State<PgPool>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    Json(user): Json<User>,
) -> Result<Response, Failure> {
    let key = key_of(&user, id)?;
    let wanted = headers.get(IF_MATCH);
    let statement = if wanted.is_some() {
        "UPDATE users SET name = $2, email = $3, role = $4, nickname = $5, version = version + 1
         WHERE id = $1 AND version = $6 RETURNING version"
    } else {
        "INSERT INTO users (id, name, email, role, nickname, version) VALUES ($1, $2, $3, $4, $5, 1)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, role = excluded.role,
             nickname = excluded.nickname, version = users.version + 1
         RETURNING version"
    };
    let mut query = sqlx::query_scalar(statement)
        .bind(key)
        .bind(&user.name)
        .bind(&user.email)
        .bind(role_name(user.role))
        .bind(&user.nickname);
    if let Some(wanted) = wanted {
        query = query.bind(version_of(wanted).ok_or_else(not_the_current_one)?);
    }
    let version = query.fetch_optional(&users).await.map_err(failed)?;
    Ok(written(version.ok_or_else(not_the_current_one)?, user))
}

async fn get_user(State(users): State<PgPool>, Path(id): Path<u64>) -> Result<Response, Failure> {
    let row: Option<(String, String, String, Option<String>, i64)> =
        sqlx::query_as("SELECT name, email, role, nickname, version FROM users WHERE id = $1")
            .bind(row_id(id)?)
            .fetch_optional(&users)
            .await
            .map_err(failed)?;
    let (name, email, role, nickname, version) = row.ok_or((StatusCode::NOT_FOUND, "no such user".into()))?;
    let role = if role == role_name(Role::Admin) { Role::Admin } else { Role::User };
    Ok(([(ETAG, entity_tag(version))], Json(User { id, name, email, role, nickname })).into_response())
}

/// The first version is the one that was created.
fn written(version: i64, user: User) -> Response {
    let status = if version == 1 { StatusCode::CREATED } else { StatusCode::OK };
    (status, [(ETAG, entity_tag(version))], Json(user)).into_response()
}

fn key_of(user: &User, id: u64) -> Result<i64, Failure> {
    if user.id != id {
        return Err((StatusCode::UNPROCESSABLE_ENTITY, "the content has another id than the path".into()));
    }
    row_id(id)
}

/// PostgreSQL's integers are signed.
fn row_id(id: u64) -> Result<i64, Failure> {
    i64::try_from(id).map_err(|_| (StatusCode::NOT_FOUND, "no such user".into()))
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin => "admin",
    }
}

fn entity_tag(version: i64) -> String {
    format!("\"{version}\"")
}

fn version_of(entity_tag: &HeaderValue) -> Option<i64> {
    entity_tag.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

fn not_the_current_one() -> Failure {
    (StatusCode::PRECONDITION_FAILED, "the entity tag is not the current one".into())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn failed(error: sqlx::Error) -> Failure {
    eprintln!("{error}");
    (StatusCode::INTERNAL_SERVER_ERROR, "the database failed".into())
}
