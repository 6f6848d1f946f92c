//! What files are: packages, encodings, text files, cells that hold nothing. Built here; every child is invented.

use std::io::{Cursor, Write};

use crate::memory::Memory;
use crate::memory::lists::about;
use crate::sheets::*;
use crate::zipped::rezipped;
use domain::events::Kind;
use exchange::{Limits, Options, ReadError, Reading};
use rust_xlsxwriter::{Format, Workbook};

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

#[test]
fn rows_of_one_cell_count_with_their_empty_cells() {
    let rows = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(|number| contact(number, "2024-05-01"));
    let few = |values| Options { limits: Limits { values, ..Limits::default() }, ..day() };
    // Seven columns under each of nine contacts.
    assert_eq!(exchange::read(contacts(&rows), &few(63)).unwrap().count(), 9);
    let refused = exchange::read(contacts(&rows), &few(62)).map(drop);
    assert!(matches!(&refused, Err(ReadError::TooManyRows { limit: 62, .. })), "{refused:?}");
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("delete rows that hold no record"), "{text}");
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
fn what_is_no_format_says_what_it_is() {
    let empty_zip = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    for (bytes, said) in [
        (empty_zip, "is an empty ZIP file"),
        ([&b"PAR1"[..], &[0; 50]].concat(), "is a Parquet file"),
        (b"[{\"format\":\"caseledger-events\"}]".to_vec(), "is a JSON array"),
        (b"\xef\xbb\xbf [ {\"a\":1},\n{\"a\":2}]".to_vec(), "is a JSON array"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{\"a\":1}".to_vec(), "two byte order marks"),
    ] {
        let text = refusal(bytes);
        assert!(text.contains(said), "{text}");
    }
    // A title in brackets is a title.
    let titled = format!("[Contacts of April],,,,,,\n{COMMA}");
    assert_eq!(Memory::default().import(titled.as_bytes(), &day()).counts.new, 2);
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
        &crate::memory::lists::workbook(&[("3", &[&[("child_id", "1"), ("received_on", "2024-04-15")]])]),
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

/// The workbook with every target of its relationships written otherwise.
fn retargeted(bytes: &[u8], part: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    rezipped(bytes, |name, content| {
        let is_it = name == part;
        let text = String::from_utf8_lossy(&content).into_owned();
        let content = if is_it { change(&text).into_bytes() } else { content };
        Some((name.to_owned(), content))
    })
}

#[test]
fn a_workbook_is_read_whatever_form_the_references_to_its_parts_have() {
    let plain = contacts(&[contact("1", "2024-05-01"), contact("2", "2024-05-02")]);
    let expected = readings(plain.clone(), "received_on");
    assert_eq!(expected.len(), 2);
    for folder in ["./", "/xl/", "../xl/", "/xl/./", "..\\xl\\", "/XL/"] {
        let book = retargeted(&plain, "xl/_rels/workbook.xml.rels", |text| {
            text.replace("Target=\"", &format!("Target=\"{folder}"))
        });
        assert_eq!(readings(book, "received_on"), expected, "{folder}");
    }
    for main in ["./xl/workbook.xml", "/xl/./workbook.xml", "xl\\workbook.xml"] {
        let book =
            retargeted(&plain, "_rels/.rels", |text| text.replace("\"xl/workbook.xml", &format!("\"{main}")));
        assert_eq!(readings(book, "received_on"), expected, "{main}");
    }
}

#[test]
fn texts_and_formats_are_read_under_whatever_name_the_package_gives_them() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("List 1").unwrap();
    for (column, header) in (0..).zip(HEADER) {
        sheet.write_string(0, column, header).unwrap();
    }
    let date = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_string(1, 0, "7").unwrap();
    sheet.write_number_with_format(1, 5, 45_413, &date).unwrap();
    let plain = workbook.save_to_buffer().unwrap();
    let moved = rezipped(&plain, |name, content| {
        let text = || {
            let text = String::from_utf8(content.clone()).unwrap();
            let text = text.replace("styles.xml", "looks/formats.xml");
            text.replace("sharedStrings.xml", "./strings/texts.xml").into_bytes()
        };
        Some(match name {
            "xl/_rels/workbook.xml.rels" => (name.to_owned(), text()),
            "xl/styles.xml" => ("xl/looks/formats.xml".to_owned(), content),
            "xl/sharedStrings.xml" => ("xl/strings/texts.xml".to_owned(), content),
            _ => (name.to_owned(), content),
        })
    });
    let day = Reading::Date("2024-05-01".parse().unwrap());
    for book in [plain, moved] {
        assert_eq!(readings(book, "received_on"), std::slice::from_ref(&day));
    }
}
