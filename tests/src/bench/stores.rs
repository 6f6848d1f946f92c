//! What every measured store has: callers, a count of what it holds, and what it used.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use ledger::test_support::TestDatabase;
use tokio_postgres::Client;
use tokio_postgres::config::Host;

use super::load::{Caller, Load, Round, Spent, closed_loop};
use super::usage;

/// A store that is measured.
pub(super) trait Store {
    /// Who appends to it.
    type Caller: Caller;

    /// The callers of a load, connected and ready.
    async fn callers(&self, load: &Load) -> anyhow::Result<Vec<Self::Caller>>;

    /// Where its events lie.
    fn place(&self) -> &impl Place;
}

/// Where a store keeps its events.
pub(super) trait Place {
    /// Events that were stored since it was made.
    async fn stored(&self) -> anyhow::Result<u64>;

    /// Bytes on disk for each event, indexes and large values included.
    async fn disk_per_event(&self) -> anyhow::Result<f64>;

    /// The indexes, as the store tells them.
    async fn indexes(&self) -> anyhow::Result<Vec<String>>;

    /// Writes out what waits to be written, so that no round pays for an earlier one.
    async fn settle(&self) -> anyhow::Result<()>;

    /// What it has used since its server began; this program's time is not in it.
    async fn spent(&self) -> anyhow::Result<Spent>;
}

/// The tables of a store in PostgreSQL, seen by a superuser.
pub(super) struct Tables {
    /// Keeps the database's folders until the measurement is over.
    pub(super) database: TestDatabase,
    pub(super) admin: Client,
    /// Qualified names; the events stand in the first.
    names: Vec<&'static str>,
    /// Rows that were there before anybody was measured.
    before: u64,
    postmaster: Option<u32>,
}

impl Tables {
    /// The tables of a store that is ready to be measured.
    pub(super) async fn look_into(database: TestDatabase, names: Vec<&'static str>) -> anyhow::Result<Self> {
        let admin = database.admin().await;
        let postmaster = match database.superuser().get_hosts() {
            [Host::Unix(folder)] => usage::postmaster(&folder.join("data")),
            _ => None,
        };
        let mut tables = Self { database, admin, names, before: 0, postmaster };
        tables.before = tables.count().await?;
        Ok(tables)
    }

    async fn count(&self) -> anyhow::Result<u64> {
        let table = self.names.first().context("a store has a table")?;
        let row = self.admin.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// Flushes of the write-ahead log since the server began, once the server's processes have told them.
    pub(super) async fn flushes(&self) -> anyhow::Result<u64> {
        let sql = "SELECT wal_sync FROM pg_stat_wal";
        Ok(self.admin.query_one(sql, &[]).await?.try_get::<_, i64>(0)?.unsigned_abs())
    }
}

impl Place for Tables {
    async fn stored(&self) -> anyhow::Result<u64> {
        Ok(self.count().await? - self.before)
    }

    async fn disk_per_event(&self) -> anyhow::Result<f64> {
        let mut bytes = 0;
        for table in &self.names {
            let sql = "SELECT pg_total_relation_size($1::text::regclass)";
            bytes += self.admin.query_one(sql, &[table]).await?.try_get::<_, i64>(0)?;
        }
        Ok(bytes as f64 / self.count().await? as f64)
    }

    /// The definitions of all indexes, without names of schemas.
    async fn indexes(&self) -> anyhow::Result<Vec<String>> {
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

    async fn settle(&self) -> anyhow::Result<()> {
        Ok(self.admin.batch_execute("CHECKPOINT").await?)
    }

    async fn spent(&self) -> anyhow::Result<Spent> {
        let sql = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";
        let wal = self.admin.query_one(sql, &[]).await?.try_get::<_, i64>(0)?.unsigned_abs();
        let server = self.postmaster.map(usage::time_of_server).unwrap_or_default();
        Ok(Spent { wal, server, program: Duration::ZERO })
    }
}

/// One round of a load.
pub(super) async fn round<S: Store>(store: &S, load: &Load, length: Duration) -> anyhow::Result<Round> {
    let place = store.place();
    let callers = store.callers(load).await?;
    place.settle().await?;
    let (before, program) = (place.spent().await?, usage::own_time());
    let round = closed_loop(callers, length).await?;
    let program = usage::own_time().saturating_sub(program);
    let after = place.spent().await?;
    ensure!(round.events > 0, "no append was acknowledged in {length:?}");
    let spent =
        Spent { wal: after.wal - before.wal, server: after.server.saturating_sub(before.server), program };
    Ok(Round { spent, ..round })
}
