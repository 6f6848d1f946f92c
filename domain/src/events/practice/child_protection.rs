//! Child protection: strategy discussion, section 47 enquiry, conferences, plan, core group, visits.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, codes, facts};

facts! {
    /// A strategy discussion was held.
    #[derive(Default)]
    StrategyDiscussionHeld {
        /// Whether it initiated a section 47 enquiry.
        initiated_enquiry: bool,
        /// Which discussion about this concern, from 1.
        sequence: Option<u32>,
        /// Agencies that took part.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        agencies: BTreeSet<Code> as agency,
    }

    /// A section 47 enquiry started.
    Section47EnquiryStarted {
        /// Target date of the initial conference as the source states it.
        stated_conference_target: Option<NaiveDate>,
    }

    /// A section 47 enquiry was completed.
    #[derive(Default)]
    Section47EnquiryCompleted {
        /// Outcome code.
        outcome: Option<Code> as enquiry_outcome,
        /// Whether the concern was substantiated.
        substantiated: Option<bool>,
        /// Whether an initial conference was found to be needed.
        conference_required: Option<bool>,
    }

    /// After an enquiry no initial child protection conference was found to be needed.
    ConferenceNotRequired {}

    /// An initial child protection conference was held.
    #[derive(Default)]
    InitialConferenceHeld {
        /// Which.
        kind: InitialConferenceKind,
        /// Whether it led to a plan, where it is stated.
        led_to_plan: Option<bool>,
        /// Last day in time as the service states it.
        stated_target: Option<NaiveDate>,
        /// Whether it was quorate.
        quorate: Option<bool>,
        /// Categories of abuse that were found.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        categories: BTreeSet<Code> as category_of_abuse,
        /// How the child took part.
        participation: Option<Code> as participation,
        /// Whether a parent attended.
        parents_attended: Option<bool>,
    }

    /// A review child protection conference was held.
    #[derive(Default)]
    ReviewConferenceHeld {
        /// Last day in time as the service states it.
        stated_due: Option<NaiveDate>,
        /// Whether the plan goes on.
        plan_continues: Option<bool>,
        /// Whether it was quorate.
        quorate: Option<bool>,
        /// How the child took part.
        participation: Option<Code> as participation,
    }

    /// A child protection plan started.
    ChildProtectionPlanStarted {
        /// Initial category of abuse.
        category: Option<Code> as category_of_abuse,
        /// Number of earlier plans as the source states it (with any authority).
        stated_previous_plans: Option<u32>,
    }

    /// The category of abuse of a running plan, as it stands from now on.
    PlanCategoryRecorded {
        /// Latest category of abuse.
        category: Code as category_of_abuse,
    }

    /// A child protection plan ended.
    ChildProtectionPlanEnded {
        /// Reason code.
        reason: Option<Code> as plan_end,
    }

    /// A core group met.
    #[derive(Default)]
    CoreGroupHeld {
        /// Which core group of the plan, from 1.
        number: Option<u32>,
        /// Agencies that attended.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        attendees: BTreeSet<Code> as agency,
    }

    /// The child was visited under a child protection plan.
    #[derive(Default)]
    ChildProtectionVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
        /// Whether the child was seen, where it is stated.
        seen: Option<bool>,
        /// Whether the bedroom was seen, where it is stated.
        bedroom_seen: Option<bool>,
    }
}

codes! {
    /// Which initial conference.
    #[derive(Default)]
    InitialConferenceKind {
        /// After a section 47 enquiry here.
        Initial,
        /// After a transfer from another authority.
        TransferIn,
        /// Before birth.
        PreBirth,
        /// The source does not say which enquiry it answers, if any.
        #[default]
        Unlinked,
    }
}
