//! Who asks, and whether they may.
//!
//! There is no sign-in yet: the server listens on loopback, and whoever reaches it is its operator. Every
//! question passes [`decide`] all the same, so that sign-in changes this module and no resolver.

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Whoever reaches the server's address; nobody has signed in.
    LocalOperator,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See the state of the ledger and the rule book: no facts about anybody.
    SeeLedger,
    /// See lists and counts over children.
    SeeLists,
    /// See one child's journey.
    SeeJourney,
}

/// The answer to a subject who wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Permit,
    /// They may not.
    Deny,
}

/// Whether a subject may do something. Pure: what it decides on is handed in.
pub const fn decide(subject: Subject, action: Action) -> Decision {
    match (subject, action) {
        (Subject::LocalOperator, Action::SeeLedger | Action::SeeLists | Action::SeeJourney) => {
            Decision::Permit
        }
    }
}
