//! Nobody waits for years: no clock is overdue for more than two years at the end of the file.

use std::collections::BTreeMap;

use domain::clocks::State;

use crate::authority::Authority;

/// Rules under which a clock may be overdue for longer, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn no_clock_is_overdue_for_more_than_two_years() {
    let authority = Authority::ordinary();
    let mut long: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for (_, clock) in authority.clocks.iter().filter(|(_, clock)| clock.state == State::Overdue) {
        let Some(due) = clock.due_on.or(clock.due_at.map(domain::time::london_day)) else { continue };
        let days = (authority.until - due).num_days();
        let excused = EXCEPTIONS.iter().any(|(rule, _)| *rule == clock.rule.id.as_str());
        if days > 730 && !excused {
            let (number, most) = long.entry(clock.rule.id.as_str()).or_default();
            (*number, *most) = (*number + 1, days.max(*most));
        }
    }
    assert!(long.is_empty(), "clocks overdue for more than two years, by rule, and the most days: {long:?}");
}

/// What is overdue is a small part of what runs: a list of nothing but old clocks is believed by nobody.
#[test]
fn what_is_overdue_is_mostly_not_a_year_old() {
    let authority = Authority::ordinary();
    let overdue = authority.clocks.iter().filter(|(_, clock)| clock.state == State::Overdue);
    let days: Vec<i64> =
        overdue.filter_map(|(_, clock)| clock.due_on.map(|due| (authority.until - due).num_days())).collect();
    let old = days.iter().filter(|days| **days > 365).count();
    assert!(old * 20 <= days.len(), "{old} of {} overdue clocks are older than a year", days.len());
}
