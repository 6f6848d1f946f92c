//! A file about an earlier day that is imported after one about a later day: what the later one says of its records counts,
//! whatever the order. Every child is invented.

use std::collections::BTreeSet;

use crate::memory::Memory;
use crate::memory::lists::{Rows, about, workbook};
use crate::memory::rows::{census, facts, with};
use domain::clocks::{ClockEngine, Question};
use domain::events::{Body, CaseEvent, Entities, Kind};
use domain::journey::{Basis, Journey, KnownAt};
use domain::rules::RuleBook;
use domain::time::Occurred;
use exchange::import::WhyWithdrawn;
use exchange::{Options, Subject};

type Cells<'a> = [(&'a str, &'a str)];

/// The older and the newer day.
const DAYS: [&str; 2] = ["2024-05-31", "2024-06-28"];

const ENQUIRY: &Cells<'static> = &[("child_id", "1"), ("started_on", "2024-04-08")];

/// Both files, each about its day, the older one first or last.
fn after(files: [&[u8]; 2], is_older_first: bool) -> Memory {
    let mut memory = Memory::default();
    let mut dated: Vec<(&[u8], &str)> = files.into_iter().zip(DAYS).collect();
    if !is_older_first {
        dated.reverse();
    }
    for (file, day) in dated {
        memory.import(file, &about(day));
    }
    memory
}

/// What both orders hold of child 1, which is the same.
fn either(list: &str, older: Rows<'_>, newer: Rows<'_>) -> Journey {
    let (older, newer) = (workbook(&[(list, older)]), workbook(&[(list, newer)]));
    let held = [true, false].map(|order| after([&older, &newer], order).journey("1"));
    assert_eq!(facts(&held[0]), facts(&held[1]), "list {list}: the order of the files decides");
    let [_, backwards] = held;
    backwards
}

fn days(journey: &Journey, kind: Kind) -> Vec<String> {
    journey
        .events
        .iter()
        .filter(|event| event.kind() == kind)
        .map(|event| event.occurred.to_string())
        .collect()
}

fn states(journey: &Journey, rule: &str) -> BTreeSet<&'static str> {
    let engine = ClockEngine::new(RuleBook::built_in());
    let answers = engine.run(journey, &Question::as_at(DAYS[1].parse().unwrap()));
    answers
        .clocks
        .iter()
        .filter(|clock| clock.rule.id.as_str() == rule)
        .map(|clock| clock.state.name())
        .collect()
}

#[test]
fn of_two_days_of_one_conference_that_of_the_newer_file_counts() {
    let held = |day: &'static str| with(ENQUIRY, &[("held_on", day)]);
    let table: [(&str, &str, &[&str]); 4] = [
        ("2024-04-24", "2024-04-25", &["2024-04-25"]),
        ("2024-04-24", "", &[]),
        ("2024-04-24", "#N/A", &["2024-04-24"]),
        // A conference after the day of the older file is not the one that it held.
        ("2024-04-24", "2024-06-10", &["2024-06-10"]),
    ];
    for (older, newer, expected) in table {
        let journey = either("5", &[&held(older)], &[&held(newer)]);
        assert_eq!(days(&journey, Kind::InitialConferenceHeld), expected, "{older} {newer}");
    }
    let both = [&held("2024-04-24")[..], &held("2024-04-29")];
    let journey = either("5", &both, &[&held("2024-04-29")]);
    assert_eq!(days(&journey, Kind::InitialConferenceHeld), ["2024-04-29"]);
}

#[test]
fn a_record_whose_day_a_newer_file_corrected_is_one_and_one_that_it_leaves_out_is_none() {
    let assessment = |day: &'static str| [("child_id", "1"), ("started_on", day)];
    let journey = either("4", &[&assessment("2024-03-04")], &[&assessment("2024-03-05")]);
    assert_eq!(days(&journey, Kind::AssessmentStarted), ["2024-03-05"]);
    let both = [&assessment("2024-03-04")[..], &assessment("2024-04-15")];
    let journey = either("4", &both, &[&assessment("2024-04-15")]);
    assert_eq!(days(&journey, Kind::AssessmentStarted), ["2024-04-15"]);
}

