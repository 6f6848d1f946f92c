//! No identifier, name or postcode of a sample file stands in clear in the database, in a log or in a trace.
//!
//! The list of what must not be found is read from the files themselves, by other readers than the program's.

use std::collections::BTreeSet;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, fixture};
use exchange::{Column, Layout, Role, ValueKind};

/// Shorter values, such as a worker's initials or the number 7, occur everywhere by chance.
const SHORTEST: usize = 5;

/// Whether a column names somebody.
fn names_somebody(column: &Column) -> bool {
    let role = matches!(column.role, Role::Child | Role::Adopter | Role::Identifier);
    role || matches!(
        column.value,
        ValueKind::Identifier | ValueKind::Name | ValueKind::Postcode | ValueKind::Urn
    )
}

fn letters(header: &str) -> String {
    header.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Headers or elements whose values name somebody.
fn naming(layout: &Layout) -> BTreeSet<String> {
    let columns = layout.lists.iter().flat_map(|list| &list.columns);
    columns
        .filter(|column| names_somebody(column))
        .flat_map(|column| &column.headers)
        .map(|name| letters(name))
        .collect()
}

fn of_workbook(path: &Path) -> BTreeSet<String> {
    let naming = naming(Layout::annex_a());
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
    let mut found = BTreeSet::new();
    for (_, sheet) in workbook.worksheets() {
        let mut rows = sheet.rows();
        let Some(headers) = rows.next() else { continue };
        let wanted: Vec<bool> =
            headers.iter().map(|header| naming.contains(&letters(&header.to_string()))).collect();
        for row in rows {
            for (cell, _) in row.iter().zip(&wanted).filter(|(_, wanted)| **wanted) {
                let text =
                    if let Data::Float(number) = cell { format!("{number}") } else { cell.to_string() };
                found.insert(text.replace('\u{a0}', " ").trim().to_owned());
            }
        }
    }
    found
}

fn of_census(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let naming = naming(Layout::cin_census());
    let mut found = BTreeSet::new();
    for part in text.split('<') {
        let Some((element, value)) = part.split_once('>') else { continue };
        if naming.contains(&letters(element)) && !element.starts_with('/') {
            found.insert(value.trim().to_owned());
        }
    }
    found
}

/// What must not be found: values of the sample file that are long enough to be nobody else's.
fn canaries(file: &str) -> Vec<String> {
    let path = fixture(file);
    let found = if file.ends_with("xlsx") { of_workbook(&path) } else { of_census(&path) };
    let found: Vec<String> = found.into_iter().filter(|value| value.chars().count() >= SHORTEST).collect();
    // A source error is not a name.
    found.into_iter().filter(|value| !value.starts_with('#')).collect()
}

/// The canaries that stand in a text as words of their own, in any case.
fn sung<'a>(canaries: &'a [String], text: &str) -> Vec<&'a str> {
    let text = text.to_lowercase();
    let part_of_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let stands = |canary: &str| {
        let canary = canary.to_lowercase();
        text.match_indices(&canary).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
            !part_of_word(before) && !part_of_word(text.as_bytes().get(at + canary.len()))
        })
    };
    canaries.iter().map(String::as_str).filter(|canary| stands(canary)).collect()
}

/// Everything in the ledger's database as text: each column of each table, bytes as the text they may hide.
async fn database(ledger: &TestLedger) -> Vec<(String, String)> {
    let columns = ledger
        .rows(
            "SELECT c.table_schema AS s, c.table_name AS t, c.column_name AS c, c.data_type AS d \
             FROM information_schema.columns c JOIN information_schema.tables USING (table_schema, table_name) \
             WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'",
        )
        .await;
    let mut found = Vec::new();
    for column in &columns {
        let part = |name: &str| column[name].as_str().unwrap();
        let (schema, table, name) = (part("s"), part("t"), part("c"));
        let value = if part("d") == "bytea" {
            format!("encode(\"{name}\", 'escape')")
        } else {
            format!("\"{name}\"::text")
        };
        let query =
            format!("SELECT coalesce(string_agg({value}, E'\\n'), '') AS v FROM \"{schema}\".\"{table}\"");
        let text = ledger.rows(&query).await[0]["v"].as_str().unwrap().to_owned();
        found.push((format!("{schema}.{table}.{name}"), text));
    }
    found
}

