//! Whether there was an earlier one, and how long ago: plans, closures and enquiries by hand.

use domain::events::EntityRole as Role;
use domain::events::child_protection::ChildProtectionPlanStarted;
use domain::events::record_keeping::CoverageExtent;

use crate::journeys;
use crate::support::{Story, Told, day, story};
use domain::clocks::{Looked, Question};

const FIRST: &[(Role, u128)] = &[(Role::Plan, 1)];
const SECOND: &[(Role, u128)] = &[(Role::Plan, 2)];
const EARLIER: &[(Role, u128)] = &[(Role::Referral, 3)];
const LATER: &[(Role, u128)] = &[(Role::Referral, 4)];
const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 5)];
const NEXT: &[(Role, u128)] = &[(Role::Enquiry, 6)];

/// The answer about the event of a day, and the label of its band.
fn looked(story: &Story, rule: &str, on: &str) -> (String, Option<String>) {
    let answers = story.answers(&Question::as_at(day("2025-03-31")));
    let mut of_rule = answers.look_backs.iter().filter(|look| look.rule.id.as_str() == rule);
    let look = of_rule.rfind(|look| look.event.occurred.day() == Some(day(on))).expect("asked about");
    let band = if let Looked::Earlier(band) = look.answer { band } else { None };
    (look.answer.name().to_owned(), band.map(|band| band.label.clone()))
}

