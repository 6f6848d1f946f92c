//! What a file could not say: it is neither "done" nor "not done", in clocks and in figures. Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, import, with, workbook};
use domain::clocks::{ClockEngine, Figures, Question};
use domain::events::Kind;
use domain::journey::Covered;
use domain::rules::RuleBook;
use exchange::Options;

type Cells<'a> = [(&'a str, &'a str)];

/// The states of a rule's clocks, as the child's journey is known now.
fn states(memory: &Memory, child: &str, day: &str, rule: &str) -> Vec<&'static str> {
    let engine = ClockEngine::new(RuleBook::built_in());
    let answers = engine.run(&memory.journey(child), &Question::as_at(day.parse().unwrap()));
    let own = answers.clocks.iter().filter(|clock| clock.rule.id.as_str() == rule);
    own.map(|clock| clock.state.name()).collect()
}

/// What a rule counts for the child: how many for certain, and how many cannot be told.
fn counted(memory: &Memory, child: &str, day: &str, rule: &str) -> (u64, u64) {
    let engine = ClockEngine::new(RuleBook::built_in());
    let answers = engine.run(&memory.journey(child), &Question::as_at(day.parse().unwrap()));
    let mut figures = Figures::default();
    answers
        .tallies
        .iter()
        .filter(|tallied| tallied.rule.id.as_str() == rule)
        .for_each(|one| figures.add(one));
    (figures.counted, figures.cannot_tell + figures.history_incomplete)
}

/// A list, a row that leaves a cell empty, the cell, what it could hold, and a clock that is overdue without it.
const OPEN: [(&str, &Cells<'_>, &str, &str, &str); 5] = [
    (
        "3",
        &[("child_id", "1"), ("received_on", "2024-02-01"), ("source", "6")],
        "no_further_action",
        "N",
        "FD-01",
    ),
    ("4", &[("child_id", "1"), ("started_on", "2024-01-08")], "authorised_on", "2024-02-12", "AS-03a"),
    ("5", &[("child_id", "1"), ("started_on", "2024-02-05")], "held_on", "2024-02-20", "CP-04"),
    ("5", &[("child_id", "1"), ("started_on", "2024-02-05")], "conference_not_required", "Y", "CP-04"),
    (
        "7",
        &[("child_id", "1"), ("started_on", "2023-10-10"), ("reviewed_on", "2023-12-18")],
        "ended_on",
        "2024-03-12",
        "CP-12",
    ),
];

#[test]
fn a_cell_that_could_not_be_read_is_not_an_act_that_was_not_done() {
    for (list, row, field, value, rule) in OPEN {
        let state = |text: &str| {
            let mut memory = Memory::default();
            import(&mut memory, list, "2024-06-28", &[&with(row, &[(field, text)])]);
            states(&memory, "1", "2024-06-28", rule)
        };
        assert!(state("").contains(&"overdue"), "{list} {rule}: {:?}", state(""));
        for text in ["#N/A", "#SPILL!", "30/02/2024", "12/03/24", "perhaps"] {
            let states = state(text);
            assert!(!states.contains(&"overdue"), "list {list} {field} {text:?}: {states:?}");
            assert!(states.contains(&"history_incomplete"), "list {list} {field} {text:?}: {states:?}");
        }
        let stated = state(value);
        assert!(!stated.contains(&"overdue"), "list {list} {field}: {stated:?}");
        assert!(!stated.contains(&"history_incomplete"), "list {list} {field}: {stated:?}");
    }
}

#[test]
fn a_later_file_that_can_say_it_settles_what_an_earlier_one_could_not() {
    for (list, row, field, value, rule) in OPEN {
        for (text, overdue) in [(value, false), ("", true)] {
            let mut memory = Memory::default();
            import(&mut memory, list, "2024-05-31", &[&with(row, &[(field, "#N/A")])]);
            let again = import(&mut memory, list, "2024-05-31", &[&with(row, &[(field, "#N/A")])]);
            assert_eq!(again.events, 0, "list {list}");
            import(&mut memory, list, "2024-06-28", &[&with(row, &[(field, text)])]);
            let states = states(&memory, "1", "2024-06-28", rule);
            assert_eq!(states.contains(&"overdue"), overdue, "list {list} {field} {text:?}: {states:?}");
            assert!(!states.contains(&"history_incomplete"), "list {list} {field} {text:?}: {states:?}");
        }
    }
}

#[test]
fn a_process_whose_end_could_not_be_read_is_neither_open_nor_ended_in_the_figures() {
    let (list, row, field, ..) = OPEN[4];
    for (text, expected) in [("", (1, 0)), ("2024-03-12", (0, 0)), ("30/02/2024", (0, 1)), ("#N/A", (0, 1))] {
        let mut memory = Memory::default();
        import(&mut memory, list, "2024-06-28", &[&with(row, &[(field, text)])]);
        assert_eq!(counted(&memory, "1", "2024-06-28", "RT-01"), expected, "{text:?}");
    }
    // On a day on which an earlier file held it open, it was open.
    let mut memory = Memory::default();
    import(&mut memory, list, "2024-03-31", &[row]);
    import(&mut memory, list, "2024-06-28", &[&with(row, &[(field, "#N/A")])]);
    assert_eq!(counted(&memory, "1", "2024-03-31", "RT-01"), (1, 0));
    assert_eq!(counted(&memory, "1", "2024-06-28", "RT-01"), (0, 1));
}

#[test]
fn one_row_that_could_not_say_it_takes_nothing_from_another_that_does() {
    let (list, row, field, ..) = OPEN[4];
    let (lost, ended) = (with(row, &[(field, "#N/A")]), with(row, &[(field, "2024-03-12")]));
    for rows in [[&lost[..], &ended], [&ended[..], &lost]] {
        let mut memory = Memory::default();
        import(&mut memory, list, "2024-06-28", &rows);
        assert_eq!(memory.days("1", Kind::ChildProtectionPlanEnded), ["2024-03-12"]);
        assert_eq!(counted(&memory, "1", "2024-06-28", "RT-01"), (0, 0));
        let coverage = memory.journey("1").coverage;
        assert_eq!(coverage.unsaid().count(), 0);
    }
}

fn census(child: &str) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
         <ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>\
         <Children><Child><ChildIdentifiers><LAchildID>1</LAchildID><PersonBirthDate>2014-02-03</PersonBirthDate>\
         {child}</Child></Children></Message>"
    )
    .into_bytes()
}

