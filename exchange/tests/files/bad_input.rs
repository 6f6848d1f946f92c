//! Input that must be refused, each with one message that names the place.
//!
//! Workbooks are built here; every child in them is invented.

use std::io::{Cursor, Write};

use crate::workbook::{Book, with_sheet_xml};
use chrono::NaiveDate;
use exchange::{Format, Limits, Options, ReadError, Reading, SubjectRows};

fn refusal(bytes: impl Into<Vec<u8>>) -> ReadError {
    refusal_with(bytes, &Options::default())
}

fn refusal_with(bytes: impl Into<Vec<u8>>, options: &Options) -> ReadError {
    match exchange::read(bytes.into(), options) {
        Ok(extract) => panic!("read as {extract:?}"),
        Err(fault) => fault,
    }
}

fn partial() -> Options {
    Options { partial: true, as_at: NaiveDate::from_ymd_opt(2021, 3, 31), ..Options::default() }
}

fn read_rows(bytes: Vec<u8>, options: &Options) -> Vec<SubjectRows> {
    exchange::read(bytes, options).unwrap().map(Result::unwrap).collect()
}

const CENSUS: &str = "<Message>\n<Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
<ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails><Source><LEA>201</LEA></Source></Header>\n\
<Children>\n<Child><ChildIdentifiers><LAchildID>X1</LAchildID><PersonBirthDate>2015-03-27</PersonBirthDate>\
</ChildIdentifiers></Child>\n</Children>\n</Message>\n";

