//! Which lines of a sheet are records: titles, totals, notes, rows that name nobody. Built here, row by row; every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, workbook};
use crate::sheets::*;
use domain::events::Kind;
use exchange::{Layout, Role, SubjectRows, ValueKind};

#[test]
fn totals_notes_and_titles_are_no_children_in_any_list() {
    for list in &Layout::annex_a().lists {
        let named = list.columns.iter().find(|c| matches!(c.role, Role::Child | Role::Adopter)).unwrap();
        let text_of = |column: &exchange::Column| match (column.role, column.value) {
            (Role::Child | Role::Adopter, _) => "INV-1",
            (_, ValueKind::Date) => "2024-05-01",
            (_, ValueKind::Flag) => "Yes",
            (Role::State, ValueKind::Code) => "c",
            _ => "",
        };
        let good: Vec<(&str, &str)> = list
            .columns
            .iter()
            .map(|column| (column.field.as_str(), text_of(column)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let counted = list.columns.iter().rev().find(|column| column.role != Role::Child).unwrap();
        let total = [(named.field.as_str(), "Grand Total"), (counted.field.as_str(), "2")];
        let run = [(named.field.as_str(), "Report run 01/04/2024 by a team"), (counted.field.as_str(), "7")];
        let source = [(named.field.as_str(), "Source: LCS")];
        let again = [(named.field.as_str(), named.header()), (counted.field.as_str(), counted.header())];
        let beside = [(counted.field.as_str(), "Total")];
        let lone = [(named.field.as_str(), "25")];
        let rows: [&[(&str, &str)]; 7] = [&good, &total, &run, &source, &again, &beside, &lone];
        let mut memory = Memory::default();
        let done = memory.import(&workbook(&[(&list.code, &rows)]), &day());
        assert_eq!((done.counts.refused, done.counts.rows()), (6, 7), "list {}", list.code);
        let registered = done.kinds.get("child_registered").or(done.kinds.get("adopter_registered"));
        assert_eq!(registered, Some(&1), "list {}", list.code);
        let places: Vec<String> =
            done.rows.iter().filter(|row| !row.refused.is_empty()).map(|row| row.place.to_string()).collect();
        assert_eq!(places.len(), 6, "list {}: {places:?}", list.code);
        assert!(places.contains(&format!("{}, row 3", list.sheets.first().unwrap())), "{places:?}");
    }
}

/// A figure in a column of dates is a count: the subtotal of a team is no child of the year 1900.
#[test]
fn figures_and_ids_that_say_nothing_found_no_child() {
    let figure = |id: &'static str, number: f64| {
        let mut row = contact(id, "");
        row[5] = Cell::Number(number);
        row
    };
    for (id, number) in [("Team A", 3.0), ("45", 45.0), ("Max", 7.0), ("5 children", 5.0), ("9", 9999.0)] {
        let mut memory = Memory::default();
        let done = memory.import(&contacts(&[figure(id, number), contact("1", "2024-05-01")]), &day());
        assert_eq!((done.counts.refused, memory.children()), (1, 1), "{id}: {number}");
    }
    for id in ["N/K", "nk", "TBD", "0", "000", "not entered"] {
        let mut memory = Memory::default();
        let done = memory.import(&contacts(&[contact(id, "2024-05-02"), contact("1", "2024-05-01")]), &day());
        assert_eq!((done.counts.refused, memory.children()), (1, 1), "{id}");
    }
    // A day number of today is a date.
    let mut memory = Memory::default();
    memory.import(&contacts(&[figure("1", 45_413.0)]), &day());
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-05-01"]);
}

#[test]
fn a_record_needs_its_key() {
    let row = [("child_id", "9"), ("source", "6")];
    let mut memory = Memory::default();
    let done = memory.import(&workbook(&[("1", &[&row])]), &day());
    assert_eq!((done.events, done.counts.refused, memory.children()), (0, 1, 0));
    let cell = &done.rows[0].refused[0];
    assert_eq!(cell.place.to_string(), "List 1!F2");
    assert_eq!(
        (cell.column.as_str(), cell.reason.as_str()),
        ("Date of Contact", "not stated, and the record needs it")
    );
}

#[test]
fn odd_identifiers_are_children() {
    let ids = ["TOTAL17", "A B 12", "O'N-12", "count7", "child 7", "40501.0"];
    let rows: Vec<Vec<Cell<'_>>> = ids.iter().map(|id| contact(id, "2024-05-01")).collect();
    assert_eq!(read(contacts(&rows)).len(), ids.len());
}

/// What an identifier reads like decides only where the row states no record.
#[test]
fn a_row_that_states_a_record_is_a_child_whatever_its_identifier_reads_like() {
    let ids =
        ["LA-CH-10234", "INV-LAC-0301", "AB/CD/123", "LCS NW 00123", "INV-LN", "mean-12", "sum-3", "count 4"];
    let rows: Vec<Vec<Cell<'_>>> = ids.iter().map(|id| contact(id, "2024-05-01")).collect();
    let mut memory = Memory::default();
    let done = memory.import(&contacts(&rows), &day());
    assert_eq!((done.counts.refused, memory.children()), (0, ids.len()));
    let adopter = [("adopter_id", "AD-FAM-12"), ("family_id", "F1"), ("enquired_on", "2024-01-05")];
    let done = Memory::default().import(&workbook(&[("11", &[&adopter])]), &day());
    assert_eq!((done.counts.refused, done.kinds.get("adopter_registered")), (0, Some(&1)));
    // The record of such a child that lacks its day is refused for that, as anybody's is.
    let done = Memory::default().import(&contacts(&[contact("LA-CH-10234", "31/02/2024")]), &day());
    assert_eq!(done.rows[0].refused[0].place.to_string(), "List 1!F2");
    // A label without a number founds no child, though its row holds averages; nor does a note with a day beside it.
    let average = texts(&["Mean", "", "", "2015-02-01", "9.2", "2024-05-01", ""]);
    let run = texts(&["Report run by a team", "", "", "", "", "2024-05-01", ""]);
    let mut memory = Memory::default();
    let done = memory.import(&contacts(&[average, run, contact("1", "2024-05-01")]), &day());
    assert_eq!((done.counts.refused, memory.children()), (2, 1));
}

#[test]
fn the_header_is_found_below_titles_and_a_record_above_it_is_not_lost() {
    let titles = [
        texts(&["Annex A, list 1: contacts"]),
        texts(&["", "Report run", "01/04/2024"]),
        Vec::new(),
        texts(&HEADER),
        contact("1", "2024-05-01"),
    ];
    for name in ["List 1", "Export 17"] {
        let extract = exchange::read(sheet(name, &titles), &day()).unwrap();
        let notes: Vec<(&str, String)> =
            extract.notes.iter().map(|note| (note.code, note.place.to_string())).collect();
        let titled = |row: u32| ("title_not_read", format!("{name}, row {row}"));
        assert_eq!(notes, [titled(1), titled(2)]);
        let subjects: Vec<SubjectRows> = extract.map(Result::unwrap).collect();
        assert_eq!(subjects.len(), 1);
        assert_eq!(subjects[0].rows[0].value("received_on").unwrap().place.to_string(), format!("{name}!F5"));
    }
    let above = [contact("1", "2024-05-01"), texts(&HEADER), contact("2", "2024-05-02")];
    let done = Memory::default().import(&sheet("List 1", &above), &day());
    assert_eq!((done.counts.new, done.counts.refused), (1, 1));
    assert!(
        done.rows.iter().any(|row| row.refused.iter().any(|cell| cell.reason.contains("above the header")))
    );
    // A wrong header is still named where it stands.
    let mut wrong = HEADER;
    wrong[5] = "Day of contact";
    let text = refusal(sheet("List 1", &[texts(&["A title"]), Vec::new(), texts(&wrong)]));
    assert!(text.contains("cell F3: header \"Day of contact\" is not known"), "{text}");
}

#[test]
fn a_refused_row_or_a_row_without_a_child_withdraws_nothing() {
    let plan = |child: &'static str, started: &'static str| {
        [
            ("child_id", child),
            ("born_on", "2015-05-01"),
            ("started_on", started),
            ("initial_category", "Neglect"),
        ]
    };
    let (first, second) = (plan("77", "2024-01-10"), plan("78", "2024-02-10"));
    let before = |memory: &mut Memory| {
        memory.import(&workbook(&[("7", &[&first, &second])]), &about("2024-05-01"));
    };
    let withdrawn = |rows: &[&[(&str, &str)]]| {
        let mut memory = Memory::default();
        before(&mut memory);
        memory.import(&workbook(&[("7", rows)]), &about("2024-06-01")).withdrawn
    };
    // The row is not there: the record is withdrawn. One that cannot be read may be that row.
    assert_eq!(withdrawn(&[&first]), 1);
    for started in ["31/02/2024", "#N/A", ""] {
        assert_eq!(withdrawn(&[&first, &plan("78", started)]), 0, "{started}");
    }
    // A row that names nobody may be about anybody; a total is about nobody.
    assert_eq!(withdrawn(&[&first, &plan("", "2024-02-10")]), 0);
    assert_eq!(withdrawn(&[&first, &[("child_id", "Total"), ("previous_plans", "1")]]), 1);
}

#[test]
fn pathway_review_contact_and_adviser_of_list_9_are_events_and_the_newest_of_each() {
    let row = |reviewed: &'static str, contacted: &'static str, adviser: &'static str| {
        [
            ("child_id", "1001"),
            ("eligibility", "b) Former relevant child"),
            ("in_touch", "a) Yes"),
            ("pathway_reviewed_on", reviewed),
            ("contacted_on", contacted),
            ("adviser", adviser),
            ("unaccompanied", "b) No"),
        ]
    };
    let mut memory = Memory::default();
    let first = row("2024-01-09", "2024-02-09", "P. Invented");
    memory.import(&workbook(&[("9", &[&first])]), &about("2024-03-01"));
    assert_eq!(memory.days("1001", Kind::PathwayPlanReviewed), ["2024-01-09"]);
    assert_eq!(memory.days("1001", Kind::PaContactMade), ["2024-02-09"]);
    assert_eq!(memory.recorded("1001", Kind::PersonalAdviserAllocated), 1);
    let again = memory.import(&workbook(&[("9", &[&first])]), &about("2024-03-01"));
    assert_eq!(again.events, 0);
    let second = row("2024-07-01", "2024-04-01", "Q. Invented");
    memory.import(&workbook(&[("9", &[&second])]), &about("2024-08-01"));
    assert_eq!(memory.days("1001", Kind::PathwayPlanReviewed), ["2024-01-09", "2024-07-01"]);
    assert_eq!(memory.days("1001", Kind::PaContactMade), ["2024-02-09", "2024-04-01"]);
    assert_eq!(memory.recorded("1001", Kind::PersonalAdviserAllocated), 2);
    assert_eq!(memory.recorded("1001", Kind::EventCorrected), 0);
}

