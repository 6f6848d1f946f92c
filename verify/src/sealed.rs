//! The outside of a sealed container and single disclosed fields, `docs/ledger-format.md` section 6.
//!
//! No key is used: what a box holds stays closed. A field that was disclosed is proved against the box's root.

use crate::hash::{Hash, sha256};
use crate::tree;

/// Bytes of a box before its ciphertext: key id, root, nonce, length.
const BOX_HEAD: usize = 16 + 32 + 24 + 4;

/// Bytes of the tag that ends every ciphertext.
const TAG: u32 = 16;

/// The commitment roots of a container's boxes, in their order; `None` where the bytes are no container of version 1.
pub(crate) fn box_roots(container: &[u8]) -> Option<Vec<Hash>> {
    let (&[1, 1, count], mut rest) = container.split_first_chunk::<3>()? else { return None };
    let mut roots = Vec::with_capacity(usize::from(count));
    let mut last_key: Option<&[u8; 16]> = None;
    for _ in 0..count {
        let (key, root, after) = one_box(rest)?;
        if last_key.is_some_and(|last| last >= key) {
            return None;
        }
        (last_key, rest) = (Some(key), after);
        roots.push(root);
    }
    (count > 0 && rest.is_empty()).then_some(roots)
}

fn one_box(bytes: &[u8]) -> Option<(&[u8; 16], Hash, &[u8])> {
    let (head, rest) = bytes.split_at_checked(BOX_HEAD)?;
    let (key, head) = head.split_first_chunk::<16>()?;
    let (root, head) = head.split_first_chunk::<32>()?;
    let length = u32::from_be_bytes(*head.last_chunk::<4>()?);
    let (_, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    (length >= TAG).then_some((key, *root, rest))
}

/// One field that somebody disclosed.
#[derive(Clone, Debug)]
pub(crate) struct Disclosed<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) salt: Hash,
    pub(crate) index: u64,
    pub(crate) of: u64,
    pub(crate) proof: Vec<Hash>,
    pub(crate) root: Hash,
}

impl Disclosed<'_> {
    /// Whether the field leads to its root, by name, text, salt and place.
    pub(crate) fn holds(&self) -> bool {
        let Ok(length) = u16::try_from(self.name.len()) else { return false };
        let length = length.to_be_bytes();
        let field = sha256(&[b"CL1FIELD", &self.salt, &length, self.name.as_bytes(), self.text.as_bytes()]);
        tree::includes(&self.root, self.of, self.index, &tree::leaf_hash(&field), &self.proof)
    }
}
