//! The erasure fence: a key that the ledger says was destroyed is not used again, whatever a backup brought back.

use domain::ids::StreamId;
use thiserror::Error;

use super::{KeyFault, KeyId};
use crate::ledger::{Ledger, on_blocking_thread};
use crate::officers::CustodyFault;

/// A destroyed key that was there, or whose tombstone was not: a key store was restored, or a destruction was
/// interrupted. It is destroyed again.
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
    #[error("destroying again what the ledger says was destroyed")]
    Key {
        /// Why.
        #[from]
        source: KeyFault,
    },
}

impl Ledger {
    /// Checks every destroyed key of the ledger against the key store and destroys again what is back; gives those.
    /// Opening a ledger does this first.
    ///
    /// # Errors
    /// [`FenceFault`].
    pub async fn enforce_destroyed_keys(&self) -> Result<Vec<ReturnedKey>, FenceFault> {
        let destroyed: Vec<(KeyId, StreamId)> = self.custody().await?.destroyed_keys().collect();
        let keys = self.keys();
        let work = move || {
            let mut back = Vec::new();
            for (key, subject) in destroyed {
                if !keys.is_gone(key)? {
                    keys.destroy(key)?;
                    back.push(ReturnedKey { key, subject });
                }
            }
            Ok::<_, KeyFault>(back)
        };
        let back = on_blocking_thread(work).await?;
        for ReturnedKey { key, subject } in &back {
            tracing::warn!(%key, %subject, "a destroyed key was in the key store; it is destroyed again");
        }
        Ok(back)
    }
}
