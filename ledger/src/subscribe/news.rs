//! Waking up when the log grows: own batches at once, other processes' by NOTIFY, and polling behind both.
//!
//! A notification only wakes; what is read is always read from the log by position, so a lost notification
//! delays and never loses an event. Notifications are sent after the commit and coalesced: inside the
//! append they would serialise all commits of the server.

use std::time::Duration;

use deadpool_postgres::Pool;
use domain::ids::Position;
use futures::future::poll_fn;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

use crate::read::Reader;

const CHANNEL: &str = "caseledger";
/// Shortest time between two notifications of one process.
const COALESCE: Duration = Duration::from_millis(5);
/// How long a lost notification can delay a reader.
const POLL: Duration = Duration::from_millis(250);
/// How long a subscription waits before it looks by itself: only for when listening and polling both fail.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_secs(2);

/// What this process has heard of the log's end.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// The largest size heard of. It never falls, also where the log does.
    seen: watch::Sender<u64>,
    /// Counts how often the log looked shorter than it was seen: a reader then looks at its own place.
    doubts: watch::Sender<u64>,
}

impl News {
    pub(crate) fn new() -> Self {
        Self { seen: watch::Sender::new(1), doubts: watch::Sender::new(0) }
    }

    pub(crate) fn seen(&self) -> watch::Receiver<u64> {
        self.seen.subscribe()
    }

    pub(super) fn doubts(&self) -> watch::Receiver<u64> {
        self.doubts.subscribe()
    }

    fn look_at(&self, size: u64) {
        // A batch of this process may be heard of between the look and here: a doubt too many harms nobody.
        if size < *self.seen.borrow() {
            self.doubts.send_modify(|count| *count += 1);
        }
        raise(&self.seen, size);
    }
}

fn raise(seen: &watch::Sender<u64>, size: u64) {
    seen.send_if_modified(|known| {
        let later = size > *known;
        *known = size.max(*known);
        later
    });
}

/// Tells other processes about this one's batches, after their commit.
pub(crate) async fn notify_others(pool: Pool, mut own_head: watch::Receiver<u64>, news: News) {
    while own_head.changed().await.is_ok() {
        let size = *own_head.borrow_and_update();
        raise(&news.seen, size);
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
pub(crate) async fn listen(config: Config, reader: Reader, news: News) {
    loop {
        if let Ok(Some(head)) = reader.head().await {
            news.look_at(head.position.0);
        }
        if let Err(error) = listen_once(&config, &reader, &news).await {
            tracing::debug!(%error, "the listening connection ended; connecting again");
        }
        sleep(POLL).await;
    }
}

async fn listen_once(config: &Config, reader: &Reader, news: &News) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let mut started = std::pin::pin!(start_listening(&client));
    let mut listening = false;
    loop {
        tokio::select! {
            outcome = &mut started, if !listening => { outcome?; listening = true; }
            message = poll_fn(|context| connection.poll_message(context)) => match message {
                Some(message) => if is_news(&message?, news) && let Ok(Some(head)) = reader.head().await {
                    news.look_at(head.position.0);
                },
                None => return Ok(()),
            },
            () = sleep(POLL) => if let Ok(Some(head)) = reader.head().await {
                news.look_at(head.position.0);
            },
        }
    }
}

/// Whether a notification tells of a larger log than the one that was seen. Anybody in the database can notify, so it only
/// has us look: a size that is not there would keep every reader awake for nothing.
fn is_news(message: &AsyncMessage, news: &News) -> bool {
    let AsyncMessage::Notification(note) = message else { return false };
    note.payload().parse::<u64>().is_ok_and(|size| size > *news.seen.borrow())
}

async fn start_listening(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await
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
