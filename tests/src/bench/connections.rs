//! Connections of a store that has no pool of its own: callers share them in turn, each for a whole transaction.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};

/// Most connections at once; on 2 cores more made every store slower.
pub(super) const MOST_CONNECTIONS: usize = 32;

/// A connection with the statement that records one event.
pub(super) struct Connection {
    client: Client,
    insert: Statement,
}

/// A connection that several callers share.
pub(super) type Shared = Arc<Mutex<Connection>>;

/// Parameters of one event.
pub(super) type Parameters<'a> = Vec<&'a (dyn ToSql + Sync)>;

/// One connection for each caller, or [`MOST_CONNECTIONS`] shared by all.
pub(super) async fn connect(config: &Config, insert: &str, callers: usize) -> anyhow::Result<Vec<Shared>> {
    let mut made = Vec::new();
    for _ in 0..callers.min(MOST_CONNECTIONS) {
        let (client, connection) = config.connect(NoTls).await?;
        drop(tokio::spawn(connection));
        let insert = client.prepare(insert).await?;
        made.push(Arc::new(Mutex::new(Connection { client, insert })));
    }
    Ok((0..callers).filter_map(|caller| made.get(caller % made.len()).cloned()).collect())
}

impl Connection {
    /// Records events in one transaction; the statements of several are sent without waiting for each answer.
    pub(super) async fn record(&self, events: &[Parameters<'_>]) -> anyhow::Result<()> {
        let insert = |event| self.client.execute(&self.insert, event);
        if let [only] = events {
            insert(only).await.context("record an event")?;
            return Ok(());
        }
        let (begun, inserted, committed) = tokio::join!(
            self.client.batch_execute("BEGIN"),
            futures::future::join_all(events.iter().map(|event| insert(event))),
            self.client.batch_execute("COMMIT"),
        );
        begun?;
        inserted.into_iter().collect::<Result<Vec<_>, _>>().context("record events")?;
        Ok(committed?)
    }
}
