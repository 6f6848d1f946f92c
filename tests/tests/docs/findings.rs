//! The page about what was found in November names tests and cases that there are.

use std::collections::BTreeSet;
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
