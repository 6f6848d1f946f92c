//! The links of a chain: each runs from one occurrence to the next that follows it.
//!
//! Where every occurrence has its day, links follow the practice order. Where one has not, each occurrence that may start a
//! link has a clock of its own, and the next one may be any that can lie after it: as early as the least possible and as
//! late as the least sure one. Of several that may be the last one, or the one at which the chain begins, links are told by
//! their place ([`super::ranks`]). So there are as many clocks as every reading has links.
//!
//! Where it is not settled how many occurrences there are, or another rule may ask in between, no place is: the clock
//! of an occurrence that may or may not be the one at which the chain begins then says `cannot_tell`.

use crate::ids::EventId;
use crate::journey::KnownEvent;
use crate::processes::is_visit;
use crate::rules::Chain;

use super::case::{Case, Stop};
use super::ends::Ends;
use super::judge::Judge;
use super::judged::Judged;
use super::points::days_of;
use super::ranks::{self, Ranked};
use super::readings::{Order, Point, Span};
use super::run::Run;
use super::{Clock, State, Why};

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// Adds a clock for each link.
    pub(super) fn links(&self, case: &Case<'j>, chain: Chain, to: &mut Judged<'b, 'j>) {
        let once_a_day = visits_once_a_day(case);
        let case = once_a_day.as_ref().unwrap_or(case);
        let is_certain = |stop: &Stop<'_>| stop.sure && stop.event.occurred.day().is_some();
        if case.stops.iter().all(is_certain) {
            self.links_in_order(case, chain, to);
        } else if self.are_places_settled(case) {
            self.links_by_place(case, chain, to);
        } else {
            self.links_from_each(case, chain, to);
        }
        self.link_behind_a_gap(case, chain, to);
    }

    fn links_in_order(&self, case: &Case<'j>, chain: Chain, to: &mut Judged<'b, 'j>) {
        let links = if chain.repeats { usize::MAX } else { 1 };
        let starts = (1..).zip(&case.stops).skip(chain.from_occurrence - 1).take(links);
        for (occurrence, start) in starts {
            let next = case.stops.get(occurrence..).unwrap_or_default();
            self.link((case, occurrence), start, next.first().copied().into_iter().collect(), to);
        }
    }

    /// Whether what the rule names closes a link before the next occurrence: that one is of another kind of duty then.
    pub(super) fn ends_before(&self, case: &Case<'j>, start: &Stop<'j>, next: &Stop<'j>) -> bool {
        let named = &self.track.shape.ended_by;
        let (start, next) = (Ends::of(start.event), Ends::of(next.event));
        case.ended_by.iter().any(|event| {
            let at = Ends::of(event);
            let is_named = named.iter().any(|one| one.kind == event.kind());
            is_named && !at.surely_before(start) && at.surely_before(next)
        })
    }

    /// Whether it is known how many occurrences there are, and each link goes from one to the next.
    fn are_places_settled(&self, case: &Case<'j>) -> bool {
        let closes =
            |event: &KnownEvent| self.track.shape.ended_by.iter().any(|one| one.kind == event.kind());
        case.stops.iter().all(|stop| stop.sure)
            && !case.ended_by.iter().any(|event| closes(event))
            && !self.is_ever_replaced()
    }

    fn links_by_place(&self, case: &Case<'j>, chain: Chain, to: &mut Judged<'b, 'j>) {
        let spans: Vec<Span> = case.stops.iter().map(|stop| days_of(stop.event)).collect();
        let groups = ranks::groups(&spans, chain);
        let occurrences = Occurrences::new(&case.stops);
        for (place, start) in case.stops.iter().enumerate() {
            let group = groups.iter().find(|group| group.contains(&place));
            let Some((group, rank)) = group.and_then(|group| Some((group, rank_of(place, group)?))) else {
                self.link((case, place + 1), start, occurrences.after(place), to);
                continue;
            };
            // Those at the beginning of the chain are the first of them all.
            let number = if group.contains(&0) { rank + 1 } else { chain.from_occurrence };
            let is_asked =
                if chain.repeats { number >= chain.from_occurrence } else { number == chain.from_occurrence };
            if is_asked {
                let ends = case.over.iter().map(|over| over.at());
                let ranked = Ranked::new(&spans, group, rank).ended_by(ends);
                let began = ranked.start();
                let next: Vec<Stop<'j>> = case
                    .stops
                    .iter()
                    .filter(|stop| days_of(stop.event).last >= began.first)
                    .copied()
                    .collect();
                let run = Run::link(case, place + 1, start.event, Ends::of(start.event), &next);
                self.judge(&run.ranked(&ranked), to);
            }
        }
    }

    fn links_from_each(&self, case: &Case<'j>, chain: Chain, to: &mut Judged<'b, 'j>) {
        let occurrences = Occurrences::new(&case.stops);
        let links = if chain.repeats { usize::MAX } else { 1 };
        let starts = (1..).zip(&case.stops).skip(chain.from_occurrence - 1).take(links);
        for (occurrence, start) in starts {
            let judged = self.link((case, occurrence), start, occurrences.after(occurrence - 1), to);
            if let Some(clock) = judged.filter(|_| !occurrences.belongs(occurrence - 1, chain)) {
                leave_unsettled(clock);
            }
        }
    }
}

