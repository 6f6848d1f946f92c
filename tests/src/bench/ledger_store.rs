//! This ledger as a measured store: leaf hash, salt, head, tree and command row included.

use anyhow::Context as _;
use domain::envelope::{Category, EventContext, NewEvent, SealedFields};
use domain::ids::{CommandId, EventId, Revision, StreamId};
use domain::time::Occurred;
use ledger::test_support::TestDatabase;
use ledger::{Command, Expected, FedEvent, Ledger, Options, StreamAppend};
use uuid::Uuid;

use super::load::{Caller, Load, Streams};
use super::payload::{EVENTS_A_STREAM, facts};
use super::stores::{Place, Store, Tables};

/// Tables that an append writes to.
pub(super) const TABLES: [&str; 4] =
    ["caseledger.events", "caseledger.commands", "caseledger.heads", "caseledger.subtrees"];

/// A ledger.
pub(super) struct LedgerStore {
    tables: Tables,
    ledger: Ledger,
}

impl LedgerStore {
    /// Opens a ledger in a database of its own.
    pub(super) async fn fresh() -> anyhow::Result<Self> {
        Self::holding(0).await
    }

    /// The same with so many invented events in it before anybody is measured.
    pub(super) async fn holding(events: u64) -> anyhow::Result<Self> {
        let database = TestDatabase::installed().await;
        let ledger = database.create_ledger(Options::default()).await;
        if events > 0 {
            let groups = (0..events.div_ceil(u64::from(EVENTS_A_STREAM))).map(|_| Ok(invented_journey()));
            let chunk_id = |_| CommandId(Uuid::now_v7());
            ledger.append_all::<std::io::Error>(groups, chunk_id, |_| {}).await?;
        }
        Ok(Self { tables: Tables::look_into(database, TABLES.to_vec()).await?, ledger })
    }

    /// Its tables.
    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }
}

impl Store for LedgerStore {
    type Caller = LedgerCaller;

    async fn callers(&self, load: &Load) -> anyhow::Result<Vec<LedgerCaller>> {
        let hot = StreamId(Uuid::new_v4());
        let caller = || {
            let stream = if load.streams == Streams::OneHot { hot } else { StreamId(Uuid::new_v4()) };
            LedgerCaller { ledger: self.ledger.clone(), load: *load, stream, revision: 0 }
        };
        Ok((0..load.callers).map(|_| caller()).collect())
    }

    fn place(&self) -> &impl Place {
        &self.tables
    }
}

/// Somebody who appends, each time with the revision that the stream must have.
pub(super) struct LedgerCaller {
    ledger: Ledger,
    load: Load,
    stream: StreamId,
    revision: u32,
}

impl LedgerCaller {
    /// Somebody who appends single events to a ledger that others use too.
    pub(super) fn beside(ledger: &Ledger) -> Self {
        Self { ledger: ledger.clone(), load: Load::of(1), stream: StreamId(Uuid::new_v4()), revision: 0 }
    }

    fn next(&mut self) -> Command {
        let many = self.load.streams == Streams::Many;
        if many && self.revision >= EVENTS_A_STREAM {
            (self.stream, self.revision) = (StreamId(Uuid::new_v4()), 0);
        }
        let expected = match self.revision {
            _ if !many => Expected::Any,
            0 => Expected::NoStream,
            last => Expected::Exactly(Revision(last)),
        };
        self.revision += self.load.events_a_command;
        let events = (0..self.load.events_a_command).map(|_| invented_event()).collect();
        let append = StreamAppend::new(self.stream, Category::Child, expected, events);
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

fn invented_journey() -> Vec<FedEvent> {
    let stream = StreamId(Uuid::new_v4());
    let event =
        |_| FedEvent { stream, category: Category::Child, event: invented_event(), identifiers: Vec::new() };
    (0..EVENTS_A_STREAM).map(event).collect()
}

impl Caller for LedgerCaller {
    async fn append(&mut self) -> anyhow::Result<u32> {
        let command = self.next();
        let recorded = self.ledger.append(command).await.context("append to the ledger")?;
        Ok(recorded.event_count)
    }
}
