//! Envelope bytes, commitments and leaf: what is hashed of an event, `docs/ledger-format.md` section 5.
//!
//! The bytes are rebuilt from the row's columns and from nothing else; the position is not in them, since
//! it is the leaf's place in the tree. Nothing here may change for a stored event.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use domain::canonical::{self, NotCanonical};
use domain::envelope::{Category, EventContext};
use domain::ids::{CommandId, EventId, Revision, StreamId};
use serde_json::Value;

use crate::hash::{Hash, sha256};

/// The leaf format that this version writes.
pub const LEAF_FORMAT: u16 = 1;

/// Random bytes of one event: the first half hides the envelope, the second half the facts.
pub type Salt = [u8; 32];

/// What an envelope is made of, besides the revision.
pub struct Envelope<'a> {
    /// The stream.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
    /// The event.
    pub event_id: EventId,
    /// The request that recorded it.
    pub command_id: CommandId,
    /// Name of what happened.
    pub kind: &'a str,
    /// Version of the facts' shape.
    pub schema_version: u16,
    /// Practice time in its text form.
    pub occurred: &'a str,
    /// The source's entry time in its text form.
    pub source_recorded_at: Option<&'a str>,
    /// Who recorded it.
    pub context: &'a EventContext,
}

/// Envelope bytes with a gap for the revision, which is known only under the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeText {
    before_revision: String,
    after_revision: String,
}

impl Envelope<'_> {
    /// Writes the envelope as canonical JSON, the revision left open.
    ///
    /// # Errors
    /// [`NotCanonical`] where a text has no canonical form.
    pub fn text(&self) -> Result<EnvelopeText, NotCanonical> {
        let context = self.context;
        let import = context.import.as_ref();
        let mut out = Members::new();
        out.integer("category", i64::from(self.category.code()));
        out.shown("causation", context.causation);
        out.shown("command_id", Some(self.command_id));
        out.text("confidentiality", context.confidentiality.map(|mark| mark.name()))?;
        out.shown("correlation", context.correlation);
        out.shown("event_id", Some(self.event_id));
        out.shown("import_as_at", import.map(|import| import.as_at));
        out.shown("import_id", import.map(|import| import.import));
        if let Some(import) = import {
            out.integer("import_row", i64::from(import.row));
        }
        out.text("import_sheet", import.map(|import| import.sheet.as_str()))?;
        out.text("kind", Some(self.kind))?;
        out.text("occurred", Some(self.occurred))?;
        out.shown("recorded_by", Some(context.recorded_by));
        let before_revision = out.into_gap("revision");
        let mut out = Members::after_gap();
        out.text("role", Some(context.role.as_ref()).filter(|role| !role.is_empty()))?;
        out.integer("schema_version", i64::from(self.schema_version));
        out.text("source_recorded_at", self.source_recorded_at)?;
        out.shown("stream", Some(self.stream));
        out.text("team", context.team.as_deref())?;
        Ok(EnvelopeText { before_revision, after_revision: out.close() })
    }
}

impl EnvelopeText {
    /// The envelope bytes at a revision.
    pub fn at(&self, revision: Revision) -> String {
        format!("{}{revision}{}", self.before_revision, self.after_revision)
    }

    /// What is hashed for [`Self::commitment`].
    pub(crate) fn message<'a>(&'a self, revision: &'a str, salt: &'a Salt) -> [&'a [u8]; 5] {
        let (hides_envelope, _) = salt.split_at(16);
        let (before, after) = (self.before_revision.as_bytes(), self.after_revision.as_bytes());
        [b"CL1ENVLP", hides_envelope, before, revision.as_bytes(), after]
    }

    /// The salted commitment to the envelope at a revision.
    pub fn commitment(&self, revision: Revision, salt: &Salt) -> Hash {
        sha256(&self.message(&revision.to_string(), salt))
    }
}

/// The salted commitment to envelope bytes that are already whole.
pub fn commit_envelope(salt: &Salt, envelope: &str) -> Hash {
    let (hides_envelope, _) = salt.split_at(16);
    sha256(&[b"CL1ENVLP", hides_envelope, envelope.as_bytes()])
}

/// The salted commitment to the facts' exact text.
pub fn commit_facts(salt: &Salt, facts: &str) -> Hash {
    sha256(&facts_message(salt, facts))
}

/// What is hashed for [`commit_facts`].
pub(crate) fn facts_message<'a>(salt: &'a Salt, facts: &'a str) -> [&'a [u8]; 3] {
    let (_, hides_facts) = salt.split_at(16);
    [b"CL1FACTS", hides_facts, facts.as_bytes()]
}

/// The hash of the sealed container; zero where there is none.
pub fn hash_sealed(container: Option<&[u8]>) -> Hash {
    container.map_or([0; 32], |bytes| sha256(&sealed_message(bytes)))
}

/// What is hashed for [`hash_sealed`] of a container.
pub(crate) fn sealed_message(container: &[u8]) -> [&[u8]; 2] {
    [b"CL1SEALD", container]
}

/// What a leaf commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// When the ledger recorded it, to the microsecond.
    pub recorded_at: DateTime<Utc>,
    /// [`commit_envelope`].
    pub envelope_commitment: Hash,
    /// [`commit_facts`].
    pub facts_commitment: Hash,
    /// [`hash_sealed`].
    pub sealed_hash: Hash,
}

impl Leaf {
    /// The 106 bytes of the leaf.
    pub fn to_bytes(&self) -> [u8; 106] {
        let mut bytes = [0; 106];
        let micros = self.recorded_at.timestamp_micros();
        let parts: [&[u8]; 5] = [
            &LEAF_FORMAT.to_be_bytes(),
            &micros.to_be_bytes(),
            &self.envelope_commitment,
            &self.facts_commitment,
            &self.sealed_hash,
        ];
        let mut rest = bytes.as_mut_slice();
        for part in parts {
            let (here, after) = rest.split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = after;
        }
        bytes
    }

    /// The leaf's hash in the tree.
    pub fn hash(&self) -> Hash {
        crate::tree::leaf_hash(&self.to_bytes())
    }
}

/// Members of a flat canonical object; the caller brings them in sorted order.
struct Members {
    out: String,
}

impl Members {
    fn new() -> Self {
        let mut out = String::with_capacity(512);
        out.push('{');
        Self { out }
    }

    fn after_gap() -> Self {
        let mut out = String::with_capacity(256);
        out.push(',');
        Self { out }
    }

    fn key(&mut self, key: &str) {
        if !matches!(self.out.as_bytes(), b"{" | b",") {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    fn integer(&mut self, key: &str, value: i64) {
        self.key(key);
        write!(self.out, "{value}").expect("writing to a String cannot fail");
    }

    /// A value whose text needs no escape, such as an id or a date.
    fn shown(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.key(key);
            write!(self.out, "\"{value}\"").expect("writing to a String cannot fail");
        }
    }

    fn text(&mut self, key: &str, value: Option<&str>) -> Result<(), NotCanonical> {
        let Some(text) = value else { return Ok(()) };
        self.key(key);
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        } else {
            self.out.push_str(&canonical::write(&Value::from(text))?);
        }
        Ok(())
    }

    fn into_gap(mut self, key: &str) -> String {
        self.key(key);
        self.out
    }

    fn close(mut self) -> String {
        self.out.push('}');
        self.out
    }
}
