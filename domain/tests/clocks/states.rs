//! What a change says of a placement or a legal status, wherever it is told. Every child is invented.

use domain::clocks::State;
use domain::events::EntityRole as Role;

use crate::support::{Story, born, one};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);
const CASE: (Role, u128) = (Role::Application, 7);

fn entered(status: &str) -> Story {
    let details = format!(r#"{{"legal_status":"{status}"}}"#);
    born("2014-05-06").told("2023-06-05", "became_looked_after", &details, &[CARE])
}

fn placed(story: Story, on: &str, details: &str, number: u128) -> Story {
    story.told(on, "placement_started", details, &[CARE, (Role::Placement, number)])
}

fn visited(story: Story, days: &[&str]) -> Story {
    days.iter()
        .fold(story, |story, on| story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[CARE]))
}

fn reviewed(story: Story, days: &[&str]) -> Story {
    days.iter().zip(100..).fold(story, |story, (on, number)| {
        story.told(on, "looked_after_review_held", "{}", &[CARE, (Role::Review, number)])
    })
}

/// Answers without what is asked about the record itself: how late and how often entries were made.
fn said(story: &Story, as_at: &str) -> Vec<String> {
    let about_care = |line: &String| !line.starts_with("RC-");
    story.sayings(as_at).into_iter().filter(about_care).collect()
}

#[track_caller]
fn alike(one: &Story, other: &Story) {
    for as_at in ["2024-01-31", "2024-03-05", "2024-03-12", "2024-06-28", "2025-03-31"] {
        assert_eq!(said(one, as_at), said(other, as_at), "{as_at}");
    }
}

