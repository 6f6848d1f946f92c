//! What the server holds while it runs: whom it asks, who asks it, and the one clock.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use ledger::Ledger;

use crate::access::Subject;
use crate::busy::RequestLimit;
use crate::health::Health;
use crate::hosts::Hosts;
use crate::reading::Reading;

/// What every page and resolver is given.
#[derive(Clone)]
pub struct AppState {
    /// Answers questions about the record.
    pub reading: Arc<dyn Reading>,
    /// Who asks. There is no sign-in yet, so it is one subject for the whole server.
    pub subject: Subject,
    /// The log that is served to those who follow it; without one `/log/` is not there.
    pub log: Option<Ledger>,
    /// The state of each background task.
    pub health: Health,
    /// Under which names it answers.
    pub hosts: Hosts,
    /// How many requests it answers at once.
    pub request_limit: RequestLimit,
    /// The server's clock.
    pub now: fn() -> DateTime<Utc>,
}

impl AppState {
    /// The state of a server without sign-in on the clock of the machine.
    pub fn new(reading: Arc<dyn Reading>) -> Self {
        Self {
            reading,
            subject: Subject::LocalOperator,
            log: None,
            health: Health::default(),
            hosts: Hosts::default(),
            request_limit: RequestLimit::default(),
            now: machine_clock,
        }
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one clock of the server; everything below is handed the time"
)]
pub(crate) fn machine_clock() -> DateTime<Utc> {
    Utc::now()
}
