//! What is so of a child, and what a file of a day tells of it: records with what becomes of them, and cells that say nothing.
//! Every child is invented.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use exchange::{Column, List, Role, ValueKind, Window};

use crate::memory::columns::{codes_of, value};

/// The days of the files.
pub(crate) const DAYS: [&str; 3] = ["2024-03-29", "2024-05-31", "2024-06-28"];

/// The day of the first record.
pub(crate) const FIRST: &str = "2023-11-06";

/// What a source writes where it says nothing.
const SILENT: [&str; 3] = ["TBC", "#N/A", "1900-01-01"];

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Numbers that look random and are the same each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// What is so of one record: each column with its values and the day from which a file can hold each.
pub(crate) struct Record {
    pub(crate) list: &'static List,
    pub(crate) key: NaiveDate,
    /// The day from which files give another day as its first, and that day.
    pub(crate) moved: Option<(NaiveDate, NaiveDate)>,
    pub(crate) ended: Option<NaiveDate>,
    pub(crate) columns: Vec<(&'static Column, Vec<(NaiveDate, String)>)>,
    pub(crate) within: Vec<Record>,
}

/// A row or element of a file: its cells, and what stands within it.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) list: &'static List,
    pub(crate) cells: Vec<(&'static str, String)>,
    pub(crate) within: Vec<Row>,
}

/// What a file says of the child; `None` of a cell: it is not there.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) on: NaiveDate,
    pub(crate) rows: Vec<Row>,
}

pub(crate) fn is_own_key(list: &List, column: &Column) -> bool {
    column.role == Role::Key && list.record_of(column) == list.record
}

/// A record that begins on a day, with what becomes of it until July 2024. `nth`: which of several of that day it is, so
/// that they say different things; `None` where it is the only one.
pub(crate) fn record(
    dice: &mut Dice,
    (list, key, nth): (&'static List, NaiveDate, Option<usize>),
    lists: &'static [List],
) -> Record {
    let last = day("2024-07-31").signed_duration_since(key).num_days().unsigned_abs();
    let on = |dice: &mut Dice| key + Days::new(1 + dice.roll(last));
    let closing = list.events.iter().filter(|rule| {
        list.own_record()
            .and_then(|own| own.opened())
            .is_some_and(|role| list.ends_of(role).any(|end| end == rule.kind))
    });
    let closing: BTreeSet<&str> = closing.map(|rule| rule.on.as_str()).collect();
    let ended = (!closing.is_empty() && dice.one_in(3)).then(|| on(dice));
    let (mut columns, of_day) = (Vec::new(), nth.unwrap_or(0));
    for column in &list.columns {
        let ordinary = !matches!(column.role, Role::Child | Role::Adopter | Role::Identifier | Role::Derived);
        if is_own_key(list, column)
            || !ordinary
            || column.record.as_deref() == Some("child")
            || list.code == "child"
        {
            continue;
        }
        let dated = |day: NaiveDate| (day, day.to_string());
        let series = match (column.role, column.value) {
            (_, ValueKind::Date) if closing.contains(column.field.as_str()) => ended
                .filter(|_| closing.first() == Some(&column.field.as_str()))
                .into_iter()
                .map(dated)
                .collect(),
            (Role::Latest, _) => {
                let mut days: Vec<NaiveDate> = (0..dice.roll(4)).map(|_| on(dice)).collect();
                days.sort();
                days.into_iter().map(dated).collect()
            }
            (_, ValueKind::Date) if column.field == "entered_care_on" => {
                let corrected = dice.one_in(3).then(|| (on(dice), "2023-10-09".to_owned()));
                std::iter::once((key, "2023-10-02".to_owned())).chain(corrected).collect()
            }
            (_, ValueKind::Date) => dice.one_in(2).then(|| dated(on(dice))).into_iter().collect(),
            (Role::State, ValueKind::Code) => {
                let codes = codes_of(column);
                let changes = changes(dice, key, on);
                changes
                    .into_iter()
                    .enumerate()
                    .map(|(nth, day)| (day, codes[(nth % 2 + of_day) % codes.len()].clone()))
                    .collect()
            }
            (Role::State, ValueKind::Name) => {
                let changes = changes(dice, key, on);
                changes
                    .into_iter()
                    .zip(["A. Invented", "B. Invented", "A. Invented"])
                    .map(|(day, name)| (day, format!("{name}{}", "ski".repeat(of_day))))
                    .collect()
            }
            (_, ValueKind::Flag) => {
                dice.one_in(2).then(|| (on(dice), flag(list).to_owned())).into_iter().collect()
            }
            (_, ValueKind::Code) if nth.is_some() => vec![(key, nth_code(column, nth))],
            _ => dice.one_in(2).then(|| (key, value(column))).into_iter().collect(),
        };
        columns.push((column, series));
    }
    let inner = lists.iter().filter(|other| other.parent.as_deref() == Some(list.code.as_str()));
    let mut within = Vec::new();
    for other in inner {
        for _ in 0..dice.roll(3) {
            let begin = key + Days::new(dice.roll(60));
            // The second of two plans at one time is in dispute: `told_twice.rs`.
            if is_exclusive(other)
                && (key != day(FIRST)
                    || nth == Some(1)
                    || within.iter().any(|held: &Record| held.list.code == other.code))
            {
                continue;
            }
            within.push(record(dice, (other, begin, None), lists));
        }
    }
    within.sort_by_key(|record| (record.list.code.clone(), record.key));
    within.dedup_by_key(|record| (record.list.code.clone(), record.key));
    Record { list, key, moved: None, ended, columns, within }
}

/// What the nth of several records of a day says in a column.
fn nth_code(column: &Column, nth: Option<usize>) -> String {
    let codes = codes_of(column);
    codes[nth.unwrap_or(0) % codes.len()].clone()
}

/// The days on which a state begins to be so: it changes in one of three records, and changes back in one of nine.
fn changes(dice: &mut Dice, key: NaiveDate, on: impl Fn(&mut Dice) -> NaiveDate) -> Vec<NaiveDate> {
    let mut days = vec![key];
    while days.len() < 3 && dice.one_in(3) {
        days.push(on(dice));
    }
    days.sort();
    days
}

/// Of which a child or adopter has one at a time, so that two are a contradiction of the files.
pub(crate) fn is_exclusive(list: &List) -> bool {
    ["7", "8", "11", "protection_plan"].contains(&list.code.as_str())
}

fn flag(list: &List) -> &'static str {
    if list.element.is_some() { "1" } else { "Y" }
}

