//! Two or three files about one child, of any list or of the census, leave the same journey and clocks behind in every order
//! in which they are imported. The files tell of one truth, each by its day; some of their cells say nothing, and a file may
//! not name the child at all. Every child is invented.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails in a helper fails the test")]
#![expect(dead_code, reason = "the ledger in memory serves other tests too")]

mod memory;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use domain::clocks::{ClockEngine, Question};
use domain::identifier::normal_form;
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use exchange::{Column, Layout, List, Options, Role, Subject, ValueKind, Window};
use memory::Memory;
use memory::columns::{codes_of, value};
use memory::lists::about;
use memory::rows::facts;

/// The days of the files.
const DAYS: [&str; 3] = ["2024-03-29", "2024-05-31", "2024-06-28"];

/// The day of the first record.
const FIRST: &str = "2023-11-06";

/// What a source writes where it says nothing.
const SILENT: [&str; 3] = ["TBC", "#N/A", "1900-01-01"];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// What is so of one record: each column with its values and the day from which a file can hold each.
struct Record {
    list: &'static List,
    key: NaiveDate,
    ended: Option<NaiveDate>,
    columns: Vec<(&'static Column, Vec<(NaiveDate, String)>)>,
    within: Vec<Record>,
}

/// A row or element of a file: its cells, and what stands within it.
#[derive(Clone)]
struct Row {
    list: &'static List,
    cells: Vec<(&'static str, String)>,
    within: Vec<Row>,
}

/// What a file says of the child; `None` of a cell: it is not there.
#[derive(Clone)]
struct File {
    on: NaiveDate,
    rows: Vec<Row>,
}

fn is_own_key(list: &List, column: &Column) -> bool {
    column.role == Role::Key && list.record_of(column) == list.record
}

/// A record that begins on a day, with what becomes of it until July 2024.
fn record(dice: &mut Dice, list: &'static List, key: NaiveDate, lists: &'static [List]) -> Record {
    let last = day("2024-07-31").signed_duration_since(key).num_days().unsigned_abs();
    let on = |dice: &mut Dice| key + Days::new(1 + dice.roll(last));
    let closing = list.events.iter().filter(|rule| {
        list.own_record()
            .and_then(|own| own.opened())
            .is_some_and(|role| list.ends_of(role).any(|end| end == rule.kind))
    });
    let closing: BTreeSet<&str> = closing.map(|rule| rule.on.as_str()).collect();
    let ended = (!closing.is_empty() && dice.one_in(3)).then(|| on(dice));
    let mut columns = Vec::new();
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
            (_, ValueKind::Date) if column.field == "entered_care_on" => vec![(key, "2023-10-02".to_owned())],
            (_, ValueKind::Date) => dice.one_in(2).then(|| dated(on(dice))).into_iter().collect(),
            (Role::State, ValueKind::Code) => {
                let codes = codes_of(column);
                let changes = changes(dice, key, on);
                changes
                    .into_iter()
                    .enumerate()
                    .map(|(nth, day)| (day, codes[nth % 2 % codes.len()].clone()))
                    .collect()
            }
            (Role::State, ValueKind::Name) => {
                let changes = changes(dice, key, on);
                changes
                    .into_iter()
                    .zip(["A. Invented", "B. Invented", "A. Invented"])
                    .map(|(day, name)| (day, name.to_owned()))
                    .collect()
            }
            (_, ValueKind::Flag) => {
                dice.one_in(2).then(|| (on(dice), flag(list).to_owned())).into_iter().collect()
            }
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
                && (key != day(FIRST) || within.iter().any(|held: &Record| held.list.code == other.code))
            {
                continue;
            }
            within.push(record(dice, other, begin, lists));
        }
    }
    within.sort_by_key(|record| (record.list.code.clone(), record.key));
    within.dedup_by_key(|record| (record.list.code.clone(), record.key));
    Record { list, key, ended, columns, within }
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

/// Of which a child has one at a time, so that two are a contradiction of the files.
fn is_exclusive(list: &List) -> bool {
    ["7", "8", "protection_plan"].contains(&list.code.as_str())
}

fn flag(list: &List) -> &'static str {
    if list.element.is_some() { "1" } else { "Y" }
}

/// How often a cell says nothing.
#[derive(Clone, Copy)]
struct Noise {
    one_in: u64,
    /// Whether a key may say nothing: its row is not read then.
    keys: bool,
    /// Whether a value may be emptied. Of three files only the cells that say nothing are varied: see `docs/imports.md`.
    empties: bool,
}

