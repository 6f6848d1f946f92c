//! Backups as folders: what stands in one, how it is told whole from damaged, and how files are copied.
//!
//! Two kinds, kept apart on purpose: the ledger (a dump, the signed heads and the tiles), and its secrets (the key
//! store and the signing key). Who holds only the first can read no sealed name; who holds only the second has nothing
//! to open with it. Invariant: a folder with a manifest was complete when it was written, and a file that changed since
//! is found by its hash.

mod files;
mod manifest;
mod proof_folder;

pub(crate) use files::{copy_all, make_empty_folder, write_through};
pub(crate) use manifest::{BackupFault, LedgerBackup, Manifest, SecretsBackup};
pub(crate) use proof_folder::copy_proof;

/// Name of the manifest in a backup's folder.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Name of the dump.
pub(crate) const DUMP: &str = "ledger.dump";
/// Name of the folder of signed heads and tiles.
pub(crate) const PROOF: &str = "proof";
/// Name of the folder of the key store in a backup of secrets.
pub(crate) const KEYS: &str = "keys";
/// Name of the signing key in a backup of secrets.
pub(crate) const SIGNING_KEY: &str = "signing.key";