#[test]
fn what_a_newer_file_takes_back_was_known_on_the_day_of_the_older_one() {
    let case: &Cells<'_> = &[("child_id", "1"), ("started_on", "2024-02-05")];
    let closed = with(case, &[("closed_on", "2024-05-20")]);
    let (older, newer) = (workbook(&[("6", &[&closed])]), workbook(&[("6", &[case])]));
    for order in [true, false] {
        let memory = after([&older, &newer], order);
        let on = |day: &str| {
            let known = KnownAt::end_of(Basis::Extract, day.parse().unwrap());
            days(&Journey::known(memory.history("1"), known), Kind::ChildInNeedCaseClosed)
        };
        assert_eq!(on(DAYS[0]), ["2024-05-20"], "{order:?}");
        assert_eq!(on(DAYS[1]), [""; 0], "{order:?}");
    }
    let mut memory = Memory::default();
    memory.import(&newer, &about(DAYS[1]));
    let late = memory.import(&older, &about(DAYS[0]));
    assert_eq!((late.counts.new, late.taken_back.len()), (1, 1));
    assert_eq!(late.taken_back[0].why, WhyWithdrawn::ByNewerFile { as_at: DAYS[1].parse().unwrap() });
    assert_eq!(memory.import(&older, &about(DAYS[0])).events, 0);
    assert_eq!(memory.import(&newer, &about(DAYS[1])).events, 0);
}

#[test]
fn an_empty_cell_of_a_newer_file_takes_nothing_from_what_a_hand_recorded() {
    let case: &Cells<'_> = &[("child_id", "1"), ("started_on", "2024-02-05")];
    let closed = with(case, &[("closed_on", "2024-05-20")]);
    let (older, newer) = (workbook(&[("6", &[&closed])]), workbook(&[("6", &[case])]));
    let mut memory = Memory::default();
    memory.import(&newer, &about(DAYS[1]));
    let entities: Entities = memory
        .journey("1")
        .events
        .iter()
        .find_map(|event| (event.kind() == Kind::ChildInNeedCaseOpened).then(|| event.entities.clone()))
        .unwrap();
    let body = Body::of(Kind::ChildInNeedCaseClosed, serde_json::Value::Object(Default::default())).unwrap();
    let event = CaseEvent { entities, ..CaseEvent::new(Occurred::on("2024-05-20".parse().unwrap()), body) };
    memory.by_hand(&Subject::Child("1".into()), &event);
    memory.import(&older, &about(DAYS[0]));
    assert_eq!(memory.days("1", Kind::ChildInNeedCaseClosed), ["2024-05-20"]);
}

#[test]
fn files_of_the_census_hold_the_same_in_both_orders() {
    let file = |day: &str, more: &str| {
        let who = "<ChildIdentifiers><LAchildID>1</LAchildID><PersonBirthDate>2015-05-04</PersonBirthDate></ChildIdentifiers>";
        let other = "<CINdetails><CINreferralDate>2023-06-01</CINreferralDate><CINclosureDate>2023-12-01</CINclosureDate>\
                     <Section47><S47ActualStartDate>2023-06-02</S47ActualStartDate><DateOfInitialCPC>2023-06-20\
                     </DateOfInitialCPC><ICPCnotRequired>0</ICPCnotRequired></Section47><Assessments>\
                     <AssessmentActualStartDate>2023-06-02</AssessmentActualStartDate><AssessmentAuthorisationDate>2023-07-02\
                     </AssessmentAuthorisationDate></Assessments></CINdetails>";
        census(
            day,
            who,
            &format!("{other}<CINdetails><CINreferralDate>2024-01-10</CINreferralDate>{more}</CINdetails>"),
        )
    };
    let enquiry = |more: &str| {
        format!("<Section47><S47ActualStartDate>2024-01-12</S47ActualStartDate>{more}</Section47>")
    };
    let held = |day: &str| enquiry(&format!("<DateOfInitialCPC>{day}</DateOfInitialCPC>"));
    let assessed = |more: &str| {
        format!(
            "<Assessments><AssessmentActualStartDate>2024-01-11</AssessmentActualStartDate>{more}</Assessments>"
        )
    };
    let authorised = "<AssessmentAuthorisationDate>2024-02-20</AssessmentAuthorisationDate>";
    let table = [
        (held("2024-01-30"), held("2024-01-31")),
        (held("2024-01-30"), enquiry("")),
        (held("2024-01-30"), String::new()),
        (enquiry("<ICPCnotRequired>1</ICPCnotRequired>"), enquiry("<ICPCnotRequired>0</ICPCnotRequired>")),
        (assessed(authorised), assessed("")),
        ("<CINclosureDate>2024-02-01</CINclosureDate>".to_owned(), String::new()),
    ];
    for (older, newer) in table {
        let files = [file("2024-03-31", &older), file("2024-05-31", &newer)];
        let held = [[0, 1], [1, 0]].map(|order| {
            let mut memory = Memory::default();
            order.iter().for_each(|at| drop(memory.import(&files[*at], &Options::default())));
            facts(&memory.journey("1"))
        });
        let [forwards, backwards] = &held;
        let only =
            [forwards.difference(backwards), backwards.difference(forwards)].map(|it| it.collect::<Vec<_>>());
        assert!(only.iter().all(Vec::is_empty), "{older} {newer}: {only:#?}");
    }
}

