//! A rule file as it is written: strict, but not yet checked against the events and against itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::{Attribution, ChosenBy, Operator, RuleKind, RunningClocks};
use crate::calendar::Unit;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) phase: String,
    #[serde(default)]
    pub(super) rule: Vec<RawRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) shape: RawShape,
    #[serde(default)]
    pub(super) overrides: bool,
    pub(super) follows: Option<Spanned<String>>,
    pub(super) attribution: Attribution,
    pub(super) cohort: String,
    pub(super) numerator: String,
    pub(super) denominator: String,
    pub(super) operator: Operator,
    pub(super) exceptions: Vec<String>,
    #[serde(default)]
    pub(super) clock: Vec<RawClock>,
    pub(super) look_back: Option<RawLookBack>,
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClock {
    pub(super) per: Spanned<String>,
    pub(super) start: Vec<RawMatch>,
    pub(super) stop: Vec<RawMatch>,
    #[serde(default)]
    pub(super) not_applicable: Vec<RawMatch>,
    #[serde(default)]
    pub(super) not_required: Vec<RawMatch>,
    #[serde(default)]
    pub(super) ended_by: Vec<RawMatch>,
    #[serde(default)]
    pub(super) counted_from: Vec<RawMatch>,
    pub(super) extension: Option<RawMatch>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMatch {
    pub(super) event: Spanned<String>,
    #[serde(default, rename = "where")]
    pub(super) conditions: BTreeMap<String, toml::Value>,
    pub(super) through: Option<Spanned<String>>,
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
    pub(super) previous: Vec<RawMatch>,
    #[serde(default)]
    pub(super) band: Vec<RawBand>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBand {
    pub(super) label: String,
    pub(super) from_months: u32,
    pub(super) below_months: Option<u32>,
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
    pub(super) source: String,
    pub(super) paragraph: Option<String>,
    pub(super) kind: RuleKind,
    pub(super) verified: bool,
    pub(super) verified_note: String,
    pub(super) in_force_from: Option<Spanned<Datetime>>,
    pub(super) in_force_to: Option<Spanned<Datetime>>,
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
