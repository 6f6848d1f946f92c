//! Reading rows: lists over all children, paged by key.

use chrono::NaiveDate;
use domain::ids::{Position, StreamId};
use tokio_postgres::{Error, GenericClient, Row};

use super::rows::ChildRow;
use crate::status::{Running, Status};

/// Which children are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChildFilter {
    /// Every child.
    #[default]
    All,
    /// With anything that runs.
    Open,
    /// With this running, as far as can be told.
    Running(Running),
    /// With events that became known late.
    RecordedLate,
    /// With corrected or withdrawn events.
    Amended,
    /// With observations or disputed rows.
    Odd,
}

impl ChildFilter {
    fn condition(self) -> String {
        match self {
            Self::All => "true".to_owned(),
            Self::Open => "running <> '{}'".to_owned(),
            // The words are the program's own, never a caller's.
            Self::Running(running) => {
                format!("running && ARRAY['{}', '{}']", running.words(), running.untold())
            }
            Self::RecordedLate => "late_records > 0".to_owned(),
            Self::Amended => "(corrected > 0 OR withdrawn > 0)".to_owned(),
            Self::Odd => "(observations > 0 OR disputed > 0)".to_owned(),
        }
    }
}

/// How many children stand out, for the start page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// Children in the ledger.
    pub children: i64,
    /// Children with something that runs.
    pub open: i64,
    /// Open clocks past their last day.
    pub overdue: i64,
    /// Open clocks that end within the days asked about.
    pub due: i64,
    /// Children with events that became known late.
    pub recorded_late: i64,
    /// Children with corrected or withdrawn events.
    pub amended: i64,
    /// Children with observations or disputed rows.
    pub odd: i64,
}

/// The counts of the start page; `due_by` is the last day of the days ahead, inclusive.
///
/// # Errors
/// What the database says.
pub async fn attention(
    client: &impl GenericClient,
    as_at: NaiveDate,
    due_by: NaiveDate,
) -> Result<Attention, Error> {
    let sql = format!(
        "SELECT (SELECT count(*) FROM projection.child), \
         (SELECT count(*) FROM projection.child WHERE {}), \
         (SELECT count(*) FROM projection.clock WHERE {OPEN} AND due_on < $1), \
         (SELECT count(*) FROM projection.clock WHERE {OPEN} AND due_on BETWEEN $1 AND $2), \
         (SELECT count(*) FROM projection.child WHERE {}), \
         (SELECT count(*) FROM projection.child WHERE {}), \
         (SELECT count(*) FROM projection.child WHERE {})",
        ChildFilter::Open.condition(),
        ChildFilter::RecordedLate.condition(),
        ChildFilter::Amended.condition(),
        ChildFilter::Odd.condition(),
    );
    let row = client.query_one(&sql, &[&as_at, &due_by]).await?;
    Ok(Attention {
        children: row.try_get(0)?,
        open: row.try_get(1)?,
        overdue: row.try_get(2)?,
        due: row.try_get(3)?,
        recorded_late: row.try_get(4)?,
        amended: row.try_get(5)?,
        odd: row.try_get(6)?,
    })
}

const OPEN: &str = "is_open AND due_on IS NOT NULL AND state IN ('running', 'due_soon', 'overdue')";

/// Children by stream id, after `after`, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn children(
    client: &impl GenericClient,
    filter: ChildFilter,
    after: Option<StreamId>,
    limit: i64,
) -> Result<Vec<ChildRow>, Error> {
    let sql = format!(
        "SELECT * FROM projection.child WHERE {} AND ($1::uuid IS NULL OR stream > $1) ORDER BY stream LIMIT $2",
        filter.condition()
    );
    let after = after.map(|stream| stream.0);
    let rows = client.query(&sql, &[&after, &limit]).await?;
    rows.iter().map(child).collect()
}

/// Children with a clock of one of these rules that cannot be told for this reason.
///
/// # Errors
/// What the database says.
pub async fn left_out(
    client: &impl GenericClient,
    rules: &[&str],
    why: &str,
) -> Result<Vec<StreamId>, Error> {
    let sql = "SELECT DISTINCT stream FROM projection.clock WHERE rule = ANY($1) AND why = $2";
    let rows = client.query(sql, &[&rules, &why]).await?;
    rows.iter().map(|row| Ok(StreamId(row.try_get(0)?))).collect()
}

fn child(row: &Row) -> Result<ChildRow, Error> {
    let last_position: i64 = row.try_get("last_position")?;
    Ok(ChildRow {
        stream: StreamId(row.try_get("stream")?),
        born_on: row.try_get("born_on")?,
        team: row.try_get("team")?,
        last_event_on: row.try_get("last_event_on")?,
        status: status(&row.try_get::<_, Vec<String>>("running")?),
        events: row.try_get("events")?,
        late_records: row.try_get("late_records")?,
        corrected: row.try_get("corrected")?,
        withdrawn: row.try_get("withdrawn")?,
        disputed: row.try_get("disputed")?,
        observations: row.try_get("observations")?,
        last_position: Position(u64::try_from(last_position).unwrap_or(0)),
    })
}

/// The statuses of these words. A word that this program does not know was written by another, whose rows are folded again.
fn status(words: &[String]) -> Status {
    Status::read(words.iter().map(String::as_str))
}
