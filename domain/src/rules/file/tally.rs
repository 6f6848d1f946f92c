//! The counts, shares and lengths of a rule file as they are written.

use serde::Deserialize;
use toml::Spanned;

use super::super::{Figure, Once};
use super::{RawLimit, RawMatch, RawShortBreaks};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawTally {
    pub(in crate::rules) figure: Spanned<Figure>,
    pub(in crate::rules) events: Option<Vec<RawMatch>>,
    #[serde(default)]
    pub(in crate::rules) any_event: bool,
    pub(in crate::rules) open: Option<RawOpen>,
    pub(in crate::rules) clocks: Option<RawClocks>,
    pub(in crate::rules) per: Option<Spanned<String>>,
    #[serde(default)]
    pub(in crate::rules) else_last: Vec<RawMatch>,
    pub(in crate::rules) once: Option<Once>,
    pub(in crate::rules) stand_in: Option<RawStandIn>,
    pub(in crate::rules) only: Option<RawHas>,
    pub(in crate::rules) follow_up: Option<Spanned<RawFollowUp>>,
    pub(in crate::rules) short_breaks: Option<RawShortBreaks>,
    pub(in crate::rules) ended: Option<Spanned<String>>,
    pub(in crate::rules) age_from: Option<u32>,
    pub(in crate::rules) age_from_ago: Option<RawLimit>,
    pub(in crate::rules) age_below: Option<u32>,
    pub(in crate::rules) counts: Option<RawCounts>,
    pub(in crate::rules) value: Option<RawValue>,
    #[serde(default)]
    pub(in crate::rules) by: RawBys,
    #[serde(default)]
    pub(in crate::rules) one_per_stream: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawStandIn {
    pub(in crate::rules) events: Vec<RawMatch>,
    pub(in crate::rules) within: RawLimit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawOpen {
    pub(in crate::rules) per: Option<Spanned<String>>,
    pub(in crate::rules) start: Vec<RawMatch>,
    pub(in crate::rules) end: Vec<RawMatch>,
    pub(in crate::rules) at_least: Option<RawLimit>,
    #[serde(default)]
    pub(in crate::rules) both_days: bool,
    #[serde(default)]
    pub(in crate::rules) one_per_child: bool,
    pub(in crate::rules) each: Option<RawEach>,
    #[serde(default)]
    pub(in crate::rules) joined: Vec<RawMatch>,
    #[serde(default)]
    pub(in crate::rules) while_running: Vec<Spanned<String>>,
    #[serde(default)]
    pub(in crate::rules) unless_running: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawEach {
    pub(in crate::rules) field: Spanned<String>,
    pub(in crate::rules) unstated: Option<String>,
    pub(in crate::rules) ended_by_same: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawHeld {
    pub(in crate::rules) open: RawOpen,
    pub(in crate::rules) at_least: usize,
    pub(in crate::rules) within: RawLimit,
    #[serde(default)]
    pub(in crate::rules) short: Vec<RawShort>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawShort {
    pub(in crate::rules) start: Vec<RawMatch>,
    pub(in crate::rules) at_most: RawLimit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawLasted {
    pub(in crate::rules) since: Vec<RawMatch>,
    pub(in crate::rules) at_least: RawLimit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawClocks {
    pub(in crate::rules) rules: Vec<String>,
    #[serde(default)]
    pub(in crate::rules) states: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawCounts {
    #[serde(default)]
    pub(in crate::rules) is: Vec<RawMatch>,
    #[serde(default)]
    pub(in crate::rules) on_weekend: bool,
    pub(in crate::rules) on_weekend_field: Option<String>,
    pub(in crate::rules) has: Option<RawHas>,
    pub(in crate::rules) open: Option<RawOpen>,
    pub(in crate::rules) none_open: Option<RawOpen>,
    pub(in crate::rules) overlaps: Option<RawOpen>,
    pub(in crate::rules) held: Option<RawHeld>,
    pub(in crate::rules) lasted: Option<RawLasted>,
    #[serde(default)]
    pub(in crate::rules) recorded_late: bool,
    #[serde(default)]
    pub(in crate::rules) in_time: Vec<String>,
    pub(in crate::rules) in_time_last: Option<RawLimit>,
    #[serde(default)]
    pub(in crate::rules) with_reason: bool,
    #[serde(default)]
    pub(in crate::rules) turned: bool,
    pub(in crate::rules) value_at_least: Option<i64>,
}

/// Who is followed up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawFollowUp {
    #[serde(default)]
    pub(in crate::rules) unless_running: Vec<Spanned<String>>,
    #[serde(default)]
    pub(in crate::rules) left_by: Vec<String>,
    #[serde(default)]
    pub(in crate::rules) left_with: Vec<RawMatch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct RawHas {
    pub(in crate::rules) events: Vec<RawMatch>,
    pub(in crate::rules) at_least: Option<usize>,
    pub(in crate::rules) same: Option<Spanned<String>>,
    pub(in crate::rules) lies: RawLies,
    pub(in crate::rules) within: Option<RawLimit>,
    pub(in crate::rules) until: Option<RawLimit>,
    #[serde(default)]
    pub(in crate::rules) latest: bool,
    pub(in crate::rules) changed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::rules) enum RawLies {
    Anywhere,
    After,
    Later,
    Before,
    SincePrevious,
    Last,
    AroundBirthday,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::rules) enum RawValue {
    DaysSince(Vec<RawMatch>),
    WorkingDaysSince(Vec<RawMatch>),
    Number,
    Lag,
    DaysOpen(Box<RawOpen>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::rules) enum RawBy {
    Kind,
    Month,
    Age,
    DayRecorded,
    TurnedBy,
    Field(String),
}

/// One heading, or several that are read together.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::rules) enum RawBys {
    One(RawBy),
    Several(Vec<RawBy>),
}

impl Default for RawBys {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}
