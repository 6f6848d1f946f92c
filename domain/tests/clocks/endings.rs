//! What ends what, line by line, written by hand from practice: on the day before, on the day, and on the day after.
//!
//! An ending before the last day makes a clock not applicable; one after it leaves a breach that counts.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;
use domain::observations::observe;
use domain::processes::{Processes, derived};
use domain::rules::RuleBook;

use crate::support::{Told, day, process, story};

type Processed<'a> = &'a [(Role, u128)];
const REFERRAL: (Role, u128) = (Role::Referral, 1);
const PLAN: (Role, u128) = (Role::Plan, 2);
const CARE: (Role, u128) = (Role::PeriodOfCare, 3);
const ENQUIRY: (Role, u128) = (Role::Enquiry, 4);
const ASSESSMENT: (Role, u128) = (Role::Assessment, 5);
const PLACEMENT: (Role, u128) = (Role::Placement, 6);
const APPLICATION: (Role, u128) = (Role::Application, 7);
const PATHWAY: (Role, u128) = (Role::PathwayPlan, 8);
const PRE: (Role, u128) = (Role::PreProceedings, 9);
const FOSTERING: (Role, u128) = (Role::PrivateFostering, 10);
const NEED: (Role, u128) = (Role::ChildInNeedPlan, 11);
const MISSING: (Role, u128) = (Role::MissingEpisode, 12);

