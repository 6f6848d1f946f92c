//! Each deadline of the book on the day before its last day, on it and on the day after, against last days that another
//! program counted day by day (`tests/fixtures/rules/PROVENANCE.md`). Every child is invented.

use std::collections::BTreeSet;

use crate::support::{Story, day};
use chrono::{Days, NaiveDate};
use domain::clocks::{Question, State};
use domain::events::EntityRole;
use domain::rules::{Bound, RuleBook, Shape};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    rule: String,
    role: String,
    context: Vec<(String, Value)>,
    start: (String, Value),
    stop: (String, Value),
    unlinked_stop: bool,
    start_on: String,
    last_day: String,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("../fixtures/rules/boundaries.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).expect("a case")).collect()
}

impl Case {
    fn story(&self, stopped_on: Option<NaiveDate>) -> Story {
        let process: Vec<(EntityRole, u128)> =
            EntityRole::from_name(&self.role).map(|role| (role, 1)).into_iter().collect();
        let before = day(&self.start_on) - Days::new(30);
        let mut story = Story::complete();
        for (kind, details) in &self.context {
            story = story.told(&before.to_string(), kind, &details.to_string(), &process);
        }
        story = story.told(&self.start_on, &self.start.0, &self.start.1.to_string(), &process);
        let stops: &[(EntityRole, u128)] =
            if self.unlinked_stop && self.start != self.stop { &[] } else { &process };
        match stopped_on {
            None => story,
            Some(on) => story.told(&on.to_string(), &self.stop.0, &self.stop.1.to_string(), stops),
        }
    }

    /// The states of the rule's clocks that the start event started.
    fn states(&self, stopped_on: Option<NaiveDate>, as_at: NaiveDate) -> Vec<State> {
        let clocks = self.story(stopped_on).clocks(&self.rule, &Question::as_at(as_at));
        let role = EntityRole::from_name(&self.role);
        let started = clocks.into_iter().filter(|clock| {
            clock.start.occurred.day() == Some(day(&self.start_on))
                && (role.is_none() || clock.per.role().is_none_or(|of| Some(of) == role))
        });
        started.map(|clock| clock.state).collect()
    }
}

#[test]
fn each_deadline_is_met_the_day_before_and_on_its_last_day_and_late_on_the_next() {
    for case in cases() {
        let last = day(&case.last_day);
        let later = last + Days::new(10);
        for (stopped_on, expected) in
            [(last - Days::new(1), State::Met), (last, State::Met), (last + Days::new(1), State::Late)]
        {
            if stopped_on < day(&case.start_on) {
                continue;
            }
            let states = case.states(Some(stopped_on), later);
            assert!(
                states.contains(&expected)
                    && states.iter().all(|state| *state == expected
                        || *state == State::Running
                        || *state == State::DueSoon),
                "{} from {} to {}, stopped on {stopped_on}: {states:?}",
                case.rule,
                case.start_on,
                case.last_day
            );
        }
    }
}

#[test]
fn an_open_clock_is_overdue_only_after_its_last_day() {
    for case in cases() {
        let last = day(&case.last_day);
        let open = |as_at| case.states(None, as_at);
        // A rule that asks only where something was done has no clock before it is done.
        if open(last).is_empty() {
            continue;
        }
        let (on, after) = (open(last), open(last + Days::new(1)));
        assert!(on.iter().all(|state| *state == State::DueSoon), "{} on {last}: {on:?}", case.rule);
        assert!(after.contains(&State::Overdue), "{} after {last}: {after:?}", case.rule);
    }
}

#[test]
fn every_plain_deadline_of_the_book_has_its_boundaries() {
    let counted: BTreeSet<String> = cases().into_iter().map(|case| case.rule).collect();
    // These are bounded by an hour, another event, a field, a birthday, a window or a minimum, or are of placements for adoption, and have tests of their own.
    let elsewhere = [
        "CP-02", "CP-07", "CP-11", "CP-15", "CP-16", "CP-17", "CT-02", "CT-07", "CU-01", "ED-02", "FD-01h",
        "HL-02", "HL-04", "IM-01", "LAC-06", "LAC-13r", "LAC-21", "LC-01", "MS-01", "PLO-05", "PLO-05h",
        "PM-01", "PM-03a", "PM-03p", "PM-03q", "PM-08", "PM-13", "PM-14", "PM-15", "PM-16", "PM-17", "PM-18",
    ];
    let deadlines = RuleBook::built_in().rules().filter(|rule| matches!(rule.shape, Shape::Deadline(_)));
    let uncounted: Vec<&str> = deadlines
        .map(|rule| rule.id.as_str())
        .filter(|id| !counted.contains(*id) && !elsewhere.contains(id))
        .collect();
    assert_eq!(uncounted, Vec::<&str>::new());
    let minima: Vec<&str> = RuleBook::built_in()
        .rules()
        .filter(|rule| rule.versions.iter().any(|version| version.bound != Bound::Maximum))
        .map(|rule| rule.id.as_str())
        .collect();
    assert_eq!(minima, ["CP-11", "CT-02", "PM-08"]);
}
