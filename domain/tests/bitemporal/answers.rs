//! The clock engine against the slow clocks, and against itself on a record in which nothing was ever amended.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use domain::clocks::{Answers, ClockEngine, Looked, Question, State, Tick};
use domain::events::{EntityRole, Kind, Stage};
use domain::ids::EntityId;
use domain::journey::{Basis, Journey, KnownAt, KnownEvent};
use domain::rules::{RuleBook, Subject};
use proptest::prelude::*;
use uuid::Uuid;

use crate::slow_clocks::{self, Stands, Which};
use crate::slow_view::{facts, known};
use crate::world::{DAYS, Entry, Fact, Say, WHAT, When, date, history, known_at, recorded};

static ENGINE: LazyLock<ClockEngine<'static>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));

const STREAM: u128 = 99;
/// The rules that `slow_clocks` counts.
const COUNTED: &[&str] = &["CP-04", "AS-03a", "CT-01", "LAC-01", "MS-01", "CP-10", "FD-03"];

fn asked(journey: &Journey, as_at: NaiveDate) -> Answers<'static> {
    ENGINE.run(journey, &Question::as_at(as_at))
}

fn stands(state: State) -> Stands {
    match state {
        State::Running => Stands::Running,
        State::DueSoon => Stands::DueSoon,
        State::Overdue => Stands::Overdue,
        State::Met => Stands::Met,
        State::Late => Stands::Late,
        State::NotApplicable => Stands::NotApplicable,
        State::TooEarly | State::CannotTell(_) | State::HistoryIncomplete => Stands::Unclear,
    }
}

/// The engine's answers to the rules that are counted slowly.
fn fast(journey: &Journey, as_at: NaiveDate) -> BTreeMap<Which, Vec<Stands>> {
    let answers = asked(journey, as_at);
    let rule = |id: &str| COUNTED.iter().copied().find(|rule| *rule == id);
    let mut told: BTreeMap<Which, Vec<Stands>> = BTreeMap::new();
    for clock in &answers.clocks {
        if let Some(rule) = rule(clock.rule.id.as_str()) {
            let which = (rule, clock.entity.0.as_u128(), clock.occurrence);
            told.entry(which).or_default().push(stands(clock.state));
        }
    }
    for looked in answers.look_backs.iter().filter(|it| it.rule.id.as_str() == "FD-03") {
        let Some(day) = looked.event.occurred.day() else { continue };
        let day = usize::try_from(day.num_days_from_ce()).unwrap();
        let which = ("FD-03", looked.entity.unwrap().0.as_u128(), day);
        told.entry(which).or_default().push(match looked.answer {
            Looked::Earlier(_) => Stands::Earlier,
            Looked::NoEarlier => Stands::NoEarlier,
            Looked::EarlierStatedOnly | Looked::CannotTell(_) | Looked::HistoryIncomplete => Stands::Unclear,
        });
    }
    told.values_mut().for_each(|stands| stands.sort());
    told
}

/// How soon something is due is not asked where its days are uncertain.
fn open_in_time(stands: Stands) -> Stands {
    if stands == Stands::DueSoon { Stands::Running } else { stands }
}

/// Whether an act names a plan or a period of care of which neither the beginning nor the end is told, as far as things have
/// happened on the day asked about: it is read as of another one that runs, and the slow clocks take every name as it is.
fn names_what_is_not_on_record(facts: &[Fact], as_at: u32) -> bool {
    let has_happened = |fact: &&Fact| match fact.when {
        When::Day(day) | When::Time(day, _) | When::Between(day, _) => day <= as_at,
    };
    let facts: Vec<&Fact> = facts.iter().filter(has_happened).collect();
    let bounds = |role, stage| {
        facts.iter().filter(move |fact| {
            let (kind, _, of) = WHAT[fact.what];
            of == role && kind.own_role() == Some(role) && kind.stage() == stage
        })
    };
    let is_on_record = |role, number| {
        [Stage::Opens, Stage::Ends]
            .into_iter()
            .any(|stage| bounds(role, stage).any(|fact| fact.number == number))
    };
    let held = [EntityRole::Plan, EntityRole::PeriodOfCare, EntityRole::Placement];
    let named = facts.iter().map(|fact| (WHAT[fact.what].2, fact.number));
    named.into_iter().any(|(role, number)| held.contains(&role) && !is_on_record(role, number))
}

