//! Two or three files about one child, of any list or of the census, leave the same journey and clocks behind in every order
//! in which they are imported. The files tell of one truth, each by its day; some of their cells say nothing, and a file may
//! not name the child at all. Every child is invented.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::memory::Memory;
use crate::memory::lists::about;
use crate::memory::rows::facts;
use crate::smaller::{show, smallest};
use crate::truth::{
    DAYS, Dice, File, Noise, Row, Shape, day, is_exclusive, is_own_key, records, seen, shuffle,
};
use crate::written::{census, csv};
use chrono::NaiveDate;
use domain::clocks::{ClockEngine, Question};
use domain::identifier::normal_form;
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use exchange::{Layout, List, Options, Role, Subject};

/// What files leave behind.
#[derive(PartialEq, Eq, Default)]
struct After {
    facts: BTreeSet<String>,
    clocks: BTreeSet<String>,
    /// What the same files add when they come again, by kind.
    added: Vec<String>,
}

impl After {
    /// Whether two orders leave the same behind. What an older file states and a newer one, imported before it, could not
    /// read stays open: its clocks are *history incomplete* in that order alone (`docs/imports.md`).
    fn is_as(&self, other: &Self, files: &[File]) -> bool {
        let open = |after: &Self| -> BTreeSet<String> {
            let open = after.clocks.iter().filter_map(|clock| clock.strip_suffix("history_incomplete"));
            open.map(str::to_owned).collect()
        };
        let either: BTreeSet<String> = open(self).union(&open(other)).cloned().collect();
        let is_unread = files.iter().any(|file| is_unread(&file.rows));
        let told = |after: &Self| -> BTreeSet<String> {
            let is_open =
                |clock: &&String| is_unread && either.iter().any(|open| clock.starts_with(open.as_str()));
            after.clocks.iter().filter(|clock| !is_open(clock)).cloned().collect()
        };
        self.facts == other.facts && self.added == other.added && told(self) == told(other)
    }
}

/// Whether a cell of a row could not be read.
fn is_unread(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.cells.iter().any(|(_, text)| text == "#N/A") || is_unread(&row.within))
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
    let again = order.iter().map(|at| (files[*at].1, memory.import(&files[*at].0, &options(files[*at].1))));
    let added = again
        .filter(|(_, done)| done.events > 0)
        .map(|(on, done)| format!("{on} {:?} {:?}", done.kinds, done.facts))
        .collect();
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
            if !after.added.is_empty() {
                return Some(format!("in the order of their days, again {:?}", after.added));
            }
            first = Some(after);
            continue;
        };
        if !after.is_as(first, files) {
            let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
                one.difference(other).cloned().collect::<Vec<_>>().join("\n      ")
            };
            return Some(format!(
                "{order:?}: by day\n      {}\n      {}\n    otherwise\n      {}\n      {}\n    again {:?}",
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

fn wrong(
    format: &str,
    samples: u64,
    lists: &'static [List],
    top: &'static List,
    write: impl Fn(&File) -> Vec<u8>,
    subject: &Subject,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for seed in seeds(samples) {
        let mut dice = Dice(
            seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ^ u64::try_from(format.len()).unwrap()
                ^ top.code.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)),
        );
        dice.roll(2);
        let shape = shape(&mut dice, top);
        let records = records(&mut dice, (top, shape), lists);
        let two = dice.one_in(2);
        let one_in = [1_000_000, 40, 12][usize::try_from(dice.roll(3)).unwrap()];
        // A row without its key may be the other one of its day, or the one whose day is corrected.
        let noise = Noise { one_in, keys: shape == Shape::Apart, empties: two };
        let mut files: Vec<File> = DAYS
            .iter()
            .map(|on| {
                let mut rows: Vec<Row> =
                    records.iter().filter_map(|record| seen(&mut dice, record, day(on), noise)).collect();
                shuffle(&mut dice, &mut rows);
                File { on: day(on), rows }
            })
            .collect();
        // A list without a window tells nothing by whom it does not name.
        if dice.one_in(8) && top.window.is_some() && shape != Shape::Moved {
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
            wrong.push(format!("{format} {} seed {seed} {shape:?}:{shown}\n    {told}", top.code));
        }
    }
    wrong
}

/// What the files of a sample are about.
fn shape(dice: &mut Dice, top: &List) -> Shape {
    let has_key = top.columns.iter().any(|column| is_own_key(top, column));
    match dice.roll(4) {
        0 if has_key && !is_exclusive(top) => Shape::OneDay,
        1 if has_key => Shape::Moved,
        _ => Shape::Apart,
    }
}

/// The seeds of the samples: the first ones, or those that `SEEDS` names.
fn seeds(samples: u64) -> Vec<u64> {
    let named = std::env::var("SEEDS").ok();
    let named = named.map(|text| text.split(',').filter_map(|seed| seed.parse().ok()).collect());
    named.unwrap_or_else(|| (0..samples).collect())
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
