//! What stands in a key directory: what tells it from others, whether it is whole, what a crash or a hand left in it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use domain::ids::LedgerId;

use super::directory::{DirectoryKeys, names};
use super::files::{is_aside, storage, sync_folder, wipe_last_name};
use super::master::WRAPPED_LABEL;
use super::pack::{Numbers, file_name, is_pack};
use super::{KeyFault, KeyId, StoreState};
use crate::hash::{hex, unhex};

/// Bytes of a file that are looked through at once.
const PIECE: usize = 1 << 20;

/// Whether a file of this name belongs in a folder.
type Belongs = fn(&str) -> bool;

/// A folder of the store, and what belongs in it.
type Folder = (PathBuf, Belongs);

impl DirectoryKeys {
    /// Looks at every name of the folder; changes nothing.
    pub(super) fn inspect(&self, ledger: LedgerId) -> Result<StoreState, KeyFault> {
        self.reload_masters()?;
        let packs = names(&self.packs_folder())?;
        let numbers = Numbers::of(packs.iter());
        let missing = numbers.missing().into_iter().map(|number| self.packs_folder().join(file_name(number)));
        let mut state = StoreState {
            fingerprints: self.masters().iter().map(|master| master.fingerprint(ledger)).collect(),
            packs: numbers.made(),
            missing: missing.collect(),
            leftovers: Vec::new(),
            strange: Vec::new(),
            destroyed: Vec::new(),
            is_rotating: names(&self.root)?.contains("master.key.next"),
        };
        for (folder, belongs) in self.all_folders()? {
            for name in names(&folder)? {
                if let Some(id) = tombstone_of(&name) {
                    state.destroyed.push(id);
                }
                if is_aside(&name) {
                    state.leftovers.push(folder.join(name));
                } else if !belongs(&name) {
                    state.strange.push(folder.join(name));
                }
            }
        }
        state.leftovers.sort();
        state.destroyed.sort();
        state.strange.sort();
        Ok(state)
    }

    /// Wipes what crashes left; gives the names. Nobody else changes the folder while the lock is held, so nothing that
    /// is being written is touched.
    pub(super) fn sweep(&self, _lock: &File) -> Result<Vec<PathBuf>, KeyFault> {
        let mut swept = Vec::new();
        for (folder, _) in self.all_folders()? {
            let left: Vec<PathBuf> =
                names(&folder)?.iter().filter(|name| is_aside(name)).map(|name| folder.join(name)).collect();
            for path in &left {
                wipe_last_name(path)?;
            }
            if !left.is_empty() {
                sync_folder(&folder)?;
            }
            swept.extend(left);
        }
        Ok(swept)
    }

    /// The folder itself, that of packs and those of single keys, each with what belongs in it.
    fn all_folders(&self) -> Result<Vec<Folder>, KeyFault> {
        let mut folders: Vec<Folder> =
            vec![(self.root.clone(), belongs_in_root), (self.packs_folder(), is_pack)];
        folders
            .extend(self.key_folders()?.into_iter().map(|folder| (folder, belongs_beside_keys as Belongs)));
        Ok(folders)
    }

    fn packs_folder(&self) -> PathBuf {
        self.root.join("packs")
    }

    /// The folders of single keys.
    fn key_folders(&self) -> Result<Vec<PathBuf>, KeyFault> {
        let mut folders: Vec<PathBuf> = names(&self.root)?
            .iter()
            .filter(|name| unhex::<1>(name).is_some())
            .map(|name| self.root.join(name))
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        Ok(folders)
    }

    /// The files of single keys.
    pub(super) fn single_files(&self) -> Result<Vec<PathBuf>, KeyFault> {
        let mut files = Vec::new();
        for folder in self.key_folders()? {
            let held = names(&folder)?;
            files.extend(held.iter().filter(|name| is_key_file(name)).map(|name| folder.join(name)));
        }
        Ok(files)
    }

    /// Every file that holds one of these keys, wrapped by whichever master key: a proof that a destroyed one can be
    /// got back from nothing here is that there is none.
    pub(super) fn search(&self, ids: &BTreeSet<KeyId>) -> Result<Vec<(KeyId, PathBuf)>, KeyFault> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for name in names(&folder)? {
                let path = folder.join(name);
                let about = path.symlink_metadata().map_err(storage(&path))?;
                if about.is_dir() {
                    folders.push(path);
                } else if about.is_file() {
                    let held = wrapped_in(&path)?;
                    found.extend(held.intersection(ids).map(|id| (*id, path.clone())));
                }
            }
        }
        Ok(found)
    }
}

/// The ids of all wrapped keys in a file, wherever in it they stand.
fn wrapped_in(path: &Path) -> Result<BTreeSet<KeyId>, KeyFault> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(storage(path)(error)),
    };
    let (mut ids, mut piece) = (BTreeSet::new(), Vec::new());
    let overlap = WRAPPED_LABEL.len() + 16 - 1;
    loop {
        let kept = piece.len().saturating_sub(overlap);
        piece.drain(..kept);
        let read = file.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(storage(path))?;
        if read == 0 {
            return Ok(ids);
        }
        for window in piece.windows(overlap + 1) {
            let id = window.strip_prefix(WRAPPED_LABEL.as_slice()).and_then(|id| id.try_into().ok());
            ids.extend(id.map(KeyId));
        }
    }
}

fn belongs_in_root(name: &str) -> bool {
    ["master.key", "master.key.next", "lock", "destroyed", "packs"].contains(&name)
        || unhex::<1>(name).is_some()
}

fn belongs_beside_keys(name: &str) -> bool {
    is_key_file(name) || tombstone_of(name).is_some()
}

/// The key whose tombstone has this name.
fn tombstone_of(name: &str) -> Option<KeyId> {
    let id = name.strip_suffix(".destroyed").filter(|id| is_key_id(id))?;
    unhex(id).map(KeyId)
}

fn is_key_file(name: &str) -> bool {
    name.strip_suffix(".key").is_some_and(is_key_id)
}

fn is_key_id(text: &str) -> bool {
    unhex::<16>(text).is_some_and(|id| hex(&id) == text)
}
