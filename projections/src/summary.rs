//! One line about a child: what is open, since when, and what stands out.

use chrono::NaiveDate;
use domain::events::{Body, EntityRole};
use domain::ids::Position;
use domain::journey::Journey;
use domain::observations::{Life, observe};

use crate::episodes::{Episode, episodes};
use crate::lateness::{LATE_AFTER_DAYS, late_records};

/// What is running for a child on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// A referral has opened a case that is not closed.
    pub case_open: bool,
    /// A child-in-need plan or case is running.
    pub child_in_need: bool,
    /// A section 47 enquiry is running.
    pub enquiry: bool,
    /// A child protection plan is running.
    pub on_plan: bool,
    /// A court application is running.
    pub in_proceedings: bool,
    /// A period of care is running.
    pub looked_after: bool,
}

impl Status {
    /// What is running on `as_at`.
    pub fn on(episodes: &[Episode], as_at: NaiveDate) -> Self {
        let running = |role| episodes.iter().any(|episode| episode.role == role && episode.ran_on(as_at));
        Self {
            case_open: running(EntityRole::Referral),
            child_in_need: running(EntityRole::ChildInNeedPlan) || running(EntityRole::ChildInNeedCase),
            enquiry: running(EntityRole::Enquiry),
            on_plan: running(EntityRole::Plan),
            in_proceedings: running(EntityRole::Application),
            looked_after: running(EntityRole::PeriodOfCare),
        }
    }

    /// The words for what is running, most intensive first; empty where nothing is.
    pub fn words(&self) -> Vec<&'static str> {
        [
            (self.looked_after, "looked after"),
            (self.in_proceedings, "in care proceedings"),
            (self.on_plan, "child protection plan"),
            (self.enquiry, "section 47 enquiry"),
            (self.child_in_need, "child in need"),
            (self.case_open, "open referral"),
        ]
        .into_iter()
        .filter_map(|(runs, words)| runs.then_some(words))
        .collect()
    }
}

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
    /// Events that became known more than [`LATE_AFTER_DAYS`] days after they happened.
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

/// Folds a journey to its line, as at a day.
pub fn summarise(journey: &Journey, as_at: NaiveDate) -> ChildSummary {
    let recorded_team =
        journey.events.iter().max_by_key(|event| (event.context.team.is_some(), event.position));
    ChildSummary {
        life: Life::of(journey),
        status: Status::on(&episodes(journey), as_at),
        team: recorded_team.and_then(|event| event.context.team.clone()),
        last_event_on: last_event_on(journey, as_at),
        events: journey.events.len(),
        late_records: late_records(journey, LATE_AFTER_DAYS).len(),
        corrected: journey.events.iter().filter(|event| event.is_corrected()).count(),
        withdrawn: journey.withdrawn.len(),
        disputed: journey.disputes.len(),
        observations: observe(journey, as_at).len(),
        last_position: journey.last_position,
    }
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
