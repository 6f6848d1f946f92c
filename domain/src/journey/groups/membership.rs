//! Who belongs to a group, and from when to when.
//!
//! A household says so by joining and leaving; a child's own stream may name its household ([`Body::FamilyLinked`]). A set of
//! proceedings names the children who joined it; a child's own events may name the set. A child belongs to a set until
//! its own applications in it have ended.
//!
//! Invariant: where a date is uncertain, an act that may have fallen within the membership is taken to have.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::envelope::Category;
use crate::events::{Body, EntityRole, Kind, Stage};
use crate::ids::{EntityId, StreamId};
use crate::time::Occurred;

use super::{Group, Journey, KnownEvent, household_of};

/// One stretch of membership, both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The earliest day on which it can have begun; `None` where it is unknown.
    from: Option<NaiveDate>,
    /// The latest day on which it can have ended; `None` while it lasts, and where it is unknown.
    to: Option<NaiveDate>,
    is_over: bool,
}

impl Span {
    pub(super) fn since(began: &Occurred) -> Self {
        Self { from: began.earliest_day(), to: None, is_over: false }
    }

    /// Whether it has ended, whenever that was.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    fn until(ended: &Occurred) -> Self {
        Self { from: None, to: ended.latest_day(), is_over: true }
    }

    /// Whether something may have happened within it.
    pub(super) fn holds(&self, occurred: &Occurred) -> bool {
        let before = occurred.latest_day().zip(self.from).is_some_and(|(latest, from)| latest < from);
        let after = occurred.earliest_day().zip(self.to).is_some_and(|(earliest, to)| earliest > to);
        !before && !after
    }
}

/// The stretches of each child, as the group's own stream says.
pub(super) fn spans(journey: &Journey) -> BTreeMap<StreamId, Vec<Span>> {
    let mut spans: BTreeMap<StreamId, Vec<Span>> = BTreeMap::new();
    for event in &journey.events {
        if let Some(child) = joined(event) {
            let held = spans.entry(child).or_default();
            if held.last().is_none_or(|last| last.is_over) {
                held.push(Span::since(&event.occurred));
            }
        } else if let Some(child) = left(event) {
            let held = spans.entry(child).or_default();
            match held.last_mut().filter(|last| !last.is_over) {
                Some(open) => (open.to, open.is_over) = (event.occurred.latest_day(), true),
                None => held.push(Span::until(&event.occurred)),
            }
        }
    }
    let applications = applications(journey);
    for (child, held) in &mut spans {
        let own = applications.get(child);
        if let Some(end) = own.and_then(|own| end_of_all(own, journey.events.iter())) {
            held.iter_mut()
                .filter(|span| !span.is_over)
                .for_each(|span| (span.to, span.is_over) = (end, true));
        }
    }
    spans
}

fn joined(event: &KnownEvent) -> Option<StreamId> {
    if let Body::HouseholdMemberJoined(joined) = &event.body {
        joined.child
    } else if let Body::ChildJoinedProceedings(joined) = &event.body {
        joined.child
    } else {
        None
    }
}

fn left(event: &KnownEvent) -> Option<StreamId> {
    if let Body::HouseholdMemberLeft(left) = &event.body { left.child } else { None }
}

/// The stretch of a child of whom only the own stream says that it belongs to the group.
pub(super) fn own_spans(group: &Group, own: &Journey) -> Vec<Span> {
    let names = |event: &&KnownEvent| {
        let set = event.entities.get(EntityRole::Proceedings);
        household_of(event) == Some(group.stream) || set.is_some_and(|set| group.sets.contains(&set))
    };
    let began: Vec<&KnownEvent> = own.events.iter().filter(names).collect();
    let earliest = |event: &&KnownEvent| event.occurred.earliest_day();
    let Some(first) = began.iter().min_by_key(|event| earliest(event)) else { return Vec::new() };
    let mut span = Span::since(&first.occurred);
    let applications = own_applications(&group.sets, own);
    let ends = own.events.iter().chain(&group.journey.events);
    if let Some(end) = end_of_all(&applications, ends) {
        (span.to, span.is_over) = (end, true);
    }
    vec![span]
}

/// The latest day on which the last of some applications can have ended; `None` where one runs or there is none.
fn end_of_all<'a>(
    applications: &BTreeSet<EntityId>,
    events: impl Iterator<Item = &'a KnownEvent> + Clone,
) -> Option<Option<NaiveDate>> {
    let mut last = None;
    for application in applications {
        let ends = events.clone().filter(|event| {
            event.kind().stage() == Stage::Ends
                && event.kind().own_role() == Some(EntityRole::Application)
                && event.own_entity() == Some(*application)
        });
        let end = ends.max_by_key(|event| event.occurred.latest_day())?;
        last = last.max(Some(end.occurred.latest_day()));
    }
    last
}

/// The process of a set, as the events of its stream name it.
pub(super) fn sets(category: Category, journey: &Journey) -> BTreeSet<EntityId> {
    let named = |event: &KnownEvent| event.entities.get(EntityRole::Proceedings);
    let of_set = journey.events.iter().filter(|_| category == Category::Proceedings);
    of_set.filter_map(named).collect()
}

/// The applications that a set's stream names for each child.
pub(super) fn applications(journey: &Journey) -> BTreeMap<StreamId, BTreeSet<EntityId>> {
    let mut found: BTreeMap<StreamId, BTreeSet<EntityId>> = BTreeMap::new();
    for event in &journey.events {
        let Body::ChildJoinedProceedings(joined) = &event.body else { continue };
        if let (Some(child), Some(application)) = (joined.child, event.entities.get(EntityRole::Application))
        {
            found.entry(child).or_default().insert(application);
        }
    }
    found
}

/// The applications that a child's own stream names in a set.
pub(super) fn own_applications(sets: &BTreeSet<EntityId>, own: &Journey) -> BTreeSet<EntityId> {
    let begins = |event: &&KnownEvent| {
        matches!(event.kind(), Kind::ApplicationIssued | Kind::ChildJoinedProceedings)
            && event.entities.get(EntityRole::Proceedings).is_some_and(|set| sets.contains(&set))
    };
    let begun = own.events.iter().filter(begins);
    begun.filter_map(|event| event.entities.get(EntityRole::Application)).collect()
}

/// The set into which an event says that this one went.
pub(super) fn consolidated_into(event: &KnownEvent) -> Option<EntityId> {
    if let Body::ProceedingsConsolidated(consolidated) = &event.body { Some(consolidated.into) } else { None }
}
