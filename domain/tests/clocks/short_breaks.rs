//! A series of short breaks is no care, until another legal status makes care of it. Every child is invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, born, day, one};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);
const SERVICE: (Role, u128) = (Role::EdgeOfCareService, 2);

fn entered(story: Story, on: &str, status: &str) -> Story {
    story.told(on, "became_looked_after", &format!(r#"{{"legal_status":"{status}"}}"#), &[CARE])
}

fn changed(story: Story, on: &str, status: &str) -> Story {
    story.told(on, "legal_status_changed", &format!(r#"{{"status":"{status}"}}"#), &[CARE])
}

/// Care that began as short breaks on 5 June 2023, by its legal status or by its first placement.
fn series(story: Story) -> [Story; 2] {
    let marked = story.clone().told("2023-06-05", "became_looked_after", "{}", &[CARE]);
    let placement = [CARE, (Role::Placement, 3)];
    let marked = marked.told("2023-06-05", "placement_started", r#"{"short_break":true}"#, &placement);
    [entered(story, "2023-06-05", "V3"), marked]
}

fn shares(story: &Story, rule: &str, as_at: &str) -> (u64, u64) {
    let figures = story.figures(rule, as_at);
    (figures.counted, figures.base)
}

#[test]
fn no_visit_is_overdue_in_a_placement_that_may_be_one_of_short_breaks() {
    let placed = |care: &str| {
        let child = entered(Story::complete(), care, "V3");
        let placement = [(Role::Placement, 3)];
        child.told("2026-04-17", "placement_started", r#"{"placement_type":"U1"}"#, &placement)
    };
    let state = |care: &str| one(placed(care).states("LAC-04", "2026-12-01"));
    assert_eq!(state("2026-04-17"), State::NotApplicable);
    assert_eq!(state("2026-04-20"), State::Overdue);
    for care in ["2026-04-17/2026-04-23", "../2026-04-23", "2026-04-13/2026-04-23"] {
        assert!(matches!(state(care), State::CannotTell(_)), "{care}");
    }
}

#[test]
fn a_guardianship_breaks_down_when_short_breaks_become_care() {
    let ordered = || Story::complete().told("2023-01-09", "sgo_made", "{}", &[]);
    for child in series(ordered()) {
        let broken = |story: &Story| shares(story, "EX-03", "2025-01-31");
        assert_eq!(broken(&child), (0, 1), "short breaks only");
        assert_eq!(broken(&changed(child.clone(), "2024-03-04", "C2")), (1, 1));
        assert_eq!(broken(&changed(child.clone(), "2025-01-10", "C2")), (0, 1), "after the 24 months");
        assert_eq!(broken(&changed(child, "2024-03-04", "V4")), (0, 1), "short breaks still");
    }
    assert_eq!(shares(&entered(ordered(), "2023-06-05", "V2"), "EX-03", "2025-01-31"), (1, 1));
}

#[test]
fn a_child_in_short_breaks_is_with_the_family_after_a_conference() {
    let conference = [(Role::FamilyGroupConference, 4)];
    let held = |story: Story, on: &str| story.told(on, "fgc_held", "{}", &conference);
    let stayed = |story: &Story| shares(story, "FG-02", "2025-06-30");
    for child in series(Story::complete()) {
        assert_eq!(stayed(&held(child.clone(), "2023-05-01")), (1, 1), "short breaks afterwards");
        assert_eq!(stayed(&held(child.clone(), "2023-09-04")), (1, 1), "during short breaks");
        let child = changed(child, "2023-11-06", "C2");
        assert_eq!(stayed(&held(child.clone(), "2023-05-01")), (0, 1));
        assert_eq!(stayed(&held(child.clone(), "2023-09-04")), (0, 1));
        assert_eq!(stayed(&held(child, "2024-01-08")), (0, 0), "in care already");
    }
}

#[test]
fn the_referral_of_the_day_on_which_a_service_started_is_no_referral_after_it() {
    let started = |story: Story| {
        let service = r#"{"service":"community_adolescent_team"}"#;
        story.told("2024-01-08", "edge_of_care_started", service, &[SERVICE])
    };
    let referred = |on: &str| {
        let story = started(Story::complete()).told(on, "referral_received", "{}", &[(Role::Referral, 5)]);
        ["EC-02", "EC-02s"].map(|rule| shares(&story, rule, "2024-12-31"))
    };
    assert_eq!(referred("2024-01-08"), [(1, 1); 2]);
    assert_eq!(referred("2024-01-09"), [(0, 1); 2]);
    assert_eq!((referred("2024-07-08"), referred("2024-07-09")), ([(0, 1); 2], [(1, 1); 2]));
    // Short breaks take nobody out of the cohort; care does.
    let in_series = started(entered(Story::complete(), "2023-06-05", "V3"));
    assert_eq!(shares(&in_series, "EC-02", "2024-12-31"), (1, 1));
    assert_eq!(shares(&changed(in_series, "2024-03-04", "C2"), "EC-02", "2024-12-31"), (0, 0));
}

#[test]
fn clocks_and_figures_agree_on_when_short_breaks_became_care() {
    for child in series(Story::complete()) {
        let rate = |story: &Story| story.figures("RT-01c", "2024-03-31").counted;
        assert_eq!((one(child.states("LAC-01", "2024-03-31")), rate(&child)), (State::NotApplicable, 0));
        for status in ["C2", "V2", "L1"] {
            let child = changed(child.clone(), "2024-03-11", status);
            let state = one(child.states("LAC-01", "2024-03-31"));
            assert_eq!((state, rate(&child)), (UNTOLD, 1), "{status}: overdue, or running from the change");
        }
    }
}

#[test]
fn leaving_care_that_began_as_short_breaks_is_a_return_home_once_it_was_care() {
    let back = |story: Story| {
        let story = story.told("2023-12-04", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]);
        let again = [(Role::PeriodOfCare, 9)];
        let story = story.told("2024-02-05", "became_looked_after", r#"{"legal_status":"V2"}"#, &again);
        let answers = story.answers(&Question::as_at(day("2024-06-28")));
        let mut of_rule = answers.look_backs.iter().filter(|it| it.rule.id.as_str() == "EX-01");
        of_rule.any(|it| it.answer.counts())
    };
    for child in series(Story::complete()) {
        assert!(!back(child.clone()));
        assert!(back(changed(child, "2023-11-06", "C2")));
    }
}

/// An act in care that names the period of care only.
fn done(story: Story, on: &str, kind: &str, details: &str) -> Story {
    story.told(on, kind, details, &[CARE])
}

fn reviewed(story: Story, days: &[&str]) -> Story {
    (10..).zip(days).fold(story, |story, (review, on)| {
        story.told(on, "looked_after_review_held", "{}", &[CARE, (Role::Review, review)])
    })
}

const UNTOLD: State = State::CannotTell(Why::StartNotKnown);

#[test]
fn what_is_counted_from_an_act_in_care_is_told_though_care_began_as_short_breaks() {
    for child in series(born("2014-01-09")) {
        let child = changed(child, "2024-05-06", "C2");
        let child = reviewed(child, &["2024-05-20", "2024-08-18", "2025-02-10"]);
        let child = done(child, "2024-05-20", "health_assessment_completed", r#"{"kind":"initial"}"#);
        let states = |rule: &str| child.states(rule, "2025-12-01");
        assert_eq!((states("LAC-01"), states("HL-01")), (vec![UNTOLD], vec![UNTOLD]), "from the beginning");
        assert_eq!(states("LAC-02"), [State::Met]);
        assert_eq!(states("LAC-03"), [State::Met, State::Overdue]);
        assert_eq!(states("HL-02"), [State::Overdue]);
    }
}

#[test]
fn a_review_in_short_breaks_leaves_open_which_of_the_reviews_in_care_is_the_second() {
    for child in series(Story::complete()) {
        let child = changed(child, "2024-05-06", "C2");
        let states = |days: &[&str], rule: &str| reviewed(child.clone(), days).states(rule, "2025-12-01");
        let days = ["2023-09-04", "2024-03-04", "2024-05-20", "2024-08-19"];
        assert_eq!(states(&days[..3], "LAC-03")[..1], [UNTOLD], "the first in care, or a later one");
        assert_eq!(states(&days, "LAC-03"), [UNTOLD, UNTOLD, State::Overdue]);
        assert_eq!(states(&days, "LAC-02"), [UNTOLD]);
    }
}

/// Nothing was done since the last review or visit: by one rule or by the one before it that is too late.
#[test]
fn where_one_of_two_rules_is_overdue_in_every_reading_the_clock_of_the_last_act_says_so() {
    let placement = [CARE, (Role::Placement, 3)];
    for child in series(Story::complete()) {
        let child = changed(child, "2024-05-06", "C2");
        let states =
            |days: &[&str], rule: &str, as_at: &str| reviewed(child.clone(), days).states(rule, as_at);
        let in_care = ["2023-06-19", "2024-05-20"];
        // The second review or, from the order, the first: due within six months, or within three.
        assert_eq!(states(&in_care, "LAC-03", "2024-11-20"), [UNTOLD], "in time as the second");
        assert_eq!(states(&in_care, "LAC-03", "2024-11-21"), [State::Overdue]);
        assert_eq!(states(&in_care, "LAC-02", "2024-11-21"), [UNTOLD], "it is told once");
        let clock =
            &reviewed(child.clone(), &in_care).clocks("LAC-03", &Question::as_at(day("2024-11-21")))[0];
        assert_eq!((clock.due_on, clock.due_latest), (None, Some(day("2024-11-20"))));
        // Only reviewed in short breaks: the second is overdue, or from the order the first.
        let before = ["2023-06-19", "2023-09-18", "2024-03-04"];
        assert_eq!(states(&before[..1], "LAC-01", "2024-06-05"), [UNTOLD], "in time from the beginning");
        assert_eq!(states(&before[..1], "LAC-02", "2024-06-04"), [UNTOLD], "in time from the order");
        assert_eq!(states(&before[..1], "LAC-02", "2024-06-05"), [State::Overdue]);
        assert_eq!(states(&before, "LAC-03", "2024-09-04")[1..], [UNTOLD]);
        assert_eq!(states(&before, "LAC-03", "2024-09-05")[1..], [State::Overdue]);
        let left = done(child.clone(), "2024-05-20", "ceased_to_be_looked_after", "{}");
        assert_eq!(reviewed(left, &before[..1]).states("LAC-02", "2024-12-02"), [UNTOLD], "left in time");
    }
    let story = entered(Story::complete(), "2024-03-04", "V4");
    let story = story.told("2024-03-04", "placement_started", r#"{"short_break":true}"#, &placement);
    let story = story.told("2024-03-08", "looked_after_visit_made", r#"{"seen":true}"#, &[]);
    let story = changed(story, "2024-05-06", "C2");
    let states = |rule: &str, as_at: &str| story.states(rule, as_at);
    assert_eq!(
        (states("LAC-04", "2024-05-14"), states("LAC-05", "2024-05-13")),
        (vec![UNTOLD], vec![UNTOLD])
    );
    assert_eq!(
        states("LAC-05", "2024-05-14"),
        [State::Overdue],
        "six weeks from the visit, one from the order"
    );
}

#[test]
fn visits_are_asked_for_from_one_in_care_on_where_the_placement_of_short_breaks_goes_on() {
    let visited = |story: Story, on: &str| story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[]);
    let placed = |mark: bool| {
        let details = format!(r#"{{"placement_type":"U6","short_break":{mark}}}"#);
        let story = entered(Story::complete(), "2024-03-04", "V4");
        story.told("2024-03-04", "placement_started", &details, &[CARE, (Role::Placement, 3)])
    };
    for child in [true, false].map(placed) {
        let before = visited(child.clone(), "2024-04-22");
        assert_eq!(before.states("LAC-05", "2024-12-02"), [State::NotApplicable], "short breaks still");
        let states = |story: &Story, rule: &str| story.states(rule, "2024-12-02");
        let care = changed(before.clone(), "2024-05-06", "C2");
        assert_eq!(
            states(&care, "LAC-04"),
            [State::Overdue],
            "late from the beginning, not made from the order"
        );
        assert_eq!(states(&care, "LAC-05"), [UNTOLD], "the last visit was one in short breaks");
        let care = visited(visited(care, "2024-05-10"), "2024-06-14");
        assert_eq!(states(&care, "LAC-05"), [UNTOLD, State::Met, State::Overdue]);
        // A placement that was over by then is one of the short breaks.
        let left = before.told("2024-05-06", "placement_ended", "{}", &[CARE, (Role::Placement, 3)]);
        let left = changed(left, "2024-05-06", "C2");
        assert_eq!(states(&left, "LAC-05"), [State::NotApplicable]);
    }
}

#[test]
fn a_respite_placement_in_the_course_of_care_asks_for_no_visits_after_an_order() {
    let placement = [CARE, (Role::Placement, 3)];
    let care = entered(Story::complete(), "2024-03-04", "V2");
    let respite = care.told("2024-04-08", "placement_started", r#"{"short_break":true}"#, &placement);
    let ordered = changed(respite, "2024-05-06", "C2");
    assert_eq!(one(ordered.states("LAC-04", "2024-12-02")), State::NotApplicable);
}

#[test]
fn a_young_person_is_eligible_by_the_care_that_short_breaks_became() {
    let child = |status: &str| {
        let story = entered(born("2009-06-15"), "2024-03-04", status);
        changed(story, "2025-04-14", "V2")
    };
    let due = |story: &Story| {
        let clocks = story.clocks("LC-01", &Question::as_at(day("2025-12-01")));
        clocks.iter().map(|clock| (clock.counts_from, clock.due_on, clock.state)).collect::<Vec<_>>()
    };
    // 13 weeks from 14 April 2025 end after the sixteenth birthday, those in ordinary care before it.
    let from = |start: &str, due: &str| [(Some(day(start)), Some(day(due)), State::Overdue)];
    assert_eq!(due(&child("V4")), from("2025-07-14", "2025-10-14"));
    assert_eq!(due(&child("C2")), from("2025-06-15", "2025-09-15"));
    let series = entered(born("2009-06-15"), "2024-03-04", "V4");
    assert!(due(&series).is_empty(), "short breaks only");
    assert!(due(&changed(series, "2025-04-14", "V3")).is_empty(), "short breaks still");
}

#[test]
fn care_that_short_breaks_became_is_a_return_into_care_on_the_day_of_the_change() {
    let home = Story::complete()
        .told("2022-01-10", "became_looked_after", r#"{"legal_status":"V2"}"#, &[(Role::PeriodOfCare, 9)])
        .told("2023-03-06", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[(Role::PeriodOfCare, 9)]);
    let back = |story: &Story| {
        let answers = story.answers(&Question::as_at(day("2024-12-02")));
        let of_rule = answers.look_backs.iter().filter(|it| it.rule.id.as_str() == "EX-01");
        let said = of_rule.map(|it| (it.event.occurred.day(), it.answer.counts()));
        said.filter(|(on, _)| *on > Some(day("2023-03-06"))).collect::<Vec<_>>()
    };
    for child in series(home.clone()) {
        assert!(back(&child).is_empty());
        assert_eq!(back(&changed(child.clone(), "2024-03-04", "C2")), [(Some(day("2024-03-04")), true)]);
        assert_eq!(back(&changed(child.clone(), "2024-03-06", "C2")), [(Some(day("2024-03-06")), false)]);
        let again = changed(changed(child, "2024-03-04", "V2"), "2024-04-08", "C2");
        assert_eq!(back(&again), [(Some(day("2024-03-04")), true)], "an order in care is no entry");
    }
    let unknown = changed(Story::complete(), "2024-03-04", "C2");
    assert!(back(&unknown).is_empty(), "that care began is not on record");
}

#[test]
fn entries_exits_and_children_looked_after_add_up_where_short_breaks_became_care() {
    let months =
        |story: &Story, rule: &str, on: &str| story.figures(rule, on).groups.into_keys().collect::<Vec<_>>();
    let counted = |story: &Story, rule: &str, on: &str| story.figures(rule, on).counted;
    for child in series(Story::complete()) {
        let child = changed(child, "2024-05-06", "V2");
        assert_eq!(months(&child, "RT-02", "2024-03-31"), Vec::<String>::new(), "short breaks");
        assert_eq!(months(&child, "RT-02", "2025-03-31"), ["2024-05"]);
        assert_eq!(counted(&child, "RT-02a", "2025-03-31"), 1);
        assert_eq!(counted(&child, "RT-01c", "2024-07-01"), 1);
        let later = changed(child.clone(), "2025-05-06", "C2");
        assert_eq!(months(&later, "RT-02", "2026-03-31"), ["2024-05"], "an order in care is no entry");
        let left = done(child, "2024-10-07", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#);
        assert_eq!((counted(&left, "RT-02x", "2025-03-31"), counted(&left, "RT-01c", "2025-03-31")), (1, 0));
    }
    let unknown = changed(Story::complete(), "2024-05-06", "C2");
    assert_eq!(counted(&unknown, "RT-02", "2025-03-31"), 0, "that care began is not on record");
}

#[test]
fn a_placement_that_goes_on_under_an_order_is_no_short_break_any_more() {
    let short = |kind: &str| {
        let placement = [CARE, (Role::Placement, 3)];
        let began = if kind == "C2" { "2023-12-04" } else { "2024-01-08" };
        let story = entered(Story::complete(), began, kind);
        story.told("2024-01-08", "placement_started", r#"{"short_break":true}"#, &placement)
    };
    let ended =
        |story: Story, on: &str| story.told(on, "placement_ended", "{}", &[CARE, (Role::Placement, 3)]);
    let state = |story: &Story| one(story.states("LAC-08", "2024-12-02"));
    let days = |story: &Story| story.tallied("LAC-08y", "2024-12-02").first().and_then(|it| it.value);
    for kind in ["V4", "V3"] {
        assert_eq!(state(&short(kind)), State::Overdue);
        let within = changed(short(kind), "2024-01-15", "C1");
        let after = changed(short(kind), "2024-02-26", "C1");
        assert_eq!((state(&within), state(&after)), (State::Met, State::Late), "{kind}");
        assert_eq!(state(&ended(within.clone(), "2024-06-03")), State::Met, "whenever that ended");
        assert_eq!(state(&changed(short(kind), "2024-01-15", "V3")), State::Overdue, "short breaks still");
        // The days under the order are none of short breaks.
        assert_eq!((days(&within), days(&after)), (Some(7), Some(49)), "{kind}");
    }
    // Respite in the course of care is as long as it is.
    assert_eq!(state(&changed(short("C2"), "2024-01-15", "V2")), State::Overdue);
}

/// Nothing was done since: whether it is asked for from the beginning or from the order, the last day has passed.
#[test]
fn what_was_never_done_is_overdue_whether_it_counts_from_the_short_breaks_or_from_the_order() {
    let placement = [CARE, (Role::Placement, 3)];
    let child = |began: &str| {
        let story = entered(Story::complete(), began, "V4");
        let story = story.told(began, "placement_started", r#"{"short_break":true}"#, &placement);
        changed(story, "2024-03-11", "C2")
    };
    let due = [("LAC-01", "2024-04-10"), ("HL-01", "2024-04-10"), ("ED-01", "2024-03-25")];
    for began in ["2024-02-02", "2024-02-01/2024-02-08", "2024-02-02/2024-03-20"] {
        let child = child(began);
        let is_before = !began.ends_with("20");
        for (rule, last) in due.into_iter().chain(is_before.then_some(("LAC-04", "2024-03-18"))) {
            let after = day(last).succ_opt().expect("a day after").to_string();
            assert_eq!(one(child.states(rule, "2026-01-05")), State::Overdue, "{rule} {began}");
            assert_eq!(one(child.states(rule, &after)), State::Overdue, "{rule} {began}");
            assert_eq!(one(child.states(rule, last)), UNTOLD, "{rule} {began}: in time from the order");
        }
    }
}

#[test]
fn what_was_done_after_the_order_is_met_or_late_where_it_is_so_from_either_day() {
    let child = changed(entered(Story::complete(), "2024-03-04", "V4"), "2024-03-11", "C2");
    let reviewed = |on: &str| one(reviewed(child.clone(), &[on]).states("LAC-01", "2024-12-02"));
    assert_eq!(reviewed("2024-04-02"), State::Met, "within 20 working days of the beginning");
    assert_eq!(reviewed("2024-04-09"), UNTOLD, "in time from the order only");
    assert_eq!(reviewed("2024-04-11"), State::Late);
    assert_eq!(reviewed("2024-03-06"), UNTOLD, "before the order");
}

#[test]
fn what_was_late_in_short_breaks_and_never_done_since_is_a_breach_from_either_day() {
    for child in series(born("2014-01-09")) {
        let ordered = changed(child, "2024-03-11", "C2");
        let late = reviewed(ordered.clone(), &["2023-09-04"]);
        let clock = &late.clocks("LAC-01", &Question::as_at(day("2024-12-02")))[0];
        assert_eq!((clock.state, clock.stop), (State::Overdue, None));
        assert_eq!(one(late.states("LAC-01", "2024-03-20")), UNTOLD, "not due yet from the order");
        let in_care = reviewed(ordered, &["2023-09-04", "2024-03-20"]);
        assert_eq!(one(in_care.states("LAC-01", "2024-12-02")), UNTOLD, "in time from the order");
    }
}

#[test]
fn a_first_placement_for_respite_makes_no_short_breaks_of_care_under_an_order() {
    for (status, is_care) in [("C2", true), ("C1", true), ("V2", true), ("V3", false), ("V4", false)] {
        let child = entered(born("2014-01-09"), "2023-06-05", status);
        let placement = [CARE, (Role::Placement, 3)];
        let child = child.told("2023-06-05", "placement_started", r#"{"short_break":true}"#, &placement);
        let expected = if is_care { State::Overdue } else { State::NotApplicable };
        for rule in ["LAC-01", "HL-01", "ED-01", "PM-01"] {
            let states = child.states(rule, "2024-12-02");
            assert_eq!(states, [expected], "{rule} {status}");
        }
        let counted = child.figures("RT-01c", "2024-03-31").counted;
        assert_eq!(counted, u64::from(is_care), "{status}");
        // The placement is a short break all the same.
        assert_eq!(one(child.states("LAC-04", "2024-12-02")), State::NotApplicable, "{status}");
    }
}

#[test]
fn a_child_in_short_breaks_has_a_reviewing_officer() {
    for child in series(Story::complete()) {
        let states = |story: &Story, rule: &str| one(story.states(rule, "2023-12-04"));
        assert_eq!(states(&child, "LAC-13"), State::Overdue);
        let appointed = child.clone().told("2023-06-09", "iro_appointed", "{}", &[]);
        assert_eq!(states(&appointed, "LAC-13"), State::Met);
        assert_eq!(states(&reviewed(child, &["2023-09-04"]), "LAC-13r"), State::Overdue);
        assert_eq!(states(&reviewed(appointed, &["2023-09-04"]), "LAC-13r"), State::Met);
    }
}
