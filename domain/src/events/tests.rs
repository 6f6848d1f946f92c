//! Every kind can be written and read, and what is unknown is refused.

use std::collections::BTreeSet;

use super::*;
use crate::envelope::Category;
use crate::events::child_protection::Section47EnquiryStarted;
use crate::events::record_keeping::{CorrectionReason, EventCorrected};
use crate::ids::{EntityId, EventId};

fn enquiry() -> CaseEvent {
    let started = Section47EnquiryStarted { stated_conference_target: "2022-06-24".parse().ok() };
    CaseEvent::new("2022-06-02".parse().unwrap(), started)
        .of(EntityRole::Enquiry, EntityId(uuid::Uuid::from_u128(7)))
}

#[test]
fn facts_have_one_text() {
    assert_eq!(
        enquiry().facts().unwrap(),
        r#"{"details":{"stated_conference_target":"2022-06-24"},"entities":{"enquiry":"00000000-0000-0000-0000-000000000007"}}"#
    );
}

#[test]
fn what_is_written_reads_back() {
    let original = enquiry();
    let correction = EventCorrected {
        target: EventId(uuid::Uuid::from_u128(1)),
        replacement: Box::new(original.clone()),
        changed: BTreeSet::from(["occurred".to_owned()]),
        reason: CorrectionReason::LateInformation,
        authorised_by: None,
        inferred: true,
    };
    for event in [original, CaseEvent::new("2022-06-09".parse().unwrap(), correction)] {
        let kind = event.body.kind();
        let read =
            CaseEvent::read(event.occurred, kind.name(), kind.schema_version(), &event.facts().unwrap());
        assert_eq!(read.unwrap(), event);
    }
}

#[test]
fn what_is_unknown_is_an_error_never_ignored() {
    let read = |kind, version, facts| CaseEvent::read(Occurred::UNKNOWN, kind, version, facts).unwrap_err();
    assert!(matches!(read("moon_landed", 1, "{}"), MalformedEvent::UnknownKind { .. }));
    assert!(matches!(
        read("child_died", 2, r#"{"details":{}}"#),
        MalformedEvent::UnknownVersion { newest: 1, .. }
    ));
    assert!(matches!(read("child_died", 0, r#"{"details":{}}"#), MalformedEvent::UnknownVersion { .. }));
    for facts in [
        r#"{"details":{"x":1}}"#,
        r#"{"details":{},"more":{}}"#,
        r#"{}"#,
        r#"{"details":{},"entities":{"dragon":"00000000-0000-0000-0000-000000000007"}}"#,
    ] {
        assert!(matches!(read("child_died", 1, facts), MalformedEvent::Facts { .. }), "{facts}");
    }
    assert!(matches!(read("strategy_discussion_held", 1, r#"{"details":{}}"#), MalformedEvent::Facts { .. }));
}

#[test]
fn names_are_snake_case_unique_and_fit_a_code() {
    let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert!(kind.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
        assert_eq!(Kind::from_name(kind.name()), Ok(*kind));
    }
}

#[test]
fn no_facts_can_hold_narrative() {
    // Every text in the facts of every kind is a code, a date, an id or a closed list; the system stream, which holds
    // keys and signed requests and is about no child, is the one exception.
    for kind in Kind::ALL.iter().filter(|kind| kind.category() != Category::System) {
        let schema = serde_json::to_string(&kind.details_schema()).unwrap();
        assert!(!schema.contains("\"address\"") && !schema.contains("\"name\""), "{}", kind.name());
    }
}
