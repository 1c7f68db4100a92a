//! `put-bench sqlite`: PUT over a database file with synchronous=FULL, ours against one transaction per request
//! written with sqlx.
//!
//! All servers are up at the same time, each with a database of its own, and take turns: whoever is not asked does
//! nothing. The peer runs twice: with one write connection, so that requests wait for it in the pool's fair queue, and
//! with eight, where they wait in the busy handler of the database: more requests per second, a longer tail.

use std::{ffi::OsStr, fs, path::Path, time::Duration};

use crate::{
    Result,
    load::{self, Keys, Plan, Sample},
    options::Options,
    programs::Programs,
    ratio::{self, Ratio, Target, median},
    server::Server,
    surroundings,
    table::Table,
};

const ROUNDS: usize = 5;
const SECONDS: f64 = 3.0;
const WRITERS: [usize; 2] = [1, 8];

/// One kind of load, with the samples of each side: ours, then a peer for each number of write connections.
struct Case {
    connections: usize,
    if_match: bool,
    /// What requests per second are to reach.
    target: Target,
    samples: Vec<Vec<Sample>>,
}

/// Runs the comparison.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::built(options)?;
    println!("# PUT, database on a file, synchronous=FULL\n");
    surroundings::print(&programs);
    // Not in the system's temporary folder, which may be memory.
    let parent = programs.target.join("bench-data");
    fs::create_dir_all(&parent)?;
    surroundings::print_disk(&parent)?;

    let writers = options.writers.clone().unwrap_or_else(|| WRITERS.to_vec());
    let sides = 1 + writers.len();
    let mut cases = [
        Case::new(1, false, Target::AtLeast(1.0), sides),
        Case::new(64, false, Target::AtLeast(13.0), sides),
        Case::new(64, true, Target::None, sides),
        Case::new(256, false, Target::AtLeast(20.0), sides),
    ];
    let rounds = options.rounds(ROUNDS);
    let window = options.window(SECONDS);
    for round in 0..rounds {
        let folder = tempfile::tempdir_in(&parent)?;
        let servers = start_all(&programs, folder.path(), &writers)?;
        for server in &servers {
            load::create_all(server.address())?;
        }
        for (index, case) in cases.iter_mut().enumerate() {
            // Who goes first alternates.
            for turn in 0..sides {
                let side = (round + index + turn) % sides;
                case.samples[side].push(load::run(&Plan {
                    address: servers[side].address(),
                    pid: Some(servers[side].pid()),
                    database: None,
                    connections: case.connections,
                    keys: Keys::Shared,
                    if_match: case.if_match,
                    expected: 200,
                    warm_up: Duration::from_millis(500),
                    window,
                })?);
            }
        }
        for server in servers {
            server.stop()?;
        }
    }
    println!("## {rounds} rounds of {window:?}\n");
    report(&cases, &writers);
    Ok(())
}

fn start_all(programs: &Programs, folder: &Path, writers: &[usize]) -> Result<Vec<Server>> {
    let mut servers = vec![Server::start(&programs.ours("ours-axum-sqlite"), &[folder.join("ours.db")])?];
    for count in writers {
        let file = folder.join(format!("sqlx-{count}.db"));
        let arguments = [file.as_os_str(), OsStr::new(&count.to_string())].map(OsStr::to_os_string);
        servers.push(Server::start(&programs.peer("axum-sqlx"), &arguments)?);
    }
    Ok(servers)
}

fn report(cases: &[Case], writers: &[usize]) {
    let peers: Vec<_> = writers.iter().map(|count| format!("sqlx, {count} writing")).collect();
    let mut samples = Table::new(&["", "requests/s", "p50 us", "p99 us", "cpu us/request"]);
    let mut ratios = Table::new(&ratio::COLUMNS);
    for case in cases {
        let label = case.label();
        let names = ["ours"].into_iter().chain(peers.iter().map(String::as_str));
        for (name, values) in names.zip(&case.samples) {
            let of = |value: fn(&Sample) -> f64| median(values.iter().map(value));
            samples.row(vec![
                format!("{label}: {name}"),
                format!("{:.0}", of(|sample| sample.per_second)),
                format!("{:.0}", of(|sample| sample.p50)),
                format!("{:.0}", of(|sample| sample.p99)),
                format!("{:.1}", of(|sample| sample.processor)),
            ]);
        }
        let (ours, theirs) = case.samples.split_first().unwrap_or((const { &Vec::new() }, &[]));
        for (name, theirs) in peers.iter().zip(theirs) {
            let per_second = |values: &[Sample]| values.iter().map(|sample| sample.per_second).collect::<Vec<_>>();
            let what = format!("{label}: requests/s, ours / {name}");
            ratios.row(Ratio::new(what, per_second(ours), per_second(theirs), case.target).cells());
        }
        for (name, theirs) in peers.iter().zip(theirs) {
            let target = if case.connections == 64 { Target::AtMost(1.0) } else { Target::None };
            let (tail, middle) = (ours.iter().map(|sample| sample.p99), theirs.iter().map(|sample| sample.p50));
            ratios.row(Ratio::new(format!("{label}: our p99 / p50 of {name}"), tail, middle, target).cells());
        }
    }
    println!("{samples}\n{ratios}");
}

impl Case {
    fn new(connections: usize, if_match: bool, target: Target, sides: usize) -> Self {
        Self { connections, if_match, target, samples: vec![Vec::new(); sides] }
    }

    fn label(&self) -> String {
        let condition = if self.if_match { " If-Match" } else { "" };
        format!("c={}{condition}", self.connections)
    }
}
