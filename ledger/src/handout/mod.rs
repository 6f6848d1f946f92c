//! What an outsider is given: events as lines of an exported log or a bundle, with their salts, and the roster of all streams'
//! ends. `docs/ledger-format.md` sections 9 and 11.
//!
//! Lines are made of what the columns hold, not of events as this program understands them: a row that it cannot read is handed
//! out as it stands. Invariant: nothing sealed is opened here.

mod line;
mod roster;

use domain::ids::{Position, StreamId};
use tokio_postgres::types::ToSql;

use crate::append::signed;
use crate::ledger::Ledger;
use crate::read::ReadFault;
pub use line::EventLine;
pub use roster::{Roster, RosterEntry, RosterFault};

impl Ledger {
    /// Up to `limit` events from a position on, as lines, in order; empty past the end.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn event_lines(&self, from: Position, limit: u32) -> Result<Vec<EventLine>, ReadFault> {
        let condition = "position >= $1 ORDER BY position LIMIT $2";
        self.lines(condition, &[&signed(from.0), &i64::from(limit)]).await
    }

    /// All events of a stream up to a position, as lines, in order.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn stream_lines(&self, stream: StreamId, up_to: Position) -> Result<Vec<EventLine>, ReadFault> {
        let condition = "stream = $1 AND position <= $2 ORDER BY position";
        self.lines(condition, &[&stream.0, &signed(up_to.0)]).await
    }

    async fn lines(
        &self,
        condition: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<EventLine>, ReadFault> {
        let client = self.reader().connection().await?;
        let sql = format!("SELECT {} FROM caseledger.events WHERE {condition}", line::COLUMNS);
        let rows = client.query(&client.prepare_cached(&sql).await?, parameters).await?;
        rows.iter().map(|row| Ok(EventLine::of(row)?)).collect()
    }
}
