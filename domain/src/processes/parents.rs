//! To which process another belongs: the record states it, or it began while only one ran. Where several ran and nothing
//! is stated, it may belong to each of them, and is not guessed.

use chrono::Days;

use crate::events::{EntityRole, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::KnownEvent;

use super::happened::Happened;
use super::{End, Process, Processes, lasts, surely_earlier_day};

/// How long after an assessment without need its closure may be entered while another referral runs. No source gives a
/// number: four weeks are ours.
const CLOSURE_FOLLOWS: Days = Days::new(28);

/// Whether a process belongs to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Belongs {
    No,
    /// Not stated, and several may be it.
    Perhaps,
    Surely,
}

impl Belongs {
    pub(super) fn of(holds: bool) -> Self {
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
        let placed = || {
            let entity = self.unnamed.get(&event.event_id).copied();
            entity.filter(|_| event.kind().own_role() == Some(role))
        };
        event.entities.get(role).or_else(placed).or_else(stated)
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
        let candidates: Vec<&Process<'j>> = self.running(role, process.began()).collect();
        let may_be_of_none = |candidate: &&Process<'j>| self.may_be_of_another(process, candidate);
        if candidates.is_empty()
            || candidates.iter().any(may_be_of_none)
            || !candidates.into_iter().all(has_ended)
        {
            return;
        }
        let last = perhaps().max_by_key(|(_, end)| end.event.by_latest());
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
        let Some((_, entity)) = named else { return self.belongs_to_what_runs(process, role, it) };
        self.belongs_to(process, (role, entity), it.event)
    }

    /// Whether a process belongs to what an act reaches that names none: the only process in the role that runs at the time;
    /// where several do, it may be any of them.
    fn belongs_to_what_runs(&self, process: &Process<'j>, role: EntityRole, it: &Happened<'j>) -> Belongs {
        if is_about_a_contact(it.event) {
            return Belongs::No;
        }
        let running: Vec<EntityId> = self.candidates(role, it.cause).map(|process| process.entity).collect();
        let belongs = |entity: &EntityId| self.belongs_to(process, (role, *entity), it.event);
        match running.as_slice() {
            [only] => belongs(only),
            several if several.iter().any(|one| belongs(one) != Belongs::No) => Belongs::Perhaps,
            [] => Belongs::of(self.belongs_to_what_is_not_told(process, role, it.event)),
            _ => Belongs::No,
        }
    }

    /// Whether a process ends with one that is not on record: nothing tells of any in the role, and the process names none.
    fn belongs_to_what_is_not_told(&self, process: &Process<'j>, role: EntityRole, end: &KnownEvent) -> bool {
        self.in_role(role).next().is_none()
            && process.role != role
            && self.stated_parents(process, role).is_empty()
            && !end.is_surely_before(process.began())
    }

    /// Whether a process is one in a role, or belongs to it.
    fn belongs_to(
        &self,
        process: &Process<'j>,
        (role, entity): (EntityRole, EntityId),
        end: &KnownEvent,
    ) -> Belongs {
        if process.role == role {
            return Belongs::of(process.entity == entity);
        }
        let stated = self.stated_parents(process, role);
        if !stated.is_empty() {
            return Belongs::of(stated.contains(&entity));
        }
        let Some(parent) = self.get(role, entity) else { return Belongs::No };
        if role == EntityRole::ChildInNeedCase
            && process.role != EntityRole::Referral
            && let Some(referral) = self.referral_of(process)
        {
            return self.belongs_to(referral, (role, entity), end);
        }
        if process.role == EntityRole::Referral && surely_earlier_day(process.began(), parent.began()) {
            return self.grew_out_of(parent, process);
        }
        match self.began_within(process, parent, end) {
            // The case may be that of the referral before it alone.
            Belongs::Surely if self.may_be_of_another(process, parent) => Belongs::Perhaps,
            Belongs::No if role == EntityRole::ChildInNeedCase => self.shares_referral(process, parent, end),
            found @ (Belongs::No | Belongs::Perhaps | Belongs::Surely) => found,
        }
    }

