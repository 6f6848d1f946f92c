//! Indicators: what the clocks of all children say of a period, open clocks included, and its counts, shares and rates.
//!
//! A clock belongs to a period by the day on which it ended (closed) or by running on the period's last day
//! (open). A member of a tally belongs to it by its day; what is asked as at a day is asked as at the period's last. The
//! base is always stated: a share counts only what can be told, and what cannot be told is shown beside it, never dropped.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::clocks::{
    Answers, Clock, Evidence, Figures, Heading, Looked, LookedBack, State, Tallied, Tick, Why,
};
use domain::ids::StreamId;
use domain::rules::{Shape, ShareOf};

use crate::populations::Population;

/// First and last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    /// Whether a day lies in it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// Whether something that happened between two days lies in it; `None` where it may and may not.
    fn holds(&self, earliest: Option<NaiveDate>, latest: Option<NaiveDate>) -> Option<bool> {
        if earliest.is_some_and(|day| day > self.to) || latest.is_some_and(|day| day < self.from) {
            return Some(false);
        }
        let within = earliest.is_some_and(|day| day >= self.from) && latest.is_some_and(|day| day <= self.to);
        within.then_some(true)
    }
}

/// Half of all, less what rounding can take from a sum of shares.
const HALF: f64 = 0.5 - 1e-9;

/// What one rule says of a period. Mergeable, so that parts of a ledger can be folded at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indicator {
    /// Closed in the period, in time.
    pub met: u64,
    /// Closed in the period, after the last day of the limit itself, and in time only as extended.
    pub extended: u64,
    /// Closed in the period, after their last day.
    pub late: u64,
    /// Ended in the period without having been done, after their last day: a part of [`Self::late`], except for rules whose
    /// share is of what was done.
    pub never_done: u64,
    /// Of what was stopped in the period: the stop does not state the fact that the rule shows apart.
    pub not_stated: u64,
    /// Closed in the period, before the first day that the rule allows.
    pub too_early: u64,
    /// Open on the last day, in time.
    pub running: u64,
    /// Open on the last day, past their last day in time.
    pub overdue: u64,
    /// Ended in the period, or open on the last day: the dates do not settle it.
    pub cannot_tell: u64,
    /// Of [`Self::cannot_tell`]: nothing of the kind that would stop it is recorded by this authority.
    pub not_recorded: u64,
    /// Ended in the period, or open on the last day: the history has a gap.
    pub history_incomplete: u64,
    /// Ended in the period: the rule does not ask for it.
    pub not_applicable: u64,
    /// For flags and bands: events in the period that were asked about and can be told.
    pub asked: u64,
    /// For flags and bands: of those, with an earlier one that counts.
    pub earlier: u64,
    /// For bands: events by the band of the latest earlier one, also bands that do not count.
    pub bands: BTreeMap<String, u64>,
    /// Lengths of what closed in the period, in the rule's unit: length to number of clocks.
    pub lengths: BTreeMap<i64, u64>,
    /// Lengths of what ended in the period too late and without having been done, in the rule's unit: it never will be.
    pub without: BTreeMap<i64, u64>,
    /// Ages of what is open on the last day, in the rule's unit: a length is at least its age.
    pub open_ages: BTreeMap<i64, u64>,
    /// For counts, shares and rates: base, what counts, values and headings.
    pub figures: Figures,
    /// Children behind `late` and `overdue`, and behind what counts or has an earlier one.
    pub children: BTreeSet<StreamId>,
}

impl Indicator {
    /// Clocks that closed and can be told: the base of [`Self::share_in_time`].
    pub fn closed(&self) -> u64 {
        self.met + self.extended + self.late + self.too_early
    }

    /// What closed and can be told, and what is open and overdue: the base of [`Self::share_in_time_with_open`].
    pub fn closed_and_overdue(&self) -> u64 {
        self.closed() + self.overdue
    }

    /// Of what closed and can be told, the share in time, in thousandths; `None` where nothing closed.
    pub fn share_in_time(&self) -> Option<u64> {
        thousandths(self.met, self.closed())
    }

    /// The same with open overdue clocks in the base: "100 %" cannot hide them.
    pub fn share_in_time_with_open(&self) -> Option<u64> {
        thousandths(self.met, self.closed_and_overdue())
    }

    /// For flags: of what was asked about and can be told, the share with an earlier one, in thousandths.
    pub fn share_earlier(&self) -> Option<u64> {
        thousandths(self.earlier, self.asked)
    }

