//! One act that was entered twice.
//!
//! Nobody holds two reviews of a child, two conferences or two core groups of one plan on one day, so that two entries of one
//! day which contradict each other in nothing are of one: the same processes as far as both name them, the same facts as far
//! as both state them, the same people, and no two times of the day. Their own numbers do not matter, because each entry is
//! given one, unless a number is that of a meeting of another day too. What names either of them is of the one.
//!
//! Two visits of one day can be real. They are one where both entries state the same time; else they stay two, and where
//! they say the same they are observed.
//!
//! What it does not do: it changes no journey. Pages show both entries, and an observation names them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::events::{Body, Entities, EntityRole, Kind, Stage};
use crate::ids::{EntityId, EventId};
use crate::journey::{Journey, KnownEvent, Reread};

/// Whether it is held once a day at most.
const fn is_meeting(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ChildInNeedPlanReviewed
            | Kind::CoreGroupHeld
            | Kind::InitialConferenceHeld
            | Kind::LookedAfterReviewHeld
            | Kind::PathwayPlanReviewed
            | Kind::PermanencyPlanningMeetingHeld
            | Kind::PreProceedingsMeetingHeld
            | Kind::ReviewConferenceHeld
    )
}

/// Whether it is a visit, of which there can be several a day.
pub(crate) const fn is_visit(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ChildInNeedVisitMade
            | Kind::ChildProtectionVisitMade
            | Kind::DetentionVisitMade
            | Kind::LookedAfterVisitMade
            | Kind::PrivateFosteringVisitMade
    )
}

/// Acts of a journey that were entered twice.
#[derive(Debug, Default)]
pub(crate) struct Twice {
    /// Entries for which another one stands.
    hidden: BTreeSet<EventId>,
    /// What names such an entry, or stands for one, as it is read.
    read: Reread,
    /// Both entries; also of visits that may be two.
    entries: Vec<[EventId; 2]>,
}

impl Twice {
    /// Finds them in a journey.
    pub(crate) fn of(journey: &Journey) -> Self {
        let mut found = Self::default();
        let mut acts = acts_of_one_day(journey);
        acts.sort_by_key(|event| (event.occurred.day(), event.kind()));
        let dated = of_several_days(&acts);
        let mut renamed: BTreeMap<(EntityRole, EntityId), EntityId> = BTreeMap::new();
        for day in acts.chunk_by(|one, other| is_level(one, other)).filter(|day| day.len() > 1) {
            found.read_day(day, &dated, &mut renamed);
        }
        if !renamed.is_empty() {
            found.rename(journey, &renamed);
        }
        found
    }

    /// Whether every act was entered once.
    pub(super) fn is_empty(&self) -> bool {
        self.hidden.is_empty() && self.read.is_empty()
    }

    /// Both entries of each act.
    pub(crate) fn entries(&self) -> &[[EventId; 2]] {
        &self.entries
    }

    /// The events, each act once.
    pub(super) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if self.is_empty() {
            return events;
        }
        events.retain(|event| !self.hidden.contains(&event.event_id));
        self.read.read(events)
    }

    /// Reads the acts of one kind and day, what says most first, so that the order in which they were recorded decides nothing.
    fn read_day(
        &mut self,
        day: &[&KnownEvent],
        dated: &BTreeSet<EntityId>,
        renamed: &mut BTreeMap<(EntityRole, EntityId), EntityId>,
    ) {
        let mut day = day.to_vec();
        day.sort_by_cached_key(|event| said(event));
        let mut once: Vec<KnownEvent> = Vec::new();
        for event in day {
            let may_be = |held: &&mut KnownEvent| agree(held, event) && may_share(held, event, dated);
            let Some(stands) = once.iter_mut().find(may_be) else {
                once.push(event.clone());
                continue;
            };
            self.entries.push([stands.event_id, event.event_id]);
            if !is_one(stands, event) {
                once.push(event.clone());
                continue;
            }
            let numbers = [stands.own_entity(), event.own_entity()].into_iter().flatten();
            if let Some((role, number)) = own_process(event).zip(numbers.clone().min()) {
                let others = numbers.filter(|other| *other != number);
                renamed.extend(others.map(|other| ((role, other), number)));
                stands.entities.insert(role, number);
            }
            add(&mut stands.entities, &event.entities);
            self.hidden.insert(event.event_id);
            self.read.insert(stands.clone());
        }
    }

    /// What names an entry for which another one stands is of that one.
    fn rename(&mut self, journey: &Journey, renamed: &BTreeMap<(EntityRole, EntityId), EntityId>) {
        for event in &journey.events {
            let read = self.read.of(event);
            let named: Vec<(EntityRole, EntityId)> = read.entities.iter().collect();
            let changed: Vec<(EntityRole, EntityId)> =
                named.iter().filter_map(|it| Some((it.0, *renamed.get(it)?))).collect();
            if changed.is_empty() {
                continue;
            }
            let mut read = read.clone();
            changed.into_iter().for_each(|(role, entity)| read.entities.insert(role, entity));
            self.read.insert(read);
        }
    }
}

