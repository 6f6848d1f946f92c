//! Why a line holds no act. No message repeats a value of the file, because it may name somebody.

use thiserror::Error;

use crate::jsonl::LineFault;

/// What is wrong with one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActFault {
    /// As a line of events could be wrong.
    #[error(transparent)]
    Line(#[from] LineFault),
    /// It says nothing to do, or several things.
    #[error("a line holds one of the fields record, correct, withdraw, reinstate; this one holds {found}")]
    NotOneAct {
        /// How many it holds.
        found: usize,
    },
    /// A field that its act needs.
    #[error("the field {field} is missing: {why}")]
    Missing {
        /// The field.
        field: &'static str,
        /// What it is needed for.
        why: &'static str,
    },
    /// A field that its act does not have.
    #[error("the field {field} does not go with {act}; take it out")]
    Stray {
        /// The field.
        field: &'static str,
        /// The act.
        act: &'static str,
    },
    /// The lines of one command name different people.
    #[error(
        "recorded_by, role or team differs from the first line of its command; one request has one recorder"
    )]
    OtherRecorder,
    /// A command has more lines than are taken as one.
    #[error(
        "the command that starts here has more than {} lines; give its acts several commands",
        super::MAX_ACTS
    )]
    TooMany,
}
