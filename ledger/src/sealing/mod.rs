//! Personal data sealed for its subject: the container of `docs/ledger-format.md` section 6.
//!
//! A box opens only in the place it was sealed for (ledger, stream, event, kind, schema version, key), and
//! only if its fields are those that the event committed to. Nothing here prints a field.

pub(crate) mod cipher;
mod fields;

pub use fields::DisclosedField;
#[cfg(test)]
pub(crate) use fields::was_sealed;

use domain::canonical::{self, NotCanonical};
use domain::envelope::SealedFields;
use domain::ids::{EventId, LedgerId, StreamId};
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hash::{Hash, hex, unhex};
use crate::keys::{KeyId, SecretKey};

const VERSION: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;

/// Where a container belongs; a box moved elsewhere does not open.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The ledger.
    pub ledger: LedgerId,
    /// The stream.
    pub stream: StreamId,
    /// The event.
    pub event_id: EventId,
    /// Name of what happened.
    pub kind: &'a str,
    /// Version of the facts' shape.
    pub schema_version: u16,
}

impl Place<'_> {
    fn associated_data(&self, key: KeyId) -> Vec<u8> {
        let kind_length = u16::try_from(self.kind.len()).expect("a kind is far shorter than 64 KiB");
        let parts: [&[u8]; 8] = [
            b"CL1SEALA",
            self.ledger.0.as_bytes(),
            self.stream.0.as_bytes(),
            self.event_id.0.as_bytes(),
            &kind_length.to_be_bytes(),
            self.kind.as_bytes(),
            &self.schema_version.to_be_bytes(),
            &key.0,
        ];
        parts.concat()
    }
}

/// Why fields cannot be sealed or a container cannot be opened.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum SealFault {
    /// A text has no canonical form.
    #[error("sealed fields: {source}")]
    NotCanonical {
        /// What is wrong with it; names the field, not its text.
        #[from]
        source: NotCanonical,
    },
    /// A field's name is empty or longer than 255 bytes, or there is none at all.
    #[error("a sealed box needs at least one field with a name of 1 to 255 bytes")]
    BadFields,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The bytes are not a container of a version that this program knows.
    #[error("sealed container of event {event_id}: {reason}")]
    Malformed {
        /// The event.
        event_id: EventId,
        /// What is wrong.
        reason: &'static str,
    },
    /// No box for this key.
    #[error("event {event_id} holds nothing sealed with key {key}")]
    NoBox {
        /// The event.
        event_id: EventId,
        /// The key.
        key: KeyId,
    },
    /// The box does not open here: another key, another event, or changed bytes.
    #[error("what is sealed in event {event_id} does not open with key {key}")]
    DoesNotOpen {
        /// The event.
        event_id: EventId,
        /// The key.
        key: KeyId,
    },
    /// The fields are not those that the box commits to.
    #[error("sealed fields of event {event_id} are not those it committed to")]
    NotCommitted {
        /// The event.
        event_id: EventId,
    },
}

/// Random input of one box.
pub(crate) struct BoxRandomness {
    pub(crate) nonce: [u8; 24],
    pub(crate) salt: Hash,
}

impl BoxRandomness {
    fn new() -> Result<Self, SealFault> {
        let mut this = Self { nonce: [0; 24], salt: [0; 32] };
        getrandom::fill(&mut this.nonce).map_err(|_| SealFault::NoRandomness)?;
        getrandom::fill(&mut this.salt).map_err(|_| SealFault::NoRandomness)?;
        Ok(this)
    }
}

/// Seals fields for one or several subjects, each with a key of its own.
///
/// # Errors
/// [`SealFault`] where there is nothing to seal or a text has no canonical form.
pub fn seal(
    place: &Place<'_>,
    subjects: &[(KeyId, &SecretKey, &SealedFields)],
) -> Result<Vec<u8>, SealFault> {
    let boxed = subjects.iter().map(|(id, key, fields)| Ok((*id, *key, *fields, BoxRandomness::new()?)));
    seal_with(place, boxed.collect::<Result<Vec<_>, SealFault>>()?)
}

