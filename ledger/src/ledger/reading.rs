//! Reads of the log, each short, and the index of identifiers.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::envelope::StoredEvent;
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use futures::{Stream, StreamExt as _};
use uuid::Uuid;

use super::Ledger;
use crate::append::FedEvent;
use crate::clash::{self, Clash};
use crate::read::{Head, ReadFault, StreamRange};
use crate::subscribe;

impl Ledger {
    /// The newest end of the log.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn head(&self) -> Result<Head, ReadFault> {
        let genesis = &self.inner.genesis;
        let opened = Head { position: Position(1), recorded_at: genesis.opened_at, epoch: genesis.epoch };
        Ok(self.reader.head().await?.unwrap_or(opened))
    }

    /// The end of the log as it stood at a moment, events of that very microsecond included; `None` before the
    /// ledger's first event.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn head_at(&self, known_at: DateTime<Utc>) -> Result<Option<Head>, ReadFault> {
        self.reader.head_at(known_at).await
    }

    /// Where the first event of each kind stands, in no order; a kind without an event is not there.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn first_of_each_kind(&self) -> Result<Vec<(String, Position)>, ReadFault> {
        self.reader.first_of_each_kind().await
    }

    /// The events of a stream from a revision on, in order; empty for a stream that has none.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_stream(&self, stream: StreamId, from: Revision) -> Result<Vec<StoredEvent>, ReadFault> {
        self.reader.stream(stream, from).await
    }

    /// Up to `limit` events from a position on, in order and without a gap; empty past the end.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_positions(&self, from: Position, limit: u32) -> Result<Vec<StoredEvent>, ReadFault> {
        self.reader.positions(from, limit).await
    }

    /// The events of a command, in order; empty for one that is not known.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_command(&self, command: CommandId) -> Result<Vec<StoredEvent>, ReadFault> {
        let client = self.reader.connection().await?;
        let sql = "SELECT first_position, event_count FROM caseledger.commands WHERE command_id = $1";
        let statement = client.prepare_cached(sql).await?;
        let Some(row) = client.query_opt(&statement, &[&command.0]).await? else { return Ok(Vec::new()) };
        let (first, count): (i64, i32) = (row.try_get(0)?, row.try_get(1)?);
        drop(client);
        let between = "position >= $1 AND position < $1 + $2::int ORDER BY position";
        self.reader.events(between, &[&first, &count]).await
    }

    /// Pages of up to `page` events of a range of streams, ordered by stream and revision, none after `up_to`.
    /// Each page is a short read of its own; several ranges may be read at once.
    pub fn read_stream_range(
        &self,
        range: StreamRange,
        up_to: Position,
        page: u32,
    ) -> impl Stream<Item = Result<Vec<StoredEvent>, ReadFault>> + Send + Unpin + use<> {
        self.reader.clone().range(range, up_to, page).boxed()
    }

    /// Which of these events of an import cannot be recorded as they stand, by their place, because of what is
    /// recorded: the same comparison by which [`Ledger::append_bulk`] leaves out what is known.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn clashes(&self, events: &[FedEvent]) -> Result<Vec<(usize, Clash)>, ReadFault> {
        let own = self.own_keys();
        clash::find(&self.reader, &own, events).await
    }

    /// Waits until the log reaches a position; false where it took longer than `longest`.
    pub async fn wait_for(&self, position: Position, longest: Duration) -> bool {
        subscribe::wait_at_most(&mut self.inner.seen.clone(), position, longest).await
    }

    /// Those of the given events that the log holds.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn known_events(&self, events: &[EventId]) -> Result<HashSet<EventId>, ReadFault> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.as_uuid()).collect();
        let client = self.reader.connection().await?;
        let sql = "SELECT event_id FROM caseledger.events WHERE event_id = ANY($1)";
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query(&statement, &[&ids]).await?;
        rows.iter().map(|row| Ok(EventId(row.try_get(0)?))).collect()
    }

    /// The streams that an identifier leads to, ascending; empty where it is not known.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn find_by_identifier(&self, kind: &str, value: &str) -> Result<Vec<StreamId>, ReadFault> {
        let token = self.inner.preparer.tokens.token(kind, value);
        let client = self.reader.connection().await?;
        let sql = "SELECT stream FROM caseledger.identifier_index WHERE token = $1 ORDER BY stream";
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query(&statement, &[&token.as_slice()]).await?;
        rows.iter().map(|row| Ok(StreamId(row.try_get(0)?))).collect()
    }
}
