//! How long a run may take and when it is due: intervals, the last day, extensions and pauses.
//!
//! Invariant: an extension or a pause never changes the original last day; it adds one of its own.

use chrono::NaiveDate;

use crate::calendar::{Limit, LimitError, StartDay, Unit};
use crate::events::EntityRole;
use crate::ids::EventId;
use crate::journey::KnownEvent;
use crate::rules::{DueBy, Extending, Interval, Pause, RuleVersion, Standing};
use crate::time::nth_birthday;

use super::case::Case;
use super::ends::Ends;
use super::found::Placed;
use super::index::possibly_last;
use super::judge::Judge;
use super::limits::Limits;
use super::points::{day_of, days, point};
use super::readings::{AFTER_ALL, BEFORE_ALL, MICROS_OF_HOUR, Point, Span};
use super::run::Run;
use super::verdict::{Due, Limited};
use super::{Evidence, Extension, Why};

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// The limits that this run may have, from either end of its start: that of the first interval that fits, else the
    /// version's own; none where the version has no limit for such a run, so that there is no clock.
    pub(super) fn limits(&self, run: &Run<'_, 'j>, version: &'b RuleVersion) -> Limited {
        if version.intervals.is_empty() {
            return Ok(Limits::only(version.limit));
        }
        let first = self.limit_from(run, version, run.start.earliest)?;
        if run.start.certain().is_some() {
            return Ok(first);
        }
        let last = self.limit_from(run, version, run.start.latest)?;
        Ok(first.or_from(last))
    }

    fn limit_from(&self, run: &Run<'_, 'j>, version: &'b RuleVersion, start: Option<NaiveDate>) -> Limited {
        let mut limits = Limits::default();
        for interval in &version.intervals {
            match self.fits(run, version, interval, start) {
                Ok(true) => return limits.or_else(Some(interval.limit)),
                Ok(false) => {}
                Err(why) => limits.may_be(interval.limit, why),
            }
        }
        limits.or_else(version.limit)
    }

    fn fits(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        interval: &'b Interval,
        start: Option<NaiveDate>,
    ) -> Result<bool, Why> {
        // One condition that surely fails settles it, whatever the others leave open.
        let mut open = None;
        let mut fails = |holds: Result<bool, Why>| match holds {
            Ok(holds) => !holds,
            Err(why) => {
                open = open.or(Some(why));
                false
            }
        };
        if interval.when.iter().any(|standing| fails(self.stands(run, standing, start)))
            || fails(self.none_has_happened(run, version, interval, start))
        {
            return Ok(false);
        }
        for (limit, within) in [(interval.within_first, true), (interval.after_first, false)] {
            if limit
                .is_some_and(|limit| fails(self.is_within_first(run, limit, start).map(|it| it == within)))
            {
                return Ok(false);
            }
        }
        if interval
            .below_age
            .is_some_and(|years| fails(self.is_younger(version, interval.limit, years, start)))
        {
            return Ok(false);
        }
        open.map_or(Ok(true), Err)
    }

    /// Whether none of the events that end an interval has happened by the last day that it gives.
    fn none_has_happened(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        interval: &'b Interval,
        start: Option<NaiveDate>,
    ) -> Result<bool, Why> {
        if interval.before.is_empty() {
            return Ok(true);
        }
        let last = |start| interval.limit.last_day_in_time(start, version.start_day, self.calendar);
        let by = start.map(last).transpose().map_err(not_held)?;
        let by = Ends { earliest: by, latest: by };
        let happened = self.of_case(run.case, &interval.before);
        let begun = interval.before_in.and_then(|role| self.began_in(run.case, role));
        let counts = |at: &Ends<NaiveDate>| {
            !by.surely_before(*at) && !begun.is_some_and(|begun| at.surely_before(begun))
        };
        let mut left = happened.iter().map(|event| Ends::of(event)).filter(counts);
        let Some(first) = left.next() else { return Ok(true) };
        let surely = |at: Ends<NaiveDate>| at.latest.zip(by.earliest).is_some_and(|(at, by)| at <= by);
        let any = surely(first) || left.any(surely);
        if any { Ok(false) } else { Err(Why::DatesNotSettled) }
    }

    /// The days between which a process in a role began: the case's own, or the one to which that belongs.
    fn began_in(&self, case: &Case<'j>, role: EntityRole) -> Option<Ends<NaiveDate>> {
        if self.track.shape.per.role() == Some(role) {
            return Ends::of_first(&case.counted_from);
        }
        let processes = self.around.processes;
        let began = *case.counted_from.first()?;
        let parent = began.entities.get(role).or_else(|| processes.parent_of(began, role))?;
        processes.get(role, parent)?.opened.map(Ends::of)
    }

    /// Whether the start lies within so long of the beginning of its process.
    fn is_within_first(
        &self,
        run: &Run<'_, 'j>,
        limit: Limit,
        start: Option<NaiveDate>,
    ) -> Result<bool, Why> {
        let start = start.ok_or(Why::StartNotKnown)?;
        let begun = Ends::of_first(&run.case.counted_from).unwrap_or(Ends::exact(start));
        let (earliest, latest) = begun.earliest.zip(begun.latest).ok_or(Why::StartNotKnown)?;
        let reaches = |begun: NaiveDate| {
            let last = limit.last_day_in_time(begun, StartDay::IsDayZero, self.calendar).map_err(not_held)?;
            Ok(start < last)
        };
        match (reaches(earliest)?, reaches(latest)?) {
            (one, other) if one == other => Ok(one),
            _ => Err(Why::DatesNotSettled),
        }
    }

    /// Whether the child is below an age on the last day that a limit gives.
    fn is_younger(
        &self,
        version: &'b RuleVersion,
        limit: Limit,
        years: u32,
        start: Option<NaiveDate>,
    ) -> Result<bool, Why> {
        let birthday = self.index.born().and_then(|born| nth_birthday(born, years));
        let birthday = birthday.ok_or(Why::AgeNotKnown)?;
        let start = start.ok_or(Why::StartNotKnown)?;
        let last = limit.last_day_in_time(start, version.start_day, self.calendar).map_err(not_held)?;
        Ok(last < birthday)
    }

    /// Whether the latest event of the kinds named, up to the start of the run, is one of them.
    pub(super) fn stands(
        &self,
        run: &Run<'_, 'j>,
        standing: &'b Standing,
        until: Option<NaiveDate>,
    ) -> Result<bool, Why> {
        if !self.index.has_any(&standing.0) {
            return Ok(false);
        }
        let told = self.told(standing);
        let is_asked = |it: &&Placed<'j>| {
            let begun = Ends::of(it.event).earliest;
            it.is_of(run.case.entity) && begun.zip(until).is_none_or(|(begun, until)| begun <= until)
        };
        let told = || told.iter().filter(is_asked);
        let surely =
            |event: &KnownEvent| Ends::of(event).latest.zip(until).is_some_and(|(at, until)| at <= until);
        let Some(holds) = told().next().map(|first| first.makes_so) else { return Ok(false) };
        if told().all(|it| it.makes_so == holds) {
            let settled = !holds || until.is_none() || told().any(|it| surely(it.event));
            return if settled { Ok(holds) } else { Err(Why::DatesNotSettled) };
        }
        let events: Vec<&KnownEvent> = told().map(|it| it.event).collect();
        let mut last = possibly_last(&events, surely).map(|event| standing.holds(&event.body));
        let Some(holds) = last.next() else { return Ok(false) };
        let surely_any = until.is_none() || events.iter().any(|event| surely(event));
        match (last.any(|other| other != holds), holds && !surely_any) {
            (true, _) => Err(Why::OrderNotKnown),
            (false, true) => Err(Why::DatesNotSettled),
            (false, false) => Ok(holds),
        }
    }

    /// When a run is due that starts at a point.
    pub(super) fn due(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        limit: Limit,
        start: Point,
    ) -> Result<Due, Why> {
        if let Some(due_by) = &self.track.shape.due_by {
            return self.due_by(run, due_by, limit);
        }
        let last = self.last_point(limit, version, start)?;
        let last = self.turned(run, version, start, last)?;
        let again = |last| if run.resumed { self.not_while_replaced(last) } else { last };
        let original = Span { first: again(last.first), last: again(last.last) };
        if limit.unit == Unit::Hours {
            return Ok(Due::on(original, original, false));
        }
        let current = match original.certain() {
            Some(last) => self.extended(run, last),
            None => self.extended(run, original.first).hull(self.extended(run, original.last)),
        };
        let paused = match &self.track.shape.pause {
            None => Some(current),
            Some(pause) => self.paused(run, pause, limit.unit, (start, current))?,
        };
        // While it stands still on the day asked about nothing runs out.
        Ok(Due::on(original, paused.unwrap_or(current), paused.is_none()))
    }

    /// The last day that a turn in the course of a run sets, else the one that stood before; from the first to the last of
    /// both where it is not settled which.
    fn turned(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        start: Point,
        last: Point,
    ) -> Result<Span, Why> {
        let before = Span::exact(last);
        let Some(turned) = &self.track.shape.turned else { return Ok(before) };
        let from = day_of(start);
        let mut settled = true;
        for standing in &turned.when {
            match self.stands(run, standing, Some(from)) {
                Ok(false) => return Ok(before),
                Ok(true) => {}
                Err(_) => settled = false,
            }
        }
        let counts = |at: &Ends<NaiveDate>| {
            at.latest.is_none_or(|at| at > from) && at.earliest.is_none_or(|at| at <= day_of(last))
        };
        let by = self.of_case(run.case, &turned.by);
        match by.into_iter().map(Ends::of).find(counts) {
            None => Ok(before),
            Some(at) => {
                let (earliest, latest) = at.earliest.zip(at.latest).ok_or(Why::DatesNotSettled)?;
                let after = |day| self.last_point(turned.limit, version, point(day));
                let turned = Span { first: after(earliest)?, last: after(latest)? };
                let surely_in_it = settled && earliest > from && latest <= day_of(last);
                Ok(if surely_in_it { turned } else { turned.hull(before) })
            }
        }
    }

    /// The last point in time by a limit alone; one without bound has none either.
    pub(super) fn last_point(
        &self,
        limit: Limit,
        version: &'b RuleVersion,
        start: Point,
    ) -> Result<Point, Why> {
        match (start, limit.unit) {
            (BEFORE_ALL | AFTER_ALL, _) => Ok(start),
            (_, Unit::Hours) => {
                Ok(start.saturating_add(i64::from(limit.amount).saturating_mul(MICROS_OF_HOUR)))
            }
            (_, Unit::WorkingDays | Unit::CalendarDays | Unit::Weeks | Unit::Months | Unit::SchoolTerms) => {
                let last = limit.last_day_in_time(day_of(start), version.start_day, self.calendar);
                last.map(point).map_err(not_held)
            }
        }
    }

    /// The last day that another event sets, the limit counted back from it.
    fn due_by(&self, run: &Run<'_, 'j>, due_by: &'b DueBy, limit: Limit) -> Result<Due, Why> {
        let setting = self.setting(run, due_by);
        let after_start = setting.iter().map(|event| Ends::of(event));
        let mut first: Vec<Option<NaiveDate>> = after_start.clone().map(|at| at.earliest).collect();
        let mut last: Vec<Option<NaiveDate>> = after_start.map(|at| at.latest).collect();
        first.sort_unstable();
        last.sort_unstable_by_key(|day| day.unwrap_or(NaiveDate::MAX));
        let nth = due_by.occurrence - 1;
        let come = first.get(nth).copied().zip(last.get(nth).copied());
        let come = come.map(|(earliest, latest)| days(Ends { earliest, latest }));
        let set = match come {
            Some(come) => Some(come),
            None => self.awaited(run, due_by, first.len())?,
        };
        let Some(set) = set else {
            return Ok(Due::on(Span::UNKNOWN, Span::UNKNOWN, true));
        };
        let back = |end: Point| match end {
            BEFORE_ALL | AFTER_ALL => Ok(end),
            end => limit.counted_back(day_of(end), self.calendar).map(point).ok_or(Why::CalendarNotHeld),
        };
        let last = Span { first: back(set.first)?, last: back(set.last)? };
        let lapsed = come.filter(|_| due_by.lapses);
        Ok(Due { lapsed, ..Due::on(last, last, false) })
    }

    /// The events of a run that set its last day.
    fn setting(&self, run: &Run<'_, 'j>, due_by: &'b DueBy) -> Vec<&'j KnownEvent> {
        let mut setting = self.of_case(run.case, &due_by.events);
        setting.retain(|event| {
            let at = Ends::of(event);
            !at.surely_before(run.start) && run.case.over_before(at).is_none()
        });
        setting
    }

    /// What came without the act that was to be done before it, where nothing can be done any more.
    pub(super) fn lapsed_by(&self, run: &Run<'_, 'j>) -> Option<&'j KnownEvent> {
        let due_by = self.track.shape.due_by.as_ref().filter(|due_by| due_by.lapses)?;
        self.setting(run, due_by).into_iter().nth(due_by.occurrence - 1)
    }

    /// Extensions in practice order, each with the latest end that the rule would let it set. Of several that were granted
    /// on one day the farther end is the later grant: an extension only ever adds to the end before it.
    pub(super) fn extensions(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        limit: Limit,
    ) -> Vec<Extension> {
        let Some(extending) = &self.track.shape.extension else { return Vec::new() };
        let granted = self.granted(run, extending);
        let start = run.start.certain();
        let mut running_end =
            start.and_then(|start| limit.last_day_in_time(start, version.start_day, self.calendar).ok());
        let mut extensions = Vec::new();
        for (event, new_end) in granted {
            let from = running_end.max(event.occurred.day());
            let permitted_to = extending.at_most.zip(from).and_then(|(limit, from)| {
                limit.last_day_in_time(from, StartDay::IsDayZero, self.calendar).ok()
            });
            extensions.push(Extension { granted: Evidence::from(event), new_end, permitted_to });
            running_end = Some(new_end);
        }
        extensions
    }

    /// What extends this run, with the end it sets, in practice order. What was granted before the run began, or ends before
    /// it, extends something else.
    fn granted(&self, run: &Run<'_, 'j>, extending: &'b Extending) -> Vec<(&'j KnownEvent, NaiveDate)> {
        let begun = self.begun(run);
        let extends = |event: &'j KnownEvent| {
            let new_end = extending.new_end(&event.body)?;
            let of_run = begun.earliest.is_none_or(|begun| begun <= new_end);
            (of_run && !Ends::of(event).surely_before(begun)).then_some((event, new_end))
        };
        let events = self.of_case(run.case, std::slice::from_ref(&extending.event));
        let mut granted: Vec<_> = events.into_iter().filter_map(extends).collect();
        for level in granted.chunk_by_mut(|(one, _), (other, _)| one.is_level_with(other)) {
            level.sort_by_key(|(_, new_end)| *new_end);
        }
        granted
    }

    /// The last day with the extensions that are in force: the end of the last one, or, where an uncertain day leaves it
    /// open which is the last, the ends between which it lies. An extension only adds: one to a day before the last day by
    /// the limit alone leaves that day due. Where the start states the day, a later statement takes its place.
    fn extended(&self, run: &Run<'_, 'j>, original: Point) -> Span {
        let granted = self.track.shape.extension.as_ref().map(|it| self.granted(run, it)).unwrap_or_default();
        let Some((_, last)) = granted.last() else { return Span::exact(original) };
        let only_adds = self.track.shape.due_field.is_none();
        let end = |new_end: NaiveDate| if only_adds { point(new_end).max(original) } else { point(new_end) };
        let is_certain = |(event, _): &(&'j KnownEvent, NaiveDate)| Ends::of(event).certain().is_some();
        if granted.iter().all(is_certain) {
            return Span::exact(end(*last));
        }
        let in_force =
            |event: &KnownEvent| Ends::of(event).latest.is_some_and(|at| at <= self.question.as_at);
        let events: Vec<&KnownEvent> = granted.iter().map(|(event, _)| *event).collect();
        let possible: Vec<EventId> = possibly_last(&events, in_force).map(|event| event.event_id).collect();
        let ends = granted.iter().filter(|(event, _)| possible.contains(&event.event_id));
        let ends = ends.map(|(_, new_end)| Span::exact(end(*new_end)));
        let none_yet = (!events.iter().any(|event| in_force(event))).then_some(Span::exact(original));
        ends.chain(none_yet).reduce(Span::hull).unwrap_or(Span::exact(original))
    }

    /// The last day moved by the length of the pauses before it; `None` while it stands still.
    fn paused(
        &self,
        run: &Run<'_, 'j>,
        pause: &'b Pause,
        unit: Unit,
        (start, due): (Point, Span),
    ) -> Result<Option<Span>, Why> {
        let (from, to) = (self.of_case(run.case, &pause.from), self.of_case(run.case, &pause.to));
        if !due.is_certain() || matches!(due.first, BEFORE_ALL | AFTER_ALL) {
            return Ok(Some(due));
        }
        let (mut due, mut after) = (day_of(due.first), day_of(start));
        for began in from {
            let began = Ends::of(began).certain().ok_or(Why::DatesNotSettled)?;
            if began < after || began > due {
                continue;
            }
            let mut ends = to.iter().filter_map(|end| Ends::of(end).certain());
            let Some(end) = ends.find(|end| *end >= began) else { return Ok(None) };
            due = self.moved(due, began, end, unit)?;
            after = end;
        }
        Ok(Some(Span::exact(point(due))))
    }

    fn moved(&self, due: NaiveDate, began: NaiveDate, end: NaiveDate, unit: Unit) -> Result<NaiveDate, Why> {
        let (length, unit) = match unit {
            Unit::WorkingDays => {
                let between = self.calendar.working_days_between(began, end);
                (between.map_err(|_| Why::CalendarNotHeld)?, Unit::WorkingDays)
            }
            Unit::CalendarDays | Unit::Weeks | Unit::Months | Unit::Hours | Unit::SchoolTerms => {
                (end.signed_duration_since(began).num_days(), Unit::CalendarDays)
            }
        };
        let limit = Limit::new(u32::try_from(length).map_err(|_| Why::DatesNotSettled)?, unit);
        limit.last_day_in_time(due, StartDay::IsDayZero, self.calendar).map_err(not_held)
    }
}

fn not_held(error: LimitError) -> Why {
    match error {
        LimitError::NeedsTimeOfDay { .. } => Why::NeedsTimeOfDay,
        LimitError::OutOfRange { .. } | LimitError::Calendar(_) => Why::CalendarNotHeld,
    }
}
