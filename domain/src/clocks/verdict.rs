//! What the readings of one run say, under every version and limit that may stand for it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::{Limit, Unit};
use crate::events::{EntityRole, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::rules::{Bound, RuleVersion, Subject};

use super::Why;
use super::bounded::follows;
use super::case::{Stop, is_hours_before};
use super::ends::Ends;
use super::judge::Judge;
use super::limits::Limits;
use super::points::{day_of, day_of_micros, days, is_recorded_by, micros_of_days, point, span, span_by};
use super::readings::{
    AFTER_ALL, Asked, BEFORE_ALL, First, NOT_YET, NoneLeft, Order, Outcome, Outcomes, Point, Possible, Span,
    Terms, distinct, edges,
};
use super::run::Run;
use super::versions::Versions;

/// What was found out about a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdict {
    pub(super) said: Outcomes,
    /// Why the last day cannot be counted, where it cannot.
    pub(super) trouble: Option<Why>,
    /// Why it is not settled which of several limits counts.
    pub(super) unsettled: Option<Why>,
    /// Every stop lies before the start.
    pub(super) contradicted: bool,
    /// Points are microseconds and not days.
    pub(super) hours: bool,
    /// The start in points.
    pub(super) start: Span,
    /// The last point in time by the limit alone.
    pub(super) original: Span,
    /// The last point in time, with extensions and pauses.
    pub(super) due: Span,
    pub(super) open_ended: bool,
    /// A minimum only says what would be too early.
    pub(super) is_minimum: bool,
    /// The first stop and the first end of the process, over all starts.
    pub(super) stop: Option<First>,
    pub(super) ended: Option<First>,
    /// Whether something was asked at all.
    begun: bool,
}

/// When a run is due, from one point of its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) original: Span,
    /// With extensions and pauses.
    pub(super) current: Span,
    /// Nothing sets a last day yet.
    pub(super) open_ended: bool,
    /// When what sets the last day came, where nothing can be done any more after it.
    pub(super) lapsed: Option<Span>,
}

impl Due {
    /// One that nothing else sets.
    pub(super) fn on(original: Span, current: Span, open_ended: bool) -> Self {
        Self { original, current, open_ended, lapsed: None }
    }
}

/// The limits that may stand under one version, or why they cannot be told.
pub(super) type Limited = Result<Limits, Why>;

/// What may stop, close or excuse a run, in points.
struct Happened<'r, 'j> {
    stops: &'r [Stop<'j>],
    /// The process of the run and the kind that began it, where an act that names the process answers it.
    named: Option<(EntityRole, EntityId, Kind)>,
    /// For a limit in days: an act before it lies before the start, also on the same day.
    from_hour: Option<DateTime<Utc>>,
    ended: &'r [&'j KnownEvent],
    perhaps_ended: &'r [&'j KnownEvent],
    hours: bool,
    /// The day asked about.
    as_at: NaiveDate,
    not_required: Option<First>,
    without_stop: NoneLeft,
    /// Its process cannot have ended before it began.
    one_end_counts: bool,
}

impl Happened<'_, '_> {
    fn stops(&self) -> impl Iterator<Item = Possible> {
        // What only shows that the act was done by then says nothing of when it began to be possible.
        let recorded = self.stops.iter().filter(|stop| !stop.by_then).map(|stop| self.at(stop.event).first);
        let first = recorded.min().unwrap_or(BEFORE_ALL);
        self.stops.iter().map(move |stop| {
            let at = self.at(stop.event);
            let at = if stop.by_then { Span { first: first.min(at.last), ..at } } else { at };
            let order = if self.is_of_the_process(stop.event) { Order::Follows } else { stop.order };
            Possible { at, sure: stop.sure, order }
        })
    }

    /// Whether an act comes after the beginning of the process on whatever day of its own.
    fn is_of_the_process(&self, act: &KnownEvent) -> bool {
        self.named.is_some_and(|(role, entity, began)| {
            act.entities.get(role) == Some(entity) && follows(act.kind(), role, began)
        })
    }

