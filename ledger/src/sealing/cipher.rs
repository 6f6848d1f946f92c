//! XChaCha20-Poly1305, the one cipher of containers and key files.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// Ciphertext with its tag last.
pub(crate) fn seal(key: &[u8; 32], nonce: &[u8; 24], plaintext: &[u8], associated: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new(key.into())
        .encrypt(nonce.into(), Payload { msg: plaintext, aad: associated })
        .expect("a text of an event is far below the cipher's limit of 256 GiB")
}

/// The plaintext; `None` where key, nonce, associated data or ciphertext do not belong together.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: &[u8; 24],
    ciphertext: &[u8],
    associated: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    XChaCha20Poly1305::new(key.into())
        .decrypt(nonce.into(), Payload { msg: ciphertext, aad: associated })
        .ok()
        .map(Zeroizing::new)
}
