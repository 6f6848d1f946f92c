//! Unborn children: the expected date changes, one record leads to several births, a pregnancy ends.

use domain::decider::Refusal;
use domain::events::identity::{BirthRecorded, IdentifierLinked, UnbornChildRegistered};
use domain::events::records::FamilyLinked;
use domain::events::unborn::{ExpectedBirthDateChanged, PregnancyEnded};
use domain::events::{Body, Kind};
use domain::ids::StreamId;
use domain::observations::{Life, ObservationCode};
use uuid::Uuid;

use super::teller::{Teller, day, event, registered};

fn expected(on: &str) -> Body {
    UnbornChildRegistered { expected_date_of_birth: Some(day(on)) }.into()
}

fn changed(to: &str) -> Body {
    ExpectedBirthDateChanged { expected_date_of_birth: day(to), reason: "scan".parse().ok() }.into()
}

#[test]
fn the_expected_date_of_birth_is_the_one_known_at_the_moment_asked() {
    let mut child = Teller::of_child();
    child.tell("2024-01-08", "2024-01-08", expected("2024-06-03"), &[]);
    // Told in March, of a scan in February; a later scan was told before.
    child.tell("2024-02-26", "2024-02-26", changed("2024-06-20"), &[]);
    let scan = child.tell("2024-03-18", "2024-02-05", changed("2024-06-10"), &[]);
    child.correct("2024-04-08", scan, event("2024-03-04", changed("2024-06-11"), &[]));
    let expected_on = |known: &str| Life::of(&child.known(known)).expected_on.unwrap();
    assert_eq!(expected_on("2024-02-01"), day("2024-06-03"), "before");
    assert_eq!(expected_on("2024-03-31"), day("2024-06-20"), "a late entry stands where it happened");
    assert_eq!(expected_on("2024-04-30"), day("2024-06-11"), "the correction makes it the later scan");
    child.tell("2024-06-14", "2024-06-12", BirthRecorded { sex: None }, &[]);
    let life = Life::of(&child.known("2024-06-14"));
    assert_eq!((life.born_on, life.expected_on), (Some(day("2024-06-12")), Some(day("2024-06-11"))));
}

#[test]
fn one_record_leads_to_several_births_each_with_a_stream_of_its_own() {
    let mut first = Teller::of(domain::envelope::Category::Child, 1);
    let mut second = Teller::of(domain::envelope::Category::Child, 2);
    first.tell("2024-01-08", "2024-01-08", expected("2024-06-03"), &[]);
    first.tell("2024-06-04", "2024-06-02", BirthRecorded { sex: None }, &[]);
    // The twin was expected by nobody and is registered with the birth; each record names the other.
    second.tell("2024-06-10", "2024-06-10", registered("2024-06-02", ""), &[]);
    let twin = |of: u128| FamilyLinked {
        household: None,
        relative: Some(StreamId(Uuid::from_u128(of))),
        relation: "sibling".parse().ok(),
    };
    first.tell("2024-06-10", "2024-06-02", twin(2), &[]);
    let link = second.tell("2024-06-10", "2024-06-02", twin(1), &[]);
    second.correct("2024-07-01", link, event("2024-06-03", twin(1), &[]));
    let born = |teller: &Teller, known: &str| Life::of(&teller.known(known)).born_on;
    assert_eq!([born(&first, "2024-05-01"), born(&second, "2024-05-01")], [None, None], "before");
    let both = Some(day("2024-06-02"));
    assert_eq!([born(&first, "2024-06-05"), born(&second, "2024-06-05")], [both, None]);
    assert_eq!(
        [born(&first, "2024-06-10"), born(&second, "2024-06-10")],
        [both, both],
        "after the late entry"
    );
    assert_eq!(second.days("2024-07-01", Kind::FamilyLinked), ["2024-06-03"], "after the correction");
    assert_eq!(first.observed("2024-07-01"), Vec::<&str>::new());
}

#[test]
fn nothing_happens_to_the_child_after_the_pregnancy_ended() {
    let mut child = Teller::of_child();
    child.tell("2024-01-08", "2024-01-08", expected("2024-06-03"), &[]);
    let ended = child.tell("2024-03-04", "2024-02-26", PregnancyEnded { outcome: None }, &[]);
    let birth = || event("2024-03-01", BirthRecorded { sex: None }, &[]);
    let refused = child.try_record("2024-03-08", birth());
    let code = ObservationCode::AfterPregnancyEnded;
    assert_eq!(refused, Err(Refusal::Impossible { kind: "birth_recorded", code, events: vec![] }));
    // The record about the child may still grow.
    child.tell("2024-03-08", "2024-03-08", IdentifierLinked { identifier: "nhs".parse().unwrap() }, &[]);
    // It was another family's loss: withdrawn, and the birth can be told.
    child.withdraw("2024-03-11", ended);
    child.try_record("2024-03-11", birth()).unwrap();
    let ended_on = |known: &str| Life::of(&child.known(known)).pregnancy_ended_on;
    assert_eq!(ended_on("2024-03-01"), None, "before");
    assert_eq!(ended_on("2024-03-10"), Some(day("2024-02-26")), "after the late entry");
    assert_eq!(ended_on("2024-03-11"), None, "after the withdrawal");
    assert_eq!(Life::of(&child.known("2024-03-11")).born_on, Some(day("2024-03-01")));
}
