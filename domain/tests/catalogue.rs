//! The kinds against every row of the catalogue: `tests/fixtures/catalogue.tsv`.

use std::collections::BTreeSet;

use domain::events::{Kind, code_lists};

struct Row {
    section: &'static str,
    name: &'static str,
    kind: &'static str,
    remark: &'static str,
}

fn rows() -> Vec<Row> {
    let text = include_str!("fixtures/catalogue.tsv");
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [section, name, kind, remark] = cells.as_slice() else { panic!("{line}") };
        Row { section, name, kind, remark }
    });
    rows.collect()
}

/// `ReferralReceived` as `referral_received`; letters that stand together stay together.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(index + 1);
        let begins = before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit())
            || (before.is_some() && after.is_some_and(|it| it.is_lowercase()));
        if letter.is_uppercase() && begins {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[test]
fn every_row_of_the_catalogue_is_a_kind_or_says_why_not() {
    let mut left_out = Vec::new();
    let mut sections = BTreeSet::new();
    for row in rows() {
        sections.insert(row.section);
        if row.kind == "-" {
            assert!(row.remark.len() > 40, "{} is left out without a reason", row.name);
            left_out.push(row.name);
            continue;
        }
        assert!(Kind::from_name(row.kind).is_ok(), "{}: {} is no kind", row.name, row.kind);
        let renamed = row.section != "panels" && snake_case(row.name) != row.kind;
        assert!(
            !renamed || !row.remark.is_empty(),
            "{}: {} has another name without a remark",
            row.name,
            row.kind
        );
    }
    assert_eq!(left_out, ["ReEntered", "FileAccessed"]);
    assert_eq!(sections.len(), 13 + 3, "thirteen sections, the amendments, the panels, and what goes beyond");
}

#[test]
fn every_kind_is_asked_for_by_the_catalogue_or_says_by_what() {
    let named: BTreeSet<&str> = rows().iter().map(|row| row.kind).collect();
    for kind in Kind::ALL {
        assert!(named.contains(kind.name()), "{} stands in no row", kind.name());
    }
    for row in rows().iter().filter(|row| row.section == "beyond") {
        assert!(!row.remark.is_empty(), "{} goes beyond the catalogue and does not say why", row.kind);
    }
}

#[test]
fn every_panel_and_body_of_the_papers_can_be_recorded_as_itself() {
    let panels = code_lists::list("panel").unwrap();
    let mut codes = BTreeSet::new();
    for row in rows().iter().filter(|row| row.section == "panels") {
        let kind = Kind::from_name(row.kind).unwrap();
        let has = |field: &str| kind.fields().iter().any(|held| held.name == field);
        assert!(has("next_on") || row.kind == "casp_decision_made", "{} has no next date", row.kind);
        if has("panel") {
            assert!(panels.codes.iter().any(|code| code.code == row.remark), "{}", row.remark);
            codes.insert((row.kind, row.remark));
        } else {
            assert_eq!(row.remark, "", "{}", row.name);
        }
    }
    // Two safeguarding boards of two areas share a code; every other body has its own.
    assert_eq!(codes.len(), 15);
}
