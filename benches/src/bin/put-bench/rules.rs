//! `put-bench rules`: what a rule costs that always reads the current state, on SQLite and on PostgreSQL: the same endpoint
//! without it, with one that computes, and with one that waits.

use std::{ffi::OsString, fs, path::Path, time::Duration};

use crate::{
    Result,
    load::{self, Keys, Plan, Sample},
    options::Options,
    postgres::{COLUMNS, Database, on_a_disk},
    programs::Programs,
    ratio::{self, Ratio, Target, median},
    server::Server,
    surroundings,
    table::Table,
};

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
const SECONDS: f64 = 3.0;

/// What the endpoint has besides; the second is the argument of the program.
const SIDES: [(&str, Option<&str>); 3] =
    [("no rule", None), ("a rule that computes", Some("rule")), ("a rule that waits", Some("waiting-rule"))];

/// Runs the comparison on each store.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::built(options)?;
    if options.includes("postgres") {
        on_a_disk(&programs)?;
    }
    println!("# PUT with a rule that always reads the current state\n");
    surroundings::print(&programs);
    let parent = programs.target.join("bench-data");
    fs::create_dir_all(&parent)?;
    if options.includes("sqlite") {
        surroundings::print_disk(&parent)?;
        let start = |folder: &Path, side: usize| {
            let mut arguments = vec![folder.join(format!("{side}.db")).into_os_string()];
            arguments.extend(SIDES[side].1.map(OsString::from));
            Server::start(&programs.ours("ours-axum-sqlite"), &arguments)
        };
        compare("sqlite", options, &parent, None, &start)?;
    }
    if options.includes("postgres") {
        let database = Database::started()?;
        let start = |_: &Path, side: usize| {
            let table = format!("rules_{side}");
            database.sql(&format!("DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({COLUMNS})"))?;
            let mut arguments = vec![database.url(), table];
            arguments.extend(SIDES[side].1.map(str::to_owned));
            Server::start(&programs.ours("ours-axum-postgres"), &arguments)
        };
        compare("postgres", options, &parent, Some(&database), &start)?;
    }
    Ok(())
}

/// Starts the server of a side, with its files in a folder of the round.
type Start<'s> = &'s dyn Fn(&Path, usize) -> Result<Server>;

fn compare(store: &str, options: &Options, parent: &Path, database: Option<&Database>, start: Start<'_>) -> Result<()> {
    let mut samples: [Vec<Sample>; SIDES.len()] = Default::default();
    let (rounds, window) = (options.rounds(ROUNDS), options.window(SECONDS));
    let connections = options.connections.unwrap_or(CONNECTIONS);
    for round in 0..rounds {
        let folder = tempfile::tempdir_in(parent)?;
        let servers: Vec<Server> = (0..SIDES.len()).map(|side| start(folder.path(), side)).collect::<Result<_>>()?;
        for server in &servers {
            load::create_all(server.address())?;
        }
        // Who goes first alternates.
        for turn in 0..SIDES.len() {
            let side = (round + turn) % SIDES.len();
            samples[side].push(load::run(&Plan {
                address: servers[side].address(),
                pid: Some(servers[side].pid()),
                database: database.map(Database::pid).transpose()?,
                connections,
                keys: Keys::Shared,
                if_match: false,
                expected: 200,
                warm_up: Duration::from_millis(500),
                window,
            })?);
            if let Some(database) = database {
                database.settle(&format!("rules_{side}"))?;
            }
        }
        for server in servers {
            server.stop()?;
        }
    }
    println!("## {store}: c={connections}, {rounds} rounds of {window:?}\n");
    let mut table = Table::new(&["", "requests/s", "p50 us", "p99 us", "cpu us/request"]);
    let mut ratios = Table::new(&ratio::COLUMNS);
    let per_second = |side: usize| samples[side].iter().map(|sample| sample.per_second).collect::<Vec<_>>();
    for (side, (name, _)) in SIDES.iter().enumerate() {
        let of = |value: fn(&Sample) -> f64| median(samples[side].iter().map(value));
        table.row(vec![
            (*name).to_owned(),
            format!("{:.0}", of(|sample| sample.per_second)),
            format!("{:.0}", of(|sample| sample.p50)),
            format!("{:.0}", of(|sample| sample.p99)),
            format!("{:.1}", of(|sample| sample.processor)),
        ]);
        if side > 0 {
            let what = format!("requests/s, {name} / without");
            ratios.row(Ratio::new(what, per_second(side), per_second(0), Target::AtLeast(0.6)).cells());
        }
    }
    println!("{table}\n{ratios}");
    Ok(())
}
