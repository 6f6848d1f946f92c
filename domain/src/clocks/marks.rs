//! What figures and lists must know of a clock beside its state, told once all clocks of a journey are judged.

use std::collections::BTreeSet;

use crate::ids::EventId;
use crate::rules::{Field, RuleId};

use super::index::Index;
use super::{Clock, DelayReason, Evidence};

/// Marks the clocks of one journey.
pub(super) fn mark(clocks: &mut [Clock<'_>], index: &Index<'_>) {
    let unstated = unstated_stops(clocks, index);
    for clock in clocks.iter_mut() {
        // What was done before its clock began took no time: a length is never below zero.
        clock.used = clock.used.map(|used| crate::calendar::Measure { amount: used.amount.max(0), ..used });
        clock.marks.not_stated = clock.stop.is_some_and(|stop| unstated.contains(&stop.event_id));
        clock.marks.counted_by = counted_by(clock, index);
    }
    let repeated = repeated(clocks);
    for place in repeated {
        let Some(clock) = clocks.get_mut(place) else { continue };
        clock.marks.repeated = true;
        let reasons = clock.delay_reasons.clone();
        if !reasons.is_empty() {
            share_reasons(clocks, place, &reasons);
        }
    }
}

/// A reason for a delay that two clocks tell is the reason of both.
fn share_reasons(clocks: &mut [Clock<'_>], place: usize, reasons: &[DelayReason]) {
    let Some(clock) = clocks.get(place) else { return };
    let same = |other: &Clock<'_>| tell_the_same(clock, other);
    let twins: Vec<usize> = (0..clocks.len()).filter(|at| clocks.get(*at).is_some_and(same)).collect();
    for twin in twins {
        if let Some(twin) = clocks.get_mut(twin) {
            twin.delay_reasons.extend(reasons.iter().cloned());
            twin.delay_reasons.sort_by_key(|it| (it.recorded.occurred.earliest_day(), it.recorded.position));
        }
    }
}

/// The events that stop a clock and do not state the field that its rule shows apart.
fn unstated_stops(clocks: &[Clock<'_>], index: &Index<'_>) -> BTreeSet<EventId> {
    let mut found = BTreeSet::new();
    for clock in of_each_rule(clocks).filter_map(<[Clock<'_>]>::first) {
        let Some(field) = clock.rule.shown_apart.as_deref() else { continue };
        for kind in clock.waits_for() {
            let silent = index.of_kind(kind).filter(|event| Field::of(&event.body, field) == Field::Absent);
            found.extend(silent.map(|event| event.event_id));
        }
    }
    found
}

/// The first of the events by which the rule counts a clock, not before what stopped it.
fn counted_by(clock: &Clock<'_>, index: &Index<'_>) -> Option<Evidence> {
    if clock.rule.counted_by.is_empty() {
        return None;
    }
    let stopped = clock.stop?.occurred.earliest_day();
    let counts = index.matching(&clock.rule.counted_by).into_iter();
    counts
        .filter(|event| {
            event.occurred.latest_day().is_none_or(|day| stopped.is_none_or(|stopped| stopped <= day))
        })
        .map(Evidence::from)
        .next()
}

/// The clocks of one rule after the other: they stand in order of rules.
fn of_each_rule<'c, 'b>(clocks: &'c [Clock<'b>]) -> impl Iterator<Item = &'c [Clock<'b>]> {
    clocks.chunk_by(|one, other| std::ptr::eq(one.rule, other.rule))
}

/// The places of the clocks that say again what a clock of the rule says that theirs repeats.
fn repeated(clocks: &[Clock<'_>]) -> Vec<usize> {
    let told_by = |rule: &RuleId| {
        of_each_rule(clocks).find(|of_rule| of_rule.first().is_some_and(|clock| clock.rule.id == *rule))
    };
    let mut found = Vec::new();
    let mut place = 0;
    for of_rule in of_each_rule(clocks) {
        let repeats = of_rule.first().and_then(|clock| clock.rule.repeats.as_ref());
        if let Some(told) = repeats.and_then(told_by) {
            let places = (place..).zip(of_rule);
            let again = places.filter(|(_, clock)| twins(clock, told).next().is_some());
            found.extend(again.map(|(place, _)| place));
        }
        place += of_rule.len();
    }
    found
}

/// The clocks of the rule that a clock's own repeats that say the same.
pub(super) fn twins<'c, 'b>(
    clock: &'c Clock<'b>,
    all: &'c [Clock<'b>],
) -> impl Iterator<Item = &'c Clock<'b>> {
    all.iter().filter(move |other| tell_the_same(clock, other))
}

/// Whether a clock of the rule that its own repeats says the same: both are open, or one act stopped both. Where each is of
/// one process of the same sort, it is the same process.
fn tell_the_same(clock: &Clock<'_>, other: &Clock<'_>) -> bool {
    let same_process = clock.per != other.per || clock.entity == other.entity;
    let both_open = clock.is_open() && other.is_open();
    let one_stop = clock.stop.zip(other.stop).is_some_and(|(one, other)| one.event_id == other.event_id);
    clock.rule.repeats.as_ref() == Some(&other.rule.id) && same_process && (both_open || one_stop)
}