/// What a file of a day holds of a record; some cells say nothing.
fn seen(dice: &mut Dice, record: &Record, on: NaiveDate, noise: Noise) -> Option<Row> {
    let from = record.list.window_from(on);
    let in_window = match record.list.window {
        None => true,
        Some(Window::Starts) => from.is_none_or(|from| record.key >= from),
        Some(Window::Open) => record.ended.is_none_or(|ended| from.is_none_or(|from| ended >= from)),
    };
    if record.key > on || !in_window {
        return None;
    }
    let mut cells = Vec::new();
    for column in record.list.columns.iter().filter(|column| is_own_key(record.list, column)) {
        let text =
            if noise.keys && dice.one_in(2 * noise.one_in) { silent(dice) } else { record.key.to_string() };
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

fn silent(dice: &mut Dice) -> String {
    SILENT[usize::try_from(dice.roll(3)).unwrap()].to_owned()
}

/// The bytes of a file of a list, which also holds another child.
fn csv(list: &'static List, file: &File) -> Vec<u8> {
    let mut text = String::new();
    let line = |cells: Vec<String>| {
        cells.into_iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")
    };
    writeln!(text, "{}", line(list.columns.iter().map(|column| column.header().to_owned()).collect()))
        .unwrap();
    let key = list.columns.iter().find(|column| is_own_key(list, column));
    let other = Row {
        list,
        cells: key.map(|key| (key.field.as_str(), "2024-02-19".to_owned())).into_iter().collect(),
        within: Vec::new(),
    };
    let whose = |child: &'static str, row: &Row| {
        let cell = |column: &Column| match column.role {
            Role::Child | Role::Adopter => child.to_owned(),
            _ if column.field == "born_on" => "2015-05-04".to_owned(),
            Role::Identifier | Role::Key | Role::Attribute | Role::State | Role::Latest | Role::Derived => {
                row.cells
                    .iter()
                    .find(|(field, _)| *field == column.field)
                    .map_or(String::new(), |(_, text)| text.clone())
            }
        };
        line(list.columns.iter().map(cell).collect())
    };
    for row in &file.rows {
        writeln!(text, "{}", whose("Invented 1", row)).unwrap();
    }
    writeln!(text, "{}", whose("Invented 2", &other)).unwrap();
    text.into_bytes()
}

fn element(row: &Row, text: &mut String) {
    let name = row.list.element.as_deref().unwrap();
    write!(text, "<{name}>").unwrap();
    for (field, value) in &row.cells {
        let header = row.list.column(field).unwrap().header();
        write!(text, "<{header}>{value}</{header}>").unwrap();
    }
    row.within.iter().for_each(|inner| element(inner, text));
    write!(text, "</{name}>").unwrap();
}

fn census(file: &File) -> Vec<u8> {
    let mut text = format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year><ReferenceDate>{}</ReferenceDate>\
         </CollectionDetails><Source><LEA>999</LEA></Source></Header><Children>",
        file.on
    );
    let who = |child: &str| {
        format!(
            "<ChildIdentifiers><LAchildID>{child}</LAchildID><PersonBirthDate>2015-05-04</PersonBirthDate></ChildIdentifiers>"
        )
    };
    // The other child has every element, so that none is missing from the file.
    let every = "<CINdetails><CINreferralDate>2024-01-10</CINreferralDate><ReferralSource>1A</ReferralSource><PrimaryNeedCode>N1\
         </PrimaryNeedCode><ReferralNFA>0</ReferralNFA><CINclosureDate>2024-03-20</CINclosureDate><ReasonForClosure>RC1</ReasonForClosure>\
         <DateOfInitialCPC>2024-01-15</DateOfInitialCPC><Assessments><AssessmentActualStartDate>2024-01-10</AssessmentActualStartDate>\
         <AssessmentInternalReviewDate>2024-01-12</AssessmentInternalReviewDate><AssessmentAuthorisationDate>2024-02-12\
         </AssessmentAuthorisationDate></Assessments><CINPlanDates><CINPlanStartDate>2024-02-10</CINPlanStartDate><CINPlanEndDate>2024-02-20\
         </CINPlanEndDate></CINPlanDates><Section47><S47ActualStartDate>2024-01-11</S47ActualStartDate><DateOfInitialCPC>2024-01-20\
         </DateOfInitialCPC><ICPCnotRequired>0</ICPCnotRequired></Section47><ChildProtectionPlans><CPPstartDate>2024-01-20</CPPstartDate>\
         <CPPendDate>2024-03-10</CPPendDate><InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse><LatestCategoryOfAbuse>NEG\
         </LatestCategoryOfAbuse><NumberOfPreviousCPP>0</NumberOfPreviousCPP><Reviews><CPPreviewDate>2024-03-01</CPPreviewDate></Reviews>\
         </ChildProtectionPlans></CINdetails>";
    if !file.rows.is_empty() {
        write!(text, "<Child>{}", who("Invented1")).unwrap();
        file.rows.iter().for_each(|row| element(row, &mut text));
        write!(text, "</Child>").unwrap();
    }
    write!(text, "<Child>{}{every}</Child></Children></Message>", who("Invented2")).unwrap();
    text.into_bytes()
}