    /// For counts, shares and rates: median of the values of what counts (the lower middle), in days or as a number.
    pub fn median_value(&self) -> Option<i64> {
        quantile(&self.figures.values, 50)
    }

    /// The value within which 90 of 100 that count lie.
    pub fn ninetieth_value(&self) -> Option<i64> {
        quantile(&self.figures.values, 90)
    }

    /// Median length of what closed (the lower middle), in the rule's unit.
    pub fn median(&self) -> Option<i64> {
        quantile(&self.lengths, 50)
    }

    /// The length within which 90 of 100 closed, in the rule's unit.
    pub fn ninetieth(&self) -> Option<i64> {
        quantile(&self.lengths, 90)
    }

    /// Mean length of what closed, in tenths of the rule's unit, rounded half up.
    pub fn mean_tenths(&self) -> Option<i64> {
        let count: i128 = self.lengths.values().map(|count| i128::from(*count)).sum();
        let sum: i128 =
            self.lengths.iter().map(|(length, count)| i128::from(*length) * i128::from(*count)).sum();
        if count == 0 { None } else { i64::try_from((sum * 20 + count).div_euclid(count * 2)).ok() }
    }

    /// The length by which half were done, of what was done, of what ended too late without it, and of what is open: an open
    /// clock takes at least its age, and what ended without the act is never done (cumulative incidence with competing
    /// endings; Aalen and Johansen 1978). `None` where half were not done by the longest length.
    pub fn median_with_open(&self) -> Option<i64> {
        let number = |ages: &BTreeMap<i64, u64>, day: i64| ages.get(&day).copied().unwrap_or(0);
        let all = [&self.lengths, &self.without, &self.open_ages];
        let mut at_risk: u64 = all.iter().flat_map(|ages| ages.values()).sum();
        let (mut left, mut done) = (1.0_f64, 0.0_f64);
        let days: BTreeSet<i64> = all.iter().flat_map(|ages| ages.keys()).copied().collect();
        for day in days {
            let (now, never) = (number(&self.lengths, day), number(&self.without, day));
            done += left * ratio(now, at_risk);
            left *= 1.0 - ratio(now + never, at_risk);
            if done >= HALF {
                return Some(day);
            }
            at_risk -= now + never + number(&self.open_ages, day);
        }
        None
    }

    /// Adds another part of the same rule and period.
    pub fn merge(&mut self, other: Self) {
        self.met += other.met;
        self.extended += other.extended;
        self.late += other.late;
        self.never_done += other.never_done;
        self.not_stated += other.not_stated;
        self.too_early += other.too_early;
        self.running += other.running;
        self.overdue += other.overdue;
        self.cannot_tell += other.cannot_tell;
        self.not_recorded += other.not_recorded;
        self.history_incomplete += other.history_incomplete;
        self.not_applicable += other.not_applicable;
        self.asked += other.asked;
        self.earlier += other.earlier;
        for (band, number) in other.bands {
            *self.bands.entry(band).or_default() += number;
        }
        add(&mut self.lengths, other.lengths);
        add(&mut self.without, other.without);
        add(&mut self.open_ages, other.open_ages);
        self.figures.merge(other.figures);
        self.children.extend(other.children);
    }

    /// A member that may lie outside the period as well as in it cannot be told, whatever it says.
    fn tally(&mut self, stream: StreamId, member: &Tallied<'_>, period: Period) {
        match period.holds(member.earliest, member.latest) {
            None => self.figures.cannot_tell += 1,
            Some(true) => {
                self.figures.add(member);
                if member.tick == Tick::Counted {
                    self.children.insert(stream);
                }
            }
            Some(false) => {}
        }
    }

    /// An event that may lie outside the period as well as in it cannot be told, whatever it says.
    fn look(&mut self, stream: StreamId, look: &LookedBack<'_>, period: Period) {
        let occurred = look.event.occurred;
        match look.answer {
            _ if period.holds(occurred.earliest_day(), occurred.latest_day()).is_none() => {
                self.cannot_tell += 1;
            }
            Looked::CannotTell(_) => self.cannot_tell += 1,
            Looked::HistoryIncomplete => self.history_incomplete += 1,
            // Where the history is not whole, only those with an earlier one would be told; where it is whole for children
            // whom several files name, those more often than others.
            Looked::Earlier(_) | Looked::NoEarlier if !look.in_base => self.history_incomplete += 1,
            Looked::Earlier(_) | Looked::EarlierStatedOnly | Looked::NoEarlier => {
                self.asked += 1;
                if look.answer.counts() {
                    self.earlier += 1;
                    self.children.insert(stream);
                }
                if let Looked::Earlier(Some(band)) = look.answer {
                    *self.bands.entry(band.label.clone()).or_default() += 1;
                }
            }
        }
    }

