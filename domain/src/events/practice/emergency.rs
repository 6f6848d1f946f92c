//! Short orders and powers: emergency protection, police protection, child assessment.

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// An emergency protection order was granted (section 44 of the Children Act 1989).
    EpoGranted seals(court_reference) {
        /// Last day as granted.
        until: Option<NaiveDate>,
        /// Which court.
        court: Option<Code> as court_level,
    }

    /// An emergency protection order was extended.
    EpoExtended seals(court_reference) {
        /// New last day.
        until: NaiveDate,
    }

    /// An emergency protection order ended.
    EpoEnded {
        /// How.
        reason: Option<Code> as order_end,
    }

    /// The police took the child into protection (section 46 of the Children Act 1989).
    PolicePowersUsed {
        /// Where the child was taken.
        place: Option<Code> as safe_place,
    }

    /// Police protection ended.
    PolicePowersEnded {
        /// What followed.
        followed_by: Option<Code> as after_police_protection,
    }

    /// A child assessment order was granted (section 43 of the Children Act 1989).
    ChildAssessmentOrderGranted seals(court_reference) {
        /// Last day as granted.
        until: Option<NaiveDate>,
    }

    /// A child assessment order ended.
    ChildAssessmentOrderEnded {
        /// How.
        reason: Option<Code> as order_end,
    }
}
