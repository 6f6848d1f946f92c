//! One line about a child: what is open, since when, and what stands out.

use chrono::NaiveDate;
use domain::events::Body;
use domain::ids::Position;
use domain::journey::{Journey, KnownEvent};
use domain::observations::{Life, observe_processes};
use domain::processes::{Processes, Reading, derived_of};
use domain::rules::Endings;

use crate::lateness::late_records;
use crate::status::Status;

/// One line about a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildSummary {
    /// Birth and death.
    pub life: Life,
    /// What is running.
    pub status: Status,
    /// The team that recorded the last event that names one.
    pub team: Option<String>,
    /// The last known day on which something happened.
    pub last_event_on: Option<NaiveDate>,
    /// Number of known events.
    pub events: usize,
    /// Events that were recorded late ([`domain::journey::Lateness::is_late`]).
    pub late_records: usize,
    /// Events that were corrected.
    pub corrected: usize,
    /// Events that were withdrawn.
    pub withdrawn: usize,
    /// Rows of sources that are disputed.
    pub disputed: usize,
    /// Observations.
    pub observations: usize,
    /// The last position that counts.
    pub last_position: Option<Position>,
}

/// Folds a journey to its line, as at a day. `endings` say what ends what.
pub fn summarise(journey: &Journey, endings: &Endings, as_at: NaiveDate) -> ChildSummary {
    let events: Vec<&KnownEvent> = journey.events.iter().collect();
    let reading = Reading::of(journey, &events, NaiveDate::MAX);
    let events = reading.read(events);
    let derived = derived_of(journey, &events, endings, as_at);
    let processes = Processes::of(&events, &derived, endings);
    ChildSummary {
        life: Life::of(journey),
        status: Status::on(&processes, as_at),
        team: team(journey).map(str::to_owned),
        last_event_on: last_event_on(journey, as_at),
        events: journey.events.len(),
        late_records: late_records(journey).len(),
        corrected: journey.events.iter().filter(|event| event.is_corrected()).count(),
        withdrawn: journey.withdrawn.len(),
        disputed: journey.disputes.len(),
        observations: observe_processes(journey, as_at, &processes).len(),
        last_position: journey.last_position,
    }
}

/// The team that recorded the last event that names one.
pub fn team(journey: &Journey) -> Option<&str> {
    let named = |event: &&KnownEvent| event.context.team.is_some();
    let last = journey.events.iter().filter(named).max_by_key(|event| event.position);
    last.and_then(|event| event.context.team.as_deref())
}

/// The last day on which something happened to the child, up to `as_at`; a registration is no such thing.
fn last_event_on(journey: &Journey, as_at: NaiveDate) -> Option<NaiveDate> {
    journey
        .events
        .iter()
        .filter(|event| {
            !matches!(
                event.body,
                Body::ChildRegistered(_) | Body::IdentifierLinked(_) | Body::ObservationNoted(_)
            )
        })
        .filter_map(|event| event.occurred.day())
        .filter(|day| *day <= as_at)
        .max()
}
