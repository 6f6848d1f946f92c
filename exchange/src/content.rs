//! What a file says, whatever the order of its rows: a source that writes the same rows in another order has told nothing new.
//!
//! Invariant: two files with the same rows in the same lists have one content, in whichever order rows and repeated elements
//! stand. What was not read of a file is no part of it.

use sha2::{Digest as _, Sha256};

use crate::extract::{SourceRow, Subject, SubjectRows};

const LANES: usize = 4;

/// The content of a file: the sum of the digests of its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Content {
    sum: [u64; LANES],
    rows: u64,
}

impl Content {
    /// Adds the rows of one subject, or of one element about it.
    pub(crate) fn add(&mut self, subject: &SubjectRows) {
        let mut within: Vec<Vec<[u8; 32]>> = vec![Vec::new(); subject.rows.len()];
        // A parent stands before its children, so that each row finds what stands within it.
        for (at, row) in subject.rows.iter().enumerate().rev() {
            let mut own = within.get_mut(at).map(std::mem::take).unwrap_or_default();
            own.sort_unstable();
            let digest = digest_of(&subject.subject, row, &own);
            match row.parent.and_then(|parent| within.get_mut(parent)) {
                Some(parent) => parent.push(digest),
                None => self.add_digest(&digest),
            }
        }
    }

    /// Adds a line of text.
    pub fn add_line(&mut self, line: &[u8]) {
        self.add_digest(&Sha256::digest(line).into());
    }

    fn add_digest(&mut self, digest: &[u8; 32]) {
        for (lane, bytes) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let part = bytes.try_into().map_or(0, u64::from_le_bytes);
            *lane = lane.wrapping_add(part);
        }
        self.rows += 1;
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let lanes = self.sum.iter().map(|lane| format!("{lane:016x}"));
        lanes.chain([format!("{:x}", self.rows)]).collect()
    }
}

fn digest_of(subject: &Subject, row: &SourceRow, within: &[[u8; 32]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(text.as_bytes());
    };
    part(&row.list.code);
    match subject {
        Subject::Child(id) => ["child", id],
        Subject::Adopter(id) => ["adopter", id],
        Subject::Nobody => ["nobody", ""],
    }
    .into_iter()
    .for_each(&mut part);
    let mut values: Vec<(&str, &str)> =
        row.values.iter().map(|value| (value.column.field.as_str(), value.raw.as_str())).collect();
    values.sort_unstable();
    values.into_iter().flat_map(|(field, text)| [field, text]).for_each(&mut part);
    within.iter().for_each(|digest| hash.update(digest));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_another_order_have_one_content_and_a_line_told_twice_another() {
        let of = |lines: &[&str]| {
            let mut content = Content::default();
            lines.iter().for_each(|line| content.add_line(line.as_bytes()));
            content.digest()
        };
        assert_eq!(of(&["a", "b", "c"]), of(&["c", "a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "b", "b"]));
        assert_ne!(of(&["ab"]), of(&["a", "b"]));
    }
}
