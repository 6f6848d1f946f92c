//! An older and a newer file about one record leave the same behind, whichever is imported first, whatever a cell of them
//! holds. Every child is invented.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

use crate::memory::Memory;
use crate::memory::columns::{codes_of, row, value};
use crate::memory::lists::about;
use crate::memory::rows::facts;
use domain::clocks::{ClockEngine, Question};
use domain::identifier::normal_form;
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use exchange::{Column, Layout, List, Role, Subject, ValueKind};

/// The days of the older and the newer file.
const DAYS: [&str; 2] = ["2024-05-31", "2024-06-28"];

type Cells<'a> = [(&'a str, &'a str)];

/// A list as a text file, without the columns of some fields.
fn csv(list: &List, rows: &[&Cells<'_>], left_out: &[&str]) -> Vec<u8> {
    let mut text = String::new();
    let columns: Vec<&Column> =
        list.columns.iter().filter(|column| !left_out.contains(&column.field.as_str())).collect();
    let line = |cells: Vec<String>| {
        cells.into_iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")
    };
    writeln!(text, "{}", line(columns.iter().map(|column| column.header().to_owned()).collect())).unwrap();
    for row in rows {
        let cell = |column: &&Column| {
            let cell = row.iter().find(|(field, _)| *field == column.field);
            cell.map_or(String::new(), |(_, text)| (*text).to_owned())
        };
        writeln!(text, "{}", line(columns.iter().map(cell).collect())).unwrap();
    }
    text.into_bytes()
}

/// What two files leave behind.
struct After {
    facts: BTreeSet<String>,
    /// The states of the clocks, by rule.
    clocks: BTreeMap<String, Vec<String>>,
    /// How many events the same files add when they come again.
    added: usize,
}

/// The states of the clocks of a journey, by rule.
fn states(journey: &Journey) -> BTreeMap<String, Vec<String>> {
    static ENGINE: LazyLock<ClockEngine<'_>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));
    let mut clocks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for clock in ENGINE.run(journey, &Question::as_at(DAYS[1].parse().unwrap())).clocks {
        clocks.entry(clock.rule.id.as_str().to_owned()).or_default().push(clock.state.name().to_owned());
    }
    clocks.values_mut().for_each(|states| states.sort());
    clocks
}

/// What is held of the child or adopter after files of the two days, in an order.
fn after(files: [&[u8]; 2], (is_older_first, with_clocks): (bool, bool), subject: &Subject) -> After {
    let mut memory = Memory::default();
    let mut dated: Vec<(&[u8], &str)> = files.into_iter().zip(DAYS).collect();
    if !is_older_first {
        dated.reverse();
    }
    for (file, day) in &dated {
        memory.import(file, &about(day));
    }
    let again = dated.iter().filter(|_| with_clocks);
    let added = again.map(|(file, day)| memory.import(file, &about(day)).events).sum();
    let journey = Journey::known(memory.held(subject), KnownAt::NOW);
    let clocks = if with_clocks { states(&journey) } else { BTreeMap::new() };
    After { facts: facts(&journey), clocks, added }
}

/// Another value of a column.
fn other(column: &Column) -> String {
    match column.value {
        ValueKind::Date if column.field == "born_on" => "2015-06-05".to_owned(),
        ValueKind::Date => "2024-03-20".to_owned(),
        ValueKind::Flag => "N".to_owned(),
        ValueKind::Code => codes_of(column).pop().unwrap(),
        ValueKind::Count | ValueKind::Decimal => "2".to_owned(),
        ValueKind::Identifier | ValueKind::Name | ValueKind::Text | ValueKind::Postcode | ValueKind::Urn => {
            "Invented 2".to_owned()
        }
    }
}

/// Two tests, so that they run side by side.
#[test]
fn whatever_a_cell_of_two_files_holds_their_order_decides_nothing_in_one_half_of_the_lists() {
    in_every_second_list(0);
}

#[test]
fn whatever_a_cell_of_two_files_holds_their_order_decides_nothing_in_the_other_half() {
    in_every_second_list(1);
}

fn in_every_second_list(first: usize) {
    let mut wrong: Vec<String> = Vec::new();
    let mut compared = 0;
    for list in Layout::annex_a().lists.iter().skip(first).step_by(2) {
        let subject = if list.column("child_id").is_some() {
            Subject::Child(normal_form("Invented 1"))
        } else {
            Subject::Adopter(normal_form("Invented 1"))
        };
        for (is_full, column) in
            [false, true].into_iter().flat_map(|full| list.columns.iter().map(move |column| (full, column)))
        {
            let is_key = column.role == Role::Key && list.record_of(column) == list.record;
            // Another day of entering care is another period of care: list 10 says nothing of those that it does not name.
            let is_key = is_key || column.field == "entered_care_on";
            if is_key || matches!(column.role, Role::Child | Role::Adopter) {
                continue;
            }
            let file = |cell: Option<&str>| {
                let mut row = row(list, is_full);
                row.retain(|(field, _)| *field != column.field);
                if column.field == "born_on" {
                    row.retain(|(field, _)| *field != "age");
                }
                row.extend(cell.map(|text| (column.field.as_str(), text.to_owned())));
                let cells: Vec<(&str, &str)> =
                    row.iter().map(|(field, text)| (*field, text.as_str())).collect();
                let left_out: Vec<&str> = if cell.is_none() { vec![&column.field] } else { Vec::new() };
                csv(list, &[&cells], &left_out)
            };
            let (one, two) = (value(column), other(column));
            let (empty, error, one, two) = (Some(""), Some("#N/A"), Some(one.as_str()), Some(two.as_str()));
            let mut pairs = vec![(one, empty), (empty, one)];
            if is_full {
                pairs.extend([(one, error), (error, one), (one, Some("n/k")), (one, None), (one, two)]);
                // A later date that an older file gives as the latest is in dispute with an earlier one of the newer file.
                pairs.extend((column.role != Role::Latest).then_some((two, one)));
            }
            for (older, newer) in pairs {
                let (first, second) = (file(older), file(newer));
                let known = |bytes: &[u8]| exchange::read(bytes.to_vec(), &about(DAYS[0])).is_ok();
                if !known(&first) || !known(&second) {
                    continue;
                }
                compared += 1;
                // Of what a cell could not say, a clock is at most the more careful in one of the orders.
                let with_clocks = !is_full;
                let (forwards, backwards) = (
                    after([&first, &second], (true, with_clocks), &subject),
                    after([&first, &second], (false, with_clocks), &subject),
                );
                let case = format!("list {} {} {is_full}: {older:?} then {newer:?}", list.code, column.field);
                let only = |one: &After, other: &After| -> Vec<String> {
                    let clocks =
                        one.clocks.iter().filter(|(rule, states)| other.clocks.get(*rule) != Some(states));
                    let clocks = clocks.map(|(rule, states)| format!("{rule} {states:?}"));
                    one.facts.difference(&other.facts).cloned().chain(clocks).collect()
                };
                let (lost, more) = (only(&forwards, &backwards), only(&backwards, &forwards));
                if !lost.is_empty() || !more.is_empty() || forwards.added + backwards.added > 0 {
                    let again = (forwards.added, backwards.added);
                    wrong.push(format!("{case}: {lost:?} against {more:?}, again {again:?}"));
                }
            }
        }
    }
    assert!(compared > 400, "{compared}");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}
