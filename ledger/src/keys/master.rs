//! The master key: wraps every other key, and can be changed for a new one without touching what they sealed.

use std::path::Path;

use domain::ids::LedgerId;
use zeroize::Zeroizing;

use super::files::{link, make_folder, read_secret, sync_folder, write_aside};
use super::{Fingerprint, KeyFault, KeyId, SecretKey};
use crate::hash::Mac256;
use crate::sealing::cipher;

const MASTER_LABEL: &[u8; 8] = b"CL1MASTR";
pub(super) const WRAPPED_LABEL: &[u8; 8] = b"CL1WRAPD";

/// Bytes of one wrapped key.
pub(super) const WRAPPED_LENGTH: usize = 8 + 16 + 16 + 24 + 48;

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

    /// Reads the master key file, or makes it (mode 0400) where there is none: for a new ledger, and for the key that
    /// follows.
    pub(super) fn load_or_create(path: &Path) -> Result<Self, KeyFault> {
        match read_secret(path)? {
            Some(bytes) => Self::from_file(path, &bytes),
            None => Self::create(path),
        }
    }

    /// What names it in the keys that it wraps.
    pub(super) fn id(&self) -> &[u8; 16] {
        &self.id
    }

    /// What tells it from others to whoever knows it for this ledger; it gives nothing of the key away.
    pub(crate) fn fingerprint(&self, ledger: LedgerId) -> Fingerprint {
        let mut mac = Mac256::new(self.key.bytes(), b"CL1KSTOR");
        mac.bytes(ledger.0.as_bytes());
        mac.bytes(&self.id);
        Fingerprint::of(&mac.finish())
    }

    /// Reads the master key file; `None` where there is none.
    pub(super) fn load(path: &Path) -> Result<Option<Self>, KeyFault> {
        read_secret(path)?.map(|bytes| Self::from_file(path, &bytes)).transpose()
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

    pub(super) fn wrap(&self, id: KeyId, key: &SecretKey) -> Result<Vec<u8>, KeyFault> {
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

/// The key that a wrapped one is for, and the master key that it is wrapped by; `None` where it is no wrapped key.
pub(super) fn wrapped_ids(bytes: &[u8]) -> Option<(KeyId, [u8; 16])> {
    let rest = bytes.strip_prefix(WRAPPED_LABEL).filter(|_| bytes.len() == WRAPPED_LENGTH)?;
    let (key, rest) = rest.split_first_chunk::<16>()?;
    Some((KeyId(*key), *rest.first_chunk::<16>()?))
}
