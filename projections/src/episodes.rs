//! Episodes: the processes of a journey with their first and last day, as the swim-lanes draw them.
//!
//! Invariant: every process that an event names as its own has exactly one episode.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::events::{Body, EntityRole};
use domain::ids::{EntityId, EventId};
use domain::journey::{Journey, KnownEvent};
use domain::observations::{Stage, stage};
use domain::time::Occurred;

/// One process from its opening to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// What the process is.
    pub role: EntityRole,
    /// The process.
    pub entity: EntityId,
    /// The event that opened it; `None` where no source tells of it.
    pub opened_by: Option<EventId>,
    /// When it began.
    pub began: Option<Occurred>,
    /// The event that ended it.
    pub ended_by: Option<EventId>,
    /// When it ended; `None` while it runs, or for a single act such as a conference.
    pub ended: Option<Occurred>,
    /// Whether it is a process that lasts, rather than a single act.
    pub lasts: bool,
}

impl Episode {
    /// Whether it certainly ran on a civil day, both ends included.
    pub fn ran_on(&self, day: NaiveDate) -> bool {
        let began = self.began.and_then(|began| began.latest_day()).is_some_and(|began| began <= day);
        let over = self.ended.is_some_and(|ended| ended.latest_day().is_none_or(|ended| ended < day));
        self.lasts && began && !over
    }

    /// Whether it is a lasting process without an end.
    pub fn is_open(&self) -> bool {
        self.lasts && self.ended.is_none() && self.opened_by.is_some()
    }
}

/// The episodes of a journey, in the order in which they begin.
pub fn episodes(journey: &Journey) -> Vec<Episode> {
    let mut found: Vec<Episode> = Vec::new();
    let mut index: BTreeMap<(EntityRole, EntityId), usize> = BTreeMap::new();
    for event in &journey.events {
        let Some(role) = event.kind().own_role() else { continue };
        let Some(entity) = event.entities.get(role) else { continue };
        let at = *index.entry((role, entity)).or_insert_with(|| {
            found.push(Episode {
                role,
                entity,
                opened_by: None,
                began: None,
                ended_by: None,
                ended: None,
                lasts: lasts(role),
            });
            found.len() - 1
        });
        if let Some(episode) = found.get_mut(at) {
            take(episode, event);
        }
    }
    found
}

fn take(episode: &mut Episode, event: &KnownEvent) {
    match stage(event.kind()) {
        Stage::Opens if episode.opened_by.is_none() => {
            episode.opened_by = Some(event.event_id);
            episode.began = Some(event.occurred);
        }
        Stage::Ends if episode.ended_by.is_none() => {
            episode.ended_by = Some(event.event_id);
            episode.ended = Some(event.occurred);
        }
        Stage::Opens | Stage::Continues | Stage::Ends | Stage::Accompanies | Stage::Apart => {}
    }
    // An enquiry is over for the reader once no conference is needed, even where its own end is not told.
    if matches!(event.body, Body::ConferenceNotRequired(_)) && episode.ended_by.is_none() {
        episode.ended_by = Some(event.event_id);
        episode.ended = Some(event.occurred);
    }
}

/// Whether a process of this role lasts, rather than being a single act.
pub fn lasts(role: EntityRole) -> bool {
    match role {
        EntityRole::Action
        | EntityRole::Adopter
        | EntityRole::AdoptionCase
        | EntityRole::Alert
        | EntityRole::Application
        | EntityRole::Assessment
        | EntityRole::CarePlan
        | EntityRole::Challenge
        | EntityRole::ChildAssessmentOrder
        | EntityRole::ChildInNeedCase
        | EntityRole::ChildInNeedPlan
        | EntityRole::DeprivationOfLibertyOrder
        | EntityRole::Detention
        | EntityRole::Direction
        | EntityRole::EarlyHelpAssessment
        | EntityRole::EarlyHelpCase
        | EntityRole::EdgeOfCareService
        | EntityRole::EducationHealthCare
        | EntityRole::EmergencyOrder
        | EntityRole::Enquiry
        | EntityRole::Escalation
        | EntityRole::FamilyGroupConference
        | EntityRole::FamilyProgramme
        | EntityRole::HomelessReferral
        | EntityRole::ImprovementAction
        | EntityRole::Incident
        | EntityRole::MissingEpisode
        | EntityRole::PathwayPlan
        | EntityRole::PeriodOfCare
        | EntityRole::Placement
        | EntityRole::Plan
        | EntityRole::PoliceProtection
        | EntityRole::PreProceedings
        | EntityRole::PrivateFostering
        | EntityRole::Proceedings
        | EntityRole::Referral
        | EntityRole::TemporaryPlan => true,
        EntityRole::Conference
        | EntityRole::Contact
        | EntityRole::Hearing
        | EntityRole::Review
        | EntityRole::StrategyDiscussion => false,
    }
}
