//! What stands around the data: titles, totals, empty cells, spellings, orders of dates, other containers. Built here,
//! row by row; every child is invented.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]
#![expect(dead_code, reason = "the ledger in memory serves other tests too")]

mod memory;

use std::io::{Cursor, Read, Write};

use domain::events::Kind;
use exchange::{Layout, Limits, Options, ReadError, Reading, Role, SubjectRows, ValueKind};
use memory::Memory;
use memory::lists::{about, workbook};
use rust_xlsxwriter::{Format, Workbook};

/// A cell of a made sheet.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Text(&'a str),
    Number(f64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Cell::Text(text)
    }
}

const HEADER: [&str; 7] =
    ["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Date of Contact", "Contact Source"];

/// A workbook with one sheet of these rows; empty texts leave their cell out.
fn sheet(name: &str, rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text("") => continue,
                Cell::Text(text) => sheet.write_string(row, column, *text).unwrap(),
                Cell::Number(number) => sheet.write_number(row, column, *number).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn texts<'a>(cells: &[&'a str]) -> Vec<Cell<'a>> {
    cells.iter().map(|cell| Cell::Text(cell)).collect()
}

fn contact<'a>(child: &'a str, received: &'a str) -> Vec<Cell<'a>> {
    texts(&[child, "Male", "WBRI", "2015-02-01", "", received, "6"])
}

fn contacts(rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let all: Vec<Vec<Cell<'_>>> = std::iter::once(texts(&HEADER)).chain(rows.iter().cloned()).collect();
    sheet("List 1", &all)
}

fn day() -> Options {
    about("2024-06-01")
}

fn read(bytes: Vec<u8>) -> Vec<SubjectRows> {
    exchange::read(bytes, &day()).unwrap().map(Result::unwrap).collect()
}

fn refusal(bytes: Vec<u8>) -> String {
    exchange::read(bytes, &day()).err().unwrap().to_string()
}

/// The readings of a field, row by row in the order of the file.
fn readings(bytes: Vec<u8>, field: &str) -> Vec<Reading> {
    let subjects = read(bytes);
    let mut values: Vec<_> =
        subjects.iter().flat_map(|s| &s.rows).filter_map(|row| row.value(field)).collect();
    values.sort_by_key(|value| match &value.place {
        exchange::Place::Cell { row, .. } => *row,
        exchange::Place::Element { .. } | exchange::Place::File => 0,
    });
    values.into_iter().map(|value| value.reading.clone()).collect()
}

fn is_refused(reading: &Reading) -> bool {
    reading.refusal().is_some()
}

/// A workbook of list 3 whose `_x0000_` is a character, as other programs write it.
fn referrals(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    rezipped(&workbook(&[("3", rows)]), |name, content| {
        let content = match name {
            "xl/sharedStrings.xml" => {
                String::from_utf8(content).unwrap().replace("_x005F_x0000_", "_x0000_").into_bytes()
            }
            _ => content,
        };
        Some((name.to_owned(), content))
    })
}

