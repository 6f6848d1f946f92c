//! Which of a child's acts belong to a process that they need not name.
//!
//! An act belongs to its own period of care, plan or case. One that lies on or before the last day of an earlier process of
//! the same role was done for that one, and one after the end of its own process, or after the next one began, was not done
//! for this one. Where the dates leave it open, the act belongs to it in some readings only.
//!
//! Two placements can run at a time, and a child is visited where the child lives: a visit that names another placement, which
//! ran on its day, was made there. A stay in hospital or on holiday (T1, T2) is no placement, and a visit there is one of the
//! placement beside it.

use chrono::NaiveDate;

use crate::events::{Body, EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::rules::EarlyStop;

use super::case::{Case, Stop};
use super::compiled::Track;
use super::ends::Ends;
use super::index::Index;

/// The bounds of one process, for acts of the whole child.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// The role and the process itself; `None` for what is the child's as a whole.
    process: Option<Process>,
    begun: Option<Ends<NaiveDate>>,
    /// The end of the last earlier process of the role that certainly ended before this one began.
    earlier_until: Option<Ends<NaiveDate>>,
    /// The end of the process.
    ended: Option<Ends<NaiveDate>>,
    /// The beginning of the next process of the role, for a clock that starts when its own has ended.
    next_from: Option<Ends<NaiveDate>>,
}

impl Owner {
    pub(super) fn new(track: &Track<'_>, case: &Case<'_>, index: &Index<'_>) -> Self {
        let begun = case.begun();
        let process = track.shape.per.role().map(|role| (role, case.entity));
        let nothing = Self { process, begun, earlier_until: None, ended: None, next_from: None };
        let Some((process, begun)) = process.zip(begun) else { return nothing };
        let others = |kinds| of_others(kinds, process, index);
        let is_earlier = |end: &Ends<NaiveDate>| end.latest.zip(begun.earliest).is_some_and(|(a, b)| a <= b);
        let earlier = || others(&track.ends).filter(is_earlier).max_by_key(|end| end.latest);
        let started = Ends::of_first(case.start()).unwrap_or(begun);
        let is_next = |next: &Ends<NaiveDate>| started.latest.zip(next.earliest).is_some_and(|(a, b)| a <= b);
        let next = || others(&track.opens).filter(is_next).min_by_key(|next| next.earliest);
        let (earlier_until, next_from) =
            (asks_of_before(track).then(earlier).flatten(), track.starts_at_end().then(next).flatten());
        let not_before = |end: &Ends<NaiveDate>| !end.surely_before(begun);
        let ended_by = case.closes().map(Ends::of).filter(not_before);
        // Where the last day is set by another event, or the clock starts at the end, the end of the process sets none.
        let asks_own_end = case.closes().next().is_none()
            && !track.starts_at_end()
            && track.shape.due_by.is_none()
            && holds_acts(process.0);
        let ended = if asks_own_end {
            own_ends(&track.ends, process, index).filter(not_before).reduce(Ends::or_earlier)
        } else {
            ended_by.reduce(Ends::or_earlier)
        };
        Self { process: Some(process), begun: Some(begun), earlier_until, ended, next_from }
    }

    /// The act, where it may belong to the process, and whether it does for all that is known.
    pub(super) fn keeps<'j>(&self, act: Stop<'j>) -> Option<Stop<'j>> {
        if self.process.is_none() {
            return Some(act);
        }
        let at = Ends::of(act.event);
        // What names the process is of no later one, however late it was done.
        let named = self.process.is_some_and(|(role, own)| act.event.entities.get(role) == Some(own));
        let within = Self { next_from: self.next_from.filter(|_| !named), ..*self };
        if within.is_of_earlier(act.event, at) || within.is_after(at) {
            return None;
        }
        let (after, outside) = (within.may_be_after(at), within.may_be_of_another(at));
        let unless_after_end = act.sure && after && !outside;
        Some(Stop { sure: act.sure && !(after || outside), unless_after_end, ..act })
    }

    /// Whether it may belong to the process at all.
    pub(super) fn may_keep(&self, event: &KnownEvent) -> bool {
        self.keeps(Stop::new(event, true)).is_some()
    }

    fn is_of_earlier(&self, event: &KnownEvent, at: Ends<NaiveDate>) -> bool {
        let is_early = self.begun.is_some_and(|begun| at.surely_before(begun));
        let names_another = self
            .process
            .is_some_and(|(role, own)| event.entities.get(role).is_some_and(|named| named != own));
        let lies_in_earlier = self
            .earlier_until
            .and_then(|until| at.latest.zip(until.earliest))
            .is_some_and(|(act, until)| act <= until);
        is_early && (names_another || lies_in_earlier)
    }

    fn is_after(&self, at: Ends<NaiveDate>) -> bool {
        let in_next = self.next_from.and_then(|next| next.latest.zip(at.earliest));
        self.ended.is_some_and(|ended| ended.surely_before(at))
            || in_next.is_some_and(|(next, act)| next <= act)
    }

    /// Whether it may lie after the end of the process.
    fn may_be_after(&self, at: Ends<NaiveDate>) -> bool {
        self.ended.is_some_and(|ended| is_later(at.latest, ended.earliest))
    }

    /// Whether it may be of an earlier process or of the next one.
    fn may_be_of_another(&self, at: Ends<NaiveDate>) -> bool {
        let may_be_early = self.begun.is_some_and(|begun| is_later(begun.latest, at.earliest));
        let may_be_of_earlier =
            self.earlier_until.is_some_and(|until| may_be_early && !is_later(at.earliest, until.latest));
        let may_be_in_next = self
            .next_from
            .is_some_and(|next| at.latest.zip(next.earliest).is_none_or(|(act, next)| act >= next));
        may_be_of_earlier || may_be_in_next
    }
}

