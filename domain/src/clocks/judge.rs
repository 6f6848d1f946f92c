//! From the events of one process to the state of its clock.
//!
//! The order of the questions is fixed: is the rule asked at all, is the start known, which version stands, is what it
//! waits for recorded here at all, is the history whole where the answer lies, and only then: in time or not. So no gap and
//! no uncertain date can end as `met` or `late`.

use std::cell::Cell;

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::{Limit, Measure, Unit, WorkingCalendar};
use crate::journey::{Coverage, KnownEvent};
use crate::rules::{Bound, Chain, EarlyStop, EventMatch, Field, RuleVersion, Subject, UnlinkedStops};

use super::case::{Case, Cases};
use super::compiled::Track;
use super::ends::{Against, Ends};
use super::index::Index;
use super::{Clock, Evidence, Marks, Question, State, Why};

/// What does not change between the processes of one clock.
pub(super) struct Judge<'a, 'b, 'j> {
    pub(super) track: &'a Track<'b>,
    cases: &'a Cases<'j>,
    pub(super) index: &'a Index<'j>,
    coverage: &'a Coverage,
    pub(super) question: &'a Question<'a>,
    pub(super) calendar: &'a WorkingCalendar,
    /// The last complete stretch of history that was found, first and last day, the same for every stop.
    complete: Cell<Option<(NaiveDate, NaiveDate)>>,
    /// Whether anything that would stop the clock is recorded by this authority, or held by a source of this child.
    stops_are_recorded: bool,
}

/// One run of a clock: where it starts and what could stop it.
pub(super) struct Run<'r, 'j> {
    pub(super) case: &'r Case<'j>,
    occurrence: usize,
    pub(super) start: Ends<NaiveDate>,
    pub(super) started_by: &'j KnownEvent,
    counts_from: Option<NaiveDate>,
    stops: &'r [&'j KnownEvent],
}

/// When a run is due, at both ends of its start.
#[derive(Clone, Copy)]
pub(super) struct Due {
    pub(super) original: Ends<NaiveDate>,
    /// With extensions and pauses.
    pub(super) current: Ends<NaiveDate>,
    /// For a limit in hours.
    pub(super) moment: Option<DateTime<Utc>>,
    /// Nothing sets a last day yet.
    pub(super) open_ended: bool,
}

impl<'a, 'b, 'j> Judge<'a, 'b, 'j> {
    pub(super) fn new(
        track: &'a Track<'b>,
        cases: &'a Cases<'j>,
        index: &'a Index<'j>,
        coverage: &'a Coverage,
        question: &'a Question<'a>,
    ) -> Self {
        let calendar = question.working();
        let mut stops = track.shape.stop.iter().map(|stop| stop.kind);
        let stops_are_recorded = stops.any(|kind| question.recorded.contains(kind) || coverage.names(kind));
        let complete = Cell::new(None);
        Self { track, cases, index, coverage, question, calendar, complete, stops_are_recorded }
    }

    /// Adds the clocks of one process: one, or one per link of a chain; none where nothing started it or no version stood.
    pub(super) fn clocks(&self, case: &Case<'j>, to: &mut Vec<Clock<'b>>) {
        let asked_by = &self.track.shape.asked_by;
        if !asked_by.is_empty() && self.of_case(case, asked_by).is_empty() {
            return;
        }
        match self.track.shape.chain {
            None => to.extend(self.single(case).and_then(|run| self.judge(&run))),
            Some(chain) => self.links(case, chain, to),
        }
    }

    /// The events of one case that a rule names, in practice order.
    pub(super) fn of_case(&self, case: &Case<'j>, matches: &[EventMatch]) -> Vec<&'j KnownEvent> {
        if !self.index.has_any(matches) {
            return Vec::new();
        }
        let belongs = |event: &&'j KnownEvent| match self.track.shape.per {
            Subject::Child | Subject::Event => true,
            Subject::Process(role) => {
                event.entities.get(role) == Some(case.entity)
                    || matches.iter().any(|one| one.of_child && one.kind == event.kind())
            }
        };
        self.index.matching(matches).into_iter().filter(belongs).collect()
    }

