//! What a file means: which child a row is about, what says nothing, what is one record, and what is held complete.
//! Every child is invented.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]
#![expect(dead_code, reason = "the ledger in memory serves other tests too")]

mod memory;

use chrono::NaiveDate;
use domain::events::record_keeping::DisputeReason;
use domain::events::{Body, EntityRole, Kind};
use domain::journey::Covered;
use domain::observations::{ObservationCode, observe};
use domain::rules::RuleBook;
use exchange::Options;
use exchange::import::{Likenesses, RowResult};
use memory::lists::{about, workbook, workbook_without};
use memory::{Done, Memory};

type Cells<'a> = [(&'a str, &'a str)];

fn import(memory: &mut Memory, list: &str, day: &str, rows: &[&Cells<'_>]) -> Done {
    memory.import(&workbook(&[(list, rows)]), &about(day))
}

fn notes(done: &Done, code: &str) -> Vec<String> {
    let all = done.rows.iter().flat_map(|row| &row.notes);
    all.filter(|note| note.code == code).map(|note| note.place.to_string()).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

// What says nothing.

const ENDED_PLAN: [(&str, &str); 7] = [
    ("child_id", "6"),
    ("born_on", "2012-05-04"),
    ("started_on", "2023-09-04"),
    ("initial_category", "NEG"),
    ("visited_on", "2023-10-02"),
    ("ended_on", "2023-12-18"),
    ("worker", "A. Invented"),
];

fn with<'a>(row: &Cells<'a>, changes: &Cells<'a>) -> Vec<(&'a str, &'a str)> {
    let kept = row.iter().filter(|(field, _)| !changes.iter().any(|(other, _)| other == field));
    kept.chain(changes).copied().collect()
}

#[test]
fn a_source_that_could_not_say_withdraws_nothing_and_only_a_true_blank_does() {
    let silent = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#SPILL!",
        "n/a",
        "TBC",
        "-",
        "31/02/2024",
        "soon",
        "1900-01-01",
        "2999-12-31",
        "9999-12-31",
        "1899-12-30",
    ];
    for text in silent {
        let mut memory = Memory::default();
        import(&mut memory, "7", "2024-01-31", &[&ENDED_PLAN]);
        let row = with(&ENDED_PLAN, &[("ended_on", text), ("visited_on", text), ("worker", "#N/A")]);
        let done = import(&mut memory, "7", "2024-02-29", &[&row]);
        assert_eq!(memory.days("6", Kind::ChildProtectionPlanEnded), ["2023-12-18"], "{text}");
        assert_eq!(memory.days("6", Kind::ChildProtectionVisitMade), ["2023-10-02"], "{text}");
        assert_eq!(memory.recorded("6", Kind::WorkerDeallocated), 0, "{text}");
        assert_eq!(memory.recorded("6", Kind::EventWithdrawn), 0, "{text}");
        let pointed_at = notes(&done, "source_error").len()
            + notes(&done, "placeholder").len()
            + done.rows[0].refused.len();
        assert!(pointed_at >= 3, "{text}: {:?}", done.rows[0]);
    }
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-01-31", &[&ENDED_PLAN]);
    let blank = with(&ENDED_PLAN, &[("ended_on", ""), ("worker", "")]);
    import(&mut memory, "7", "2024-02-29", &[&blank]);
    assert_eq!(memory.days("6", Kind::ChildProtectionPlanEnded), [""; 0]);
    assert_eq!(memory.recorded("6", Kind::WorkerDeallocated), 1);
}