// What goes with a record that is withdrawn, and what waits.

#[test]
fn a_conference_goes_with_the_enquiry_whose_row_alone_held_it() {
    let other: &Cells<'_> = &[("child_id", "1"), ("started_on", "2024-05-06")];
    let held = with(ENQUIRY, &[("held_on", "2024-04-24")]);
    let journey = either("5", &[&held, other], &[other]);
    assert_eq!(days(&journey, Kind::Section47EnquiryStarted), ["2024-05-06"]);
    assert_eq!(days(&journey, Kind::InitialConferenceHeld), [""; 0]);
    // A row that names the enquiry again brings back what it states.
    let mut memory = Memory::default();
    for (day, rows) in
        [(DAYS[0], vec![held.as_slice(), other]), (DAYS[1], vec![other]), ("2024-07-31", vec![&held, other])]
    {
        memory.import(&workbook(&[("5", &rows)]), &about(day));
    }
    assert_eq!(memory.days("1", Kind::InitialConferenceHeld), ["2024-04-24"]);
    // What a hand recorded in the enquiry keeps all of it.
    let mut memory = Memory::default();
    memory.import(&workbook(&[("5", &[&held, other])]), &about(DAYS[0]));
    let entities = memory
        .journey("1")
        .events
        .iter()
        .find_map(|event| (event.kind() == Kind::InitialConferenceHeld).then(|| event.entities.clone()));
    let body = Body::of(Kind::ConferenceNotRequired, serde_json::Value::Object(Default::default())).unwrap();
    let on = Occurred::on("2024-04-26".parse().unwrap());
    let event = CaseEvent { entities: entities.unwrap(), ..CaseEvent::new(on, body) };
    memory.by_hand(&Subject::Child("1".into()), &event);
    memory.import(&workbook(&[("5", &[other])]), &about(DAYS[1]));
    assert_eq!(memory.days("1", Kind::InitialConferenceHeld), ["2024-04-24"]);
    assert_eq!(memory.days("1", Kind::Section47EnquiryStarted).len(), 2);
}

#[test]
fn while_a_row_waits_for_an_answer_no_record_that_it_may_be_is_overdue() {
    let row = |day: &'static str, more: &[(&'static str, &'static str)]| {
        with(&[("child_id", "1"), ("started_on", day)], more)
    };
    let older = [&row("2024-01-08", &[])[..], &row("2024-02-05", &[])];
    let done = [("authorised_on", "2024-03-01")];
    let newer = [&row("2024-01-10", &done)[..], &row("2024-02-07", &done)];
    let mut memory = Memory::default();
    memory.import(&workbook(&[("4", &older)]), &about(DAYS[0]));
    // Another list is read, so that the file tells of the child.
    let contact = [("child_id", "1"), ("received_on", "2024-01-05"), ("source", "6")];
    let file = workbook(&[("1", &[&contact]), ("4", &newer)]);
    let asked = memory.import(&file, &about(DAYS[1]));
    assert_eq!(asked.counts.undecided, 2);
    assert_eq!(states(&memory.journey("1"), "AS-03a"), ["history_incomplete"].into());
    let same = |question: &&exchange::import::Question| {
        let apart = question.stated_on.unwrap().signed_duration_since(question.held_on.unwrap());
        apart.num_days() == 2
    };
    let answers: String = asked
        .questions
        .iter()
        .filter(same)
        .map(|question| format!("\"{}\" = \"same\"\n", question.id))
        .collect();
    memory.import_with(&file, &about(DAYS[1]), &answers);
    assert_eq!(states(&memory.journey("1"), "AS-03a"), ["met"].into());
}

#[test]
fn an_older_file_takes_nothing_that_one_of_several_files_of_the_newest_day_names() {
    let plan = |child: &'static str| [("child_id", child), ("started_on", "2024-03-04")];
    let (one, two, gone) = (plan("1"), plan("2"), plan("3"));
    let oldest = (workbook(&[("7", &[&one, &two])]), "2024-04-30");
    let older = (workbook(&[("7", &[&one, &two, &gone])]), DAYS[0]);
    let teams = [(workbook(&[("7", &[&one])]), DAYS[1]), (workbook(&[("7", &[&two])]), DAYS[1])];
    let files = [&older, &teams[0], &teams[1]];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
        let mut memory = Memory::default();
        // The older file again, and one before it for the first time.
        for (file, day) in order.map(|nth| files[nth]).into_iter().chain([&older, &oldest, &older]) {
            memory.import(file, &about(day));
        }
        let held = ["1", "2", "3"].map(|child| memory.days(child, Kind::ChildProtectionPlanStarted).len());
        assert_eq!(held, [1, 1, 0], "{order:?}");
    }
}