#[test]
fn an_element_of_the_census_that_cannot_be_read_is_not_an_act_that_was_not_done() {
    let referral = |more: &str| {
        census(&format!(
            "</ChildIdentifiers><CINdetails><CINreferralDate>2023-10-02</CINreferralDate>\
             <ReferralNFA>false</ReferralNFA>{more}</CINdetails>"
        ))
    };
    let died = |day: &str| {
        let enquiry = "<Section47><S47ActualStartDate>2023-10-03</S47ActualStartDate></Section47>";
        census(&format!(
            "<PersonDeathDate>{day}</PersonDeathDate></ChildIdentifiers><CINdetails>\
             <CINreferralDate>2023-10-02</CINreferralDate><ReferralNFA>false</ReferralNFA>{enquiry}</CINdetails>"
        ))
    };
    let assessment = |day: &str| {
        referral(&format!(
            "<Assessments><AssessmentActualStartDate>2023-10-03</AssessmentActualStartDate>\
             <AssessmentAuthorisationDate>{day}</AssessmentAuthorisationDate></Assessments>"
        ))
    };
    let enquiry = |day: &str| {
        referral(&format!(
            "<Section47><S47ActualStartDate>2023-10-03</S47ActualStartDate>\
             <DateOfInitialCPC>{day}</DateOfInitialCPC></Section47>"
        ))
    };
    let closed = |day: &str| {
        referral(&format!(
            "<CINclosureDate>{day}</CINclosureDate>\
             <Section47><S47ActualStartDate>2023-10-03</S47ActualStartDate></Section47>"
        ))
    };
    let decided = |day: &str| {
        referral(&format!(
            "<PreProceedingsandFGDM><PPStartDate>2023-09-09</PPStartDate>\
             <StepDecisionDate>{day}</StepDecisionDate></PreProceedingsandFGDM>"
        ))
    };
    type File<'a> = &'a dyn Fn(&str) -> Vec<u8>;
    let table: [(File<'_>, &str); 5] = [
        (&assessment, "AS-03"),
        (&enquiry, "CP-04"),
        (&closed, "CP-04"),
        (&decided, "PLO-01"),
        (&died, "CP-04"),
    ];
    for (file, rule) in table {
        for (day, expected) in [("", "overdue"), ("2023-11-31", "history_incomplete")] {
            let mut memory = Memory::default();
            memory.import(&file(day), &Options::default());
            let states = states(&memory, "1", "2024-03-31", rule);
            assert!(states.contains(&expected), "{rule} {day:?}: {states:?}");
        }
    }
}

// What is stated beside a day that could not be said.

#[test]
fn a_value_whose_record_has_no_date_is_pointed_at_and_never_taken_for_known() {
    let care: &Cells<'_> = &[
        ("child_id", "1"),
        ("started_on", "2023-06-01"),
        ("placement_started_on", "2023-06-01"),
        ("placement_type", "U6"),
        ("legal_status_started_on", "2023-06-01"),
        ("legal_status", "C2"),
    ];
    let cells = [
        ("placement_started_on", "placement_type", "K2", "List 8!W2"),
        ("legal_status_started_on", "legal_status", "E1", "List 8!L2"),
    ];
    for (day, field, value, place) in cells {
        for text in ["#N/A", "n/k", "31/02/2024"] {
            let mut memory = Memory::default();
            import(&mut memory, "8", "2024-03-31", &[care]);
            let row = with(care, &[(day, text), (field, value)]);
            let done = import(&mut memory, "8", "2024-06-30", &[&row]);
            assert_eq!((done.counts.disputed, done.counts.known), (1, 0), "{field} {text}");
            let refused =
                done.rows[0].refused.iter().filter(|cell| cell.reason.contains("that belongs to it"));
            let refused: Vec<String> = refused.map(|cell| cell.place.to_string()).collect();
            assert_eq!(refused, [place], "{field} {text}");
            let journey = memory.journey("1");
            let claimed = serde_json::Value::Object(journey.disputes[0].claim.body.fields()).to_string();
            assert!(claimed.contains(value), "{claimed}");
            let again = import(&mut memory, "8", "2024-06-30", &[&row]);
            assert_eq!(again.events, 0);
            // The value that is held already is dropped with nothing lost.
            let same = import(&mut memory, "8", "2024-07-31", &[&with(care, &[(day, text)])]);
            assert_eq!((same.counts.disputed, same.counts.known), (0, 1), "{field} {text}");
        }
    }
}

