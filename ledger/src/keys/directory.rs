//! Keys in a directory, each wrapped by a master key: one file a key, or a pack of keys that were made together.
//! `docs/ledger-format.md` section 7.
//!
//! A file appears whole or not at all (written aside, fsynced, then linked or renamed). Whoever makes, destroys or
//! wraps keys anew holds the folder's lock, so two processes that need the same key get the same key.
//! Invariant: a key is durable before it is first used, and a destroyed one is never made, found or used again. The
//! folder and its master key are made by [`DirectoryKeys::create`] and by nothing else, and reading changes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::ids::LedgerId;

use super::files::{
    exists, link, make_folder, read_secret, storage, sync_folder, wipe_and_remove, write_aside,
};
use super::master::{MasterKey, wrapped_ids};
use super::pack::{KEYS_PER_PACK, Packed, Packs};
use super::{KeyFault, KeyId, KeyStore, SecretKey, StoreState};
use crate::hash::hex;

/// So many keys that are made together get a file each; more get a pack: two flushes instead of two for each key.
const FEW: usize = 2;

/// How long a key that another process destroyed may still be used from this one's memory.
const LOOK_EVERY: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 20 });

/// A folder of wrapped keys.
pub struct DirectoryKeys {
    pub(super) root: PathBuf,
    master_in_folder: bool,
    /// The one to wrap with stands last; before it one that is being replaced.
    masters: Mutex<Vec<MasterKey>>,
    pub(super) packs: Mutex<Packs>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<KeyId, SecretKey>,
    /// Length of the list of destroyed keys when `keys` was last right.
    destroyed: u64,
    /// When that was looked at.
    looked: Option<Instant>,
}

impl std::fmt::Debug for DirectoryKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DirectoryKeys({})", self.root.display())
    }
}

impl DirectoryKeys {
    /// The folder of a ledger that is there, with the master key in `master.key` inside it. Nothing is made or changed.
    ///
    /// # Errors
    /// [`KeyFault::Missing`] where folder or master key are not there; [`KeyFault`] where they cannot be used.
    pub fn open(root: &Path) -> Result<Self, KeyFault> {
        if !exists(root)? {
            return Err(KeyFault::Missing { path: root.to_owned() });
        }
        let keys = Self::at(root, Vec::new(), true);
        keys.reload_masters()?;
        Ok(keys)
    }

    /// The folder of a new ledger (mode 0700): made, or the one that an interrupted attempt left.
    ///
    /// # Errors
    /// [`KeyFault`] where folder or master key cannot be made.
    pub fn create(root: &Path) -> Result<Self, KeyFault> {
        make_folder(root)?;
        let keys = Self::at(root, Vec::new(), true);
        keys.make_folders()?;
        let lock = keys.lock()?;
        keys.sweep(&lock)?;
        MasterKey::load_or_create(&root.join("master.key"))?;
        keys.reload_masters()?;
        Ok(keys)
    }

    /// A folder that is there, with a master key from elsewhere.
    ///
    /// # Errors
    /// [`KeyFault::Missing`] where the folder is not there.
    #[cfg(test)]
    pub(crate) fn open_with(root: &Path, master: MasterKey) -> Result<Self, KeyFault> {
        if !exists(root)? {
            return Err(KeyFault::Missing { path: root.to_owned() });
        }
        Ok(Self::at(root, vec![master], false))
    }

    fn at(root: &Path, masters: Vec<MasterKey>, master_in_folder: bool) -> Self {
        Self {
            root: root.to_owned(),
            master_in_folder,
            masters: Mutex::new(masters),
            packs: Mutex::new(Packs::of(root)),
            known: Mutex::default(),
        }
    }

