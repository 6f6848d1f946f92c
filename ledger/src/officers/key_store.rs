//! What the system stream says of the key store.

use domain::events::custody::KeyStoreNoted;
use domain::events::record_keeping::LedgerOpened;
use domain::ids::Position;

use super::custody::IrregularCause;
use crate::keys::Fingerprint;

/// What the ledger says of its key store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedStore {
    /// Every fingerprint that was noted, the newest last; empty in a ledger of before.
    pub fingerprints: Vec<Fingerprint>,
    /// Where the newest note stands.
    pub position: Position,
    /// How many packs were made by then.
    pub packs: u64,
    /// What was sealed up to this position may have lost its key, by a deliberate adoption; 0 where nothing may.
    pub lost_up_to: Position,
    /// From which position on batches carry MACs, in a ledger that was begun without them.
    pub macs_from: Option<Position>,
}

impl Default for NotedStore {
    fn default() -> Self {
        Self {
            fingerprints: Vec::new(),
            position: Position(0),
            packs: 0,
            lost_up_to: Position(0),
            macs_from: None,
        }
    }
}

impl NotedStore {
    /// The store that the ledger has now; `None` in a ledger of before.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprints.last().copied()
    }

    pub(super) fn opened(&mut self, at: Position, facts: &LedgerOpened) -> Result<(), IrregularCause> {
        match &facts.key_store {
            Some(fingerprint) => self.note(at, fingerprint, 0),
            None => Ok(()),
        }
    }

    pub(super) fn noted(&mut self, at: Position, facts: &KeyStoreNoted) -> Result<(), IrregularCause> {
        self.note(at, &facts.fingerprint, facts.packs)?;
        if facts.batch_macs == Some(true) {
            self.macs_from.get_or_insert(at);
        }
        self.lost_up_to = self.lost_up_to.max(Position(facts.lost_up_to.unwrap_or(0)));
        Ok(())
    }

    fn note(&mut self, at: Position, fingerprint: &str, packs: u64) -> Result<(), IrregularCause> {
        let fingerprint = fingerprint.parse().map_err(|()| IrregularCause::Fingerprint)?;
        self.fingerprints.retain(|held| *held != fingerprint);
        self.fingerprints.push(fingerprint);
        (self.position, self.packs) = (at, packs);
        Ok(())
    }
}
