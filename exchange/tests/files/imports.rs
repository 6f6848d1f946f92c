//! Files imported one after another: what is added, corrected, disputed and left alone.

use std::path::PathBuf;

use crate::memory::lists::{about, workbook, workbook_without};
use crate::memory::rows::{contact, import_contacts, import_plan, plan_with};
use crate::memory::{Done, Memory};
use chrono::NaiveDate;
use domain::events::child_protection::InitialConferenceKind;
use domain::events::record_keeping::DisputeReason;
use domain::events::{Body, EntityRole, Kind};
use domain::journey::{Basis, Covered, Journey, KnownAt};
use exchange::Options;
use exchange::import::{Decisions, IdentifierMap, RowResult};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)).unwrap()
}

fn import(memory: &mut Memory, name: &str) -> Done {
    memory.import(&fixture(name), &Options::default())
}

fn birth(memory: &Memory) -> String {
    let journey = memory.journey("77");
    let registered = journey.events.iter().find_map(|event| {
        if let Body::ChildRegistered(facts) = &event.body { facts.date_of_birth } else { None }
    });
    registered.unwrap().to_string()
}

#[test]
fn a_moved_review_leaves_two_reviews_and_no_correction() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-05-01", &[("reviewed_on", "2024-04-02")]);
    let second = import_plan(&mut memory, "2024-11-01", &[("reviewed_on", "2024-09-30")]);
    assert_eq!(memory.days("77", Kind::ReviewConferenceHeld), ["2024-04-02", "2024-09-30"]);
    assert_eq!(memory.recorded("77", Kind::EventCorrected), 0);
    assert_eq!(second.kinds.get("review_conference_held"), Some(&1));

    // An earlier review in a newer file is odd: observed once, and no event.
    let third = import_plan(&mut memory, "2024-12-01", &[("reviewed_on", "2024-06-01")]);
    assert_eq!(third.kinds.get("observation_noted"), Some(&1));
    assert_eq!(memory.days("77", Kind::ReviewConferenceHeld).len(), 2);
    let again = import_plan(&mut memory, "2024-12-01", &[("reviewed_on", "2024-06-01")]);
    assert_eq!(again.events, 0);
}

#[test]
fn a_changed_date_of_birth_in_a_newer_file_leaves_a_correction() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-05-01", &[]);
    let second = import_plan(&mut memory, "2024-06-01", &[("born_on", "2015-01-05")]);
    assert_eq!(second.kinds.get("event_corrected"), Some(&1));
    assert_eq!(second.counts.new, 1);
    assert_eq!(birth(&memory), "2015-01-05");
    // Even far away, while the child's plan stands in the file again.
    import_plan(&mut memory, "2024-07-01", &[("born_on", "2005-01-05")]);
    assert_eq!(birth(&memory), "2005-01-05");
    assert_eq!(memory.recorded("77", Kind::SourceClaimDisputed), 0);
}

#[test]
fn an_older_file_imported_later_adds_and_corrects_nothing() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[("reviewed_on", "2024-04-02"), ("ended_on", "2024-05-20")]);
    let older = import_plan(
        &mut memory,
        "2024-03-01",
        &[("reviewed_on", "2024-02-01"), ("born_on", "2015-05-02"), ("initial_category", "Physical abuse")],
    );
    assert_eq!(memory.recorded("77", Kind::EventCorrected), 0);
    assert_eq!(memory.recorded("77", Kind::EventWithdrawn), 0);
    // The blank end of the older file withdraws nothing; its earlier review is added.
    assert_eq!(memory.days("77", Kind::ChildProtectionPlanEnded), ["2024-05-20"]);
    assert_eq!(memory.days("77", Kind::ReviewConferenceHeld), ["2024-02-01", "2024-04-02"]);
    assert_eq!(older.kinds.get("review_conference_held"), Some(&1));
    assert_eq!(birth(&memory), "2015-05-01");
}

#[test]
fn a_file_about_the_same_day_that_says_otherwise_is_in_dispute() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[]);
    let other = import_plan(&mut memory, "2024-06-01", &[("initial_category", "Physical abuse")]);
    assert_eq!(other.counts.disputed, 1);
    assert_eq!(memory.recorded("77", Kind::EventCorrected), 0);
    let again = import_plan(&mut memory, "2024-06-01", &[("initial_category", "Physical abuse")]);
    assert_eq!((again.events, again.counts.known), (0, 1));
}