#[test]
fn a_key_that_could_not_be_said_refuses_its_row_and_makes_no_held_record_absent() {
    for text in ["#N/A", "1900-01-01", "31/02/2024", "tbc", ""] {
        let mut memory = Memory::default();
        let open = with(&ENDED_PLAN, &[("ended_on", "")]);
        import(&mut memory, "7", "2024-01-31", &[&open]);
        let row = with(&open, &[("started_on", text)]);
        let done = import(&mut memory, "7", "2024-02-29", &[&row]);
        assert_eq!((done.counts.refused, done.withdrawn, done.events), (1, 0, 0), "{text}");
        assert_eq!(memory.days("6", Kind::ChildProtectionPlanStarted), ["2023-09-04"], "{text}");
        let refused = &done.rows[0].refused[0];
        assert_eq!(refused.place.to_string(), "List 7!G2", "{text}");
    }
}

#[test]
fn a_row_that_names_nobody_may_be_the_record_that_seems_absent() {
    for (nameless, withdrawn) in [(Some("#N/A"), 0), (None, 1)] {
        let mut memory = Memory::default();
        let (one, two) = (contact("1", "2024-04-15"), contact("2", "2024-04-20"));
        import(&mut memory, "1", "2024-05-01", &[&one, &two]);
        let lost = contact(nameless.unwrap_or("2"), "2024-04-20");
        let rows: Vec<&Cells<'_>> = if nameless.is_some() { vec![&one, &lost] } else { vec![&one] };
        let done = import(&mut memory, "1", "2024-06-01", &rows);
        assert_eq!(done.withdrawn, withdrawn, "{nameless:?}");
    }
}

fn contact<'a>(child: &'a str, on: &'a str) -> [(&'a str, &'a str); 3] {
    [("child_id", child), ("received_on", on), ("source", "6")]
}

#[test]
fn a_conference_whose_day_could_not_be_said_is_not_withdrawn() {
    for (text, left) in [("#N/A", 1), ("1900-01-01", 1), ("", 0)] {
        let mut memory = Memory::default();
        let row = [("child_id", "5"), ("started_on", "2024-04-02"), ("held_on", "2024-04-18")];
        import(&mut memory, "5", "2024-05-01", &[&row]);
        import(&mut memory, "5", "2024-06-01", &[&with(&row, &[("held_on", text)])]);
        assert_eq!(memory.days("5", Kind::InitialConferenceHeld).len(), left, "{text:?}");
    }
}

#[test]
fn a_code_that_no_list_knows_does_not_take_the_place_of_one_that_it_knows() {
    for text in ["see file", "XQZ", "n/a", "#N/A"] {
        let mut memory = Memory::default();
        let row = [("child_id", "1"), ("received_on", "2024-04-15"), ("source", "6")];
        import(&mut memory, "1", "2024-05-01", &[&row]);
        import(&mut memory, "1", "2024-06-01", &[&with(&row, &[("source", text)])]);
        let journey = memory.journey("1");
        let source = journey.events.iter().find_map(|event| {
            let Body::ContactReceived(facts) = &event.body else { return None };
            facts.source.as_ref().map(ToString::to_string)
        });
        assert_eq!(source.as_deref(), Some("6"), "{text}");
    }
}

#[test]
fn a_placeholder_date_is_pointed_at_and_is_no_fact_in_any_list() {
    for date in ["1900-01-01", "1753-01-01", "1800-01-01", "0001-01-01", "2099-12-31", "2999-12-31"] {
        let mut memory = Memory::default();
        let plan = with(&ENDED_PLAN, &[("ended_on", date), ("visited_on", date)]);
        let in_need = [("child_id", "7"), ("born_on", date), ("started_on", "2023-09-04"), ("seen_on", date)];
        let care = [
            ("child_id", "8"),
            ("started_on", "2023-09-04"),
            ("reviewed_on", date),
            ("ceased_on", date),
            ("placement_started_on", date),
        ];
        let file = workbook(&[("6", &[&in_need]), ("7", &[&plan]), ("8", &[&care])]);
        let done = memory.import(&file, &about("2024-01-31"));
        assert_eq!(notes(&done, "placeholder").len(), 7, "{date}");
        for child in ["6", "7", "8"] {
            let journey = memory.journey(child);
            let years = journey.events.iter().filter_map(|event| event.occurred.day());
            assert!(years.into_iter().all(|on| on == day("2023-09-04")), "{date} {child}");
        }
        // The list holds ends, and none is stated: the plan is open.
        let plan = memory.journey("6");
        let ended = plan.coverage.of(Kind::ChildProtectionPlanEnded, day("2023-09-04"), day("2024-01-31"));
        assert_eq!(ended, Covered::Complete);
    }
}

