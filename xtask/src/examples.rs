//! Does with the examples what a new user does: starts one, pastes the lines that it prints, stops it.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{cargo, is_there, stream};
use crate::step::Outcome;

struct Example {
    name: &'static str,
    /// How many lines to try it prints.
    lines: usize,
    needs_postgres: bool,
}

const EXAMPLES: [Example; 4] = [
    Example { name: "quickstart", lines: 5, needs_postgres: false },
    Example { name: "actix-quickstart", lines: 5, needs_postgres: false },
    Example { name: "inventory", lines: 15, needs_postgres: false },
    Example { name: "postgres-app", lines: 7, needs_postgres: true },
];

/// How long it may take to start, to answer, to end.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run() -> Outcome {
    if !cfg!(unix) {
        return Outcome::Skipped("the examples are stopped with SIGTERM, which this system has not".to_owned());
    }
    if !is_there(Command::new("curl").arg("--version")) {
        return Outcome::Skipped("there is no curl to paste the lines of the examples to".to_owned());
    }
    // All at once, as the tests of the clients do, so that they are built once.
    let packages = EXAMPLES.iter().flat_map(|example| ["--package", example.name]);
    stream(cargo(["build", "--locked"].into_iter().chain(packages))).and(|| {
        let mut skipped = Vec::new();
        for example in &EXAMPLES {
            match put_throwaway_postgres::find() {
                Err(unavailable) if example.needs_postgres => {
                    println!("SKIPPED: {}: {unavailable}", example.name);
                    skipped.push(format!("{}: {unavailable}", example.name));
                }
                _ => match try_out(example) {
                    Ok(()) => {}
                    Err(error) => return Outcome::Failed(format!("{}: {error}", example.name)),
                },
            }
        }
        Outcome::Passed(skipped)
    })
}

fn try_out(&Example { name: example, lines, .. }: &Example) -> Result<(), String> {
    let programs = env::current_exe().map_err(|error| error.to_string())?;
    let programs = programs.parent().ok_or("this program is nowhere")?;
    let folder = Folder::new(&programs.join(format!("xtask-{example}-{}", std::process::id())))?;
    let mut running = Running::start(&programs.join(example), &folder.0.join("quickstart.db"))?;
    let first = running.line()?;
    println!("{example}: {first}");
    if !first.starts_with("listening on http://") {
        return Err("the first line does not say where it listens".to_owned());
    }
    let mut expected = String::new();
    let mut tried = 0;
    while tried < lines {
        let line = running.line()?;
        if line.starts_with('#') {
            expected = line;
        } else if line.starts_with("curl ") {
            paste(&line, &expected)?;
            tried += 1;
        }
    }
    let status = running.stop()?;
    println!("{example}: SIGTERM, {status}");
    status.success().then_some(()).ok_or_else(|| format!("after SIGTERM it ended with {status}"))
}

/// Runs one line; the comment above it ends with the status that will come.
fn paste(line: &str, expected: &str) -> Result<(), String> {
    let promised = expected.split(|letter: char| !letter.is_ascii_digit()).find(|digits| digits.len() == 3);
    let promised = promised.ok_or_else(|| format!("no status is promised above: {line}"))?;
    // The user's own settings and proxies are not what is tried here.
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("NO_PROXY", "*").env("CURL_HOME", "/nonexistent").stdin(Stdio::null());
    let output = shell.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let status = said.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).next_back().unwrap_or("no answer");
    println!("  {expected} -> {status}");
    if status.starts_with(promised) {
        Ok(())
    } else {
        Err(format!("{promised} was promised, but: {status}\n{line}\n{said}"))
    }
}

/// A folder that is removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(path: &Path) -> Result<Self, String> {
        fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that is killed when it is dropped.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(program: &Path, database: &Path) -> Result<Self, String> {
        let mut command = Command::new(program);
        // A database on a server is nobody's but the example's own.
        command.env("ADDR", "127.0.0.1:0").env("DATABASE", database).env_remove("DATABASE_URL");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(Result::ok);
                for line in lines {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Self { child, lines })
    }

    fn line(&self) -> Result<String, String> {
        self.lines.recv_timeout(PATIENCE).map_err(|_| "it says nothing more".to_owned())
    }

    fn stop(&mut self) -> Result<std::process::ExitStatus, String> {
        let asked = is_there(Command::new("kill").args(["-TERM", &self.child.id().to_string()]));
        if !asked {
            return Err("it cannot be sent SIGTERM".to_owned());
        }
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("it goes on after SIGTERM".to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Without effect on one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
