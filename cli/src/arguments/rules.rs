//! Arguments about rules: show, compare, check, and what another file would change.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Knowledge;
use crate::output::Format;

/// The rules.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RulesArguments {
    /// Show, compare or check; without it all rules are listed.
    #[command(subcommand)]
    pub(crate) what: Option<RulesWhat>,
    /// Show one rule with all its versions, as `rules show` does.
    pub(crate) rule: Option<String>,
    /// Only the rules of this phase, for instance court.
    #[arg(long)]
    pub(crate) phase: Option<String>,
    /// An authority's own file on top of the built-in rules.
    #[arg(long, value_name = "FILE")]
    pub(crate) local: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// What to do with rules.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RulesWhat {
    /// One rule with all its versions, their sources and what was not read.
    Show {
        /// Id of the rule, for instance CT-01.
        rule: String,
        /// An authority's own file on top of the built-in rules.
        #[arg(long, value_name = "FILE")]
        local: Option<PathBuf>,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What ends what: deaths, birthdays, orders, closures, with what each ends and its source.
    Endings {
        /// An authority's own file on top of the built-in rules.
        #[arg(long, value_name = "FILE")]
        local: Option<PathBuf>,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What differs between two books, or between two versions of a rule.
    Diff {
        /// `built-in`, an authority's own file, or ID@VERSION.
        before: String,
        /// `built-in`, an authority's own file, or ID@VERSION.
        after: String,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check an authority's own file: every defect with its line and reason.
    Check {
        /// The file.
        file: PathBuf,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Which answers would change.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhatIfArguments {
    /// The authority's own rule file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Only this rule.
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Also clocks whose last day changes and whose state does not.
    #[arg(long)]
    pub(crate) all: bool,
    /// With which knowledge.
    #[command(flatten)]
    pub(crate) knowledge: Knowledge,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}
