//! Advocates for children: offered, accepted, at the meeting.

use crate::events::{Code, facts};

facts! {
    /// An advocate was offered.
    AdvocacyOffered {
        /// For what.
        context: Option<Code> as advocacy_context,
    }

    /// The offer of an advocate was answered.
    AdvocacyAccepted {
        /// Whether it was accepted.
        accepted: bool,
        /// For what.
        context: Option<Code> as advocacy_context,
    }

    /// An advocate represented the child.
    AdvocateAttended {
        /// At what.
        context: Option<Code> as advocacy_context,
    }
}
