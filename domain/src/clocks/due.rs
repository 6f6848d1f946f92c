//! How long a run may take and when it is due: intervals, the last day, extensions and pauses.
//!
//! Invariant: an extension or a pause never changes the original last day; it adds one of its own.

use chrono::NaiveDate;

use crate::calendar::{Limit, LimitError, StartDay, Unit};
use crate::ids::EventId;
use crate::journey::KnownEvent;
use crate::rules::{DueBy, Extending, Interval, Pause, RuleVersion, Standing};
use crate::time::nth_birthday;

use super::ends::Ends;
use super::index::possibly_last;
use super::judge::{Due, Judge, Run};
use super::{Evidence, Extension, Why};

impl<'j> Judge<'_, '_, 'j> {
    /// The limit for this run: that of the first interval that fits, else the version's own. `Ok(None)` where the version
    /// has no limit for such a run, so that there is no clock.
    pub(super) fn limit(&self, run: &Run<'_, 'j>, version: &RuleVersion) -> Result<Option<Limit>, Why> {
        for interval in &version.intervals {
            if self.fits(run, version, interval)? {
                return Ok(Some(interval.limit));
            }
        }
        Ok(version.limit)
    }

    fn fits(&self, run: &Run<'_, 'j>, version: &RuleVersion, interval: &Interval) -> Result<bool, Why> {
        for standing in &interval.when {
            if !self.stands(run, standing)? {
                return Ok(false);
            }
        }
        let happened = self.of_case(run.case, &interval.before);
        if happened.iter().any(|event| !run.start.surely_before(Ends::of(event))) {
            return Ok(false);
        }
        let begun = Ends::of_first(&run.case.counted_from).unwrap_or(run.start).certain();
        let start = run.start.certain();
        let reach = |limit: Limit| {
            let (begun, start) = begun.zip(start).ok_or(Why::StartNotKnown)?;
            let last = limit.last_day_in_time(begun, StartDay::IsDayZero, self.calendar).map_err(not_held)?;
            Ok((start, last))
        };
        if let Some(limit) = interval.within_first {
            let (start, last) = reach(limit)?;
            if start >= last {
                return Ok(false);
            }
        }
        if let Some(limit) = interval.after_first {
            let (start, last) = reach(limit)?;
            if start < last {
                return Ok(false);
            }
        }
        match interval.below_age {
            None => Ok(true),
            Some(years) => self.is_younger(run, version, interval.limit, years),
        }
    }

    /// Whether the child is below an age on the last day that a limit gives.
    fn is_younger(
        &self,
        run: &Run<'_, 'j>,
        version: &RuleVersion,
        limit: Limit,
        years: u32,
    ) -> Result<bool, Why> {
        let birthday = self.index.born().and_then(|born| nth_birthday(born, years));
        let birthday = birthday.ok_or(Why::AgeNotKnown)?;
        let last = |start: NaiveDate| limit.last_day_in_time(start, version.start_day, self.calendar);
        let (earliest, latest) = run.start.earliest.zip(run.start.latest).ok_or(Why::StartNotKnown)?;
        match (last(earliest).map_err(not_held)? < birthday, last(latest).map_err(not_held)? < birthday) {
            (one, other) if one == other => Ok(one),
            _ => Err(Why::DatesNotSettled),
        }
    }

