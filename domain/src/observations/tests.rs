//! One small invented journey per code, and its nearest lawful neighbour.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::envelope::{Category, EventContext, ImportRef};
use crate::events::assessment::{AssessmentAuthorised, AssessmentKind, AssessmentStarted};
use crate::events::child_protection::{
    ChildProtectionPlanEnded, ChildProtectionPlanStarted, InitialConferenceHeld, InitialConferenceKind,
    ReviewConferenceHeld,
};
use crate::events::court::{ApplicationIssued, OrderApplied, TimetableExtended};
use crate::events::front_door::{CaseClosed, ReferralDecisionMade, ReferralOutcome, ReferralReceived};
use crate::events::identity::{ChildDied, ChildRegistered};
use crate::events::looked_after::{BecameLookedAfter, CeasedToBeLookedAfter};
use crate::events::{Body, CaseEvent, EntityRole, RecordedEvent};
use crate::ids::{CommandId, EntityId, ImportId, Position, Revision, StreamId};
use crate::journey::KnownAt;

fn child(born: &str, expected: &str) -> Body {
    ChildRegistered {
        date_of_birth: born.parse().ok(),
        expected_date_of_birth: expected.parse().ok(),
        sex: None,
        ethnicity: None,
        disabilities: std::collections::BTreeSet::new(),
        upn_unknown: None,
    }
    .into()
}

fn plan_start() -> Body {
    ChildProtectionPlanStarted { category: None, stated_previous_plans: None }.into()
}

fn care_start() -> Body {
    BecameLookedAfter { category_of_need: None, legal_status: None, ..Default::default() }.into()
}

fn issued() -> Body {
    let orders = std::collections::BTreeSet::from([OrderApplied::Care]);
    ApplicationIssued { orders, short_notice: None, short_notice_reason: None, care_plan: None }.into()
}

/// Day, what happened, and the process that it is about (0 for none).
type Told = Vec<(&'static str, Body, u128)>;

/// Codes found in a journey of (day, body, own entity) recorded on 1 July 2024.
fn codes(events: Vec<(&str, Body, u128)>) -> Vec<&'static str> {
    let recorded: Vec<RecordedEvent> =
        events.into_iter().enumerate().map(|(index, event)| recorded(index, event)).collect();
    found(&recorded)
}

fn found(recorded: &[RecordedEvent]) -> Vec<&'static str> {
    let journey = Journey::known(recorded, KnownAt::NOW);
    observe(&journey, "2024-07-01".parse().unwrap(), crate::rules::RuleBook::built_in().endings())
        .into_iter()
        .map(|observation| observation.code.name())
        .collect()
}

fn recorded(index: usize, (day, body, entity): (&str, Body, u128)) -> RecordedEvent {
    let number = u32::try_from(index + 1).unwrap();
    let own: Option<EntityRole> = body.kind().own_role();
    let mut event = CaseEvent::new(day.parse().unwrap(), body);
    if let Some(role) = own.filter(|_| entity > 0) {
        event = event.of(role, EntityId(Uuid::from_u128(entity)));
    }
    RecordedEvent {
        position: Position(u64::from(number)),
        stream: StreamId(Uuid::from_u128(99)),
        category: Category::Child,
        revision: Revision(number),
        event_id: crate::ids::EventId(Uuid::from_u128(u128::from(number))),
        command_id: CommandId(Uuid::from_u128(u128::from(number))),
        recorded_at: "2024-07-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event,
    }
}

#[test]
fn a_lawful_journey_has_no_observation() {
    let journey = vec![
        ("2010-05-01", child("2010-05-01", "2010-05-09"), 0),
        ("2024-01-08", ReferralReceived { source: None, primary_need: None, ..Default::default() }.into(), 1),
        ("2024-01-08", AssessmentStarted { kind: AssessmentKind::Single }.into(), 2),
        (
            "2024-02-20",
            AssessmentAuthorised { factors: std::collections::BTreeSet::new(), support_needed: None }.into(),
            2,
        ),
        ("2024-02-20", plan_start(), 3),
        ("2024-06-03", ChildProtectionPlanEnded { reason: None }.into(), 3),
        ("2024-06-03", plan_start(), 4),
        ("2024-06-28", ChildProtectionPlanEnded { reason: None }.into(), 4),
        ("2024-06-28", CaseClosed { reason: None }.into(), 1),
    ];
    assert_eq!(codes(journey), Vec::<&str>::new());
}