    fn single<'r>(&self, case: &'r Case<'j>) -> Option<Run<'r, 'j>> {
        let shape = self.track.shape;
        let starts = case.start();
        let started_by = *starts.first()?;
        if let Some(birthday) = shape.birthday {
            let skipped: Vec<_> = self.of_case(case, &shape.not_applicable);
            let role = crate::events::EntityRole::PeriodOfCare;
            let skipped: Vec<_> = skipped.iter().filter_map(|event| event.entities.get(role)).collect();
            let (day, started_by) = self.index.start_of(birthday, &skipped, self.question.as_at)?;
            let (start, counts_from) = (Ends::exact(day), Some(day));
            return Some(Run { case, occurrence: 0, start, started_by, counts_from, stops: &case.stops });
        }
        if let Some(field) = &shape.due_field {
            let stated = |event: &&'j KnownEvent| Field::of(&event.body, field).day();
            let first = stated(&started_by)?;
            // Where two that began it on one day state different days, the answer has to be the same for both.
            let level = starts.iter().filter(|event| event.is_level_with(started_by)).filter_map(stated);
            let (earliest, latest) = level.fold((first, first), |(a, b), day| (a.min(day), b.max(day)));
            let start = Ends { earliest: Some(earliest), latest: Some(latest) };
            let counts_from = start.certain();
            return Some(Run { case, occurrence: 0, start, started_by, counts_from, stops: &case.stops });
        }
        let start = Ends::of_first(starts)?;
        Some(Run { case, occurrence: 0, start, started_by, counts_from: None, stops: &case.stops })
    }

    /// Each link runs from one actual occurrence to the next.
    fn links(&self, case: &Case<'j>, chain: Chain, to: &mut Vec<Clock<'b>>) {
        let links = if chain.repeats { usize::MAX } else { 1 };
        let starts = (1..).zip(&case.stops).skip(chain.from_occurrence - 1).take(links);
        for (occurrence, started_by) in starts {
            let next = case.stops.get(occurrence..).unwrap_or_default();
            let stops = next.get(..1).unwrap_or_default();
            let start = Ends::of(started_by);
            to.extend(self.judge(&Run { case, occurrence, start, started_by, counts_from: None, stops }));
        }
    }

    fn judge(&self, run: &Run<'_, 'j>) -> Option<Clock<'b>> {
        let stop = self.stop_of(run);
        let (version, settled) = self.version(run, stop)?;
        let limit = self.limit(run, version);
        let (limit, known) = match limit {
            Ok(limit) => (limit?, Ok(())),
            Err(why) => (version.intervals.first()?.limit, Err(why)),
        };
        let settled = settled.and(known);
        let mut clock = self.clock(run, version, limit);
        let due = self.due(run, version, limit);
        // Where it is not settled which limit counts, no last day is.
        if let (Ok(()), Ok(due)) = (settled, &due) {
            clock.original_due_on = due.original.certain();
            clock.due_on = due.current.certain();
            clock.due_at = due.moment;
        }
        clock.state = match (settled, due) {
            _ if self.track.shape.birthday.is_none() && !run.case.not_applicable.is_empty() => {
                clock.closed_by = run.case.not_applicable.first().map(|event| Evidence::from(*event));
                State::NotApplicable
            }
            (Err(why), _) | (Ok(()), Err(why)) => State::CannotTell(why),
            (Ok(()), Ok(due)) => self.state(run, version, due, stop, &mut clock),
        };
        clock.state = relaxed(version, clock.state);
        self.measure(run, stop, &mut clock);
        Some(clock)
    }

    fn clock(&self, run: &Run<'_, 'j>, version: &'b RuleVersion, limit: Limit) -> Clock<'b> {
        Clock {
            rule: self.track.rule,
            version,
            per: self.track.shape.per,
            entity: run.case.entity,
            occurrence: run.occurrence,
            start: Evidence::from(run.started_by),
            counts_from: run.counts_from,
            limit,
            original_due_on: None,
            due_on: None,
            due_at: None,
            stop: self.stopped_by(run).map(Evidence::from),
            closed_by: None,
            state: State::CannotTell(Why::StartNotKnown),
            used: None,
            allowed: None,
            extensions: self.extensions(run, version, limit),
            delay_reasons: Vec::new(),
            marks: Marks::default(),
        }
    }

    /// The version that stands for this start, and whether the dates settle which. `None` where none stood, or where the
    /// one that stood has clocks of its own.
    fn version(
        &self,
        run: &Run<'_, 'j>,
        stop: Option<Ends<NaiveDate>>,
    ) -> Option<(&'b RuleVersion, Result<(), Why>)> {
        let rule = self.track.rule;
        let act_on = stop.and_then(|stop| stop.latest).or(Some(self.question.as_at));
        let at = |day| rule.version_for(day, act_on, self.calendar);
        let (version, settled) = match (run.start.earliest, run.start.latest) {
            (None, None) => (rule.versions.last()?, Err(Why::StartNotKnown)),
            (Some(day), None) | (None, Some(day)) => (at(day)?, Ok(())),
            (Some(earliest), Some(latest)) => match (at(earliest), at(latest)) {
                (Some(one), Some(other)) if one.name == other.name => (one, Ok(())),
                (None, None) => return None,
                (one, other) => (other.or(one)?, Err(Why::VersionNotSettled)),
            },
        };
        std::ptr::eq(rule.clocks(version), self.track.shapes).then_some((version, settled))
    }

    /// Stops that do not certainly lie before the start, or all of them where an early one says something.
    fn usable<'r>(&self, run: &'r Run<'_, 'j>) -> impl Iterator<Item = &'j KnownEvent> + use<'r, 'j> {
        let (start, early_too) = (run.start, self.early_stops_count());
        run.stops.iter().copied().filter(move |stop| early_too || !Ends::of(stop).surely_before(start))
    }

    /// The days between which the run began; a day stated in the start event may be one that lies far ahead of it.
    pub(super) fn begun(&self, run: &Run<'_, 'j>) -> Ends<NaiveDate> {
        if self.track.shape.due_field.is_some() { Ends::of(run.started_by) } else { run.start }
    }

    fn early_stops_count(&self) -> bool {
        // A day stated in the start event is where the limit counts from, not where the work begins.
        self.track.shape.early_stop != EarlyStop::CannotTell
            || self.track.shape.due_by.is_some()
            || self.track.shape.due_field.is_some()
    }

    fn stopped_by(&self, run: &Run<'_, 'j>) -> Option<&'j KnownEvent> {
        self.usable(run).next()
    }

    /// The days between which the first stop lies that is not before the start. Of several stops, one that may lie before
    /// the start does not say that it was over by then; where all of them may, one of them is taken not to.
    fn stop_of(&self, run: &Run<'_, 'j>) -> Option<Ends<NaiveDate>> {
        let may_be_before = |stop: &KnownEvent| {
            let at = Ends::of(stop);
            at.earliest.is_none_or(|stop| run.start.latest.is_none_or(|start| stop < start))
        };
        let first = self.usable(run).map(Ends::of).reduce(Ends::or_earlier)?;
        let several = run.stops.len() > 1 && !self.early_stops_count();
        if !several || !self.usable(run).any(may_be_before) {
            return Some(first);
        }
        let usable: Vec<&KnownEvent> = self.usable(run).collect();
        if usable.len() < 2 {
            return Some(first);
        }
        let latest = |stop: &KnownEvent| Ends::of(stop).latest;
        let surely = usable.iter().filter(|stop| !may_be_before(stop));
        let surely = surely.map(|stop| latest(stop)).reduce(|one, other| one.into_iter().chain(other).min());
        let at_last =
            || usable.iter().map(|stop| latest(stop)).collect::<Option<Vec<_>>>()?.into_iter().max();
        Some(Ends { earliest: first.earliest, latest: surely.unwrap_or_else(at_last) })
    }

    fn state(
        &self,
        run: &Run<'_, 'j>,
        version: &RuleVersion,
        due: Due,
        stop: Option<Ends<NaiveDate>>,
        clock: &mut Clock<'b>,
    ) -> State {
        if stop.is_none() && !run.stops.is_empty() {
            return State::CannotTell(Why::StopBeforeStart);
        }
        let not_required = run.case.not_required.first().filter(|_| stop.is_none());
        if let Some(event) = not_required {
            clock.closed_by = Some(Evidence::from(*event));
            let first = Ends::of_first(&run.case.not_required);
            return if self.may_come(first) {
                State::CannotTell(Why::DatesNotSettled)
            } else {
                State::NotApplicable
            };
        }
        // A process that ended before this run began, and began again, has not ended.
        let begun = self.begun(run);
        let not_before = |event: &&'j KnownEvent| !Ends::of(event).surely_before(begun);
        let ended_by: Vec<&KnownEvent> = run.case.ended_by.iter().copied().filter(not_before).collect();
        let ended = Ends::of_first(&ended_by).filter(|_| stop.is_none());
        let closed_in_time = ended.is_some_and(|ended| {
            due.open_ended || closed(version.bound, ended.against(due.current)) == State::NotApplicable
        });
        if stop.is_none() && !self.stops_are_recorded && !closed_in_time {
            return State::CannotTell(Why::NotRecordedHere);
        }
        if !self.history_is_whole(run, due, stop.or(ended)) {
            return State::HistoryIncomplete;
        }
        if self.may_come(stop.or(ended)) {
            return State::CannotTell(Why::DatesNotSettled);
        }
        let state = match (stop, ended) {
            (Some(stop), _) => self.stopped(run, version, due, stop),
            (None, Some(ended)) => {
                clock.closed_by = ended_by.first().map(|event| Evidence::from(*event));
                if due.open_ended {
                    State::NotApplicable
                } else {
                    closed(version.bound, ended.against(due.current))
                }
            }
            (None, None) => self.open(version.bound, due),
        };
        if self.may_have_stopped_unlinked(run, stop, state) {
            State::CannotTell(Why::UnlinkedEvent)
        } else {
            state
        }
    }

    /// Whether what would end the clock may lie after the day asked about, so that the clock may still be open on it.
    fn may_come(&self, end: Option<Ends<NaiveDate>>) -> bool {
        end.and_then(|end| end.latest).is_some_and(|latest| latest > self.question.as_at)
    }

    fn stopped(&self, run: &Run<'_, 'j>, version: &RuleVersion, due: Due, stop: Ends<NaiveDate>) -> State {
        let by_event = self.track.shape.due_by.is_some() || self.track.shape.due_field.is_some();
        if !by_event && stop.surely_before(run.start) {
            return match self.track.shape.early_stop {
                EarlyStop::Met => State::Met,
                EarlyStop::TooEarly => State::TooEarly,
                EarlyStop::CannotTell => State::CannotTell(Why::StopBeforeStart),
            };
        }
        if due.open_ended {
            return State::Met;
        }
        let against = match due.moment {
            None => stop.against(due.current),
            Some(moment) => match self.stopped_by(run).and_then(|event| event.occurred.instant()) {
                None => return State::CannotTell(Why::NeedsTimeOfDay),
                Some(instant) => Ends::exact(instant).against(Ends::exact(moment)),
            },
        };
        match (version.bound, against) {
            (_, Against::NotSettled) => State::CannotTell(Why::DatesNotSettled),
            (Bound::Minimum, Against::OnOrBefore) => State::TooEarly,
            (Bound::Minimum, Against::After) | (Bound::Maximum, Against::OnOrBefore) => State::Met,
            (Bound::Maximum | Bound::Window { .. }, Against::After) => State::Late,
            (Bound::Window { not_before }, Against::OnOrBefore) => {
                self.within_window(run, version, not_before, stop)
            }
        }
    }

    /// In time at the later end; whether it was too early at the other.
    fn within_window(
        &self,
        run: &Run<'_, 'j>,
        version: &RuleVersion,
        not_before: u32,
        stop: Ends<NaiveDate>,
    ) -> State {
        let first = |start: NaiveDate| {
            let limit = version.limit.map(|limit| Limit::new(not_before, limit.unit))?;
            limit.last_day_in_time(start, version.start_day, self.calendar).ok()
        };
        let first =
            Ends { earliest: run.start.earliest.and_then(first), latest: run.start.latest.and_then(first) };
        match first.against(stop) {
            Against::OnOrBefore => State::Met,
            Against::After => State::TooEarly,
            Against::NotSettled => State::CannotTell(Why::DatesNotSettled),
        }
    }

    fn open(&self, bound: Bound, due: Due) -> State {
        let as_at = self.question.as_at;
        if bound == Bound::Minimum || due.open_ended {
            // Nothing runs out: a minimum only says what would be too early, and what has no last day yet is not late.
            return State::Running;
        }
        match Ends::exact(as_at).against(due.current) {
            Against::After => State::Overdue,
            Against::NotSettled => State::CannotTell(Why::DatesNotSettled),
            Against::OnOrBefore => {
                let left =
                    due.current.earliest.and_then(|due| self.calendar.working_days_between(as_at, due).ok());
                let soon = i64::from(self.question.due_soon_working_days);
                if left.is_some_and(|left| left <= soon) { State::DueSoon } else { State::Running }
            }
        }
    }

    /// Whether every event that could answer is held: from the start (for a numbered occurrence: from where the numbering
    /// begins) to the stop, or, where none is held, to the last day in time or the day asked about.
    ///
    /// A direct clock (its stop names its process) needs this only while it has no stop, and only where something is
    /// stated about this child's history at all.
    fn history_is_whole(&self, run: &Run<'_, 'j>, due: Due, closed: Option<Ends<NaiveDate>>) -> bool {
        let shape = self.track.shape;
        let strict = shape.first_of || shape.chain.is_some();
        if !strict && (closed.is_some() || self.coverage.is_empty()) {
            return true;
        }
        let numbered = shape.chain.is_some_and(|chain| !chain.repeats);
        let from = if numbered { self.numbered_from(run) } else { run.start.earliest };
        let as_at = self.question.as_at;
        let to = match closed {
            Some(closed) => closed.latest,
            None if due.open_ended => Some(as_at),
            None => due.current.latest.map(|due| due.min(as_at)),
        };
        let Some((from, to)) = from.zip(to).filter(|(from, to)| from <= to) else { return false };
        self.is_complete(from, to)
    }

    /// Whether every stop between the two days is held. Clocks of one journey mostly lie in one stretch of history.
    fn is_complete(&self, from: NaiveDate, to: NaiveDate) -> bool {
        if self.complete.get().is_some_and(|(first, last)| first <= from && to <= last) {
            return true;
        }
        let stops = self.track.shape.stop.iter();
        let until = stops.map(|stop| self.coverage.complete_until(stop.kind, from));
        let until = until.map(|until| until.map(|last| last.unwrap_or(NaiveDate::MAX)));
        let Some(last) = until.collect::<Option<Vec<NaiveDate>>>().and_then(|all| all.into_iter().min())
        else {
            return false;
        };
        self.complete.set(Some((from, last)));
        to <= last
    }

    /// The day from which occurrences are counted; `None` where it is not known or lies after the start of this run.
    fn numbered_from(&self, run: &Run<'_, 'j>) -> Option<NaiveDate> {
        let counted_from = Ends::of_first(&run.case.counted_from)?.earliest?;
        run.start.earliest.filter(|start| counted_from <= *start).map(|_| counted_from)
    }

    /// An open or late clock may have been stopped by an event that names no process.
    fn may_have_stopped_unlinked(
        &self,
        run: &Run<'_, 'j>,
        stop: Option<Ends<NaiveDate>>,
        state: State,
    ) -> bool {
        let matters = match state {
            State::Running | State::DueSoon | State::Overdue | State::Late => true,
            State::Met
            | State::TooEarly
            | State::NotApplicable
            | State::CannotTell(_)
            | State::HistoryIncomplete => false,
        };
        matters
            && self.track.shape.unlinked_stops == UnlinkedStops::CannotTell
            && self.cases.unlinked_stops.iter().any(|event| {
                let at = Ends::of(event);
                !at.surely_before(run.start) && !stop.is_some_and(|stop| stop.surely_before(at))
            })
    }

    /// What was used and what is allowed, where the dates are certain.
    fn measure(&self, run: &Run<'_, 'j>, stop: Option<Ends<NaiveDate>>, clock: &mut Clock<'b>) {
        if clock.limit.unit == Unit::Hours {
            clock.used = self.hours_used(run);
            clock.allowed = Some(Measure { amount: i64::from(clock.limit.amount), unit: Unit::Hours });
            return;
        }
        let Some(start) = run.start.certain() else { return };
        let end = match (stop, clock.closed_by) {
            (Some(stop), _) => stop.certain(),
            (None, Some(closed)) => closed.occurred.day(),
            (None, None) => Some(self.question.as_at),
        };
        let (limit, start_day) = (clock.limit, clock.version.start_day);
        let measure = |end: NaiveDate| limit.measure(start, end, start_day, self.calendar).ok();
        clock.used = end.and_then(measure);
        clock.allowed = clock.due_on.and_then(measure);
    }

    fn hours_used(&self, run: &Run<'_, 'j>) -> Option<Measure> {
        let start = run.started_by.occurred.instant()?;
        let stop = self.stopped_by(run)?.occurred.instant()?;
        Some(Measure { amount: (stop - start).num_hours(), unit: Unit::Hours })
    }
}

fn closed(bound: Bound, against: Against) -> State {
    match (bound, against) {
        (Bound::Minimum, _) | (_, Against::OnOrBefore) => State::NotApplicable,
        (Bound::Maximum | Bound::Window { .. }, Against::After) => State::Late,
        (Bound::Maximum | Bound::Window { .. }, Against::NotSettled) => {
            State::CannotTell(Why::DatesNotSettled)
        }
    }
}

/// Where a relaxation left nothing to count, what lies past the limit cannot be told.
fn relaxed(version: &RuleVersion, state: State) -> State {
    let nothing_to_count =
        version.exceptional.as_ref().is_some_and(|exceptional| exceptional.instead_of_limit.is_some());
    match state {
        State::Late | State::Overdue if nothing_to_count => State::CannotTell(Why::LimitRelaxed),
        State::Late
        | State::Overdue
        | State::Running
        | State::DueSoon
        | State::Met
        | State::TooEarly
        | State::NotApplicable
        | State::CannotTell(_)
        | State::HistoryIncomplete => state,
    }
}
