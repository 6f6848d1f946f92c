//! The clock engine, which works with bounds, against every reading of a small story tried one by one.
//!
//! Stories have spans, acts of which nothing is known, several acts of one day, ends of processes and statements of
//! coverage. Where all readings agree the engine has to say what they say; where two differ it may not say either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use domain::clocks::{ClockEngine, Question, State};
use domain::envelope::{Category, EventContext};
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use domain::time::Occurred;
use proptest::prelude::*;
use uuid::Uuid;

use crate::slow_clocks::Stands;
use crate::slow_readings::{
    Limit, Rule, Said, Story, When, agreed, date, links, of_first_link, of_link, of_process,
};

static ENGINE: LazyLock<ClockEngine<'static>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));

/// The kinds by which a rule's process begins, is answered and ends, and its role.
type Kinds = (Kind, Kind, Kind, EntityRole);

const CARE: Kinds = (
    Kind::BecameLookedAfter,
    Kind::LookedAfterReviewHeld,
    Kind::CeasedToBeLookedAfter,
    EntityRole::PeriodOfCare,
);
const PLAN: Kinds = (
    Kind::ChildProtectionPlanStarted,
    Kind::ReviewConferenceHeld,
    Kind::ChildProtectionPlanEnded,
    EntityRole::Plan,
);

const fn acts(of: Kinds, act: Kind) -> Kinds {
    (of.0, act, of.2, of.3)
}

const fn rule(id: &'static str, limit: Limit, names_process: bool, early_is_met: bool) -> Rule {
    Rule { id, limit, names_process, early_is_met }
}

/// Rules that start with their process.
const OF_PROCESS: &[(Rule, Kinds)] = &[
    (rule("LAC-01", Limit::WorkingDays(20), true, false), CARE),
    (rule("HL-01", Limit::WorkingDays(20), false, false), acts(CARE, Kind::HealthAssessmentCompleted)),
    (rule("ED-01", Limit::WorkingDays(10), false, false), acts(CARE, Kind::PepCompleted)),
    (rule("CT-08", Limit::WorkingDays(10), false, true), acts(CARE, Kind::CarePlanMade)),
    (rule("LAC-13", Limit::WorkingDays(5), false, true), acts(CARE, Kind::IroAppointed)),
    (rule("CP-08", Limit::WorkingDays(10), true, false), acts(PLAN, Kind::CoreGroupHeld)),
    (rule("CP-12", Limit::WorkingDays(10), false, false), acts(PLAN, Kind::ChildProtectionVisitMade)),
];

const REVIEWS: Rule = rule("CP-10", Limit::Months(6), true, false);
const FIRST_REVIEWS: Rule = rule("LAC-02", Limit::Months(3), true, false);
const LATER_REVIEWS: Rule = rule("LAC-03", Limit::Months(6), true, false);

const LINKS: &[&str] = &["CP-10", "LAC-02", "LAC-03"];

fn occurred(when: When) -> Occurred {
    let text = match when {
        None => "unknown".to_owned(),
        Some((from, to)) if from == to => date(from).to_string(),
        Some((from, to)) => format!("{}/{}", date(from), date(to)),
    };
    text.parse().unwrap()
}

/// The days for which the history is stated to be whole; `None` for all of them.
type Covered = Option<(i64, i64)>;

