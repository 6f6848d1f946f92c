//! Acts that name a process which was entered by mistake and entered again under another id.
//!
//! The beginning of the process was withdrawn, so what the act names does not exist. It is of the only process of that role
//! that can hold it; where several can, of the only one of them that began in the same way and on the same day. Where that
//! does not settle it, it names none, so that each of them may be its own and answers say what all readings say. Where none
//! can, it names what never began.
//!
//! What can hold it: a process that had begun by then and had not ended. Of single acts, such as a conference or a review, one
//! of the same kind and day as the one that was withdrawn; or else one of the same kind that was entered after it, since a
//! wrong day is a reason to enter it again.
//!
//! Where no kind of act opens processes of a role (adoption cases), the first act of one begins it. It is gone where that act was
//! withdrawn and entered again for another one, although other acts name it still. So it is where all that is on record of
//! another one was withdrawn from it and entered again on the same days: then only the number was changed.
//!
//! What it does not do: it changes no journey. Pages and observations show what was recorded.

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent, Reread};

use super::owner::has_beginning;
use super::{lasts, surely_earlier_day};

/// The acts of a journey that are of another process than they name.
#[derive(Debug, Default)]
pub(super) struct Relinked(Reread);

/// A process of which every beginning was withdrawn.
#[derive(Clone, Copy)]
struct Gone<'j> {
    process: (EntityRole, EntityId),
    began: &'j KnownEvent,
    /// The process of which everything was withdrawn from this one.
    renumbered: Option<EntityId>,
}

impl Relinked {
    /// Finds them among the events of a journey that count.
    pub(super) fn of(journey: &Journey, events: &[&KnownEvent]) -> Self {
        let withdrawn = &journey.withdrawn;
        let mut gone: Vec<Gone<'_>> =
            withdrawn.iter().filter_map(|event| begun(event).or_else(|| ended(event))).collect();
        if !gone.is_empty() {
            let held: Vec<Gone<'_>> = events.iter().filter_map(|event| begun(event)).collect();
            gone.iter_mut().for_each(|it| it.renumbered = renumbered(it, withdrawn, events));
            gone.retain(|it| {
                let stays = |held: &Gone<'_>| held.process == it.process && it.stays_with(held.began);
                it.renumbered.is_some() || (begun(it.began).is_some() && !held.iter().any(stays))
            });
            gone.sort_by_key(|it| (it.renumbered.is_none(), it.began.occurred.earliest_day()));
        }
        if gone.is_empty() {
            return Self::default();
        }
        Self(events.iter().filter_map(|event| relinked(event, &gone, events)).collect())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The events, each with the processes that it is of.
    pub(super) fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        self.0.read(events)
    }
}

impl Gone<'_> {
    /// Whether another act that begins the same process keeps it on record: any that opens it. Where nothing does, one that
    /// came before the withdrawn act or says the same.
    fn stays_with(&self, held: &KnownEvent) -> bool {
        has_beginning(self.process.0)
            || held.kind() == self.began.kind()
            || surely_earlier_day(held, self.began)
    }
}

/// The process that an event begins, or may begin where nothing opens it.
fn begun(event: &KnownEvent) -> Option<Gone<'_>> {
    let begins = |role: &EntityRole| match event.kind().stage() {
        Stage::Opens => true,
        Stage::Continues => !has_beginning(*role),
        Stage::Ends | Stage::Accompanies | Stage::Apart => false,
    };
    let role = event.kind().own_role().filter(begins)?;
    Some(Gone { process: (role, event.own_entity()?), began: event, renumbered: None })
}

/// A process of which nothing opens any, and an act that ended it: it is gone where it has another number since.
fn ended(event: &KnownEvent) -> Option<Gone<'_>> {
    let role = event.kind().own_role().filter(|role| !has_beginning(*role))?;
    let ends = event.kind().stage() == Stage::Ends;
    ends.then_some(Gone { process: (role, event.own_entity()?), began: event, renumbered: None })
}