/// How often a cell says nothing.
#[derive(Clone, Copy)]
pub(crate) struct Noise {
    pub(crate) one_in: u64,
    /// Whether a key may say nothing: its row is not read then.
    pub(crate) keys: bool,
    /// Whether a value may be emptied. Of three files only the cells that say nothing are varied: see `docs/imports.md`.
    pub(crate) empties: bool,
}

/// What a file of a day holds of a record; some cells say nothing.
pub(crate) fn seen(dice: &mut Dice, record: &Record, on: NaiveDate, noise: Noise) -> Option<Row> {
    let from = record.list.window_from(on);
    let key = record.moved.filter(|(from, _)| on >= *from).map_or(record.key, |(_, day)| day);
    let in_window = match record.list.window {
        None => true,
        Some(Window::Starts) => from.is_none_or(|from| key >= from),
        Some(Window::Open) => record.ended.is_none_or(|ended| from.is_none_or(|from| ended >= from)),
    };
    if key > on || !in_window {
        return None;
    }
    let mut cells = Vec::new();
    for column in record.list.columns.iter().filter(|column| is_own_key(record.list, column)) {
        let text = if noise.keys && dice.one_in(2 * noise.one_in) { silent(dice) } else { key.to_string() };
        cells.push((column.field.as_str(), text));
    }
    for (column, series) in &record.columns {
        let told = series.iter().rfind(|(from, _)| *from <= on).map(|(_, text)| text.clone());
        // A date that stands for none is one in a column of dates alone.
        let silent = silent(dice);
        let silent = if column.value == ValueKind::Date { silent } else { SILENT[0].to_owned() };
        // What a state began with is not taken back: a file that does so says no more since when it changed.
        let begins =
            record.list.events.iter().any(|rule| rule.starts_as.as_deref() == Some(column.field.as_str()));
        if begins {
            cells.extend(told.map(|text| (column.field.as_str(), text)));
            continue;
        }
        // Of three files: a part of a state that cannot be said leaves a state that says less, and no trace where it is repeated.
        let is_part = !noise.empties && column.field.starts_with("accommodation");
        let told = if dice.one_in(noise.one_in) && !is_part { Some(silent) } else { told };
        let told = told.filter(|_| !(noise.empties && dice.one_in(2 * noise.one_in)));
        cells.extend(told.map(|text| (column.field.as_str(), text)));
    }
    let within = record.within.iter().filter_map(|inner| seen(dice, inner, on, noise)).collect();
    Some(Row { list: record.list, cells, within })
}

/// What the files are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Records of different days.
    Apart,
    /// Two records of one day.
    OneDay,
    /// One record, of which a newer file gives another day.
    Moved,
}

/// The records of a child.
pub(crate) fn records(
    dice: &mut Dice,
    (top, shape): (&'static List, Shape),
    lists: &'static [List],
) -> Vec<Record> {
    let first = day(FIRST);
    match shape {
        Shape::Apart => {
            let keys = [FIRST, "2024-02-05", "2024-04-15"].map(day);
            let keys: Vec<NaiveDate> = keys.into_iter().filter(|_| dice.one_in(2)).collect();
            // Two rows of a list without a key say two things of one child.
            let has_key = !lists.is_empty() || top.columns.iter().any(|column| is_own_key(top, column));
            let one = is_exclusive(top) || !has_key;
            let keys = if one { keys.into_iter().take(1).collect() } else { keys };
            keys.into_iter().map(|key| record(dice, (top, key, None), lists)).collect()
        }
        Shape::OneDay => (0..2).map(|nth| record(dice, (top, first, Some(nth)), lists)).collect(),
        Shape::Moved => {
            let moved = (day(DAYS[1 + usize::from(dice.one_in(2))]), first + Days::new(1 + dice.roll(9)));
            vec![Record { moved: Some(moved), ..record(dice, (top, first, None), lists) }]
        }
    }
}

/// The rows in another order.
pub(crate) fn shuffle(dice: &mut Dice, rows: &mut [Row]) {
    for at in (1..rows.len()).rev() {
        rows.swap(at, usize::try_from(dice.roll(at as u64 + 1)).unwrap());
    }
}

fn silent(dice: &mut Dice) -> String {
    SILENT[usize::try_from(dice.roll(3)).unwrap()].to_owned()
}
