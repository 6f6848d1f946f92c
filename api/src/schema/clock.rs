//! A clock with its evidence and its explanation.

use async_graphql::{Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::calendar::{DayReason, Measure as DomainMeasure};
use domain::clocks;
use uuid::Uuid;

use super::rules::{Rule, RuleVersion};
use super::scalars::{Date, Position};
use super::timeline::Occurred;

/// How a clock stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockState {
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
    /// Stopped before the first day that the rule allows.
    TooEarly,
    /// The rule does not ask for it.
    NotApplicable,
    /// It cannot be told: `stateReason` says why.
    CannotTell,
    /// The history has a gap where the answer would lie.
    HistoryIncomplete,
}

impl From<clocks::State> for ClockState {
    fn from(state: clocks::State) -> Self {
        match state {
            clocks::State::Running => Self::Running,
            clocks::State::DueSoon => Self::DueSoon,
            clocks::State::Overdue => Self::Overdue,
            clocks::State::Met => Self::Met,
            clocks::State::Late => Self::Late,
            clocks::State::TooEarly => Self::TooEarly,
            clocks::State::NotApplicable => Self::NotApplicable,
            clocks::State::CannotTell(_) => Self::CannotTell,
            clocks::State::HistoryIncomplete => Self::HistoryIncomplete,
        }
    }
}

/// Why a clock cannot be told, as a fragment of a sentence.
pub(super) fn reason(state: clocks::State) -> Option<&'static str> {
    if let clocks::State::CannotTell(why) = state { Some(why.sentence()) } else { None }
}

/// A clock that a rule started, with all that its state rests on.
pub(super) struct Clock {
    pub(super) clock: clocks::Clock<'static>,
    pub(super) knowledge: replay::Knowledge,
}

/// A clock that a rule started, with all that its state rests on.
#[Object]
impl Clock {
    /// The rule.
    async fn rule(&self) -> Rule {
        Rule(self.clock.rule)
    }

    /// Its version for this start.
    async fn version(&self) -> RuleVersion {
        RuleVersion(self.clock.version)
    }

    /// What the process is, such as `enquiry`.
    async fn per(&self) -> &'static str {
        self.clock.per.name()
    }

    /// The process whose clock it is.
    async fn entity(&self) -> Uuid {
        self.clock.entity.as_uuid()
    }

    /// Number in a chain, from 1; 0 for a clock that is not chained.
    async fn occurrence(&self) -> usize {
        self.clock.occurrence
    }

    /// How it stands.
    async fn state(&self) -> ClockState {
        self.clock.state.into()
    }

    /// Why it cannot be told.
    async fn state_reason(&self) -> Option<&'static str> {
        reason(self.clock.state)
    }

    /// The event that started it.
    async fn started_by(&self) -> Evidence {
        self.clock.start.into()
    }

    /// The event that stopped it.
    async fn stopped_by(&self) -> Option<Evidence> {
        self.clock.stop.map(Into::into)
    }

    /// The event that closed it without a stop.
    async fn closed_by(&self) -> Option<Evidence> {
        self.clock.closed_by.map(Into::into)
    }

    /// Last day in time, inclusive, extensions included; null where the dates do not settle it.
    async fn due_on(&self) -> Option<Date> {
        self.clock.due_on.map(Date)
    }

    /// Last day in time by the limit alone.
    async fn original_due_on(&self) -> Option<Date> {
        self.clock.original_due_on.map(Date)
    }

    /// Last instant in time, for a limit in hours.
    async fn due_at(&self) -> Option<DateTime<Utc>> {
        self.clock.due_at
    }

    /// What was used up to the stop, the close or the day of the question.
    async fn used(&self) -> Option<Measure> {
        self.clock.used.map(Into::into)
    }

    /// What the rule and its extensions allow.
    async fn allowed(&self) -> Option<Measure> {
        self.clock.allowed.map(Into::into)
    }

    /// Extensions, in practice order.
    async fn extensions(&self) -> Vec<Extension> {
        let extension = |held: &clocks::Extension| Extension {
            granted_by: held.granted.into(),
            new_end: Date(held.new_end),
        };
        self.clock.extensions.iter().map(extension).collect()
    }

    /// Reasons recorded for delay. A reason explains, it does not excuse.
    async fn delay_reasons(&self) -> Vec<DelayReason> {
        let reason = |held: &clocks::DelayReason| DelayReason {
            recorded_by: held.recorded.into(),
            reason: held.reason.to_string(),
        };
        self.clock.delay_reasons.iter().map(reason).collect()
    }

    /// Every day from the start to the last day of the limit, counted or skipped with the reason; null for limits
    /// that are not in working days, for uncertain starts, and where no bank holidays are held that far.
    #[graphql(complexity = "20 * child_complexity")]
    async fn explanation(&self) -> Option<Vec<CountedDay>> {
        let question = self.knowledge.question();
        let days = self.clock.counted_days(question.calendar, question.calendar_known).ok()?;
        (!days.is_empty()).then(|| days.iter().map(CountedDay::of).collect())
    }
}