// One child stays one.

#[test]
fn spellings_of_one_identifier_are_one_child_in_one_file_and_from_file_to_file() {
    let mut memory = Memory::default();
    let spellings =
        ["inv-0401 ", "INV-0401", "INV -0401", "INV-0401\u{200b}", "ＩＮＶ-0401", "\u{a0}Inv-0401"];
    let rows: Vec<_> = spellings.iter().map(|id| contact(id, "2024-04-15")).collect();
    let rows: Vec<&Cells<'_>> = rows.iter().map(|row| row.as_slice()).collect();
    import(&mut memory, "1", "2024-05-01", &rows);
    assert_eq!((memory.children(), memory.days("INV-0401", Kind::ContactReceived).len()), (1, 1));
    let care = [("child_id", "iNV-0401"), ("started_on", "2024-05-20")];
    import(&mut memory, "8", "2024-06-01", &[&care]);
    assert_eq!(memory.children(), 1);
    assert_eq!(memory.days("INV-0401", Kind::BecameLookedAfter), ["2024-05-20"]);

    let mut memory = Memory::default();
    for (id, on) in [("40501.0", "2024-05-01"), ("40501", "2024-06-01"), ("４０５０１", "2024-07-01")] {
        import(&mut memory, "1", on, &[&contact(id, "2024-04-15")]);
    }
    assert_eq!((memory.children(), memory.days("40501", Kind::ContactReceived).len()), (1, 1));
}

#[test]
fn other_spellings_and_identifiers_that_look_alike_are_pointed_at_without_being_named() {
    let ids = ["INV-1", "inv-1", "INV-O2", "INV-02", "0405", "405"];
    let rows: Vec<_> = ids.iter().map(|id| contact(id, "2024-04-15")).collect();
    let rows: Vec<&Cells<'_>> = rows.iter().map(|row| row.as_slice()).collect();
    let extract = exchange::read(workbook(&[("1", &rows)]), &about("2024-05-01")).unwrap();
    let mut likenesses = Likenesses::default();
    let notes: Vec<_> = extract.flat_map(|rows| likenesses.see(&rows.unwrap())).collect();
    let said: Vec<(&str, String)> = notes.iter().map(|note| (note.code, note.place.to_string())).collect();
    let expected = [
        ("identifier_spelled_otherwise", "List 1, row 3"),
        ("identifiers_alike", "List 1, row 5"),
        ("identifiers_alike", "List 1, row 7"),
    ];
    assert_eq!(said, expected.map(|(code, place)| (code, place.to_owned())));
    assert!(notes.iter().all(|note| !ids.iter().any(|id| note.text.contains(id))));
}

fn census(day: &str, child: &str, details: &str) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{}</Year>\
         <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>\
         <Children><Child>{child}{details}</Child></Children></Message>",
        &day[..4]
    )
    .into_bytes()
}

fn who(born: &str, sex: &str, ethnicity: &str) -> String {
    format!(
        "<ChildIdentifiers><LAchildID>27</LAchildID><PersonBirthDate>{born}</PersonBirthDate><Sex>{sex}</Sex>\
         </ChildIdentifiers><ChildCharacteristics><Ethnicity>{ethnicity}</Ethnicity></ChildCharacteristics>"
    )
}

fn referral(day: &str, more: &str) -> String {
    format!("<CINdetails><CINreferralDate>{day}</CINreferralDate>{more}</CINdetails>")
}

