//! Households and sets of proceedings, read from the ledger: all of them, or those of some children.
//!
//! Groups are few beside children, and a partial index finds them. For a whole authority they are read once, before the
//! children, and held while the children pass by: memory is that of the groups' own events, plus the names of their members. No
//! child is read for a group's sake but for the amendments of acts that both may hold.

use std::collections::{BTreeMap, BTreeSet};

use domain::envelope::Category;
use domain::events::{Body, EntityRole, RecordedEvent};
use domain::ids::{EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Group, Groups, Journey};

use crate::disposed::understand;
use crate::{Knowledge, ReplayFault, Replayer};

/// Names asked for at once.
const AT_ONCE: usize = 5_000;

/// Every stream that is no child's.
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// Streams with members.
    pub(crate) groups: Groups,
    /// Adopter households, workers and the authority.
    pub(crate) alone: Vec<(StreamId, Category, Journey)>,
}

impl Replayer {
    /// Every stream that is no child's, as known.
    pub(crate) async fn others(&self, knowledge: Knowledge) -> Result<Others, ReplayFault> {
        let Some(up_to) = knowledge.position else { return Ok(Others::default()) };
        let (mut groups, mut alone) = (Vec::new(), Vec::new());
        let mut events = self.ledger.read_other_streams(up_to).await?.into_iter().peekable();
        while let Some(first) = events.next() {
            let (stream, category) = (first.stream, first.category);
            let rest = std::iter::from_fn(|| events.next_if(|event| event.stream == stream));
            let recorded = understand(std::iter::once(first).chain(rest).collect())?.recorded;
            if Group::has_members(category) {
                groups.extend(Group::known(&recorded, knowledge.known));
            } else {
                alone.push((stream, category, Journey::known(&recorded, knowledge.known)));
            }
        }
        Ok(Others { groups: self.connected(groups, knowledge).await?, alone })
    }

    /// The groups of some children, who are given with what is known from their own streams.
    pub(crate) async fn groups_of(
        &self,
        children: &[(StreamId, &Journey)],
        knowledge: Knowledge,
    ) -> Result<Groups, ReplayFault> {
        let names: Vec<StreamId> = children.iter().map(|(child, _)| *child).collect();
        let mut streams: BTreeSet<StreamId> = BTreeSet::new();
        for names in names.chunks(AT_ONCE) {
            streams.extend(self.ledger.groups_naming(names).await?);
        }
        let own = || children.iter().flat_map(|(_, journey)| &journey.events);
        streams.extend(own().filter_map(|event| {
            if let Body::FamilyLinked(linked) = &event.body { linked.household } else { None }
        }));
        let sets: BTreeSet<EntityId> =
            own().filter_map(|event| event.entities.get(EntityRole::Proceedings)).collect();
        streams.extend(self.streams_of(sets).await?);
        self.groups_in(streams, knowledge).await
    }

    /// The groups of some streams, and those into which they went.
    pub(crate) async fn groups_in(
        &self,
        streams: BTreeSet<StreamId>,
        knowledge: Knowledge,
    ) -> Result<Groups, ReplayFault> {
        let (mut groups, mut read) = (Vec::new(), BTreeSet::new());
        let mut next = streams;
        while !next.is_empty() {
            let mut sets = BTreeSet::new();
            for stream in next {
                read.insert(stream);
                let stored = self.ledger.read_stream(stream, Revision(1)).await?;
                if let Some(group) = Group::known(&understand(stored)?.recorded, knowledge.known) {
                    sets.extend(group.consolidated_into());
                    groups.push(group);
                }
            }
            let found = self.streams_of(sets).await?;
            next = found.into_iter().filter(|stream| !read.contains(stream)).collect();
        }
        self.connected(groups, knowledge).await
    }

    async fn streams_of(&self, sets: BTreeSet<EntityId>) -> Result<Vec<StreamId>, ReplayFault> {
        let sets: Vec<EntityId> = sets.into_iter().collect();
        let mut streams = Vec::new();
        for sets in sets.chunks(AT_ONCE) {
            streams.extend(self.ledger.streams_of_sets(sets).await?);
        }
        Ok(streams)
    }

    /// Groups with the children who name them, and with what the members' own streams say of shared acts.
    async fn connected(&self, groups: Vec<Group>, knowledge: Knowledge) -> Result<Groups, ReplayFault> {
        let mut groups = Groups::new(groups);
        if groups.is_empty() {
            return Ok(groups);
        }
        let households: Vec<StreamId> = groups.iter().map(|group| group.stream).collect();
        for households in households.chunks(AT_ONCE) {
            let named = self.ledger.naming_households(households).await?;
            named.into_iter().for_each(|(household, child)| groups.link(child, household));
        }
        let sets: Vec<EntityId> = groups.iter().flat_map(Group::sets).collect();
        for sets in sets.chunks(AT_ONCE) {
            for (set, child) in self.ledger.naming_sets(sets).await? {
                if let Some(stream) = groups.stream_of(set) {
                    groups.link(child, stream);
                }
            }
        }
        let sharing: Vec<StreamId> = groups.members(true).collect();
        let up_to = knowledge.position.unwrap_or(Position(0));
        for children in sharing.chunks(AT_ONCE) {
            for (child, journey) in self.amended(children, up_to, knowledge).await? {
                groups.absorb(child, &journey);
            }
        }
        Ok(groups)
    }

    /// What children's own streams amend or dispute, and nothing else of them.
    async fn amended(
        &self,
        children: &[StreamId],
        up_to: Position,
        knowledge: Knowledge,
    ) -> Result<BTreeMap<StreamId, Journey>, ReplayFault> {
        let amendments = understand(self.ledger.amendments_in(children, up_to).await?)?.recorded;
        let held: BTreeSet<EventId> = amendments.iter().map(|event| event.event_id).collect();
        let targets: Vec<EventId> =
            amendments.iter().filter_map(target).filter(|target| !held.contains(target)).collect();
        let mut of_child: BTreeMap<StreamId, Vec<RecordedEvent>> = BTreeMap::new();
        let mut sort = |events: Vec<RecordedEvent>| {
            events.into_iter().for_each(|event| of_child.entry(event.stream).or_default().push(event));
        };
        for targets in targets.chunks(AT_ONCE) {
            sort(understand(self.ledger.read_events(targets).await?)?.recorded);
        }
        sort(amendments);
        let known = |events: Vec<RecordedEvent>| Journey::known(&events, knowledge.known);
        Ok(of_child.into_iter().map(|(child, events)| (child, known(events))).collect())
    }
}

/// The event that another amends.
fn target(event: &RecordedEvent) -> Option<EventId> {
    if let Body::EventCorrected(it) = &event.event.body {
        Some(it.target)
    } else if let Body::EventWithdrawn(it) = &event.event.body {
        Some(it.target)
    } else if let Body::EventReinstated(it) = &event.event.body {
        Some(it.target)
    } else {
        None
    }
}
