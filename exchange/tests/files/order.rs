//! Two files of which neither contradicts the other hold the same facts, whichever is imported first.
//! The sample files are split by attribute; every other child is invented.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::memory::Memory;
use crate::memory::lists::{Rows, about, workbook_without};
use crate::memory::rows::facts;
use domain::events::{EntityRole, Kind};
use domain::journey::Journey;
use exchange::{Layout, Options, Role, Subject};

type Cell<'a> = (&'a str, &'a str);
type Cells<'a> = Vec<Cell<'a>>;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)).unwrap()
}

/// The facts of every child after both files in an order, and how many claims are in dispute.
fn both(
    files: [(&[u8], &Options); 2],
    children: &BTreeSet<String>,
) -> (BTreeMap<String, BTreeSet<String>>, usize) {
    let mut memory = Memory::default();
    for (bytes, options) in files {
        memory.import(bytes, options);
    }
    let journeys: Vec<(&String, Journey)> =
        children.iter().map(|child| (child, memory.journey(child))).collect();
    let disputes = journeys.iter().map(|(_, journey)| journey.disputes.len()).sum();
    (journeys.into_iter().map(|(child, journey)| (child.clone(), facts(&journey))).collect(), disputes)
}

/// Checks that both orders hold the same, and that the second file adds no dispute to those within one file.
fn check(first: (&[u8], &Options), second: (&[u8], &Options), what: &str) {
    let named = |(bytes, options): (&[u8], &Options)| -> BTreeSet<String> {
        let subjects = exchange::read(bytes.to_vec(), options).unwrap().map(Result::unwrap);
        let child = |subject| if let Subject::Child(id) = subject { Some(id) } else { None };
        subjects.filter_map(|rows| child(rows.subject)).collect()
    };
    let children: BTreeSet<String> = named(first).intersection(&named(second)).cloned().collect();
    assert!(!children.is_empty(), "{what}");
    let (held, disputes) = both([first, second], &children);
    let (other_way, other_disputes) = both([second, first], &children);
    for (child, held) in &held {
        let Some(other) = other_way.get(child) else { panic!("{what}, child {child} is in both files") };
        let only: (Vec<_>, Vec<_>) = (held.difference(other).collect(), other.difference(held).collect());
        assert!(only.0.is_empty() && only.1.is_empty(), "{what}, child {child}:\n{only:#?}");
    }
    assert_eq!(disputes, other_disputes, "{what}");
}

/// The fields of a list that a half of the file leaves out: keys and identifiers of the child are in both.
fn left_out(number: usize, half: usize) -> Vec<&'static str> {
    let fields = Layout::annex_a().lists.iter().flat_map(|list| &list.columns);
    let split = fields.filter(|column| !matches!(column.role, Role::Key | Role::Child | Role::Adopter));
    let names: BTreeSet<&str> = split.map(|column| column.field.as_str()).collect();
    names.into_iter().enumerate().filter(|(at, _)| (at >> number) % 2 == half).map(|(_, name)| name).collect()
}

