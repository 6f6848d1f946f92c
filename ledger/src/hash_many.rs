//! SHA-256 of many messages side by side: what one batch has to hash, eight messages at a time.
//!
//! It gives what [`crate::hash::sha256`] gives for each message alone. Where the processor has instructions for
//! SHA-256, or none for eight numbers at once, it hashes one message after the other. It keeps no state between
//! batches, and wipes what it was given.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

use crate::hash::Hash;

/// Messages that are hashed together.
const LANES: usize = 8;
/// Below this many messages, filling the lanes gains nothing.
const WORTH_LANES: usize = 3;

type Block = [u8; 64];
type State = [u32; 8];

const START: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Messages in the order in which their hashes are wanted, each padded to whole blocks (FIPS 180-4, 5.1.1).
#[derive(Debug, Default)]
pub(crate) struct Messages {
    bytes: Zeroizing<Vec<u8>>,
    /// End of each message, in blocks.
    ends: Vec<usize>,
}

impl Messages {
    /// No messages yet, with room for so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(bytes)), ends: Vec::new() }
    }

    /// Adds the message that the parts make, one after the other.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.pad(length);
    }

    /// Adds the message that is written.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        self.pad(self.bytes.len() - before);
    }

    fn pad(&mut self, length: usize) {
        let bits = u64::try_from(length).expect("a length fits 64 bits") * 8;
        self.bytes.push(0x80);
        let whole = (self.bytes.len() + 8).next_multiple_of(64) - 8;
        self.bytes.resize(whole, 0);
        self.bytes.extend_from_slice(&bits.to_be_bytes());
        self.ends.push(self.bytes.len() / 64);
    }

    fn each(&self) -> impl Iterator<Item = &[Block]> {
        let (blocks, _) = self.bytes.as_chunks::<64>();
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| blocks.get(start..end).unwrap_or_default())
    }
}

/// The hashes of all messages of several lists, in order.
pub(crate) fn hash_all<'a>(lists: impl IntoIterator<Item = &'a Messages>) -> Vec<Hash> {
    let messages: Vec<&[Block]> = lists.into_iter().flat_map(Messages::each).collect();
    // Without optimisation the loops of the lanes are no vectors and hundreds of times slower.
    let lanes = lanes::find().filter(|_| !cfg!(debug_assertions) && messages.len() >= WORTH_LANES);
    lanes.map_or_else(|| one_by_one(&messages), |lanes| side_by_side(&messages, |group| lanes.hash(group)))
}

/// The hashes of the messages of one list.
pub(crate) fn hashes(messages: &Messages) -> Vec<Hash> {
    hash_all([messages])
}

fn one_by_one(messages: &[&[Block]]) -> Vec<Hash> {
    let one = |blocks: &&[Block]| {
        let mut state = START;
        compress256(&mut state, blocks);
        to_hash(state)
    };
    messages.iter().map(one).collect()
}