    fn count(&mut self, stream: StreamId, clock: &Clock<'_>) {
        match clock.state {
            // Of histories with a gap only those in time would be told.
            State::Met if clock.marks.in_gap => self.history_incomplete += 1,
            State::Met if clock.is_met_as_extended() => self.extended += 1,
            State::Met => self.met += 1,
            State::Late => {
                let never_done = clock.stop.is_none();
                self.never_done += u64::from(never_done);
                self.late += u64::from(!never_done || clock.rule.share_of == ShareOf::Closed);
            }
            State::TooEarly => self.too_early += 1,
            State::Running | State::DueSoon => self.running += 1,
            State::Overdue => self.overdue += 1,
            State::NotApplicable => self.not_applicable += 1,
            State::CannotTell(why) => {
                self.cannot_tell += 1;
                self.not_recorded += u64::from(why == Why::NotRecordedHere);
            }
            State::HistoryIncomplete => self.history_incomplete += 1,
        }
        if matches!(clock.state, State::Late | State::Overdue) {
            self.children.insert(stream);
        }
        self.not_stated += u64::from(clock.marks.not_stated);
        let Some(used) = clock.used else { return };
        if matches!(clock.state, State::Met | State::Late | State::TooEarly) && clock.stop.is_some() {
            *self.lengths.entry(used.amount).or_default() += 1;
        } else if clock.state == State::Late {
            *self.without.entry(used.amount).or_default() += 1;
        } else if matches!(clock.state, State::Running | State::DueSoon | State::Overdue) {
            *self.open_ages.entry(used.amount).or_default() += 1;
        }
    }
}

/// The indicators of all rules, and the population that their rates are divided by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indicators {
    /// By rule id.
    pub by_rule: BTreeMap<String, Indicator>,
    /// Children under 18 in the authority's area; `None` where no estimate is recorded that the period may use.
    pub population: Option<Population>,
}

impl Indicators {
    /// Counts the answers of one child, asked as at the period's last day.
    pub fn count(&mut self, stream: StreamId, answers: &Answers<'_>, period: Period) {
        // Answers stand in order of rules: what is said of a rule is looked up once for all of its own.
        for of_rule in answers.clocks.chunk_by(|one, other| std::ptr::eq(one.rule, other.rule)) {
            let mut own = of_rule.iter().filter(|clock| belongs(clock, period)).peekable();
            if let Some(first) = own.peek() {
                let indicator = self.of(first.rule.id.as_str());
                own.for_each(|clock| indicator.count(stream, clock));
            }
        }
        for look in &answers.look_backs {
            if may_lie_in(look.event, period) {
                self.of(look.rule.id.as_str()).look(stream, look, period);
            }
        }
        let mut seen = BTreeSet::new();
        for of_rule in answers.tallies.chunk_by(|one, other| std::ptr::eq(one.rule, other.rule)) {
            let mut own = of_rule.iter().filter(|member| !is_again(member, period, &mut seen)).peekable();
            if let Some(first) = own.peek() {
                let indicator = self.of(first.rule.id.as_str());
                own.for_each(|member| indicator.tally(stream, member, period));
            }
        }
    }

    /// Adds another part of the same period. The population is of the whole, and stays.
    pub fn merge(&mut self, other: Self) {
        for (rule, indicator) in other.by_rule {
            self.of(&rule).merge(indicator);
        }
    }

    fn of(&mut self, rule: &str) -> &mut Indicator {
        self.by_rule.entry(rule.to_owned()).or_default()
    }
}

/// Whether an event happened in the period, or may have.
fn may_lie_in(event: Evidence, period: Period) -> bool {
    period.holds(event.occurred.earliest_day(), event.occurred.latest_day()) != Some(false)
}

