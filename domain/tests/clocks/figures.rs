//! Counts and shares that say what their titles say, each against a count by hand. Every child is invented.

use crate::support::{Story, born, in_care};
use domain::clocks::{Heading, Looked, Question, Tick, Why};
use domain::events::EntityRole as Role;

use crate::support::day;

const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];
const ORDINARY: &str = r#"{"short_break":false,"placement_type":"U4"}"#;

/// Counted, base, and what cannot be told.
fn share(story: &Story, rule: &str, as_at: &str) -> (u64, u64, u64) {
    let figures = story.figures(rule, as_at);
    (figures.counted, figures.base, figures.cannot_tell)
}

fn placed(story: Story, number: u128, details: &str, from: &str, to: Option<&str>) -> Story {
    let placement = [(Role::Placement, number), (Role::PeriodOfCare, 1)];
    let story = story.told(from, "placement_started", details, &placement);
    match to {
        Some(to) => story.told(to, "placement_ended", "{}", &placement),
        None => story,
    }
}

#[test]
fn placements_in_the_year_count_the_one_open_on_1_april() {
    let care = in_care(born("2012-01-01"), "2021-01-04");
    let moved = |ended: &str| {
        let story = placed(care.clone(), 1, ORDINARY, "2021-01-04", Some(ended));
        let story = placed(story, 2, ORDINARY, "2022-06-01", Some("2022-09-01"));
        placed(story, 3, ORDINARY, "2022-09-01", None)
    };
    assert_eq!(share(&moved("2022-06-01"), "LAC-10", "2023-03-31"), (1, 1, 0));
    assert_eq!(share(&moved("2022-03-31"), "LAC-10", "2023-03-31"), (0, 1, 0));
    assert_eq!(share(&moved("2022-06-01"), "LAC-10s", "2023-03-31"), (0, 1, 0));
    assert_eq!(
        moved("2022-06-01").figures("LAC-10", "2023-03-31").values.into_keys().collect::<Vec<_>>(),
        [3]
    );
    // An end that may lie on either side of 1 April settles nothing.
    assert_eq!(share(&moved("2022-03-15/2022-04-20"), "LAC-10", "2023-03-31"), (0, 0, 1));
}

