//! From the events of one process to the state of its clock.
//!
//! The order of the questions is fixed: is the rule asked at all, which versions may stand, what do the readings of the
//! dates say, is what it waits for recorded here at all, is the history whole where the answer lies. A clock says `met`,
//! `late` or `overdue` where every reading does, so no gap and no uncertain date can end as one of them.

use std::cell::OnceCell;

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::{Limit, Measure, Unit, WorkingCalendar};
use crate::events::EntityRole;
use crate::journey::{Coverage, KnownEvent};
use crate::processes::Processes;
use crate::rules::{Bound, EarlyStop, Endings, EventMatch, Field, RuleVersion, Standing, UnlinkedStops};

use super::case::{Case, Cases, Stop, lies_at_start};
use super::compiled::Track;
use super::ends::Ends;
use super::found::{Among, Found, List};
use super::index::Index;
use super::judged::{Acts, Judged};
use super::never_began::NeverBegan;
use super::over::lies_after_all;
use super::owner::Owner;
use super::readings::{AFTER_ALL, First, MICROS_OF_HOUR, Outcome};
use super::replaced::Replaced;
use super::run::Run;
use super::verdict::Verdict;
use super::whole::Wholeness;
use super::{Clock, Evidence, Marks, Question, State, Why};

/// What is the same for every clock of a journey.
pub(super) struct Around<'a, 'b, 'j> {
    pub(super) tracks: &'a [Track<'b>],
    /// Those of each track.
    pub(super) cases: &'a [Cases<'j>],
    pub(super) index: &'a Index<'j>,
    pub(super) processes: &'a Processes<'j>,
    pub(super) coverage: &'a Coverage,
    pub(super) endings: &'a Endings,
    pub(super) question: &'a Question<'a>,
    pub(super) never_began: &'a NeverBegan<'a, 'j>,
}

/// What does not change between the processes of one clock.
pub(super) struct Judge<'a, 'b, 'j> {
    pub(super) track: &'a Track<'b>,
    pub(super) cases: &'a Cases<'j>,
    pub(super) around: &'a Around<'a, 'b, 'j>,
    pub(super) index: &'a Index<'j>,
    pub(super) question: &'a Question<'a>,
    pub(super) calendar: &'a WorkingCalendar,
    wholeness: Wholeness<'a>,
    /// The only version to ask, where the clock of a version is asked for beside that of another.
    pub(super) only: Option<&'b RuleVersion>,
    /// What the rule looks for beside the events of a case; found when the first process asks.
    found: Found<'b, 'j>,
    /// When another rule asks in the place of this one; found when the first process asks.
    pub(super) replaced: OnceCell<Vec<Replaced>>,
    /// What may set something of one of several processes; found when the first clock asks.
    pub(super) unlinked_setting: OnceCell<Vec<&'j KnownEvent>>,
    /// Whether anything that would stop the clock is recorded by this authority, or held by a source of this child.
    stops_are_recorded: bool,
}

impl<'a, 'b, 'j> Judge<'a, 'b, 'j> {
    pub(super) fn new(track: &'a Track<'b>, cases: &'a Cases<'j>, around: &'a Around<'a, 'b, 'j>) -> Self {
        let Around { index, coverage, endings, question, processes, .. } = *around;
        let calendar = question.working();
        let stops_are_recorded = track
            .shape
            .stop
            .iter()
            .any(|stop| question.recorded.contains(stop.kind) || coverage.names(stop.kind));
        let wholeness = Wholeness::new(track, (coverage, endings, processes), question.as_at);
        let (found, replaced) = (Found::default(), OnceCell::new());
        Self {
            track,
            cases,
            around,
            index,
            question,
            calendar,
            wholeness,
            only: None,
            found,
            replaced,
            unlinked_setting: OnceCell::new(),
            stops_are_recorded,
        }
    }

    /// Adds the clocks of one process: one, or one per link of a chain; none where nothing started it or no version stood.
    pub(super) fn clocks(&self, case: &Case<'j>, to: &mut Judged<'b, 'j>) {
        let processes = self.around.processes;
        let never_began = || self.around.never_began.holds(self.track, case);
        if !self.is_asked(case) || never_began() || lies_after_all(case, self.track, processes) {
            return;
        }
        if case.adrift.is_some() && self.whichever(case, to) {
            return;
        }
        match self.track.shape.chain {
            None => {
                let shown = self.shown_by(case);
                if let Some(run) = self.single(case) {
                    let stops = if shown.is_empty() { run.stops } else { &shown };
                    self.judge(&Run { stops, ..run }, to);
                }
            }
            Some(chain) => self.links(case, chain, to),
        }
    }

