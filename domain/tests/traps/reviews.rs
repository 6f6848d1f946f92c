//! Reviews in parts: each part stands for itself; the review is held when somebody says so.

use domain::clocks::State;
use domain::events::looked_after::{BecameLookedAfter, LookedAfterReviewHeld};
use domain::events::looked_after_reviews::{LookedAfterReviewAdjourned, ReviewCompleted, ReviewPartHeld};
use domain::events::{Body, EntityRole as Role, Kind};

use super::teller::{Teller, event};

const OF_CARE: [(Role, u128); 1] = [(Role::PeriodOfCare, 1)];
const OF_REVIEW: [(Role, u128); 2] = [(Role::PeriodOfCare, 1), (Role::Review, 2)];

fn part(part: u32) -> Body {
    ReviewPartHeld { part, participation: None }.into()
}

fn held() -> Body {
    LookedAfterReviewHeld { participation: "PN1".parse().ok(), parts: Some(2), stated_due: None }.into()
}

#[test]
fn a_review_in_parts_is_held_when_it_is_said_to_be_held() {
    // Looked after from Monday 8 January 2024: the first review is due by Monday 5 February.
    let mut child = Teller::with_whole_history();
    child.tell("2024-01-08", "2024-01-08", BecameLookedAfter::default(), &OF_CARE);
    child.tell("2024-01-29", "2024-01-29", part(1), &OF_REVIEW);
    let adjourned = LookedAfterReviewAdjourned { resumes_on: None, reason: "carer_unavailable".parse().ok() };
    child.tell("2024-01-29", "2024-01-29", adjourned, &OF_REVIEW);
    child.tell("2024-02-19", "2024-02-09", part(2), &OF_REVIEW);
    child.tell("2024-02-19", "2024-02-09", ReviewCompleted { parts: Some(2) }, &OF_REVIEW);
    let review = child.tell("2024-02-19", "2024-02-09", held(), &OF_REVIEW);
    child.correct("2024-03-04", review, event("2024-02-02", held(), &OF_REVIEW));
    let state = |on: &str| child.clocks(on, "LAC-01").remove(0).state;
    assert_eq!(state("2024-02-06"), State::Overdue, "before: one part is not the review");
    assert_eq!(state("2024-02-19"), State::Late, "after the late entry");
    assert_eq!(state("2024-03-04"), State::Met, "after the correction");
    assert_eq!(child.days("2024-03-04", Kind::ReviewPartHeld), ["2024-01-29", "2024-02-09"]);
    assert_eq!(child.observed("2024-03-04"), Vec::<&str>::new(), "parts may lie before and after the review");
}
