//! Events whose facts were disposed of: still there in order and number, and nothing else of them is shown.

use chrono::NaiveDate;
use domain::envelope::StoredEvent;
use domain::events::{Code, RecordedEvent};
use domain::ids::{EventId, Position, Revision, StreamId};
use domain::journey::{Groups, Journey};
use ledger::officers::Custody;

use crate::{Knowledge, ReplayFault};

/// An event of which only its place is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisposedEvent {
    /// Place in the ledger.
    pub position: Position,
    /// Place in the stream.
    pub revision: Revision,
    /// The event.
    pub event_id: EventId,
    /// The rule under which two officers had it disposed of; `None` where nobody authorised it: then the ledger
    /// was tampered with, and `verify` says so too.
    pub rule: Option<Code>,
    /// The last day on which a backup may hold it; `None` while the disposal is not concluded.
    pub backup_horizon: Option<NaiveDate>,
}

/// Events of one stream, those that can be read apart from those that are gone.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    pub(crate) recorded: Vec<RecordedEvent>,
    pub(crate) disposed: Vec<DisposedEvent>,
}

impl Understood {
    /// What is known of a child, acts of its groups included; `None` where nothing is. A child of whom something was disposed of
    /// gets nothing back from a group.
    pub(crate) fn journey(&self, child: StreamId, knowledge: Knowledge, groups: &Groups) -> Option<Journey> {
        let own = Journey::known(&self.recorded, knowledge.known);
        own.last_position?;
        Some(if self.disposed.is_empty() { groups.complete(child, own) } else { own })
    }
}

/// Reads the facts of stored events. Disposed ones are set apart; under which rule is not looked up here.
pub(crate) fn understand(stored: Vec<StoredEvent>) -> Result<Understood, ReplayFault> {
    let mut understood = Understood { recorded: Vec::with_capacity(stored.len()), disposed: Vec::new() };
    for event in stored {
        let (position, stream) = (event.position, event.stream);
        if event.facts.is_none() {
            let (revision, event_id) = (event.revision, event.event_id);
            let (rule, backup_horizon) = (None, None);
            understood.disposed.push(DisposedEvent { position, revision, event_id, rule, backup_horizon });
            continue;
        }
        let read = RecordedEvent::try_from(event);
        understood.recorded.push(read.map_err(|source| ReplayFault::Malformed {
            position,
            stream,
            source,
        })?);
    }
    Ok(understood)
}

/// Adds under which rule each event was disposed of.
pub(crate) fn explain(disposed: &mut [DisposedEvent], stream: StreamId, custody: &Custody) {
    for event in disposed {
        let Some(authorisation) = custody.authorisation_of(stream, event.position) else { continue };
        event.rule = Some(authorisation.rule.clone());
        event.backup_horizon = authorisation.backup_horizon;
    }
}

#[cfg(test)]
mod tests {
    use domain::envelope::{Category, EventContext};
    use domain::ids::CommandId;
    use domain::time::Occurred;
    use uuid::Uuid;

    use super::*;

    /// An invented child's event; facts are gone where there are none.
    fn stored(revision: u32, facts: Option<&str>) -> StoredEvent {
        StoredEvent {
            position: Position(u64::from(revision) + 10),
            stream: StreamId(Uuid::from_u128(3)),
            category: Category::Child,
            revision: Revision(revision),
            event_id: EventId(Uuid::from_u128(u128::from(revision))),
            command_id: CommandId(Uuid::nil()),
            kind: "child_died".into(),
            schema_version: 1,
            occurred: Occurred::UNKNOWN,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            context: EventContext::new(Uuid::nil(), "social_worker"),
            facts: facts.map(str::to_owned),
            sealed: None,
        }
    }

    #[test]
    fn disposed_events_are_set_apart_and_damaged_ones_are_still_an_error() {
        let whole = r#"{"details":{}}"#;
        let events = vec![stored(1, None), stored(2, Some(whole)), stored(3, None)];
        let understood = understand(events).unwrap();
        let places: Vec<u32> = understood.disposed.iter().map(|event| event.revision.0).collect();
        assert_eq!(places, [1, 3]);
        assert_eq!(understood.recorded.len(), 1);
        let damaged = understand(vec![stored(1, Some("{}"))]);
        assert!(matches!(damaged, Err(ReplayFault::Malformed { position: Position(11), .. })), "{damaged:?}");
    }

    #[test]
    fn what_nobody_authorised_has_no_rule() {
        let mut disposed = understand(vec![stored(1, None)]).unwrap().disposed;
        let custody = Custody::new(domain::ids::LedgerId(Uuid::nil()), StreamId(Uuid::nil()));
        explain(&mut disposed, StreamId(Uuid::from_u128(3)), &custody);
        assert_eq!(disposed.first().map(|event| event.rule.clone()), Some(None));
    }
}
