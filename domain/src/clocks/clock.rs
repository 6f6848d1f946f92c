//! One clock: which rule, since when, until when, and how it stands.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, CountedDay, KnownDay, Limit, Measure, Unit};
use crate::events::{Code, Kind};
use crate::ids::{EntityId, EventId, Position};
use crate::journey::KnownEvent;
use crate::rules::{Rule, RuleVersion, Subject};
use crate::time::Occurred;

/// A clock that a rule started in a journey, with all that its state rests on.
#[derive(Debug, Clone)]
pub struct Clock<'b> {
    /// The rule.
    pub rule: &'b Rule,
    /// Its version for this start.
    pub version: &'b RuleVersion,
    /// Whose clock it is.
    pub per: Subject,
    /// The process; the id of the start event for a clock per event, all zeros for one of the child as a whole.
    pub entity: EntityId,
    /// Number of the occurrence at which a chained clock starts, from 1; 0 for a clock that is not chained.
    pub occurrence: usize,
    /// The event that started it.
    pub start: Evidence,
    /// The day from which it counts, where that is not the day of the start event: a birthday, or a day stated in it.
    pub counts_from: Option<NaiveDate>,
    /// The limit.
    pub limit: Limit,
    /// Last day in time by the limit alone, inclusive; `None` where the start does not settle it.
    pub original_due_on: Option<NaiveDate>,
    /// Last day in time as extended, inclusive; equal to `original_due_on` where nothing was extended.
    pub due_on: Option<NaiveDate>,
    /// The latest day that the last day can be; that day itself where it is certain. `None` where nothing sets one.
    pub due_latest: Option<NaiveDate>,
    /// Last instant in time, for a limit in hours.
    pub due_at: Option<DateTime<Utc>>,
    /// The event that stopped it.
    pub stop: Option<Evidence>,
    /// The event that closed it without a stop, or made it not applicable.
    pub closed_by: Option<Evidence>,
    /// How it stands.
    pub state: State,
    /// What was used up to the stop, the close or the day asked about; `None` where the dates do not settle it.
    pub used: Option<Measure>,
    /// What the rule and its extensions allow, in the same unit.
    pub allowed: Option<Measure>,
    /// Extensions in practice order; none overwrites the original end.
    pub extensions: Vec<Extension>,
    /// Reasons recorded for its delay, in practice order. A reason explains, it does not excuse.
    pub delay_reasons: Vec<DelayReason>,
    /// What figures and lists must know of it beside its state.
    pub marks: Marks,
}

/// What figures and lists must know of a clock beside its state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// It says the same delay again as a clock of the rule that its own repeats: lists show that one.
    pub repeated: bool,
    /// What stopped it does not state the fact that the rule shows apart, such as whether the child was seen.
    pub not_stated: bool,
    /// It is in time whatever is missing of the history. Were it late, the gap would not let it be told, so that figures leave
    /// it out.
    pub in_gap: bool,
    /// The event by which it belongs to a period, where the rule names one and the record holds it.
    pub counted_by: Option<Evidence>,
}

/// An event on which an answer rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The event.
    pub event_id: EventId,
    /// Its place in the ledger.
    pub position: Position,
    /// Its kind.
    pub kind: Kind,
    /// When it happened, as known.
    pub occurred: Occurred,
    /// From when it is known as it stands: the entry of the event, or of its last correction.
    pub known_since: DateTime<Utc>,
}

/// How a clock stands on the day asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "why")]
pub enum State {
    /// Open and in time.
    Running,
    /// Open and in time, with few working days left.
    DueSoon,
    /// Open and past its last day.
    Overdue,
    /// Stopped in time.
    Met,
    /// Stopped after its last day, or closed after it without a stop.
    Late,
    /// Stopped before the first day that the rule allows (a minimum or a window).
    TooEarly,
    /// The rule does not ask for it, or its process ended before it was due.
    NotApplicable,
    /// The dates do not settle it.
    CannotTell(Why),
    /// The history has a gap where the answer would lie.
    HistoryIncomplete,
}

/// Why a clock cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The day of the start is not known.
    StartNotKnown,
    /// The dates lie on both sides of the limit.
    DatesNotSettled,
    /// The only stop lies before the start.
    StopBeforeStart,
    /// A limit in hours, and only dates are known.
    NeedsTimeOfDay,
    /// No list of bank holidays is held that far.
    CalendarNotHeld,
    /// Which version of the rule stood is not settled by the dates.
    VersionNotSettled,
    /// An event that may have stopped it names no process.
    UnlinkedEvent,
    /// The day of birth is not known, and the rule asks for an age.
    AgeNotKnown,
    /// A relaxation of the law left no limit that could be counted.
    LimitRelaxed,
    /// The time over which the rule looks is not over.
    PeriodNotOver,
    /// No event of the kinds that would stop it was ever recorded by this authority, and nobody says that it would be.
    NotRecordedHere,
    /// Two events fell on one day, the answer needs their order, and nothing that was told gives it.
    OrderNotKnown,
    /// The record does not state the fact that is asked about.
    NotStated,
    /// What ended one of several processes may have ended it too: the record does not state to which of them it belongs.
    ParentNotStated,
}

