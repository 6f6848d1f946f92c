//! The way of commands to the appender: what arrives while a batch is being written is gathered and hashed side by side,
//! and waits in groups. It decides nothing, and keeps the order in which commands arrive.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::appender::Waiting;
use super::draft::{self, Draft};
use super::{AppendError, Recorded};

/// Events from which on a group takes no further command.
const ENOUGH_EVENTS_A_GROUP: usize = 256;
/// Groups that may wait hashed.
const GROUPS_AHEAD: usize = 7;
/// Events from which on a batch takes no further group.
const ENOUGH_EVENTS_A_BATCH: usize = 1_792;

/// A command as it comes from a caller.
#[derive(Debug)]
struct Arriving {
    draft: Draft,
    reply: Reply,
    room: OwnedSemaphorePermit,
}

type Reply = oneshot::Sender<Result<Recorded, AppendError>>;

/// A hashed command and the room that it takes up until the appender takes it.
type Hashed = (Waiting, OwnedSemaphorePermit);

/// Where callers put commands.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    live: mpsc::UnboundedSender<Arriving>,
    room: Arc<Semaphore>,
    pub(crate) bulk: mpsc::Sender<Waiting>,
}

/// Where the appender takes them from.
#[derive(Debug)]
pub(crate) struct Inbox {
    groups: mpsc::Receiver<Vec<Hashed>>,
    bulk: mpsc::Receiver<Waiting>,
    /// Whether it is a chunk's turn, because live callers had the last one.
    bulk_is_due: bool,
}

impl Outbox {
    /// A pair with room for so many live commands that wait for the appender. What gathers between them runs on the
    /// runtime of the callers and ends with either side.
    pub(crate) fn pair(room: usize) -> (Self, Inbox) {
        let (live, arriving) = mpsc::unbounded_channel();
        let (hashed, groups) = mpsc::channel(GROUPS_AHEAD);
        let (bulk, from_bulk) = mpsc::channel(2);
        drop(tokio::spawn(gather(arriving, hashed)));
        let room = Arc::new(Semaphore::new(room));
        (Self { live, room, bulk }, Inbox { groups, bulk: from_bulk, bulk_is_due: false })
    }

    /// Puts a command where the appender finds it, as soon as there is room.
    ///
    /// # Errors
    /// [`AppendError::Overloaded`] where there is none within `patience`; [`AppendError::Closed`].
    pub(crate) async fn send(
        &self,
        draft: Draft,
        reply: Reply,
        patience: Duration,
    ) -> Result<(), AppendError> {
        let room = timeout(patience, Arc::clone(&self.room).acquire_owned());
        let room = room.await.map_err(|_| AppendError::Overloaded)?.map_err(|_| AppendError::Closed)?;
        self.live.send(Arriving { draft, reply, room }).map_err(|_| AppendError::Closed)
    }
}

impl Inbox {
    /// The next batch: what live callers wait for now, or one bulk chunk. `None` when all callers are gone.
    /// They take turns: a live command waits for one chunk at most, and many of them do not stop an import.
    pub(crate) async fn next(&mut self) -> Option<Vec<Waiting>> {
        let due = std::mem::take(&mut self.bulk_is_due);
        if due && let Ok(chunk) = self.bulk.try_recv() {
            return Some(vec![chunk]);
        }
        tokio::select! {
            biased;
            Some(group) = self.groups.recv() => Some(self.live_batch(group)),
            Some(chunk) = self.bulk.recv() => Some(vec![chunk]),
            else => None,
        }
    }

    fn live_batch(&mut self, mut batch: Vec<Hashed>) -> Vec<Waiting> {
        self.bulk_is_due = true;
        let events =
            |batch: &[Hashed]| batch.iter().map(|(one, _)| one.prepared.event_count()).sum::<usize>();
        while events(&batch) < ENOUGH_EVENTS_A_BATCH
            && let Ok(group) = self.groups.try_recv()
        {
            batch.extend(group);
        }
        batch.into_iter().map(|(one, _)| one).collect()
    }
}

/// Hashes what arrives, group by group.
async fn gather(mut arriving: mpsc::UnboundedReceiver<Arriving>, hashed: mpsc::Sender<Vec<Hashed>>) {
    while let Some(first) = arriving.recv().await {
        // Whoever was answered together asks again together: they come first, and one group is hashed instead of many.
        tokio::task::yield_now().await;
        let mut events = first.draft.event_count();
        let mut group = vec![first];
        while events < ENOUGH_EVENTS_A_GROUP
            && let Ok(one) = arriving.try_recv()
        {
            events += one.draft.event_count();
            group.push(one);
        }
        if hashed.send(finished(group)).await.is_err() {
            return;
        }
    }
}

/// Makes the hashes of commands side by side.
fn finished(arriving: Vec<Arriving>) -> Vec<Hashed> {
    let (drafts, others): (Vec<Draft>, Vec<_>) =
        arriving.into_iter().map(|one| (one.draft, (one.reply, one.room))).unzip();
    let hashed = |(prepared, (reply, room))| (Waiting { prepared, reply, looked_up: false }, room);
    draft::finish(drafts).into_iter().zip(others).map(hashed).collect()
}