/// What files leave behind.
#[derive(PartialEq, Eq, Default)]
struct After {
    facts: BTreeSet<String>,
    clocks: BTreeSet<String>,
    /// How many events the same files add when they come again.
    added: usize,
}

/// `None` where a row waits for an answer.
fn after(files: &[(Vec<u8>, NaiveDate)], order: &[usize], subject: &Subject) -> Option<After> {
    let mut memory = Memory::default();
    for at in order {
        let (bytes, on) = &files[*at];
        let done = memory.import(bytes, &options(*on));
        if done.questions.iter().any(|question| !question.inferred) {
            return None;
        }
    }
    let Some(held) = memory.held_of(subject) else { return Some(After::default()) };
    let journey = Journey::known(held, KnownAt::NOW);
    let (facts, clocks) = (facts(&journey), states(&journey));
    let added = order.iter().map(|at| memory.import(&files[*at].0, &options(files[*at].1)).events).sum();
    Some(After { facts, clocks, added })
}

fn options(on: NaiveDate) -> Options {
    about(&on.to_string())
}

/// The states of the clocks of a journey, each with its rule and first day.
fn states(journey: &Journey) -> BTreeSet<String> {
    static ENGINE: LazyLock<ClockEngine<'_>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));
    let answers = ENGINE.run(journey, &Question::as_at(day(DAYS[2])));
    let state = |clock: &domain::clocks::Clock<'_>| {
        format!("{} {:?} {}", clock.rule.id.as_str(), clock.due_on, clock.state.name())
    };
    answers.clocks.iter().map(state).collect()
}

fn orders(files: usize) -> Vec<Vec<usize>> {
    let all = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut orders: Vec<Vec<usize>> =
        all.iter().map(|order| order.iter().copied().filter(|at| *at < files).collect()).collect();
    orders.sort();
    orders.dedup();
    orders
}

/// In what two orders of the same files differ; nothing where they do not.
fn differs(files: &[File], write: impl Fn(&File) -> Vec<u8>, subject: &Subject) -> Option<String> {
    let bytes: Vec<(Vec<u8>, NaiveDate)> = files.iter().map(|file| (write(file), file.on)).collect();
    let mut first: Option<After> = None;
    for order in orders(files.len()) {
        let after = after(&bytes, &order, subject)?;
        let Some(first) = &first else {
            if after.added > 0 {
                return Some(format!("in the order of their days, again {}", after.added));
            }
            first = Some(after);
            continue;
        };
        if after != *first {
            let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
                one.difference(other).cloned().collect::<Vec<_>>().join("\n      ")
            };
            return Some(format!(
                "{order:?}: by day\n      {}\n      {}\n    otherwise\n      {}\n      {}\n    again {}",
                only(&first.facts, &after.facts),
                only(&first.clocks, &after.clocks),
                only(&after.facts, &first.facts),
                only(&after.clocks, &first.clocks),
                after.added
            ));
        }
    }
    None
}

/// The fewest rows and cells that still differ.
fn smallest(mut files: Vec<File>, differs: impl Fn(&[File]) -> Option<String>) -> (Vec<File>, String) {
    let mut told = differs(&files).unwrap();
    loop {
        let smaller = smaller(&files).into_iter().find_map(|files| differs(&files).map(|told| (files, told)));
        let Some((next, why)) = smaller else { return (files, told) };
        (files, told) = (next, why);
    }
}

