//! A journey: what is known of one stream, corrections applied, in practice order.
//!
//! [`Journey::known`] is the only place where corrections, withdrawals, reinstatements and disputes are
//! understood. Every fold, clock and page reads a journey, so all of them agree. It keeps this invariant:
//! the same known events give the same journey, in whatever order they are handed in.

mod building;
mod coverage;
mod groups;
mod knowledge;
mod lateness;
mod practice_order;
mod recorded;
mod reread;
mod standing;

use std::collections::BTreeSet;

use building::Building;
pub use coverage::{Coverage, Covered};
pub use groups::{Acts, Copies, Group, Groups};
pub use knowledge::{Basis, KnownAt, UnknownBasis, known_since};
pub use lateness::{LATE_AFTER_DAYS, Lateness, entered_on};
pub use practice_order::rank;
pub(crate) use practice_order::{put_in_order, sort};
pub use recorded::RecordedKinds;
pub(crate) use reread::Reread;

use chrono::{DateTime, Utc};

use crate::envelope::{Category, EventContext};
use crate::events::record_keeping::{CorrectionReason, DisputeReason};
use crate::events::{Authors, Body, CaseEvent, Entities, Kind, RecordedEvent};
use crate::ids::{CommandId, EntityId, EventId, Position, StreamId};
use crate::time::Occurred;

/// An event as it is known: the original with its last correction applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEvent {
    /// The original event's id; corrections do not change it.
    pub event_id: EventId,
    /// The original event's position.
    pub position: Position,
    /// The stream in which the original stands: the journey's own, or that of a group to which the child belongs.
    pub stream: StreamId,
    /// What that stream is about.
    pub category: Category,
    /// The request that recorded the original: copies of one act in several streams may share it.
    pub command_id: CommandId,
    /// When it happened, as known.
    pub occurred: Occurred,
    /// Its processes, as known.
    pub entities: Entities,
    /// Who did it, as known.
    pub authors: Authors,
    /// What happened, as known.
    pub body: Body,
    /// When the original was recorded in the ledger.
    pub recorded_at: DateTime<Utc>,
    /// From when the original was known on the basis of the question.
    pub known_since: DateTime<Utc>,
    /// Who recorded the original, and from where.
    pub context: EventContext,
    /// The amendments that are known, oldest first.
    pub amendments: Vec<Amendment>,
}

impl KnownEvent {
    fn original(recorded: &RecordedEvent, basis: Basis) -> Self {
        Self {
            event_id: recorded.event_id,
            position: recorded.position,
            stream: recorded.stream,
            category: recorded.category,
            command_id: recorded.command_id,
            occurred: recorded.event.occurred,
            entities: recorded.event.entities.clone(),
            authors: recorded.event.authors,
            body: recorded.event.body.clone(),
            recorded_at: recorded.recorded_at,
            known_since: known_since(basis, &recorded.context, recorded.recorded_at),
            context: recorded.context.clone(),
            amendments: Vec::new(),
        }
    }

    /// The kind of event.
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The event as it is known, without what surrounds it.
    pub fn to_case_event(&self) -> CaseEvent {
        CaseEvent {
            occurred: self.occurred,
            entities: self.entities.clone(),
            authors: self.authors,
            body: self.body.clone(),
        }
    }

    /// The process that the event is about itself.
    pub fn own_entity(&self) -> Option<EntityId> {
        self.kind().own_role().and_then(|role| self.entities.get(role))
    }

    /// Whether what was told says that this event came before the other; where it was recorded says nothing.
    pub fn is_surely_before(&self, other: &Self) -> bool {
        practice_order::is_surely_before(self, other)
    }

    /// Whether nothing that was told says which of the two came first: their days overlap, and on one day neither times
    /// nor the ranks of their kinds tell them apart. An answer that needs their order cannot be told.
    pub fn is_level_with(&self, other: &Self) -> bool {
        self.event_id != other.event_id && !self.is_surely_before(other) && !other.is_surely_before(self)
    }

    /// How late it can have happened, to find the last of several: by the last moment that its day and time leave open, then
    /// by the first one. What has no latest day may be the last of all.
    pub(crate) fn by_latest(&self) -> impl Ord + use<> {
        let at = &self.occurred;
        (at.latest_day().is_none(), at.latest_day(), at.instant().is_none(), at.instant(), at.earliest_day())
    }

    /// Whether the last word on it is that it never happened.
    pub fn is_withdrawn(&self) -> bool {
        let stands = |amendment: &&Amendment| !matches!(amendment.change, Change::Corrected { .. });
        let last = self.amendments.iter().filter(stands).max_by_key(|it| (it.known_since, it.position));
        last.is_some_and(|amendment| amendment.change == Change::Withdrawn)
    }

    /// Whether it was corrected.
    pub fn is_corrected(&self) -> bool {
        self.amendments.iter().any(|amendment| matches!(amendment.change, Change::Corrected { .. }))
    }
}

