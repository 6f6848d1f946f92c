//! The MAC of a batch: that this ledger's programs wrote it, and nobody who only has the database.
//!
//! Whoever can write rows can also compute leaf hashes, roots and subtrees; the key is in the key store, which is elsewhere.
//! The MAC covers the head as it stands and the commands of the batch, whose rows no leaf holds.

use chrono::{DateTime, Utc};
use domain::ids::LedgerId;
use uuid::Uuid;

use crate::hash::{Hash, Mac256};
use crate::keys::SecretKey;

/// The key for batches of one ledger.
#[derive(Clone, Debug)]
pub(crate) struct BatchKey {
    ledger: LedgerId,
    key: SecretKey,
}

/// What a head says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadOfBatch {
    pub(crate) epoch: i32,
    /// Size of the log before the batch.
    pub(crate) base: u64,
    /// Size of the log after it.
    pub(crate) size: u64,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) root: Hash,
}

/// A row of `commands`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandOfBatch<'a> {
    pub(crate) id: Uuid,
    pub(crate) first_position: i64,
    pub(crate) event_count: i32,
    pub(crate) request_hash: &'a [u8],
}

impl BatchKey {
    pub(crate) fn new(ledger: LedgerId, key: SecretKey) -> Self {
        Self { ledger, key }
    }

    /// The MAC of a batch with its commands in the order of their first positions.
    pub(crate) fn mac<'a>(
        &self,
        head: &HeadOfBatch,
        commands: impl IntoIterator<Item = CommandOfBatch<'a>>,
    ) -> Hash {
        let mut mac = Mac256::new(self.key.bytes(), b"CL1BATCH");
        mac.bytes(self.ledger.0.as_bytes());
        mac.bytes(&head.epoch.to_be_bytes());
        mac.bytes(&head.base.to_be_bytes());
        mac.bytes(&head.size.to_be_bytes());
        mac.bytes(&head.recorded_at.timestamp_micros().to_be_bytes());
        mac.bytes(&head.root);
        for command in commands {
            mac.bytes(command.id.as_bytes());
            mac.bytes(&command.first_position.to_be_bytes());
            mac.bytes(&command.event_count.to_be_bytes());
            mac.bytes(command.request_hash);
        }
        mac.finish()
    }
}
