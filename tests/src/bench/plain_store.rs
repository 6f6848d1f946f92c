//! The reference: the ledger's row with the ledger's indexes, one INSERT a transaction, one connection a caller.
//!
//! It keeps no order of commits, checks no revision beyond the unique key and hashes nothing.

use anyhow::Context as _;
use ledger::test_support::TestDatabase;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use super::load::Caller;
use super::payload::{EVENTS_A_STREAM, facts};
use super::stores::{Store, Tables};

const TABLE: &str = "CREATE SCHEMA plain; CREATE SEQUENCE plain.position; \
    CREATE TABLE plain.events (LIKE caseledger.events INCLUDING ALL); \
    ALTER TABLE plain.events ALTER position SET DEFAULT nextval('plain.position'), \
                             ALTER recorded_at SET DEFAULT now()";

const INSERT: &str = "INSERT INTO plain.events (revision, category, schema_version, leaf_format, stream, event_id, \
    command_id, recorded_by, salt, leaf_hash, kind, occurred, role, facts) \
    VALUES ($1, 1, 1, 1, $2, $3, $4, $5, $6, $6, 'contact_received', 'unknown', 'social_worker', $7::text::json)";

/// Who recorded the rows.
const NOBODY: Uuid = Uuid::nil();

/// A fresh table.
pub(super) struct PlainStore {
    tables: Tables,
}

impl PlainStore {
    /// Makes the table in a database of its own.
    pub(super) async fn fresh() -> anyhow::Result<Self> {
        let database = TestDatabase::installed().await;
        database.admin().await.batch_execute(TABLE).await?;
        Ok(Self { tables: Tables::look_into(database, vec!["plain.events"]).await? })
    }
}

impl Store for PlainStore {
    type Caller = PlainCaller;

    async fn callers(&self, count: usize) -> anyhow::Result<Vec<PlainCaller>> {
        let mut callers = Vec::with_capacity(count);
        for _ in 0..count {
            let (client, connection) = self.tables.database.superuser().connect(NoTls).await?;
            drop(tokio::spawn(connection));
            let insert = client.prepare(INSERT).await?;
            callers.push(PlainCaller { client, insert, stream: Uuid::new_v4(), revision: 0 });
        }
        Ok(callers)
    }

    fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// Somebody who inserts.
pub(super) struct PlainCaller {
    client: Client,
    insert: Statement,
    stream: Uuid,
    revision: u32,
}

impl Caller for PlainCaller {
    async fn append(&mut self) -> anyhow::Result<()> {
        if self.revision == EVENTS_A_STREAM {
            (self.stream, self.revision) = (Uuid::new_v4(), 0);
        }
        self.revision += 1;
        let revision = i32::try_from(self.revision)?;
        let (event, command) = (Uuid::now_v7(), Uuid::now_v7());
        let hash: Vec<u8> = [Uuid::new_v4().as_bytes().as_slice(), self.stream.as_bytes()].concat();
        let facts = facts();
        let row: [&(dyn ToSql + Sync); 7] =
            [&revision, &self.stream, &event, &command, &NOBODY, &hash, &facts];
        self.client.execute(&self.insert, &row).await.context("insert a row")?;
        Ok(())
    }
}
