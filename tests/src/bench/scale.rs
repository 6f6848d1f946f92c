//! How large a run is.

use std::borrow::Cow;
use std::time::Duration;

use super::load::Load;

/// How large a run is.
#[derive(Clone, Debug)]
pub struct Scale {
    /// The loads under which every store is measured.
    pub loads: Cow<'static, [Load]>,
    /// Whether this ledger is measured without the other stores, as one does to profile it.
    pub alone: bool,
    /// Rounds of every measurement; medians are reported.
    pub rounds: usize,
    /// Length of one round of appends.
    pub round: Duration,
    /// Events that a ledger holds before it is measured beside an empty one; 0 to leave that out.
    pub preload: u64,
    /// How long a snapshot is held open while this ledger is measured; zero to leave that out.
    pub snapshot: Duration,
    /// Children of the larger synthetic authority; the smaller has a fifth. 0 to measure appends only.
    pub children: u32,
    /// Years of both.
    pub years: u32,
    /// How often one journey is replayed.
    pub replays: usize,
}

impl Scale {
    /// The figures of `docs/benchmarks.md`: below 15 minutes on 2 cores.
    pub const FULL: Self = Self {
        loads: Cow::Borrowed(&[
            Load::of(1),
            Load::of(8),
            Load::of(32),
            Load::of(128),
            Load::of(512),
            Load::tens(8),
            Load::tens(128),
            Load::hot(32),
        ]),
        alone: false,
        rounds: 3,
        round: Duration::from_secs(3),
        preload: 300_000,
        snapshot: Duration::from_secs(30),
        children: 5_000,
        years: 6,
        replays: 300,
    };

    /// Whether everything runs, in less than a minute; its figures mean little.
    pub const QUICK: Self = Self {
        loads: Cow::Borrowed(&[Load::of(1), Load::of(8), Load::tens(8), Load::hot(8)]),
        alone: false,
        rounds: 1,
        round: Duration::from_secs(1),
        preload: 5_000,
        snapshot: Duration::from_secs(2),
        children: 1_000,
        years: 6,
        replays: 50,
    };
}
