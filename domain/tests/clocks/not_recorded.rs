//! A clock that waits for what nobody records here cannot be told (decision 47). Every child is invented.

use crate::support::{Story, day};
use domain::clocks::{ClockEngine, Question, State, Tick, Why};
use domain::events::record_keeping::CoverageExtent;
use domain::events::{EntityRole as Role, Kind};
use domain::journey::RecordedKinds;
use domain::rules::{RuleBook, Shape};

const REFERRAL: &[(Role, u128)] = &[(Role::Referral, 1)];
const NOT_RECORDED: State = State::CannotTell(Why::NotRecordedHere);

/// A referral taken on at the beginning of March 2025, with nothing after the decision.
fn taken_on(story: Story) -> Story {
    story.told("2025-03-03", "referral_received", r#"{"source":"2A"}"#, REFERRAL).told(
        "2025-03-04",
        "referral_decision_made",
        r#"{"outcome":"progressed"}"#,
        REFERRAL,
    )
}

fn asked(recorded: RecordedKinds, as_at: &str) -> Question<'static> {
    Question::as_at(day(as_at)).with_recorded(recorded)
}

fn with(kinds: &[Kind]) -> RecordedKinds {
    RecordedKinds::of_any_authority().and(kinds.iter().copied().collect())
}

fn states(story: &Story, rule: &str, question: &Question<'_>) -> Vec<State> {
    story.clocks(rule, question).iter().map(|clock| clock.state).collect()
}

#[test]
fn what_nobody_records_here_is_not_overdue_and_not_running() {
    let (bare, seen) = (RecordedKinds::of_any_authority(), with(&[Kind::ReferrerInformed]));
    for story in [Story::new(), Story::complete()] {
        let story = taken_on(story);
        // Due on Wednesday 5 March: in time, on the last day, after it.
        for (as_at, where_it_is_recorded) in
            [("2025-03-04", State::DueSoon), ("2025-03-05", State::DueSoon), ("2025-03-06", State::Overdue)]
        {
            assert_eq!(states(&story, "FD-02", &asked(bare, as_at)), [NOT_RECORDED], "{as_at}");
            assert_eq!(states(&story, "FD-02", &asked(seen, as_at)), [where_it_is_recorded], "{as_at}");
        }
        let clocks = story.clocks("FD-02", &asked(bare, "2025-06-10"));
        assert!(clocks.iter().all(|clock| clock.state.is_left_out()));
        assert_eq!(clocks.first().map(|clock| clock.waits_for()), Some(vec![Kind::ReferrerInformed]));
    }
}

#[test]
fn what_a_return_asks_every_authority_for_is_missed_although_none_was_ever_recorded() {
    let story = taken_on(Story::complete());
    let question = asked(RecordedKinds::of_any_authority(), "2025-06-10");
    assert_eq!(states(&story, "AS-03", &question), [State::Overdue]);
    // The same by every rule that waits for a returned kind alone: none is left out.
    for rule in RuleBook::built_in().rules() {
        let Shape::Deadline(shapes) = &rule.shape else { continue };
        let mut stops = shapes.iter().flat_map(|shape| &shape.stop);
        if stops.all(|stop| Kind::RETURNED.contains(&stop.kind)) {
            let states = states(&story, rule.id.as_str(), &question);
            assert!(states.iter().all(|state| !state.is_left_out()), "{} {states:?}", rule.id);
        }
    }
}

#[test]
fn a_source_that_names_the_kind_for_this_child_makes_its_absence_speak() {
    let question = asked(RecordedKinds::of_any_authority(), "2025-06-10");
    let named = Story::new().covered(&["referrer_informed"], CoverageExtent::Complete, "", "");
    assert_eq!(states(&taken_on(named), "FD-02", &question), [State::Overdue]);
    // It holds only the latest: there is none of these days, and the gap is the source's.
    let latest = Story::new().covered(&["referrer_informed"], CoverageExtent::LatestOnly, "", "");
    assert_eq!(states(&taken_on(latest), "FD-02", &question), [State::HistoryIncomplete]);
}

#[test]
fn a_stop_that_is_held_is_judged_and_a_process_that_ended_in_time_is_not_applicable() {
    let question = asked(RecordedKinds::of_any_authority(), "2025-06-10");
    for (told_on, state) in [("2025-03-05", State::Met), ("2025-03-06", State::Late)] {
        let story = taken_on(Story::complete()).told(told_on, "referrer_informed", "{}", REFERRAL);
        assert_eq!(states(&story, "FD-02", &question), [state]);
    }
    // The child is to be seen by the 10th working day after the referral, 17 March.
    for (closed_on, state) in [("2025-03-17", State::NotApplicable), ("2025-03-18", NOT_RECORDED)] {
        let story = taken_on(Story::complete()).told(closed_on, "case_closed", "{}", REFERRAL);
        assert_eq!(states(&story, "AS-06", &question), [state], "{closed_on}");
    }
}

#[test]
fn an_authority_declares_in_its_own_file_what_it_records() {
    let story = taken_on(Story::new());
    let question = asked(RecordedKinds::of_any_authority(), "2025-06-10");
    let declared = "phase = \"front-door\"\nrecords = [\"referrer_informed\"]\n";
    for (text, state) in [("phase = \"front-door\"\n", NOT_RECORDED), (declared, State::Overdue)] {
        let book = RuleBook::with_local("local.toml", text).unwrap();
        let answers = ClockEngine::new(&book).run(&story.journey(), &question);
        let of_rule = answers.clocks.iter().filter(|clock| clock.rule.id.as_str() == "FD-02");
        assert_eq!(of_rule.map(|clock| clock.state).collect::<Vec<_>>(), [state]);
    }
    let unknown = declared.replace("referrer_informed", "referrer_told");
    let defects = RuleBook::with_local("local.toml", &unknown).unwrap_err();
    let told = defects.to_string();
    assert!(told.contains("local.toml line 2: no event kind is named \"referrer_told\""), "{told}");
}

#[test]
fn a_share_of_what_nobody_records_here_cannot_be_told_instead_of_none() {
    let story = Story::complete()
        .told("2010-01-01", "child_registered", r#"{"date_of_birth":"2015-01-01","disabilities":[]}"#, &[])
        .told("2025-03-03", "initial_conference_held", r#"{"kind":"initial"}"#, &[(Role::Conference, 1)]);
    let ticks = |recorded: RecordedKinds| -> Vec<Tick> {
        let answers = story.answers(&asked(recorded, "2025-06-10"));
        let of_rule = answers.tallies.iter().filter(|member| member.rule.id.as_str() == "CP-15a");
        of_rule.map(|member| member.tick).collect()
    };
    assert_eq!(ticks(RecordedKinds::of_any_authority()), [Tick::CannotTell(Why::NotRecordedHere)]);
    assert_eq!(ticks(with(&[Kind::AdvocacyOffered])), [Tick::NotCounted]);
}
