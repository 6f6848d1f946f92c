//! A family and a set of which every member has ended: by a birthday, a death, an adoption.

use super::*;
use crate::clocks::{ClockEngine, Question};
use crate::events::adoption::AdoptionOrderMade;
use crate::events::identity::{ChildDied, ChildRegistered};

fn born(number: u128, child: StreamId, on: &str) -> RecordedEvent {
    let body = ChildRegistered {
        date_of_birth: on.parse().ok(),
        expected_date_of_birth: None,
        sex: None,
        ethnicity: None,
        disabilities: BTreeSet::new(),
        upn_unknown: None,
    };
    event(number, child, "2010-01-01", body)
}

fn died(number: u128, child: StreamId, on: &str) -> RecordedEvent {
    event(number, child, on, ChildDied {})
}

/// How many members a tally has for the family or the set on a day.
fn counted(events: &[RecordedEvent], rule: &str, category: Category, on: &str) -> usize {
    let book = RuleBook::built_in();
    let (ann, ben, groups) = known(events, "2026-01-01");
    let mut acts = Acts::of(category, book.asked_of(category), book.endings());
    for (child, journey) in [(ANN, &ann), (BEN, &ben)] {
        // Of whom nothing is known there is no journey.
        if events.iter().any(|event| event.stream == child) {
            acts.take(child, journey, &groups);
        }
    }
    let engine = ClockEngine::of(book, category);
    let question = Question::as_at(on.parse().unwrap());
    let of_rule = |journey: &Journey| {
        let tallies = engine.run(journey, &question).tallies;
        tallies.iter().filter(|member| member.rule.id.as_str() == rule).count()
    };
    acts.journeys(&groups).iter().map(|(_, journey)| of_rule(journey)).sum()
}

fn family() -> Vec<RecordedEvent> {
    let begun = EarlyHelpRequested { source: None, consent: None };
    vec![
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        about(event(3, HOUSEHOLD, "2024-01-15", begun), &[(EntityRole::EarlyHelpCase, 41)]),
        lead(4, HOUSEHOLD, 41),
    ]
}

#[test]
fn the_help_for_a_family_ends_with_the_death_of_its_last_child_and_not_before() {
    let with = |more: &[RecordedEvent], on: &str| {
        let events: Vec<_> = family().into_iter().chain(more.iter().cloned()).collect();
        counted(&events, "EH-03", Category::Household, on)
    };
    let ann = died(5, ANN, "2024-03-01");
    let ben = died(6, BEN, "2024-05-01");
    let moved = left(7, BEN, "2024-02-01");
    let known_of_ben = born(8, BEN, "2015-05-05");
    assert_eq!(with(&[ann.clone(), known_of_ben.clone()], "2024-06-01"), 1, "Ben lives");
    assert_eq!(with(&[ann.clone(), ben.clone()], "2024-04-30"), 1);
    assert_eq!(with(&[ann.clone(), ben], "2024-05-01"), 0);
    assert_eq!(with(&[ann.clone(), known_of_ben, moved], "2024-06-01"), 0, "Ben had left the family");
    assert_eq!(with(&[ann], "2024-06-01"), 0, "of Ben nothing is known, or nothing any more");
}

fn set() -> Vec<RecordedEvent> {
    let in_set = |number, child, application| {
        let issued = event(number, child, "2024-01-10", ApplicationIssued::default());
        about(issued, &[(EntityRole::Application, application), (EntityRole::Proceedings, 80)])
    };
    let joined = |number, child, application| {
        let body = ChildJoinedProceedings { child: Some(child), issued_on: None };
        let joined = event(number, SET, "2024-01-10", body);
        about(joined, &[(EntityRole::Application, application), (EntityRole::Proceedings, 80)])
    };
    vec![in_set(1, ANN, 61), in_set(2, BEN, 62), joined(3, ANN, 61), joined(4, BEN, 62)]
}

#[test]
fn a_set_is_over_once_the_youngest_of_its_children_is_of_age() {
    let with = |more: &[RecordedEvent], on: &str| {
        let events: Vec<_> = set().into_iter().chain(more.iter().cloned()).collect();
        counted(&events, "CT-09s", Category::Proceedings, on)
    };
    let (ann, ben) = (born(5, ANN, "2006-07-01"), born(6, BEN, "2007-02-01"));
    assert_eq!(with(&[ann.clone(), ben.clone()], "2025-01-31"), 1);
    assert_eq!(with(&[ann.clone(), ben.clone()], "2025-02-01"), 0);
    let adopted = event(7, BEN, "2024-06-01", AdoptionOrderMade {});
    assert_eq!(with(&[ann.clone(), ben, adopted], "2024-07-01"), 0, "the last of them came of age");
    assert_eq!(with(&[ann, died(8, BEN, "2024-06-01")], "2024-06-30"), 1);
}

#[test]
fn a_set_that_only_applications_tell_of_is_over_as_one_with_a_stream_is() {
    let issued = |number, child, application| {
        let issued = event(number, child, "2024-01-10", ApplicationIssued::default());
        about(issued, &[(EntityRole::Application, application)])
    };
    let in_set = |event| about(event, &[(EntityRole::Application, 61), (EntityRole::Proceedings, 80)]);
    let over = |events: &[RecordedEvent], on: &str| counted(events, "CT-09s", Category::Proceedings, on);
    let alone = [issued(1, ANN, 61), died(2, ANN, "2024-06-01")];
    assert_eq!((over(&alone, "2024-05-31"), over(&alone, "2024-06-01")), (1, 0), "no set is named");
    let of_age = [in_set(issued(1, ANN, 61)), born(2, ANN, "2006-07-01")];
    assert_eq!((over(&of_age, "2024-06-30"), over(&of_age, "2024-07-01")), (1, 0), "a set without a stream");
    let both = [of_age.as_slice(), &[in_set(issued(3, BEN, 62))]].concat();
    assert_eq!(over(&both, "2024-07-01"), 1, "Ben is no adult");
}

#[test]
fn a_family_without_a_household_is_over_with_its_last_child() {
    let help = |number, child| {
        let begun = EarlyHelpRequested { source: None, consent: None };
        about(event(number, child, "2024-01-15", begun), &[(EntityRole::EarlyHelpCase, 41)])
    };
    let family = |ends: &[RecordedEvent]| {
        let request = CommandId(Uuid::from_u128(77));
        let leads = by_one_command([lead(2, ANN, 41), lead(4, BEN, 41)], request);
        let both = [help(1, ANN), help(3, BEN)].into_iter().chain(leads);
        let events: Vec<_> = both.chain(ends.iter().cloned()).collect();
        counted(&events, "EH-03", Category::Household, "2024-06-01")
    };
    let (ann, ben) = (died(5, ANN, "2024-03-01"), died(6, BEN, "2024-05-01"));
    assert_eq!(family(&[]), 1);
    let alone = [std::slice::from_ref(&ann), std::slice::from_ref(&ben)].map(family);
    assert_eq!(alone, [1, 1], "the other child lives");
    assert_eq!(family(&[ann, ben]), 0);
}
