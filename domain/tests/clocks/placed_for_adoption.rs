//! Reviews and visits under regulation 36 of the Adoption Agencies Regulations 2005, and what they take the place of. Every
//! child is invented. Days are counted by hand from the regulation.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, day, in_care, one};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);
const CASE: &[(Role, u128)] = &[(Role::AdoptionCase, 4)];

fn placed(story: Story, on: &str, kind: &str, number: u128) -> Story {
    let details = format!(r#"{{"placement_type":"{kind}","short_break":false}}"#);
    story.told(on, "placement_started", &details, &[CARE, (Role::Placement, number)])
}

/// In care from 9 January 2023, with the reviews of 3 February, 2 May and 1 November; placed for adoption on 8 January 2024.
fn adopted_placement() -> Story {
    let story = placed(in_care(Story::complete(), "2023-01-09"), "2023-01-09", "U6", 10);
    let story = reviewed(story, &["2023-02-03", "2023-05-02", "2023-11-01"]);
    let story = story.told("2024-01-08", "placement_ended", "{}", &[CARE, (Role::Placement, 10)]);
    placed(story, "2024-01-08", "A6", 11)
}

fn reviewed(story: Story, days: &[&str]) -> Story {
    days.iter().fold(story, |story, on| {
        let number = 100 + u128::try_from(story.recorded.len()).expect("few events");
        story.told(on, "looked_after_review_held", "{}", &[CARE, (Role::Review, number)])
    })
}

fn visited(story: Story, days: &[&str]) -> Story {
    days.iter()
        .fold(story, |story, on| story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[CARE]))
}

/// Last day and state of each clock of a rule.
fn said(story: &Story, rule: &str, as_at: &str) -> Vec<(String, State)> {
    let clocks = story.clocks(rule, &Question::as_at(day(as_at)));
    clocks.iter().map(|it| (it.due_on.map_or(String::new(), |due| due.to_string()), it.state)).collect()
}

#[test]
fn a_child_placed_for_adoption_is_reviewed_after_four_weeks_three_months_and_six_months() {
    let story = adopted_placement();
    let last = |rule: &str, story: &Story, as_at: &str| said(story, rule, as_at).pop().unwrap();
    assert_eq!(last("PM-14", &story, "2024-02-05"), ("2024-02-05".to_owned(), State::DueSoon));
    assert_eq!(last("PM-14", &story, "2024-02-06").1, State::Overdue);
    assert!(said(&story, "PM-15", "2024-02-06").is_empty(), "reviews before the placement are not its own");
    let first = reviewed(story, &["2024-02-01"]);
    assert_eq!(said(&first, "PM-14", "2024-03-01"), [("2024-02-05".to_owned(), State::Met)]);
    assert_eq!(said(&first, "PM-15", "2024-03-01"), [("2024-05-01".to_owned(), State::Running)]);
    let second = reviewed(first, &["2024-05-02"]);
    assert_eq!(said(&second, "PM-15", "2024-06-03"), [("2024-05-01".to_owned(), State::Late)]);
    assert_eq!(said(&second, "PM-16", "2024-11-04"), [("2024-11-02".to_owned(), State::Overdue)]);
    let ended = second.told("2024-10-01", "placement_ended", "{}", &[CARE, (Role::Placement, 11)]);
    assert_eq!(said(&ended, "PM-16", "2024-11-04")[0].1, State::NotApplicable, "returned to the agency");
}

#[test]
fn whoever_is_placed_already_when_the_order_is_made_waits_for_no_placement() {
    // Reg 36(1) asks of a child whom the agency may place and has not placed.
    let ordered = |story: Story| story.told("2024-01-08", "placement_order_made", "{}", CASE);
    let care =
        || reviewed(in_care(Story::complete(), "2023-01-09"), &["2023-02-03", "2023-05-02", "2023-11-01"]);
    assert_eq!(one(ordered(care()).states("PM-13", "2024-06-28")), State::Overdue);
    let with_adopters = ordered(placed(care(), "2023-12-01", "A4", 11));
    assert_eq!(one(with_adopters.states("PM-13", "2024-06-28")), State::NotApplicable);
}

