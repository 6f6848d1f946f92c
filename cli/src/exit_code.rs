//! What the program's exit codes mean; documented in `docs/commands.md`.

use std::fmt;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// A fault of the machine, the database or the network; the ledger holds whole events only.
    Fault,
    /// The command line is not right.
    Usage,
    /// A file could not be read, or some of its rows were refused.
    DataProblem,
    /// What was asked for contradicts what is recorded.
    Refused,
    /// Stored data is not what it should be.
    Integrity,
    /// Nothing is known under this name.
    NotFound,
    /// `verify` found damage; the code says of which kind.
    Damaged(u8),
}

impl Outcome {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Fault => 1,
            Self::Usage => 2,
            Self::DataProblem => 3,
            Self::Refused => 4,
            Self::Integrity => 5,
            Self::NotFound => 6,
            Self::Damaged(code) => code,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.code())
    }
}

/// An error on its way to the shell: what to say, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the run ends.
    pub(crate) outcome: Outcome,
    /// The message with its causes.
    pub(crate) error: anyhow::Error,
}

impl Failure {
    /// A failure with a message of our own.
    pub(crate) fn new(
        outcome: Outcome,
        message: impl fmt::Display + fmt::Debug + Send + Sync + 'static,
    ) -> Self {
        Self { outcome, error: anyhow::Error::msg(message) }
    }

    /// How the run ends: a fault that goes back to what the database holds is damage, whichever command met it.
    pub(crate) fn ends_with(&self) -> Outcome {
        if self.outcome == Outcome::Fault && ledger::is_damage(self.error.as_ref()) {
            return Outcome::Integrity;
        }
        self.outcome
    }
}

/// Gives errors of the rooms their exit code.
pub(crate) trait OrFailure<T> {
    /// The value, or a failure with this outcome.
    fn or_fail(self, outcome: Outcome) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrFailure<T> for Result<T, E> {
    fn or_fail(self, outcome: Outcome) -> Result<T, Failure> {
        self.map_err(|error| Failure { outcome, error: error.into() })
    }
}
