//! The command line.

use std::time::Duration;

use crate::Result;

/// What `put-bench` prints when it does not understand.
pub(crate) const USAGE: &str = "\
usage: put-bench COMMAND [OPTIONS]

  memory         PUT over a map in memory: ours, by hand, and the framework's floor
  sqlite         PUT over SQLite on a real file: ours and one transaction per request by sqlx
  postgres       PUT over PostgreSQL: ours, one transaction and one statement per request by sqlx
  postgres-values
                 values as one JSON parameter and as typed parameters, over the driver alone
  rules          PUT over SQLite and PostgreSQL with a rule that reads the current state, and without
  compile        building 1, 50 and 200 resources: derived and by hand
  instructions   one PUT through the engine, counted by callgrind
  load URL       only the load generator, against http://HOST:PORT

  --rounds N          how often each side is measured
  --seconds S         how long each measurement takes (all but compile and instructions)
  --connections N     connections at once (memory, rules, load)
  --only NAME         only axum or only actix (memory), only debug or only release (compile), only this case (postgres),
                      only sqlite or only postgres (rules)
  --resources A,B,C   how many resources (compile)
  --writers A,B       write connections of the sqlx peer, one peer each (sqlite)
  --pool N            connections of the sqlx peer to the database (postgres)
  --rows N            how many rows the large tables have; 0 leaves them out (postgres)
  --if-match          with the current entity tag in If-Match (load)
  --pid N             the server whose processor time is counted (load)
  --no-build          the programs are built already";

/// The parsed command line. `None` leaves the choice to the command.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) command: String,
    pub(crate) url: Option<String>,
    pub(crate) rounds: Option<usize>,
    pub(crate) seconds: Option<f64>,
    pub(crate) connections: Option<usize>,
    pub(crate) only: Option<String>,
    pub(crate) resources: Option<Vec<usize>>,
    pub(crate) writers: Option<Vec<usize>>,
    pub(crate) pool: Option<usize>,
    pub(crate) rows: Option<u64>,
    pub(crate) pid: Option<u32>,
    pub(crate) if_match: bool,
    pub(crate) no_build: bool,
}

impl Options {
    /// Reads the arguments after the program's name.
    pub(crate) fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { command: arguments.next().unwrap_or_default(), ..Self::default() };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--rounds" => options.rounds = Some(value()?.parse::<usize>()?.max(1)),
                "--seconds" => options.seconds = Some(value()?.parse()?),
                "--connections" => options.connections = Some(value()?.parse()?),
                "--only" => options.only = Some(value()?),
                "--resources" => options.resources = Some(numbers(&value()?)?),
                "--writers" => options.writers = Some(numbers(&value()?)?),
                "--pool" => options.pool = Some(value()?.parse()?),
                "--rows" => options.rows = Some(value()?.parse()?),
                "--pid" => options.pid = Some(value()?.parse()?),
                "--if-match" => options.if_match = true,
                "--no-build" => options.no_build = true,
                _ if !argument.starts_with('-') && options.url.is_none() => options.url = Some(argument),
                _ => return Err(format!("{argument} is not an option").into()),
            }
        }
        Ok(options)
    }

    /// How often each side is measured.
    pub(crate) fn rounds(&self, default: usize) -> usize {
        self.rounds.unwrap_or(default)
    }

    /// How long one measurement takes.
    pub(crate) fn window(&self, default: f64) -> Duration {
        Duration::from_secs_f64(self.seconds.unwrap_or(default).clamp(0.1, 3600.0))
    }

    /// Whether `--only` leaves `name` in.
    pub(crate) fn includes(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }
}

fn numbers(list: &str) -> Result<Vec<usize>> {
    Ok(list.split(',').map(str::parse).collect::<std::result::Result<_, _>>()?)
}
