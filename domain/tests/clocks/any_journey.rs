//! What holds of every journey, however it was recorded.

use domain::clocks::{Question, State};
use domain::events::child_protection::*;
use domain::events::court::*;
use domain::events::front_door::*;
use domain::events::{Body, EntityRole, EntityRole as Role};
use proptest::prelude::*;

use crate::journeys::{
    application, care, decision, discussion, enquiry, initial, plan, plan_end, referral, review,
};
use crate::support::{Story, day, sayings};

/// One event of a random journey: what, for which process, and when. Some days are uncertain, some have a time.
fn random_event() -> impl Strategy<Value = (u8, u128, i64, u8)> {
    (0_u8..14, 1_u128..4, 0_i64..400, 0_u8..8)
}

fn add(story: Story, (what, number, offset, precision): (u8, u128, i64, u8)) -> Story {
    let on = day("2022-01-01") + chrono::Duration::days(offset);
    let occurred = match precision {
        0 => format!("{on}/{}", on + chrono::Duration::days(20)),
        1 => "unknown".to_owned(),
        2 => format!("{on}T09:30+00:00"),
        3 => format!("{on}T16:00+00:00"),
        _ => on.to_string(),
    };
    let (body, processes): (Body, Vec<(EntityRole, u128)>) = match what {
        0 => (discussion().into(), vec![(Role::Enquiry, number)]),
        1 => (enquiry().into(), vec![(Role::Enquiry, number)]),
        2 => (initial().into(), vec![(Role::Enquiry, number), (Role::Conference, number)]),
        3 => (ConferenceNotRequired {}.into(), vec![(Role::Enquiry, number)]),
        4 => (plan().into(), vec![(Role::Plan, number), (Role::Conference, number)]),
        5 => (ReviewConferenceHeld::default().into(), vec![(Role::Plan, number)]),
        6 => (plan_end().into(), vec![(Role::Plan, number)]),
        7 => (care().into(), vec![(Role::PeriodOfCare, number)]),
        8 => (review().into(), vec![(Role::PeriodOfCare, number)]),
        9 => (application(&[OrderApplied::Care]).into(), vec![(Role::Application, number)]),
        10 => (NoOrderMade {}.into(), vec![(Role::Application, number)]),
        11 => (referral().into(), vec![(Role::Referral, number)]),
        12 => (decision(ReferralOutcome::Progressed).into(), vec![(Role::Referral, number)]),
        _ => (CoreGroupHeld::default().into(), vec![(Role::Plan, number)]),
    };
    story.with(&occurred, body, &processes)
}

/// What is answered about events that are recorded in this order.
fn sayings_of(events: &[(u8, u128, i64, u8)]) -> Vec<String> {
    events.iter().copied().fold(Story::complete(), add).sayings("2023-01-15")
}

/// Every order of so many.
fn orders(of: usize) -> Vec<Vec<usize>> {
    let Some(last) = of.checked_sub(1) else { return vec![Vec::new()] };
    let with_last = |order: Vec<usize>| {
        (0..of).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    };
    orders(last).into_iter().flat_map(with_last).collect()
}

#[test]
fn reviews_that_nothing_tells_apart_answer_alike_in_every_order_of_recording() {
    let of_one_instant =
        [(7, 2, 0, 0), (8, 1, 0, 1), (8, 1, 91, 0), (8, 1, 111, 2), (8, 3, 112, 2), (7, 1, 111, 2)];
    let of_no_day = [(8, 3, 0, 1), (8, 2, 0, 1), (8, 2, 0, 1), (0, 1, 0, 0)];
    for events in [&of_one_instant[..], &of_no_day[..]] {
        let told = sayings_of(events);
        for order in orders(events.len()) {
            let retold: Vec<_> = order.iter().filter_map(|place| events.get(*place).copied()).collect();
            let again = sayings_of(&retold);
            let only = |one: &[String], other: &[String]| -> Vec<String> {
                one.iter().filter(|line| !other.contains(line)).cloned().collect()
            };
            assert!(told == again, "{retold:?}: {:#?}\n{:#?}", only(&told, &again), only(&again, &told));
        }
    }
}

proptest! {
    #[test]
    fn answers_do_not_depend_on_the_order_of_recording(
        events in prop::collection::vec(random_event(), 0..40),
        seed in any::<u64>(),
    ) {
        let told = events.iter().copied().fold(Story::complete(), add);
        let mut shuffled = events;
        let mut state = seed;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from(state >> 33).unwrap() % (at + 1);
            shuffled.swap(at, other);
        }
        let retold = shuffled.into_iter().fold(Story::complete(), add);
        prop_assert_eq!(told.sayings("2023-01-15"), retold.sayings("2023-01-15"));
    }

    #[test]
    fn clocks_and_looks_back_are_the_same_where_no_members_of_figures_are_asked_for(
        events in prop::collection::vec(random_event(), 0..40),
    ) {
        let story = events.into_iter().fold(Story::complete(), add);
        let question = Question::as_at(day("2023-01-15"));
        let mut with = story.answers(&question);
        let without = story.answers(&question.without_members());
        prop_assert!(without.tallies.is_empty());
        with.tallies.clear();
        prop_assert_eq!(sayings(&with), sayings(&without));
    }

    #[test]
    fn without_coverage_no_chained_or_first_clock_is_late_or_counted_as_met(
        events in prop::collection::vec(random_event(), 0..40),
    ) {
        let story = events.into_iter().fold(Story::new(), add);
        let answers = story.answers(&Question::as_at(day("2023-01-15")));
        for clock in answers.clocks {
            let shapes = clock.rule.clocks(clock.version);
            let direct = shapes.iter().all(|shape| shape.chain.is_none() && !shape.first_of);
            prop_assert!(direct || !matches!(clock.state, State::Late | State::Overdue), "{}", clock.rule.id);
            prop_assert!(direct || clock.state != State::Met || clock.marks.in_gap, "{}", clock.rule.id);
        }
    }
}
