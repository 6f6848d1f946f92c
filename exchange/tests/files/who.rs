//! Which child a row is about: identifiers, and characteristics that contradict what is held. Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, workbook};
use crate::memory::rows::{Cells, census, contact, import, notes, referral, who};
use domain::events::Kind;
use domain::events::record_keeping::DisputeReason;
use exchange::Options;
use exchange::import::Likenesses;

fn plan_of(end: &str) -> String {
    format!("<ChildProtectionPlans><CPPstartDate>2024-01-26</CPPstartDate>{end}</ChildProtectionPlans>")
}

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

#[test]
fn an_identifier_that_reads_like_several_is_pointed_at() {
    let said = |id: &str| {
        let rows = [contact(id, "2024-04-15")];
        let extract =
            exchange::read(workbook(&[("1", &[rows[0].as_slice()])]), &about("2024-05-01")).unwrap();
        let mut likenesses = Likenesses::default();
        let notes: Vec<_> = extract.flat_map(|rows| likenesses.see(&rows.unwrap())).collect();
        notes.iter().any(|note| note.code == "identifier_of_several")
    };
    for several in [
        "INV-1 / INV-9",
        "INV-1;INV-2",
        "INV-1, INV-2, INV-3",
        "INV-1\nINV-2",
        "INV-22 INV-23",
        "40501 & 40502",
    ] {
        assert!(said(several), "{several}");
    }
    for one in
        ["INV-1", "INV 0401", "LA/10234", "2023/1023", "943 476 5919", "CH-1 (INV-2)", "A1-B2", "10 234"]
    {
        assert!(!said(one), "{one}");
    }
}

