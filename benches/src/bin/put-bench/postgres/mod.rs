//! `put-bench postgres`: PUT over a table of PostgreSQL, durable as it is by default, ours against one transaction per
//! request written with sqlx, and against one statement per request, which is the least that can be written by hand.
//!
//! All sides are up at the same time on one database server, each with a table of its own, and take turns: whoever is not
//! asked does nothing. After each turn the table is vacuumed and everything is written out, so that no side pays for what
//! another left.

mod database;
mod report;
pub(crate) mod values;

use std::time::Duration;

pub(crate) use self::database::{Database, on_a_disk};
use self::report::report;
use crate::{
    Result,
    load::{self, Keys, Plan, Sample},
    options::Options,
    programs::Programs,
    ratio::Target,
    server::Server,
    surroundings,
};

const ROUNDS: usize = 5;
const SECONDS: f64 = 3.0;
const ROWS: u64 = 1_000_000;
const POOL: usize = 16;

/// The columns that every side has.
pub(crate) const COLUMNS: &str =
    "id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL, role text NOT NULL, nickname text";

/// A server under measurement; its table is `users` in a schema of its own.
struct Side {
    name: &'static str,
    schema: &'static str,
    by_hand: bool,
    /// What its table has besides the common columns.
    besides: &'static str,
    /// The last argument of its program.
    argument: Option<&'static str>,
    /// Whether its table is one with very many rows.
    large: bool,
}

const OURS: Side = Side { name: "ours", schema: "ours", by_hand: false, besides: "", argument: None, large: false };
const BY_HAND: Side = Side {
    name: "by hand",
    schema: "by_hand",
    by_hand: true,
    besides: ", version bigint NOT NULL",
    argument: None,
    large: false,
};

const SIDES: [Side; 7] = [
    OURS,
    Side {
        name: "ours, version",
        schema: "ours_version",
        besides: ", version bigint NOT NULL",
        argument: Some("version"),
        ..OURS
    },
    Side { name: "ours, checked", schema: "ours_checked", besides: ", CHECK (name <> '')", ..OURS },
    Side { schema: "ours_large", large: true, ..OURS },
    BY_HAND,
    Side { name: "one statement", schema: "one_statement", argument: Some("statement"), ..BY_HAND },
    Side { schema: "by_hand_large", large: true, ..BY_HAND },
];

/// One kind of load, with the samples of each side that takes part: ours first, then the transaction by hand.
struct Case {
    label: String,
    connections: usize,
    if_match: bool,
    keys: Keys,
    /// The places in [`SIDES`].
    sides: &'static [usize],
    /// What the requests per second of the first side are to reach against the transaction by hand.
    target: Target,
    /// What its p99 is to reach against the p50 there.
    tail: Target,
    samples: Vec<Vec<Sample>>,
}

/// Runs the comparison.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::built(options)?;
    on_a_disk(&programs)?;
    println!("# PUT, table of PostgreSQL, durable\n");
    surroundings::print(&programs);
    let database = Database::started()?;

    let rows = options.rows.unwrap_or(ROWS);
    let mut cases = cases(rows);
    cases.retain(|case| options.includes(&case.label));
    let used = |place: &usize| cases.iter().any(|case| case.sides.contains(place));
    let used: Vec<usize> = (0..SIDES.len()).filter(used).collect();
    for side in used.iter().map(|&place| &SIDES[place]).filter(|side| side.large) {
        make_table(&database, side, rows)?;
    }
    let rounds = options.rounds(ROUNDS);
    let window = options.window(SECONDS);
    for round in 0..rounds {
        let mut servers: Vec<Option<Server>> = SIDES.iter().map(|_| None).collect();
        for &place in &used {
            let side = &SIDES[place];
            if !side.large {
                make_table(&database, side, 0)?;
            }
            let server = side.start(&programs, &database, options.pool.unwrap_or(POOL))?;
            if !side.large {
                load::create_all(server.address())?;
                database.settle(&side.table())?;
            }
            servers[place] = Some(server);
        }
        for (index, case) in cases.iter_mut().enumerate() {
            // Who goes first alternates.
            for turn in 0..case.sides.len() {
                let nth = (round + index + turn) % case.sides.len();
                let side = &SIDES[case.sides[nth]];
                let server = servers[case.sides[nth]].as_ref().ok_or("a server was not started")?;
                if let Keys::Any(_) = case.keys {
                    write_every_page(&database, side)?;
                }
                case.samples[nth].push(load::run(&Plan {
                    address: server.address(),
                    pid: Some(server.pid()),
                    database: Some(database.pid()?),
                    connections: case.connections,
                    keys: case.keys,
                    if_match: case.if_match,
                    expected: 200,
                    warm_up: Duration::from_millis(500),
                    window,
                })?);
                database.settle(&side.table())?;
            }
        }
        for server in servers.into_iter().flatten() {
            server.stop()?;
        }
    }
    println!("## {rounds} rounds of {window:?}\n");
    report(&cases);
    Ok(())
}

