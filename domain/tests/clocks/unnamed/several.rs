//! Journeys in which several processes of one role can be meant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use domain::clocks::{Looked, Question, State, Tick};
use domain::events::EntityRole;
use domain::processes::{Processes, derived};
use domain::rules::{RuleBook, Subject};

use super::chapters::{Act, CHAPTERS, any_chapter, chapter, story};
use super::dice::Dice;
use super::{cases, differing, report, stripped};
use crate::support::{Story, day, process};

/// Everything that is told for certain on a day, each line with what it is about and what is said. A clock of a start that
/// names no process is told by its start, as are those of `told` that may be it.
fn certain(story: &Story, told: Option<&[Act]>, on: NaiveDate) -> BTreeMap<String, BTreeSet<String>> {
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let answers = story.answers(&Question::as_at(on));
    let mut tell = |about: String, what: String| {
        said.entry(about).or_default().insert(what);
    };
    for clock in &answers.clocks {
        if !matches!(clock.state, State::CannotTell(_) | State::HistoryIncomplete) {
            let (entity, start) = (clock.entity, &clock.start);
            let is_named =
                |told: &[Act]| told.iter().flat_map(|act| &act.of).any(|it| process(it.1) == entity);
            let by_start = clock.occurrence == 0 && matches!(clock.per, Subject::Process(_));
            let of_start = format!("{} {} from {}", clock.rule.id, clock.version.name, start.occurred);
            let link = if clock.occurrence > 0 { start.occurred.to_string() } else { String::new() };
            let entity = if clock.per == Subject::Event { String::new() } else { entity.to_string() };
            let about = format!("{} {} {entity} {link}", clock.rule.id, clock.version.name);
            // How soon it is due is told with its last day.
            let state = if clock.state == State::DueSoon { State::Running } else { clock.state };
            if by_start && !told.is_some_and(is_named) {
                tell(of_start, format!("{state:?}"));
            }
            if !by_start || told.is_none_or(is_named) {
                tell(about, format!("{state:?}"));
            }
        }
    }
    for looked in &answers.look_backs {
        if !matches!(looked.answer, Looked::CannotTell(_) | Looked::HistoryIncomplete) {
            tell(format!("{} {}", looked.rule.id, looked.event.occurred), format!("{:?}", looked.answer));
        }
    }
    for member in &answers.tallies {
        // What lists clocks says no more than they do.
        let of_clocks = matches!(member.rule.id.as_str(), "CP-18" | "RC-02");
        if matches!(member.tick, Tick::Counted | Tick::NotCounted) && !of_clocks {
            let about = format!("{} {:?} {}", member.rule.id, member.member.kind, member.member.occurred);
            tell(about, format!("{:?}", member.tick));
        }
    }
    said
}

#[test]
fn an_act_that_may_be_of_several_gives_no_other_certain_answer() {
    let (first, number) = cases(300);
    let mut wrong = BTreeMap::<String, (usize, String)>::new();
    for seed in first..first + number {
        let mut dice = Dice::new(seed);
        let told = twice(&mut dice);
        let on = day("2021-06-20") + Days::new(dice.below(1000));
        let less = stripped(&told, &mut dice, |act, named| !is_over_before(&told, act, named));
        let (whole, left) = (certain(&story(&told), None, on), certain(&story(&less), Some(&told), on));
        for (about, said) in &left {
            let none = BTreeSet::new();
            let held = whole.get(about).unwrap_or(&none);
            // The last day passed; whether it was done or ended since is not told.
            let is_breach = |what: &String| what == "Overdue" && held.contains("Late");
            if !said.iter().all(|what| held.contains(what) || is_breach(what)) {
                let rule = about.split(' ').next().unwrap_or_default().to_owned();
                let text = format!(
                    "seed {seed} on {on}\n{}\n{about}: {held:?}, left {said:?}",
                    differing(&told, &less)
                );
                wrong.entry(rule).or_insert((0, text)).0 += 1;
            }
        }
    }
    report(&wrong);
}

/// Whether a process was over, by an end of its own or by the table, before the day of an act that names it: such an act has
/// to name it.
fn is_over_before(told: &[Act], act: &Act, (role, number): (EntityRole, u128)) -> bool {
    let journey = story(told).journey();
    let events: Vec<_> = journey.events.iter().collect();
    let endings = RuleBook::built_in().endings();
    let derived = derived(&events, endings, NaiveDate::MAX);
    let processes = Processes::of(&events, &derived, endings);
    let eve = act.on.pred_opt().expect("a day before");
    processes.get(role, process(number)).is_some_and(|process| process.may_be_over(eve))
}

/// The same chapter twice.
pub(super) fn twice(dice: &mut Dice) -> Vec<Act> {
    let from = day("2021-06-01");
    let lines = any_chapter(dice, &mut CHAPTERS.to_vec());
    let begun = |dice: &mut Dice| from + Days::new(dice.below(500));
    let (one, other) = (begun(dice), begun(dice));
    let mut acts = chapter(lines, one, 1, dice);
    acts.extend(chapter(lines, other, 2, dice));
    acts
}