fn files() -> Vec<String> {
    let census = std::fs::read_dir(fixture("cin-census")).unwrap();
    let census = census.map(|entry| format!("cin-census/{}", entry.unwrap().file_name().to_string_lossy()));
    census.chain(["annex-a/Annex_A.xlsx".to_owned()]).collect()
}

#[tokio::test]
async fn no_identifier_of_a_sample_file_stands_in_clear_in_database_logs_or_traces() {
    for (number, file) in (0..).zip(files()) {
        let canaries = canaries(&file);
        assert!(!canaries.is_empty(), "{file} names nobody");
        let ledger = shared().ledger(&format!("canary_{number}"));
        let mut command = ledger.command();
        command.arg("import").arg(fixture(&file)).env("RUST_LOG", "trace");
        if file.ends_with("xlsx") {
            command.args(["--authority", "201"]);
        }
        let ran = Ran::of(&mut command).ended(0);
        assert!(
            ran.err.contains("TRACE") || ran.err.contains("DEBUG"),
            "the program logs when it is asked to"
        );
        // Values that the report refuses are repeated to the person who has to find them.
        let report: String = ran.out.lines().filter(|line| !line.starts_with("refused:")).collect();
        assert_eq!(sung(&canaries, &report), Vec::<&str>::new(), "{file}: report");
        assert_eq!(sung(&canaries, &ran.err), Vec::<&str>::new(), "{file}: log");
        for (column, text) in database(&ledger).await {
            assert_eq!(sung(&canaries, &text), Vec::<&str>::new(), "{file}: {column}");
        }
        // A question about one of them is not logged either.
        let mut asking = ledger.command();
        asking.args(["replay", &canaries[0]]).env("RUST_LOG", "trace");
        assert_eq!(
            sung(&canaries, &Ran::of(&mut asking).err),
            Vec::<&str>::new(),
            "{file}: log of a question"
        );
    }
    let log = std::fs::read_to_string(shared().data().join("postgres/server.log")).unwrap();
    for file in files() {
        assert_eq!(sung(&canaries(&file), &log), Vec::<&str>::new(), "{file}: the server's log");
    }
}

/// The search finds what it should find; without this the test above could pass blindly.
#[tokio::test]
async fn the_search_finds_a_planted_canary_in_text_json_and_bytes() {
    let ledger = shared().ledger("canary_control");
    ledger.run(&["init", "--authority", "201"]).ended(0);
    let client = ledger.connect("postgres").await;
    client
        .batch_execute(
            "CREATE SCHEMA planted; CREATE TABLE planted.t (a text, b json, c bytea, d text); \
             INSERT INTO planted.t VALUES ('seen by Wren Robin today', '{\"id\":\"E2E-77123\"}', \
             convert_to('..LS99 9ZZ..', 'UTF8'), 'xE2E-77123x')",
        )
        .await
        .unwrap();
    let canaries = ["Wren Robin", "E2E-77123", "ls99 9zz"].map(str::to_owned);
    let found = database(&ledger).await;
    let found = found.iter().filter(|(column, _)| column.starts_with("planted."));
    let found: Vec<(&str, Vec<&str>)> =
        found.map(|(column, text)| (column.as_str(), sung(&canaries, text))).collect();
    assert_eq!(
        found,
        [
            ("planted.t.a", vec!["Wren Robin"]),
            ("planted.t.b", vec!["E2E-77123"]),
            ("planted.t.c", vec!["ls99 9zz"]),
            // Inside another word it is not the same identifier.
            ("planted.t.d", vec![]),
        ]
    );
}

#[test]
fn the_canaries_are_the_identifiers_of_the_files() {
    let workbook = canaries("annex-a/Annex_A.xlsx");
    for expected in ["7961370", "7105179", "Dustin Hazlett"] {
        assert!(workbook.iter().any(|canary| canary == expected), "{expected} of {}", workbook.len());
    }
    assert!(workbook.len() > 80, "{}", workbook.len());
    let census = canaries("cin-census/CIN_Census_2024.xml");
    assert!(census.iter().any(|canary| canary == "DfEX0000001"), "{census:?}");
    assert!(canaries("cin-census/fake_CIN_data.xml").len() > 300);
}
