//! Reading: one row, or those after a key.

use put_core::store::{Key, State};
use tokio_postgres::types::ToSql;

use crate::row::Row;
use crate::session::Session;
use crate::step::How;
use crate::store::Shared;
use crate::text::Text;
use crate::trouble::Trouble;

const DOING: &str = "reading rows";

/// The texts of a key, for statements whose parameters have the types of the key columns.
pub(crate) fn texts(key: &Key) -> Vec<String> {
    key.parts().iter().map(ToString::to_string).collect()
}

/// Whether the error says that a key is no value of its column: then no row has it.
pub(crate) fn is_no_key(trouble: &Trouble) -> bool {
    trouble.db().is_some_and(|error| error.code().code().starts_with("22"))
}

impl Shared {
    /// The row of a key.
    pub(crate) async fn row_of(&self, session: &mut Session, key: &Key, how: How) -> Result<Option<Row>, Trouble> {
        let texts = texts(key);
        let texts: Vec<Text<'_>> = texts.iter().map(|text| Text(text)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = texts.iter().map(|text| text as _).collect();
        let rows = match how {
            How::Alone { .. } => session.alone(DOING, &self.table.sql.get, &params).await,
            How::Together | How::Locked => session.query(DOING, &self.table.sql.get_locked, &params).await,
        };
        match rows {
            Ok(rows) => rows.first().map(row).transpose(),
            Err(trouble) if matches!(how, How::Alone { .. }) && is_no_key(&trouble) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Trouble> {
    let read = || Ok(Row::new(row.try_get(0)?, row.try_get(1)?));
    read().map_err(Trouble::postgres(DOING))
}

pub(crate) async fn get(shared: &Shared, key: &Key) -> Result<Option<State>, Trouble> {
    let mut session = shared.connections.session().await?;
    let row = shared.row_of(&mut session, key, How::Alone { again: false }).await?;
    drop(session);
    row.map(|row| row.state(&shared.table)).transpose()
}

pub(crate) async fn list(shared: &Shared, after: Option<&Key>, limit: usize) -> Result<Vec<State>, Trouble> {
    let mut session = shared.connections.session().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let texts = after.map(texts).unwrap_or_default();
    let texts: Vec<Text<'_>> = texts.iter().map(|text| Text(text)).collect();
    let mut params: Vec<&(dyn ToSql + Sync)> = texts.iter().map(|text| text as _).collect();
    params.push(&limit);
    let sql = if after.is_some() { &shared.table.sql.list_after } else { &shared.table.sql.list };
    let rows = session.alone(DOING, sql, &params).await?;
    drop(session);
    rows.iter().map(|found| row(found)?.state(&shared.table)).collect()
}
