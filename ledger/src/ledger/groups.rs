//! Reads of the streams that are no child's, and of what connects children with them.

use domain::envelope::StoredEvent;
use domain::ids::{EntityId, EventId, Position, StreamId};
use uuid::Uuid;

use super::Ledger;
use crate::append::signed;
use crate::read::ReadFault;

/// What an event names, as the index `events_of_groups` is keyed.
const NAMED: &str = "coalesce(substring(facts::text from '\"child\":\"([0-9a-f-]{36})\"'), \
                     substring(facts::text from '\"(?:household|proceedings)\":\"([0-9a-f-]{36})\"'))";
/// The condition of that index, as it stands there.
const INDEXED: &str = "(category BETWEEN 2 AND 6 OR kind IN ('family_linked', 'application_issued', 'child_joined_proceedings'))";

impl Ledger {
    /// The events of the streams of every category but a child's and the system's, ordered by stream and revision, none after
    /// `up_to`. All of them at once: they are few.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_other_streams(&self, up_to: Position) -> Result<Vec<StoredEvent>, ReadFault> {
        let condition = "category BETWEEN 2 AND 6 AND position <= $1 ORDER BY stream, revision";
        self.reader.events(condition, &[&signed(up_to.0)]).await
    }

    /// Streams of households and sets that name one of these children as a member, at any time.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn groups_naming(&self, children: &[StreamId]) -> Result<Vec<StreamId>, ReadFault> {
        let named = self.naming(children.iter().map(|child| child.0), "category IN (2, 3)").await?;
        Ok(named.into_iter().map(|(_, stream)| stream).collect())
    }

    /// Streams of children that name one of these households as theirs, at any time: household and child.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn naming_households(
        &self,
        households: &[StreamId],
    ) -> Result<Vec<(StreamId, StreamId)>, ReadFault> {
        let named = self.naming(households.iter().map(|it| it.0), "kind = 'family_linked'").await?;
        Ok(named.into_iter().map(|(household, stream)| (StreamId(household), stream)).collect())
    }

    /// Streams of children that name one of these sets of proceedings when their application is issued or they join it: set and
    /// child.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn naming_sets(&self, sets: &[EntityId]) -> Result<Vec<(EntityId, StreamId)>, ReadFault> {
        let named = self.naming(sets.iter().map(|set| set.0), "category = 1").await?;
        Ok(named.into_iter().map(|(set, stream)| (EntityId(set), stream)).collect())
    }

    /// Streams of these sets of proceedings themselves.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn streams_of_sets(&self, sets: &[EntityId]) -> Result<Vec<StreamId>, ReadFault> {
        let named = self.naming(sets.iter().map(|set| set.0), "category = 3").await?;
        Ok(named.into_iter().map(|(_, stream)| stream).collect())
    }

    /// Corrections, withdrawals, reinstatements and disputes of some streams, ordered by stream and revision.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn amendments_in(
        &self,
        streams: &[StreamId],
        up_to: Position,
    ) -> Result<Vec<StoredEvent>, ReadFault> {
        let streams: Vec<Uuid> = streams.iter().map(|stream| stream.0).collect();
        let condition = "kind IN ('event_corrected', 'event_withdrawn', 'event_reinstated', 'source_claim_disputed') \
                         AND stream = ANY($1) AND position <= $2 ORDER BY stream, revision";
        self.reader.events(condition, &[&streams, &signed(up_to.0)]).await
    }

    /// Events by their ids, in no order; an id that is not held gives none.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_events(&self, events: &[EventId]) -> Result<Vec<StoredEvent>, ReadFault> {
        let events: Vec<Uuid> = events.iter().map(|event| event.0).collect();
        self.reader.events("event_id = ANY($1)", &[&events]).await
    }

    /// What is named, and the stream that names it.
    async fn naming(
        &self,
        names: impl Iterator<Item = Uuid>,
        only: &str,
    ) -> Result<Vec<(Uuid, StreamId)>, ReadFault> {
        let names: Vec<String> = names.map(|name| name.to_string()).collect();
        let client = self.reader.connection().await?;
        let sql = format!(
            "SELECT DISTINCT ({NAMED})::uuid AS named, stream FROM caseledger.events \
             WHERE {INDEXED} AND {NAMED} = ANY($1::text[]) AND {only} ORDER BY named, stream"
        );
        let statement = client.prepare_cached(&sql).await?;
        let rows = client.query(&statement, &[&names]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, StreamId(row.try_get(1)?)))).collect()
    }
}
