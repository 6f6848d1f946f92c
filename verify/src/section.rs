//! A stretch of consecutive positions: every row of it rebuilt and hashed. Sections are independent of each other, so
//! that several can be worked on at once; what goes across their edges is [`crate::audit`]'s.

use std::collections::HashMap;

use crate::finding::{Findings, Kind};
use crate::hash::Hash;
use crate::lanes::{self, Messages, SAMPLE};
use crate::leaf::{self, Leaf};
use crate::row::{Id, Row};
use crate::{canonical, sealed};

/// Rows that are hashed in one go.
const BATCH: usize = 512;

/// What later steps need of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) position: u64,
    /// Absent in a file that does not say it, as of a disposed event.
    pub(crate) recorded_at: Option<i64>,
    /// Stream, revision and command; absent in a file that does not say them, as of a disposed event.
    pub(crate) place: Option<(Id, i32, Id)>,
    pub(crate) leaf_hash: Hash,
    pub(crate) disposed: bool,
}

/// An event of the system stream category, which may say something about keys, officers or disposals.
#[derive(Clone, Debug)]
pub(crate) struct SystemEvent {
    pub(crate) position: u64,
    pub(crate) stream: Id,
    pub(crate) event_id: Id,
    pub(crate) kind: String,
    pub(crate) facts: Vec<u8>,
}

/// What was read of a stretch of positions.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its first position.
    pub(crate) first: u64,
    /// Its last position, whether or not there is a row.
    pub(crate) last: u64,
    /// The rows that are there, in order, each position once.
    pub(crate) rows: Vec<Seen>,
    pub(crate) system: Vec<SystemEvent>,
    /// The first position of each kind of event, where the rows say their kind.
    pub(crate) kinds: HashMap<Vec<u8>, u64>,
    pub(crate) findings: Findings,
    /// Rows that were read and stand at no new position.
    pub(crate) repeated: u64,
    expected: u64,
}

impl Section {
    /// A section of positions `first` to `last`, both inclusive, of which nothing has been read.
    pub(crate) fn new(first: u64, last: u64, examples: usize) -> Self {
        let room = usize::try_from(last.saturating_sub(first) + 1).unwrap_or(0).min(1 << 14);
        let (rows, system, findings) = (Vec::with_capacity(room), Vec::new(), Findings::new(examples));
        Self { first, last, rows, system, kinds: HashMap::new(), findings, repeated: 0, expected: first }
    }

    /// Whether each position has its row.
    pub(crate) fn is_whole(&self) -> bool {
        u64::try_from(self.rows.len()) == Ok(self.last + 1 - self.first)
    }

    /// The next row's position, if it is the expected one or a later one; holes before it are told.
    pub(crate) fn place(&mut self, position: i64, stream: Option<&Id>) -> Option<u64> {
        let at = u64::try_from(position).unwrap_or(0);
        if at < self.expected || at > self.last {
            let detail = format!("a further row stands at position {position}");
            self.findings.at(Kind::Extra, at, stream, detail);
            self.repeated += 1;
            return None;
        }
        self.hole_before(at);
        self.expected = at + 1;
        Some(at)
    }

    /// Ends the section: what is missing at its end is told.
    pub(crate) fn close(&mut self) {
        self.hole_before(self.last + 1);
        self.expected = self.last + 1;
    }

    fn hole_before(&mut self, position: u64) {
        if position > self.expected {
            let (first, last) = (self.expected, position - 1);
            self.findings.between(Kind::Missing, first, last, position - first, "no row is there");
        }
    }
}

/// The code of the category of streams that hold the ledger's own keeping.
const SYSTEM: i16 = 7;

/// Reads the stored rows of a section in order.
#[derive(Debug)]
pub(crate) struct SectionReader {
    section: Section,
    /// Index in `section.rows` of each row that waits to be hashed.
    batch: Vec<usize>,
    leaves: Vec<Leaf>,
    has_sealed: Vec<bool>,
    envelopes: Messages,
    facts: Messages,
    containers: Messages,
}

impl SectionReader {
    /// A reader of positions `first` to `last`, both inclusive.
    pub(crate) fn new(first: u64, last: u64, examples: usize) -> Self {
        Self {
            section: Section::new(first, last, examples),
            batch: Vec::with_capacity(BATCH),
            leaves: Vec::with_capacity(BATCH),
            has_sealed: Vec::with_capacity(BATCH),
            envelopes: Messages::default(),
            facts: Messages::default(),
            containers: Messages::default(),
        }
    }

    /// Takes the next row by position.
    pub(crate) fn row(&mut self, row: &Row<'_>) {
        let Some(position) = self.section.place(row.position, Some(&row.stream)) else { return };
        let findings = &mut self.section.findings;
        let Ok(leaf_hash) = Hash::try_from(row.leaf_hash) else {
            findings.at(Kind::RowChanged, position, Some(&row.stream), "the leaf hash is not 32 bytes");
            return self.keep(row, position, [0; 32], false);
        };
        match (row.facts, row.salt) {
            (None, None) if row.sealed.is_none() => self.keep(row, position, leaf_hash, true),
            (Some(facts), Some(salt)) if salt.len() == 32 => {
                self.keep(row, position, leaf_hash, false);
                self.look(row, position, facts);
                self.queue(row, facts, salt);
            }
            _ => {
                let detail = "salt, facts and sealed are neither whole nor all empty";
                findings.at(Kind::RowChanged, position, Some(&row.stream), detail);
                self.keep(row, position, leaf_hash, false);
            }
        }
    }