/// The meetings and visits of a journey where two of a kind lie on one day; empty elsewhere, which most journeys are.
fn acts_of_one_day(journey: &Journey) -> Vec<&KnownEvent> {
    let acts = || journey.events.iter().filter(|event| is_meeting(event.kind()) || is_visit(event.kind()));
    let (mut day, mut kinds) = (None, Vec::new());
    // A journey stands in practice order: what is of one day stands together.
    let is_second = acts().any(|event| {
        let on = event.occurred.day();
        if on != day {
            day = on;
            kinds.clear();
        }
        let held = on.is_some() && kinds.contains(&event.kind());
        kinds.push(event.kind());
        held
    });
    if is_second { acts().collect() } else { Vec::new() }
}

/// The numbers under which meetings of several days were entered.
fn of_several_days(acts: &[&KnownEvent]) -> BTreeSet<EntityId> {
    let mut days = BTreeMap::new();
    let numbered = acts.iter().filter(|event| own_process(event).is_some());
    let numbered = numbered.filter_map(|event| Some((event.own_entity()?, event.occurred.day())));
    numbered
        .filter(|(number, day)| *days.entry(*number).or_insert(*day) != *day)
        .map(|(number, _)| number)
        .collect()
}

/// Whether the numbers of two entries leave open that they are of one act: no two numbers of which one is another day's, too.
fn may_share(one: &KnownEvent, other: &KnownEvent, dated: &BTreeSet<EntityId>) -> bool {
    let numbers = one.own_entity().zip(other.own_entity()).filter(|(one, other)| one != other);
    numbers.is_none_or(|(one, other)| !dated.contains(&one) && !dated.contains(&other))
}

/// Whether two acts are of one kind, on one day that is certain.
fn is_level(one: &KnownEvent, other: &KnownEvent) -> bool {
    one.kind() == other.kind() && one.occurred.day().is_some() && one.occurred.day() == other.occurred.day()
}

/// What an entry says, for an order of entries that has nothing to do with where they stand: what says more goes first.
fn said(event: &KnownEvent) -> impl Ord + use<> {
    let fields = event.body.fields();
    let named: Vec<(EntityRole, EntityId)> = event.entities.iter().collect();
    let text: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let instant = event.occurred.instant();
    (instant.is_none(), instant, Reverse(text.len()), text, Reverse(named.len()), named)
}

/// Whether two entries of one kind and day contradict each other in nothing.
fn agree(one: &KnownEvent, other: &KnownEvent) -> bool {
    let times = one.occurred.instant().zip(other.occurred.instant());
    times.is_none_or(|(one, other)| one == other)
        && one.authors.iter().all(|(role, who)| other.authors.get(role).is_none_or(|named| named == who))
        && agree_in_processes(one, other)
        && agree_in_facts(&one.body, &other.body)
}

/// Whether two entries that agree are of one act.
fn is_one(one: &KnownEvent, other: &KnownEvent) -> bool {
    is_meeting(one.kind()) || one.occurred.instant().zip(other.occurred.instant()).is_some()
}

fn agree_in_processes(one: &KnownEvent, other: &KnownEvent) -> bool {
    let own = own_process(one);
    let agrees = |(role, entity): (EntityRole, EntityId)| {
        Some(role) == own || other.entities.get(role).is_none_or(|named| named == entity)
    };
    one.entities.iter().all(agrees)
}

fn agree_in_facts(one: &Body, other: &Body) -> bool {
    if one == other {
        return true;
    }
    let (ours, theirs) = (one.fields(), other.fields());
    ours.iter().all(|(name, value)| theirs.get(name).is_none_or(|other| other == value))
}

/// The role of the process that an act begins, of which each entry has a number of its own.
fn own_process(event: &KnownEvent) -> Option<EntityRole> {
    event.kind().own_role().filter(|_| event.kind().stage() == Stage::Opens)
}

fn add(to: &mut Entities, from: &Entities) {
    for (role, entity) in from.iter() {
        if to.get(role).is_none() {
            to.insert(role, entity);
        }
    }
}
