//! A process of any role that was withdrawn and entered again under another id, while every act goes on naming the old one.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::clocks::Question;
use domain::events::EntityRole;

use super::chapters::{ADOPTION, Act, CHAPTERS, any_chapter, chapter, story, tell};
use super::dice::Dice;
use super::{cases, differences, report};
use crate::support::{Story, day, sayings};

type Named = (EntityRole, u128);

/// A number that no chapter gives.
const ANEW: u128 = 999_999;

#[test]
fn what_names_a_withdrawn_process_is_of_the_one_entered_in_its_place_whatever_its_role() {
    let (first, number) = cases(300);
    let mut wrong = BTreeMap::<String, (usize, String)>::new();
    for seed in first..first + number {
        let mut dice = Dice::new(seed);
        let lines = any_chapter(&mut dice, &mut CHAPTERS.to_vec());
        let mut acts = chapter(lines, day("2021-06-01") + Days::new(dice.below(300)), 1, &mut dice);
        acts.sort_by_key(|act| act.on);
        let on = day("2021-06-20") + Days::new(dice.below(1000));
        for (at, began) in acts.iter().enumerate() {
            let Some(gone) = begun(began) else { continue };
            let at_once: Vec<Act> = acts.iter().map(|act| renamed(act, gone)).collect();
            let again = withdrawn(tell(story(&acts), &renamed(began, gone)), at + 3);
            let differences = differences(&said_on(&story(&at_once), on), &said_on(&again, on));
            if !differences.is_empty() {
                let acts: Vec<String> =
                    acts.iter().map(|act| format!("{} {} {:?}", act.on, act.kind.name(), act.of)).collect();
                let text = format!("seed {seed} on {on}\n{}\n{}", acts.join("\n"), differences.join("\n"));
                wrong.entry(gone.0.name().to_owned()).or_insert((0, text)).0 += 1;
            }
        }
    }
    report(&wrong);
}

/// The process that an act begins.
fn begun(act: &Act) -> Option<Named> {
    let own = act.kind.own_role().filter(|own| act.begins(*own))?;
    act.of.iter().copied().find(|(role, _)| *role == own)
}

fn renamed(act: &Act, gone: Named) -> Act {
    let mut act = act.clone();
    act.of.iter_mut().filter(|named| **named == gone).for_each(|named| named.1 = ANEW);
    act
}

fn withdrawn(story: Story, number: usize) -> Story {
    let target = format!("00000000-0000-0000-0000-{number:012x}");
    let details = format!(r#"{{"target":"{target}","reason":"typing_error","inferred":false}}"#);
    story.told("2024-12-01", "event_withdrawn", &details, &[])
}

/// Nothing opens an adoption case, so that any of its acts may be all that was entered again.
#[test]
fn an_adoption_case_that_was_entered_again_in_part_keeps_all_its_acts() {
    let (first, number) = cases(300);
    let mut wrong = BTreeMap::<String, (usize, String)>::new();
    for seed in first..first + number {
        let mut dice = Dice::new(seed);
        let mut acts = chapter(ADOPTION, day("2021-06-01") + Days::new(dice.below(300)), 1, &mut dice);
        acts.sort_by_key(|act| act.on);
        // By then everything is known, also that the number was changed.
        let last = acts.last().map_or(day("2021-06-01"), |act| act.on);
        let on = last + Days::new(dice.below(700));
        let Some(gone) = acts.iter().find_map(begun) else { continue };
        let at_once: Vec<Act> = acts.iter().map(|act| renamed(act, gone)).collect();
        let certain = dice.below(acts.len() as u64);
        let again = acts.iter().enumerate().filter(|(at, _)| *at as u64 == certain || dice.below(2) == 0);
        let told =
            again.fold(story(&acts), |story, (at, act)| withdrawn(tell(story, &renamed(act, gone)), at + 3));
        let differences = differences(&said_on(&story(&at_once), on), &said_on(&told, on));
        if !differences.is_empty() {
            let acts: Vec<String> =
                acts.iter().map(|act| format!("{} {}", act.on, act.kind.name())).collect();
            let text = format!("seed {seed} on {on}\n{}\n{}", acts.join("\n"), differences.join("\n"));
            wrong.entry(gone.0.name().to_owned()).or_insert((0, text)).0 += 1;
        }
    }
    report(&wrong);
}

/// Everything that is answered on a day but for how often and how late entries were made, which is about the record itself.
fn said_on(story: &Story, on: NaiveDate) -> Vec<String> {
    let mut said = sayings(&story.answers(&Question::as_at(on)));
    said.retain(|line| !line.starts_with("RC-"));
    said
}
