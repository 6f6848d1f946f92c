//! Keys in a directory: one file a key, each wrapped by a master key. `docs/ledger-format.md` section 7.
//!
//! A key file appears whole or not at all (written aside, fsynced, then linked under its name), and the
//! first to link wins: everybody else reads what the winner wrote.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::files::{exists, link, make_folder, read_secret, sync_folder, write_aside};
use super::{KeyFault, KeyId, KeyStore, SecretKey};
use crate::hash::hex;
use crate::sealing::cipher;

const MASTER_LABEL: &[u8; 8] = b"CL1MASTR";
const WRAPPED_LABEL: &[u8; 8] = b"CL1WRAPD";
const WRAPPED_LENGTH: usize = 8 + 16 + 16 + 24 + 48;

/// The key that wraps all others.
#[derive(Clone, Debug)]
pub struct MasterKey {
    id: [u8; 16],
    key: SecretKey,
}

impl MasterKey {
    /// A master key of given bytes, for instance from an external service.
    pub fn new(id: [u8; 16], key: SecretKey) -> Self {
        Self { id, key }
    }

    /// Reads the master key file, or makes it (mode 0400) where there is none.
    ///
    /// # Errors
    /// [`KeyFault`] where the file cannot be read or written, is damaged, or can be read by others.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyFault> {
        match read_secret(path)? {
            Some(bytes) => Self::from_file(path, &bytes),
            None => Self::create(path),
        }
    }

    fn create(path: &Path) -> Result<Self, KeyFault> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| KeyFault::NoRandomness)?;
        let key = SecretKey::random()?;
        let bytes = Zeroizing::new([MASTER_LABEL.as_slice(), &id, key.bytes()].concat());
        let folder = path.parent().unwrap_or(Path::new("."));
        make_folder(folder)?;
        let aside = write_aside(folder, "master", &bytes)?;
        let linked = link(&aside, path)?;
        sync_folder(folder)?;
        if linked {
            return Ok(Self { id, key });
        }
        let bytes = read_secret(path)?.ok_or(KeyFault::Damaged {
            path: path.to_owned(),
            reason: "it was there a moment ago and is gone",
        })?;
        Self::from_file(path, &bytes)
    }

    fn from_file(path: &Path, bytes: &[u8]) -> Result<Self, KeyFault> {
        let damaged = |reason| KeyFault::Damaged { path: path.to_owned(), reason };
        let rest = bytes.strip_prefix(MASTER_LABEL).ok_or_else(|| damaged("not a master key"))?;
        let (id, key) = rest.split_first_chunk::<16>().ok_or_else(|| damaged("cut short"))?;
        let key: [u8; 32] = key.try_into().map_err(|_| damaged("wrong length"))?;
        Ok(Self { id: *id, key: SecretKey::from_bytes(Zeroizing::new(key)) })
    }

    fn wrap(&self, id: KeyId, key: &SecretKey) -> Result<Vec<u8>, KeyFault> {
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(|_| KeyFault::NoRandomness)?;
        Ok(self.wrap_with(id, key, &nonce))
    }

    pub(crate) fn wrap_with(&self, id: KeyId, key: &SecretKey, nonce: &[u8; 24]) -> Vec<u8> {
        let head = [WRAPPED_LABEL.as_slice(), &id.0, &self.id].concat();
        let wrapped = cipher::seal(self.key.bytes(), nonce, key.bytes(), &head);
        [head.as_slice(), nonce, &wrapped].concat()
    }

    pub(crate) fn unwrap(&self, id: KeyId, bytes: &[u8]) -> Result<SecretKey, &'static str> {
        if bytes.len() != WRAPPED_LENGTH {
            return Err("wrong length");
        }
        let (head, sealed) = bytes.split_at(40);
        let (label, ids) = head.split_at(8);
        let (key_id, master_id) = ids.split_at(16);
        if label != WRAPPED_LABEL || key_id != id.0 {
            return Err("not the file of this key");
        }
        if master_id != self.id {
            return Err("wrapped by another master key");
        }
        let (nonce, wrapped) = sealed.split_first_chunk::<24>().ok_or("cut short")?;
        let key = cipher::open(self.key.bytes(), nonce, wrapped, head)
            .ok_or("does not open under this master key")?;
        let key: [u8; 32] = key.as_slice().try_into().map_err(|_| "wrong length")?;
        Ok(SecretKey::from_bytes(Zeroizing::new(key)))
    }
}

/// A folder of wrapped keys.
pub struct DirectoryKeys {
    root: PathBuf,
    master: MasterKey,
    known: Mutex<HashMap<KeyId, SecretKey>>,
}

impl std::fmt::Debug for DirectoryKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DirectoryKeys({})", self.root.display())
    }
}

impl DirectoryKeys {
    /// Opens a folder, making it (mode 0700) where there is none, with the master key in `master.key` inside it.
    ///
    /// # Errors
    /// [`KeyFault`] where the folder or the master key cannot be used.
    pub fn open(root: &Path) -> Result<Self, KeyFault> {
        Self::open_with(root, MasterKey::load_or_create(&root.join("master.key"))?)
    }

    /// Opens a folder with a master key from elsewhere.
    ///
    /// # Errors
    /// [`KeyFault`] where the folder cannot be made.
    pub fn open_with(root: &Path, master: MasterKey) -> Result<Self, KeyFault> {
        make_folder(root)?;
        Ok(Self { root: root.to_owned(), master, known: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<KeyId, SecretKey>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
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
        if exists(&self.tombstone(id))? {
            return Err(KeyFault::Destroyed { id });
        }
        let path = self.file(id);
        let Some(bytes) = read_secret(&path)? else { return Ok(None) };
        let key = self.master.unwrap(id, &bytes).map_err(|reason| KeyFault::Damaged { path, reason })?;
        self.known().insert(id, key.clone());
        Ok(Some(key))
    }

    /// Writes the missing keys aside, flushes each file, links them, and flushes each folder once.
    fn create(&self, ids: &[KeyId]) -> Result<(), KeyFault> {
        let mut written = Vec::with_capacity(ids.len());
        for id in ids {
            let folder = self.folder(*id);
            make_folder(&folder)?;
            let wrapped = self.master.wrap(*id, &SecretKey::random()?)?;
            written.push((write_aside(&folder, &id.to_string(), &wrapped)?, *id, folder));
        }
        let mut folders: Vec<PathBuf> = Vec::new();
        for (aside, id, folder) in written {
            link(&aside, &self.file(id))?;
            folders.push(folder);
        }
        folders.sort_unstable();
        folders.dedup();
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        sync_folder(&self.root)
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
        let mut missing = Vec::new();
        for id in ids {
            if self.find(*id)?.is_none() {
                missing.push(*id);
            }
        }
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            self.create(&missing)?;
        }
        let key = |id: &KeyId| {
            self.find(*id)?.ok_or_else(|| KeyFault::Damaged {
                path: self.file(*id),
                reason: "it was linked and is gone",
            })
        };
        ids.iter().map(key).collect()
    }

    fn destroy(&self, id: KeyId) -> Result<(), KeyFault> {
        self.known().remove(&id);
        let folder = self.folder(id);
        make_folder(&folder)?;
        let aside = write_aside(&folder, &format!("{id}-destroyed"), b"")?;
        link(&aside, &self.tombstone(id))?;
        sync_folder(&folder)?;
        let path = self.file(id);
        match fs::remove_file(&path) {
            Ok(()) => sync_folder(&folder),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(source) => Err(KeyFault::Storage { path, source }),
        }
    }

    fn cached(&self, id: KeyId) -> Option<SecretKey> {
        self.known().get(&id).cloned()
    }
}
