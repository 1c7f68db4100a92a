//! A real server for each combination, on an ephemeral port, with every switch mounted under its prefix.
//! One file, because each part of it is another way to start one.

use std::mem;
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

use crate::postgres::{self, Schema};
use crate::resources::{Plain, Resources, Versioned};

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
    Postgres,
    /// The resources have a version, and their tables a column for it.
    PostgresVersion,
}

impl Store {
    /// Whether it can be tried on this machine. If not, that is said.
    pub(crate) fn is_here(self) -> bool {
        matches!(self, Self::Memory | Self::Sqlite) || postgres::database().is_some()
    }
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
pub(crate) struct Endpoints<R: Resources = Plain> {
    items: Endpoint<R::Item>,
    pages: Endpoint<R::Page>,
    pairs: Endpoint<R::Pair>,
}

impl<R: Resources> Endpoints<R> {
    pub(crate) fn over(
        items: impl StoreFor<R::Item>,
        pages: impl StoreFor<R::Page>,
        pairs: impl StoreFor<R::Pair>,
    ) -> Self {
        Self { items: R::Item::endpoint(items), pages: R::Page::endpoint(pages), pairs: R::Pair::endpoint(pairs) }
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
    kept: Kept,
}

/// Where the states are, to be closed and removed at the end.
enum Kept {
    InMemory,
    OnFile(Database, TempDir),
    InTables(#[expect(dead_code, reason = "to be dropped")] Box<Schema>),
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
                let (items, pages, pairs) = (MemoryStore::new(), MemoryStore::new(), MemoryStore::new());
                Self::with(adapter, Endpoints::<Plain>::over(items, pages, pairs))
            }
            Store::Sqlite => Self::on_file(adapter, Database::options()),
            Store::Postgres => Self::in_tables::<Plain>(adapter, Schema::new(false)),
            Store::PostgresVersion => Self::in_tables::<Versioned>(adapter, Schema::new(true)),
        }
    }

    /// Over a database that is opened with these options.
    pub(crate) fn on_file(adapter: Adapter, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = options.open(folder.path().join("wire.db")).unwrap();
        let (items, pages, pairs) = (database.store(), database.store(), database.store());
        let endpoints = Endpoints::<Plain>::over(items.unwrap(), pages.unwrap(), pairs.unwrap());
        let mut server = Self::with(adapter, endpoints);
        server.kept = Kept::OnFile(database, folder);
        server
    }

    fn in_tables<R: Resources>(adapter: Adapter, schema: Schema) -> Self {
        let (items, pages, pairs) = (schema.store("items"), schema.store("pages"), schema.store("pairs"));
        let mut server = Self::with(adapter, Endpoints::<R>::over(items, pages, pairs));
        server.kept = Kept::InTables(Box::new(schema));
        server
    }

    pub(crate) fn with<R: Resources>(adapter: Adapter, endpoints: Endpoints<R>) -> Self {
        let router = endpoints.router();
        Self::of(adapter, router, move |config| endpoints.configure(config))
    }

    /// An application of each framework, of which one is served.
    pub(crate) fn of(
        adapter: Adapter,
        router: axum::Router,
        configure: impl FnOnce(&mut web::ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, thread) = match adapter {
            Adapter::Axum => serve_axum(listener, router),
            Adapter::Actix => serve_actix(listener, configure),
        };
        Self { addr, running: Some(Running { stop, thread }), kept: Kept::InMemory }
    }

    /// The file of the database.
    pub(crate) fn file(&self) -> &Path {
        match &self.kept {
            Kept::OnFile(database, _) => database.path(),
            Kept::InMemory | Kept::InTables(_) => panic!("it is not on a file"),
        }
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
        if let Kept::OnFile(database, _folder) = mem::replace(&mut self.kept, Kept::InMemory) {
            let closed = database.close();
            assert!(closed.is_ok() || std::thread::panicking(), "{closed:?}");
        }
    }
}

fn serve_axum(listener: TcpListener, router: axum::Router) -> (Stop, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let serving = axum::serve(listener, router);
            tokio::select! {
                ended = serving => ended.unwrap(),
                _ = stopped => {}
            }
        });
        runtime.shutdown_background();
    });
    (Stop::Axum(stop), thread)
}

fn serve_actix(
    listener: TcpListener,
    configure: impl FnOnce(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> (Stop, JoinHandle<()>) {
    let (ready, handle) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let factory = move || App::new().configure(configure.clone());
            let server = HttpServer::new(factory).workers(2).disable_signals().listen(listener).unwrap().run();
            ready.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (Stop::Actix(handle.recv().unwrap()), thread)
}
