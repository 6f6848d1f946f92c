//! This ledger as a measured store: leaf hash, salt, head and command row included.

use anyhow::Context as _;
use domain::envelope::{Category, EventContext, NewEvent, SealedFields};
use domain::ids::{CommandId, EventId, Revision, StreamId};
use domain::time::Occurred;
use ledger::test_support::TestDatabase;
use ledger::{Command, Expected, Ledger, Options, StreamAppend};
use uuid::Uuid;

use super::load::Caller;
use super::payload::{EVENTS_A_STREAM, facts};
use super::stores::{Store, Tables};

/// Tables that an append writes to.
pub(super) const TABLES: [&str; 3] = ["caseledger.events", "caseledger.commands", "caseledger.heads"];

/// A fresh ledger.
pub(super) struct LedgerStore {
    tables: Tables,
    ledger: Ledger,
}

impl LedgerStore {
    /// Opens a ledger in a database of its own.
    pub(super) async fn fresh() -> anyhow::Result<Self> {
        let database = TestDatabase::installed().await;
        let ledger = database.create_ledger(Options::default()).await;
        Ok(Self { tables: Tables::look_into(database, TABLES.to_vec()).await?, ledger })
    }
}

impl Store for LedgerStore {
    type Caller = LedgerCaller;

    async fn callers(&self, count: usize) -> anyhow::Result<Vec<LedgerCaller>> {
        let caller =
            || LedgerCaller { ledger: self.ledger.clone(), stream: StreamId(Uuid::new_v4()), revision: 0 };
        Ok((0..count).map(|_| caller()).collect())
    }

    fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// Somebody who appends, each time with the revision that the stream must have.
pub(super) struct LedgerCaller {
    ledger: Ledger,
    stream: StreamId,
    revision: u32,
}

impl LedgerCaller {
    fn next(&mut self) -> Command {
        if self.revision == EVENTS_A_STREAM {
            (self.stream, self.revision) = (StreamId(Uuid::new_v4()), 0);
        }
        let expected = match self.revision {
            0 => Expected::NoStream,
            last => Expected::Exactly(Revision(last)),
        };
        self.revision += 1;
        let append = StreamAppend::new(self.stream, Category::Child, expected, vec![invented_event()]);
        Command { command_id: CommandId(Uuid::now_v7()), appends: vec![append] }
    }
}

fn invented_event() -> NewEvent {
    NewEvent {
        event_id: EventId(Uuid::now_v7()),
        occurred: Occurred::UNKNOWN,
        kind: "contact_received".into(),
        schema_version: 1,
        facts: facts(),
        sealed: SealedFields::none(),
        context: EventContext::new(Uuid::nil(), "social_worker"),
    }
}

impl Caller for LedgerCaller {
    async fn append(&mut self) -> anyhow::Result<()> {
        let command = self.next();
        self.ledger.append(command).await.context("append to the ledger")?;
        Ok(())
    }
}
