//! Programs that run beside the tests: the examples, and the clients that people have.

mod example;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use put_conformance::http::{Connection, Request, Response};

pub(crate) use example::Example;

/// How long a program may take to begin, to answer, or to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Says what could not be tried here, past the capture of the test harness: a test that did nothing must not look like
/// one that passed.
pub(crate) fn skipped(what: &str) {
    say(&format!("SKIPPED: {what}"));
}

pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "\n{line}");
}

/// An example that is running. It is killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    addr: SocketAddr,
    /// What it printed after the line that says where it listens.
    printed: Arc<Mutex<String>>,
    log: Arc<Mutex<String>>,
}

impl Program {
    /// Starts it on a free port, and waits until it serves.
    pub(crate) fn start(example: Example, database: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(example.program());
        command.env("ADDR", "127.0.0.1:0").env(example.database(), database);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = gather(child.stderr.take().expect("is piped"));
        let (first, lines) = mpsc::channel();
        let printed = Arc::<Mutex<String>>::default();
        let (stdout, out) = (child.stdout.take().expect("is piped"), Arc::clone(&printed));
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = String::new();
            let _ = stdout.read_line(&mut line);
            let _ = first.send(line);
            append(stdout, &out);
        });
        let mut this = Self { child, addr: ([127, 0, 0, 1], 0).into(), printed, log };
        let line = lines.recv_timeout(PATIENCE).unwrap_or_default();
        let addr = line.trim_end().strip_prefix("listening on http://").and_then(|addr| addr.parse().ok());
        this.addr = addr.unwrap_or_else(|| panic!("the first line was {line:?}; the log: {}", this.log()));
        this
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The lines to try, once so many of them have been printed.
    pub(crate) fn lines_to_try(&self, count: usize) -> Vec<String> {
        let lines = || -> Vec<String> {
            let printed = self.printed.lock().unwrap();
            // The last piece may not be whole yet.
            let whole = printed.rsplit_once('\n').map_or("", |(whole, _)| whole);
            whole.lines().filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
        };
        wait_until(|| lines().len() >= count);
        lines()
    }

    /// Sends a request on a connection of its own.
    pub(crate) fn exchange(&self, request: &Request) -> Response {
        exchange(self.addr, request)
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id();
        let sent = Command::new("sh").args(["-c", &format!("kill -s {name} {pid}")]).status().expect("sh runs");
        assert!(sent.success(), "{name}");
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> ExitStatus {
        let status = wait(&mut self.child, PATIENCE);
        status.unwrap_or_else(|| panic!("it goes on; the log: {}", self.log()))
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request on a connection of its own.
pub(crate) fn exchange(addr: SocketAddr, request: &Request) -> Response {
    let mut connection = Connection::open(addr).unwrap();
    connection.exchange(request).unwrap_or_else(|trouble| panic!("{trouble}\n{}", connection.take_transcript()))
}

/// Polls until this holds, and fails after a while.
pub(crate) fn wait_until(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "it took too long");
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a program that has ended left behind.
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The standard output, if the program was content.
    pub(crate) fn expect_success(self, what: &str) -> String {
        assert!(self.success, "{what} failed\n{}\n{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// Runs a program to its end, or kills it after `limit`. `None` if there is no such program.
pub(crate) fn run(command: &mut Command, stdin: &str, limit: Duration) -> Option<Ended> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let (stdout, stderr) = (gather(child.stdout.take()?), gather(child.stderr.take()?));
    // A program that does not read what it is given may have ended already.
    let _ = child.stdin.take()?.write_all(stdin.as_bytes());
    let status = wait(&mut child, limit);
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let text = |gathered: Arc<Mutex<String>>| {
        // The threads end with the pipes, a moment after the program.
        let deadline = Instant::now() + Duration::from_secs(2);
        while Arc::strong_count(&gathered) > 1 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        let gathered = gathered.lock().unwrap();
        gathered.clone()
    };
    let (stdout, mut stderr) = (text(stdout), text(stderr));
    if status.is_none() {
        stderr.push_str("killed, because it took too long");
    }
    Some(Ended { success: status.is_some_and(|status| status.success()), stdout, stderr })
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return Some(status);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads a pipe to its end in a thread of its own, so that a program that says much does not stand still.
fn gather(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let gathered = Arc::<Mutex<String>>::default();
    let into = Arc::clone(&gathered);
    thread::spawn(move || append(pipe, &into));
    gathered
}

fn append(mut pipe: impl Read, into: &Mutex<String>) {
    let mut block = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut block) {
        into.lock().unwrap().push_str(&String::from_utf8_lossy(&block[..count]));
    }
}
