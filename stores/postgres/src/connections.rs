//! Connections: where they come from, how a session is set up, how long one may take.
//!
//! What a row looks like depends on settings of the session, and with it the entity tag. So every statement of this
//! store runs with the same ones: on connections of our own they are set when the connection is made; on those of an
//! application's pool they are set for the one transaction, so that the application finds its connections as it left
//! them. That costs no round trip, because everything is sent in one go.

use std::ops::Deref;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, Error, NoTls, Row};

use crate::open_error::OpenError;
use crate::trouble::{Remedy, Trouble};

pub(crate) type Params<'p> = &'p [&'p (dyn ToSql + Sync)];

/// What decides how a value is written as text, and so the entity tag; then what the statements want of the planner.
const SETTINGS: [(&str, &str); 9] = [
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO,YMD"),
    ("IntervalStyle", "iso_8601"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "1"),
    ("lc_monetary", "C"),
    ("enable_seqscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
];

/// How long a batch waits for a row that somebody has locked. Then each of its changes waits by itself.
const LOCK_WAIT: Duration = Duration::from_millis(100);

/// What is added to the time a statement may take before the connection is given up: the server should have said so
/// itself by then.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool,
    /// Whether the connections are made here, and so are set up.
    own: bool,
    /// How long to wait for a connection, and how long one statement may take.
    limit: Duration,
}

impl Connections {
    /// A pool of our own. Nothing is connected yet.
    pub(crate) fn to(url: &str, size: usize, limit: Duration) -> Result<Self, OpenError> {
        let mut config = Config::from_str(&plain(url)).map_err(OpenError::Url)?;
        let settings: Vec<String> = SETTINGS.iter().map(|(name, value)| format!(" -c {name}={value}")).collect();
        let settings = settings.concat();
        let options = format!(
            "{}{settings} -c default_transaction_isolation=read\\ committed -c lock_timeout={}ms -c \
             statement_timeout={}ms",
            config.get_options().unwrap_or_default(),
            LOCK_WAIT.as_millis(),
            limit.as_millis()
        );
        config.options(options);
        if config.get_application_name().is_none() {
            config.application_name("put-postgres");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(limit);
        }
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1).build();
        let pool = pool.map_err(|error| OpenError::Pool(error.to_string()))?;
        Ok(Self { pool, own: true, limit })
    }

    /// The pool of an application.
    pub(crate) fn of(pool: Pool, limit: Duration) -> Self {
        Self { pool, own: false, limit }
    }

    /// How many connections there may be.
    pub(crate) fn most(&self) -> usize {
        self.pool.status().max_size
    }

    /// How long a statement may take.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Asks whether the settings have arrived: a pooler between here and the server may drop them. Then they are sent with
    /// each transaction, as on the connections of an application.
    pub(crate) async fn examined(mut self) -> Result<Self, Trouble> {
        if self.own {
            let mut session = self.session().await?;
            let names: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
            let sql =
                "SELECT current_setting(name) FROM unnest($1::text[]) WITH ORDINALITY AS s(name, place) ORDER BY place";
            let rows = session.query("looking at the settings", sql, &[&names]).await?;
            let plain = |text: &str| text.replace(' ', "").to_lowercase();
            self.own = rows.len() == SETTINGS.len()
                && rows
                    .iter()
                    .zip(SETTINGS)
                    .all(|(row, (_, value))| row.try_get::<_, &str>(0).is_ok_and(|found| plain(found) == plain(value)));
        }
        Ok(self)
    }

    pub(crate) async fn session(&self) -> Result<Session, Trouble> {
        // The wait for a turn and the making of a connection are bounded together, and here: a pool of an application may
        // have been built without a runtime to do it.
        let object = match timeout(self.limit, self.pool.timeout_get(&Timeouts::default())).await {
            Ok(Ok(object)) => object,
            Ok(Err(error)) => return Err(Trouble::NoConnection(Arc::new(error))),
            Err(_) => {
                let status = self.pool.status();
                let waited_for = if status.size < status.max_size { TimeoutType::Create } else { TimeoutType::Wait };
                return Err(Trouble::NoConnection(Arc::new(PoolError::Timeout(waited_for))));
            }
        };
        Ok(Session { object: Some(object), own: self.own, limit: self.limit, broken: false, in_transaction: false })
    }
}

/// A connection that is ours for a while.
pub(crate) struct Session {
    /// There until it is dropped.
    object: Option<Object>,
    own: bool,
    limit: Duration,
    /// Whether nobody should be given this connection any more.
    broken: bool,
    /// Whether a transaction has begun and not ended, which would be so if a panic ended the task.
    in_transaction: bool,
}

impl Session {
    fn client(&self) -> Result<&ClientWrapper, Trouble> {
        self.object.as_deref().ok_or(Trouble::Stopped)
    }

