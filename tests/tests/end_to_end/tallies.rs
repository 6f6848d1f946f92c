//! Counts, shares and rates of a ledger, asked for as a performance analyst would. Every child is invented.

use caseledger_tests::data_folder::shared;
use caseledger_tests::events::{EventFile, Line};
use serde_json::{Value, json};

/// Three children on plans, one of whose plans ended, and the authority's population of two years.
fn plans_and_population() -> String {
    let start = |child: u64, day: &str| {
        Line::new(child * 10, child, "child_protection_plan_started", day).about(&[("plan", child)])
    };
    let ended = Line::new(39, 3, "child_protection_plan_ended", "2024-02-01").about(&[("plan", 3)]);
    let population = |number: u64, year: u32, children: u32| {
        let details =
            json!({ "area": "INV", "year": year, "ages_from": 0, "ages_to": 17, "children": children });
        let mut line = Line::new(number, 90, "population_set", "2024-01-15").with(details).json();
        line["category"] = json!("authority");
        line
    };
    EventFile::new()
        .event(&start(1, "2023-06-05"))
        .event(&start(2, "2024-01-08"))
        .event(&start(3, "2023-09-04"))
        .event(&ended)
        .line(population(901, 2022, 5_000))
        .line(population(902, 2025, 9_000))
        .text()
}

#[test]
fn a_rate_is_told_with_the_population_that_it_was_divided_by() {
    let folder = shared();
    let ledger = folder.ledger("tallies");
    let file = folder.write("tallies.jsonl", plans_and_population());
    let ask = |arguments: &[&str]| {
        ledger.ask(&[&["indicators", "--to", "2024-03-31"], arguments].concat()).ended(0)
    };
    ledger.import(&file, &[]).ended(0);

    let asked = ask(&["--rule", "RT-01"]);
    // 2 of 5,000 children are 4 of 10,000.
    let row = &asked.rows()[0];
    assert_eq!(
        (&row["counted"], &row["per_10000"], &row["population"]),
        (&json!(2), &json!(4.0), &json!(5000)),
        "{row}"
    );
    assert!(asked.note("population").to_string().contains("5000 children of 0 to 17 in INV"));

    let all = ask(&["--tallies"]).rows();
    let named = |rule: &str| all.iter().find(|row| row["rule"] == rule);
    assert_eq!(named("RT-01").unwrap()["counted"], json!(2));
    assert!(named("CP-04").is_none() && all.iter().all(|row| row["figure"].is_string()));

    let clocks = ask(&[]).rows();
    // A clock has its closed ones, a flag or bands what was asked about.
    let has_base =
        |row: &Value| ["closed", "asked"].iter().any(|base| row.get(base).is_some_and(Value::is_u64));
    assert!(clocks.iter().all(has_base), "{clocks:?}");
    // Every band has its number, also where that is 0.
    let repeats = clocks.iter().find(|row| row["rule"] == "CP-13").unwrap();
    let bands = ["within 1 year: 0", "1 to 2 years: 0", "2 years or more: 0"];
    assert_eq!((&repeats["bands"], &repeats["earlier"]), (&json!(bands), &json!(0)), "{repeats}");
    assert!(!clocks.iter().any(|row| row["rule"] == "RT-01"));
}

#[test]
fn without_a_population_a_rate_is_not_told_and_a_rule_that_is_not_there_is_named() {
    let folder = shared();
    let ledger = folder.ledger("tallies_alone");
    let line = Line::new(10, 1, "child_protection_plan_started", "2023-06-05").about(&[("plan", 1)]);
    ledger.import(&folder.write("alone.jsonl", EventFile::new().event(&line).text()), &[]).ended(0);
    let asked = ledger.ask(&["indicators", "--rule", "RT-01", "--to", "2024-03-31"]).ended(0);
    assert!(asked.rows()[0]["per_10000"].is_null());
    assert!(asked.note("population").to_string().contains("none is recorded"));
    let wrong = ledger.run(&["indicators", "--rule", "RT-99"]).ended(6);
    assert!(wrong.err.contains("RT-99") && wrong.err.contains("caseledger rules"), "{}", wrong.err);
}
