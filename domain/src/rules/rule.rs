//! A rule and its versions, as read and checked.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ClockShape, EventMatch, Interval, Shape};
use crate::calendar::{Limit, StartDay};
use crate::envelope::Category;
use crate::events::EntityRole;

/// Id of a rule, for instance `CP-04`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id with this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Unique in a rule book.
    pub id: RuleId,
    /// One line for lists and pages.
    pub title: String,
    /// Phase of the work, the name of the file.
    pub phase: Arc<str>,
    /// Of whose streams it is asked; never empty. Most rules are about children.
    pub of: BTreeSet<Category>,
    /// What it answers with. A version may have a clock of its own.
    pub shape: Shape,
    /// The rule whose stop starts this one.
    pub follows: Option<RuleId>,
    /// The rule whose delay this one says again, as a query of a return does: lists show only that one.
    pub repeats: Option<RuleId>,
    /// The event by which a clock belongs to a period, where that is not its stop; a clock without it belongs to none.
    pub counted_by: Vec<EventMatch>,
    /// A field of what stops a clock: clocks whose stop does not state it are counted, and shown apart.
    pub shown_apart: Option<Box<str>>,
    /// Which clocks a share in time is of.
    pub share_of: ShareOf,
    /// The council whose own standard it is: it is off until the authority adopts it. `None` for what is everybody's.
    pub council: Option<Box<str>>,
    /// How an indicator is made of the clocks.
    pub definition: Definition,
    /// Exceptions and remarks, one sentence each.
    pub exceptions: Vec<String>,
    /// Dated targets; empty where nobody has set one.
    pub targets: Vec<Target>,
    /// Never overlapping, oldest first; at least one.
    pub versions: Vec<RuleVersion>,
}

impl Rule {
    /// What its figures count, in words: children, families, adopters and so on.
    #[must_use]
    pub fn counted(&self) -> &'static str {
        let of_action = |shape: &ClockShape| shape.per.role() == Some(EntityRole::ImprovementAction);
        let of_actions = match &self.shape {
            Shape::Deadline(shapes) => shapes.iter().any(of_action),
            Shape::Flag(_) | Shape::Bands(..) | Shape::Tally(_) => false,
        };
        match self.of.first() {
            None | Some(Category::Child) => "children",
            Some(Category::Household) => "families",
            Some(Category::Proceedings) => "sets of proceedings",
            Some(Category::Adopter) => "adopters",
            Some(Category::Worker) => "workers",
            Some(Category::Authority | Category::System) if of_actions => "actions",
            Some(Category::Authority | Category::System) => "authority",
        }
    }
}

/// How an indicator is made of a rule's clocks. Denominators are part of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Whose clock it is when a case moves.
    pub attribution: Attribution,
    /// Which clocks are looked at.
    pub cohort: String,
    /// Which of them count.
    pub numerator: String,
    /// Out of which.
    pub denominator: String,
    /// How a value is compared with the limit or the target.
    pub operator: Operator,
}

/// One limit of a rule, with its authority and the time in which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    /// Unique within the rule.
    pub name: Arc<str>,
    /// How long; `None` for bands, tallies, and where the intervals alone give a limit.
    pub limit: Option<Limit>,
    /// Other lengths for some processes or some time; the first that fits is taken before `limit`.
    pub intervals: Vec<Interval>,
    /// Whether the day of the start is day 0 or day 1.
    pub start_day: StartDay,
    /// Whether the limit is the most or the least.
    pub bound: Bound,
    /// Where it is written, with edition.
    pub source: String,
    /// Paragraph, section or regulation.
    pub paragraph: Option<String>,
    /// What sort of authority that is.
    pub kind: RuleKind,
    /// Whether the source was read.
    pub verified: Verified,
    /// The days on which it stands.
    pub in_force: InForce,
    /// What happens around the first and last day.
    pub transition: Transition,
    /// Set where this version stands beside the others for a while and goes before them on its days.
    pub exceptional: Option<Exceptional>,
    /// A clock of its own, where this version starts or stops it otherwise than the rule does.
    pub clocks: Option<Vec<ClockShape>>,
}

