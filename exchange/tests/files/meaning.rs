//! What a file means: what says nothing, what it may take back, and what is held complete. Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, workbook, workbook_without};
use crate::memory::rows::{Cells, ENDED_PLAN, census, contact, import, notes, referral, who, with};
use chrono::NaiveDate;
use domain::events::{Body, Kind};
use domain::journey::Covered;
use exchange::Options;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
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
        assert_eq!((done.counts.refused, done.withdrawn), (1, 0), "{text}");
        // Nothing is recorded but that the row may have said something.
        assert_eq!(done.kinds.keys().collect::<Vec<_>>(), [&"history_coverage_stated"], "{text}");
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
        let file = crate::memory::lists::workbook_without(&[("10", &[&row])], &left_out);
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
    assert_eq!(days, ["2023-11-01/2023-12-31", "2024-01-01/2024-02-29"]);
}