/// The process that is the same under another number: all its acts were withdrawn from this one and entered again, which has
/// no other act of their kind, and had not ended before.
fn renumbered(gone: &Gone<'_>, withdrawn: &[KnownEvent], events: &[&KnownEvent]) -> Option<EntityId> {
    let (role, old) = gone.process;
    if has_beginning(role) {
        return None;
    }
    let own = |entity: EntityId| {
        let is_own = move |event: &&&KnownEvent| {
            event.kind().own_role() == Some(role) && event.own_entity() == Some(entity)
        };
        events.iter().filter(is_own)
    };
    let is_again = |event: &KnownEvent, it: &KnownEvent| {
        it.own_entity() == Some(old) && is_level(event, it) && event.position > it.position
    };
    let is_free = |event: &KnownEvent| {
        let stays = |other: &KnownEvent| {
            other.kind() == event.kind()
                || (event.kind().stage() != Stage::Ends
                    && other.kind().stage() == Stage::Ends
                    && surely_earlier_day(other, event))
        };
        withdrawn.iter().any(|it| is_again(event, it)) && !own(old).any(|other| stays(other))
    };
    let again =
        events.iter().filter(|event| event.kind().own_role() == Some(role) && is_again(event, gone.began));
    let mut others = again.filter_map(|event| event.own_entity()).filter(|entity| *entity != old);
    others.find(|entity| own(*entity).all(|event| is_free(event)))
}

/// The event, where one of the processes that it names is gone and another can hold it.
fn relinked(event: &KnownEvent, gone: &[Gone<'_>], events: &[&KnownEvent]) -> Option<KnownEvent> {
    let mut changed: Option<KnownEvent> = None;
    for named in event.entities.iter() {
        let Some(gone) = gone.iter().find(|gone| gone.process == named) else { continue };
        let holding = match gone.renumbered {
            Some(entity) => vec![entity],
            None => holding(event, gone, events),
        };
        let read = changed.get_or_insert_with(|| event.clone());
        match holding.as_slice() {
            [] => {}
            [only] => read.entities.insert(named.0, *only),
            _ => read.entities.remove(named.0),
        }
    }
    changed.filter(|changed| changed.entities != event.entities)
}

/// The processes that can hold an act, each once: those that began as the withdrawn one did, where there are any.
fn holding(act: &KnownEvent, gone: &Gone<'_>, events: &[&KnownEvent]) -> Vec<EntityId> {
    let can = events.iter().copied().filter(|opened| can_hold(opened, act, gone, events));
    let (level, other): (Vec<&KnownEvent>, Vec<&KnownEvent>) =
        can.partition(|opened| is_level(opened, gone.began));
    let single = !lasts(gone.process.0) || !has_beginning(gone.process.0);
    let is_anew = |opened: &&&KnownEvent| {
        !single || (opened.kind() == gone.began.kind() && opened.position > gone.began.position)
    };
    let mut holding: Vec<EntityId> = Vec::new();
    let chosen = if level.is_empty() {
        other.iter().filter(is_anew).collect::<Vec<_>>()
    } else {
        level.iter().collect()
    };
    for entity in chosen.into_iter().filter_map(|opened| opened.own_entity()) {
        if !holding.contains(&entity) {
            holding.push(entity);
        }
    }
    holding
}

/// Whether two acts are of one kind, and not surely of different days.
fn is_level(one: &KnownEvent, other: &KnownEvent) -> bool {
    one.kind() == other.kind() && !surely_earlier_day(one, other) && !surely_earlier_day(other, one)
}

/// Whether the process that another event began can be the one that an act means.
fn can_hold(opened: &KnownEvent, act: &KnownEvent, gone: &Gone<'_>, events: &[&KnownEvent]) -> bool {
    let (role, _) = gone.process;
    if begun(opened).is_none_or(|it| it.process.0 != role || it.process == gone.process) {
        return false;
    }
    // What holds one act of a process that nothing opened holds them all.
    let is_left_out = |event: &&KnownEvent| {
        event.own_entity() == Some(gone.process.1)
            && event.kind().own_role() == Some(role)
            && surely_earlier_day(event, opened)
    };
    if !has_beginning(role) && events.iter().any(is_left_out) {
        return false;
    }
    if !lasts(role) && is_level(opened, gone.began) {
        return true;
    }
    // What was done before the process that it names was done before the one that took its place.
    let begun_by_then = !surely_earlier_day(act, opened) || surely_earlier_day(act, gone.began);
    let is_own_end = |event: &&&KnownEvent| {
        event.kind().stage() == Stage::Ends
            && event.kind().own_role() == Some(role)
            && event.own_entity() == opened.own_entity()
    };
    let ends = act.kind().stage() == Stage::Ends && act.kind().own_role() == Some(role);
    let over = events.iter().filter(is_own_end).any(|end| ends || surely_earlier_day(end, act));
    begun_by_then && !over
}