pub(crate) fn seal_with(
    place: &Place<'_>,
    mut subjects: Vec<(KeyId, &SecretKey, &SealedFields, BoxRandomness)>,
) -> Result<Vec<u8>, SealFault> {
    subjects.sort_unstable_by_key(|(id, ..)| *id);
    let count = u8::try_from(subjects.len()).map_err(|_| SealFault::BadFields)?;
    let mut container = vec![VERSION, XCHACHA20_POLY1305, count];
    for (id, key, fields, random) in subjects {
        if fields.is_empty() || fields.0.keys().any(|name| name.is_empty() || name.len() > 255) {
            return Err(SealFault::BadFields);
        }
        let plaintext = plaintext(fields, &random.salt)?;
        let ciphertext =
            cipher::seal(key.bytes(), &random.nonce, plaintext.as_bytes(), &place.associated_data(id));
        let length = u32::try_from(ciphertext.len()).map_err(|_| SealFault::BadFields)?;
        container.extend_from_slice(&id.0);
        container.extend_from_slice(&fields::root(&random.salt, &fields.0));
        container.extend_from_slice(&random.nonce);
        container.extend_from_slice(&length.to_be_bytes());
        container.extend_from_slice(&ciphertext);
    }
    Ok(container)
}

fn plaintext(fields: &SealedFields, salt: &Hash) -> Result<Zeroizing<String>, SealFault> {
    let value = serde_json::json!({ "fields": fields.0, "salt": hex(salt) });
    Ok(Zeroizing::new(canonical::write(&value)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plaintext {
    fields: SealedFields,
    salt: String,
}

struct SealedBox<'a> {
    key: KeyId,
    root: Hash,
    nonce: [u8; 24],
    ciphertext: &'a [u8],
}

fn boxes(container: &[u8]) -> Result<Vec<SealedBox<'_>>, &'static str> {
    let (head, mut rest) = container.split_first_chunk::<3>().ok_or("cut short")?;
    let [VERSION, XCHACHA20_POLY1305, count] = *head else {
        return Err("a version or algorithm that this program does not know");
    };
    let mut boxes = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (one, after) = next_box(rest).ok_or("cut short")?;
        boxes.push(one);
        rest = after;
    }
    if rest.is_empty() { Ok(boxes) } else { Err("bytes after the last box") }
}

fn next_box(bytes: &[u8]) -> Option<(SealedBox<'_>, &[u8])> {
    let (key, rest) = bytes.split_first_chunk()?;
    let (root, rest) = rest.split_first_chunk()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (ciphertext, rest) = rest.split_at_checked(length)?;
    Some((SealedBox { key: KeyId(*key), root: *root, nonce: *nonce, ciphertext }, rest))
}

/// The ids of the keys that a container needs, ascending.
///
/// # Errors
/// [`SealFault::Malformed`].
pub fn keys_of(event_id: EventId, container: &[u8]) -> Result<Vec<KeyId>, SealFault> {
    let boxes = boxes(container).map_err(|reason| SealFault::Malformed { event_id, reason })?;
    Ok(boxes.iter().map(|one| one.key).collect())
}

/// A box that was opened and found to hold what the event committed to.
pub struct Opened {
    fields: SealedFields,
    salt: Hash,
    /// The root that the event committed to.
    pub root: Hash,
}

impl Opened {
    /// The fields.
    pub fn into_fields(self) -> SealedFields {
        self.fields
    }

    /// One field with the proof that it was sealed with the event; `None` where there is no such field.
    pub fn disclose(&self, name: &str) -> Option<DisclosedField> {
        fields::disclose(&self.salt, &self.fields.0, name)
    }
}

/// Opens the box of one key and checks its fields against its commitment.
///
/// # Errors
/// [`SealFault`] says whether there is no box, it does not open, or its fields are others.
pub fn open(place: &Place<'_>, container: &[u8], id: KeyId, key: &SecretKey) -> Result<Opened, SealFault> {
    let event_id = place.event_id;
    let malformed = |reason| SealFault::Malformed { event_id, reason };
    let boxes = boxes(container).map_err(malformed)?;
    let one = boxes.iter().find(|one| one.key == id).ok_or(SealFault::NoBox { event_id, key: id })?;
    let plaintext = cipher::open(key.bytes(), &one.nonce, one.ciphertext, &place.associated_data(id))
        .ok_or(SealFault::DoesNotOpen { event_id, key: id })?;
    let Plaintext { fields, salt } =
        serde_json::from_slice(&plaintext).map_err(|_| malformed("plaintext is not in its form"))?;
    let salt = unhex(&salt).ok_or_else(|| malformed("salt is not 64 hex digits"))?;
    if fields::root(&salt, &fields.0) != one.root {
        return Err(SealFault::NotCommitted { event_id });
    }
    Ok(Opened { fields, salt, root: one.root })
}
