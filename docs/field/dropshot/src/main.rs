//! Users behind dropshot: typed content in, a success that has one status by its type.

use std::collections::BTreeMap;

use dropshot::{
    ApiDescription, ConfigDropshot, ConfigLogging, ConfigLoggingLevel, HttpError, HttpResponseOk,
    HttpResponseUpdatedNoContent, Path, RequestContext, ServerBuilder, TypedBody, endpoint,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

type Users = Mutex<BTreeMap<u64, User>>;

#[derive(Clone, Deserialize, Serialize, JsonSchema)]
struct User {
    name: String,
    email: String,
}

#[derive(Deserialize, JsonSchema)]
struct Key {
    id: u64,
}

#[endpoint { method = GET, path = "/users/{id}" }]
async fn get_user(context: RequestContext<Users>, key: Path<Key>) -> Result<HttpResponseOk<User>, HttpError> {
    let users = context.context().lock().await;
    let user = users.get(&key.into_inner().id).cloned();
    user.map(HttpResponseOk).ok_or_else(|| HttpError::for_not_found(None, "no such user".to_owned()))
}

#[endpoint { method = PUT, path = "/users/{id}" }]
async fn put_user(
    context: RequestContext<Users>,
    key: Path<Key>,
    user: TypedBody<User>,
) -> Result<HttpResponseUpdatedNoContent, HttpError> {
    context.context().lock().await.insert(key.into_inner().id, user.into_inner());
    Ok(HttpResponseUpdatedNoContent())
}

#[tokio::main]
async fn main() -> Result<(), String> {
    let port = std::env::args().nth(1).ok_or("the port is missing")?;
    let log = ConfigLogging::StderrTerminal { level: ConfigLoggingLevel::Warn };
    let log = log.to_logger("users").map_err(|error| error.to_string())?;
    let mut api = ApiDescription::new();
    api.register(get_user).map_err(|error| error.to_string())?;
    api.register(put_user).map_err(|error| error.to_string())?;
    let address = format!("127.0.0.1:{port}").parse().map_err(|error| format!("{error}"))?;
    let config = ConfigDropshot { bind_address: address, ..ConfigDropshot::default() };
    let server = ServerBuilder::new(api, Users::default(), log).config(config);
    server.start().map_err(|error| error.to_string())?.await
}
