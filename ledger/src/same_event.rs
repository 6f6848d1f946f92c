//! Whether an event that is handed in says what the recorded one under its id says, in every part that is its own.
//!
//! What the ledger adds (position, revision, time, command) does not count. A disposed event has lost its facts and what
//! was sealed, and those parts count as the same; so does what was sealed with a key that is gone.

use std::fmt;

use domain::envelope::{EventContext, SealedFields, StoredEvent};
use domain::ids::{LedgerId, StreamId};

use crate::keys::{KeyId, KeyPurpose, SecretKey};
use crate::sealing::{self, Place};

/// A part of an event in which it differs from the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The stream.
    Stream,
    /// What happened, or the version of its shape.
    Kind,
    /// When it happened.
    Occurred,
    /// The facts.
    Facts,
    /// What is sealed.
    Sealed,
    /// Who recorded it.
    RecordedBy,
    /// In which role.
    Role,
    /// In which team.
    Team,
    /// When the source says that it was entered.
    SourceRecordedAt,
    /// Which row of which import it comes from.
    Import,
    /// Causation or correlation.
    Causation,
    /// The confidentiality mark.
    Confidentiality,
    /// The recorded event cannot be read, so that nothing is the same as it.
    Unreadable,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stream => "stream",
            Self::Kind => "kind",
            Self::Occurred => "day or time",
            Self::Facts => "facts",
            Self::Sealed => "sealed fields",
            Self::RecordedBy => "recorder",
            Self::Role => "role",
            Self::Team => "team",
            Self::SourceRecordedAt => "time of entry in the source",
            Self::Import => "row of an import",
            Self::Causation => "causation or correlation",
            Self::Confidentiality => "confidentiality mark",
            Self::Unreadable => "form, which cannot be read,",
        })
    }
}

/// What is sealed in an event that is handed in: still in clear, or sealed anew.
#[derive(Clone, Copy)]
pub(crate) enum Sealed<'a> {
    Fields(&'a SealedFields),
    Container(Option<&'a [u8]>),
}

/// An event that is handed in.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) stream: StreamId,
    pub(crate) kind: &'a str,
    pub(crate) schema_version: u16,
    pub(crate) occurred: &'a str,
    pub(crate) facts: &'a str,
    pub(crate) sealed: Sealed<'a>,
    pub(crate) context: &'a EventContext,
}

/// The first part in which an event differs from the recorded one; `None` where it says the same.
pub(crate) fn difference(
    ledger: LedgerId,
    held: &StoredEvent,
    given: &Given<'_>,
    key: impl Fn(KeyId) -> Option<SecretKey>,
) -> Option<Part> {
    let is_disposed = held.facts.is_none();
    let envelope = [
        (held.stream == given.stream, Part::Stream),
        (held.kind == given.kind && held.schema_version == given.schema_version, Part::Kind),
        (held.occurred.to_string() == given.occurred, Part::Occurred),
        (held.facts.as_deref().is_none_or(|facts| facts == given.facts), Part::Facts),
    ];
    let differs = |parts: &[(bool, Part)]| parts.iter().find(|(same, _)| !same).map(|(_, part)| *part);
    differs(&envelope).or_else(|| differs(&context(&held.context, given.context))).or_else(|| {
        let same = is_disposed || same_sealed(ledger, held, given, key);
        (!same).then_some(Part::Sealed)
    })
}

fn context(held: &EventContext, given: &EventContext) -> [(bool, Part); 7] {
    [
        (held.recorded_by == given.recorded_by, Part::RecordedBy),
        (held.role == given.role, Part::Role),
        (held.team == given.team, Part::Team),
        (held.source_recorded_at == given.source_recorded_at, Part::SourceRecordedAt),
        (held.import == given.import, Part::Import),
        ((held.causation, held.correlation) == (given.causation, given.correlation), Part::Causation),
        (held.confidentiality == given.confidentiality, Part::Confidentiality),
    ]
}

fn same_sealed(
    ledger: LedgerId,
    held: &StoredEvent,
    given: &Given<'_>,
    key: impl Fn(KeyId) -> Option<SecretKey>,
) -> bool {
    let is_given = match given.sealed {
        Sealed::Fields(fields) => !fields.is_empty(),
        Sealed::Container(container) => container.is_some(),
    };
    let Some(container) = held.sealed.as_deref().filter(|_| is_given) else {
        return held.sealed.is_some() == is_given;
    };
    let id = KeyId::new(ledger, KeyPurpose::Subject(held.stream));
    let Some(key) = key(id) else { return true };
    let open = |container| {
        let place = Place {
            ledger,
            stream: held.stream,
            event_id: held.event_id,
            kind: &held.kind,
            schema_version: held.schema_version,
        };
        sealing::open(&place, container, id, &key).ok().map(sealing::Opened::into_fields)
    };
    // What was sealed with a key that was lost, and another one made for its subject since, opens for nobody.
    let Some(held) = open(container) else { return true };
    match given.sealed {
        Sealed::Fields(fields) => held == *fields,
        Sealed::Container(given) => given.and_then(open) == Some(held),
    }
}
