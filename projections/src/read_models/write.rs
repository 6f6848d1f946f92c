//! Writing rows: all rows of some children and the checkpoint, in the caller's transaction.

use chrono::{DateTime, Utc};
use domain::ids::{LedgerId, Position, StreamId};
use tokio_postgres::{Error, GenericClient, Transaction};
use uuid::Uuid;

use super::rows::{ChildRow, ClockRow};

/// How far a projection has come, and in which ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger.
    pub ledger: LedgerId,
    /// Its epoch.
    pub epoch: u32,
    /// The last position that is applied.
    pub position: Position,
    /// The leaf hash of the event there; absent where an earlier program wrote the checkpoint.
    pub leaf_hash: Option<[u8; 32]>,
}

/// The checkpoint of a projection; `None` before its first batch.
///
/// # Errors
/// What the database says.
pub async fn load_checkpoint(client: &impl GenericClient, name: &str) -> Result<Option<Checkpoint>, Error> {
    let sql = "SELECT ledger, epoch, position, leaf_hash FROM projection.checkpoint WHERE name = $1";
    let row = client.query_opt(sql, &[&name]).await?;
    row.map(|row| {
        let (ledger, epoch, position): (Uuid, i32, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let leaf_hash: Option<&[u8]> = row.try_get(3)?;
        Ok(Checkpoint {
            ledger: LedgerId(ledger),
            epoch: u32::try_from(epoch).unwrap_or(0),
            position: Position(u64::try_from(position).unwrap_or(0)),
            leaf_hash: leaf_hash.and_then(|hash| hash.try_into().ok()),
        })
    })
    .transpose()
}

/// Takes every row of a projection and its checkpoint away; false where somebody else has moved it, and the
/// transaction must end.
///
/// # Errors
/// What the database says.
pub async fn start_over(transaction: &Transaction<'_>, name: &str, held: Checkpoint) -> Result<bool, Error> {
    let sql = "DELETE FROM projection.checkpoint WHERE name = $1 AND ledger = $2 AND position = $3";
    let removed = transaction.execute(sql, &[&name, &held.ledger.0, &signed(held.position)]).await?;
    transaction.execute("DELETE FROM projection.child", &[]).await?;
    Ok(removed == 1)
}

/// Moves the checkpoint from `before` to `to`; false where somebody else has moved it, and the transaction must end.
///
/// # Errors
/// What the database says.
pub async fn save_checkpoint(
    transaction: &Transaction<'_>,
    name: &str,
    before: Option<Checkpoint>,
    to: Checkpoint,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let epoch = i32::try_from(to.epoch).unwrap_or(i32::MAX);
    let position = signed(to.position);
    let leaf = to.leaf_hash.as_ref().map(<[u8; 32]>::as_slice);
    let changed = match before {
        None => {
            let sql = "INSERT INTO projection.checkpoint (name, ledger, epoch, position, updated_at, leaf_hash) \
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
            transaction.execute(sql, &[&name, &to.ledger.0, &epoch, &position, &now, &leaf]).await?
        }
        Some(before) => {
            let sql = "UPDATE projection.checkpoint SET epoch = $3, position = $4, updated_at = $5, leaf_hash = $6 \
                       WHERE name = $1 AND ledger = $2 AND position = $7";
            let held = signed(before.position);
            transaction.execute(sql, &[&name, &to.ledger.0, &epoch, &position, &now, &leaf, &held]).await?
        }
    };
    Ok(changed == 1)
}

fn signed(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// Replaces every row of the children given; a child without a row before gets its first.
///
/// # Errors
/// What the database says.
pub async fn replace(
    transaction: &Transaction<'_>,
    children: &[ChildRow],
    clocks: &[ClockRow],
) -> Result<(), Error> {
    let streams: Vec<Uuid> = children.iter().map(|child| child.stream.0).collect();
    transaction.execute("DELETE FROM projection.child WHERE stream = ANY($1)", &[&streams]).await?;
    insert_children(transaction, &streams, children).await?;
    insert_clocks(transaction, clocks).await
}

/// Takes every row of these children out.
///
/// # Errors
/// What the database says.
pub async fn remove(client: &impl GenericClient, streams: &[StreamId]) -> Result<u64, Error> {
    let streams: Vec<Uuid> = streams.iter().map(|stream| stream.0).collect();
    client.execute("DELETE FROM projection.child WHERE stream = ANY($1)", &[&streams]).await
}

fn each<R, T>(rows: &[R], column: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(column).collect()
}

async fn insert_children(
    transaction: &Transaction<'_>,
    streams: &[Uuid],
    rows: &[ChildRow],
) -> Result<(), Error> {
    let sql = "INSERT INTO projection.child (stream, born_on, team, last_event_on, running, events, late_records, \
               corrected, withdrawn, disputed, observations, last_position) \
               SELECT stream, born_on, team, last_event_on, string_to_array(running, ','), events, late_records, \
               corrected, withdrawn, disputed, observations, last_position \
               FROM unnest($1::uuid[], $2::date[], $3::text[], $4::date[], $5::text[], \
               $6::int[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[], $12::bigint[]) \
               AS row (stream, born_on, team, last_event_on, running, events, late_records, \
               corrected, withdrawn, disputed, observations, last_position)";
    transaction
        .execute(
            sql,
            &[
                &streams,
                &each(rows, |row| row.born_on),
                &each(rows, |row| row.team.clone()),
                &each(rows, |row| row.last_event_on),
                &each(rows, |row| row.status.words().join(",")),
                &each(rows, |row| row.events),
                &each(rows, |row| row.late_records),
                &each(rows, |row| row.corrected),
                &each(rows, |row| row.withdrawn),
                &each(rows, |row| row.disputed),
                &each(rows, |row| row.observations),
                &each(rows, |row| signed(row.last_position)),
            ],
        )
        .await?;
    Ok(())
}

async fn insert_clocks(transaction: &Transaction<'_>, rows: &[ClockRow]) -> Result<(), Error> {
    let sql = "INSERT INTO projection.clock SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], \
               $5::text[], $6::uuid[], $7::int[], $8::text[], $9::text[], $10::bool[], $11::date[], $12::date[], \
               $13::date[], $14::uuid[], $15::uuid[], $16::bigint[], $17::bigint[], $18::text[])";
    transaction
        .execute(
            sql,
            &[
                &each(rows, |row| row.stream.0),
                &each(rows, |row| row.ordinal),
                &each(rows, |row| row.rule.clone()),
                &each(rows, |row| row.version.clone()),
                &each(rows, |row| row.per.clone()),
                &each(rows, |row| row.entity.0),
                &each(rows, |row| row.occurrence),
                &each(rows, |row| row.state.clone()),
                &each(rows, |row| row.why.clone()),
                &each(rows, |row| row.is_open),
                &each(rows, |row| row.started_on),
                &each(rows, |row| row.due_on),
                &each(rows, |row| row.ended_on),
                &each(rows, |row| row.start_event.0),
                &each(rows, |row| row.stop_event.map(|event| event.0)),
                &each(rows, |row| row.used),
                &each(rows, |row| row.allowed),
                &each(rows, |row| row.unit.clone()),
            ],
        )
        .await?;
    Ok(())
}
