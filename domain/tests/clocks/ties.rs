//! Events of one day that nothing tells apart: no answer may follow from which of them was typed in first.
//!
//! Every child is invented. Each case is told in every order and must answer the same; where the reference gives a rule
//! (an extension adds to the end before it), that rule answers, and elsewhere the answer is that the order is not known.

use std::sync::LazyLock;

use crate::support::{Story, day};
use domain::clocks::{Heading, Looked, Question, State, Tick, Why};
use domain::envelope::Category;
use domain::events::EntityRole::{self, Application, Contact, PeriodOfCare, Placement, Referral};
use domain::events::{Group, Kind, RecordedEvent};
use proptest::prelude::*;

/// When, which kind, its details, its processes.
type Told = (&'static str, &'static str, &'static str, &'static [(EntityRole, u128)]);

const OPEN: Looked<'static> = Looked::CannotTell(Why::OrderNotKnown);
const REFERRAL: &str = "referral_received";

fn tell(told: &[Told]) -> Story {
    told.iter().fold(Story::complete(), |story, (on, kind, details, processes)| {
        story.told(on, kind, details, processes)
    })
}

/// The story, after it has been held against itself told in every other order.
#[expect(clippy::indexing_slicing, reason = "every place is one of the permutation's")]
fn in_every_order(told: &[Told], as_at: &str) -> Story {
    let story = tell(told);
    let mut order: Vec<usize> = (0..told.len()).collect();
    while next_order(&mut order) {
        let retold: Vec<Told> = order.iter().map(|at| told[*at]).collect();
        assert_eq!(story.sayings_of_named(as_at), tell(&retold).sayings_of_named(as_at), "{retold:?}");
    }
    story
}

/// The next permutation in lexical order; no more after the last.
#[expect(clippy::indexing_slicing, reason = "the places come from the slice's own length")]
fn next_order(order: &mut [usize]) -> bool {
    let Some(at) = (1..order.len()).rev().find(|at| order[at - 1] < order[*at]) else { return false };
    let swap = (at..order.len()).rev().find(|other| order[*other] > order[at - 1]).expect("one is greater");
    order.swap(at - 1, swap);
    order[at..].reverse();
    true
}

/// What looking back says of each event, by the number of its process.
fn looked(story: &Story, rule: &str, as_at: &str) -> Vec<(u128, Looked<'static>)> {
    let answers = story.answers(&Question::as_at(day(as_at)));
    let of_rule = answers.look_backs.into_iter().filter(|looked| looked.rule.id.as_str() == rule);
    let number =
        |looked: &domain::clocks::LookedBack<'_>| looked.entity.map_or(0, |entity| entity.0.as_u128());
    let mut all: Vec<_> = of_rule.map(|looked| (number(&looked), looked.answer)).collect();
    all.sort_by_key(|(number, _)| *number);
    all
}

#[test]
fn two_referrals_of_one_instant_cannot_be_told_apart() {
    let at = "2023-06-15T09:30+01:00";
    let story = in_every_order(
        &[(at, REFERRAL, "{}", &[(Referral, 1)]), (at, REFERRAL, "{}", &[(Referral, 2)])],
        "2023-12-31",
    );
    assert_eq!(looked(&story, "FD-03", "2023-12-31"), [(1, OPEN), (2, OPEN)]);
}

#[test]
fn two_referrals_of_one_day_without_a_time_cannot_be_told_apart() {
    for second in ["2023-06-15", "2023-06-15T09:30+01:00"] {
        let told: [Told; 2] =
            [("2023-06-15", REFERRAL, "{}", &[(Referral, 1)]), (second, REFERRAL, "{}", &[(Referral, 2)])];
        let story = in_every_order(&told, "2023-12-31");
        assert_eq!(looked(&story, "FD-03", "2023-12-31"), [(1, OPEN), (2, OPEN)], "{second}");
    }
}

