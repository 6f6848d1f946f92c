//! Acts that name nothing, read with the names of the only processes that they can be of.
//!
//! Rules look for what an act names. An act that was recorded by hand, or that a file tells, often names nothing, because
//! nobody knew a number of the step before it. So it is read once, before any rule is asked, and no rule has its own way
//! with it.
//!
//! What it does not do: it changes no journey. Where several processes can be meant, the act goes on naming none.

use crate::events::{EntityRole, Kind, Roles, Stage};
use crate::ids::EntityId;
use crate::journey::{Change, KnownEvent};
use crate::processes::{DoneOnce, Processes};
use crate::rules::{ClockShape, EventMatch, Members, Open, Tally};

use super::never_began::NeverBegan;

/// The roles of the processes that acts of each kind belong to, as far as the rules ask for them; by kind.
#[derive(Debug)]
pub(super) struct Belonging(Vec<Roles>);

/// Acts with the names that they lack, in practice order.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<KnownEvent>);

impl Belonging {
    /// What every act says of its own process, whatever the rules ask.
    pub(super) fn new() -> Self {
        let own = |kind: &Kind| match kind.stage() {
            // Whose these are is read with the other entries of a review.
            _ if matches!(kind, Kind::ReviewPartHeld | Kind::ReviewCompleted) => Roles::default(),
            Stage::Opens | Stage::Continues | Stage::Ends | Stage::Accompanies => {
                kind.own_role().into_iter().collect()
            }
            Stage::Apart => Roles::default(),
        };
        Self(Kind::ALL.iter().map(own).collect())
    }

    /// Adds what a clock asks about. What starts a clock of another process lies before that, and not in it.
    pub(super) fn add_clock(&mut self, shape: &ClockShape) {
        let Some(role) = shape.per.role() else { return };
        let lists = [
            &shape.stop,
            &shape.not_applicable,
            &shape.not_required,
            &shape.ended_by,
            &shape.counted_from,
            &shape.asked_by,
            &shape.shown_by,
            &shape.undone_by,
        ];
        lists.into_iter().for_each(|list| self.add(list, role));
        let extension = shape.extension.iter().map(|extending| &extending.event);
        let due_by = shape.due_by.iter().flat_map(|due_by| &due_by.events);
        let paused = shape.pause.iter().flat_map(|pause| pause.from.iter().chain(&pause.to));
        extension.chain(due_by).chain(paused).for_each(|one| self.add(std::slice::from_ref(one), role));
    }

    /// Adds what a tally asks about.
    pub(super) fn add_tally(&mut self, tally: &Tally) {
        let counts = tally.counts.as_ref();
        let has = [&tally.only, &counts.and_then(|counts| counts.has.clone())];
        for has in has.into_iter().flatten() {
            if let Some(role) = has.same {
                self.add(&has.events, role);
                if let Members::Events(events) = &tally.members {
                    self.add(events, role);
                }
            }
        }
        if let (Some(role), Members::Events(events)) = (tally.per, &tally.members) {
            self.add(events, role);
        }
        let open = counts.into_iter().flat_map(|counts| [&counts.open, &counts.none_open, &counts.overlaps]);
        let members = if let Members::Open(open) = &tally.members { Some(open) } else { None };
        open.flatten().chain(members).for_each(|open| self.add_open(open));
    }

    fn add_open(&mut self, open: &Open) {
        if let Some(role) = open.per {
            self.add(&open.end, role);
        }
    }

    fn add(&mut self, matches: &[EventMatch], role: EntityRole) {
        for one in matches.iter().filter(|one| one.through.is_none()) {
            let begins = one.kind.stage() == Stage::Opens && one.kind.own_role() == Some(role);
            if let Some(held) = self.0.get_mut(one.kind as usize).filter(|_| !begins) {
                held.insert(role);
            }
        }
    }

    fn of(&self, kind: Kind) -> Roles {
        self.0.get(kind as usize).copied().unwrap_or_default()
    }
}

impl Names {
    /// Finds the names that events in practice order lack. Nothing is of a process that never began.
    pub(super) fn of(
        events: &[&KnownEvent],
        processes: &Processes<'_>,
        never_began: &NeverBegan<'_, '_>,
        belonging: &Belonging,
    ) -> Self {
        let mut done = DoneOnce::default();
        let mut owner_of = |event: &KnownEvent, role: EntityRole| {
            let owner = processes.owner_of(event, role);
            if let Some(owner) = owner.filter(|_| event.kind().own_role() == Some(role)) {
                done.note(event, owner, events);
            }
            let owner = owner.or_else(|| done.owner_of(event, role, processes, events));
            owner.filter(|owner| !never_began.is(role, *owner))
        };
        // Of a role without a process nothing can be.
        let held: Roles =
            EntityRole::ALL.iter().copied().filter(|role| processes.number_in(*role) > 0).collect();
        let mut lacks = |event: &KnownEvent| {
            let roles = belonging.of(event.kind()).and(held).iter();
            let lacks = roles.filter(|role| event.entities.get(*role).is_none());
            lacks.filter_map(|role| Some((role, owner_of(event, role)?))).collect::<Vec<_>>()
        };
        let found = events.iter().map(|event| (*event, lacks(event))).filter(|(_, found)| !found.is_empty());
        let found: Vec<_> = found.collect();
        // An event is large: the list of them is laid out once.
        Self(found.into_iter().map(|(event, names)| named(event, &names)).collect())
    }

    /// Whether no act lacks a name that could be told.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The events, each with the names that it lacks.
    pub(super) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        let mut named = self.0.iter().peekable();
        for event in &mut events {
            *event = named.next_if(|named| named.event_id == event.event_id).unwrap_or(*event);
        }
        events
    }
}

/// An act that names these processes, also in what it was before a correction that changed something else.
fn named(event: &KnownEvent, names: &[(EntityRole, EntityId)]) -> KnownEvent {
    let mut named = event.clone();
    for (role, entity) in names.iter().copied() {
        named.entities.insert(role, entity);
        for amendment in &mut named.amendments {
            if let Change::Corrected { before } = &mut amendment.change
                && before.entities.get(role).is_none()
            {
                before.entities.insert(role, entity);
            }
        }
    }
    named
}
