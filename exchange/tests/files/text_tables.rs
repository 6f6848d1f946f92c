//! Lists of Annex A as text files (CSV) that are damaged: a quotation mark that is not closed, rows with other cells
//! than the header, two lists in one file. What cannot be told takes nothing away. Every child is invented.

use crate::memory::lists::{about, workbook};
use crate::memory::{Done, Memory};
use domain::events::Kind;
use exchange::{Layout, Options, ReadError};

/// The header of list 7 and one row for each plan: child, end, review, team.
fn plans(rows: &[[&str; 4]]) -> String {
    let list = Layout::annex_a().list("7").unwrap();
    let headers: Vec<String> = list.columns.iter().map(|column| format!("{:?}", column.header())).collect();
    let mut lines = vec![headers.join(",")];
    for [child, ended, reviewed, team] in rows {
        let cell = |field: &str| match field {
            "child_id" => *child,
            "born_on" => "2015-05-01",
            "started_on" => "2024-01-10",
            "ended_on" => *ended,
            "reviewed_on" => *reviewed,
            "team" => *team,
            _ => "",
        };
        let cells: Vec<&str> = list.columns.iter().map(|column| cell(&column.field)).collect();
        lines.push(cells.join(","));
    }
    lines.join("\r\n") + "\r\n"
}

fn position(field: &str) -> usize {
    Layout::annex_a().list("7").unwrap().columns.iter().position(|column| column.field == field).unwrap()
}

