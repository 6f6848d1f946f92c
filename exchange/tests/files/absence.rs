//! What it means that a newer file no longer names a record, and the questions that leaves. Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::{about, workbook};
use crate::memory::rows::{import_contacts, import_plan, plan_with};
use domain::events::Kind;
use exchange::import::Decisions;

#[test]
fn absence_withdraws_only_inside_the_window_of_the_newer_file() {
    let mut memory = Memory::default();
    let first = [("1", "2024-01-15"), ("1", "2024-04-15"), ("2", "2024-04-20"), ("3", "2024-05-01")];
    import_contacts(&mut memory, "2024-06-01", &first, "");
    // The contact of January has left the window; child 2 has left the file; that of April is gone.
    let second = import_contacts(&mut memory, "2024-08-01", &[("3", "2024-05-01")], "");
    assert_eq!(second.withdrawn, 2);
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-01-15"]);
    assert_eq!(memory.days("2", Kind::ContactReceived), [""; 0]);
    let withdrawn = &memory.journey("2").withdrawn;
    assert!(withdrawn[0].amendments[0].inferred);
    // The older file again changes nothing, and the row that returns in a newer one is reinstated.
    let again = import_contacts(&mut memory, "2024-06-01", &first, "");
    assert_eq!(again.events, 0);
    let third = import_contacts(&mut memory, "2024-09-01", &[("2", "2024-04-20"), ("3", "2024-05-01")], "");
    assert_eq!(third.kinds.get("event_reinstated"), Some(&1));
}

#[test]
fn one_row_left_over_beside_one_record_is_a_corrected_key_date() {
    let mut memory = Memory::default();
    import_contacts(&mut memory, "2024-06-01", &[("1", "2024-04-15"), ("1", "2024-05-01")], "");
    let second = import_contacts(&mut memory, "2024-06-15", &[("1", "2024-04-16"), ("1", "2024-05-01")], "");
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-04-16", "2024-05-01"]);
    assert_eq!(second.kinds.get("event_corrected"), Some(&1));
    assert_eq!(second.questions.len(), 1);
    assert!(second.questions[0].inferred);
    assert_eq!(second.withdrawn, 0);
}

#[test]
fn an_answer_overrules_the_inferred_correction() {
    let mut memory = Memory::default();
    import_contacts(&mut memory, "2024-06-01", &[("1", "2024-04-15")], "");
    let question = {
        let mut trial = Memory::default();
        import_contacts(&mut trial, "2024-06-01", &[("1", "2024-04-15")], "");
        import_contacts(&mut trial, "2024-06-15", &[("1", "2024-05-20")], "").questions[0].id.clone()
    };
    let answer = format!("\"{question}\" = \"different\"\n");
    let second = import_contacts(&mut memory, "2024-06-15", &[("1", "2024-05-20")], &answer);
    assert_eq!(second.kinds.get("event_corrected"), None);
    assert_eq!(second.withdrawn, 1);
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-05-20"]);
}

#[test]
fn what_is_ambiguous_waits_for_an_answer() {
    let mut memory = Memory::default();
    import_contacts(&mut memory, "2024-06-01", &[("1", "2024-04-15"), ("1", "2024-05-01")], "");
    let file = [("1", "2024-04-18"), ("1", "2024-05-04")];
    let asked = import_contacts(&mut memory, "2024-06-15", &file, "");
    assert_eq!(asked.counts.undecided, 2);
    assert_eq!(asked.questions.len(), 4);
    assert_eq!((asked.events, asked.withdrawn), (0, 0));
    let same = |held: &str, stated: &str| {
        let question = asked
            .questions
            .iter()
            .find(|q| q.held_on.unwrap().to_string() == held && q.stated_on.unwrap().to_string() == stated);
        format!("\"{}\" = \"same\"\n", question.unwrap().id)
    };
    let answers = same("2024-04-15", "2024-04-18") + &same("2024-05-01", "2024-05-04");
    let decided = import_contacts(&mut memory, "2024-06-15", &file, &answers);
    assert_eq!(decided.counts.undecided, 0);
    assert_eq!(decided.kinds.get("event_corrected"), Some(&2));
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-04-18", "2024-05-04"]);
}

