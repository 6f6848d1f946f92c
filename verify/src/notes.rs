//! Keys, signed notes and checkpoints, `docs/ledger-format.md` section 9, read by the crates `signed_note` and
//! `tlog_tiles`, which other people wrote.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signed_note::{Note, NoteError, Signature, StandardVerifier, Verifier as _, VerifierList};
use tlog_tiles::checkpoint::Checkpoint as Parsed;

use crate::hash::Hash;

/// A public key as C2SP `signed-note` writes it: `name+hash+base64`.
#[derive(Clone)]
pub struct Key {
    text: String,
    verifier: StandardVerifier,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.text).finish()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

impl Key {
    /// Reads an Ed25519 verifier key; `None` for anything else, and for a point under which forgeries verify.
    pub fn parse(text: &str) -> Option<Self> {
        let verifier = StandardVerifier::new(text).ok()?;
        // The base64 may hold '+' itself.
        let bytes = STANDARD.decode(text.splitn(3, '+').nth(2)?).ok()?;
        let point = ed25519_dalek::VerifyingKey::from_bytes(bytes.get(1..)?.try_into().ok()?).ok()?;
        (!point.is_weak()).then(|| Self { text: text.to_owned(), verifier })
    }

    /// The key as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of whoever signs with it.
    pub(crate) fn name(&self) -> &str {
        self.verifier.name()
    }

    /// Whether base64 text is this key's signature over a message.
    pub(crate) fn signed(&self, message: &str, signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| self.verifier.verify(message.as_bytes(), &signature))
    }
}

/// Why a note does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteFault {
    /// It is no signed note.
    Malformed,
    /// A line that names one of the keys does not verify.
    Invalid,
    /// None of the keys has signed.
    Unsigned,
}

/// The text of a note and the names of the keys among `keys` that signed it, ascending; a name comes as often as it signed.
pub(crate) fn open(note: &str, keys: &[&Key]) -> Result<(String, Vec<String>), NoteFault> {
    let original = note;
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| NoteFault::Malformed)?;
    let mut known: Vec<Box<dyn signed_note::Verifier>> = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        if !keys.iter().take(index).any(|before| before.text == key.text) {
            known.push(Box::new(key.verifier.clone()));
        }
    }
    let text = String::from_utf8(note.text().to_vec()).map_err(|_| NoteFault::Malformed)?;
    let (signed, _) = note.verify(&VerifierList::new(known)).map_err(|fault| match fault {
        NoteError::UnverifiedNote => NoteFault::Unsigned,
        NoteError::MalformedNote => NoteFault::Malformed,
        NoteError::InvalidSigner
        | NoteError::InvalidSignature { .. }
        | NoteError::MismatchedVerifier
        | NoteError::VerificationError(_)
        | NoteError::SignatureError(_) => NoteFault::Invalid,
    })?;
    let mut names: Vec<String> = signed.iter().map(|signature| signature.name().to_owned()).collect();
    names.extend(repeated(original, keys));
    names.sort_unstable();
    Ok((text, names))
}

/// Names of keys that stand in a second line of the same key; the crate passes over those lines.
fn repeated(note: &str, keys: &[&Key]) -> Vec<String> {
    let lines = note.lines().filter_map(|line| Signature::from_bytes(line.as_bytes()).ok());
    let known = |line: &Signature| {
        keys.iter().any(|key| (key.name(), key.verifier.key_id()) == (line.name(), line.id()))
    };
    let mut seen: Vec<(String, u32)> = Vec::new();
    let mut repeated = Vec::new();
    for line in lines.filter(known) {
        let key = (line.name().to_owned(), line.id());
        if seen.contains(&key) {
            repeated.push(line.name().to_owned());
        }
        seen.push(key);
    }
    repeated
}

/// The text of a note, whoever signed it; `None` where it is no note.
pub(crate) fn text_of(note: &str) -> Option<String> {
    String::from_utf8(Note::from_bytes(note.as_bytes()).ok()?.text().to_vec()).ok()
}

/// A signed head: what its text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) origin: String,
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl Head {
    /// Reads a checkpoint's text; extension lines are not taken.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parsed =
            Parsed::from_bytes(text.as_bytes()).ok().filter(|parsed| parsed.extension().is_empty())?;
        Some(Self { origin: parsed.origin().to_owned(), size: parsed.size(), root: parsed.hash().0 })
    }
}

/// Base64 of a hash; `None` for anything else.
pub(crate) fn hash_of(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Bytes as base64, the standard alphabet with padding.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of base64.
pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
