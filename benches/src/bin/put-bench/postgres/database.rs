//! The one server that all sides write to, and a connection to it for what is between the measurements.

use std::{
    env,
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Command,
};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

use crate::{Result, programs::Programs, surroundings};

/// What the figures depend on; the values are PostgreSQL's own.
const SHOWN: [&str; 6] =
    ["fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size", "autovacuum"];

/// A running server.
pub(crate) struct Database {
    server: put_throwaway_postgres::Server,
    runtime: Runtime,
    client: Client,
}

/// Makes the folder of the builds the one that the server has its files in, because a system's temporary folder may be
/// memory. The server takes the temporary folder, so this process starts again with another one. Returns when it is so.
pub(crate) fn on_a_disk(programs: &Programs) -> Result<()> {
    let folder = programs.target.join("bench-data/postgres");
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    if env::temp_dir() == folder {
        return Ok(());
    }
    // As a temporary folder is: for root the server runs as somebody else, who makes a folder of its own here.
    fs::set_permissions(&folder, Permissions::from_mode(0o1777))?;
    let arguments = env::args_os().skip(1);
    Err(Command::new(env::current_exe()?).args(arguments).arg("--no-build").env("TMPDIR", folder).exec().into())
}

impl Database {
    /// Starts the server and says which it is and what its disk is like.
    pub(crate) fn started() -> Result<Self> {
        let server = put_throwaway_postgres::Server::start()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(connect(&server.url()))?;
        let database = Self { server, runtime, client };
        surroundings::print_disk(database.server.folder())?;
        let shown = SHOWN.map(|name| database.text(&format!("SHOW {name}")).map(|value| format!("{name} {value}")));
        let shown = shown.into_iter().collect::<Result<Vec<_>>>()?;
        println!("PostgreSQL {}; {}\n", database.text("SHOW server_version")?, shown.join(", "));
        Ok(database)
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// The server's first process; all others are its children.
    pub(crate) fn pid(&self) -> Result<u32> {
        let file = fs::read_to_string(self.server.folder().join("data/postmaster.pid"))?;
        Ok(file.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// Runs statements.
    pub(crate) fn sql(&self, statements: &str) -> Result<()> {
        Ok(self.runtime.block_on(self.client.batch_execute(statements))?)
    }

    /// A table as if nobody had written to it: what is dead is removed, what is changed is in its file.
    pub(crate) fn settle(&self, table: &str) -> Result<()> {
        self.sql(&format!("VACUUM (ANALYZE) {table}"))?;
        self.sql("CHECKPOINT")
    }

    fn text(&self, query: &str) -> Result<String> {
        Ok(self.runtime.block_on(self.client.query_one(query, &[]))?.get(0))
    }
}

/// A connection, driven on the runtime of the caller.
pub(crate) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        // What breaks it, breaks the statement too.
        let _ = connection.await;
    });
    Ok(client)
}
