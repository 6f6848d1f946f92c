//! Adoption gives a new identity: old and new stream share no id of any kind, and neither leads to the other.

use std::collections::BTreeSet;

use domain::envelope::{Category, Confidentiality};
use domain::events::adoption::{AdoptionDecisionMade, AdoptionOrderMade, PlacedForAdoption};
use domain::events::{EntityRole as Role, Kind};
use uuid::Uuid;

use super::teller::{Teller, event, registered};

/// Every id in what is stored of a stream: of the stream, its events, its processes, and in the facts.
fn ids(teller: &Teller) -> BTreeSet<Uuid> {
    let mut ids = BTreeSet::new();
    for recorded in &teller.recorded {
        ids.extend([recorded.stream.as_uuid(), recorded.event_id.as_uuid(), recorded.command_id.as_uuid()]);
        ids.extend(recorded.context.correlation);
        ids.extend(recorded.context.causation.map(|event| event.as_uuid()));
        let facts = recorded.event.facts().expect("stored facts are canonical");
        ids.extend(facts.split('"').filter_map(|text| Uuid::parse_str(text).ok()));
    }
    ids
}

#[test]
fn the_new_identity_after_adoption_shares_no_id_with_the_old_one() {
    let of_case = [(Role::AdoptionCase, 41)];
    let mut old = Teller::of(Category::Child, 1);
    old.tell("2023-01-09", "2023-01-09", registered("2020-05-20", ""), &[]);
    old.tell("2023-02-06", "2023-02-06", AdoptionDecisionMade {}, &of_case);
    let placed = old.tell("2023-08-07", "2023-06-05", PlacedForAdoption::default(), &of_case);
    old.tell("2024-03-11", "2024-03-04", AdoptionOrderMade {}, &of_case);
    old.correct("2024-03-18", placed, event("2023-06-12", PlacedForAdoption::default(), &of_case));
    // Recorded in between is another child's event, so that the two streams do not stand side by side in the ledger.
    let mut new = Teller::of(Category::Child, 2);
    new.tell("2024-04-08", "2024-04-08", registered("2020-05-20", ""), &[]);
    for recorded in &mut new.recorded {
        recorded.context.confidentiality = Some(Confidentiality::SealedAdoption);
        recorded.position = domain::ids::Position(recorded.position.0 + 100);
    }
    let placed_on = |known: &str| old.days(known, Kind::PlacedForAdoption);
    assert_eq!(placed_on("2023-07-01"), Vec::<String>::new(), "before");
    assert_eq!(placed_on("2023-08-07"), ["2023-06-05"], "after the late entry");
    assert_eq!(placed_on("2024-03-18"), ["2023-06-12"], "after the correction");
    // Everything in both records was recorded by the same service; no other id stands in both.
    assert_eq!(ids(&old).intersection(&ids(&new)).collect::<Vec<_>>(), Vec::<&Uuid>::new());
    let last = old.recorded.iter().map(|event| event.position.0).max().unwrap();
    let first = new.recorded.iter().map(|event| event.position.0).min().unwrap();
    assert!(first > last + 1, "the streams are not adjacent");
    assert!(new.known("2024-04-08").events.iter().all(|event| event.context.causation.is_none()));
}
