//! Schools' panels, assessments of school leavers, education, employment and training.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A panel of schools met about the child, such as a primary behaviour or secondary placement panel.
    SchoolPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Which.
        panel: Option<Code> as panel,
    }

    /// The learning-difficulty assessment of a school leaver was completed (section 139A of the Learning and Skills
    /// Act 2000, before education, health and care plans).
    Section139AssessmentCompleted {
        /// Code of the outcome.
        outcome: Option<Code>,
    }

    /// Whether the young person is in education, employment or training, from this day on.
    NeetStatusRecorded {
        /// Which.
        status: Code as neet_status,
    }
}
