//! Whose an act is that names nothing: an act that was recorded by hand, or that a file tells without the number of the step
//! before it.
//!
//! It is of the only process that it can be of. Where it may be of several, or none is on record, it is of none that could be
//! told.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use uuid::Uuid;

use crate::events::{EntityRole, Kind, Stage};
use crate::ids::{EntityId, EventId};
use crate::journey::KnownEvent;

use super::parents::Belongs;
use super::{End, Process, Processes, lasts, surely_earlier_day};

/// Tells the process of an event from whatever else has the number of the event.
const OF_ITS_EVENT: u128 = 0x6f77_6e20_7072_6f63_6573_7320_6f66_2069;

impl<'j> Processes<'j> {
    /// The process in a role that an act belongs to which names none; `None` where none or several can be it.
    pub(crate) fn owner_of(&self, event: &KnownEvent, role: EntityRole) -> Option<EntityId> {
        if self.number_in(role) == 0 {
            return None;
        }
        let kind = event.kind();
        match kind.own_role() {
            None => only(self.open_to(role, event)).filter(|entity| !self.may_be_after(event, role, *entity)),
            Some(own) if own == role && kind.stage() == Stage::Opens => {
                begun_unnamed(event).map(|(_, entity)| entity)
            }
            Some(own) if own == role && kind.stage() == Stage::Accompanies => {
                let mut found = self.accompanied_by(role, event);
                let (only, belongs) = found.next().filter(|_| found.next().is_none())?;
                (belongs == Belongs::Surely).then_some(only.entity)
            }
            // A single act is over at once, and what follows from it is of it still.
            Some(own) if own == role && !lasts(role) => only(self.candidates(role, event)),
            Some(own) if own == role && !has_beginning(role) => only(self.not_over(role, event)),
            Some(_) => self.parent_of(event, role),
        }
    }

    /// Whether there is a process in a role of which an act that names none may be.
    pub(crate) fn has_candidate(&self, event: &KnownEvent, role: EntityRole) -> bool {
        event.entities.get(role).is_none() && self.candidates(role, event).next().is_some()
    }

    /// Whether an act that names no process in a role may be of one.
    pub(crate) fn may_be_of(&self, event: &KnownEvent, role: EntityRole, entity: EntityId) -> bool {
        let is_it = |process: &Process<'j>| process.entity == entity;
        match event.kind().own_role() {
            Some(own) if own == role && event.kind().stage() == Stage::Accompanies => {
                self.accompanied_by(role, event).any(|(process, _)| is_it(process))
            }
            Some(_) => self.candidates(role, event).any(is_it),
            None => self.open_to(role, event).any(is_it),
        }
    }

    /// The processes in a role that an act which names none may mean.
    pub(crate) fn may_be_meant(&self, event: &KnownEvent, role: EntityRole) -> Vec<EntityId> {
        if event.kind().own_role() == Some(role) && event.kind().stage() == Stage::Accompanies {
            return self.accompanied_by(role, event).map(|(process, _)| process.entity).collect();
        }
        self.candidates(role, event).map(|process| process.entity).collect()
    }