fn to_hash(state: State) -> Hash {
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

/// Fills the lanes with messages of like length, so that few lanes wait for the longest.
fn side_by_side(messages: &[&[Block]], hash: impl Fn([&[Block]; LANES]) -> [State; LANES]) -> Vec<Hash> {
    let mut order: Vec<(usize, &[Block])> = messages.iter().copied().enumerate().collect();
    order.sort_unstable_by_key(|(_, message)| message.len());
    let mut hashes = vec![[0; 32]; messages.len()];
    for group in order.chunks(LANES) {
        let mut lanes: [&[Block]; LANES] = [&[]; LANES];
        lanes.iter_mut().zip(group).for_each(|(lane, (_, message))| *lane = message);
        for (state, (index, _)) in hash(lanes).into_iter().zip(group) {
            if let Some(place) = hashes.get_mut(*index) {
                *place = to_hash(state);
            }
        }
    }
    hashes
}

#[cfg(not(target_arch = "x86_64"))]
mod lanes {
    use super::{Block, LANES, State};

    /// There are none on this processor.
    pub(super) enum Lanes {}

    pub(super) fn find() -> Option<Lanes> {
        None
    }

    impl Lanes {
        pub(super) fn hash(&self, _: [&[Block]; LANES]) -> [State; LANES] {
            match *self {}
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    //! Eight messages in the eight numbers of a vector register. The compiler makes the vectors of plain loops.

    use std::sync::LazyLock;

    use pulp::NullaryFnOnce;
    use pulp::x86::V3;

    use super::{Block, LANES, START, State};

    /// One number of each lane.
    #[derive(Clone, Copy)]
    #[repr(align(32))]
    struct Eight([u32; LANES]);

    /// A processor that has such registers.
    #[derive(Clone, Copy)]
    pub(super) struct Lanes(V3);

    static FOUND: LazyLock<Option<Lanes>> = LazyLock::new(|| {
        let has_its_own = std::arch::is_x86_feature_detected!("sha");
        V3::try_new().filter(|_| !has_its_own).map(Lanes)
    });

    pub(super) fn find() -> Option<Lanes> {
        *FOUND
    }

    impl Lanes {
        /// The states after each message; a lane without blocks gives nothing of meaning.
        pub(super) fn hash(self, messages: [&[Block]; LANES]) -> [State; LANES] {
            self.0.vectorize(Group(messages))
        }
    }

    struct Group<'a>([&'a [Block]; LANES]);

    impl NullaryFnOnce for Group<'_> {
        type Output = [State; LANES];

        #[inline(always)]
        fn call(self) -> [State; LANES] {
            let longest = self.0.iter().map(|message| message.len()).max().unwrap_or_default();
            let mut state = START.map(|word| Eight([word; LANES]));
            let mut ended = [START; LANES];
            for index in 0..longest {
                let mut words = load(self.0.map(|message| message.get(index).unwrap_or(&[0; 64])));
                compress(&mut state, &mut words);
                for (lane, (message, ended)) in self.0.iter().zip(&mut ended).enumerate() {
                    if message.len() == index + 1 {
                        *ended = state.map(|Eight(words)| words.get(lane).copied().unwrap_or_default());
                    }
                }
            }
            ended
        }
    }

    impl Eight {
        #[inline(always)]
        fn map(self, f: impl Fn(u32) -> u32) -> Self {
            Self(std::array::from_fn(|lane| f(at(&self, lane))))
        }

        #[inline(always)]
        fn plus(self, other: Self) -> Self {
            Self(std::array::from_fn(|lane| at(&self, lane).wrapping_add(at(&other, lane))))
        }

        #[inline(always)]
        fn with(self, b: Self, c: Self, f: impl Fn(u32, u32, u32) -> u32) -> Self {
            Self(std::array::from_fn(|lane| f(at(&self, lane), at(&b, lane), at(&c, lane))))
        }
    }

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "a lane is below their number; a check would break the vectors"
    )]
    fn at(eight: &Eight, lane: usize) -> u32 {
        eight.0[lane]
    }

    /// Word `t` of every lane's block beside each other.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "both numbers are below the lengths of their arrays")]
    fn load(blocks: [&Block; LANES]) -> [Eight; 16] {
        let mut words = [Eight([0; LANES]); 16];
        for (lane, block) in blocks.into_iter().enumerate() {
            for (t, bytes) in block.as_chunks::<4>().0.iter().enumerate() {
                words[t].0[lane] = u32::from_be_bytes(*bytes);
            }
        }
        words
    }

    /// FIPS 180-4, 6.2.2, the message schedule kept in sixteen words.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "every index is taken modulo the array's length")]
    fn compress(state: &mut [Eight; 8], w: &mut [Eight; 16]) {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
        for t in 0..64 {
            if t >= 16 {
                let before = w[(t + 1) % 16].map(|x| x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3));
                let after = w[(t + 14) % 16].map(|x| x.rotate_right(17) ^ x.rotate_right(19) ^ (x >> 10));
                w[t % 16] = w[t % 16].plus(before).plus(w[(t + 9) % 16]).plus(after);
            }
            let big = e.map(|x| x.rotate_right(6) ^ x.rotate_right(11) ^ x.rotate_right(25));
            let choice = e.with(f, g, |e, f, g| (e & f) ^ (!e & g));
            let first = h.plus(big).plus(choice).plus(w[t % 16].map(|x| x.wrapping_add(ROUNDS[t])));
            let big = a.map(|x| x.rotate_right(2) ^ x.rotate_right(13) ^ x.rotate_right(22));
            let majority = a.with(b, c, |a, b, c| (a & b) ^ (a & c) ^ (b & c));
            [h, g, f, e, d, c, b, a] = [g, f, e, d.plus(first), c, b, a, first.plus(big).plus(majority)];
        }
        for (sum, word) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = sum.plus(word);
        }
    }

    /// FIPS 180-4, 4.2.2.
    #[rustfmt::skip]
    const ROUNDS: [u32; 64] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    /// Every length around the ends of blocks, and groups that do not fill the lanes.
    #[test]
    fn each_hash_is_that_of_the_message_alone() {
        let text: Vec<u8> = (0..=255).cycle().take(700).collect();
        for count in [0, 1, 2, 3, 7, 8, 9, 64, 300] {
            let mut messages = Messages::default();
            let parts = |index: usize| text[..index * 37 % 601].split_at(index * 37 % 601 / 3);
            for index in 0..count {
                let (first, second) = parts(index);
                messages.push(&[first, &[], second]);
            }
            let expected: Vec<Hash> = (0..count)
                .map(|index| {
                    let (first, second) = parts(index);
                    sha256(&[first, second])
                })
                .collect();
            assert_eq!(hashes(&messages), expected, "{count} messages");
            let each: Vec<&[Block]> = messages.each().collect();
            if let Some(lanes) = lanes::find() {
                assert_eq!(side_by_side(&each, |group| lanes.hash(group)), expected, "{count} side by side");
            }
        }
    }

    #[test]
    fn lengths_around_the_padding() {
        let text = [7; 200];
        let mut messages = Messages::with_room(20_000);
        (0..200).for_each(|length| messages.push(&[&text[..length]]));
        assert_eq!(messages.each().count(), 200);
        let each: Vec<&[Block]> = messages.each().collect();
        let lanes = lanes::find().map(|lanes| side_by_side(&each, |group| lanes.hash(group)));
        for hashes in lanes.into_iter().chain([hashes(&messages)]) {
            for (length, hash) in hashes.into_iter().enumerate() {
                assert_eq!(hash, sha256(&[&text[..length]]), "{length}");
            }
        }
    }
}
