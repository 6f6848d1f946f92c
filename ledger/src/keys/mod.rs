//! Keys of data subjects and of the ledger itself, kept outside the database.
//!
//! A key is durable before its first use, and two processes that need the same key at the same time get
//! the same bytes: its id follows from whom it is for. No key is ever printed.

mod directory;
mod fence;
pub(crate) mod files;
mod identity;
mod inspection;
mod master;
mod pack;
pub(crate) mod rotation;

pub use directory::DirectoryKeys;
pub use fence::{FenceFault, ReturnedKey};
pub use identity::{Fingerprint, StoreNote, StoreState};
pub use master::MasterKey;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use domain::ids::{LedgerId, StreamId};
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::hash::{hex, sha256};

/// 32 secret bytes, wiped from memory with the last copy.
#[derive(Clone)]
pub struct SecretKey(Arc<Zeroizing<[u8; 32]>>);

impl SecretKey {
    /// A key of given bytes.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(bytes))
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`KeyFault::NoRandomness`] where the system gives none.
    pub fn random() -> Result<Self, KeyFault> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyFault::NoRandomness)?;
        Ok(Self::from_bytes(bytes))
    }

    /// Its bytes, for whoever checks what was made with it.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// What is sealed for the subject of a stream.
    Subject(StreamId),
    /// The index of identifiers.
    Identifiers,
    /// Ids made by imports.
    Ids,
    /// Hashes of requests.
    Requests,
    /// MACs of batches.
    Batches,
}

impl KeyPurpose {
    /// What every ledger has keys of its own for. One for [`Self::Batches`] is in each ledger that a program has written to
    /// that makes MACs.
    pub const OWN: [Self; 3] = [Self::Identifiers, Self::Ids, Self::Requests];
}

/// Name of a key; it follows from ledger, purpose and subject, and is no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// The id of the key for a purpose, generation 1.
    pub fn new(ledger: LedgerId, purpose: KeyPurpose) -> Self {
        let (code, subject): (u8, Uuid) = match purpose {
            KeyPurpose::Subject(stream) => (1, stream.0),
            KeyPurpose::Identifiers => (2, ledger.0),
            KeyPurpose::Ids => (3, ledger.0),
            KeyPurpose::Requests => (4, ledger.0),
            KeyPurpose::Batches => (5, ledger.0),
        };
        let generation = 1_u32.to_be_bytes();
        let hash = sha256(&[b"CL1KEYID", ledger.0.as_bytes(), &[code], subject.as_bytes(), &generation]);
        let mut id = [0; 16];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Where keys are kept. Calls may block on a disk or a network: from async code, go through a blocking thread.
pub trait KeyStore: fmt::Debug + Send + Sync + 'static {
    /// The key with this id; `None` where none was ever made.
    ///
    /// # Errors
    /// [`KeyFault::Destroyed`] where it is gone for good, else what stopped the reading.
    fn find(&self, id: KeyId) -> Result<Option<SecretKey>, KeyFault>;

    /// The keys with these ids, in that order; missing ones are made and are durable on return.
    ///
    /// # Errors
    /// [`KeyFault::Destroyed`] where one is gone for good (it is not made anew), else what stopped it.
    fn obtain(&self, ids: &[KeyId]) -> Result<Vec<SecretKey>, KeyFault>;

    /// Destroys a key for good and leaves a tombstone, so that it is never made anew. Doing it twice is no error.
    ///
    /// # Errors
    /// What stopped it; the key may then still be there.
    fn destroy(&self, id: KeyId) -> Result<(), KeyFault>;

    /// Whether a destroyed key is gone for good: its tombstone stands, and no copy of the key lies beside it.
    ///
    /// # Errors
    /// What stopped the reading.
    fn is_gone(&self, id: KeyId) -> Result<bool, KeyFault> {
        match self.find(id) {
            Err(KeyFault::Destroyed { .. }) => Ok(true),
            Ok(_) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// The key where this process already holds it in memory; never blocks.
    fn cached(&self, id: KeyId) -> Option<SecretKey>;

    /// [`Self::find`] for many keys, in their order.
    ///
    /// # Errors
    /// As for [`Self::find`].
    fn find_all(&self, ids: &[KeyId]) -> Result<Vec<Option<SecretKey>>, KeyFault> {
        ids.iter().map(|id| self.find(*id)).collect()
    }

    /// Where it is, for messages.
    fn place(&self) -> String;

    /// What tells it from others, and whether it is whole. Changes nothing.
    ///
    /// # Errors
    /// What stopped the reading.
    fn state(&self, ledger: LedgerId) -> Result<StoreState, KeyFault>;

    /// How many packs were made in it, as far as this process has looked; never blocks.
    fn packs_made(&self) -> u64;

    /// Wipes what crashes left, and gives what that was.
    ///
    /// # Errors
    /// What stopped it.
    fn tidy(&self) -> Result<Vec<PathBuf>, KeyFault>;

    /// Gives up every pack that is missing, of the first `packs`: from here on they count as empty.
    ///
    /// # Errors
    /// What stopped it.
    fn give_up_missing(&self, packs: u64) -> Result<(), KeyFault>;

    /// Every place in it that holds one of these keys in any form, also where [`Self::find`] would not look.
    ///
    /// # Errors
    /// What stopped the search.
    fn copies_of(&self, ids: &BTreeSet<KeyId>) -> Result<Vec<(KeyId, PathBuf)>, KeyFault>;
}

/// What can go wrong with keys. Says ids and places, never key bytes.
#[derive(Debug, Error)]
pub enum KeyFault {
    /// The key was destroyed; what it sealed is unreadable for ever.
    #[error("key {id} was destroyed")]
    Destroyed {
        /// The key.
        id: KeyId,
    },
    /// What belongs to the store is not there. It is never made anew.
    #[error(
        "{path} is missing. The keys of a ledger are never made anew: put them back from their backup, or name the \
         right place with --data and --ledger",
        path = path.display()
    )]
    Missing {
        /// The file or folder.
        path: PathBuf,
    },
    /// The store has no keys of this ledger.
    #[error(
        "the key store {place} holds no keys of ledger {ledger}. The keys of a ledger are never made anew: put its own key \
         store there, or name the right place with --data and --ledger"
    )]
    OfAnother {
        /// The store.
        place: String,
        /// The ledger.
        ledger: LedgerId,
    },
    /// Something is sealed for a subject whose key is not in the store.
    #[error(
        "text is sealed for stream {subject}, and its key is not in the key store {place}. No other key is made for it: \
         put the key store back from its backup, or, where there is none, `caseledger keys adopt` goes on without it"
    )]
    Lost {
        /// Whose key it was.
        subject: StreamId,
        /// The store.
        place: String,
    },
    /// The key was lost, and somebody adopted the key store without it: what it sealed is unreadable for ever.
    #[error("the key of stream {subject} was lost, and the ledger goes on without it")]
    GivenUp {
        /// Whose key it was.
        subject: StreamId,
    },
    /// A key file cannot be read or written.
    #[error("key store at {path}: {source}", path = path.display())]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A key file is not in its form, or does not open under this master key.
    #[error("key file {path}: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file of a secret can be read by others.
    #[error("{path} can be read by others than its owner; make it mode 0400", path = path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
    },
    /// The master key is kept elsewhere, and is changed there.
    #[error("the master key is not in the key store's folder; it is changed where it is kept")]
    MasterElsewhere,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}
