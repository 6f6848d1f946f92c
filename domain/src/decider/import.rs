//! What becomes of an imported event: recorded, disputed or, where it is no event of the stream, unreadable.
//!
//! An imported row that names a subject is never refused for its content. What cannot stand beside a running process
//! of an exclusive kind is kept as a disputed claim; everything else is recorded, and what is irregular is observed.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::added_by;
use crate::envelope::Category;
use crate::events::record_keeping::{DisputeReason, SourceClaimDisputed};
use crate::events::{CaseEvent, RecordedEvent};
use crate::journey::{Journey, KnownAt};
use crate::observations::{Observation, ObservationCode, exclusive_of};

/// What becomes of an imported event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The event to record: the imported one, or the dispute that keeps it visibly.
    pub event: CaseEvent,
    /// What is irregular about it beside what is held, without the codes of disputes; sorted, unique.
    pub observed: Vec<ObservationCode>,
}

impl Admission {
    /// Whether the row is kept as a claim that counts in no clock.
    pub fn is_disputed(&self) -> bool {
        matches!(self.event.body, crate::events::Body::SourceClaimDisputed(_))
    }
}

/// Why an imported event is no event of this stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// Its kind does not stand in streams of this category.
    #[error("{kind} cannot be in a {category} stream; it belongs in a {expected} stream")]
    WrongCategory {
        /// The kind.
        kind: &'static str,
        /// The category of the stream.
        category: Category,
        /// Where it belongs.
        expected: Category,
    },
}

/// Admits an imported event to a stream; `now` is when it is imported.
///
/// # Errors
/// [`Unreadable`] where the event cannot stand in such a stream at all.
pub fn admit(
    category: Category,
    history: &[RecordedEvent],
    event: &CaseEvent,
    now: DateTime<Utc>,
) -> Result<Admission, Unreadable> {
    let kind = event.body.kind();
    if category == Category::System || !kind.stands_in(category) {
        return Err(Unreadable::WrongCategory { kind: kind.name(), category, expected: kind.category() });
    }
    let journey = Journey::known(history, KnownAt::NOW);
    let added = added_by(category, history, &journey, event, now);
    let excluded = added.iter().find(|added| exclusive_of(added.code).is_some());
    let event = excluded.map_or_else(|| event.clone(), |excluded| disputed(event, excluded));
    let mut observed: Vec<ObservationCode> = added.into_iter().map(|added| added.code).collect();
    observed.sort();
    observed.dedup();
    Ok(Admission { event, observed })
}

fn disputed(event: &CaseEvent, excluded: &Observation) -> CaseEvent {
    let body = SourceClaimDisputed {
        claim: Box::new(event.clone()),
        contradicts: excluded.events.first().copied(),
        reason: DisputeReason::ExclusiveKind,
    };
    CaseEvent::new(event.occurred, body)
}
