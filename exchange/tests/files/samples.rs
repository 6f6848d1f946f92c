//! The sample files, each read whole, with a named outcome for each of their quirks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use exchange::{AsAt, Extract, Format, Options, Place, Reading, SourceRow, Subject, SubjectRows};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)
}

fn open(name: &str) -> Extract {
    exchange::open(&fixture(name), &Options::default()).unwrap()
}

fn subjects(extract: Extract) -> Vec<SubjectRows> {
    extract.map(Result::unwrap).collect()
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn rows_of<'a>(subjects: &'a [SubjectRows], list: &str) -> Vec<&'a SourceRow> {
    subjects.iter().flat_map(|s| &s.rows).filter(|row| row.list.code == list).collect()
}

fn note_codes(rows: &[&SourceRow]) -> BTreeMap<&'static str, usize> {
    let mut codes = BTreeMap::new();
    for note in rows.iter().flat_map(|row| &row.notes) {
        *codes.entry(note.code).or_default() += 1;
    }
    codes
}

#[test]
fn the_workbook_is_read_list_by_list_and_its_day_is_inferred() {
    let extract = open("annex-a/Annex_A.xlsx");
    assert_eq!(extract.format, Format::AnnexA);
    // 48 ages with a fraction name 16 March 2021; of the five whole ages one agrees with it.
    assert_eq!(extract.as_at, AsAt::Inferred { day: day(2021, 3, 16), agree: 49, rows: 53 });
    let counts: Vec<(String, u64)> =
        extract.scope.iter().map(|list| (list.list.clone(), list.rows.unwrap())).collect();
    let expected = [
        ("1", 5),
        ("2", 5),
        ("3", 6),
        ("4", 5),
        ("5", 5),
        ("6", 5),
        ("7", 7),
        ("8", 5),
        ("9", 6),
        ("10", 5),
        ("11", 5),
    ];
    let expected: Vec<(String, u64)> =
        expected.iter().map(|(list, rows)| ((*list).to_owned(), *rows)).collect();
    assert_eq!(counts, expected);
    assert_eq!(extract.notes, []);
    let rows: usize = subjects(extract).iter().map(|s| s.rows.len()).sum();
    assert_eq!(rows, 59);
}

#[test]
fn quirks_of_the_workbook_have_named_outcomes() {
    let subjects = subjects(open("annex-a/Annex_A.xlsx"));

    // Formulas with stored values count by them (list 10, row 2, column I: =H2+5).
    let adoption = rows_of(&subjects, "10");
    assert_eq!(adoption[0].date("decided_on"), Some(day(2009, 8, 11)));
    assert_eq!(adoption[0].date("order_on"), Some(day(2009, 8, 31)));
    // The header "Date of Adoption Order " carries a trailing space.
    assert_eq!(adoption[0].value("order_on").unwrap().place.to_string(), "List 10!M2");

    // The text "#N/A" says nothing, and has a note.
    let in_need = rows_of(&subjects, "6");
    assert_eq!(in_need[0].value("team").unwrap().reading, Reading::SourceError);
    assert_eq!(note_codes(&in_need).get("source_error"), Some(&10));
    // A code that its list does not know is kept as it stands.
    assert_eq!(
        in_need[0].value("primary_need").unwrap().reading,
        Reading::Code { code: "PSRMEM - Support with memory and cognition".to_owned(), known: false }
    );

    // "Female" and "b) Female" are one code.
    let contacts = rows_of(&subjects, "1");
    let female = Reading::Code { code: "2".to_owned(), known: true };
    assert_eq!(contacts[0].value("sex").unwrap().reading, female);
    assert_eq!(contacts[1].value("sex").unwrap().reading, female);
    assert_eq!(contacts[1].value("born_on").unwrap().reading, Reading::Blank);

    // A non-breaking space inside a name is a space.
    assert_eq!(rows_of(&subjects, "3")[0].value("worker").unwrap().raw, "Dustin Hazlett");

    // Headers with curly quotes are found.
    let care = rows_of(&subjects, "8");
    assert_eq!(care[0].value("missing_in_12_months").unwrap().reading, Reading::Count(0));

    // One child in two lists with two dates of birth: both stand, the planner disputes.
    let child = subjects.iter().find(|s| s.subject == Subject::Child("7961370".to_owned())).unwrap();
    let births: Vec<_> = child.rows.iter().filter_map(|row| row.date("born_on")).collect();
    assert_eq!(births, [day(2002, 8, 7), day(2002, 2, 13)]);

    // Adopters are subjects of their own.
    assert!(subjects.iter().any(|s| s.subject == Subject::Adopter("7105179".to_owned())));
}

