//! Health of looked-after children.

use crate::events::{Code, codes, facts};

facts! {
    /// A health assessment was completed.
    #[derive(Default)]
    HealthAssessmentCompleted {
        /// Which, where it is stated.
        kind: Option<HealthAssessmentKind>,
        /// Who did it.
        by: Option<Code> as health_professional,
    }

    /// A dental check was done.
    DentalCheckDone {}
}

codes! {
    /// Which health assessment.
    HealthAssessmentKind {
        /// The first after coming into care.
        Initial,
        /// A later one.
        Review,
    }
}
