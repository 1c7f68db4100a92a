//! A real server for each combination, on an ephemeral port, with every switch mounted under its prefix.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use put_conformance::Switch;
use put_core::store::StoreFor;
use put_core::{Endpoint, MemoryStore, PutResource};
use put_sqlite::{Database, Options};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::resources::{Item, Page, Pair};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Axum,
    Actix,
}

impl Adapter {
    pub(crate) const BOTH: [Self; 2] = [Self::Axum, Self::Actix];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Memory,
    Sqlite,
}

/// One mount of each: the default, then every switch under its prefix.
const SWITCHES: [Switch; 9] = [
    Switch::Default,
    Switch::RequirePrecondition,
    Switch::UpdateOnly,
    Switch::ReturnMinimal,
    Switch::StrictValidators,
    Switch::AcceptReplay,
    Switch::Delete,
    Switch::PutOnly,
    Switch::ContentLimit(64),
];

fn switched<R: PutResource>(switch: Switch, endpoint: Endpoint<R>) -> Endpoint<R> {
    match switch {
        Switch::Default => endpoint,
        Switch::RequirePrecondition => endpoint.require_precondition(),
        Switch::UpdateOnly => endpoint.update_only(),
        Switch::ReturnMinimal => endpoint.return_minimal(),
        Switch::StrictValidators => endpoint.strict_validators(),
        Switch::AcceptReplay => endpoint.accept_replay(),
        Switch::Delete => endpoint.allow_delete(),
        Switch::PutOnly => endpoint.put_only(),
        Switch::ContentLimit(octets) => endpoint.content_limit(octets),
    }
}

/// The endpoints that every mount starts from.
#[derive(Clone)]
pub(crate) struct Endpoints {
    items: Endpoint<Item>,
    pages: Endpoint<Page>,
    pairs: Endpoint<Pair>,
}

impl Endpoints {
    pub(crate) fn over(items: impl StoreFor<Item>, pages: impl StoreFor<Page>, pairs: impl StoreFor<Pair>) -> Self {
        Self { items: Item::endpoint(items), pages: Page::endpoint(pages), pairs: Pair::endpoint(pairs) }
    }

    fn router(&self) -> axum::Router {
        let mounted = |switch| {
            axum::Router::new()
                .merge(put_axum::router(switched(switch, self.items.clone())))
                .merge(put_axum::router(switched(switch, self.pages.clone())))
                .merge(put_axum::router(switched(switch, self.pairs.clone())))
        };
        SWITCHES.iter().fold(axum::Router::new(), |app, switch| match switch.prefix() {
            "" => app.merge(mounted(*switch)),
            prefix => app.nest(prefix, mounted(*switch)),
        })
    }

    fn configure(&self, config: &mut web::ServiceConfig) {
        for switch in SWITCHES {
            let mount = |config: &mut web::ServiceConfig| {
                config
                    .configure(put_actix::configure(switched(switch, self.items.clone())))
                    .configure(put_actix::configure(switched(switch, self.pages.clone())))
                    .configure(put_actix::configure(switched(switch, self.pairs.clone())));
            };
            match switch.prefix() {
                "" => mount(config),
                prefix => {
                    config.service(web::scope(prefix).configure(mount));
                }
            }
        }
    }
}

/// A server that stops when it is dropped.
pub(crate) struct Server {
    addr: SocketAddr,
    running: Option<Running>,
    database: Option<(Database, TempDir)>,
}

struct Running {
    stop: Stop,
    thread: JoinHandle<()>,
}

enum Stop {
    Axum(oneshot::Sender<()>),
    Actix(ServerHandle),
}

impl Server {
    pub(crate) fn start(adapter: Adapter, store: Store) -> Self {
        match store {
            Store::Memory => {
                Self::with(adapter, Endpoints::over(MemoryStore::new(), MemoryStore::new(), MemoryStore::new()))
            }
            Store::Sqlite => Self::on_file(adapter, Database::options()),
        }
    }

    /// Over a database that is opened with these options.
    pub(crate) fn on_file(adapter: Adapter, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = options.open(folder.path().join("wire.db")).unwrap();
        let (items, pages, pairs) = (database.store(), database.store(), database.store());
        let endpoints = Endpoints::over(items.unwrap(), pages.unwrap(), pairs.unwrap());
        let mut server = Self::with(adapter, endpoints);
        server.database = Some((database, folder));
        server
    }

    pub(crate) fn with(adapter: Adapter, endpoints: Endpoints) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, thread) = match adapter {
            Adapter::Axum => serve_axum(listener, endpoints),
            Adapter::Actix => serve_actix(listener, endpoints),
        };
        Self { addr, running: Some(Running { stop, thread }), database: None }
    }

    /// The file of the database.
    pub(crate) fn file(&self) -> &Path {
        self.database.as_ref().expect("is on a file").0.path()
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(Running { stop, thread }) = self.running.take() {
            match stop {
                Stop::Axum(stop) => drop(stop.send(())),
                Stop::Actix(handle) => drop(handle.stop(false)),
            }
            let stopped = thread.join();
            assert!(stopped.is_ok() || std::thread::panicking(), "the server panicked");
        }
        if let Some((database, _folder)) = self.database.take() {
            let closed = database.close();
            assert!(closed.is_ok() || std::thread::panicking(), "{closed:?}");
        }
    }
}

fn serve_axum(listener: TcpListener, endpoints: Endpoints) -> (Stop, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let serving = axum::serve(listener, endpoints.router());
            tokio::select! {
                ended = serving => ended.unwrap(),
                _ = stopped => {}
            }
        });
        runtime.shutdown_background();
    });
    (Stop::Axum(stop), thread)
}

fn serve_actix(listener: TcpListener, endpoints: Endpoints) -> (Stop, JoinHandle<()>) {
    let (ready, handle) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let factory = move || {
                let endpoints = endpoints.clone();
                App::new().configure(move |config| endpoints.configure(config))
            };
            let server = HttpServer::new(factory).workers(2).disable_signals().listen(listener).unwrap().run();
            ready.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (Stop::Actix(handle.recv().unwrap()), thread)
}
