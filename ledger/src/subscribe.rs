//! Waking up when the log grows: own batches at once, other processes' by NOTIFY, and polling behind both.
//!
//! A notification only wakes; what is read is always read from the log by position, so a lost notification
//! delays and never loses an event. Notifications are sent after the commit and coalesced: inside the
//! append they would serialise all commits of the server.

use std::time::Duration;

use deadpool_postgres::Pool;
use domain::envelope::StoredEvent;
use domain::ids::Position;
use futures::future::poll_fn;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

use crate::ledger::Ledger;
use crate::read::{ReadFault, Reader};

const CHANNEL: &str = "caseledger";
/// Shortest time between two notifications of one process.
const COALESCE: Duration = Duration::from_millis(5);
/// How long a lost notification can delay a reader.
const POLL: Duration = Duration::from_millis(250);

fn raise(seen: &watch::Sender<u64>, size: u64) {
    seen.send_if_modified(|known| {
        let later = size > *known;
        *known = size.max(*known);
        later
    });
}

/// Tells other processes about this one's batches, after their commit.
pub(crate) async fn notify_others(pool: Pool, mut own_head: watch::Receiver<u64>, seen: watch::Sender<u64>) {
    while own_head.changed().await.is_ok() {
        let size = *own_head.borrow_and_update();
        raise(&seen, size);
        if let Ok(client) = pool.get().await {
            let sent = client.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &size.to_string()]).await;
            if let Err(error) = sent {
                tracing::debug!(%error, "a notification was not sent; readers poll");
            }
        }
        sleep(COALESCE).await;
    }
}

/// Listens to other processes, and polls.
pub(crate) async fn listen(config: Config, reader: Reader, seen: watch::Sender<u64>) {
    loop {
        if let Ok(Some(head)) = reader.head().await {
            raise(&seen, head.position.0);
        }
        if let Err(error) = listen_once(&config, &reader, &seen).await {
            tracing::debug!(%error, "the listening connection ended; connecting again");
        }
        sleep(POLL).await;
    }
}

async fn listen_once(
    config: &Config,
    reader: &Reader,
    seen: &watch::Sender<u64>,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let mut started = std::pin::pin!(start_listening(&client));
    let mut listening = false;
    loop {
        tokio::select! {
            outcome = &mut started, if !listening => { outcome?; listening = true; }
            message = poll_fn(|context| connection.poll_message(context)) => match message {
                Some(message) => hear(&message?, seen),
                None => return Ok(()),
            },
            () = sleep(POLL) => if let Ok(Some(head)) = reader.head().await {
                raise(seen, head.position.0);
            },
        }
    }
}

fn hear(message: &AsyncMessage, seen: &watch::Sender<u64>) {
    if let AsyncMessage::Notification(note) = message
        && let Ok(size) = note.payload().parse()
    {
        raise(seen, size);
    }
}

async fn start_listening(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await
}

/// Reads the log from a position on, without end.
#[derive(Debug)]
pub struct Subscription {
    // Keeps the ledger's listening connection alive.
    ledger: Ledger,
    seen: watch::Receiver<u64>,
    next: Position,
}

impl Subscription {
    pub(crate) fn new(ledger: Ledger, seen: watch::Receiver<u64>, from: Position) -> Self {
        Self { ledger, seen, next: Position(from.0.max(1)) }
    }

    /// The position that the next batch starts with.
    pub fn next_position(&self) -> Position {
        self.next
    }

    /// Waits until there is something new, and returns it in position order without a gap: 1 to `limit` events.
    ///
    /// # Errors
    /// [`ReadFault`]; calling again goes on from the same position.
    pub async fn next_batch(&mut self, limit: u32) -> Result<Vec<StoredEvent>, ReadFault> {
        loop {
            wait_until(&mut self.seen, self.next).await;
            let events = self.ledger.read_positions(self.next, limit.max(1)).await?;
            if let Some(last) = events.last() {
                self.next = Position(last.position.0 + 1);
                return Ok(events);
            }
            sleep(COALESCE).await;
        }
    }
}

/// Waits until the log is known to reach a position.
pub(crate) async fn wait_until(seen: &mut watch::Receiver<u64>, position: Position) {
    let closed = seen.wait_for(|size| *size >= position.0).await.is_err();
    if closed {
        // The ledger is being closed: nothing will come any more.
        std::future::pending::<()>().await;
    }
}

/// The same, but not for ever.
pub(crate) async fn wait_at_most(
    seen: &mut watch::Receiver<u64>,
    position: Position,
    longest: Duration,
) -> bool {
    timeout(longest, wait_until(seen, position)).await.is_ok()
}