fn plan_of(end: &str) -> String {
    format!("<ChildProtectionPlans><CPPstartDate>2024-01-26</CPPstartDate>{end}</ChildProtectionPlans>")
}

#[test]
fn a_process_that_recurs_outweighs_two_corrected_characteristics() {
    let mut memory = Memory::default();
    let first = census("2024-03-31", &who("2008-01-01", "M", "OOTH"), &referral("2024-01-05", &plan_of("")));
    memory.import(&first, &Options::default());
    let ended = plan_of(
        "<CPPendDate>2024-09-02</CPPendDate><Reviews><CPPreviewDate>2024-04-19</CPPreviewDate></Reviews>",
    );
    let second = census("2025-03-31", &who("2007-02-10", "M", "AOTH"), &referral("2024-01-05", &ended));
    let done = memory.import(&second, &Options::default());
    assert_eq!(memory.days("27", Kind::ChildProtectionPlanEnded), ["2024-09-02"]);
    assert_eq!(memory.days("27", Kind::ReviewConferenceHeld), ["2024-04-19"]);
    assert_eq!((memory.recorded("27", Kind::EventCorrected), memory.journey("27").disputes.len()), (1, 0));
    assert_eq!(notes(&done, "identity_corrected").len(), 1);
    let again = memory.import(&second, &Options::default());
    assert_eq!(again.events, 0);
}

#[test]
fn how_many_processes_must_recur_depends_on_how_much_contradicts() {
    // (date of birth, sex, ethnicity, referral, plan again, same child)
    let table = [
        ("2007-02-10", "M", "OOTH", "2024-01-06", false, true),
        ("2001-02-10", "M", "OOTH", "2024-01-06", false, false),
        ("2001-02-10", "M", "OOTH", "2024-01-05", false, true),
        ("2007-02-10", "M", "AOTH", "2024-02-05", false, false),
        ("2007-02-10", "M", "AOTH", "2024-01-05", false, true),
        ("2007-02-10", "F", "AOTH", "2024-01-05", false, false),
        ("2007-02-10", "F", "AOTH", "2024-01-05", true, true),
        ("2007-02-10", "M", "NOBT", "2024-02-05", false, true),
    ];
    for (born, sex, ethnicity, referred, plan, same) in table {
        let mut memory = Memory::default();
        let details = referral("2024-01-05", &plan_of(""));
        memory.import(&census("2024-03-31", &who("2008-01-01", "M", "OOTH"), &details), &Options::default());
        let details = referral(referred, &if plan { plan_of("") } else { String::new() });
        memory.import(&census("2025-03-31", &who(born, sex, ethnicity), &details), &Options::default());
        let another = memory.journey("27").disputes.iter().any(|d| d.reason == DisputeReason::AnotherChild);
        assert_eq!(another, !same, "{born} {sex} {ethnicity} {referred} {plan}");
    }
}

// One record for each.

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
fn what_stands_beside_a_date_that_is_not_told_is_refused_and_not_held() {
    let row = |on: &'static str, kind: &'static str| {
        [
            ("child_id", "56"),
            ("started_on", "2024-01-10"),
            ("placement_started_on", on),
            ("placement_type", kind),
        ]
    };
    for untold in ["#N/A", "n/k", "31/04/2024"] {
        let mut memory = Memory::default();
        import(&mut memory, "8", "2024-03-31", &[&row("2024-01-10", "U6")]);
        let done = import(&mut memory, "8", "2024-06-30", &[&row(untold, "K2")]);
        let refused: Vec<_> = done.rows.iter().flat_map(|row| &row.refused).collect();
        assert!(
            refused.iter().any(|cell| cell.value == "K2" && cell.reason.contains("not recorded")),
            "{untold}"
        );
        assert_eq!(memory.days("56", Kind::PlacementStarted), ["2024-01-10"], "{untold}");
    }
}

