//! To which process another belongs: the record states it, or it began while only one ran. Where several ran and nothing
//! is stated, it may belong to each of them, and is not guessed.

use crate::events::EntityRole;
use crate::ids::EntityId;
use crate::journey::KnownEvent;

use super::happened::Happened;
use super::{End, Process, Processes, surely_earlier_day};

/// Whether a process belongs to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    No,
    /// Not stated, and several may be it.
    Perhaps,
    Surely,
}

impl Belongs {
    fn of(holds: bool) -> Self {
        if holds { Self::Surely } else { Self::No }
    }
}

impl<'j> Processes<'j> {
    /// The process in a role that an event names, or to which its own process says that it belongs.
    pub(super) fn named_by(&self, event: &KnownEvent, role: EntityRole) -> Option<EntityId> {
        let stated = || {
            let own = event.kind().own_role().filter(|own| *own != role)?;
            let process = self.get(own, event.entities.get(own)?)?;
            let stated = self.stated_parents(process, role);
            if let [only] = stated.as_slice() { Some(*only) } else { None }
        };
        event.entities.get(role).or_else(stated)
    }

    /// Where each of the processes to which another may belong has ended, it ended with the last of them at the latest.
    pub(super) fn settle(&mut self, place: usize) {
        let Some(process) = self.list.get(place) else { return };
        let perhaps = || process.ends.iter().enumerate().filter(|(_, end)| !end.sure);
        let named = |end: &End<'j>| {
            let role = end.line?.within?;
            Some((role, self.named_by(end.event, role)?))
        };
        let Some(role) = perhaps().find_map(|(_, end)| named(end)).map(|(role, _)| role) else { return };
        let has_ended = |candidate: &Process<'j>| {
            perhaps()
                .any(|(_, end)| named(end) == Some((role, candidate.entity)) && end.may_end(process.role))
        };
        if !self.running(role, process.began()).all(has_ended) {
            return;
        }
        let last = perhaps().max_by_key(|(_, end)| (end.event.occurred.latest_day(), end.event.position));
        let last = last.map(|(at, _)| at);
        let ends = self.list.get_mut(place).map(|process| &mut process.ends);
        if let Some(end) = last.zip(ends).and_then(|(at, ends)| ends.get_mut(at)) {
            end.sure = true;
        }
    }

    /// Whether a process belongs to what a line reaches.
    pub(super) fn belongs(
        &self,
        process: &Process<'j>,
        it: &Happened<'j>,
        named: Option<(EntityRole, EntityId)>,
    ) -> Belongs {
        let Some(role) = it.line.within else { return Belongs::Surely };
        let Some((_, entity)) = named else {
            // An act about something else, such as the decision on a conference, reaches what runs at the time.
            let is_act = it.event.kind().own_role() != Some(role) && process.role == role;
            if !is_act || !process.is_running_at(it.event) {
                return Belongs::No;
            }
            let another = self.running(role, it.event).any(|other| other.entity != process.entity);
            return if another { Belongs::Perhaps } else { Belongs::Surely };
        };
        if process.role == role {
            return Belongs::of(process.entity == entity);
        }
        let stated = self.stated_parents(process, role);
        if !stated.is_empty() {
            return Belongs::of(stated.contains(&entity));
        }
        self.get(role, entity).map_or(Belongs::No, |parent| self.began_within(process, parent, it.event))
    }

    /// The processes in a role to which a process belongs, as the record states it: it names them, or what it names does.
    pub(crate) fn stated_parents(&self, process: &Process<'j>, role: EntityRole) -> Vec<EntityId> {
        let mut found = Vec::new();
        let mut asked = vec![(process.role, process.entity)];
        let mut next = 0;
        while let Some((own_role, own)) = asked.get(next).copied() {
            next += 1;
            let parents = self.get(own_role, own).map_or(&[][..], |process| &process.parents);
            found.extend(parents.iter().filter(|(of, _)| *of == role).map(|(_, parent)| *parent));
            if !found.is_empty() {
                break;
            }
            for parent in parents {
                if !asked.contains(parent) {
                    asked.push(*parent);
                }
            }
        }
        found
    }

    /// The processes in a role that run when an event happens, by their own events.
    pub(crate) fn running<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> impl Iterator<Item = &'a Process<'j>> + 'a {
        self.list.iter().filter(move |other| other.role == role && other.is_running_at(event))
    }

    /// The process in a role that an event belongs to through its own: which that one names, or the only one that ran when
    /// it began.
    pub(crate) fn parent_of(&self, event: &KnownEvent, role: EntityRole) -> Option<EntityId> {
        let own = event.kind().own_role().filter(|own| *own != role)?;
        let process = self.get(own, event.entities.get(own)?)?;
        let began = process.opened?;
        if let Some(parent) = began.entities.get(role) {
            return Some(parent);
        }
        let stated = self.stated_parents(process, role);
        if let [only] = stated.as_slice() {
            return Some(*only);
        }
        let mut running = self.running(role, began);
        let only = running.next()?;
        running.next().is_none().then_some(only.entity)
    }

    /// Whether a process that states no parent began while the parent ran: surely where no other of its role did.
    pub(super) fn began_within(
        &self,
        process: &Process<'j>,
        parent: &Process<'j>,
        end: &KnownEvent,
    ) -> Belongs {
        let began = process.began();
        if surely_earlier_day(began, parent.began()) || end.is_surely_before(began) {
            return Belongs::No;
        }
        let another = self.running(parent.role, began).any(|other| other.entity != parent.entity);
        if another { Belongs::Perhaps } else { Belongs::Surely }
    }
}