#[test]
fn a_reason_whose_end_has_no_date_is_pointed_at() {
    let case: &Cells<'_> = &[("child_id", "1"), ("started_on", "2023-06-01"), ("primary_need", "N1")];
    let mut memory = Memory::default();
    import(&mut memory, "6", "2024-03-31", &[case]);
    let row = with(case, &[("closed_on", "#N/A"), ("closure_reason", "RC7")]);
    let done = import(&mut memory, "6", "2024-06-30", &[&row]);
    assert_eq!(done.counts.known, 0);
    assert!(done.rows[0].refused.iter().any(|cell| cell.value == "RC7"));
    assert_eq!(memory.days("1", Kind::ChildInNeedCaseClosed), [""; 0]);
    let again = import(&mut memory, "6", "2024-06-30", &[&row]);
    assert_eq!(again.events, 0);
}

#[test]
fn a_refused_row_may_say_that_a_held_record_ended_or_that_another_began() {
    let plan = [("child_id", "1"), ("started_on", "2023-10-10"), ("reviewed_on", "2023-12-18")];
    let other = [("child_id", "1"), ("started_on", "2024-02-05"), ("reviewed_on", "2024-03-01")];
    let unread = with(&plan, &[("started_on", "#N/A")]);
    for (rows, expected) in [
        (vec![unread.as_slice()], (0, 1)),
        (vec![plan.as_slice()], (1, 0)),
        (vec![with(&plan, &[("ended_on", "2024-05-02")]).as_slice()], (0, 0)),
    ] {
        let mut memory = Memory::default();
        import(&mut memory, "7", "2024-03-31", &[&plan]);
        let done = import(&mut memory, "7", "2024-06-28", &rows);
        assert_eq!(done.withdrawn, 0);
        assert_eq!(counted(&memory, "1", "2024-06-28", "RT-01"), expected, "{rows:?}");
        assert_eq!(counted(&memory, "1", "2024-03-31", "RT-01"), (1, 0), "{rows:?}");
        let again = import(&mut memory, "7", "2024-06-28", &rows);
        assert_eq!(again.events, 0, "{rows:?}");
    }
    // Beside a row that is read, the plan of that row is known to run.
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-06-28", &[&with(&other, &[("started_on", "#N/A")]), &plan]);
    assert_eq!(counted(&memory, "1", "2024-06-28", "RT-01"), (1, 0));
    let coverage = memory.journey("1").coverage;
    let (from, to) = ("2023-12-29".parse().unwrap(), "2024-06-28".parse().unwrap());
    assert!(coverage.may_hide(Kind::ChildProtectionPlanStarted, from, to));
    // A refused row alone founds nobody.
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-06-28", &[&unread]);
    assert_eq!(memory.children(), 0);
}