#[test]
fn each_irregularity_is_found() {
    let authorised = || {
        Body::from(AssessmentAuthorised { factors: std::collections::BTreeSet::new(), support_needed: None })
    };
    let started = || Body::from(AssessmentStarted { kind: AssessmentKind::Single });
    let ended = || Body::from(ChildProtectionPlanEnded { reason: None });
    let referral = || Body::from(ReferralReceived { source: None, primary_need: None, ..Default::default() });
    let conference = InitialConferenceHeld {
        kind: InitialConferenceKind::Initial,
        led_to_plan: None,
        ..Default::default()
    };
    let cases: Vec<(Told, &str)> = vec![
        (vec![("2024-07-02", plan_start(), 1)], "occurred_after_recording"),
        (vec![("2021-01-04", child("2021-01-04", ""), 0), ("2020-11-23", issued(), 1)], "before_birth"),
        (
            vec![("2021-01-04", child("2021-01-04", ""), 0), ("2020-03-01", plan_start(), 1)],
            "before_conception",
        ),
        (
            vec![("2018-03-13", child("2018-03-13", ""), 0), ("2018-02-24", care_start(), 1)],
            "looked_after_before_birth",
        ),
        (
            vec![
                ("2010-05-01", child("2010-05-01", ""), 0),
                ("2020-05-01", ChildDied {}.into(), 0),
                ("2020-05-02", started(), 1),
            ],
            "after_death",
        ),
        (vec![("1965-03-27", child("1965-03-27", "1066-04-13"), 0)], "expected_birth_implausible"),
        (
            vec![("2002-02-13", child("2002-02-13", ""), 0), ("2009-08-06", care_start(), 1)],
            "looked_after_at_eighteen",
        ),
        (vec![("2024-01-08", started(), 0)], "process_not_named"),
        (vec![("2024-01-08", started(), 1), ("2024-01-09", started(), 1)], "opened_twice"),
        (
            vec![("2024-01-08", plan_start(), 1), ("2024-02-08", ended(), 1), ("2024-03-08", ended(), 1)],
            "ended_twice",
        ),
        (vec![("2024-01-08", authorised(), 1)], "not_opened"),
        (vec![("2028-04-28", started(), 1), ("2020-09-19", authorised(), 1)], "end_before_start"),
        (vec![("2024-01-08", plan_start(), 1), ("2024-02-08", plan_start(), 2)], "overlapping_plans"),
        (
            vec![("2024-01-08", care_start(), 1), ("2024-02-08", care_start(), 2)],
            "overlapping_periods_of_care",
        ),
        (vec![("2024-01-08", referral(), 1), ("2024-02-08", referral(), 2)], "referral_on_open_case"),
        (vec![("2024-06-29", conference.into(), 1)], "conference_on_weekend"),
    ];
    for (journey, expected) in cases {
        let found = codes(journey);
        assert!(found.contains(&expected), "{expected} not in {found:?}");
    }
}

#[test]
fn what_is_done_about_an_unborn_child_is_ordinary() {
    let born = || ("2021-01-04", child("2021-01-04", ""), 0);
    let referred = || ("2020-10-05", ReferralReceived::default().into(), 1);
    let conference = || ("2020-11-23", InitialConferenceHeld::default().into(), 3);
    assert_eq!(
        codes(vec![born(), referred(), conference(), ("2020-11-23", plan_start(), 2)]),
        Vec::<&str>::new()
    );
    // No court is asked about a child who is not born, and nobody can be heard of one who was not conceived.
    assert_eq!(codes(vec![born(), ("2020-11-23", issued(), 2)]), ["before_birth"]);
    assert_eq!(
        codes(vec![born(), ("2020-03-01", ReferralReceived::default().into(), 1)]),
        ["before_conception"]
    );
}

#[test]
fn applications_that_are_heard_together_do_not_overlap() {
    let of_set = |index: usize, day: &'static str, set: u128| {
        let mut application = recorded(index, (day, issued(), u128::try_from(index).unwrap() + 1));
        let set = EntityId(Uuid::from_u128(set));
        application.event = application.event.of(EntityRole::Proceedings, set);
        application
    };
    assert_eq!(found(&[of_set(0, "2024-01-08", 70), of_set(1, "2024-02-08", 70)]), Vec::<&str>::new());
    let apart = [of_set(0, "2024-01-08", 70), of_set(1, "2024-02-08", 71)];
    assert_eq!(found(&apart), ["overlapping_applications"]);
}

#[test]
fn an_imported_row_after_its_extract_is_odd_not_impossible() {
    let mut row = recorded(0, ("2024-06-01", plan_start(), 1));
    row.context.import = Some(ImportRef {
        import: ImportId(Uuid::from_u128(1)),
        as_at: "2024-03-31".parse().unwrap(),
        sheet: "x".into(),
        row: 1,
    });
    assert_eq!(found(&[row]), ["occurred_after_extract"]);
}

#[test]
fn uncertain_dates_accuse_nobody() {
    let authorised =
        AssessmentAuthorised { factors: std::collections::BTreeSet::new(), support_needed: None };
    let journey = vec![
        ("2024-01-08/2024-03-01", AssessmentStarted { kind: AssessmentKind::Single }.into(), 1),
        ("2024-02-01", authorised.into(), 1),
        ("unknown", care_start(), 2),
        ("2024-02-01", care_start(), 3),
    ];
    assert_eq!(codes(journey), Vec::<&str>::new());
}

