//! How large a run is.

use std::time::Duration;

/// How large a run is.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Numbers of concurrent callers at which every store is measured.
    pub callers: &'static [usize],
    /// Numbers of concurrent callers at which only this ledger is measured.
    pub own_callers: &'static [usize],
    /// Rounds of every measurement; medians are reported.
    pub rounds: usize,
    /// Length of one round of appends.
    pub round: Duration,
    /// Children of the larger synthetic authority; the smaller has a fifth.
    pub children: u32,
    /// Years of both.
    pub years: u32,
    /// How often one journey is replayed.
    pub replays: usize,
}

impl Scale {
    /// The figures of `docs/benchmarks.md`: below 8 minutes on 2 cores.
    pub const FULL: Self = Self {
        callers: &[1, 8, 32, 128],
        own_callers: &[512],
        rounds: 3,
        round: Duration::from_secs(3),
        children: 5_000,
        years: 6,
        replays: 300,
    };

    /// Whether everything runs, in less than a minute; its figures mean little.
    pub const QUICK: Self = Self {
        callers: &[1, 8],
        own_callers: &[],
        rounds: 1,
        round: Duration::from_secs(1),
        children: 1_000,
        years: 6,
        replays: 50,
    };
}
