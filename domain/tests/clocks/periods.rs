//! Shares over time: what is not over, what overlaps, what a later entry turned. Every child is invented.

use crate::support::Story;
use domain::clocks::{Looked, Question, Tick, Why};
use domain::events::EntityRole as Role;
use domain::events::record_keeping::CoverageExtent;

use crate::support::day;

const PLAN: &[(Role, u128)] = &[(Role::Plan, 1)];
const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 1)];

#[test]
fn a_share_tells_a_period_that_is_not_over_from_one_that_is() {
    let started =
        Story::complete().told("2023-01-09", "edge_of_care_started", "{}", &[(Role::EdgeOfCareService, 1)]);
    assert_eq!(started.tallied("EC-02s", "2023-07-08")[0].tick, Tick::CannotTell(Why::PeriodNotOver));
    assert_eq!(started.tallied("EC-02s", "2023-07-09")[0].tick, Tick::Counted);
    // A referral that came soon says nothing sooner than the others do: both are told when the six months are over.
    let soon = started.clone().told("2023-02-01", "referral_received", "{}", &[(Role::Referral, 1)]);
    assert_eq!(soon.tallied("EC-02s", "2023-07-08")[0].tick, Tick::CannotTell(Why::PeriodNotOver));
    assert_eq!(soon.tallied("EC-02s", "2023-07-09")[0].tick, Tick::NotCounted);
    let referred = started.told("2023-07-09", "referral_received", "{}", &[(Role::Referral, 1)]);
    assert_eq!(referred.tallied("EC-02s", "2023-07-09")[0].tick, Tick::NotCounted);
    let gap = Story::new().covered(&["referral_received"], CoverageExtent::LatestOnly, "", "").told(
        "2023-01-09",
        "edge_of_care_started",
        "{}",
        &[(Role::EdgeOfCareService, 1)],
    );
    assert_eq!(gap.tallied("EC-02s", "2023-12-31")[0].tick, Tick::HistoryIncomplete);
}

#[test]
fn overlaps_weekends_and_third_times_are_found() {
    let cin = [(Role::ChildInNeedPlan, 1)];
    let beside = |start: &str| {
        let story = Story::complete()
            .told("2023-01-09", "child_in_need_plan_started", "{}", &cin)
            .told("2023-03-01", "child_in_need_plan_ended", "{}", &cin)
            .told(start, "child_protection_plan_started", "{}", PLAN);
        story.figures("CIN-02", "2023-12-31").counted
    };
    assert_eq!((beside("2023-02-28"), beside("2023-03-01")), (1, 0));
    let conference = |on: &str| {
        Story::complete()
            .told(on, "initial_conference_held", r#"{"kind":"initial"}"#, ENQUIRY)
            .figures("CP-06", "2023-12-31")
            .counted
    };
    assert_eq!((conference("2023-03-24"), conference("2023-03-25"), conference("2023-03-26")), (0, 1, 1));
    let contacts = |n: u32| {
        let story = (0..n).fold(Story::complete(), |story, number| {
            let on = format!("2023-0{}-01", number + 1);
            story.told(
                &on,
                "contact_screened",
                r#"{"outcome":"no_further_action"}"#,
                &[(Role::Contact, u128::from(number) + 1)],
            )
        });
        let looked = story.answers(&Question::as_at(day("2023-12-31"))).look_backs;
        looked
            .iter()
            .filter(|looked| {
                looked.rule.id.as_str() == "FD-06" && matches!(looked.answer, Looked::Earlier(_))
            })
            .count()
    };
    assert_eq!((contacts(2), contacts(3), contacts(4)), (0, 1, 2));
}

#[test]
fn a_late_entry_that_turns_an_answer_is_counted_and_a_reason_explains_a_late_clock() {
    let entered = |recorded: &str| {
        let story =
            Story::complete().told("2023-03-27", "section47_enquiry_started", "{}", ENQUIRY).recorded_on(
                recorded,
                "2023-04-18",
                domain::events::child_protection::InitialConferenceHeld {
                    kind: domain::events::child_protection::InitialConferenceKind::Initial,
                    ..Default::default()
                },
                ENQUIRY,
            );
        story
            .tallied("RC-02", "2023-12-31")
            .iter()
            .filter(|member| member.entity == Some(crate::support::process(1)))
            .count()
    };
    // Held on the 18th and due on the 19th. An entry by the 28th is within the standard of recording; one on the 29th turns
    // CP-04. CP-05, a query of the return, was overdue a day earlier and says nothing of its own.
    assert_eq!((entered("2023-04-19"), entered("2023-04-20"), entered("2023-04-28")), (0, 0, 0));
    assert_eq!(entered("2023-04-29"), 1);
}
