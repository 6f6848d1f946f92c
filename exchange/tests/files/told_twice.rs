//! Two statements of one file about one thing: one counts, the other is told once in dispute, and the same file again changes
//! nothing. Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, workbook};
use crate::memory::rows::facts;
use domain::events::Kind;

const ASSESSMENT: [(&str, &str); 3] = [("child_id", "1"), ("started_on", "2024-04-15"), ("disabled", "Y")];
const CASE: [(&str, &str); 3] = [("child_id", "1"), ("started_on", "2024-02-05"), ("disabled", "N")];

#[test]
fn a_state_that_two_lists_of_a_file_tell_differently_settles_whatever_the_order_of_the_sheets() {
    let mut memory = Memory::default();
    let forwards = workbook(&[("4", &[&ASSESSMENT]), ("6", &[&CASE])]);
    let backwards = workbook(&[("6", &[&CASE]), ("4", &[&ASSESSMENT])]);
    let first = memory.import(&forwards, &about("2024-04-30"));
    assert_eq!((first.counts.disputed, memory.journey("1").disputes.len()), (1, 1));
    for (file, day) in [(&forwards, "2024-04-30"), (&forwards, "2024-05-31"), (&backwards, "2024-06-28")] {
        let done = memory.import(file, &about(day));
        let again = memory.import(file, &about(day));
        assert_eq!((done.counts.disputed, again.events), (0, 0), "{day}");
        assert_eq!(memory.recorded("1", Kind::DisabilityRecorded), 1, "{day}");
        assert_eq!(memory.journey("1").disputes.len(), 1, "{day}");
    }
}

#[test]
fn of_two_plans_at_one_time_the_newest_file_that_tells_of_both_decides_in_either_order() {
    let plan = |day: &'static str, visit: &'static str| {
        [("child_id", "1"), ("started_on", day), ("initial_category", "NEG"), ("visited_on", visit)]
    };
    let (early, late) = (plan("2024-03-07", "2024-06-20"), plan("2024-04-16", "2024-05-20"));
    let files =
        [(workbook(&[("7", &[&late])]), "2024-05-31"), (workbook(&[("7", &[&early, &late])]), "2024-06-28")];
    let held = [[0, 1], [1, 0]].map(|order: [usize; 2]| {
        let mut memory = Memory::default();
        for (file, day) in order.map(|at| &files[at]) {
            memory.import(file, &about(day));
        }
        assert_eq!(memory.days("1", Kind::ChildProtectionPlanStarted), ["2024-03-07"], "{order:?}");
        assert_eq!(
            memory.days("1", Kind::ChildProtectionVisitMade),
            ["2024-05-20", "2024-06-20"],
            "{order:?}"
        );
        let again: usize = order
            .map(|at| &files[at])
            .map(|(file, day)| memory.import(file, &about(day)).events)
            .iter()
            .sum();
        assert_eq!(again, 0, "{order:?}");
        facts(&memory.journey("1"))
    });
    assert_eq!(held[0], held[1]);
}

/// Who reads the report of one file learns that the file has to be corrected, and where; of two files, that they differ.
#[test]
fn a_file_that_contradicts_itself_is_told_from_two_files_that_contradict_each_other() {
    let care = [("child_id", "1"), ("started_on", "2023-02-06")];
    let adoption = [("child_id", "1"), ("entered_care_on", "2023-02-20"), ("decided_on", "2023-09-04")];
    let mut memory = Memory::default();
    let one = memory.import(&workbook(&[("8", &[&care]), ("10", &[&adoption])]), &about("2024-03-29"));
    let notes = |done: &crate::memory::Done, code: &str| {
        let all = done.rows.iter().flat_map(|row| &row.notes).filter(|note| note.code == code);
        all.map(|note| note.text.clone()).collect::<Vec<_>>()
    };
    let told = notes(&one, "process_told_twice");
    assert!(matches!(told.as_slice(), [text] if text.contains("list_8, row 2")), "{told:?}");
    assert_eq!(notes(&one, "disputed"), Vec::<String>::new());

    let mut memory = Memory::default();
    memory.import(&workbook(&[("8", &[&care])]), &about("2024-03-29"));
    let two = memory.import(&workbook(&[("10", &[&adoption])]), &about("2024-03-29"));
    assert_eq!((notes(&two, "process_told_twice").len(), notes(&two, "disputed").len()), (0, 1));
}