    /// Whether the latest event of the kinds named, up to the start of the run, is one of them.
    fn stands(&self, run: &Run<'_, 'j>, standing: &Standing) -> Result<bool, Why> {
        let until = run.start.latest;
        let role = self.track.shape.per.role();
        let asked = |event: &&'j KnownEvent| {
            let own = role.is_none_or(|role| event.entities.get(role) == Some(run.case.entity));
            let of_child = standing.0.iter().any(|one| one.of_child && one.kind == event.kind());
            let begun = Ends::of(event).earliest;
            (own || of_child) && begun.zip(until).is_none_or(|(begun, until)| begun <= until)
        };
        let surely =
            |event: &KnownEvent| Ends::of(event).latest.zip(until).is_some_and(|(at, until)| at <= until);
        let events: Vec<&KnownEvent> = self.index.of_kinds(&standing.0).into_iter().filter(asked).collect();
        let mut told = possibly_last(&events, surely).map(|event| standing.holds(&event.body));
        let Some(holds) = told.next() else { return Ok(false) };
        let surely_any = until.is_none() || events.iter().any(|event| surely(event));
        match (told.any(|other| other != holds), holds && !surely_any) {
            (true, _) => Err(Why::OrderNotKnown),
            (false, true) => Err(Why::DatesNotSettled),
            (false, false) => Ok(holds),
        }
    }

    pub(super) fn due(&self, run: &Run<'_, 'j>, version: &RuleVersion, limit: Limit) -> Result<Due, Why> {
        if let Some(due_by) = &self.track.shape.due_by {
            return self.due_by(run, due_by, limit);
        }
        if limit.unit == Unit::Hours {
            let start = run.started_by.occurred.instant().ok_or(Why::NeedsTimeOfDay)?;
            let moment = limit.last_moment_in_time(start).ok_or(Why::CalendarNotHeld)?;
            let day = Ends::exact(crate::time::london_day(moment));
            return Ok(Due { original: day, current: day, moment: Some(moment), open_ended: false });
        }
        if run.start == (Ends { earliest: None, latest: None }) {
            return Err(Why::StartNotKnown);
        }
        let last = |start: Option<NaiveDate>| match start {
            None => Ok(None),
            Some(start) => limit.last_day_in_time(start, version.start_day, self.calendar).map(Some),
        };
        let earliest = last(run.start.earliest).map_err(not_held)?;
        let latest = last(run.start.latest).map_err(not_held)?;
        let original = Ends { earliest, latest };
        let current = self.extended(run, original);
        let current = match &self.track.shape.pause {
            None => current,
            Some(pause) => match self.paused(run, pause, limit.unit, current)? {
                Some(current) => current,
                // It stands still on the day asked about: nothing runs out.
                None => return Ok(Due { original, current, moment: None, open_ended: true }),
            },
        };
        Ok(Due { original, current, moment: None, open_ended: false })
    }

    /// The last day that another event sets, the limit counted back from it.
    fn due_by(&self, run: &Run<'_, 'j>, due_by: &DueBy, limit: Limit) -> Result<Due, Why> {
        let setting = self.of_case(run.case, &due_by.events);
        let after_start = |event: &&&'j KnownEvent| !Ends::of(event).surely_before(run.start);
        let nothing = Ends { earliest: None, latest: None };
        let Some(event) = setting.iter().filter(after_start).nth(due_by.occurrence - 1) else {
            return Ok(Due { original: nothing, current: nothing, moment: None, open_ended: true });
        };
        let back = |end: Option<NaiveDate>| match end {
            None => Ok(None),
            Some(end) => limit.counted_back(end, self.calendar).map(Some).ok_or(Why::CalendarNotHeld),
        };
        let at = Ends::of(event);
        let last = Ends { earliest: back(at.earliest)?, latest: back(at.latest)? };
        Ok(Due { original: last, current: last, moment: None, open_ended: false })
    }

    /// Extensions in practice order, each with the latest end that the rule would let it set. Of several that were granted
    /// on one day the farther end is the later grant: an extension only ever adds to the end before it.
    pub(super) fn extensions(
        &self,
        run: &Run<'_, 'j>,
        version: &RuleVersion,
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
    fn granted(&self, run: &Run<'_, 'j>, extending: &Extending) -> Vec<(&'j KnownEvent, NaiveDate)> {
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
    /// open which is the last, the ends between which it lies.
    fn extended(&self, run: &Run<'_, 'j>, original: Ends<NaiveDate>) -> Ends<NaiveDate> {
        let granted = self.track.shape.extension.as_ref().map(|it| self.granted(run, it)).unwrap_or_default();
        let Some((_, last)) = granted.last() else { return original };
        let is_certain = |(event, _): &(&'j KnownEvent, NaiveDate)| Ends::of(event).certain().is_some();
        if granted.iter().all(is_certain) {
            return Ends::exact(*last);
        }
        let in_force =
            |event: &KnownEvent| Ends::of(event).latest.is_some_and(|at| at <= self.question.as_at);
        let events: Vec<&KnownEvent> = granted.iter().map(|(event, _)| *event).collect();
        let possible: Vec<EventId> = possibly_last(&events, in_force).map(|event| event.event_id).collect();
        let ends =
            granted.iter().filter(|(event, _)| possible.contains(&event.event_id)).map(|(_, end)| *end);
        let original = Some(original).filter(|_| !events.iter().any(|event| in_force(event)));
        let ends: Vec<NaiveDate> = ends.collect();
        Ends {
            earliest: ends.iter().copied().chain(original.and_then(|it| it.earliest)).min(),
            latest: ends.iter().copied().chain(original.and_then(|it| it.latest)).max(),
        }
    }

    /// The last day moved by the length of the pauses before it; `None` while it stands still.
    fn paused(
        &self,
        run: &Run<'_, 'j>,
        pause: &Pause,
        unit: Unit,
        due: Ends<NaiveDate>,
    ) -> Result<Option<Ends<NaiveDate>>, Why> {
        let (from, to) = (self.of_case(run.case, &pause.from), self.of_case(run.case, &pause.to));
        let Some(mut due) = due.certain() else { return Ok(Some(due)) };
        let mut after = run.start.certain().unwrap_or(NaiveDate::MIN);
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
        Ok(Some(Ends::exact(due)))
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