/// Whether a rule that counts a stream once under each heading has this one already.
fn is_again<'a>(
    member: &'a Tallied<'_>,
    period: Period,
    seen: &mut BTreeSet<(&'a str, Cow<'a, str>)>,
) -> bool {
    let once = matches!(&member.rule.shape, Shape::Tally(tally) if tally.one_per_stream);
    let heading = || member.group.as_ref().map(Heading::text).unwrap_or_default();
    let within = once && period.holds(member.earliest, member.latest) != Some(false);
    within && !seen.insert((member.rule.id.as_str(), heading()))
}

/// Whether a clock ended in the period, or is open on its last day; where the rule counts by another event, whether that
/// lies in the period.
fn belongs(clock: &Clock<'_>, period: Period) -> bool {
    if !clock.rule.counted_by.is_empty() {
        return clock.marks.counted_by.is_some_and(|event| may_lie_in(event, period));
    }
    match clock.ended() {
        None => true,
        Some(end) => end.day().or(end.latest_day()).is_none_or(|day| period.contains(day)),
    }
}

fn thousandths(part: u64, base: u64) -> Option<u64> {
    // Rounded half up; counts of a ledger are far from the end of the range.
    (base > 0).then(|| (part * 2_000 + base) / (base * 2))
}

fn ratio(part: u64, base: u64) -> f64 {
    let exact = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if base == 0 { 0.0 } else { exact(part) / exact(base) }
}

/// The smallest length within which at least `percent` of 100 lie.
fn quantile(lengths: &BTreeMap<i64, u64>, percent: u64) -> Option<i64> {
    let total: u64 = lengths.values().sum();
    let mut seen = 0;
    for (length, count) in lengths {
        seen += count;
        if seen * 100 >= total * percent {
            return Some(*length);
        }
    }
    None
}

fn add(held: &mut BTreeMap<i64, u64>, more: BTreeMap<i64, u64>) {
    for (length, count) in more {
        *held.entry(length).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(lengths: &[(i64, u64)], open: &[(i64, u64)]) -> Indicator {
        Indicator {
            lengths: lengths.iter().copied().collect(),
            open_ages: open.iter().copied().collect(),
            ..Indicator::default()
        }
    }

    #[test]
    fn quantiles_and_mean_agree_with_a_sorted_list() {
        let indicator = with(&[(1, 2), (4, 1), (9, 1), (100, 1)], &[]);
        let mut list = [1, 1, 4, 9, 100];
        list.sort_unstable();
        assert_eq!(indicator.median(), Some(list[2]));
        assert_eq!(indicator.ninetieth(), Some(100));
        assert_eq!(indicator.mean_tenths(), Some(230));
        assert_eq!(indicator.median_with_open(), Some(4));
    }

    #[test]
    fn open_clocks_lengthen_the_median_and_nobody_vanishes() {
        // Three ended after 10 days; four have already waited 50: fewer than half have ended.
        assert_eq!(with(&[(10, 3)], &[(50, 4)]).median_with_open(), None);
        assert_eq!(with(&[(10, 3)], &[]).median_with_open(), Some(10));
        assert_eq!(with(&[], &[]).median(), None);
    }

    /// Worked by hand, n being what is still waiting.
    #[test]
    fn what_ended_without_the_act_is_never_done() {
        let without = |ages: &[(i64, u64)]| ages.iter().copied().collect::<BTreeMap<_, _>>();
        // 3 of 7 were ever done, on days 10, 16 and 20: 1/7 each, together 43 %.
        let done = [(10, 1), (16, 1), (20, 1)];
        let never = Indicator { without: without(&[(15, 2), (30, 2)]), ..with(&done, &[]) };
        assert_eq!(never.median_with_open(), None);
        assert_eq!(with(&done, &[]).median_with_open(), Some(16));
        // Day 3: 2 of 5 end without it, 3/5 are left; one open clock of 4 days leaves. Day 5: n = 2, 3/5 × 1/2 = 30 %; day 9:
        // n = 1, 3/10 × 1 = 30 % more. With the two only taken out of those waiting it would have been day 5.
        let mixed = Indicator { without: without(&[(3, 2)]), ..with(&[(5, 1), (9, 1)], &[(4, 1)]) };
        assert_eq!(mixed.median_with_open(), Some(9));
    }

    #[test]
    fn shares_state_their_base() {
        let indicator = Indicator { met: 2, late: 1, overdue: 1, cannot_tell: 7, ..Indicator::default() };
        assert_eq!(indicator.share_in_time(), Some(667));
        assert_eq!(indicator.share_in_time_with_open(), Some(500));
        assert_eq!(Indicator::default().share_in_time(), None);
    }
}
