//! What the authority publishes and by what it is measured: figures, targets, populations, rules, calendar.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, DecimalText, DigestText, facts};

facts! {
    /// A report went to scrutiny, cabinet or a board.
    ScrutinyReportIssued seals(title) {
        /// Code of the report.
        report: Option<Code>,
        /// To whom.
        body: Option<Code> as panel,
        /// The day that its figures are about.
        as_at: Option<NaiveDate>,
        /// Codes of the figures in it.
        #[serde(default)]
        figures: BTreeSet<Code>,
    }

    /// A figure was published, so that it can be recomputed and explained for ever.
    FigurePublished {
        /// Code of the figure or rule.
        figure: Code,
        /// Version of the rule, where a rule made it.
        rule_version: Option<Code>,
        /// The day that the figure is about.
        as_at: Option<NaiveDate>,
        /// First day of its period.
        from: Option<NaiveDate>,
        /// Last day of its period, inclusive.
        to: Option<NaiveDate>,
        /// The value, as a decimal.
        value: DecimalText,
        /// How many count.
        numerator: Option<u64>,
        /// Of how many.
        denominator: Option<u64>,
        /// Ledger position of the knowledge behind it.
        known_position: Option<u64>,
        /// Digest over the events behind it.
        event_set: Option<DigestText>,
    }

    /// A target was set, from this day on or by a day.
    TargetSet {
        /// Code of the figure or rule.
        figure: Code,
        /// How the figure is to stand to the value.
        operator: Code as comparison,
        /// The value, as a decimal.
        value: DecimalText,
        /// Day by which it is to be met; it may lie in the future.
        by: Option<NaiveDate>,
        /// Team, area or cohort, as a code.
        scope: Option<Code>,
    }

    /// The number of children of an area, by which rates are divided.
    PopulationSet {
        /// Code of the area.
        area: Code,
        /// Mid-year of the estimate.
        year: u32,
        /// Youngest age, in years.
        ages_from: u32,
        /// Oldest age, inclusive.
        ages_to: u32,
        /// How many.
        children: u32,
        /// Code of the source.
        source: Option<Code>,
    }

    /// A version of a rule counts from now on.
    RuleVersionActivated {
        /// Id of the rule.
        rule: Code,
        /// Its version.
        version: Code,
        /// Whether it is the authority's own.
        local: bool,
        /// Digest of the rule's text.
        digest: Option<DigestText>,
    }

    /// A holiday, term or closure was added or removed.
    CalendarChanged {
        /// First day concerned.
        day: NaiveDate,
        /// Last day, where there are several.
        to: Option<NaiveDate>,
        /// What changed.
        change: Code as calendar_change,
        /// Day on which it was announced.
        announced_on: Option<NaiveDate>,
    }

    /// The document of thresholds of need changed.
    ThresholdMatrixChanged {
        /// Code of the version.
        version: Option<Code>,
    }
}
