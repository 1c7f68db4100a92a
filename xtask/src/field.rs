//! Runs the conformance program on servers that other people wrote, each set up in `docs/field` as its own guide does.
//!
//! A server is fetched, started and stopped in `target/field/<name>`, where its reports are afterwards. Nothing is
//! installed on the system, and nothing outlives the recipe. At the end the tables of `docs/field-report.md` are written
//! from the reports that are there.

mod obtain;
mod running;
mod servers;
mod table;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::run::{cargo, root, stream};
use crate::step::Outcome;
use running::Running;
use servers::{QUICKSTART, SERVERS, Server, Source};

/// The program that is run on each server. It is a package of the workspace of the same name.
const PROGRAM: &str = "put-conformance";

/// How long a server may take to answer for the first time.
const START: Duration = Duration::from_secs(90);

/// How long the program may take with one server.
const LOOK: Duration = Duration::from_mins(20);

/// How long it is told that it may take, in seconds, so that it ends by itself and says so.
const WITHIN: &str = "900";

/// So many rounds of the race that may lose an update.
const RACES: &str = "2000";

/// All servers and our own example beside them, or those that are named.
pub(crate) fn run(names: &[&str]) -> ExitCode {
    if !cfg!(unix) {
        println!("SKIPPED: the servers are started and stopped by sh, which this system has not");
        return ExitCode::SUCCESS;
    }
    let all: Vec<&Server> = SERVERS.iter().chain([&QUICKSTART]).collect();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|server| server.name != **name)) {
        let all: Vec<&str> = all.iter().map(|server| server.name).collect();
        eprintln!("there is no server `{unknown}` here, but: {}", all.join(", "));
        return ExitCode::from(2);
    }
    if let Outcome::Failed(why) = stream(cargo(["build", "--locked", "--package", PROGRAM, "--bin", PROGRAM])) {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    let wanted = all.into_iter().filter(|server| names.is_empty() || names.contains(&server.name));
    let done: Vec<(&str, Outcome)> = wanted.map(|server| (server.name, look_at(server))).collect();
    println!("== summary");
    for (name, outcome) in &done {
        println!("{name:<16} {}", said(outcome));
    }
    if let Err(error) = table::write() {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let failed = done.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The formatting of the servers that are crates, which are no members of the workspace.
pub(crate) fn fmt() -> Outcome {
    let crates = SERVERS.iter().filter(|server| matches!(server.source, Source::Cargo));
    crates.fold(Outcome::Passed(Vec::new()), |before, server| {
        let manifest = format!("docs/field/{}/Cargo.toml", server.name);
        before.and(|| stream(cargo(["fmt", "--check", "--manifest-path", &manifest])))
    })
}

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed(notes) => notes.join(", "),
        Outcome::Failed(why) => format!("FAILED: {why}"),
        Outcome::Skipped(why) => format!("SKIPPED: {why}"),
    }
}

fn look_at(server: &Server) -> Outcome {
    println!("== {}: {}", server.name, server.about);
    let outcome = match lay_out(server) {
        Err(error) => Outcome::Failed(error),
        Ok(place) => match obtain::obtain(server, &place.folder) {
            Err(reason) => Outcome::Skipped(reason),
            Ok(()) => measure(server, &place).map_or_else(Outcome::Failed, |note| Outcome::Passed(vec![note])),
        },
    };
    println!("{}\n", said(&outcome));
    outcome
}

/// Where a server runs.
struct Place {
    folder: PathBuf,
    /// Where cargo has put the programs of the workspace.
    programs: PathBuf,
    port: u16,
}

impl Place {
    fn filled_in(&self, text: &str) -> String {
        let text = text.replace("@port@", &self.port.to_string()).replace("@arch@", env::consts::ARCH);
        let text = text.replace("@programs@", &self.programs.to_string_lossy());
        text.replace("@here@", &self.folder.to_string_lossy())
    }
}

/// Copies what a server needs from `docs/field`, with an empty folder for its data.
fn lay_out(server: &Server) -> Result<Place, String> {
    let folder = root().join("target/field").join(server.name);
    let xtask = env::current_exe().map_err(|error| error.to_string())?;
    let programs = xtask.parent().ok_or("this program is nowhere")?.to_owned();
    let place = Place { folder, programs, port: running::free_port()? };
    let io = |error: std::io::Error| format!("{}: {error}", place.folder.display());
    let data = place.folder.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).map_err(io)?;
    }
    fs::create_dir_all(data.join("content")).map_err(io)?;
    let source = root().join("docs/field");
    for content in ["a.json", "b.json"] {
        fs::copy(source.join(content), place.folder.join(content)).map_err(io)?;
    }
    if !matches!(server.source, Source::Workspace) {
        copy(&source.join(server.name), &place.folder, &place).map_err(io)?;
    }
    open_for_all(&data)?;
    Ok(place)
}

fn copy(from: &Path, to: &Path, place: &Place) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, copied) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &copied, place)?;
        } else {
            let text = place.filled_in(&fs::read_to_string(&path)?);
            // A file that is as it was stays as old as it was, so that nothing is built twice.
            if !fs::read_to_string(&copied).is_ok_and(|old| old == text) {
                fs::write(&copied, text)?;
            }
        }
    }
    Ok(())
}

/// nginx and httpd, when root starts them, work as a user who owns nothing here.
fn open_for_all(data: &Path) -> Result<(), String> {
    let mut chmod = Command::new("chmod");
    chmod.args(["-R", "a+rwX"]).arg(data);
    if crate::run::is_there(&mut chmod) { Ok(()) } else { Err(format!("{} stays closed", data.display())) }
}

/// Starts the server, runs the program on it, and stops it, however that ends.
fn measure(server: &Server, place: &Place) -> Result<String, String> {
    let arguments = server.start.iter().map(|argument| place.filled_in(argument));
    let log = place.folder.join("server.log");
    let mut running = Running::start(arguments, &place.folder, &log)?;
    running.answers(place.port, START).map_err(|error| format!("{error}; see {}", log.display()))?;
    for (path, file) in server.before {
        let content = fs::read_to_string(place.folder.join(file)).map_err(|error| error.to_string())?;
        let status = running::put(place.port, path, &content)?;
        println!("PUT {path} -> {status}");
    }
    let text = place.folder.join("report.txt");
    let arguments = command(server, place.port);
    println!("$ {}", arguments.join(" "));
    let program = place.programs.join(PROGRAM);
    let arguments = [program.to_string_lossy().into_owned()].into_iter().chain(arguments.into_iter().skip(1));
    let status = Running::start(arguments, &place.folder, &text)?.ends(LOOK)?;
    // 1 is what it ends with when a server fails rows, which is what is looked for here.
    match status.code() {
        Some(0 | 1) => Ok(format!("looked at; see {}", text.display())),
        _ => Err(format!("{PROGRAM} ended with {status}; see {}", text.display())),
    }
}

/// What is typed to look at a server, in the folder where it runs.
fn command(server: &Server, port: u16) -> Vec<String> {
    let template = format!("http://127.0.0.1:{port}{}", server.path);
    let one = template.replace("{}", server.key);
    let contents = ["--content", "a.json", "--content", "b.json", "--profile", "rfc"];
    let fixed = ["--races", RACES, "--within", WITHIN, "--json", "report.json"];
    let of_server = [PROGRAM, &one, "--url-template", &template, "--key-kind", server.key_kind];
    of_server.into_iter().chain(contents).chain(fixed).map(str::to_owned).collect()
}
