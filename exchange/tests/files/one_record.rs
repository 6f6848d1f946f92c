//! What counts once: rows that repeat one act, and processes of which a child can have only one at a time.
//! Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, import, with, workbook};
use domain::clocks::{ClockEngine, Question};
use domain::events::record_keeping::DisputeReason;
use domain::events::{Body, EntityRole, Kind};
use domain::rules::RuleBook;
use exchange::Options;

type Cells<'a> = [(&'a str, &'a str)];

/// The states of every clock, each with its rule and its start.
fn clocks(memory: &Memory, child: &str, day: &str) -> Vec<String> {
    let engine = ClockEngine::new(RuleBook::built_in());
    let answers = engine.run(&memory.journey(child), &Question::as_at(day.parse().unwrap()));
    let said = answers.clocks.iter().map(|clock| {
        let stop = clock.stop.map(|stop| stop.occurred.to_string()).unwrap_or_default();
        format!("{} {} {} {stop}", clock.rule.id.as_str(), clock.start.occurred, clock.state.name())
    });
    said.collect()
}

/// Every event that stands, but for what the import says about itself.
fn events(memory: &Memory, child: &str) -> Vec<String> {
    let journey = memory.journey(child);
    let about_itself = [Kind::HistoryCoverageStated, Kind::ObservationNoted];
    let told = journey.events.iter().filter(|event| !about_itself.contains(&event.kind()));
    told.map(|event| format!("{} {}", event.kind().name(), event.occurred)).collect()
}

/// Rows of one process that repeat what stands in another of them: the list, a row, and how its twin differs.
const TWINS: [(&str, &Cells<'_>, &Cells<'_>); 6] = [
    (
        "4",
        &[("child_id", "1"), ("started_on", "2024-03-04"), ("authorised_on", "2024-04-08")],
        &[("authorised_on", "")],
    ),
    (
        "5",
        &[
            ("child_id", "1"),
            ("started_on", "2024-03-04"),
            ("held_on", "2024-03-18"),
            ("resulted_in_plan", "Y"),
        ],
        &[("conference_not_required", "N")],
    ),
    (
        "5",
        &[
            ("child_id", "1"),
            ("started_on", "2024-03-04"),
            ("held_on", "2024-03-18"),
            ("resulted_in_plan", "Y"),
        ],
        &[("held_on", ""), ("resulted_in_plan", "")],
    ),
    (
        "7",
        &[
            ("child_id", "1"),
            ("started_on", "2023-10-10"),
            ("initial_category", "NEG"),
            ("reviewed_on", "2023-12-20"),
            ("visited_on", "2024-03-01"),
            ("seen_alone", "Y"),
            ("ended_on", "2024-03-25"),
        ],
        &[("ended_on", ""), ("seen_alone", "")],
    ),
    (
        "8",
        &[
            ("child_id", "1"),
            ("started_on", "2024-01-10"),
            ("legal_status_started_on", "2024-01-10"),
            ("legal_status", "C2"),
            ("reviewed_on", "2024-02-01"),
            ("visited_on", "2024-03-20"),
            ("iro_contact_on", "2024-02-01"),
            ("health_assessed_on", "2024-02-20"),
            ("dental_checked_on", "2024-02-21"),
            ("placement_started_on", "2024-01-10"),
            ("placement_type", "U6"),
        ],
        &[("reviewed_on", ""), ("placement_provider", "PR1")],
    ),
    (
        "9",
        &[("child_id", "1"), ("contacted_on", "2024-03-04"), ("pathway_reviewed_on", "2024-03-05")],
        &[("pathway_reviewed_on", ""), ("accommodation", "B")],
    ),
];

#[test]
fn rows_that_repeat_a_review_a_visit_or_a_check_tell_of_it_once() {
    for (list, row, difference) in TWINS {
        let mut alone = Memory::default();
        import(&mut alone, list, "2024-06-28", &[row]);
        let twin = with(row, difference);
        for rows in [vec![row, &twin], vec![&twin, row], vec![&twin, row, &twin]] {
            let mut memory = Memory::default();
            import(&mut memory, list, "2024-05-31", &rows);
            import(&mut memory, list, "2024-06-28", &rows);
            let (found, expected) = (events(&memory, "1"), events(&alone, "1"));
            for event in &found {
                let times = |all: &[String]| all.iter().filter(|other| *other == event).count();
                assert_eq!(times(&found), 1, "list {list}: {event} in {found:?}");
            }
            let more = ["care_leaver_accommodation_recorded", "conference_not_required"];
            let kept = found.iter().filter(|event| !more.iter().any(|kind| event.starts_with(kind)));
            assert_eq!(kept.count(), expected.len(), "list {list}: {found:?}, alone: {expected:?}");
            assert_eq!(clocks(&memory, "1", "2024-06-28"), clocks(&alone, "1", "2024-06-28"), "list {list}");
            assert_eq!(memory.journey("1").disputes, [], "list {list}");
            assert_eq!(memory.recorded("1", Kind::EventWithdrawn), 0, "list {list}");
        }
    }
}

