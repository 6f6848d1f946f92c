//! Whether rows under a held identifier describe the same child.
//!
//! Identifiers are reused, and two systems' test files share theirs. The rule:
//! the rows describe another child when at least two of date of birth, sex and ethnicity
//! contradict what is held; or when the date of birth moves by more than two years and none of the
//! child's held processes stands in the file again. Anything less is a correction of the child.

use domain::events::identity::ChildRegistered;
use domain::events::{Body, Kind};
use domain::ids::EventId;

use super::claims::Person;
use super::held::{Held, HeldEvent};
use super::planning::days_apart;

/// A date of birth that moves further than this, alone, needs a process that recurs.
const FAR_DAYS: i64 = 731;

/// The registration that the rows contradict, where they describe another child.
pub(super) fn another_child(held: &Held, person: &Person, recurs: bool) -> Option<EventId> {
    let registered = registered(held)?;
    let Body::ChildRegistered(known) = &registered.body else {
        return None;
    };
    let Body::ChildRegistered(claimed) = &person.claim.body else {
        return None;
    };
    let birth = contradicts(known.date_of_birth, claimed.date_of_birth);
    let far =
        known.date_of_birth.zip(claimed.date_of_birth).is_some_and(|(a, b)| days_apart(a, b) > FAR_DAYS);
    let contradictions = [birth, contradicts(known.sex, claimed.sex), ethnicity_contradicts(known, claimed)];
    let count = contradictions.into_iter().filter(|contradicts| *contradicts).count();
    (count >= 2 || (far && !recurs)).then_some(registered.id)
}

/// The event that says who the child is.
pub(super) fn registered(held: &Held) -> Option<&HeldEvent> {
    held.of_kind(Kind::ChildRegistered, None)
        .chain(held.of_kind(Kind::UnbornChildRegistered, None))
        .find(|event| !event.withdrawn)
}

fn contradicts<T: PartialEq>(known: Option<T>, claimed: Option<T>) -> bool {
    known.zip(claimed).is_some_and(|(known, claimed)| known != claimed)
}

/// A code that says only that nobody knows contradicts nothing.
fn ethnicity_contradicts(known: &ChildRegistered, claimed: &ChildRegistered) -> bool {
    let says = |facts: &ChildRegistered| {
        facts.ethnicity.clone().filter(|code| !matches!(code.as_str(), "NOBT" | "REFU"))
    };
    contradicts(says(known), says(claimed))
}
