//! Acts that name nothing: where only one process can be meant, every answer is the one that is given where the act names
//! it; where several can be, none is another certain one. Every child is invented.

mod chapters;
mod dice;
mod entered_again;
mod entries;
mod settled;
mod several;
mod whoever;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::clocks::Question;
use domain::events::EntityRole;
use domain::processes::{Processes, derived};
use domain::rules::RuleBook;

use crate::support::{Story, day, sayings};
use chapters::{Act, CHAPTERS, any_chapter, chapter, story};
use dice::Dice;

/// How many journeys are tried: a few with every run of the tests, more where one asks for them.
fn cases(few: u64) -> (u64, u64) {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (asked("CASELEDGER_SEED").unwrap_or(0), asked("CASELEDGER_CASES").unwrap_or(few))
}

/// Chapters of one child, none of them twice.
fn journey(dice: &mut Dice) -> Vec<Act> {
    let from = day("2021-06-01");
    let mut acts = Vec::new();
    let mut left = CHAPTERS.to_vec();
    for number in 0..1 + dice.below(2) {
        let lines = any_chapter(dice, &mut left);
        let begun = from + Days::new(dice.below(300));
        acts.extend(chapter(lines, begun, u128::from(number) + 1, dice));
    }
    acts
}

/// Whether a process is the only one of its role in a journey, and is on record on a day.
fn is_only(acts: &[Act], named: (EntityRole, u128), on: NaiveDate) -> bool {
    let is_on_record = acts.iter().any(|act| act.begins(named.0) && act.of.contains(&named) && act.on <= on);
    is_on_record && acts.iter().flat_map(|act| &act.of).all(|other| other.0 != named.0 || *other == named)
}

/// The same acts, of which some do not name some of the processes that `may` be left out.
fn stripped(acts: &[Act], dice: &mut Dice, may: impl Fn(&Act, (EntityRole, u128)) -> bool) -> Vec<Act> {
    let often = 1 + dice.below(4);
    let mut less = acts.to_vec();
    for (act, told) in less.iter_mut().zip(acts) {
        act.of.retain(|named| told.begins(named.0) || !may(told, *named) || dice.below(4) >= often);
    }
    less
}

fn answers(story: &Story, on: NaiveDate) -> Vec<String> {
    let mut said = sayings(&story.answers(&Question::as_at(on)));
    said.extend(running(story, on));
    said
}

/// What runs on a day, as statuses tell it.
fn running(story: &Story, on: NaiveDate) -> Vec<String> {
    let journey = story.journey();
    let events: Vec<_> = journey.events.iter().collect();
    let endings = RuleBook::built_in().endings();
    let derived = derived(&events, endings, on);
    let processes = Processes::of(&events, &derived, endings);
    let own = processes.iter().filter(|process| process.has_own_events);
    let mut said: Vec<String> = own
        .map(|process| format!("{} {} runs: {}", process.role, process.entity, process.runs_on(on)))
        .collect();
    said.sort();
    said
}

fn differences(one: &[String], other: &[String]) -> Vec<String> {
    let lack = |from: &[String], of: &[String], mark: &str| -> Vec<String> {
        from.iter().filter(|line| !of.contains(line)).map(|line| format!("{mark} {line}")).collect()
    };
    [lack(one, other, "-"), lack(other, one, "+")].concat()
}

#[test]
fn an_act_that_names_nothing_is_of_the_only_process_that_it_can_be_of() {
    let (first, number) = cases(300);
    let mut wrong = BTreeMap::<String, (usize, String)>::new();
    for seed in first..first + number {
        let mut dice = Dice::new(seed);
        let told = journey(&mut dice);
        let on = day("2021-06-20") + Days::new(dice.below(1000));
        let less = stripped(&told, &mut dice, |_, named| is_only(&told, named, on));
        let differences = differences(&answers(&story(&told), on), &answers(&story(&less), on));
        for line in &differences {
            let rule = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let entry = wrong.entry(rule).or_insert_with(|| {
                (0, format!("seed {seed} on {on}\n{}{}", differing(&told, &less), differences.join("\n")))
            });
            entry.0 += 1;
        }
    }
    report(&wrong);
}

fn differing(told: &[Act], less: &[Act]) -> String {
    let mut both: Vec<(&Act, &Act)> = told.iter().zip(less).collect();
    both.sort_by_key(|(act, _)| act.on);
    let line = |(told, less): &(&Act, &Act)| {
        let lost: Vec<_> = told.of.iter().filter(|named| !less.of.contains(named)).collect();
        format!("{} {} {:?} not {lost:?}\n", told.on, told.kind.name(), less.of)
    };
    both.iter().map(line).collect()
}

fn report(wrong: &BTreeMap<String, (usize, String)>) {
    let summary: Vec<String> = wrong.iter().map(|(rule, (n, _))| format!("{rule}: {n}")).collect();
    let shown: Vec<&str> = wrong.values().map(|(_, text)| text.as_str()).collect();
    assert!(wrong.is_empty(), "{}\n{}", summary.join(", "), shown.join("\n\n"));
}
