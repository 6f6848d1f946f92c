//! Court: applications per child with an own issue date, hearings, orders and their ends.
//!
//! Sealed: `court_reference`.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Code, codes, facts};

facts! {
    /// A set of proceedings was opened; children join with their own applications.
    ProceedingsOpened {}

    /// The court issued an application about this child.
    ApplicationIssued {
        /// What was applied for.
        orders: BTreeSet<OrderApplied>,
    }

    /// A hearing was held.
    HearingHeld {
        /// Which.
        kind: HearingKind,
    }

    /// The court made an interim order.
    InterimOrderMade {
        /// Which.
        order: Code,
    }

    /// The court extended the timetable for this child. An earlier end is never overwritten.
    TimetableExtended {
        /// The new last day.
        new_end: NaiveDate,
        /// Reason code.
        reason: Option<Code>,
    }

    /// The court made a final order, which disposes of the application.
    FinalOrderMade {
        /// Which.
        order: Code,
    }

    /// The application was withdrawn.
    ApplicationWithdrawn {}

    /// The application was dismissed.
    ApplicationDismissed {}

    /// The court made no order.
    NoOrderMade {}
}

codes! {
    /// Which hearing.
    HearingKind {
        /// Case management hearing.
        CaseManagement,
        /// Further case management hearing.
        FurtherCaseManagement,
        /// Issues resolution hearing.
        IssuesResolution,
        /// Final hearing.
        Final,
        /// Another hearing.
        Other,
    }
}

/// What was applied for. Only care and supervision are section 31 applications with a 26-week clock.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OrderApplied {
    /// Care order (Children Act 1989 s31).
    Care,
    /// Supervision order (Children Act 1989 s31).
    Supervision,
    /// Placement order.
    Placement,
    /// Discharge of an order.
    Discharge,
    /// A private-law order.
    PrivateLaw,
    /// Not stated by the source.
    NotStated,
}
