//! The erasure fence: a key that the ledger says was destroyed is not used again, whatever a backup brought back.
//!
//! Opening a ledger looks for such keys and keeps them from being used; it changes nothing. They are destroyed again
//! before the first event is written, or by `keys check`.

use domain::ids::StreamId;
use thiserror::Error;

use super::{KeyFault, KeyId};
use crate::ledger::{Ledger, on_blocking_thread};
use crate::officers::{Custody, CustodyFault};

/// A destroyed key that was there, or whose tombstone was not: a key store was restored, or a destruction was
/// interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedKey {
    /// The key.
    pub key: KeyId,
    /// Whose it was.
    pub subject: StreamId,
}

/// Why the destroyed keys could not be checked.
#[derive(Debug, Error)]
pub enum FenceFault {
    /// The system stream cannot be folded.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// The key store cannot be used.
    #[error("looking for keys that the ledger says were destroyed")]
    Key {
        /// Why.
        #[from]
        source: KeyFault,
    },
}

impl Ledger {
    /// The destroyed keys of the ledger that the key store still has, in whichever form. Changes nothing.
    pub(crate) async fn find_destroyed_keys(&self, custody: &Custody) -> Result<Vec<ReturnedKey>, KeyFault> {
        let destroyed: Vec<(KeyId, StreamId)> = custody.destroyed_keys().collect();
        let keys = self.keys();
        let work = move || {
            let mut back = Vec::new();
            for (key, subject) in destroyed {
                if !keys.is_gone(key)? {
                    back.push(ReturnedKey { key, subject });
                }
            }
            Ok(back)
        };
        on_blocking_thread(work).await
    }

    /// Destroys again what the ledger says was destroyed and is back; gives those.
    ///
    /// # Errors
    /// [`FenceFault`].
    pub async fn enforce_destroyed_keys(&self) -> Result<Vec<ReturnedKey>, FenceFault> {
        let back = self.find_destroyed_keys(&self.checked_custody().await?).await?;
        for ReturnedKey { key, subject } in &back {
            tracing::warn!(%key, %subject, "a destroyed key was in the key store; it is destroyed again");
            self.destroy_key(*key).await?;
        }
        Ok(back)
    }

    /// Every file of the key store that holds a destroyed key, wherever in it: none of them can be got back from this
    /// store where there is none.
    ///
    /// # Errors
    /// [`FenceFault`].
    pub async fn copies_of_destroyed_keys(
        &self,
    ) -> Result<Vec<(ReturnedKey, std::path::PathBuf)>, FenceFault> {
        let destroyed: std::collections::BTreeMap<KeyId, StreamId> =
            self.custody().await?.destroyed_keys().collect();
        let keys = self.keys();
        let work = move || {
            let found = keys.copies_of(&destroyed.keys().copied().collect())?;
            let whose = |(key, path): (KeyId, _)| {
                destroyed.get(&key).map(|subject| (ReturnedKey { key, subject: *subject }, path))
            };
            Ok::<_, KeyFault>(found.into_iter().filter_map(whose).collect())
        };
        Ok(on_blocking_thread(work).await?)
    }
}