/// Imports contacts of children 1 and 2, then a newer file: how many records were withdrawn.
fn withdrawn_by(newer: &[u8]) -> u64 {
    let mut memory = Memory::default();
    memory.import(&contacts(&[contact("1", "2024-04-15"), contact("2", "2024-04-20")]), &about("2024-05-01"));
    memory.import(newer, &day()).withdrawn
}

#[test]
fn a_record_above_the_header_and_a_row_with_an_identifier_alone_take_nothing_away_from_their_child() {
    let one = contact("1", "2024-04-15");
    assert_eq!(withdrawn_by(&contacts(std::slice::from_ref(&one))), 1, "the second child is missing");
    let above = [contact("2", "2024-04-20"), texts(&HEADER), one.clone()];
    assert_eq!(withdrawn_by(&sheet("List 1", &above)), 0, "it stands above the header");
    assert_eq!(withdrawn_by(&contacts(&[one.clone(), texts(&["2"])])), 0, "nothing is stated of it");
    assert_eq!(withdrawn_by(&contacts(&[one.clone(), texts(&["3"])])), 1, "that is another child");
    assert_eq!(withdrawn_by(&contacts(&[one.clone(), texts(&["Source: LCS"])])), 1, "that is a note");
    // A record that no identifier stands beside may be anybody's, as one with an empty identifier may.
    for odd in ["", "Total", "Report run by a team"] {
        let odd = texts(&[odd, "", "", "", "", "2024-04-20", ""]);
        assert_eq!(withdrawn_by(&contacts(&[one.clone(), odd])), 0);
    }
    // That is the record of another child.
    assert_eq!(withdrawn_by(&contacts(&[one, contact("LA-CH-10234", "2024-04-20")])), 1);
}

#[test]
fn a_row_with_an_identifier_alone_is_refused_with_its_place_and_founds_no_child() {
    let mut memory = Memory::default();
    let done = memory.import(&contacts(&[contact("1", "2024-04-15"), texts(&["2"])]), &day());
    assert_eq!((done.counts.refused, memory.children()), (1, 1));
    let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
    assert_eq!((refused.len(), refused[0].place.to_string()), (1, "List 1, row 3".to_owned()));
}
