//! Groups: households and sets of proceedings, whose acts stand in the journeys of their members.
//!
//! A siblings' conference or a hearing may stand in the group's stream, in the streams of its children, or in several of
//! them. It is one act, whoever wrote it down how often: copies are the same act where kind and process agree, or, without
//! a process, where one request, or a file, said the same of both ([`same_act`]). A child's own copy goes before the
//! group's. Without one the act stands in the journey of whoever was a member on its day ([`membership`]), and is linked to
//! the child's own processes ([`links`]). A correction, a withdrawal or a dispute of any copy reaches every copy ([`carry`]).
//!
//! Membership, acts and amendments all count as they are known at the moment of the question.
//!
//! What it does not do: it reads no ledger, and an adopter household, a worker or the authority has no members here.

mod carry;
mod copies;
mod links;
mod membership;
mod same_act;
mod whole;

pub use copies::Copies;
pub use whole::Acts;

use std::collections::{BTreeMap, BTreeSet};

use crate::envelope::Category;
use crate::events::record_keeping::DisputeReason;
use crate::events::{Body, EntityRole, RecordedEvent};
use crate::ids::{EntityId, StreamId};
use crate::time::Occurred;

use super::{Dispute, Journey, KnownAt, KnownEvent, practice_order};
use membership::Span;

/// One household or one set of proceedings, as known.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its stream.
    pub stream: StreamId,
    /// Household or proceedings.
    pub category: Category,
    /// What is known of it, what its members' copies say of shared acts included.
    pub journey: Journey,
    members: BTreeMap<StreamId, Vec<Span>>,
    /// For a set: its own process, for which other streams name it.
    sets: BTreeSet<EntityId>,
    /// For a set: the applications that it names for each child.
    applications: BTreeMap<StreamId, BTreeSet<EntityId>>,
}

impl Group {
    /// Whether streams of this category have members.
    #[must_use]
    pub fn has_members(category: Category) -> bool {
        matches!(category, Category::Household | Category::Proceedings)
    }

    /// What is known of a group; `None` where nothing is, or where such a stream has no members.
    #[must_use]
    pub fn known(events: &[RecordedEvent], known: KnownAt) -> Option<Self> {
        let (stream, category) = events.first().map(|first| (first.stream, first.category))?;
        let journey = Journey::known(events, known);
        if !Self::has_members(category) || journey.last_position.is_none() {
            return None;
        }
        let mut group = Self {
            stream,
            category,
            members: BTreeMap::new(),
            sets: membership::sets(category, &journey),
            applications: membership::applications(&journey),
            journey,
        };
        group.members = membership::spans(&group.journey);
        Some(group)
    }

    /// Children who were members at any time, as the group's own stream says.
    pub fn members(&self) -> impl Iterator<Item = StreamId> + '_ {
        self.members.keys().copied()
    }

    /// The sets of proceedings that it is about.
    pub fn sets(&self) -> impl Iterator<Item = EntityId> + '_ {
        self.sets.iter().copied()
    }

    /// Sets into which it was consolidated.
    pub fn consolidated_into(&self) -> impl Iterator<Item = EntityId> + '_ {
        self.journey.events.iter().filter_map(membership::consolidated_into)
    }

    /// Takes over what a member's own stream says of acts of this group: amendments and disputes of the member's copies.
    fn absorb(&mut self, child: StreamId, member: &Journey) {
        let copies: Vec<&KnownEvent> = member.events.iter().chain(&member.withdrawn).collect();
        let spans = self.members.get(&child);
        // When a child whom only its own stream names was a member need not be among what is known of it here.
        let was_member = |on: &Occurred| spans.is_none_or(|spans| spans.iter().any(|span| span.holds(on)));
        let (mut own, withdrawn) = (std::mem::take(&mut self.journey.events), &mut self.journey.withdrawn);
        own.append(withdrawn);
        for (at, copy) in same_act::pairs(&own, &copies, was_member) {
            if let (Some(act), Some(copy)) = (own.get_mut(at), copies.get(copy)) {
                carry::carry(act, copy);
            }
        }
        // A row that seems to be another child's is disputed for this child alone.
        let of_all = |dispute: &&Dispute| dispute.reason != DisputeReason::AnotherChild;
        own.retain(|act| !member.disputes.iter().filter(of_all).any(|dispute| is_same_row(dispute, act)));
        self.journey.set_events(own);
        let shared =
            |dispute: &&Dispute| of_all(dispute) && dispute.claim.body.kind().stands_in(self.category);
        self.journey.disputes.extend(member.disputes.iter().filter(shared).cloned());
    }

    /// Every act that may stand in a child's stream too, the withdrawn included.
    fn acts(&self) -> impl Iterator<Item = &KnownEvent> {
        let all = self.journey.events.iter().chain(&self.journey.withdrawn);
        all.filter(|event| event.kind().stands_in(Category::Child))
    }

    /// Whether it has an act or a dispute that could reach a member.
    #[must_use]
    pub fn has_acts(&self) -> bool {
        self.acts().next().is_some() || !self.journey.disputes.is_empty()
    }

    /// When a child was a member, as the group's stream or the child's own says.
    fn spans_of(&self, child: StreamId, own: &Journey) -> Vec<Span> {
        match self.members.get(&child) {
            Some(spans) => spans.clone(),
            None => membership::own_spans(self, own),
        }
    }

    /// Whether a child has not left: a set it leaves with its own applications, which is no end of the set.
    fn is_member_still(&self, child: StreamId, own: &Journey) -> bool {
        let spans = self.spans_of(child, own);
        self.category == Category::Proceedings || spans.last().is_some_and(|span| !span.is_over())
    }

    /// The child's applications in this set.
    fn applications_of(&self, child: StreamId, own: &Journey) -> BTreeSet<EntityId> {
        let mut found = self.applications.get(&child).cloned().unwrap_or_default();
        found.extend(membership::own_applications(&self.sets, own));
        found
    }

    /// Whether an act of this group is an act of this child too.
    fn reaches(&self, act: &KnownEvent, child: StreamId, spans: &[Span], own: &BTreeSet<EntityId>) -> bool {
        let was_member = spans.iter().any(|span| span.holds(&act.occurred));
        let binds = match bound_children(&act.body) {
            Some(children) => children.contains(&child),
            None => true,
        };
        let others = act.entities.get(EntityRole::Application).is_some_and(|application| {
            let named = |(other, held): (&StreamId, &BTreeSet<EntityId>)| {
                *other != child && held.contains(&application)
            };
            !own.contains(&application) && (!own.is_empty() || self.applications.iter().any(named))
        });
        was_member && binds && !others
    }
}

