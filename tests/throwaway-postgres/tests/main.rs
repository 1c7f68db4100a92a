//! The server is what it says, and nothing of it stays. One file, because every test asks the same few questions.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use put_throwaway_postgres::{Server, find, schema_name, shared};

/// How long something may take that is said to come by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Set for the process that a test kills, which is this binary again.
const VICTIM: &str = "PUT_THROWAWAY_POSTGRES_VICTIM";

/// A server, or a line that says that nothing was tried.
fn server() -> Option<Server> {
    server_with(&[])
}

fn server_with(settings: &[(&str, &str)]) -> Option<Server> {
    match Server::start_with(settings) {
        Ok(server) => Some(server),
        Err(unavailable) => {
            assert!(unavailable.is_missing(), "{unavailable}");
            skipped(&unavailable.to_string());
            None
        }
    }
}

/// Past the capture of the test harness: a test that did nothing must not look like one that passed.
fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {what}");
}

/// The client that comes with the server, which may be on the path by a link.
fn psql(url: &str, statement: &str) -> Command {
    let initdb = find().unwrap().join("initdb").canonicalize().unwrap();
    let mut psql = Command::new(initdb.with_file_name("psql"));
    // It would read what a person has set for another server.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        psql.env_remove(name);
    }
    psql.args(["-X", "-A", "-t", "-q", "-w", "-c", statement, url]).stdin(Stdio::null());
    psql
}

/// What a statement answers, or why it failed.
fn query(url: &str, statement: &str) -> Result<String, String> {
    let output = psql(url, statement).output().unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn accepts(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// The processes that name the folder, with what they were started with: the guard and the server do. Where there is no
/// /proc nobody can be asked.
fn processes(folder: &Path) -> Vec<(String, String)> {
    let folder = folder.to_string_lossy().into_owned();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = entries.filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some((entry.file_name().into_string().ok()?, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    lines.filter(|(_, line)| line.contains(&folder)).collect()
}

/// The processes that work in the folder: the children of the server do, which do not name it.
fn workers(folder: &Path) -> usize {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter(|entry| fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))).count()
}

#[track_caller]
fn nothing_is_left(folder: &Path, port: u16) {
    let until = Instant::now() + PATIENCE;
    let left = || folder.exists() || accepts(port) || workers(folder) > 0 || !processes(folder).is_empty();
    while left() && Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!folder.exists(), "{} is there", folder.display());
    assert!(!accepts(port), "something listens on {port}");
    assert_eq!(processes(folder), []);
    assert_eq!(workers(folder), 0);
}

#[test]
fn it_serves_and_is_durable() {
    let Some(server) = server() else { return };
    assert!(accepts(server.port()));
    assert!(server.is_running());
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("max_connections", "200"),
        ("listen_addresses", "127.0.0.1"),
        ("server_encoding", "UTF8"),
    ] {
        assert_eq!(query(&server.url(), &format!("show {setting}")).as_deref(), Ok(value), "{setting}");
    }
    assert!(server.log().contains("ready to accept connections"), "{}", server.log());
    let without_password = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port());
    assert!(query(&without_password, "select 1").is_err(), "not everybody on this machine may use it");
}

