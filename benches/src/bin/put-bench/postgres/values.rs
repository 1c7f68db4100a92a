//! `put-bench postgres-values`: what it costs to send the values of rows as one JSON parameter, as put-postgres does because
//! it knows a table only when it runs, against a typed array for each column, and for one row a typed parameter each.
//!
//! The statement around the values is the same, and so is its plan; there is no HTTP and nothing is decided. Each side
//! makes its parameters of rows that are there in its own form: JSON texts, or values.
//!
//! One file, because a way to send values is a statement and its parameters, which have to agree.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use tokio_postgres::{
    Client, Statement,
    types::{Format, IsNull, ToSql, Type, to_sql_checked},
};

use super::database::{self, Database};
use crate::{
    Result,
    options::Options,
    programs::Programs,
    ratio::{Ratio, Target, median},
    surroundings,
    table::Table,
};

const ROUNDS: usize = 7;
const SECONDS: f64 = 0.3;
const BATCHES: [usize; 4] = [1, 16, 64, 256];
/// How many rows are there to be updated, each with two contents that take turns.
const UPDATED: usize = 1024;
/// How many rows are there to be inserted; a measurement that has inserted all of them ends early.
const INSERTED: usize = 200_000;

const COLUMNS: &str =
    "id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL, role text NOT NULL, nickname text";

/// Each row is found by its key, whatever the planner thinks of the parameters, and it thinks once, as in put-postgres.
const SAME_PLAN: &str =
    "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET enable_seqscan = off; SET jit = off";

const JSON: &str = "json_to_recordset($1::json) AS s(id bigint, name text, email text, role text, nickname text)";
const ARRAYS: &str =
    "unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) AS s(id, name, email, role, nickname)";
const PLAIN: &str =
    "(VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::text)) AS s(id, name, email, role, nickname)";

/// A row in both forms.
struct Row {
    id: i64,
    name: String,
    email: String,
    role: &'static str,
    nickname: Option<&'static str>,
    json: String,
}

/// What is written.
struct Contents {
    updated: [Vec<Row>; 2],
    inserted: Vec<Row>,
}

/// How values are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Json,
    Arrays,
    Plain,
}

/// What is done with them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Update,
    Insert,
}

/// One line of the table: microseconds per row, one value per round.
struct Line {
    durable: bool,
    work: Work,
    batch: usize,
    typed: Way,
    samples: [Vec<f64>; 2],
}

/// Runs the comparison.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::found();
    database::on_a_disk(&programs)?;
    println!("# values for PostgreSQL, as one JSON parameter and as typed parameters\n");
    surroundings::print(&programs);
    let database = Database::started()?;
    database.sql(&format!("CREATE TABLE updated ({COLUMNS}); CREATE TABLE inserted ({COLUMNS})"))?;

    let mut lines = Vec::new();
    for durable in [true, false] {
        for work in [Work::Update, Work::Insert] {
            for batch in BATCHES {
                let typed = if batch == 1 { &[Way::Plain, Way::Arrays][..] } else { &[Way::Arrays] };
                lines.extend(typed.iter().map(|&typed| Line {
                    durable,
                    work,
                    batch,
                    typed,
                    samples: Default::default(),
                }));
            }
        }
    }
    let rounds = options.rounds(ROUNDS);
    let window = options.window(SECONDS);
    let contents = Contents { updated: [rows(UPDATED, 0), rows(UPDATED, 1)], inserted: rows(INSERTED, 0) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for round in 0..rounds {
        for (index, line) in lines.iter_mut().enumerate() {
            let ways = [Way::Json, line.typed];
            // Who goes first alternates.
            for turn in 0..ways.len() {
                let nth = (round + index + turn) % ways.len();
                database.sql(&format!(
                    "TRUNCATE updated, inserted;
                     INSERT INTO updated SELECT n, '', '', '', NULL FROM generate_series(1, {UPDATED}) n"
                ))?;
                database.settle("updated, inserted")?;
                let sample = runtime.block_on(async {
                    let client = database::connect(&database.url()).await?;
                    client.batch_execute(SAME_PLAN).await?;
                    if !line.durable {
                        client.batch_execute("SET synchronous_commit = off").await?;
                    }
                    measure(&client, ways[nth], line, &contents, window).await
                });
                line.samples[nth].push(sample?);
            }
        }
    }
    println!("## {rounds} rounds of {window:?}\n");
    for durable in [true, false] {
        let commit = if durable { "durable" } else { "commit not waited for" };
        let mut table = Table::new(&[commit, "JSON us/row", "typed us/row", "JSON / typed", "spread"]);
        for line in lines.iter().filter(|line| line.durable == durable) {
            let [json, typed] = &line.samples;
            let ratio = Ratio::new(line.label(), json.iter().copied(), typed.iter().copied(), Target::None);
            let [label, middle, spread, ..] = &ratio.cells()[..] else { continue };
            let of = |values: &[f64]| format!("{:.1}", median(values.iter().copied()));
            table.row(vec![label.clone(), of(json), of(typed), middle.clone(), spread.clone()]);
        }
        println!("{table}");
    }
    Ok(())
}

