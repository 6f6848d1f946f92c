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
    /// The line before may be a part of the command.
    #[error("line {before} before it cannot be read and may be a part of its command; mend that line")]
    AfterUnread {
        /// The line that cannot be read.
        before: u64,
    },
    /// A role that is no code.
    #[error("the field role is a short code, such as social_worker")]
    Role,
    /// A team that is no name of one.
    #[error("the field team is the name of a team, of at most 100 characters")]
    Team,
    /// A sealed field that the kind does not have. Its name is not repeated: it may be a value.
    #[error("sealed: {kind} seals {}", sealed_by(.known))]
    Sealed {
        /// The kind.
        kind: &'static str,
        /// What it seals.
        known: Vec<String>,
    },
    /// A sealed field that says nothing.
    #[error("sealed.{field} is empty or longer than 4000 characters; leave it out, or shorten it")]
    SealedText {
        /// The field.
        field: String,
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

fn sealed_by(known: &[String]) -> String {
    if known.is_empty() {
        "nothing beside its facts".to_owned()
    } else {
        format!("only {}", known.join(", "))
    }
}