/// The story as events. The acts have the event ids 10, 11, …
fn journey(kinds: Kinds, names_process: bool, story: &Story, covered: Covered) -> Journey {
    let (start, act, end, role) = kinds;
    let mut recorded = Vec::new();
    let mut add = |id: u128, event: CaseEvent| {
        let number = u64::try_from(recorded.len() + 1).unwrap();
        recorded.push(RecordedEvent {
            position: Position(number),
            stream: StreamId(Uuid::from_u128(1)),
            category: Category::Child,
            revision: Revision(u32::try_from(number).unwrap()),
            event_id: EventId(Uuid::from_u128(id)),
            command_id: CommandId(Uuid::from_u128(id)),
            recorded_at: "2025-01-01T09:00:00Z".parse().unwrap(),
            context: EventContext::new(Uuid::from_u128(5), "social_worker"),
            event,
        });
    };
    let happened = |kind: Kind, when: When, named: bool| {
        let event =
            CaseEvent::read(occurred(when), kind.name(), kind.schema_version(), r#"{"details":{}}"#).unwrap();
        if named { event.of(role, EntityId(Uuid::from_u128(7))) } else { event }
    };
    let (from, to) = (covered.map(|(from, _)| date(from)), covered.map(|(_, to)| date(to)));
    let (kinds, extent) = (BTreeSet::new(), CoverageExtent::Complete);
    let statement = HistoryCoverageStated { kinds, extent, from, to, import: None };
    add(1, CaseEvent::new(Occurred::on(date(-400)), statement));
    add(2, happened(start, Some(story.start), true));
    for (id, when) in (10..).zip(&story.acts) {
        add(id, happened(act, *when, names_process));
    }
    if let Some(ended) = story.end {
        add(3, happened(end, Some(ended), true));
    }
    Journey::known(&recorded, KnownAt::NOW)
}

fn stands(state: State) -> Stands {
    match state {
        State::Running | State::DueSoon => Stands::Running,
        State::Overdue => Stands::Overdue,
        State::Met => Stands::Met,
        State::Late => Stands::Late,
        State::NotApplicable => Stands::NotApplicable,
        State::TooEarly | State::CannotTell(_) | State::HistoryIncomplete => Stands::Unclear,
    }
}

/// The engine's clocks of a rule: the id of the start event and the answer.
fn told(rule: Rule, journey: &Journey, as_at: i64) -> Vec<(u128, Stands)> {
    let answers = ENGINE.run(journey, &Question::as_at(date(as_at)));
    let is_link = LINKS.contains(&rule.id);
    let of_rule = answers.clocks.iter().filter(|clock| clock.rule.id.as_str() == rule.id);
    let of_rule = of_rule.filter(|clock| (clock.occurrence > 0) == is_link);
    of_rule.map(|clock| (clock.start.event_id.0.as_u128(), stands(clock.state))).collect()
}

/// Only what has begun and may have happened by the day asked about is known on it.
fn known_by(story: &Story, as_at: i64) -> Story {
    let by_then = |(from, _): &(i64, i64)| *from <= as_at;
    Story {
        start: story.start,
        acts: story.acts.iter().copied().filter(|act| act.as_ref().is_none_or(by_then)).collect(),
        end: story.end.filter(by_then),
    }
}

fn certain_or_span(days: std::ops::Range<i64>, longest: i64) -> impl Strategy<Value = (i64, i64)> {
    prop_oneof![
        3 => days.clone().prop_map(|day| (day, day)),
        2 => (days, 1..longest).prop_map(|(from, length)| (from, from + length)),
    ]
}

fn act(days: std::ops::Range<i64>, longest: i64) -> impl Strategy<Value = When> {
    prop_oneof![9 => certain_or_span(days, longest).prop_map(Some), 1 => Just(None)]
}

/// A beginning, up to three acts, and perhaps an end, about as far apart as the limits of weeks are long.
fn story_of_process() -> impl Strategy<Value = Story> {
    let acts = prop::collection::vec(act(-6..40, 14), 0..4);
    let end = prop::option::of(certain_or_span(3..45, 8));
    (certain_or_span(0..3, 20), acts, end).prop_map(|(start, acts, end)| Story { start, acts, end })
}

/// Up to four acts about as far apart as `limit` is long, in any order of recording, and perhaps an end.
fn story_of_chain(limit: i64) -> impl Strategy<Value = Story> {
    let near = |times: i64| certain_or_span(times * limit - 3..times * limit + 4, 8).prop_map(Some);
    let act = prop_oneof![
        near(0),
        near(0),
        near(1),
        near(1),
        near(2),
        (0..limit, limit - 4..limit + 4).prop_map(|(from, to)| Some((from, from.max(to))))
    ];
    let acts = prop::collection::vec(act, 1..5);
    let end = prop::option::of(certain_or_span(limit - 3..3 * limit, 5));
    let few_spans = |mut acts: Vec<When>| {
        let mut tried = 1;
        for (from, to) in acts.iter_mut().flatten() {
            tried *= *to - *from + 1;
            if tried > 3_000 {
                *to = *from;
            }
        }
        acts
    };
    // Nobody holds two reviews on one day: two entries of one certain day are of one.
    let once = |acts: Vec<When>| {
        let mut once: Vec<When> = Vec::new();
        for act in acts {
            let is_certain = act.is_some_and(|(from, to)| from == to);
            if !(is_certain && once.contains(&act)) {
                once.push(act);
            }
        }
        once
    };
    (acts, end).prop_map(move |(acts, end)| Story { start: (-10, -10), acts: once(few_spans(acts)), end })
}

/// Whether every reading lies within the days that are covered.
fn is_covered(said: &[Said], covered: Covered) -> bool {
    let holds = |(from, to): (i64, i64)| {
        said.iter().all(|(_, (first, last))| date(from) <= *first && *last <= date(to))
    };
    covered.is_none_or(holds)
}

fn is_certain(story: &Story) -> bool {
    let one_day = |(from, to): &(i64, i64)| from == to;
    let acts = story.acts.iter().all(|act| act.as_ref().is_some_and(one_day));
    acts && one_day(&story.start) && story.end.as_ref().is_none_or(one_day)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_clock_of_a_process_says_what_every_reading_says(
        story in story_of_process(), rule in 0..OF_PROCESS.len(), as_at in 0_i64..80,
    ) {
        let (rule, kinds) = OF_PROCESS[rule];
        let said = of_process(rule, &known_by(&story, as_at), as_at);
        let expected = agreed(said.iter().map(|(stands, _)| *stands));
        let told = told(rule, &journey(kinds, rule.names_process, &story, None), as_at);
        if let (Some(expected), [(_, told)]) = (expected, &told[..]) {
            prop_assert_eq!(*told, expected, "{} of {:?} as at {}", rule.id, story, as_at);
        }
    }

    #[test]
    fn a_gap_never_hides_under_an_answer_and_none_is_asked_for_outside_it(
        story in story_of_process(), rule in 0..OF_PROCESS.len(), as_at in 0_i64..80,
        from in -30_i64..10, length in 0_i64..80,
    ) {
        let (rule, kinds) = OF_PROCESS[rule];
        let covered = Some((from, from + length));
        let known = known_by(&story, as_at);
        let said = of_process(rule, &known, as_at);
        let early = rule.early_is_met && known.acts.iter().any(|act| act.is_some_and(|(_, to)| to < story.start.0));
        let told = told(rule, &journey(kinds, rule.names_process, &story, covered), as_at);
        let expected = agreed(said.iter().map(|(stands, _)| *stands));
        if let (Some(expected), [(_, told)], false) = (expected, &told[..], early) {
            if *told != Stands::Unclear {
                prop_assert_eq!(*told, expected, "{} of {:?} as at {}", rule.id, story, as_at);
                let in_time = *told == Stands::Met;
                prop_assert!(in_time || is_covered(&said, covered), "{} of {:?} as at {}", rule.id, story, as_at);
            } else if is_certain(&story) {
                prop_assert!(!is_covered(&said, covered), "{} of {:?} as at {}", rule.id, story, as_at);
            }
        }
    }

    #[test]
    fn each_link_of_a_chain_says_what_every_reading_says(story in story_of_chain(184), as_at in 0_i64..700) {
        check_links(REVIEWS, 1, PLAN, &story, as_at)?;
    }

    #[test]
    fn a_chain_that_begins_at_the_second_says_what_every_reading_says(story in story_of_chain(184), as_at in 0_i64..700) {
        check_links(LATER_REVIEWS, 2, CARE, &story, as_at)?;
        let (known, journey) = (known_by(&story, as_at), journey(CARE, true, &story, None));
        let said = of_first_link(FIRST_REVIEWS, &known, as_at);
        if let (Some(expected), [(_, told)]) = (agreed(said.into_iter().map(|(stands, _)| stands)), &told(FIRST_REVIEWS, &journey, as_at)[..]) {
            prop_assert_eq!(*told, expected, "the first link of {:?} as at {}", story, as_at);
        }
    }
}

/// Each link says what every reading of it says, and there are as many as there are in a reading.
fn check_links(
    rule: Rule,
    begins: usize,
    kinds: Kinds,
    story: &Story,
    as_at: i64,
) -> Result<(), TestCaseError> {
    let known = known_by(story, as_at);
    let known_acts = (10..).zip(&story.acts).filter(|(_, act)| act.is_none_or(|(from, _)| from <= as_at));
    let ids: Vec<u128> = known_acts.map(|(id, _)| id).collect();
    let mut told: BTreeMap<u128, Stands> =
        told(rule, &journey(kinds, true, story, None), as_at).into_iter().collect();
    for (act, link) in links(&known, begins) {
        let said = of_link(rule, &known, &link, as_at);
        let expected = agreed(said.into_iter().map(|(stands, _)| stands));
        let left = told.remove(&ids[act]);
        // Of one that no reading has, because each comes after the end, nothing need be said.
        if let Some(expected) = expected {
            prop_assert_eq!(left, Some(expected), "{} {:?} of {:?} as at {}", rule.id, link, story, as_at);
        }
    }
    prop_assert!(told.is_empty(), "{told:?} of {story:?} as at {as_at}");
    Ok(())
}
