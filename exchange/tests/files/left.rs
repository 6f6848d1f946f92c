//! Records that the newest complete list no longer holds, where the files lie further apart than its window.
//! Every child is invented.

use crate::memory::Memory;
use crate::memory::lists::import;
use domain::clocks::{ClockEngine, Figures, Question};
use domain::events::Kind;
use domain::rules::RuleBook;
use exchange::Options;

type Cells<'a> = [(&'a str, &'a str)];

/// The states of a rule's clocks, and what a rule counts: for certain, and what cannot be told.
fn answers(memory: &Memory, day: &str, clock: &str, tally: &str) -> (Vec<&'static str>, (u64, u64)) {
    let engine = ClockEngine::new(RuleBook::built_in());
    let answers = engine.run(&memory.journey("1"), &Question::as_at(day.parse().unwrap()));
    let own = answers.clocks.iter().filter(|one| one.rule.id.as_str() == clock);
    let mut figures = Figures::default();
    answers.tallies.iter().filter(|one| one.rule.id.as_str() == tally).for_each(|one| figures.add(one));
    let told = (figures.counted, figures.cannot_tell + figures.history_incomplete);
    (own.map(|clock| clock.state.name()).collect(), told)
}

const PLAN: &Cells<'_> = &[("child_id", "1"), ("started_on", "2023-10-10"), ("visited_on", "2024-03-20")];
const CARE: &Cells<'_> = &[("child_id", "1"), ("started_on", "2023-10-10"), ("visited_on", "2024-03-20")];
const CASE: &Cells<'_> = &[("child_id", "1"), ("started_on", "2023-10-10"), ("primary_need", "N1")];
const OTHER: &Cells<'_> = &[("child_id", "2"), ("started_on", "2024-02-01")];

#[test]
fn what_the_newest_list_no_longer_holds_ended_between_the_last_file_that_did_and_its_window() {
    for (list, row, end, tally) in [
        ("6", CASE, Kind::ChildInNeedCaseClosed, None),
        ("7", PLAN, Kind::ChildProtectionPlanEnded, Some("RT-01")),
        ("8", CARE, Kind::CeasedToBeLookedAfter, Some("RT-01c")),
    ] {
        let mut memory = Memory::default();
        import(&mut memory, list, "2024-02-29", &[row, OTHER]);
        import(&mut memory, list, "2024-03-31", &[row, OTHER]);
        let newer = import(&mut memory, list, "2024-12-31", &[OTHER]);
        assert_eq!(newer.withdrawn, 0, "list {list}");
        assert_eq!(memory.days("1", end), ["2024-04-01/2024-06-30"], "list {list}");
        assert_eq!(memory.days("2", end), [""; 0], "list {list}");
        let left: Vec<String> =
            newer.left.iter().map(|left| format!("{} {:?}", left.list, left.began)).collect();
        assert_eq!(left, [format!("{list} Some(2023-10-10)")]);
        // Nothing of it again, in the same file or in a later one.
        let again = import(&mut memory, list, "2024-12-31", &[OTHER]);
        assert_eq!((again.events, again.left.len()), (0, 0), "list {list}");
        let later = import(&mut memory, list, "2025-01-31", &[OTHER]);
        assert_eq!((later.withdrawn, later.left.len()), (0, 0), "list {list}");
        for (day, counted) in [("2024-03-31", (1, 0)), ("2024-05-15", (0, 1)), ("2024-12-31", (0, 0))] {
            let Some(tally) = tally else { continue };
            assert_eq!(answers(&memory, day, "", tally).1, counted, "{tally} on {day}");
        }
        let engine = ClockEngine::new(RuleBook::built_in());
        let asked = Question::as_at("2024-12-31".parse().unwrap());
        let late = engine.run(&memory.journey("1"), &asked);
        let open = late.clocks.iter().filter(|clock| clock.state.name() == "overdue");
        assert_eq!(open.count(), 0, "list {list}");
    }
}

#[test]
fn a_record_that_returns_is_open_again_and_its_own_end_takes_the_place_of_the_inferred_one() {
    for (end, days) in [("", vec![]), ("2024-05-03", vec!["2024-05-03"])] {
        let row = [("child_id", "1"), ("started_on", "2023-10-10"), ("ended_on", end)];
        // In a newer file, and in another file of the same day.
        for day in ["2024-12-31", "2025-01-31"] {
            let mut memory = Memory::default();
            import(&mut memory, "7", "2024-03-31", &[PLAN, OTHER]);
            import(&mut memory, "7", "2024-12-31", &[OTHER]);
            import(&mut memory, "7", day, &[&row]);
            assert_eq!(memory.days("1", Kind::ChildProtectionPlanEnded), days, "{day}");
            assert_eq!(memory.journey("1").disputes, [], "{day}");
        }
    }
}

