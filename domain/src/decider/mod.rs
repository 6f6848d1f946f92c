//! The decider: a command and what is known give events, or a refusal.
//!
//! [`decide`] is pure; today's date is passed in. A live command is refused only for what cannot be true (an
//! [`Standing::Impossible`] observation that it would add). An import is never refused for its content.
//! A correction is accepted even where later events then look impossible: that is an observation. What may run only
//! once at a time is an explicit list, [`crate::observations::EXCLUSIVE`].

mod aggregate;
mod codes;
mod import;

pub use aggregate::{History, Subject, SubjectEvent, TimedCommand};
pub use import::{Admission, Unreadable, admit};

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

use crate::envelope::{Category, EventContext};
use crate::events::record_keeping::{CorrectionReason, EventCorrected, EventReinstated, EventWithdrawn};
use crate::events::{CaseEvent, Code, RecordedEvent};
use crate::ids::{CommandId, EventId, Position, Revision, StreamId};
use crate::journey::{Journey, KnownAt};
use crate::observations::{Observation, ObservationCode, Standing, observe};
use crate::rules::RuleBook;
use crate::time::{Occurred, london_day};

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
    /// Say that an event never happened, or that an amendment was wrong: what stood before it stands again.
    Withdraw {
        /// The event, or the amendment.
        target: EventId,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
    /// Say that a withdrawn event or amendment stands again.
    Reinstate {
        /// The event, or the amendment.
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
    /// A code that the closed list of its field does not hold. The code is not repeated: it may be an identifier.
    #[error(
        "{kind}.{field} has a code that the list {list} does not hold; `caseledger kinds {kind}` shows the list"
    )]
    UnknownCode {
        /// Kind of the event.
        kind: &'static str,
        /// The field.
        field: &'static str,
        /// Id of the list.
        list: &'static str,
    },
    /// A code that was not valid on the day of practice.
    #[error(
        "{kind}.{field} has the code {code}, which the list {list} holds {}, and the event is dated {occurred}",
        codes::between(*.from, *.to)
    )]
    CodeOutOfYears {
        /// Kind of the event.
        kind: &'static str,
        /// The field.
        field: &'static str,
        /// Id of the list.
        list: &'static str,
        /// The code.
        code: Code,
        /// First day on which it is valid.
        from: Option<NaiveDate>,
        /// Last day on which it is valid, inclusive.
        to: Option<NaiveDate>,
        /// When the event is said to have happened.
        occurred: Occurred,
    },
    /// The event belongs in another category of stream.
    #[error("{kind} belongs in a {expected} stream")]
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

/// What comes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The event to record.
    pub event: CaseEvent,
    /// What is irregular with it that was not before, and can be true: without the event itself, each with the held events
    /// involved.
    pub observed: Vec<Observation>,
}

/// Decides on a live command at the instant `now`, against everything known of a stream of any category but the system's,
/// which the ledger alone writes.
///
/// # Errors
/// [`Refusal`] for what cannot be true.
pub fn decide(
    category: Category,
    history: &[RecordedEvent],
    command: &Command,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let journey = Journey::known(history, KnownAt::NOW);
    let event = match command {
        Command::Record { event } => recordable(category, event)?.clone(),
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
    let mut added = added_by(category, history, &journey, &event, now);
    if let Command::Record { event } = command
        && let Some(at) = added.iter().position(|added| added.code.standing() == Standing::Impossible)
    {
        let Observation { code, events } = added.swap_remove(at);
        return Err(Refusal::Impossible { kind: event.body.kind().name(), code, events });
    }
    Ok(Decision { event, observed: added })
}

/// The event, if it may be recorded by a command of its own, whatever is known.
fn recordable(category: Category, event: &CaseEvent) -> Result<&CaseEvent, Refusal> {
    let kind = event.body.kind();
    if category == Category::System || !kind.stands_in(category) || kind.is_amendment() {
        return Err(Refusal::WrongCategory { kind: kind.name(), expected: kind.category() });
    }
    codes::check(event)?;
    Ok(event)
}

/// What would be observed with the event that is not observed without it.
fn added_by(
    category: Category,
    history: &[RecordedEvent],
    journey: &Journey,
    event: &CaseEvent,
    now: DateTime<Utc>,
) -> Vec<Observation> {
    let today = london_day(now);
    // What is impossible does not depend on an authority's own endings.
    let endings = RuleBook::built_in().endings();
    let before = observe(journey, today, endings);
    let candidate = candidate(category, event, now);
    let id = candidate.event_id;
    let with: Vec<RecordedEvent> = history.iter().cloned().chain([candidate]).collect();
    let after = observe(&Journey::known(&with, KnownAt::NOW), today, endings);
    let new = after.into_iter().filter(|found| !before.contains(found));
    let others = |events: Vec<EventId>| events.into_iter().filter(|involved| *involved != id).collect();
    new.map(|Observation { code, events }| Observation { code, events: others(events) }).collect()
}

/// The event as it would stand if it were recorded now, after everything else.
fn candidate(category: Category, event: &CaseEvent, now: DateTime<Utc>) -> RecordedEvent {
    RecordedEvent {
        position: Position(u64::MAX),
        stream: StreamId(uuid::Uuid::nil()),
        category,
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
    let problem = || {
        if journey.withdrawn.iter().any(|event| event.event_id == target) {
            "is withdrawn; reinstate it first"
        } else if is_taken_back(journey, target).is_some() {
            "is an amendment; correct the event that it amends"
        } else {
            "is not held in this stream"
        }
    };
    let held = journey.event(target).ok_or_else(|| Refusal::NotAmendable { target, problem: problem() })?;
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
    codes::check_changed(replacement, &held.body)?;
    let changed = held.to_case_event().differences(replacement);
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
    if journey.event(target).is_none() && is_taken_back(journey, target) != Some(false) {
        return Err(Refusal::NotAmendable { target, problem: "is not held, or is withdrawn already" });
    }
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
    if !withdrawn && is_taken_back(journey, target) != Some(true) {
        return Err(Refusal::NotAmendable { target, problem: "is not withdrawn" });
    }
    Ok(amendment(EventReinstated { target, reason, authorised_by, inferred: false }, now))
}

/// Whether an amendment was withdrawn; `None` where none has this id.
fn is_taken_back(journey: &Journey, amendment: EventId) -> Option<bool> {
    let mut amendments = journey.events.iter().chain(&journey.withdrawn).flat_map(|event| &event.amendments);
    amendments.any(|held| held.event_id == amendment).then(|| journey.taken_back.contains(&amendment))
}

/// An amendment happens when it is made.
fn amendment(body: impl Into<crate::events::Body>, now: DateTime<Utc>) -> CaseEvent {
    CaseEvent::new(Occurred::on(london_day(now)), body)
}

#[cfg(test)]
mod tests;
