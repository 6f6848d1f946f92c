//! Nothing waits for a child who died, or who was found to be an adult: asked of every kind of event that starts a clock.

use domain::clocks::{Question, State};
use domain::envelope::Category;
use domain::events::Kind;

use crate::support::{Story, day};

/// Duties about past acts, and about others than the child, which survive (practice: what ends what).
const SURVIVES: &[&str] = &["FD-02", "GV-02", "GV-02r", "LAC-14", "LAC-14r"];

fn born() -> Story {
    let details = r#"{"date_of_birth":"2010-05-01","disabilities":[]}"#;
    Story::complete().told("2010-05-01", "child_registered", details, &[])
}

fn open(story: &Story, on: &str) -> Vec<String> {
    let clocks = story.answers(&Question::as_at(day(on))).clocks;
    let open = clocks.iter().filter(|clock| {
        matches!(clock.state, State::Running | State::DueSoon | State::Overdue)
            && !SURVIVES.contains(&clock.rule.id.as_str())
    });
    open.map(|clock| clock.rule.id.to_string()).collect()
}

#[test]
fn no_clock_waits_for_a_child_who_died_or_is_an_adult() {
    let endings = [
        ("child_died", "{}"),
        ("ceased_to_be_looked_after", r#"{"reason":"E2"}"#),
        ("case_closed", r#"{"reason":"RC2"}"#),
        ("age_assessment_completed", r#"{"estimated":false,"outcome":"adult"}"#),
    ];
    let (mut wrong, mut started) = (Vec::new(), 0);
    for kind in Kind::ALL.iter().filter(|kind| kind.categories().contains(&Category::Child)) {
        let sample = kind.sample();
        let begun = born().event("2024-03-11", sample);
        started += open(&begun, "2024-03-12").len();
        for (ending, details) in endings {
            let ended = begun.clone().told("2024-03-12", ending, details, &[]);
            let left = open(&ended, "2026-03-31");
            if !left.is_empty() {
                wrong.push(format!("{} and {ending}: {left:?}", kind.name()));
            }
        }
    }
    assert!(started > 50, "{started} clocks began");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
