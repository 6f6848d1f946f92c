//! Whether the history is whole where the answer of a clock lies.
//!
//! Completeness is asked for the days that the answer rests on and for no others: from the start to the stop or the end of
//! the process, and never past the due date, because whatever happened after it was late in any case. What was in time
//! stays in time, whatever is missing between. Figures leave it out all the same: of such histories none would be late.

use std::cell::Cell;

use chrono::NaiveDate;

use crate::events::{Kind, Stage};
use crate::journey::Coverage;
use crate::processes::Processes;
use crate::rules::{Cause, ClockShape, EarlyStop, Endings};

use super::compiled::Track;
use super::ends::Ends;
use super::readings::First;
use super::run::Run;
use super::verdict::Verdict;

/// The stated completeness of one child's history, as one clock asks for it.
pub(super) struct Wholeness<'a> {
    shape: &'a ClockShape,
    coverage: &'a Coverage,
    as_at: NaiveDate,
    /// Kinds that would stop, close or excuse the clock, and of which a source could not say what happened.
    unsaid: Vec<Kind>,
    /// Kinds that would start it, each with its place among the alternatives, of which a source could not say the same.
    unsaid_starts: Vec<(usize, Kind)>,
    /// The last complete stretch of history that was found, first and last day, the same for every stop.
    complete: Cell<Option<(NaiveDate, NaiveDate)>>,
}

impl<'a> Wholeness<'a> {
    pub(super) fn new(
        track: &'a Track<'_>,
        (coverage, endings, processes): (&'a Coverage, &Endings, &Processes<'_>),
        as_at: NaiveDate,
    ) -> Self {
        let settles = |kind: &Kind| settles(track, endings, *kind) && !is_held_of_each(processes, *kind);
        let unsaid = coverage.unsaid().filter(settles).collect();
        let mut unsaid_starts: Vec<(usize, Kind)> = Vec::new();
        if track.shape.start.len() > 1 {
            let starts = || track.shape.start.iter().map(|start| start.kind).enumerate();
            let hidden = coverage.unsaid().flat_map(|kind| starts().filter(move |(_, start)| *start == kind));
            unsaid_starts.extend(hidden);
        }
        Self { shape: track.shape, coverage, as_at, unsaid, unsaid_starts, complete: Cell::new(None) }
    }

    /// Whether every event that could answer is held: from the start (for a numbered occurrence: from where the numbering
    /// begins) to the stop, or, where none is held, to the last day in time or the day asked about.
    ///
    /// A direct clock (its stop names its process) needs this only while it has no stop, and only where something is
    /// stated about this child's history at all.
    pub(super) fn is_whole(&self, run: &Run<'_, '_>, verdict: &Verdict) -> bool {
        let strict = self.shape.first_of || self.shape.chain.is_some();
        let closed = verdict.stop.or(verdict.ended);
        // What ended too late without a stop may have been excused, or have ended before, by what a source could not say.
        let is_open = closed.is_none() || verdict.is_missed();
        if is_open && self.may_be_settled(run) {
            return false;
        }
        if !strict && (closed.is_some() || self.coverage.is_empty()) {
            return true;
        }
        let numbered = self.shape.chain.is_some_and(|chain| !chain.repeats);
        let from = if numbered { numbered_from(run) } else { run.start.earliest.or(Some(NaiveDate::MIN)) };
        let Some(from) = from else { return false };
        let last = |first: First| first.latest.map_or(NaiveDate::MAX, |point| verdict.day(point));
        let due = if verdict.open_ended { NaiveDate::MAX } else { verdict.day(verdict.due.last) };
        let to = match closed {
            // Done before the start: the act answers, and nothing that may be missing changes it.
            Some(closed) if verdict.stop.is_some() && last(closed) < from => return true,
            Some(closed) => last(closed).min(due),
            None => due.min(self.as_at),
        };
        // A last day before the start leaves that day alone to ask about.
        self.is_complete(from.min(to), to)
    }

