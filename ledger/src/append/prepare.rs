//! What can be done for a command before the head is won: checks, sealing, and the texts that are hashed.
//!
//! It runs on the caller's task, so that the appender only fills in revisions, hashes and sends. It hashes nothing:
//! [`super::draft`] does that for many commands side by side.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use domain::canonical;
use domain::envelope::{Category, EventContext, NewEvent};
use domain::ids::{CommandId, EventId, LedgerId, Position, StreamId};
use zeroize::Zeroizing;

use super::draft::{self, Draft};
use super::{AppendError, Command, Expected, MAX_EVENT_BYTES, StreamAppend};
use crate::batch_mac::BatchKey;
use crate::hash::{Hash, MacParts};
use crate::hash_many::Messages;
use crate::identifiers::{IndexRow, Tokens};
use crate::keys::{KeyFault, KeyId, KeyPurpose, KeyStore, SecretKey};
use crate::leaf::{self, Envelope, EnvelopeText, Salt};
use crate::read::Reader;
use crate::sealing::{self, Place};

/// A command that waits for its revisions.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) command_id: CommandId,
    pub(crate) request_hash: Hash,
    pub(crate) appends: Vec<PreparedAppend>,
    pub(crate) identifiers: Vec<IndexRow>,
    /// Bulk: an event that is already recorded is left out instead of refusing the command.
    pub(crate) skip_known: bool,
}

impl Prepared {
    pub(crate) fn events(&self) -> impl Iterator<Item = &PreparedEvent> {
        self.appends.iter().flat_map(|append| &append.events)
    }

    pub(crate) fn event_count(&self) -> usize {
        self.appends.iter().map(|append| append.events.len()).sum()
    }
}

#[derive(Debug)]
pub(crate) struct PreparedAppend {
    pub(crate) stream: StreamId,
    pub(crate) category: Category,
    pub(crate) expected: Expected,
    pub(crate) events: Vec<PreparedEvent>,
}

/// An event of which everything is known but position, revision and time of recording.
#[derive(Debug)]
pub(crate) struct PreparedEvent {
    pub(crate) event_id: EventId,
    pub(crate) kind: std::borrow::Cow<'static, str>,
    pub(crate) schema_version: u16,
    pub(crate) occurred: String,
    pub(crate) source_recorded_at: Option<String>,
    pub(crate) context: EventContext,
    pub(crate) facts: String,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) salt: Salt,
    pub(crate) envelope: EnvelopeText,
    pub(crate) facts_commitment: Hash,
    pub(crate) sealed_hash: Hash,
}

/// Random bytes from the system, asked for by the page: one call for many events.
#[derive(Debug, Default)]
pub(crate) struct Salts(Mutex<Zeroizing<Vec<u8>>>);

impl Salts {
    const PAGE: usize = 4_096;

    /// 32 bytes that were never given before.
    fn next(&self) -> Result<Salt, AppendError> {
        let mut rest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut salt = [0; 32];
        if rest.len() < salt.len() {
            rest.resize(Self::PAGE, 0);
            if getrandom::fill(&mut rest).is_err() {
                rest.clear();
                return Err(AppendError::NoRandomness);
            }
        }
        let keep = rest.len() - salt.len();
        let (_, taken) = rest.split_at_mut(keep);
        salt.copy_from_slice(taken);
        taken.fill(0);
        rest.truncate(keep);
        Ok(salt)
    }
}

/// Prepares commands of one ledger.
#[derive(Clone, Debug)]
pub(crate) struct Preparer {
    pub(crate) ledger: LedgerId,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) tokens: Tokens,
    pub(crate) requests: Arc<MacParts>,
    pub(crate) salts: Arc<Salts>,
    pub(crate) reader: Reader,
    /// What was sealed up to this position may have lost its key.
    pub(crate) lost_up_to: Arc<AtomicU64>,
    /// The key for MACs of batches, once the ledger has one.
    pub(crate) batches: Arc<OnceLock<BatchKey>>,
    /// From which position on batches have to carry MACs; the greatest number where none has to.
    pub(crate) macs_from: Arc<AtomicU64>,
}

impl Preparer {
    /// Checks a command, seals its fields and writes all texts that do not depend on the head.
    pub(crate) async fn prepare(&self, command: Command, skip_known: bool) -> Result<Draft, AppendError> {
        let Command { command_id, appends } = command;
        check_size(command_id, &appends)?;
        check_ids(&appends)?;
        let subject_keys = self.subject_keys(command_id, &appends).await?;
        let row = |append: &StreamAppend| {
            let stream = append.stream;
            append
                .identifiers
                .iter()
                .map(move |identifier| self.tokens.row(stream, identifier))
                .collect::<Vec<_>>()
        };
        let identifiers = appends.iter().flat_map(row).collect();
        let mut prepared = Vec::with_capacity(appends.len());
        let mut messages = Messages::with_room(appends.iter().map(draft::room).sum());
        for append in appends {
            prepared.push(self.prepare_append(command_id, append, &subject_keys, &mut messages)?);
        }
        // The draft's hashing fills this in, and what the events leave open.
        let request_hash = [0; 32];
        let prepared = Prepared { command_id, request_hash, appends: prepared, identifiers, skip_known };
        Ok(Draft::new(prepared, messages, Arc::clone(&self.requests)))
    }

