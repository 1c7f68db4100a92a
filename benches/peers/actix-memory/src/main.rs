//! PUT and GET on Actix over a shared map, as the framework's guides write it; with the argument `floor`, the least a
//! handler can do with a PUT: read the content and answer 204. Actix itself stops at SIGTERM.

use std::{
    collections::HashMap,
    env,
    sync::{PoisonError, RwLock},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header::{ETAG, IF_MATCH},
    web::{self, Bytes, Data, Json, Path},
};
use user::User;

#[derive(Clone)]
struct Stored {
    user: User,
    version: u64,
}

type Users = RwLock<HashMap<u64, Stored>>;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let floor_only = env::args().nth(1).as_deref() == Some("floor");
    let users = Data::new(Users::default());
    let server = HttpServer::new(move || {
        let resource = web::resource("/api/users/{id}");
        let resource = if floor_only {
            resource.route(web::put().to(floor))
        } else {
            resource.route(web::get().to(get_user)).route(web::put().to(put_user))
        };
        App::new().app_data(users.clone()).service(resource)
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    server.run().await
}

async fn put_user(users: Data<Users>, id: Path<u64>, request: HttpRequest, user: Json<User>) -> HttpResponse {
    let (id, user) = (id.into_inner(), user.into_inner());
    if user.id != id {
        return HttpResponse::UnprocessableEntity().finish();
    }
    let mut users = users.write().unwrap_or_else(PoisonError::into_inner);
    let current = users.get(&id).map(|stored| stored.version);
    if let Some(wanted) = request.headers().get(IF_MATCH) {
        let matches = current.is_some_and(|version| wanted.as_bytes() == entity_tag(version).as_bytes());
        if !matches {
            return HttpResponse::PreconditionFailed().finish();
        }
    }
    let version = current.map_or(1, |version| version + 1);
    users.insert(id, Stored { user: user.clone(), version });
    drop(users);
    let mut response = if current.is_some() { HttpResponse::Ok() } else { HttpResponse::Created() };
    response.insert_header((ETAG, entity_tag(version))).json(user)
}

async fn get_user(users: Data<Users>, id: Path<u64>) -> HttpResponse {
    let stored = users.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
    match stored {
        Some(Stored { user, version }) => HttpResponse::Ok().insert_header((ETAG, entity_tag(version))).json(user),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn floor(_content: Bytes) -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn entity_tag(version: u64) -> String {
    format!("\"{version}\"")
}
