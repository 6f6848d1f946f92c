//! The lines of exported logs and bundles, and the leaf that an event line leads to.

use serde::Deserialize;

use crate::finding::{Findings, Kind};
use crate::hash::{Hash, unhex, uuid_of};
use crate::leaf::{self, Leaf};
use crate::row::Id;
use crate::sealed::{self, Disclosed};
use crate::section::SystemEvent;
use crate::{canonical, notes};

/// The first line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) export: Option<u32>,
    pub(super) bundle: Option<u32>,
    pub(super) checkpoint: Option<String>,
    pub(super) genesis: EventLine,
    pub(super) log_origin: String,
    pub(super) root: String,
    /// The child's stream; bundles only.
    pub(super) stream: Option<String>,
    pub(super) tree_size: u64,
    /// The last position of the stream's events; bundles only, absent where it is the tree's size.
    pub(super) up_to: Option<u64>,
}

/// The last line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    pub(super) events: u64,
}

impl Last {
    pub(super) fn of(text: &str) -> Option<Self> {
        text.starts_with("{\"events\":").then(|| serde_json::from_str(text).ok())?
    }
}

/// One event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine {
    pub(super) position: u64,
    pub(super) recorded_at: Option<String>,
    leaf_format: Option<i16>,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    envelope: Option<String>,
    envelope_salt: Option<String>,
    envelope_commitment: Option<String>,
    facts: Option<String>,
    facts_salt: Option<String>,
    facts_commitment: Option<String>,
    sealed: Option<String>,
    sealed_hash: Option<String>,
    fields: Option<Vec<FieldLine>>,
}

/// One disclosed field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldLine {
    name: String,
    text: String,
    salt: String,
    index: u64,
    of: u64,
    proof: Vec<String>,
    root: String,
}

/// What an envelope says; nothing else may stand in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    category: i16,
    command_id: String,
    event_id: String,
    pub(super) kind: String,
    revision: i32,
    stream: String,
    #[serde(rename = "causation")]
    _causation: Option<String>,
    #[serde(rename = "confidentiality")]
    _confidentiality: Option<String>,
    #[serde(rename = "correlation")]
    _correlation: Option<String>,
    #[serde(rename = "import_as_at")]
    _import_as_at: Option<String>,
    #[serde(rename = "import_id")]
    _import_id: Option<String>,
    #[serde(rename = "import_row")]
    _import_row: Option<i32>,
    #[serde(rename = "import_sheet")]
    _import_sheet: Option<String>,
    #[serde(rename = "occurred")]
    _occurred: String,
    #[serde(rename = "recorded_by")]
    _recorded_by: String,
    #[serde(rename = "role")]
    _role: Option<String>,
    #[serde(rename = "schema_version")]
    _schema_version: i16,
    #[serde(rename = "source_recorded_at")]
    _source_recorded_at: Option<String>,
    #[serde(rename = "team")]
    _team: Option<String>,
}

/// What was understood of an event line.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) position: u64,
    pub(super) recorded_at: Option<i64>,
    pub(super) leaf_hash: Hash,
    /// Stream, revision and command, where the envelope is disclosed.
    pub(super) place: Option<(Id, i32, Id)>,
    pub(super) disposed: bool,
    /// What it says about keys, officers and disposals, if that is what it is about.
    pub(super) system: Option<SystemEvent>,
    pub(super) proof: Option<Vec<Hash>>,
}

/// Hashes in base64.
pub(super) fn hashes(texts: &[String]) -> Option<Vec<Hash>> {
    texts.iter().map(|text| notes::hash_of(text)).collect()
}

