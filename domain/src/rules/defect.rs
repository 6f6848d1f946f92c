//! What can be wrong with a rule file. Every defect is an error; none is repaired or skipped.

use std::fmt;

use thiserror::Error;

/// One defect, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file} line {line}: {reason}")]
pub struct RuleDefect {
    /// The file as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: DefectReason,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DefectReason {
    /// Not TOML, or an unknown, missing or ill-typed field.
    #[error("{message}")]
    Syntax {
        /// The reader's own words.
        message: String,
    },
    /// No event of that kind exists.
    #[error("no event kind is named {kind:?}; `caseledger kinds` lists them")]
    UnknownEventKind {
        /// As written.
        kind: String,
    },
    /// No process has that role.
    #[error("no role of a process is named {role:?}")]
    UnknownRole {
        /// As written.
        role: String,
    },
    /// A condition that rules cannot check.
    #[error("condition {field:?} on {kind}: {reason}")]
    UnusableCondition {
        /// The event kind.
        kind: &'static str,
        /// The field.
        field: String,
        /// Why.
        reason: String,
    },
    /// A limit has no unit.
    #[error(
        "version {version:?} has a limit but no unit: working_days, calendar_days, weeks, months, hours or school_terms"
    )]
    NoUnit {
        /// The version.
        version: String,
    },
    /// A property that this shape of rule needs is not given, or one that it cannot have is.
    #[error("{what}")]
    Shape {
        /// What is missing or out of place.
        what: &'static str,
    },
    /// The version's last day lies before its first.
    #[error("version {version:?} ends before it begins")]
    EndsBeforeItBegins {
        /// The version.
        version: String,
    },
    /// Two versions stand on the same day.
    #[error("versions {first:?} and {second:?} overlap: on each day one version stands at most")]
    OverlappingVersions {
        /// One version.
        first: String,
        /// The other.
        second: String,
    },
    /// Two rules, or two versions of a rule, have one name.
    #[error("{name:?} is given twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A rule follows, or looks at the clocks of, one that does not exist or has no clocks.
    #[error("follows {rule:?}, which no rule with a clock is named")]
    UnknownRule {
        /// As written.
        rule: String,
    },
    /// A rule follows itself, directly or through others.
    #[error("rules follow each other in a circle: {path}")]
    Circle {
        /// The ids on the way round.
        path: String,
    },
    /// An ending names a rule that does not exist.
    #[error("{ending:?} names the rule {rule:?}, which does not exist; `caseledger rules` lists them")]
    EndsUnknownRule {
        /// The ending.
        ending: String,
        /// The rule as written.
        rule: String,
    },
    /// A rule names an ending that does not exist.
    #[error("no ending is named {ending:?}; `caseledger rules endings` lists them")]
    UnknownEnding {
        /// As written.
        ending: String,
    },
    /// Neither a rule nor a council has the name that is to be adopted.
    #[error(
        "no rule and no council is named {name:?}; adopt takes ids of rules, merton, dorset, somerset, or all"
    )]
    NothingToAdopt {
        /// As written.
        name: String,
    },
    /// A target says no day from which it stands.
    #[error("a target has no date from which it stands: from = 2024-04-01")]
    TargetWithoutDate,
    /// A local rule has the id of a built-in one without saying that it overrides it, or says so of none.
    #[error("{rule:?} {reason}")]
    Override {
        /// The id.
        rule: String,
        /// What does not fit.
        reason: &'static str,
    },
}

/// Every defect found in a set of rule files, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleBookDefects(pub Vec<RuleDefect>);

impl fmt::Display for RuleBookDefects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read the rule book: {} defect(s)", self.0.len())?;
        self.0.iter().try_for_each(|defect| write!(f, "; {defect}"))
    }
}

impl std::error::Error for RuleBookDefects {}