#[test]
fn a_blank_in_a_present_column_withdraws_the_value_and_a_return_brings_it_back() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[("ended_on", "2024-05-20")]);
    let blank = import_plan(&mut memory, "2024-07-01", &[]);
    assert_eq!(blank.kinds.get("event_withdrawn"), Some(&1));
    assert_eq!(memory.days("77", Kind::ChildProtectionPlanEnded), [""; 0]);
    let back = import_plan(&mut memory, "2024-08-01", &[("ended_on", "2024-05-21")]);
    assert_eq!(back.kinds.get("event_reinstated"), Some(&1));
    assert_eq!(back.kinds.get("event_corrected"), Some(&1));
    assert_eq!(memory.days("77", Kind::ChildProtectionPlanEnded), ["2024-05-21"]);
}

#[test]
fn a_missing_column_says_nothing() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[("ended_on", "2024-05-20")]);
    let row = plan_with(&[]);
    let without = workbook_without(&[("7", &[&row])], &["ended_on", "initial_category"]);
    let second = memory.import(&without, &about("2024-07-01"));
    assert_eq!(second.kinds.get("event_withdrawn"), None);
    assert_eq!(second.kinds.get("event_corrected"), None);
}

#[test]
fn a_state_that_changes_is_a_new_event_and_the_earlier_stands() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-05-01", &[("latest_category", "Neglect"), ("worker", "Ada Example")]);
    assert_eq!(memory.days("77", Kind::PlanCategoryRecorded), [""; 0]);
    let second = import_plan(
        &mut memory,
        "2024-07-01",
        &[("latest_category", "Emotional abuse"), ("worker", "Bob Example")],
    );
    assert_eq!(second.kinds.get("event_corrected"), None);
    assert_eq!(memory.days("77", Kind::PlanCategoryRecorded), ["2024-05-02/2024-07-01"]);
    // The allocation changed some time between the two files.
    assert_eq!(memory.days("77", Kind::WorkerAllocated), ["../2024-05-01", "2024-05-02/2024-07-01"]);
    let third = import_plan(&mut memory, "2024-08-01", &[("latest_category", "Emotional abuse")]);
    assert_eq!(third.kinds.get("worker_deallocated"), Some(&1));
    let fourth = import_plan(&mut memory, "2024-09-01", &[("latest_category", "Emotional abuse")]);
    assert_eq!(fourth.kinds.get("worker_deallocated"), None);
}

#[test]
fn duplicated_rows_are_one_record() {
    let mut memory = Memory::default();
    let done = import(&mut memory, "cin-census/CIN2rows.xml");
    assert_eq!((done.counts.new, done.counts.known), (7, 2));
    assert_eq!(memory.days("DfEX0000001", Kind::ChildProtectionPlanStarted).len(), 1);
    assert_eq!(memory.days("DfEX0000001", Kind::ReviewConferenceHeld).len(), 1);
    // Two plans that begin on one day and are not the same row: the second is in dispute.
    let mut memory = Memory::default();
    let (first, second) = (plan_with(&[]), plan_with(&[("initial_category", "Physical abuse")]));
    let done = memory.import(&workbook(&[("7", &[&first, &second])]), &about("2024-06-01"));
    assert_eq!((done.counts.new, done.counts.disputed), (1, 1));
    assert_eq!(memory.journey("77").disputes[0].reason, DisputeReason::ExclusiveKind);
}

#[test]
fn rows_that_cannot_be_read_are_refused_and_the_counts_add_up() {
    let mut memory = Memory::default();
    let good = contact("1", "2024-05-01");
    let impossible = contact("1", "2024-02-31");
    let nobody = [("child_id", ""), ("received_on", "2024-05-01"), ("source", "6")];
    let done = memory.import(&workbook(&[("1", &[&good, &impossible, &nobody])]), &about("2024-06-01"));
    assert_eq!((done.counts.new, done.counts.refused), (1, 2));
    let refused: Vec<_> = done.rows.iter().filter(|row| row.result == RowResult::Refused).collect();
    let cell = &refused[0].refused[0];
    assert_eq!((cell.place.to_string().as_str(), cell.value.as_str()), ("List 1!F3", "2024-02-31"));
    assert_eq!((cell.column.as_str(), cell.reason.as_str()), ("Date of Contact", "there is no such day"));
    assert_eq!(refused[1].refused[0].reason, "the row names nobody");
    assert_eq!(refused[1].place.to_string(), "List 1, row 4");
    // An unreadable cell that is not the key is refused alone.
    let row = plan_with(&[("ended_on", "31/02/2024")]);
    let done = memory.import(&workbook(&[("7", &[&row])]), &about("2024-06-01"));
    assert_eq!((done.counts.new, done.rows[0].refused.len()), (1, 1));
}

#[test]
fn one_child_with_two_dates_of_birth_in_two_lists_is_in_dispute() {
    let mut memory = Memory::default();
    import(&mut memory, "annex-a/Annex_A.xlsx");
    let journey = memory.journey("7961370");
    let disputed: Vec<&Body> = journey.disputes.iter().map(|dispute| &dispute.claim.body).collect();
    let [Body::ChildRegistered(claimed)] = disputed.as_slice() else { panic!("{disputed:?}") };
    assert_eq!(claimed.date_of_birth.unwrap().to_string(), "2002-02-13");
    // The rest of the row stands: the period of care and the adoption decision.
    assert_eq!(memory.days("7961370", Kind::AdoptionDecisionMade), ["2009-08-11"]);
}

