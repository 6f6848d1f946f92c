//! The page about what was found in November names tests and cases that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use caseledger_tests::program::workspace;

/// A test is named by its file and function, a case by its folder or file.
#[test]
fn every_test_and_case_that_the_page_of_findings_names_is_there() {
    let page = fs::read_to_string(workspace().join("docs/findings-2026-11.md")).unwrap();
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let (mut tests, mut cases) = (0, 0);
    for name in named {
        if let Some((file, function)) = name.split_once("::") {
            let source = fs::read_to_string(workspace().join(file));
            let source = source.unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert!(source.contains(&format!("fn {function}(")), "{name}: there is no such test");
            tests += 1;
        } else if name.starts_with("tests/fixtures/cases/") {
            assert!(workspace().join(name).exists(), "{name}: there is no such case");
            cases += 1;
        }
    }
    assert!(tests > 100 && cases > 20, "{tests} tests and {cases} cases");
}

/// The states of the page, as its first table names them, each with how many items are of it.
fn counted(page: &str) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.matches(" |").count() >= 5);
    let cells = rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    for cells in cells {
        let [_, _, state, protected, ..] = cells.as_slice() else { continue };
        let kind = match (*state, protected.is_empty()) {
            ("state", _) => continue,
            ("mended", false) => "mended, with a test",
            (state, _) if state.starts_with("mended") => "mended, without a test",
            (state, _) if state.starts_with("right") => "right as it was",
            (state, _) if state.starts_with("not mended") => "not mended, with the reason",
            (state, _) if state.starts_with("later") => "later: named by its subject",
            (state, _) => panic!("{state}: {cells:?}"),
        };
        *counted.entry(kind).or_default() += 1;
    }
    counted
}

#[test]
fn the_page_of_findings_counts_its_items_and_lists_those_without_a_test() {
    let page = fs::read_to_string(workspace().join("docs/findings-2026-11.md")).unwrap();
    let counted = counted(&page);
    for (state, items) in &counted {
        assert!(page.contains(&format!("| {state} | {items} |")), "{state}: {items}");
    }
    let (_, list) = page.split_once("## Mended, and held by no test").unwrap();
    let listed = list.lines().filter(|line| line.starts_with("- ")).count();
    assert_eq!(listed, counted["mended, without a test"]);
    assert!(counted.len() == 5 && counted.values().sum::<usize>() > 250, "{counted:?}");
}
