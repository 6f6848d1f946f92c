//! What somebody recorded by hand, beside files that no longer name its record. Every child is invented.

use std::collections::BTreeSet;

use crate::memory::lists::{about, workbook};
use crate::memory::{Done, Memory};
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};
use domain::journey::{Journey, KnownAt};
use domain::time::Occurred;
use exchange::{Layout, List, Role, Subject, ValueKind};

/// A row of the list that opens what it can open, on 1 May 2024.
fn row(list: &List) -> Vec<(&str, &'static str)> {
    let text = |column: &exchange::Column| match (column.role, column.value, column.field.as_str()) {
        (Role::Child | Role::Adopter, _, _) => "77",
        (_, _, "born_on") => "2015-05-01",
        (Role::Key, ValueKind::Date, _) => "2024-05-01",
        (_, _, "initial_category") => "Neglect",
        _ => "",
    };
    let cells = list.columns.iter().map(|column| (column.field.as_str(), text(column)));
    cells.filter(|(_, text)| !text.is_empty()).collect()
}

/// Imports the row, records an act of each of the kinds in the process of `opening` by hand, and imports a file without the row.
fn left_out(list: &List, acts: &[(Kind, Kind)]) -> (Memory, Subject, Done) {
    let mut memory = Memory::default();
    memory.import(&workbook(&[(&list.code, &[&row(list)])]), &about("2024-06-01"));
    let subject = match list.code.as_str() {
        "11" => Subject::Adopter("77".to_owned()),
        _ => Subject::Child("77".to_owned()),
    };
    for (opening, kind) in acts {
        let opened = memory.held(&subject).iter().find(|event| event.event.body.kind() == *opening).unwrap();
        let body = Body::of(*kind, serde_json::json!({})).unwrap();
        let occurred = Occurred::on("2024-05-20".parse().unwrap());
        let event = CaseEvent { entities: opened.event.entities.clone(), ..CaseEvent::new(occurred, body) };
        memory.by_hand(&subject, &event);
    }
    let done = memory.import(&workbook(&[(&list.code, &[])]), &about("2024-06-15"));
    (memory, subject, done)
}

fn is_withdrawn(history: &[RecordedEvent], kind: Kind) -> bool {
    Journey::known(history, KnownAt::NOW).withdrawn.iter().any(|event| event.kind() == kind)
}

/// Of every kind that needs no facts, in every record that a file's silence would withdraw.
#[test]
fn a_record_with_an_act_that_was_recorded_by_hand_is_kept_and_pointed_at() {
    let mut tried = BTreeSet::new();
    for list in &Layout::annex_a().lists {
        let (_, _, silent) = left_out(list, &[]);
        assert!(silent.kept.is_empty());
        for opening in silent.taken_back.iter().map(|withdrawn| withdrawn.kind) {
            let of_process = |kind: &&Kind| {
                let beside = kind.own_role().is_none() && kind.group() == opening.group();
                let fits = beside || kind.own_role() == opening.own_role();
                fits && Body::of(**kind, serde_json::json!({})).is_ok()
            };
            for kind in Kind::ALL.iter().filter(of_process) {
                let (memory, subject, done) = left_out(list, &[(opening, *kind)]);
                let history = memory.held(&subject);
                assert!(!is_withdrawn(history, opening), "list {}: {opening:?}, {kind:?}", list.code);
                assert!(!is_withdrawn(history, *kind), "list {}: {opening:?}, {kind:?}", list.code);
                let kept = done.kept.iter().find(|kept| kept.kind == opening).unwrap();
                assert_eq!((kept.by_hand, kept.on), (*kind, "2024-05-01".parse().ok()));
                tried.insert((opening, *kind));
            }
        }
    }
    assert!(tried.len() > 20, "{}: {tried:?}", tried.len());
    for pair in [
        (Kind::ChildProtectionPlanStarted, Kind::ChildProtectionPlanEnded),
        (Kind::ChildProtectionPlanStarted, Kind::ChildProtectionVisitMade),
        (Kind::BecameLookedAfter, Kind::CeasedToBeLookedAfter),
        (Kind::AssessmentStarted, Kind::AssessmentAuthorised),
    ] {
        assert!(tried.contains(&pair), "{pair:?} of {tried:?}");
    }
}