/// The text with the cells of one line changed.
fn changed(text: &str, line: usize, change: impl Fn(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let changed = lines.get_mut(line - 1).unwrap();
    let mut cells: Vec<String> = changed.split(',').map(str::to_owned).collect();
    change(&mut cells);
    *changed = cells.join(",");
    lines.join("\r\n") + "\r\n"
}

fn import(memory: &mut Memory, day: &str, text: &str) -> Done {
    memory.import(text.as_bytes(), &about(day))
}

fn refusal(text: &str) -> String {
    exchange::read(text.as_bytes().to_vec(), &about("2024-06-30")).err().unwrap().to_string()
}

const THREE: [[&str; 4]; 3] =
    [["1", "", "2024-03-01", "A"], ["2", "2024-03-25", "2024-03-01", "A"], ["3", "", "2024-03-01", "B"]];

fn held() -> Memory {
    let mut memory = Memory::default();
    assert_eq!(import(&mut memory, "2024-03-31", &plans(&THREE)).counts.new, 3);
    memory
}

#[test]
fn a_quotation_mark_that_is_not_closed_refuses_the_file_with_its_line() {
    let never = changed(&plans(&THREE), 3, |cells| cells[position("team")] = "\"A".to_owned());
    assert!(refusal(&never).contains("line 3: the quotation mark that opens"), "{}", refusal(&never));
    // The mark of a row below closes it in the middle of a cell.
    let later = changed(&never, 4, |cells| cells[position("team")] = "\"B, south\"".to_owned());
    assert!(refusal(&later).contains("line 3: the quotation mark that opens"), "{}", refusal(&later));
    // In a title it would hide the header.
    let title = format!("\"Plans\r\n{}", plans(&THREE));
    assert!(refusal(&title).contains("line 1: the quotation mark"), "{}", refusal(&title));
    let closed = changed(&plans(&THREE), 3, |cells| {
        cells[position("team")] = "\"A, \"\"south\"\"\nand east\"".to_owned()
    });
    assert_eq!(import(&mut Memory::default(), "2024-06-30", &closed).counts.new, 3);
}

#[test]
fn cells_that_a_short_row_does_not_have_say_nothing() {
    let mut memory = held();
    // Spreadsheet programs leave out what is empty at the end of a row.
    let short = changed(&plans(&THREE), 3, |cells| cells.truncate(position("started_on") + 1));
    let done = import(&mut memory, "2024-06-30", &short);
    assert_eq!((done.withdrawn, done.counts.refused), (0, 0));
    assert_eq!(memory.recorded("2", Kind::EventWithdrawn), 0);
    assert_eq!(memory.days("2", Kind::ChildProtectionPlanEnded), ["2024-03-25"]);
    assert_eq!(memory.days("2", Kind::ReviewConferenceHeld), ["2024-03-01"]);
    let notes: Vec<String> =
        done.rows.iter().flat_map(|row| &row.notes).map(|note| note.code.to_owned()).collect();
    assert_eq!(notes, ["row_short"]);
    // True blanks in its place do withdraw.
    let blank = plans(&[THREE[0], ["2", "", "", "A"], THREE[2]]);
    import(&mut memory, "2024-07-31", &blank);
    assert!(memory.days("2", Kind::ChildProtectionPlanEnded).is_empty());
}

#[test]
fn a_row_that_ends_before_its_key_is_refused_and_takes_nothing_away() {
    let mut memory = held();
    let short = changed(&plans(&THREE), 3, |cells| cells.truncate(position("started_on")));
    let done = import(&mut memory, "2024-06-30", &short);
    assert_eq!((done.withdrawn, done.counts.refused), (0, 1));
    let reasons: Vec<&str> =
        done.rows.iter().flat_map(|row| &row.refused).map(|cell| cell.reason.as_str()).collect();
    assert_eq!(reasons, ["the row ends before this cell, and the record needs it"]);
}

#[test]
fn a_file_that_ends_within_a_row_is_cut_short_and_refused() {
    let whole = plans(&THREE);
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    let commas = whole[last..].matches(',').count();
    for end in last + 1..whole.trim_end().len() {
        let cut = &whole[..end];
        if cut[last..].matches(',').count() < commas {
            let refused = exchange::read(cut.as_bytes().to_vec(), &about("2024-06-30")).err();
            assert!(
                matches!(refused, Some(ReadError::CsvCut { line: 4, .. })),
                "{refused:?}: {}",
                &cut[last..]
            );
        }
    }
    // The last line need not end, and what is no record may stand there.
    for text in
        [whole.trim_end().to_owned(), format!("{whole}Total,3"), format!("{whole}Source: invented system")]
    {
        assert!(exchange::read(text.into_bytes(), &about("2024-06-30")).is_ok());
    }
}

#[test]
fn a_row_with_more_cells_than_the_header_is_refused_and_takes_nothing_away() {
    for extra in ["", "x"] {
        for at in [0, position("ended_on"), position("team")] {
            let mut memory = held();
            let wide = changed(&plans(&THREE), 3, |cells| cells.insert(at, extra.to_owned()));
            let done = import(&mut memory, "2024-06-30", &wide);
            assert_eq!((done.withdrawn, done.counts.refused), (0, 1), "{at}");
            let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
            assert_eq!(refused.len(), 1, "no cell of it is judged: {at}");
            assert_eq!(refused[0].place.to_string(), "List 7, row 3");
            let columns = Layout::annex_a().list("7").unwrap().columns.len();
            let expected = format!("{} cells under {columns} headers", columns + 1);
            assert!(refused[0].reason.starts_with(&expected), "{}", refused[0].reason);
            assert_eq!(memory.days("2", Kind::ChildProtectionPlanEnded), ["2024-03-25"], "{at}");
            assert_eq!(memory.children(), 3, "{at}");
        }
    }
    // Headers that are empty at the end are none.
    let padded: String = plans(&THREE).lines().map(|line| format!("{line},\n")).collect();
    assert_eq!(import(&mut Memory::default(), "2024-06-30", &padded).counts.new, 3);
    let shifted = changed(&padded, 3, |cells| {
        cells.pop();
        *cells.last_mut().unwrap() = "x".to_owned();
        cells.insert(position("ended_on"), String::new());
    });
    assert_eq!(import(&mut Memory::default(), "2024-06-30", &shifted).counts.refused, 1);
}

#[test]
fn a_second_header_in_a_text_file_or_sheet_refuses_it_with_its_row() {
    const CONTACTS: &str = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Contact,Contact Source\n\
                            1,Male,WBRI,2015-02-01,,2024-04-20,6\n";
    const REFERRALS: &str = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Referral,Referral Source\n\
                             3,Male,WBRI,2015-02-01,,2024-04-22,6\n";
    for text in [format!("{CONTACTS}\n{REFERRALS}"), format!("{REFERRALS}\n{CONTACTS}")] {
        let message = refusal(&text);
        assert!(message.contains("another header stands here"), "{message}");
        assert!(message.contains("row 4") || message.contains("row 1"), "{message}");
    }
    // The same headers in another order say something else of each cell.
    let turned = "Child Unique ID,Gender,Ethnicity,Date of Contact,Age,Date of Birth,Contact Source\n\
                  3,Male,WBRI,2024-04-22,,2015-02-01,6\n";
    assert!(refusal(&format!("{CONTACTS}{turned}")).contains("row 3"));
    // The same header again, as on each page of a report, is refused alone.
    let again = format!("{CONTACTS}{}", CONTACTS.replace("\n1,", "\n2,"));
    let done = import(&mut Memory::default(), "2024-06-30", &again);
    assert_eq!((done.counts.new, done.counts.refused), (2, 1));
}

#[test]
fn a_second_list_below_the_first_in_a_sheet_refuses_the_workbook() {
    let list = Layout::annex_a().list("3").unwrap();
    let headers: Vec<&str> = list.columns.iter().map(|column| column.header()).collect();
    let contacts = Layout::annex_a().list("1").unwrap();
    let stacked: Vec<(&str, &str)> =
        contacts.columns.iter().map(|column| column.field.as_str()).zip(headers.iter().copied()).collect();
    let row = [("child_id", "1"), ("received_on", "2024-04-20"), ("source", "6")];
    let file = workbook(&[("1", &[&row, &stacked, &row])]);
    let message = exchange::read(file, &about("2024-06-30")).err().unwrap().to_string();
    assert!(message.contains("row 3") && message.contains("list 3"), "{message}");
}

#[test]
fn a_cell_with_a_nul_is_refused_alone_in_a_text_file_too() {
    let text = changed(&plans(&THREE), 3, |cells| cells[0] = "2\0x".to_owned());
    let done = import(&mut Memory::default(), "2024-06-30", &text);
    assert_eq!((done.counts.new, done.counts.refused), (2, 1));
    let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
    assert_eq!(refused[0].place.to_string(), "List 7!A3");
    assert!(refused[0].reason.contains("U+0000"), "{}", refused[0].reason);
}

#[test]
fn identifiers_that_a_spreadsheet_has_destroyed_found_no_child() {
    let ids = ["1.23457E+11", "1.23457E+11", "0.0", "-1", "=\"00123\"", "00123", "Unborn"];
    let rows: Vec<[&str; 4]> = ids.iter().map(|id| [*id, "", "2024-03-01", "A"]).collect();
    let mut memory = Memory::default();
    let done = import(&mut memory, "2024-06-30", &plans(&rows));
    assert_eq!((done.counts.refused, memory.children()), (4, 2));
    let reasons: Vec<&str> =
        done.rows.iter().flat_map(|row| &row.refused).map(|cell| cell.reason.as_str()).collect();
    assert_eq!(
        reasons.iter().filter(|reason| reason.contains("shortened the number")).count(),
        2,
        "{reasons:?}"
    );
    assert_eq!(memory.days("00123", Kind::ChildProtectionPlanStarted), ["2024-01-10"]);
    let words: Vec<_> = done
        .rows
        .iter()
        .flat_map(|row| &row.notes)
        .filter(|note| note.code == "identifier_without_digit")
        .collect();
    assert_eq!(words.len(), 1);
    assert_eq!(words[0].place.to_string(), "List 7!A8");
}

#[test]
fn a_text_file_with_line_ends_of_one_kind_loses_no_row() {
    for end in ["\n", "\r\n", "\r"] {
        let text = plans(&THREE).replace("\r\n", end);
        let done = memory_of(&text);
        assert_eq!((done.counts.new, done.counts.refused), (3, 0), "{end:?}");
    }
}

fn memory_of(text: &str) -> Done {
    Memory::default().import(text.as_bytes(), &Options { partial: false, ..about("2024-06-30") })
}

#[test]
fn an_end_that_the_source_could_not_say_is_not_held_complete() {
    use domain::journey::Covered;
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let of =
        |memory: &Memory, kind| memory.journey("2").coverage.of(kind, day("2024-01-10"), day("2024-06-30"));
    for (end, expected) in [
        ("", Covered::Complete),
        ("2024-03-25", Covered::Complete),
        // A source that writes this has no end.
        ("1900-01-01", Covered::Complete),
        ("#N/A", Covered::NotStated),
        ("30/02/2024", Covered::NotStated),
        ("25/03/24", Covered::NotStated),
    ] {
        let mut memory = Memory::default();
        import(&mut memory, "2024-06-30", &plans(&[THREE[0], ["2", end, "2024-03-01", "A"]]));
        assert_eq!(of(&memory, Kind::ChildProtectionPlanEnded), expected, "{end:?}");
        // The plan may have ended: a review that is missing since the last one may never have been due.
        let hidden = memory.journey("2").coverage.may_hide(
            Kind::ChildProtectionPlanEnded,
            day("2024-03-01"),
            day("2024-06-30"),
        );
        assert_eq!(hidden, expected != Covered::Complete, "{end:?}");
        assert_eq!(of(&memory, Kind::ChildProtectionPlanStarted), Covered::Complete, "{end:?}");
        // What another child's cell could not say is that child's.
        let other = memory.journey("1").coverage.of(
            Kind::ChildProtectionPlanEnded,
            day("2024-01-10"),
            day("2024-06-30"),
        );
        assert_eq!(other, Covered::Complete, "{end:?}");
    }
    // Nor is one whose cell a short row does not have.
    let short = changed(&plans(&THREE), 3, |cells| cells.truncate(position("ended_on")));
    let mut memory = Memory::default();
    import(&mut memory, "2024-06-30", &short);
    assert_eq!(of(&memory, Kind::ChildProtectionPlanEnded), Covered::NotStated);
}