    /// One key for each stream that has something to seal; durable before it is used.
    async fn subject_keys(
        &self,
        command_id: CommandId,
        appends: &[StreamAppend],
    ) -> Result<BTreeMap<StreamId, (KeyId, SecretKey)>, AppendError> {
        let seals = |append: &&StreamAppend| append.events.iter().any(|event| !event.sealed.is_empty());
        let mut streams: Vec<StreamId> = appends.iter().filter(seals).map(|append| append.stream).collect();
        streams.sort_unstable();
        streams.dedup();
        let ids: Vec<KeyId> =
            streams.iter().map(|stream| KeyId::new(self.ledger, KeyPurpose::Subject(*stream))).collect();
        let cached: Option<Vec<SecretKey>> = ids.iter().map(|id| self.keys.cached(*id)).collect();
        let keys = match cached {
            Some(keys) => keys,
            None => self.obtain(command_id, &streams, ids.clone()).await?,
        };
        Ok(streams.into_iter().zip(ids.into_iter().zip(keys)).collect())
    }

    /// The keys of these streams. Whoever has something sealed has a key, which is found and never made: another one
    /// under the same id would open nothing of it.
    async fn obtain(
        &self,
        command_id: CommandId,
        streams: &[StreamId],
        ids: Vec<KeyId>,
    ) -> Result<Vec<SecretKey>, AppendError> {
        let in_store = |source| AppendError::Key { command_id, source };
        let (store, wanted) = (Arc::clone(&self.keys), ids.clone());
        let found = tokio::task::spawn_blocking(move || store.find_all(&wanted)).await;
        let found = found.map_err(|_| AppendError::Closed)?.map_err(in_store)?;
        let missing = streams.iter().zip(&found).filter(|(_, key)| key.is_none());
        let missing: Vec<StreamId> = missing.map(|(stream, _)| *stream).collect();
        if missing.is_empty() {
            return Ok(found.into_iter().flatten().collect());
        }
        let lost_up_to = Position(self.lost_up_to.load(Ordering::Relaxed));
        let sealed = self.reader.any_with_sealed(&missing, lost_up_to).await;
        if let Some(subject) = sealed.map_err(|source| AppendError::Read { command_id, source })? {
            return Err(in_store(KeyFault::Lost { subject, place: self.keys.place() }));
        }
        let store = Arc::clone(&self.keys);
        let obtained = tokio::task::spawn_blocking(move || store.obtain(&ids)).await;
        obtained.map_err(|_| AppendError::Closed)?.map_err(in_store)
    }

    fn prepare_append(
        &self,
        command_id: CommandId,
        append: StreamAppend,
        keys: &BTreeMap<StreamId, (KeyId, SecretKey)>,
        messages: &mut Messages,
    ) -> Result<PreparedAppend, AppendError> {
        let StreamAppend { stream, category, expected, events, .. } = append;
        let key = keys.get(&stream);
        let prepare = |event| self.prepare_event(command_id, (stream, category), key, event, messages);
        let events = events.into_iter().map(prepare).collect::<Result<_, _>>()?;
        Ok(PreparedAppend { stream, category, expected, events })
    }

    fn prepare_event(
        &self,
        command_id: CommandId,
        (stream, category): (StreamId, Category),
        key: Option<&(KeyId, SecretKey)>,
        event: NewEvent,
        messages: &mut Messages,
    ) -> Result<PreparedEvent, AppendError> {
        draft::add_request(messages, &event);
        let NewEvent { event_id, occurred, kind, schema_version, facts, sealed, context } = event;
        let not_canonical = |source| AppendError::NotCanonical { event_id, source };
        canonical::check(&facts).map_err(not_canonical)?;
        let occurred = occurred.to_string();
        let source_recorded_at = context.source_recorded_at.map(|time| time.to_string());
        let envelope = Envelope {
            stream,
            category,
            event_id,
            command_id,
            kind: &kind,
            schema_version,
            occurred: &occurred,
            source_recorded_at: source_recorded_at.as_deref(),
            context: &context,
        };
        let envelope = envelope.text().map_err(not_canonical)?;
        let place = Place { ledger: self.ledger, stream, event_id, kind: &kind, schema_version };
        let sealed = match key {
            Some((id, key)) if !sealed.is_empty() => Some(
                sealing::seal(&place, &[(*id, key, &sealed)])
                    .map_err(|source| AppendError::Seal { event_id, source })?,
            ),
            Some(_) | None => None,
        };
        let salt = self.salts.next()?;
        draft::add_facts(messages, &salt, &facts, sealed.as_deref());
        Ok(PreparedEvent {
            facts_commitment: [0; 32],
            sealed_hash: leaf::hash_sealed(None),
            event_id,
            kind,
            schema_version,
            occurred,
            source_recorded_at,
            context,
            facts,
            sealed,
            salt,
            envelope,
        })
    }
}

fn check_size(command_id: CommandId, appends: &[StreamAppend]) -> Result<(), AppendError> {
    if appends.is_empty() || appends.iter().any(|append| append.events.is_empty()) {
        return Err(AppendError::Empty { command_id });
    }
    for event in appends.iter().flat_map(|append| &append.events) {
        let sealed: usize = event.sealed.0.iter().map(|(name, text)| name.len() + text.len()).sum();
        let bytes = event.facts.len() + sealed;
        if bytes > MAX_EVENT_BYTES {
            return Err(AppendError::EventTooLarge { event_id: event.event_id, bytes });
        }
        let row = event.context.import.as_ref().map_or(0, |import| import.row);
        if i16::try_from(event.schema_version).is_err() || i32::try_from(row).is_err() {
            return Err(AppendError::OutOfRange { event_id: event.event_id });
        }
    }
    Ok(())
}

fn check_ids(appends: &[StreamAppend]) -> Result<(), AppendError> {
    let mut seen = HashSet::new();
    let mut events = appends.iter().flat_map(|append| &append.events);
    match events.find(|event| !seen.insert(event.event_id)) {
        Some(twice) => Err(AppendError::EventIdReused { event_id: twice.event_id }),
        None => Ok(()),
    }
}