    /// The processes in a role that run when an act happens or, in a role of which nothing tells the beginning, are not over.
    pub(super) fn open_to<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> Box<dyn Iterator<Item = &'a Process<'j>> + 'a> {
        if has_beginning(role) {
            Box::new(self.running(role, event))
        } else {
            Box::new(self.not_over(role, event))
        }
    }

    fn not_over<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> impl Iterator<Item = &'a Process<'j>> + 'a {
        let eve = event.occurred.earliest_day().and_then(|day| day.pred_opt());
        // A process that began with an act which names none had not begun before it.
        let is_later = |process: &Process<'j>| {
            process.entity == own_of(process.first) && surely_earlier_day(event, process.first)
        };
        let of_role = self.in_role(role).filter(move |it| it.has_own_events && !is_later(it));
        of_role.filter(move |process| !eve.is_some_and(|eve| process.is_surely_over(eve)))
    }

    /// What an act accompanies: what lies before the beginning is of a process that has not begun, what lies after it of one
    /// that has, whether or not that is over.
    fn accompanied_by<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> impl Iterator<Item = (&'a Process<'j>, Belongs)> + 'a {
        let goes_before = beginnings(role).iter().all(|begins| event.kind().rank() < begins.rank());
        let belongs = move |process: &Process<'j>| match process.opened {
            _ if goes_before => self.goes_before(event, process),
            // What is known by its end alone had begun by then.
            None => Belongs::of(process.has_own_events && !surely_earlier_day(event, process.first)),
            Some(opened) => Belongs::of(!surely_earlier_day(event, opened)),
        };
        let all = self.in_role(role).map(move |process| (process, belongs(process)));
        all.filter(|(_, belongs)| *belongs != Belongs::No)
    }

    /// Whether an act of an uncertain day may lie after the end of a process.
    fn may_be_after(&self, event: &KnownEvent, role: EntityRole, entity: EntityId) -> bool {
        let lies_before = |end: &End<'j>| {
            let (ended, act) = (end.event.occurred.earliest_day(), event.occurred.latest_day());
            end.may_end(role) && !end.before_it_began && ended.zip(act).is_none_or(|(ended, act)| ended < act)
        };
        self.get(role, entity).is_some_and(|process| process.ends.iter().any(lies_before))
    }

    /// Whether an act that names no process is the first of one: nothing else tells the beginning in its role, and none that
    /// is on record can be meant.
    pub(super) fn begins_by_its_acts(&self, role: EntityRole, event: &KnownEvent) -> bool {
        !has_beginning(role)
            && event.kind().stage() == Stage::Continues
            && self.candidates(role, event).next().is_none()
    }

    /// Begins a process with an act that names none. What names none afterwards is of it, as long as it is not over.
    pub(super) fn begin_by_act(&mut self, role: EntityRole, event: &'j KnownEvent) {
        let entity = own_of(event);
        self.process(role, entity, event).take(event);
        self.unnamed.insert(event.event_id, entity);
    }

    /// Notes of each process that an end may be of that it may have ended it.
    pub(super) fn end_perhaps(&mut self, role: EntityRole, event: &'j KnownEvent) {
        if event.kind().stage() != Stage::Ends {
            return;
        }
        let candidates: Vec<EntityId> = self.candidates(role, event).map(|process| process.entity).collect();
        for entity in candidates {
            let place = self.places.get(role, entity);
            if let Some(process) = place.and_then(|place| self.list.get_mut(place)) {
                process.ends.push(End { event, line: None, before_it_began: false, sure: false });
            }
        }
    }

    /// Where as many ends name none as there are processes that each of them may have ended, the last of them ended the last of
    /// these: whichever ended which, none runs after it.
    pub(super) fn settle_unnamed_ends(&mut self) {
        let mut may_have: BTreeMap<EventId, Vec<usize>> = BTreeMap::new();
        for (place, process) in self.list.iter().enumerate() {
            for end in process.ends.iter().filter(|end| is_unnamed(end)) {
                may_have.entry(end.event.event_id).or_default().push(place);
            }
        }
        let mut by_processes: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        may_have.into_values().for_each(|places| *by_processes.entry(places).or_default() += 1);
        for (places, ends) in by_processes {
            // An end that may also be of another process is not one of theirs for certain.
            let only_theirs = |process: &Process<'j>| {
                process.own_end().is_none()
                    && process.ends.iter().filter(|end| is_unnamed(end)).count() == ends
            };
            let all = places.iter().all(|place| self.list.get(*place).is_some_and(only_theirs));
            if !all || ends < places.len() {
                continue;
            }
            for place in places {
                let Some(process) = self.list.get_mut(place) else { continue };
                process.end_with_the_last();
            }
        }
    }

    /// The only process in a role that began by an end and has none of its own, where what ended it before was something
    /// else: an enquiry that is completed after its conference.
    pub(super) fn only_unended(&self, role: EntityRole, end: &KnownEvent) -> Option<EntityId> {
        let unended = |process: &&Process<'j>| {
            let began = process.opened.is_some_and(|opened| !surely_earlier_day(end, opened));
            began && process.own_end().is_none()
        };
        only(self.in_role(role).filter(unended))
    }
}

impl Process<'_> {
    /// The last of the ends of which one is its own is no earlier than that one. What the table says of each of them, it
    /// says of that one, too.
    fn end_with_the_last(&mut self) {
        let unnamed = self.ends.iter().filter(|end| is_unnamed(end)).map(|end| end.event);
        let unnamed: Vec<&KnownEvent> = unnamed.collect();
        let last = unnamed.iter().max_by_key(|end| end.by_latest());
        let Some(last) = last.map(|last| last.event_id) else { return };
        let of_line = |line: &str| {
            let said = self.ends.iter().filter(|end| end.line.is_some_and(|it| &*it.id == line));
            let said: Vec<EventId> = said.map(|end| end.event.event_id).collect();
            unnamed.iter().all(|end| said.contains(&end.event_id))
        };
        let counts =
            |end: &End<'_>| end.event.event_id == last && end.line.is_none_or(|line| of_line(&line.id));
        let counting: Vec<bool> = self.ends.iter().map(counts).collect();
        for (end, counts) in self.ends.iter_mut().zip(counting) {
            end.sure |= counts;
        }
    }
}

/// Whether it is an own end of one of several processes, and nothing tells of which.
fn is_unnamed(end: &End<'_>) -> bool {
    end.line.is_none() && !end.sure
}

/// The process that an event begins without naming it: one of its own. An entry of a review is read with the others.
pub(super) fn begun_unnamed(event: &KnownEvent) -> Option<(EntityRole, EntityId)> {
    let role = event.kind().own_role().filter(|role| *role != EntityRole::Review)?;
    let begins = event.kind().stage() == Stage::Opens && event.entities.get(role).is_none();
    begins.then(|| (role, own_of(event)))
}

/// A process that is known by one event alone.
pub(crate) fn own_of(event: &KnownEvent) -> EntityId {
    EntityId(Uuid::from_u128(event.event_id.0.as_u128() ^ OF_ITS_EVENT))
}

fn only<'a, 'j: 'a>(mut found: impl Iterator<Item = &'a Process<'j>>) -> Option<EntityId> {
    let first = found.next()?;
    found.next().is_none().then_some(first.entity)
}

/// The kinds of event that begin processes, by the place of the role.
static BEGINNINGS: LazyLock<Vec<Vec<Kind>>> = LazyLock::new(|| {
    let begins =
        |kind: &Kind, role: EntityRole| kind.own_role() == Some(role) && kind.stage() == Stage::Opens;
    let of_role = |role: &EntityRole| Kind::ALL.iter().copied().filter(|kind| begins(kind, *role)).collect();
    EntityRole::ALL.iter().map(of_role).collect()
});

/// The kinds of event that begin processes in a role.
fn beginnings(role: EntityRole) -> &'static [Kind] {
    BEGINNINGS.get(role as usize).map_or(&[], Vec::as_slice)
}

/// Whether some kind of event begins processes in a role.
pub(super) fn has_beginning(role: EntityRole) -> bool {
    !beginnings(role).is_empty()
}
