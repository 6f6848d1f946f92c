//! What a rule looks for beside the events of a case, found once for all of its cases.
//!
//! Each event stands with the process in the role of the clock to which it belongs, so that a case only picks its own.

use std::cell::RefCell;
use std::rc::Rc;

use crate::events::EntityRole;
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::processes::Processes;
use crate::rules::{EventMatch, Standing, Subject};

use super::index::Index;

/// An event for which a rule looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'j> {
    pub(super) event: &'j KnownEvent,
    /// The process in the role of the clock; `None` where it belongs to none, or the clock is of no process.
    process: Option<EntityId>,
    /// Whether it counts for every case, whatever process it names.
    of_all: bool,
    /// Whether it is one of the events that make it so, where it is asked how things stand.
    pub(super) makes_so: bool,
}

impl Placed<'_> {
    /// Whether it is one of the events of a case.
    pub(super) fn is_of(&self, entity: EntityId) -> bool {
        self.of_all || self.process == Some(entity)
    }
}

/// Events in practice order.
pub(super) type List<'j> = Rc<[Placed<'j>]>;

/// The lists of one rule, each by the part of the rule that asks for it. A rule has few of them.
#[derive(Debug, Default)]
pub(super) struct Found<'a, 'j> {
    named: RefCell<Vec<(&'a [EventMatch], List<'j>)>>,
    told: RefCell<Vec<(&'a [EventMatch], List<'j>)>>,
}

/// Where it is looked.
#[derive(Clone, Copy)]
pub(super) struct Among<'a, 'j> {
    pub(super) per: Subject,
    pub(super) index: &'a Index<'j>,
    pub(super) processes: &'a Processes<'j>,
}

impl<'a, 'j> Found<'a, 'j> {
    /// The events that one of the matches names, in practice order.
    pub(super) fn named(&self, matches: &'a [EventMatch], among: Among<'_, 'j>) -> List<'j> {
        held(&self.named, matches, || {
            let place = |event| among.place(matches, event, true);
            among.index.matching(matches).into_iter().map(place).collect()
        })
    }

    /// The events that say how things stand, in practice order.
    pub(super) fn told(&self, standing: &'a Standing, among: Among<'_, 'j>) -> List<'j> {
        held(&self.told, &standing.0, || {
            let place = |event: &'j KnownEvent| among.place(&standing.0, event, standing.holds(&event.body));
            among.index.of_kinds(&standing.0).into_iter().map(place).collect()
        })
    }
}

impl<'j> Among<'_, 'j> {
    fn place(&self, matches: &[EventMatch], event: &'j KnownEvent, makes_so: bool) -> Placed<'j> {
        let of_child = || matches.iter().any(|one| one.of_child && one.kind == event.kind());
        let (process, of_all) = match self.per {
            Subject::Process(role) => (self.process_of(event, role), of_child()),
            Subject::Child | Subject::Event => (None, true),
        };
        Placed { event, process, of_all, makes_so }
    }

    fn process_of(&self, event: &KnownEvent, role: EntityRole) -> Option<EntityId> {
        event.entities.get(role).or_else(|| self.processes.parent_of(event, role))
    }
}

/// The list that is held for the same part of the rule, or else a new one.
fn held<'a, 'j>(
    lists: &RefCell<Vec<(&'a [EventMatch], List<'j>)>>,
    matches: &'a [EventMatch],
    find: impl FnOnce() -> List<'j>,
) -> List<'j> {
    let same = |(of, _): &&(&[EventMatch], List<'j>)| std::ptr::eq(*of, matches);
    if let Some((_, list)) = lists.borrow().iter().find(same) {
        return Rc::clone(list);
    }
    let list = find();
    lists.borrow_mut().push((matches, Rc::clone(&list)));
    list
}
