//! Health of looked-after children.

use super::{codes, facts};

facts! {
    /// A health assessment was completed.
    HealthAssessmentCompleted {
        /// Which, where it is stated.
        kind: Option<HealthAssessmentKind>,
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
