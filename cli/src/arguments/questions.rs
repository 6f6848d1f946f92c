//! Questions: about one child, about figures, about what is due, and with which knowledge they are asked.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use domain::journey::{Basis, KnownAt};

use super::{basis, day, known_at};
use crate::output::Format;

/// With which knowledge, and as at which day, a question is asked.
#[derive(Clone, Debug, Args)]
pub(crate) struct Knowledge {
    /// What was known at this moment: a day (to its end) or an instant such as 2024-05-01T09:30:00Z.
    #[arg(long, value_name = "T", value_parser = known_at)]
    pub(crate) known_at: Option<DateTime<Utc>>,
    /// According to whom it was known: ledger (proved), source (as the source states) or extract (the file's date: latest
    /// possible).
    #[arg(long, default_value_t, value_parser = basis)]
    pub(crate) basis: Basis,
    /// The day that the question is about [default: today, or the day of known-at].
    #[arg(long, value_name = "D", value_parser = day)]
    pub(crate) as_at: Option<NaiveDate>,
}

impl Knowledge {
    /// The cut through what the ledger holds.
    pub(crate) fn cut(&self) -> KnownAt {
        KnownAt { basis: self.basis, until: self.known_at }
    }
}

/// A question about one child.
#[derive(Clone, Debug, Args)]
pub(crate) struct ChildArguments {
    /// The authority's own id of the child, the stream id of any subject, an adopter's id or a set's court reference.
    pub(crate) child: String,
    /// With which knowledge.
    #[command(flatten)]
    pub(crate) knowledge: Knowledge,
    /// Show each counted and skipped day (clocks only).
    #[arg(long)]
    pub(crate) explain: bool,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Indicators.
#[derive(Clone, Debug, Args)]
pub(crate) struct IndicatorsArguments {
    /// First day of the period, inclusive [default: one year before its last day].
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<NaiveDate>,
    /// Last day of the period, inclusive [default: the as-at day].
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<NaiveDate>,
    /// Only this rule, for instance CP-04.
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Counts, shares and rates instead of clocks; not needed with --rule.
    #[arg(long, conflicts_with = "rule")]
    pub(crate) tallies: bool,
    /// With which knowledge.
    #[command(flatten)]
    pub(crate) knowledge: Knowledge,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Clocks that run out next.
#[derive(Clone, Debug, Args)]
pub(crate) struct DueArguments {
    /// Look this many working days ahead.
    #[arg(long, default_value_t = 10, value_name = "DAYS")]
    pub(crate) within: u32,
    /// Only this rule, for instance CP-04.
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Leave out what is already overdue.
    #[arg(long)]
    pub(crate) only_ahead: bool,
    /// With which knowledge.
    #[command(flatten)]
    pub(crate) knowledge: Knowledge,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The due date.
#[derive(Clone, Debug, Args)]
pub(crate) struct DeadlineArguments {
    /// The rule, for instance CP-04.
    #[arg(required_unless_present = "batch")]
    pub(crate) rule: Option<String>,
    /// The day on which the clock starts, or an instant for limits in hours.
    #[arg(long, required_unless_present = "batch", value_name = "DATE")]
    pub(crate) start: Option<String>,
    /// The day of the event that sets the last day, for rules that count back from it (CP-16: the conference).
    #[arg(long, value_name = "DATE", conflicts_with = "batch")]
    pub(crate) set_by: Option<String>,
    /// The calendar as it was known at this moment (one-off bank holidays are announced late).
    #[arg(long, value_name = "T", value_parser = known_at)]
    pub(crate) known_at: Option<DateTime<Utc>>,
    /// A version of the rule other than the one in force for this start.
    #[arg(long, value_name = "NAME")]
    pub(crate) rule_version: Option<String>,
    /// Show each counted and skipped day.
    #[arg(long, conflicts_with = "batch")]
    pub(crate) explain: bool,
    /// A CSV file with the columns rule, start and, where it is needed, `set_by`; a line for each possible last day comes out.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rule", "start"])]
    pub(crate) batch: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}
