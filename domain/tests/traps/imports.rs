//! An imported row is never refused for its content: recorded, disputed or observed.

use domain::decider::{Unreadable, admit};
use domain::envelope::Category;
use domain::events::child_protection::ChildProtectionPlanStarted;
use domain::events::front_door::{ContactReceived, ReferralReceived};
use domain::events::looked_after::BecameLookedAfter;
use domain::events::record_keeping::DisputeReason;
use domain::events::workforce::WorkerRegistered;
use domain::events::{Body, EntityRole as Role};
use domain::observations::{EXCLUSIVE, NOTICED, ObservationCode, Standing, is_exclusive};

use super::teller::{Teller, event, registered};

fn now() -> chrono::DateTime<chrono::Utc> {
    "2024-07-01T09:00:00Z".parse().expect("a moment")
}

#[test]
fn a_second_process_of_an_exclusive_kind_is_kept_as_a_dispute_that_names_the_first() {
    let plan = || ChildProtectionPlanStarted { category: None, stated_previous_plans: None };
    let cases: [(Body, Role); 2] =
        [(plan().into(), Role::Plan), (BecameLookedAfter::default().into(), Role::PeriodOfCare)];
    for (body, role) in cases {
        assert!(is_exclusive(body.kind()));
        let mut child = Teller::of_child();
        let first = child.tell("2024-01-08", "2024-01-08", body.clone(), &[(role, 1)]);
        let claim = event("2024-02-05", body, &[(role, 2)]);
        let admission = admit(Category::Child, &child.recorded, &claim, now()).unwrap();
        assert!(admission.is_disputed());
        let Body::SourceClaimDisputed(dispute) = &admission.event.body else { panic!("{admission:?}") };
        assert_eq!((*dispute.claim).clone(), claim);
        assert_eq!((dispute.contradicts, dispute.reason), (Some(first), DisputeReason::ExclusiveKind));
    }
}

#[test]
fn everything_else_is_recorded_and_observed() {
    let mut child = Teller::of_child();
    child.tell("2024-01-08", "2024-01-08", registered("2015-05-20", ""), &[]);
    child.tell("2024-01-08", "2024-01-08", ReferralReceived::default(), &[(Role::Referral, 1)]);
    let unknown = ContactReceived { source: "ZZ".parse().ok(), ..Default::default() };
    let cases: [(_, &[ObservationCode]); 4] = [
        (event("2024-02-05", unknown, &[(Role::Contact, 2)]), &[ObservationCode::CodeUnrecognised]),
        (
            event("2010-02-05", ContactReceived::default(), &[(Role::Contact, 2)]),
            &[ObservationCode::BeforeConception],
        ),
        (
            event("2024-02-05", ReferralReceived::default(), &[(Role::Referral, 2)]),
            &[ObservationCode::ReferralOnOpenCase],
        ),
        (event("2024-02-05", ContactReceived::default(), &[(Role::Contact, 2)]), &[]),
    ];
    for (row, observed) in cases {
        let admission = admit(Category::Child, &child.recorded, &row, now()).unwrap();
        assert_eq!((&admission.event, admission.observed.as_slice()), (&row, observed));
    }
}

#[test]
fn only_what_is_no_event_of_the_stream_cannot_be_read() {
    let worker = event("2024-02-05", WorkerRegistered { role: None }, &[]);
    let refused = admit(Category::Child, &[], &worker, now());
    let expected = Unreadable::WrongCategory {
        kind: "worker_registered",
        category: Category::Child,
        expected: Category::Worker,
    };
    assert_eq!(refused, Err(expected));
}

#[test]
fn what_excludes_another_is_a_short_list_with_sources() {
    assert!(EXCLUSIVE.iter().all(|it| it.code.standing() == Standing::Impossible && it.source.len() > 20));
    assert!(NOTICED.iter().all(|it| it.code.standing() == Standing::Odd && it.source.len() > 20));
    let exclusive: Vec<&str> = domain::events::Kind::ALL
        .iter()
        .filter(|kind| is_exclusive(**kind))
        .map(|kind| kind.name())
        .collect();
    assert_eq!(exclusive, ["child_protection_plan_started", "became_looked_after"]);
}
