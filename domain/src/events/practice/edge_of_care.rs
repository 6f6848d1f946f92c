//! Services at the edge of care, family group conferences, and the way home.

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A family was referred to a service at the edge of care.
    EdgeOfCareReferred {
        /// Which service.
        service: Option<Code> as edge_service,
        /// Why.
        reason: Option<Code> as edge_reason,
    }

    /// The service did not take the family.
    EdgeOfCareDeclined {
        /// Which service.
        service: Option<Code> as edge_service,
        /// Why.
        reason: Option<Code> as edge_decline,
    }

    /// The referral was taken back.
    EdgeOfCareWithdrawn {
        /// Which service.
        service: Option<Code> as edge_service,
        /// Why.
        reason: Option<Code> as edge_decline,
    }

    /// The service began to work with the family.
    EdgeOfCareStarted {
        /// Which service.
        service: Option<Code> as edge_service,
    }

    /// The service ended its work with the family.
    EdgeOfCareEnded {
        /// Which service.
        service: Option<Code> as edge_service,
        /// With what result.
        outcome: Option<Code> as edge_outcome,
    }

    /// A duty worker visited.
    DutyVisitMade {
        /// Whether in a crisis.
        crisis: bool,
        /// Whether with another service.
        joint: bool,
    }

    /// A family group conference was asked for.
    FgcReferred {
        /// Who is to arrange it.
        provider: Option<Code> as fgc_provider,
        /// Last day, where one is set.
        due_on: Option<NaiveDate>,
        /// Whether it is urgent.
        urgent: Option<bool>,
    }

    /// A family group conference was held.
    FgcHeld {
        /// Whether the child attended.
        child_attended: Option<bool>,
    }

    /// The family's own plan was agreed.
    FamilyPlanAgreed {}

    /// A return to the family was planned.
    ReunificationPlanned {
        /// Planned day; it may lie in the future.
        planned_on: Option<NaiveDate>,
    }

    /// The child moved back to the family, while still looked after or on leaving care.
    ReturnedHome {
        /// Whether it was part of the care plan.
        planned: Option<bool>,
    }

    /// A saving was attributed to an outcome (virtual payment by results).
    OutcomeSavingRecorded {
        /// Amount in pence.
        amount_pence: i64,
        /// How it was reckoned.
        method: Option<Code> as saving_method,
    }
}