/// The children whom an act names; `None` where it names none and is an act of all.
fn bound_children(body: &Body) -> Option<BTreeSet<StreamId>> {
    if let Body::ChildJoinedProceedings(joined) = body {
        joined.child.map(|child| BTreeSet::from([child]))
    } else if let Body::TimetableExtended(extended) = body {
        Some(extended.children.clone()).filter(|children| !children.is_empty())
    } else {
        None
    }
}

/// Whether a disputed claim and an event of another stream are copies of one row.
fn is_same_row(dispute: &Dispute, event: &KnownEvent) -> bool {
    let claim = &dispute.claim;
    let role = event.kind().own_role();
    let process = role.and_then(|role| claim.entities.get(role));
    let agrees = if process.is_some() { process == event.own_entity() } else { claim.body == event.body };
    claim.body.kind() == event.kind() && claim.occurred == event.occurred && agrees
}

/// Every household and every set of proceedings, as known, looked up by whatever names them.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    groups: Vec<Group>,
    by_stream: BTreeMap<StreamId, usize>,
    by_member: BTreeMap<StreamId, Vec<usize>>,
    by_set: BTreeMap<EntityId, usize>,
}

impl Groups {
    /// Groups with the members that consolidation passed on from one set to another.
    #[must_use]
    pub fn new(groups: Vec<Group>) -> Self {
        let by_stream = groups.iter().enumerate().map(|(at, group)| (group.stream, at)).collect();
        let of_sets =
            groups.iter().enumerate().flat_map(|(at, group)| group.sets().map(move |set| (set, at)));
        let by_set = of_sets.collect();
        let mut all = Self { groups, by_stream, by_member: BTreeMap::new(), by_set };
        all.pass_members_on();
        for (at, group) in all.groups.iter().enumerate() {
            group.members().for_each(|child| all.by_member.entry(child).or_default().push(at));
        }
        all
    }

