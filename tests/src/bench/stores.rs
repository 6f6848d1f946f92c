//! What every measured store has: callers, tables to look into afterwards, and a database of its own.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use ledger::test_support::TestDatabase;
use tokio_postgres::Client;

use super::load::{Caller, Round, closed_loop};

/// A store that is measured.
pub(super) trait Store {
    /// Who appends to it.
    type Caller: Caller;

    /// So many callers, connected and ready.
    async fn callers(&self, count: usize) -> anyhow::Result<Vec<Self::Caller>>;

    /// Where its events lie.
    fn tables(&self) -> &Tables;
}

/// The tables of a store, seen by a superuser.
pub(super) struct Tables {
    /// Keeps the database's folders until the measurement is over.
    pub(super) database: TestDatabase,
    pub(super) admin: Client,
    /// Qualified names; the events stand in the first.
    names: Vec<&'static str>,
    /// Rows that were there before anybody was measured.
    before: u64,
}

impl Tables {
    /// The tables of a store that is ready to be measured.
    pub(super) async fn look_into(database: TestDatabase, names: Vec<&'static str>) -> anyhow::Result<Self> {
        let admin = database.admin().await;
        let mut tables = Self { database, admin, names, before: 0 };
        tables.before = tables.count().await?;
        Ok(tables)
    }

    async fn count(&self) -> anyhow::Result<u64> {
        let table = self.names.first().context("a store has a table")?;
        let row = self.admin.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// Events that were stored since [`Self::look_into`].
    pub(super) async fn stored(&self) -> anyhow::Result<u64> {
        Ok(self.count().await? - self.before)
    }

    /// Bytes on disk for each event, indexes and large values included.
    pub(super) async fn disk_per_event(&self) -> anyhow::Result<f64> {
        let mut bytes = 0;
        for table in &self.names {
            let sql = "SELECT pg_total_relation_size($1::text::regclass)";
            bytes += self.admin.query_one(sql, &[table]).await?.try_get::<_, i64>(0)?;
        }
        Ok(bytes as f64 / self.count().await? as f64)
    }

    /// The definitions of all indexes, without names of schemas.
    pub(super) async fn indexes(&self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for table in &self.names {
            let sql = "SELECT c.relname, i.indisunique, pg_get_indexdef(i.indexrelid) FROM pg_index i \
                       JOIN pg_class c ON c.oid = i.indrelid WHERE i.indrelid = $1::text::regclass ORDER BY 3";
            for row in self.admin.query(sql, &[table]).await? {
                let definition: &str = row.try_get(2)?;
                let columns = definition.split_once(" USING ").map_or(definition, |(_, columns)| columns);
                let unique = if row.try_get(1)? { "unique " } else { "" };
                found.push(format!("{} {unique}{columns}", row.try_get::<_, &str>(0)?));
            }
        }
        Ok(found)
    }

    /// Writes dirty pages out, so that no round pays for an earlier one.
    pub(super) async fn checkpoint(&self) -> anyhow::Result<()> {
        Ok(self.admin.batch_execute("CHECKPOINT").await?)
    }

    /// Bytes written to the write-ahead log since the server began.
    pub(super) async fn wal(&self) -> anyhow::Result<u64> {
        let sql = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";
        Ok(self.admin.query_one(sql, &[]).await?.try_get::<_, i64>(0)?.unsigned_abs())
    }
}

/// One round of appends by so many callers.
pub(super) async fn round<S: Store>(store: &S, callers: usize, length: Duration) -> anyhow::Result<Round> {
    let tables = store.tables();
    let callers = store.callers(callers).await?;
    tables.checkpoint().await?;
    let before = tables.wal().await?;
    let round = closed_loop(callers, length).await?;
    let wal = tables.wal().await? - before;
    ensure!(round.events > 0, "no append was acknowledged in {length:?}");
    Ok(Round { wal, ..round })
}