#[test]
fn a_row_for_each_placement_does_not_stop_the_next_clock_of_what_it_repeats() {
    let first = TWINS[4].1;
    let rows = [
        first.to_vec(),
        with(first, &[("placement_started_on", "2024-03-15"), ("placement_type", "K2")]),
        with(first, &[("placement_started_on", "2024-05-15"), ("placement_type", "U4")]),
    ];
    let rows: Vec<&Cells<'_>> = rows.iter().map(Vec::as_slice).collect();
    let mut memory = Memory::default();
    import(&mut memory, "8", "2024-06-28", &rows);
    assert_eq!(memory.days("1", Kind::LookedAfterReviewHeld), ["2024-02-01"]);
    assert_eq!(memory.days("1", Kind::PlacementStarted), ["2024-01-10", "2024-03-15", "2024-05-15"]);
    let clocks = clocks(&memory, "1", "2024-06-28");
    let at_once =
        |clock: &&String| clock.contains("HL-02 2024-02-20 met") || clock.contains("LAC-02 2024-02-01 met");
    assert_eq!(clocks.iter().find(at_once), None);
}

#[test]
fn what_the_rows_of_one_day_state_differently_is_another_act() {
    let first = TWINS[4].1;
    let moved = with(first, &[("placement_type", "K2")]);
    let mut memory = Memory::default();
    import(&mut memory, "8", "2024-06-28", &[first, &moved]);
    assert_eq!(memory.days("1", Kind::PlacementStarted).len(), 2);
    let elsewhere = with(first, &[("placement_postcode", "ZZ99 3VZ")]);
    let near = with(first, &[("placement_postcode", "ZZ99 3CZ")]);
    let mut memory = Memory::default();
    import(&mut memory, "8", "2024-06-28", &[&near, &elsewhere, first]);
    assert_eq!(memory.days("1", Kind::PlacementStarted).len(), 2);
}

#[test]
fn what_one_row_leaves_empty_another_row_about_the_same_act_states() {
    let row = TWINS[3].1;
    let blank = with(row, &[("seen_alone", "")]);
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-06-28", &[&blank, row]);
    let journey = memory.journey("1");
    let alone = journey.events.iter().find_map(|event| {
        let Body::ChildProtectionVisitMade(visit) = &event.body else { return None };
        Some((visit.alone, event.entities.get(EntityRole::Plan).is_some()))
    });
    assert_eq!(alone, Some((Some(true), true)));
}

// One at a time.

fn figure(memory: &Memory, day: &str, rule: &str) -> usize {
    let engine = ClockEngine::new(RuleBook::built_in());
    let answers = engine.run(&memory.journey("1"), &Question::as_at(day.parse().unwrap()));
    answers.tallies.iter().filter(|one| one.rule.id.as_str() == rule).count()
}

fn census(day: &str, plans: &str) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
         <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header><Children>\
         <Child><ChildIdentifiers><LAchildID>1</LAchildID></ChildIdentifiers><CINdetails>\
         <CINreferralDate>2023-09-01</CINreferralDate>{plans}</CINdetails></Child></Children></Message>"
    )
    .into_bytes()
}

