//! Extracts and files of events.

use std::io::{Cursor, Read as _, Write as _};

use caseledger_tests::dice::Dice;
use caseledger_tests::program::fixture;
use domain::rules::RuleBook;
use exchange::{Options, jsonl};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{changed, fuzz};

fn samples(names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().map(|name| std::fs::read(fixture(name)).unwrap()).collect()
}

fn options() -> Options {
    let day = Some("2024-06-30".parse().unwrap());
    Options { as_at: day, today: day, partial: true, ..Options::default() }
}

/// Reads an extract to its end; each value of it was read from somewhere.
fn read(bytes: &[u8]) -> Result<bool, String> {
    let Ok(extract) = exchange::read(bytes.to_vec(), &options()) else { return Ok(false) };
    let mut rows = 0;
    for subject in extract {
        let Ok(subject) = subject else { return Ok(false) };
        rows += subject.rows.len();
    }
    // No row stands for more than one byte of the input.
    if rows <= bytes.len() * 1_000 {
        Ok(rows > 0)
    } else {
        Err(format!("{rows} rows of {} bytes", bytes.len()))
    }
}

#[test]
fn census_files() {
    let names = ["CIN_Census_2024.xml", "CIN_Census_2021.xml", "liia_cin-2022.xml", "CIN2rows.xml"];
    fuzz(
        "census",
        &samples(&names.map(|name| format!("cin-census/{name}")).each_ref().map(String::as_str)),
        read,
    );
}

#[test]
fn lists_as_text() {
    let list = |text: &str| text.as_bytes().to_vec();
    let mut texts = samples(&["cases/41-ssda903/episodes.csv", "cases/41-ssda903/utf16.csv"]);
    texts.push(list("Child Unique ID,Gender,Ethnicity,Date of Birth,Date of Contact,Contact Source\nINV-1,Female,WBRI,04/03/2015,13/01/2024,1A\nINV-2,Male,WBRI,2015-03-04,2024-01-14,\"6) \"\"x\"\"\"\n"));
    texts.push(list(
        "Child Unique ID;Date of Birth;Date CAF/EHA/TAC Started\r\nINV-1;04/03/2015;13/01/2024\r\n",
    ));
    fuzz("lists", &texts, read);
}

#[test]
fn workbooks() {
    let names = ["annex-a/Annex_A.xlsx", "cases/07-placeholder-date/in.xlsx", "cases/57-ods/in.ods"];
    fuzz("workbooks", &samples(&names), read);
}

/// Parts of workbooks, put into a whole zip file again: what the reader of zip files refuses hides what is behind it.
#[test]
fn parts_of_workbooks() {
    let workbooks = samples(&["annex-a/Annex_A.xlsx", "cases/07-placeholder-date/in.xlsx"]);
    let mut dice = Dice::new(9);
    let parts: Vec<Vec<(String, Vec<u8>)>> = workbooks.iter().map(|bytes| unpacked(bytes)).collect();
    let sheets: Vec<Vec<u8>> = parts.iter().flatten().map(|(_, bytes)| bytes.clone()).collect();
    fuzz("parts", &sheets, |bytes| {
        let mut workbook = dice.one_of(&parts).clone();
        let at = usize::try_from(dice.below(workbook.len() as u64)).unwrap();
        workbook[at].1 = bytes.to_vec();
        read(&packed(&workbook))
    });
}

/// Found so: the library that reads workbooks overflowed, and without checks the cell stood in another column.
#[test]
fn a_cell_reference_of_too_many_letters_is_no_cell_of_another_column() {
    let bytes = samples(&["cases/07-placeholder-date/in.xlsx"]).remove(0);
    let mut parts = unpacked(&bytes);
    let mut changed = 0;
    for (name, part) in parts.iter_mut().filter(|(name, _)| name.starts_with("xl/worksheets/")) {
        let text = String::from_utf8(part.clone()).unwrap();
        let other = text.replacen("r=\"A2\"", "r=\"AAAAAAAAAAAAAAAA2\"", 1);
        changed += usize::from(other != text);
        *part = other.into_bytes();
        assert!(!name.is_empty());
    }
    assert!(changed > 0, "a cell was changed");
    let read = exchange::read(packed(&parts), &options());
    assert!(matches!(read, Err(exchange::ReadError::NotAWorkbook { .. })), "{:?}", read.err());
}

fn unpacked(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let part = |at| {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        (part.name().unwrap().to_string(), bytes)
    };
    let parts = 0..ZipArchive::new(Cursor::new(workbook)).unwrap().len();
    parts.map(part).collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn files_of_events() {
    let names = ["ok.jsonl", "bom.jsonl", "nul-code.jsonl"].map(|name| format!("cases/52-jsonl/{name}"));
    let mut texts = samples(&names.each_ref().map(String::as_str));
    texts.extend(samples(&["cases/clocks/a1-two-periods.jsonl", "cases/clocks/chain-span-late.jsonl"]));
    fuzz("events", &texts, |bytes| {
        let _ = jsonl::Reader::open(bytes).and_then(jsonl::Reader::check_headers);
        let Ok(reader) = jsonl::Reader::open(bytes) else { return Ok(false) };
        Ok(reader.commands().filter(Result::is_ok).count() > 0)
    });
}

/// A rule file of an authority's own. What is adopted of it has a digest.
#[test]
fn rule_files() {
    fuzz("rules", &samples(&["rules/our-rules.toml"]), |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(false) };
        Ok(RuleBook::with_local("fuzz.toml", text).is_ok())
    });
}

/// Changed again: a change of a change is a change.
#[test]
fn the_same_seed_changes_in_the_same_way() {
    let texts = samples(&["cin-census/CIN2rows.xml"]);
    let of = |seed| {
        let mut dice = Dice::new(seed);
        (0..50).map(|_| changed(&mut dice, &texts)).collect::<Vec<_>>()
    };
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
}
