//! `put-bench compile`: what it costs to build an application's resources, derived and by hand.
//!
//! Each leaf crate is a whole server over maps in memory. Its dependencies are built beforehand; then the leaf alone
//! is removed and built again, the two styles in turn. Linking is part of it, because it is part of the wait.

mod members;
mod source;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use self::{
    members::Resource,
    source::{Style, package},
};
use crate::{
    Result,
    options::Options,
    programs::{Programs, cargo},
    ratio::{self, Ratio, Target, median},
    server::{self, Server},
    surroundings,
    table::Table,
};

const ROUNDS: usize = 3;
const COUNTS: [usize; 3] = [1, 50, 200];
const STYLES: [Style; 2] = [Style::Derived, Style::ByHand];

/// One build: how long it took, and how much processor time cargo and all its children used.
#[derive(Clone, Copy, Debug)]
struct Build {
    wall: Duration,
    processor: Duration,
}

/// Everything measured for one count and one profile; the arrays are in the order of [`STYLES`].
struct Case {
    count: usize,
    profile: &'static str,
    builds: [Vec<Build>; 2],
    /// The binary as it is, and stripped.
    sizes: [(u64, u64); 2],
}

/// Runs the comparison.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::found();
    let folder = programs.target.join("bench-compile");
    let workspace = folder.join("workspace");
    let built = folder.join("built");
    let counts = options.resources.clone().unwrap_or_else(|| COUNTS.to_vec());
    source::write_workspace(&workspace, &programs.root, &counts)?;

    println!("# Building the leaf crate\n");
    surroundings::print(&programs);
    let rounds = options.rounds(ROUNDS);
    let mut cases = Vec::new();
    for profile in ["debug", "release"] {
        if options.includes(profile) {
            for &count in &counts {
                cases.push(measure(&workspace, &built, count, profile, rounds)?);
            }
        }
    }
    println!("## {rounds} rounds; dependencies built beforehand\n");
    report(&cases);
    Ok(())
}

fn measure(workspace: &Path, built: &Path, count: usize, profile: &'static str, rounds: usize) -> Result<Case> {
    // The first build brings the dependencies and shows that both are servers that work.
    for style in STYLES {
        build(workspace, built, &package(style, count), profile)?;
        check(&binary(built, style, count, profile), count)?;
    }
    let mut builds = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for turn in [round, round + 1] {
            let side = turn % STYLES.len();
            let package = package(STYLES[side], count);
            remove(workspace, built, &package, profile)?;
            builds[side].push(build(workspace, built, &package, profile)?);
        }
    }
    let mut sizes = [(0, 0); 2];
    for (size, style) in sizes.iter_mut().zip(STYLES) {
        *size = size_of(&binary(built, style, count, profile))?;
    }
    Ok(Case { count, profile, builds, sizes })
}

fn build(workspace: &Path, built: &Path, package: &str, profile: &str) -> Result<Build> {
    let begin = Instant::now();
    let before = server::processor_time_of_children()?;
    run_cargo("build", workspace, built, package, profile)?;
    Ok(Build { wall: begin.elapsed(), processor: server::processor_time_of_children()?.saturating_sub(before) })
}

fn remove(workspace: &Path, built: &Path, package: &str, profile: &str) -> Result<()> {
    run_cargo("clean", workspace, built, package, profile)
}

fn run_cargo(command: &str, workspace: &Path, built: &Path, package: &str, profile: &str) -> Result<()> {
    let built = built.to_string_lossy();
    let mut arguments = vec![command, "--quiet", "--target-dir", &built, "-p", package];
    if profile == "release" {
        arguments.push("--release");
    }
    cargo(workspace, &arguments)
}

fn binary(built: &Path, style: Style, count: usize, profile: &str) -> PathBuf {
    built.join(profile).join(package(style, count))
}

/// Starts the program and creates, then replaces, a resource of the last kind.
fn check(program: &Path, count: usize) -> Result<()> {
    let Some(last) = count.checked_sub(1) else { return Ok(()) };
    let resource = Resource::new(last);
    let (path, content) = (resource.route().replace("{id}", "1"), resource.sample());
    let server = Server::start::<&str>(program, &[])?;
    for expected in ["HTTP/1.1 201", "HTTP/1.1 200"] {
        let mut stream = TcpStream::connect(server.address())?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "PUT {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{content}",
            content.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with(expected) {
            return Err(format!("{}: expected {expected}, got\n{answer}", program.display()).into());
        }
    }
    // These have no way to stop but to be killed, which is what dropping does.
    drop(server);
    Ok(())
}

/// The size of a program, as it is and stripped; the second is 0 where there is no `strip`.
fn size_of(program: &Path) -> Result<(u64, u64)> {
    let whole = fs::metadata(program)?.len();
    let stripped = program.with_extension("stripped");
    let status = Command::new("strip").arg("-o").arg(&stripped).arg(program).status();
    match status {
        Ok(status) if status.success() => Ok((whole, fs::metadata(stripped)?.len())),
        _ => {
            println!("SKIPPED stripped sizes: there is no `strip`; binutils has it\n");
            Ok((whole, 0))
        }
    }
}

fn report(cases: &[Case]) {
    let mut figures = Table::new(&["resources", "wall s", "cpu s", "binary KiB", "stripped KiB"]);
    let mut ratios = Table::new(&ratio::COLUMNS);
    for case in cases {
        let label = format!("{} {}", case.count, case.profile);
        for (side, style) in STYLES.iter().enumerate() {
            let seconds = |value: fn(&Build) -> Duration| {
                median(case.builds[side].iter().map(|build| value(build).as_secs_f64()))
            };
            let (whole, stripped) = case.sizes[side];
            figures.row(vec![
                format!("{label} {}", style.name()),
                format!("{:.2}", seconds(|build| build.wall)),
                format!("{:.2}", seconds(|build| build.processor)),
                format!("{}", whole / 1024),
                format!("{}", stripped / 1024),
            ]);
        }
        // The targets are set for 200 resources; smaller crates are there to show where the cost comes from.
        let target = |limit| if case.count >= 200 { Target::AtMost(limit) } else { Target::None };
        let sides = |value: fn(&Build) -> Duration| {
            let [derived, by_hand] = &case.builds;
            let seconds = move |build: &Build| value(build).as_secs_f64();
            (derived.iter().map(seconds).collect::<Vec<_>>(), by_hand.iter().map(seconds).collect::<Vec<_>>())
        };
        let (derived, by_hand) = sides(|build| build.wall);
        ratios.row(Ratio::new(format!("{label}: wall, derived / by hand"), derived, by_hand, target(0.25)).cells());
        let (derived, by_hand) = sides(|build| build.processor);
        ratios.row(Ratio::new(format!("{label}: cpu, derived / by hand"), derived, by_hand, Target::None).cells());
        let [(derived, derived_stripped), (by_hand, by_hand_stripped)] = case.sizes;
        for (name, ours, theirs) in
            [("binary", derived, by_hand), ("stripped binary", derived_stripped, by_hand_stripped)]
        {
            if theirs > 0 {
                let limit = if case.profile == "release" { target(0.3) } else { Target::None };
                let label = format!("{label}: {name}, derived / by hand");
                ratios.row(Ratio::new(label, [ours as f64], [theirs as f64], limit).cells());
            }
        }
    }
    println!("{figures}\n{ratios}");
}
