//! Ids that an import makes: the same for the same parts, unguessable without the ledger's key.
//!
//! `docs/ledger-format.md` section 7 gives the bytes.

use chrono::{NaiveDate, NaiveTime};
use domain::ids::{CommandId, EntityId, EventId, KeyedIds, StreamId};
use uuid::Uuid;

use crate::hash::{Hash, Mac256};
use crate::keys::SecretKey;

/// Keyed ids of one ledger.
#[derive(Clone, Debug)]
pub struct LedgerIds {
    key: SecretKey,
}

impl LedgerIds {
    /// Ids under the ledger's key for this purpose.
    pub fn new(key: SecretKey) -> Self {
        Self { key }
    }

    fn mac(&self, label: &[u8; 8], parts: &[&str]) -> Hash {
        let mut mac = Mac256::new(self.key.bytes(), label);
        parts.iter().for_each(|part| mac.part(part.as_bytes()));
        mac.finish()
    }

    fn random_like(&self, label: &[u8; 8], parts: &[&str]) -> Uuid {
        let mac = self.mac(label, parts);
        let (first, _) = mac.split_first_chunk::<16>().expect("32 bytes hold 16");
        uuid::Builder::from_random_bytes(*first).into_uuid()
    }

    fn time_ordered(&self, label: &[u8; 8], on: NaiveDate, parts: &[&str]) -> Uuid {
        let mac = self.mac(label, parts);
        let (first, _) = mac.split_first_chunk::<10>().expect("32 bytes hold 10");
        let midnight = on.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        // A day before 1970 has no place in a version 7 id; it sorts first.
        let millis = u64::try_from(midnight).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, first).into_uuid()
    }
}

impl KeyedIds for LedgerIds {
    fn stream(&self, parts: &[&str]) -> StreamId {
        StreamId(self.random_like(b"CL1IDSTR", parts))
    }

    fn entity(&self, parts: &[&str]) -> EntityId {
        EntityId(self.random_like(b"CL1IDPRC", parts))
    }

    fn event(&self, on: NaiveDate, parts: &[&str]) -> EventId {
        EventId(self.time_ordered(b"CL1IDEVT", on, parts))
    }

    fn command(&self, on: NaiveDate, parts: &[&str]) -> CommandId {
        CommandId(self.time_ordered(b"CL1IDCMD", on, parts))
    }
}
