//! Packs: wrapped keys that were made together, in one file, so that an import flushes once for hundreds of children.
//!
//! A pack is never added to. A key is taken out by writing the pack anew without it and wiping the old file's place.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::directory::names;
use super::files::{
    exists, make_folder, read_secret, read_secret_part, replace_and_wipe, storage, sync_folder,
    wipe_and_remove, write_aside,
};
use super::master::{WRAPPED_LENGTH, wrapped_ids};
use super::{KeyFault, KeyId};
use crate::hash::hex;

const PACK_LABEL: &[u8; 8] = b"CL1KPACK";

/// Most keys in one pack.
pub(super) const KEYS_PER_PACK: usize = 4_096;

/// A wrapped key, and the pack that it stands in.
pub(super) type Packed = (PathBuf, Zeroizing<Vec<u8>>);

/// The packs of a key directory, and which key stands in which, as far as this process has looked.
pub(super) struct Packs {
    root: PathBuf,
    folder: PathBuf,
    seen: HashSet<String>,
    places: HashMap<KeyId, (Arc<str>, usize)>,
}

impl Packs {
    pub(super) fn of(root: &Path) -> Self {
        let folder = root.join("packs");
        Self { root: root.to_owned(), folder, seen: HashSet::new(), places: HashMap::new() }
    }

    /// The wrapped key and its file; `None` where no pack holds it.
    pub(super) fn read(&mut self, id: KeyId) -> Result<Option<Packed>, KeyFault> {
        if let Some(found) = self.read_known(id)? {
            return Ok(Some(found));
        }
        self.refresh()?;
        self.read_known(id)
    }

    /// The same without a look for new packs.
    pub(super) fn read_known(&mut self, id: KeyId) -> Result<Option<Packed>, KeyFault> {
        let Some((name, offset)) = self.places.get(&id).cloned() else { return Ok(None) };
        let path = self.folder.join(name.as_ref());
        let is_it = |wrapped: &Zeroizing<Vec<u8>>| wrapped_ids(wrapped).is_some_and(|ids| ids.0 == id);
        if let Some(wrapped) = read_secret_part(&path, offset, WRAPPED_LENGTH)?.filter(is_it) {
            return Ok(Some((path, wrapped)));
        }
        // The pack was written anew since it was looked at.
        self.places.retain(|_, (held, _)| *held != name);
        self.index(&name)?;
        let Some((_, offset)) = self.places.get(&id) else { return Ok(None) };
        Ok(read_secret_part(&path, *offset, WRAPPED_LENGTH)?.filter(is_it).map(|wrapped| (path, wrapped)))
    }

    /// Notes the keys of packs that appeared since the last look.
    pub(super) fn refresh(&mut self) -> Result<(), KeyFault> {
        for name in names(&self.folder)? {
            if !self.seen.contains(&name) && name.ends_with(".pack") {
                self.index(&name)?;
                self.seen.insert(name);
            }
        }
        Ok(())
    }

    /// Notes where the keys of one pack stand; none of one that is gone.
    fn index(&mut self, name: &str) -> Result<(), KeyFault> {
        let path = self.folder.join(name);
        let Some(bytes) = read_secret(&path)? else { return Ok(()) };
        let name: Arc<str> = name.into();
        for (record, offset) in records(&path, &bytes)?.zip((PACK_LABEL.len()..).step_by(WRAPPED_LENGTH)) {
            let (id, _) = wrapped_ids(record)
                .ok_or_else(|| KeyFault::Damaged { path: path.clone(), reason: "not a pack of keys" })?;
            self.places.insert(id, (Arc::clone(&name), offset));
        }
        Ok(())
    }

    /// Writes a new pack, durably.
    pub(super) fn write<'a>(
        &mut self,
        keys: impl Iterator<Item = (KeyId, &'a [u8])>,
    ) -> Result<(), KeyFault> {
        if !exists(&self.folder)? {
            make_folder(&self.folder)?;
            sync_folder(&self.root)?;
        }
        let mut bytes = PACK_LABEL.to_vec();
        for (_, wrapped) in keys {
            bytes.extend_from_slice(wrapped);
        }
        let mut token = [0; 8];
        getrandom::fill(&mut token).map_err(|_| KeyFault::NoRandomness)?;
        let name = format!("{}.pack", hex(&token));
        let aside = write_aside(&self.folder, &name, &bytes)?;
        let path = self.folder.join(&name);
        fs::rename(&aside, &path).map_err(storage(&path))?;
        sync_folder(&self.folder)?;
        self.index(&name)?;
        self.seen.insert(name);
        Ok(())
    }

    /// Takes a key out of its pack for good; nothing where no pack holds it.
    pub(super) fn take_out(&mut self, id: KeyId) -> Result<(), KeyFault> {
        let Some((path, _)) = self.read(id)? else { return Ok(()) };
        let Some(bytes) = read_secret(&path)? else { return Ok(()) };
        let others =
            records(&path, &bytes)?.filter(|record| wrapped_ids(record).is_none_or(|ids| ids.0 != id));
        let left: Vec<u8> = PACK_LABEL.iter().copied().chain(others.flatten().copied()).collect();
        if left.len() == PACK_LABEL.len() {
            wipe_and_remove(&path)?;
        } else {
            replace_and_wipe(&path, &left)?;
        }
        self.places.remove(&id);
        Ok(())
    }

    /// Wraps every key of every pack anew, pack by pack; gives how many were changed.
    pub(super) fn wrap_anew(
        &mut self,
        wrap: impl Fn(&Path, KeyId, &[u8]) -> Result<Option<Vec<u8>>, KeyFault>,
    ) -> Result<usize, KeyFault> {
        self.refresh()?;
        let mut changed = 0;
        for name in names(&self.folder)?.into_iter().filter(|name| name.ends_with(".pack")) {
            let path = self.folder.join(name);
            let Some(bytes) = read_secret(&path)? else { continue };
            let (mut whole, mut here) = (PACK_LABEL.to_vec(), 0);
            for record in records(&path, &bytes)? {
                let (id, _) = wrapped_ids(record)
                    .ok_or_else(|| KeyFault::Damaged { path: path.clone(), reason: "not a pack of keys" })?;
                let anew = wrap(&path, id, record)?;
                here += usize::from(anew.is_some());
                whole.extend_from_slice(anew.as_deref().unwrap_or(record));
            }
            if here > 0 {
                replace_and_wipe(&path, &whole)?;
                changed += here;
            }
        }
        Ok(changed)
    }
}

fn records<'a>(path: &Path, bytes: &'a [u8]) -> Result<std::slice::ChunksExact<'a, u8>, KeyFault> {
    let rest = bytes.strip_prefix(PACK_LABEL).filter(|rest| rest.len().is_multiple_of(WRAPPED_LENGTH));
    let rest = rest.ok_or(KeyFault::Damaged { path: path.to_owned(), reason: "not a pack of keys" })?;
    Ok(rest.chunks_exact(WRAPPED_LENGTH))
}