#[test]
fn the_lists_of_the_sample_workbook_split_by_attribute_hold_the_same_in_both_orders() {
    let mut rows: BTreeMap<&str, Vec<Vec<(&str, String)>>> = BTreeMap::new();
    for subject in exchange::read(fixture("annex-a/Annex_A.xlsx"), &Options::default()).unwrap() {
        for row in subject.unwrap().rows {
            let text = |value: &exchange::SourceValue| {
                value.reading.date().map_or_else(|| value.raw.clone(), |day| day.to_string())
            };
            let cells = row.values.iter().map(|value| (value.column.field.as_str(), text(value)));
            // List 10 gives its children another date of birth than list 9: the halves would contradict each other.
            let cells = cells.filter(|(field, _)| {
                row.list.code != "10" || !["born_on", "ethnicity", "disabled"].contains(field)
            });
            rows.entry(row.list.code.as_str()).or_default().push(cells.collect());
        }
    }
    for number in 0..4 {
        let half = |half: usize, day: &str| {
            let out = left_out(number, half);
            let kept: Vec<(&str, Vec<Cells<'_>>)> = rows
                .iter()
                .map(|(list, rows)| {
                    let rows = rows
                        .iter()
                        .map(|row| row.iter().map(|(field, text)| (*field, text.as_str())).collect());
                    (*list, rows.collect())
                })
                .collect();
            let slices: Vec<(&str, Vec<&[Cell<'_>]>)> =
                kept.iter().map(|(list, rows)| (*list, rows.iter().map(Vec::as_slice).collect())).collect();
            let lists: Vec<(&str, Rows<'_>)> =
                slices.iter().map(|(list, rows)| (*list, rows.as_slice())).collect();
            (workbook_without(&lists, &out), about(day))
        };
        for (first, second) in [("2021-03-16", "2021-03-16"), ("2021-03-16", "2021-03-20")] {
            let (a, b) = (half(0, first), half(1, second));
            check((&a.0, &a.1), (&b.0, &b.1), &format!("split {number}, {first} and {second}"));
        }
    }
}

/// A census without the elements whose name is in the list.
fn without(text: &str, names: &[&str]) -> Vec<u8> {
    let mut text = text.to_owned();
    for name in names {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        while let Some(from) = text.find(&open) {
            let to = text[from..].find(&close).map(|at| from + at + close.len()).unwrap();
            text.replace_range(from..to, "");
        }
    }
    text.into_bytes()
}

#[test]
fn the_sample_censuses_split_by_element_hold_the_same_in_both_orders() {
    let layout = Layout::cin_census();
    let columns = layout.lists.iter().flat_map(|list| &list.columns);
    // A child of whom only an expected date of birth is told is another fact: an unborn child.
    let stays = ["born_on", "expected_on"];
    let split = columns.filter(|column| {
        !matches!(column.role, Role::Key | Role::Child) && !stays.contains(&column.field.as_str())
    });
    let names: BTreeSet<&str> = split.flat_map(|column| &column.headers).map(String::as_str).collect();
    for file in ["CIN_Census_2021.xml", "CIN_Census_2024.xml", "CIN_Census_2026.xml", "liia_cin-2022.xml"] {
        let text = String::from_utf8(fixture(&format!("cin-census/{file}"))).unwrap();
        for number in 0..4 {
            let half = |half: usize| {
                let out = names.iter().enumerate().filter(|(at, _)| (at >> number) % 2 == half);
                without(&text, &out.map(|(_, name)| *name).collect::<Vec<_>>())
            };
            let (a, b, options) = (half(0), half(1), Options::default());
            check((&a, &options), (&b, &options), &format!("{file}, split {number}"));
        }
    }
}

fn census(day: &str, identifiers: &str, details: &str) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
         <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>201</LEA></Source></Header>\
         <Children><Child><ChildIdentifiers><LAchildID>77</LAchildID>{identifiers}</ChildIdentifiers>{details}\
         </Child></Children></Message>"
    )
    .into_bytes()
}

#[test]
fn a_census_names_the_referral_of_an_enquiry_that_a_list_gives_alone_in_both_orders() {
    let details = "<CINdetails><CINreferralDate>2024-01-10</CINreferralDate><ReferralSource>1A</ReferralSource>\
                   <PrimaryNeedCode>N1</PrimaryNeedCode><Section47><S47ActualStartDate>2024-01-15</S47ActualStartDate>\
                   </Section47><Assessments><AssessmentActualStartDate>2024-01-11</AssessmentActualStartDate>\
                   </Assessments></CINdetails>";
    let particulars = "<UPN>A123456789012</UPN><PersonBirthDate>2015-05-04</PersonBirthDate>";
    let lists: [(&str, Rows<'_>); 3] = [
        ("3", &[&[("child_id", "77"), ("received_on", "2024-01-10"), ("source", "1A"), ("sex", "1")]]),
        ("4", &[&[("child_id", "77"), ("started_on", "2024-01-11"), ("authorised_on", "2024-02-20")]]),
        (
            "5",
            &[&[
                ("child_id", "77"),
                ("started_on", "2024-01-15"),
                ("held_on", "2024-01-30"),
                ("ethnicity", "WBRI"),
            ]],
        ),
    ];
    let lists = workbook_without(&lists, &["born_on"]);
    for day in ["2024-02-29", "2024-03-31", "2024-04-30"] {
        let (annex, census) = (about(day), census("2024-03-31", particulars, details));
        let options = Options::default();
        check((&lists, &annex), (&census, &options), day);
        for census_first in [true, false] {
            let mut memory = Memory::default();
            let mut files = [(lists.as_slice(), &annex), (census.as_slice(), &options)];
            if census_first {
                files.reverse();
            }
            let done = files.map(|(bytes, options)| memory.import(bytes, options));
            let journey = memory.journey("77");
            let enquiry =
                journey.events.iter().find(|event| event.kind() == Kind::Section47EnquiryStarted).unwrap();
            let referral =
                journey.events.iter().find(|event| event.kind() == Kind::ReferralReceived).unwrap();
            assert!(referral.entities.get(EntityRole::Referral).is_some());
            assert_eq!(
                enquiry.entities.get(EntityRole::Referral),
                referral.entities.get(EntityRole::Referral),
                "{day}, census first: {census_first}"
            );
            // The pupil number is found, whichever file names it.
            let linked = memory.recorded("77", Kind::IdentifierLinked);
            assert_eq!(linked, usize::from(!census_first), "{day}");
            assert_eq!(journey.disputes.len(), 0, "{day}");
            drop(done);
            let again = files.map(|(bytes, options)| memory.import(bytes, options).events);
            assert_eq!(again, [0, 0], "{day}, census first: {census_first}");
        }
    }
}

#[test]
fn an_addition_of_an_earlier_file_gives_it_no_precedence_and_a_later_blank_is_no_gap() {
    let lists = |changes: &[(&str, &str)], left_out: &[&str]| {
        let row: Vec<(&str, &str)> =
            [("child_id", "9"), ("started_on", "2024-01-10")].iter().chain(changes).copied().collect();
        workbook_without(&[("6", &[&row])], left_out)
    };
    let need = |memory: &Memory| {
        let journey = memory.journey("9");
        let opened = journey.events.iter().find(|event| event.kind() == Kind::ChildInNeedCaseOpened).unwrap();
        opened.body.fields().get("primary_need").map(ToString::to_string)
    };
    // The newer file had no such column: the older one adds what it states, and a file between them changes nothing.
    let mut memory = Memory::default();
    memory.import(&lists(&[("case_status", "a")], &["primary_need"]), &about("2024-06-01"));
    memory.import(&lists(&[("primary_need", "N1")], &[]), &about("2024-04-01"));
    assert_eq!(need(&memory), Some("\"N1\"".to_owned()));
    memory.import(&lists(&[("primary_need", "N2")], &[]), &about("2024-05-01"));
    assert_eq!(need(&memory), Some("\"N1\"".to_owned()));
    memory.import(&lists(&[("primary_need", "N3")], &[]), &about("2024-06-20"));
    assert_eq!(need(&memory), Some("\"N3\"".to_owned()));
    // The newer file had the column and left the cell empty: that stands.
    let mut memory = Memory::default();
    memory.import(&lists(&[], &[]), &about("2024-06-01"));
    memory.import(&lists(&[("primary_need", "N1")], &[]), &about("2024-04-01"));
    assert_eq!(need(&memory), None);
}
