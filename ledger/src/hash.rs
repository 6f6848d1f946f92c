//! SHA-256 and HMAC over labelled input. Every label is eight bytes, so that no two kinds of input collide.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// SHA-256 over the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

/// HMAC-SHA-256 (RFC 2104) as the two messages that are hashed for it, so that those of many requests can be hashed
/// side by side.
pub(crate) struct MacParts {
    inner: Zeroizing<[u8; 64]>,
    outer: Zeroizing<[u8; 64]>,
}

impl fmt::Debug for MacParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacParts(..)")
    }
}

impl MacParts {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let pad = |pad: u8| {
            let mut block = Zeroizing::new([pad; 64]);
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            block
        };
        Self { inner: pad(0x36), outer: pad(0x5c) }
    }

    /// What stands before the text in the message that is hashed first.
    pub(crate) fn inner(&self) -> &[u8] {
        self.inner.as_slice()
    }

    /// What stands before the first hash in the message whose hash is the result.
    pub(crate) fn outer(&self) -> &[u8] {
        self.outer.as_slice()
    }
}

/// HMAC-SHA-256 that is fed piece by piece.
pub(crate) struct Mac256(Hmac<Sha256>);

impl Mac256 {
    pub(crate) fn new(key: &[u8; 32], label: &[u8; 8]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        let mut this = Self(mac);
        this.bytes(label);
        this
    }

    /// Adds bytes whose length the reader knows.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds bytes with their length before them.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("a part is far shorter than 4 GiB");
        self.bytes(&length.to_be_bytes());
        self.bytes(bytes);
    }

    pub(crate) fn finish(self) -> Hash {
        self.0.finalize().into_bytes().into()
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        for nibble in [byte >> 4, byte & 0xf] {
            out.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is a hex digit"));
        }
        out
    })
}

/// Reads lower-case hex of exactly `N` bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}