#[test]
fn a_child_placed_for_adoption_is_visited_each_week_until_the_first_review() {
    let story = adopted_placement();
    assert_eq!(said(&story, "PM-17", "2024-01-16"), [("2024-01-15".to_owned(), State::Overdue)]);
    let visited_twice = visited(story, &["2024-01-15", "2024-01-23"]);
    assert_eq!(one(visited_twice.states("PM-17", "2024-02-01")), State::Met);
    let weekly = |story: &Story| said(story, "PM-18", "2024-02-12");
    let late = ("2024-01-22".to_owned(), State::Late);
    assert_eq!(weekly(&visited_twice), [late.clone(), ("2024-01-30".to_owned(), State::Overdue)]);
    // The review by 30 January decides how often from then on; one on the 31st came after the visit was due.
    let reviewed_on = |on: &str| reviewed(visited_twice.clone(), &[on]);
    assert_eq!(weekly(&reviewed_on("2024-01-30")), std::slice::from_ref(&late));
    assert_eq!(weekly(&reviewed_on("2024-01-31")).len(), 2);
    let after = visited(reviewed_on("2024-01-30"), &["2024-02-05"]);
    assert_eq!(weekly(&after), [late], "no clock after the first review");
}

#[test]
fn regulation_36_takes_the_place_of_reviews_and_visits_under_the_regulations_of_2010() {
    let story = visited(reviewed(adopted_placement(), &["2024-02-01", "2024-05-01"]), &["2024-01-10"]);
    // The review of 1 November 2023 would have been followed by one by 1 May 2024.
    let later: Vec<State> =
        said(&story, "LAC-03", "2024-12-31").into_iter().map(|(_, state)| state).collect();
    assert_eq!(later[..2], [State::Met, State::NotApplicable]);
    assert!(later[2..].iter().all(|state| *state == State::NotApplicable), "{later:?}");
    for rule in ["LAC-04", "LAC-05", "LAC-06"] {
        let clocks = story.clocks(rule, &Question::as_at(day("2024-12-31")));
        let own = clocks.iter().filter(|clock| clock.start.occurred.day() >= Some(day("2024-01-08")));
        assert!(own.clone().all(|clock| clock.state == State::NotApplicable), "{rule}");
    }
    // What was due before the placement stays late.
    let child = placed(in_care(Story::complete(), "2023-01-09"), "2023-01-09", "U6", 10);
    let child = reviewed(child, &["2023-02-03", "2023-05-02"]);
    let placed_late = placed(child, "2023-11-03", "A4", 11);
    assert_eq!(said(&placed_late, "LAC-03", "2023-12-29"), [("2023-11-02".to_owned(), State::Late)]);
    let second = reviewed(in_care(Story::complete(), "2023-12-11"), &["2024-01-03"]);
    let second = reviewed(placed(second, "2024-01-08", "A3", 11), &["2024-02-01"]);
    assert_eq!(one(second.states("LAC-02", "2024-12-31")), State::NotApplicable);
}

#[test]
fn a_placement_for_adoption_that_broke_down_gives_the_reviews_back() {
    let story = adopted_placement().told(
        "2024-06-03",
        "placement_ended",
        r#"{"disrupted":true}"#,
        &[CARE, (Role::Placement, 11)],
    );
    let story = reviewed(placed(story, "2024-06-03", "U6", 12), &["2024-06-20"]);
    let last = said(&story, "LAC-03", "2024-12-23").pop().unwrap();
    assert_eq!(last, ("2024-12-20".to_owned(), State::Overdue));
    assert_eq!(said(&story, "PM-14", "2024-12-23"), [("2024-02-05".to_owned(), State::Late)]);
}