    /// The referral that a process is, or of which it says that it belongs to it.
    fn referral_of<'a>(&'a self, process: &'a Process<'j>) -> Option<&'a Process<'j>> {
        if process.role == EntityRole::Referral {
            return Some(process);
        }
        let stated = self.stated_parents(process, EntityRole::Referral);
        if let [only] = stated.as_slice() { self.get(EntityRole::Referral, *only) } else { None }
    }

    /// Whether what began during a child in need case may be of a referral out of which that did not grow.
    fn may_be_of_another(&self, process: &Process<'j>, case: &Process<'j>) -> bool {
        if case.role != EntityRole::ChildInNeedCase {
            return false;
        }
        match self.referral_of(process) {
            Some(referral) => self.grew_out_of_another(case, referral),
            None => {
                let mut running = self.running(EntityRole::Referral, process.began());
                running.any(|referral| self.grew_out_of_another(case, referral))
            }
        }
    }

    /// Whether a child in need case may have grown out of another referral than this one.
    fn grew_out_of_another(&self, case: &Process<'j>, referral: &Process<'j>) -> bool {
        let mut others = self.in_role(EntityRole::Referral).filter(|other| other.entity != referral.entity);
        case.role == EntityRole::ChildInNeedCase
            && others.any(|other| self.grew_out_of(case, other) != Belongs::No)
    }

    /// Whether what began before a child in need case is of the referral out of which that grew, as its assessment is.
    fn shares_referral(&self, process: &Process<'j>, case: &Process<'j>, end: &KnownEvent) -> Belongs {
        let referrals = self.in_role(EntityRole::Referral);
        let shared = referrals.map(|referral| {
            let own = self.belongs_to(process, (referral.role, referral.entity), end);
            own.min(self.grew_out_of(case, referral))
        });
        shared.max().unwrap_or(Belongs::No)
    }

    /// Whether a process, such as a child in need case, grew out of a referral: it says so, or began while that ran.
    fn grew_out_of(&self, process: &Process<'j>, referral: &Process<'j>) -> Belongs {
        let stated = self.stated_parents(process, referral.role);
        if !stated.is_empty() {
            return Belongs::of(stated.contains(&referral.entity));
        }
        let running: Vec<EntityId> =
            self.running(referral.role, process.began()).map(|referral| referral.entity).collect();
        match running.as_slice() {
            running if !running.contains(&referral.entity) => Belongs::No,
            [_] => Belongs::Surely,
            _ => Belongs::Perhaps,
        }
    }

    /// The processes in a role to which a process belongs, as the record states it: it names them, or what it names does.
    pub(crate) fn stated_parents(&self, process: &Process<'j>, role: EntityRole) -> Vec<EntityId> {
        let named = |parents: &[(EntityRole, EntityId)]| -> Vec<EntityId> {
            parents.iter().filter(|(of, _)| *of == role).map(|(_, parent)| *parent).collect()
        };
        let mut found = named(&process.parents);
        if !found.is_empty() || process.parents.is_empty() {
            return found;
        }
        let mut asked = process.parents.clone();
        let mut next = 0;
        while let Some((own_role, own)) = asked.get(next).copied().filter(|_| found.is_empty()) {
            next += 1;
            let parents = self.get(own_role, own).map_or(&[][..], |process| &process.parents);
            found = named(parents);
            for parent in parents {
                if !asked.contains(parent) {
                    asked.push(*parent);
                }
            }
        }
        found
    }

    /// The processes in a role that run when an event happens: begun, and over neither by an end of their own nor, on an
    /// earlier day, by the table.
    pub(crate) fn running<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> impl Iterator<Item = &'a Process<'j>> + 'a {
        let eve = event.occurred.earliest_day().and_then(|day| day.pred_opt());
        let is_over = move |process: &Process<'j>| eve.is_some_and(|eve| process.is_surely_over(eve));
        self.in_role(role).filter(move |other| other.is_running_at(event) && !is_over(other))
    }

    /// The process in a role that an event belongs to which names none: which its own process names, or the only one that ran
    /// when that began. An event that names no process of its own belongs to the only one that ran when it happened.
    pub(crate) fn parent_of(&self, event: &KnownEvent, role: EntityRole) -> Option<EntityId> {
        if self.number_in(role) == 0 {
            return None;
        }
        let own = event.kind().own_role()?;
        let Some(entity) = event.entities.get(own).or_else(|| self.unnamed.get(&event.event_id).copied())
        else {
            return self.only_running(role, event).filter(|_| own != role);
        };
        if own == role {
            return Some(entity);
        }
        let process = self.get(own, entity)?;
        // A conference belongs to what ran when it was asked for.
        let accompanied = Some(process.first).filter(|first| first.kind().stage() == Stage::Accompanies);
        let began = accompanied.or(process.opened)?;
        if let Some(parent) = began.entities.get(role) {
            return Some(parent);
        }
        let stated = self.stated_parents(process, role);
        if let [only] = stated.as_slice() { Some(*only) } else { self.only_running(role, began) }
    }

    /// Finds the process of an event that names none: the only one of its role that runs when it happens. An end is that
    /// process's own.
    pub(super) fn place_unnamed(&mut self, event: &'j KnownEvent) {
        let kind = event.kind();
        let within = matches!(kind.stage(), Stage::Continues | Stage::Ends);
        let Some(own) = kind.own_role().filter(|own| within && lasts(*own)) else { return };
        if event.entities.get(own).is_some() || is_about_a_contact(event) {
            return;
        }
        let of_ended = || self.only_unended(own, event).filter(|_| kind.stage() == Stage::Ends);
        let Some(entity) = self.only_running(own, event).or_else(of_ended) else {
            return if self.begins_by_its_acts(own, event) {
                self.begin_by_act(own, event);
            } else {
                self.end_perhaps(own, event);
            };
        };
        self.unnamed.insert(event.event_id, entity);
        let place = self.places.get(own, entity);
        if let Some(process) = place.and_then(|place| self.list.get_mut(place)) {
            process.take(event);
        }
    }

    /// The process in a role that runs when an event happens, where there is only one; else the only one that waits for its
    /// answer then.
    fn only_running(&self, role: EntityRole, event: &KnownEvent) -> Option<EntityId> {
        let mut open = self.candidates(role, event);
        let only = open.next()?;
        open.next().is_none().then_some(only.entity)
    }

    /// The processes in a role to which an event that names none may belong.
    pub(super) fn candidates<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> impl Iterator<Item = &'a Process<'j>> + 'a {
        self.open_to(role, event).chain(self.waiting(role, event))
    }

    /// What is over when an event happens and waits for it still: an enquiry for its conference, a referral for its closure.
    fn waiting<'a>(
        &'a self,
        role: EntityRole,
        event: &'a KnownEvent,
    ) -> impl Iterator<Item = &'a Process<'j>> + 'a {
        let is_own_end = event.kind().own_role() == Some(role) && event.kind().stage() == Stage::Ends;
        let waits = move |process: &&Process<'j>| {
            (role == EntityRole::Enquiry && waits_for_conference(process, event))
                || (role == EntityRole::Referral && is_own_end && self.waits_for_closure(process, event))
                || (role != EntityRole::Referral && is_own_end && self.waits_for_end(process, event))
        };
        self.in_role(role).filter(waits)
    }

    /// Whether a process that something else ended on an earlier day may be the one that ends: an enquiry is completed some
    /// days after its conference. As for a closure, only so long where another process of its role ran since.
    fn waits_for_end(&self, process: &Process<'j>, end: &KnownEvent) -> bool {
        let over = process.ends.iter().filter(|over| over.ends(process.role) && !over.before_it_began);
        let over = over.map(|over| over.event).filter(|over| surely_earlier_day(over, end));
        let Some(ended) = over.filter_map(|over| over.occurred.latest_day()).max() else { return false };
        let until = ended.checked_add_days(CLOSURE_FOLLOWS);
        process.own_end().is_none()
            && end.occurred.earliest_day().zip(until).is_none_or(|(day, until)| day <= until)
    }

    /// Whether a referral that an assessment without need ended on an earlier day may be the one that is closed: the closure
    /// is entered some days later (`assessed_without_need` in the table). Where another referral ran after that end, only
    /// for `CLOSURE_FOLLOWS`.
    fn waits_for_closure(&self, referral: &Process<'j>, closure: &KnownEvent) -> bool {
        let ends = || {
            let of_referral = referral.ends.iter().filter(|end| end.ends(referral.role));
            of_referral.map(|end| end.event).filter(|end| surely_earlier_day(end, closure))
        };
        let Some(ended) = ends().filter_map(|end| end.occurred.latest_day()).max() else { return false };
        if referral.own_end().is_some() || ends().any(|end| end.kind() != Kind::AssessmentAuthorised) {
            return false;
        }
        let ran_after = |other: &Process<'j>| {
            other.role == referral.role
                && other.entity != referral.entity
                && other.opened.is_some_and(|opened| !closure.is_surely_before(opened))
                && !other.is_surely_over(ended)
        };
        let until = ended.checked_add_days(CLOSURE_FOLLOWS);
        let follows = closure.occurred.earliest_day().zip(until).is_none_or(|(day, until)| day <= until);
        follows || !self.list.iter().any(ran_after)
    }

    /// Whether two processes state that they belong to different ones: to referrals, for instance.
    pub(crate) fn disagree(&self, one: (EntityRole, EntityId), other: (EntityRole, EntityId)) -> bool {
        let get = |(role, entity)| self.get(role, entity);
        let Some((one, other)) = get(one).zip(get(other)) else { return false };
        one.parents.iter().any(|(role, _)| {
            let (one, other) = (self.stated_parents(one, *role), self.stated_parents(other, *role));
            !other.is_empty() && !one.iter().any(|parent| other.contains(parent))
        })
    }

    /// Whether a process that states no parent began while the parent ran: surely where no other of its role did.
    pub(super) fn began_within(
        &self,
        process: &Process<'j>,
        parent: &Process<'j>,
        end: &KnownEvent,
    ) -> Belongs {
        let began = process.began();
        // Of what is known by its end alone nobody knows when it began.
        let is_earlier = parent.opened.is_some_and(|opened| surely_earlier_day(began, opened));
        if is_earlier || end.is_surely_before(began) {
            return Belongs::No;
        }
        let another = self.running(parent.role, began).any(|other| other.entity != parent.entity);
        if another { Belongs::Perhaps } else { Belongs::Surely }
    }
}

/// Whether an enquiry was completed when an event happens and waits for its conference: nothing that the table names answered
/// or ended it before for certain.
fn waits_for_conference(enquiry: &Process<'_>, event: &KnownEvent) -> bool {
    let is_answer = |end: &End<'_>| end.line.is_some() && end.sure && surely_earlier_day(end.event, event);
    enquiry.own_end().is_some_and(|end| end.is_surely_before(event)) && !enquiry.ends.iter().any(is_answer)
}

/// The decision on a contact that became no referral names the contact alone, and is of no referral that runs beside it.
pub(super) fn is_about_a_contact(event: &KnownEvent) -> bool {
    event.entities.get(EntityRole::Contact).is_some()
}
