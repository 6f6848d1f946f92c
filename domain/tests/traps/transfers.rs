//! Transfers in and out: what another authority states of earlier plans is never counted as a plan of ours.

use domain::decider::Refusal;
use domain::events::child_protection::{
    ChildProtectionPlanStarted, InitialConferenceHeld, InitialConferenceKind,
};
use domain::events::identity::{TransferInNotified, TransferredOut};
use domain::events::transfers::{TemporaryPlanListed, TemporaryPlanRemoved, TransferAccepted};
use domain::events::{Body, EntityRole, Kind};
use domain::observations::ObservationCode;

use super::teller::{Teller, event};

fn notified(previous: Option<u32>) -> Body {
    TransferInNotified { from_authority: "998".parse().ok(), on_plan: true, stated_previous_plans: previous }
        .into()
}

fn stated(teller: &Teller, known: &str) -> Option<u32> {
    teller.known(known).events.iter().find_map(|event| {
        let Body::TransferInNotified(notified) = &event.body else { return None };
        notified.stated_previous_plans
    })
}

#[test]
fn a_transfer_in_with_previous_plans_stated_elsewhere_counts_none_of_them_as_ours() {
    let mut child = Teller::of_child();
    let notice = child.tell("2024-01-08", "2024-01-04", notified(None), &[]);
    let listed = TemporaryPlanListed { from_authority: "998".parse().ok(), category: "NEG".parse().ok() };
    child.tell("2024-01-08", "2024-01-04", listed, &[(EntityRole::TemporaryPlan, 1)]);
    // The conference and our own plan were told late; the listing ended the day they took over.
    let transfer_in = InitialConferenceHeld { kind: InitialConferenceKind::TransferIn, ..Default::default() };
    child.tell("2024-02-12", "2024-01-25", transfer_in, &[(EntityRole::Conference, 2)]);
    let plan = ChildProtectionPlanStarted { category: "NEG".parse().ok(), stated_previous_plans: Some(2) };
    child.tell("2024-02-12", "2024-01-25", plan, &[(EntityRole::Plan, 3)]);
    let removed = TemporaryPlanRemoved { reason: "transferred_in".parse().ok() };
    child.tell("2024-02-12", "2024-01-25", removed, &[(EntityRole::TemporaryPlan, 1)]);
    let accepted = TransferAccepted { notified_by: Some(notice), from_authority: "998".parse().ok() };
    child.tell("2024-02-12", "2024-01-25", accepted, &[]);
    child.correct("2024-03-04", notice, event("2024-01-04", notified(Some(2)), &[]));
    let ours = |known: &str| child.days(known, Kind::ChildProtectionPlanStarted).len();
    assert_eq!((ours("2024-02-01"), stated(&child, "2024-02-01")), (0, None), "before");
    assert_eq!((ours("2024-02-12"), stated(&child, "2024-02-12")), (1, None), "after the late entry");
    assert_eq!((ours("2024-03-04"), stated(&child, "2024-03-04")), (1, Some(2)), "after the correction");
    for known in ["2024-02-01", "2024-02-12", "2024-03-04"] {
        assert_eq!(
            child.observed(known),
            Vec::<&str>::new(),
            "a listed plan of others overlaps with nothing"
        );
    }
}

#[test]
fn a_transfer_out_ends_no_plan_before_the_other_authoritys_conference() {
    let mut child = Teller::of_child();
    let plan = || ChildProtectionPlanStarted { category: None, stated_previous_plans: None };
    child.tell("2024-01-08", "2024-01-08", plan(), &[(EntityRole::Plan, 1)]);
    let left = |on_plan| TransferredOut {
        to_authority: "998".parse().ok(),
        notified_by: None,
        on_plan,
        stated_previous_plans: Some(1),
    };
    let out = child.tell("2024-03-04", "2024-02-19", left(None), &[]);
    child.correct("2024-03-18", out, event("2024-02-21", left(Some(true)), &[]));
    assert_eq!(child.days("2024-02-20", Kind::TransferredOut), Vec::<String>::new(), "before");
    assert_eq!(child.days("2024-03-04", Kind::TransferredOut), ["2024-02-19"], "after the late entry");
    assert_eq!(child.days("2024-03-18", Kind::TransferredOut), ["2024-02-21"], "after the correction");
    // 15 working days after 21 February are 13 March: until then the plan is ours, and a second one is refused.
    let second = |child: &mut Teller, on: &str| {
        child.try_record("2024-04-08", event(on, plan(), &[(EntityRole::Plan, 2)]))
    };
    let early = second(&mut child, "2024-03-12");
    assert!(matches!(early, Err(Refusal::Impossible { code: ObservationCode::OverlappingPlans, .. })));
    // A child who came back may be put on a plan again.
    assert!(second(&mut child, "2024-04-02").is_ok());
}
