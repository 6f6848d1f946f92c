//! The peer: esrs's own `PgStore`, set up as well as it can be.
//!
//! Version 7 event ids and a pool that does not ask a connection whether it is alive: both make it faster than its
//! defaults. It stores no position, no command and no proof.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use esrs::store::EventStore as _;
use esrs::store::postgres::{PgStore, PgStoreBuilder, UuidFormat};
use esrs::{Aggregate, AggregateState};
use ledger::test_support::TestDatabase;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Mutex;
use tokio_postgres::config::Host;
use uuid::Uuid;

use super::connections::MOST_CONNECTIONS;
use super::load::{Caller, Load, Streams};
use super::payload::{EVENTS_A_STREAM, fields};
use super::stores::{Place, Store, Tables};

/// An event as the peer stores it.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    details: BTreeMap<String, String>,
}

/// The peer needs an aggregate; nothing is decided or folded here.
pub(super) struct Nothing;

/// Never given.
#[derive(Debug)]
pub(super) enum Never {}

impl std::fmt::Display for Never {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl Aggregate for Nothing {
    const NAME: &'static str = "bench";
    type State = ();
    type Command = Never;
    type Event = Stored;
    type Error = Never;

    fn handle_command((): &(), command: Never) -> Result<Vec<Stored>, Never> {
        Err(command)
    }

    fn apply_event((): (), _: Stored) {}
}

/// A fresh store.
pub(super) struct PeerStore {
    tables: Tables,
    store: PgStore<Nothing>,
}

impl PeerStore {
    /// Makes the peer's tables in a database of their own, with a pool for so many callers.
    pub(super) async fn fresh(callers: usize) -> anyhow::Result<Self> {
        let database = TestDatabase::empty().await;
        let most = u32::try_from(callers.min(MOST_CONNECTIONS))?;
        let options =
            PgPoolOptions::new().max_connections(most).min_connections(most).test_before_acquire(false);
        let pool = options.connect_with(place(&database)?).await?;
        let store =
            PgStoreBuilder::<Nothing>::new(pool).with_event_id_format(UuidFormat::V7).try_build().await?;
        Ok(Self { tables: Tables::look_into(database, vec!["bench_events"]).await?, store })
    }
}

fn place(database: &TestDatabase) -> anyhow::Result<PgConnectOptions> {
    let config = database.superuser();
    let user = config.get_user().context("the test database names its user")?;
    let name = config.get_dbname().context("the test database has a name")?;
    match config.get_hosts() {
        [Host::Unix(folder)] => Ok(PgConnectOptions::new().socket(folder).username(user).database(name)),
        other => anyhow::bail!("the test server has one socket folder, not {other:?}"),
    }
}

impl Store for PeerStore {
    type Caller = PeerCaller;

    async fn callers(&self, load: &Load) -> anyhow::Result<Vec<PeerCaller>> {
        let hot = Arc::new(Mutex::new(Subject::default()));
        let caller = || {
            let subject = if load.streams == Streams::OneHot { Arc::clone(&hot) } else { Arc::default() };
            PeerCaller { store: self.store.clone(), load: *load, subject }
        };
        Ok((0..load.callers).map(|_| caller()).collect())
    }

    fn place(&self) -> &impl Place {
        &self.tables
    }
}

/// The state of a stream, kept as a program would; whoever appends holds it, as its own lock demands.
#[derive(Default)]
pub(super) struct Subject {
    state: AggregateState<()>,
    events: u32,
}

/// Somebody who persists events.
pub(super) struct PeerCaller {
    store: PgStore<Nothing>,
    load: Load,
    subject: Arc<Mutex<Subject>>,
}

impl Caller for PeerCaller {
    async fn append(&mut self) -> anyhow::Result<u32> {
        let mut subject = self.subject.lock().await;
        if self.load.streams == Streams::Many && subject.events >= EVENTS_A_STREAM {
            *subject = Subject { state: AggregateState::with_id(Uuid::new_v4()), events: 0 };
        }
        subject.events += self.load.events_a_command;
        let event = |_| Stored { details: fields().map(|(name, value)| (name.to_owned(), value)).collect() };
        let events = (0..self.load.events_a_command).map(event).collect();
        self.store.persist(&mut subject.state, events).await.context("append to the peer")?;
        Ok(self.load.events_a_command)
    }
}
