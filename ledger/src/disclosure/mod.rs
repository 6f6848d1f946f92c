//! Showing one event, or one sealed field of it, to somebody who can check it and sees nothing else.
//!
//! Writes lines of a bundle, `docs/ledger-format.md` section 11. What is not shown stands there as its commitment,
//! which nobody can guess without the salt. It does not decide who may see what.

use domain::envelope::StoredEvent;
use domain::ids::{EventId, Position, Revision, StreamId};
use serde::Serialize;
use thiserror::Error;

use crate::hash::{Hash, hex};
use crate::leaf::{Envelope, LEAF_FORMAT, Salt, commit_envelope, commit_facts};
use crate::ledger::{Ledger, UnsealFault};
use crate::notes::to_base64;
use crate::officers::CustodyFault;
use crate::proof::{Checkpoint, ProofFault};
use crate::read::ReadFault;
use crate::sealing::DisclosedField;

/// How much of an event is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown<'a> {
    /// What happened, when, and who recorded it.
    pub envelope: bool,
    /// The facts.
    pub facts: bool,
    /// Sealed fields, by name. With any of them the container is shown too: only it ties a field to the event. The
    /// other fields in it stay sealed.
    pub fields: &'a [&'a str],
}

/// Why something cannot be shown.
#[derive(Debug, Error)]
pub enum DisclosureFault {
    /// The ledger cannot be read.
    #[error("reading the event")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// It cannot be proved.
    #[error("proving the event")]
    Proof {
        /// Why.
        #[from]
        source: ProofFault,
    },
    /// The sealed fields cannot be opened.
    #[error("opening the event's sealed fields")]
    Unseal {
        /// Why.
        #[from]
        source: UnsealFault,
    },
    /// The log's name cannot be read.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// There is no such event.
    #[error("there is no event at position {position}")]
    NoSuchEvent {
        /// The position.
        position: Position,
    },
    /// The stream holds no such event.
    #[error("stream {stream} has no event {event}")]
    NotInStream {
        /// The stream.
        stream: StreamId,
        /// The event.
        event: EventId,
    },
    /// The event was disposed of.
    #[error("the event at position {position} was disposed of")]
    Disposed {
        /// The position.
        position: Position,
    },
    /// The event sealed no field of this name.
    #[error("the event at position {position} has no sealed field {field:?}")]
    NoSuchField {
        /// The position.
        position: Position,
        /// The name.
        field: String,
    },
    /// The row does not lead to the leaf that is in the tree.
    #[error("the event at position {position} does not lead to its leaf; have the ledger verified")]
    Changed {
        /// The position.
        position: Position,
    },
}

/// One event as a line of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BundleLine {
    position: u64,
    recorded_at: String,
    leaf_format: u16,
    leaf_hash: String,
    proof: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope_salt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope_commitment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts_salt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts_commitment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_hash: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldLine>,
}

/// One disclosed field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct FieldLine {
    name: String,
    text: String,
    salt: String,
    index: usize,
    of: usize,
    proof: Vec<String>,
    root: String,
}

#[derive(Serialize)]
struct Header<'a> {
    bundle: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<&'a str>,
    genesis: &'a BundleLine,
    log_origin: &'a str,
    root: String,
    stream: String,
    tree_size: u64,
    up_to: u64,
}

impl Ledger {
    /// A bundle with one event of a stream, of which nothing is shown but sealed fields and, when asked for, the
    /// envelope. It is proved against the newest signed head that covers it, else against the head of the log.
    ///
    /// # Errors
    /// [`DisclosureFault`].
    pub async fn disclose(
        &self,
        stream: StreamId,
        event: EventId,
        shown: Shown<'_>,
    ) -> Result<String, DisclosureFault> {
        let events = self.read_stream(stream, Revision(1)).await?;
        let found = events.iter().find(|held| held.event_id == event);
        let position = found.ok_or(DisclosureFault::NotInStream { stream, event })?.position;
        let checkpoint = self.checkpoint().await?;
        let covered = |note: &String| {
            let size = Checkpoint::of_note(note).ok()?.0.tree_size;
            (size >= position.0).then_some(size)
        };
        let signed = checkpoint.as_ref().and_then(|note| Some((note.as_str(), covered(note)?)));
        let tree_size = match signed {
            Some((_, size)) => size,
            None => self.head().await?.position.0,
        };
        let whole = Shown { envelope: true, facts: true, fields: &[] };
        let genesis = self.event_line(Position(1), tree_size, whole).await?;
        let line = self.event_line(position, tree_size, shown).await?;
        let header = Header {
            bundle: 1,
            checkpoint: signed.map(|(note, _)| note),
            genesis: &genesis,
            log_origin: &self.log_name().await?.origin,
            root: to_base64(&self.root_at(tree_size).await?),
            stream: stream.to_string(),
            tree_size,
            up_to: position.0,
        };
        Ok(format!("{}\n{}\n{{\"events\":1}}\n", json(&header), json(&line)))
    }