/// An extension and the end it sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// The event that granted it.
    pub granted: Evidence,
    /// The new last day, inclusive.
    pub new_end: NaiveDate,
    /// The latest last day that the rule lets this extension set; `None` where it states none. It is shown, not enforced:
    /// the court's end counts.
    pub permitted_to: Option<NaiveDate>,
}

/// A recorded reason for a delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelayReason {
    /// The event that recorded it.
    pub recorded: Evidence,
    /// Code of the reason.
    pub reason: Code,
}

impl Clock<'_> {
    /// Whether the process still waits for the stop.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.stop.is_none() && self.closed_by.is_none()
    }

    /// When it ended: with its stop, or with what closed it. What was not asked of it from the beginning, as after a death, it
    /// ended on the day on which it would have begun.
    #[must_use]
    pub fn ended(&self) -> Option<Occurred> {
        let end = self.stop.or(self.closed_by)?.occurred;
        let begins_later =
            end.latest_day().zip(self.start.occurred.earliest_day()).is_some_and(|(end, start)| end < start);
        Some(if self.stop.is_none() && begins_later { self.start.occurred } else { end })
    }

    /// Whether lists of what is due or overdue show it: not where it says again what another clock says, and not where the
    /// authority records nothing that would stop it.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        !self.marks.repeated && !self.state.is_left_out()
    }

    /// Whether it was stopped in time only as extended: after the last day of the limit itself.
    #[must_use]
    pub fn is_met_as_extended(&self) -> bool {
        let stopped = self.stop.and_then(|stop| stop.occurred.latest_day());
        let after_limit = self.original_due_on.zip(stopped).is_some_and(|(due, stopped)| due < stopped);
        self.state == State::Met && self.original_due_on < self.due_on && after_limit
    }

    /// The kinds of event that would stop it, in the order of the rule, each once.
    #[must_use]
    pub fn waits_for(&self) -> Vec<Kind> {
        let own = self.rule.clocks(self.version).iter().filter(|shape| shape.per == self.per);
        let mut kinds = Vec::new();
        for kind in own.flat_map(|shape| &shape.stop).map(|stop| stop.kind) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// Every day from the start to the last day of the limit, or to the stop where that is later, counted or skipped with the
    /// reason; empty for limits that are not in working days and for uncertain starts. Extensions are not part of the count.
    ///
    /// # Errors
    /// [`CalendarError`] where the calendar does not reach that far.
    pub fn counted_days(
        &self,
        calendar: &Calendar,
        known: KnownDay,
    ) -> Result<Vec<CountedDay>, CalendarError> {
        match (self.limit.unit, self.counts_from.or(self.start.occurred.day())) {
            (Unit::WorkingDays, Some(start)) => {
                let used = self
                    .used
                    .filter(|_| self.stop.is_some())
                    .and_then(|used| u32::try_from(used.amount).ok());
                let shown = used.map_or(self.limit.amount, |used| used.max(self.limit.amount));
                calendar.explain(known, start, shown, self.version.start_day)
            }
            (
                Unit::WorkingDays
                | Unit::CalendarDays
                | Unit::Weeks
                | Unit::Months
                | Unit::Hours
                | Unit::SchoolTerms,
                _,
            ) => Ok(Vec::new()),
        }
    }
}

impl From<&KnownEvent> for Evidence {
    fn from(event: &KnownEvent) -> Self {
        Self {
            event_id: event.event_id,
            position: event.position,
            kind: event.kind(),
            occurred: event.occurred,
            known_since: event.amendments.last().map_or(event.known_since, |last| last.known_since),
        }
    }
}

impl State {
    /// Whether it is left out of lists and counts because the authority records nothing that would stop it.
    #[must_use]
    pub fn is_left_out(self) -> bool {
        self == Self::CannotTell(Why::NotRecordedHere)
    }

    /// The name, as stored and printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::DueSoon => "due_soon",
            Self::Overdue => "overdue",
            Self::Met => "met",
            Self::Late => "late",
            Self::TooEarly => "too_early",
            Self::NotApplicable => "not_applicable",
            Self::CannotTell(_) => "cannot_tell",
            Self::HistoryIncomplete => "history_incomplete",
        }
    }
}

impl Why {
    /// The reason as a fragment of a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::StartNotKnown => "the day of the start is not known",
            Self::DatesNotSettled => "the dates lie on both sides of the limit",
            Self::StopBeforeStart => "the only event that could stop it lies before its start",
            Self::NeedsTimeOfDay => "the limit is in hours and only dates are known",
            Self::CalendarNotHeld => "no list of bank holidays is held that far",
            Self::VersionNotSettled => "the dates do not settle which version of the rule stood",
            Self::UnlinkedEvent => "an event that may have stopped it names no process",
            Self::AgeNotKnown => "the day of birth is not known and the rule asks for an age",
            Self::LimitRelaxed => "a relaxation of the law left no limit that could be counted",
            Self::PeriodNotOver => "the time over which the rule looks is not over",
            Self::NotRecordedHere => "nothing of the kind that would stop it is recorded in this ledger",
            Self::OrderNotKnown => "two events fell on one day and which came first is not known",
            Self::NotStated => "the record does not state what is asked",
            Self::ParentNotStated => "the record does not state to which of several processes it belongs",
        }
    }
}
