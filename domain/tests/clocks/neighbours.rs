//! Acts that do not name what they belong to: they belong to the only process that they can belong to, and where there are
//! several it is left open. Every child is invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;
use domain::processes::{Processes, derived};
use domain::rules::RuleBook;

use crate::support::{Story, Told, day, one, process, story};

const REFERRAL: (Role, u128) = (Role::Referral, 1);
const OTHER: (Role, u128) = (Role::Referral, 2);
const DISCUSSION: (Role, u128) = (Role::StrategyDiscussion, 3);
const LATER: (Role, u128) = (Role::StrategyDiscussion, 4);
const ENQUIRY: (Role, u128) = (Role::Enquiry, 5);
const SECOND: (Role, u128) = (Role::Enquiry, 6);
const CONFERENCE: (Role, u128) = (Role::Conference, 7);
const PLAN: (Role, u128) = (Role::Plan, 8);
const INITIATED: &str = r#"{"initiated_enquiry":true}"#;
const INITIAL: &str = r#"{"kind":"initial"}"#;
const UNSETTLED: State = State::CannotTell(Why::ParentNotStated);

fn of(story: &Story, rule: &str, number: u128, as_at: &str) -> State {
    let clocks = story.clocks(rule, &Question::as_at(day(as_at)));
    let found = clocks.iter().find(|clock| clock.entity == process(number));
    found.expect("a clock of the process").state
}

