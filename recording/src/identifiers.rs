//! By which identifiers a record is found.

use domain::envelope::SealedFields;
use domain::events::CaseEvent;
use domain::events::identity::{identifiers, likeness_kind};
use domain::identifier::likeness;
use ledger::Identifier;

/// An identifier as it is indexed: by itself, and by what it has in common with those that look like it.
pub fn indexed(kind: &str, value: &str) -> impl Iterator<Item = Identifier> + use<> {
    let alike = likeness_kind(kind).map(|kind| Identifier::new(kind, likeness(value)));
    let alike = alike.filter(|alike| !alike.value.is_empty());
    std::iter::once(Identifier::new(kind, value)).chain(alike)
}

/// The identifiers that an event says of its subject, as they are indexed.
pub(crate) fn said(event: &CaseEvent, sealed: &SealedFields) -> Vec<Identifier> {
    identifiers(event, sealed).into_iter().flat_map(|(kind, value)| indexed(kind, value)).collect()
}