/// A later event that changed what is known of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The amending event.
    pub event_id: EventId,
    /// Its position.
    pub position: Position,
    /// When it was recorded in the ledger.
    pub recorded_at: DateTime<Utc>,
    /// From when it was known on the basis of the question.
    pub known_since: DateTime<Utc>,
    /// Why.
    pub reason: CorrectionReason,
    /// Whether a program inferred it.
    pub inferred: bool,
    /// The amendment of which it speaks; `None` where it is about the event itself.
    pub of: Option<Undone>,
    /// What it did to the event. What undoes a correction corrects it once more.
    pub change: Change,
}

impl Amendment {
    /// What it did, in words.
    pub fn words(&self) -> &'static str {
        match (&self.change, self.of) {
            (Change::Corrected { .. }, None) => "corrected",
            (Change::Corrected { .. }, Some(Undone::Withdrawn(_))) => "correction withdrawn",
            (Change::Corrected { .. }, Some(Undone::Reinstated(_))) => "correction reinstated",
            (Change::Withdrawn, _) => "withdrawn",
            (Change::Reinstated, _) => "reinstated",
        }
    }
}

/// What an amendment says of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It takes the other one back.
    Withdrawn(EventId),
    /// It brings the other one back.
    Reinstated(EventId),
}

impl Undone {
    /// The other amendment.
    pub fn amendment(self) -> EventId {
        let (Self::Withdrawn(id) | Self::Reinstated(id)) = self;
        id
    }
}

/// What an amendment did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Replaced the event; what stood before is kept.
    Corrected {
        /// The event as it stood before this correction.
        before: Box<CaseEvent>,
    },
    /// Took the event away.
    Withdrawn,
    /// Brought it back.
    Reinstated,
}

/// A row of a source that is kept visibly and counts nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The disputing event.
    pub event_id: EventId,
    /// Its position.
    pub position: Position,
    /// What the source claims.
    pub claim: CaseEvent,
    /// The held event that it contradicts.
    pub contradicts: Option<EventId>,
    /// Why it is disputed.
    pub reason: DisputeReason,
    /// Who recorded it, and from where.
    pub context: EventContext,
}

/// An event that cannot follow what stands before it; reported beside the journey, never a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// A correction, withdrawal or reinstatement names an event that this stream does not hold.
    TargetNotHeld {
        /// The amending event.
        event_id: EventId,
        /// The event that it names.
        target: EventId,
    },
    /// A correction changes the kind of event.
    KindChanged {
        /// The correcting event.
        event_id: EventId,
    },
}

impl Anomaly {
    fn waits_for_one_of(&self, events: &[RecordedEvent]) -> bool {
        matches!(self, Self::TargetNotHeld { target, .. } if events.iter().any(|event| event.event_id == *target))
    }
}

/// How the last member of a family or a set ended, of which every member has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersEnded {
    /// The event, dated to the day on which it ended the member: for a birthday the record of the birth.
    pub event: KnownEvent,
    /// The line of the table of endings by which it did.
    pub line: Box<str>,
}

/// What is known of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// What its stream is about; `None` where no event of it was handed in.
    pub category: Option<Category>,
    /// Known events in practice order, without the withdrawn and the disputed ones, and without the record about the record.
    pub events: Vec<KnownEvent>,
    /// Withdrawn events, in practice order.
    pub withdrawn: Vec<KnownEvent>,
    /// Corrections, withdrawals and reinstatements that were taken back.
    pub(crate) taken_back: BTreeSet<EventId>,
    /// Disputed rows, in ledger order.
    pub disputes: Vec<Dispute>,
    /// How complete the history is.
    pub coverage: Coverage,
    /// What could not follow, in ledger order.
    pub anomalies: Vec<Anomaly>,
    /// The last position that counts in this journey; `None` where nothing is known yet.
    pub last_position: Option<Position>,
    /// Of a family or a set: how the last of its members ended, where every one has.
    pub members_ended: Option<MembersEnded>,
}

impl Journey {
    /// What is known at `known` of the stream whose recorded events are given in any order.
    pub fn known(events: &[RecordedEvent], known: KnownAt) -> Self {
        let mut included: Vec<&RecordedEvent> =
            events.iter().filter(|event| known.includes(&event.context, event.recorded_at)).collect();
        let order = |event: &RecordedEvent| {
            (known_since(known.basis, &event.context, event.recorded_at), event.position)
        };
        // A stream that is read in ledger order mostly is in this order already.
        if !included.is_sorted_by_key(|event| order(event)) {
            included.sort_by_cached_key(|event| order(event));
        }
        let mut building = Building::of(events, included.len());
        for event in &included {
            building.hold(event, known.basis);
        }
        for event in &included {
            building.amend(event, known.basis);
        }
        let mut journey = building.finish();
        journey.category = events.first().map(|event| event.category);
        // On the source's word a correction can be known before its original: that is no anomaly.
        journey.anomalies.retain(|anomaly| !anomaly.waits_for_one_of(events));
        journey
    }

    /// The known event that has this id (the id of the original).
    pub fn event(&self, id: EventId) -> Option<&KnownEvent> {
        self.events.iter().find(|event| event.event_id == id)
    }
}

#[cfg(test)]
mod tests;
