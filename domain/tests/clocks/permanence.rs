//! Adoption and special guardianship: which children a figure is of. Every child is invented.

use crate::support::{Story, day, in_care};
use domain::clocks::{Clock, Question};
use domain::events::EntityRole as Role;

fn placed(on: &str) -> Story {
    in_care(Story::complete(), "2020-01-06").told(on, "placed_for_adoption", "{}", &[(Role::AdoptionCase, 1)])
}

fn clock(story: &Story, rule: &str) -> Clock<'static> {
    let mut clocks = story.clocks(rule, &Question::as_at(day("2023-12-31")));
    assert_eq!(clocks.len(), 1, "{rule}");
    clocks.remove(0)
}

#[test]
fn a_child_belongs_to_the_year_of_the_adoption_and_by_placement_to_a_local_form() {
    let counted = |story: &Story, rule: &str| {
        clock(story, rule).marks.counted_by.map(|event| event.occurred.to_string())
    };
    let waiting = placed("2021-03-01");
    assert_eq!((counted(&waiting, "PM-03"), counted(&waiting, "PM-03a")), (None, None));
    assert_eq!(counted(&waiting, "PM-03q").as_deref(), Some("2021-03-01"));
    let order = waiting.clone().told("2022-05-16", "adoption_order_made", "{}", &[(Role::AdoptionCase, 1)]);
    assert_eq!(counted(&order, "PM-03").as_deref(), Some("2022-05-16"));
    assert_eq!(counted(&order, "PM-03a").as_deref(), Some("2022-05-16"));
    // Where only the return is held, leaving care adopted says it.
    let exit = [(Role::PeriodOfCare, 1)];
    let left = waiting.told("2022-05-17", "ceased_to_be_looked_after", r#"{"reason":"E12"}"#, &exit);
    assert_eq!(counted(&left, "PM-03").as_deref(), Some("2022-05-17"));
    // 6 January 2020 to 1 March 2021 are 420 days in both forms.
    assert_eq!(clock(&left, "PM-03").used.unwrap().amount, 420);
    assert_eq!(clock(&left, "PM-03p").used.unwrap().amount, 420);
}

#[test]
fn a10_stops_at_the_start_with_carers_who_may_adopt_and_belongs_to_the_same_year() {
    let story = in_care(Story::complete(), "2020-01-06")
        .told("2020-03-02", "foster_to_adopt_placed", "{}", &[(Role::AdoptionCase, 1)])
        .told("2021-03-01", "placed_for_adoption", "{}", &[(Role::AdoptionCase, 1)])
        .told("2022-05-16", "adoption_order_made", "{}", &[(Role::AdoptionCase, 1)]);
    let (a1, a10) = (clock(&story, "PM-03"), clock(&story, "PM-03a"));
    assert_eq!((a1.used.unwrap().amount, a10.used.unwrap().amount), (420, 56));
    assert_eq!(
        a1.marks.counted_by.map(|event| event.event_id),
        a10.marks.counted_by.map(|event| event.event_id)
    );
    // By year of placement the child belongs to the year of moving in with adopters, not to that of fostering.
    assert_eq!(clock(&story, "PM-03q").marks.counted_by.unwrap().occurred.to_string(), "2021-03-01");
}

#[test]
fn a10_stops_where_the_placement_with_the_foster_carer_who_adopts_began() {
    let a10 = |adoptive: &str| {
        let placed = |story: Story, number: u128, kind: &str, from: &str| {
            let details = format!(r#"{{"short_break":false,"placement_type":"{kind}"}}"#);
            story.told(from, "placement_started", &details, &[(Role::Placement, number)])
        };
        let story = placed(in_care(Story::complete(), "2020-01-06"), 1, "U6", "2020-01-06");
        let story = placed(placed(story, 2, "U4", "2020-03-02"), 3, adoptive, "2021-03-01");
        let story = story.told("2021-03-01", "placed_for_adoption", "{}", &[(Role::AdoptionCase, 1)]);
        clock(&story, "PM-03a").used.unwrap().amount
    };
    // With the current foster carer (A5) the second placement counts, with others (A6) moving in with them does.
    assert_eq!((a10("A5"), a10("A6")), (56, 420));
}

#[test]
fn a_placement_that_broke_down_is_not_where_the_child_moved_in_with_the_adopters() {
    let adoption = |story: Story, on: &str, kind: &str, case: u128| {
        story.told(on, kind, "{}", &[(Role::AdoptionCase, case)])
    };
    let broken = adoption(placed("2020-12-01"), "2021-05-03", "adoption_disrupted", 1);
    let days = |story: &Story, rule: &str| clock(story, rule).used.unwrap().amount;
    // 6 January 2020 to 1 November 2022.
    for case in [1, 2] {
        let again = adoption(broken.clone(), "2022-11-01", "placed_for_adoption", case);
        let adopted = adoption(again, "2023-10-02", "adoption_order_made", case);
        assert_eq!((days(&adopted, "PM-03"), days(&adopted, "PM-03a")), (1030, 1030));
        assert_eq!(days(&adopted, "PM-03p"), 330, "the first placement, by its year");
    }
    // With the same family in the end, without a second placement on record: the one that there is.
    let kept = adoption(broken, "2023-10-02", "adoption_order_made", 1);
    assert_eq!(days(&kept, "PM-03"), 330);
    let reversed = adoption(placed("2020-12-01"), "2021-06-01", "adoption_decision_reversed", 1);
    let again = adoption(reversed, "2022-11-01", "placed_for_adoption", 2);
    assert_eq!(days(&again, "PM-03"), 1030);
}

#[test]
fn a_match_before_the_order_took_no_days() {
    let case = [(Role::AdoptionCase, 1)];
    let story = Story::complete().told("2022-08-30", "placement_order_made", "{}", &case).told(
        "2022-08-10",
        "match_approved",
        "{}",
        &case,
    );
    assert_eq!(clock(&story, "PM-04").used.unwrap().amount, 0);
}

#[test]
fn every_special_guardianship_order_counts_and_an_exit_counts_where_none_is_recorded() {
    let made = |story: Story, on: &str| story.told(on, "sgo_made", "{}", &[]);
    let left = |story: Story, on: &str| {
        story.told(on, "ceased_to_be_looked_after", r#"{"reason":"E45"}"#, &[(Role::PeriodOfCare, 1)])
    };
    let counted = |story: &Story| story.figures("PM-12", "2023-12-31").counted;
    assert_eq!(counted(&made(made(Story::complete(), "2022-01-10"), "2023-01-09")), 2);
    let in_care = in_care(Story::complete(), "2021-01-04");
    assert_eq!(counted(&left(in_care.clone(), "2022-05-16")), 1);
    // The order and leaving care by it are one act; a year apart they are two.
    assert_eq!(counted(&left(made(in_care.clone(), "2022-05-13"), "2022-05-16")), 1);
    assert_eq!(counted(&left(made(in_care, "2021-05-13"), "2022-05-16")), 2);
}

#[test]
fn a_special_guardianship_that_broke_down_is_told_of_orders_that_are_two_years_old() {
    let made = Story::complete().told("2022-01-10", "sgo_made", "{}", &[]);
    let share = |story: &Story, as_at: &str| {
        let figures = story.figures("EX-03", as_at);
        (figures.counted, figures.base, figures.cannot_tell)
    };
    assert_eq!(share(&made, "2024-01-09"), (0, 0, 1));
    assert_eq!(share(&made, "2024-01-10"), (0, 1, 0));
    let again = |on: &str| made.clone().told(on, "became_looked_after", "{}", &[(Role::PeriodOfCare, 2)]);
    assert_eq!(share(&again("2022-03-01"), "2024-01-09"), (0, 0, 1));
    assert_eq!(share(&again("2022-03-01"), "2024-01-10"), (1, 1, 0));
    assert_eq!(share(&again("2024-01-11"), "2024-12-31"), (0, 1, 0));
    // Of who moved away in between nobody can say; of who had come back to care before, it was seen.
    let moved = |story: Story| story.told("2023-01-09", "transferred_out", "{}", &[]);
    assert_eq!(share(&moved(made.clone()), "2024-12-31"), (0, 0, 0));
    assert_eq!(share(&moved(again("2022-03-01")), "2024-12-31"), (1, 1, 0));
    let before = in_care(Story::complete(), "2021-01-04").told("2022-01-10", "sgo_made", "{}", &[]);
    assert_eq!(share(&before, "2024-12-31"), (0, 1, 0));
}

#[test]
fn a10_is_asked_of_a_child_of_whom_the_return_tells_the_placement_type_alone() {
    let placed = |kind: &str| {
        let details = format!(r#"{{"short_break":false,"placement_type":"{kind}"}}"#);
        let from_foster_care = in_care(Story::complete(), "2020-01-06").told(
            "2020-01-06",
            "placement_started",
            r#"{"short_break":false,"placement_type":"U6"}"#,
            &[(Role::Placement, 1)],
        );
        from_foster_care.told("2021-03-01", "placement_started", &details, &[(Role::Placement, 2)])
    };
    for kind in ["A4", "A6"] {
        for rule in ["PM-03", "PM-03a", "PM-03p", "PM-03q"] {
            assert_eq!(clock(&placed(kind), rule).used.unwrap().amount, 420, "{rule} {kind}");
        }
        let counted = clock(&placed(kind), "PM-03q").marks.counted_by;
        assert_eq!(counted.map(|event| event.occurred.to_string()).as_deref(), Some("2021-03-01"), "{kind}");
    }
    // With the current foster carer the days end where that placement began.
    for rule in ["PM-03a", "PM-03q"] {
        assert_eq!(clock(&placed("A5"), rule).used.unwrap().amount, 0, "{rule}");
    }
}

#[test]
fn days_of_short_breaks_in_a_year_to_the_end_of_february_begin_with_march() {
    let placement = [(Role::PeriodOfCare, 1), (Role::Placement, 3)];
    let story = in_care(Story::complete(), "2024-02-26")
        .told("2024-02-26", "placement_started", r#"{"short_break":true}"#, &placement)
        .told("2024-03-11", "placement_ended", "{}", &placement[1..]);
    let days = |as_at: &str| story.tallied("LAC-08y", as_at).first().and_then(|member| member.value);
    assert_eq!((days("2025-02-28"), days("2025-02-27")), (Some(10), Some(12)));
}