#[test]
fn only_short_temporary_absences_are_left_out_of_placements_in_the_year() {
    let hospital = |ended: &str, kind: &str| {
        let story = in_care(born("2012-01-01"), "2022-04-04");
        let story = placed(story, 1, ORDINARY, "2022-04-04", Some("2022-06-01"));
        let details = format!(r#"{{"short_break":false,"placement_type":"{kind}"}}"#);
        let story = placed(story, 2, &details, "2022-06-01", Some(ended));
        share(&placed(story, 3, ORDINARY, ended, None), "LAC-10", "2023-03-31")
    };
    // 1 June and 42 days are 13 July; a carer's holiday has 21 days, 22 June; anything else 7, 8 June.
    assert_eq!((hospital("2022-07-13", "T1"), hospital("2022-07-14", "T1")), ((0, 1, 0), (1, 1, 0)));
    assert_eq!((hospital("2022-06-22", "T3"), hospital("2022-06-23", "T3")), ((0, 1, 0), (1, 1, 0)));
    assert_eq!((hospital("2022-06-08", "T4"), hospital("2022-06-09", "T4")), ((0, 1, 0), (1, 1, 0)));
}

#[test]
fn a_placement_whose_type_is_not_stated_counts_where_it_cannot_have_been_short() {
    let untyped = |ended: &str| {
        let story = in_care(born("2012-01-01"), "2022-04-04");
        let story = placed(story, 1, ORDINARY, "2022-04-04", Some("2022-06-01"));
        let story = placed(story, 2, r#"{"short_break":false}"#, "2022-06-01", Some(ended));
        share(&placed(story, 3, ORDINARY, ended, None), "LAC-10", "2023-03-31")
    };
    assert_eq!((untyped("2022-09-01"), untyped("2022-06-05")), ((1, 1, 0), (0, 0, 1)));
}

#[test]
fn a_series_of_short_breaks_is_no_child_looked_after_in_rates_entries_and_stability() {
    let v4 = Story::complete().told("2022-05-09", "became_looked_after", r#"{"legal_status":"V4"}"#, CARE);
    let marked =
        placed(in_care(Story::complete(), "2022-05-09"), 1, r#"{"short_break":true}"#, "2022-05-09", None);
    let c2 = Story::complete().told("2022-05-09", "became_looked_after", r#"{"legal_status":"C2"}"#, CARE);
    for (rule, as_at) in [("RT-01c", "2023-03-31"), ("RT-02", "2023-03-31"), ("LAC-10", "2023-03-31")] {
        assert_eq!(c2.tallied(rule, as_at).len(), 1, "{rule}");
        assert_eq!((v4.tallied(rule, as_at).len(), marked.tallied(rule, as_at).len()), (0, 0), "{rule}");
    }
    // A child of whom the status says that the series has become care is one.
    let changed = v4.told("2022-09-01", "legal_status_changed", r#"{"status":"C2"}"#, CARE);
    assert_eq!(changed.figures("RT-01c", "2023-03-31").counted, 1);
    assert_eq!(changed.figures("RT-01c", "2022-08-31").counted, 0);
}

#[test]
fn an_adoptive_placement_and_the_one_before_it_last_together() {
    let adopted = |kind: &str, from: &str| {
        let story = in_care(born("2015-01-01"), "2019-01-07");
        let story = placed(story, 1, ORDINARY, from, Some("2022-10-03"));
        let details = format!(r#"{{"short_break":false,"placement_type":"{kind}"}}"#);
        share(&placed(story, 2, &details, "2022-10-03", None), "LAC-11", "2023-03-31")
    };
    // Two years before 31 March 2023 is 31 March 2021.
    assert_eq!((adopted("A5", "2021-03-31"), adopted("A5", "2021-04-01")), ((1, 1, 0), (0, 1, 0)));
    assert_eq!(adopted("U4", "2021-03-31"), (0, 1, 0));
}

#[test]
fn of_several_entries_and_exits_in_a_year_the_first_and_the_last_count() {
    let period = |story: Story, number: u128, from: &str, to: &str, reason: &str| {
        let care = [(Role::PeriodOfCare, number)];
        story.told(from, "became_looked_after", "{}", &care).told(
            to,
            "ceased_to_be_looked_after",
            &format!(r#"{{"reason":"{reason}"}}"#),
            &care,
        )
    };
    let story = period(Story::complete(), 1, "2022-04-04", "2022-06-01", "E4A");
    let story = period(story, 2, "2022-08-01", "2022-12-01", "E45");
    let story = period(story, 3, "2023-04-03", "2023-06-01", "E4B");
    let groups = |rule: &str| story.figures(rule, "2023-12-31").groups.into_iter().collect::<Vec<_>>();
    let one = |name: &str| (name.to_owned(), 1);
    assert_eq!(groups("RT-02"), [one("2022-04"), one("2023-04")]);
    assert_eq!(groups("RT-02x"), [one("E45"), one("E4B")]);
    let exits = story.figures("RT-02xa", "2024-03-31");
    assert_eq!(
        (exits.counted, exits.groups.len()),
        (2, 0),
        "of a child whose birth is not known no age is told"
    );
}

#[test]
fn an_activity_counts_around_the_birthday_and_an_unknown_one_stands_in_the_base() {
    let leaver = |activities: &[(&str, &str)], as_at: &str| {
        let story = born("2005-06-15").told(
            "2021-07-01",
            "care_leaver_eligibility_recorded",
            r#"{"category":"relevant"}"#,
            &[],
        );
        let story = activities.iter().fold(story, |story, (on, activity)| {
            story.told(on, "care_leaver_activity_recorded", &format!(r#"{{"activity":"{activity}"}}"#), &[])
        });
        share(&story, "LC-04", as_at)
    };
    // 17 on 15 June 2022: the window is 15 March to 15 July.
    assert_eq!(leaver(&[("2022-03-15", "G4")], "2023-03-31"), (1, 1, 0));
    assert_eq!(leaver(&[("2022-07-15", "G5")], "2023-03-31"), (1, 1, 0));
    assert_eq!(leaver(&[("2022-03-14", "G4")], "2023-03-31"), (0, 1, 0));
    assert_eq!(leaver(&[("2022-07-16", "G4")], "2023-03-31"), (0, 1, 0));
    assert_eq!(leaver(&[("2022-05-01", "G4"), ("2022-06-20", "F1")], "2023-03-31"), (0, 1, 0));
    assert_eq!(leaver(&[], "2023-03-31"), (0, 1, 0));
    assert_eq!(leaver(&[], "2022-07-01"), (0, 0, 1));
    // 16 and 18 are of other figures.
    assert_eq!((leaver(&[], "2022-06-14"), leaver(&[], "2023-06-15")), ((0, 0, 0), (0, 0, 0)));
}

#[test]
fn plans_of_two_years_are_told_of_those_that_ended_and_of_those_open_apart() {
    let plan = [(Role::Plan, 1)];
    let open = Story::complete().told("2021-01-11", "child_protection_plan_started", "{}", &plan);
    let ended = |on: &str| open.clone().told(on, "child_protection_plan_ended", "{}", &plan);
    let of = |story: &Story, rule: &str, as_at: &str| share(story, rule, as_at);
    assert_eq!(of(&ended("2023-01-11"), "CP-14", "2023-03-31"), (1, 1, 0));
    assert_eq!(of(&ended("2023-01-10"), "CP-14", "2023-03-31"), (0, 1, 0));
    assert_eq!(of(&open, "CP-14", "2023-03-31"), (0, 0, 0));
    assert_eq!(
        (of(&open, "CP-14o", "2023-01-10"), of(&open, "CP-14o", "2023-01-11")),
        ((0, 1, 0), (1, 1, 0))
    );
    assert_eq!(of(&ended("2023-01-11"), "CP-14o", "2023-03-31"), (0, 0, 0));
}

#[test]
fn a_placement_that_ended_as_disrupted_needs_a_meeting_and_counts_once() {
    let place = [(Role::Placement, 1)];
    let started = Story::complete().told("2022-05-09", "placement_started", ORDINARY, &place);
    let met = |story: Story| story.told("2023-02-20", "disruption_meeting_held", "{}", &[]);
    let ended = started.clone().told("2023-02-01", "placement_ended", r#"{"disrupted":true}"#, &place);
    // Somebody else's meeting, so that meetings are recorded here at all.
    let recorded = |story: &Story| {
        let kinds = domain::journey::RecordedKinds::of_any_authority()
            .and([domain::events::Kind::DisruptionMeetingHeld].into_iter().collect());
        let question = Question::as_at(day("2023-03-31")).with_recorded(kinds);
        let mut figures = domain::clocks::Figures::default();
        let members = story.answers(&question).tallies;
        members
            .iter()
            .filter(|member| member.rule.id.as_str() == "PM-09")
            .for_each(|member| figures.add(member));
        (figures.counted, figures.base, figures.cannot_tell)
    };
    assert_eq!((recorded(&ended), recorded(&met(ended.clone()))), ((0, 1, 0), (1, 1, 0)));
    let both = started.told("2023-01-30", "placement_disrupted", "{}", &place);
    let both = both.told("2023-02-01", "placement_ended", r#"{"disrupted":true}"#, &place);
    assert_eq!(recorded(&both), (0, 1, 0));
}

#[test]
fn what_the_record_does_not_state_cannot_be_told_and_is_counted_so() {
    let placement = |details: &str| {
        Story::complete().told("2022-05-09", "placement_started", details, &[(Role::Placement, 1)])
    };
    let distance = |details: &str| share(&placement(details), "LAC-12", "2023-03-31");
    assert_eq!(distance(r#"{"short_break":false,"distance_miles":"21"}"#), (1, 1, 0));
    assert_eq!(distance(r#"{"short_break":false}"#), (0, 0, 1));
    assert_eq!(share(&placement(r#"{"short_break":false}"#), "LAC-16", "2023-03-31"), (0, 0, 1));
    assert_eq!(
        share(&placement(r#"{"short_break":false,"placement_type":"K2"}"#), "LAC-16", "2023-03-31"),
        (1, 1, 0)
    );
    let reviewed = |details: &str| {
        share(
            &Story::complete().told("2023-01-09", "permanence_discussed_at_review", details, &[]),
            "PM-11",
            "2023-03-31",
        )
    };
    assert_eq!(reviewed(r#"{"review_number":2,"adoption_worker_attended":false}"#), (0, 1, 0));
    assert_eq!(reviewed(r#"{"review_number":2}"#), (0, 0, 1));
}

#[test]
fn oversight_counts_where_it_is_there_and_directs() {
    let audited = |present: bool, directive: &str| {
        let oversight = format!("{{{directive}}}");
        let story = Story::complete().told("2023-01-09", "management_oversight_recorded", &oversight, &[]);
        let details = format!(r#"{{"oversight_present":{present},"themes":[]}}"#);
        share(&story.told("2023-02-09", "case_audit_completed", &details, &[]), "GV-01", "2023-03-31")
    };
    assert_eq!(audited(true, r#""directive":true"#), (1, 1, 0));
    assert_eq!(audited(true, r#""directive":false"#), (0, 1, 0));
    assert_eq!(audited(false, r#""directive":true"#), (0, 1, 0));
    assert_eq!(audited(true, ""), (0, 0, 1));
}

#[test]
fn children_are_represented_of_those_who_were_offered_an_advocate() {
    let conference = |offered: bool, attended: bool| {
        let story = born("2012-01-01");
        let story = if offered { story.told("2023-03-01", "advocacy_offered", "{}", &[]) } else { story };
        let held = [(Role::Conference, 1)];
        let story = story.told("2023-03-24", "initial_conference_held", r#"{"kind":"initial"}"#, &held);
        let story = if attended { story.told("2023-03-24", "advocate_attended", "{}", &[]) } else { story };
        let kinds = domain::journey::RecordedKinds::of_any_authority().and(
            [domain::events::Kind::AdvocacyOffered, domain::events::Kind::AdvocateAttended]
                .into_iter()
                .collect(),
        );
        let question = Question::as_at(day("2023-04-30")).with_recorded(kinds);
        let members = story.answers(&question).tallies;
        let ticks = members.into_iter().filter(|member| member.rule.id.as_str() == "CP-15r");
        ticks.map(|member| member.tick).collect::<Vec<_>>()
    };
    assert_eq!(conference(true, true), [Tick::Counted]);
    assert_eq!(conference(true, false), [Tick::NotCounted]);
    assert_eq!(conference(false, false), []);
}

#[test]
fn edge_of_care_is_told_service_by_service() {
    let service = |story: Story, number: u128, name: &str| {
        let work = [(Role::EdgeOfCareService, number)];
        let details = format!(r#"{{"service":"{name}"}}"#);
        let story = story.told("2023-01-09", "edge_of_care_referred", &details, &work);
        story.told("2023-01-16", "edge_of_care_started", &details, &work)
    };
    let story = service(service(Story::complete(), 1, "family_focus"), 2, "community_adolescent_team");
    let story = story.told("2023-03-01", "referral_received", "{}", &[(Role::Referral, 1)]);
    let steps: Vec<String> = story.figures("EC-01", "2023-12-31").groups.into_keys().collect();
    assert_eq!(
        steps,
        [
            "community_adolescent_team edge_of_care_referred",
            "community_adolescent_team edge_of_care_started",
            "family_focus edge_of_care_referred",
            "family_focus edge_of_care_started",
        ]
    );
    // The adolescent team alone, and each service with its own base.
    assert_eq!(share(&story, "EC-02", "2023-12-31"), (0, 1, 0));
    let all = story.figures("EC-02s", "2023-12-31");
    assert_eq!((all.counted, all.base, all.bases.len()), (0, 2, 2));
}

#[test]
fn a_process_that_was_entered_twice_counts_once() {
    let twice = |kind: &str, details: &str, role: Role| {
        let one = [(role, 1)];
        Story::complete().told("2022-05-09", kind, details, &one).told("2022-05-10", kind, details, &one)
    };
    let plan = twice("child_protection_plan_started", "{}", Role::Plan).told(
        "2022-08-08",
        "review_conference_held",
        "{}",
        &[(Role::Plan, 1)],
    );
    assert_eq!(share(&plan, "CP-09n", "2022-12-31"), (1, 1, 0));
    let home = twice("placement_started", r#"{"short_break":false,"placement_type":"K2"}"#, Role::Placement);
    assert_eq!(share(&home, "LAC-16", "2023-03-31"), (1, 1, 0));
    let court = twice("application_issued", r#"{"orders":["care"]}"#, Role::Application);
    assert_eq!((share(&court, "CT-09", "2022-06-01").0, share(&court, "CT-09i", "2022-06-01").0), (1, 1));
    let looked =
        twice("child_protection_plan_started", "{}", Role::Plan).answers(&Question::as_at(day("2023-03-31")));
    let asked = looked.look_backs.iter().filter(|looked| looked.rule.id.as_str() == "CP-13");
    assert_eq!(asked.map(|looked| looked.answer).collect::<Vec<_>>(), [Looked::NoEarlier]);
    // Two of one day that are told differently are one, of which the type is not known.
    let one = [(Role::Placement, 1)];
    let either = Story::complete()
        .told("2022-05-09", "placement_started", r#"{"short_break":false,"placement_type":"K2"}"#, &one)
        .told("2022-05-09", "placement_started", r#"{"short_break":false,"placement_type":"U4"}"#, &one);
    let ticks: Vec<Tick> =
        either.tallied("LAC-16", "2023-03-31").into_iter().map(|member| member.tick).collect();
    assert_eq!(ticks, [Tick::CannotTell(Why::OrderNotKnown)]);
}

#[test]
fn what_may_have_ended_is_neither_open_nor_over() {
    let plan = [(Role::Plan, 1)];
    let story = Story::complete().told("2022-05-09", "child_protection_plan_started", "{}", &plan).told(
        "2022-09-01/2022-12-31",
        "child_protection_plan_ended",
        "{}",
        &plan,
    );
    let counted =
        |as_at: &str| (story.figures("RT-01", as_at).counted, story.figures("RT-01", as_at).cannot_tell);
    assert_eq!(
        (counted("2022-08-31"), counted("2022-10-31"), counted("2022-12-31")),
        ((1, 0), (0, 1), (0, 0))
    );
}

#[test]
fn a_closing_counts_for_a_referral_within_six_months_and_is_shown_in_its_band_after() {
    let referred = |on: &str| {
        let first = [(Role::Referral, 1)];
        let story = Story::complete()
            .told("2021-10-04", "referral_received", "{}", &first)
            .told("2022-01-10", "case_closed", "{}", &first)
            .told(on, "referral_received", "{}", &[(Role::Referral, 2)]);
        let looked = story.answers(&Question::as_at(day("2023-12-31"))).look_backs;
        let last = looked.into_iter().rfind(|looked| looked.rule.id.as_str() == "EX-02").unwrap();
        let Looked::Earlier(Some(band)) = last.answer else { panic!("{:?}", last.answer) };
        (band.label.clone(), last.answer.counts())
    };
    let band = |label: &str, counts| (label.to_owned(), counts);
    assert_eq!(referred("2022-04-09"), band("within 3 months", true));
    assert_eq!(referred("2022-04-10"), band("3 to 6 months", true));
    assert_eq!(referred("2022-07-09"), band("3 to 6 months", true));
    assert_eq!(referred("2022-07-10"), band("6 months or more", false));
}

#[test]
fn days_of_entry_are_the_same_in_lateness_and_in_the_figures() {
    let story = Story::complete().recorded_on(
        "2024-12-01",
        "2024-01-15",
        domain::events::child_protection::CoreGroupHeld::default(),
        &[],
    );
    let lateness = domain::journey::Lateness::of(story.journey().events.last().unwrap()).unwrap();
    let lag = story.tallied("RC-01", "2025-01-31");
    let lag = lag.iter().find(|member| member.member.event_id == lateness.event_id).unwrap();
    assert_eq!((lateness.days, lag.value), (321, Some(321)));
    let late = story.tallied("RC-03", "2025-01-31");
    let late = late.iter().find(|member| member.member.event_id == lateness.event_id).unwrap();
    assert_eq!(
        (late.tick, late.group.as_ref().map(Heading::text)),
        (Tick::Counted, Some("2024-12-01".into()))
    );
}

/// Files tell a state of the days between two of them: what is the latest in every reading is the latest.
#[test]
fn the_latest_activity_is_told_of_spans_that_lie_wholly_in_the_time_asked_about() {
    let leaver = |activities: &[(&str, &str)]| {
        let story = born("2007-03-04").told(
            "2023-03-04",
            "care_leaver_eligibility_recorded",
            r#"{"category":"eligible"}"#,
            &[],
        );
        let told = |story: Story, (on, activity): &(&str, &str)| {
            let details = format!(r#"{{"activity":"{activity}"}}"#);
            story.told(on, "care_leaver_activity_recorded", &details, &[])
        };
        activities.iter().fold(story, told)
    };
    for (activities, expected) in [
        (vec![("../2024-03-31", "F1"), ("2024-04-01/2024-04-30", "G4")], (1, 1, 0)),
        (vec![("2024-01-01", "F1"), ("2024-03-31/2024-04-30", "G4")], (1, 1, 0)),
        (vec![("../2024-03-31", "G4")], (1, 1, 0)),
        (vec![("../2024-03-31", "G4"), ("2024-04-01/2024-04-30", "F1")], (0, 1, 0)),
        (vec![("2024-04-01/2024-04-30", "G4"), ("2024-04-15", "F1")], (0, 0, 1)),
    ] {
        assert_eq!(share(&leaver(&activities), "LC-04s", "2024-05-01"), expected, "{activities:?}");
    }
    // 17 on 4 March 2024: the window goes from 4 December to 4 April.
    assert_eq!(share(&leaver(&[("2024-02-01/2024-03-01", "G5")]), "LC-04", "2024-05-01"), (1, 1, 0));
    assert_eq!(share(&leaver(&[("2024-02-01/2024-04-05", "G5")]), "LC-04", "2024-05-01"), (0, 0, 1));
}

#[test]
fn care_and_plans_that_the_table_ended_left_the_figures_of_those_that_run_and_stand_in_those_that_ended() {
    let eighteen = "2022-10-03";
    let story = in_care(born("2004-10-03"), "2020-02-03");
    let story = story.told("2020-01-06", "child_protection_plan_started", "{}", &[(Role::Plan, 8)]);
    let exits = |story: &Story| {
        let figures = story.figures("RT-02x", "2023-03-31");
        (figures.counted, figures.groups.into_keys().collect::<Vec<_>>())
    };
    assert_eq!(exits(&story), (1, vec![]));
    assert_eq!(story.tallied("RT-02x", "2023-03-31").first().unwrap().day, eighteen.parse().ok());
    let by_age = story.figures("RT-02xa", "2023-03-31").groups;
    assert_eq!(by_age.into_iter().collect::<Vec<_>>(), [("18".to_owned(), 1)]);
    assert_eq!(share(&story, "CP-14", "2023-03-31"), (1, 1, 0));
    assert_eq!(story.figures("RT-01c", "2023-03-31").counted, 0);
    // An end that is recorded is told by that record, and once.
    let recorded = story.told("2022-09-01", "ceased_to_be_looked_after", r#"{"reason":"E4B"}"#, CARE);
    assert_eq!(exits(&recorded), (1, vec!["E4B".to_owned()]));
    let adopted =
        in_care(born("2019-10-03"), "2020-02-03").told("2022-05-03", "adoption_order_made", "{}", &[]);
    assert_eq!(exits(&adopted), (1, vec![]));
}

#[test]
fn the_cohort_of_health_figures_is_looked_after_for_the_whole_year_to_31_march() {
    let base = |story: &Story, rule: &str| story.tallied(rule, "2024-03-31").len();
    let entered = |on: &str| in_care(born("2012-05-05"), on);
    for rule in ["HL-03", "HL-03i", "HL-03s"] {
        assert_eq!(
            (base(&entered("2023-04-01"), rule), base(&entered("2023-04-02"), rule)),
            (1, 0),
            "{rule}"
        );
        let v4 =
            born("2012-05-05").told("2022-05-09", "became_looked_after", r#"{"legal_status":"V4"}"#, CARE);
        assert_eq!(base(&v4, rule), 0, "{rule}: a series of short breaks");
    }
    // Four or older on 1 April 2023, under 17 on 31 March 2024.
    let aged = |birth: &str| base(&in_care(born(birth), "2022-01-10"), "HL-03s");
    assert_eq!((aged("2019-04-01"), aged("2019-04-02"), aged("2020-03-20")), (1, 0, 0));
    assert_eq!((aged("2007-04-01"), aged("2007-03-31")), (1, 0));
}

#[test]
fn a_short_break_does_not_take_the_place_of_the_years_entry_or_exit() {
    let respite = |story: Story, from: &str, to: &str| {
        let care = [(Role::PeriodOfCare, 7)];
        let story = story.told(from, "became_looked_after", r#"{"legal_status":"V4"}"#, &care);
        story.told(to, "ceased_to_be_looked_after", r#"{"reason":"E8"}"#, &care)
    };
    let entry = Story::complete().told("2023-09-01", "became_looked_after", r#"{"legal_status":"C2"}"#, CARE);
    let both = respite(entry, "2023-05-01", "2023-05-03");
    assert_eq!(both.figures("RT-02", "2024-03-31").groups.into_keys().collect::<Vec<_>>(), ["2023-09"]);
    let exit = Story::complete()
        .told("2023-01-09", "became_looked_after", r#"{"legal_status":"C2"}"#, CARE)
        .told("2023-06-03", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, CARE);
    let both = respite(exit, "2023-10-01", "2023-10-03");
    assert_eq!(both.figures("RT-02x", "2024-03-31").groups.into_keys().collect::<Vec<_>>(), ["E4A"]);
}

#[test]
fn a_plan_that_ended_between_two_days_counts_where_every_day_says_the_same() {
    let plan = |from: &str, to: &str| {
        let plan = [(Role::Plan, 8)];
        let story = Story::complete().told(from, "child_protection_plan_started", "{}", &plan);
        story.told(to, "child_protection_plan_ended", "{}", &plan)
    };
    let asked = |story: &Story| share(story, "CP-14", "2024-03-31");
    assert_eq!(asked(&plan("2021-01-04", "2023-05-10/2023-05-20")), (1, 1, 0));
    assert_eq!(asked(&plan("2021-05-15", "2023-05-10/2023-05-20")), (0, 0, 1), "24 months on the 15th");
    let month = |to: &str| {
        let entered = Story::complete().told(to, "became_looked_after", r#"{"legal_status":"C2"}"#, CARE);
        entered.figures("RT-02", "2024-03-31").groups.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(month("2023-05-10/2023-05-20"), ["2023-05"]);
    assert!(month("2023-05-30/2023-06-02").is_empty(), "of two months");
}
