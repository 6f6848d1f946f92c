//! Early help: the common assessment (CAF) and what replaced it.

use super::{Code, facts};

facts! {
    /// An early help assessment started. Sealed: `organisation`.
    EarlyHelpAssessmentStarted {
        /// Form in use, for instance `CAF` or `EHA`.
        form: Option<Code>,
    }

    /// An early help assessment was completed. Sealed: `organisation`.
    EarlyHelpAssessmentCompleted {}
}
