//! Writes the leaf crates: the same resources once derived and once by hand, as `peers/axum-memory` writes one.

use std::{fs, path::Path};

use super::members::Resource;
use crate::Result;

/// How the resources of a crate are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Derived,
    ByHand,
}

impl Style {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::ByHand => "by-hand",
        }
    }
}

/// The package with `count` resources.
pub(super) fn package(style: Style, count: usize) -> String {
    format!("leaf-{}-{count}", style.name())
}

/// Writes a workspace of leaf crates into `folder`, on the crates in `root` and the versions of its lock file.
pub(super) fn write_workspace(folder: &Path, root: &Path, counts: &[usize]) -> Result<()> {
    if folder.exists() {
        // The build folder stays: it holds the dependencies.
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut members = Vec::new();
    for &count in counts {
        for style in [Style::Derived, Style::ByHand] {
            let name = package(style, count);
            write_crate(&folder.join(&name), &name, style, count)?;
            members.push(format!("{name:?}"));
        }
    }
    let root = root.display();
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[workspace.dependencies]\n\
         axum = {{ version = \"0.8.9\", default-features = false, \
         features = [\"http1\", \"matched-path\", \"original-uri\", \"tokio\"] }}\n\
         put-axum = {{ path = \"{root}/adapters/axum\" }}\nput-core = {{ path = \"{root}/put-core\" }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }}\n",
        members.join(", ")
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(())
}

fn write_crate(folder: &Path, name: &str, style: Style, count: usize) -> Result<()> {
    let source = folder.join("src");
    fs::create_dir_all(&source)?;
    let (dependencies, mount): (_, fn(usize) -> String) = match style {
        Style::Derived => ("axum.workspace = true\nput-axum.workspace = true\nput-core.workspace = true\n", |number| {
            format!("put_axum::router(r{number}::Resource{number}::endpoint(MemoryStore::new()))")
        }),
        Style::ByHand => {
            ("axum = { workspace = true, features = [\"json\"] }\n", |number| format!("r{number}::router()"))
        }
    };
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\n{dependencies}serde.workspace = true\ntokio.workspace = true\n"
        ),
    )?;
    for number in 0..count {
        let resource = Resource::new(number);
        let text = match style {
            Style::Derived => derived(&resource),
            Style::ByHand => by_hand(&resource),
        };
        fs::write(source.join(format!("r{number}.rs")), text)?;
    }
    let modules: String = (0..count).map(|number| format!("mod r{number};\n")).collect();
    let mounts: String = (0..count).map(|number| format!("    let app = app.merge({});\n", mount(number))).collect();
    let imports = if style == Style::Derived { "use put_core::{MemoryStore, PutResource};\n" } else { "" };
    let text = MAIN.replace("{imports}", imports).replace("{modules}", &modules).replace("{mounts}", &mounts);
    fs::write(source.join("main.rs"), text)?;
    Ok(())
}

const MAIN: &str = r#"{modules}
use axum::Router;
{imports}
#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new();
{mounts}    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
"#;

fn derived(resource: &Resource) -> String {
    let container = format!("#[put(path = {:?})]\n", resource.route());
    format!(
        "{}use put_core::PutResource;\nuse serde::{{Deserialize, Serialize}};\n\n{}",
        resource.imports(),
        resource.declaration(", PutResource", &container, "    #[put(key)]\n")
    )
}

fn by_hand(resource: &Resource) -> String {
    let handlers =
        HANDLERS.replace("{Resource}", &format!("Resource{}", resource.number)).replace("{route}", &resource.route());
    format!("{}{BY_HAND_IMPORTS}{}{handlers}", resource.imports(), resource.declaration("", "", ""))
}

const BY_HAND_IMPORTS: &str = "\
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

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
use serde::{Deserialize, Serialize};

";

const HANDLERS: &str = r#"
#[derive(Clone)]
struct Stored {
    value: {Resource},
    version: u64,
}

type All = Arc<RwLock<HashMap<u64, Stored>>>;

pub fn router() -> Router {
    Router::new().route("{route}", get(read).put(replace)).with_state(All::default())
}

async fn replace(
    State(all): State<All>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    Json(value): Json<{Resource}>,
) -> Result<Response, StatusCode> {
    if value.id != id {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut all = all.write().unwrap_or_else(PoisonError::into_inner);
    let current = all.get(&id).map(|stored| stored.version);
    if let Some(wanted) = headers.get(IF_MATCH) {
        let matches = current.is_some_and(|version| wanted.as_bytes() == entity_tag(version).as_bytes());
        if !matches {
            return Err(StatusCode::PRECONDITION_FAILED);
        }
    }
    let version = current.map_or(1, |version| version + 1);
    all.insert(id, Stored { value: value.clone(), version });
    drop(all);
    let status = if current.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, [(ETAG, entity_tag(version))], Json(value)).into_response())
}

async fn read(State(all): State<All>, Path(id): Path<u64>) -> Result<Response, StatusCode> {
    let stored = all.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
    let Stored { value, version } = stored.ok_or(StatusCode::NOT_FOUND)?;
    Ok(([(ETAG, entity_tag(version))], Json(value)).into_response())
}

fn entity_tag(version: u64) -> String {
    format!("\"{version}\"")
}
"#;