#[test]
fn a_cell_that_no_event_can_hold_is_refused_alone_and_the_rest_is_recorded() {
    let long = "x".repeat(40_000);
    let long = long.get(..32_767).unwrap();
    let row = |child: &'static str, worker: &'static str| -> Vec<(&'static str, &'static str)> {
        vec![("child_id", child), ("received_on", "2024-05-01"), ("source", "6"), ("worker", worker)]
    };
    let (first, second, third) =
        (row("1", "A. Invented"), row("2", "B._x0000_Invented"), row("3", "Zoe\u{308} Invented"));
    let mut memory = Memory::default();
    let done = memory.import(&referrals(&[&first, &second, &third]), &day());
    assert_eq!((done.counts.new, done.counts.refused), (3, 0));
    let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].place.to_string(), "List 3!K3");
    assert!(refused[0].reason.contains("U+0000"), "{}", refused[0].reason);
    assert_eq!(memory.recorded("2", Kind::WorkerAllocated), 0);
    // Another normal form is the same name, and is written in the one that can be sealed.
    let names = read(referrals(&[&third]));
    assert_eq!(names[0].rows[0].value("worker").unwrap().raw, "Zo\u{eb} Invented");
    // An identifier that cannot be held names nobody; the row is refused whole, the others stand.
    let broken = row("4_x0000_", "C. Invented");
    let done = Memory::default().import(&referrals(&[&first, &broken]), &day());
    assert_eq!((done.counts.new, done.counts.refused), (1, 1));
    assert!(done.rows.iter().any(|row| row.refused.iter().any(|cell| cell.reason.contains("U+0000"))));
    // Longer than an event may be.
    let many = [("child_id", "5"), ("received_on", "2024-05-01"), ("worker", long)];
    let four_bytes = "\u{1f600}".repeat(10_000);
    let more = [("child_id", "6"), ("received_on", "2024-05-01"), ("worker", four_bytes.as_str())];
    let done = Memory::default().import(&referrals(&[&many, &more]), &day());
    assert_eq!(done.rows.iter().map(|row| row.refused.len()).sum::<usize>(), 1);
}

#[test]
fn a_census_value_that_no_event_can_hold_is_refused_alone() {
    let child = |id: &str, referral: &str| {
        format!(
            "<Child><ChildIdentifiers><LAchildID>{id}</LAchildID><PersonBirthDate>2015-03-27</PersonBirthDate>\
             </ChildIdentifiers><CINdetails><CINreferralDate>{referral}</CINreferralDate>\
             <ReferralSource>6</ReferralSource></CINdetails></Child>"
        )
    };
    let children = [
        child("X1", "2024-01-08"),
        child("X2&#0;", "2024-01-09"),
        child("X3", "2024-01-1&#xD800;"),
        child("X4\0", "2024-01-10"),
        child("X5", "2024-01-11"),
    ];
    let file = format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
         <ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails><Source><LEA>201</LEA></Source></Header>\
         <Children>{}</Children></Message>",
        children.concat()
    );
    let done = Memory::default().import(file.as_bytes(), &Options::default());
    let refused: Vec<String> =
        done.rows.iter().flat_map(|row| &row.refused).map(|cell| cell.reason.clone()).collect();
    let of = |text: &str| refused.iter().filter(|reason| reason.contains(text)).count();
    assert_eq!((of("U+0000"), of("names nobody"), refused.len()), (3, 2, 5));
    // Two children with two rows each, and one referral of a third.
    assert_eq!(done.counts.refused, 5);
    assert_eq!(done.kinds.get("referral_received"), Some(&2));
    assert_eq!(done.kinds.get("child_registered"), Some(&3));
}

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
fn every_list_knows_the_shared_spellings_however_they_are_written() {
    let manners: [fn(&str) -> String; 6] = [
        str::to_owned,
        str::to_uppercase,
        |header| format!("  {} *", header.replace(' ', "  ")),
        |header| format!("3. {header}:"),
        |header| format!("{header} (dd/mm/yyyy)"),
        |header| format!("{} [text]", header.replace(' ', "\u{a0}\n")),
    ];
    let layout = Layout::annex_a();
    for list in &layout.lists {
        for (number, manner) in manners.iter().enumerate() {
            let most = list.columns.iter().map(|column| column.headers.len()).max().unwrap();
            for spelling in 0..most {
                let headers: Vec<String> = list
                    .columns
                    .iter()
                    .map(|column| manner(column.headers.get(spelling).unwrap_or(&column.headers[0])))
                    .collect();
                let header: Vec<Cell<'_>> = headers.iter().map(|header| header.as_str().into()).collect();
                let extract = exchange::read(sheet(&list.sheets[0], &[header]), &day()).unwrap();
                assert_eq!(extract.notes, [], "list {}, manner {number}, spelling {spelling}", list.code);
                assert_eq!(extract.scope[0].fields.len(), list.columns.len());
            }
        }
        if list.column("age").is_some() {
            let age = list.column("age").unwrap();
            for spelling in ["Age", "Age of Child (Years)", "Age of Child"] {
                assert!(
                    age.headers.iter().any(|header| header == spelling),
                    "list {}: {spelling}",
                    list.code
                );
            }
        }
    }
}