    /// The last point at which the process has ended where no stop counts: each of them came after the end then. `None` where
    /// one may be left out for another reason.
    fn ended_before_stops(&self, from: Point) -> Option<Point> {
        let mut stops = self.stops.iter().map(|stop| (stop, self.at(stop.event)));
        let only_after = |(stop, at): &(&Stop<'_>, Span)| stop.unless_after_end && at.first >= from;
        if self.stops.is_empty() || !stops.clone().all(|it| only_after(&it)) {
            return None;
        }
        stops.by_ref().map(|(_, at)| at.last).min().filter(|last| *last != AFTER_ALL).map(|last| last - 1)
    }

    /// When an act happened. One that came hours before the start lies before its day, as one of the day before does.
    fn at(&self, act: &KnownEvent) -> Span {
        let at = span_by(act, self.hours, self.as_at);
        let before = is_hours_before(act, self.from_hour);
        if before { Span { first: at.first.saturating_sub(1), last: at.last.saturating_sub(1) } } else { at }
    }

    fn ended(&self) -> impl Iterator<Item = Possible> {
        let surely = self.ended.iter().map(|event| surely(event, self.hours, self.as_at));
        surely.chain(self.perhaps_ended.iter().map(|event| perhaps(event, self.hours, self.as_at)))
    }
}

/// What happened for all that is known, and counts also on the day of the start.
fn surely(event: &KnownEvent, hours: bool, as_at: NaiveDate) -> Possible {
    Possible { at: span_by(event, hours, as_at), sure: true, order: Order::Known }
}

/// What may be of another process.
fn perhaps(event: &KnownEvent, hours: bool, as_at: NaiveDate) -> Possible {
    Possible { sure: false, ..surely(event, hours, as_at) }
}

impl Verdict {
    fn new() -> Self {
        Self {
            said: Outcomes::default(),
            trouble: None,
            unsettled: None,
            contradicted: false,
            hours: false,
            start: Span::UNKNOWN,
            original: Span::UNKNOWN,
            due: Span::UNKNOWN,
            open_ended: false,
            is_minimum: false,
            stop: None,
            ended: None,
            begun: false,
        }
    }

    /// Whether the last day passed without the stop in every reading.
    pub(super) fn is_missed(&self) -> bool {
        self.stop.is_none() && matches!(self.said.only(), Some(Outcome::Missed | Outcome::Overdue))
    }

    /// Whether the last day passed and it is open still, in every reading.
    pub(super) fn is_overdue(&self) -> bool {
        self.said.only() == Some(Outcome::Overdue)
    }

    /// The first stop; `None` also where it is open in some reading, and so stopped by nothing.
    pub(super) fn stopped(&self) -> Option<First> {
        self.stop.filter(|_| self.said.only() != Some(Outcome::Overdue))
    }

    /// Whether an act came after the last day, whatever is not known of both.
    pub(super) fn comes_too_late(&self, act: &KnownEvent) -> bool {
        self.span(act).first > self.due.last
    }

    /// The day of a point.
    pub(super) fn day(&self, point: Point) -> NaiveDate {
        if self.hours { day_of_micros(point) } else { day_of(point) }
    }

    /// When an event happened, in the points of this verdict.
    pub(super) fn span(&self, event: &KnownEvent) -> Span {
        span(event, self.hours)
    }

    /// The day on which both ends of a span lie.
    pub(super) fn certain_day(&self, span: Span) -> Option<NaiveDate> {
        let is_bounded = span.first != BEFORE_ALL && span.last != AFTER_ALL;
        // Two points that differ may lie on one day where they are instants, and only there.
        let may_agree = is_bounded && (self.hours || span.is_certain());
        let first = may_agree.then(|| self.day(span.first))?;
        (span.is_certain() || self.day(span.last) == first).then_some(first)
    }

    fn note(&mut self, asked: &Asked, original: Span) {
        if self.begun {
            self.original = self.original.hull(original);
            self.due = self.due.hull(asked.due);
            self.stop = either(self.stop, asked.stop);
            self.ended = either(self.ended, asked.ended);
            self.open_ended |= asked.open_ended;
        } else {
            (self.begun, self.original, self.due) = (true, original, asked.due);
            (self.stop, self.ended, self.open_ended) = (asked.stop, asked.ended, asked.open_ended);
        }
    }
}

/// The first of some events, whichever start it is.
fn either(one: Option<First>, other: Option<First>) -> Option<First> {
    match (one, other) {
        (Some(one), Some(other)) => Some(First {
            earliest: one.earliest.min(other.earliest),
            latest: one.latest.zip(other.latest).map(|(one, other)| one.max(other)),
        }),
        (Some(one), None) | (None, Some(one)) => Some(First { latest: None, ..one }),
        (None, None) => None,
    }
}

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// Asks every version and limit that may stand for the run; `limits` are those of the version to show.
    pub(super) fn verdict(&self, run: &Run<'_, 'j>, versions: &Versions<'b>, limits: Limited) -> Verdict {
        let mut verdict = Verdict::new();
        verdict.trouble = versions.settled.err();
        self.ask_version(run, versions.shown, limits, &mut verdict);
        for version in &versions.others {
            self.ask_version(run, version, self.limits(run, version), &mut verdict);
        }
        verdict.contradicted = !verdict.begun;
        verdict
    }

    fn ask_version(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        limits: Limited,
        verdict: &mut Verdict,
    ) {
        let limits = limits.unwrap_or_else(|why| {
            verdict.trouble = verdict.trouble.or(Some(why));
            Limits::only(version.intervals.first().map(|interval| interval.limit))
        });
        verdict.unsettled = verdict.unsettled.or(limits.unsettled);
        for limit in limits.iter() {
            self.ask(run, version, limit, verdict);
        }
    }

