//! Chance, the same for the same seed on every machine: integers only, no floating point.
//!
//! The generator is xoshiro256++ seeded by `SplitMix64` (Blackman and Vigna, public domain). It is no source of
//! secrets: ids made here are for invented people.

use domain::ids::{CommandId, EntityId, EventId, StreamId};
use uuid::Uuid;

/// Shares are stated in parts of this.
pub(super) const WHOLE: u32 = 10_000;

/// A distribution as its quantiles: (share of [`WHOLE`] that is at most, value), ascending, the first at 0 and
/// the last at [`WHOLE`]. Between two points values are spread evenly and rounded up, so that the share at each
/// point is exact.
pub(super) type Curve = &'static [(u32, i32)];

/// A source of chance with a place of its own in the seed.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    state: [u64; 4],
}

impl Dice {
    /// The source that belongs to `place` under `seed`.
    pub(super) fn new(seed: u64, place: u64) -> Self {
        let mut mixed = seed ^ place.wrapping_mul(0xA24B_AED4_963E_E407);
        Self { state: std::array::from_fn(|_| split_mix(&mut mixed)) }
    }

    pub(super) fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// Evenly from 0 to `end`, without `end`; 0 where `end` is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let scaled = (self.next() >> 32) * u64::from(end);
        u32::try_from(scaled >> 32).expect("less than end")
    }

    /// Evenly from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        let width = u32::try_from(high - low).map_or(0, |width| width + 1);
        low + i32::try_from(self.below(width)).unwrap_or(0)
    }

    /// Whether something with this share of [`WHOLE`] happens.
    pub(super) fn chance(&mut self, share: u32) -> bool {
        self.below(WHOLE) < share
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let at = self.below(u32::try_from(list.len()).unwrap_or(u32::MAX));
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().expect("the list is not empty")
    }

    /// One of a list by weight; the weights may have any sum above 0.
    pub(super) fn weighted<T: Copy>(&mut self, list: &[(T, u32)]) -> T {
        let mut at = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in list {
            match at.checked_sub(*weight) {
                Some(left) => at = left,
                None => return *value,
            }
        }
        list.last().map(|(value, _)| *value).expect("the list is not empty")
    }

    /// A value of a distribution.
    pub(super) fn curve(&mut self, curve: Curve) -> i32 {
        value_at(curve, self.below(WHOLE) + 1)
    }

    /// A random (version 4) id.
    fn random_id(&mut self) -> Uuid {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }

    /// A time-ordered (version 7) id; `millis` since 1970.
    fn timed_id(&mut self, millis: u64) -> Uuid {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        let [random @ .., _, _, _, _, _, _] = bits.to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    pub(super) fn stream(&mut self) -> StreamId {
        StreamId(self.random_id())
    }

    pub(super) fn entity(&mut self) -> EntityId {
        EntityId(self.random_id())
    }

    pub(super) fn event(&mut self, millis: u64) -> EventId {
        EventId(self.timed_id(millis))
    }

    pub(super) fn command(&mut self, millis: u64) -> CommandId {
        CommandId(self.timed_id(millis))
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The value of a curve at a share from 1 to [`WHOLE`].
fn value_at(curve: Curve, share: u32) -> i32 {
    let mut low = (0, 0);
    for &(upto, value) in curve {
        if share <= upto {
            return between_points(low, (upto, value), share);
        }
        low = (upto, value);
    }
    low.1
}

fn between_points(low: (u32, i32), high: (u32, i32), share: u32) -> i32 {
    let part = i64::from(share - low.0);
    let whole = i64::from(high.0 - low.0).max(1);
    let rise = i64::from(high.1 - low.1) * part;
    let rounded_up = rise.div_euclid(whole) + i64::from(rise.rem_euclid(whole) > 0);
    low.1 + i32::try_from(rounded_up).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // First outputs of xoshiro256++ from the state 1, 2, 3, 4, as other implementations state them.
        let mut dice = Dice { state: [1, 2, 3, 4] };
        let first: [u64; 3] = std::array::from_fn(|_| dice.next());
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223]);
    }

    #[test]
    fn a_curve_keeps_the_share_at_its_points() {
        let curve: Curve = &[(0, 0), (200, 0), (2500, 17), (5000, 33), (10_000, 45)];
        let at_most = |limit| (1..=WHOLE).filter(|share| value_at(curve, *share) <= limit).count();
        assert_eq!((at_most(0), at_most(17), at_most(33), at_most(45)), (200, 2500, 5000, 10_000));
    }

    #[test]
    fn ids_are_of_their_versions_and_ordered_by_time() {
        let mut dice = Dice::new(1, 2);
        assert_eq!(dice.stream().0.get_version_num(), 4);
        let (early, late) = (dice.event(1_600_000_000_000), dice.event(1_600_000_000_001));
        assert_eq!(early.0.get_version_num(), 7);
        assert!(early < late);
    }
}
