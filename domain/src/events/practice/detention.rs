//! Detention by the police or a court, and youth offending teams.

use crate::events::{Code, facts};

facts! {
    /// The young person was detained, by the police or after a remand or sentence.
    PoliceDetentionStarted {
        /// Where.
        place: Option<Code> as detention_place,
    }

    /// The authority was told of a detention.
    CustodyNotificationReceived {
        /// By whom.
        by: Option<Code> as agency,
        /// Whether accommodation was asked for (section 38(6) of the Police and Criminal Evidence Act 1984).
        accommodation_asked: Option<bool>,
    }

    /// The young person was visited in detention.
    DetentionVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }

    /// A detention ended.
    DetentionEnded {
        /// Where to.
        destination: Option<Code> as detention_destination,
    }

    /// The youth offending team took up the case.
    YotInvolved {
        /// How.
        kind: Option<Code> as yot_involvement,
    }
}
