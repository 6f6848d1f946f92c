//! The reference: the ledger's row with the ledger's indexes, one INSERT an event, one transaction a command.
//!
//! It keeps no order of commits, checks no revision beyond the unique key and hashes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use ledger::test_support::TestDatabase;
use uuid::Uuid;

use super::connections::{Parameters, Shared, connect};
use super::load::{Caller, Load, Streams};
use super::payload::{EVENTS_A_STREAM, facts};
use super::stores::{Place, Store, Tables};

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

    async fn callers(&self, load: &Load) -> anyhow::Result<Vec<PlainCaller>> {
        let connections = connect(&self.tables.database.superuser(), INSERT, load.callers).await?;
        let hot = (Uuid::new_v4(), Arc::new(AtomicI32::new(0)));
        let caller = |connection| {
            let (stream, revision) = match load.streams {
                Streams::OneHot => hot.clone(),
                Streams::Many => (Uuid::new_v4(), Arc::default()),
            };
            PlainCaller { connection, load: *load, stream, revision }
        };
        Ok(connections.into_iter().map(caller).collect())
    }

    fn place(&self) -> &impl Place {
        &self.tables
    }
}

/// Somebody who inserts.
pub(super) struct PlainCaller {
    connection: Shared,
    load: Load,
    stream: Uuid,
    revision: Arc<AtomicI32>,
}

struct Row {
    revision: i32,
    stream: Uuid,
    event: Uuid,
    command: Uuid,
    hash: Vec<u8>,
    facts: String,
}

impl Row {
    fn new(revision: i32, stream: Uuid, command: Uuid) -> Self {
        let hash: Vec<u8> = [Uuid::new_v4().as_bytes().as_slice(), stream.as_bytes()].concat();
        Self { revision, stream, event: Uuid::now_v7(), command, hash, facts: facts() }
    }

    fn parameters(&self) -> Parameters<'_> {
        vec![&self.revision, &self.stream, &self.event, &self.command, &NOBODY, &self.hash, &self.facts]
    }
}

impl Caller for PlainCaller {
    async fn append(&mut self) -> anyhow::Result<u32> {
        let count = i32::try_from(self.load.events_a_command)?;
        let many = self.load.streams == Streams::Many;
        if many && self.revision.load(Ordering::Relaxed) >= i32::try_from(EVENTS_A_STREAM)? {
            (self.stream, self.revision) = (Uuid::new_v4(), Arc::default());
        }
        let before = self.revision.fetch_add(count, Ordering::Relaxed);
        let command = Uuid::now_v7();
        let rows: Vec<Row> = (1..=count).map(|n| Row::new(before + n, self.stream, command)).collect();
        let parameters: Vec<Parameters<'_>> = rows.iter().map(Row::parameters).collect();
        self.connection.lock().await.record(&parameters).await?;
        Ok(self.load.events_a_command)
    }
}
