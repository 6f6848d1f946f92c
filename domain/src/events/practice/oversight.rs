//! Supervision, management oversight, audits, learning and feedback.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// Supervision was held about a child, or of a worker.
    SupervisionHeld seals(text) {
        /// Which form.
        form: Option<Code> as supervision_form,
        /// Whether direction was given.
        direction_given: Option<bool>,
        /// The supervised worker's stream.
        worker: Option<StreamId>,
    }

    /// A manager looked at the case and recorded it.
    ManagementOversightRecorded seals(text) {
        /// Whether it directs what is to be done.
        directive: Option<bool>,
    }

    /// A case was audited.
    CaseAuditCompleted seals(text) {
        /// Grade.
        grade: Option<Code> as audit_grade,
        /// Themes.
        #[serde(default)]
        themes: BTreeSet<Code> as audit_theme,
        /// Whether management oversight is there and directs.
        oversight_present: Option<bool>,
    }

    /// Agencies audited a case together.
    MultiAgencyAuditDone {
        /// Agencies that took part.
        #[serde(default)]
        agencies: BTreeSet<Code> as agency,
        /// Grade.
        grade: Option<Code> as audit_grade,
        /// Themes.
        #[serde(default)]
        themes: BTreeSet<Code> as audit_theme,
    }

    /// The chronology of a child was brought up to date.
    ChronologySummarised seals(text) {
        /// Day up to which it goes.
        up_to: Option<NaiveDate>,
    }

    /// A member of the departmental management team (DMT) became champion of a child or theme.
    DmtChampionAssigned {
        /// Which theme.
        theme: Option<Code> as audit_theme,
        /// The worker's stream.
        champion: Option<StreamId>,
    }

    /// A serious case review, practice review or other learning review was held.
    LearningReviewHeld seals(text) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Which.
        kind: Option<Code> as learning_review,
    }

    /// Somebody told what they think of the service.
    ServiceFeedbackReceived seals(text) {
        /// Who.
        from: Option<Code> as feedback_from,
        /// Whether they are satisfied.
        satisfied: Option<bool>,
    }
}
