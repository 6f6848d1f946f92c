//! Two answers to one question agree.

use std::collections::BTreeSet;

use domain::clocks::State;
use domain::events::EntityRole;
use domain::ids::{EntityId, StreamId};
use domain::journey::KnownEvent;
use domain::processes::{Processes, derived};
use domain::rules::Subject;

use crate::authority::{Authority, BOOK};

/// Children with a running process in a role on the last day, by the fold of processes that statuses are made of.
fn running(role: EntityRole) -> BTreeSet<StreamId> {
    let authority = Authority::ordinary();
    let mut found = BTreeSet::new();
    for (stream, journey) in &authority.children {
        let events: Vec<&KnownEvent> = journey.events.iter().collect();
        let derived = derived(&events, BOOK.endings(), authority.until);
        let processes = Processes::of(&events, &derived, BOOK.endings());
        if processes.iter().any(|process| process.role == role && process.runs_on(authority.until)) {
            found.insert(*stream);
        }
    }
    found
}

fn counted(rule: &str) -> usize {
    let indicator = Authority::ordinary().indicators.indicators.by_rule.get(rule);
    indicator.map_or(0, |it| usize::try_from(it.figures.counted).expect("small"))
}

#[test]
fn children_on_plans_are_as_many_by_rate_and_by_status() {
    assert_eq!(running(EntityRole::Plan).len(), counted("RT-01"));
}

#[test]
fn children_looked_after_are_as_many_by_rate_and_by_status_short_breaks_left_out() {
    let status = running(EntityRole::PeriodOfCare).len();
    let short_breaks = counted("LAC-08y") + not_counted("LAC-08y");
    assert!(short_breaks > 0 && status == counted("RT-01c") + short_breaks, "{status}, {short_breaks}");
}

fn not_counted(rule: &str) -> usize {
    let indicator = Authority::ordinary().indicators.indicators.by_rule.get(rule);
    indicator.map_or(0, |it| usize::try_from(it.figures.base - it.figures.counted).expect("small"))
}

#[test]
fn entries_into_care_are_as_many_in_all_as_by_age() {
    assert_eq!(counted("RT-02"), counted("RT-02a"));
    assert_eq!(counted("RT-02x"), counted("RT-02xa"));
}

/// No clock waits for what its own process has recorded: an event that the rule names as a stop, later than the start.
#[test]
fn nothing_is_overdue_whose_stop_is_recorded() {
    let authority = Authority::ordinary();
    let overdue = authority.clocks.iter().filter(|(_, clock)| clock.state == State::Overdue);
    for (stream, clock) in overdue {
        let Subject::Process(role) = clock.per else { continue };
        let journey =
            authority.children.iter().find(|(child, _)| child == stream).map(|(_, journey)| journey);
        let Some(journey) = journey else { continue };
        for shape in clock.rule.clocks(clock.version).iter().filter(|shape| shape.per == clock.per) {
            if shape.chain.is_some() || shape.stop_after.is_some() {
                continue;
            }
            let stops = |event: &&KnownEvent| {
                let same: Option<EntityId> = event.entities.get(role);
                same == Some(clock.entity)
                    && event.occurred.earliest_day() > clock.start.occurred.latest_day()
                    && shape.stop.iter().any(|stop| stop.matches(&event.body))
            };
            let stop = journey.events.iter().find(stops).map(|event| (event.kind(), event.occurred));
            assert_eq!(stop, None, "{} is overdue, and its stop is recorded", clock.rule.id);
        }
    }
}
