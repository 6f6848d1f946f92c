//! SHA-256 of many messages, by another implementation than the one that writes.
//!
//! Hashing is nearly all of a checker's work, so the rows are hashed by `ring`, whose SHA-256 is hand-written for each
//! processor. Nothing rests on it alone: a row whose hash seems wrong is hashed again by the `sha2` crate before it is
//! reported, one row in [`SAMPLE`] is hashed by both always, and tests compare the two over every length of padding.

use ring::digest::{SHA256, digest};

use crate::hash::Hash;

/// One row in so many is hashed a second time by `sha2`.
pub(crate) const SAMPLE: u64 = 1_024;

/// Messages of one kind, one after the other in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Messages {
    /// Forgets all messages and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds the message that `write` appends.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// The messages in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(start..*end).unwrap_or(&[]))
    }

    /// The hashes in the same order.
    pub(crate) fn hashes(&self) -> Vec<Hash> {
        hash_many(&self.iter().collect::<Vec<_>>())
    }
}

/// SHA-256 of each message.
pub(crate) fn hash_many(messages: &[&[u8]]) -> Vec<Hash> {
    messages.iter().map(|message| hash(message)).collect()
}

/// The hashes of the nodes over each pair of children; a last child without a sibling is left out.
pub(crate) fn parents(children: &[Hash]) -> Vec<Hash> {
    let mut node = [1; 65];
    let mut parent = |pair: &[Hash]| {
        let both = node.iter_mut().skip(1).zip(pair.iter().flatten());
        both.for_each(|(to, from)| *to = *from);
        hash(&node)
    };
    children.chunks_exact(2).map(&mut parent).collect()
}

fn hash(message: &[u8]) -> Hash {
    digest(&SHA256, message).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    #[test]
    fn lanes_and_sha2_agree_on_every_length_of_padding() {
        let mut messages = Messages::default();
        for length in (0_u16..700).rev() {
            messages.push(|out| out.extend((0..length).map(|byte| (byte * 7).to_be_bytes()[1])));
        }
        let expected: Vec<Hash> = messages.iter().map(|message| sha256(&[message])).collect();
        assert_eq!(messages.hashes(), expected);
        for count in 0..40 {
            let some: Vec<&[u8]> = messages.iter().take(count).collect();
            assert_eq!(hash_many(&some), expected[..count]);
        }
    }

    #[test]
    fn parents_are_the_nodes_of_the_tree() {
        let children: Vec<Hash> = (0..33).map(|number| [number; 32]).collect();
        let expected: Vec<Hash> =
            children.chunks_exact(2).map(|pair| crate::tree::node_hash(&pair[0], &pair[1])).collect();
        assert_eq!(parents(&children), expected);
    }
}
