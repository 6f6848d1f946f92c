//! Which processes may run only once at a time, and which overlaps are merely odd.
//!
//! The list is short on purpose: a ledger records what happened. What is not in [`EXCLUSIVE`] is accepted.

use super::{ObservationCode, Standing};
use crate::events::{EntityRole, Kind, Stage};

/// A process of which two at a time are worth a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The process.
    pub role: EntityRole,
    /// The observation that two at a time make.
    pub code: ObservationCode,
    /// Where the rule is stated, and whether that was read.
    pub source: &'static str,
}

/// Processes of which one child can have only one at a time: a second one cannot be true.
pub const EXCLUSIVE: [Overlap; 2] = [
    Overlap {
        role: EntityRole::Plan,
        code: ObservationCode::OverlappingPlans,
        source: "Working Together: one child protection plan at a time (paragraph not verified); CIN census rule 8940 (text not read here)",
    },
    Overlap {
        role: EntityRole::PeriodOfCare,
        code: ObservationCode::OverlappingPeriodsOfCare,
        source: "SSDA903: one period of care at a time (general knowledge, not verified)",
    },
];

/// Processes of which two at a time are accepted, and noticed.
pub const NOTICED: [Overlap; 5] = [
    Overlap {
        role: EntityRole::Referral,
        code: ObservationCode::ReferralOnOpenCase,
        source: "a referral on an open case is recorded and marked; indicators choose whether it counts",
    },
    Overlap {
        role: EntityRole::Enquiry,
        code: ObservationCode::OverlappingEnquiries,
        source: "a second concern may start an enquiry while one runs",
    },
    Overlap {
        role: EntityRole::Application,
        code: ObservationCode::OverlappingApplications,
        source: "several applications about one child may run at a time",
    },
    Overlap {
        role: EntityRole::ChildInNeedPlan,
        code: ObservationCode::OverlappingInNeedPlans,
        source: "CIN census rules 4014 (plans overlap) and 4004 (more than one plan without an end) (texts not read here)",
    },
    Overlap {
        role: EntityRole::Placement,
        code: ObservationCode::OverlappingPlacements,
        source: "a temporary placement or a short break may run beside another placement",
    },
];

impl Overlap {
    /// The observation that two which begin on one day make, where the returns ask about that apart.
    pub(super) fn doubled(&self) -> Option<ObservationCode> {
        (self.role == EntityRole::ChildInNeedPlan).then_some(ObservationCode::DoubledInNeedPlan)
    }
}

/// Whether a kind opens a process of which only one can run at a time.
pub fn is_exclusive(kind: Kind) -> bool {
    kind.stage() == Stage::Opens
        && kind.own_role().is_some_and(|role| EXCLUSIVE.iter().any(|exclusive| exclusive.role == role))
}

/// The process that an observation of two at a time is about, where that is impossible.
pub fn exclusive_of(code: ObservationCode) -> Option<EntityRole> {
    debug_assert!(EXCLUSIVE.iter().all(|exclusive| exclusive.code.standing() == Standing::Impossible));
    EXCLUSIVE.iter().find(|exclusive| exclusive.code == code).map(|exclusive| exclusive.role)
}
