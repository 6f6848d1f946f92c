//! SHA-256 over parts, and hashes as text.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// SHA-256 of the parts one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut state = Sha256::new();
    parts.iter().for_each(|part| state.update(part));
    state.finalize().into()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of lower-case hex of exactly this length; `None` for anything else.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// A UUID as text: 36 lower-case characters with hyphens.
pub(crate) fn uuid_text(id: &[u8; 16]) -> String {
    let mut text = Vec::with_capacity(36);
    push_uuid(&mut text, id);
    text.into_iter().map(char::from).collect()
}

/// Writes a UUID as text.
pub(crate) fn push_uuid(out: &mut Vec<u8>, id: &[u8; 16]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'?');
    for (index, byte) in id.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
}

/// The id of a UUID in its one text form; `None` for any other.
pub(crate) fn uuid_of(text: &str) -> Option<[u8; 16]> {
    let id: [u8; 16] = unhex(&text.replace('-', ""))?;
    (uuid_text(&id) == text).then_some(id)
}