#[test]
fn a_column_written_month_first_is_refused_whole_and_certain_dates_of_it_are_kept() {
    let column = |dates: &[&str]| {
        let rows: Vec<Vec<Cell<'_>>> = dates.iter().map(|date| contact("1", date)).collect();
        readings(contacts(&rows), "received_on")
    };
    // Two show the order; the other two would be other days.
    let read = column(&["05/13/2024", "05/06/2024", "05/31/2024", "04/12/2024", "2024-05-07", "03/03/2024"]);
    assert_eq!(read.iter().map(is_refused).collect::<Vec<_>>(), [true, true, true, true, false, false]);
    assert!(read[1].refusal().unwrap().contains("month first"));
    // Day first, with and without a date that shows it.
    assert!(!column(&["13/05/2024", "05/06/2024"]).iter().any(is_refused));
    assert!(!column(&["05/06/2024", "04/12/2024"]).iter().any(is_refused));
    // Both ways in one column: what fits only one is certain, the rest is not.
    let read = column(&["13/05/2024", "05/13/2024", "05/06/2024"]);
    assert_eq!(read.iter().map(is_refused).collect::<Vec<_>>(), [false, true, true]);
    // Other separators, times and short years show it as well.
    for shown in ["5-13-2024", "05.13.2024", "05/13/2024 10:15", "05/13/24"] {
        assert!(column(&[shown, "05/06/2024"]).iter().all(is_refused), "{shown}");
    }
}

#[test]
fn another_column_written_month_first_casts_doubt_on_a_column_that_shows_no_order() {
    let row = |born, received| texts(&["1", "Male", "WBRI", born, "", received, "6"]);
    let file = contacts(&[row("02/27/2015", "05/06/2024"), row("02/27/2015", "2024-05-07")]);
    let read = readings(file, "received_on");
    assert_eq!(read.iter().map(is_refused).collect::<Vec<_>>(), [true, false]);
    let file = contacts(&[row("02/27/2015", "05/06/2024"), row("02/27/2015", "13/05/2024")]);
    assert!(!readings(file, "received_on").iter().any(is_refused));
}