/// The case with one visit a day, where two of a day are told that no times tell apart; `None` elsewhere. The interval between
/// two visits is one of days.
fn visits_once_a_day<'j>(case: &Case<'j>) -> Option<Case<'j>> {
    let is_again = |[one, next]: [&Stop<'j>; 2]| {
        let (one_at, next_at) = (one.event.occurred, next.event.occurred);
        let times = one_at.instant().zip(next_at.instant());
        is_visit(next.event.kind())
            && one.event.kind() == next.event.kind()
            && one.sure == next.sure
            && one_at.day().is_some()
            && one_at.day() == next_at.day()
            && times.is_none_or(|(one, next)| one == next)
    };
    let pairs = || case.stops.iter().zip(case.stops.iter().skip(1)).map(|(one, next)| [one, next]);
    if !pairs().any(is_again) {
        return None;
    }
    let again: Vec<EventId> =
        pairs().filter(|pair| is_again(*pair)).map(|[_, next]| next.event.event_id).collect();
    let mut case = case.clone();
    case.stops.retain(|stop| !again.contains(&stop.event.event_id));
    Some(case)
}

/// Says of a clock that is told that the order of occurrences does not settle it.
fn leave_unsettled(clock: &mut Clock<'_>) {
    let is_open = !matches!(clock.state, State::NotApplicable | State::HistoryIncomplete);
    if is_open && !matches!(clock.state, State::CannotTell(_)) {
        clock.state = State::CannotTell(Why::OrderNotKnown);
    }
}

/// The place of one of a group among them: they stand in practice order.
fn rank_of(place: usize, group: &[usize]) -> Option<usize> {
    group.iter().position(|one| *one == place)
}

/// Occurrences of which some have no certain day, sorted so that each finds what may follow it without going through all.
struct Occurrences<'a, 'j> {
    stops: &'a [Stop<'j>],
    /// Places of those with a certain day, in practice order.
    certain: Vec<usize>,
    /// Places of the others by their first day, each with the place among these from it on that has the least last day.
    by_first: Vec<(Point, usize, Option<usize>)>,
    /// Places of the others by their last day, each with the place among these from it on that has the least first day.
    by_last: Vec<(Point, usize, usize)>,
}