#[test]
fn every_census_file_is_read_with_its_counts() {
    // (file, day, children, rows by list in layout order)
    let table: [(&str, NaiveDate, usize, Rows); 10] = [
        ("CIN_Census_2021.xml", day(2023, 3, 31), 1, &ALL),
        ("CIN_Census_2021_copy.xml", day(2024, 3, 31), 1, &ALL),
        ("CIN_Census_2021_no_assessment_factors.xml", day(2024, 3, 31), 1, &ALL),
        ("CIN_header_issues_100.xml", day(2023, 3, 28), 1, &ALL),
        ("CIN_la_issues_2887Q.xml", day(2023, 3, 31), 1, &ALL),
        ("liia_cin-2022.xml", day(2022, 3, 31), 1, &ALL),
        (
            "CIN2rows.xml",
            day(2024, 3, 31),
            1,
            &[
                ("child", 1),
                ("referral", 1),
                ("assessment", 1),
                ("in_need_plan", 1),
                ("section_47", 1),
                ("protection_plan", 2),
                ("review_conference", 2),
            ],
        ),
        (
            "CIN_Census_2024.xml",
            day(2024, 3, 31),
            2,
            &[
                ("child", 2),
                ("referral", 2),
                ("assessment", 2),
                ("in_need_plan", 1),
                ("section_47", 1),
                ("protection_plan", 1),
                ("review_conference", 1),
            ],
        ),
        (
            "CIN_Census_2026.xml",
            day(2024, 3, 31),
            2,
            &[
                ("child", 2),
                ("referral", 2),
                ("assessment", 2),
                ("in_need_plan", 1),
                ("section_47", 1),
                ("protection_plan", 1),
                ("review_conference", 1),
                ("pre_proceedings", 1),
            ],
        ),
        ("fake_CIN_data.xml", day(2022, 7, 21), 332, &[("child", 332), ("referral", 402)]),
    ];
    for (name, as_at, children, lists) in table {
        let extract = open(&format!("cin-census/{name}"));
        assert_eq!(extract.format, Format::CinCensus, "{name}");
        assert_eq!(extract.as_at, AsAt::Stated { day: as_at }, "{name}");
        let scope: Vec<(&str, u64)> =
            extract.scope.iter().map(|list| (list.list.as_str(), list.rows.unwrap())).collect();
        assert_eq!(scope, lists, "{name}");
        assert_eq!(extract.count(), children, "{name}");
    }
}

type Rows = &'static [(&'static str, u64)];

const ALL: [(&str, u64); 7] = [
    ("child", 1),
    ("referral", 1),
    ("assessment", 1),
    ("in_need_plan", 1),
    ("section_47", 1),
    ("protection_plan", 1),
    ("review_conference", 1),
];

#[test]
fn quirks_of_the_census_have_named_outcomes() {
    let extract = open("cin-census/CIN_Census_2026.xml");
    // The layout year 2023 is unlike the reference date: a note, and the date counts.
    let codes: Vec<&str> = extract.notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["year_unlike_reference_date"]);
    assert_eq!(extract.authority.as_deref(), Some("201"));
    let subjects = subjects(extract);

    // Stray text after UPNunknown is a note with its line, and no value.
    let child = rows_of(&subjects, "child")[0];
    let stray = child.notes.iter().find(|note| note.code == "stray_text").unwrap();
    assert_eq!(
        stray.place,
        Place::Element { path: "/Message/Children/Child/ChildIdentifiers".to_owned(), line: 23, column: 45 }
    );
    let disabilities: Vec<&str> = child.values_of("disability").map(|value| value.raw.as_str()).collect();
    assert_eq!(disabilities, ["HAND", "HEAR"]);

    // A conference at the level of the referral, and one under the section 47 enquiry.
    assert_eq!(rows_of(&subjects, "referral")[0].date("held_on"), Some(day(2022, 12, 6)));
    let enquiry = rows_of(&subjects, "section_47")[0];
    assert_eq!(enquiry.date("held_on"), Some(day(2022, 6, 17)));
    assert_eq!(
        enquiry.value("held_on").unwrap().place,
        Place::Element {
            path: "/Message/Children/Child/CINdetails/Section47/DateOfInitialCPC".to_owned(),
            line: 57,
            column: 21
        }
    );

    // The pre-proceedings and family group block.
    let block = rows_of(&subjects, "pre_proceedings")[0];
    assert_eq!(block.date("letter_on"), Some(day(2026, 9, 20)));
    assert_eq!(block.value("family_meeting_offered").unwrap().reading, Reading::Flag(true));
    assert_eq!(block.value("review_meetings").unwrap().reading, Reading::Count(3));

    // Places number repeated elements; M and 1 are the same sex, 0 and false the same answer.
    let second = &subjects[1].rows[0];
    assert_eq!(second.value("sex").unwrap().reading, Reading::Code { code: "1".to_owned(), known: true });
    assert!(second.value("sex").unwrap().place.to_string().starts_with("/Message/Children/Child[2]/"));
    for row in rows_of(&subjects, "referral") {
        assert_eq!(row.value("no_further_action").unwrap().reading, Reading::Flag(false));
    }
    // An empty factors element holds no factor: blank, because the file holds factors elsewhere.
    let assessments = rows_of(&subjects, "assessment");
    assert_eq!(assessments[0].values_of("factor").count(), 3);
    assert_eq!(assessments[1].value("factor").unwrap().reading, Reading::Blank);
}

#[test]
fn old_and_impossible_seeming_dates_are_kept_as_they_stand() {
    let subjects = subjects(open("cin-census/CIN_Census_2021.xml"));
    let child = rows_of(&subjects, "child")[0];
    assert_eq!(child.date("born_on"), Some(day(1965, 3, 27)));
    assert_eq!(child.date("expected_on"), Some(day(1066, 4, 13)));
    assert_eq!(rows_of(&subjects, "referral")[0].date("received_on"), Some(day(1970, 10, 6)));
}

#[test]
fn a_field_that_the_file_never_holds_says_nothing_and_one_it_holds_is_blank() {
    let subjects = subjects(open("cin-census/fake_CIN_data.xml"));
    let referrals = rows_of(&subjects, "referral");
    assert!(referrals.iter().all(|row| row.value("closed_on").is_some()));
    assert_eq!(referrals.iter().filter(|row| row.date("closed_on").is_some()).count(), 252);
    assert!(rows_of(&subjects, "child").iter().all(|row| row.value("expected_on").is_none()));
}
