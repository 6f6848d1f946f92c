//! Permanence: discussed, planned, special guardianship, child arrangements, life story, support.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::EventId;

facts! {
    /// A review discussed permanence.
    PermanenceDiscussedAtReview {
        /// Which review of the period of care.
        review_number: Option<u32>,
        /// Plan that was discussed.
        plan: Option<Code> as permanence_plan,
        /// Whether an adoption worker attended.
        adoption_worker_attended: Option<bool>,
    }

    /// A plan for permanence was agreed.
    PermanencePlanAgreed {
        /// Which.
        plan: Option<Code> as permanence_plan,
        /// The plan beside it.
        parallel_plan: Option<Code> as permanence_plan,
    }

    /// A permanency planning meeting was held.
    PermanencyPlanningMeetingHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// A meeting that follows plans for permanence was held.
    PermanenceTrackingMeetingHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// A permanence panel decided on a child.
    PermanencePanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// The adoption service was told of a child for whom adoption may become the plan.
    EarlyAdoptionNotificationSent {}

    /// Notice of an application for special guardianship was received (section 14A(7) of the Children Act 1989).
    SgoNoticeReceived {}

    /// Special guardianship was applied for.
    SgoApplied seals(court_reference) {
        /// Who applied, to the child.
        applicant: Option<Code> as carer_relation,
    }

    /// A special guardianship order was made.
    SgoMade seals(court_reference) {
        /// To whom, to the child.
        to: Option<Code> as carer_relation,
    }

    /// A child arrangements order was made, or before 22 April 2014 a residence order.
    ChildArrangementsOrderMade seals(court_reference) {
        /// Which.
        order: Option<Code> as arrangements_order,
        /// To whom, to the child.
        to: Option<Code> as carer_relation,
    }

    /// A meeting looked back at a placement that broke down.
    DisruptionMeetingHeld {
        /// The disruption.
        disruption: Option<EventId>,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
    }

    /// Life story work was done.
    LifeStoryWorkDone {
        /// Which step.
        step: Option<Code> as life_story_step,
    }

    /// Support after adoption, special guardianship or fostering was agreed.
    SupportPlanAgreed {
        /// Which.
        kind: Option<Code> as support_plan,
    }
}