#[test]
fn a_plan_open_in_both_files_is_withdrawn_only_without_a_gap() {
    let other = plan_with(&[("child_id", "78")]);
    let newer = workbook(&[("7", &[&other])]);
    for (day, withdrawn) in [("2024-09-01", 1), ("2025-06-01", 0)] {
        let mut memory = Memory::default();
        import_plan(&mut memory, "2024-05-01", &[("reviewed_on", "2024-04-02")]);
        let done = memory.import(&newer, &about(day));
        assert_eq!(done.withdrawn, withdrawn, "{day}");
        // What belongs to the plan goes with it: its start and its review.
        assert_eq!(memory.journey("77").withdrawn.len(), 2 * usize::try_from(withdrawn).unwrap());
    }
}

#[test]
fn what_is_withdrawn_is_named_with_the_reason_and_the_row_that_held_it() {
    let mut memory = Memory::default();
    import_contacts(
        &mut memory,
        "2024-06-01",
        &[("1", "2024-04-15"), ("2", "2024-05-02"), ("2", "2024-05-09")],
        "",
    );
    let newer = import_contacts(&mut memory, "2024-06-15", &[("2", "2024-05-09")], "");
    let said: Vec<String> = newer
        .taken_back
        .iter()
        .map(|it| format!("{} {} {:?} {}", it.kind.name(), it.on.unwrap(), it.stood.clone().unwrap(), it.why))
        .collect();
    let expected = [
        "contact_received 2024-05-02 (\"list_1\", 3) no row names it, and its list should hold it",
        "contact_received 2024-04-15 (\"list_1\", 2) no row names it, and its list should hold it",
    ];
    assert_eq!(said, expected);
    assert_eq!(newer.taken_back[0].stream, memory.history("2")[0].stream);

    let mut memory = Memory::default();
    import_plan(&mut memory, "2024-06-01", &[("ended_on", "2024-05-20")]);
    let emptied = import_plan(&mut memory, "2024-06-15", &[]);
    assert_eq!((emptied.withdrawn, emptied.taken_back.len()), (0, 1));
    let it = &emptied.taken_back[0];
    assert_eq!((it.kind, it.on), (Kind::ChildProtectionPlanEnded, "2024-05-20".parse().ok()));
    assert_eq!(
        it.why.to_string(),
        "its cell is empty now (Child Protection, row 2)".replace("Child Protection", "List 7")
    );
}

#[test]
fn an_answered_question_is_known_again_when_the_same_file_comes_again() {
    for answer in ["same", "different"] {
        let mut memory = Memory::default();
        import_contacts(&mut memory, "2024-06-01", &[("1", "2024-04-15"), ("1", "2024-05-01")], "");
        let file = [("1", "2024-04-18"), ("1", "2024-05-04")];
        let asked = import_contacts(&mut memory, "2024-06-15", &file, "");
        let answers: String = asked
            .questions
            .iter()
            .filter(|question| {
                // Each row is the record of about its day, or none is any.
                let days =
                    question.stated_on.unwrap().signed_duration_since(question.held_on.unwrap()).num_days();
                answer == "different" || days == 3
            })
            .map(|question| format!("\"{}\" = \"{answer}\"\n", question.id))
            .collect();
        let unknown = "\"nowhere\" = \"same\"\n";
        let first = import_contacts(&mut memory, "2024-06-15", &file, &(answers.clone() + unknown));
        let named = answers.lines().count();
        assert_eq!((first.counts.undecided, first.asked.len()), (0, named), "{answer}");
        assert!(!first.asked.contains("nowhere"));
        let again = import_contacts(&mut memory, "2024-06-15", &file, &answers);
        assert_eq!((again.events, again.asked.len()), (0, named), "{answer}");
    }
}

#[test]
fn an_answer_that_there_is_not_is_named() {
    let fault = Decisions::read("\"q\" = \"maybe\"").unwrap_err().to_string();
    assert_eq!(fault, "unknown answer \"maybe\" to the question \"q\"; use \"same\" or \"different\"");
}