const CHILD: Told<'static> =
    ("2010-05-01", "child_registered", r#"{"date_of_birth":"2010-05-01","disabilities":[]}"#, &[]);
const REFERRED: Told<'static> = ("2024-03-01", "referral_received", "{}", &[REFERRAL]);
const PROGRESSED: Told<'static> =
    ("2024-03-01", "referral_decision_made", r#"{"outcome":"progressed"}"#, &[REFERRAL]);
const ASSESSED: Told<'static> =
    ("2024-03-01", "assessment_started", r#"{"kind":"single"}"#, &[ASSESSMENT, REFERRAL]);
const ENQUIRED: Told<'static> = ("2024-03-01", "section47_enquiry_started", "{}", &[ENQUIRY, REFERRAL]);
const PLANNED: Told<'static> = ("2024-03-01", "child_protection_plan_started", "{}", &[PLAN]);
const CARED: Told<'static> = ("2024-03-01", "became_looked_after", "{}", &[CARE]);
const PLACED: Told<'static> =
    ("2024-03-01", "placement_started", r#"{"short_break":false}"#, &[PLACEMENT, CARE]);
const ISSUED: Told<'static> = ("2024-03-01", "application_issued", r#"{"orders":["care"]}"#, &[APPLICATION]);
const PATHWAYED: Told<'static> = ("2024-03-01", "pathway_plan_made", "{}", &[PATHWAY]);
const ENTERED: Told<'static> = ("2024-03-01", "pre_proceedings_started", "{}", &[PRE]);
const FOSTERED: Told<'static> = ("2024-03-01", "private_fostering_arrangement_started", "{}", &[FOSTERING]);
const IN_NEED: Told<'static> = ("2024-03-01", "child_in_need_plan_started", "{}", &[NEED, REFERRAL]);

fn next(on: &str) -> String {
    day(on).succ_opt().expect("a later day").to_string()
}

fn before(on: &str) -> String {
    day(on).pred_opt().expect("an earlier day").to_string()
}

fn is_open(state: State) -> bool {
    matches!(state, State::Running | State::DueSoon | State::Overdue)
}

/// An ending, the rules whose clocks it closes with what starts them, a day on which none of them is due yet, and one on
/// which all of them have been.
struct Line<'a> {
    name: &'a str,
    ending: (&'a str, &'a str, Processed<'a>),
    early: &'a str,
    late: &'a str,
    clocks: &'a [(&'a str, &'a [Told<'a>])],
}

const EVERYTHING: &[(&str, &[Told<'_>])] = &[
    ("AS-03", &[REFERRED]),
    ("AS-03a", &[ASSESSED]),
    ("CP-04", &[ENQUIRED]),
    ("CP-09", &[PLANNED]),
    ("CP-08", &[PLANNED]),
    ("LAC-01", &[CARED]),
    ("LAC-04", &[CARED, PLACED]),
    ("ED-01", &[CARED]),
    ("CT-01", &[ISSUED]),
    ("LC-02", &[PATHWAYED]),
    ("PLO-01", &[ENTERED]),
    ("CIN-01", &[IN_NEED]),
];

fn lines() -> Vec<Line<'static>> {
    vec![
        Line {
            name: "death",
            ending: ("child_died", "{}", &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: EVERYTHING,
        },
        Line {
            name: "a pregnancy without a live birth",
            ending: ("pregnancy_ended", "{}", &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("CP-04", &[ENQUIRED]), ("AS-03", &[REFERRED]), ("CP-09", &[PLANNED])],
        },
        Line {
            name: "an age assessed as an adult's",
            ending: ("age_assessment_completed", r#"{"outcome":"adult","estimated":false}"#, &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("LAC-01", &[CARED]), ("CP-09", &[PLANNED]), ("LAC-04", &[CARED, PLACED])],
        },
        Line {
            name: "a move to another authority without a plan",
            ending: ("transferred_out", r#"{"on_plan":false}"#, &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[
                ("AS-03", &[REFERRED]),
                ("AS-03a", &[ASSESSED]),
                ("CP-04", &[ENQUIRED]),
                ("CIN-01", &[IN_NEED]),
            ],
        },
        Line {
            name: "the closure of the case",
            ending: ("case_closed", "{}", &[REFERRAL]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[
                ("AS-03", &[REFERRED]),
                ("AS-04", &[REFERRED, ASSESSED]),
                ("AS-06", &[REFERRED]),
                ("AS-03a", &[REFERRED, ASSESSED]),
                ("CP-04", &[REFERRED, ENQUIRED]),
                ("CP-05", &[REFERRED, ENQUIRED]),
                ("CIN-01", &[REFERRED, IN_NEED]),
                (
                    "AL-01",
                    &[
                        REFERRED,
                        ("2024-03-05", "referral_decision_made", r#"{"outcome":"progressed"}"#, &[REFERRAL]),
                    ],
                ),
            ],
        },
        Line {
            name: "the end of a plan",
            ending: ("child_protection_plan_ended", "{}", &[PLAN]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("CP-08", &[PLANNED]), ("CP-09", &[PLANNED]), ("CP-12", &[PLANNED])],
        },
        Line {
            name: "the end of care",
            ending: ("ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[
                ("LAC-01", &[CARED]),
                ("LAC-04", &[CARED, PLACED]),
                ("ED-01", &[CARED]),
                ("HL-01", &[CARED]),
                ("LAC-13", &[CARED]),
            ],
        },
        Line {
            name: "an adoption order",
            ending: ("adoption_order_made", "{}", &[(Role::AdoptionCase, 20)]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("LAC-01", &[CARED]), ("LAC-04", &[CARED, PLACED]), ("CIN-01", &[IN_NEED])],
        },
        Line {
            name: "a special guardianship order",
            ending: ("sgo_made", "{}", &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("LAC-01", &[CARED]), ("LAC-04", &[CARED, PLACED])],
        },
        Line {
            name: "an order that says with whom the child lives",
            ending: ("child_arrangements_order_made", "{}", &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("LAC-01", &[CARED]), ("LAC-04", &[CARED, PLACED])],
        },
        Line {
            name: "the withdrawal of an application",
            ending: ("application_withdrawn", "{}", &[APPLICATION]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("CT-02", &[ISSUED]), ("CT-04", &[ISSUED])],
        },
        Line {
            name: "the conclusion of pre-proceedings",
            ending: ("pre_proceedings_concluded", "{}", &[PRE]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("PLO-02", &[ENTERED])],
        },
        Line {
            name: "a care application",
            ending: ("application_issued", r#"{"orders":["care"]}"#, &[APPLICATION]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("PLO-02", &[ENTERED])],
        },
        Line {
            name: "becoming looked after",
            ending: ("became_looked_after", "{}", &[CARE]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("PF-01", &[FOSTERED])],
        },
        Line {
            name: "the closure of support to a leaver",
            ending: ("care_leaver_closed", "{}", &[]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[
                ("LC-02", &[PATHWAYED]),
                ("LC-03", &[("2024-03-01", "pa_contact_made", "{}", &[])]),
                (
                    "LC-03m",
                    &[
                        ("2023-11-01", "care_leaver_accommodation_recorded", r#"{"accommodation":"B"}"#, &[]),
                        ("2024-03-01", "care_leaver_accommodation_recorded", r#"{"accommodation":"C"}"#, &[]),
                    ],
                ),
            ],
        },
        Line {
            name: "adult services",
            ending: ("case_closed", r#"{"reason":"RC6"}"#, &[REFERRAL]),
            early: "2024-03-05",
            late: "2025-09-01",
            clocks: &[("CIN-01", &[REFERRED, ("2024-03-01", "child_in_need_plan_started", "{}", &[NEED])])],
        },
    ]
}

/// The states of a rule's clocks with an ending on a day, asked on another.
fn states(line: &Line<'_>, started: &[Told<'_>], rule: &str, ended_on: &str, asked_on: &str) -> Vec<State> {
    let (kind, details, processes) = line.ending;
    let told: Vec<Told<'_>> =
        [CHILD].iter().chain(started).copied().chain([(ended_on, kind, details, processes)]).collect();
    story(&told).states(rule, asked_on)
}

#[test]
fn what_was_not_due_yet_is_not_applicable_from_the_day_of_the_ending_on() {
    for line in lines() {
        for (rule, started) in line.clocks {
            let on = |asked: &str| states(&line, started, rule, line.early, asked);
            let case = (line.name, *rule);
            // What is due on the very day of its start has no day before.
            if *rule != "AL-01" {
                let open = on(&before(line.early));
                assert!(open.len() == 1 && open.iter().all(|state| is_open(*state)), "{case:?}: {open:?}");
            }
            assert_eq!(on(line.early), [State::NotApplicable], "{case:?}");
            assert_eq!(on(&next(line.early)), [State::NotApplicable], "{case:?}");
        }
    }
}

#[test]
fn an_ending_never_wipes_out_a_breach() {
    for line in lines() {
        for (rule, started) in line.clocks {
            let on = |asked: &str| states(&line, started, rule, line.late, asked);
            let case = (line.name, *rule);
            assert_eq!(on(&before(line.late)), [State::Overdue], "{case:?}");
            assert_eq!(on(line.late), [State::Late], "{case:?}");
            assert_eq!(on(&next(line.late)), [State::Late], "{case:?}");
        }
    }
}

/// A clock that a birthday in care starts asks the same place whether the child is in care.
#[test]
fn whoever_left_care_by_an_order_reaches_no_birthday_in_care() {
    // In care from 14; 16 on 5 March 2024, three months later the needs assessment is due.
    let born: Told<'_> =
        ("2008-03-05", "child_registered", r#"{"date_of_birth":"2008-03-05","disabilities":[]}"#, &[]);
    let cared: Told<'_> = ("2022-06-01", "became_looked_after", "{}", &[CARE]);
    assert_eq!(story(&[born, cared]).states("LC-01", "2024-09-02"), [State::Overdue]);
    let ordered: Told<'_> = ("2023-06-01", "sgo_made", "{}", &[]);
    assert!(story(&[born, cared, ordered]).states("LC-01", "2024-09-02").is_empty());
}

/// What is due on the day of the ending could still have been done: not applicable. One day earlier it is a breach.
#[test]
fn the_day_of_the_ending_itself_is_no_breach() {
    // 15 working days after 1 March 2024: 22 March.
    let closed = |on: &str| {
        story(&[CHILD, REFERRED, ENQUIRED, (on, "case_closed", "{}", &[REFERRAL])])
            .states("CP-04", "2024-06-28")
    };
    assert_eq!(closed("2024-03-22"), [State::NotApplicable]);
    assert_eq!(closed("2024-03-25"), [State::Late]);
}

/// A birthday needs no event of its own.
#[test]
fn the_eighteenth_birthday_ends_care_plan_need_enquiry_and_court() {
    let born: Told<'_> =
        ("2006-03-05", "child_registered", r#"{"date_of_birth":"2006-03-05","disabilities":[]}"#, &[]);
    for (rule, started) in EVERYTHING.iter().filter(|(rule, _)| *rule != "LC-02") {
        let told: Vec<Told<'_>> = [born].iter().chain(*started).copied().collect();
        let on = |asked: &str| story(&told).states(rule, asked);
        assert!(on("2024-03-04").iter().all(|state| is_open(*state)), "{rule}");
        for asked in ["2024-03-05", "2024-03-06", "2030-01-01"] {
            assert_eq!(on(asked), [State::NotApplicable], "{rule} on {asked}");
        }
    }
}

#[test]
fn a_leaver_of_21_goes_on_only_in_education_or_on_request() {
    let born: Told<'_> =
        ("2003-06-10", "child_registered", r#"{"date_of_birth":"2003-06-10","disabilities":[]}"#, &[]);
    let leaver = |more: &[Told<'_>]| {
        let told: Vec<Told<'_>> = [born, PATHWAYED].iter().chain(more).copied().collect();
        story(&told).states("LC-02", "2024-12-01")
    };
    assert_eq!(leaver(&[]), [State::NotApplicable]);
    let studies =
        ("2023-10-01", "care_leaver_activity_recorded", r#"{"activity":"F1"}"#, &[] as Processed<'_>);
    assert_eq!(leaver(&[studies]), [State::Overdue]);
    let left = ("2024-02-01", "care_leaver_activity_recorded", r#"{"activity":"G6"}"#, &[] as Processed<'_>);
    assert_eq!(leaver(&[studies, left]), [State::NotApplicable]);
    assert_eq!(leaver(&[("2024-08-01", "pa_contact_made", "{}", &[])]), [State::Overdue]);
}

/// Both were leavers on their nineteenth birthday; that support ended in December takes nobody out of the cohort of 19.
#[test]
fn a_leaver_whose_support_ended_stays_in_the_cohort_of_the_age() {
    let born: Told<'_> =
        ("2003-06-10", "child_registered", r#"{"date_of_birth":"2003-06-10","disabilities":[]}"#, &[]);
    let left: Told<'_> =
        ("2021-06-10", "care_leaver_eligibility_recorded", r#"{"category":"former_relevant"}"#, &[]);
    let active =
        ("2022-06-10", "care_leaver_activity_recorded", r#"{"activity":"G4"}"#, &[] as Processed<'_>);
    let closed: Told<'_> = ("2022-12-01", "care_leaver_closed", "{}", &[]);
    for told in [vec![born, left, active], vec![born, left, active, closed]] {
        let figures = story(&told).figures("LC-04a", "2023-03-31");
        assert_eq!((figures.counted, figures.base), (1, 1), "{}", told.len());
    }
    assert_eq!(story(&[born, left, active, closed]).figures("LC-04s", "2023-03-31").base, 0);
}

/// Whatever is recorded in the window, a later activity in it takes its place.
#[test]
fn the_activity_around_a_birthday_is_judged_when_the_window_is_over() {
    let born: Told<'_> =
        ("2003-06-10", "child_registered", r#"{"date_of_birth":"2003-06-10","disabilities":[]}"#, &[]);
    let left: Told<'_> =
        ("2021-06-10", "care_leaver_eligibility_recorded", r#"{"category":"former_relevant"}"#, &[]);
    for (activity, counted) in [("G4", 1), ("F2", 0)] {
        let details = format!(r#"{{"activity":"{activity}"}}"#);
        let active = ("2023-05-20", "care_leaver_activity_recorded", details.as_str(), &[] as Processed<'_>);
        let figures = |as_at: &str| {
            let figures = story(&[born, left, active]).figures("LC-04a", as_at);
            (figures.counted, figures.base, figures.cannot_tell)
        };
        assert_eq!(figures("2023-07-09"), (0, 0, 1), "{activity}");
        assert_eq!(figures("2023-07-10"), (counted, 1, 0), "{activity}");
    }
}

/// The return asks for the activity of every leaver around the 21st birthday, whether or not support went on.
#[test]
fn a_leaver_of_21_stays_in_the_cohort_of_that_age() {
    let born: Told<'_> =
        ("2003-06-10", "child_registered", r#"{"date_of_birth":"2003-06-10","disabilities":[]}"#, &[]);
    let left: Told<'_> =
        ("2021-06-10", "care_leaver_eligibility_recorded", r#"{"category":"former_relevant"}"#, &[]);
    let active =
        ("2024-05-20", "care_leaver_activity_recorded", r#"{"activity":"G6"}"#, &[] as Processed<'_>);
    assert_eq!(story(&[born, left, active]).tallied("LC-04a", "2024-07-01").len(), 1);
    let died: Told<'_> = ("2024-06-20", "child_died", "{}", &[]);
    assert!(story(&[born, left, active, died]).tallied("LC-04a", "2024-07-01").is_empty());
}

/// An allocation ends with a death, and not with a closure that says nothing of it.
#[test]
fn a_worker_holds_no_child_who_died() {
    let worker = r#"{"worker":"00000000-0000-4000-8000-000000000001"}"#;
    let held: Told<'_> = ("2024-03-01", "worker_allocated", worker, &[]);
    let died: Told<'_> = ("2024-03-20", "child_died", "{}", &[]);
    let told = story(&[CHILD, held, died]);
    assert_eq!(told.tallied("AL-02", "2024-03-19").len(), 1);
    assert!(told.tallied("AL-02", "2024-03-20").is_empty());
    assert!(told.tallied("AL-02", "2025-03-20").is_empty());
}

#[test]
fn private_fostering_ends_at_16_and_for_a_disabled_child_at_18() {
    let fostered = |details: &str, asked: &str| {
        let born: Told<'_> = ("2008-03-05", "child_registered", details, &[]);
        story(&[born, FOSTERED]).states("PF-01", asked)
    };
    let plain = r#"{"date_of_birth":"2008-03-05","disabilities":[]}"#;
    let disabled = r#"{"date_of_birth":"2008-03-05","disabilities":["MOB"]}"#;
    assert!(is_open(fostered(plain, "2024-03-04")[0]));
    assert_eq!(fostered(plain, "2024-03-05"), [State::NotApplicable]);
    assert_eq!(fostered(disabled, "2024-06-03"), [State::Overdue]);
    assert_eq!(fostered(disabled, "2026-03-05"), [State::Late]);
}

/// 1 March 2024 and 15 working days: 22 March. Until then visits and reviews stay ours.
#[test]
fn a_plan_that_moved_ends_with_the_other_authoritys_conference_at_the_latest() {
    let moved: Told<'_> = ("2024-03-01", "transferred_out", r#"{"on_plan":true}"#, &[]);
    let planned: Told<'_> = ("2024-02-01", "child_protection_plan_started", "{}", &[PLAN]);
    let told = story(&[CHILD, ("2024-02-01", "referral_received", "{}", &[REFERRAL]), planned, moved]);
    for (asked, counted) in [("2024-03-02", 1), ("2024-03-21", 1), ("2024-03-22", 0), ("2025-03-31", 0)] {
        assert_eq!(told.tallied("RT-01", asked).len(), counted, "{asked}");
        assert_eq!(told.states("CP-09", asked) == [State::NotApplicable], counted == 0, "{asked}");
        assert_eq!(told.states("AS-03", asked) == [State::NotApplicable], counted == 0, "{asked}");
    }
}

#[test]
fn a_conference_that_is_not_required_is_read_wherever_it_is_said() {
    for (kind, details, processes) in [
        ("conference_not_required", "{}", &[ENQUIRY] as Processed<'_>),
        ("section47_enquiry_completed", r#"{"conference_required":false}"#, &[ENQUIRY]),
        ("section47_enquiry_completed", r#"{"substantiated":false}"#, &[ENQUIRY]),
        ("section47_enquiry_completed", r#"{"outcome":"not_substantiated"}"#, &[ENQUIRY]),
        ("section47_enquiry_completed", r#"{"outcome":"substantiated_no_continuing_risk"}"#, &[ENQUIRY]),
        ("conference_decision_made", r#"{"to_be_held":false}"#, &[(Role::Conference, 30), ENQUIRY]),
        ("conference_decision_made", r#"{"to_be_held":false}"#, &[(Role::Conference, 30)]),
    ] {
        let told = story(&[CHILD, ENQUIRED, ("2024-03-15", kind, details, processes)]);
        for rule in ["CP-04", "CP-05"] {
            assert_eq!(told.states(rule, "2024-03-14").len(), 1, "{rule}");
            assert_eq!(told.states(rule, "2024-03-15"), [State::NotApplicable], "{rule} {kind} {details}");
            assert_eq!(told.states(rule, "2024-09-01"), [State::NotApplicable], "{rule} {kind} {details}");
        }
    }
    for details in [r#"{"conference_required":true}"#, r#"{"substantiated":true}"#, "{}"] {
        let told =
            story(&[CHILD, ENQUIRED, ("2024-03-15", "section47_enquiry_completed", details, &[ENQUIRY])]);
        assert_eq!(told.states("CP-04", "2024-09-01"), [State::Overdue], "{details}");
    }
}

#[test]
fn no_further_action_asks_for_no_assessment_unless_it_is_taken_back() {
    let refused: Told<'_> =
        ("2024-03-04", "referral_decision_made", r#"{"outcome":"no_further_action"}"#, &[REFERRAL]);
    let told = story(&[CHILD, REFERRED, refused]);
    for rule in ["AS-03", "AS-06"] {
        assert_eq!(told.states(rule, "2024-09-01"), [State::NotApplicable], "{rule}");
    }
    let again: Told<'_> =
        ("2024-03-20", "referral_decision_made", r#"{"outcome":"progressed"}"#, &[REFERRAL]);
    let taken_on = story(&[CHILD, REFERRED, refused, again]);
    assert_eq!(taken_on.states("AS-03", "2024-09-01"), [State::Overdue]);
    assert_eq!(taken_on.states("AS-06", "2024-09-01"), [State::Overdue]);
}

/// A closure ends what belongs to its own referral, and neither another's nor what the law or a court began.
#[test]
fn a_closed_case_ends_nothing_but_its_own() {
    let other: (Role, u128) = (Role::Referral, 50);
    let closed: Told<'_> = ("2024-03-05", "case_closed", "{}", &[REFERRAL]);
    let of_other: Told<'_> = ("2024-03-01", "section47_enquiry_started", "{}", &[ENQUIRY, other]);
    let second: Told<'_> = ("2024-02-20", "referral_received", "{}", &[other]);
    assert_eq!(
        story(&[CHILD, second, REFERRED, of_other, closed]).states("CP-04", "2024-09-01"),
        [State::Overdue]
    );
    for (rule, started) in [("CP-09", PLANNED), ("LAC-01", CARED), ("CT-01", ISSUED)] {
        let told = story(&[CHILD, REFERRED, started, closed]);
        assert_eq!(told.states(rule, "2025-09-01"), [State::Overdue], "{rule}");
    }
    assert_eq!(story(&[CHILD, REFERRED, PLANNED, closed]).tallied("RT-01", "2024-09-01").len(), 1);
}

/// Where the referral is not named, what began while it was open is its own.
#[test]
fn an_enquiry_that_names_no_referral_belongs_to_the_one_that_was_open() {
    let enquired: Told<'_> = ("2024-03-02", "section47_enquiry_started", "{}", &[ENQUIRY]);
    let closed: Told<'_> = ("2024-03-10", "case_closed", "{}", &[REFERRAL]);
    let told = story(&[CHILD, REFERRED, enquired, closed]);
    assert_eq!(told.states("CP-04", "2024-09-01"), [State::NotApplicable]);
    let second: Told<'_> = ("2024-02-20", "referral_received", "{}", &[(Role::Referral, 50)]);
    // With two open referrals nobody can say whose it is, nor whether it ended.
    let either = story(&[CHILD, second, REFERRED, enquired, closed]);
    assert_eq!(either.states("CP-04", "2024-09-01"), [State::CannotTell(Why::ParentNotStated)]);
}

#[test]
fn duties_about_past_acts_survive() {
    let ceased: Told<'_> = ("2024-03-20", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]);
    let closed: Told<'_> = ("2024-03-20", "case_closed", "{}", &[REFERRAL]);
    let review: Told<'_> = ("2024-03-12", "looked_after_review_held", "{}", &[(Role::Review, 60), CARE]);
    let gone: Told<'_> = ("2024-03-10", "missing_reported", "{}", &[MISSING]);
    let back: Told<'_> = ("2024-03-15T10:00+00:00", "found_or_returned", "{}", &[MISSING]);
    let told = story(&[CHILD, REFERRED, PROGRESSED, CARED, review, gone, back, ceased, closed]);
    for rule in ["FD-02", "LAC-14", "LAC-14r", "MS-01", "HL-04"] {
        assert_eq!(told.states(rule, "2024-09-02"), [State::Overdue], "{rule}");
    }
}

#[test]
fn a_return_home_ends_no_care_and_entering_care_ends_no_plan() {
    let home: Told<'_> = ("2024-03-05", "returned_home", "{}", &[]);
    assert_eq!(story(&[CHILD, CARED, home]).states("LAC-01", "2024-09-02"), [State::Overdue]);
    let cared: Told<'_> = ("2024-03-05", "became_looked_after", "{}", &[CARE]);
    assert_eq!(story(&[CHILD, PLANNED, cared]).states("CP-09", "2024-09-02"), [State::Overdue]);
}

#[test]
fn a_move_or_a_discharged_order_ends_neither_care_nor_the_support_of_a_leaver() {
    let moved: Told<'_> = ("2024-03-05", "transferred_out", "{}", &[]);
    let accommodated: Told<'_> = ("2024-03-05", "legal_status_changed", r#"{"status":"V2"}"#, &[CARE]);
    for then in [moved, accommodated] {
        let told = story(&[CHILD, CARED, then]);
        assert_eq!(told.states("LAC-01", "2024-09-02"), [State::Overdue], "{}", then.1);
    }
    let born: Told<'_> =
        ("2004-05-01", "child_registered", r#"{"date_of_birth":"2004-05-01","disabilities":[]}"#, &[]);
    assert_eq!(story(&[born, PATHWAYED, moved]).states("LC-02", "2024-09-02"), [State::Overdue]);
}

#[test]
fn an_incident_is_notified_and_reviewed_after_a_death_as_well() {
    let known: Told<'_> = ("2024-03-04", "serious_incident_known", "{}", &[(Role::Incident, 70)]);
    let died: Told<'_> = ("2024-03-05", "child_died", "{}", &[]);
    let told = story(&[CHILD, known, died]);
    for rule in ["GV-02", "GV-02r"] {
        assert_eq!(told.states(rule, "2024-09-02"), [State::Overdue], "{rule}");
    }
}

/// A conference that led to no plan was held all the same, and no duty of a plan begins.
#[test]
fn a_conference_without_a_plan_ends_the_wait_for_it_and_begins_no_plan() {
    let conference: Processed<'_> = &[(Role::Conference, 30), ENQUIRY];
    let held: Told<'_> = ("2024-03-15", "initial_conference_held", r#"{"kind":"initial"}"#, conference);
    let told = story(&[CHILD, ENQUIRED, held]);
    assert_eq!(told.states("CP-04", "2024-09-02"), [State::Met]);
    for rule in ["CP-08", "CP-09", "CP-12"] {
        assert!(told.states(rule, "2024-09-02").is_empty(), "{rule}");
    }
}

#[test]
fn an_adult_of_an_age_assessment_is_a_child_again_when_it_is_overturned() {
    let adult = (
        "2024-03-05",
        "age_assessment_completed",
        r#"{"outcome":"adult","estimated":false}"#,
        &[] as Processed<'_>,
    );
    let child = (
        "2024-05-05",
        "age_assessment_completed",
        r#"{"outcome":"child","estimated":false}"#,
        &[] as Processed<'_>,
    );
    assert_eq!(story(&[CHILD, CARED, adult]).states("LAC-01", "2024-09-02"), [State::NotApplicable]);
    let told = story(&[CHILD, CARED, adult, child]);
    assert_eq!(told.states("LAC-01", "2024-04-30"), [State::NotApplicable]);
    assert_eq!(told.states("LAC-01", "2024-09-02"), [State::Overdue]);
}

/// The child of the November lists: dead on 1 March 2018, and on a plan a year later.
#[test]
fn a_child_who_died_is_on_no_plan_and_the_breach_before_still_counts() {
    let planned: Told<'_> = ("2017-06-01", "child_protection_plan_started", "{}", &[PLAN]);
    let died: Told<'_> = ("2018-03-01", "child_died", "{}", &[]);
    let told = story(&[CHILD, planned, died]);
    assert_eq!(told.tallied("RT-01", "2018-02-28").len(), 1);
    for asked in ["2018-03-01", "2018-03-02", "2019-03-31"] {
        assert!(told.tallied("RT-01", asked).is_empty(), "{asked}");
        // The first review was due on 1 September 2017 and never held.
        assert_eq!(told.states("CP-09", asked), [State::Late], "{asked}");
        assert_eq!(told.states("CP-14c", asked), [State::NotApplicable], "{asked}");
    }
}

/// An end before the start is a placeholder or a slip: no answer takes it for an end, and it is observed.
#[test]
fn an_end_before_the_start_ends_nothing_in_any_answer() {
    let ended: Told<'_> = ("1900-01-01", "child_protection_plan_ended", "{}", &[PLAN]);
    let told = story(&[PLANNED, ended]);
    assert_eq!(told.tallied("RT-01", "2024-09-02").len(), 1);
    assert_eq!(told.states("CP-09", "2024-09-02"), [State::Overdue]);
    let journey = told.journey();
    let endings = RuleBook::built_in().endings();
    let events: Vec<_> = journey.events.iter().collect();
    let derived = derived(&events, endings, day("2024-09-02"));
    let processes = Processes::of(&events, &derived, endings);
    assert!(processes.get(PLAN.0, process(PLAN.1)).unwrap().runs_on(day("2024-09-02")));
}

fn observed(told: &[Told<'_>]) -> Vec<&'static str> {
    let found = observe(&story(told).journey(), day("2024-09-02"), RuleBook::built_in().endings());
    found.into_iter().map(|observation| observation.code.name()).collect()
}

#[test]
fn contradictions_are_observed() {
    let died: Told<'_> = ("2024-03-05", "child_died", "{}", &[]);
    assert_eq!(observed(&[CHILD, PLANNED, died]), ["left_open"]);
    let ended: Told<'_> = ("2024-03-20", "child_protection_plan_ended", "{}", &[PLAN]);
    assert!(observed(&[CHILD, PLANNED, died, ended]).is_empty());
    let closed: Told<'_> = ("2024-03-05", "case_closed", "{}", &[REFERRAL]);
    assert_eq!(observed(&[CHILD, REFERRED, ENQUIRED, closed]), ["left_open"]);
    assert_eq!(observed(&[CHILD, REFERRED, ASSESSED, closed]), ["left_open"]);
    for running in [PLANNED, CARED, ISSUED] {
        assert_eq!(observed(&[CHILD, REFERRED, running, closed]), ["running_at_closure"], "{}", running.1);
    }
    assert!(observed(&[CHILD, REFERRED, closed]).is_empty());
    let born: Told<'_> =
        ("2005-05-01", "child_registered", r#"{"date_of_birth":"2005-05-01","disabilities":[]}"#, &[]);
    assert_eq!(observed(&[born, PLANNED]), ["begun_after_ending"]);
}

#[test]
fn a_letter_that_follows_its_decision_is_not_odd() {
    let decided: Told<'_> =
        ("2024-04-02", "pre_proceedings_concluded", r#"{"decision":"issue_decided"}"#, &[PRE]);
    let sent: Told<'_> = ("2024-04-05", "letter_of_issue_sent", "{}", &[PRE]);
    assert!(observed(&[CHILD, ENTERED, decided, sent]).is_empty());
    let closed: Told<'_> = ("2024-03-05", "case_closed", "{}", &[REFERRAL]);
    let informed: Told<'_> = ("2024-03-06", "referrer_informed", "{}", &[REFERRAL]);
    assert!(observed(&[CHILD, REFERRED, closed, informed]).is_empty());
    let completed: Told<'_> = ("2024-03-08", "section47_enquiry_completed", "{}", &[ENQUIRY]);
    let not_required: Told<'_> = ("2024-03-11", "conference_not_required", "{}", &[ENQUIRY]);
    assert!(observed(&[CHILD, ENQUIRED, completed, not_required]).is_empty());
}

#[test]
fn an_authority_may_add_a_line_and_replace_one() {
    let line = |id: &str, overrides: &str| {
        format!(
            "phase = \"local\"\n[[ending]]\nid = \"{id}\"\n{overrides}\ntitle = \"t\"\non = [{{ event = \"returned_home\" }}]\nends = [\"period_of_care\"]\ngoes_on = \"\"\nsource = \"ours\"\nkind = \"local\"\nverified = true\nverified_note = \"\"\n"
        )
    };
    let added = RuleBook::with_local("local.toml", &line("home", "")).unwrap();
    assert!(added.endings().line("home").is_some());
    let replaced = RuleBook::with_local("local.toml", &line("returned_home", "overrides = true")).unwrap();
    assert_eq!(replaced.endings().lines().len(), RuleBook::built_in().endings().lines().len());
    assert_ne!(replaced.texts().collect::<Vec<_>>(), RuleBook::built_in().texts().collect::<Vec<_>>());
    let defect = |text: &str| RuleBook::with_local("local.toml", text).unwrap_err().to_string();
    assert!(defect(&line("returned_home", "")).contains("say overrides = true"));
    assert!(defect(&line("unheard_of", "overrides = true")).contains("does not exist"));
    assert!(
        defect(&line("home", "rules = [\"XX-99\"]")).contains("the rule \"XX-99\", which does not exist")
    );
}