#[test]
fn no_list_is_complete_for_anybody_beside_a_row_that_names_nobody() {
    let own = [("child_id", "1"), ("started_on", "2024-03-04")];
    let nobody = [("started_on", "2024-04-02"), ("authorised_on", "2024-04-20")];
    let covered = |rows: &[&Cells<'_>], kind: Kind, from: &str| {
        let mut memory = Memory::default();
        import(&mut memory, "4", "2024-06-28", rows);
        memory.journey("1").coverage.of(kind, from.parse().unwrap(), "2024-06-28".parse().unwrap())
    };
    let (whole, anybodys): (Vec<&Cells<'_>>, Vec<&Cells<'_>>) = (vec![&own], vec![&own, &nobody]);
    assert_eq!(covered(&whole, Kind::AssessmentStarted, "2023-12-29"), Covered::Complete);
    assert_eq!(covered(&anybodys, Kind::AssessmentStarted, "2023-12-29"), Covered::NotStated);
    // What the child's own row says of its assessment is whole in both.
    assert_eq!(covered(&whole, Kind::AssessmentAuthorised, "2024-03-04"), Covered::Complete);
    assert_eq!(covered(&anybodys, Kind::AssessmentAuthorised, "2024-03-04"), Covered::Complete);
    assert_eq!(covered(&anybodys, Kind::AssessmentAuthorised, "2024-03-03"), Covered::NotStated);
}

/// What a source writes where it has no value is no proof that there was none: another file may hold it.
#[test]
fn a_placeholder_for_the_latest_proves_no_absence_as_an_empty_cell_does() {
    let plan: &Cells<'_> =
        &[("child_id", "1"), ("started_on", "2023-09-04"), ("initial_category", "Neglect")];
    let care: &Cells<'_> =
        &[("child_id", "1"), ("started_on", "2023-09-04"), ("placement_started_on", "2023-09-04")];
    for (list, row, field, rule) in [
        ("7", plan, "visited_on", "CP-12"),
        ("7", plan, "reviewed_on", "CP-09"),
        ("8", care, "reviewed_on", "LAC-01"),
        ("8", care, "visited_on", "LAC-04"),
        ("8", care, "health_assessed_on", "HL-01"),
    ] {
        let state = |text: &str| {
            let mut memory = Memory::default();
            import(&mut memory, list, "2024-03-31", &[&with(row, &[(field, text)])]);
            states(&memory, "1", "2024-03-31", rule)
        };
        assert!(state("").contains(&"overdue"), "list {list} {rule}: {:?}", state(""));
        for text in ["1900-01-01", "2999-12-31", "n/k"] {
            assert!(!state(text).contains(&"overdue"), "list {list} {field} {text}: {:?}", state(text));
            assert!(
                state(text).contains(&"history_incomplete"),
                "list {list} {field} {text}: {:?}",
                state(text)
            );
        }
    }
    // It takes nothing from what is held, and says nothing of the days before it.
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-02-29", &[&with(plan, &[("visited_on", "2024-02-20")])]);
    import(&mut memory, "7", "2024-03-31", &[&with(plan, &[("visited_on", "1900-01-01")])]);
    assert_eq!(memory.days("1", Kind::ChildProtectionVisitMade), ["2024-02-20"]);
    assert!(!states(&memory, "1", "2024-03-31", "CP-12").contains(&"late"));
}

/// A reason says that it ended; a day that stands for none does not say when.
#[test]
fn a_placeholder_for_an_end_beside_its_reason_is_an_end_that_cannot_be_told() {
    let enquiry: &Cells<'_> = &[("child_id", "1"), ("started_on", "2024-01-08"), ("primary_need", "N1")];
    for text in ["1900-01-01", "2099-12-31", "2999-12-31"] {
        let mut memory = Memory::default();
        let closed = with(enquiry, &[("closed_on", text), ("closure_reason", "RC7")]);
        let wait: &Cells<'_> = &[("child_id", "1"), ("started_on", "2024-01-08")];
        let file = workbook(&[("5", &[wait]), ("6", &[&closed])]);
        memory.import(&file, &about("2024-06-28"));
        assert_eq!(states(&memory, "1", "2024-06-28", "CP-04"), ["history_incomplete"], "{text}");
        let mut memory = Memory::default();
        let open = with(enquiry, &[("closed_on", text)]);
        memory.import(&workbook(&[("5", &[wait]), ("6", &[&open])]), &about("2024-06-28"));
        assert_eq!(states(&memory, "1", "2024-06-28", "CP-04"), ["overdue"], "{text}");
    }
    let care: &Cells<'_> = &[("child_id", "1"), ("started_on", "2024-01-10")];
    let ceased = with(care, &[("ceased_on", "2099-12-31"), ("cease_reason", "E4A")]);
    let mut memory = Memory::default();
    import(&mut memory, "8", "2024-06-28", &[&ceased]);
    assert_eq!(states(&memory, "1", "2024-06-28", "HL-01"), ["history_incomplete"]);
}
