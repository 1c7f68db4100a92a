//! The application on one file: the endpoint with all that is said about it, the outbox, the server.

use std::io;
use std::path::Path;
use std::time::Duration;

use axum::{Router, middleware};
use put_core::{Endpoint, PutResource};
use put_sqlite::Database;
use tokio::net::TcpListener;

use crate::Failure;
use crate::callers::{self, Caller};
use crate::items::Item;
use crate::outbox::{self, Event, Relay};
use crate::rules::StockRules;

pub(crate) struct App {
    /// For the application's own reads and writes, which the same rules check.
    pub(crate) items: Endpoint<Item, Caller>,
    database: Database,
    relay: Relay,
}

impl App {
    /// Opens the file, or makes it; what is in the outbox goes to `publish`.
    pub(crate) fn open(
        path: impl AsRef<Path>,
        publish: impl FnMut(&Event) -> io::Result<()> + Send + 'static,
    ) -> Result<Self, Failure> {
        let database = Database::open(path)?;
        database.set_up(outbox::TABLE)?;
        let store = database.store_options::<Item>().within(outbox::write).open()?;
        let relay = Relay::start(database.path(), publish)?;
        let items = Item::endpoint(store)
            .caller::<Caller>()
            // Who has not seen the stock has nothing to say about it.
            .require_precondition()
            .allow_delete()
            .rules(StockRules { bell: relay.bell() })
            .scope(|caller, (tenant, _)| caller.is_some_and(|caller| caller.tenant == tenant));
        Ok(Self { items, database, relay })
    }

    /// The absolute path of the file.
    pub(crate) fn path(&self) -> &Path {
        self.database.path()
    }

    /// Serves until it is asked to stop. From then on what has begun is finished, for as long as `patience` lasts.
    pub(crate) async fn serve(
        &self,
        listener: TcpListener,
        asked_to_stop: impl Future<Output = ()> + Send + 'static,
        patience: Duration,
    ) -> io::Result<()> {
        let app =
            Router::new().merge(put_axum::router(self.items.clone())).layer(middleware::from_fn(callers::authenticate));
        let (stopping, stops) = tokio::sync::oneshot::channel();
        let asked_to_stop = async {
            asked_to_stop.await;
            let _ = stopping.send(());
        };
        let serving = axum::serve(listener, app).with_graceful_shutdown(asked_to_stop);
        let out_of_patience = async {
            // An error is the end of the server, which is what the other branch waits for.
            match stops.await {
                Ok(()) => tokio::time::sleep(patience).await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            served = serving.into_future() => served,
            () = out_of_patience => Ok(()),
        }
    }

    /// Publishes what is in the outbox, commits what has been accepted, and closes the file. Waits for it.
    pub(crate) fn close(self) -> Result<(), Failure> {
        // First the connection of the relay: the one that is closed last folds the log into the file.
        self.relay.stop();
        self.database.close()?;
        Ok(())
    }
}