#[test]
fn a_setting_is_taken_and_a_wrong_one_is_told() {
    let Some(server) = server_with(&[("max_connections", "20"), ("search_path", "it's, \\here")]) else { return };
    assert_eq!(query(&server.url(), "show max_connections").as_deref(), Ok("20"));
    assert_eq!(query(&server.url(), "show search_path").as_deref(), Ok("it's, \\here"));
    let error = Server::start_with(&[("no_such_setting", "1")]).unwrap_err();
    assert!(!error.is_missing());
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn what_was_committed_outlives_a_crash() {
    let Some(server) = server() else { return };
    let (url, port) = (server.url(), server.port());
    query(&url, "create table things (id int); insert into things values (7)").unwrap();
    // A client that is in the middle of something.
    let mut sleeping = psql(&url, "select pg_sleep(600)").stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while query(&url, "select count(*) from pg_stat_activity where query like 'select pg_sleep%'").as_deref() != Ok("1")
    {
        assert!(Instant::now() < until, "the client is there");
    }
    server.kill().unwrap();
    assert_eq!(workers(server.folder()), 0, "all are gone when it returns");
    assert!(!server.is_running());
    assert!(!accepts(port));
    assert!(!sleeping.wait().unwrap().success(), "the client was cut off");
    server.kill().unwrap();
    server.stop().unwrap();
    server.start_again().unwrap();
    assert_eq!((server.url(), server.port()), (url.clone(), port));
    assert_eq!(query(&url, "select id from things").as_deref(), Ok("7"));
    assert!(server.log().contains("was not properly shut down"), "it was a crash: {}", server.log());
    server.start_again().unwrap();
    let folder = server.folder().to_owned();
    server.kill().unwrap();
    drop(server);
    nothing_is_left(&folder, port);
}

#[test]
fn it_stops_and_restarts_where_it_was() {
    let Some(server) = server() else { return };
    let (url, port) = (server.url(), server.port());
    query(&url, "create table things (id int)").unwrap();
    server.restart().unwrap();
    assert_eq!((server.url(), server.port()), (url.clone(), port));
    assert_eq!(query(&url, "select count(*) from things").as_deref(), Ok("0"));
    server.stop().unwrap();
    assert!(!server.is_running());
    assert!(!accepts(port));
    assert_eq!(workers(server.folder()), 0);
    assert!(!server.log().contains("was not properly shut down"), "{}", server.log());
    server.start_again().unwrap();
    assert_eq!(query(&url, "select count(*) from things").as_deref(), Ok("0"));
}

#[test]
fn nothing_is_left_when_it_is_dropped() {
    let Some(server) = server() else { return };
    let (folder, port) = (server.folder().to_owned(), server.port());
    if cfg!(target_os = "linux") {
        assert!(workers(&folder) > 1 && processes(&folder).len() > 1, "the test sees who is there");
    }
    drop(server);
    assert!(!folder.exists(), "at once");
    nothing_is_left(&folder, port);
}

#[test]
fn nothing_is_left_after_a_panic() {
    let Some(server) = server() else { return };
    let (folder, port) = (server.folder().to_owned(), server.port());
    let panicked = thread::spawn(move || {
        let _server = server;
        panic!("as a test does that fails");
    });
    assert!(panicked.join().is_err());
    nothing_is_left(&folder, port);
}

#[test]
fn nothing_is_left_when_the_guard_was_killed() {
    let Some(server) = server() else { return };
    let (folder, port) = (server.folder().to_owned(), server.port());
    let guard = processes(&folder).into_iter().find(|(_, line)| line.starts_with("sh -c"));
    let Some((guard, _)) = guard else { return skipped("this system does not say which process is the guard") };
    assert!(Command::new("sh").args(["-c", "kill -s KILL \"$0\"", &guard]).status().unwrap().success());
    drop(server);
    nothing_is_left(&folder, port);
}

/// A process with a shared server, which says where it is, and then waits or ends.
struct Victim {
    process: Child,
    /// Open as long as the process may say something.
    _stdout: Lines<BufReader<ChildStdout>>,
    folder: PathBuf,
    port: u16,
}

fn victim(ending: &str, temporary: &Path) -> Option<Victim> {
    let mut process = Command::new(env::current_exe().unwrap());
    process
        .args(["--exact", "the_victim", "--nocapture"])
        .env(VICTIM, ending)
        .env("TMPDIR", temporary)
        .env_remove("DATABASE_URL");
    let mut process = process.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap()).lines();
    // The harness writes the name of the test in the same line.
    let said = stdout.by_ref().map_while(Result::ok).find_map(|line| Some(line.split_once("victim: ")?.1.to_owned()));
    let Some((port, folder)) = said.as_deref().and_then(|said| said.split_once(' ')) else {
        let status = process.wait().unwrap();
        assert!(status.success() && find().is_err(), "it says nothing, and ended with {status}");
        return None;
    };
    Some(Victim { folder: folder.into(), port: port.parse().unwrap(), process, _stdout: stdout })
}

/// The process that the tests below start: it does nothing in an ordinary run.
#[test]
fn the_victim() {
    let Ok(ending) = env::var(VICTIM) else { return };
    let server = match shared() {
        Ok(database) => database.server().unwrap(),
        Err(unavailable) => {
            assert!(unavailable.is_missing(), "{unavailable}");
            return skipped(&unavailable.to_string());
        }
    };
    println!("victim: {} {}", server.port(), server.folder().display());
    if ending == "waits" {
        thread::sleep(PATIENCE * 4);
    }
}

#[test]
fn nothing_is_left_of_a_process_that_was_killed() {
    let Some(mut victim) = victim("waits", &env::temp_dir()) else { return };
    assert!(accepts(victim.port) && victim.folder.exists());
    victim.process.kill().unwrap();
    victim.process.wait().unwrap();
    nothing_is_left(&victim.folder, victim.port);
}

#[test]
fn nothing_is_left_of_a_static_when_the_process_ends() {
    let Some(mut victim) = victim("ends", &env::temp_dir()) else { return };
    assert!(victim.process.wait().unwrap().success());
    nothing_is_left(&victim.folder, victim.port);
}

#[test]
fn a_folder_that_only_root_can_enter_is_passed_over() {
    let closed = env::temp_dir().join(schema_name("closed"));
    let made = Command::new("mkdir").args(["-m", "700"]).arg(&closed).status().unwrap();
    assert!(made.success());
    if let Some(mut victim) = victim("ends", &closed) {
        assert!(victim.process.wait().unwrap().success());
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        assert_eq!(victim.folder.starts_with(&closed), !is_root, "{}", victim.folder.display());
        nothing_is_left(&victim.folder, victim.port);
    }
    fs::remove_dir(&closed).unwrap();
}

#[test]
fn two_servers_know_nothing_of_each_other() {
    let Some(one) = server() else { return };
    let Some(other) = server() else { return };
    assert_ne!(one.port(), other.port());
    query(&one.url(), "create table things (id int)").unwrap();
    assert!(query(&other.url(), "select * from things").is_err());
    one.kill().unwrap();
    assert_eq!(query(&other.url(), "select 1").as_deref(), Ok("1"));
}
