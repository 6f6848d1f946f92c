//! Who the child is: registration, birth, death, identifiers, transfers between authorities.
//!
//! Date of birth, sex, ethnicity and disability stand in the facts because rules need them: a written
//! exception, disposed of together with the child's key. Identifiers are sealed.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::envelope::SealedFields;
use crate::events::{Body, CaseEvent, Code, Kind, codes, facts};
use crate::ids::EventId;

facts! {
    /// A child is known to the service. Sealed: `la_child_id`, `upn`, `former_upn`.
    ChildRegistered seals(la_child_id, upn, former_upn) {
        /// Date of birth.
        date_of_birth: Option<NaiveDate>,
        /// Expected date of birth, where the child was unborn or the source still holds it.
        expected_date_of_birth: Option<NaiveDate>,
        /// Sex.
        sex: Option<Sex>,
        /// Ethnicity code of the national returns.
        ethnicity: Option<Code> as ethnicity,
        /// Disability codes of the national returns; `NONE` where none is stated to be there.
        #[serde(default)]
        disabilities: BTreeSet<Code> as disability,
        /// Why there is no unique pupil number.
        upn_unknown: Option<Code> as upn_unknown,
    }

    /// An unborn child is known to the service. Sealed: `la_child_id`.
    UnbornChildRegistered seals(la_child_id) {
        /// Expected date of birth.
        expected_date_of_birth: Option<NaiveDate>,
    }

    /// A child was born who was known before birth. The occurrence is the day of birth.
    BirthRecorded {
        /// Sex.
        sex: Option<Sex>,
    }

    /// The child died. The occurrence is the day of death.
    ChildDied {}

    /// An identifier of the child became known. Sealed: `value`.
    IdentifierLinked seals(value) {
        /// Kind of identifier, for instance `upn`, `former_upn`, `la_child_id`.
        identifier: Code,
    }

    /// Whether the child has a disability, as a source states it.
    DisabilityRecorded {
        /// Stated to have a disability.
        disabled: bool,
    }

    /// Whether the child was an unaccompanied asylum-seeking child in the last 12 months, as a source states it.
    AsylumStatusRecorded {
        /// Stated to be so.
        unaccompanied: bool,
    }

    /// Another authority told us of a child who moves here.
    #[derive(Default)]
    TransferInNotified {
        /// The other authority's code.
        from_authority: Option<Code>,
        /// Whether the child is the subject of a child protection plan there.
        on_plan: bool,
        /// Number of earlier child protection plans as the other authority states it.
        stated_previous_plans: Option<u32>,
    }

    /// The case moved to another authority.
    #[derive(Default)]
    TransferredOut {
        /// The other authority's code.
        to_authority: Option<Code>,
        /// The event that notified it.
        notified_by: Option<EventId>,
        /// Whether the child is the subject of a child protection plan here.
        on_plan: Option<bool>,
        /// Number of child protection plans that we told the other authority of.
        stated_previous_plans: Option<u32>,
    }
}

codes! {
    /// Sex, as the national returns code it.
    Sex {
        /// Female.
        Female,
        /// Male.
        Male,
        /// Not known, not recorded or indeterminate.
        NotKnown,
    }
}

/// Under which kind identifiers are kept by what they have in common with those that are easily mistaken for them
/// ([`crate::identifier::likeness`]); `None` for kinds of which that is not asked.
pub fn likeness_kind(kind: &str) -> Option<&'static str> {
    match kind {
        "la_child_id" => Some("la_child_id_likeness"),
        "adopter_id" => Some("adopter_id_likeness"),
        _ => None,
    }
}

/// The kinds of event that say an identifier of their subject.
pub const IDENTIFYING: [Kind; 5] = [
    Kind::AdopterRegistered,
    Kind::ChildRegistered,
    Kind::IdentifierLinked,
    Kind::ProceedingsOpened,
    Kind::UnbornChildRegistered,
];

/// The identifiers by which the subject of an event can be found: kind and value, from its sealed fields.
pub fn identifiers<'a>(event: &'a CaseEvent, sealed: &'a SealedFields) -> Vec<(&'a str, &'a str)> {
    let named = |field: &'a str| sealed.get(field).map(|value| (field, value));
    if let Body::IdentifierLinked(linked) = &event.body {
        return sealed.get("value").map(|value| (linked.identifier.as_str(), value)).into_iter().collect();
    }
    if matches!(event.body, Body::ChildRegistered(_) | Body::UnbornChildRegistered(_)) {
        return ["la_child_id", "upn", "former_upn"].into_iter().filter_map(named).collect();
    }
    if matches!(event.body, Body::AdopterRegistered(_)) {
        return ["adopter_id"].into_iter().filter_map(named).collect();
    }
    if matches!(event.body, Body::ProceedingsOpened(_)) {
        return ["court_reference"].into_iter().filter_map(named).collect();
    }
    Vec::new()
}
