//! What every possible reading of uncertain dates says, found from bounds and never by trying them all.
//!
//! A reading gives each uncertain event one point between its bounds. For one point of the start, the first event from it
//! on can be as early as the least of the possible ones and as late as the least of the sure ones; every answer here only
//! asks whether such a point lies before or after others, so the two ends tell whether all readings agree. Between two
//! edges (the bounds of the events that lie within the span of the start) nothing changes but by growing, so the edges
//! tell of every start.
//!
//! Points are numbers of days, or microseconds for a limit in hours.

use crate::rules::{Bound, EarlyStop};

/// A day or an instant, as a number.
pub(super) type Point = i64;

/// Earlier than every point: an event that has no earliest day.
pub(super) const BEFORE_ALL: Point = Point::MIN;
/// Later than every point: an event that has no latest day.
pub(super) const AFTER_ALL: Point = Point::MAX;

/// Later than the day asked about, whatever that is: what may not have happened by then.
pub(super) const NOT_YET: Point = Point::MAX - 1;

/// Points of an hour, where they are microseconds.
pub(super) const MICROS_OF_HOUR: Point = 3_600_000_000;

/// The points between which something lies, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: Point,
    pub(super) last: Point,
}

impl Span {
    pub(super) fn is_certain(self) -> bool {
        self.first == self.last
    }

    /// The point, where both ends agree on it.
    pub(super) fn certain(self) -> Option<Point> {
        self.is_certain().then_some(self.first)
    }

    /// Whether nothing at all is known of it.
    pub(super) fn is_unknown(self) -> bool {
        self == Self::UNKNOWN
    }

    pub(super) const UNKNOWN: Self = Self { first: BEFORE_ALL, last: AFTER_ALL };

    pub(super) fn exact(point: Point) -> Self {
        Self { first: point, last: point }
    }

    /// From the least of both first points to the greatest of both last ones.
    pub(super) fn hull(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// An event that may be the first one from the start on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Possible {
    pub(super) at: Span,
    /// Whether it counts in every reading in which it does not lie before the start.
    pub(super) sure: bool,
    pub(super) order: Order,
}

/// Whether an event comes after the start where both may lie on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// On that day it counts.
    Known,
    /// On that day it may have come before.
    Open,
    /// It comes after the start on whatever day: the start is the first of them all.
    Follows,
}

/// What it means that none of the events lies on the start or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoneLeft {
    /// There is none.
    There,
    /// The days cannot have been like that, unless all lie before every start: the act names the process.
    Impossible,
    /// The record contradicts itself.
    Contradiction,
}

/// The first of some events from one start on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    pub(super) earliest: Point,
    /// `None` where there may be none.
    pub(super) latest: Option<Point>,
}

impl First {
    /// The first of `events` that lies at `start` or after it. With `one_counts`, one of the sure ones does, where there is
    /// no other that may be the one.
    pub(super) fn from(
        events: impl Iterator<Item = Possible>,
        start: Point,
        one_counts: bool,
    ) -> Option<Self> {
        let (mut earliest, mut latest, mut at_last) = (None::<Point>, None::<Point>, None::<Point>);
        let mut another = false;
        for event in events.filter(|event| event.at.last >= start) {
            let from = event.at.first.max(start);
            earliest = Some(earliest.map_or(from, |point| point.min(from)));
            let is_after = match event.order {
                Order::Known => event.at.first >= start,
                Order::Open => event.at.first > start,
                Order::Follows => true,
            };
            if event.sure && is_after {
                latest = Some(latest.map_or(event.at.last, |point| point.min(event.at.last)));
            } else if event.sure {
                at_last = at_last.max(Some(event.at.last));
            }
            another |= !event.sure;
        }
        let latest = latest.or(at_last.filter(|_| one_counts && !another));
        earliest.map(|earliest| Self { earliest, latest })
    }

