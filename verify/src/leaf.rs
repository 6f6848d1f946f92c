//! Commitments and leaf of one event, `docs/ledger-format.md` section 5.

use crate::hash::{Hash, sha256};

/// The one leaf format there is.
pub(crate) const LEAF_FORMAT: i16 = 1;

/// What stands for the hash of a container where nothing is sealed.
pub(crate) const NOTHING_SEALED: Hash = [0; 32];

/// The label of each kind of input.
pub(crate) const ENVELOPE: &[u8] = b"CL1ENVLP";
/// Before the facts.
pub(crate) const FACTS: &[u8] = b"CL1FACTS";
/// Before the sealed container.
pub(crate) const SEALED: &[u8] = b"CL1SEALD";

/// The salted commitment to the envelope bytes; the salt is its half of 16 bytes.
pub(crate) fn commit_envelope(salt: &[u8; 16], envelope: &[u8]) -> Hash {
    sha256(&[ENVELOPE, salt, envelope])
}

/// The salted commitment to the facts; the salt is its half of 16 bytes.
pub(crate) fn commit_facts(salt: &[u8; 16], facts: &[u8]) -> Hash {
    sha256(&[FACTS, salt, facts])
}

/// The hash of the sealed container.
pub(crate) fn hash_sealed(sealed: Option<&[u8]>) -> Hash {
    sealed.map_or(NOTHING_SEALED, |bytes| sha256(&[SEALED, bytes]))
}

/// What a leaf holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) leaf_format: i16,
    pub(crate) recorded_at: i64,
    pub(crate) envelope_commitment: Hash,
    pub(crate) facts_commitment: Hash,
    pub(crate) sealed_hash: Hash,
}

impl Leaf {
    /// Writes what is hashed: the leaf prefix of the tree, then the leaf's 106 bytes.
    pub(crate) fn push_hashed(&self, out: &mut Vec<u8>) {
        out.push(0);
        out.extend_from_slice(&self.leaf_format.to_be_bytes());
        out.extend_from_slice(&self.recorded_at.to_be_bytes());
        for hash in [&self.envelope_commitment, &self.facts_commitment, &self.sealed_hash] {
            out.extend_from_slice(hash);
        }
    }

    /// The leaf's hash in the tree.
    pub(crate) fn hash(&self) -> Hash {
        let mut bytes = Vec::with_capacity(107);
        self.push_hashed(&mut bytes);
        sha256(&[&bytes])
    }
}