    /// One event as a line of a bundle, proved in the tree of a size.
    ///
    /// # Errors
    /// [`DisclosureFault`]; a disposed event has nothing to show.
    pub async fn event_line(
        &self,
        position: Position,
        tree_size: u64,
        shown: Shown<'_>,
    ) -> Result<BundleLine, DisclosureFault> {
        let missing = DisclosureFault::NoSuchEvent { position };
        let event = self.read_positions(position, 1).await?.pop().ok_or(missing)?;
        let facts = event.facts.clone().ok_or(DisclosureFault::Disposed { position })?;
        let salt = self.salt(position).await?;
        let leaf = self.leaves(position, 1).await?.pop().ok_or(DisclosureFault::NoSuchEvent { position })?;
        let hash = crate::tree::leaf_hash(&leaf);
        let parts = LeafParts::of(&leaf).ok_or(DisclosureFault::Changed { position })?;
        let envelope = envelope_text(&event).ok_or(DisclosureFault::Changed { position })?;
        if commit_envelope(&salt, &envelope) != parts.envelope || commit_facts(&salt, &facts) != parts.facts {
            return Err(DisclosureFault::Changed { position });
        }
        let (envelope_salt, facts_salt) = salt.split_at(16);
        let fields = self.fields(&event, shown.fields).await?;
        let show = |when: bool, text: String| when.then_some(text);
        let sealed = event.sealed.as_deref().filter(|_| !fields.is_empty());
        let sealed_hash = event.sealed.is_some() && sealed.is_none();
        Ok(BundleLine {
            position: position.0,
            recorded_at: event.context.stamped_at.unwrap_or(event.recorded_at).timestamp_micros().to_string(),
            leaf_format: LEAF_FORMAT,
            leaf_hash: hex(&hash),
            proof: base64s(&self.inclusion(position, tree_size).await?.path),
            envelope: show(shown.envelope, envelope),
            envelope_salt: show(shown.envelope, hex(envelope_salt)),
            envelope_commitment: show(!shown.envelope, hex(&parts.envelope)),
            facts: show(shown.facts, facts),
            facts_salt: show(shown.facts, hex(facts_salt)),
            facts_commitment: show(!shown.facts, hex(&parts.facts)),
            sealed: sealed.map(to_base64),
            sealed_hash: show(sealed_hash, hex(&parts.sealed)),
            fields,
        })
    }

    async fn fields(&self, event: &StoredEvent, names: &[&str]) -> Result<Vec<FieldLine>, DisclosureFault> {
        let position = event.position;
        let missing = |name: &str| DisclosureFault::NoSuchField { position, field: name.to_owned() };
        let Some(first) = names.first() else { return Ok(Vec::new()) };
        let opened = self.open_sealed(event).await?.ok_or_else(|| missing(first))?;
        let root = to_base64(&opened.root);
        let line = |name: &&str| {
            let DisclosedField { name, text, salt, index, of, proof } =
                opened.disclose(name).ok_or_else(|| missing(name))?;
            let (salt, proof, root) = (hex(&salt), base64s(&proof), root.clone());
            Ok(FieldLine { name, text, salt, index, of, proof, root })
        };
        names.iter().map(line).collect()
    }

    async fn salt(&self, position: Position) -> Result<Salt, DisclosureFault> {
        let client = self.reader().connection().await?;
        let sql = "SELECT salt FROM caseledger.events WHERE position = $1";
        let number = i64::try_from(position.0).unwrap_or(i64::MAX);
        let row = client.query_one(sql, &[&number]).await.map_err(ReadFault::from)?;
        let salt: Option<&[u8]> = row.try_get(0).map_err(ReadFault::from)?;
        let salt = salt.ok_or(DisclosureFault::Disposed { position })?;
        salt.try_into().map_err(|_| DisclosureFault::Changed { position })
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists have a JSON form")
}

fn base64s(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| to_base64(hash)).collect()
}

/// The three commitments of a leaf.
struct LeafParts {
    envelope: Hash,
    facts: Hash,
    sealed: Hash,
}

impl LeafParts {
    fn of(leaf: &[u8; 106]) -> Option<Self> {
        let (_, rest) = leaf.split_first_chunk::<10>()?;
        let (envelope, rest) = rest.split_first_chunk()?;
        let (facts, rest) = rest.split_first_chunk()?;
        Some(Self { envelope: *envelope, facts: *facts, sealed: *rest.first_chunk()? })
    }
}

fn envelope_text(event: &StoredEvent) -> Option<String> {
    let occurred = event.occurred.to_string();
    let entered = event.context.source_recorded_at.as_ref().map(ToString::to_string);
    let envelope = Envelope {
        stream: event.stream,
        category: event.category,
        event_id: event.event_id,
        command_id: event.command_id,
        kind: &event.kind,
        schema_version: event.schema_version,
        occurred: &occurred,
        source_recorded_at: entered.as_deref(),
        context: &event.context,
    };
    Some(envelope.text().ok()?.at(event.revision))
}
