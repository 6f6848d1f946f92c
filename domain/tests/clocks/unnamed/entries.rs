//! Acts without any number, told by hand: each begins a process of its own, and what follows is of the only one.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Told, one, story};

const UNLINKED: State = State::CannotTell(Why::UnlinkedEvent);
const INITIAL: &str = r#"{"kind":"initial","led_to_plan":true}"#;

/// Monday 8 January 2024. The conference is due by the 29th, the core group 10 working days after the conference.
#[test]
fn a_way_from_an_enquiry_to_a_core_group_that_names_nothing_has_every_clock() {
    let enquired: Told<'_> = ("2024-01-08", "section47_enquiry_started", "{}", &[]);
    let held: Told<'_> = ("2024-01-29", "initial_conference_held", INITIAL, &[]);
    let planned = |on| (on, "child_protection_plan_started", "{}", &[][..]);
    let met = |on| (on, "core_group_held", "{}", &[][..]);
    let told = |more: [Told<'_>; 2]| story(&[&[enquired, held], &more[..]].concat());
    let states = |more, rule| told(more).states(rule, "2024-03-31");
    let (level, later) =
        ([planned("2024-01-29"), met("2024-02-12")], [planned("2024-01-31"), met("2024-02-13")]);
    for (rule, in_time, late) in [
        ("CP-04", State::Met, State::Met),
        ("CP-07", State::Met, State::Late),
        ("CP-08", State::Met, State::Late),
    ] {
        assert_eq!((one(states(level, rule)), one(states(later, rule))), (in_time, late), "{rule}");
    }
    // The second core group of a child on two plans is of either.
    let two = told([planned("2024-01-29"), planned("2024-01-29")]);
    assert_eq!(
        two.told("2024-02-01", "core_group_held", "{}", &[]).states("CP-08", "2024-03-31"),
        [UNLINKED, UNLINKED]
    );
}

#[test]
fn two_entries_of_one_day_without_a_number_are_neither_lost_nor_merged() {
    let twice = |kind, details| {
        let entry: Told<'_> = ("2024-01-08", kind, details, &[]);
        story(&[entry, entry])
    };
    let referred = twice("referral_received", "{}");
    assert_eq!(referred.states("FD-01", "2024-03-31"), [State::Overdue, State::Overdue]);
    let decided = referred.told("2024-01-09", "referral_decision_made", r#"{"outcome":"progressed"}"#, &[]);
    assert_eq!(decided.states("FD-01", "2024-03-31"), [UNLINKED, UNLINKED], "it is the decision on either");
    let planned = twice("child_protection_plan_started", "{}");
    assert_eq!(planned.figures("CP-14o", "2024-03-31").base, 2);
    let ended = planned.told("2024-02-08", "child_protection_plan_ended", "{}", &[]);
    assert_eq!(ended.figures("CP-14o", "2024-03-31").base, 0, "which of them runs on is not told");
    let conference = twice("initial_conference_held", INITIAL);
    assert_eq!(conference.figures("CP-06", "2024-03-31").base, 1, "nobody holds two conferences on one day");
    let placed = twice("placement_started", r#"{"short_break":false,"placement_type":"U4"}"#);
    assert_eq!(placed.states("LAC-04", "2024-03-31"), [State::Overdue, State::Overdue]);
}

/// What ends and what stops agree on an end that names nothing.
#[test]
fn a_plan_that_is_ended_without_its_number_has_ended_for_every_rule() {
    let plan: &[(Role, u128)] = &[(Role::Plan, 3)];
    let ended = story(&[
        ("2022-01-10", "child_protection_plan_started", "{}", plan),
        ("2023-06-12", "child_protection_plan_ended", "{}", &[]),
    ]);
    assert_eq!(one(ended.states("CP-14c", "2024-03-31")), State::Met);
    assert_eq!(
        (ended.figures("CP-14", "2024-03-31").base, ended.figures("CP-14o", "2024-03-31").base),
        (1, 0)
    );
    let begun: Told<'_> = ("2024-01-08", "pre_proceedings_started", "{}", &[(Role::PreProceedings, 1)]);
    let concluded: Told<'_> = ("2024-02-12", "pre_proceedings_concluded", "{}", &[]);
    for rule in ["PLO-01", "PLO-01e"] {
        assert_eq!(one(story(&[begun, concluded]).states(rule, "2024-06-30")), State::Met, "{rule}");
    }
}

#[test]
fn a_refusal_that_names_no_episode_excuses_the_only_interview_that_it_can_be_about() {
    let episode: &[(Role, u128)] = &[(Role::MissingEpisode, 1)];
    let again: &[(Role, u128)] = &[(Role::MissingEpisode, 2)];
    let gone = |on, of| (on, "missing_reported", "{}", of);
    let back = |on, of| (on, "found_or_returned", "{}", of);
    let refused: Told<'_> = ("2024-01-12T10:00+00:00", "rhi_refused", "{}", &[]);
    let first = [gone("2024-01-08", episode), back("2024-01-10T10:00+00:00", episode)];
    assert_eq!(
        one(story(&[&first[..], &[refused]].concat()).states("MS-01", "2024-03-31")),
        State::NotApplicable
    );
    let second = [gone("2024-01-10", again), back("2024-01-11T10:00+00:00", again)];
    let states = story(&[&first[..], &second, &[refused]].concat()).states("MS-01", "2024-03-31");
    assert!(states.iter().all(|state| matches!(state, State::CannotTell(_))), "{states:?}");
}

#[test]
fn an_enquiry_completed_without_its_number_is_an_earlier_one_of_the_next() {
    let against = r#"{"conference_required":false}"#;
    let told = story(&[
        ("2024-01-08", "section47_enquiry_started", "{}", &[(Role::Enquiry, 1)]),
        ("2024-01-22", "section47_enquiry_completed", against, &[]),
        ("2024-05-06", "section47_enquiry_started", "{}", &[(Role::Enquiry, 2)]),
    ]);
    let answers =
        told.answers(&domain::clocks::Question::as_at(crate::support::day("2024-06-30"))).look_backs;
    let said: Vec<_> =
        answers.iter().filter(|it| it.rule.id.as_str() == "CP-19").map(|it| it.answer).collect();
    assert!(
        matches!(said[..], [domain::clocks::Looked::NoEarlier, domain::clocks::Looked::Earlier(_)]),
        "{said:?}"
    );
}

#[test]
fn an_end_that_may_be_of_either_of_two_enquiries_ends_neither_for_certain() {
    let told = story(&[
        ("2024-01-08", "section47_enquiry_started", "{}", &[(Role::Enquiry, 1)]),
        ("2024-01-15", "section47_enquiry_started", "{}", &[(Role::Enquiry, 2)]),
        ("2024-01-22", "conference_not_required", "{}", &[(Role::Enquiry, 2)]),
        ("2024-01-23", "section47_enquiry_completed", r#"{"conference_required":false}"#, &[]),
    ]);
    let untold = |state: &State| matches!(state, State::CannotTell(_));
    let states = told.states("CP-05", "2024-03-31");
    assert!(
        untold(&states[0]),
        "completed as the first, or as the second that was found to need none: {states:?}"
    );
    // Too late for the first whosever it is, in time or never for the second.
    assert_eq!(told.states("CP-03", "2024-03-31"), [State::Overdue, UNLINKED]);
}

#[test]
fn a_referral_that_came_during_a_child_in_need_case_may_outlast_it() {
    let told = story(&[
        ("2024-01-08", "referral_received", "{}", &[(Role::Referral, 1)]),
        ("2024-01-10", "child_in_need_case_opened", "{}", &[(Role::ChildInNeedCase, 3)]),
        ("2024-03-04", "referral_received", "{}", &[(Role::Referral, 2)]),
        (
            "2024-03-05",
            "assessment_started",
            r#"{"kind":"single"}"#,
            &[(Role::Assessment, 4), (Role::Referral, 2)],
        ),
        ("2024-03-11", "child_in_need_case_closed", "{}", &[(Role::ChildInNeedCase, 3)]),
    ]);
    assert_eq!(one(told.states("AS-03a", "2024-06-28")), State::CannotTell(Why::ParentNotStated));
}

/// An order that is extended to a day ends on it. Whose extension it is was asked on that day, when only one ran.
#[test]
fn an_extension_that_may_be_of_either_of_two_orders_ends_neither_for_certain() {
    let told = story(&[
        ("2024-01-08", "epo_granted", "{}", &[(Role::EmergencyOrder, 1)]),
        ("2024-01-10", "epo_granted", "{}", &[(Role::EmergencyOrder, 2)]),
        ("2024-01-11", "epo_extended", r#"{"until":"2024-02-05"}"#, &[]),
        ("2024-01-17", "epo_ended", "{}", &[(Role::EmergencyOrder, 2)]),
    ]);
    // Over the limit for the first, whether it ended so or has not ended.
    assert_eq!(told.states("CT-05q", "2024-03-31"), [State::Overdue, State::Met]);
}

#[test]
fn whether_an_enquiry_was_an_earlier_one_without_a_conference_hangs_on_whose_completion_it_was() {
    let against = r#"{"conference_required":false}"#;
    let told = story(&[
        ("2024-01-08", "section47_enquiry_started", "{}", &[(Role::Enquiry, 1)]),
        ("2024-01-15", "section47_enquiry_started", "{}", &[(Role::Enquiry, 2)]),
        ("2024-01-23", "section47_enquiry_completed", against, &[]),
    ]);
    let question = domain::clocks::Question::as_at(crate::support::day("2024-06-30"));
    let answers = told.answers(&question).look_backs;
    let said: Vec<_> =
        answers.iter().filter(|it| it.rule.id.as_str() == "CP-19").map(|it| it.answer).collect();
    assert!(
        matches!(said[..], [domain::clocks::Looked::NoEarlier, domain::clocks::Looked::CannotTell(_)]),
        "{said:?}"
    );
}

#[test]
fn a_screening_that_names_nothing_is_of_the_only_contact_by_then() {
    const CONTACT: &[(Role, u128)] = &[(Role::Contact, 1)];
    let screened = |on: &'static str, of: &'static [(Role, u128)]| -> Told<'static> {
        (on, "contact_screened", r#"{"outcome":"no_further_action"}"#, of)
    };
    for of in [CONTACT, &[]] {
        let states = |more: &[Told<'_>]| {
            let received: Told<'_> = ("2025-01-06", "contact_received", "{}", of);
            story(&[&[received], more].concat()).states("FD-01", "2025-06-30")
        };
        assert_eq!(states(&[screened("2025-01-07", &[])]), [State::Met]);
        assert_eq!(states(&[screened("2025-01-08", &[])]), [State::Late]);
        assert_eq!(states(&[screened("2025-01-03", &[])]), [State::Overdue], "before there was a contact");
        let later: Told<'_> = ("2025-03-03", "contact_received", "{}", &[(Role::Contact, 2)]);
        let own = screened("2025-03-04", &[(Role::Contact, 2)]);
        assert_eq!(states(&[screened("2025-01-07", &[]), later, own]), [State::Met; 2]);
        let another: Told<'_> = ("2025-01-06", "contact_received", "{}", &[(Role::Contact, 2)]);
        assert_eq!(states(&[screened("2025-01-07", &[]), another]), [UNLINKED; 2], "of either");
    }
}
