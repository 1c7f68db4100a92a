//! The load generator: `c` keep-alive connections, each in a closed loop (the next request leaves when the answer to
//! the last has been read and checked), all on one thread.
//!
//! What makes it fair: every server gets the same bytes, every answer's status is checked, a warm-up goes before the
//! window, only answers that arrive inside the window count, and the server's processor time is read at the same two
//! moments. A closed loop does not show what happens to users who keep arriving while a server stalls; the latencies
//! are those of `c` clients that wait.

mod client;
mod histogram;
mod requests;

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::task::{JoinSet, LocalSet};

pub(crate) use self::requests::Keys;
use self::{
    client::Connection,
    histogram::Histogram,
    requests::{Requests, Share},
};
use crate::{Result, options::Options, server, table::Table};

/// How many resources the requests are spread over.
pub(crate) const KEYS: u64 = 1000;

/// How many measurements there were; 0 is the creation of the resources.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// One measurement to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    /// The server's process, for its processor time.
    pub(crate) pid: Option<u32>,
    /// The first process of the database, if that is another one.
    pub(crate) database: Option<u32>,
    pub(crate) connections: usize,
    pub(crate) keys: Keys,
    /// With the current entity tag in If-Match, or unconditional.
    pub(crate) if_match: bool,
    /// The status of a replacement.
    pub(crate) expected: u16,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

/// What one measurement showed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) per_second: f64,
    /// Processor time of the server per request, user and system, in microseconds.
    pub(crate) processor: f64,
    /// The same of the database and its children.
    pub(crate) database: f64,
    /// Latencies in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// What the connections share while they run.
#[derive(Debug, Default)]
struct Recorder {
    recording: Cell<bool>,
    latencies: RefCell<Histogram>,
}

/// Creates every resource once, so that each later PUT is a replacement. Accepts 200 as well, for a server that has
/// been loaded before, and 204 for a floor.
pub(crate) fn create_all(address: SocketAddr) -> Result<()> {
    on_one_thread(async move {
        let mut connections = JoinSet::new();
        for connection in 0..32 {
            connections.spawn_local(async move {
                let share = Share { run: 0, connection, connections: 32 };
                let mut requests = Requests::new(address, Keys::Shared, share, false);
                let mut connection = Connection::open(address).await?;
                for _ in 0..requests.len() {
                    let answer = connection.exchange(requests.next()).await?;
                    if !matches!(answer.status, 200 | 201 | 204) {
                        return Err(connection.surprise());
                    }
                }
                Ok(())
            });
        }
        first_failure(&mut connections).await
    })
}

/// Takes one measurement.
pub(crate) fn run(plan: &Plan) -> Result<Sample> {
    let plan = *plan;
    on_one_thread(async move {
        let recorder = Rc::new(Recorder::default());
        let mut connections = JoinSet::new();
        let run = 1 + RUNS.fetch_add(1, Ordering::Relaxed);
        for connection in 0..plan.connections {
            let share = Share { run, connection, connections: plan.connections };
            connections.spawn_local(keep_asking(plan, share, Rc::clone(&recorder)));
        }
        let measured = async {
            tokio::time::sleep(plan.warm_up).await;
            let before = server::processor_time(plan.pid)?;
            let database = server::processor_time_of_family(plan.database)?;
            let begin = Instant::now();
            recorder.recording.set(true);
            tokio::time::sleep(plan.window).await;
            recorder.recording.set(false);
            let wall = begin.elapsed();
            let processor = server::processor_time(plan.pid)?.saturating_sub(before);
            let database = server::processor_time_of_family(plan.database)?.saturating_sub(database);
            Result::Ok((wall, processor, database))
        };
        let (wall, processor, database) = tokio::select! {
            biased;
            measured = measured => measured?,
            failure = first_failure(&mut connections) => {
                failure?;
                return Err("every connection ended before the measurement did".into());
            }
        };
        let latencies = recorder.latencies.borrow();
        if latencies.count() == 0 {
            return Err("no answer arrived inside the window".into());
        }
        let count = latencies.count() as f64;
        Ok(Sample {
            per_second: count / wall.as_secs_f64(),
            processor: processor.as_secs_f64() * 1e6 / count,
            database: database.as_secs_f64() * 1e6 / count,
            p50: latencies.quantile(0.50).as_secs_f64() * 1e6,
            p99: latencies.quantile(0.99).as_secs_f64() * 1e6,
        })
    })
}

/// `put-bench load URL`: the generator against a server that somebody else started.
pub(crate) fn run_alone(options: &Options) -> Result<()> {
    let url = options.url.as_deref().ok_or("load needs http://HOST:PORT")?;
    let address = server::address_in(url).ok_or_else(|| format!("{url} is not http://HOST:PORT"))?;
    let plan = Plan {
        address,
        pid: options.pid,
        database: None,
        connections: options.connections.unwrap_or(64),
        keys: Keys::Shared,
        if_match: options.if_match,
        expected: 200,
        warm_up: Duration::from_millis(500),
        window: options.window(3.0),
    };
    create_all(address)?;
    let mut table = Table::new(&["round", "requests/s", "cpu us/request", "p50 us", "p99 us"]);
    for round in 1..=options.rounds(1) {
        let sample = run(&plan)?;
        let mut row = vec![round.to_string()];
        row.extend(sample.cells());
        table.row(row);
    }
    println!("{table}");
    Ok(())
}

impl Sample {
    /// The sample as table cells: requests per second, processor time, p50, p99.
    pub(crate) fn cells(&self) -> [String; 4] {
        [
            format!("{:.0}", self.per_second),
            format!("{:.2}", self.processor),
            format!("{:.0}", self.p50),
            format!("{:.0}", self.p99),
        ]
    }
}

async fn keep_asking(plan: Plan, share: Share, recorder: Rc<Recorder>) -> Result<()> {
    let mut requests = Requests::new(plan.address, plan.keys, share, plan.if_match);
    let mut connection = Connection::open(plan.address).await?;
    if plan.if_match {
        requests.learn_tags(&mut connection).await?;
    }
    loop {
        let request = requests.next();
        let begin = Instant::now();
        let answer = connection.exchange(request).await?;
        let latency = begin.elapsed();
        if answer.status != plan.expected {
            return Err(connection.surprise());
        }
        if let (true, Some(tag)) = (plan.if_match, answer.entity_tag) {
            requests.remember_tag(tag);
        }
        if recorder.recording.get() {
            recorder.latencies.borrow_mut().record(latency);
        }
    }
}

/// Waits until every connection has ended or one has failed.
async fn first_failure(connections: &mut JoinSet<Result<()>>) -> Result<()> {
    while let Some(ended) = connections.join_next().await {
        ended??;
    }
    Ok(())
}

fn on_one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, work)
}
