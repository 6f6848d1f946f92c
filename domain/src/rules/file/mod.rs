//! A rule file as it is written: strict, but not yet checked against the events and against itself.

mod tally;

pub(super) use tally::*;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::{Attribution, ChosenBy, Operator, RuleKind, RunningClocks, ShareOf};
use crate::calendar::Unit;
use crate::envelope::Category;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) phase: String,
    #[serde(default)]
    pub(super) records: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) adopt: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) rule: Vec<RawRule>,
    #[serde(default)]
    pub(super) change: Vec<RawChange>,
    #[serde(default)]
    pub(super) ending: Vec<RawEnding>,
    #[serde(default)]
    pub(super) duty: Vec<RawDuty>,
}

/// A line of the table of endings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEnding {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    #[serde(default)]
    pub(super) overrides: bool,
    pub(super) on: Option<Vec<RawMatch>>,
    pub(super) birthday: Option<u32>,
    pub(super) within: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) ends: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) begun_with: Vec<RawMatch>,
    #[serde(default)]
    pub(super) keeps: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) rules: Vec<String>,
    #[serde(default)]
    pub(super) not_required: Vec<String>,
    #[serde(default)]
    pub(super) spares: Vec<String>,
    #[serde(default)]
    pub(super) clocks_go_on: bool,
    #[serde(default)]
    pub(super) lasting: bool,
    #[serde(default)]
    pub(super) of_group: bool,
    #[serde(default)]
    pub(super) unless: Vec<RawMatch>,
    #[serde(default)]
    pub(super) undone_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) decided_anew: bool,
    pub(super) while_running: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) unless_running: Vec<Spanned<String>>,
    pub(super) after: Option<RawLimit>,
    pub(super) on_day: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) contradicts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) observed: bool,
    pub(super) goes_on: String,
    pub(super) source: String,
    pub(super) paragraph: Option<String>,
    pub(super) kind: RuleKind,
    pub(super) verified: bool,
    pub(super) verified_note: String,
    pub(super) in_force_from: Option<Spanned<Datetime>>,
    pub(super) in_force_to: Option<Spanned<Datetime>>,
}

/// Rules about past acts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDuty {
    pub(super) rules: Vec<Spanned<String>>,
    pub(super) why: String,
    pub(super) source: String,
    pub(super) verified: bool,
    pub(super) verified_note: String,
}

/// What a local file changes of a built-in rule without writing it out again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChange {
    pub(super) rule: Spanned<String>,
    pub(super) title: Option<String>,
    pub(super) numerator: Option<String>,
    pub(super) denominator: Option<String>,
    #[serde(default)]
    pub(super) version: Vec<RawVersion>,
    #[serde(default)]
    pub(super) target: Vec<RawTarget>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    #[serde(default)]
    pub(super) of: Vec<Category>,
    pub(super) shape: RawShape,
    #[serde(default)]
    pub(super) overrides: bool,
    pub(super) follows: Option<Spanned<String>>,
    pub(super) repeats: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) counted_by: Vec<RawMatch>,
    pub(super) shown_apart: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) share_of: ShareOf,
    pub(super) council: Option<String>,
    pub(super) attribution: Attribution,
    pub(super) cohort: String,
    pub(super) numerator: String,
    pub(super) denominator: String,
    pub(super) operator: Operator,
    pub(super) exceptions: Vec<String>,
    #[serde(default)]
    pub(super) clock: Vec<RawClock>,
    pub(super) look_back: Option<RawLookBack>,
    pub(super) tally: Option<RawTally>,
    #[serde(default)]
    pub(super) target: Vec<RawTarget>,
    #[serde(default)]
    pub(super) version: Vec<RawVersion>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawShape {
    Deadline,
    Flag,
    Bands,
    Tally,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClock {
    pub(super) per: Spanned<String>,
    pub(super) start: Vec<RawMatch>,
    pub(super) stop: Vec<RawMatch>,
    #[serde(default)]
    pub(super) early_stop: RawEarly,
    pub(super) early_within: Option<RawLimit>,
    pub(super) stop_after: Option<RawLimit>,
    pub(super) birthday: Option<RawBirthday>,
    #[serde(default)]
    pub(super) asked_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) not_applicable: Vec<RawMatch>,
    #[serde(default)]
    pub(super) not_required: Vec<RawMatch>,
    pub(super) short_breaks: Option<RawShortBreaks>,
    #[serde(default)]
    pub(super) not_applicable_while: Vec<Vec<RawMatch>>,
    #[serde(default)]
    pub(super) replaced_while: Vec<RawMatch>,
    pub(super) turned: Option<RawTurned>,
    #[serde(default)]
    pub(super) rows_are_silent: bool,
    #[serde(default)]
    pub(super) undone_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) shown_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) ended_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) counted_from: Vec<RawMatch>,
    pub(super) extension: Option<RawExtension>,
    pub(super) pause: Option<RawPause>,
    pub(super) due_by: Option<RawDueBy>,
    pub(super) due_field: Option<Spanned<String>>,
    pub(super) chain: Option<RawChain>,
    #[serde(default)]
    pub(super) first_of: bool,
    #[serde(default)]
    pub(super) unlinked_stops: RawUnlinked,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawUnlinked {
    #[default]
    CannotTell,
    Ignore,
}