    fn ask(&self, run: &Run<'_, 'j>, version: &'b RuleVersion, limit: Limit, verdict: &mut Verdict) {
        let hours = limit.unit == Unit::Hours;
        (verdict.hours, verdict.is_minimum) = (hours, version.bound == Bound::Minimum);
        let happened = self.happened(run, hours);
        let terms = self.terms(version, hours);
        for start in distinct(self.starts_of(run, hours)) {
            self.ask_within(run, (version, limit), start, &happened, &terms, verdict);
        }
    }

    /// Asks every point of a span in which the run starts.
    fn ask_within(
        &self,
        run: &Run<'_, 'j>,
        asked: (&'b RuleVersion, Limit),
        mut start: Span,
        happened: &Happened<'_, '_>,
        terms: &Terms,
        verdict: &mut Verdict,
    ) {
        let is_stated = self.track.shape.due_field.is_some();
        if happened.one_end_counts
            && !is_stated
            && let Some(last) = happened.ended().map(|end| end.at.last).max()
            && last >= start.first
        {
            start.last = start.last.min(last);
        }
        if let Some(until) = run.case.begins_until().map(point).filter(|_| !happened.hours && !is_stated)
            && until >= start.first
        {
            start.last = start.last.min(until);
        }
        if !is_stated && terms.as_at.last >= start.first {
            // A reading in which it has not begun by the day asked about has no clock.
            start.last = start.last.min(terms.as_at.last);
        }
        verdict.start = if verdict.begun { verdict.start.hull(start) } else { start };
        if start.is_certain() {
            self.ask_from(run, asked, start.first, happened, terms, verdict);
            return;
        }
        // Of a start of which nothing is known only what holds from either end can be told.
        let events = happened.stops().chain(happened.ended()).filter(|_| !start.is_unknown());
        for point in edges(start, events) {
            self.ask_from(run, asked, point, happened, terms, verdict);
        }
    }

    fn ask_from(
        &self,
        run: &Run<'_, 'j>,
        (version, limit): (&'b RuleVersion, Limit),
        start: Point,
        happened: &Happened<'_, '_>,
        terms: &Terms,
        verdict: &mut Verdict,
    ) {
        let hours = limit.unit == Unit::Hours;
        let due = self.due(run, version, limit, start).unwrap_or_else(|why| {
            verdict.trouble = verdict.trouble.or(Some(why));
            Due::on(Span::UNKNOWN, Span::UNKNOWN, false)
        });
        for from in distinct(self.stops_from(version, start, due, verdict)) {
            self.ask_of_stops_from(run, hours, (start, from), due, (version, happened, terms), verdict);
        }
    }

    /// The first point from which a stop counts: the start, or what the rule says of stops before or long after it. Where an
    /// uncertain last day leaves it open, both ends.
    fn stops_from(
        &self,
        version: &'b RuleVersion,
        start: Point,
        due: Due,
        verdict: &mut Verdict,
    ) -> [Point; 2] {
        if let Some(within) = self.track.shape.early_within {
            let first = |end: Point| match end {
                BEFORE_ALL | AFTER_ALL => start,
                end => within
                    .counted_back(day_of(end), self.calendar)
                    .map_or(start, |day| point(day) + 1)
                    .min(start),
            };
            return [first(due.current.first), first(due.current.last)];
        }
        let from = match self.track.shape.stop_after {
            _ if self.early_stops_count() => BEFORE_ALL,
            None => start,
            Some(after) => match self.last_point(after, version, start) {
                Ok(last) => last.saturating_add(1),
                Err(why) => {
                    verdict.trouble = verdict.trouble.or(Some(why));
                    start
                }
            },
        };
        [from, from]
    }

    fn ask_of_stops_from(
        &self,
        run: &Run<'_, 'j>,
        hours: bool,
        (start, from): (Point, Point),
        due: Due,
        (version, happened, terms): (&'b RuleVersion, &Happened<'_, '_>, &Terms),
        verdict: &mut Verdict,
    ) {
        let one_counts = happened.without_stop == NoneLeft::Impossible;
        let stop = match run.ranked {
            Some(ranked) => ranked.next(start).map(|next| self.unless_later(run, next)),
            None => First::from(happened.stops(), from, one_counts),
        };
        let none_left = stop.is_none() && happened.stops.iter().any(|stop| stop.sure);
        if none_left && one_counts {
            return;
        }
        let ended_before = happened.ended_before_stops(from);
        let begun =
            if self.track.shape.due_field.is_some() { span(run.started_by, hours).first } else { start };
        let asked = Asked {
            start,
            due: due.current,
            open_ended: due.open_ended,
            lapsed: due.lapsed,
            not_before: self.not_before(version, start),
            stop,
            stop_is_doubtful: self.track.shape.chain.is_none()
                && !happened.stops.iter().any(|stop| stop.sure),
            not_required: happened.not_required,
            ended: First::from(happened.ended(), begun, happened.one_end_counts),
            ended_before,
            without_stop: if happened.stops.is_empty() { NoneLeft::There } else { happened.without_stop },
        };
        terms.ask(&asked, &mut verdict.said);
        verdict.note(&asked, due.original);
    }

    /// The next of several acts. One without a latest day may come after the day asked about, unless it was recorded by then.
    fn unless_later(&self, run: &Run<'_, 'j>, next: First) -> First {
        let by_then = |stop: &Stop<'_>| {
            stop.event.occurred.latest_day().is_some() || is_recorded_by(stop.event, self.question.as_at)
        };
        let is_open = next.latest == Some(AFTER_ALL) && !run.stops.iter().all(by_then);
        if is_open { First { latest: Some(NOT_YET), ..next } } else { next }
    }

    fn happened<'r>(&self, run: &Run<'r, 'j>, hours: bool) -> Happened<'r, 'j> {
        let shape = self.track.shape;
        let as_at = self.question.as_at;
        let not_required = run.case.not_required.iter().map(|event| surely(event, hours, as_at));
        let perhaps_not_required =
            run.case.perhaps_not_required.iter().map(|event| perhaps(event, hours, as_at));
        let alone = shape.chain.is_none() && shape.per != Subject::Event;
        let names_process = alone
            && run.either.is_none()
            && shape.stop_after.is_none()
            && !self.early_stops_count()
            && !shape.stop.iter().any(|stop| stop.of_child);
        let began = run.started_by.kind();
        let role = shape.per.role().filter(|role| began.own_role() == Some(*role));
        let named = role.filter(|_| names_process && !hours && began.stage() == Stage::Opens);
        Happened {
            stops: run.stops,
            named: named.map(|role| (role, run.case.entity, began)),
            from_hour: self.hour_of(run).filter(|_| !hours),
            ended: &run.case.ended_by,
            perhaps_ended: &run.case.perhaps_ended_by,
            hours,
            as_at,
            not_required: First::from(not_required.chain(perhaps_not_required), BEFORE_ALL, false),
            without_stop: match (names_process, hours) {
                (false, _) => NoneLeft::There,
                (true, false) => NoneLeft::Impossible,
                // Within hours an act of the same day may well have been written down for the wrong minute.
                (true, true) => NoneLeft::Contradiction,
            },
            one_end_counts: !hours
                && (run.case.begins_until().is_some()
                    || (alone && !shape.ended_by.iter().any(|end| end.of_child))),
        }
    }

    fn terms(&self, version: &'b RuleVersion, hours: bool) -> Terms {
        let shape = self.track.shape;
        let relaxed =
            version.exceptional.as_ref().is_some_and(|exceptional| exceptional.instead_of_limit.is_some());
        let as_at = self.question.as_at;
        Terms {
            bound: version.bound,
            early: shape.early_stop,
            set_elsewhere: shape.due_by.is_some() || shape.due_field.is_some(),
            relaxed,
            as_at: if hours { micros_of_days(Some(as_at), Some(as_at)) } else { Span::exact(point(as_at)) },
        }
    }

    /// The points between which a run starts: twice the same, or each of two of which it is one.
    fn starts_of(&self, run: &Run<'_, 'j>, hours: bool) -> [Span; 2] {
        let points = |ends: Ends<NaiveDate>| {
            if hours { micros_of_days(ends.earliest, ends.latest) } else { days(ends) }
        };
        match run.either {
            Some(either) => either.map(points),
            None if hours => [self.instants_of(run); 2],
            None => [points(run.start); 2],
        }
    }

    /// The instants between which a run starts.
    fn instants_of(&self, run: &Run<'_, 'j>) -> Span {
        let is_of_events = self.track.shape.chain.is_none() && run.counts_from.is_none();
        let starts = run.case.start().iter().filter(|_| is_of_events).map(|event| span(event, true));
        let first = starts
            .reduce(|one, other| Span { first: one.first.min(other.first), last: one.last.min(other.last) });
        first.unwrap_or_else(|| micros_of_days(run.start.earliest, run.start.latest))
    }

    /// The first point that a window allows.
    fn not_before(&self, version: &'b RuleVersion, start: Point) -> Point {
        let Bound::Window { not_before } = version.bound else { return BEFORE_ALL };
        let limit = version.limit.map(|limit| Limit::new(not_before, limit.unit));
        limit.and_then(|limit| self.last_point(limit, version, start).ok()).unwrap_or(BEFORE_ALL)
    }
}
