//! Packs: wrapped keys that were made together, in one file, so that an import flushes once for hundreds of children.
//!
//! A pack is never added to. A key is taken out by writing the pack anew without it and wiping the old file's place;
//! a pack without a key stays. Packs are numbered from 1 on, so a number without a pack is a pack that is missing.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::directory::names;
use super::files::{
    exists, make_folder, read_secret, read_secret_part, replace_and_wipe, storage, sync_folder, write_aside,
};
use super::master::{WRAPPED_LENGTH, wrapped_ids};
use super::{KeyFault, KeyId};
use crate::hash::unhex;

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
    places: HashMap<KeyId, Place>,
    /// Further places of a key that stands in several packs, which only a copied file can bring about.
    copies: Vec<(KeyId, Place)>,
    /// How many were made, as far as this process has looked.
    made: u64,
}

/// A pack, and where in it.
type Place = (Arc<str>, usize);

impl Packs {
    pub(super) fn of(root: &Path) -> Self {
        let folder = root.join("packs");
        Self {
            root: root.to_owned(),
            folder,
            seen: HashSet::new(),
            places: HashMap::new(),
            copies: Vec::new(),
            made: 0,
        }
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
        self.forget(&name);
        self.index(&name)?;
        let Some((_, offset)) = self.places.get(&id) else { return Ok(None) };
        Ok(read_secret_part(&path, *offset, WRAPPED_LENGTH)?.filter(is_it).map(|wrapped| (path, wrapped)))
    }

    fn forget(&mut self, pack: &str) {
        self.places.retain(|_, (held, _)| **held != *pack);
        self.copies.retain(|(_, (held, _))| **held != *pack);
    }

    /// How many packs were made, as far as this process has looked.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// Notes the keys of packs that appeared since the last look.
    pub(super) fn refresh(&mut self) -> Result<(), KeyFault> {
        let names = names(&self.folder)?;
        self.made = Numbers::of(names.iter()).made();
        for name in names {
            if !self.seen.contains(&name) && is_pack(&name) {
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
            let place = (Arc::clone(&name), offset);
            match self.places.entry(id) {
                Entry::Vacant(free) => drop(free.insert(place)),
                Entry::Occupied(_) => self.copies.push((id, place)),
            }
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
        let number = Numbers::of(names(&self.folder)?.iter()).made() + 1;
        let name = file_name(number);
        let aside = write_aside(&self.folder, &name, &bytes)?;
        let path = self.folder.join(&name);
        fs::rename(&aside, &path).map_err(storage(&path))?;
        sync_folder(&self.folder)?;
        self.index(&name)?;
        self.seen.insert(name);
        self.made = number;
        Ok(())
    }

    /// Takes a key out of every pack that holds it, for good.
    pub(super) fn take_out(&mut self, id: KeyId) -> Result<(), KeyFault> {
        while let Some((path, _)) = self.read(id)? {
            let Some(bytes) = read_secret(&path)? else { continue };
            let others =
                records(&path, &bytes)?.filter(|record| wrapped_ids(record).is_none_or(|ids| ids.0 != id));
            let left: Vec<u8> = PACK_LABEL.iter().copied().chain(others.flatten().copied()).collect();
            replace_and_wipe(&path, &left)?;
            self.places.remove(&id);
            if let Some(at) = self.copies.iter().position(|(copied, _)| *copied == id) {
                let (_, place) = self.copies.swap_remove(at);
                self.places.insert(id, place);
            }
        }
        Ok(())
    }

    /// Numbers the packs of a program that gave them random names. Whoever looks for a key finds them again.
    pub(super) fn number_all(&mut self) -> Result<(), KeyFault> {
        let held = names(&self.folder)?;
        let numbers = Numbers::of(held.iter());
        let random: BTreeSet<&String> =
            held.iter().filter(|name| is_pack(name) && number_of(name).is_none()).collect();
        for (name, number) in random.iter().zip(numbers.newest() + 1..) {
            let path = self.folder.join(name);
            fs::rename(&path, self.folder.join(file_name(number))).map_err(storage(&path))?;
            self.forget(name);
            self.seen.remove(*name);
        }
        if random.is_empty() { Ok(()) } else { sync_folder(&self.folder) }
    }

    /// Puts a pack without a key under each number up to `last` that has none: what stood there is given up.
    pub(super) fn give_up_missing(&mut self, last: u64) -> Result<(), KeyFault> {
        let numbers = Numbers::of(names(&self.folder)?.iter());
        for number in (1..=last.max(numbers.newest())).filter(|number| !numbers.held.contains(number)) {
            let name = file_name(number);
            let aside = write_aside(&self.folder, &name, PACK_LABEL)?;
            let path = self.folder.join(&name);
            fs::rename(&aside, &path).map_err(storage(&path))?;
        }
        sync_folder(&self.folder)
    }

    /// Wraps every key of every pack anew, pack by pack; gives how many were changed.
    pub(super) fn wrap_anew(
        &mut self,
        wrap: impl Fn(&Path, KeyId, &[u8]) -> Result<Option<Vec<u8>>, KeyFault>,
    ) -> Result<usize, KeyFault> {
        self.refresh()?;
        let mut changed = 0;
        for name in names(&self.folder)?.into_iter().filter(|name| is_pack(name)) {
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

/// The numbers of the packs of a folder.
pub(super) struct Numbers {
    held: BTreeSet<u64>,
    /// Packs with random names, as programs of before named them.
    random: u64,
}

impl Numbers {
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a String>) -> Self {
        let mut this = Self { held: BTreeSet::new(), random: 0 };
        for name in names.filter(|name| is_pack(name)) {
            match number_of(name) {
                Some(number) => drop(this.held.insert(number)),
                None => this.random += 1,
            }
        }
        this
    }

    fn newest(&self) -> u64 {
        self.held.last().copied().unwrap_or(0)
    }

    /// How many packs were made.
    pub(super) fn made(&self) -> u64 {
        self.newest() + self.random
    }

    /// Numbers before the newest that have no pack.
    pub(super) fn missing(&self) -> Vec<u64> {
        (1..self.newest()).filter(|number| !self.held.contains(number)).collect()
    }
}

/// Numbers end here; a name of sixteen random hex digits is larger.
const MOST_PACKS: u64 = u32::MAX as u64;

pub(super) fn file_name(number: u64) -> String {
    format!("{number:016x}.pack")
}

pub(super) fn is_pack(name: &str) -> bool {
    name.strip_suffix(".pack").is_some_and(|number| unhex::<8>(number).is_some())
}

fn number_of(name: &str) -> Option<u64> {
    let number = u64::from_be_bytes(unhex(name.strip_suffix(".pack")?)?);
    (1..=MOST_PACKS).contains(&number).then_some(number)
}

fn records<'a>(path: &Path, bytes: &'a [u8]) -> Result<std::slice::ChunksExact<'a, u8>, KeyFault> {
    let rest = bytes.strip_prefix(PACK_LABEL).filter(|rest| rest.len().is_multiple_of(WRAPPED_LENGTH));
    let rest = rest.ok_or(KeyFault::Damaged { path: path.to_owned(), reason: "not a pack of keys" })?;
    Ok(rest.chunks_exact(WRAPPED_LENGTH))
}