    /// Whether what stopped a clock in time did so whatever is missing: an earlier act, after the start, was in time too. Of a
    /// numbered occurrence nothing may be missing before the start, or it is another one.
    pub(super) fn is_met_whatever_is_missing(&self, run: &Run<'_, '_>) -> bool {
        let is_numbered_so = || {
            let days = numbered_from(run).zip(run.start.latest);
            days.is_some_and(|(from, to)| self.is_complete(from.min(to), to))
        };
        self.shape.early_stop != EarlyStop::TooEarly
            && self.shape.chain.is_none_or(|chain| chain.repeats || is_numbered_so())
    }

    /// Whether a start that goes before the one that is held may be hidden: a source could not say whether it happened up to
    /// the day of that one.
    pub(super) fn may_start_otherwise(&self, run: &Run<'_, '_>) -> bool {
        let until = run.start.latest.unwrap_or(self.as_at);
        let mut earlier = self.unsaid_starts.iter().filter(|(place, _)| *place < run.case.alternative());
        earlier.any(|(_, kind)| self.coverage.may_hide(*kind, NaiveDate::MIN, until))
    }

    /// Whether a source could not say something that may have stopped, closed or excused the clock since its start. What
    /// ended it is held.
    fn may_be_settled(&self, run: &Run<'_, '_>) -> bool {
        let from = run.start.earliest.unwrap_or(NaiveDate::MIN);
        let ended_by = |kind: Kind| run.case.ended_by.iter().any(|event| event.kind() == kind);
        let mut unsaid = self.unsaid.iter().copied().filter(|kind| !ended_by(*kind));
        unsaid.any(|kind| self.coverage.may_hide(kind, from, self.as_at))
    }

    /// Whether every stop between the two days is held. Clocks of one journey mostly lie in one stretch of history.
    fn is_complete(&self, from: NaiveDate, to: NaiveDate) -> bool {
        if self.complete.get().is_some_and(|(first, last)| first <= from && to <= last) {
            return true;
        }
        let until =
            self.shape.stop.iter().map(|stop| stop.kind).map(|kind| self.coverage.complete_until(kind, from));
        let until = until.map(|until| until.map(|last| last.unwrap_or(NaiveDate::MAX)));
        let Some(last) = until.collect::<Option<Vec<NaiveDate>>>().and_then(|all| all.into_iter().min())
        else {
            return false;
        };
        self.complete.set(Some((from, last)));
        to <= last
    }
}

/// Whether a kind ends processes of which each on record has such an end: a file that could not say whether one ended hides
/// none, where another one says so.
fn is_held_of_each(processes: &Processes<'_>, kind: Kind) -> bool {
    let Some(role) = kind.own_role().filter(|_| kind.stage() == Stage::Ends) else { return false };
    let mut of_role = processes.in_role(role).peekable();
    of_role.peek().is_some() && of_role.all(|process| process.own_end().is_some_and(|end| end.kind() == kind))
}

/// Whether events of a kind stop, close or excuse clocks of the track: by their rule, as the end of their process, or by
/// the table of endings.
fn settles(track: &Track<'_>, endings: &Endings, kind: Kind) -> bool {
    let shape = track.shape;
    let by_rule = [&shape.stop, &shape.not_required, &shape.not_applicable, &shape.ended_by];
    let by_table = || {
        endings.lines().iter().any(|line| {
            let Cause::Events(events) = &line.cause else { return false };
            events.iter().any(|event| event.kind == kind)
                && endings.effect(line, &track.rule.id, shape).is_some()
        })
    };
    by_rule.into_iter().flatten().any(|one| one.kind == kind) || track.ends.contains(&kind) || by_table()
}

/// The day from which occurrences are counted; `None` where it is not known or lies after the start of this run.
fn numbered_from(run: &Run<'_, '_>) -> Option<NaiveDate> {
    let counted_from = Ends::of_first(&run.case.counted_from)?.earliest?;
    run.start.earliest.filter(|start| counted_from <= *start).map(|_| counted_from)
}
