//! Whether a period of care is a series of short breaks, by the one definition ([`ShortBreaks`]).

use chrono::NaiveDate;

use crate::events::{EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::rules::{EventMatch, Field, ShortBreaks, Subject};

use super::case::{Case, lies_at_start};
use super::ends::Ends;
use super::index::Index;
use super::judge::Judge;
use super::run::Run;
use super::whichever::of_both;
use super::{Clock, State, Why};

impl<'j> Index<'j> {
    /// With what a period of care began that began as a series of short breaks; `None` where it did not.
    pub(super) fn began_in_short_breaks(&self, began: &'j KnownEvent) -> Option<&'j KnownEvent> {
        let period = began.entities.get(EntityRole::PeriodOfCare);
        let mut marks = self.series_begun().iter().copied();
        marks.find(|mark| is_of(mark, period) && lies_at_start(mark, Ends::of(began)))
    }

    /// The change that made care of what began as a series of short breaks; `None` while it is one.
    pub(super) fn became_care(&self, period: Option<EntityId>, began: &KnownEvent) -> Option<&'j KnownEvent> {
        let mut changes = self.matching(std::slice::from_ref(&ShortBreaks::definition().care)).into_iter();
        let is_own =
            |change: &KnownEvent| period.is_some() && change.entities.get(EntityRole::PeriodOfCare) == period;
        changes.find(|change| {
            let follows = || began.is_surely_before(change);
            // What names the period is of it, on whatever of its days that began.
            is_of(change, period) && (follows() || is_own(change) && !change.is_surely_before(began))
        })
    }

    /// Whether a placement that is marked as a short break is respite of a child who is in care as any other: the period of
    /// care began with another legal status than those of a series.
    pub(super) fn is_respite_in_care(&self, event: &KnownEvent) -> bool {
        if event.kind() != Kind::PlacementStarted {
            return false;
        }
        let definition = ShortBreaks::definition();
        let states_another = |began: &KnownEvent| {
            let status = Field::of(&began.body, "legal_status");
            status != Field::Absent && !definition.status.holds(&began.body)
        };
        self.care_around(event).is_some_and(states_another)
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
        if !self.tells_of_short_breaks() {
            return Some(false);
        }
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
        let is_respite = |mark: &KnownEvent| period.is_some() && self.is_respite_in_care(mark);
        let mut marked = marked.into_iter().filter(|mark| names(mark) && !is_respite(mark));
        let began_so = marked.any(|mark| lies_at_start(mark, Ends::of(began)));
        let changed = || {
            let change = self.became_care(period.map(|_| process), began);
            change.is_some_and(|change| Ends::of(change).latest.is_some_and(|at| at <= day))
        };
        if began_so && !changed() { Some(true) } else { by_status }
    }

    /// Whether an event is about care and no series of short breaks, where a rule asks for that.
    pub(super) fn is_about_care(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        if one.made_care {
            return self.made_care(event);
        }
        let Some(began) = Some(event).filter(|_| one.care).and_then(|event| self.care_around(event)) else {
            return true;
        };
        let period = began.entities.get(EntityRole::PeriodOfCare);
        if event.kind() == Kind::LegalStatusChanged {
            return self.made_care(event);
        }
        let Some(series) = self.began_in_short_breaks(began) else { return true };
        let came_before = |change: &KnownEvent| !event.is_surely_before(change);
        event.kind() != Kind::BecameLookedAfter && self.became_care(period, series).is_some_and(came_before)
    }

    /// Whether an event is the change that made care of what is known to have begun as a series of short breaks.
    fn made_care(&self, event: &KnownEvent) -> bool {
        let change = self.care_around(event).and_then(|began| self.series_became_care(began));
        change.is_some_and(|change| change.event_id == event.event_id)
    }

    /// The change that made care of a period of care, where that began as a series of short breaks.
    fn series_became_care(&self, began: &'j KnownEvent) -> Option<&'j KnownEvent> {
        let series = self.began_in_short_breaks(began)?;
        self.became_care(began.entities.get(EntityRole::PeriodOfCare), series)
    }

    /// The event that began the period of care that another event names, or else the last one before it.
    fn care_around(&self, event: &KnownEvent) -> Option<&'j KnownEvent> {
        match event.entities.get(EntityRole::PeriodOfCare) {
            Some(period) => self.care_began(period),
            None => self.of_kind(Kind::BecameLookedAfter).rfind(|began| !event.is_surely_before(began)),
        }
    }
}

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// The change that made care of the series of short breaks in which the process of a case began: the period of care
    /// itself, or a placement that ran when it came. `None` where the rule does not leave such a series out.
    pub(super) fn became_care(&self, case: &Case<'j>) -> Option<&'j KnownEvent> {
        match self.track.shape.per {
            _ if !self.track.shape.leaves_out_short_breaks || self.index.series_begun().is_empty() => None,
            Subject::Process(EntityRole::PeriodOfCare) => {
                let began = case.not_applicable.iter().find(|event| self.is_of_series(event))?;
                self.index.became_care(Some(case.entity), began)
            }
            Subject::Process(EntityRole::Placement) => {
                let placement = self.around.processes.get(EntityRole::Placement, case.entity)?;
                let opened = placement.opened?;
                let change = self.index.series_became_care(self.index.care_around(opened)?)?;
                let is_over = placement.end().is_some_and(|end| lies_at_start(end.event, Ends::of(change)));
                (opened.is_surely_before(change) && !is_over).then_some(change)
            }
            Subject::Process(_) | Subject::Child | Subject::Event => None,
        }
    }

    /// The clock of the last act in a period of care that began as short breaks: counted from their beginning, what is asked
    /// after that act is overdue. It is so whichever it is where a rule that goes before this one is overdue counted from
    /// the change. `own` is the state where it counts from the beginning.
    pub(super) fn overdue_either_way(
        &self,
        run: &Run<'_, 'j>,
        own: Option<State>,
        clock: Clock<'b>,
    ) -> Clock<'b> {
        let change = self.became_care(run.case).filter(|change| !self.is_asked_since(run, change));
        let Some(change) = change.filter(|_| own == Some(State::Overdue) && run.either.is_none()) else {
            return clock;
        };
        let entity = run.case.entity;
        let overdue = |clocks: Vec<Clock<'b>>| clocks.into_iter().find(|other| other.state == State::Overdue);
        // What the rule before it says already is not said again.
        if overdue(self.before_it(entity, None)).is_some() {
            return clock;
        }
        match overdue(self.before_it(entity, Some(change))) {
            Some(other) => of_both(Clock { state: State::Overdue, ..clock }, &other, Why::StartNotKnown),
            None => clock,
        }
    }

    /// Whether an event begins or marks a series of short breaks.
    pub(super) fn is_of_series(&self, event: &KnownEvent) -> bool {
        self.index.is_named(&ShortBreaks::definition().beginnings, event)
    }

    /// Whether a run starts with an act that certainly was done in care, and for a later occurrence so many of them were: it
    /// is the same duty then, whether they are counted from the beginning of the series or from the change.
    pub(super) fn is_asked_since(&self, run: &Run<'_, 'j>, change: &KnownEvent) -> bool {
        let care = Ends::of(change).latest;
        let is_in_care = |at: Ends<NaiveDate>| care.zip(at.earliest).is_some_and(|(change, at)| change <= at);
        let stops = run.case.stops.iter().take(run.occurrence);
        let acts = stops.filter(|stop| stop.sure && is_in_care(Ends::of(stop.event))).count();
        let wanted = self.track.shape.chain.map_or(0, |chain| chain.from_occurrence);
        is_in_care(self.begun(run)) && (wanted < 2 || acts >= wanted)
    }
}

/// Whether an event is of a period of care: it names it, or none.
fn is_of(event: &KnownEvent, period: Option<EntityId>) -> bool {
    let named = event.entities.get(EntityRole::PeriodOfCare);
    period.is_none() || named.is_none_or(|named| Some(named) == period)
}