    /// The point, where there is one in every reading and the same.
    pub(super) fn certain(self) -> Option<Point> {
        self.latest.filter(|latest| *latest == self.earliest)
    }

    /// Both ends; `None` stands for none of them.
    fn ends(first: Option<Self>) -> [Option<Point>; 2] {
        first.map_or([None, None], |first| [Some(first.earliest), first.latest])
    }
}

/// The points of a start at which it has to be asked which event comes first.
pub(super) fn edges(start: Span, events: impl Iterator<Item = Possible>) -> Vec<Point> {
    let mut edges = vec![start.first, start.last];
    if start.is_certain() {
        edges.truncate(1);
        return edges;
    }
    let within = |point: &Point| start.first < *point && *point < start.last;
    for event in events {
        let (first, last) = (event.at.first, event.at.last);
        let around = [first, first.saturating_add(1), last, last.saturating_add(1)];
        edges.extend(around.into_iter().filter(within));
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// What one reading says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Met,
    Late,
    TooEarly,
    NotRequired,
    /// Its process ended in time.
    Closed,
    Running,
    Overdue,
    /// Its process ended after the last day, and it was not done by then.
    Missed,
    /// Its only stop lies before its start.
    StopBeforeStart,
    /// Past a limit of which a relaxation left nothing to count.
    Relaxed,
}

impl Outcome {
    /// What is said where two readings say this and another; `None` where they differ. What comes after the last day wipes out no
    /// breach, so that it does not matter whether the end or the act has come: it is overdue while that may be open.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (one, other) if one == other => Some(one),
            (Self::Missed | Self::Late, Self::Overdue) | (Self::Overdue, Self::Missed | Self::Late) => {
                Some(Self::Overdue)
            }
            (Self::Missed, Self::Late) | (Self::Late, Self::Missed) => Some(Self::Late),
            _ => None,
        }
    }
}

/// What the readings say that were asked: what all said until now, and whether two differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outcomes(Option<Outcome>, bool);

impl Outcomes {
    pub(super) fn add(&mut self, outcome: Outcome) {
        match self.0 {
            None => self.0 = Some(outcome),
            Some(said) => match said.and(outcome) {
                Some(both) => self.0 = Some(both),
                None => self.1 = true,
            },
        }
    }

    /// What all of them say.
    pub(super) fn only(self) -> Option<Outcome> {
        self.0.filter(|_| !self.1)
    }
}

/// What does not change with the start: the rule's own terms and the day asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) bound: Bound,
    pub(super) early: EarlyStop,
    /// The last day is set by another event or stated, so that a stop before the start is like any other.
    pub(super) set_elsewhere: bool,
    /// What is past the limit cannot be told.
    pub(super) relaxed: bool,
    /// The day asked about, from its first point to its last.
    pub(super) as_at: Span,
}

/// One start, and what is due and what happened from it on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) start: Point,
    pub(super) due: Span,
    /// Nothing sets a last day yet.
    pub(super) open_ended: bool,
    /// When what sets the last day came, where nothing can be done any more after it.
    pub(super) lapsed: Option<Span>,
    /// The first point that a window allows.
    pub(super) not_before: Point,
    pub(super) stop: Option<First>,
    /// Whether that may be no stop at all, whatever its day: one of another process.
    pub(super) stop_is_doubtful: bool,
    pub(super) not_required: Option<First>,
    pub(super) ended: Option<First>,
    /// Where no stop counts because each came after the end: the last point at which that end can lie.
    pub(super) ended_before: Option<Point>,
    /// What it means that there is no stop although there are events that could be one.
    pub(super) without_stop: NoneLeft,
}

impl Asked {
    /// When the process ended in the readings with a stop, or without one.
    fn ended_beside(&self, stop: Option<Point>) -> Option<First> {
        match (self.ended, self.ended_before.filter(|_| stop.is_none())) {
            (Some(ended), Some(before)) if ended.earliest <= before => {
                let latest = ended.latest.map_or(before, |latest| latest.min(before));
                Some(First { latest: Some(latest), ..ended })
            }
            (ended, _) => ended,
        }
    }
}

