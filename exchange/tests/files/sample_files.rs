//! The sample files, imported and reconciled: they are public, unchanged, and keep all their faults.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::memory::{Done, Memory};
use domain::events::Kind;
use domain::events::record_keeping::DisputeReason;
use exchange::Options;
use exchange::import::RowResult;
use exchange::reconcile::Explanation;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)).unwrap()
}

fn import(memory: &mut Memory, name: &str) -> Done {
    memory.import(&fixture(name), &Options::default())
}

const CENSUS: [&str; 10] = [
    "CIN_Census_2021.xml",
    "CIN_Census_2021_copy.xml",
    "CIN_Census_2021_no_assessment_factors.xml",
    "CIN_header_issues_100.xml",
    "CIN_la_issues_2887Q.xml",
    "liia_cin-2022.xml",
    "CIN2rows.xml",
    "CIN_Census_2024.xml",
    "CIN_Census_2026.xml",
    "fake_CIN_data.xml",
];

#[test]
fn each_sample_file_imports_and_again_adds_nothing() {
    let files =
        CENSUS.iter().map(|name| format!("cin-census/{name}")).chain(["annex-a/Annex_A.xlsx".to_owned()]);
    for name in files {
        let mut memory = Memory::default();
        let first = import(&mut memory, &name);
        assert!(first.events > 0, "{name}");
        assert_eq!(first.counts.refused, 0, "{name}");
        assert_eq!(first.counts.undecided, 0, "{name}");
        let again = import(&mut memory, &name);
        assert_eq!(again.events, 0, "{name}: {:?}", again.kinds);
        assert_eq!(again.counts.known, first.counts.rows(), "{name}");
    }
}

#[test]
fn two_census_files_that_share_ids_give_disputes_and_no_rewritten_child() {
    for (first, second) in [
        ("CIN_Census_2021.xml", "CIN_Census_2024.xml"),
        ("CIN_Census_2024.xml", "CIN_Census_2021.xml"),
        ("liia_cin-2022.xml", "CIN_Census_2026.xml"),
    ] {
        let mut memory = Memory::default();
        import(&mut memory, &format!("cin-census/{first}"));
        let before = memory.journey("DfEX0000001");
        let done = import(&mut memory, &format!("cin-census/{second}"));
        assert!(done.counts.disputed > 0, "{second} after {first}: {:?}", done.counts);
        let after = memory.journey("DfEX0000001");
        assert_eq!(before.events, after.events, "{second} after {first}");
        assert_eq!(memory.recorded("DfEX0000001", Kind::EventCorrected), 0);
        assert_eq!(memory.recorded("DfEX0000001", Kind::EventWithdrawn), 0);
        let reasons: Vec<DisputeReason> = after.disputes.iter().map(|dispute| dispute.reason).collect();
        assert!(reasons.iter().all(|reason| *reason == DisputeReason::AnotherChild));
        let again = import(&mut memory, &format!("cin-census/{second}"));
        assert_eq!(again.events, 0);
    }
}

#[test]
fn no_identifier_of_a_sample_file_stands_in_facts() {
    // Names, identifiers, postcodes and free text of the sample files, as they stand in them.
    let canaries = [
        "7961370",
        "14159183",
        "7105179",
        "Hazlett",
        "Cutsforth",
        "T28 2WB",
        "nope",
        "Top Town",
        "PSRMEM",
        "memory and cognition",
        "Home Town",
        "CS Assessment",
        "DfEX0000001",
        "A123456789123",
        "X98765432123B",
        "child_fails_assessments",
        "RND000215205141",
        "A850728973744",
    ];
    let files =
        CENSUS.iter().map(|name| format!("cin-census/{name}")).chain(["annex-a/Annex_A.xlsx".to_owned()]);
    for name in files {
        let done = import(&mut Memory::default(), &name);
        for facts in &done.facts {
            for canary in canaries {
                assert!(!facts.contains(canary), "{name}: a sealed value stands in the facts of an event");
            }
        }
    }
}

