//! The rule book in the schema.

use async_graphql::{Object, Result};
use domain::rules::{self, RuleBook};

use super::failure::fail;
use super::scalars::Date;
use crate::errors::Code;

/// Refuses the id of an unknown rule: an empty answer would read as "nothing is due".
pub(super) fn known(book: &RuleBook, id: Option<&str>) -> Result<()> {
    let found = id.map(|id| book.known(id)).transpose();
    found.map(|_| ()).map_err(|unknown| fail(Code::BadArgument, unknown.to_string()))
}

/// One thing that is measured.
pub(super) struct Rule(pub(super) &'static rules::Rule);

/// One thing that is measured.
#[Object]
impl Rule {
    /// Id, for instance `CP-04`.
    async fn id(&self) -> &str {
        self.0.id.as_str()
    }

    /// One line for lists and pages.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Phase of the work.
    async fn phase(&self) -> &str {
        &self.0.phase
    }

    /// Which clocks are looked at for an indicator.
    async fn cohort(&self) -> &str {
        &self.0.definition.cohort
    }

    /// Which of them count.
    async fn numerator(&self) -> &str {
        &self.0.definition.numerator
    }

    /// Out of which.
    async fn denominator(&self) -> &str {
        &self.0.definition.denominator
    }

    /// Exceptions and remarks, one sentence each.
    async fn exceptions(&self) -> &[String] {
        &self.0.exceptions
    }

    /// Versions, the oldest first.
    async fn versions(&self) -> Vec<RuleVersion> {
        self.0.versions.iter().map(RuleVersion).collect()
    }
}

/// One limit of a rule, with its authority and the time in which it stands.
pub(super) struct RuleVersion(pub(super) &'static rules::RuleVersion);

/// One limit of a rule, with its authority and the time in which it stands.
#[Object]
impl RuleVersion {
    /// Unique within the rule.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How long, such as `15 working days`; null for bands.
    async fn limit(&self) -> Option<String> {
        self.0.limit.map(|limit| limit.to_string())
    }

    /// Where it is written, with edition.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Paragraph, section or regulation.
    async fn paragraph(&self) -> Option<&str> {
        self.0.paragraph.as_deref()
    }

    /// Whether the source was read. An unverified limit must not be quoted as law.
    async fn verified(&self) -> bool {
        self.0.verified.read
    }

    /// What was read and what was not.
    async fn verification_note(&self) -> &str {
        &self.0.verified.note
    }

    /// First day on which it stands; null where that is open.
    async fn in_force_from(&self) -> Option<Date> {
        self.0.in_force.from.map(Date)
    }

    /// Last day on which it stands, inclusive; null where that is open.
    async fn in_force_to(&self) -> Option<Date> {
        self.0.in_force.to.map(Date)
    }

    /// Whether it was made and no day is known from which it stands: then it stands on none.
    async fn not_commenced(&self) -> bool {
        self.0.in_force.not_commenced
    }
}