fn cases(rows: u64) -> Vec<Case> {
    let all = |connections, target, tail| Case::new(connections, Keys::Shared, &[0, 4, 5], target, tail);
    let mut cases = vec![
        all(1, Target::AtLeast(1.3), Target::None),
        all(16, Target::AtLeast(2.8), Target::None),
        all(64, Target::AtLeast(8.0), Target::AtMost(0.25)),
        all(256, Target::AtLeast(11.0), Target::None),
        Case { if_match: true, ..Case::new(64, Keys::Shared, &[0, 1, 4, 5], Target::None, Target::None) }
            .labelled("c=64 If-Match"),
        Case::new(64, Keys::One, &[0, 2, 4, 5], Target::AtLeast(5.0), Target::None).labelled("c=64 one row"),
    ];
    if rows > 0 {
        let many = Case::new(64, Keys::Any(rows), &[3, 6], Target::None, Target::None);
        cases.push(many.labelled(&format!("c=64 of {rows} rows")));
    }
    cases
}

/// Makes the table of a side, with the rows from 1 to `rows`.
fn make_table(database: &Database, side: &Side, rows: u64) -> Result<()> {
    let (schema, table, version) =
        (side.schema, side.table(), if side.besides.contains("version") { ", 1" } else { "" });
    database.sql(&format!(
        "SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema};
         CREATE TABLE {table} ({COLUMNS}{});
         INSERT INTO {table} SELECT n, 'Ada Lovelace 0000', 'user' || n || '@example.org', 'user', 'countess'{version}
             FROM generate_series(1, {rows}) n",
        side.besides
    ))?;
    database.settle(&table)
}

/// Between two checkpoints the first write to a page costs the log a copy of all of it. A server that has run for a while
/// has paid that for most pages of a table that is written all over, so here it is paid before the measurement.
fn write_every_page(database: &Database, side: &Side) -> Result<()> {
    let table = side.table();
    database.sql(&format!("UPDATE {table} SET nickname = nickname WHERE id % 20 = 0"))?;
    database.sql(&format!("VACUUM {table}"))
}

impl Side {
    fn table(&self) -> String {
        format!("{}.users", self.schema)
    }

    fn start(&self, programs: &Programs, database: &Database, pool: usize) -> Result<Server> {
        let url = database.url();
        let (program, mut arguments) = if self.by_hand {
            let url = format!("{url}?options[search_path]={}", self.schema);
            (programs.peer("axum-postgres"), vec![url, pool.to_string()])
        } else {
            (programs.ours("ours-axum-postgres"), vec![url, self.table()])
        };
        arguments.extend(self.argument.map(str::to_owned));
        Server::start(&program, &arguments)
    }
}

impl Case {
    fn new(connections: usize, keys: Keys, sides: &'static [usize], target: Target, tail: Target) -> Self {
        let samples = vec![Vec::new(); sides.len()];
        Self { label: format!("c={connections}"), connections, if_match: false, keys, sides, target, tail, samples }
    }

    fn labelled(self, label: &str) -> Self {
        Self { label: label.to_owned(), ..self }
    }

    /// One value per round, of the side at this place of the case.
    fn per_second(&self, nth: usize) -> Vec<f64> {
        self.samples[nth].iter().map(|sample| sample.per_second).collect()
    }
}
