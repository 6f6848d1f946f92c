//! How much of everything a campaign does.

/// How much of everything a campaign does.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Name for the report.
    pub name: &'static str,
    /// Kills of each victim.
    pub kills: u32,
    /// Cycles of the control that must lose something, and of each that must not.
    pub controls: u32,
    /// Concurrent callers under a kill.
    pub callers: u32,
    /// Bounds in milliseconds, both included, of the time under load before a fault.
    pub load_ms: (u64, u64),
    /// Appends of one caller whose flushes are counted.
    pub flushes: u32,
    /// Rounds of each broken connection.
    pub connections: u32,
    /// Kills of the signer between two system calls, of each kind of call; 0 is all of them.
    pub signer_kills: u32,
    /// Rounds in which a signer is paused and another takes over.
    pub takeovers: u32,
    /// Commands of each of three processes against the model.
    pub model_commands: u32,
    /// Kills below a server under load.
    pub serve_kills: u32,
    /// Calls of each command at which it is killed and fails; 0 is all of them.
    pub file_faults: u32,
}

impl Scale {
    /// Whether this is the form for every change.
    pub(super) fn is_short(self) -> bool {
        self.name == Self::SHORT.name
    }

    /// For every change: about a minute.
    pub const SHORT: Self = Self {
        name: "short",
        kills: 7,
        controls: 1,
        callers: 32,
        load_ms: (20, 150),
        flushes: 100,
        connections: 1,
        signer_kills: 3,
        takeovers: 1,
        model_commands: 300,
        serve_kills: 6,
        file_faults: 1,
    };

    /// The figures of `docs/faults.md`.
    pub const CAMPAIGN: Self = Self {
        name: "campaign",
        kills: 200,
        controls: 10,
        callers: 32,
        load_ms: (20, 150),
        flushes: 2_000,
        connections: 20,
        signer_kills: 0,
        takeovers: 10,
        model_commands: 10_000,
        serve_kills: 100,
        file_faults: 0,
    };

    /// Before a release.
    pub const RELEASE: Self = Self {
        name: "release",
        kills: 1_000,
        controls: 20,
        connections: 100,
        takeovers: 50,
        model_commands: 35_000,
        serve_kills: 300,
        ..Self::CAMPAIGN
    };
}