/// Microseconds per row.
async fn measure(client: &Client, way: Way, line: &Line, contents: &Contents, window: Duration) -> Result<f64> {
    let statement = client.prepare(&line.work.sql(way)).await?;
    let mut batches: Box<dyn Iterator<Item = &[Row]>> = match line.work {
        Work::Update => Box::new((0..).flat_map(|lap| contents.updated[lap % 2].chunks_exact(line.batch))),
        Work::Insert => Box::new(contents.inserted.chunks_exact(line.batch)),
    };
    for rows in batches.by_ref().take(UPDATED / line.batch) {
        send(client, &statement, way, rows).await?;
    }
    let begin = Instant::now();
    let mut done = 0;
    for rows in batches {
        send(client, &statement, way, rows).await?;
        done += rows.len();
        if begin.elapsed() >= window {
            break;
        }
    }
    Ok(begin.elapsed().as_secs_f64() * 1e6 / done as f64)
}

/// One statement with all of these rows.
async fn send(client: &Client, statement: &Statement, way: Way, rows: &[Row]) -> Result<()> {
    let written = match way {
        Way::Json => {
            let mut states = String::from("[");
            for (index, row) in rows.iter().enumerate() {
                states.push_str(if index > 0 { "," } else { "" });
                states.push_str(&row.json);
            }
            states.push(']');
            client.execute(statement, &[&JsonText(&states)]).await?
        }
        Way::Arrays => {
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
            let emails: Vec<&str> = rows.iter().map(|row| row.email.as_str()).collect();
            let roles: Vec<&str> = rows.iter().map(|row| row.role).collect();
            let nicknames: Vec<Option<&str>> = rows.iter().map(|row| row.nickname).collect();
            client.execute(statement, &[&ids, &names, &emails, &roles, &nicknames]).await?
        }
        Way::Plain => {
            let row = &rows[0];
            let values: [&(dyn ToSql + Sync); 5] = [&row.id, &row.name, &row.email, &row.role, &row.nickname];
            client.execute(statement, &values).await?
        }
    };
    if written == rows.len() as u64 { Ok(()) } else { Err(format!("{written} rows of {}", rows.len()).into()) }
}

/// A text for a parameter of the type json, as put-postgres sends it.
#[derive(Debug)]
struct JsonText<'t>(&'t str);

impl ToSql for JsonText<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(of: &Type) -> bool {
        *of == Type::JSON
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// Rows from the key 1 on.
fn rows(count: usize, variant: usize) -> Vec<Row> {
    let (name, host, role, nickname) = match variant {
        0 => ("Ada Lovelace", "example.org", "user", Some("countess")),
        _ => ("Ada Augusta King", "example.com", "admin", None),
    };
    let row = |id| {
        let (name, email) = (format!("{name} {id}"), format!("user{id}@{host}"));
        let shown = nickname.map_or("null".to_owned(), |nickname| format!("\"{nickname}\""));
        let json = format!(r#"{{"id":{id},"name":"{name}","email":"{email}","role":"{role}","nickname":{shown}}}"#);
        Row { id, name, email, role, nickname, json }
    };
    (1..).take(count).map(row).collect()
}

impl Work {
    fn sql(self, way: Way) -> String {
        let values = match way {
            Way::Json => JSON,
            Way::Arrays => ARRAYS,
            Way::Plain => PLAIN,
        };
        match self {
            Self::Update => format!(
                "UPDATE updated u SET name = s.name, email = s.email, role = s.role, nickname = s.nickname
                 FROM {values} WHERE u.id = s.id"
            ),
            Self::Insert => {
                format!("INSERT INTO inserted SELECT s.id, s.name, s.email, s.role, s.nickname FROM {values}")
            }
        }
    }
}

impl Line {
    fn label(&self) -> String {
        let work = match self.work {
            Work::Update => "UPDATE",
            Work::Insert => "INSERT",
        };
        match (self.batch, self.typed) {
            (1, Way::Plain) => format!("{work} of 1, by parameters"),
            (batch, _) => format!("{work} of {batch}, by arrays"),
        }
    }
}