/// What tells of a visit that names another placement: `None` where it was made there, and else the act, which is not for sure
/// of this one where the other may have run on its day.
pub(super) fn unless_elsewhere<'j>(act: Stop<'j>, own: EntityId, index: &Index<'j>) -> Option<Stop<'j>> {
    let Some(named) = act.event.entities.get(EntityRole::Placement).filter(|named| *named != own) else {
        return Some(act);
    };
    let of_it = |kind| index.of_kind(kind).filter(move |event| event.own_entity() == Some(named));
    let Some(began) = of_it(Kind::PlacementStarted).find(|event| !is_no_placement(event)).map(Ends::of)
    else {
        return Some(act);
    };
    let at = Ends::of(act.event);
    let ended = of_it(Kind::PlacementEnded).map(Ends::of).reduce(Ends::or_earlier);
    if at.surely_before(began) || ended.is_some_and(|ended| ended.surely_before(at)) {
        return Some(act);
    }
    // On the day of a move the act may have been done before it.
    if began.latest.is_some() && began.latest == at.earliest {
        return Some(act);
    }
    let surely_ran = !is_later(began.latest, at.earliest)
        && ended.is_none_or(|ended| !is_later(at.latest, ended.earliest));
    (!surely_ran).then_some(Stop { sure: false, ..act })
}

/// Whether a placement is a stay in hospital or on holiday.
fn is_no_placement(event: &KnownEvent) -> bool {
    let Body::PlacementStarted(started) = &event.body else { return false };
    started.placement_type.as_ref().is_some_and(|it| matches!(it.as_str(), "T1" | "T2"))
}

/// Whether one day is later than another, or may be.
fn is_later(one: Option<NaiveDate>, other: Option<NaiveDate>) -> bool {
    one.is_none() || other.is_none() || one.zip(other).is_some_and(|(one, other)| one > other)
}

/// Whether what lies before the process says something about it.
fn asks_of_before(track: &Track<'_>) -> bool {
    track.shape.early_stop != EarlyStop::CannotTell || track.shape.asked_by.iter().any(|one| one.of_child)
}

/// Whether acts lie within a process of that role. An enquiry that was completed does not end what it asked for.
fn holds_acts(role: EntityRole) -> bool {
    use EntityRole::{PeriodOfCare, Placement, Plan, Referral};
    [PeriodOfCare, Placement, Plan, Referral].contains(&role)
}

type Process = (EntityRole, EntityId);

fn of_others<'a>(
    kinds: &'a [Kind],
    (role, own): Process,
    index: &'a Index<'_>,
) -> impl Iterator<Item = Ends<NaiveDate>> + 'a {
    let events = kinds.iter().flat_map(|kind| index.of_kind(*kind));
    let of_another = move |event: &&KnownEvent| event.entities.get(role).is_some_and(|other| other != own);
    events.filter(of_another).map(Ends::of)
}

fn own_ends<'a>(
    kinds: &'a [Kind],
    (role, own): Process,
    index: &'a Index<'_>,
) -> impl Iterator<Item = Ends<NaiveDate>> + 'a {
    let events = kinds.iter().flat_map(|kind| index.of_kind(*kind));
    events.filter(move |event| event.entities.get(role) == Some(own)).map(Ends::of)
}
