//! A corrected day of entering care takes what began on it along. Every child is invented.

use crate::memory::Memory;
use crate::memory::rows::{import, with};
use domain::identifier::normal_form;
use domain::journey::{Journey, KnownAt};
use exchange::Subject;

const CARE: [(&str, &str); 8] = [
    ("child_id", "8"),
    ("born_on", "2015-05-01"),
    ("started_on", "2023-06-01"),
    ("legal_status_started_on", "2023-06-01"),
    ("legal_status", "V2"),
    ("placement_started_on", "2023-06-01"),
    ("placement_type", "U6"),
    ("placement_provider", "PR1"),
];

/// What is held after some files about the child, each of its day, by kind and day.
fn told(files: &[(&str, &[(&str, &str)])]) -> Vec<String> {
    let mut memory = Memory::default();
    for (day, changes) in files {
        import(&mut memory, "8", day, &[&with(&CARE, changes)]);
    }
    for (day, changes) in files {
        let again = import(&mut memory, "8", day, &[&with(&CARE, changes)]);
        assert_eq!(again.events, 0, "{day} again: {:?}", again.kinds);
    }
    let held = memory.held_of(&Subject::Child(normal_form("8"))).unwrap();
    let journey = Journey::known(held, KnownAt::NOW);
    let of_care = ["became_looked_after", "legal_status_changed", "placement_started", "placement_ended"];
    let events = journey.events.iter().filter(|event| of_care.contains(&event.kind().name()));
    let mut told: Vec<String> =
        events.map(|event| format!("{} {}", event.kind().name(), event.occurred)).collect();
    told.sort();
    told
}

#[test]
fn the_placement_and_the_status_of_the_day_of_entering_care_are_corrected_with_it() {
    for on in ["2023-06-08", "2023-05-25"] {
        let moved = [("started_on", on), ("legal_status_started_on", on), ("placement_started_on", on)];
        let files: [(&str, &[(&str, &str)]); 2] = [("2023-12-31", &[]), ("2024-01-31", &moved)];
        let expected = ["became_looked_after", "legal_status_changed", "placement_started"];
        let expected: Vec<String> = expected.iter().map(|kind| format!("{kind} {on}")).collect();
        assert_eq!(told(&files), expected, "in the order of their days");
        assert_eq!(told(&[files[1], files[0]]), expected, "in the other order");
    }
}

#[test]
fn a_placement_that_did_not_begin_with_the_care_stays_when_the_day_is_corrected() {
    let later = [("placement_started_on", "2023-06-05")];
    let corrected = [("started_on", "2023-06-02"), ("placement_started_on", "2023-06-12")];
    let told = told(&[("2023-12-31", &later), ("2024-01-31", &corrected)]);
    let placed: Vec<&String> = told.iter().filter(|it| it.starts_with("placement_started")).collect();
    assert_eq!(placed, ["placement_started 2023-06-05", "placement_started 2023-06-12"]);
}