#[test]
fn conferences_at_the_level_of_the_referral_are_unlinked_unless_an_enquiry_has_the_day() {
    let mut memory = Memory::default();
    import(&mut memory, "cin-census/CIN_Census_2026.xml");
    let journey = memory.journey("DfEX0000001");
    let kinds: Vec<(String, InitialConferenceKind, bool)> = journey
        .events
        .iter()
        .filter_map(|event| {
            let Body::InitialConferenceHeld(facts) = &event.body else { return None };
            let linked = event.entities.get(EntityRole::Enquiry).is_some();
            Some((event.occurred.to_string(), facts.kind, linked))
        })
        .collect();
    let expected = [
        ("2022-06-17".to_owned(), InitialConferenceKind::Initial, true),
        ("2022-12-06".to_owned(), InitialConferenceKind::Unlinked, false),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn an_unchanged_child_in_a_newer_file_is_known() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[("worker", "Ada Example"), ("reviewed_on", "2024-04-02")]);
    let second =
        import_plan(&mut memory, "2024-07-01", &[("worker", "ADA  Example"), ("reviewed_on", "2024-04-02")]);
    assert_eq!(second.counts.known, 1);
    let kinds: Vec<&str> = second.kinds.keys().copied().collect();
    assert_eq!(kinds, ["history_coverage_stated"]);
}

#[test]
fn what_is_held_in_the_end_does_not_depend_on_the_order_of_imports() {
    let files: [(&str, &[(&str, &str)]); 3] = [
        ("2024-03-01", &[("reviewed_on", "2024-02-01")]),
        ("2024-05-01", &[("reviewed_on", "2024-04-02"), ("born_on", "2015-05-02")]),
        (
            "2024-07-01",
            &[("reviewed_on", "2024-06-28"), ("born_on", "2015-05-02"), ("ended_on", "2024-06-30")],
        ),
    ];
    let known = |order: [usize; 3]| {
        let mut memory = Memory::default();
        for index in order {
            let (day, more) = files[index];
            import_plan(&mut memory, day, more);
        }
        let journey = memory.journey("77");
        let events: Vec<(String, String)> = journey
            .events
            .iter()
            .filter(|event| event.kind() != Kind::ObservationNoted && event.kind() != Kind::ChildRegistered)
            .map(|event| (event.kind().name().to_owned(), event.occurred.to_string()))
            .collect();
        (events, birth(&memory))
    };
    let in_order = known([0, 1, 2]);
    assert_eq!(in_order.1, "2015-05-02");
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(known(order), in_order, "{order:?}");
    }
}

#[test]
fn each_basis_of_knowledge_gives_its_own_answer() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-05-01", &[("reviewed_on", "2024-04-02")]);
    import_plan(&mut memory, "2024-11-01", &[("reviewed_on", "2024-09-30"), ("born_on", "2015-05-02")]);
    let reviews = |basis: Basis, day: &str| {
        let known = KnownAt::end_of(basis, day.parse().unwrap());
        let journey = Journey::known(memory.history("77"), known);
        journey.events.iter().filter(|event| event.kind() == Kind::ReviewConferenceHeld).count()
    };
    // The ledger recorded everything in 2026; the extracts held it in May and in November 2024.
    for (day, on_extract) in [("2024-04-30", 0), ("2024-05-01", 1), ("2024-10-31", 1), ("2024-11-01", 2)] {
        assert_eq!(reviews(Basis::Extract, day), on_extract, "{day}");
        assert_eq!(reviews(Basis::Source, day), on_extract, "{day}");
        assert_eq!(reviews(Basis::Ledger, day), 0, "{day}");
    }
    assert_eq!(reviews(Basis::Ledger, "2026-12-31"), 2);
}

