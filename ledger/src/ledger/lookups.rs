//! The look-up tables beside the log, held against the events and filled again from them: the first position of each kind,
//! and the index of identifiers. Which fields are identifiers is for the caller to say.

use std::collections::{HashMap, HashSet};

use domain::envelope::StoredEvent;
use domain::ids::{Position, StreamId};
use tokio_postgres::{Config, NoTls};
use uuid::Uuid;

use super::Ledger;
use crate::append::signed;
use crate::identifiers::{Identifier, IndexRow};
use crate::read::ReadFault;

/// What distinguishes the index of identifiers from what the events say.
#[derive(Clone, Debug, Default)]
pub struct IndexDifference {
    /// Rows that are as they should be.
    pub agreeing: usize,
    /// Rows of streams of which it cannot be told, because their identifiers can no longer be opened.
    pub unknown: usize,
    missing: Vec<IndexRow>,
    extra: Vec<Entry>,
}

/// The rows of the index at one moment.
#[derive(Debug)]
pub struct IndexRows(HashSet<Entry>);

/// Token, stream and kind of an identifier.
type Entry = (Vec<u8>, StreamId, String);

impl IndexDifference {
    /// How many rows should be there and are not.
    pub fn missing(&self) -> usize {
        self.missing.len()
    }

    /// How many rows are there that no event accounts for: each leads to a stream whose events do not say the identifier.
    pub fn extra(&self) -> usize {
        self.extra.len()
    }

    /// Whether the index says what the events say.
    pub fn is_none(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }
}

impl Ledger {
    /// Up to `limit` events of some kinds after a position, in order.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_kinds(
        &self,
        kinds: &[&str],
        after: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, ReadFault> {
        let condition = "kind = ANY($1) AND position > $2 ORDER BY position LIMIT $3";
        self.reader.events(condition, &[&kinds, &signed(after.0), &i64::from(limit)]).await
    }

    /// The events of some kinds in one stream that are not disposed of, in order.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_of_stream(
        &self,
        stream: StreamId,
        kinds: &[&str],
    ) -> Result<Vec<StoredEvent>, ReadFault> {
        let condition = "stream = $1 AND kind = ANY($2) AND facts IS NOT NULL ORDER BY revision";
        self.reader.events(condition, &[&stream.0, &kinds]).await
    }

    /// The rows of the index as they are now; to be read before the events with which they are compared, so that a row which
    /// is written meanwhile is not taken for one that no event accounts for.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn index_rows(&self) -> Result<IndexRows, ReadFault> {
        let client = self.reader.connection().await?;
        let rows = client.query("SELECT token, stream, kind FROM caseledger.identifier_index", &[]).await?;
        let row = |row: &tokio_postgres::Row| -> Result<Entry, tokio_postgres::Error> {
            Ok((row.try_get::<_, &[u8]>(0)?.to_vec(), StreamId(row.try_get(1)?), row.try_get(2)?))
        };
        Ok(IndexRows(rows.iter().map(row).collect::<Result<_, tokio_postgres::Error>>()?))
    }

    /// Holds the index against all that the events say, read after `before`. Of the streams in `unknown` nothing is asked.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn compare_index(
        &self,
        before: IndexRows,
        said: &[(StreamId, Identifier)],
        unknown: &HashSet<StreamId>,
    ) -> Result<IndexDifference, ReadFault> {
        let now = self.index_rows().await?;
        let rows = said.iter().map(|(stream, one)| self.inner.preparer.tokens.row(*stream, one));
        let mut wanted: HashMap<Entry, IndexRow> =
            rows.map(|row| ((row.token.to_vec(), row.stream, row.kind.clone()), row)).collect();
        let (all, mut difference) = (wanted.len(), IndexDifference::default());
        for row in before.0.intersection(&now.0).filter(|row| !wanted.contains_key(*row)) {
            if unknown.contains(&row.1) {
                difference.unknown += 1;
            } else {
                difference.extra.push(row.clone());
            }
        }
        wanted.retain(|row, _| !now.0.contains(row));
        difference.agreeing = all - wanted.len();
        difference.missing = wanted.into_values().collect();
        Ok(difference)
    }

    /// Puts the index right. `admin` is the connection that installs the ledger: the server's own role may only add.
    ///
    /// # Errors
    /// [`ReadFault`]; what was done before it stays done, and running it again goes on.
    pub async fn mend_index(&self, admin: &Config, difference: &IndexDifference) -> Result<(), ReadFault> {
        if !difference.extra.is_empty() {
            let tokens: Vec<&[u8]> = difference.extra.iter().map(|(token, ..)| token.as_slice()).collect();
            let streams: Vec<Uuid> = difference.extra.iter().map(|(_, stream, _)| stream.0).collect();
            call(admin, "SELECT caseledger.forget_identifiers($1, $2)", &[&tokens, &streams]).await?;
        }
        let tokens: Vec<&[u8]> = difference.missing.iter().map(|row| row.token.as_slice()).collect();
        let streams: Vec<Uuid> = difference.missing.iter().map(|row| row.stream.0).collect();
        let kinds: Vec<&str> = difference.missing.iter().map(|row| row.kind.as_str()).collect();
        let client = self.reader.connection().await?;
        let sql = "INSERT INTO caseledger.identifier_index (token, stream, kind) \
                   SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING";
        client.execute(sql, &[&tokens, &streams, &kinds]).await?;
        Ok(())
    }
}

/// Fills the table of kinds again from the events; gives how many of its rows were wrong. `admin` is the connection that
/// installs the ledger.
///
/// # Errors
/// [`ReadFault`].
pub async fn refill_kinds(admin: &Config) -> Result<u64, ReadFault> {
    Ok(call(admin, "SELECT caseledger.refill_kinds()", &[]).await?.unsigned_abs())
}

async fn call(
    admin: &Config,
    sql: &str,
    parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<i64, tokio_postgres::Error> {
    let (client, connection) = admin.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    let row = client.query_one(sql, parameters).await;
    drop(client);
    driver.abort();
    row?.try_get(0)
}
