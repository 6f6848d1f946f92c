//! Why a bare start has no last day in time.

use chrono::NaiveDate;
use thiserror::Error;

use super::super::{RuleId, UnknownRule};
use crate::calendar::{Limit, LimitError};

/// Why there is no last day in time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeadlineError {
    /// No rule with that id.
    #[error(transparent)]
    UnknownRule(#[from] UnknownRule),
    /// The rule answers with a flag, a band or a figure, not with a day.
    #[error("count {rule}: it is no time limit and has no last day")]
    NotADeadline {
        /// The rule.
        rule: RuleId,
    },
    /// Another event sets the last day, and its day was not given.
    #[error("count {rule}: the last day lies {limit} before {event}; give that event's day with --set-by")]
    SetByAnother {
        /// The rule.
        rule: RuleId,
        /// The limit that is counted back.
        limit: Limit,
        /// The event, in words.
        event: String,
    },
    /// The event that sets the last day lies before the start, so that it sets none.
    #[error(
        "count {rule}: {set_by}, the day of the event that sets the last day, lies before the start {start}"
    )]
    SetBeforeStart {
        /// The rule.
        rule: RuleId,
        /// The start.
        start: NaiveDate,
        /// The day of the other event.
        set_by: NaiveDate,
    },
    /// The day of another event was given, and none sets the last day of this rule.
    #[error("count {rule}: no other event sets its last day, it counts from its start; leave out --set-by")]
    NotSetByAnother {
        /// The rule.
        rule: RuleId,
    },
    /// No version with that name.
    #[error("find version {version:?} of {rule}; it has {known}")]
    UnknownVersion {
        /// The rule.
        rule: RuleId,
        /// As asked.
        version: String,
        /// Names of its versions.
        known: String,
    },
    /// No version stands for that start.
    #[error("count {rule} from {start}: no version is in force then; it has {known}")]
    NoVersionInForce {
        /// The rule.
        rule: RuleId,
        /// The start.
        start: NaiveDate,
        /// Names of its versions with the days on which they stand.
        known: String,
    },
    /// The limit cannot be counted from this start with what is known.
    #[error("cannot tell the last day of {rule}")]
    CannotTell {
        /// The rule.
        rule: RuleId,
        /// Why.
        #[source]
        why: LimitError,
    },
}
