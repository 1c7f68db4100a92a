//! Removing a row.

use put_core::Demand;
use put_core::store::{Deletion, Key, Removal, Written};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;

use crate::batch::{TRIES, pause};
use crate::read::{is_no_key, texts};
use crate::refusal::needed_elsewhere;
use crate::session::Session;
use crate::step::How;
use crate::store::Shared;
use crate::text::Text;
use crate::trouble::{Remedy, Trouble};
use crate::within::Transaction;

const DOING: &str = "removing a row";

/// Removes the row if it may be removed, as one step.
pub(crate) async fn delete(shared: &Shared, key: &Key, removal: &Removal) -> Result<Deletion, Trouble> {
    let mut patient = false;
    for attempt in 0..TRIES {
        // Who waits for a lock waits with few others, so that connections are left for the rest.
        let turn = if patient {
            let turn = timeout(shared.connections.limit(), shared.waits.acquire()).await;
            Some(turn.map_err(|_| Trouble::Outrun)?.map_err(|_| Trouble::Stopped)?)
        } else {
            None
        };
        let mut session = shared.connections.session().await?;
        // What was seen may be another row by the time it is removed: then it is locked first.
        let locked = attempt > 0 || shared.within.is_some();
        let tried = if locked {
            in_a_transaction(shared, &mut session, (key, removal), patient).await
        } else {
            in_one_statement(shared, &mut session, key, removal).await
        };
        let trouble = match tried {
            Ok(Some(deletion)) => return Ok(deletion),
            Ok(None) => continue,
            Err(trouble) => trouble,
        };
        if locked && trouble.remedy() != Remedy::Reconnect {
            session.roll_back().await?;
        }
        drop((session, turn));
        if let Some(violations) = needed_elsewhere(&shared.table, &trouble) {
            return Ok(Deletion::Conflict(violations));
        }
        match trouble.remedy() {
            Remedy::Again => pause(attempt).await,
            Remedy::Wait if !patient => patient = true,
            _ if is_no_key(&trouble) => return Ok(Deletion::Absent),
            _ => return Err(trouble),
        }
    }
    Err(Trouble::Outrun)
}

/// `None` if another writer was faster.
async fn in_one_statement(
    shared: &Shared,
    session: &mut Session,
    key: &Key,
    removal: &Removal,
) -> Result<Option<Deletion>, Trouble> {
    let texts = texts(key);
    let texts: Vec<Text<'_>> = texts.iter().map(|text| Text(text)).collect();
    let mut params: Vec<&(dyn ToSql + Sync)> = texts.iter().map(|text| text as _).collect();
    if matches!(removal.demand(), Demand::Nothing | Demand::Present) {
        let gone = session.alone(DOING, &shared.table.sql.delete, &params).await;
        return match gone {
            Ok(rows) if rows.is_empty() => Ok(Some(Deletion::Absent)),
            Ok(_) => Ok(Some(Deletion::Deleted)),
            // A key that is no value of its column has no row.
            Err(trouble) if is_no_key(&trouble) => Ok(Some(Deletion::Absent)),
            Err(trouble) => Err(trouble),
        };
    }
    let Some(row) = shared.row_of(session, key, How::Alone { again: false }).await? else {
        return Ok(Some(Deletion::Absent));
    };
    let state = row.state(&shared.table)?;
    if let Err(deletion) = removal.decide(Some(&state)) {
        return Ok(Some(deletion));
    }
    let seen = String::from_utf8_lossy(&row.json);
    let seen = Text(&seen);
    params.push(&seen);
    let gone = session.alone(DOING, &shared.table.sql.delete_guarded, &params).await?;
    Ok((!gone.is_empty()).then_some(Deletion::Deleted))
}

/// Locks the row, looks at it, removes it, and lets the application write in the same transaction.
async fn in_a_transaction(
    shared: &Shared,
    session: &mut Session,
    (key, removal): (&Key, &Removal),
    patient: bool,
) -> Result<Option<Deletion>, Trouble> {
    session.begin(patient).await?;
    let row = shared.row_of(session, key, How::Locked).await?;
    let state = row.map(|row| row.state(&shared.table)).transpose()?;
    let deletion = match (removal.decide(state.as_ref()), state) {
        (Err(deletion), _) => deletion,
        (Ok(()), None) => Deletion::Absent,
        (Ok(()), Some(state)) => {
            let texts = texts(key);
            let texts: Vec<Text<'_>> = texts.iter().map(|text| Text(text)).collect();
            let params: Vec<&(dyn ToSql + Sync)> = texts.iter().map(|text| text as _).collect();
            if session.query(DOING, &shared.table.sql.delete, &params).await?.is_empty() {
                return Err(Trouble::Swallowed);
            }
            if let Some(within) = &shared.within {
                session.hand_over().await?;
                let written = Written::new(key, Some(&state), None, removal.caller());
                within.run(shared.connections.limit(), &Transaction::new(session.raw()?), &written).await?;
            }
            Deletion::Deleted
        }
    };
    session.commit().await?;
    Ok(Some(deletion))
}