impl<'a, 'j> Occurrences<'a, 'j> {
    fn new(stops: &'a [Stop<'j>]) -> Self {
        let is_certain = |stop: &Stop<'_>| stop.sure && stop.event.occurred.day().is_some();
        let places = |certain: bool| {
            let of = stops.iter().enumerate().filter(move |(_, stop)| is_certain(stop) == certain);
            of.map(|(place, stop)| (place, days_of(stop.event), stop.sure))
        };
        let mut by_first: Vec<(Point, usize, Option<usize>)> = Vec::new();
        let mut by_last: Vec<(Point, usize, usize)> = Vec::new();
        let mut open: Vec<(usize, Span, bool)> = places(false).collect();
        open.sort_by_key(|(_, at, _)| at.first);
        let mut least: Option<(Point, usize)> = None;
        for (place, at, sure) in open.iter().rev() {
            if *sure && least.is_none_or(|(last, _)| at.last <= last) {
                least = Some((at.last, *place));
            }
            by_first.push((at.first, *place, least.map(|(_, place)| place)));
        }
        by_first.reverse();
        open.sort_by_key(|(_, at, _)| at.last);
        let mut least: Option<(Point, usize)> = None;
        for (place, at, _) in open.iter().rev() {
            let (first, held) = least.filter(|(first, _)| *first < at.first).unwrap_or((at.first, *place));
            least = Some((first, held));
            by_last.push((at.last, *place, held));
        }
        by_last.reverse();
        Self { stops, certain: places(true).map(|(place, ..)| place).collect(), by_first, by_last }
    }

    /// What may be the next one after that at a place.
    fn after(&self, place: usize) -> Vec<Stop<'j>> {
        let Some(start) = self.stops.get(place) else { return Vec::new() };
        let at = days_of(start.event);
        let level = |place: &usize| self.stops.get(*place).map(|stop| Stop { order: Order::Open, ..*stop });
        if !at.is_certain() || !start.sure {
            // Any other may be before or after it.
            let others = (0..self.stops.len()).filter(|other| *other != place);
            return others
                .filter_map(|other| level(&other))
                .filter(|stop| days_of(stop.event).last >= at.first)
                .collect();
        }
        let next = self.certain.get(self.certain.partition_point(|other| *other <= place));
        let next = next.and_then(|next| self.stops.get(*next)).copied();
        let may_follow = self.by_last.get(self.by_last.partition_point(|(last, ..)| *last < at.first));
        let must_follow = self.by_first.get(self.by_first.partition_point(|(first, ..)| *first <= at.first));
        let earliest = may_follow.and_then(|(_, _, earliest)| level(earliest));
        // It says how early the next one can be; how late it can be the other says.
        let earliest = earliest.map(|stop| Stop { sure: false, ..stop });
        let latest = must_follow.and_then(|(_, _, latest)| latest.as_ref()).and_then(level);
        next.into_iter().chain(earliest).chain(latest).collect()
    }

    /// Whether a link starts at the occurrence at a place in every reading.
    fn belongs(&self, place: usize, chain: Chain) -> bool {
        let begins = chain.from_occurrence;
        if begins == 1 && chain.repeats {
            return true;
        }
        let (least, most) = self.numbers(place);
        least >= begins && (chain.repeats || most == begins)
    }

    /// The least and the greatest number that the occurrence at a place can have.
    fn numbers(&self, place: usize) -> (usize, usize) {
        let Some(start) = self.stops.get(place) else { return (place + 1, place + 1) };
        let at = days_of(start.event);
        let is_one = |stop: &Stop<'_>| stop.sure && stop.event.occurred.day().is_some();
        let (mut least, mut most) = (1, 1);
        for (other, stop) in self.stops.iter().enumerate().filter(|(other, _)| *other != place) {
            let day = days_of(stop.event);
            // Two with certain days stand in practice order.
            let in_order = is_one(start) && is_one(stop);
            let surely = if in_order { other < place } else { stop.sure && day.last < at.first };
            let possibly = if in_order { other < place } else { day.first <= at.last };
            (least, most) = (least + usize::from(surely), most + usize::from(possibly));
        }
        (least, most)
    }
}