#[test]
fn files_of_no_known_format_say_what_they_look_like() {
    let table: [(&[u8], &str); 18] = [
        (b"", "read the file: it is empty"),
        (b"  \n\t", "read the file: it is empty"),
        (b"Child,Date\n1,2\n", "file type not recognised: it is a table in a text file (CSV);"),
        (b"nothing of the kind\n", "file type not recognised: it begins like none of them;"),
        (b"<Other/>", "file type not recognised: it is XML with another root element;"),
        (b"<html></html>", "file type not recognised: it is a web page (HTML),"),
        (b"\xef\xbb\xbf<!DOCTYPE HTML><html>", "file type not recognised: it is a web page (HTML),"),
        (
            b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>",
            "file type not recognised: it is a workbook in the XML of 2003;",
        ),
        (
            b"<EXPSSDA903><CHILD/></EXPSSDA903>",
            "file type not recognised: it is the return of children looked after",
        ),
        (b"%PDF-1.7 and more", "file type not recognised: it is a PDF,"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "file type not recognised: it is a compressed archive;"),
        (b"\x1f\x8b\x08", "file type not recognised: it is a compressed archive;"),
        (b"Rar!\x1a\x07", "file type not recognised: it is a compressed archive;"),
        (
            b"<Message><Header><CollectionDetails><Collection>SSDA903</Collection>",
            "file type not recognised: it is the return of children looked after (SSDA903), which is not read yet;",
        ),
        (b"PK\x03\x04 and nothing more", "open the workbook: the zip file is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "open the workbook: it is an older .xls workbook"),
        (b"\xff\xfe<\0M\0", "read the text: it is UTF-16; save it as UTF-8"),
        (b"{\"format\":1}", "file type not recognised: it holds events;"),
    ];
    for (bytes, message) in table {
        let text = refusal(bytes).to_string();
        assert!(text.starts_with(message), "{text}");
    }
}

#[test]
fn a_workbook_of_the_looked_after_return_is_named_as_that() {
    let mut book = Book::named("Episodes");
    for (column, header) in (0..).zip(["CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER"]) {
        book.header(column, header);
    }
    let message = refusal_with(book.save(), &partial()).to_string();
    assert!(message.contains("SSDA903") && message.contains("not read yet"), "{message}");
}

#[test]
fn the_name_of_a_file_decides_nothing() {
    let folder = std::env::temp_dir().join(format!("caseledger-recognise-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("census.xlsx");
    std::fs::write(&path, CENSUS).unwrap();
    let format = exchange::recognise(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(format, Format::CinCensus);
}

#[test]
fn xml_cut_anywhere_is_refused_with_line_and_column() {
    let whole = CENSUS.trim_end();
    assert!(exchange::read(whole.as_bytes().to_vec(), &Options::default()).is_ok());
    let children = whole.find("<Children>").unwrap();
    for end in children..whole.len() {
        let ReadError::XmlCut { line, column, inside } = refusal(&whole.as_bytes()[..end]) else {
            panic!("cut at byte {end}: {}", refusal(&whole.as_bytes()[..end]));
        };
        let before = &whole[..end];
        let expected_line = before.matches('\n').count() as u64 + 1;
        let expected_column = (end - before.rfind('\n').map_or(0, |at| at + 1)) as u64 + 1;
        assert_eq!((line, column), (expected_line, expected_column), "cut at byte {end}");
        assert!(inside.starts_with("/Message"), "{inside}");
    }
}

#[test]
fn a_second_return_behind_or_within_the_first_is_refused_where_it_begins() {
    let whole = CENSUS.trim_end();
    let other = whole.replace(">201<", ">202<").replace("X1", "X2");
    let (header, children) = whole.split_at(whole.find("<Children>").unwrap());
    let second_header = format!("{}\n{}", header.trim_end(), &other[other.find("<Header>").unwrap()..]);
    let message = "</Message>";
    let within = whole.replace(message, &other[other.find("<Header>").unwrap()..]);
    let table = [
        (format!("{whole}\n{other}"), 7, "a second document"),
        (format!("{whole}\n<?xml version=\"1.0\"?>\n{other}"), 7, "a second document"),
        (format!("{whole}\u{feff}{other}"), 6, "a second document"),
        (format!("{whole}\n<!-- end -->\n<Child/>"), 8, "a second document"),
        (format!("{whole}\nrows: 1"), 6, "text stands outside"),
        (format!("{whole}&amp;"), 6, "text stands outside"),
        (format!("{whole}<![CDATA[x]]>"), 6, "text stands outside"),
        (second_header, 3, "a second header"),
        (within, 6, "a second header"),
    ];
    for (text, expected, because) in table {
        let ReadError::XmlMalformed { line, reason, .. } = refusal(text.clone()) else {
            panic!("{}: {text}", refusal(text.clone()));
        };
        assert!(reason.contains(because), "{reason}");
        assert_eq!(line, expected, "{text}");
    }
    assert!(children.ends_with(message));
    let around = format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- from -->\n{whole}\n<!-- end -->\n<?end?>\n");
    assert_eq!(read_rows(around.into_bytes(), &Options::default()).len(), 1);
}

#[test]
fn entities_and_doctypes_are_refused_where_they_stand() {
    let bomb = format!("<!DOCTYPE m [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n{CENSUS}");
    assert!(matches!(refusal(bomb), ReadError::DoctypeRefused { line: 1, column: 1 }));
    let external = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE m SYSTEM \"file:///etc/passwd\">\n{CENSUS}");
    assert!(matches!(refusal(external), ReadError::DoctypeRefused { line: 2, column: 1 }));
    let undefined = CENSUS.replace(">X1<", ">&lol;<");
    assert!(matches!(refusal(undefined), ReadError::EntityRefused { line: 4, .. }));
    let defined = CENSUS.replace(">X1<", ">X&amp;&#49;<");
    let rows = read_rows(defined.into_bytes(), &Options::default());
    assert_eq!(rows[0].rows[0].value("child_id").unwrap().raw, "X&1");
}

#[test]
fn text_that_is_not_utf_8_is_named_by_its_byte() {
    let mut bytes = CENSUS.as_bytes().to_vec();
    let at = CENSUS.find("X1").unwrap();
    bytes[at] = 0xe9;
    assert!(matches!(refusal(bytes), ReadError::InvalidUtf8 { byte_offset } if byte_offset == at as u64));
    // A character cut in two at the very end of the file.
    let mut cut = CENSUS.as_bytes().to_vec();
    cut.push(0xc3);
    assert!(
        matches!(refusal(cut), ReadError::InvalidUtf8 { byte_offset } if byte_offset == CENSUS.len() as u64)
    );
}

#[test]
fn xml_beyond_any_return_is_refused_within_bounds() {
    let deep = CENSUS.replace("<Children>", &format!("<Children>{}", "<a>".repeat(1_000_000)));
    assert!(matches!(refusal(deep), ReadError::XmlMalformed { line: 3, .. }));
    let long = CENSUS.replace(">X1<", &format!(">{}<", "X".repeat(1 << 20)));
    assert!(matches!(refusal(long), ReadError::XmlMalformed { line: 4, .. }));
    let wide = CENSUS
        .replace("</ChildIdentifiers>", &format!("</ChildIdentifiers>{}", "<CINdetails/>".repeat(30_000)));
    let text = refusal(wide).to_string();
    assert!(text.contains("more rows than allowed"), "{text}");
    let crossed = CENSUS.replace("</LAchildID>", "</UPN>");
    assert!(matches!(refusal(crossed), ReadError::XmlMalformed { line: 4, .. }));
}

#[test]
fn a_census_header_without_a_usable_day_needs_one_given() {
    for (text, message) in [("2024-02-31", "cannot be read (there is no such day)"), ("", "is missing")] {
        let census = CENSUS.replace("2024-03-31", text);
        let said = refusal(census.clone()).to_string();
        assert!(said.contains(message) && said.contains("--as-at"), "{said}");
        let given = Options { as_at: NaiveDate::from_ymd_opt(2024, 3, 31), ..Options::default() };
        assert!(exchange::read(census.into_bytes(), &given).is_ok());
    }
}

#[test]
fn no_file_describes_a_day_to_come_or_one_that_stands_for_none() {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let on =
        |as_at: &str, today: &str| Options { as_at: day(as_at), today: day(today), ..Options::default() };
    let census = |stated: &str| CENSUS.replace("2024-03-31", stated);
    let mut book = Book::contacts();
    book.row(&["X1", "Male", "WBRI", "2015-02-01", "", "2024-01-20", "6"]);
    let workbook = book.save();
    for (described, because) in [
        ("2042-03-31", "2042-03-31 lies in the future, today is 2024-04-02"),
        ("2024-04-03", "lies in the future"),
        ("1900-01-01", "1900-01-01 is no day of a file of today"),
        ("2999-12-31", "is no day of a file of today"),
        ("0204-03-31", "is no day of a file of today"),
    ] {
        let stated = refusal_with(census(described), &on("", "2024-04-02")).to_string();
        assert!(stated.contains(because) && stated.contains("reference date"), "{stated}");
        assert!(stated.contains("--as-at"), "{stated}");
        let given = on(described, "2024-04-02");
        for file in [census("2024-03-31").into_bytes(), workbook.clone()] {
            let given = refusal_with(file, &Options { partial: true, ..given.clone() }).to_string();
            assert!(given.contains(because), "{given}");
        }
        // The day that is given goes before a header that is wrong.
        assert!(exchange::read(census(described).into(), &on("2024-03-31", "2024-04-02")).is_ok());
    }
    // The day of the import itself can be described.
    assert!(exchange::read(census("2024-04-02").into(), &on("", "2024-04-02")).is_ok());
    // Ages that were counted with another date of birth name a day to come.
    let mut aged = Book::contacts();
    aged.row(&["X1", "Male", "WBRI", "2015-02-01", "20.5065", "2024-01-20", "6"]);
    let inferred = refusal_with(aged.save(), &Options { partial: true, ..on("", "2024-04-02") }).to_string();
    assert!(inferred.contains("lies in the future") && inferred.contains("ages"), "{inferred}");
}

#[test]
fn a_value_that_cannot_be_read_refuses_its_cell_and_not_the_file() {
    let census = CENSUS.replace("2015-03-27", "2015-02-30");
    let rows = read_rows(census.into_bytes(), &Options::default());
    let value = rows[0].rows[0].value("born_on").unwrap();
    assert_eq!(value.reading, Reading::Unreadable { reason: "there is no such day" });
    assert_eq!(value.raw, "2015-02-30");
    assert_eq!(value.place.to_string(), "/Message/Children/Child/ChildIdentifiers/PersonBirthDate (4:51)");
}

#[test]
fn a_cell_that_is_not_what_the_workbook_calls_it_says_nothing_and_refuses_no_other() {
    let mut book = Book::contacts();
    for id in ["1", "2", "3"] {
        book.row(&[id, "Male", "WBRI", "2015-02-01", "5", "2020-09-16", "6"]);
    }
    let whole = book.save();
    let errors =
        ["#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!"];
    let named = errors.into_iter().chain(["#GETTING_DATA", "#EXTERNAL!", "#N/A", "of a later version"]);
    let error = |text: &str| (format!("t=\"e\"><v>{text}</v>"), Reading::SourceError);
    let refused = |cell: &str, reason| (cell.to_owned(), Reading::Unreadable { reason });
    let others = [
        refused("t=\"b\"><v>2</v>", "the file calls it true or false, and it is neither"),
        refused("t=\"s\"><v>9999</v>", "its text is missing in the file"),
        refused("t=\"n\"><v>x</v>", "the file calls it a number, and it is none"),
        refused("t=\"q\"><v>1</v>", "the file gives it a kind that workbooks do not know"),
    ];
    for (cell, expected) in named.map(error).chain(others) {
        for states_places in [true, false] {
            let file = with_sheet_xml(&whole, |xml| {
                let xml = replace_cell(xml, "F3", "")
                    .replace("<c r=\"F3\"></c>", &format!("<c r=\"F3\" {cell}</c>"));
                if states_places { xml } else { without_places(&xml) }
            });
            let mut rows: Vec<_> =
                read_rows(file, &partial()).into_iter().flat_map(|subject| subject.rows).collect();
            rows.sort_by_key(|row| row.number(0));
            let received: Vec<_> = rows.iter().map(|row| row.value("received_on").unwrap()).collect();
            let date = Reading::Date(NaiveDate::from_ymd_opt(2020, 9, 16).unwrap());
            let readings: Vec<Reading> = received.iter().map(|value| value.reading.clone()).collect();
            assert_eq!(readings, [date.clone(), expected.clone(), date], "{cell}");
            assert_eq!(received[1].place.to_string(), "List 1!F3");
            assert_eq!(rows[1].value("source").unwrap().raw, "6", "what follows it keeps its column: {cell}");
            assert_eq!(rows[1].notes.len(), 1, "{cell}");
        }
    }
}

/// The sheet as programs write it that leave the address of each cell out; no row of it has a gap.
fn without_places(xml: &str) -> String {
    let mut parts = xml.split("<c r=\"");
    let first = parts.next().unwrap().to_owned();
    first + &parts.map(|part| format!("<c {}", part.split_once("\" ").unwrap().1)).collect::<String>()
}

#[test]
fn an_identifier_of_more_digits_than_a_cell_keeps_is_refused() {
    let mut book = Book::contacts();
    book.row_with_number(
        &["", "Male", "WBRI", "01/02/2015", "", "2020-09-16", "6"],
        0,
        12_345_678_901_234_567.0,
    );
    book.row_with_number(
        &["", "Male", "WBRI", "01/02/2015", "", "2020-09-16", "6"],
        0,
        123_456_789_012_345.0,
    );
    let rows = read_rows(book.save(), &partial());
    let reason = rows[0].rows[0].value("child_id").unwrap().reading.refusal();
    assert!(reason.is_some_and(|reason| reason.contains("format the column as text")), "{reason:?}");
    assert_eq!(rows[1].rows[0].value("child_id").unwrap().raw, "123456789012345");
}

#[test]
fn dates_in_cells_are_read_or_refused_with_their_place() {
    let mut book = Book::contacts();
    let cells: [(&str, Result<&str, &str>); 6] = [
        ("16/09/2020", Ok("2020-09-16")),
        ("2020-09-16", Ok("2020-09-16")),
        ("31/02/2020", Err("there is no such day")),
        ("09/16/2020", Err("there is no such day")),
        ("16/09/20", Err("the year has two digits")),
        ("soon", Err("not a date")),
    ];
    for (index, (text, _)) in cells.iter().enumerate() {
        let id = (index + 1).to_string();
        book.row(&[&id, "Male", "WBRI", "01/02/2015", "", text, "6"]);
    }
    book.row_with_number(&["7", "Male", "WBRI", "01/02/2015", "", "", "6"], 5, 44090.0);
    book.row_with_number(&["8", "Male", "WBRI", "01/02/2015", "", "", "6"], 5, -5.0);
    let subjects = read_rows(book.save(), &partial());
    let read = |index: usize| {
        let value = subjects[index].rows[0].value("received_on").unwrap();
        (value.reading.clone(), value.place.to_string())
    };
    for (index, (text, expected)) in cells.iter().enumerate() {
        let reading = match expected {
            Ok(day) => Reading::Date(day.parse().unwrap()),
            Err(reason) => Reading::Unreadable { reason },
        };
        assert_eq!(read(index), (reading, format!("List 1!F{}", index + 2)), "{text}");
    }
    assert_eq!(read(6).0, Reading::Date(NaiveDate::from_ymd_opt(2020, 9, 16).unwrap()));
    assert_eq!(read(7).0, Reading::Unreadable { reason: "the number is not the number of a day" });
}

#[test]
fn a_formula_counts_by_its_stored_value_and_without_one_is_not_stated() {
    let mut book = Book::contacts();
    book.row(&["1", "Male", "WBRI", "01/02/2015", "", "16/09/2020", "6"]);
    let stored = with_sheet_xml(&book.save(), |xml| replace_cell(xml, "F2", "<f>D2+5</f><v>44090</v>"));
    let value = read_rows(stored, &partial())[0].rows[0].value("received_on").unwrap().reading.clone();
    assert_eq!(value, Reading::Date(NaiveDate::from_ymd_opt(2020, 9, 16).unwrap()));
    let bare = with_sheet_xml(&book.save(), |xml| replace_cell(xml, "F2", "<f>D2+5</f>"));
    let rows = read_rows(bare, &partial());
    let row = &rows[0].rows[0];
    assert_eq!(row.value("received_on").unwrap().reading, Reading::NoStoredValue);
    assert_eq!(row.notes[0].code, "formula_without_value");
    assert!(row.notes[0].text.ends_with("is not stated: formula without a stored value"));
}

/// Replaces a whole cell of a sheet's XML.
fn replace_cell(xml: &str, address: &str, content: &str) -> String {
    let start = xml.find(&format!("<c r=\"{address}\"")).unwrap();
    let end = start + xml[start..].find("</c>").unwrap() + "</c>".len();
    format!("{}<c r=\"{address}\">{content}</c>{}", &xml[..start], &xml[end..])
}

#[test]
fn headers_that_do_not_fit_name_their_cell() {
    let mut renamed = Book::contacts();
    renamed.header(5, "Day of contact");
    let text = refusal_with(renamed.save(), &partial()).to_string();
    assert_eq!(
        text,
        "read the workbook: sheet \"List 1\", cell F1: header \"Day of contact\" is not known, and \
         \"Date of Contact\" is missing; correct the header, or name it in the aliases"
    );
    let aliases = "[lists.1]\nreceived_on = [\"Day of contact\"]\n";
    let options = Options { aliases: Some(aliases.to_owned()), ..partial() };
    assert!(exchange::read(renamed.save(), &options).is_ok());
    let wrong = Options { aliases: Some("[lists.1]\nwhen = [\"x\"]\n".to_owned()), ..partial() };
    assert!(matches!(refusal_with(renamed.save(), &wrong), ReadError::Aliases { .. }));
    let broken = Options { aliases: Some("[lists.1]\nreceived_on = [\"x\"\n".to_owned()), ..partial() };
    let message = refusal_with(renamed.save(), &broken).to_string();
    assert!(message.starts_with("read the aliases: line "), "{message}");

    let mut twice = Book::contacts();
    twice.header(7, "Date of  Contact");
    assert!(matches!(
        refusal_with(twice.save(), &partial()),
        ReadError::DuplicateHeader { first, second, .. } if first == "F1" && second == "H1"
    ));

    let mut none = Book::contacts();
    none.header(0, "");
    assert!(matches!(
        refusal_with(none.save(), &partial()),
        ReadError::MissingColumn { header, .. } if header == "Child Unique ID"
    ));

    // A column that no row needs may be missing: a note, and it says nothing.
    let mut fewer = Book::contacts();
    fewer.header(6, "");
    fewer.row(&["1", "Male", "WBRI", "01/02/2015", "", "16/09/2020"]);
    let extract = exchange::read(fewer.save(), &partial()).unwrap();
    assert_eq!(extract.notes[0].code, "column_missing");
    let rows: Vec<SubjectRows> = extract.map(Result::unwrap).collect();
    assert_eq!(rows[0].rows[0].value("source"), None);
}

#[test]
fn a_missing_list_needs_the_word_of_the_caller() {
    let mut book = Book::contacts();
    book.row(&["1", "Male", "WBRI", "01/02/2015", "", "16/09/2020", "6"]);
    let ReadError::MissingList { lists } = refusal(book.save()) else {
        panic!("a workbook of one list was accepted");
    };
    assert_eq!(lists.len(), 10);
    assert_eq!(lists[0], "2 (Early help assessments)");
    assert!(exchange::read(book.save(), &partial()).is_ok());
}

#[test]
fn a_day_that_the_ages_do_not_settle_must_be_given() {
    let no_day = Options { as_at: None, ..partial() };
    let mut split = Book::contacts();
    split.row(&["1", "Male", "WBRI", "25/01/2015", "6.138261464750171", "16/09/2020", "6"]);
    split.row(&["2", "Male", "WBRI", "26/01/2015", "6.138261464750171", "16/09/2020", "6"]);
    let text = refusal_with(split.save(), &no_day).to_string();
    assert!(text.contains("name 2 different days") && text.contains("--as-at"), "{text}");
    let mut whole = Book::contacts();
    whole.row(&["1", "Male", "WBRI", "25/01/2015", "6", "16/09/2020", "6"]);
    assert!(matches!(refusal_with(whole.save(), &no_day), ReadError::AsAtNeeded { .. }));
}

#[test]
fn a_sheet_is_found_by_its_headers_when_its_name_says_nothing() {
    let mut book = Book::named("Export 17");
    book.row(&["1", "Male", "WBRI", "01/02/2015", "", "16/09/2020", "6"]);
    let extract = exchange::read(book.save(), &partial()).unwrap();
    assert_eq!(extract.scope[0].list, "1");
}

#[test]
fn zip_files_that_inflate_past_a_bound_are_refused_before_they_do() {
    let four = Options {
        limits: Limits { inflated_bytes: 4 << 20, ratio: 1_000_000, ..Limits::default() },
        ..Options::default()
    };
    let bomb = zip_of(&[("xl/workbook.xml", &vec![b' '; 5 << 20])]);
    assert!(bomb.len() < 64 << 10);
    let text = refusal_with(bomb, &four).to_string();
    assert!(text.contains("brings the declared size to 5242880 bytes"), "{text}");

    let dense = zip_of(&[("xl/workbook.xml", &vec![b' '; 2 << 20])]);
    let text = refusal(dense).to_string();
    assert!(text.contains("-fold, the limit is 100"), "{text}");

    let names: Vec<String> = (0..1_001).map(|n| format!("part{n}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert!(matches!(refusal(zip_of(&parts)), ReadError::InflatesPastBound { limit: 1_000, .. }));

    let small = Limits { file_bytes: 10, ..Limits::default() };
    let options = Options { limits: small, ..Options::default() };
    assert!(matches!(refusal_with(zip_of(&[("a", b"x")]), &options), ReadError::TooLarge { limit: 10, .. }));
    assert!(matches!(refusal(zip_of(&[("a", b"x")])), ReadError::NotAWorkbook { .. }));
}

#[test]
fn a_zip_directory_that_lies_is_found_out() {
    // The directory declares 1,000 bytes for a part that inflates to 3 MiB.
    let relationships = b"<Relationships><Relationship Type=\"x/relationships/officeDocument\" \
                          Target=\"xl/workbook.xml\"/></Relationships>";
    let mut bytes = zip_of(&[("xl/workbook.xml", &pseudo_random(3 << 20)), ("_rels/.rels", relationships)]);
    let directory = find(&bytes, b"PK\x01\x02");
    bytes[directory + 24..directory + 28].copy_from_slice(&1_000u32.to_le_bytes());
    let tight = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    let fault = refusal_with(bytes, &Options { limits: tight, ..Options::default() });
    assert!(matches!(fault, ReadError::InflatesPastBound { .. } | ReadError::NotAWorkbook { .. }), "{fault}");
}

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Bytes that do not compress, from a fixed linear congruential sequence.
fn pseudo_random(length: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect()
}

fn find(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).unwrap()
}
