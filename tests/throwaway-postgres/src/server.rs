//! The server: how it is started, stopped, killed and started again. One file, because each of these is the way back from
//! another.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Unavailable;
use crate::find::find;
use crate::guard::Guard;
use crate::process::{self, wait_until};
use crate::shared::random;
use crate::user::User;

/// How long a cluster may take to be made.
const INIT: Duration = Duration::from_mins(2);

/// How long a server may take to accept connections, also after a crash, and to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a port of ours that somebody else has taken meanwhile is waited for.
const TAKEN: Duration = Duration::from_secs(10);

/// Below the ports that systems give to connections. A port from there may be taken while a killed server is down, and a
/// client that tries to connect to it may even be given it itself, and so be connected to itself.
const PORTS: std::ops::Range<u16> = 20_000..32_768;

/// What is not as PostgreSQL has it by default. What concerns durability is.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("max_connections", "200"),
    // In files of the folder, which are removed with it even if the server was killed.
    ("dynamic_shared_memory_type", "mmap"),
];

/// A PostgreSQL server of one's own, on a free port of 127.0.0.1, with its files in a folder of its own.
///
/// Dropping it stops the server and removes the folder. A small shell, the guard, does that, and it does so as well when
/// the process ends without dropping anything: it waits for a pipe that only this process holds.
///
/// If root runs the test, the server runs as `postgres` or `nobody`, because PostgreSQL refuses root.
///
/// ```no_run
/// use put_throwaway_postgres::Server;
///
/// let server = Server::start()?;
/// println!("connect to {}", server.url());
/// // A crash: nothing is written that was not written before.
/// server.kill()?;
/// server.start_again()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    guard: Mutex<Guard>,
    folder: PathBuf,
    password: String,
    port: u16,
}

impl Server {
    /// Starts a server, and returns once it accepts connections.
    pub fn start() -> Result<Self, Unavailable> {
        Self::start_with(&[])
    }

    /// Starts a server with settings of `postgresql.conf`, such as `("max_connections", "20")`.
    ///
    /// ```no_run
    /// let server = put_throwaway_postgres::Server::start_with(&[("max_connections", "20")])?;
    /// # Ok::<(), put_throwaway_postgres::Unavailable>(())
    /// ```
    pub fn start_with(settings: &[(&str, &str)]) -> Result<Self, Unavailable> {
        let programs = find()?;
        let user = User::for_server()?;
        let folder = user.folder()?;
        let broken = |error: io::Error| Unavailable::broken(format!("PostgreSQL in {}: {error}", programs.display()));
        let mut guard = Guard::start(user, &programs, &folder).map_err(broken)?;
        // Without a password every user of this machine could become the user that the server runs as.
        let password = format!("{:016x}{:016x}", random(), random());
        let status = guard.ask(&format!("init {password}"), INIT).map_err(broken)?;
        if status != "0" {
            let error = format!("initdb ended with {status}: {}", tail(&read(&log(&folder))));
            return Err(broken(io::Error::other(error)));
        }
        configure(&folder, settings).map_err(broken)?;
        let mut this = Self { guard: Mutex::new(guard), folder, password, port: 0 };
        let mut tries = 0;
        loop {
            this.port = free_port().map_err(broken)?;
            tries += 1;
            let served = this.serve(&mut this.guard());
            match served {
                Ok(()) => return Ok(this),
                // Somebody was quicker.
                Err(NotServing::PortTaken(_)) if tries < 20 => {}
                Err(not_serving) => return Err(broken(not_serving.into())),
            }
        }
    }

    /// Where to connect to, with everything that takes: `postgres://user:password@127.0.0.1:port/postgres`. The user is
    /// a superuser. It stays the same when the server is started again.
    pub fn url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder that has all files of the server.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that `initdb` and the server have written to their log.
    pub fn log(&self) -> String {
        read(&log(&self.folder))
    }

    /// Whether it runs: it was started, and not stopped or killed since, by whomever.
    pub fn is_running(&self) -> bool {
        self.guard().server.is_some_and(process::is_running)
    }

    /// Kills it and all of its children at once with SIGKILL, as a crash, and returns when they are gone. It does nothing
    /// if the server does not run.
    pub fn kill(&self) -> io::Result<()> {
        let mut guard = self.guard();
        let Some(server) = guard.server else { return Ok(()) };
        if process::is_running(server) {
            // One that is stopped starts no child that would be missed, and does not see the others die.
            process::signal("STOP", &[server])?;
            if !wait_until(PATIENCE, || process::is_stopped(server) || !process::is_running(server)) {
                return Err(io::Error::other("the server does not stop on SIGSTOP"));
            }
        }
        let mut all = process::children(server);
        all.push(server);
        // A child that has ended by itself meanwhile is as dead as it should be.
        let sent = process::signal("KILL", &all);
        if !wait_until(PATIENCE, || !all.iter().any(|number| process::is_running(*number))) {
            return Err(sent.err().unwrap_or_else(|| io::Error::other("the server goes on after SIGKILL")));
        }
        guard.gone()
    }

