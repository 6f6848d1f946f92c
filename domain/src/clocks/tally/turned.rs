//! What a later record turned from late to in time, and by what: a late entry is one thing, another date is another.

use chrono::NaiveDate;

use crate::events::CaseEvent;
use crate::journey::{Change, KnownEvent, Lateness, entered_on};
use crate::time::london_day;

use super::members::Member;
use crate::clocks::{Clock, State};

/// What turned an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TurnedBy {
    /// What stopped the clock was entered beyond the local standard of recording.
    EnteredLate,
    /// What stopped it was given another day.
    DateChanged,
    /// What stopped it was corrected in another way, or had been withdrawn.
    OtherwiseCorrected,
}

impl TurnedBy {
    /// The heading under which it is counted.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EnteredLate => "entered_late",
            Self::DateChanged => "date_changed",
            Self::OtherwiseCorrected => "otherwise_corrected",
        }
    }
}

/// Whether a clock is in time as it is known now, and what stopped it became known, or was corrected, only after its last
/// day. A clock that repeats another's answer has turned nothing of its own.
pub(super) fn may_have_turned(clock: &Clock<'_>) -> bool {
    let is_asked = clock.state == State::Met && !clock.marks.repeated && !clock.marks.in_gap;
    let stopped = clock.due_on.zip(clock.stop).filter(|_| is_asked);
    stopped.is_some_and(|(due, stop)| due < london_day(stop.known_since))
}

/// What turned the clock of a member from late to in time; `None` where nothing did.
pub(super) fn turned(member: &Member<'_, '_, '_>) -> Option<TurnedBy> {
    let clock = member.clock.filter(|clock| may_have_turned(clock))?;
    let (due, event) = clock.due_on.zip(member.stop)?;
    let before = before_amendments(event, due);
    let told = before.map_or(event.occurred, |before| before.occurred);
    if before.is_some() && told.latest_day().is_none_or(|day| day > due) {
        return Some(TurnedBy::DateChanged);
    }
    // Known only since later, as by a file imported years on, is not entered later.
    if entered_on(event).is_some_and(|entered| entered > due) {
        return Lateness::of(event).filter(Lateness::is_late).map(|_| TurnedBy::EnteredLate);
    }
    let counted = before.is_none_or(|before| stops(clock, event, before));
    (is_reinstated(event, due) || !counted).then_some(TurnedBy::OtherwiseCorrected)
}

/// The event as it was known before the first correction that became known after a day; `None` where there is none.
fn before_amendments(event: &KnownEvent, day: NaiveDate) -> Option<&CaseEvent> {
    let later = event.amendments.iter().filter(|amendment| london_day(amendment.known_since) > day);
    let mut before = later.filter_map(|amendment| match &amendment.change {
        Change::Corrected { before } => Some(before.as_ref()),
        Change::Withdrawn | Change::Reinstated => None,
    });
    before.next()
}

fn is_reinstated(event: &KnownEvent, after: NaiveDate) -> bool {
    let later = |it: &&crate::journey::Amendment| london_day(it.known_since) > after;
    let mut standing = event.amendments.iter().filter(|it| !matches!(it.change, Change::Corrected { .. }));
    let last = standing.rfind(|it| !later(it));
    last.is_some_and(|last| last.change == Change::Withdrawn)
}

/// Whether an event stopped the clock as it was known before it was corrected.
fn stops(clock: &Clock<'_>, event: &KnownEvent, before: &CaseEvent) -> bool {
    let shapes = clock.rule.clocks(clock.version).iter().filter(|shape| shape.per == clock.per);
    let of_process = before.entities == event.entities;
    of_process && shapes.flat_map(|shape| &shape.stop).any(|stop| stop.matches(&before.body))
}
