//! Occurrences of a chain of which the order is not settled, asked about by their place in it.
//!
//! Of two reviews of which either may be the last, each may be followed by the other, so that neither can be told by itself.
//! But one of them is the last in every reading, and what follows it is due. So a link begins with "the last of these", or
//! "the second of these", and is asked from each day on which that one may lie.
//!
//! Only occurrences that may be the last one, or that may come before the one at which the chain begins, are told by their
//! place. Each of the others has a link of its own ([`super::links`]), which keeps its day.
//!
//! What it does not do: an occurrence that may be of another process is none in some readings, so that no place is settled.
//!
//! Invariant: of each reading every link has exactly one clock.

use chrono::NaiveDate;

use crate::rules::Chain;
use crate::time::Occurred;

use super::Clock;
use super::ends::Ends;
use super::points::{days, ends_of};
use super::readings::{AFTER_ALL, First, Point, Span};

/// The places of occurrences that are told by their place among each other, those of a group together.
pub(super) fn groups(spans: &[Span], chain: Chain) -> Vec<Vec<usize>> {
    let all = || (0..spans.len()).collect::<Vec<usize>>();
    if !chain.repeats {
        return vec![all()];
    }
    let may_be_last = may_be_last(spans);
    let may_come_before = may_come_before(spans, chain.from_occurrence);
    if may_come_before.iter().any(|place| may_be_last.contains(place)) {
        let is_one = |place: &usize| may_come_before.contains(place) || may_be_last.contains(place);
        return vec![all().into_iter().filter(is_one).collect()];
    }
    vec![may_come_before, may_be_last]
}

fn may_be_last(spans: &[Span]) -> Vec<usize> {
    let latest = spans.iter().map(|span| span.first).max();
    (0..spans.len()).filter(|place| spans.get(*place).map(|span| span.last) >= latest).collect()
}

/// Those that may come before the one at which the chain begins.
fn may_come_before(spans: &[Span], begins: usize) -> Vec<usize> {
    let surely_before = |at: Span| spans.iter().filter(|other| other.last < at.first).count();
    let may = |place: &usize| spans.get(*place).is_some_and(|at| surely_before(*at) + 1 < begins);
    (0..spans.len()).filter(may).collect()
}

/// The link that begins with the occurrence at a place among some of which the order is not settled.
#[derive(Debug)]
pub(super) struct Ranked {
    /// Those that are told by their place.
    among: Vec<Span>,
    /// The place among them, from 0.
    rank: usize,
    /// The occurrences beside them.
    beside: Vec<Span>,
    /// What ends the process after the link began.
    ends: Vec<Span>,
}

impl Ranked {
    pub(super) fn new(spans: &[Span], group: &[usize], rank: usize) -> Self {
        let (mut among, mut beside) = (Vec::new(), Vec::new());
        for (place, span) in spans.iter().enumerate() {
            if group.contains(&place) { among.push(*span) } else { beside.push(*span) }
        }
        Self { among, rank, beside, ends: Vec::new() }
    }

    /// The same where the process ends, those ends left out that surely came before the link began.
    pub(super) fn ended_by(self, ends: impl Iterator<Item = Ends<NaiveDate>>) -> Self {
        let began = self.start();
        let ends = ends.map(days).filter(|end| end.last >= began.first).collect();
        Self { ends, ..self }
    }

    /// The days between which the link begins.
    pub(super) fn start(&self) -> Span {
        let at = |ends: Vec<Point>| nth(ends, self.rank);
        let first = at(self.among.iter().map(|span| span.first).collect());
        let last = at(self.among.iter().map(|span| span.last).collect());
        Span { first: first.unwrap_or(Span::UNKNOWN.first), last: last.unwrap_or(Span::UNKNOWN.last) }
    }

    /// The days between which lies what follows it, wherever it begins; `None` where nothing does.
    pub(super) fn following(&self) -> Option<Span> {
        let began = self.start();
        let (earliest, latest) = (self.next(began.first), self.next(began.last));
        let first = earliest.or(latest)?.earliest;
        let last = latest.and_then(|next| next.latest).unwrap_or(AFTER_ALL);
        Some(Span { first, last })
    }

    /// Shows the days between which a clock begins and ends, and not those of one of the acts that may begin and end it.
    pub(super) fn show(&self, clock: &mut Clock<'_>) {
        clock.start.occurred = shown(clock.start.occurred, self.start());
        if let (Some(stop), Some(next)) = (&mut clock.stop, self.following()) {
            stop.occurred = shown(stop.occurred, next);
        }
    }

    /// What follows it where it begins at a point; `None` where nothing does.
    pub(super) fn next(&self, start: Point) -> Option<First> {
        let next = match (self.next_among(start), self.next_beside(start)) {
            (Some(one), Some(other)) => Some(sooner(one, other)),
            (one, other) => one.or(other),
        };
        next.and_then(|next| self.in_time(next))
    }

    /// The next of those whose order is not settled.
    fn next_among(&self, start: Point) -> Option<First> {
        let lasts = |is_one: &dyn Fn(&Span) -> bool| -> Vec<Point> {
            self.among.iter().filter(|span| is_one(span)).map(|span| span.last).collect()
        };
        let by_then = self.among.iter().filter(|span| span.first <= start).count();
        let later = || self.among.iter().filter(|span| span.first > start);
        let earliest = if by_then > self.rank + 1 { start } else { later().map(|span| span.first).min()? };
        let surely_by_then = lasts(&|span| span.last <= start).len();
        if surely_by_then > self.rank + 1 {
            return Some(First { earliest, latest: Some(start) });
        }
        // As late as can be where no more than needed lie before it: those that could not come much later.
        let open = lasts(&|span| span.first <= start && span.last > start);
        let after = nth(open, self.rank + 1 - surely_by_then);
        let latest = after.into_iter().chain(later().map(|span| span.last)).min();
        Some(First { earliest, latest })
    }

    /// The next of the others.
    fn next_beside(&self, start: Point) -> Option<First> {
        let earliest = self.beside.iter().filter(|span| span.last >= start).map(|span| span.first.max(start));
        let latest = self.beside.iter().filter(|span| span.first > start).map(|span| span.last).min();
        Some(First { earliest: earliest.min()?, latest })
    }

    /// What follows it before the process ended; where that may have come first, there may be none.
    fn in_time(&self, next: First) -> Option<First> {
        let is_after = self.ends.iter().any(|end| end.last < next.earliest);
        let may_be_after = |end: &Span| next.latest.is_some_and(|latest| latest > end.first);
        let latest = next.latest.filter(|_| !self.ends.iter().any(may_be_after));
        (!is_after).then_some(First { latest, ..next })
    }
}

/// As it is recorded where the act lies between these points, else the days of the points.
fn shown(recorded: Occurred, at: Span) -> Occurred {
    let at = ends_of(at);
    match (at.earliest, at.latest) {
        ends if ends == (recorded.earliest_day(), recorded.latest_day()) => recorded,
        (Some(day), Some(last)) if day == last => Occurred::on(day),
        (None, None) => Occurred::UNKNOWN,
        (from, to) => Occurred::within(from, to),
    }
}

fn nth(mut points: Vec<Point>, place: usize) -> Option<Point> {
    points.sort_unstable();
    points.get(place).copied()
}

fn sooner(one: First, other: First) -> First {
    First {
        earliest: one.earliest.min(other.earliest),
        latest: one.latest.into_iter().chain(other.latest).min(),
    }
}
