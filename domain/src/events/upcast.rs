//! From every older shape of an event's facts to the newest: one pure change per kind and version, chained at read.
//!
//! Stored rows are never rewritten; a shape that was once recorded is read for ever. A change says the same thing in
//! another form: it adds nothing that was not told, and where the meaning changes the kind gets another name.
//!
//! Invariant: a kind whose newest version is *n* has exactly one change from each of 1 to *n* − 1, so a chain has no gap.
//! `domain/tests/fixtures/events/` holds facts of every older version, and what they read as.

use serde_json::{Map, Value};

use super::{Kind, MalformedEvent};

/// The facts of one event as an object: `details`, and `entities` and `authors` where there are any.
type Facts = Map<String, Value>;

/// One change of shape.
#[derive(Clone, Copy, Debug)]
pub struct Upcast {
    /// The kind whose facts changed.
    pub kind: Kind,
    /// The version that is read; the change makes the next one of it.
    pub from: u16,
    /// What changed, and why.
    pub doc: &'static str,
    change: fn(&mut Facts) -> Result<(), &'static str>,
}

/// Every change of shape that there ever was, by kind and then by version.
pub const UPCASTS: &[Upcast] = &[Upcast {
    kind: Kind::PlacementStarted,
    from: 1,
    doc: "`distance_miles` is a decimal instead of whole miles: 20.4 is more than 20, and 20 was not",
    change: distance_as_decimal,
}];

/// Facts of an older version in the shape of the newest; `None` where they have it already.
///
/// # Errors
/// [`MalformedEvent::UnknownVersion`] for a version newer than this program knows, or 0; [`MalformedEvent::Facts`] for
/// facts that do not have the shape of their version.
pub(super) fn to_newest(kind: Kind, version: u16, facts: &str) -> Result<Option<String>, MalformedEvent> {
    let newest = kind.schema_version();
    if version == newest {
        return Ok(None);
    }
    chained(UPCASTS, kind, version..newest, facts).map(Some)
}

fn chained(
    upcasts: &[Upcast],
    kind: Kind,
    versions: std::ops::Range<u16>,
    facts: &str,
) -> Result<String, MalformedEvent> {
    let (version, newest) = (versions.start, versions.end);
    if version == 0 || version > newest {
        return Err(MalformedEvent::UnknownVersion { kind: kind.name(), version, newest });
    }
    let malformed = |reason: String| MalformedEvent::Facts { kind: kind.name(), version, reason };
    let mut read: Facts = serde_json::from_str(facts).map_err(|error| malformed(error.to_string()))?;
    for from in versions {
        let upcast = upcasts.iter().find(|upcast| upcast.kind == kind && upcast.from == from);
        let upcast = upcast.ok_or_else(|| malformed(format!("no change from version {from} is held")))?;
        (upcast.change)(&mut read).map_err(|reason| malformed(format!("version {from}: {reason}")))?;
    }
    Ok(Value::Object(read).to_string())
}

/// `placement_started` 1 to 2. The text has the precision that was stored: whether 20 had been rounded is not known.
fn distance_as_decimal(facts: &mut Facts) -> Result<(), &'static str> {
    let Some(distance) = details(facts)?.get_mut("distance_miles") else { return Ok(()) };
    let miles = distance.as_u64().ok_or("distance_miles is not a whole number")?;
    *distance = Value::String(miles.to_string());
    Ok(())
}

fn details(facts: &mut Facts) -> Result<&mut Facts, &'static str> {
    facts.get_mut("details").and_then(Value::as_object_mut).ok_or("there are no details")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chain_has_a_gap_or_a_change_too_many() {
        for kind in Kind::ALL {
            let held: Vec<u16> =
                UPCASTS.iter().filter(|it| it.kind == *kind).map(|upcast| upcast.from).collect();
            assert_eq!(held, (1..kind.schema_version()).collect::<Vec<_>>(), "{}", kind.name());
        }
    }

    fn step(from: u16, change: fn(&mut Facts) -> Result<(), &'static str>) -> Upcast {
        Upcast { kind: Kind::ChildDied, from, doc: "", change }
    }

    fn say(facts: &mut Facts, what: &str) -> Result<(), &'static str> {
        let said = details(facts)?.entry("said").or_insert_with(|| Value::from(""));
        *said = format!("{}{what}", said.as_str().ok_or("not a text")?).into();
        Ok(())
    }

    #[test]
    fn changes_are_chained_in_the_order_of_versions_from_the_stored_one_on() {
        let steps = [
            step(2, |facts| say(facts, "b")),
            step(1, |facts| say(facts, "a")),
            step(3, |facts| say(facts, "c")),
        ];
        let read = |from| chained(&steps, Kind::ChildDied, from..4, r#"{"details":{}}"#).unwrap();
        assert_eq!(read(1), r#"{"details":{"said":"abc"}}"#);
        assert_eq!(read(3), r#"{"details":{"said":"c"}}"#);
        assert_eq!(read(4), r#"{"details":{}}"#);
    }

    #[test]
    fn what_has_no_change_and_what_is_too_new_is_refused_by_name() {
        let steps = [step(1, |facts| say(facts, "a"))];
        let read = |version, newest| chained(&steps, Kind::ChildDied, version..newest, r#"{"details":{}}"#);
        for version in [0, 5] {
            let refused = MalformedEvent::UnknownVersion { kind: "child_died", version, newest: 3 };
            assert_eq!(read(version, 3), Err(refused));
        }
        let gap = read(1, 3).unwrap_err();
        assert!(gap.to_string().contains("no change from version 2"), "{gap}");
        let broken = chained(&steps, Kind::ChildDied, 1..2, "[]").unwrap_err();
        assert!(matches!(broken, MalformedEvent::Facts { kind: "child_died", version: 1, .. }));
    }
}