/// Placed for adoption on 8 January 2024 and back with foster carers from 3 June.
fn returned(story: Story) -> Story {
    let story =
        story.told("2024-06-03", "placement_ended", r#"{"disrupted":true}"#, &[CARE, (Role::Placement, 11)]);
    placed(story, "2024-06-03", "U6", 12)
}

#[test]
fn after_a_placement_that_broke_down_the_next_review_counts_from_the_last_one_and_not_before_the_return() {
    let last = |story: &Story, as_at: &str| said(story, "LAC-03", as_at).pop().unwrap();
    // The last review was held with the adopters, on 2 May: six months on.
    let reviewed_there = reviewed(adopted_placement(), &["2024-02-01", "2024-05-02"]);
    assert_eq!(last(&reviewed_there, "2024-12-02").1, State::NotApplicable, "PM-16 asks");
    let back = returned(reviewed_there);
    assert_eq!(last(&back, "2024-10-28"), ("2024-11-02".to_owned(), State::DueSoon));
    assert_eq!(last(&back, "2024-12-02").1, State::Overdue);
    assert!(said(&back, "PM-16", "2024-12-02").iter().all(|(_, state)| *state == State::NotApplicable));
    let answered = reviewed(back, &["2024-11-04"]);
    let states: Vec<State> = said(&answered, "LAC-03", "2024-12-02").into_iter().map(|it| it.1).collect();
    let (met, na) = (State::Met, State::NotApplicable);
    assert_eq!(states, [met, na, na, State::Late, State::Running]);
    // None was held with them: six months from 1 November 2023 ended while PM-14 asked, so it is due with the return.
    let never = returned(adopted_placement());
    assert_eq!(last(&never, "2024-06-03"), ("2024-06-03".to_owned(), State::DueSoon));
    assert_eq!(last(&never, "2024-06-04").1, State::Overdue);
    assert_eq!(said(&never, "PM-14", "2024-06-04"), [("2024-02-05".to_owned(), State::Late)]);
}

/// Lists of placements give the end of one between the days of two extracts.
#[test]
fn after_a_placement_that_ended_between_two_days_the_next_review_is_due_as_after_one_of_a_certain_end() {
    let last = |story: &Story, rule: &str| said(story, rule, "2024-12-02").pop().unwrap();
    let ended = |end: &str| {
        let story = reviewed(adopted_placement(), &["2024-02-01", "2024-05-02"]);
        let story = story.told(end, "placement_ended", "{}", &[CARE, (Role::Placement, 11)]);
        placed(story, "2024-06-03", "U6", 12)
    };
    for end in ["2024-06-03", "2024-05-31/2024-06-03", "2024-05-10/2024-06-02"] {
        assert_eq!(last(&ended(end), "LAC-03"), ("2024-11-02".to_owned(), State::Overdue), "{end}");
    }
    let never = |end: &str| {
        let story = adopted_placement().told(end, "placement_ended", "{}", &[CARE, (Role::Placement, 11)]);
        placed(story, "2024-06-03", "U6", 12)
    };
    assert_eq!(last(&never("2024-05-31/2024-06-03"), "LAC-03"), ("2024-06-03".to_owned(), State::Overdue));
}

#[test]
fn a_placement_that_broke_down_or_was_left_for_one_of_which_less_is_stated_is_over() {
    let with_adopters = || reviewed(adopted_placement(), &["2024-02-01"]);
    let broken = with_adopters().told("2024-03-11", "adoption_disrupted", "{}", CASE);
    let elsewhere = |story: Story, details: &str| {
        story.told("2024-03-11", "placement_started", details, &[CARE, (Role::Placement, 12)])
    };
    for back in [
        broken.clone(),
        elsewhere(broken, r#"{"placement_type":"T0","short_break":false}"#),
        elsewhere(with_adopters(), r#"{"placement_type":"U6"}"#),
    ] {
        assert_eq!(said(&back, "PM-15", "2024-12-02"), [("2024-05-01".to_owned(), State::NotApplicable)]);
        assert_eq!(
            said(&back, "LAC-03", "2024-12-02").pop().unwrap(),
            ("2024-08-01".to_owned(), State::Overdue)
        );
    }
    // A temporary stay leaves the child with the adopters.
    let away = elsewhere(with_adopters(), r#"{"placement_type":"T0","short_break":false}"#);
    assert_eq!(said(&away, "PM-15", "2024-12-02")[0].1, State::Overdue);
}

#[test]
fn a_second_review_that_fell_away_by_a_placement_for_adoption_is_due_again_when_that_breaks_down() {
    let story =
        placed(reviewed(in_care(Story::complete(), "2024-03-04"), &["2024-03-27"]), "2024-04-02", "A6", 11);
    assert_eq!(one(story.states("LAC-02", "2024-12-31")), State::NotApplicable);
    let back = returned(story);
    assert_eq!(said(&back, "LAC-02", "2024-06-20"), [("2024-06-27".to_owned(), State::DueSoon)]);
    assert_eq!(
        said(&reviewed(back, &["2024-06-28"]), "LAC-02", "2024-12-31"),
        [("2024-06-27".to_owned(), State::Late)]
    );
}

#[test]
fn a_stay_in_hospital_leaves_the_reviews_with_the_adopters() {
    let story = placed(reviewed(adopted_placement(), &["2024-02-01", "2024-05-01"]), "2024-05-20", "T1", 12);
    let story = reviewed(story, &["2024-06-03"]);
    let open = |rule: &str| {
        let clocks = story.clocks(rule, &Question::as_at(day("2024-12-31")));
        clocks.iter().filter(|clock| clock.is_open() && clock.state != State::NotApplicable).count()
    };
    assert_eq!((open("LAC-03"), open("PM-16")), (0, 1));
    // Another placement that is no temporary one ends the one for adoption, also where its end is not recorded.
    let moved = placed(story, "2024-07-01", "U6", 13);
    let last = |rule: &str| said(&moved, rule, "2024-12-31").pop().unwrap();
    assert_eq!(
        (last("LAC-03"), last("PM-16").1),
        (("2024-12-03".to_owned(), State::Overdue), State::NotApplicable)
    );
}

#[test]
fn a_visit_that_was_overdue_at_the_first_review_is_late_and_waits_no_longer() {
    let story = visited(adopted_placement(), &["2024-01-15"]);
    let weekly = |story: &Story| said(story, "PM-18", "2024-06-28");
    assert_eq!(weekly(&story), [("2024-01-22".to_owned(), State::Overdue)]);
    assert_eq!(weekly(&reviewed(story, &["2024-01-31"])), [("2024-01-22".to_owned(), State::Late)]);
}

#[test]
fn a_permanence_plan_of_a_child_placed_for_adoption_is_due_by_the_review_that_regulation_36_asks_for() {
    let story =
        placed(reviewed(in_care(Story::complete(), "2024-01-08"), &["2024-02-01"]), "2024-02-19", "A6", 11);
    let due = |story: &Story| said(story, "PM-01", "2024-04-02");
    // The second review is the first one of the placement: four weeks.
    assert_eq!(due(&story), [("2024-03-18".to_owned(), State::Overdue)]);
    let agreed = |on: &str| story.clone().told(on, "permanence_plan_agreed", "{}", &[CARE]);
    assert_eq!(due(&agreed("2024-03-18")), [("2024-03-18".to_owned(), State::Met)]);
    assert_eq!(due(&agreed("2024-03-19")), [("2024-03-18".to_owned(), State::Late)]);
    // Held, it sets the day itself.
    assert_eq!(
        due(&reviewed(agreed("2024-03-19"), &["2024-03-20"])),
        [("2024-03-20".to_owned(), State::Met)]
    );
}

#[test]
fn an_adoption_that_broke_down_is_one_breakdown_however_often_it_is_told() {
    let told = |story: Story, case: u128| {
        story.told("2024-06-05", "adoption_disrupted", "{}", &[(Role::AdoptionCase, case)])
    };
    let base = |story: &Story| story.figures("PM-09", "2024-12-31").base;
    let placement = returned(adopted_placement());
    assert_eq!(base(&placement), 1);
    assert_eq!(base(&told(placement.clone(), 4)), 1, "its end and the breakdown of the adoption");
    assert_eq!(base(&told(told(placement.clone(), 4), 5)), 1, "two matches of one adoption");
    assert_eq!(base(&told(told(Story::complete(), 4), 4)), 1, "no placement is recorded");
    let fostering = placement.told(
        "2024-06-20",
        "placement_ended",
        r#"{"disrupted":true}"#,
        &[CARE, (Role::Placement, 12)],
    );
    assert_eq!(base(&told(fostering, 4)), 2, "and the foster placement after it");
}

#[test]
fn a_child_whom_the_agency_may_place_is_reviewed_within_three_months() {
    let story = reviewed(in_care(Story::complete(), "2023-08-01"), &["2023-08-24", "2023-11-20"]).told(
        "2024-01-10",
        "placement_order_made",
        "{}",
        CASE,
    );
    let state = |story: &Story| one(story.states("PM-13", "2024-06-28"));
    assert_eq!(state(&story), State::Overdue);
    assert_eq!(state(&reviewed(story.clone(), &["2024-04-10"])), State::Met);
    assert_eq!(state(&reviewed(story.clone(), &["2024-04-11"])), State::Late);
    assert_eq!(state(&placed(story.clone(), "2024-03-01", "A6", 11)), State::NotApplicable);
    assert_eq!(state(&placed(story.clone(), "2024-05-01", "A6", 11)), State::Late);
    assert_eq!(state(&placed(story, "2024-03-01", "U6", 11)), State::Overdue, "a foster placement");
}

#[test]
fn a_review_of_a_placement_for_adoption_due_under_the_relaxations_cannot_be_told() {
    let story = placed(in_care(Story::complete(), "2020-01-06"), "2020-04-06", "A6", 11);
    let told = said(&story, "PM-14", "2020-08-03").pop().unwrap();
    assert_eq!(told, ("2020-05-04".to_owned(), State::CannotTell(Why::LimitRelaxed)));
}

/// Of the rules about reviews that take each other's place exactly one waits for the next review, whatever placements begin
/// and end, and whichever reviews are held, after the first one.
#[test]
fn exactly_one_rule_waits_for_the_next_review_on_any_day() {
    let kinds = ["U6", "A6", "T1"];
    let places = [("2024-01-08", "2024-03-04"), ("2024-03-04", "2024-05-07"), ("2024-04-02", "2024-06-03")];
    let reviews = ["2024-01-29", "2024-03-20", "2024-05-07", "2024-07-01"];
    for choice in (0..27 * 8 * 16_usize).step_by(5) {
        let mut story = placed(in_care(Story::complete(), "2023-08-01"), "2023-08-01", "U6", 10);
        story = reviewed(story, &["2023-08-25"]);
        for (at, (from, to)) in places.into_iter().enumerate() {
            let place = (Role::Placement, 11 + u128::try_from(at).unwrap());
            story = placed(story, from, kinds[choice / 3_usize.pow(u32::try_from(at).unwrap()) % 3], place.1);
            if (choice / 27) >> at & 1 == 1 {
                story = story.told(to, "placement_ended", "{}", &[CARE, place]);
            }
        }
        let held: Vec<&str> =
            (0..4).filter(|at| (choice / 216) >> at & 1 == 1).map(|at| reviews[at]).collect();
        story = reviewed(story, &held);
        for as_at in ["2024-02-05", "2024-04-15", "2024-06-10", "2024-12-02"] {
            let answers = story.answers(&Question::as_at(day(as_at)));
            let waits = answers.clocks.iter().filter(|clock| {
                ["LAC-02", "LAC-03", "PM-14", "PM-15", "PM-16"].contains(&clock.rule.id.as_str())
                    && matches!(clock.state, State::Running | State::DueSoon | State::Overdue)
            });
            let waits: Vec<String> =
                waits.map(|it| format!("{} {:?} {:?}", it.rule.id, it.start.occurred, it.state)).collect();
            assert_eq!(waits.len(), 1, "{choice} as at {as_at}, reviews {held:?}: {waits:#?}");
        }
    }
}

#[test]
fn a_child_who_comes_back_to_the_adopters_from_hospital_is_not_placed_again() {
    let ended = |story: Story, on: &str, number: u128| {
        story.told(on, "placement_ended", "{}", &[CARE, (Role::Placement, number)])
    };
    let story = || visited(reviewed(adopted_placement(), &["2024-02-01"]), &["2024-01-12"]);
    let away = |story: Story| {
        ended(placed(ended(story, "2024-02-19", 11), "2024-02-19", "T1", 12), "2024-02-26", 12)
    };
    let back = placed(away(story()), "2024-02-26", "A6", 13);
    let later = |story: Story| reviewed(story, &["2024-04-29"]);
    for rule in ["PM-14", "PM-15", "PM-16", "PM-17", "PM-18", "LAC-02", "LAC-03", "LAC-05"] {
        for as_at in ["2024-03-29", "2024-12-31"] {
            assert_eq!(said(&later(back.clone()), rule, as_at), said(&later(story()), rule, as_at), "{rule}");
        }
    }
    // An end that names the later entry is the end of the placement.
    let left = |story, number| said(&ended(story, "2024-05-07", number), "PM-15", "2024-12-31");
    assert_eq!(left(back, 13), left(story(), 11));
    // With others, or after a breakdown, the child is placed anew.
    let matched = away(story()).told("2024-02-23", "match_approved", "{}", CASE);
    assert_eq!(said(&placed(matched, "2024-02-26", "A6", 13), "PM-14", "2024-03-29").len(), 2);
    let fostered = placed(ended(story(), "2024-02-19", 11), "2024-02-19", "U6", 12);
    assert_eq!(
        said(&placed(ended(fostered, "2024-02-26", 12), "2024-02-26", "A6", 13), "PM-14", "2024-03-29").len(),
        2
    );
}

/// The ways in which a record tells of a stay elsewhere between two times with the adopters.
fn stay_elsewhere(story: Story, way: &str, kind: &str) -> Story {
    let of = |number: u128| [CARE, (Role::Placement, number)];
    let ended = |story: Story, on: &str, number| story.told(on, "placement_ended", "{}", &of(number));
    let changed = |story: Story, on: &str, to: &str, event: &str, reason: &str| {
        let details = format!(r#"{{{reason}"placement_type":"{to}"}}"#);
        story.told(on, event, &details, &of(11))
    };
    let (left, back) = ("2024-02-19", "2024-02-26");
    match way {
        "no end" => placed(placed(story, left, kind, 12), back, "A6", 13),
        "only the stay ends" => placed(ended(placed(story, left, kind, 12), back, 12), back, "A6", 13),
        "only the placement ends" => placed(placed(ended(story, left, 11), left, kind, 12), back, "A6", 13),
        "the placement ends with the return" => {
            placed(ended(placed(story, left, kind, 12), back, 11), back, "A6", 13)
        }
        "by episodes" => {
            let story = changed(story, left, kind, "episode_changed", r#""reason":"P","#);
            changed(story, back, "A6", "episode_changed", r#""reason":"P","#)
        }
        "by changes" => {
            changed(changed(story, left, kind, "placement_changed", ""), back, "A6", "placement_changed", "")
        }
        _ => panic!("another way: {way}"),
    }
}

/// How many clocks of a rule wait at the end of the year.
fn waiting(story: &Story, rule: &str) -> usize {
    let states = story.states(rule, "2024-12-31");
    states.iter().filter(|state| matches!(state, State::Running | State::DueSoon | State::Overdue)).count()
}

const WAYS: [&str; 6] = [
    "no end",
    "only the stay ends",
    "only the placement ends",
    "the placement ends with the return",
    "by episodes",
    "by changes",
];

#[test]
fn a_child_who_comes_back_to_the_adopters_is_not_placed_again_however_the_stay_is_told() {
    let story = || visited(reviewed(adopted_placement(), &["2024-02-01"]), &["2024-01-12"]);
    let later = |story: Story| reviewed(story, &["2024-04-29"]);
    for (way, kind) in WAYS.iter().flat_map(|way| [(way, "T1"), (way, "T3")]) {
        let back = stay_elsewhere(story(), way, kind);
        for rule in ["PM-14", "PM-15", "PM-16", "PM-17", "PM-18", "LAC-02", "LAC-03", "LAC-05"] {
            for as_at in ["2024-03-29", "2024-12-31"] {
                let expected = said(&later(story()), rule, as_at);
                let without_the_stay = |said: Vec<(String, State)>| -> Vec<_> {
                    said.into_iter().filter(|(_, state)| *state != State::NotApplicable).collect()
                };
                let found = said(&later(back.clone()), rule, as_at);
                assert_eq!(
                    without_the_stay(found),
                    without_the_stay(expected),
                    "{way}, {kind}: {rule} on {as_at}"
                );
            }
        }
        // Once the child is back nothing is asked of the stay any more.
        assert_eq!(waiting(&back, "LAC-04"), 0, "{way}, {kind}");
        // After a breakdown, or with others, the child is placed anew.
        let matched = story().told("2024-02-23", "match_approved", "{}", CASE);
        assert_eq!(said(&stay_elsewhere(matched, way, kind), "PM-14", "2024-03-29").len(), 2, "{way}");
    }
}

#[test]
fn a_child_who_moves_on_from_a_stay_elsewhere_has_left_the_adopters() {
    let of = [CARE, (Role::Placement, 11)];
    // What a change is read as bears the number of its event, which must not be that of a placement.
    let story = reviewed(adopted_placement(), &["2024-02-01", "2024-02-02", "2024-02-05"]);
    let away = story.told("2024-02-19", "placement_changed", r#"{"placement_type":"T3"}"#, &of);
    assert_eq!(
        (waiting(&away, "PM-17"), waiting(&away, "LAC-04")),
        (1, 0),
        "the visits are those of the placement for adoption"
    );
    let moved = away.clone().told("2024-02-26", "placement_changed", r#"{"placement_type":"U6"}"#, &of);
    assert_eq!((waiting(&moved, "PM-17"), waiting(&moved, "LAC-04")), (0, 1));
    let ended = away.told("2024-02-26", "placement_ended", "{}", &of);
    assert_eq!((waiting(&ended, "PM-17"), waiting(&ended, "LAC-04")), (0, 0));
}
