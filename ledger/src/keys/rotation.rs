//! A new master key: every key is wrapped anew, no event changes.
//!
//! Invariant: at every moment each key is whole under the old or the new master key, and both are readable until
//! the last key is under the new one. So a crash at any point loses nothing, and doing it again goes on.

use super::directory::DirectoryKeys;
use super::files::{read_secret, replace_and_wipe, swap_in};
use super::master::{MasterKey, wrapped_ids};
use super::{KeyFault, KeyId};

impl DirectoryKeys {
    /// The master key that is to follow: made, or the one that an interrupted rotation left. It is noted in the ledger
    /// before anything is wrapped with it, so that at every moment the store has a key that is noted.
    ///
    /// # Errors
    /// [`KeyFault::MasterElsewhere`] for a master key from outside the folder, else what stopped it.
    pub(crate) fn next_master_key(&self) -> Result<MasterKey, KeyFault> {
        if !self.has_own_master() {
            return Err(KeyFault::MasterElsewhere);
        }
        let lock = self.lock()?;
        self.sweep(&lock)?;
        let next = MasterKey::load_or_create(&self.next_master())?;
        self.reload_masters()?;
        Ok(next)
    }

    /// Wraps every key with the master key that follows, and destroys the old one; gives how many keys were wrapped.
    /// One that was interrupted is finished. Other processes go on reading and making keys meanwhile.
    ///
    /// # Errors
    /// [`KeyFault`]: what stopped it.
    pub(crate) fn rotate_master_to(&self, next: &MasterKey) -> Result<usize, KeyFault> {
        let lock = self.lock()?;
        self.sweep(&lock)?;
        self.reload_masters()?;
        let held: Vec<[u8; 16]> = self.masters().iter().map(|master| *master.id()).collect();
        match held.as_slice() {
            // Another process finished it.
            [only] if only == next.id() => return Ok(0),
            [_, last] if last == next.id() => {}
            _ => {
                let reason = "another master key is being introduced; run the command again";
                return Err(KeyFault::Damaged { path: self.next_master(), reason });
            }
        }
        let wrapped = self.wrap_all(next)?;
        swap_in(&self.next_master(), &self.root.join("master.key"))?;
        self.reload_masters()?;
        Ok(wrapped)
    }

    /// Both steps at once, for a store that no ledger notes.
    #[cfg(test)]
    pub(crate) fn rotate_master(&self) -> Result<usize, KeyFault> {
        self.rotate_master_to(&self.next_master_key()?)
    }

    /// Wraps with the new master key whatever is not yet wrapped with it.
    pub(super) fn wrap_all(&self, next: &MasterKey) -> Result<usize, KeyFault> {
        let anew = |path: &std::path::Path, id: KeyId, bytes: &[u8]| {
            if wrapped_ids(bytes).is_some_and(|ids| ids.1 == *next.id()) {
                return Ok(None);
            }
            next.wrap(id, &self.unwrap(id, path, bytes)?).map(Some)
        };
        let mut changed = self.packs().wrap_anew(anew)?;
        for path in self.single_files()? {
            let Some(bytes) = read_secret(&path)? else { continue };
            let damaged = KeyFault::Damaged { path: path.clone(), reason: "not a wrapped key" };
            let (id, _) = wrapped_ids(&bytes).ok_or(damaged)?;
            if let Some(wrapped) = anew(&path, id, &bytes)? {
                replace_and_wipe(&path, &wrapped)?;
                changed += 1;
            }
        }
        Ok(changed)
    }
}

/// What a crash leaves that comes before the new master key takes the old one's place: the new key's file, and so
/// many single keys wrapped with it.
#[cfg(test)]
pub(crate) fn interrupt(keys: &DirectoryKeys, wrapped: usize) -> Result<(), KeyFault> {
    let next = MasterKey::load_or_create(&keys.next_master())?;
    for path in keys.single_files()?.into_iter().take(wrapped) {
        let Some(bytes) = read_secret(&path)? else { continue };
        let Some((id, _)) = wrapped_ids(&bytes) else { continue };
        replace_and_wipe(&path, &next.wrap(id, &keys.unwrap(id, &path, &bytes)?)?)?;
    }
    Ok(())
}
