//! Meetings that decide whether to go to court: legal gateway and decision in principle.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A legal gateway meeting advised whether the threshold for proceedings is met.
    LegalGatewayHeld seals(advice) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Whether it is met, where it is stated.
        threshold_met: Option<bool>,
        /// Options that were weighed.
        #[serde(default)]
        options: BTreeSet<Code> as legal_option,
    }

    /// A decision in principle meeting chose between options A to D.
    DipMeetingHeld seals(advice) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Options that were weighed.
        #[serde(default)]
        options: BTreeSet<Code> as legal_option,
    }
}