#[test]
fn a_legal_status_is_the_same_whichever_event_states_it() {
    for (from, to) in [("V4", "C2"), ("V3", "V2"), ("C1", "C2"), ("V2", "E1"), ("V2", "V4")] {
        let child = || {
            let kept =
                placed(entered(from), "2023-06-05", r#"{"placement_type":"P1","short_break":false}"#, 3);
            visited(kept, &["2023-06-09", "2024-02-26", "2024-03-11"])
        };
        let status = format!(r#"{{"status":"{to}"}}"#);
        let episode = format!(r#"{{"reason":"L","legal_status":"{to}"}}"#);
        let by_status = child().told("2024-03-04", "legal_status_changed", &status, &[CARE]);
        let by_episode = child().told("2024-03-04", "episode_changed", &episode, &[CARE]);
        alike(&by_episode, &by_status);
    }
}

#[test]
fn an_order_of_the_court_gives_the_legal_status_of_a_child_in_care() {
    let child = || {
        let kept = placed(entered("C1"), "2023-12-04", r#"{"placement_type":"P1","short_break":false}"#, 3);
        visited(kept, &["2023-12-05", "2024-02-26"])
    };
    let orders = [
        ("final_order_made", r#"{"order":"care_order"}"#, "C2"),
        ("interim_order_made", r#"{"order":"interim_care_order"}"#, "C1"),
        ("final_order_made", r#"{"order":"placement_order"}"#, "E1"),
    ];
    for (kind, order, status) in orders {
        let ordered = || child().told("2024-03-04", kind, order, &[CASE]);
        let status = format!(r#"{{"status":"{status}"}}"#);
        alike(&ordered(), &ordered().told("2024-03-04", "legal_status_changed", &status, &[CARE]));
    }
    // Regulation 28(5): within one week of the care order, then every six weeks.
    let ordered = child().told("2024-03-04", "final_order_made", r#"{"order":"care_order"}"#, &[CASE]);
    assert_eq!(ordered.states("LAC-05", "2024-03-11").pop(), Some(State::DueSoon));
    assert_eq!(ordered.states("LAC-05", "2024-03-12").pop(), Some(State::Overdue));
}

#[test]
fn an_order_says_nothing_of_a_child_who_is_not_in_care() {
    let left = entered("V2").told("2024-01-08", "ceased_to_be_looked_after", "{}", &[CARE]);
    let ordered =
        |story: Story| story.told("2024-01-08", "final_order_made", r#"{"order":"care_order"}"#, &[CASE]);
    let told = |story: Story| story.told("2024-01-08", "final_order_made", r#"{"order":"other"}"#, &[CASE]);
    alike(&ordered(left.clone()), &told(left));
}

#[test]
fn a_placement_that_becomes_one_for_adoption_is_another_placement() {
    let kept = r#"{"placement_type":"U6","short_break":false,"distance_miles":"4"}"#;
    let child = || {
        let child = placed(entered("E1"), "2023-06-05", kept, 3);
        visited(reviewed(child, &["2023-06-23", "2023-09-19"]), &["2023-06-09", "2023-07-17", "2024-03-06"])
    };
    let placement = [CARE, (Role::Placement, 3)];
    // What the change is read as bears the number of the event that tells of it.
    let number = u128::try_from(child().recorded.len() + 1).expect("few events");
    let adoptive = r#"{"placement_type":"A5","short_break":false,"distance_miles":"4"}"#;
    let ended = child().told("2024-03-04", "placement_ended", "{}", &placement);
    let anew = placed(ended, "2024-03-04", adoptive, number);
    let by_change = child().told("2024-03-04", "placement_changed", r#"{"placement_type":"A5"}"#, &placement);
    let by_episode =
        child().told("2024-03-04", "episode_changed", r#"{"reason":"T","placement_type":"A5"}"#, &[CARE]);
    alike(&by_change, &anew);
    alike(&by_episode, &anew);
    // What names the placement afterwards is of its later part.
    let over = |story: Story, number| {
        story.told("2024-05-07", "placement_ended", "{}", &[CARE, (Role::Placement, number)])
    };
    alike(&over(by_change.clone(), 3), &over(anew.clone(), number));
    // With the carers still, but not for adoption any more.
    let back = r#"{"placement_type":"U6","short_break":false,"distance_miles":"4"}"#;
    let again = by_change.told("2024-05-07", "placement_changed", r#"{"placement_type":"U6"}"#, &placement);
    let later = anew.told("2024-05-07", "placement_ended", "{}", &[CARE, (Role::Placement, number)]);
    let later_number = number + 1;
    alike(&again, &placed(later, "2024-05-07", back, later_number));
}

#[test]
fn a_placement_that_changes_otherwise_goes_on_as_it_stands() {
    let kept = r#"{"placement_type":"K2","short_break":false}"#;
    let child = visited(placed(entered("C2"), "2023-06-05", kept, 3), &["2023-06-09", "2023-07-17"]);
    let placement = [CARE, (Role::Placement, 3)];
    let changed =
        child.clone().told("2023-12-04", "placement_changed", r#"{"placement_type":"U4"}"#, &placement);
    let shares = |story: &Story| {
        let figures = story.figures("LAC-16", "2024-03-31");
        (figures.counted, figures.base)
    };
    assert_eq!(
        (shares(&child), shares(&changed)),
        ((1, 1), (0, 1)),
        "residential once, a foster placement now"
    );
    let number = |story: &Story| story.tallied("LAC-10", "2024-03-31")[0].value;
    assert_eq!((number(&child), number(&changed)), (Some(1), Some(1)), "one placement");
    assert_eq!(one(changed.states("LAC-04", "2024-03-31")), State::Met, "asked once");
    let other = |story: &Story| story.figures("LAC-20", "2024-03-31").counted;
    let unregulated = child.told("2023-12-04", "placement_changed", r#"{"placement_type":"H5"}"#, &placement);
    assert_eq!((other(&changed), other(&unregulated)), (0, 1));
    let left = unregulated.told("2024-01-08", "placement_changed", r#"{"placement_type":"U4"}"#, &placement);
    assert_eq!(other(&left), 0, "in such a setting no more");
}

#[test]
fn a_move_that_an_episode_alone_tells_begins_a_placement() {
    let kept = r#"{"placement_type":"U6","short_break":false}"#;
    let child = || visited(placed(entered("C2"), "2023-06-05", kept, 3), &["2023-06-09"]);
    let moved = r#"{"reason":"P","placement_type":"K2"}"#;
    let told = child().told("2024-03-04", "episode_changed", moved, &[CARE]);
    assert_eq!(told.states("LAC-04", "2024-03-12"), [State::Met, State::Overdue]);
    // Beside its own beginning the episode says nothing new.
    let both = |story: Story| {
        let ended = story.told("2024-03-04", "placement_ended", "{}", &[CARE, (Role::Placement, 3)]);
        placed(ended, "2024-03-04", r#"{"placement_type":"K2","short_break":false}"#, 4)
    };
    alike(&both(child()).told("2024-03-04", "episode_changed", moved, &[CARE]), &both(child()));
}
