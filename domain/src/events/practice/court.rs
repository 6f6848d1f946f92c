//! Court: applications per child with an own issue date, hearings, orders and their ends.
//!
//! Sealed: `court_reference`.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, codes, facts};
use crate::ids::StreamId;

facts! {
    /// A set of proceedings was opened; children join with their own applications.
    ProceedingsOpened seals(court_reference) {}

    /// The court issued an application about this child.
    #[derive(Default)]
    ApplicationIssued seals(court_reference) {
        /// What was applied for.
        orders: BTreeSet<OrderApplied>,
        /// Whether at short notice.
        short_notice: Option<bool>,
        /// Why at short notice.
        short_notice_reason: Option<Code> as short_notice_reason,
        /// Plan in the care plan as filed.
        care_plan: Option<Code> as permanence_plan,
    }

    /// A hearing was held.
    HearingHeld {
        /// Which.
        kind: HearingKind,
        /// How many directions were given.
        directions: Option<u32>,
        /// Day of the next hearing.
        next_on: Option<NaiveDate>,
    }

    /// The court made an interim order.
    InterimOrderMade {
        /// Which.
        order: Code as order_made,
    }

    /// The court extended the timetable for this child. An earlier end is never overwritten.
    TimetableExtended {
        /// The new last day.
        new_end: NaiveDate,
        /// Reason code.
        reason: Option<Code> as extension_reason,
        /// Weeks by which it is extended; the law allows at most 8 at a time (not verified here).
        weeks: Option<u32>,
        /// The children whom it binds, in the stream of the set.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        children: BTreeSet<StreamId>,
    }

    /// The court made a final order, which disposes of the application.
    FinalOrderMade {
        /// Which.
        order: Code as order_made,
        /// Plan in the final care plan.
        care_plan: Option<Code> as permanence_plan,
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
