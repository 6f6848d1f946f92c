//! Child protection: strategy discussion, section 47 enquiry, conferences, plan, core group, visits.

use chrono::NaiveDate;

use super::{Code, codes, facts};

facts! {
    /// A strategy discussion was held.
    StrategyDiscussionHeld {
        /// Whether it initiated a section 47 enquiry.
        initiated_enquiry: bool,
    }

    /// A section 47 enquiry started.
    Section47EnquiryStarted {
        /// Target date of the initial conference as the source states it.
        stated_conference_target: Option<NaiveDate>,
    }

    /// A section 47 enquiry was completed.
    Section47EnquiryCompleted {
        /// Outcome code.
        outcome: Option<Code>,
    }

    /// After an enquiry no initial child protection conference was found to be needed.
    ConferenceNotRequired {}

    /// An initial child protection conference was held.
    InitialConferenceHeld {
        /// Which.
        kind: InitialConferenceKind,
        /// Whether it led to a plan, where it is stated.
        led_to_plan: Option<bool>,
    }

    /// A review child protection conference was held.
    ReviewConferenceHeld {}

    /// A child protection plan started.
    ChildProtectionPlanStarted {
        /// Initial category of abuse.
        category: Option<Code>,
        /// Number of earlier plans as the source states it (with any authority).
        stated_previous_plans: Option<u32>,
    }

    /// The category of abuse of a running plan, as it stands from now on.
    PlanCategoryRecorded {
        /// Latest category of abuse.
        category: Code,
    }

    /// A child protection plan ended.
    ChildProtectionPlanEnded {
        /// Reason code.
        reason: Option<Code>,
    }

    /// A core group met.
    CoreGroupHeld {}

    /// The child was visited under a child protection plan.
    ChildProtectionVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }
}

codes! {
    /// Which initial conference.
    InitialConferenceKind {
        /// After a section 47 enquiry here.
        Initial,
        /// After a transfer from another authority.
        TransferIn,
        /// Before birth.
        PreBirth,
        /// The source does not say which enquiry it answers, if any.
        Unlinked,
    }
}
