//! Panels and bodies that have no kind of their own.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A panel or another body met, about one child or about the authority.
    PanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Which.
        panel: Code as panel,
    }
}
