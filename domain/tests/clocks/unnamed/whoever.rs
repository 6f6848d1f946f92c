//! Acts that name nothing where two processes can be meant, tried as acts of the one and of the other: what holds whosever
//! they are is said.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use domain::clocks::{Question, State};
use domain::events::{EntityRole, Kind, Stage};

use super::chapters::{Act, story};
use super::dice::Dice;
use super::several::twice;
use super::{cases, report};
use crate::support::{Story, day};

/// Which clock: its rule and version, and the day of its start.
type Which = (String, String, String);

/// What a clock says, as far as it is told. A last day that passed is a breach, open or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Met,
    Breach,
    Open,
    NotApplicable,
    Untold,
}

fn said(state: State) -> Said {
    match state {
        State::Met | State::TooEarly => Said::Met,
        State::Late | State::Overdue => Said::Breach,
        State::Running | State::DueSoon => Said::Open,
        State::NotApplicable => Said::NotApplicable,
        State::CannotTell(_) | State::HistoryIncomplete => Said::Untold,
    }
}

/// What the clocks of processes say; those that start on one day under one rule together.
fn told(story: &Story, on: NaiveDate) -> BTreeMap<Which, Vec<Said>> {
    let mut all: BTreeMap<Which, Vec<Said>> = BTreeMap::new();
    for clock in story.answers(&Question::as_at(on)).clocks.iter().filter(|clock| clock.occurrence == 0) {
        let (rule, version) = (clock.rule.id.to_string(), clock.version.name.to_string());
        all.entry((rule, version, clock.start.occurred.to_string())).or_default().push(said(clock.state));
    }
    all.values_mut().for_each(|said| said.sort());
    all
}

/// The same act of the other chapter.
fn of_other(act: &Act) -> Act {
    let mut act = act.clone();
    for (_, number) in &mut act.of {
        *number = if *number < 20_000 { *number + 10_000 } else { *number - 10_000 };
    }
    act
}

/// Whether an act can be of the processes that it names: each had begun and not ended. What goes before a beginning can be of
/// any.
fn is_possible(acts: &[Act], act: &Act) -> bool {
    let is_possible = |named: &(EntityRole, u128)| {
        let of_it = |other: &&Act| other.of.contains(named) && other.kind.own_role() == Some(named.0);
        let mut begun = acts.iter().filter(|other| other.begins(named.0)).filter(of_it);
        let ended = |other: &&Act| other.kind.stage() == Stage::Ends && other.on < act.on;
        let is_own = act.kind.own_role() == Some(named.0);
        let goes_before = |began: &Act| is_own && act.kind.rank() < began.kind.rank();
        let is_after_end = !is_own || act.kind.stage() == Stage::Accompanies;
        begun.any(|began| began.on <= act.on || goes_before(began))
            && (is_after_end || !acts.iter().filter(of_it).any(|other| ended(&other)))
    };
    act.of.iter().all(is_possible)
}

/// Whether a journey holds two processes in a role at most, so that no third one can be meant. Nothing opens an adoption case,
/// so that one more may be.
fn is_one_of_two(acts: &[Act], role: EntityRole) -> bool {
    let named = acts.iter().flat_map(|act| &act.of).filter(|named| named.0 == role);
    role != EntityRole::AdoptionCase && named.collect::<BTreeSet<_>>().len() <= 2
}

/// Whether no process has two acts of a kind that is done once for each.
fn has_each_once(acts: &[Act]) -> bool {
    let once = [
        (Kind::ContactScreened, EntityRole::Contact),
        (Kind::RhiHeld, EntityRole::MissingEpisode),
        (Kind::ReviewDecisionsCirculated, EntityRole::Review),
        (Kind::ReviewRecordCirculated, EntityRole::Review),
        (Kind::InitialConferenceHeld, EntityRole::Enquiry),
    ];
    let mut found = BTreeSet::new();
    let done = acts.iter().flat_map(|act| act.of.iter().map(|named| (act.kind, *named)));
    let mut once = done.filter(|(kind, named)| once.contains(&(*kind, named.0)));
    once.all(|done| found.insert(done))
}

/// Every way in which some acts are of the one or of the other.
fn readings(told: &[Act], unnamed: &[usize]) -> Vec<Vec<Act>> {
    let reading = |which: u32| -> Vec<Act> {
        let is_other =
            |at: usize| unnamed.iter().position(|one| *one == at).is_some_and(|bit| which >> bit & 1 == 1);
        let acts = told.iter().enumerate();
        acts.map(|(at, act)| if is_other(at) { of_other(act) } else { act.clone() }).collect()
    };
    let is_reading = |acts: &Vec<Act>| {
        let mut meant = acts.iter().enumerate().filter(|(at, _)| unnamed.contains(at));
        meant.all(|(_, act)| is_possible(acts, act)) && has_each_once(acts)
    };
    (0..1_u32 << unnamed.len()).map(reading).filter(is_reading).collect()
}

#[test]
fn what_holds_whosever_an_act_is_is_said() {
    let (first, number) = cases(200);
    let mut wrong = BTreeMap::<String, (usize, String)>::new();
    for seed in first..first + number {
        let mut dice = Dice::new(seed);
        let acts = twice(&mut dice);
        let on = day("2021-06-20") + Days::new(dice.below(1000));
        let begins = |act: &Act| act.of.iter().any(|named| act.begins(named.0));
        let may_be_tried =
            |at: &usize| !begins(&acts[*at]) && acts[*at].of.iter().all(|it| is_one_of_two(&acts, it.0));
        let places: Vec<usize> = (0..acts.len()).filter(may_be_tried).collect();
        if places.is_empty() {
            continue;
        }
        let any = |dice: &mut Dice| places[usize::try_from(dice.below(places.len() as u64)).expect("few")];
        let unnamed: BTreeSet<usize> = (0..1 + dice.below(2)).map(|_| any(&mut dice)).collect();
        let unnamed: Vec<usize> = unnamed.into_iter().collect();
        let readings = readings(&acts, &unnamed);
        let mut less = acts.clone();
        unnamed.iter().for_each(|at| less[*at].of.clear());
        let all: Vec<_> = readings.iter().map(|acts| told(&story(acts), on)).collect();
        let left = told(&story(&less), on);
        let Some(one) = all.first() else { continue };
        for (which, agreed) in
            one.iter().filter(|(which, said)| all.iter().all(|it| it.get(*which) == Some(said)))
        {
            let untold = left.get(which).is_none_or(|left| left != agreed);
            if untold && !agreed.contains(&Said::Untold) {
                let mut sorted: Vec<&Act> = acts.iter().collect();
                sorted.sort_by_key(|act| act.on);
                let line = |act: &&Act| format!("{} {} {:?}\n", act.on, act.kind.name(), act.of);
                let gone: Vec<_> = unnamed.iter().map(|at| (acts[*at].on, acts[*at].kind.name())).collect();
                let text = format!(
                    "seed {seed} on {on}: {} readings, unnamed {gone:?}\n{}{which:?}: {agreed:?}, left {:?}",
                    readings.len(),
                    sorted.iter().map(line).collect::<String>(),
                    left.get(which)
                );
                wrong.entry(which.0.clone()).or_insert((0, text)).0 += 1;
            }
        }
    }
    report(&wrong);
}
