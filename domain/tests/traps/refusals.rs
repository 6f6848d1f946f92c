//! What a live command is refused for: place and reason, at the boundary, and never a code that may be an identifier.

use domain::decider::Refusal;
use domain::events::child_protection::CoreGroupHeld;
use domain::events::front_door::ContactReceived;
use domain::events::identity::ChildDied;
use domain::events::looked_after::PlacementStarted;
use domain::events::permanence::ChildArrangementsOrderMade;
use domain::events::{Body, EntityRole as Role};
use domain::observations::ObservationCode;

use super::teller::{Teller, event, registered};

fn contact(source: &str) -> Body {
    ContactReceived { source: source.parse().ok(), ..Default::default() }.into()
}

fn order(code: &str) -> Body {
    ChildArrangementsOrderMade { order: code.parse().ok(), to: None }.into()
}

#[test]
fn an_unknown_code_is_refused_with_kind_field_and_list_and_is_not_repeated() {
    let mut child = Teller::of_child();
    let of_contact = [(Role::Contact, 1)];
    let refused = child.try_record("2024-03-11", event("2024-03-11", contact("H801200001001"), &of_contact));
    let expected =
        Refusal::UnknownCode { kind: "contact_received", field: "source", list: "referral_source" };
    assert_eq!(refused, Err(expected.clone()));
    let text = expected.to_string();
    assert!(
        text.starts_with("contact_received.source has a code that the list referral_source does not hold")
    );
    assert!(!text.contains("H801200001001"));
    child.tell("2024-03-11", "2024-03-11", contact("1A"), &of_contact);
    // A local list is open.
    let attended = CoreGroupHeld { attendees: ["lifeboat".parse().unwrap()].into(), number: Some(1) };
    child.tell("2024-03-11", "2024-03-11", attended, &[]);
}

#[test]
fn a_code_that_was_not_valid_on_the_day_is_refused_only_where_its_years_were_read() {
    let mut child = Teller::of_child();
    let refused = child.try_record("2024-03-11", event("2014-04-22", order("residence_order"), &[]));
    let text = refused.unwrap_err().to_string();
    assert_eq!(
        text,
        "child_arrangements_order_made.order has the code residence_order, which the list arrangements_order holds \
         until 2014-04-21, and the event is dated 2014-04-22"
    );
    child.tell("2024-03-11", "2014-04-21", order("residence_order"), &[]);
    assert!(
        child.try_record("2024-03-11", event("2014-04-21", order("child_arrangements_order"), &[])).is_err()
    );
    child.tell("2024-03-11", "2014-04-22", order("child_arrangements_order"), &[]);
    // Years that nobody read in a source are no reason to refuse.
    let placed = PlacementStarted { placement_type: "U1".parse().ok(), ..Default::default() };
    child.tell("2024-03-11", "2015-03-31", placed, &[(Role::Placement, 1)]);
    assert_eq!(child.observed("2024-03-11"), ["code_years_doubtful"]);
}

#[test]
fn a_correction_is_refused_for_a_new_unknown_code_and_not_for_one_that_stood_there() {
    let mut child = Teller::of_child();
    let of_contact = [(Role::Contact, 1)];
    let id = child.tell("2024-03-11", "2024-03-11", contact("1A"), &of_contact);
    // As an import could have left it.
    child.recorded[0].event.body = contact("ZZ");
    child.correct("2024-03-12", id, event("2024-03-08", contact("ZZ"), &of_contact));
    assert_eq!(child.observed("2024-03-12"), ["code_not_in_list"]);
    child.correct("2024-03-13", id, event("2024-03-08", contact("1B"), &of_contact));
    assert_eq!(child.observed("2024-03-13"), Vec::<&str>::new(), "gone once it is corrected");
}

#[test]
fn a_date_before_conception_or_after_death_is_refused_at_its_boundary() {
    let impossible = |answer: Result<_, Refusal>| match answer {
        Err(Refusal::Impossible { code, .. }) => Some(code),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    };
    let mut child = Teller::of_child();
    child.tell("2024-03-11", "2024-03-11", registered("2021-01-04", ""), &[]);
    let told = |child: &mut Teller, day: &str, number: u128| {
        impossible(child.try_record("2024-07-01", event(day, contact("1A"), &[(Role::Contact, number)])))
    };
    // 280 days before 4 January 2021 is 30 March 2020.
    assert_eq!(told(&mut child, "2020-03-29", 1), Some(ObservationCode::BeforeConception));
    assert_eq!(told(&mut child, "2020-03-30", 2), None);
    child.tell("2024-03-11", "2024-03-08", ChildDied {}, &[]);
    assert_eq!(told(&mut child, "2024-03-08", 3), None);
    assert_eq!(told(&mut child, "2024-03-09", 4), Some(ObservationCode::AfterDeath));
    assert_eq!(told(&mut child, "2024-07-02", 5), Some(ObservationCode::AfterRecording));
}