    fn keep(&mut self, row: &Row<'_>, position: u64, leaf_hash: Hash, disposed: bool) {
        let (recorded_at, place) = (Some(row.recorded_at), Some((row.stream, row.revision, row.command_id)));
        if !self.section.kinds.contains_key(row.kind) {
            self.section.kinds.insert(row.kind.to_vec(), position);
        }
        self.section.rows.push(Seen { position, recorded_at, place, leaf_hash, disposed });
    }

    /// What can be seen without hashing.
    fn look(&mut self, row: &Row<'_>, position: u64, facts: &[u8]) {
        let findings = &mut self.section.findings;
        let mut changed = |detail: String| findings.at(Kind::RowChanged, position, Some(&row.stream), detail);
        if row.leaf_format != leaf::LEAF_FORMAT {
            changed(format!("leaf format {} is not known", row.leaf_format));
        }
        if let Err(fault) = canonical::check(facts) {
            changed(format!("facts: {fault}"));
        }
        if row.sealed.is_some_and(|container| sealed::box_roots(container).is_none()) {
            changed("the sealed container is none of version 1".to_owned());
        }
        if row.category == SYSTEM {
            let kind = String::from_utf8_lossy(row.kind).into_owned();
            let (stream, event_id) = (row.stream, row.event_id);
            self.section.system.push(SystemEvent { position, stream, event_id, kind, facts: facts.to_vec() });
        }
    }

    fn queue(&mut self, row: &Row<'_>, facts: &[u8], salt: &[u8]) {
        let (hides_envelope, hides_facts) = salt.split_at(16);
        self.envelopes.push(|out| {
            out.extend_from_slice(leaf::ENVELOPE);
            out.extend_from_slice(hides_envelope);
            row.push_envelope(out);
        });
        self.facts.push(|out| {
            [leaf::FACTS, hides_facts, facts].iter().for_each(|part| out.extend_from_slice(part))
        });
        if let Some(container) = row.sealed {
            self.containers
                .push(|out| [leaf::SEALED, container].iter().for_each(|part| out.extend_from_slice(part)));
        }
        self.has_sealed.push(row.sealed.is_some());
        self.batch.push(self.section.rows.len() - 1);
        let (leaf_format, recorded_at) = (row.leaf_format, row.recorded_at);
        let unknown = leaf::NOTHING_SEALED;
        self.leaves.push(Leaf {
            leaf_format,
            recorded_at,
            envelope_commitment: unknown,
            facts_commitment: unknown,
            sealed_hash: unknown,
        });
        if self.batch.len() == BATCH {
            self.hash_batch();
        }
    }

    fn hash_batch(&mut self) {
        let (envelopes, facts) = (self.envelopes.hashes(), self.facts.hashes());
        let mut containers = self.containers.hashes().into_iter();
        let mut hashed = Messages::default();
        let parts = self.leaves.iter_mut().zip(envelopes).zip(facts).zip(&self.has_sealed);
        for (((leaf, envelope), facts), has_sealed) in parts {
            (leaf.envelope_commitment, leaf.facts_commitment) = (envelope, facts);
            if let Some(container) = has_sealed.then(|| containers.next()).flatten() {
                leaf.sealed_hash = container;
            }
            hashed.push(|out| leaf.push_hashed(out));
        }
        for (number, hash) in hashed.hashes().into_iter().enumerate() {
            self.compare(number, hash);
        }
        self.batch.clear();
        self.leaves.clear();
        self.has_sealed.clear();
        [&mut self.envelopes, &mut self.facts, &mut self.containers].into_iter().for_each(Messages::clear);
    }

    fn compare(&mut self, number: usize, hash: Hash) {
        let Some(seen) = self.batch.get(number).and_then(|index| self.section.rows.get(*index)) else {
            return;
        };
        let (position, place, stored) = (seen.position, seen.place, seen.leaf_hash);
        let agrees = hash == stored;
        if agrees && !position.is_multiple_of(SAMPLE) {
            return;
        }
        if self.hash_again(number) != stored {
            let detail = "what is stored does not lead to the stored leaf hash";
            let stream = place.map(|(stream, _, _)| stream);
            self.section.findings.at(Kind::RowChanged, position, stream.as_ref(), detail);
        }
    }

    /// The leaf hash by the other implementation of SHA-256.
    fn hash_again(&self, number: usize) -> Hash {
        let nth = |messages: &Messages, number| {
            messages.iter().nth(number).map_or([0; 32], |bytes| crate::hash::sha256(&[bytes]))
        };
        let sealed_before = self.has_sealed.iter().take(number).filter(|sealed| **sealed).count();
        let has_sealed = self.has_sealed.get(number).copied().unwrap_or(false);
        self.leaves.get(number).map_or([0; 32], |leaf| {
            let envelope_commitment = nth(&self.envelopes, number);
            let facts_commitment = nth(&self.facts, number);
            let sealed_hash =
                if has_sealed { nth(&self.containers, sealed_before) } else { leaf::NOTHING_SEALED };
            Leaf { envelope_commitment, facts_commitment, sealed_hash, ..*leaf }.hash()
        })
    }

    /// Ends the section.
    pub(crate) fn finish(mut self) -> Section {
        self.hash_batch();
        self.section.close();
        self.section
    }
}

/// The levels of the tree over the rows' leaf hashes, leaves first; a level holds complete subtrees only.
pub(crate) fn levels(section: &Section) -> Vec<Vec<Hash>> {
    let mut level: Vec<Hash> = section.rows.iter().map(|row| row.leaf_hash).collect();
    let mut levels = Vec::new();
    while level.len() > 1 {
        let above = lanes::parents(&level);
        levels.push(std::mem::replace(&mut level, above));
    }
    levels.push(level);
    levels
}