#[test]
fn numbers_that_a_spreadsheet_may_have_swapped_are_refused_with_their_column() {
    let row = |received| {
        vec!["1".into(), "Male".into(), "WBRI".into(), "2015-02-01".into(), "".into(), received, "6".into()]
    };
    // 45418 is 6 May 2024, which may have been 5 June; 45425 is 13 May.
    let swapped = contacts(&[row("05/13/2024".into()), row(Cell::Number(45418.0))]);
    assert!(readings(swapped, "received_on").iter().all(is_refused));
    let sound = contacts(&[row("05/13/2024".into()), row(Cell::Number(45418.0)), row(Cell::Number(45425.0))]);
    let read = readings(sound, "received_on");
    assert_eq!(read.iter().map(is_refused).collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn a_census_column_written_month_first_is_refused_as_well() {
    let child = |id: u32, date: &str| {
        format!(
            "<Child><ChildIdentifiers><LAchildID>X{id}</LAchildID></ChildIdentifiers><CINdetails>\
             <CINreferralDate>{date}</CINreferralDate></CINdetails></Child>"
        )
    };
    let file = format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><ReferenceDate>2024-03-31</ReferenceDate>\
         </CollectionDetails></Header><Children>{}{}{}</Children></Message>",
        child(1, "01/02/2024"),
        child(2, "01/31/2024"),
        child(3, "2024-01-04")
    );
    let read = readings(file.into_bytes(), "received_on");
    assert_eq!(read.iter().map(is_refused).collect::<Vec<_>>(), [true, true, false]);
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
fn cells_that_are_only_formatted_cost_nothing() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("List 1").unwrap();
    let grey = Format::new().set_background_color("#DDDDDD");
    for (column, header) in (0..).zip(HEADER) {
        sheet.write_string(0, column, header).unwrap();
    }
    for (column, text) in [(0, "1"), (5, "2024-05-01"), (6, "6")] {
        sheet.write_string(1, column, text).unwrap();
    }
    for row in 2..20_000 {
        for column in 0..7 {
            sheet.write_blank(row, column, &grey).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let few = |cells| Options { limits: Limits { cells, ..Limits::default() }, ..day() };
    assert_eq!(exchange::read(bytes.clone(), &few(10)).unwrap().count(), 1);
    // The bound on cells that hold something stands.
    assert!(matches!(exchange::read(bytes, &few(9)), Err(ReadError::InflatesPastBound { limit: 9, .. })));
}

/// The zip file with its parts renamed and changed.
fn rezipped(bytes: &[u8], change: impl Fn(&str, Vec<u8>) -> Option<(String, Vec<u8>)>) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut part = from.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if let Some((name, content)) = change(&name, content) {
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            to.write_all(&content).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn the_main_part_is_the_one_that_the_package_names() {
    let plain = contacts(&[contact("1", "2024-05-01")]);
    let renamed = |to: &'static str, target: &'static str| {
        rezipped(&plain, |name, content| {
            let text = |from: &str, to: &str| String::from_utf8(content.clone()).unwrap().replace(from, to);
            Some(match name {
                "xl/workbook.xml" => (format!("xl/{to}.xml"), content),
                "xl/_rels/workbook.xml.rels" => (format!("xl/_rels/{to}.xml.rels"), content),
                "_rels/.rels" => (name.to_owned(), text("xl/workbook.xml", target).into_bytes()),
                "[Content_Types].xml" => {
                    (name.to_owned(), text("workbook.xml", &format!("{to}.xml")).into_bytes())
                }
                _ => (name.to_owned(), content),
            })
        })
    };
    assert_eq!(read(renamed("workbook2", "xl/workbook2.xml")).len(), 1);
    assert_eq!(read(renamed("book", "/xl/book.xml")).len(), 1);
    let text = refusal(renamed("book", "xl/other.xml"));
    assert!(text.contains("\"xl/other.xml\" is missing"), "{text}");
    let text = refusal(rezipped(&plain, |name, content| {
        (name != "_rels/.rels").then(|| (name.to_owned(), content))
    }));
    assert!(text.contains("holds no workbook"), "{text}");
}

#[test]
fn other_containers_say_what_to_save_as() {
    let zip_of = |parts: &[(&str, &str)]| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let package = |main: &str| {
        let relationships = format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship \
             Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
             Target=\"{main}\"/></Relationships>"
        );
        zip_of(&[("_rels/.rels", &relationships), (main, "<x/>")])
    };
    let compound = |inside: &str| {
        let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
        bytes.resize(40_000, 0);
        bytes.extend(inside.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    let ods = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>")];
    let cases = [
        (zip_of(&ods), "OpenDocument file (.ods), which is not read; open it in a spreadsheet program and save it as .xlsx"),
        (package("xl/workbook.bin"), "(.xlsb), which is not read; save it as .xlsx"),
        (package("word/document.xml"), "a document, not a workbook"),
        (zip_of(&[("Annex_A.xlsx", "")]), "give the .xlsx file itself"),
        (compound("EncryptedPackage"), "protected by a password; open it and save it as .xlsx without one"),
        (compound("Workbook"), "an older .xls workbook; open it and save it as .xlsx"),
        (b"CHILD,DECOM,RNE\n1,01/05/2024,S\n".to_vec(), "SSDA903"),
        (
            b"<Message><Header><CollectionDetails><Collection>CLA</Collection></CollectionDetails></Header></Message>"
                .to_vec(),
            "SSDA903",
        ),
        (b"Child Unique ID,Date of Contact\n1,2024-05-01\n".to_vec(), "save the whole workbook as .xlsx"),
    ];
    for (bytes, expected) in cases {
        let text = refusal(bytes);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_byte_order_mark_hides_no_format() {
    let events = "\u{feff}{\"format\":\"caseledger-events\"}\n";
    let folder = std::env::temp_dir().join(format!("caseledger-mark-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("events.txt");
    std::fs::write(&path, events).unwrap();
    let format = exchange::recognise(&path);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(format.unwrap(), exchange::Format::EventsJsonLines);
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
    assert_eq!(withdrawn_by(&contacts(&[one, texts(&["Source: LCS"])])), 1, "that is a note");
}

#[test]
fn a_row_with_an_identifier_alone_is_refused_with_its_place_and_founds_no_child() {
    let mut memory = Memory::default();
    let done = memory.import(&contacts(&[contact("1", "2024-04-15"), texts(&["2"])]), &day());
    assert_eq!((done.counts.refused, memory.children()), (1, 1));
    let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
    assert_eq!((refused.len(), refused[0].place.to_string()), (1, "List 1, row 3".to_owned()));
}

const COMMA: &str = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Contact,Contact Source\r\n\
                     1,Male,WBRI,01/02/2015,,20/04/2024,6\r\n\
                     2,Female,\"W\"\"B\"\",\nRI\",2016-02-01,,21/04/2024,\"6: Police, other\"\r\n";

#[test]
fn one_list_saved_as_csv_is_read_like_its_sheet() {
    let semicolons = "Contacts of April;;;;;;\n".to_owned()
        + &COMMA
            .replace("\"W\"\"B\"\",\nRI\"", "WBRI")
            .replace("\"6: Police, other\"", "6")
            .replace(',', ";");
    let tabs = format!("\u{feff}{}", semicolons.replace(';', "\t"));
    for text in [COMMA.to_owned(), semicolons, tabs] {
        let mut memory = Memory::default();
        let done = memory.import(text.as_bytes(), &Options { partial: false, ..day() });
        assert_eq!((done.counts.new, done.counts.refused), (2, 0), "{text}");
        assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-04-20"], "{text}");
        assert_eq!(memory.days("2", Kind::ContactReceived), ["2024-04-21"], "{text}");
    }
}

#[test]
fn a_list_as_csv_names_row_and_cell_and_takes_no_other_list_away() {
    let mut memory = Memory::default();
    let text = COMMA.replace("20/04/2024", "31/02/2024");
    let done = memory.import(text.as_bytes(), &day());
    let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
    assert_eq!(refused[0].place.to_string(), "List 1!F2");
    let mut memory = Memory::default();
    memory.import(
        &memory::lists::workbook(&[("3", &[&[("child_id", "1"), ("received_on", "2024-04-15")]])]),
        &about("2024-05-01"),
    );
    assert_eq!(memory.import(COMMA.as_bytes(), &day()).withdrawn, 0);
}

#[test]
fn a_csv_that_is_no_list_or_no_utf8_says_which_format_to_save_as() {
    let other = refusal(b"Child,Date\n1,2\n".to_vec());
    assert!(other.contains("header") && other.contains("Annex A") && other.contains(".xlsx"), "{other}");
    let mut latin = COMMA.as_bytes().to_vec();
    latin.extend_from_slice(b"3,Male,Zo\xeb,2015-02-01,,22/04/2024,6\r\n");
    let encoded = refusal(latin);
    assert!(encoded.contains("CSV UTF-8"), "{encoded}");
}