/// A version that goes before the others on its days, such as a temporary relaxation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceptional {
    /// What stood in the place of the limit, where nothing was left to count: a clock past its limit cannot be told.
    pub instead_of_limit: Option<String>,
}

/// Which closed clocks a share in time is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// Those that were stopped, and those whose process ended too late without a stop.
    #[default]
    Closed,
    /// Those that were stopped: what never came stands beside the share.
    Done,
}

/// What a limit bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Not later than the last day.
    Maximum,
    /// Not earlier than the last day: the limit is a notice period.
    Minimum,
    /// Not later than the last day and not earlier than this many units after the start.
    Window {
        /// Units of the limit before which it is too early.
        not_before: u32,
    },
}

/// What sort of authority stands behind a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Act or regulations.
    Law,
    /// Statutory guidance.
    Guidance,
    /// Definition of a national return.
    Return,
    /// Set by one authority.
    Local,
    /// Practice, direction or target without any of these.
    Practice,
}

/// Whether the source itself was read. An unverified rule says so wherever it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whether the text behind the limit was read.
    pub read: bool,
    /// What was read and what was not.
    pub note: String,
}

/// The days on which a version stands, both inclusive; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// Whether it was made and no day is known from which it stands: then it stands on none.
    pub not_commenced: bool,
}

/// Which day decides whether a version applies, and what happens to clocks that run when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The day that decides.
    pub chosen_by: ChosenBy,
    /// Clocks that run on its first day.
    pub running_clocks: RunningClocks,
    /// Remark to print where the transition matters.
    pub note: Option<String>,
}

/// The day that must lie in a version's time in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBy {
    /// The day the clock starts.
    Start,
    /// The last day in time as this version counts it.
    Due,
    /// The day of the act that stops the clock, or the day asked about while it runs.
    Act,
}

/// What happens to clocks that run on the first day of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunningClocks {
    /// They keep the version with which they started.
    Keep,
    /// They move to the new version.
    Move,
    /// The law was not read on this point: answers say so.
    NotSettled,
}

/// Whose clock it is when a case moves between teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The team that held the case when the clock started.
    TeamAtStart,
    /// The team on the last day in time.
    TeamAtDue,
    /// The team when the clock stopped.
    TeamAtStop,
    /// For flags and bands: the team of the earlier event that is looked for, such as the one that closed the case.
    TeamAtPrevious,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Up to and including.
    AtMost,
    /// From and including.
    AtLeast,
    /// Below, not including.
    LessThan,
    /// Above, not including.
    MoreThan,
}

/// A dated target for the indicator of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Share in hundredths of a per cent: 95 % is 9500.
    pub basis_points: u32,
    /// From this day on, until a later target.
    pub from: NaiveDate,
    /// Who set it, where it is written.
    pub source: String,
}

impl InForce {
    /// Whether `day` lies within, both ends inclusive.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        !self.not_commenced && self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether the two share a day.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let starts_before_end =
            |from: Option<NaiveDate>, to: Option<NaiveDate>| from.zip(to).is_none_or(|(from, to)| from <= to);
        let both_stand = !self.not_commenced && !other.not_commenced;
        both_stand && starts_before_end(self.from, other.to) && starts_before_end(other.from, self.to)
    }
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.not_commenced {
            return f.write_str("not in force, no day is known");
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, "{from} to {to}"),
            (Some(from), None) => write!(f, "from {from}"),
            (None, Some(to)) => write!(f, "to {to}"),
            (None, None) => f.write_str("at any time"),
        }
    }
}

impl Rule {
    /// The version with this name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&RuleVersion> {
        self.versions.iter().find(|version| version.name.as_ref() == name)
    }

    /// The target that stands on `day`.
    #[must_use]
    pub fn target_on(&self, day: NaiveDate) -> Option<&Target> {
        self.targets.iter().filter(|target| target.from <= day).max_by_key(|target| target.from)
    }
}