impl EventLine {
    /// Reads the line's values and rebuilds its leaf; what does not lead to it is a finding.
    ///
    /// # Errors
    /// The name of a value that cannot be read.
    pub(super) fn open(&self, findings: &mut Findings) -> Result<Event, &'static str> {
        let proof = self.proof.as_deref().map(|proof| hashes(proof).ok_or("proof")).transpose()?;
        let recorded_at =
            self.recorded_at.as_deref().map(|at| at.parse().map_err(|_| "recorded_at")).transpose()?;
        let envelope = self.envelope.as_deref().map(Opened::of).transpose()?;
        let event = Event {
            position: self.position,
            recorded_at,
            leaf_hash: unhex(&self.leaf_hash).ok_or("leaf_hash")?,
            place: envelope.as_ref().map(|opened| opened.place),
            disposed: self.is_disposed(),
            system: envelope.and_then(|opened| self.system(opened)),
            proof,
        };
        if !event.disposed {
            self.check_leaf(&event, findings)?;
        }
        Ok(event)
    }

    /// A disposed event has position, leaf hash and proof only.
    fn is_disposed(&self) -> bool {
        let given = [&self.envelope, &self.envelope_commitment, &self.facts, &self.facts_commitment];
        self.recorded_at.is_none() && self.leaf_format.is_none() && given.iter().all(|value| value.is_none())
    }

    fn system(&self, opened: Opened) -> Option<SystemEvent> {
        let facts = self.facts.as_ref().filter(|_| opened.category == 7)?.clone().into_bytes();
        let ((stream, _, _), event_id, kind) = (opened.place, opened.event_id, opened.kind);
        Some(SystemEvent { position: self.position, stream, event_id, kind, facts })
    }

    fn check_leaf(&self, event: &Event, findings: &mut Findings) -> Result<(), &'static str> {
        let (position, stream) = (self.position, event.place.map(|(stream, _, _)| stream));
        let mut changed = |detail: String| findings.at(Kind::RowChanged, position, stream.as_ref(), detail);
        let leaf_format = self.leaf_format.ok_or("leaf_format")?;
        if leaf_format != leaf::LEAF_FORMAT {
            changed(format!("leaf format {leaf_format} is not known"));
        }
        for (name, text) in [("envelope", &self.envelope), ("facts", &self.facts)] {
            if let Some(Err(fault)) = text.as_ref().map(|text| canonical::check(text.as_bytes())) {
                changed(format!("{name}: {fault}"));
            }
        }
        let leaf = Leaf {
            leaf_format,
            recorded_at: event.recorded_at.ok_or("recorded_at")?,
            envelope_commitment: self.envelope_commitment()?,
            facts_commitment: self.facts_commitment()?,
            sealed_hash: self.sealed_hash()?,
        };
        if leaf.hash() != event.leaf_hash {
            changed("what is disclosed does not lead to the leaf hash".to_owned());
        }
        self.fields.iter().flatten().try_for_each(|field| {
            if !self.discloses(field)? {
                changed(format!("the field {:?} does not lead to a sealed box", field.name));
            }
            Ok(())
        })
    }

    fn envelope_commitment(&self) -> Result<Hash, &'static str> {
        match (&self.envelope, &self.envelope_salt, &self.envelope_commitment) {
            (Some(envelope), Some(salt), None) => {
                let salt = unhex(salt).ok_or("envelope_salt")?;
                Ok(leaf::commit_envelope(&salt, envelope.as_bytes()))
            }
            (None, None, Some(commitment)) => unhex(commitment).ok_or("envelope_commitment"),
            _ => Err("envelope: either with its salt, or its commitment alone"),
        }
    }

    fn facts_commitment(&self) -> Result<Hash, &'static str> {
        match (&self.facts, &self.facts_salt, &self.facts_commitment) {
            (Some(facts), Some(salt), None) => {
                let salt = unhex(salt).ok_or("facts_salt")?;
                Ok(leaf::commit_facts(&salt, facts.as_bytes()))
            }
            (None, None, Some(commitment)) => unhex(commitment).ok_or("facts_commitment"),
            _ => Err("facts: either with their salt, or their commitment alone"),
        }
    }

    fn sealed_hash(&self) -> Result<Hash, &'static str> {
        match (&self.sealed, &self.sealed_hash) {
            (Some(sealed), None) => {
                let container = notes::unbase64(sealed).ok_or("sealed")?;
                sealed::box_roots(&container).ok_or("sealed: no container of version 1")?;
                Ok(leaf::hash_sealed(Some(&container)))
            }
            (None, Some(hash)) => unhex(hash).ok_or("sealed_hash"),
            (None, None) => Ok(leaf::NOTHING_SEALED),
            (Some(_), Some(_)) => Err("sealed: either the container or its hash"),
        }
    }

    /// A field counts where its box is there: only the container binds the box's root to the event.
    fn discloses(&self, field: &FieldLine) -> Result<bool, &'static str> {
        let container = self.sealed.as_deref().and_then(notes::unbase64);
        let roots = container.and_then(|container| sealed::box_roots(&container));
        let field = Disclosed {
            name: &field.name,
            text: &field.text,
            salt: unhex(&field.salt).ok_or("salt of a field")?,
            index: field.index,
            of: field.of,
            proof: hashes(&field.proof).ok_or("proof of a field")?,
            root: notes::hash_of(&field.root).or_else(|| unhex(&field.root)).ok_or("root of a field")?,
        };
        Ok(roots.is_some_and(|roots| roots.contains(&field.root)) && field.holds())
    }
}

/// What an envelope's text says of where the event belongs.
struct Opened {
    place: (Id, i32, Id),
    event_id: Id,
    category: i16,
    kind: String,
}

impl Opened {
    fn of(text: &str) -> Result<Self, &'static str> {
        let envelope: Envelope = serde_json::from_str(text).map_err(|_| "envelope")?;
        let id = |text: &str| uuid_of(text).ok_or("envelope: an id");
        Ok(Self {
            place: (id(&envelope.stream)?, envelope.revision, id(&envelope.command_id)?),
            event_id: id(&envelope.event_id)?,
            category: envelope.category,
            kind: envelope.kind,
        })
    }
}
