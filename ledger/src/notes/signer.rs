//! Private halves. Text form `PRIVATE+KEY+name+hash+base64(type ‖ seed)`, one line.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use thiserror::Error;
use zeroize::Zeroizing;

use super::key::{KeyType, NoteKeyFault, VerifierKey, split, text_form, typed};
use super::note::SignatureLine;
use crate::hash::unhex;

const PRIVATE: &str = "PRIVATE+KEY+";

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignFault {
    /// A signer outside this program refused or is away.
    #[error("the signer {name} does not sign: {reason}")]
    Refused {
        /// The key's name.
        name: String,
        /// What the signer says.
        reason: String,
    },
}

/// Somebody who can sign: a key in this process, or a device or service that never gives its key away.
pub trait Sign: fmt::Debug + Send + Sync + 'static {
    /// The public half.
    fn verifier(&self) -> &VerifierKey;

    /// The Ed25519 signature over a message. May block on a device or a network.
    ///
    /// # Errors
    /// [`SignFault`].
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignFault>;
}

/// Signs a note's text (which must end with a newline) and returns the line to add.
///
/// # Errors
/// [`SignFault`].
pub fn sign_text(signer: &dyn Sign, text: &str) -> Result<SignatureLine, SignFault> {
    let signature = signer.sign(text.as_bytes())?;
    let key = signer.verifier();
    Ok(SignatureLine::of(key, signature.to_vec()))
}

/// A private key in this process's memory, wiped when it is dropped.
pub struct NoteSigner {
    seed: SigningKey,
    verifier: VerifierKey,
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.verifier)
    }
}

impl NoteSigner {
    /// A new random key.
    ///
    /// # Errors
    /// [`NoteKeyFault::Name`], or [`NoteKeyFault::NoRandomness`] where the system gives none.
    pub fn generate(name: &str) -> Result<Self, NoteKeyFault> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| NoteKeyFault::NoRandomness)?;
        Self::from_seed(name, &seed)
    }

    /// The key of a seed.
    ///
    /// # Errors
    /// [`NoteKeyFault::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteKeyFault> {
        let seed = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::try_new(name, KeyType::Ed25519, seed.verifying_key().as_bytes())?;
        Ok(Self { seed, verifier })
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`NoteKeyFault`].
    pub fn parse(text: &str) -> Result<Self, NoteKeyFault> {
        let (name, hash, data) = split(text.strip_prefix(PRIVATE).ok_or(NoteKeyFault::Shape)?)?;
        let (kind, seed) = typed(data)?;
        if kind != KeyType::Ed25519 {
            return Err(NoteKeyFault::Type { found: kind.byte() });
        }
        let signer = Self::from_seed(name, &seed)?;
        if unhex::<4>(hash) == Some(signer.verifier.key_hash()) {
            Ok(signer)
        } else {
            Err(NoteKeyFault::Hash)
        }
    }

    /// The text form: a secret.
    pub fn to_text(&self) -> Zeroizing<String> {
        let (name, hash) = (self.verifier.name(), self.verifier.key_hash());
        let text = Zeroizing::new(text_form(name, &hash, KeyType::Ed25519, self.seed.as_bytes()));
        Zeroizing::new([PRIVATE, text.as_str()].concat())
    }
}

impl Sign for NoteSigner {
    fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignFault> {
        Ok(self.seed.sign(message).to_bytes())
    }
}
