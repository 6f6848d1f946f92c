//! Rows and census elements that several tests write. Every child in them is invented.

use std::collections::{BTreeMap, BTreeSet};

use domain::events::{EntityRole, Kind};
use domain::ids::EntityId;
use domain::journey::{Journey, KnownEvent};

use super::lists::{about, workbook};
use super::{Done, Memory};

/// Fields of one row with their texts.
pub(crate) type Cells<'a> = [(&'a str, &'a str)];

/// Imports one list of a day.
pub(crate) fn import(memory: &mut Memory, list: &str, day: &str, rows: &[&Cells<'_>]) -> Done {
    memory.import(&workbook(&[(list, rows)]), &about(day))
}

/// Where notes of this code stand.
pub(crate) fn notes(done: &Done, code: &str) -> Vec<String> {
    let all = done.rows.iter().flat_map(|row| &row.notes);
    all.filter(|note| note.code == code).map(|note| note.place.to_string()).collect()
}

/// A plan that ended, as list 7 holds it.
pub(crate) const ENDED_PLAN: [(&str, &str); 7] = [
    ("child_id", "6"),
    ("born_on", "2012-05-04"),
    ("started_on", "2023-09-04"),
    ("initial_category", "NEG"),
    ("visited_on", "2023-10-02"),
    ("ended_on", "2023-12-18"),
    ("worker", "A. Invented"),
];

/// A row with some of its cells changed.
pub(crate) fn with<'a>(row: &Cells<'a>, changes: &Cells<'a>) -> Vec<(&'a str, &'a str)> {
    let kept = row.iter().filter(|(field, _)| !changes.iter().any(|(other, _)| other == field));
    kept.chain(changes).copied().collect()
}

/// A row of list 1.
pub(crate) fn contact<'a>(child: &'a str, on: &'a str) -> [(&'a str, &'a str); 3] {
    [("child_id", child), ("received_on", on), ("source", "6")]
}

/// A census with one child.
pub(crate) fn census(day: &str, child: &str, details: &str) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{}</Year>\
         <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>\
         <Children><Child>{child}{details}</Child></Children></Message>",
        &day[..4]
    )
    .into_bytes()
}

/// Identifiers and characteristics of child 27 in a census.
pub(crate) fn who(born: &str, sex: &str, ethnicity: &str) -> String {
    format!(
        "<ChildIdentifiers><LAchildID>27</LAchildID><PersonBirthDate>{born}</PersonBirthDate><Sex>{sex}</Sex>\
         </ChildIdentifiers><ChildCharacteristics><Ethnicity>{ethnicity}</Ethnicity></ChildCharacteristics>"
    )
}

/// A referral of a census, with what stands in it.
pub(crate) fn referral(day: &str, more: &str) -> String {
    format!("<CINdetails><CINreferralDate>{day}</CINreferralDate>{more}</CINdetails>")
}

/// A plan that runs, as list 7 holds it.
pub(crate) const PLAN: [(&str, &str); 4] = [
    ("child_id", "77"),
    ("born_on", "2015-05-01"),
    ("started_on", "2024-01-10"),
    ("initial_category", "Neglect"),
];

/// That plan with some of its cells changed.
pub(crate) fn plan_with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = PLAN.iter().filter(|(field, _)| !more.iter().any(|(other, _)| other == field));
    kept.chain(more).copied().collect()
}

/// Imports that plan as a file of a day says it.
pub(crate) fn import_plan(memory: &mut Memory, day: &str, more: &[(&str, &str)]) -> Done {
    let row = plan_with(more);
    memory.import(&workbook(&[("7", &[&row])]), &about(day))
}

/// Imports contacts, `(child, day)`, as a file of a day lists them.
pub(crate) fn import_contacts(
    memory: &mut Memory,
    day: &str,
    contacts: &[(&str, &str)],
    decisions: &str,
) -> Done {
    let rows: Vec<_> = contacts.iter().map(|(child, day)| contact(child, day)).collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(|row| row.as_slice()).collect();
    memory.import_with(&workbook(&[("1", &rows)]), &about(day), decisions)
}

/// What is held of a child, without ids: each event with its facts, and each process by its opening.
pub(crate) fn facts(journey: &Journey) -> BTreeSet<String> {
    let mut openings: BTreeMap<(EntityRole, EntityId), String> = BTreeMap::new();
    for event in &journey.events {
        if let Some((role, id)) =
            event.kind().own_role().and_then(|role| Some((role, event.entities.get(role)?)))
        {
            openings
                .entry((role, id))
                .or_insert_with(|| format!("{} {}", event.kind().name(), event.occurred));
        }
    }
    // When a child was registered says which file came first, and an identifier is sealed in the registration or linked.
    let about_itself = [Kind::HistoryCoverageStated, Kind::ObservationNoted, Kind::IdentifierLinked];
    let when = |event: &KnownEvent| {
        if event.kind() == Kind::ChildRegistered { String::new() } else { event.occurred.to_string() }
    };
    let events = journey.events.iter().filter(|event| !about_itself.contains(&event.kind()));
    let said = events.map(|event| {
        let of: Vec<String> =
            event.entities.iter().map(|it| format!("{:?} {:?}", it.0, openings.get(&it))).collect();
        format!("{} {} {:?} {of:?}", event.kind().name(), when(event), event.body.fields())
    });
    said.collect()
}