#[test]
fn a_second_plan_or_period_of_care_while_one_runs_is_in_dispute_and_counts_once() {
    for (list, opens, review, tally) in [
        ("7", Kind::ChildProtectionPlanStarted, Kind::ReviewConferenceHeld, "RT-01"),
        ("8", Kind::BecameLookedAfter, Kind::LookedAfterReviewHeld, "RT-01c"),
    ] {
        let first = [("child_id", "1"), ("started_on", "2023-10-10"), ("reviewed_on", "2023-12-20")];
        let second = with(&first, &[("started_on", "2024-01-10"), ("reviewed_on", "2024-03-01")]);
        for rows in [[&first[..], &second], [&second[..], &first]] {
            let mut memory = Memory::default();
            let done = import(&mut memory, list, "2024-03-31", &rows);
            assert_eq!(memory.days("1", opens), ["2023-10-10"], "list {list}");
            assert_eq!(memory.days("1", review), ["2023-12-20", "2024-03-01"], "list {list}");
            assert_eq!((done.counts.disputed, memory.journey("1").disputes.len()), (1, 1), "list {list}");
            assert_eq!(memory.journey("1").disputes[0].reason, DisputeReason::ExclusiveKind);
            assert_eq!(figure(&memory, "2024-03-31", tally), 1, "list {list}");
            let again = import(&mut memory, list, "2024-03-31", &rows);
            assert_eq!(again.events, 0, "list {list}");
            // The first one had ended: then the second one is a plan of its own.
            let ended = with(&first, &[(if list == "7" { "ended_on" } else { "ceased_on" }, "2024-01-05")]);
            import(&mut memory, list, "2024-04-30", &[&ended, &second]);
            assert_eq!(memory.days("1", opens), ["2023-10-10", "2024-01-10"], "list {list}");
        }
    }
}

#[test]
fn two_plans_of_a_census_at_one_time_are_one() {
    let plan = |day: &str| {
        format!("<ChildProtectionPlans><CPPstartDate>{day}</CPPstartDate></ChildProtectionPlans>")
    };
    let mut memory = Memory::default();
    memory.import(&census("2024-03-31", &(plan("2023-10-10") + &plan("2024-01-10"))), &Options::default());
    assert_eq!(memory.days("1", Kind::ChildProtectionPlanStarted), ["2023-10-10"]);
    // And a list that tells of the same plan with another day.
    let listed = [("child_id", "1"), ("started_on", "2023-10-12"), ("ended_on", "2024-04-02")];
    import(&mut memory, "7", "2024-06-30", &[&listed]);
    assert_eq!(memory.days("1", Kind::ChildProtectionPlanStarted), ["2023-10-10"]);
    assert_eq!(memory.days("1", Kind::ChildProtectionPlanEnded), ["2024-04-02"]);
}

#[test]
fn a_list_that_only_names_the_period_of_care_begins_no_second_one_beside_it() {
    let care: &Cells<'_> = &[("child_id", "1"), ("started_on", "2022-01-12")];
    let decided: &Cells<'_> =
        &[("child_id", "1"), ("entered_care_on", "2022-01-10"), ("decided_on", "2023-02-01")];
    let mut memory = Memory::default();
    memory.import(&workbook(&[("8", &[care]), ("10", &[decided])]), &about("2024-03-31"));
    assert_eq!(memory.days("1", Kind::BecameLookedAfter), ["2022-01-12"]);
    let journey = memory.journey("1");
    let of_care = |kind| {
        journey.events.iter().find(|event| event.kind() == kind)?.entities.get(EntityRole::PeriodOfCare)
    };
    assert!(of_care(Kind::AdoptionDecisionMade).is_some());
    assert_eq!(of_care(Kind::AdoptionDecisionMade), of_care(Kind::BecameLookedAfter));
}

#[test]
fn one_that_follows_another_is_recorded_also_where_their_days_overlap() {
    // (the first one's end, the second one's start, how many stand)
    for (ended, began, stand) in
        [("2024-01-10", "2024-01-10", 2), ("2024-01-12", "2024-01-10", 2), ("2023-12-01", "2024-01-10", 2)]
    {
        let first = [("child_id", "1"), ("started_on", "2023-10-10"), ("ended_on", ended)];
        let second = [("child_id", "1"), ("started_on", began)];
        let mut memory = Memory::default();
        import(&mut memory, "7", "2024-03-31", &[&second, &first]);
        assert_eq!(memory.days("1", Kind::ChildProtectionPlanStarted).len(), stand, "{ended} {began}");
        assert_eq!(figure(&memory, "2024-03-31", "RT-01"), 1, "{ended} {began}");
    }
    // An end that nobody told between two files excludes nothing.
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-03-31", &[&[("child_id", "1"), ("started_on", "2023-10-10")]]);
    import(&mut memory, "7", "2024-12-31", &[&[("child_id", "1"), ("started_on", "2024-11-01")]]);
    assert_eq!(memory.days("1", Kind::ChildProtectionPlanStarted), ["2023-10-10", "2024-11-01"]);
    assert_eq!(figure(&memory, "2024-12-31", "RT-01"), 1);
}
