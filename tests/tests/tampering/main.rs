//! A superuser who switches the triggers off edits stored rows at random; `verify` has to find and name every edit, and to be
//! silent where nothing was edited. Every child is invented.
//!
//! `CASELEDGER_TEST_EDITS` says how many edits (200), `CASELEDGER_TEST_SEED` which ones (1).
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails in a helper fails the test")]

mod beside;
mod edits;
mod fixture;
mod outside;
mod rewriting;

use caseledger_tests::dice::Dice;
use fixture::Fixture;
use verify::{Finding, Findings, Place};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn all(findings: &Findings) -> Vec<Finding> {
    findings.by_kind().flat_map(|(_, _, examples)| examples.to_vec()).collect()
}

fn told_instead(edit: &edits::Edit, findings: &Findings) -> String {
    let found: Vec<String> = all(findings).iter().take(6).map(ToString::to_string).collect();
    format!(
        "{} ({}), wanted {:?} at {:?}, found {found:#?}",
        edit.name,
        edit.sql.join("; "),
        edit.codes,
        edit.position
    )
}

/// Whether a finding names the position, alone or within a stretch.
fn names(finding: &Finding, position: u64) -> bool {
    match finding.place {
        Place::At { position: found } => found == position,
        Place::Between { first, last } => (first..=last).contains(&position),
        Place::Nowhere => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_random_edit_is_found_and_named_and_nothing_else_is() {
    let fixture = Fixture::make(700).await;
    let (edits, seed) = (setting("CASELEDGER_TEST_EDITS", 200), setting("CASELEDGER_TEST_SEED", 1));
    let mut dice = Dice::new(seed);
    let mut missed = Vec::new();
    for number in 0..edits {
        let edit = edits::edit(number, &mut dice, &fixture);
        fixture.change(&edit.sql).await;
        let report = fixture.verify(&fixture.question()).await;
        let first = report.findings.first();
        let told = first.is_some_and(|first| {
            edit.codes.contains(&first.kind.exit_code())
                && edit.position.is_none_or(|position| names(first, position))
                && (edit.stream.is_none() || first.stream == edit.stream)
        });
        if !told || report.exit_code() == 0 {
            missed.push(told_instead(&edit, &report.findings));
        }
        fixture.restore().await;
        if number % 20 == 0 {
            let clean = fixture.verify(&fixture.question()).await;
            assert!(clean.findings.is_clean(), "false alarm: {:#?}", all(&clean.findings));
        }
    }
    assert!(
        missed.is_empty(),
        "seed {seed}: {} of {edits} edits were missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}
