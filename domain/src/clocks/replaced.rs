//! Duties in the place of which another rule asks for a while: reviews and visits of a child placed for adoption.
//!
//! The other rule asks while a process that one of `replaced_while` began runs, by the table of endings; so of the two only
//! one judges a day, and a process that runs beside it (a stay in hospital) changes nothing. When the process has ended, the
//! duty goes on from the last act, under whichever rule that was done, and is not due before the day on which it goes on.

use chrono::NaiveDate;

use super::Clock;
use super::case::{Case, Stop};
use super::ends::Ends;
use super::judge::Judge;
use super::judged::Judged;
use super::points::point;
use super::readings::Point;
use super::run::Run;

/// The days of a process while which another rule asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced {
    from: Ends<NaiveDate>,
    /// The first day on which the rule asks again; `None` while the process runs.
    until: Option<Ends<NaiveDate>>,
}

impl Replaced {
    /// Whether something lies within; `None` where the days do not settle it.
    fn covers(&self, at: Ends<NaiveDate>) -> Option<bool> {
        let begun = |from: Option<NaiveDate>, at: Option<NaiveDate>| {
            from.unwrap_or(NaiveDate::MIN) <= at.unwrap_or(NaiveDate::MAX)
        };
        let ended = |until: Option<NaiveDate>, at: Option<NaiveDate>| {
            until.unwrap_or(NaiveDate::MAX) <= at.unwrap_or(NaiveDate::MIN)
        };
        let surely_begun = self.from.latest.zip(at.earliest).is_some_and(|(from, at)| from <= at);
        let may_have_begun = begun(self.from.earliest, at.latest);
        let surely_ended = self.until.is_some_and(|until| ended(until.latest, at.earliest));
        let may_have_ended = self
            .until
            .is_some_and(|until| until.earliest.is_none_or(|until| at.latest.is_none_or(|at| until <= at)));
        match (may_have_begun && !surely_ended, surely_begun && !may_have_ended) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        }
    }
}

impl<'b, 'j> Judge<'_, 'b, 'j> {
    fn replaced(&self) -> &[Replaced] {
        let named = &self.track.shape.replaced_while;
        self.replaced.get_or_init(|| {
            if named.is_empty() {
                return Vec::new();
            }
            let processes = self.around.processes.iter();
            let begun = processes.filter_map(|process| Some((process, process.opened?)));
            let named = begun.filter(|(_, opened)| self.index.is_named(named, opened));
            let days = named.map(|(process, opened)| Replaced {
                from: Ends::of(opened),
                until: process.end().map(|end| Ends::of(end.event)),
            });
            days.collect()
        })
    }

    /// Whether another rule ever asks in the place of this one.
    pub(super) fn is_ever_replaced(&self) -> bool {
        !self.replaced().is_empty()
    }

    /// Whether another rule asks in the place of this one when a run starts; `None` where the days do not settle it.
    pub(super) fn is_replaced_on(&self, start: Ends<NaiveDate>) -> Option<bool> {
        let covers = || self.replaced().iter().map(|replaced| replaced.covers(start));
        if covers().any(|covers| covers == Some(true)) {
            return Some(true);
        }
        if covers().all(|covers| covers == Some(false)) { Some(false) } else { None }
    }

    /// The last day of what is asked for again: where another rule asked on it, the day on which this one asks again.
    pub(super) fn not_while_replaced(&self, last: Point) -> Point {
        // Of an end between two days, the later: on every reading the rule asks again by then.
        let days = |replaced: &Replaced| Some((replaced.from.certain()?, replaced.until?.latest?));
        let mut replaced: Vec<(NaiveDate, NaiveDate)> = self.replaced().iter().filter_map(days).collect();
        replaced.sort_unstable();
        replaced
            .into_iter()
            .map(|(from, until)| point(from)..point(until))
            .fold(last, |last, replaced| if replaced.contains(&last) { replaced.end } else { last })
    }

    /// Adds the clock of a link, `next` being what may follow its start. Where another rule took its place and has ended
    /// since, the link goes on.
    pub(super) fn link<'t>(
        &self,
        (case, occurrence): (&Case<'j>, usize),
        start: &Stop<'j>,
        next: Vec<Stop<'j>>,
        to: &'t mut Judged<'b, 'j>,
    ) -> Option<&'t mut Clock<'b>> {
        let run = |case, stops| Run::link(case, occurrence, start.event, Ends::of(start.event), stops);
        if let Some(from) = self.asked_again(start, &next) {
            let case = case.closed_by_rule_from(&self.track.shape.ended_by, from);
            let stops = case.stops_in_time(start, next);
            return self.judge(&run(&case, &stops).resumed(), to);
        }
        let own = next.into_iter().filter(|next| !self.ends_before(case, start, next)).collect();
        let stops = case.stops_in_time(start, own);
        self.judge(&run(case, &stops), to)
    }

    /// The day from which the rule asks again for what follows a start, where another asked in its place before and what
    /// follows did not come until then.
    fn asked_again(&self, start: &Stop<'j>, next: &[Stop<'j>]) -> Option<NaiveDate> {
        let begun = Ends::of(start.event).certain()?;
        let next = match next {
            [] => None,
            [next] => Some(Ends::of(next.event).certain()?),
            [_, _, ..] => return None,
        };
        let mut from = None;
        for replaced in self.replaced() {
            let (began, until) = (replaced.from.certain()?, replaced.until.map(|until| until.latest));
            let is_over = until.flatten().is_some_and(|until| until <= begun);
            if is_over || next.is_some_and(|next| next <= began) {
                continue;
            }
            from = from.max(Some(until??));
        }
        from.filter(|from| next.is_none_or(|next| *from <= next))
    }
}