    /// Whether one of the events stands without which there is no clock: one of this process, not of an earlier or later one.
    fn is_asked(&self, case: &Case<'j>) -> bool {
        let asked_by = &self.track.shape.asked_by;
        if asked_by.is_empty() {
            return true;
        }
        let mut found = self.of_case(case, asked_by).into_iter().peekable();
        if found.peek().is_none() || !asked_by.iter().any(|one| one.of_child) {
            return found.peek().is_some();
        }
        let owner = Owner::new(self.track, case, self.index);
        let of_child =
            |event: &KnownEvent| asked_by.iter().any(|one| one.of_child && one.kind == event.kind());
        found.any(|event| !of_child(event) || owner.may_keep(event))
    }

    /// The events of one case that a rule names, in practice order.
    pub(super) fn of_case(&self, case: &Case<'j>, matches: &'b [EventMatch]) -> Vec<&'j KnownEvent> {
        if !self.index.has_any(matches) {
            return Vec::new();
        }
        let named = self.found.named(matches, self.among());
        named.iter().filter(|placed| placed.is_of(case.entity)).map(|placed| placed.event).collect()
    }

    /// The events that say how things stand, in practice order, those of one case among them.
    pub(super) fn told(&self, standing: &'b Standing) -> List<'j> {
        self.found.told(standing, self.among())
    }

    fn among(&self) -> Among<'a, 'j> {
        let Around { index, processes, .. } = *self.around;
        Among { per: self.track.shape.per, index, processes }
    }

    /// What shows that it was stopped, where no stop stands, or none of which the day is known: together with these then. What
    /// lies before all of them shows nothing beside them.
    fn shown_by(&self, case: &Case<'j>) -> Vec<Stop<'j>> {
        let shown_by = &self.track.shape.shown_by;
        let is_told = |stop: &Stop<'_>| !stop.sure || stop.event.occurred.day().is_some();
        if shown_by.is_empty() || case.stops.iter().any(is_told) {
            return Vec::new();
        }
        let owner = Owner::new(self.track, case, self.index);
        let found = self.of_case(case, shown_by).into_iter().map(Stop::by);
        let kept = found.filter_map(|shown| owner.keeps(shown));
        let may_bound = |shown: &Stop<'_>| {
            case.stops.iter().all(|stop| !Ends::of(shown.event).surely_before(Ends::of(stop.event)))
        };
        let shown: Vec<Stop<'j>> = kept.filter(may_bound).collect();
        if shown.is_empty() { shown } else { case.stops.iter().copied().chain(shown).collect() }
    }

    fn single<'r>(&self, case: &'r Case<'j>) -> Option<Run<'r, 'j>> {
        let shape = self.track.shape;
        let starts = case.start();
        let started_by = *starts.first()?;
        if let Some(birthday) = shape.birthday {
            let skipped: Vec<_> = self.of_case(case, &shape.not_applicable);
            let begun = |period| self.index.care_began(period).map(Ends::of);
            let period = |event: &&'j KnownEvent| {
                let period = event.entities.get(EntityRole::PeriodOfCare)?;
                let is_series = begun(period).is_none_or(|begun| lies_at_start(event, begun));
                is_series.then(|| (period, self.index.became_care(Some(period), event)))
            };
            let series: Vec<_> = skipped.iter().filter_map(period).collect();
            let (day, started_by) = self.index.start_of(birthday, &series, self.question.as_at)?;
            return Some(Run::counted_from(case, started_by, Ends::exact(day)));
        }
        if let Some(field) = &shape.due_field {
            let stated = |event: &&'j KnownEvent| Field::of(&event.body, field).day();
            let first = stated(&started_by)?;
            // Where two that began it on one day state different days, the answer has to be the same for both.
            let level = starts.iter().filter(|event| event.is_level_with(started_by)).filter_map(stated);
            let (earliest, latest) = level.fold((first, first), |(a, b), day| (a.min(day), b.max(day)));
            let start = Ends { earliest: Some(earliest), latest: Some(latest) };
            return Some(Run::counted_from(case, started_by, start));
        }
        let possible = case.perhaps_started_by.iter().copied().map(Ends::of);
        let start = possible.fold(Ends::of_first(starts)?, Ends::hull);
        let run = Run::link(case, 0, started_by, start, &case.stops);
        let change = self.became_care(case).filter(|change| !self.is_asked_since(&run, change));
        Some(match change {
            Some(change) => run.or_from(Ends::of(change)),
            None => run,
        })
    }

    /// Adds the clock of a run; `None` where no version stands or none has a limit for it.
    pub(super) fn judge<'t>(
        &self,
        run: &Run<'_, 'j>,
        to: &'t mut Judged<'b, 'j>,
    ) -> Option<&'t mut Clock<'b>> {
        let stop = self.stop_days(run);
        let mut versions = self.versions(run, stop)?;
        let version = versions.shown;
        let limits = self.limits_shown(run, &mut versions);
        let limit = match &limits {
            Ok(limits) => limits.iter().next()?,
            Err(_) => version.intervals.first()?.limit,
        };
        let mut verdict = self.verdict(run, &versions, limits);
        if self.wholeness.may_start_otherwise(run) {
            verdict.trouble = Some(Why::StartNotKnown);
        }
        let acts = Acts { start: run.started_by, stop: self.stopped_by(run, &verdict) };
        let mut clock = self.clock(run, version, limit, acts);
        run.ranked.iter().for_each(|ranked| ranked.show(&mut clock));
        // Where it is not settled which limit counts, no last day is.
        if verdict.trouble.is_none() && !verdict.contradicted && !is_set_by_nothing(&verdict) {
            clock.original_due_on = verdict.certain_day(verdict.original);
            let is_original = verdict.due == verdict.original;
            clock.due_on = if is_original { clock.original_due_on } else { verdict.certain_day(verdict.due) };
            let latest = || (verdict.due.last != AFTER_ALL).then(|| verdict.day(verdict.due.last));
            clock.due_latest = clock.due_on.or_else(latest);
            let moment = verdict.due.is_certain().then_some(verdict.due.first).filter(|_| verdict.hours);
            clock.due_at = moment.and_then(DateTime::<Utc>::from_timestamp_micros);
        }
        clock.state = match self.not_applicable(run) {
            Some((event, state)) => {
                clock.closed_by = event.map(Evidence::from);
                state
            }
            None => {
                let state = self.state(run, &verdict, stop, !versions.others.is_empty(), &mut clock);
                if self.may_be_otherwise(run, &verdict, state) {
                    State::CannotTell(Why::UnlinkedEvent)
                } else {
                    state
                }
            }
        };
        self.measure(run, &verdict, &mut clock);
        // An earlier act that is missing would have taken less time.
        clock.used = clock.used.filter(|_| !clock.marks.in_gap);
        if clock.state == State::CannotTell(Why::StartNotKnown) && verdict.is_overdue() {
            let own = self.state(run, &verdict, stop, !versions.others.is_empty(), &mut clock.clone());
            let own = Some(own).filter(|own| !self.may_be_otherwise(run, &verdict, *own));
            clock = self.overdue_either_way(run, own, clock);
        }
        to.add(self.under_each(run, clock, &versions), acts)
    }

    /// Whether the rule is not asked of a process that began so, or as things stand; `None` where it is.
    fn not_applicable(&self, run: &Run<'_, 'j>) -> Option<(Option<&'j KnownEvent>, State)> {
        let shape = self.track.shape;
        let change = self.became_care(run.case);
        // From when on what began before it is asked for is not known.
        let not_since = change.filter(|change| run.either.is_none() && !self.is_asked_since(run, change));
        let of_series = || match not_since {
            Some(change) => (Some(change), State::CannotTell(Why::StartNotKnown)),
            None => (None, State::NotApplicable),
        };
        if shape.birthday.is_none() {
            let is_asked_again = |event: &KnownEvent| change.is_some() && self.is_of_series(event);
            if let Some(began) = run.case.not_applicable.iter().find(|event| !is_asked_again(event)) {
                return Some((Some(*began), State::NotApplicable));
            }
            if not_since.is_some() && !run.case.not_applicable.is_empty() {
                return Some(of_series());
            }
        }
        if let Some(ended) = run.case.over_before(self.begun(run)) {
            return Some((Some(ended), State::NotApplicable));
        }
        if !run.resumed {
            match self.is_replaced_on(run.start) {
                Some(true) => return Some((None, State::NotApplicable)),
                Some(false) => {}
                None => return Some((None, State::CannotTell(Why::DatesNotSettled))),
            }
        }
        let start = run.start.latest.or(run.start.earliest);
        let mut stand = shape.not_applicable_while.iter().map(|standing| self.stands(run, standing, start));
        let stands = stand.clone().any(|stands| stands == Ok(true));
        if stands {
            return Some(of_series());
        }
        // Where it is not settled whether things stood so, the rule is asked in some readings only.
        stand.find_map(Result::err).map(|why| (None, State::CannotTell(why)))
    }

    fn clock(&self, run: &Run<'_, 'j>, version: &'b RuleVersion, limit: Limit, acts: Acts<'j>) -> Clock<'b> {
        Clock {
            rule: self.track.rule,
            version,
            per: self.track.shape.per,
            entity: run.case.entity,
            occurrence: run.occurrence,
            start: Evidence::from(acts.start),
            counts_from: run.counts_from,
            limit,
            original_due_on: None,
            due_on: None,
            due_latest: None,
            due_at: None,
            stop: acts.stop.map(Evidence::from),
            closed_by: None,
            state: State::CannotTell(Why::StartNotKnown),
            used: None,
            allowed: None,
            extensions: self.extensions(run, version, limit),
            delay_reasons: Vec::new(),
            marks: Marks::default(),
        }
    }

    /// The instant before which an act of the same day is none of the run; `None` where the times do not tell.
    pub(super) fn hour_of(&self, run: &Run<'_, 'j>) -> Option<DateTime<Utc>> {
        let by_events = self.track.shape.chain.is_none() && run.counts_from.is_none();
        let hour = run.started_by.occurred.instant().filter(|_| by_events && !self.early_stops_count())?;
        let level = run.case.start().iter().filter(|event| Ends::of(event).earliest == run.start.latest);
        let instants: Option<Vec<_>> = level.map(|event| event.occurred.instant()).collect();
        instants?.into_iter().chain([hour]).min()
    }

    /// The days between which the run began; a day stated in the start event may be one that lies far ahead of it.
    pub(super) fn begun(&self, run: &Run<'_, 'j>) -> Ends<NaiveDate> {
        if self.track.shape.due_field.is_some() { Ends::of(run.started_by) } else { run.start }
    }

    pub(super) fn early_stops_count(&self) -> bool {
        // A day stated in the start event is where the limit counts from, not where the work begins.
        self.track.shape.early_stop != EarlyStop::CannotTell
            || self.track.shape.due_by.is_some()
            || self.track.shape.due_field.is_some()
    }

    fn state(
        &self,
        run: &Run<'_, 'j>,
        verdict: &Verdict,
        stop: Option<Ends<NaiveDate>>,
        several_versions: bool,
        clock: &mut Clock<'b>,
    ) -> State {
        let only = verdict.said.only();
        if verdict.stop.is_none() {
            let ended = || run.case.ended_by.iter().find(|event| self.may_end(run, event));
            // What is open still in some reading is closed by nothing.
            let has_ended = verdict.ended.is_some() && only != Some(Outcome::Overdue);
            let required = has_ended.then(ended).flatten();
            let excused = run.case.not_required.first().filter(|_| only != Some(Outcome::Closed));
            let lapsed = || self.lapsed_by(run).filter(|_| only == Some(Outcome::Missed));
            let closed_by = excused.or(required).copied().or_else(lapsed);
            clock.closed_by = closed_by.map(Evidence::from);
        }
        if only == Some(Outcome::NotRequired) {
            return State::NotApplicable;
        }
        if let Some(why) = verdict.trouble {
            return if only == Some(Outcome::Closed) { State::NotApplicable } else { State::CannotTell(why) };
        }
        if verdict.contradicted || only == Some(Outcome::StopBeforeStart) {
            return State::CannotTell(Why::StopBeforeStart);
        }
        let untold = self.track.shape.rows_are_silent && run.started_by.context.import.is_some();
        if verdict.stop.is_none() && (untold || !self.stops_are_recorded) && only != Some(Outcome::Closed) {
            return State::CannotTell(Why::NotRecordedHere);
        }
        if !self.wholeness.is_whole(run, verdict) {
            clock.marks.in_gap = only == Some(Outcome::Met)
                && !several_versions
                && clock.version.bound == Bound::Maximum
                && self.wholeness.is_met_whatever_is_missing(run);
            return if clock.marks.in_gap { State::Met } else { State::HistoryIncomplete };
        }
        let state = match only {
            Some(Outcome::Met) => State::Met,
            Some(Outcome::Late | Outcome::Missed) => State::Late,
            Some(Outcome::TooEarly) => State::TooEarly,
            Some(Outcome::Closed | Outcome::NotRequired) => State::NotApplicable,
            Some(Outcome::Running) => self.running(verdict),
            Some(Outcome::Overdue) => State::Overdue,
            Some(Outcome::StopBeforeStart) => State::CannotTell(Why::StopBeforeStart),
            Some(Outcome::Relaxed) => State::CannotTell(Why::LimitRelaxed),
            None if several_versions => State::CannotTell(Why::VersionNotSettled),
            None => {
                let why = verdict.unsettled.unwrap_or_else(|| self.why_not_settled(run, verdict));
                State::CannotTell(why)
            }
        };
        if self.may_have_stopped_unlinked(run, stop, state, verdict) {
            State::CannotTell(Why::UnlinkedEvent)
        } else {
            state
        }
    }

    fn may_end(&self, run: &Run<'_, 'j>, event: &KnownEvent) -> bool {
        !Ends::of(event).surely_before(self.begun(run))
    }

    /// Why the readings differ: for want of a parent, of a time of day, or of a day.
    fn why_not_settled(&self, run: &Run<'_, 'j>, verdict: &Verdict) -> Why {
        let mut stops = run.stops.iter().map(|stop| stop.event);
        let timed = |event: &KnownEvent| event.occurred.instant().is_some();
        let case = run.case;
        let unsettled = [&case.perhaps_ended_by, &case.perhaps_not_required, &case.perhaps_started_by];
        if unsettled.iter().any(|events| !events.is_empty()) {
            Why::ParentNotStated
        } else if run.either.is_some() {
            Why::StartNotKnown
        } else if verdict.hours && !(timed(run.started_by) && stops.all(timed)) {
            Why::NeedsTimeOfDay
        } else {
            Why::DatesNotSettled
        }
    }

    fn running(&self, verdict: &Verdict) -> State {
        let nothing_runs_out = verdict.open_ended || verdict.is_minimum;
        let left = || self.calendar.working_days_between(self.question.as_at, verdict.day(verdict.due.first));
        let soon = i64::from(self.question.due_soon_working_days);
        if !nothing_runs_out && left().is_ok_and(|left| left <= soon) {
            State::DueSoon
        } else {
            State::Running
        }
    }

    /// An open or late clock may have been stopped by an event that names no process.
    fn may_have_stopped_unlinked(
        &self,
        run: &Run<'_, 'j>,
        stop: Option<Ends<NaiveDate>>,
        state: State,
        verdict: &Verdict,
    ) -> bool {
        // What came after the last day leaves late what is late.
        let is_past = matches!(state, State::Late | State::Overdue);
        let is_late_too = |event: &KnownEvent| is_past && verdict.comes_too_late(event);
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
                !at.surely_before(run.start)
                    && !is_late_too(event)
                    && !stop.is_some_and(|stop| stop.surely_before(at))
            })
    }

    /// What was used and what is allowed, where the dates are certain.
    fn measure(&self, run: &Run<'_, 'j>, verdict: &Verdict, clock: &mut Clock<'b>) {
        if clock.limit.unit == Unit::Hours {
            clock.used = verdict.stop.and_then(|stop| hours_used(verdict, stop));
            clock.allowed = Some(Measure { amount: i64::from(clock.limit.amount), unit: Unit::Hours });
            return;
        }
        let Some(start) = run.start.certain() else { return };
        let end = match (verdict.stopped(), clock.closed_by) {
            (Some(stop), _) => stop.certain().map(|point| verdict.day(point)),
            (None, Some(closed)) => closed.occurred.day(),
            (None, None) if verdict.contradicted => None,
            (None, None) => Some(self.question.as_at),
        };
        let (limit, start_day) = (clock.limit, clock.version.start_day);
        let measure = |end: NaiveDate| limit.measure(start, end, start_day, self.calendar).ok();
        clock.used = end.and_then(measure);
        clock.allowed = clock.due_on.and_then(measure);
    }
}

fn hours_used(verdict: &Verdict, stop: First) -> Option<Measure> {
    let (start, stop) = (verdict.start.certain()?, stop.certain()?);
    Some(Measure { amount: stop.checked_sub(start)? / MICROS_OF_HOUR, unit: Unit::Hours })
}

/// Whether nothing sets a last day yet.
fn is_set_by_nothing(verdict: &Verdict) -> bool {
    verdict.due.is_unknown()
}