    fn pass_members_on(&mut self) {
        let mut passed: Vec<(usize, StreamId, Occurred)> = Vec::new();
        for group in &self.groups {
            let ends = group.journey.events.iter().filter_map(|event| {
                let into = self.by_set.get(&membership::consolidated_into(event)?)?;
                Some((*into, event.occurred))
            });
            for (into, on) in ends {
                passed.extend(group.members().map(|child| (into, child, on)));
            }
        }
        for (into, child, on) in passed {
            if let Some(group) = self.groups.get_mut(into) {
                group.members.entry(child).or_insert_with(|| vec![Span::since(&on)]);
            }
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Every group.
    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    /// The group of a stream.
    #[must_use]
    pub fn of_stream(&self, stream: StreamId) -> Option<&Group> {
        self.by_stream.get(&stream).and_then(|at| self.groups.get(*at))
    }

    /// Notes that a child's own stream names a group, by its stream or by its set.
    pub fn link(&mut self, child: StreamId, stream: StreamId) {
        if let Some(at) = self.by_stream.get(&stream) {
            let held = self.by_member.entry(child).or_default();
            if !held.contains(at) {
                held.push(*at);
            }
        }
    }

    /// The stream of a set of proceedings.
    #[must_use]
    pub fn stream_of(&self, set: EntityId) -> Option<StreamId> {
        self.by_set.get(&set).and_then(|at| self.groups.get(*at)).map(|group| group.stream)
    }

    /// Children who belong to a group, or to one with acts that other streams may hold too.
    pub fn members(&self, only_sharing: bool) -> impl Iterator<Item = StreamId> + '_ {
        let shares = move |at: &usize| !only_sharing || self.groups.get(*at).is_some_and(Group::has_acts);
        self.by_member.iter().filter(move |(_, places)| places.iter().any(shares)).map(|(child, _)| *child)
    }

    /// Takes over what a member's own stream says of the acts of its groups.
    pub fn absorb(&mut self, member: StreamId, own: &Journey) {
        for at in self.places(member, own) {
            if let Some(group) = self.groups.get_mut(at) {
                group.absorb(member, own);
            }
        }
    }

    /// The groups of a child, in the order in which they were given.
    pub fn of_child(&self, child: StreamId, own: &Journey) -> impl Iterator<Item = &Group> {
        self.places(child, own).into_iter().filter_map(|at| self.groups.get(at))
    }

    fn places(&self, child: StreamId, own: &Journey) -> BTreeSet<usize> {
        let mut places: BTreeSet<usize> = self.by_member.get(&child).into_iter().flatten().copied().collect();
        for event in own.events.iter().filter(|_| !self.groups.is_empty()) {
            let set = event.entities.get(EntityRole::Proceedings);
            places.extend(set.and_then(|set| self.by_set.get(&set)));
            places.extend(household_of(event).and_then(|household| self.by_stream.get(&household)));
        }
        places
    }

    /// A child's journey with the acts of the groups to which the child belonged.
    #[must_use]
    pub fn complete(&self, child: StreamId, own: Journey) -> Journey {
        if self.groups.is_empty() {
            return own;
        }
        let groups: Vec<&Group> = self.of_child(child, &own).filter(|group| group.has_acts()).collect();
        if groups.is_empty() { own } else { own.with_acts_of(child, &groups) }
    }
}

/// The household that a child's own event names as the child's.
fn household_of(event: &KnownEvent) -> Option<StreamId> {
    if let Body::FamilyLinked(linked) = &event.body { linked.household } else { None }
}

impl Journey {
    /// The journey with the acts of the groups to which the child belonged on their days.
    fn with_acts_of(mut self, child: StreamId, groups: &[&Group]) -> Self {
        let own = self.clone();
        let mut events = std::mem::take(&mut self.events);
        events.append(&mut self.withdrawn);
        for group in groups {
            let acts: Vec<&KnownEvent> = group.acts().collect();
            let spans = group.spans_of(child, &own);
            let was_member = |on: &Occurred| spans.iter().any(|span| span.holds(on));
            let pairs = same_act::pairs(&events, &acts, was_member);
            let known: BTreeSet<usize> = pairs.iter().map(|(_, act)| *act).collect();
            for (at, act) in pairs {
                if let (Some(copy), Some(act)) = (events.get_mut(at), acts.get(act)) {
                    carry::carry(copy, act);
                }
            }
            let applications = group.applications_of(child, &own);
            let reaching = acts.iter().enumerate().filter(|(at, act)| {
                !known.contains(at)
                    && group.reaches(act, child, &spans, &applications)
                    && !own.disputes.iter().any(|dispute| is_same_row(dispute, act))
            });
            let reaching: Vec<KnownEvent> = reaching.map(|(_, act)| (*act).clone()).collect();
            events.extend(reaching);
            self.dispute(&mut events, group, &spans);
        }
        let links = links::Links::of(&own);
        for act in events.iter_mut().filter(|event| event.stream != child) {
            let set = groups.iter().find(|group| group.stream == act.stream);
            let applications = set.map(|group| group.applications_of(child, &own)).unwrap_or_default();
            links.link(act, &applications);
        }
        self.category = Some(Category::Child);
        self.last_position = events.iter().map(|event| event.position).max().max(self.last_position);
        self.set_events(events);
        self.disputes.sort_by_key(|dispute| dispute.position);
        self
    }

    /// Takes over the disputes of a group about what would have been an act of the child, and takes away the child's copies
    /// of the disputed rows.
    fn dispute(&mut self, events: &mut Vec<KnownEvent>, group: &Group, spans: &[Span]) {
        for dispute in &group.journey.disputes {
            let claim = &dispute.claim;
            let reaches = spans.iter().any(|span| span.holds(&claim.occurred));
            let held = self.disputes.iter().any(|held| held.event_id == dispute.event_id);
            if !claim.body.kind().stands_in(Category::Child) || !reaches || held {
                continue;
            }
            events.retain(|event| !is_same_row(dispute, event));
            self.disputes.push(dispute.clone());
        }
    }

    /// Sets the events, the withdrawn apart, in practice order.
    fn set_events(&mut self, events: Vec<KnownEvent>) {
        (self.withdrawn, self.events) = events.into_iter().partition(KnownEvent::is_withdrawn);
        practice_order::sort(&mut self.events);
        practice_order::sort(&mut self.withdrawn);
    }
}

#[cfg(test)]
mod tests;
