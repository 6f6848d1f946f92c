//! Which version of a rule a clock has, and clocks of a version's own.

use std::sync::LazyLock;

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::journeys::{care, discussion, enquiry, initial, referral, review};
use crate::support::{Story, day, one};

#[test]
fn a_rule_starts_no_clock_before_it_was_in_force() {
    let story = Story::complete().with("2013-04-14", referral(), &[(Role::Referral, 9)]);
    assert_eq!(story.states("AS-03", "2013-12-31"), []);
    let story = Story::complete().with("2011-03-31", care(), &[(Role::PeriodOfCare, 6)]);
    let clock = story.clocks("LAC-01", &Question::as_at(day("2011-04-28"))).remove(0);
    assert_eq!(
        (clock.version.name.as_ref(), clock.due_on),
        ("review-regulations-1991", Some(day("2011-04-28")))
    );
}

/// An authority's own rule: from 1 April 2012 its clock starts at the decision that an enquiry is needed.
const LOCAL: &str = r#"phase = "child-protection"
[[rule]]
id = "L-01"
title = "Initial conference, local"
shape = "deadline"
attribution = "team_at_start"
cohort = "c"
numerator = "n"
denominator = "d"
operator = "at_most"
exceptions = []
[[rule.clock]]
per = "enquiry"
start = [{ event = "strategy_discussion_held" }]
stop = [{ event = "initial_conference_held" }]
[[rule.version]]
name = "discussion"
limit = 5
unit = "calendar_days"
start_day_counts = false
bound = "window"
not_before = 2
source = "s"
kind = "local"
verified = true
verified_note = "invented for this test"
in_force_to = 2012-03-31
chosen_by = "start"
running_clocks = "keep"
[[rule.version]]
name = "enquiry"
limit = 5
unit = "calendar_days"
start_day_counts = false
bound = "minimum"
source = "s"
kind = "local"
verified = true
verified_note = "invented for this test"
in_force_from = 2012-04-01
chosen_by = "start"
running_clocks = "keep"
[[rule.version.clock]]
per = "enquiry"
start = [{ event = "section47_enquiry_started" }]
stop = [{ event = "initial_conference_held" }]
"#;

#[test]
fn a_local_version_may_start_elsewhere_and_bound_otherwise() {
    let book = domain::rules::RuleBook::with_local("local.toml", LOCAL).unwrap();
    let engine = domain::clocks::ClockEngine::new(&book);
    let seen = |discussed: &str, began: &str, held: &str| {
        let story = Story::new().with(discussed, discussion(), &[(Role::Enquiry, 1)]).with(
            began,
            enquiry(),
            &[(Role::Enquiry, 1)],
        );
        let story = if held.is_empty() { story } else { story.with(held, initial(), &[(Role::Enquiry, 1)]) };
        let answers = engine.run(&story.journey(), &Question::as_at(day("2013-01-01")));
        let local = answers.clocks.iter().filter(|clock| clock.rule.id.as_str() == "L-01");
        local.map(|clock| (clock.version.name.to_string(), clock.state)).collect::<Vec<_>>()
    };
    let by_discussion = |state| vec![("discussion".to_owned(), state)];
    let by_enquiry = |state| vec![("enquiry".to_owned(), state)];
    // A window: not before the second day, not after the fifth.
    assert_eq!(seen("2012-03-01", "2012-03-02", "2012-03-02"), by_discussion(State::TooEarly));
    assert_eq!(seen("2012-03-01", "2012-03-02", "2012-03-03"), by_discussion(State::Met));
    assert_eq!(seen("2012-03-01", "2012-03-02", "2012-03-06"), by_discussion(State::Met));
    assert_eq!(seen("2012-03-01", "2012-03-02", "2012-03-07"), by_discussion(State::Late));
    assert_eq!(
        seen("2012-03-01", "2012-03-02", "2012-03-01/2012-03-03"),
        by_discussion(State::CannotTell(Why::DatesNotSettled))
    );
    // A minimum, from the enquiry: nothing runs out.
    assert_eq!(seen("2012-05-01", "2012-05-02", "2012-05-06"), by_enquiry(State::TooEarly));
    assert_eq!(seen("2012-05-01", "2012-05-02", "2012-05-07"), by_enquiry(State::Met));
    assert_eq!(seen("2012-05-01", "2012-05-02", ""), by_enquiry(State::Running));
}

#[test]
fn a_start_around_a_change_of_law_is_settled_where_both_versions_say_the_same() {
    const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 6)];
    let first = |reviewed: &str, as_at: &str| {
        let story = Story::complete().with("2011-03-28/2011-04-04", care(), CARE);
        let reviews = (!reviewed.is_empty()).then_some(reviewed);
        let story = reviews.into_iter().fold(story, |story, on| story.with(on, review(), CARE));
        one(story.states("LAC-01", as_at))
    };
    assert_eq!(first("", "2011-12-31"), State::Overdue, "four weeks and twenty working days are over");
    assert_eq!(first("2011-04-18", "2011-12-31"), State::Met);
    assert_eq!(first("2011-06-18", "2011-12-31"), State::Late);
    assert_eq!(first("2011-05-02", "2011-12-31"), State::CannotTell(Why::VersionNotSettled));
    // In the readings before 14 October 1991 the rule was not in force.
    let unbounded = Story::complete().with("../2011-04-04", care(), CARE);
    assert_eq!(one(unbounded.states("LAC-01", "2011-12-31")), State::CannotTell(Why::VersionNotSettled));
    let second = Story::complete().with("2015-01-05", care(), CARE).with("2015-01-19", review(), CARE);
    let second = second.with("2015-03-25/2015-04-06", review(), CARE);
    assert_eq!(second.states("LAC-03", "2016-03-31"), [State::Overdue]);
    let met = second.with("2015-09-01", review(), CARE);
    assert_eq!(met.states("LAC-03", "2015-12-31").first(), Some(&State::Met));
}

#[test]
fn of_a_version_with_clocks_of_its_own_both_clocks_are_asked() {
    let book = domain::rules::RuleBook::with_local("local.toml", &TWO_STARTS).unwrap();
    let engine = domain::clocks::ClockEngine::new(&book);
    let seen = |held: &str| {
        let of_enquiry = [(Role::Enquiry, 1)];
        let story = Story::new().with("2012-03-28/2012-04-04", discussion(), &of_enquiry);
        let story = story.with("2012-03-30/2012-04-04", enquiry(), &of_enquiry);
        let story = if held.is_empty() { story } else { story.with(held, initial(), &of_enquiry) };
        let answers = engine.run(&story.journey(), &Question::as_at(day("2012-06-30")));
        let local = answers.clocks.iter().filter(|clock| clock.rule.id.as_str() == "L-01");
        local.map(|clock| clock.state).collect::<Vec<_>>()
    };
    assert_eq!(seen(""), [State::Overdue]);
    assert_eq!(seen("2012-05-14"), [State::Late]);
    assert_eq!(seen("2012-04-04"), [State::CannotTell(Why::VersionNotSettled)], "late from the discussion");
}

/// The same rule with a limit of five days in both versions.
static TWO_STARTS: LazyLock<String> = LazyLock::new(|| {
    let most = LOCAL.replace("bound = \"minimum\"", "bound = \"maximum\"");
    most.replace("bound = \"window\"\nnot_before = 2", "bound = \"maximum\"")
});
