//! Whether a period of care is a series of short breaks, by the one definition ([`ShortBreaks`]).

use chrono::NaiveDate;

use crate::events::{EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::rules::{EventMatch, ShortBreaks};

use super::case::lies_at_start;
use super::ends::Ends;
use super::index::Index;

impl<'j> Index<'j> {
    /// With what a period of care began that began as a series of short breaks; `None` where it did not.
    pub(super) fn began_in_short_breaks(&self, began: &'j KnownEvent) -> Option<&'j KnownEvent> {
        let period = began.entities.get(EntityRole::PeriodOfCare);
        let mut marks = self.matching(&ShortBreaks::definition().beginnings).into_iter();
        marks.find(|mark| is_of(mark, period) && lies_at_start(mark, Ends::of(began)))
    }

    /// The change that made care of what began as a series of short breaks; `None` while it is one.
    pub(super) fn became_care(&self, period: Option<EntityId>, began: &KnownEvent) -> Option<&'j KnownEvent> {
        let mut changes = self.matching(std::slice::from_ref(&ShortBreaks::definition().care)).into_iter();
        changes.find(|change| is_of(change, period) && began.is_surely_before(change))
    }

    /// Whether a child is in a series of short breaks on a day: by the legal status that stands, or because the period of
    /// care, or what else a figure counts, began with a placement of one and no other status came since. `None` where the
    /// dates do not settle it.
    pub(super) fn is_in_short_breaks(
        &self,
        process: Option<EntityId>,
        event: &'j KnownEvent,
        day: NaiveDate,
    ) -> Option<bool> {
        let definition = ShortBreaks::definition();
        let by_status = self.stands(&definition.status, day);
        if by_status == Some(true) {
            return by_status;
        }
        let Some(process) = process else { return by_status };
        let period = self.care_began(process);
        let began = period.unwrap_or(event);
        let names = |mark: &KnownEvent| mark.entities.iter().any(|(_, named)| named == process);
        let marked = self.matching(std::slice::from_ref(&definition.placement));
        let began_so = marked.into_iter().any(|mark| names(mark) && lies_at_start(mark, Ends::of(began)));
        let changed = || {
            let change = self.became_care(period.map(|_| process), began);
            change.is_some_and(|change| Ends::of(change).latest.is_some_and(|at| at <= day))
        };
        if began_so && !changed() { Some(true) } else { by_status }
    }

    /// Whether an event is about care and no series of short breaks, where a rule asks for that.
    pub(super) fn is_about_care(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        let Some(began) = Some(event).filter(|_| one.care).and_then(|event| self.care_around(event)) else {
            return true;
        };
        let period = began.entities.get(EntityRole::PeriodOfCare);
        let Some(series) = self.began_in_short_breaks(began) else {
            return event.kind() != Kind::LegalStatusChanged;
        };
        let changed = self.became_care(period, series);
        let is_the_change = |change: &KnownEvent| change.event_id == event.event_id;
        let came_before = |change: &KnownEvent| !event.is_surely_before(change);
        if event.kind() == Kind::LegalStatusChanged {
            changed.is_some_and(is_the_change)
        } else {
            event.kind() != Kind::BecameLookedAfter && changed.is_some_and(came_before)
        }
    }

    /// The event that began the period of care that another event names, or else the last one before it.
    fn care_around(&self, event: &KnownEvent) -> Option<&'j KnownEvent> {
        match event.entities.get(EntityRole::PeriodOfCare) {
            Some(period) => self.care_began(period),
            None => self.of_kind(Kind::BecameLookedAfter).rfind(|began| !event.is_surely_before(began)),
        }
    }
}

/// Whether an event is of a period of care: it names it, or none.
fn is_of(event: &KnownEvent, period: Option<EntityId>) -> bool {
    let named = event.entities.get(EntityRole::PeriodOfCare);
    period.is_none() || named.is_none_or(|named| Some(named) == period)
}