    /// Stops it as an administrator would (a fast shutdown: clients are sent away, everything is written), and returns
    /// when it is gone. It does nothing if the server does not run.
    pub fn stop(&self) -> io::Result<()> {
        let mut guard = self.guard();
        let Some(server) = guard.server else { return Ok(()) };
        if process::is_running(server) {
            process::signal("INT", &[server])?;
        }
        if !wait_until(PATIENCE, || !process::is_running(server)) {
            return Err(io::Error::other(format!("the server does not stop: {}", tail(&self.log()))));
        }
        guard.gone()
    }

    /// Starts it after it was stopped or killed, on the same port and folder, and returns once it accepts connections. It
    /// does nothing if the server runs.
    pub fn start_again(&self) -> io::Result<()> {
        let mut guard = self.guard();
        if guard.server.is_some_and(process::is_running) {
            return Ok(());
        }
        if guard.server.is_some() {
            guard.gone()?;
        }
        // All that it could name is gone, but another process may have the number by now.
        match fs::remove_file(self.folder.join("data/postmaster.pid")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let until = Instant::now() + TAKEN;
        loop {
            match self.serve(&mut guard) {
                Ok(()) => return Ok(()),
                Err(NotServing::PortTaken(_)) if Instant::now() < until => thread::sleep(Duration::from_millis(200)),
                Err(not_serving) => return Err(not_serving.into()),
            }
        }
    }

    /// Stops it and starts it again, on the same port and folder.
    pub fn restart(&self) -> io::Result<()> {
        self.stop()?;
        self.start_again()
    }

    fn guard(&self) -> MutexGuard<'_, Guard> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts it, and waits until it accepts connections.
    fn serve(&self, guard: &mut Guard) -> Result<(), NotServing> {
        let before = self.log().len();
        let server = guard.serve(self.port).map_err(NotServing::Other)?;
        let in_time = wait_until(PATIENCE, || self.is_ready(server) || !process::is_running(server));
        if in_time && process::is_running(server) {
            return Ok(());
        }
        let log = self.log();
        let said = log.get(before..).unwrap_or(&log);
        let what = if in_time { "it ended" } else { "it does not accept connections" };
        let error = io::Error::other(format!("{what}: {}", tail(said)));
        if in_time {
            guard.gone().map_err(NotServing::Other)?;
        }
        Err(if said.contains("could not bind") { NotServing::PortTaken(error) } else { NotServing::Other(error) })
    }

    /// The server says in the eighth line of this file when it accepts connections; the first is its number.
    fn is_ready(&self, server: u32) -> bool {
        let file = read(&self.folder.join("data/postmaster.pid"));
        let mut lines = file.lines().map(str::trim);
        lines.next() == Some(&server.to_string()) && lines.nth(6) == Some("ready")
    }
}

/// Why a server that was started does not serve.
enum NotServing {
    PortTaken(io::Error),
    Other(io::Error),
}

impl From<NotServing> for io::Error {
    fn from(not_serving: NotServing) -> Self {
        match not_serving {
            NotServing::PortTaken(error) | NotServing::Other(error) => error,
        }
    }
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn read(file: &Path) -> String {
    fs::read(file).map(|octets| String::from_utf8_lossy(&octets).into_owned()).unwrap_or_default()
}

/// The end of a log, which says why.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let end = lines.get(lines.len().saturating_sub(12)..).unwrap_or_default();
    if end.is_empty() { "it said nothing".to_owned() } else { format!("it said\n{}", end.join("\n")) }
}

/// Where a setting stands twice, the last counts.
fn configure(folder: &Path, settings: &[(&str, &str)]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(folder.join("data/postgresql.conf"))?;
    for (name, value) in SETTINGS.iter().chain(settings) {
        let value = value.replace('\\', "\\\\").replace('\'', "''");
        writeln!(file, "{name} = '{value}'")?;
    }
    Ok(())
}

fn free_port() -> io::Result<u16> {
    for _ in 0..1000 {
        let all = u64::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(random() % all).unwrap_or_default();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("there is no free port"))
}