#[test]
fn a_visit_after_the_day_of_its_own_file_is_pointed_at_and_stops_no_true_one() {
    let row = |visit: &'static str| [("child_id", "56"), ("started_on", "2024-01-10"), ("visited_on", visit)];
    let mut memory = Memory::default();
    let first = import(&mut memory, "8", "2024-03-31", &[&row("2025-03-20")]);
    assert_eq!(notes(&first, "after_day_described").len(), 1);
    import(&mut memory, "8", "2024-06-30", &[&row("2024-06-20")]);
    assert_eq!(memory.days("56", Kind::LookedAfterVisitMade), ["2024-06-20", "2025-03-20"]);
    // Beside a visit that had happened, an earlier one is still odd.
    import(&mut memory, "8", "2024-07-31", &[&row("2024-06-10")]);
    assert_eq!(memory.days("56", Kind::LookedAfterVisitMade), ["2024-06-20", "2025-03-20"]);
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
}

#[test]
fn a_placement_of_a_child_in_a_series_of_short_breaks_is_one() {
    for (status, short) in [("V3", true), ("V4", true), ("C2", false), ("", false)] {
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
fn a_state_that_two_files_tell_differently_changed_after_the_first() {
    let held = |worker: &'static str| [("child_id", "67"), ("started_on", "2023-09-04"), ("worker", worker)];
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-03-31", &[&held("A. Invented")]);
    import(&mut memory, "7", "2024-04-30", &[&held("C. Invented")]);
    assert_eq!(memory.days("67", Kind::WorkerAllocated), ["../2024-03-31", "2024-04-01/2024-04-30"]);
}

#[test]
fn a_census_of_a_year_says_nothing_of_the_enquiries_of_the_year_before() {
    let enquiry = |on: &str, held: &str| {
        format!(
            "<Section47><S47ActualStartDate>{on}</S47ActualStartDate><DateOfInitialCPC>{held}</DateOfInitialCPC></Section47>"
        )
    };
    let file =
        |day: &str, below: &str| census(day, &who("2014-02-03", "M", "WBRI"), &referral("2023-06-01", below));
    let mut memory = Memory::default();
    memory.import(&file("2024-03-31", &enquiry("2023-06-05", "2023-06-20")), &Options::default());
    let done = memory.import(&file("2025-03-31", &enquiry("2025-02-05", "2025-02-20")), &Options::default());
    assert_eq!(done.withdrawn, 0);
    assert!(!done.kinds.contains_key("event_corrected"), "{:?}", done.kinds);
    assert_eq!(memory.days("27", Kind::Section47EnquiryStarted), ["2023-06-05", "2025-02-05"]);
    assert_eq!(memory.days("27", Kind::InitialConferenceHeld), ["2023-06-20", "2025-02-20"]);
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

#[test]
fn a_record_cannot_begin_after_the_file_that_held_it() {
    let first = [("child_id", "63"), ("received_on", "2024-01-10"), ("source", "6")];
    // (the only row of the next file, what the record of January is then, referrals that stand)
    for (day, corrected, stand) in
        [("2024-03-31", true, vec!["2024-03-31"]), ("2024-04-01", false, vec!["2024-04-01"])]
    {
        let mut memory = Memory::default();
        import(&mut memory, "3", "2024-03-31", &[&first]);
        let next = with(&first, &[("received_on", day)]);
        let done = import(&mut memory, "3", "2024-04-30", &[&next]);
        assert_eq!(done.kinds.contains_key("event_corrected"), corrected, "{day}: {:?}", done.kinds);
        assert_eq!(memory.days("63", Kind::ReferralReceived), stand);
    }
}

#[test]
fn a_list_without_the_column_of_a_record_withdraws_none() {
    let row = [("child_id", "64"), ("started_on", "2024-01-10"), ("held_on", "2024-01-25")];
    let without = with(&row, &[("held_on", "")]);
    let mut memory = Memory::default();
    import(&mut memory, "5", "2024-03-31", &[&row]);
    let done = memory.import(&workbook_without(&[("5", &[&without])], &["held_on"]), &about("2024-04-30"));
    assert_eq!(
        (done.withdrawn, memory.days("64", Kind::InitialConferenceHeld)),
        (0, vec!["2024-01-25".to_owned()])
    );
    let done = import(&mut memory, "5", "2024-05-31", &[&without]);
    assert_eq!((done.withdrawn, memory.days("64", Kind::InitialConferenceHeld).len()), (1, 0));

    let enquiry = |conference: &str| {
        format!("<Section47><S47ActualStartDate>2024-01-10</S47ActualStartDate>{conference}</Section47>")
    };
    let file = |day: &str, conference: &str| {
        census(day, &who("2014-02-03", "M", "WBRI"), &referral("2024-01-02", &enquiry(conference)))
    };
    let mut memory = Memory::default();
    let held = "<DateOfInitialCPC>2024-01-25</DateOfInitialCPC>";
    memory.import(&file("2024-03-31", held), &Options::default());
    memory.import(&file("2025-03-31", ""), &Options::default());
    assert_eq!(memory.days("27", Kind::InitialConferenceHeld), ["2024-01-25"]);
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

// What is held complete.

#[test]
fn a_census_module_holds_every_element_of_it_also_those_that_no_child_of_the_file_has() {
    let open = "<PreProceedingsandFGDM><PPStartDate>2025-09-09</PPStartDate></PreProceedingsandFGDM>";
    let mut memory = Memory::default();
    let file = census("2026-03-31", &who("2014-02-03", "M", "WBRI"), &referral("2025-05-01", open));
    memory.import(&file, &Options::default());
    let coverage = memory.journey("27").coverage;
    for kind in [
        Kind::PreProceedingsStarted,
        Kind::PreProceedingsConcluded,
        Kind::PreProceedingsMeetingHeld,
        Kind::LetterBeforeProceedingsSent,
        Kind::FamilyGroupMeetingOffered,
        Kind::FamilyGroupMeetingHeld,
        Kind::LetterOfIssueSent,
        Kind::ApplicationIssued,
        Kind::CaseClosed,
        Kind::ReferralDecisionMade,
    ] {
        assert_eq!(coverage.of(kind, day("2025-09-09"), day("2026-03-31")), Covered::Complete, "{kind:?}");
    }
    // No child of the file has an enquiry: whether the source wrote the module is not known.
    let enquiries = coverage.of(Kind::Section47EnquiryStarted, day("2025-09-09"), day("2026-03-31"));
    assert_eq!(enquiries, Covered::NotStated);
}

#[test]
fn a_column_that_a_workbook_leaves_out_is_not_held_complete() {
    let row = [("child_id", "10"), ("decided_on", "2024-01-10")];
    for (left_out, expected) in
        [(vec![], Covered::Complete), (vec!["early_permanence_on"], Covered::NotStated)]
    {
        let mut memory = Memory::default();
        let file = memory::lists::workbook_without(&[("10", &[&row])], &left_out);
        memory.import(&file, &about("2024-05-01"));
        let coverage = memory.journey("10").coverage;
        let held = coverage.of(Kind::FosterToAdoptPlaced, day("2024-01-10"), day("2024-05-01"));
        assert_eq!(held, expected, "{left_out:?}");
    }
}

#[test]
fn a_category_that_returns_to_the_first_one_is_a_new_state() {
    let mut memory = Memory::default();
    for (on, category) in [("2023-10-31", "NEG"), ("2023-12-31", "EMO"), ("2024-02-29", "NEG")] {
        let row = with(&ENDED_PLAN, &[("ended_on", ""), ("latest_category", category)]);
        import(&mut memory, "7", on, &[&row]);
    }
    let days = memory.days("6", Kind::PlanCategoryRecorded);
    assert_eq!(days, ["2023-09-04/2023-12-31", "2024-01-01/2024-02-29"]);
}
