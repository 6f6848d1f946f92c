//! Applications that only the joining of a set of proceedings tells.
//!
//! A child who joins a set has an own application with an own issue date. Where no `application_issued` tells it, the joining
//! does: it is read as one, on the issue date that it states. Where it states none, the application was issued by the day of
//! joining, whenever that was. An application of the whole set has for this child the child's own issue date.
//!
//! What it does not do: it changes no journey, and reads nothing into the journey of the set itself, whose children have
//! different days.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::envelope::Category;
use crate::events::court::{ApplicationIssued, OrderApplied};
use crate::events::court_sets::ChildJoinedProceedings;
use crate::events::{Body, EntityRole, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent, Reread, sort};
use crate::time::Occurred;

use super::derived::birth;
use super::owner::own_of;
use super::surely_earlier_day;

/// The applications that joinings tell.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// Applications beside the events of the journey.
    told: Vec<KnownEvent>,
    /// Applications of the set, each with the child's own issue date.
    dated: Reread,
}

/// What an `application_issued` is to a child who joined.
enum Issued {
    /// It tells the child's application, with its day.
    Told,
    /// It is the child's, but its day is that of the set.
    OfTheSet,
    /// It is another application.
    Another,
}

impl Joined {
    /// Finds them in a child's journey. What was issued after `until` is left out.
    pub(super) fn of(journey: &Journey, until: NaiveDate) -> Self {
        let joinings = joinings(journey);
        let mut found = Self::default();
        for (event, joined) in joinings {
            found.tell(event, joined, journey);
        }
        found.told.retain(|issued| issued.occurred.earliest_day().is_none_or(|day| day <= until));
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty() && self.dated.is_empty()
    }

    /// The events with the applications that joinings tell, in practice order.
    pub(super) fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if self.is_empty() {
            return events;
        }
        let mut read = self.dated.read(events);
        read.extend(&self.told);
        sort(&mut read);
        read
    }

    fn tell(&mut self, event: &KnownEvent, joined: &ChildJoinedProceedings, journey: &Journey) {
        let issued = journey.events.iter().filter(|it| it.kind() == Kind::ApplicationIssued);
        let issued: Vec<&KnownEvent> = issued.chain(&self.told).collect();
        let Some(on) = joined.issued_on else {
            let may_be = |it: &&&KnownEvent| agree(it, event, EntityRole::Application) != Some(false);
            if !issued.iter().filter(may_be).any(|it| has_not_ended_before(it, event, journey)) {
                self.told.push(application(event, issued_by(event, journey), journey));
            }
            return;
        };
        let known: Vec<(Issued, &KnownEvent)> =
            issued.into_iter().map(|it| (what_is(it, event, on), it)).collect();
        if known.iter().any(|(what, _)| matches!(what, Issued::Told)) {
            return;
        }
        match known.into_iter().find(|(what, _)| matches!(what, Issued::OfTheSet)) {
            Some((_, of_set)) => {
                self.dated.insert(KnownEvent { occurred: Occurred::on(on), ..of_set.clone() });
            }
            None => self.told.push(application(event, Occurred::on(on), journey)),
        }
    }
}

/// The joinings of a child's journey: what states an issue date first, then what the child's own stream says.
fn joinings(journey: &Journey) -> Vec<(&KnownEvent, &ChildJoinedProceedings)> {
    if journey.category != Some(Category::Child) {
        return Vec::new();
    }
    let joining = |event| match_joined(event).map(|joined| (event, joined));
    let mut found: Vec<_> = journey.events.iter().filter_map(joining).collect();
    found.sort_by_key(|(event, joined)| (joined.issued_on.is_none(), event.category != Category::Child));
    found
}

fn match_joined(event: &KnownEvent) -> Option<&ChildJoinedProceedings> {
    if let Body::ChildJoinedProceedings(joined) = &event.body { Some(joined) } else { None }
}

/// Whether two events name the same process in a role; `None` where one of them names none.
fn agree(one: &KnownEvent, other: &KnownEvent, role: EntityRole) -> Option<bool> {
    one.entities.get(role).zip(other.entities.get(role)).map(|(one, other)| one == other)
}

fn what_is(issued: &KnownEvent, joining: &KnownEvent, on: NaiveDate) -> Issued {
    let application = agree(issued, joining, EntityRole::Application);
    if application == Some(false) {
        return Issued::Another;
    }
    if application == Some(true) || issued.occurred.day() == Some(on) {
        return Issued::Told;
    }
    if agree(issued, joining, EntityRole::Proceedings) == Some(false) || !may_be_for_care(issued) {
        return Issued::Another;
    }
    if issued.category == Category::Proceedings { Issued::OfTheSet } else { Issued::Told }
}

/// Whether an application may be one under section 31, as the application of a child who joined is taken to be.
fn may_be_for_care(event: &KnownEvent) -> bool {
    let Body::ApplicationIssued(issued) = &event.body else { return false };
    let may_be = |order: &OrderApplied| {
        matches!(order, OrderApplied::Care | OrderApplied::Supervision | OrderApplied::NotStated)
    };
    issued.orders.is_empty() || issued.orders.iter().any(may_be)
}

/// Whether an application may be the one with which a child joined: it had not ended by then.
fn has_not_ended_before(issued: &KnownEvent, joining: &KnownEvent, journey: &Journey) -> bool {
    let own = issued.entities.get(EntityRole::Application);
    let ended = |event: &KnownEvent| {
        event.kind().stage() == Stage::Ends
            && event.kind().own_role() == Some(EntityRole::Application)
            && event.own_entity().zip(own).is_none_or(|(one, other)| one == other)
            && !surely_earlier_day(event, issued)
            && surely_earlier_day(event, joining)
    };
    !journey.events.iter().any(ended)
}

/// Of an application nothing is known but that a child joined with it: it was issued between the birth and then.
fn issued_by(joining: &KnownEvent, journey: &Journey) -> Occurred {
    let latest = joining.occurred.latest_day();
    let events: Vec<&KnownEvent> = journey.events.iter().collect();
    let born = birth(&events).map(|(_, born)| born);
    Occurred::within(born.filter(|born| latest.is_none_or(|latest| *born <= latest)), latest)
}

/// The application that a joining tells.
fn application(joining: &KnownEvent, occurred: Occurred, journey: &Journey) -> KnownEvent {
    let mut entities = joining.entities.clone();
    let named = entities.get(EntityRole::Application).or_else(|| named_by_others(joining, journey));
    entities.insert(EntityRole::Application, named.unwrap_or_else(|| own_of(joining)));
    let body = ApplicationIssued { orders: BTreeSet::from([OrderApplied::NotStated]), ..Default::default() };
    KnownEvent { occurred, entities, body: body.into(), ..joining.clone() }
}

/// The only application that other events name in the set, or without a set, and that no event begins.
fn named_by_others(joining: &KnownEvent, journey: &Journey) -> Option<EntityId> {
    let set = joining.entities.get(EntityRole::Proceedings);
    let named = |event: &&KnownEvent| {
        event.entities.get(EntityRole::Proceedings).zip(set).is_none_or(|(one, other)| one == other)
            && !surely_earlier_day(event, joining)
    };
    let application = |event: &KnownEvent| event.entities.get(EntityRole::Application);
    let begun = |id: EntityId| {
        let begins = |event: &&KnownEvent| event.kind() == Kind::ApplicationIssued;
        journey.events.iter().filter(begins).any(|event| event.own_entity() == Some(id))
    };
    let mut found = journey.events.iter().filter(named).filter_map(application).filter(|id| !begun(*id));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