/// An event on which an answer rests.
#[derive(SimpleObject)]
pub(super) struct Evidence {
    /// The event.
    event_id: Uuid,
    /// Its place in the ledger.
    position: Position,
    /// Its kind, such as `strategy_discussion_held`.
    kind: &'static str,
    /// When it happened, as known.
    occurred: Occurred,
}

impl From<clocks::Evidence> for Evidence {
    fn from(evidence: clocks::Evidence) -> Self {
        Self {
            event_id: evidence.event_id.as_uuid(),
            position: Position(evidence.position),
            kind: evidence.kind.name(),
            occurred: Occurred(evidence.occurred),
        }
    }
}

/// A length of time.
#[derive(SimpleObject)]
pub(super) struct Measure {
    /// How many.
    amount: i64,
    /// Of what: `working days`, `calendar days` or `hours`.
    unit: &'static str,
}

impl From<DomainMeasure> for Measure {
    fn from(measure: DomainMeasure) -> Self {
        Self { amount: measure.amount, unit: measure.unit.name() }
    }
}

/// An extension and the end that it sets.
#[derive(SimpleObject)]
pub(super) struct Extension {
    /// The event that granted it.
    granted_by: Evidence,
    /// The new last day, inclusive.
    new_end: Date,
}

/// A recorded reason for delay.
#[derive(SimpleObject)]
pub(super) struct DelayReason {
    /// The event that recorded it.
    recorded_by: Evidence,
    /// Code of the reason.
    reason: String,
}

/// One day of a count.
#[derive(SimpleObject)]
pub(super) struct CountedDay {
    /// The day.
    date: Date,
    /// Its number in the count; null where it is skipped; the start as day 0 has 0.
    number: Option<u32>,
    /// Why it is counted or skipped.
    reason: CountedDayReason,
    /// Name of the bank holiday.
    holiday: Option<String>,
    /// The day on which it was announced that this day becomes, or stops being, a bank holiday, where that was
    /// after the moment of knowledge.
    announced_later_on: Option<Date>,
}

/// Why a day is counted or skipped.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CountedDayReason {
    /// The day of the start, as day 0.
    Start,
    /// A working day.
    Working,
    /// Saturday or Sunday.
    Weekend,
    /// A bank holiday.
    BankHoliday,
}

impl CountedDay {
    fn of(day: &domain::calendar::CountedDay) -> Self {
        let (reason, holiday) = match &day.reason {
            DayReason::Start => (CountedDayReason::Start, None),
            DayReason::Working => (CountedDayReason::Working, None),
            DayReason::Weekend => (CountedDayReason::Weekend, None),
            DayReason::BankHoliday(title) => (CountedDayReason::BankHoliday, Some(title.clone())),
        };
        Self {
            date: Date(day.date),
            number: day.number,
            reason,
            holiday,
            announced_later_on: day.not_yet_announced.as_ref().map(|news| Date(news.announced_on)),
        }
    }
}
