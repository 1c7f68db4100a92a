//! Connections: where they come from, how a session is set up, how long one may take.
//!
//! What a row looks like depends on settings of the session, and with it the entity tag. So every statement of this
//! store runs with the same ones: on connections of our own they are set when the connection is made; on those of an
//! application's pool they are set for the one transaction, so that the application finds its connections as it left
//! them. That costs no round trip, because everything is sent in one go.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts};
use tokio::time::timeout;
use tokio_postgres::{Config, NoTls};

use crate::open_error::OpenError;
use crate::session::Session;
use crate::trouble::Trouble;

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
pub(crate) const LOCK_WAIT: Duration = Duration::from_millis(100);

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
        Ok(Session::new(object, self.own, self.limit))
    }
}

/// Without what sqlx adds to a URL for itself.
fn plain(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("statement-cache-capacity=")).collect();
    if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
}

/// What a transaction on a connection of somebody else is told first.
pub(crate) fn settings(limit: Duration, lock_wait: Duration) -> String {
    let (limit, lock_wait) = (limit.as_millis(), lock_wait.as_millis());
    let settings: Vec<String> =
        SETTINGS.iter().map(|(name, value)| format!("; SET LOCAL {name} = '{value}'")).collect();
    format!("SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {lock_wait}{}", settings.concat())
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
