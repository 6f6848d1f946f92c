//! Health of looked-after children beyond the assessments themselves, and of unborn and young children.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::EventId;

facts! {
    /// The initial health assessment was asked for.
    IhaRequested {
        /// Whether consent was sent with it.
        consent: Option<bool>,
    }

    /// A health plan was made.
    HealthPlanMade {}

    /// A health assessment was audited for quality.
    HealthAssessmentAudited {
        /// Grade.
        grade: Option<Code> as audit_grade,
        /// The assessment.
        audited: Option<EventId>,
    }

    /// Whether immunisations are up to date.
    ImmunisationsUpdated {
        /// Whether they are.
        up_to_date: bool,
    }

    /// A strengths and difficulties questionnaire was scored, or there is a reason why none was.
    SdqScored {
        /// Total difficulties, from 0 to 40.
        score: Option<u32>,
        /// Why there is none.
        reason_none: Option<Code> as sdq_reason,
    }

    /// Mental health services (CAMHS) and social care reviewed a child.
    EmotionalHealthReviewHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// A summary of the health history was given to somebody who leaves care.
    HealthSummaryProvided {
        /// To whom.
        to: Option<Code> as summary_recipient,
    }

    /// The review of development at 2 to 2½ years was done.
    DevelopmentReviewDone {
        /// What was found.
        outcome: Option<Code> as development_outcome,
    }

    /// Midwives or others flagged a risk to an unborn child.
    AntenatalRiskFlagged {
        /// Who flagged it.
        flagged_by: Option<Code> as agency,
        /// Level.
        level: Option<Code> as risk_level,
    }
}
