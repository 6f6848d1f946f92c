//! What another rule file would answer of the same journey. Every child is invented.

use crate::support::{Story, day};
use domain::clocks::{ClockEngine, Difference, Question, differences};
use domain::events::{EntityRole as Role, Kind};
use domain::journey::RecordedKinds;
use domain::rules::RuleBook;

const OUR_RULES: &str = include_str!("../../../tests/fixtures/rules/our-rules.toml");

fn plan_with_visits() -> Story {
    let plan = &[(Role::Plan, 1)];
    let story = Story::complete()
        .told("2024-01-08", "referral_received", "{}", &[(Role::Referral, 1)])
        .told("2024-01-08", "referral_decision_made", r#"{"outcome":"progressed"}"#, &[(Role::Referral, 1)])
        .told("2024-09-02", "referral_received", "{}", &[(Role::Referral, 2)])
        .told("2024-10-07", "child_protection_plan_started", "{}", plan);
    // 10 working days after 7 October end on 21 October, 15 on 28 October; 16 after 25 October on 18 November.
    ["2024-10-25", "2024-11-18"]
        .into_iter()
        .fold(story, |story, day| story.told(day, "child_protection_visit_made", "{}", plan))
}

fn changes(text: &str) -> Vec<Difference> {
    let (story, book) =
        (plan_with_visits(), RuleBook::with_local("our-rules.toml", text).expect("no defect"));
    let question = Question::as_at(day("2024-11-20")).with_recorded(RecordedKinds::of_any_authority());
    let journey = story.journey();
    let before = ClockEngine::new(RuleBook::built_in()).run(&journey, &question);
    let engine = ClockEngine::new(&book);
    differences(&before, &engine.run(&journey, &question))
}

#[test]
fn a_changed_limit_names_each_answer_that_changes_and_why() {
    let found: Vec<[String; 5]> = changes(OUR_RULES)
        .into_iter()
        .filter(Difference::changes_answer)
        .map(|it| {
            let why = it.why();
            let said = |side: Option<domain::clocks::Side>| side.map_or(String::new(), |side| side.answer);
            let on = it.on.map_or(String::new(), |on| on.to_string());
            [it.rule, on, said(it.before), said(it.after), why]
        })
        .collect();
    let longer = "15 working days (local-2024) instead of 10 working days (local-10-days)";
    let shorter = "6 months (six-months) instead of 12 months (cin-census)";
    let declared = "the file says that it is recorded here";
    assert_eq!(
        found,
        [
            ["CP-12", "2024-10-07", "late", "met", longer],
            ["FD-02", "2024-01-08", "cannot_tell", "overdue", declared],
            ["FD-03", "2024-09-02", "earlier one known", "no earlier one", shorter],
            // Late as it was known on its last day, because all of it was entered in 2025; in time as it is known now.
            ["RC-02", "2024-10-07", "", "counted", "asked now by ledger, and not before"],
        ]
        .map(|line| line.map(str::to_owned))
    );
}

#[test]
fn the_book_against_itself_changes_nothing_and_every_change_has_a_cause() {
    assert_eq!(changes("phase = \"local\"\n"), []);
    let found = changes(OUR_RULES);
    // The second visit is late either way: its last day moves.
    assert!(found.iter().any(|it| it.rule == "CP-12" && !it.changes_answer()), "{found:?}");
    assert!(found.iter().all(|it| !it.why().is_empty()));
    let declared = RuleBook::with_local("our-rules.toml", OUR_RULES).unwrap().declared();
    assert!(declared.contains(Kind::ReferrerInformed) && !declared.contains(Kind::AdvocacyOffered));
}
