//! Public halves: who signed. Text form `name+hash+base64(type ‖ 32 bytes)`.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, VerifyingKey};
use thiserror::Error;

use super::note::SignatureLine;
use super::{from_base64, to_base64};
use crate::hash::{hex, sha256, unhex};

/// What a key's signatures are made over: the byte before the public key in its text form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// The note's text itself (0x01).
    Ed25519,
    /// A time and the note's text, as witnesses of logs sign (0x04, C2SP `tlog-cosignature`).
    CosignatureV1,
}

impl KeyType {
    /// The byte that stands for it.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::CosignatureV1].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// Why a text is no key, or a name cannot name one. The text is not repeated: it may be a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteKeyFault {
    /// The name is empty, or has a space, a control character or `+` in it.
    #[error("a key's name has 1 to 255 bytes and neither spaces, control characters nor '+'")]
    Name,
    /// The parts are not there.
    #[error("a key reads name+hash+base64, or PRIVATE+KEY+name+hash+base64")]
    Shape,
    /// The hash is not that of name and key: something was cut or mistyped.
    #[error("the key's hash does not fit its name and bytes; it was mistyped or cut")]
    Hash,
    /// Not a kind of key that is read here.
    #[error("the key is of type {found:#04x}; types 0x01 (Ed25519) and 0x04 (cosignature) are read")]
    Type {
        /// The type byte.
        found: u8,
    },
    /// No point of the curve, or one under which anything could be signed.
    #[error("the key's bytes are no sound Ed25519 key")]
    Weak,
    /// The system gives no random bytes for a new key.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyType,
    key: VerifyingKey,
    hash: [u8; 4],
}

impl VerifierKey {
    /// The key of a name, a kind and 32 bytes.
    ///
    /// # Errors
    /// [`NoteKeyFault::Name`] or [`NoteKeyFault::Weak`].
    pub fn try_new(name: &str, kind: KeyType, bytes: &[u8; 32]) -> Result<Self, NoteKeyFault> {
        if !is_name(name) {
            return Err(NoteKeyFault::Name);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| NoteKeyFault::Weak)?;
        if key.is_weak() {
            return Err(NoteKeyFault::Weak);
        }
        Ok(Self { name: name.to_owned(), kind, key, hash: key_hash(name, kind, bytes) })
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`NoteKeyFault`].
    pub fn parse(text: &str) -> Result<Self, NoteKeyFault> {
        let (name, hash, data) = split(text)?;
        let (kind, bytes) = typed(data)?;
        let key = Self::try_new(name, kind, &bytes)?;
        if unhex::<4>(hash) == Some(key.hash) { Ok(key) } else { Err(NoteKeyFault::Hash) }
    }

    /// Whose key it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures are made over.
    pub const fn key_type(&self) -> KeyType {
        self.kind
    }

    /// The four bytes by which a signature line names its key.
    pub const fn key_hash(&self) -> [u8; 4] {
        self.hash
    }

    /// The public key itself.
    pub fn key_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The same public key under another kind, for instance as a witness's.
    #[must_use]
    pub fn of_type(&self, kind: KeyType) -> Self {
        let hash = key_hash(&self.name, kind, self.key.as_bytes());
        Self { name: self.name.clone(), kind, key: self.key, hash }
    }

    /// Whether these 64 bytes are this key's signature over exactly this message; signatures that could also be
    /// read another way are refused.
    pub fn verify_strict(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// Whether a signature line says that it is by this key (name and hash); nothing is proved by that.
    pub fn is_named_in(&self, line: &SignatureLine) -> bool {
        line.name() == self.name && line.key_hash() == self.hash
    }

    /// Whether a line is this key's signature over a note's text. Only for keys of type Ed25519: a cosignature
    /// is made over more than the text.
    pub fn signed(&self, text: &str, line: &SignatureLine) -> bool {
        let Ok(signature) = <&[u8; 64]>::try_from(line.signature()) else { return false };
        self.kind == KeyType::Ed25519
            && self.is_named_in(line)
            && self.verify_strict(text.as_bytes(), signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", text_form(&self.name, &self.hash, self.kind, self.key.as_bytes()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = NoteKeyFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

pub(super) fn text_form(name: &str, hash: &[u8; 4], kind: KeyType, bytes: &[u8; 32]) -> String {
    format!("{name}+{}+{}", hex(hash), to_base64(&[&[kind.byte()], bytes.as_slice()].concat()))
}

/// Splits `name+hash+data`; only the data may hold a `+`.
pub(super) fn split(text: &str) -> Result<(&str, &str, &str), NoteKeyFault> {
    let mut parts = text.splitn(3, '+');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(hash), Some(data)) => Ok((name, hash, data)),
        _ => Err(NoteKeyFault::Shape),
    }
}

/// Reads a type byte and 32 bytes.
pub(super) fn typed(data: &str) -> Result<(KeyType, zeroize::Zeroizing<[u8; 32]>), NoteKeyFault> {
    let bytes = zeroize::Zeroizing::new(from_base64(data).ok_or(NoteKeyFault::Shape)?);
    let (found, key) = bytes.split_first().ok_or(NoteKeyFault::Shape)?;
    let kind = KeyType::from_byte(*found).ok_or(NoteKeyFault::Type { found: *found })?;
    let key = <[u8; 32]>::try_from(key).map_err(|_| NoteKeyFault::Shape)?;
    Ok((kind, zeroize::Zeroizing::new(key)))
}

/// First four bytes of SHA-256 over name, newline, type and public key.
fn key_hash(name: &str, kind: KeyType, key: &[u8; 32]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[kind.byte()], key]);
    let [a, b, c, d, ..] = hash;
    [a, b, c, d]
}

/// Whether a name can stand in a signature line and in a key's text.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    (1..=255).contains(&name.len()) && name.chars().all(fits)
}
