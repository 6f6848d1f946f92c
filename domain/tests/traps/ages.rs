//! Age: a corrected date of birth re-runs every rule of age, for every moment of knowledge.

use domain::events::EntityRole;
use domain::events::identity::BirthRecorded;
use domain::events::looked_after::BecameLookedAfter;
use domain::events::records::AgeAssessmentCompleted;
use domain::observations::Life;

use super::teller::{Teller, day, event, registered};

#[test]
fn a_corrected_date_of_birth_changes_every_answer_of_age_from_then_on() {
    let mut child = Teller::of_child();
    let registration = child.tell("2023-01-09", "2023-01-09", registered("2005-03-01", ""), &[]);
    child.tell("2023-01-09", "2023-01-09", BecameLookedAfter::default(), &[(EntityRole::PeriodOfCare, 1)]);
    // The assessment was finished in February and told in April.
    let assessed = AgeAssessmentCompleted {
        outcome: "child".parse().unwrap(),
        assessed_date_of_birth: Some(day("2007-03-01")),
        estimated: true,
    };
    child.tell("2023-04-03", "2023-02-20", assessed, &[]);
    child.correct("2023-05-01", registration, event("2023-01-09", registered("2007-03-01", ""), &[]));
    let adult_from = |known: &str| Life::of(&child.known(known)).eighteenth_birthday().unwrap();
    assert_eq!(adult_from("2023-02-28"), day("2023-03-01"), "before");
    assert_eq!(child.observed("2023-03-02"), ["looked_after_at_eighteen"]);
    // The assessment alone changes no date: somebody has to correct the registration.
    assert_eq!(adult_from("2023-04-03"), day("2023-03-01"), "after the late entry");
    assert_eq!(child.observed("2023-04-03"), ["looked_after_at_eighteen"]);
    assert_eq!(adult_from("2023-05-01"), day("2025-03-01"), "after the correction");
    assert_eq!(child.observed("2023-05-01"), Vec::<&str>::new());
    // What was known before stays what was known before.
    assert_eq!(child.observed("2023-03-02"), ["looked_after_at_eighteen"]);
}

#[test]
fn a_birth_told_late_and_corrected_moves_what_lay_before_it() {
    let mut child = Teller::of_child();
    child.tell("2024-01-08", "2024-01-08", registered("", "2024-03-10"), &[]);
    let care = [(EntityRole::PeriodOfCare, 1)];
    child.tell("2024-03-11", "2024-03-08", BecameLookedAfter::default(), &care);
    let birth = child.tell("2024-03-12", "2024-03-07", BirthRecorded { sex: None }, &[]);
    child.correct("2024-03-20", birth, event("2024-03-09", BirthRecorded { sex: None }, &[]));
    assert_eq!(child.observed("2024-03-11"), Vec::<&str>::new(), "before the birth is told");
    assert_eq!(child.observed("2024-03-12"), Vec::<&str>::new(), "after the late entry");
    assert_eq!(child.observed("2024-03-20"), ["looked_after_before_birth"], "after the correction");
}
