//! The decider: a command and what is known give events, or a refusal.
//!
//! `decide` is pure; today's date is passed in. A live command is refused only for what cannot be true (an
//! [`Standing::Impossible`] observation that it would add). An import is never refused for its content.
//! A correction is accepted even where later events then look impossible: that is an observation.

mod aggregate;

pub use aggregate::{Child, ChildEvent, History, TimedCommand};

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::envelope::{Category, EventContext};
use crate::events::record_keeping::{CorrectionReason, EventCorrected, EventReinstated, EventWithdrawn};
use crate::events::{CaseEvent, Kind, RecordedEvent};
use crate::ids::{CommandId, EventId, Position, Revision, StreamId};
use crate::journey::{Journey, KnownAt};
use crate::observations::{Observation, ObservationCode, Standing, observe};
use crate::time::london_day;

/// What somebody asks to be recorded on one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Record what happened.
    Record {
        /// The event.
        event: Box<CaseEvent>,
    },
    /// Say what should have stood in an event's place.
    Correct {
        /// The event that was wrong.
        target: EventId,
        /// The whole replacement.
        replacement: Box<CaseEvent>,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
    /// Say that an event never happened.
    Withdraw {
        /// The event.
        target: EventId,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
    /// Say that a withdrawn event stands again.
    Reinstate {
        /// The event.
        target: EventId,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
}

/// Why a command is refused. Ids and codes only.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The event cannot be true beside what is known.
    #[error("{kind} cannot be true: {}", .code.sentence())]
    Impossible {
        /// Kind of the event.
        kind: &'static str,
        /// What is impossible about it.
        code: ObservationCode,
        /// The held events that it contradicts.
        events: Vec<EventId>,
    },
    /// The event belongs into another category of stream.
    #[error("{kind} belongs into a {expected} stream")]
    WrongCategory {
        /// Kind of the event.
        kind: &'static str,
        /// Where it belongs.
        expected: Category,
    },
    /// The amended event is not held, or not in a state that can be amended so.
    #[error("event {target} {problem}")]
    NotAmendable {
        /// The target.
        target: EventId,
        /// What stands in the way.
        problem: &'static str,
    },
    /// A correction that changes nothing.
    #[error("the replacement says the same as event {target}")]
    NothingChanged {
        /// The target.
        target: EventId,
    },
}

/// Decides on a live command against everything known of a child's stream at the instant `now`.
///
/// # Errors
/// [`Refusal`] for what cannot be true.
pub fn decide(
    history: &[RecordedEvent],
    command: &Command,
    now: DateTime<Utc>,
) -> Result<Vec<CaseEvent>, Refusal> {
    let journey = Journey::known(history, KnownAt::NOW);
    let event = match command {
        Command::Record { event } => record(history, &journey, event, now)?,
        Command::Correct { target, replacement, reason, authorised_by } => {
            correct(&journey, *target, replacement, (*reason, *authorised_by), now)?
        }
        Command::Withdraw { target, reason, authorised_by } => {
            withdraw(&journey, *target, *reason, *authorised_by, now)?
        }
        Command::Reinstate { target, reason, authorised_by } => {
            reinstate(&journey, *target, *reason, *authorised_by, now)?
        }
    };
    Ok(vec![event])
}

fn record(
    history: &[RecordedEvent],
    journey: &Journey,
    event: &CaseEvent,
    now: DateTime<Utc>,
) -> Result<CaseEvent, Refusal> {
    let kind = event.body.kind();
    if kind.category() != Category::Child || is_amendment(kind) {
        return Err(Refusal::WrongCategory { kind: kind.name(), expected: kind.category() });
    }
    let today = london_day(now);
    let before = observe(journey, today);
    let candidate = candidate(event, now);
    let id = candidate.event_id;
    let with: Vec<RecordedEvent> = history.iter().cloned().chain([candidate]).collect();
    let after = observe(&Journey::known(&with, KnownAt::NOW), today);
    let refused = after
        .into_iter()
        .find(|found| found.code.standing() == Standing::Impossible && !before.contains(found));
    match refused {
        Some(Observation { code, events }) => {
            let events = events.into_iter().filter(|involved| *involved != id).collect();
            Err(Refusal::Impossible { kind: kind.name(), code, events })
        }
        None => Ok(event.clone()),
    }
}

/// Amendments are commands of their own, because they must name what they amend.
fn is_amendment(kind: Kind) -> bool {
    matches!(kind, Kind::EventCorrected | Kind::EventWithdrawn | Kind::EventReinstated)
}

/// The event as it would stand if it were recorded now, after everything else.
fn candidate(event: &CaseEvent, now: DateTime<Utc>) -> RecordedEvent {
    RecordedEvent {
        position: Position(u64::MAX),
        stream: StreamId(uuid::Uuid::nil()),
        category: Category::Child,
        revision: Revision(u32::MAX),
        event_id: EventId(uuid::Uuid::max()),
        command_id: CommandId(uuid::Uuid::nil()),
        recorded_at: now,
        context: EventContext::new(uuid::Uuid::nil(), "candidate"),
        event: event.clone(),
    }
}

fn correct(
    journey: &Journey,
    target: EventId,
    replacement: &CaseEvent,
    (reason, authorised_by): (CorrectionReason, Option<StreamId>),
    now: DateTime<Utc>,
) -> Result<CaseEvent, Refusal> {
    let held = journey
        .event(target)
        .ok_or(Refusal::NotAmendable { target, problem: "is not held in this stream" })?;
    if held.kind() != replacement.body.kind() {
        return Err(Refusal::NotAmendable {
            target,
            problem: "is of another kind; withdraw it and record the other",
        });
    }
    if replacement.occurred.earliest_day().is_some_and(|day| day > london_day(now)) {
        let code = ObservationCode::AfterRecording;
        return Err(Refusal::Impossible { kind: held.kind().name(), code, events: vec![target] });
    }
    let current =
        CaseEvent { occurred: held.occurred, entities: held.entities.clone(), body: held.body.clone() };
    let changed = current.differences(replacement);
    if changed.is_empty() {
        return Err(Refusal::NothingChanged { target });
    }
    let body = EventCorrected {
        target,
        replacement: Box::new(replacement.clone()),
        changed,
        reason,
        authorised_by,
        inferred: false,
    };
    Ok(amendment(body, now))
}

fn withdraw(
    journey: &Journey,
    target: EventId,
    reason: CorrectionReason,
    authorised_by: Option<StreamId>,
    now: DateTime<Utc>,
) -> Result<CaseEvent, Refusal> {
    journey
        .event(target)
        .ok_or(Refusal::NotAmendable { target, problem: "is not held, or is withdrawn already" })?;
    Ok(amendment(EventWithdrawn { target, reason, authorised_by, inferred: false }, now))
}

fn reinstate(
    journey: &Journey,
    target: EventId,
    reason: CorrectionReason,
    authorised_by: Option<StreamId>,
    now: DateTime<Utc>,
) -> Result<CaseEvent, Refusal> {
    let withdrawn = journey.withdrawn.iter().any(|event| event.event_id == target);
    if !withdrawn {
        return Err(Refusal::NotAmendable { target, problem: "is not withdrawn" });
    }
    Ok(amendment(EventReinstated { target, reason, authorised_by, inferred: false }, now))
}

/// An amendment happens when it is made.
fn amendment(body: impl Into<crate::events::Body>, now: DateTime<Utc>) -> CaseEvent {
    CaseEvent::new(crate::time::Occurred::on(london_day(now)), body)
}

#[cfg(test)]
mod tests;