#[test]
fn two_referrals_of_one_day_with_two_times_are_told_apart() {
    let story = in_every_order(
        &[
            ("2023-06-15T14:00+01:00", REFERRAL, "{}", &[(Referral, 1)]),
            ("2023-06-15T09:30+01:00", REFERRAL, "{}", &[(Referral, 2)]),
        ],
        "2023-12-31",
    );
    let said = looked(&story, "FD-03", "2023-12-31");
    assert_eq!(said, [(1, Looked::Earlier(None)), (2, Looked::NoEarlier)]);
}

#[test]
fn an_earlier_referral_settles_both_of_one_day() {
    let story = in_every_order(
        &[
            ("2023-06-15", REFERRAL, "{}", &[(Referral, 1)]),
            ("2023-06-15", REFERRAL, "{}", &[(Referral, 2)]),
            ("2023-01-09", REFERRAL, "{}", &[(Referral, 3)]),
        ],
        "2023-12-31",
    );
    let said = looked(&story, "FD-03", "2023-12-31");
    assert_eq!(said, [(1, Looked::Earlier(None)), (2, Looked::Earlier(None)), (3, Looked::NoEarlier)]);
}

#[test]
fn a_third_screening_is_only_told_where_the_earlier_two_are() {
    const NO_ACTION: &str = r#"{"outcome":"no_further_action"}"#;
    let screened = |on, processes| -> Told { (on, "contact_screened", NO_ACTION, processes) };
    let level = [
        screened("2023-06-15", &[(Contact, 1)]),
        screened("2023-06-15", &[(Contact, 2)]),
        screened("2023-06-01", &[(Contact, 3)]),
    ];
    let said = looked(&in_every_order(&level, "2023-12-31"), "FD-06", "2023-12-31");
    assert_eq!(said, [(1, OPEN), (2, OPEN), (3, Looked::NoEarlier)]);
    let settled = [level[0], level[1], level[2], screened("2023-06-02", &[(Contact, 4)])];
    let said = looked(&in_every_order(&settled, "2023-12-31"), "FD-06", "2023-12-31");
    assert_eq!(said[..2], [(1, Looked::Earlier(None)), (2, Looked::Earlier(None))]);
}

#[test]
fn an_end_and_a_beginning_of_one_day_are_told_apart_by_their_rank() {
    let story = in_every_order(
        &[
            ("2023-01-09", "became_looked_after", "{}", &[(PeriodOfCare, 1)]),
            ("2023-06-15", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[(PeriodOfCare, 1)]),
            ("2023-06-15", "became_looked_after", "{}", &[(PeriodOfCare, 2)]),
        ],
        "2023-12-31",
    );
    let said = looked(&story, "EX-01", "2023-12-31");
    assert_eq!(said, [(1, Looked::NoEarlier), (2, Looked::Earlier(None))]);
}