fn smaller(files: &[File]) -> Vec<Vec<File>> {
    let mut all = Vec::new();
    if files.len() > 2 {
        all.extend((0..files.len()).map(|at| {
            let mut fewer = files.to_vec();
            fewer.remove(at);
            fewer
        }));
    }
    for at in 0..files.len() {
        for rows in fewer(&files[at].rows) {
            let mut changed = files.to_vec();
            changed[at].rows = rows;
            all.push(changed);
        }
    }
    // The same cell in every file.
    let fields: BTreeSet<&'static str> = files
        .iter()
        .flat_map(|file| &file.rows)
        .flat_map(|row| row.cells.iter().map(|cell| cell.0))
        .collect();
    for field in fields {
        let mut changed = files.to_vec();
        let is_key = |row: &Row| row.list.column(field).is_some_and(|column| is_own_key(row.list, column));
        for row in changed.iter_mut().flat_map(|file| &mut file.rows) {
            if !is_key(row) {
                row.cells.retain(|cell| cell.0 != field);
            }
        }
        if changed.iter().zip(files).any(|(new, old)| {
            new.rows.iter().zip(&old.rows).any(|(new, old)| new.cells.len() < old.cells.len())
        }) {
            all.insert(0, changed);
        }
    }
    all
}

/// The same rows without one of them, or one of its cells.
fn fewer(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut all = Vec::new();
    for at in 0..rows.len() {
        for within in fewer(&rows[at].within) {
            let mut without = rows.to_vec();
            without[at].within = within;
            all.push(without);
        }
    }
    all
}

fn show(rows: &[Row], depth: usize) -> String {
    rows.iter()
        .map(|row| {
            format!(
                "\n      {}{} {:?}{}",
                "  ".repeat(depth),
                row.list.code,
                row.cells,
                show(&row.within, depth + 1)
            )
        })
        .collect()
}

fn wrong(
    format: &str,
    samples: u64,
    lists: &'static [List],
    top: &'static List,
    write: impl Fn(&File) -> Vec<u8>,
    subject: &Subject,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for seed in 0..samples {
        let mut dice = Dice(
            seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ^ u64::try_from(format.len()).unwrap()
                ^ top.code.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)),
        );
        dice.roll(2);
        let keys = [FIRST, "2024-02-05", "2024-04-15"].map(day);
        let keys: Vec<NaiveDate> = keys.into_iter().filter(|_| dice.one_in(2)).collect();
        // Two rows of a list without a key say two things of one child.
        let has_key = !lists.is_empty() || top.columns.iter().any(|column| is_own_key(top, column));
        let keys = if is_exclusive(top) || !has_key { keys.into_iter().take(1).collect() } else { keys };
        let records: Vec<Record> = keys.into_iter().map(|key| record(&mut dice, top, key, lists)).collect();
        let two = dice.one_in(2);
        let one_in = [1_000_000, 40, 12][usize::try_from(dice.roll(3)).unwrap()];
        let noise = Noise { one_in, keys: true, empties: two };
        let mut files: Vec<File> = DAYS
            .iter()
            .map(|on| {
                let rows =
                    records.iter().filter_map(|record| seen(&mut dice, record, day(on), noise)).collect();
                File { on: day(on), rows }
            })
            .collect();
        // A list without a window tells nothing by whom it does not name.
        if dice.one_in(8) && top.window.is_some() {
            let at = usize::try_from(dice.roll(3)).unwrap();
            files[at].rows.clear();
        }
        if two {
            files.remove(usize::try_from(dice.roll(3)).unwrap());
        }
        let differs = |files: &[File]| differs(files, &write, subject);
        if differs(&files).is_some() {
            let (files, told) = smallest(files, differs);
            let shown: String =
                files.iter().map(|file| format!("\n    {}{}", file.on, show(&file.rows, 0))).collect();
            wrong.push(format!("{format} {} seed {seed}:{shown}\n    {told}", top.code));
        }
    }
    wrong
}

fn samples() -> u64 {
    std::env::var("SAMPLES").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

#[test]
fn files_of_one_list_leave_the_same_behind_in_every_order() {
    let only = std::env::var("LIST").ok();
    let mut all = Vec::new();
    for list in &Layout::annex_a().lists {
        if only.as_ref().is_some_and(|only| *only != list.code) {
            continue;
        }
        let named = list.columns.iter().any(|column| column.role == Role::Child);
        let id = normal_form("Invented 1");
        let subject = if named { Subject::Child(id) } else { Subject::Adopter(id) };
        all.extend(wrong("list", samples(), &[], list, |file| csv(list, file), &subject));
    }
    assert!(all.is_empty(), "{} differ:\n{}", all.len(), all.join("\n"));
}

#[test]
fn files_of_the_census_leave_the_same_behind_in_every_order() {
    let lists = &Layout::cin_census().lists;
    let top = lists.iter().find(|list| list.code == "referral").unwrap();
    let subject = Subject::Child(normal_form("Invented1"));
    let all = wrong("census", samples() * 6, lists, top, census, &subject);
    assert!(all.is_empty(), "{} differ:\n{}", all.len(), all.join("\n"));
}