/// A newer file gave the identifier to somebody else, as it seems: of the child who is held it then says nothing certain.
#[test]
fn what_rows_of_another_child_may_have_said_of_the_held_one_is_left_open() {
    use domain::clocks::{ClockEngine, Question};
    let engine = ClockEngine::new(domain::rules::RuleBook::built_in());
    let first = [
        ("child_id", "27"),
        ("born_on", "2015-05-04"),
        ("started_on", "2023-10-10"),
        ("initial_category", "NEG"),
        ("reviewed_on", "2023-12-18"),
    ];
    let second = [
        ("child_id", "27"),
        ("born_on", "2008-02-01"),
        ("started_on", "2024-05-01"),
        ("initial_category", "EMO"),
        ("reviewed_on", "2024-05-20"),
    ];
    let states = |memory: &Memory| {
        let answers = engine.run(&memory.journey("27"), &Question::as_at("2024-06-28".parse().unwrap()));
        answers.clocks.iter().map(|clock| clock.state.name()).collect::<Vec<_>>()
    };
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-04-30", &[&first]);
    assert!(states(&memory).contains(&"overdue"), "{:?}", states(&memory));
    let done = import(&mut memory, "7", "2024-06-28", &[&second]);
    assert_eq!(done.counts.disputed, 1);
    assert!(!states(&memory).contains(&"overdue"), "{:?}", states(&memory));
    assert_eq!(import(&mut memory, "7", "2024-06-28", &[&second]).events, 0);
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

#[test]
fn one_identifier_of_two_children_in_a_list_is_refused_and_nothing_of_either_is_merged() {
    let plan = |born, sex, on| {
        [("child_id", "28"), ("born_on", born), ("sex", sex), ("started_on", on), ("initial_category", "NEG")]
    };
    let (one, other) = (plan("2015-05-04", "1", "2023-10-10"), plan("2008-02-01", "2", "2024-03-01"));
    let visit = [("child_id", "28"), ("received_on", "2024-03-04"), ("source", "6")];
    let both = workbook(&[("1", &[&visit]), ("7", &[&one, &other])]);
    let mut memory = Memory::default();
    let done = memory.import(&both, &about("2024-04-30"));
    assert_eq!((done.counts.refused, done.events, memory.children()), (3, 0, 0));
    let reason = &done.rows[0].refused[0].reason;
    assert!(reason.contains("two children") && reason.contains("!D2") && reason.contains("!D3"), "{reason}");
    // Of a child who is held, such rows take nothing away and leave open how the plan went on.
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-03-31", &[&one]);
    memory.import(&both, &about("2024-04-30"));
    assert_eq!(memory.days("28", Kind::ChildProtectionPlanStarted), ["2023-10-10"]);
    assert_eq!(memory.recorded("28", Kind::EventWithdrawn), 0);
    // A slip in the day is no other child.
    let slip = plan("2015-05-14", "1", "2024-03-01");
    let mut memory = Memory::default();
    let done = import(&mut memory, "7", "2024-04-30", &[&one, &slip]);
    assert_eq!(done.counts.refused, 0);
}

/// Lists of one file may come from several places: what differs a little is in dispute, as it was, and another child is refused.
#[test]
fn one_identifier_of_two_children_in_two_lists_is_refused_and_nothing_of_either_is_merged() {
    let plan = [
        ("child_id", "28"),
        ("born_on", "2015-05-04"),
        ("sex", "1"),
        ("ethnicity", "WBRI"),
        ("started_on", "2023-10-10"),
        ("initial_category", "NEG"),
    ];
    for (born, sex, ethnicity, refused) in [
        ("2008-02-01", "1", "WBRI", false),
        ("2008-02-01", "2", "BAFR", true),
        ("2015-07-04", "2", "BAFR", true),
        ("2015-07-04", "1", "BAFR", false),
        ("2015-05-14", "2", "BAFR", false),
        ("2015-07-04", "2", "REFU", false),
    ] {
        let care = [
            ("child_id", "28"),
            ("born_on", born),
            ("sex", sex),
            ("ethnicity", ethnicity),
            ("started_on", "2024-01-08"),
        ];
        let mut memory = Memory::default();
        let done = memory.import(&workbook(&[("7", &[&plan]), ("8", &[&care])]), &about("2024-04-30"));
        let expected = if refused { (2, 0) } else { (0, 1) };
        assert_eq!((done.counts.refused, memory.children()), expected, "{born} {sex} {ethnicity}");
    }
}

#[test]
fn a_wrong_first_date_of_birth_locks_nobody_out_an_answer_says_that_it_is_the_same_child() {
    let care = |born, on| [("child_id", "29"), ("born_on", born), ("received_on", on), ("source", "6")];
    let wrong = workbook(&[("1", &[&care("1990-05-04", "2024-02-10")])]);
    let right = workbook(&[("1", &[&care("2015-05-04", "2024-04-10")])]);
    let mut memory = Memory::default();
    memory.import(&wrong, &about("2024-02-28"));
    let done = memory.import(&right, &about("2024-04-30"));
    assert_eq!((done.counts.disputed, done.questions.len()), (1, 1));
    assert_eq!(memory.days("29", Kind::ContactReceived), ["2024-02-10"]);
    let answer = format!("\"{}\" = \"same\"", done.questions[0].id);
    let done = memory.import_with(&right, &about("2024-04-30"), &answer);
    assert_eq!(done.questions, []);
    assert_eq!(
        memory.days("29", Kind::ContactReceived),
        ["2024-04-10"],
        "the newer file does not name the first"
    );
    let born = |memory: &Memory| {
        let journey = memory.journey("29");
        let registered = journey.events.iter().find(|event| event.kind() == Kind::ChildRegistered).unwrap();
        registered.body.fields()["date_of_birth"].clone()
    };
    assert_eq!(born(&memory), "2015-05-04");
    // Both files come again, with and without the answer: nothing is asked or added.
    for (file, on, answer) in
        [(&wrong, "2024-02-28", ""), (&right, "2024-04-30", &answer), (&right, "2024-04-30", "")]
    {
        let done = memory.import_with(file, &about(on), answer);
        assert_eq!((done.events, done.questions.len()), (0, 0), "{on}");
    }
    assert_eq!(born(&memory), "2015-05-04");
}
