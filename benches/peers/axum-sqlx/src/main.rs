//! PUT and GET on Axum over `SQLite`, as a careful engineer writes it with sqlx: WAL, synchronous=FULL, and one
//! transaction per request that takes the write lock at its beginning, so that the entity tag it compares is the one
//! it replaces.
//!
//! Arguments: the file, then how many connections may write (default 1). `SQLite` has one writer at a time; with one
//! connection the requests wait for it in the pool's fair queue, with more they wait in its busy handler, which
//! sleeps between tries. Readers have a pool of their own.

use std::{env, io, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{ETAG, IF_MATCH},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use user::{Role, User};

#[derive(Clone)]
struct Users {
    write: SqlitePool,
    read: SqlitePool,
}

type Failure = (StatusCode, String);

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or_else(|| io::Error::other("usage: axum-sqlx FILE [WRITERS]"))?;
    let writers = arguments.next().map_or(Ok(1), |count| count.parse()).map_err(io::Error::other)?;
    let users = open(&file, writers).await.map_err(io::Error::other)?;
    let app = Router::new().route("/api/users/{id}", get(get_user).put(put_user)).with_state(users.clone());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    users.read.close().await;
    users.write.close().await;
    Ok(())
}

async fn open(file: &str, writers: u32) -> sqlx::Result<Users> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30));
    let write = SqlitePoolOptions::new().max_connections(writers).connect_with(options.clone()).await?;
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS users (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL, nickname TEXT,
            version INTEGER NOT NULL
        ) STRICT",
    )
    .execute(&write)
    .await?;
    let read = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
    Ok(Users { write, read })
}

async fn put_user(
    State(users): State<Users>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    Json(user): Json<User>,
) -> Result<Response, Failure> {
    if user.id != id {
        return Err((StatusCode::UNPROCESSABLE_ENTITY, "the content has another id than the path".into()));
    }
    let key = row_id(id)?;
    let mut transaction = users.write.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let current: Option<i64> = sqlx::query_scalar("SELECT version FROM users WHERE id = ?1")
        .bind(key)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed)?;
    if let Some(wanted) = headers.get(IF_MATCH) {
        let matches = current.is_some_and(|version| wanted.as_bytes() == entity_tag(version).as_bytes());
        if !matches {
            return Err((StatusCode::PRECONDITION_FAILED, "the entity tag is not the current one".into()));
        }
    }
    let version = current.map_or(1, |version| version + 1);
    let statement = if current.is_some() {
        "UPDATE users SET name = ?2, email = ?3, role = ?4, nickname = ?5, version = ?6 WHERE id = ?1"
    } else {
        "INSERT INTO users (id, name, email, role, nickname, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    };
    sqlx::query(statement)
        .bind(key)
        .bind(&user.name)
        .bind(&user.email)
        .bind(role_name(user.role))
        .bind(&user.nickname)
        .bind(version)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    let status = if current.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, [(ETAG, entity_tag(version))], Json(user)).into_response())
}

async fn get_user(State(users): State<Users>, Path(id): Path<u64>) -> Result<Response, Failure> {
    let row: Option<(String, String, String, Option<String>, i64)> =
        sqlx::query_as("SELECT name, email, role, nickname, version FROM users WHERE id = ?1")
            .bind(row_id(id)?)
            .fetch_optional(&users.read)
            .await
            .map_err(failed)?;
    let (name, email, role, nickname, version) = row.ok_or((StatusCode::NOT_FOUND, "no such user".into()))?;
    let role = if role == role_name(Role::Admin) { Role::Admin } else { Role::User };
    Ok(([(ETAG, entity_tag(version))], Json(User { id, name, email, role, nickname })).into_response())
}

/// SQLite's integers are signed.
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

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn failed(error: sqlx::Error) -> Failure {
    eprintln!("{error}");
    (StatusCode::INTERNAL_SERVER_ERROR, "the database failed".into())
}