#[test]
fn a_census_of_a_later_year_moves_on_and_corrects() {
    let census = |day: &str, referral: &str| {
        format!(
            "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
             <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>201</LEA></Source></Header>\
             <Children><Child><ChildIdentifiers><LAchildID>9</LAchildID><PersonBirthDate>2015-01-01\
             </PersonBirthDate></ChildIdentifiers><CINdetails>{referral}</CINdetails></Child></Children></Message>"
        )
        .into_bytes()
    };
    let mut memory = Memory::default();
    let assessment = "<Assessments><AssessmentActualStartDate>2024-02-05</AssessmentActualStartDate>";
    let first = format!(
        "<CINreferralDate>2024-02-01</CINreferralDate><CINclosureDate/>{assessment}\
         <AssessmentAuthorisationDate/></Assessments>"
    );
    memory.import(&census("2024-03-31", &first), &Options::default());
    let second = format!(
        "<CINreferralDate>2024-02-02</CINreferralDate><CINclosureDate>2024-06-01</CINclosureDate>{assessment}\
         <AssessmentAuthorisationDate>2024-03-20</AssessmentAuthorisationDate></Assessments>"
    );
    let done = memory.import(&census("2025-03-31", &second), &Options::default());
    // The referral's day is corrected, its assessment stays its own, and both are concluded.
    assert_eq!(memory.days("9", Kind::ReferralReceived), ["2024-02-02"]);
    assert_eq!(done.kinds.get("event_corrected"), Some(&1));
    assert_eq!(memory.days("9", Kind::AssessmentStarted), ["2024-02-05"]);
    assert_eq!(memory.days("9", Kind::AssessmentAuthorised), ["2024-03-20"]);
    assert_eq!(memory.days("9", Kind::CaseClosed), ["2024-06-01"]);
    let journey = memory.journey("9");
    let referral = journey.events.iter().find(|event| event.kind() == Kind::ReferralReceived).unwrap();
    let started = journey.events.iter().find(|event| event.kind() == Kind::AssessmentStarted).unwrap();
    assert_eq!(started.entities.get(EntityRole::Referral), referral.own_entity());
}

#[test]
fn adopters_have_streams_of_their_own_and_their_steps_are_corrected_one_by_one() {
    let mut memory = Memory::default();
    let adopter = |approved: &'static str| {
        [
            ("adopter_id", "A1"),
            ("enquired_on", "2024-01-05"),
            ("approved_on", approved),
            ("matched_on", "2024-05-01"),
        ]
    };
    memory.import(&workbook(&[("11", &[&adopter("2024-04-01")])]), &about("2024-06-01"));
    let second = memory.import(&workbook(&[("11", &[&adopter("2024-04-08")])]), &about("2024-07-01"));
    assert_eq!(second.kinds.get("event_corrected"), Some(&1));
    assert_eq!(second.events, 1);
}

#[test]
fn a_date_after_the_day_described_is_recorded_and_observed() {
    let mut memory = Memory::default();
    import(&mut memory, "cin-census/CIN_Census_2024.xml");
    assert_eq!(memory.days("DfEX0000001", Kind::AssessmentStarted), ["2028-04-28"]);
    let journey = memory.journey("DfEX0000001");
    let observed = journey.events.iter().any(
        |event| matches!(&event.body, Body::ObservationNoted(noted) if noted.code.as_str() == "after_day_described"),
    );
    assert!(observed);
}

#[test]
fn the_latest_of_a_list_says_nothing_of_the_days_before_it() {
    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[("reviewed_on", "2024-04-02")]);
    let coverage = memory.journey("77").coverage;
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let of = |from: &str| coverage.of(Kind::ReviewConferenceHeld, day(from), day("2024-06-01"));
    assert_eq!(of("2024-04-02"), Covered::Complete);
    assert_eq!(of("2024-04-01"), Covered::LatestOnly);
    // A plan listed since January: its end would be listed too, so there is none.
    let ended = coverage.of(Kind::ChildProtectionPlanEnded, day("2024-01-10"), day("2024-06-01"));
    assert_eq!(ended, Covered::Complete);
    assert_eq!(
        coverage.of(Kind::LookedAfterReviewHeld, day("2024-05-01"), day("2024-06-01")),
        Covered::NotStated
    );
}

#[test]
fn another_system_links_only_through_an_identifier_map_and_its_files_leave_others_alone() {
    let mut memory = Memory::default();
    import_contacts(&mut memory, "2024-06-01", &[("1", "2024-04-15"), ("2", "2024-04-16")], "");
    let map = IdentifierMap::read("system,id,known_system,known_id\nother,X9,test,1\n").unwrap();
    let row = contact("X9", "2024-05-20");
    let file = workbook(&[("1", &[&row])]);
    let decisions = Decisions::default();
    let done = memory.import_from("other", &file, &about("2024-07-01"), (&decisions, &map));
    // The file of the other system names neither of the two contacts, and withdraws neither.
    assert_eq!((done.withdrawn, done.kinds.get("identifier_linked")), (0, Some(&1)));
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-04-15", "2024-05-20"]);
    assert_eq!(memory.days("2", Kind::ContactReceived), ["2024-04-16"]);
    let again = memory.import_from("other", &file, &about("2024-07-01"), (&decisions, &map));
    assert_eq!(again.events, 0);
    // Without the map the same identifier is another child.
    let apart =
        memory.import_from("other", &file, &about("2024-07-01"), (&decisions, &IdentifierMap::default()));
    assert_eq!(apart.kinds.get("child_registered"), Some(&1));
}
