//! Assessment of a child's needs (section 17 of the Children Act 1989).

use std::collections::BTreeSet;

use crate::events::{Code, codes, facts};

facts! {
    /// An assessment started.
    AssessmentStarted {
        /// Which assessment.
        kind: AssessmentKind,
    }

    /// A manager reviewed an open assessment.
    #[derive(Default)]
    AssessmentCheckpointHeld {
        /// At which working day it was due, such as 20 or 40.
        working_day: Option<u32>,
        /// What was decided.
        decision: Option<Code> as checkpoint_decision,
    }

    /// The child was seen. Where only "seen during the assessment" is known, the occurrence is that period.
    #[derive(Default)]
    ChildSeen {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
        /// Where.
        place: Option<Code> as seen_where,
        /// Whether the bedroom was seen, where it is stated.
        bedroom_seen: Option<bool>,
    }

    /// The assessment was authorised.
    AssessmentAuthorised {
        /// Factors identified at the end, by code of the CIN census.
        #[serde(default)]
        factors: BTreeSet<Code> as assessment_factor,
        /// Whether social care support was found to be needed, where it is stated.
        support_needed: Option<bool>,
    }
}

codes! {
    /// Which assessment.
    AssessmentKind {
        /// The single (child and family, continuous) assessment.
        Single,
        /// The initial assessment of the framework before 2013.
        Initial,
        /// The core assessment of the framework before 2013.
        Core,
        /// A parenting assessment.
        Parenting,
        /// An assessment before birth.
        PreBirth,
        /// A viability assessment of a carer.
        Viability,
        /// An assessment of a connected person as foster carer.
        ConnectedPerson,
        /// A family assessment by a specialised team (FAST in the papers).
        FamilyAssessment,
    }
}