#[test]
fn reconciliation_explains_every_difference_of_every_sample_file() {
    let files =
        CENSUS.iter().map(|name| format!("cin-census/{name}")).chain(["annex-a/Annex_A.xlsx".to_owned()]);
    for name in files {
        let mut memory = Memory::default();
        let bytes = fixture(&name);
        let unimported = memory.reconcile(&bytes, &Options::default());
        assert!(unimported.lists.iter().all(|list| list.held == 0), "{name}");
        memory.import(&bytes, &Options::default());
        let found = memory.reconcile(&bytes, &Options::default());
        for list in &found.lists {
            assert_eq!(list.held, list.rows, "{name}, list {}", list.list);
        }
        let unexplained = found.differences.iter().filter(|d| d.explanation == Explanation::Unexplained);
        assert_eq!(unexplained.count(), 0, "{name}");
        assert_eq!(found.compared, found.agreed + found.differences.len() as u64, "{name}");
    }
}

#[test]
fn differences_of_the_sample_workbook_are_named_by_child() {
    let mut memory = Memory::default();
    import(&mut memory, "annex-a/Annex_A.xlsx");
    let found = memory.reconcile(&fixture("annex-a/Annex_A.xlsx"), &Options::default());
    let mut counts: BTreeMap<(&str, Explanation), usize> = BTreeMap::new();
    for difference in &found.differences {
        *counts.entry((difference.measure.as_str(), difference.explanation)).or_default() += 1;
    }
    // Worked out by hand from the workbook: ages of list 10 belong to another date of birth, one child of
    // list 1 has none; 0 referrals where one stands leave the row's own out, 2 where one stands reach back.
    let expected = BTreeMap::from([
        (("age", Explanation::NoBirthDate), 1),
        (("age", Explanation::OtherBirthDate), 5),
        (("placements_in_12_months", Explanation::LatestOnly), 1),
        (("previous_plans", Explanation::HistoryIncomplete), 2),
        (("referrals_in_12_months", Explanation::HistoryIncomplete), 2),
        (("referrals_in_12_months", Explanation::WithoutOwnRecord), 3),
        (("section_47s_in_12_months", Explanation::HistoryIncomplete), 1),
        (("section_47s_in_12_months", Explanation::WithoutOwnRecord), 2),
    ]);
    assert_eq!(counts, expected);
}

#[test]
fn what_seems_impossible_in_the_workbook_is_recorded_as_it_stands() {
    let mut memory = Memory::default();
    import(&mut memory, "annex-a/Annex_A.xlsx");
    // A plan that begins before birth, care that begins eight years before birth, a 19-year-old looked after.
    assert_eq!(memory.days("10721552", Kind::ChildProtectionPlanStarted), ["2020-11-23"]);
    assert_eq!(memory.days("2529037", Kind::BecameLookedAfter), ["2010-02-24"]);
    assert_eq!(memory.days("1761444", Kind::LookedAfterReviewHeld), ["2021-01-12"]);
    for child in ["10721552", "2529037", "1761444"] {
        assert_eq!(memory.journey(child).disputes, []);
    }
}

/// The public workbook gives these five children another date of birth and ethnicity in list 10 than in the lists before it.
/// Their days of entering care are in no dispute.
#[test]
fn the_disputed_rows_of_the_sample_workbook_state_other_dates_of_birth() {
    let mut memory = Memory::default();
    let done = import(&mut memory, "annex-a/Annex_A.xlsx");
    let disputed = done.rows.iter().filter(|row| row.result == RowResult::Disputed);
    let said: Vec<String> = disputed
        .flat_map(|row| row.notes.iter().filter(|note| note.code == "file_contradicts_itself"))
        .map(|note| {
            let (said, other) = note.text.split_once("; this file says otherwise itself, in ").unwrap();
            assert!(other.starts_with("list_"), "the other row of the file is named: {other}");
            format!("{}: {said}", note.place)
        })
        .collect();
    let mut expected: Vec<String> = (2..=6)
        .map(|row| {
            format!(
                "List 10!E{row}: \"Child registered\" is held with another value of: date_of_birth, ethnicity"
            )
        })
        .collect();
    expected
        .insert(3, "List 10!G4: \"Disability recorded\" is held with another value of: disabled".to_owned());
    assert_eq!(said, expected);
    assert_eq!(memory.days("7961370", Kind::BecameLookedAfter), ["2009-08-06"]);
}
