//! Signed notes: a text that people can read, and signatures under it (C2SP `signed-note`, Ed25519).
//!
//! Checkpoints, requests of officers and registrations of keys are all such notes. This module reads, writes,
//! signs and checks; it does not know whose key is to be trusted with what.
//! Invariant: a note that was read is written back byte for byte, and a key is never printed.

mod key;
mod key_file;
mod note;
mod signer;

pub use key::{KeyType, NoteKeyFault, VerifierKey};
pub use key_file::{KeyFileFault, load_signer, store_signer};
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteFault, SignatureLine};
pub use signer::{NoteSigner, Sign, SignFault, sign_text};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Base64 of the standard alphabet with padding.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64; `None` for anything that would not be written so.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests;
