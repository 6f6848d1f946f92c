//! A cell that could not be read, in every column of every list: no clock and no figure takes it for an empty one.
//! Every child is invented.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::memory::Memory;
use crate::memory::columns::{Row, row, value};
use crate::memory::lists::import;
use domain::clocks::{ClockEngine, Figures, Question};
use domain::rules::RuleBook;
use exchange::{Column, Layout, List, Role, ValueKind};

/// The day of the file: long after all that stands in it, so that what is missing is overdue.
const DAY: &str = "2024-06-28";

/// For each rule: whether a clock is overdue, and how many count, are in the base, and cannot be told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    overdue: bool,
    counted: u64,
    base: u64,
    unknown: u64,
}

fn said(list: &List, row: &Row<'_>) -> BTreeMap<String, Said> {
    let cells: Vec<(&str, &str)> = row.iter().map(|(field, text)| (*field, text.as_str())).collect();
    let mut memory = Memory::default();
    import(&mut memory, &list.code, DAY, &[&cells]);
    let child = row.iter().find(|(field, _)| *field == "child_id").unwrap();
    static ENGINE: LazyLock<ClockEngine<'_>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));
    if memory.children() == 0 {
        return BTreeMap::new();
    }
    let answers = ENGINE.run(&memory.journey(&child.1), &Question::as_at(DAY.parse().unwrap()));
    let mut rules: BTreeMap<String, Said> = BTreeMap::new();
    for clock in &answers.clocks {
        let said = rules.entry(clock.rule.id.as_str().to_owned()).or_default();
        said.overdue |= ["overdue", "late"].contains(&clock.state.name());
    }
    let mut figures: BTreeMap<String, Figures> = BTreeMap::new();
    for tallied in &answers.tallies {
        figures.entry(tallied.rule.id.as_str().to_owned()).or_default().add(tallied);
    }
    for (rule, figures) in figures {
        let said = rules.entry(rule).or_default();
        (said.counted, said.base) = (figures.counted, figures.base);
        said.unknown = figures.cannot_tell + figures.history_incomplete;
    }
    rules
}

/// Whether a column states something of an act whose day the row leaves empty. A value there says that the act was done
/// (`left_out_days.rs`); a cell that says nothing does not, and the empty day counts.
fn is_beside_an_empty_day(list: &List, column: &Column, row: &Row<'_>) -> bool {
    list.events.iter().any(|rule| {
        let is_of = rule.facts.values().any(|fact| fact.column() == Some(column.field.as_str()));
        let is_day = list.column(&rule.on).is_some_and(|on| on.value == ValueKind::Date);
        is_of && is_day && !row.iter().any(|(field, _)| *field == rule.on)
    })
}

#[test]
fn an_unreadable_cell_of_any_column_is_no_empty_one_in_any_clock_or_figure() {
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    let mut told_apart = 0;
    for list in Layout::annex_a().lists.iter().filter(|list| list.column("child_id").is_some()) {
        for (is_full, column) in
            [false, true].into_iter().flat_map(|full| list.columns.iter().map(move |c| (full, c)))
        {
            let is_key = column.role == Role::Key && list.record_of(column) == list.record;
            let is_beside = is_beside_an_empty_day(list, column, &row(list, is_full));
            if is_key || is_beside || matches!(column.role, Role::Child | Role::Derived) {
                continue;
            }
            let with = |text: &str| {
                let mut row = row(list, is_full);
                row.retain(|(field, _)| *field != column.field);
                if !text.is_empty() {
                    row.push((&column.field, text.to_owned()));
                }
                said(list, &row)
            };
            let (empty, stated, unsaid) = (with(""), with(&value(column)), with("#N/A"));
            let none = Said::default();
            for (rule, empty) in &empty {
                let stated = stated.get(rule).unwrap_or(&none);
                let unsaid = unsaid.get(rule).unwrap_or(&none);
                if stated == empty {
                    continue;
                }
                told_apart += 1;
                // What a value would change is not certain without one.
                let is_overdue = unsaid.overdue && empty.overdue && !stated.overdue;
                let is_counted = unsaid.counted > stated.counted.min(empty.counted);
                if is_overdue || is_counted {
                    wrong.insert(format!("list {} {} {rule}", list.code, column.field));
                }
            }
        }
    }
    assert!(told_apart > 30, "{told_apart}");
    assert_eq!(wrong, BTreeSet::new());
}
