//! Assessment of a child's needs (section 17 of the Children Act 1989).

use std::collections::BTreeSet;

use super::{Code, codes, facts};

facts! {
    /// An assessment started.
    AssessmentStarted {
        /// Which assessment.
        kind: AssessmentKind,
    }

    /// A manager reviewed an open assessment.
    AssessmentCheckpointHeld {}

    /// The child was seen. Where only "seen during the assessment" is known, the occurrence is that period.
    ChildSeen {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }

    /// The assessment was authorised.
    AssessmentAuthorised {
        /// Factors identified at the end, by code of the CIN census.
        #[serde(default)]
        factors: BTreeSet<Code>,
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
    }
}
