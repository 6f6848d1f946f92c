//! Events of people whose key was destroyed: nothing can be sealed for them any more, so none is recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{EventId, StreamId};
use exchange::jsonl::EventLine;
use ledger::Ledger;

use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// The streams of these people, and what was left out because of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub(super) streams: Arc<BTreeSet<StreamId>>,
    /// Line and event id of what was left out, by stream.
    left_out: Arc<Mutex<LeftOut>>,
}

type LeftOut = BTreeMap<StreamId, BTreeSet<(u64, EventId)>>;

impl Gone {
    pub(super) async fn of(ledger: &Ledger) -> Result<Self, Failure> {
        let custody = ledger.custody().await.or_fail(Outcome::Fault)?;
        let streams = custody.destroyed_keys().map(|(_, stream)| stream).collect();
        Ok(Self { streams: Arc::new(streams), left_out: Arc::default() })
    }

    /// Whether an event may be recorded; one that may not is remembered.
    pub(super) fn lets_in(&self, line: &EventLine) -> bool {
        if !self.streams.contains(&line.stream) {
            return true;
        }
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.entry(line.stream).or_default().insert((line.line, line.event.event_id));
        false
    }

    /// Says of each event that was left out why.
    pub(super) fn told(&self) -> Vec<String> {
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let events =
            left_out.iter().flat_map(|(stream, events)| events.iter().map(move |event| (stream, event)));
        let reason = "the key of this person was destroyed; take the event out of the source";
        events
            .map(|(stream, (line, event))| {
                format!("line {line}, event {event} of stream {stream} refused: {reason}")
            })
            .collect()
    }
}
