//! A resource behind webmachine-rust, which decides by its callbacks: whether it is there, its tag, how it is written.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use webmachine_rust::context::WebmachineContext;
use webmachine_rust::{Resource, WebmachineDispatcher, WebmachineResource, async_callback, callback, owned_vec};

type Users = Arc<Mutex<HashMap<String, Bytes>>>;

fn stored(users: &Users, context: &WebmachineContext) -> Option<Bytes> {
    users.lock().ok()?.get(&context.request.request_path).cloned()
}

fn tag(content: &Bytes) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn resource(users: &Users) -> WebmachineResource {
    let [exists, tagged, rendered, written] = [0; 4].map(|_| users.clone());
    WebmachineResource {
        allowed_methods: owned_vec(&["OPTIONS", "GET", "HEAD", "PUT"]),
        resource_exists: callback(move |context, _| stored(&exists, context).is_some()),
        generate_etag: callback(move |context, _| stored(&tagged, context).as_ref().map(tag)),
        render_response: async_callback(move |context, _| {
            let content = stored(&rendered, context);
            Box::pin(async move { Ok(content) })
        }),
        process_put: callback(move |context, _| {
            let content = context.request.body.clone().unwrap_or_default();
            serde_json::from_slice::<serde_json::Value>(&content).map_err(|_| 400_u16)?;
            written.lock().map_err(|_| 500_u16)?.insert(context.request.request_path.clone(), content);
            Ok(true)
        }),
        ..WebmachineResource::default()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_default().parse::<u16>()?;
    let users: Box<dyn Resource + Send + Sync> = Box::new(resource(&Users::default()));
    let dispatcher = Arc::new(WebmachineDispatcher { routes: BTreeMap::from([("/users/{id}", users)]) });
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let dispatcher = dispatcher.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request| dispatcher.dispatch(request));
            // A connection that breaks is the client's business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