#[test]
fn an_earlier_plan_is_one_whether_or_not_its_end_is_known() {
    let started = |on| (on, "child_protection_plan_started", "{}");
    let ended = |on| (on, "child_protection_plan_ended", "{}");
    let plan = |(on, kind, details): (&'static str, &'static str, &'static str), of| (on, kind, details, of);
    // (end of the first plan, answer about the second of 10 May 2023, band)
    for (end, answer, band) in [
        (None, "earlier one known", None),
        (Some("2023-05-12"), "earlier one known", None),
        (Some("2022-01-01/2023-06-01"), "earlier one known", None),
        (Some("2022-09-01"), "earlier one known", Some("within 1 year")),
        (Some("2021-12-01"), "earlier one known", Some("1 to 2 years")),
    ] {
        let mut told = vec![plan(started("2021-01-05"), FIRST), plan(started("2023-05-10"), SECOND)];
        told.extend(end.map(|end| plan(ended(end), FIRST)));
        let found = looked(&story(&told), "CP-13", "2023-05-10");
        assert_eq!(found, (answer.to_owned(), band.map(str::to_owned)), "{end:?}");
    }
    let alone = story(&[plan(started("2023-05-10"), SECOND)]);
    assert_eq!(looked(&alone, "CP-13", "2023-05-10").0, "no earlier one");
}

#[test]
fn no_plan_lies_before_the_child_was_conceived() {
    let born: Told<'_> =
        ("2012-05-05", "child_registered", r#"{"date_of_birth":"2012-05-05","disabilities":[]}"#, &[]);
    let plan: Told<'_> = ("2023-05-10", "child_protection_plan_started", "{}", SECOND);
    for (from, answer) in [
        ("2010-01-01", "no earlier one"),
        ("2011-07-30", "no earlier one"),
        ("2012-01-01", "history_incomplete"),
    ] {
        let story = Story::new().covered(&[], CoverageExtent::Complete, from, "").acts(&[born, plan]);
        assert_eq!(looked(&story, "CP-13", "2023-05-10").0, answer, "{from}");
    }
}

#[test]
fn a_history_of_the_months_that_count_is_enough() {
    let received: Told<'_> = ("2023-05-10", "referral_received", "{}", LATER);
    let closed: Told<'_> = ("2021-12-01", "case_closed", "{}", EARLIER);
    for (from, told, answer) in [
        ("2022-01-01", vec![received], "no earlier one"),
        ("2022-11-11", vec![received], "no earlier one"),
        ("2022-11-12", vec![received], "history_incomplete"),
        // One of long ago beside a gap: whether one lies in the gap is not known.
        ("2022-11-12", vec![closed, received], "history_incomplete"),
        ("2022-11-11", vec![closed, received], "no earlier one"),
    ] {
        let story = Story::new().covered(&[], CoverageExtent::Complete, from, "").acts(&told);
        assert_eq!(looked(&story, "EX-02", "2023-05-10").0, answer, "{from}: {told:?}");
    }
}

#[test]
fn a_referral_without_further_action_is_an_earlier_one() {
    let told: [Told<'_>; 3] = [
        ("2022-06-10", "referral_received", "{}", EARLIER),
        ("2022-06-11", "referral_decision_made", r#"{"outcome":"no_further_action"}"#, EARLIER),
        ("2023-03-01", "referral_received", "{}", LATER),
    ];
    assert_eq!(looked(&story(&told), "FD-03", "2023-03-01").0, "earlier one known");
}

#[test]
fn closed_and_referred_on_one_day_cannot_be_told() {
    for (closed, answer) in
        [("2023-05-10", "cannot_tell"), ("2023-05-09", "earlier one known"), ("2023-05-11", "no earlier one")]
    {
        let told = [
            ("2023-01-10", "referral_received", "{}", EARLIER),
            (closed, "case_closed", "{}", EARLIER),
            ("2023-05-10", "referral_received", "{}", LATER),
        ];
        assert_eq!(looked(&story(&told), "EX-02", "2023-05-10").0, answer, "{closed}");
    }
}

#[test]
fn an_enquiry_that_led_to_no_conference_is_known_however_that_was_said_and_counts_by_its_own_day() {
    let outcomes = [
        ("section47_enquiry_completed", r#"{"outcome":"not_substantiated"}"#, true),
        ("section47_enquiry_completed", r#"{"outcome":"no_further_action"}"#, true),
        ("section47_enquiry_completed", r#"{"substantiated":false}"#, true),
        ("section47_enquiry_completed", r#"{"conference_required":false}"#, true),
        ("conference_decision_made", r#"{"to_be_held":false}"#, true),
        ("conference_not_required", "{}", true),
        ("section47_enquiry_completed", r#"{"conference_required":true}"#, false),
        ("section47_enquiry_completed", r#"{"substantiated":true}"#, false),
    ];
    for (kind, details, led_to_none) in outcomes {
        // (first enquiry, its decision, whether it is within 12 months of 10 May 2023)
        for (first, decided, within) in [
            ("2022-06-10", "2022-06-20", true),
            ("2022-05-01", "2022-05-15", false),
            ("2023-05-02", "2023-05-20", true),
            ("2022-06-10", "2022-06-10/2023-03-31", true),
        ] {
            let told = [
                (first, "section47_enquiry_started", "{}", ENQUIRY),
                (decided, kind, details, ENQUIRY),
                ("2023-05-10", "section47_enquiry_started", "{}", NEXT),
            ];
            let answer = if led_to_none && within { "earlier one known" } else { "no earlier one" };
            let found = looked(&story(&told), "CP-19", "2023-05-10").0;
            assert_eq!(found, answer, "{kind} {details} {first} {decided}");
        }
    }
}

/// What is answered about each event, in practice order; a band by its label.
fn all_looked(story: &Story, rule: &str) -> Vec<String> {
    let answers = story.answers(&Question::as_at(day("2026-01-01")));
    let of_rule = answers.look_backs.iter().filter(|looked| looked.rule.id.as_str() == rule);
    of_rule
        .map(|looked| match looked.answer {
            Looked::Earlier(band) => band.map_or_else(|| "earlier".to_owned(), |band| band.label.clone()),
            Looked::EarlierStatedOnly => "stated only".to_owned(),
            Looked::NoEarlier => "none".to_owned(),
            Looked::CannotTell(_) => "cannot tell".to_owned(),
            Looked::HistoryIncomplete => "history incomplete".to_owned(),
        })
        .collect()
}

#[test]
fn a_referral_within_twelve_months_comes_again() {
    let twice = |story: Story, first: &str| {
        story.with(first, journeys::referral(), &[(Role::Referral, 1)]).with(
            "2023-06-15",
            journeys::referral(),
            &[(Role::Referral, 2)],
        )
    };
    assert_eq!(all_looked(&twice(Story::complete(), "2022-06-14"), "FD-03"), ["none", "none"]);
    assert_eq!(all_looked(&twice(Story::complete(), "2022-06-15"), "FD-03"), ["none", "none"]);
    assert_eq!(all_looked(&twice(Story::complete(), "2022-06-16"), "FD-03"), ["none", "earlier"]);
    assert_eq!(
        all_looked(&twice(Story::complete(), "../2022-06-20"), "FD-03"),
        ["cannot tell", "cannot tell"]
    );
    let kinds = &["referral_received"];
    let young = Story::new().covered(kinds, CoverageExtent::Complete, "2022-06-01", "");
    assert_eq!(all_looked(&twice(young, "2022-06-16"), "FD-03"), ["history incomplete", "earlier"]);
}

#[test]
fn a_repeat_plan_falls_into_a_band() {
    let repeated = |ended: &str| {
        let story = Story::complete()
            .with("2019-01-10", journeys::plan(), &[(Role::Plan, 1)])
            .with(ended, journeys::plan_end(), &[(Role::Plan, 1)])
            .with("2023-06-15", journeys::plan(), &[(Role::Plan, 2)]);
        all_looked(&story, "CP-13").pop().unwrap()
    };
    let cases = [
        ("2023-06-15", "within 1 year"),
        ("2022-06-16", "within 1 year"),
        ("2022-06-15", "1 to 2 years"),
        ("2021-06-16", "1 to 2 years"),
        ("2021-06-15", "2 years or more"),
        ("2019-06-15", "2 years or more"),
        ("2022-06-01/2022-06-30", "earlier"),
    ];
    for (ended, band) in cases {
        assert_eq!(repeated(ended), band, "{ended}");
    }
    let stated = |number| {
        let plan = ChildProtectionPlanStarted { category: None, stated_previous_plans: number };
        all_looked(&Story::new().with("2023-06-15", plan, &[(Role::Plan, 2)]), "CP-13")
    };
    assert_eq!(stated(Some(0)), ["none"]);
    assert_eq!(stated(Some(2)), ["stated only"]);
    assert_eq!(stated(None), ["history incomplete"]);
}
