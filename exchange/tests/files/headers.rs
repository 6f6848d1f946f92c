//! How headers and sheets are spelt, and the order of day and month in a column. Built here; every child is invented.

use crate::sheets::*;
use exchange::Layout;

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
fn numbers_letters_and_footnotes_around_headers_and_sheet_names_are_no_part_of_them() {
    let manners: [fn(usize, &str) -> String; 6] = [
        |at, header| format!("{}) {header}", at + 1),
        |at, header| format!("{:02}. {header}", at + 1),
        |at, header| format!("{}. {header}", char::from(b'A' + u8::try_from(at % 26).unwrap())),
        |_, header| format!("\u{feff}{}\u{b9}", header.replace(' ', "\r\n")),
        |at, header| format!("({}) {}*", at + 1, header.replace(' ', "\u{a0}")),
        |at, header| format!("1.{} {header}\u{2020}\u{b2}", at + 1),
    ];
    for list in &Layout::annex_a().lists {
        for (number, manner) in manners.iter().enumerate() {
            let headers: Vec<String> =
                (0..).zip(&list.columns).map(|(at, column)| manner(at, column.header())).collect();
            let header: Vec<Cell<'_>> = headers.iter().map(|header| header.as_str().into()).collect();
            let names = [
                list.sheets[0].clone(),
                format!("{}) {}", list.code, list.sheets[1]),
                format!("\u{a0}List {:0>2} ", list.code),
                "Export".to_owned(),
            ];
            for name in names.iter().cycle().skip(number).take(2) {
                let extract = exchange::read(sheet(name, std::slice::from_ref(&header)), &day()).unwrap();
                let place = format!("list {}, manner {number}, sheet {name:?}", list.code);
                assert_eq!(extract.notes, [], "{place}");
                assert_eq!(extract.scope[0].list, list.code, "{place}");
                assert_eq!(extract.scope[0].fields.len(), list.columns.len(), "{place}");
            }
        }
    }
}

#[test]
fn a_sheet_with_the_number_of_a_list_in_its_name_says_which_of_its_headers_is_unknown() {
    let header =
        texts(&["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Day", "Contact Source"]);
    let text = refusal(sheet("List 01 - Contacts", std::slice::from_ref(&header)));
    assert!(text.contains("F1") && text.contains("Date of Contact"), "{text}");
    // Notes under such a name are no list.
    let text = refusal(sheet("List 1 notes", &[texts(&["What is new in this list", "By whom"])]));
    assert!(text.contains("without a sheet of Annex A"), "{text}");
}

#[test]
fn a_sheet_or_text_file_that_is_nearly_a_list_says_which_of_its_headers_is_unknown() {
    let names = ["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Day", "Contact Source"];
    let csv = format!("{}\n7,1,WBRI,2015-05-04,,2024-03-04,6\n", names.join(","));
    for text in [refusal(sheet("Export", &[texts(&names)])), refusal(csv.into_bytes())] {
        assert!(
            text.contains("F1") && text.contains("\"Day\"") && text.contains("Date of Contact"),
            "{text}"
        );
    }
}
