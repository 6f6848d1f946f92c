//! Whether rows under a held identifier describe the same child.
//!
//! Identifiers are reused, and two systems' test files share theirs. Against the contradictions stand the
//! processes that recur: those of the held child that the file names again, by kind and first day.
//!
//! | what contradicts | the rows are the held child where |
//! |---|---|
//! | one of date of birth, sex and ethnicity | always; a date of birth more than two years away: at least one process recurs |
//! | two of them | at least one process recurs |
//! | all three | at least two processes recur |
//!
//! Then what differs is a correction, noted where more than one thing differs. Otherwise they are another child.

use domain::events::{Body, Kind};
use domain::ids::{EventId, ImportId};
use serde_json::Value;

use super::claims::Person;
use super::held::{Held, HeldEvent};
use super::planning::days_apart;

/// A date of birth that moves further than this, alone, needs a process that recurs.
const FAR_DAYS: i64 = 731;

/// What the rows are to the child that is held under their identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// The same child; at most one thing differs.
    Yes,
    /// The same child, in spite of contradictions, because its processes recur.
    Corrected,
    /// Another child than the one with this registration.
    Another(EventId),
}

/// Judges the rows of an import, of which `recurring` processes are held already.
pub(super) fn judge(held: &Held, person: &Person, (recurring, import): (usize, ImportId)) -> Same {
    let is_of_file = |event: &HeldEvent| event.said_by.iter().any(|(by, _)| *by == import);
    if registered(held).is_some_and(is_of_file) {
        // The same file again, over which a newer one or an answer may have corrected who the child is.
        return Same::Yes;
    }
    let Some((registered, differing, far)) = contradictions(held, person) else { return Same::Yes };
    let needed = differing.saturating_sub(1).max(usize::from(far));
    if recurring < needed {
        Same::Another(registered)
    } else if differing >= 2 {
        Same::Corrected
    } else {
        Same::Yes
    }
}

/// The registration, how many attributes contradict it, and whether the date of birth moves far.
fn contradictions(held: &Held, person: &Person) -> Option<(EventId, usize, bool)> {
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
    let other = |field| differs(field, &registered.body, &person.claim.body);
    let differing = [birth, other("sex"), other("ethnicity")];
    let count = differing.into_iter().filter(|contradicts| *contradicts).count();
    Some((registered.id, count, far))
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

/// Whether two events state a field differently. A code that says only that nobody knows contradicts nothing.
fn differs(field: &str, known: &Body, claimed: &Body) -> bool {
    let says = |body: &Body| body.fields().remove(field).filter(|value| !says_nothing(field, value));
    contradicts(says(known), says(claimed))
}

/// Whether a value of the child's particulars says only that nobody knows: ethnicity not obtained or refused, sex not known.
pub(super) fn says_nothing(field: &str, value: &Value) -> bool {
    matches!((field, value.as_str()), ("ethnicity", Some("NOBT" | "REFU")) | ("sex", Some("not_known")))
}