/// What a rule does about a series of short breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawShortBreaks {
    LeftOut,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMatch {
    pub(super) event: Spanned<String>,
    #[serde(default, rename = "where")]
    pub(super) conditions: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub(super) over: bool,
    pub(super) through: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) or_only_one: bool,
    pub(super) of: Option<Spanned<String>>,
    pub(super) changed: Option<Spanned<String>>,
    pub(super) without: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) care: bool,
    #[serde(default)]
    pub(super) made_care: bool,
    #[serde(default)]
    pub(super) next: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub(super) opened: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawEarly {
    #[default]
    CannotTell,
    Met,
    TooEarly,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBirthday {
    pub(super) age: u32,
    pub(super) after_weeks_of_care: Option<u32>,
    pub(super) since_age: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExtension {
    pub(super) event: Spanned<String>,
    #[serde(default, rename = "where")]
    pub(super) conditions: BTreeMap<String, toml::Value>,
    pub(super) of: Option<Spanned<String>>,
    pub(super) end: Spanned<String>,
    pub(super) at_most: Option<RawLimit>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimit {
    pub(super) limit: u32,
    pub(super) unit: Unit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPause {
    pub(super) from: Vec<RawMatch>,
    pub(super) to: Vec<RawMatch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDueBy {
    pub(super) events: Vec<RawMatch>,
    #[serde(default = "first")]
    pub(super) occurrence: usize,
    #[serde(default)]
    pub(super) due_under: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) due_else: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) lapses: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTurned {
    pub(super) when: Vec<Vec<RawMatch>>,
    pub(super) by: Vec<RawMatch>,
    pub(super) limit: u32,
    pub(super) unit: Unit,
}

fn first() -> usize {
    1
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInterval {
    pub(super) limit: u32,
    pub(super) unit: Spanned<Unit>,
    #[serde(default)]
    pub(super) when: Vec<Vec<RawMatch>>,
    #[serde(default)]
    pub(super) before: Vec<RawMatch>,
    pub(super) before_in: Option<Spanned<String>>,
    pub(super) within_first: Option<RawLimit>,
    pub(super) after_first: Option<RawLimit>,
    pub(super) below_age: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChain {
    pub(super) from_occurrence: Spanned<usize>,
    pub(super) repeats: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLookBack {
    pub(super) event: RawMatch,
    #[serde(default)]
    pub(super) also: Vec<RawMatch>,
    pub(super) previous: Vec<RawMatch>,
    #[serde(default)]
    pub(super) known_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) unless: Vec<RawMatch>,
    #[serde(default)]
    pub(super) dated_by_opening: bool,
    #[serde(default = "first")]
    pub(super) at_least: usize,
    #[serde(default)]
    pub(super) band: Vec<RawBand>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBand {
    pub(super) label: String,
    pub(super) from_months: u32,
    pub(super) below_months: Option<u32>,
    #[serde(default = "yes")]
    pub(super) counts: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTarget {
    pub(super) percent: Spanned<String>,
    pub(super) from: Option<Spanned<Datetime>>,
    pub(super) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVersion {
    pub(super) name: Spanned<String>,
    pub(super) limit: Option<u32>,
    pub(super) unit: Option<Unit>,
    pub(super) start_day_counts: Option<bool>,
    #[serde(default)]
    pub(super) bound: RawBound,
    pub(super) not_before: Option<u32>,
    #[serde(default)]
    pub(super) interval: Vec<RawInterval>,
    #[serde(default)]
    pub(super) goes_before_others: bool,
    pub(super) instead_of_limit: Option<String>,
    pub(super) source: String,
    pub(super) paragraph: Option<String>,
    pub(super) kind: RuleKind,
    pub(super) verified: bool,
    pub(super) verified_note: String,
    pub(super) in_force_from: Option<Spanned<Datetime>>,
    pub(super) in_force_to: Option<Spanned<Datetime>>,
    #[serde(default)]
    pub(super) not_commenced: bool,
    pub(super) chosen_by: ChosenBy,
    pub(super) running_clocks: RunningClocks,
    pub(super) transition_note: Option<String>,
    #[serde(default)]
    pub(super) clock: Vec<RawClock>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawBound {
    #[default]
    Maximum,
    Minimum,
    Window,
}