    /// Runs one statement in a transaction of its own.
    pub(crate) async fn alone(
        &mut self,
        doing: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Trouble> {
        if self.own {
            return self.query(doing, sql, params).await;
        }
        let settings = settings(self.limit, LOCK_WAIT);
        let client = self.client()?;
        let rows = in_time(doing, self.limit, async {
            let statement = client.prepare_cached(sql).await?;
            // Polled together and in this order, so that all four are on their way before the first is answered.
            let (begun, set, rows, committed) = tokio::join!(
                biased;
                client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
                client.batch_execute(&settings),
                client.query(&statement, params),
                client.batch_execute("COMMIT"),
            );
            // The first failure is the reason. A COMMIT of what has failed is a ROLLBACK, and answered well.
            begun.and(set).and(rows).and_then(|rows| committed.map(|()| rows))
        });
        let rows = rows.await;
        self.noted(rows)
    }

    /// Begins a transaction of several statements. A row that is locked is waited for as long as a statement may take, if
    /// `patient`.
    pub(crate) async fn begin(&mut self, patient: bool) -> Result<(), Trouble> {
        let wait = if patient { self.limit } else { LOCK_WAIT };
        let text = format!("BEGIN ISOLATION LEVEL READ COMMITTED; {}", settings(self.limit, wait));
        self.in_transaction = true;
        self.execute("beginning a transaction", &text).await
    }

    /// From here to the end of the transaction the application's own statements have the planner that they know.
    pub(crate) async fn hand_over(&mut self) -> Result<(), Trouble> {
        let settings = "SET LOCAL enable_seqscan = on; SET LOCAL plan_cache_mode = auto";
        self.execute("handing a transaction over", settings).await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Trouble> {
        self.execute("committing", "COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(crate) async fn roll_back(&mut self) -> Result<(), Trouble> {
        self.execute("rolling back", "ROLLBACK").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Asks whether the database takes a statement, and keeps it prepared.
    pub(crate) async fn prepare(&mut self, doing: &'static str, sql: &str) -> Result<(), Trouble> {
        let done = in_time(doing, self.limit, self.client()?.prepare_cached(sql)).await;
        self.noted(done.map(drop))
    }

    /// Statements without parameters and rows.
    pub(crate) async fn execute(&mut self, doing: &'static str, sql: &str) -> Result<(), Trouble> {
        let done = in_time(doing, self.limit, self.client()?.batch_execute(sql)).await;
        self.noted(done)
    }

    /// A statement, in whatever transaction there is.
    pub(crate) async fn query(
        &mut self,
        doing: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Trouble> {
        let client = self.client()?;
        let rows = in_time(doing, self.limit, async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, params).await
        });
        let rows = rows.await;
        self.noted(rows)
    }

    /// The connection for the application's own statements.
    pub(crate) fn raw(&self) -> Result<&tokio_postgres::Client, Trouble> {
        self.client().map(Deref::deref)
    }

    fn noted<T>(&mut self, answer: Result<T, Trouble>) -> Result<T, Trouble> {
        if let Err(trouble) = &answer {
            self.broken |= trouble.remedy() == Remedy::Reconnect;
        }
        answer
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let (true, Some(object)) = (self.broken || self.in_transaction, self.object.take()) {
            drop(Object::take(object));
        }
    }
}

/// Without what sqlx adds to a URL for itself.
fn plain(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("statement-cache-capacity=")).collect();
    if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
}

/// What a transaction on a connection of somebody else is told first.
fn settings(limit: Duration, lock_wait: Duration) -> String {
    let (limit, lock_wait) = (limit.as_millis(), lock_wait.as_millis());
    let settings: Vec<String> =
        SETTINGS.iter().map(|(name, value)| format!("; SET LOCAL {name} = '{value}'")).collect();
    format!("SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {lock_wait}{}", settings.concat())
}

async fn in_time<T>(
    doing: &'static str,
    limit: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Trouble> {
    match timeout(limit + GRACE, answer).await {
        Ok(answer) => answer.map_err(Trouble::postgres(doing)),
        Err(_) => Err(Trouble::Silent { doing, after: limit + GRACE }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_sqlx_is_a_url() {
        for (given, taken) in [
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("postgres://u@h/d?statement-cache-capacity=100", "postgres://u@h/d"),
            ("postgres://u@h/d?sslmode=prefer&statement-cache-capacity=100&x=1", "postgres://u@h/d?sslmode=prefer&x=1"),
        ] {
            assert_eq!(plain(given), taken);
        }
        let lossy = "postgres://u:p@h:5432/d?sslmode=prefer&statement-cache-capacity=100";
        assert!(Connections::to(lossy, 1, Duration::from_secs(1)).is_ok());
    }
}
