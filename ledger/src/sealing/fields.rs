//! Salted commitments to single fields, so that one field can be disclosed and proved alone.

use std::collections::BTreeMap;

use hkdf::Hkdf;
use sha2::Sha256;

use crate::hash::{Hash, sha256};
use crate::tree;

/// One field shown to somebody, with what proves that it was sealed with the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosedField {
    /// Name of the field.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The salt of this field; it says nothing about the others.
    pub salt: Hash,
    /// Place among the box's fields, from 0.
    pub index: usize,
    /// Number of fields in the box.
    pub of: usize,
    /// Inclusion proof, deepest first.
    pub proof: Vec<Hash>,
}

impl DisclosedField {
    /// The commitment root that this field proves into; `None` where the proof is malformed.
    #[cfg(test)]
    pub(crate) fn root(&self) -> Option<Hash> {
        let leaf = tree::leaf_hash(&commitment(&self.salt, &self.name, &self.text));
        tree::root_from_inclusion(leaf, self.index, self.of, &self.proof)
    }
}

/// Whether a field was sealed in a container: its root is that of one of the boxes. The container itself is tied to
/// the event by its hash in the leaf. Needs no key.
#[cfg(test)]
pub(crate) fn was_sealed(container: &[u8], field: &DisclosedField) -> bool {
    let boxes = super::boxes(container).unwrap_or_default();
    field.root().is_some_and(|root| boxes.iter().any(|one| one.root == root))
}

fn field_salt(salt: &Hash, name: &str) -> Hash {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(None, salt)
        .expand_multi_info(&[b"CL1FSALT", name.as_bytes()], &mut out)
        .expect("32 bytes is a length that HKDF gives");
    out
}

fn commitment(field_salt: &Hash, name: &str, text: &str) -> Hash {
    let length = u16::try_from(name.len()).expect("a field's name has at most 255 bytes");
    sha256(&[b"CL1FIELD", field_salt, &length.to_be_bytes(), name.as_bytes(), text.as_bytes()])
}

fn leaves(salt: &Hash, fields: &BTreeMap<String, String>) -> Vec<Hash> {
    let leaf =
        |(name, text): (&String, &String)| tree::leaf_hash(&commitment(&field_salt(salt, name), name, text));
    fields.iter().map(leaf).collect()
}

/// The root over all fields of a box.
pub(super) fn root(salt: &Hash, fields: &BTreeMap<String, String>) -> Hash {
    tree::root(&leaves(salt, fields))
}

/// One field with its proof; `None` where there is no such field.
pub(super) fn disclose(salt: &Hash, fields: &BTreeMap<String, String>, name: &str) -> Option<DisclosedField> {
    let index = fields.keys().position(|field| field == name)?;
    let leaves = leaves(salt, fields);
    Some(DisclosedField {
        name: name.to_owned(),
        text: fields.get(name)?.clone(),
        salt: field_salt(salt, name),
        index,
        of: leaves.len(),
        proof: tree::inclusion(&leaves, index)?,
    })
}
