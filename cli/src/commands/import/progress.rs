//! How an import says how far it is, on standard error: a line that is renewed on a terminal, a plain line now
//! and then elsewhere. Nothing is hidden by it: it never stands where an answer goes.

use std::io::{self, IsTerminal as _};
use std::time::Instant;

/// When the last line was told, and when the work began.
pub(super) struct Progress {
    began: Instant,
    told: Instant,
    on_terminal: bool,
}

impl Progress {
    /// Begins now.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { began: now, told: now, on_terminal: io::stderr().is_terminal() }
    }

    /// Tells how many of something are done, where it is time for a line.
    pub(super) fn tell(&mut self, done: u64, what: &str) {
        let pause = if self.on_terminal { 200 } else { 5_000 };
        if self.told.elapsed().as_millis() < pause {
            return;
        }
        self.told = Instant::now();
        let line = format!("{done} {what}, {} a second", done / self.began.elapsed().as_secs().max(1));
        if self.on_terminal { eprint!("\r{line}\u{1b}[K") } else { eprintln!("{line}") }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.on_terminal && self.told > self.began {
            eprintln!();
        }
    }
}
