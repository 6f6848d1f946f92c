//! What counts once, and what ends it: one delay of two clocks, a set in its first period, an answer turned by an entry or by
//! another date, children for whom nothing runs any more. Every child is invented.

use domain::events::EntityRole as Role;

use crate::support::{Story, day};

#[test]
fn a_set_of_proceedings_counts_in_the_period_of_its_first_issue() {
    let issued = |story: Story, on: &str, child: u128| {
        let roles = &[(Role::Application, child), (Role::Proceedings, 9)];
        story.told(on, "application_issued", r#"{"orders":["care"]}"#, roles)
    };
    let story = issued(issued(Story::complete(), "2023-03-20", 1), "2023-04-10", 2);
    let days: Vec<_> = story.tallied("CT-09t", "2023-12-31").into_iter().map(|set| set.day).collect();
    assert_eq!(days, [Some(day("2023-03-20"))]);
    assert_eq!(story.tallied("CT-09i", "2023-12-31").len(), 2, "and each child's application in its own");
}