    /// Every folder that keys may stand in, durable before the first key; the folder of packs comes last and says so.
    fn make_folders(&self) -> Result<(), KeyFault> {
        let last = self.root.join("packs");
        if exists(&last)? {
            return Ok(());
        }
        let _lock = self.lock()?;
        for first in 0..=u8::MAX {
            make_folder(&self.root.join(hex(&[first])))?;
        }
        sync_folder(&self.root)?;
        make_folder(&last)?;
        sync_folder(&self.root)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Another process may have destroyed a key that this one holds.
        if known.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return known;
        }
        known.looked = Some(Instant::now());
        let destroyed = fs::metadata(self.destroyed_list()).map_or(0, |about| about.len());
        if destroyed != known.destroyed {
            known.keys.clear();
            known.destroyed = destroyed;
        }
        known
    }

    pub(super) fn packs(&self) -> MutexGuard<'_, Packs> {
        self.packs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn masters(&self) -> MutexGuard<'_, Vec<MasterKey>> {
        self.masters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_own_master(&self) -> bool {
        self.master_in_folder
    }

    /// Whoever changes the folder holds this; readers do not.
    pub(super) fn lock(&self) -> Result<File, KeyFault> {
        let path = self.root.join("lock");
        let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = open.map_err(storage(&path))?;
        file.lock().map_err(storage(&path))?;
        Ok(file)
    }

    fn destroyed_list(&self) -> PathBuf {
        self.root.join("destroyed")
    }

    pub(super) fn next_master(&self) -> PathBuf {
        self.root.join("master.key.next")
    }

    /// Reads the master keys again: another process may have changed them.
    pub(super) fn reload_masters(&self) -> Result<(), KeyFault> {
        if !self.master_in_folder {
            return Ok(());
        }
        // The new one first: when it is no longer there, it has taken the old one's place.
        let next = MasterKey::load(&self.next_master())?;
        let path = self.root.join("master.key");
        let current = MasterKey::load(&path)?.ok_or(KeyFault::Missing { path })?;
        *self.masters() = std::iter::once(current).chain(next).collect();
        Ok(())
    }

    fn folder(&self, id: KeyId) -> PathBuf {
        self.root.join(hex(id.0.get(..1).unwrap_or_default()))
    }

    fn file(&self, id: KeyId) -> PathBuf {
        self.folder(id).join(format!("{id}.key"))
    }

    fn tombstone(&self, id: KeyId) -> PathBuf {
        self.folder(id).join(format!("{id}.destroyed"))
    }

    fn load(&self, id: KeyId) -> Result<Option<SecretKey>, KeyFault> {
        self.load_from(id, Packs::read)
    }

    fn load_from(
        &self,
        id: KeyId,
        packed: impl Fn(&mut Packs, KeyId) -> Result<Option<Packed>, KeyFault>,
    ) -> Result<Option<SecretKey>, KeyFault> {
        if exists(&self.tombstone(id))? {
            return Err(KeyFault::Destroyed { id });
        }
        let path = self.file(id);
        let (path, bytes) = match read_secret(&path)? {
            Some(bytes) => (path, bytes),
            None => match packed(&mut self.packs(), id)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let key = self.unwrap(id, &path, &bytes)?;
        self.known().keys.insert(id, key.clone());
        Ok(Some(key))
    }

    /// Unwraps under whichever master key wrapped it; looks once more at the master keys where none of those held did.
    pub(super) fn unwrap(&self, id: KeyId, path: &Path, bytes: &[u8]) -> Result<SecretKey, KeyFault> {
        let damaged = |reason| KeyFault::Damaged { path: path.to_owned(), reason };
        let (_, wrapped_by) = wrapped_ids(bytes).ok_or_else(|| damaged("not a wrapped key"))?;
        let find = || self.masters().iter().find(|master| *master.id() == wrapped_by).cloned();
        let mut master = find();
        if master.is_none() {
            self.reload_masters()?;
            master = find();
        }
        let master = master.ok_or_else(|| damaged("wrapped by another master key"))?;
        master.unwrap(id, bytes).map_err(damaged)
    }

    /// Makes the keys that are still missing once the lock is held.
    fn make(&self, ids: &[KeyId]) -> Result<(), KeyFault> {
        let _lock = self.lock()?;
        self.reload_masters()?;
        self.packs().refresh()?;
        let mut missing = Vec::with_capacity(ids.len());
        for id in ids {
            if self.load_from(*id, |packs, id| packs.read_known(id))?.is_none() {
                missing.push(*id);
            }
        }
        let master = self.masters().last().cloned().ok_or(KeyFault::MasterElsewhere)?;
        let made = missing.iter().map(|id| {
            let key = SecretKey::random()?;
            Ok((*id, master.wrap(*id, &key)?, key))
        });
        let made: Vec<(KeyId, Vec<u8>, SecretKey)> = made.collect::<Result<_, KeyFault>>()?;
        if made.len() <= FEW {
            made.iter().try_for_each(|(id, wrapped, _)| self.write_single(*id, wrapped))?;
        } else {
            for part in made.chunks(KEYS_PER_PACK) {
                self.packs().write(part.iter().map(|(id, wrapped, _)| (*id, wrapped.as_slice())))?;
            }
        }
        self.known().keys.extend(made.into_iter().map(|(id, _, key)| (id, key)));
        Ok(())
    }

    fn write_single(&self, id: KeyId, wrapped: &[u8]) -> Result<(), KeyFault> {
        let folder = self.folder(id);
        self.make_durable_folder(&folder)?;
        let aside = write_aside(&folder, &id.to_string(), wrapped)?;
        link(&aside, &self.file(id))?;
        sync_folder(&folder)
    }

    fn make_durable_folder(&self, folder: &Path) -> Result<(), KeyFault> {
        if exists(folder)? {
            return Ok(());
        }
        make_folder(folder)?;
        sync_folder(&self.root)
    }

    /// Tells other processes to drop the keys that they hold in memory.
    fn announce(&self, id: KeyId) -> Result<(), KeyFault> {
        let path = self.destroyed_list();
        let open = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        let mut file = open.map_err(storage(&path))?;
        file.write_all(format!("{id}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(storage(&path))
    }
}

impl KeyStore for DirectoryKeys {
    fn find(&self, id: KeyId) -> Result<Option<SecretKey>, KeyFault> {
        match self.cached(id) {
            Some(key) => Ok(Some(key)),
            None => self.load(id),
        }
    }

    fn obtain(&self, ids: &[KeyId]) -> Result<Vec<SecretKey>, KeyFault> {
        let held = |id: &KeyId| self.known().keys.get(id).cloned();
        let mut missing: Vec<KeyId> = ids.iter().filter(|id| held(id).is_none()).copied().collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            self.make(&missing)?;
        }
        let gone =
            |id: &KeyId| KeyFault::Damaged { path: self.file(*id), reason: "it was there and is gone" };
        ids.iter().map(|id| self.find(*id)?.ok_or_else(|| gone(id))).collect()
    }

    fn destroy(&self, id: KeyId) -> Result<(), KeyFault> {
        let lock = self.lock()?;
        self.sweep(&lock)?;
        let folder = self.folder(id);
        self.make_durable_folder(&folder)?;
        if !exists(&self.tombstone(id))? {
            let aside = write_aside(&folder, &format!("{id}-destroyed"), b"")?;
            link(&aside, &self.tombstone(id))?;
            sync_folder(&folder)?;
        }
        self.announce(id)?;
        let mut known = self.known();
        known.keys.clear();
        known.looked = None;
        drop(known);
        self.packs().take_out(id)?;
        wipe_and_remove(&self.file(id))
    }

    fn is_gone(&self, id: KeyId) -> Result<bool, KeyFault> {
        let buried = exists(&self.tombstone(id))?;
        Ok(buried && !exists(&self.file(id))? && self.packs().read(id)?.is_none())
    }

    fn cached(&self, id: KeyId) -> Option<SecretKey> {
        self.known().keys.get(&id).cloned()
    }

    fn find_all(&self, ids: &[KeyId]) -> Result<Vec<Option<SecretKey>>, KeyFault> {
        let mut looked = false;
        let mut find = |id: KeyId| match self.cached(id) {
            Some(key) => Ok(Some(key)),
            // Packs were looked for with the first.
            None if looked => self.load_from(id, Packs::read_known),
            None => {
                looked = true;
                self.load(id)
            }
        };
        ids.iter().map(|id| find(*id)).collect()
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn state(&self, ledger: LedgerId) -> Result<StoreState, KeyFault> {
        self.inspect(ledger)
    }

    fn packs_made(&self) -> u64 {
        self.packs().made()
    }

    fn tidy(&self) -> Result<Vec<PathBuf>, KeyFault> {
        let lock = self.lock()?;
        let swept = self.sweep(&lock)?;
        self.packs().number_all()?;
        Ok(swept)
    }

    fn give_up_missing(&self, packs: u64) -> Result<(), KeyFault> {
        let _lock = self.lock()?;
        self.packs().give_up_missing(packs)
    }

    fn copies_of(&self, ids: &BTreeSet<KeyId>) -> Result<Vec<(KeyId, PathBuf)>, KeyFault> {
        self.search(ids)
    }
}

/// Names in a folder; none where there is no folder.
pub(super) fn names(folder: &Path) -> Result<HashSet<String>, KeyFault> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashSet::new()),
        Err(error) => return Err(storage(folder)(error)),
    };
    let name = |entry: std::io::Result<fs::DirEntry>| {
        Ok(entry.map_err(storage(folder))?.file_name().to_string_lossy().into_owned())
    };
    entries.map(name).collect()
}