#[test]
fn leaving_care_on_the_eighteenth_birthday_is_ordinary() {
    let left = |day| {
        codes(vec![
            ("2004-02-29", child("2004-02-29", ""), 0),
            ("2015-01-05", care_start(), 1),
            (day, CeasedToBeLookedAfter { reason: None }.into(), 1),
        ])
    };
    assert_eq!(left("2022-03-01"), Vec::<&str>::new());
    assert_eq!(left("2022-03-02"), ["looked_after_at_eighteen"]);
}

#[test]
fn every_code_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> =
        ObservationCode::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), ObservationCode::ALL.len());
}

#[test]
fn a_decision_names_a_referral_or_at_least_the_contact() {
    let decision = || ReferralDecisionMade { outcome: ReferralOutcome::NoFurtherAction };
    let mut on_contact = recorded(0, ("2024-03-01", decision().into(), 0));
    assert_eq!(found(std::slice::from_ref(&on_contact)), ["process_not_named"]);
    on_contact.event = on_contact.event.of(EntityRole::Contact, EntityId(Uuid::from_u128(5)));
    assert_eq!(found(&[on_contact]), Vec::<&str>::new());
}

#[test]
fn an_extension_to_a_day_before_the_26_weeks_end_is_odd() {
    let extended_to = |order: OrderApplied, end: &str| {
        let orders = std::iter::once(order).collect();
        let issued =
            ApplicationIssued { orders, short_notice: None, short_notice_reason: None, care_plan: None };
        let new_end = end.parse().unwrap();
        let extended = TimetableExtended {
            new_end,
            reason: None,
            weeks: None,
            children: std::collections::BTreeSet::new(),
        };
        codes(vec![("2022-10-29", issued.into(), 1), ("2023-02-01", extended.into(), 1)])
    };
    // The 26 weeks that begin with 29 October end on 28 April.
    assert_eq!(extended_to(OrderApplied::Care, "2023-04-27"), ["extension_before_last_day"]);
    assert!(extended_to(OrderApplied::Supervision, "2023-04-28").is_empty());
    assert!(extended_to(OrderApplied::PrivateLaw, "2023-04-27").is_empty());
}

#[test]
fn an_extension_by_more_than_8_weeks_at_once_is_odd() {
    let issued = || {
        let orders = std::iter::once(OrderApplied::Care).collect();
        ApplicationIssued { orders, short_notice: None, short_notice_reason: None, care_plan: None }.into()
    };
    let extended = |end: &str| {
        let (new_end, children) = (end.parse().unwrap(), std::collections::BTreeSet::new());
        TimetableExtended { new_end, reason: None, weeks: None, children }.into()
    };
    let found = |extensions: &[(&'static str, &str)]| {
        let extensions = extensions.iter().map(|(on, end)| (*on, extended(end), 1));
        codes(std::iter::once(("2022-10-29", issued(), 1)).chain(extensions).collect())
    };
    // The 26 weeks end on 28 April 2023; 56 days on is 23 June.
    assert!(found(&[("2023-04-03", "2023-06-23")]).is_empty());
    assert_eq!(found(&[("2023-04-03", "2023-06-24")]), ["extension_over_8_weeks"]);
    // Each extension by itself, from the end of the one before or from the day on which it is granted.
    assert!(found(&[("2023-04-03", "2023-06-23"), ("2023-06-05", "2023-08-18")]).is_empty());
    assert_eq!(
        found(&[("2023-04-03", "2023-06-23"), ("2023-06-05", "2023-08-19")]),
        ["extension_over_8_weeks"]
    );
    assert!(found(&[("2023-07-03", "2023-08-28")]).is_empty(), "granted after the end");
    assert_eq!(found(&[("2023-07-03", "2023-08-29")]), ["extension_over_8_weeks"]);
}

#[test]
fn a_correction_of_a_withdrawn_event_is_observed_until_the_event_is_reinstated() {
    use crate::events::record_keeping::{CorrectionReason, EventCorrected, EventReinstated, EventWithdrawn};
    let review = |day: &str| CaseEvent::new(day.parse().unwrap(), ReviewConferenceHeld::default());
    let held = recorded(0, ("2024-03-01", ReviewConferenceHeld::default().into(), 1));
    let target = held.event_id;
    let (reason, authorised_by, inferred) = (CorrectionReason::TypingError, None, false);
    let withdrawn = EventWithdrawn { target, reason, authorised_by, inferred }.into();
    let (replacement, changed) = (Box::new(review("2024-03-04")), ["occurred".to_owned()].into());
    let corrected = EventCorrected { target, replacement, changed, reason, authorised_by, inferred }.into();
    let reinstated = EventReinstated { target, reason, authorised_by, inferred }.into();
    let history = [
        held,
        recorded(1, ("2024-03-05", withdrawn, 0)),
        recorded(2, ("2024-03-06", corrected, 0)),
        recorded(3, ("2024-03-07", reinstated, 0)),
    ];
    let observed = |until: usize| found(&history[..until]).contains(&"corrects_withdrawn");
    assert_eq!([1, 2, 3, 4].map(observed), [false, false, true, false]);
}