impl Terms {
    /// Adds what the readings of one start say.
    pub(super) fn ask(&self, asked: &Asked, said: &mut Outcomes) {
        for stop in distinct(First::ends(asked.stop)) {
            for not_required in distinct(First::ends(asked.not_required)) {
                for ended in distinct(First::ends(asked.ended_beside(stop))) {
                    for due in distinct([asked.due.first, asked.due.last]) {
                        for lapsed in
                            distinct(asked.lapsed.map_or([None; 2], |at| [Some(at.first), Some(at.last)]))
                        {
                            said.add(self.reading(asked, [stop, not_required, ended, lapsed], due));
                        }
                    }
                }
            }
        }
    }

    fn reading(
        &self,
        asked: &Asked,
        [stop, not_required, ended, lapsed]: [Option<Point>; 4],
        due: Point,
    ) -> Outcome {
        // What has no latest day stands in the record all the same, so it has happened.
        let by_then = |point: &Point| *point <= self.as_at.last || *point == AFTER_ALL;
        let nothing_runs_out = asked.open_ended || self.bound == Bound::Minimum;
        // What was done before is asked of, also where it was found not to be required and came all the same.
        let lapsed = lapsed.filter(|lapsed| *lapsed < self.as_at.first);
        let not_required = not_required.filter(|_| lapsed.is_none());
        let ended = ended.filter(|ended| lapsed.is_none_or(|lapsed| *ended < lapsed));
        let outcome = match (stop, not_required.filter(by_then), ended.filter(by_then)) {
            (Some(stop), _, _) if by_then(&stop) => self.stopped(asked, stop, due),
            (None, _, _) if asked.without_stop == NoneLeft::Contradiction => Outcome::StopBeforeStart,
            (_, Some(_), _) => Outcome::NotRequired,
            (_, None, Some(ended)) if nothing_runs_out || ended <= due => Outcome::Closed,
            (_, None, Some(_)) => Outcome::Missed,
            (_, None, None) if lapsed.is_some() => Outcome::Missed,
            (_, None, None) if nothing_runs_out || self.as_at.first <= due => Outcome::Running,
            (_, None, None) => Outcome::Overdue,
        };
        // It wipes out no breach either, where it was too late.
        let is_doubtful = asked.stop_is_doubtful && outcome == Outcome::Late;
        let outcome = if is_doubtful { Outcome::Missed } else { outcome };
        let past = matches!(outcome, Outcome::Late | Outcome::Missed | Outcome::Overdue);
        if past && self.relaxed { Outcome::Relaxed } else { outcome }
    }

    fn stopped(&self, asked: &Asked, stop: Point, due: Point) -> Outcome {
        let is_early = !self.set_elsewhere && stop < asked.start;
        match self.early {
            EarlyStop::Met if is_early => return Outcome::Met,
            EarlyStop::TooEarly if is_early => return Outcome::TooEarly,
            EarlyStop::Met | EarlyStop::TooEarly | EarlyStop::CannotTell => {}
        }
        match self.bound {
            _ if asked.open_ended => Outcome::Met,
            Bound::Minimum if stop < due => Outcome::TooEarly,
            Bound::Minimum => Outcome::Met,
            Bound::Maximum | Bound::Window { .. } if stop > due => Outcome::Late,
            Bound::Window { .. } if stop < asked.not_before => Outcome::TooEarly,
            Bound::Maximum | Bound::Window { .. } => Outcome::Met,
        }
    }
}

/// Both, or one where they are the same.
pub(super) fn distinct<T: PartialEq>([one, other]: [T; 2]) -> impl Iterator<Item = T> {
    let other = Some(other).filter(|other| *other != one);
    std::iter::once(one).chain(other)
}
