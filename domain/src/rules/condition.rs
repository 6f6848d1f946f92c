//! Conditions on the facts of an event, from the closed list that rules may use.
//!
//! A rule file writes them as `where = { field = value }`; a field that the event kind does not have, or a value that the
//! field cannot take, is a defect of the file.

use serde::de::DeserializeOwned;

use super::DefectReason;
use crate::events::assessment::AssessmentKind;
use crate::events::child_protection::InitialConferenceKind;
use crate::events::court::OrderApplied;
use crate::events::front_door::ReferralOutcome;
use crate::events::{Body, Kind};

/// One condition on the facts of one event kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `strategy_discussion_held.initiated_enquiry`
    InitiatedEnquiry(bool),
    /// `referral_decision_made.outcome` is one of these.
    ReferralOutcomeIn(Vec<ReferralOutcome>),
    /// `assessment_started.kind` is one of these.
    AssessmentKindIn(Vec<AssessmentKind>),
    /// `initial_conference_held.kind` is one of these.
    ConferenceKindIn(Vec<InitialConferenceKind>),
    /// `application_issued.orders` holds one of these.
    OrdersInclude(Vec<OrderApplied>),
    /// `placement_started.short_break`
    ShortBreak(bool),
}

impl Condition {
    /// Whether the facts meet the condition; `false` for every other kind of event.
    #[must_use]
    pub fn holds(&self, body: &Body) -> bool {
        match self {
            Self::InitiatedEnquiry(wanted) => {
                matches!(body, Body::StrategyDiscussionHeld(held) if held.initiated_enquiry == *wanted)
            }
            Self::ReferralOutcomeIn(any) => {
                matches!(body, Body::ReferralDecisionMade(made) if any.contains(&made.outcome))
            }
            Self::AssessmentKindIn(any) => {
                matches!(body, Body::AssessmentStarted(started) if any.contains(&started.kind))
            }
            Self::ConferenceKindIn(any) => {
                matches!(body, Body::InitialConferenceHeld(held) if any.contains(&held.kind))
            }
            Self::OrdersInclude(any) => {
                matches!(body, Body::ApplicationIssued(issued) if any.iter().any(|order| issued.orders.contains(order)))
            }
            Self::ShortBreak(wanted) => {
                matches!(body, Body::PlacementStarted(placement) if placement.short_break == *wanted)
            }
        }
    }

    /// Reads the condition `field = value` on events of `kind`.
    pub(super) fn read(kind: Kind, field: &str, value: toml::Value) -> Result<Self, DefectReason> {
        let unusable = |reason: String| DefectReason::UnusableCondition {
            kind: kind.name(),
            field: field.to_owned(),
            reason,
        };
        let condition = match (kind, field) {
            (Kind::StrategyDiscussionHeld, "initiated_enquiry") => typed(value).map(Self::InitiatedEnquiry),
            (Kind::ReferralDecisionMade, "outcome") => typed(value).map(Self::ReferralOutcomeIn),
            (Kind::AssessmentStarted, "kind") => typed(value).map(Self::AssessmentKindIn),
            (Kind::InitialConferenceHeld, "kind") => typed(value).map(Self::ConferenceKindIn),
            (Kind::ApplicationIssued, "orders_include") => typed(value).map(Self::OrdersInclude),
            (Kind::PlacementStarted, "short_break") => typed(value).map(Self::ShortBreak),
            (_, _) => return Err(unusable("rules know no such condition on this kind".to_owned())),
        };
        condition.map_err(unusable)
    }
}

fn typed<T: DeserializeOwned>(value: toml::Value) -> Result<T, String> {
    value.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}