/// A discussion of Monday 3 June 2024 (the 15th working day is 24 June) and an enquiry of Thursday the 6th (27 June).
#[test]
fn a_conference_is_due_from_the_only_discussion_that_the_enquiry_can_have_begun_with() {
    let held = |on| (on, "initial_conference_held", INITIAL, &[CONFERENCE, ENQUIRY][..]);
    let discussed: Told<'_> = ("2024-06-03", "strategy_discussion_held", INITIATED, &[DISCUSSION]);
    let enquired: Told<'_> = ("2024-06-06", "section47_enquiry_started", "{}", &[ENQUIRY]);
    let state = |told: &[Told<'_>]| of(&story(told), "CP-04", ENQUIRY.1, "2024-09-30");
    assert_eq!(state(&[discussed, enquired, held("2024-06-24")]), State::Met);
    assert_eq!(state(&[discussed, enquired, held("2024-06-25")]), State::Late);
    // One that says that it began no enquiry is none.
    let other: Told<'_> =
        ("2024-06-03", "strategy_discussion_held", r#"{"initiated_enquiry":false}"#, &[DISCUSSION]);
    assert_eq!(state(&[other, enquired, held("2024-06-27")]), State::Met);
    // One of a case that was closed in between is of that case.
    let closed = |story: &[Told<'_>]| {
        let referred: Told<'_> = ("2024-05-31", "referral_received", "{}", &[REFERRAL]);
        let closed: Told<'_> = ("2024-06-04", "case_closed", "{}", &[REFERRAL]);
        state(&[&[referred, closed], story].concat())
    };
    assert_eq!(closed(&[discussed, enquired, held("2024-06-27")]), State::Met);
    // One that names another referral too.
    let named: Told<'_> = ("2024-06-03", "strategy_discussion_held", INITIATED, &[DISCUSSION, REFERRAL]);
    let enquired_of: Told<'_> = ("2024-06-06", "section47_enquiry_started", "{}", &[ENQUIRY, OTHER]);
    assert_eq!(state(&[named, enquired_of, held("2024-06-27")]), State::Met);
}

#[test]
fn of_several_discussions_or_enquiries_none_is_guessed() {
    type Own = &'static [(Role, u128)];
    let discussion = |on, own: Own| (on, "strategy_discussion_held", INITIATED, own);
    let enquiry = |on, own: Own| (on, "section47_enquiry_started", "{}", own);
    let held = |on, own: Own| (on, "initial_conference_held", INITIAL, own);
    let (first, later): (Own, Own) = (&[DISCUSSION], &[LATER]);
    let of_first: Own = &[CONFERENCE, ENQUIRY];
    // Two discussions and one enquiry: the 15th working day after the 3rd is the 24th, after the 5th the 26th.
    let two = |on| {
        let told = [
            discussion("2024-06-03", first),
            discussion("2024-06-05", later),
            enquiry("2024-06-06", &[ENQUIRY]),
            held(on, of_first),
        ];
        of(&story(&told), "CP-04", ENQUIRY.1, "2024-09-30")
    };
    assert_eq!(two("2024-06-24"), State::Met, "whichever it was");
    assert_eq!(two("2024-06-25"), UNSETTLED);
    assert_eq!(two("2024-06-28"), State::Late, "whichever it was");
    // The discussion of the enquiry's own day is its own.
    let level = [
        discussion("2024-06-03", first),
        discussion("2024-06-06", later),
        enquiry("2024-06-06", &[ENQUIRY]),
        held("2024-06-27", of_first),
    ];
    assert_eq!(of(&story(&level), "CP-04", ENQUIRY.1, "2024-09-30"), State::Met);
    // One discussion and two enquiries: it may have begun either of them.
    let either = |on| {
        let told = [
            discussion("2024-06-03", first),
            enquiry("2024-06-06", &[ENQUIRY]),
            enquiry("2024-06-10", &[SECOND]),
            held(on, of_first),
        ];
        of(&story(&told), "CP-04", ENQUIRY.1, "2024-09-30")
    };
    assert_eq!((either("2024-06-24"), either("2024-06-27")), (State::Met, UNSETTLED));
    // Each of two discussions has its enquiry where the later one can have begun the later one only.
    let each = [
        discussion("2024-06-03", first),
        enquiry("2024-06-06", &[ENQUIRY]),
        held("2024-06-25", of_first),
        discussion("2024-07-08", later),
        enquiry("2024-07-10", &[SECOND]),
        held("2024-07-30", &[(Role::Conference, 9), SECOND]),
    ];
    assert_eq!(of(&story(&each), "CP-04", ENQUIRY.1, "2024-09-30"), State::Late);
    assert_eq!(of(&story(&each), "CP-04", SECOND.1, "2024-09-30"), State::Late);
}

#[test]
fn a_conference_after_its_enquiry_was_completed_belongs_to_it() {
    let enquired: Told<'_> = ("2024-06-03", "section47_enquiry_started", "{}", &[ENQUIRY]);
    let completed: Told<'_> = ("2024-06-10", "section47_enquiry_completed", "{}", &[ENQUIRY]);
    let against: Told<'_> =
        ("2024-06-10", "section47_enquiry_completed", r#"{"conference_required":false}"#, &[ENQUIRY]);
    let held: Told<'_> = ("2024-06-24", "initial_conference_held", INITIAL, &[CONFERENCE]);
    let again: Told<'_> = ("2024-06-12", "section47_enquiry_started", "{}", &[SECOND]);
    let state = |told: &[Told<'_>], number| of(&story(told), "CP-04", number, "2024-09-30");
    assert_eq!(state(&[enquired, completed, held], ENQUIRY.1), State::Met);
    // Both wait: it may be either's.
    let unlinked = State::CannotTell(Why::UnlinkedEvent);
    let both = [enquired, completed, again, held];
    assert_eq!((state(&both, ENQUIRY.1), state(&both, SECOND.1)), (unlinked, unlinked));
    let one_left = [enquired, against, again, held];
    assert_eq!(state(&one_left, ENQUIRY.1), State::NotApplicable);
    assert_eq!(state(&one_left, SECOND.1), State::Met);
    // What answered the first leaves the second conference to the second enquiry.
    let later = [
        enquired,
        completed,
        held,
        ("2024-07-08", "section47_enquiry_started", "{}", &[SECOND]),
        ("2024-07-15", "section47_enquiry_completed", "{}", &[SECOND]),
        ("2024-07-30", "initial_conference_held", INITIAL, &[(Role::Conference, 9)]),
    ];
    assert_eq!((state(&later, ENQUIRY.1), state(&later, SECOND.1)), (State::Met, State::Late));
}

#[test]
fn the_clocks_of_a_plan_count_from_the_only_conference_that_led_to_one() {
    // Three months from Monday 3 June 2024 and from the 5th.
    let led = r#"{"kind":"initial","led_to_plan":true}"#;
    let held = |details| ("2024-06-03", "initial_conference_held", details, &[CONFERENCE][..]);
    let planned: Told<'_> = ("2024-06-05", "child_protection_plan_started", "{}", &[PLAN]);
    let reviewed: Told<'_> = ("2024-09-04", "review_conference_held", "{}", &[PLAN, (Role::Conference, 9)]);
    let state = |details| of(&story(&[held(details), planned, reviewed]), "CP-09", PLAN.1, "2024-12-30");
    assert_eq!(state(led), State::Late);
    assert_eq!(state(INITIAL), State::Met, "whether it led to a plan is not stated");
}

#[test]
fn an_act_that_names_no_process_belongs_to_the_only_one_that_runs() {
    const BEFORE: (Role, u128) = (Role::PreProceedings, 1);
    const AGAIN: (Role, u128) = (Role::PreProceedings, 2);
    let started: Told<'_> = ("2024-01-08", "pre_proceedings_started", "{}", &[BEFORE]);
    let letter: Told<'_> = ("2024-01-12", "letter_before_proceedings_sent", "{}", &[]);
    let met: Told<'_> = ("2024-01-24", "pre_proceedings_meeting_held", r#"{"initial":true}"#, &[]);
    let child = story(&[started, letter, met]);
    assert_eq!(one(child.states("PLO-02", "2024-03-01")), State::Met);
    // The meeting is due 7 working days after the letter, on Tuesday 23 January.
    assert_eq!(one(child.states("PLO-03", "2024-03-01")), State::Late);
    let beside: Told<'_> = ("2024-01-09", "pre_proceedings_started", "{}", &[AGAIN]);
    let two = story(&[started, beside, letter]);
    let unlinked = State::CannotTell(Why::UnlinkedEvent);
    assert_eq!(two.states("PLO-02", "2024-03-01"), [unlinked, unlinked]);
}

fn is_over(told: &[Told<'_>], (role, number): (Role, u128), on: &str) -> (bool, bool) {
    let journey = story(told).journey();
    let events: Vec<_> = journey.events.iter().collect();
    let endings = RuleBook::built_in().endings();
    let derived = derived(&events, endings, day("2024-12-31"));
    let processes = Processes::of(&events, &derived, endings);
    let found = processes.get(role, process(number)).expect("the process");
    (found.is_surely_over(day(on)), found.may_be_over(day(on)))
}

#[test]
fn a_closure_that_names_no_referral_ends_the_only_open_one_and_what_belongs_to_it() {
    let referred: Told<'_> = ("2024-01-08", "referral_received", "{}", &[REFERRAL]);
    let assessed: Told<'_> =
        ("2024-01-09", "assessment_started", r#"{"kind":"single"}"#, &[(Role::Assessment, 3), REFERRAL]);
    let closed = |on| (on, "case_closed", "{}", &[][..]);
    let told = [referred, assessed, closed("2024-02-05")];
    for of in [REFERRAL, (Role::Assessment, 3)] {
        assert_eq!(is_over(&told, of, "2024-02-04"), (false, false));
        assert_eq!(is_over(&told, of, "2024-02-05"), (true, true));
    }
    assert_eq!(one(story(&told).states("AS-03", "2024-09-30")), State::NotApplicable);
    assert!(story(&told).tallied("AL-04", "2024-09-30").is_empty());
    // Two are open: it may have been either.
    let two = [referred, ("2024-01-15", "referral_received", "{}", &[OTHER][..]), closed("2024-02-05")];
    for of in [REFERRAL, OTHER] {
        assert_eq!(is_over(&two, of, "2024-02-05"), (false, true));
    }
    // One of them was ended without a closure: by the decision that nothing further is done.
    let ended: Told<'_> =
        ("2024-01-10", "referral_decision_made", r#"{"outcome":"no_further_action"}"#, &[REFERRAL]);
    let left = [referred, ended, two[1], two[2]];
    assert_eq!(is_over(&left, OTHER, "2024-02-05"), (true, true));
    // One after the other, each with its own closure.
    let turns = [referred, closed("2024-01-12"), two[1], closed("2024-02-05")];
    assert_eq!(is_over(&turns, REFERRAL, "2024-01-12"), (true, true));
    assert_eq!(is_over(&turns, OTHER, "2024-01-31"), (false, false));
    assert_eq!(is_over(&turns, OTHER, "2024-02-05"), (true, true));
}

const ASSESSMENT: (Role, u128) = (Role::Assessment, 9);
const IN_NEED: (Role, u128) = (Role::ChildInNeedCase, 10);

/// A referral of Tuesday 2 January 2024 of which the assessment found no need on the 24th.
const WITHOUT_NEED: [Told<'static>; 3] = [
    ("2024-01-02", "referral_received", "{}", &[REFERRAL]),
    ("2024-01-03", "assessment_started", r#"{"kind":"single"}"#, &[ASSESSMENT, REFERRAL]),
    ("2024-01-24", "assessment_authorised", r#"{"support_needed":false}"#, &[ASSESSMENT]),
];

#[test]
fn a_closure_that_names_no_referral_ends_the_work_of_the_only_one_that_was_assessed_without_need() {
    let closed: Told<'_> = ("2024-02-05", "case_closed", "{}", &[]);
    for own in [&[ENQUIRY, REFERRAL][..], &[ENQUIRY]] {
        let told =
            [&WITHOUT_NEED[..], &[("2024-01-29", "section47_enquiry_started", "{}", own), closed]].concat();
        assert_eq!(is_over(&told, ENQUIRY, "2024-02-04"), (false, false));
        assert_eq!(is_over(&told, ENQUIRY, "2024-02-05"), (true, true));
        assert_eq!(of(&story(&told), "CP-04", ENQUIRY.1, "2024-09-30"), State::NotApplicable);
    }
    // A child in need case that was opened with the assessment, and an enquiry after it.
    let work: [Told<'_>; 3] = [
        ("2024-01-24", "child_in_need_case_opened", "{}", &[IN_NEED]),
        ("2024-01-29", "section47_enquiry_started", "{}", &[ENQUIRY]),
        closed,
    ];
    let told = [&WITHOUT_NEED[..], &work].concat();
    for process in [IN_NEED, ENQUIRY] {
        assert_eq!(is_over(&told, process, "2024-02-04"), (false, false));
        assert_eq!(is_over(&told, process, "2024-02-05"), (true, true));
    }
    // A referral that has its closure waits for none.
    let own: Told<'_> = ("2024-01-26", "case_closed", "{}", &[REFERRAL]);
    let told =
        [&WITHOUT_NEED[..], &[own, ("2024-01-29", "section47_enquiry_started", "{}", &[ENQUIRY]), closed]];
    assert_eq!(is_over(&told.concat(), ENQUIRY, "2024-02-05"), (false, false));
}

#[test]
fn a_closure_soon_after_an_assessment_without_need_ends_the_next_referral_for_none_surely() {
    let next: [Told<'_>; 2] = [
        ("2024-01-29", "referral_received", "{}", &[OTHER]),
        ("2024-01-30", "assessment_started", r#"{"kind":"single"}"#, &[(Role::Assessment, 11), OTHER]),
    ];
    let told = |on| [&WITHOUT_NEED[..], &next, &[(on, "case_closed", "{}", &[][..])]].concat();
    let assessed = |on| {
        let clocks = story(&told(on)).clocks("AS-03", &Question::as_at(day("2024-09-30")));
        let of_next = clocks.iter().find(|clock| clock.start.occurred.day() == Some(day("2024-01-29")));
        of_next.expect("a clock of the next referral").state
    };
    assert_eq!(is_over(&told("2024-01-31"), OTHER, "2024-06-30"), (false, true));
    assert_eq!(assessed("2024-01-31"), UNSETTLED);
    assert_eq!(is_over(&told("2024-02-21"), OTHER, "2024-06-30"), (false, true));
    // Four weeks after the assessment it is no longer the closure of that one.
    assert_eq!(is_over(&told("2024-02-22"), OTHER, "2024-06-30"), (true, true));
    assert_eq!(assessed("2024-02-22"), State::NotApplicable);
}

/// A discussion of Monday 3 June 2024 (the 15th working day is 24 June) and an enquiry of Thursday the 6th (27 June), with a
/// referral of the 4th between them.
#[test]
fn a_discussion_is_not_of_the_enquiry_where_a_newer_referral_began_between_them() {
    let state = |own: &[(Role, u128)], more: &[Told<'_>], held| {
        let told: [Told<'_>; 4] = [
            ("2024-06-03", "strategy_discussion_held", INITIATED, &[DISCUSSION]),
            ("2024-06-04", "referral_received", "{}", &[REFERRAL]),
            ("2024-06-06", "section47_enquiry_started", "{}", own),
            (held, "initial_conference_held", INITIAL, &[CONFERENCE, ENQUIRY]),
        ];
        of(&story(&[more, &told].concat()), "CP-04", ENQUIRY.1, "2024-09-30")
    };
    let (unnamed, named) = ([ENQUIRY], [ENQUIRY, REFERRAL]);
    for own in [&unnamed[..], &named] {
        assert_eq!(state(own, &[], "2024-06-27"), State::Met);
        assert_eq!(state(own, &[], "2024-06-28"), State::Late);
    }
    // An older referral runs still: the enquiry may be of that one.
    let older: [Told<'_>; 1] = [("2024-05-01", "referral_received", "{}", &[OTHER])];
    let unnamed = |held| state(&unnamed, &older, held);
    assert_eq!((unnamed("2024-06-24"), unnamed("2024-06-27")), (State::Met, UNSETTLED));
    assert_eq!(unnamed("2024-06-28"), State::Late, "of whichever it is");
    assert_eq!(state(&named, &older, "2024-06-27"), State::Met);
    assert_eq!(state(&[ENQUIRY, OTHER], &older, "2024-06-27"), State::Late);
}
