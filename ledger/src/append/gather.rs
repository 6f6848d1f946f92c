//! The way of commands to the appender: what arrives while a batch is being written is gathered and hashed side by side,
//! and waits in groups. It decides nothing, and keeps the order in which commands arrive.

use tokio::sync::{mpsc, oneshot};

use super::appender::Waiting;
use super::draft::{self, Draft};
use super::{AppendError, Recorded};

/// Most events that are hashed together; an append of more makes a group of its own.
const MOST_EVENTS_A_GROUP: usize = 256;
/// Groups that may wait hashed.
const GROUPS_AHEAD: usize = 7;
/// Events from which on a batch takes no further group, bulk chunks aside.
const ENOUGH_EVENTS_A_BATCH: usize = 1_792;

/// A command as it comes from a caller.
#[derive(Debug)]
pub(crate) struct Arriving {
    pub(crate) draft: Draft,
    pub(crate) reply: oneshot::Sender<Result<Recorded, AppendError>>,
}

/// Where callers put commands.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    pub(crate) live: mpsc::Sender<Arriving>,
    pub(crate) bulk: mpsc::Sender<Waiting>,
}

/// Where the appender takes them from.
#[derive(Debug)]
pub(crate) struct Inbox {
    groups: mpsc::Receiver<Vec<Waiting>>,
    bulk: mpsc::Receiver<Waiting>,
}

impl Outbox {
    /// A pair with room for so many live commands beside those that wait hashed. What gathers between them runs on
    /// the runtime of the callers and ends with either side.
    pub(crate) fn pair(room: usize) -> (Self, Inbox) {
        let (live, arriving) = mpsc::channel(room);
        let (hashed, groups) = mpsc::channel(GROUPS_AHEAD);
        let (bulk, from_bulk) = mpsc::channel(2);
        drop(tokio::spawn(gather(arriving, hashed)));
        (Self { live, bulk }, Inbox { groups, bulk: from_bulk })
    }
}

impl Inbox {
    /// The next batch: what live callers wait for now, and one bulk chunk. `None` when all callers are gone.
    pub(crate) async fn next(&mut self) -> Option<Vec<Waiting>> {
        let (mut batch, mut bulk) = (Vec::new(), Vec::new());
        tokio::select! {
            biased;
            Some(group) = self.groups.recv() => batch.extend(group),
            Some(chunk) = self.bulk.recv() => bulk.push(chunk),
            else => return None,
        }
        let events = |batch: &[Waiting]| batch.iter().map(|one| one.prepared.event_count()).sum::<usize>();
        while events(&batch) < ENOUGH_EVENTS_A_BATCH {
            let Ok(group) = self.groups.try_recv() else { break };
            batch.extend(group);
        }
        if bulk.is_empty() {
            bulk.extend(self.bulk.try_recv());
        }
        batch.append(&mut bulk);
        Some(batch)
    }
}

/// Hashes what arrives, group by group.
async fn gather(mut arriving: mpsc::Receiver<Arriving>, hashed: mpsc::Sender<Vec<Waiting>>) {
    while let Some(first) = arriving.recv().await {
        // Whoever was answered together asks again together: they come first, and one group is hashed instead of many.
        tokio::task::yield_now().await;
        let mut events = first.draft.event_count();
        let mut group = vec![first];
        while events < MOST_EVENTS_A_GROUP
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
fn finished(arriving: Vec<Arriving>) -> Vec<Waiting> {
    let (drafts, replies): (Vec<Draft>, Vec<_>) =
        arriving.into_iter().map(|one| (one.draft, one.reply)).unzip();
    let waiting = |(prepared, reply)| Waiting { prepared, reply, looked_up: false };
    draft::finish(drafts).into_iter().zip(replies).map(waiting).collect()
}
