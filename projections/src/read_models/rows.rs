//! The rows: what stands in the tables for one child.

use chrono::NaiveDate;
use domain::clocks::{Answers, Clock, Evidence, State};
use domain::ids::{EntityId, EventId, Position, StreamId};

use crate::status::Status;
use crate::summary::ChildSummary;

/// One child's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildRow {
    /// The child.
    pub stream: StreamId,
    /// Date of birth.
    pub born_on: Option<NaiveDate>,
    /// Team of the last record that names one.
    pub team: Option<String>,
    /// Last day on which something happened.
    pub last_event_on: Option<NaiveDate>,
    /// What is running.
    pub status: Status,
    /// Known events.
    pub events: i32,
    /// Events that became known late.
    pub late_records: i32,
    /// Corrected events.
    pub corrected: i32,
    /// Withdrawn events.
    pub withdrawn: i32,
    /// Disputed rows of sources.
    pub disputed: i32,
    /// Observations.
    pub observations: i32,
    /// Last position that counts.
    pub last_position: Position,
}

/// One clock's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// The child.
    pub stream: StreamId,
    /// Number of the clock among the child's clocks, from 0.
    pub ordinal: i32,
    /// Id of the rule.
    pub rule: String,
    /// Name of the rule's version.
    pub version: String,
    /// Role of the process.
    pub per: String,
    /// The process.
    pub entity: EntityId,
    /// Number in a chain, from 1; 0 where it is none.
    pub occurrence: i32,
    /// State on the day of the fold. For an open clock with a due day, compare the due day with the day asked about.
    pub state: String,
    /// Why it cannot be told.
    pub why: Option<String>,
    /// Whether it waits for its stop.
    pub is_open: bool,
    /// First day, where it is known.
    pub started_on: Option<NaiveDate>,
    /// Last day in time, extensions included.
    pub due_on: Option<NaiveDate>,
    /// Day of the stop or the close.
    pub ended_on: Option<NaiveDate>,
    /// The event that started it.
    pub start_event: EventId,
    /// The event that stopped or closed it.
    pub stop_event: Option<EventId>,
    /// What was used, in `unit`.
    pub used: Option<i64>,
    /// What is allowed, in `unit`.
    pub allowed: Option<i64>,
    /// Unit of used and allowed.
    pub unit: String,
}

/// A child's line from its summary.
pub fn child_row(stream: StreamId, summary: &ChildSummary) -> ChildRow {
    ChildRow {
        stream,
        born_on: summary.life.born_on,
        team: summary.team.clone(),
        last_event_on: summary.last_event_on,
        status: summary.status,
        events: number(summary.events),
        late_records: number(summary.late_records),
        corrected: number(summary.corrected),
        withdrawn: number(summary.withdrawn),
        disputed: number(summary.disputed),
        observations: number(summary.observations),
        last_position: summary.last_position.unwrap_or(Position(0)),
    }
}

/// The lines of a child's clocks, without those that only say again what another says.
pub fn clock_rows(stream: StreamId, answers: &Answers<'_>) -> Vec<ClockRow> {
    answers
        .clocks
        .iter()
        .filter(|clock| !clock.marks.repeated)
        .enumerate()
        .map(|(ordinal, clock)| clock_row(stream, number(ordinal), clock))
        .collect()
}

fn clock_row(stream: StreamId, ordinal: i32, clock: &Clock<'_>) -> ClockRow {
    let end: Option<Evidence> = clock.stop.or(clock.closed_by);
    let why = if let State::CannotTell(why) = clock.state { Some(why.sentence().to_owned()) } else { None };
    ClockRow {
        stream,
        ordinal,
        rule: clock.rule.id.to_string(),
        version: clock.version.name.to_string(),
        per: clock.per.name().to_owned(),
        entity: clock.entity,
        occurrence: number(clock.occurrence),
        state: clock.state.name().to_owned(),
        why,
        is_open: clock.is_open(),
        started_on: clock.start.occurred.day(),
        due_on: clock.due_on,
        ended_on: clock.ended().and_then(|end| end.day()),
        start_event: clock.start.event_id,
        stop_event: end.map(|end| end.event_id),
        used: clock.used.map(|used| used.amount),
        allowed: clock.allowed.map(|allowed| allowed.amount),
        unit: clock.used.or(clock.allowed).map_or(clock.limit.unit, |measure| measure.unit).name().to_owned(),
    }
}

/// Counts of one child fit easily; a count beyond the column's range would stay at its end.
fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
