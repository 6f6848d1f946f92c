//! Acts that name nothing and go before what they prepare: what stands between parts them from it. Every child is invented.

use domain::clocks::{Clock, Question, State};
use domain::events::EntityRole as Role;

use crate::support::{Story, Told, day, process, story};

const FIRST: (Role, u128) = (Role::Enquiry, 1);
const SECOND: (Role, u128) = (Role::Enquiry, 2);
const CONFERENCE: (Role, u128) = (Role::Conference, 5);
const AGAINST: &str = r#"{"to_be_held":false}"#;
const IN_FAVOUR: &str = r#"{"to_be_held":true}"#;

/// What a rule says of the process with this number.
fn said(story: &Story, rule: &str, number: u128) -> Vec<State> {
    let clocks = story.clocks(rule, &Question::as_at(day("2025-06-30")));
    let own = |clock: &&Clock<'_>| clock.entity == process(number);
    clocks.iter().filter(own).map(|clock| clock.state).collect()
}

/// An enquiry of January that was completed, and one of September with its conference.
fn two_enquiries<'a>(of_conference: &'a [(Role, u128)], more: &[Told<'a>]) -> Story {
    let told: [Told<'a>; 4] = [
        ("2024-01-08", "section47_enquiry_started", "{}", &[FIRST]),
        ("2024-01-12", "section47_enquiry_completed", "{}", &[FIRST]),
        ("2024-09-02", "section47_enquiry_started", "{}", &[SECOND]),
        ("2024-09-16", "initial_conference_held", r#"{"kind":"initial","led_to_plan":false}"#, of_conference),
    ];
    story(&[&told, more].concat())
}

#[test]
fn a_decision_against_a_conference_is_not_about_the_conference_of_a_later_enquiry() {
    let against: Told<'_> = ("2024-01-10", "conference_decision_made", AGAINST, &[]);
    let in_favour: Told<'_> = ("2024-09-04", "conference_decision_made", IN_FAVOUR, &[]);
    let of_second: Told<'_> = ("2024-09-04", "conference_decision_made", IN_FAVOUR, &[SECOND]);
    // With its number, without it, and without any.
    for of in [&[CONFERENCE, SECOND][..], &[CONFERENCE], &[]] {
        for more in [&[against][..], &[against, in_favour], &[against, of_second]] {
            let story = two_enquiries(of, more);
            for rule in ["CP-04", "CP-05"] {
                assert_eq!(said(&story, rule, FIRST.1), [State::NotApplicable], "{rule} {of:?} {more:?}");
                assert_eq!(said(&story, rule, SECOND.1), [State::Met], "{rule} {of:?} {more:?}");
            }
        }
    }
}

#[test]
fn what_is_decided_of_a_later_process_undoes_nothing_of_the_earlier_one() {
    let against: Told<'_> = ("2024-01-10", "conference_decision_made", AGAINST, &[]);
    let in_favour = |on: &'static str| -> Told<'static> { (on, "conference_decision_made", IN_FAVOUR, &[]) };
    let first: Told<'_> = ("2024-01-08", "section47_enquiry_started", "{}", &[FIRST]);
    let states = |more: &[Told<'_>]| said(&story(&[&[first, against], more].concat()), "CP-05", FIRST.1);
    assert_eq!(states(&[]), [State::NotApplicable]);
    assert_eq!(states(&[in_favour("2024-01-11")]), [State::Overdue], "of the same enquiry");
    // Of which of two that run then is not told.
    let second: Told<'_> = ("2024-01-11", "section47_enquiry_started", "{}", &[SECOND]);
    let of_either = states(&[second, in_favour("2024-01-12")]);
    assert!(matches!(of_either[..], [State::CannotTell(_)]), "{of_either:?}");
}

#[test]
fn a_request_that_led_nowhere_is_not_for_the_conference_of_a_later_enquiry() {
    let requested = |on: &'static str| -> Told<'static> { (on, "conference_requested", "{}", &[]) };
    let of = [CONFERENCE, SECOND];
    for rule in ["CP-16", "CP-17", "CP-17d"] {
        let first = two_enquiries(&of, &[requested("2024-01-10")]);
        assert!(said(&first, rule, CONFERENCE.1).is_empty(), "{rule}");
        let second = two_enquiries(&of, &[requested("2024-09-04")]);
        let both = two_enquiries(&of, &[requested("2024-01-10"), requested("2024-09-04")]);
        let own = said(&second, rule, CONFERENCE.1);
        assert_eq!((own.len(), said(&both, rule, CONFERENCE.1)), (1, own), "{rule}");
    }
}

#[test]
fn a_decision_while_two_enquiries_run_may_be_about_either() {
    let told: [Told<'_>; 4] = [
        ("2024-09-02", "section47_enquiry_started", "{}", &[FIRST]),
        ("2024-09-02", "section47_enquiry_started", "{}", &[SECOND]),
        ("2024-09-04", "conference_decision_made", AGAINST, &[]),
        ("2024-09-16", "initial_conference_held", r#"{"kind":"initial"}"#, &[CONFERENCE, SECOND]),
    ];
    let story = story(&told);
    for rule in ["CP-04", "CP-05"] {
        assert!(matches!(said(&story, rule, FIRST.1)[..], [State::CannotTell(_)]), "{rule}");
    }
}

const CARE: (Role, u128) = (Role::PeriodOfCare, 3);
const AGAIN: (Role, u128) = (Role::PeriodOfCare, 4);
const EARLIER: (Role, u128) = (Role::Placement, 7);
const LATER: (Role, u128) = (Role::Placement, 8);

fn agreed(of: &[(Role, u128)]) -> Told<'_> {
    ("2024-03-12", "placement_panel_held", r#"{"agreed_until":"2024-05-01"}"#, of)
}

#[test]
fn what_a_panel_agreed_is_not_said_of_a_placement_in_a_later_period_of_care() {
    let placed = |of: &'static [(Role, u128)], panel: Told<'static>| {
        story(&[
            ("2024-01-10", "became_looked_after", "{}", &[CARE]),
            panel,
            ("2024-04-10", "ceased_to_be_looked_after", "{}", &[CARE]),
            ("2024-06-10", "became_looked_after", "{}", &[AGAIN]),
            ("2024-06-10", "placement_started", r#"{"short_break":false}"#, of),
        ])
    };
    for of in [&[LATER, AGAIN][..], &[LATER]] {
        assert!(said(&placed(of, agreed(&[])), "LAC-21", LATER.1).is_empty(), "{of:?}");
        assert_eq!(said(&placed(of, agreed(&[LATER])), "LAC-21", LATER.1), [State::Overdue], "{of:?}");
    }
}

#[test]
fn what_a_panel_agreed_while_a_placement_ran_is_not_said_of_the_next_one() {
    let ordinary = r#"{"short_break":false}"#;
    let moved = |panel: Told<'static>| {
        story(&[
            ("2024-01-10", "became_looked_after", "{}", &[CARE]),
            ("2024-01-10", "placement_started", ordinary, &[EARLIER, CARE]),
            panel,
            ("2024-06-10", "placement_ended", "{}", &[EARLIER]),
            ("2024-06-10", "placement_started", ordinary, &[LATER, CARE]),
        ])
    };
    let either = moved(agreed(&[]));
    assert_eq!(either.states("LAC-21", "2025-06-30"), [State::Overdue], "too long whichever it was");
    assert!(said(&either, "LAC-21", EARLIER.1).is_empty() && said(&either, "LAC-21", LATER.1).is_empty());
    assert_eq!(moved(agreed(&[EARLIER])).states("LAC-21", "2025-06-30"), [State::Late]);
    // The only placement of the child, agreed before it began.
    let only = story(&[agreed(&[]), ("2024-04-01", "placement_started", ordinary, &[LATER])]);
    assert_eq!(said(&only, "LAC-21", LATER.1), [State::Overdue]);
}