#[test]
fn an_assessment_that_is_listed_no_longer_is_neither_authorised_nor_overdue() {
    let row: &Cells<'_> = &[("child_id", "1"), ("started_on", "2023-12-04")];
    let mut memory = Memory::default();
    import(&mut memory, "4", "2024-03-31", &[row, OTHER]);
    assert_eq!(answers(&memory, "2024-12-31", "AS-03a", "").0, ["overdue"]);
    let newer = import(&mut memory, "4", "2024-12-31", &[OTHER]);
    assert_eq!((newer.withdrawn, newer.left.len()), (0, 1));
    assert_eq!(memory.days("1", Kind::AssessmentAuthorised), [""; 0]);
    assert_eq!(answers(&memory, "2024-12-31", "AS-03a", "").0, ["history_incomplete"]);
    let again = import(&mut memory, "4", "2024-12-31", &[OTHER]);
    assert_eq!((again.events, again.left.len()), (0, 0));
    // Later files that do not hold it either take it for what it was, and do not withdraw it.
    let later = import(&mut memory, "4", "2025-01-31", &[OTHER]);
    assert_eq!((later.withdrawn, later.left.len()), (0, 0));
    assert_eq!(memory.days("1", Kind::AssessmentStarted), ["2023-12-04"]);
}

fn census(year: &str, children: &str) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{year}</Year>\
         <ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>\
         <Children>{children}</Children></Message>"
    )
    .into_bytes()
}

#[test]
fn a_case_that_a_census_two_years_later_no_longer_holds_is_closed_and_on_no_list() {
    let child = |id: &str, details: &str| {
        format!("<Child><ChildIdentifiers><LAchildID>{id}</LAchildID></ChildIdentifiers>{details}</Child>")
    };
    let details =
        |more: &str| format!("<CINdetails><CINreferralDate>2023-11-01</CINreferralDate>{more}</CINdetails>");
    let open = details(
        "<ReferralNFA>false</ReferralNFA>\
         <Assessments><AssessmentActualStartDate>2023-12-04</AssessmentActualStartDate></Assessments>\
         <ChildProtectionPlans><CPPstartDate>2024-02-01</CPPstartDate></ChildProtectionPlans>",
    );
    let mut memory = Memory::default();
    let first =
        census("2024", &(child("1", &open) + &child("2", &details("<ReferralNFA>true</ReferralNFA>"))));
    memory.import(&first, &Options::default());
    assert_eq!(answers(&memory, "2026-03-31", "AS-03a", "").0, ["overdue"]);
    let other =
        census("2026", &child("3", "<CINdetails><CINreferralDate>2025-11-01</CINreferralDate></CINdetails>"));
    let done = memory.import(&other, &Options::default());
    assert_eq!(done.withdrawn, 0);
    assert_eq!(memory.days("1", Kind::CaseClosed), ["2024-04-01/2025-03-31"]);
    assert_eq!(memory.days("1", Kind::ChildProtectionPlanEnded), ["2024-04-01/2025-03-31"]);
    let (states, plans) = answers(&memory, "2026-03-31", "AS-03a", "RT-01");
    assert!(!states.contains(&"overdue"), "{states:?}");
    assert_eq!(plans, (0, 0));
    // No further action ended the other referral long before.
    assert_eq!(memory.days("2", Kind::CaseClosed), [""; 0]);
}

#[test]
fn what_an_earlier_file_could_not_say_gives_no_later_day_on_which_a_record_was_open() {
    let mut memory = Memory::default();
    import(&mut memory, "7", "2024-01-31", &[PLAN, OTHER]);
    let unsaid = [PLAN, &[("ended_on", "#N/A")]].concat();
    import(&mut memory, "7", "2024-03-31", &[&unsaid, OTHER]);
    import(&mut memory, "7", "2024-12-31", &[OTHER]);
    assert_eq!(memory.days("1", Kind::ChildProtectionPlanEnded), ["2024-02-01/2024-06-30"]);
}
