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
    // Every text in the facts of every kind is a code, a date, an id, a figure or a closed list; the system stream,
    // which holds keys and signed requests and is about no child, is the one exception.
    let closed_forms = [
        "event_corrected.changed",
        "history_coverage_stated.kinds",
        "extract_declared.file_digest",
        "extract_declared.content_digest",
    ];
    for kind in Kind::ALL.iter().filter(|kind| kind.category() != Category::System) {
        for field in kind.fields() {
            let place = format!("{}.{}", kind.name(), field.name);
            let free = field.shape.ends_with("text") && !closed_forms.contains(&place.as_str());
            assert!(
                !free && !["name", "address", "postcode", "upn"].contains(&field.name.as_str()),
                "{place}"
            );
        }
    }
}

#[test]
fn every_kind_says_what_it_is_and_what_its_fields_are() {
    for kind in Kind::ALL {
        assert!(kind.sentence().ends_with('.') && !kind.title().is_empty(), "{}", kind.name());
        assert!(kind.fields().iter().all(|field| !field.doc.is_empty()), "{}", kind.name());
        assert_eq!(kind.own_role().is_none(), kind.stage() == Stage::Apart, "{}", kind.name());
        let categories: BTreeSet<Category> = kind.categories().iter().copied().collect();
        assert_eq!(categories.len(), kind.categories().len(), "{}", kind.name());
    }
}

#[test]
fn only_identifying_kinds_say_an_identifier() {
    for kind in Kind::ALL {
        let mut sealed = crate::envelope::SealedFields::none();
        for field in kind.sealed_fields().into_iter().chain(["value".to_owned()]) {
            sealed = sealed.with(&field, "invented");
        }
        let says = !crate::events::identity::identifiers(&kind.sample(), &sealed).is_empty();
        assert_eq!(says, crate::events::identity::IDENTIFYING.contains(kind), "{kind:?}");
    }
}

#[test]
fn every_process_can_begin_and_authors_read_back() {
    for role in EntityRole::ALL {
        let opens = |kind: &&Kind| kind.own_role() == Some(*role) && kind.stage() == Stage::Opens;
        let alone = |kind: &&Kind| kind.own_role() == Some(*role) && kind.may_stand_alone();
        assert!(Kind::ALL.iter().any(|kind| opens(&kind) || alone(&kind)), "{role}");
    }
    let worker = crate::ids::StreamId(uuid::Uuid::from_u128(5));
    for role in AuthorRole::ALL {
        let event = enquiry().by(role, worker);
        let facts = event.facts().unwrap();
        assert!(facts.starts_with(&format!(r#"{{"authors":{{"{}":"#, role.name())), "{facts}");
        let read = CaseEvent::read(event.occurred, event.body.kind().name(), 1, &facts).unwrap();
        assert_eq!(read.authors.iter().collect::<Vec<_>>(), [(role, worker)]);
        assert_eq!(event.differences(&enquiry()), BTreeSet::from(["authors".to_owned()]));
    }
    let unknown = r#"{"authors":{"sung_by":"00000000-0000-0000-0000-000000000005"},"details":{}}"#;
    assert!(CaseEvent::read(Occurred::UNKNOWN, "child_died", 1, unknown).is_err());
}