/// Every way in which what is uncertain may have been.
fn worlds(facts: &[Fact]) -> Vec<Vec<Fact>> {
    let mut all = vec![Vec::new()];
    for fact in facts {
        let ways: Vec<Fact> = match fact.when {
            When::Between(from, to) => {
                (from..=to).map(|day| Fact { when: When::Day(day), ..*fact }).collect()
            }
            When::Day(_) | When::Time(..) => vec![*fact],
        };
        let with = |world: &Vec<Fact>| {
            let longer = |way: &Fact| world.iter().copied().chain([*way]).collect::<Vec<Fact>>();
            ways.iter().map(longer).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// The same history with no more than two uncertain days: every way in which they may have been is tried.
fn with_two_uncertain_days(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut left = 2;
    for entry in &mut entries {
        let (Say::Happened(fact) | Say::Corrected(_, fact)) = &mut entry.say else { continue };
        let When::Between(from, _) = fact.when else { continue };
        if left == 0 {
            fact.when = When::Day(from);
        }
        left = usize::saturating_sub(left, 1);
    }
    entries
}

/// A record in which the same facts were each told once, rightly, in another order.
fn told_once(facts: &[Fact]) -> Journey {
    let whole = Entry { say: Say::Whole, recorded: 0, source: None, extract: None };
    let told = facts.iter().rev().map(|fact| Entry {
        say: Say::Happened(*fact),
        recorded: 2_000,
        source: None,
        extract: None,
    });
    let entries: Vec<Entry> = std::iter::once(whole).chain(told).collect();
    Journey::known(&recorded(7, &entries), KnownAt::NOW)
}

/// Whether a process was begun by nothing but what was withdrawn. A record in which that was never told cannot
/// say whether the process had begun before.
fn never_began(journey: &Journey, role: Option<EntityRole>, entity: EntityId) -> bool {
    let lasting = [Kind::BecameLookedAfter, Kind::ChildProtectionPlanStarted, Kind::PlacementStarted];
    let begins = |event: &KnownEvent| {
        let kind = event.kind();
        lasting.contains(&kind) && kind.own_role() == role && event.own_entity() == Some(entity)
    };
    journey.withdrawn.iter().any(begins) && !journey.events.iter().any(begins)
}

/// Whether a review names a period of care that never began: it is of another one, or of none, and may be that of another
/// entry of its day.
fn has_review_of_none(journey: &Journey) -> bool {
    let care = EntityRole::PeriodOfCare;
    let reviews = journey.events.iter().filter(|event| event.kind() == Kind::LookedAfterReviewHeld);
    let mut named = reviews.filter_map(|event| event.entities.get(care));
    named.any(|period| never_began(journey, Some(care), period))
}

/// Rules that are about the recording itself, and so differ for a record in which everything was told rightly at once.
fn is_about_recording(rule: &str) -> bool {
    rule.starts_with("RC-") || rule == "IM-01"
}

fn sayings(answers: &Answers<'_>) -> Vec<String> {
    let clocks = answers.clocks.iter().map(|clock| {
        let (rule, place, due, state) = (&clock.rule.id, clock.occurrence, clock.due_on, clock.state);
        let whose = if clock.per == Subject::Event { String::new() } else { clock.entity.to_string() };
        let start = clock.start.occurred;
        format!("{rule} {whose} {place} {start} {due:?} {:?} {state:?} {:?}", clock.due_at, clock.used)
    });
    let looked = answers
        .look_backs
        .iter()
        .map(|it| format!("{} {:?} {} {:?}", it.rule.id, it.entity, it.event.occurred, it.answer));
    let about_practice = answers.tallies.iter().filter(|it| !is_about_recording(it.rule.id.as_str()));
    let tallied = about_practice.map(|it| {
        let group = it.group.as_ref().filter(|_| matches!(it.tick, Tick::Counted | Tick::NotCounted));
        format!("{} {} {:?} {:?} {:?} {group:?}", it.rule.id, it.member.occurred, it.day, it.tick, it.value)
    });
    let mut all: Vec<String> = clocks.chain(looked).chain(tallied).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn on_certain_days_the_engine_answers_what_the_slow_clocks_count(
        entries in history(true, 40), moment in 0_u32..1_600, as_at in 0_u32..900, basis in 0_usize..3,
    ) {
        let basis = Basis::ALL[basis];
        let journey = Journey::known(&recorded(STREAM, &entries), known_at(basis, moment));
        let view = facts(&known(&entries, basis, moment), date(as_at));
        if names_what_is_not_on_record(&view, as_at) {
            return Ok(());
        }
        let mut slow = slow_clocks::answers(&view, date(as_at));
        slow.retain(|(rule, number, _), _| {
            *rule != "CP-10" || !never_began(&journey, Some(EntityRole::Plan), EntityId(Uuid::from_u128(*number)))
        });
        prop_assert_eq!(fast(&journey, date(as_at)), slow, "as at {} in {:?}", date(as_at), view);
    }

    #[test]
    fn every_rule_answers_as_if_what_is_known_had_been_told_rightly_at_once(
        entries in history(false, 40), moment in 0_u32..1_600, as_at in 0_u32..900, basis in 0_usize..3,
    ) {
        let basis = Basis::ALL[basis];
        let journey = Journey::known(&recorded(STREAM, &entries), known_at(basis, moment));
        let view = facts(&known(&entries, basis, moment), date(as_at));
        let rebuilt = told_once(&view);
        let mut told_rightly = asked(&rebuilt, date(as_at));
        told_rightly.clocks.retain(|clock| !never_began(&journey, clock.per.role(), clock.entity));
        let mut told = asked(&journey, date(as_at));
        if has_review_of_none(&journey) {
            for answers in [&mut told, &mut told_rightly] {
                answers.clocks.retain(|clock| clock.per.role() != Some(EntityRole::Review));
            }
        }
        prop_assert_eq!(sayings(&told), sayings(&told_rightly), "as at {} in {:?}", date(as_at), view);
    }

    #[test]
    fn what_the_engine_says_for_sure_is_so_however_the_uncertain_days_turn_out(
        entries in history(false, 30).prop_map(with_two_uncertain_days), as_at in 0_u32..900,
    ) {
        let view = facts(&known(&entries, Basis::Ledger, 100_000), date(as_at));
        let journey = Journey::known(&recorded(STREAM, &entries), known_at(Basis::Ledger, 100_000));
        if names_what_is_not_on_record(&view, as_at) {
            return Ok(());
        }
        let fast = fast(&journey, date(as_at));
        for world in worlds(&view).into_iter().filter(|world| !slow_clocks::is_contradiction(world)) {
            let slow = slow_clocks::answers(&world, date(as_at));
            for (which, stands) in fast.iter().filter(|(which, _)| which.0 != "CP-10") {
                let [stands] = stands[..] else { continue };
                if stands != Stands::Unclear {
                    let stands = open_in_time(stands);
                    // Where its start lies after the day asked about there is nothing to tell yet, and where its stop lies
                    // before its start the days did not turn out like that.
                    let one = slow.get(which).filter(|one| !one.contains(&Stands::Unclear));
                    // Whether its process has ended since wipes out no breach, and may be open.
                    let ended = |slow: Stands| if (stands, slow) == (Stands::Overdue, Stands::Late) { stands } else { slow };
                    let one: Option<Vec<Stands>> = one.map(|one| one.iter().copied().map(open_in_time).map(ended).collect());
                    prop_assert_eq!(one.unwrap_or_else(|| vec![stands]), vec![stands], "{:?} as at {} in {:?}", which, date(as_at), world);
                }
            }
        }
    }
}

#[test]
fn days_of_these_histories_lie_within_the_calendar_that_is_held() {
    assert!(date(DAYS + 900).year() <= 2026);
}
