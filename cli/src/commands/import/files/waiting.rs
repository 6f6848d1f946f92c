//! What waits to be recorded: whose events it holds, and from which rows they come.

use std::collections::HashMap;

use domain::envelope::{Category, NewEvent};
use domain::ids::EventId;
use ledger::StreamAppend;

/// Whether an event is among those of a stream.
pub(super) fn holds(append: &StreamAppend, event: EventId) -> bool {
    append.events.iter().any(|held| held.event_id == event)
}

/// Whether an event is the registration of a worker.
pub(super) fn is_registration(appends: &[StreamAppend], event: EventId) -> bool {
    appends.iter().any(|append| append.category == Category::Worker && holds(append, event))
}

/// The row of the file that each event comes from, in words.
pub(super) fn rows_of(appends: &[StreamAppend]) -> HashMap<EventId, String> {
    let events = appends.iter().flat_map(|append| &append.events);
    let row = |event: &NewEvent| {
        let import = event.context.import.as_ref()?;
        Some((event.event_id, format!("list {} row {}", import.sheet, import.row)))
    };
    events.filter_map(row).collect()
}