#[test]
fn of_two_extensions_of_one_day_the_farther_end_is_the_later_grant() {
    let told: [Told; 3] = [
        ("2023-01-09", "application_issued", r#"{"orders":["care"]}"#, &[(Application, 1)]),
        ("2023-06-19", "timetable_extended", r#"{"new_end":"2023-10-27"}"#, &[(Application, 1)]),
        ("2023-06-19", "timetable_extended", r#"{"new_end":"2023-09-01"}"#, &[(Application, 1)]),
    ];
    let story = in_every_order(&told, "2023-09-15");
    let clock = &story.clocks("CT-01", &Question::as_at(day("2023-09-15")))[0];
    assert_eq!((clock.due_on, clock.state), (Some(day("2023-10-27")), State::Running));
    let ends: Vec<String> = clock.extensions.iter().map(|it| it.new_end.to_string()).collect();
    assert_eq!(ends, ["2023-09-01", "2023-10-27"]);
}

#[test]
fn two_legal_statuses_of_one_day_leave_the_interval_of_visits_open_only_where_it_hangs_on_them() {
    let due = |second: &'static str, placement: &'static str, as_at: &str| {
        let told: [Told; 5] = [
            ("2023-01-09", "became_looked_after", r#"{"legal_status":"C2"}"#, &[(PeriodOfCare, 1)]),
            ("2023-02-01", "legal_status_changed", r#"{"status":"C1"}"#, &[(PeriodOfCare, 1)]),
            ("2023-02-01", "legal_status_changed", second, &[(PeriodOfCare, 1)]),
            ("2023-02-02", "placement_started", placement, &[(Placement, 1)]),
            ("2023-02-10", "looked_after_visit_made", "{}", &[]),
        ];
        let clocks = in_every_order(&told, as_at).clocks("LAC-05", &Question::as_at(day(as_at)));
        assert_eq!(clocks.len(), 1);
        (clocks[0].due_on.map(|due| due.to_string()), clocks[0].state)
    };
    let with_parent = r#"{"short_break":false,"placement_type":"P1"}"#;
    let fostered = r#"{"short_break":false,"placement_type":"U1"}"#;
    let (interim, full) = (r#"{"status":"C1"}"#, r#"{"status":"C2"}"#);
    assert_eq!(due(interim, with_parent, "2023-02-13"), (Some("2023-02-17".to_owned()), State::DueSoon));
    assert_eq!(due(full, with_parent, "2023-02-13"), (None, State::DueSoon), "in time for either");
    assert_eq!(due(full, with_parent, "2023-02-20").1, State::CannotTell(Why::OrderNotKnown));
    assert_eq!(due(full, fostered, "2023-02-13"), (Some("2023-03-24".to_owned()), State::Running));
}

#[test]
fn two_births_told_on_one_day_leave_the_age_open_where_they_differ() {
    let due = |other: &'static str| {
        let told: [Told; 4] = [
            ("2023-01-02", "child_registered", r#"{"date_of_birth":"2016-03-04","disabilities":[]}"#, &[]),
            ("2023-01-02", "child_registered", other, &[]),
            ("2023-01-09", "became_looked_after", "{}", &[(PeriodOfCare, 1)]),
            ("2023-02-01", "health_assessment_completed", "{}", &[]),
        ];
        in_every_order(&told, "2023-08-10").states("HL-02", "2023-08-10")
    };
    let agreeing = due(r#"{"date_of_birth":"2016-03-04","disabilities":["NONE"]}"#);
    assert_eq!(agreeing, [State::Running]);
    let contradicting = due(r#"{"date_of_birth":"2019-03-04","disabilities":[]}"#);
    assert_eq!(contradicting, [State::CannotTell(Why::AgeNotKnown)]);
}

#[test]
fn a_new_worker_takes_over_and_two_of_one_day_do_not_say_who_holds_the_case() {
    const ONE: &str = r#"{"worker":"00000000-0000-4000-8000-000000000001"}"#;
    const TWO: &str = r#"{"worker":"00000000-0000-4000-8000-000000000002"}"#;
    let holder = |second: &'static str| {
        let told: [Told; 2] =
            [("2023-01-11", "worker_allocated", ONE, &[]), (second, "worker_allocated", TWO, &[])];
        in_every_order(&told, "2023-06-01").tallied("AL-02", "2023-06-01")
    };
    let (later, level) = (holder("2023-02-11"), holder("2023-01-11"));
    assert_eq!((later.len(), level.len()), (1, 1));
    assert_eq!(
        later[0].group.as_ref().map(Heading::text),
        Some("00000000-0000-4000-8000-000000000002".into())
    );
    assert_eq!((later[0].tick, level[0].tick), (Tick::Counted, Tick::CannotTell(Why::OrderNotKnown)));
}

#[test]
fn the_latest_activity_decides_and_two_of_one_day_that_differ_do_not() {
    let neet = |activities: &[(&'static str, &'static str)]| {
        let mut told: Vec<Told> = vec![
            ("2023-01-02", "child_registered", r#"{"date_of_birth":"2006-06-15","disabilities":[]}"#, &[]),
            ("2023-01-02", "care_leaver_eligibility_recorded", r#"{"category":"relevant"}"#, &[]),
        ];
        told.extend(
            activities
                .iter()
                .map(|(on, details)| -> Told { (on, "care_leaver_activity_recorded", details, &[]) }),
        );
        let members = in_every_order(&told, "2023-12-31").tallied("LC-04s", "2023-12-31");
        members.into_iter().map(|member| member.tick).collect::<Vec<_>>()
    };
    let (working, not) = (r#"{"activity":"F4"}"#, r#"{"activity":"G4"}"#);
    assert_eq!(neet(&[("2023-03-01", not)]), [Tick::Counted]);
    assert_eq!(neet(&[("2023-03-01", working)]), [Tick::NotCounted]);
    assert_eq!(neet(&[("2023-03-01", not), ("2023-04-01", working)]), [Tick::NotCounted]);
    assert_eq!(neet(&[("2023-03-01", working), ("2023-04-01", not)]), [Tick::Counted]);
    let open = Tick::CannotTell(Why::OrderNotKnown);
    assert_eq!(neet(&[("2023-03-01", working), ("2023-03-01", not)]), [open]);
}

#[test]
fn contact_since_the_review_before_is_asked_alike_of_two_reviews_of_one_day() {
    const REVIEW: &str = "looked_after_review_held";
    let told: [Told; 4] = [
        ("2023-02-01", REVIEW, "{}", &[(PeriodOfCare, 1), (EntityRole::Review, 1)]),
        ("2023-03-01", "reviewing_officer_contact_made", "{}", &[]),
        ("2023-06-01", REVIEW, "{}", &[(PeriodOfCare, 1), (EntityRole::Review, 2)]),
        ("2023-06-01", REVIEW, "{}", &[(PeriodOfCare, 1), (EntityRole::Review, 3)]),
    ];
    let members = in_every_order(&told, "2023-12-31").tallied("LAC-17", "2023-12-31");
    let ticks: Vec<Tick> = members.into_iter().map(|member| member.tick).collect();
    assert_eq!(ticks, [Tick::Counted], "nobody holds two reviews on one day");
    let apart = told.map(|(on, kind, details, names)| {
        let second = names.contains(&(EntityRole::Review, 3));
        (on, kind, if second { r#"{"participation":"PN2"}"# } else { details }, names)
    });
    let apart = apart.map(|(on, kind, details, names)| {
        let first = names.contains(&(EntityRole::Review, 2));
        (on, kind, if first { r#"{"participation":"PN1"}"# } else { details }, names)
    });
    let members = in_every_order(&apart, "2023-12-31").tallied("LAC-17", "2023-12-31");
    let ticks: Vec<Tick> = members.into_iter().map(|member| member.tick).collect();
    assert_eq!(ticks, [Tick::Counted, Tick::Counted], "entries that contradict each other stay two");
}

#[test]
fn of_acts_that_name_no_process_one_without_a_last_day_may_be_the_last() {
    let screened = |second: &'static str| {
        let told: [Told; 4] = [
            ("2023-06-01", "contact_received", "{}", &[(Contact, 1)]),
            ("2023-06-01", "contact_received", "{}", &[(Contact, 2)]),
            ("2023-06-01", "contact_screened", r#"{"outcome":"no_further_action"}"#, &[]),
            (second, "contact_screened", r#"{"outcome":"no_further_action"}"#, &[]),
        ];
        in_every_order(&told, "2023-12-31").states("FD-01", "2023-12-31")
    };
    assert_eq!(screened("2023-06-02"), [State::Met, State::Met], "both were screened in time");
    let open = State::CannotTell(Why::DatesNotSettled);
    assert_eq!(screened("2023-06-01/.."), [open, open], "one may have waited for months");
    assert_eq!(screened("unknown"), [open, open]);
}

#[test]
fn a_change_that_names_no_placement_is_of_none_of_two_that_began_together() {
    let begun = |second: &'static str| {
        let told: [Told; 5] = [
            ("2023-01-09", "became_looked_after", r#"{"legal_status":"C2"}"#, &[(PeriodOfCare, 1)]),
            ("2023-01-09", "placement_started", r#"{"placement_type":"U1"}"#, &[(Placement, 101)]),
            (second, "placement_started", r#"{"placement_type":"K2"}"#, &[(Placement, 102)]),
            ("2023-03-01", "episode_changed", r#"{"placement_type":"P1","reason":"P"}"#, &[]),
            ("2023-03-06", "looked_after_visit_made", "{}", &[]),
        ];
        let clocks =
            in_every_order(&told, "2023-12-31").clocks("LAC-04", &Question::as_at(day("2023-12-31")));
        clocks.iter().map(|clock| clock.start.occurred.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(begun("2023-01-10"), ["2023-01-09", "2023-01-10", "2023-03-01"], "the later one moved on");
    assert_eq!(begun("2023-01-09"), ["2023-01-09", "2023-01-09"], "no one says which of them moved on");
}

/// What can be told on the few days of a crowded week, several times a day.
const CROWD: &[(&str, &str, &[EntityRole])] = &[
    (REFERRAL, "{}", &[Referral]),
    ("contact_screened", r#"{"outcome":"no_further_action"}"#, &[Contact]),
    ("application_issued", r#"{"orders":["care"]}"#, &[Application]),
    ("timetable_extended", r#"{"new_end":"2023-10-27"}"#, &[Application]),
    ("timetable_extended", r#"{"new_end":"2023-09-01"}"#, &[Application]),
    ("became_looked_after", r#"{"legal_status":"C2"}"#, &[PeriodOfCare]),
    ("legal_status_changed", r#"{"status":"C1"}"#, &[PeriodOfCare]),
    ("legal_status_changed", r#"{"status":"C2"}"#, &[PeriodOfCare]),
    ("ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[PeriodOfCare]),
    ("placement_started", r#"{"short_break":false,"placement_type":"P1"}"#, &[Placement, PeriodOfCare]),
    ("placement_started", r#"{"short_break":false,"placement_type":"T4"}"#, &[Placement, PeriodOfCare]),
    ("placement_changed", r#"{"intended_until_eighteen":true}"#, &[Placement]),
    ("placement_ended", "{}", &[Placement]),
    ("looked_after_visit_made", "{}", &[]),
    ("looked_after_review_held", "{}", &[PeriodOfCare]),
    ("reviewing_officer_contact_made", "{}", &[]),
    ("worker_allocated", r#"{"worker":"00000000-0000-4000-8000-000000000001"}"#, &[]),
    ("worker_allocated", r#"{"worker":"00000000-0000-4000-8000-000000000002"}"#, &[]),
    (
        "worker_allocated",
        r#"{"worker":"00000000-0000-4000-8000-000000000002","role":"personal_adviser"}"#,
        &[],
    ),
    ("worker_deallocated", "{}", &[]),
    ("care_leaver_eligibility_recorded", r#"{"category":"relevant"}"#, &[]),
    ("worker_deallocated", r#"{"worker":"00000000-0000-4000-8000-000000000001"}"#, &[]),
    ("care_leaver_activity_recorded", r#"{"activity":"F4"}"#, &[]),
    ("care_leaver_activity_recorded", r#"{"activity":"G4"}"#, &[]),
    ("child_registered", r#"{"date_of_birth":"2006-06-15","disabilities":[]}"#, &[]),
    ("child_registered", r#"{"date_of_birth":"2019-03-04","disabilities":[]}"#, &[]),
    ("health_assessment_completed", "{}", &[]),
    ("missing_reported", "{}", &[EntityRole::MissingEpisode]),
    ("found_or_returned", "{}", &[EntityRole::MissingEpisode]),
    ("rhi_held", "{}", &[EntityRole::MissingEpisode]),
];

fn crowded() -> impl Strategy<Value = (usize, u128, u32, u8)> {
    (0..CROWD.len(), 1_u128..3, 1_u32..8, 0_u8..6)
}

#[expect(clippy::indexing_slicing, reason = "the strategy only gives places of the list")]
fn add(story: Story, (what, number, of_month, precision): (usize, u128, u32, u8)) -> Story {
    let (kind, details, roles) = CROWD[what];
    let on = format!("2023-06-{of_month:02}");
    let occurred = match precision {
        0 => format!("{on}/2023-06-09"),
        1 => format!("{on}T09:30+01:00"),
        2 => format!("{on}T16:00+01:00"),
        _ => on,
    };
    let processes: Vec<(EntityRole, u128)> = roles.iter().map(|role| (*role, number)).collect();
    story.told(&occurred, kind, details, &processes)
}

proptest! {
    #[test]
    fn a_crowded_week_answers_the_same_in_whatever_order_it_is_told(
        (told, retold) in prop::collection::vec(crowded(), 0..14)
            .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
        later in 0_u32..2,
    ) {
        let tell = |events: Vec<_>| events.into_iter().fold(Story::complete(), add);
        let as_at = if later == 0 { "2023-06-30" } else { "2024-03-31" };
        prop_assert_eq!(tell(told).sayings(as_at), tell(retold).sayings(as_at));
    }
}

/// Kinds of child events of one subject, in the order of the catalogue.
static SUBJECTS: LazyLock<Vec<Vec<Kind>>> = LazyLock::new(|| {
    let told = |kind: &Kind| {
        let of_child = kind.categories().contains(&Category::Child);
        of_child && !kind.is_amendment() && kind.group() != Group::RecordKeeping
    };
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(told).collect();
    kinds.chunk_by(|one, other| one.group() == other.group()).map(<[Kind]>::to_vec).collect()
});

/// Processes within which others run.
const AROUND: &[EntityRole] =
    &[Referral, PeriodOfCare, Placement, EntityRole::Plan, EntityRole::Enquiry, EntityRole::Assessment];

/// One act of a subject: its kind, the numbers of its process and of one around it (0: it names none), and when.
type Loose = (prop::sample::Index, u128, (usize, u128), u32, u8);

fn loose() -> impl Strategy<Value = Loose> {
    let number = || prop_oneof![Just(0_u128), 101_u128..103];
    (any::<prop::sample::Index>(), number(), (0..AROUND.len(), number()), 1_u32..8, 0_u8..10)
}

#[expect(clippy::indexing_slicing, reason = "the strategy only gives places of the list")]
fn add_loose(story: Story, kinds: &[Kind], (what, own, around, of_month, precision): Loose) -> Story {
    let kind = *what.get(kinds);
    let on = format!("2024-03-{of_month:02}");
    let occurred = match precision {
        0 => format!("{on}/2024-03-09"),
        1 => format!("{on}T09:30+00:00"),
        2 => format!("{on}T16:00+00:00"),
        3 => format!("{on}/.."),
        4 => format!("../{on}"),
        5 => "unknown".to_owned(),
        _ => on,
    };
    let around = Some((AROUND[around.0], around.1)).filter(|(role, _)| Some(*role) != kind.own_role());
    let own = kind.own_role().map(|role| (role, own));
    let processes: Vec<(EntityRole, u128)> =
        own.into_iter().chain(around).filter(|(_, number)| *number > 0).collect();
    story.with(&occurred, kind.sample().body, &processes)
}

proptest! {
    #[test]
    fn a_week_of_acts_that_need_not_name_their_process_answers_the_same_in_whatever_order_it_is_told(
        subjects in prop::collection::vec(any::<prop::sample::Index>(), 1..3),
        (told, retold) in prop::collection::vec(loose(), 0..12)
            .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
        later in 0_u32..2,
    ) {
        let kinds: Vec<Kind> = subjects.iter().flat_map(|subject| subject.get(&SUBJECTS)).copied().collect();
        let tell = |acts: Vec<Loose>| {
            acts.into_iter().fold(Story::complete(), |story, act| add_loose(story, &kinds, act))
        };
        let as_at = if later == 0 { "2024-03-31" } else { "2025-03-31" };
        let (one, other) = (tell(told), tell(retold));
        let (said, said_again) = (one.sayings_of_named(as_at), other.sayings_of_named(as_at));
        let differ = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|line| !those.contains(line)).cloned().collect()
        };
        let acts = |story: &Story| {
            let act = |it: &RecordedEvent| {
                let names: Vec<_> = it.event.entities.iter().map(|(role, id)| (role, id.0.as_u128())).collect();
                format!("{} {} {names:?}", it.event.body.kind().name(), it.event.occurred)
            };
            story.recorded.iter().map(act).collect::<Vec<_>>()
        };
        prop_assert!(
            said == said_again,
            "{:#?}\n{:#?}\n{:#?}\n{:#?}",
            acts(&one), differ(&said, &said_again), acts(&other), differ(&said_again, &said)
        );
    }
}
