//! Care leavers: eligibility, contact, accommodation and activity, each as it stands from a day on.

use crate::events::{Code, facts};

facts! {
    /// Eligibility category.
    CareLeaverEligibilityRecorded {
        /// Category code.
        category: Code as leaver_eligibility,
    }

    /// Whether the authority is in touch.
    CareLeaverContactRecorded {
        /// Code, for instance `YES`.
        in_touch: Code as in_touch,
    }

    /// Accommodation and its suitability.
    CareLeaverAccommodationRecorded {
        /// Accommodation code of SSDA903.
        accommodation: Option<Code> as accommodation,
        /// Whether it is suitable.
        suitable: Option<bool>,
    }

    /// Education, employment or training.
    CareLeaverActivityRecorded {
        /// Activity code of SSDA903.
        activity: Code as activity,
    }
}
