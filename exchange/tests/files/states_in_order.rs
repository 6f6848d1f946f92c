//! A state that files of several days tell is, on each day, the one of the last file before it, in whatever order they are
//! imported. Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{import, with};
use domain::events::Kind;
use domain::identifier::normal_form;
use domain::journey::{Journey, KnownAt};
use exchange::Subject;

const DAYS: [&str; 3] = ["2024-03-29", "2024-05-31", "2024-06-28"];
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// The days on which the events of a kind stand, after the files were imported in each order; that they are imported again
/// adds nothing.
fn in_every_order(
    list: &str,
    row: &[(&str, &str)],
    column: &str,
    texts: [&str; 3],
    kind: Kind,
) -> Vec<Vec<String>> {
    ORDERS
        .iter()
        .map(|order| {
            let mut memory = Memory::default();
            let add = |memory: &mut Memory, at: usize| {
                import(memory, list, DAYS[at], &[&with(row, &[(column, texts[at])])]).events
            };
            for at in order {
                add(&mut memory, *at);
            }
            let id = normal_form("77");
            let subject = if list == "11" { Subject::Adopter(id) } else { Subject::Child(id) };
            let known = Journey::known(memory.held(&subject), KnownAt::NOW);
            let events = known.events.iter().filter(|event| event.kind() == kind);
            let said = events.map(|event| format!("{} {}", event.occurred, text_of(event)));
            let mut said: Vec<String> = said.collect();
            said.sort();
            let again: usize = (0..3).map(|at| add(&mut memory, at)).sum();
            assert_eq!(again, 0, "list {list} {column} {texts:?} {order:?}");
            said
        })
        .collect()
}

/// What the event says, without ids.
fn text_of(event: &domain::journey::KnownEvent) -> String {
    let fields = event.body.fields();
    let said = fields.iter().filter(|(field, _)| field.as_str() != "worker");
    said.map(|(_, value)| value.to_string()).collect()
}

const PLAN: [(&str, &str); 4] = [
    ("child_id", "77"),
    ("born_on", "2015-05-04"),
    ("started_on", "2023-11-06"),
    ("initial_category", "EMO"),
];

/// The middle file came last, and the newest one, which repeats what the first said, seemed to say nothing: the worker
/// of the middle file was the worker of today.
#[test]
fn a_state_that_a_newer_file_repeats_is_so_again_after_a_late_file_tells_another() {
    for said in in_every_order(
        "7",
        &PLAN,
        "worker",
        ["A. Invented", "B. Invented", "A. Invented"],
        Kind::WorkerAllocated,
    ) {
        assert_eq!(said, ["../2024-03-29 ", "2024-03-30/2024-05-31 ", "2024-06-01/2024-06-28 "]);
    }
    let categories = ["NEG", "EMO", "NEG"];
    for said in in_every_order("7", &PLAN, "latest_category", categories, Kind::PlanCategoryRecorded) {
        assert_eq!(
            said,
            [
                "2023-11-06/2024-03-29 \"NEG\"",
                "2024-03-30/2024-05-31 \"EMO\"",
                "2024-06-01/2024-06-28 \"NEG\""
            ]
        );
    }
}

/// The first file came last: what it says was not so before its day, but after it.
#[test]
fn a_state_of_an_early_file_that_comes_last_was_so_by_the_day_of_that_file() {
    for said in in_every_order(
        "7",
        &PLAN,
        "worker",
        ["A. Invented", "A. Invented", "B. Invented"],
        Kind::WorkerAllocated,
    ) {
        assert_eq!(said, ["../2024-03-29 ", "2024-06-01/2024-06-28 "]);
    }
}

#[test]
fn a_file_that_could_not_say_a_state_does_not_tell_that_it_still_was_so() {
    for silent in ["TBC", "#N/A"] {
        for said in in_every_order(
            "7",
            &PLAN,
            "worker",
            ["A. Invented", silent, "B. Invented"],
            Kind::WorkerAllocated,
        ) {
            assert_eq!(said, ["../2024-03-29 ", "2024-03-30/2024-06-28 "], "{silent}");
        }
    }
}

/// Several columns of the list of adopters give steps; the number of children is a column of one of them.
#[test]
fn a_fact_that_a_newer_file_leaves_empty_stays_empty_when_the_older_file_is_imported_again() {
    let row = [("adopter_id", "77"), ("enquired_on", "2023-11-06"), ("placed_on", "2024-02-19")];
    for said in in_every_order("11", &row, "children_placed", ["2", "2", ""], Kind::AdopterStepReached) {
        assert!(said.contains(&"2024-02-19 \"children_placed\"".to_owned()), "{said:?}");
    }
}
