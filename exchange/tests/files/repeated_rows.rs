//! Rows that repeat a process or say more of it: one for each placement, visit, worker or step. Every child is invented.

use crate::memory::Memory;
use crate::memory::rows::{Cells, ENDED_PLAN, census, import, referral, who, with};
use chrono::NaiveDate;
use domain::events::record_keeping::DisputeReason;
use domain::events::{Body, EntityRole, Kind};
use domain::observations::{ObservationCode, observe};
use domain::rules::RuleBook;
use exchange::Options;
use exchange::import::RowResult;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn one_row_for_each_placement_is_one_period_of_care_with_all_its_placements() {
    let first = [
        ("child_id", "56"),
        ("started_on", "2024-01-10"),
        ("category_of_need", "N1"),
        ("legal_status_started_on", "2024-01-10"),
        ("legal_status", "C1"),
        ("reviewed_on", "2024-02-05"),
        ("placement_started_on", "2024-01-10"),
        ("placement_type", "U6"),
    ];
    let second = with(
        &first,
        &[
            ("legal_status_started_on", "2024-03-04"),
            ("legal_status", "C2"),
            ("reviewed_on", "2024-03-20"),
            ("placement_started_on", "2024-03-15"),
            ("placement_type", "K2"),
        ],
    );
    // Where the period's own columns differ, the second opening is disputed, and what follows it joins the first.
    for (need, disputes) in [("N1", 0), ("N4", 1)] {
        for newer_first in [false, true] {
            let mut memory = Memory::default();
            let second = with(&second, &[("category_of_need", need)]);
            let rows: [&Cells<'_>; 2] = if newer_first { [&second, &first] } else { [&first, &second] };
            import(&mut memory, "8", "2024-04-30", &rows);
            assert_eq!(memory.days("56", Kind::BecameLookedAfter), ["2024-01-10"]);
            assert_eq!(memory.days("56", Kind::PlacementStarted), ["2024-01-10", "2024-03-15"]);
            assert_eq!(memory.days("56", Kind::LegalStatusChanged), ["2024-01-10", "2024-03-04"]);
            assert_eq!(memory.days("56", Kind::LookedAfterReviewHeld), ["2024-02-05", "2024-03-20"]);
            let journey = memory.journey("56");
            assert_eq!(journey.disputes.len(), disputes);
            let care = journey.events.iter().find_map(|event| event.entities.get(EntityRole::PeriodOfCare));
            let of_care = [Kind::PlacementStarted, Kind::LegalStatusChanged, Kind::LookedAfterReviewHeld];
            for event in journey.events.iter().filter(|event| of_care.contains(&event.kind())) {
                assert_eq!(event.entities.get(EntityRole::PeriodOfCare), care, "{:?}", event.kind());
            }
            let again = import(&mut memory, "8", "2024-04-30", &rows);
            assert_eq!(again.events, 0);
        }
    }
}

#[test]
fn what_each_row_of_a_period_of_care_repeats_happened_once() {
    let first = [
        ("child_id", "56"),
        ("started_on", "2024-01-10"),
        ("legal_status_started_on", "2024-01-10"),
        ("legal_status", "C1"),
        ("reviewed_on", "2024-02-05"),
        ("visited_on", "2024-03-20"),
        ("health_assessed_on", "2024-02-20"),
        ("dental_checked_on", "2024-02-21"),
        ("placement_started_on", "2024-01-10"),
        ("placement_type", "U6"),
    ];
    let second = with(&first, &[("placement_started_on", "2024-03-15"), ("placement_type", "K2")]);
    let third = with(&first, &[("placement_started_on", "2024-04-15"), ("placement_type", "U6")]);
    let mut memory = Memory::default();
    let kinds = [
        Kind::BecameLookedAfter,
        Kind::LegalStatusChanged,
        Kind::LookedAfterReviewHeld,
        Kind::LookedAfterVisitMade,
        Kind::HealthAssessmentCompleted,
        Kind::DentalCheckDone,
    ];
    for day in ["2024-04-30", "2024-05-31"] {
        import(&mut memory, "8", day, &[&first, &second, &third]);
        assert_eq!(memory.days("56", Kind::PlacementStarted), ["2024-01-10", "2024-03-15", "2024-04-15"]);
        for kind in kinds {
            assert_eq!(memory.days("56", kind).len(), 1, "{kind:?}: {day}");
        }
        assert_eq!(memory.journey("56").disputes.len(), 0);
    }
}

#[test]
fn an_earlier_placement_beside_the_newest_held_is_more_of_the_history() {
    let mut memory = Memory::default();
    let newest = [("child_id", "56"), ("started_on", "2024-01-10"), ("placement_started_on", "2024-03-15")];
    import(&mut memory, "8", "2024-04-30", &[&newest]);
    let earlier = with(&newest, &[("placement_started_on", "2024-01-10")]);
    import(&mut memory, "8", "2024-05-31", &[&earlier, &newest]);
    assert_eq!(memory.days("56", Kind::PlacementStarted), ["2024-01-10", "2024-03-15"]);
}

#[test]
fn what_follows_a_disputed_twin_of_a_plan_joins_the_plan_that_stands() {
    let mut memory = Memory::default();
    let first = with(&ENDED_PLAN, &[("ended_on", ""), ("worker", "")]);
    let twin = with(
        &first,
        &[("initial_category", "PHY"), ("reviewed_on", "2023-11-20"), ("ended_on", "2023-12-18")],
    );
    let done = import(&mut memory, "7", "2024-01-31", &[&first, &twin]);
    assert_eq!(done.rows.iter().map(|row| row.result).max(), Some(RowResult::New));
    assert_eq!(memory.days("6", Kind::ChildProtectionPlanStarted), ["2023-09-04"]);
    assert_eq!(memory.days("6", Kind::ChildProtectionPlanEnded), ["2023-12-18"]);
    let journey = memory.journey("6");
    let plan = |kind| {
        journey.events.iter().find(|event| event.kind() == kind).unwrap().entities.get(EntityRole::Plan)
    };
    assert!(plan(Kind::ReviewConferenceHeld).is_some());
    assert_eq!(plan(Kind::ReviewConferenceHeld), plan(Kind::ChildProtectionPlanStarted));
    assert_eq!(journey.disputes[0].reason, DisputeReason::ExclusiveKind);
}

#[test]
fn the_most_recent_placement_ends_the_one_before_and_a_temporary_one_does_not() {
    let in_placement = |from: &'static str, kind: &'static str| {
        [
            ("child_id", "65"),
            ("started_on", "2020-01-10"),
            ("placement_started_on", from),
            ("placement_type", kind),
        ]
    };
    let (first, second, away) = (
        in_placement("2020-01-10", "U1"),
        in_placement("2021-06-10", "K2"),
        in_placement("2021-06-10", "T1"),
    );
    let mut memory = Memory::default();
    import(&mut memory, "8", "2021-03-31", &[&first]);
    import(&mut memory, "8", "2022-03-31", &[&second]);
    // After the file that still gave it as the newest, and by the day of the next.
    assert_eq!(memory.days("65", Kind::PlacementEnded), ["2021-03-31/2021-06-10"]);
    let again = import(&mut memory, "8", "2022-04-30", &[&second]);
    assert!(!again.kinds.contains_key("placement_ended"), "{:?}", again.kinds);
    let mut memory = Memory::default();
    import(&mut memory, "8", "2021-03-31", &[&first]);
    import(&mut memory, "8", "2022-03-31", &[&away]);
    assert!(memory.days("65", Kind::PlacementEnded).is_empty());
    // The one after a temporary one ends both, and so does a file that gives the one before it as the newest again.
    let third = in_placement("2022-05-10", "K2");
    import(&mut memory, "8", "2022-06-30", &[&third]);
    let ends = ["2021-03-31/2022-05-10", "2022-03-31/2022-05-10"];
    assert_eq!(memory.days("65", Kind::PlacementEnded), ends);
    let mut memory = Memory::default();
    import(&mut memory, "8", "2021-03-31", &[&first]);
    import(&mut memory, "8", "2021-06-30", &[&away]);
    import(&mut memory, "8", "2021-09-30", &[&first]);
    assert_eq!(memory.days("65", Kind::PlacementEnded), ["2021-06-30/2021-09-30"]);
    let again = import(&mut memory, "8", "2021-10-31", &[&first]);
    assert!(!again.kinds.contains_key("placement_ended"), "{:?}", again.kinds);
    // A temporary one is over with the next temporary one too.
    let mut memory = Memory::default();
    let rows = [&first[..], &away, &in_placement("2021-07-01", "T2")];
    import(&mut memory, "8", "2021-07-31", &rows);
    assert_eq!(memory.days("65", Kind::PlacementEnded), ["2021-06-10/2021-07-01"]);
}

#[test]
fn a_placement_of_a_child_in_a_series_of_short_breaks_is_one() {
    let yes_or_no = [("V3", Some(true)), ("V4", Some(true)), ("C2", Some(false))];
    let untold = [("", None), ("#N/A", None), ("#REF!", None), ("n/k", None), ("ZZ9", None)];
    for (status, short) in yes_or_no.into_iter().chain(untold) {
        let row = [
            ("child_id", "66"),
            ("started_on", "2024-01-10"),
            ("legal_status", status),
            ("legal_status_started_on", "2024-01-10"),
            ("placement_started_on", "2024-01-10"),
        ];
        let mut memory = Memory::default();
        import(&mut memory, "8", "2024-03-31", &[&row]);
        let journey = memory.journey("66");
        let placement = journey.events.iter().find_map(|event| {
            if let Body::PlacementStarted(placement) = &event.body { Some(placement.clone()) } else { None }
        });
        assert_eq!(placement.unwrap().short_break, short, "{status}");
    }
}

#[test]
fn a_row_for_each_visit_is_one_case_and_one_row_s_empty_cell_takes_nothing_from_another() {
    let first =
        [("child_id", "61"), ("started_on", "2023-01-10"), ("primary_need", "N1"), ("seen_on", "2023-04-01")];
    let second = with(&first, &[("seen_on", "2023-09-01"), ("case_status", "c")]);
    let last =
        with(&first, &[("seen_on", "2023-12-01"), ("closed_on", "2024-01-01"), ("closure_reason", "RC7")]);
    for rows in [[&first[..], &second, &last], [&last[..], &second, &first]] {
        let mut memory = Memory::default();
        import(&mut memory, "6", "2024-01-31", &rows);
        for again in ["2024-01-31", "2024-02-29"] {
            assert_eq!(memory.days("61", Kind::ChildInNeedCaseOpened), ["2023-01-10"]);
            assert_eq!(memory.days("61", Kind::ChildInNeedCaseClosed), ["2024-01-01"]);
            assert_eq!(
                memory.days("61", Kind::ChildInNeedVisitMade),
                ["2023-04-01", "2023-09-01", "2023-12-01"]
            );
            let done = import(&mut memory, "6", again, &rows);
            let amended = done.kinds.keys().filter(|kind| kind.starts_with("event_")).count();
            assert_eq!(amended, 0, "{again}: {:?}", done.kinds);
        }
    }
}

#[test]
fn a_row_for_each_step_of_an_adoption_is_one_decision() {
    let decided = [
        ("child_id", "62"),
        ("entered_care_on", "2022-01-10"),
        ("decided_on", "2023-01-10"),
        ("placement_order_on", "2023-02-10"),
    ];
    let matched = with(&decided, &[("matched_on", "2023-06-01")]);
    let mut memory = Memory::default();
    import(&mut memory, "10", "2024-03-31", &[&decided, &matched]);
    for (kind, on) in [
        (Kind::BecameLookedAfter, "2022-01-10"),
        (Kind::AdoptionDecisionMade, "2023-01-10"),
        (Kind::PlacementOrderMade, "2023-02-10"),
        (Kind::MatchApproved, "2023-06-01"),
    ] {
        assert_eq!(memory.days("62", kind), [on], "{kind:?}");
    }
}

/// A doubled element is read once and never merged without a word.
#[test]
fn a_row_that_repeats_another_word_for_word_is_pointed_at() {
    let plan = |to: &str| {
        format!("<CINPlanDates><CINPlanStartDate>2023-06-01</CINPlanStartDate>{to}</CINPlanDates>")
    };
    for end in ["", "<CINPlanEndDate>2023-09-01</CINPlanEndDate>"] {
        let mut memory = Memory::default();
        let both = plan(end).repeat(2);
        let file = census("2024-03-31", &who("2014-02-03", "M", "WBRI"), &referral("2023-05-01", &both));
        let done = memory.import(&file, &Options::default());
        assert_eq!(memory.days("27", Kind::ChildInNeedPlanStarted).len(), 1);
        let repeated =
            |row: &&exchange::import::RowOutcome| row.notes.iter().any(|note| note.code == "row_repeated");
        let places: Vec<String> =
            done.rows.iter().filter(repeated).map(|row| row.place.to_string()).collect();
        assert_eq!(places.len(), 1, "{places:?}");
        assert!(places[0].contains("CINPlanDates[2]"), "{places:?}");
    }
}

#[test]
fn doubled_and_overlapping_child_in_need_plans_are_observed() {
    let plan = |from: &str, to: &str| {
        let end =
            if to.is_empty() { String::new() } else { format!("<CINPlanEndDate>{to}</CINPlanEndDate>") };
        format!("<CINPlanDates><CINPlanStartDate>{from}</CINPlanStartDate>{end}</CINPlanDates>")
    };
    // (plans, how many doubled, how many overlaps)
    let table = [
        (vec![("2023-06-01", ""), ("2023-06-01", "2023-09-01"), ("2023-07-01", "")], [1, 1]),
        (vec![("2023-06-01", "2023-09-01"), ("2023-06-01", "2023-06-01")], [1, 0]),
        (vec![("2023-06-01", "2023-09-01"), ("2023-08-31", "")], [0, 1]),
        (vec![("2023-06-01", "2023-09-01"), ("2023-09-01", "")], [0, 0]),
        (vec![("2023-06-01", "")], [0, 0]),
    ];
    for (plans, expected) in table {
        let mut memory = Memory::default();
        let all: String = plans.iter().map(|(from, to)| plan(from, to)).collect();
        let file = census("2024-03-31", &who("2014-02-03", "M", "WBRI"), &referral("2023-05-01", &all));
        memory.import(&file, &Options::default());
        assert_eq!(memory.days("27", Kind::ChildInNeedPlanStarted).len(), plans.len());
        let observed = observe(&memory.journey("27"), day("2024-03-31"), RuleBook::built_in().endings());
        let codes = [ObservationCode::DoubledInNeedPlan, ObservationCode::OverlappingInNeedPlans];
        let found = codes.map(|code| observed.iter().filter(|o| o.code == code).count());
        assert_eq!(found, expected, "{plans:?}");
    }
}

/// Both rows name the period of care, and the refused one, which stood first, took it with it: the next import added it.
#[test]
fn a_record_that_a_refused_row_only_names_stands_by_the_row_that_is_read() {
    let row = [("child_id", "77"), ("entered_care_on", "2023-01-10"), ("decided_on", "2023-10-02")];
    for key in ["", "TBC", "#N/A", "30/02/2024"] {
        let refused = with(&row, &[("decided_on", key)]);
        for rows in [[&refused[..], &row[..]], [&row[..], &refused[..]]] {
            let mut memory = Memory::default();
            let done = import(&mut memory, "10", "2024-03-29", &rows);
            assert_eq!(done.rows.iter().filter(|row| row.result == RowResult::Refused).count(), 1, "{key:?}");
            assert_eq!(memory.days("77", Kind::BecameLookedAfter), ["2023-01-10"], "{key:?}");
            assert_eq!(import(&mut memory, "10", "2024-03-29", &rows).events, 0, "{key:?}");
        }
    }
}
