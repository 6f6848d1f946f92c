//! What can happen: every kind of event, its typed facts, and their stored form.
//!
//! One file per subject of practice. A kind is a stable `snake_case` name with a schema version; adding is
//! cheap, shapes change by an upcaster at read, and meaning never changes under one name. Facts hold codes,
//! dates and entity ids only: no names, no identifiers, no free text.

pub mod adoption;
pub mod assessment;
pub mod care_leavers;
pub mod child_in_need;
pub mod child_protection;
mod code;
pub mod court;
pub mod custody;
pub mod early_help;
mod entities;
pub mod front_door;
pub mod governance;
pub mod health;
pub mod identity;
pub mod looked_after;
pub mod pre_proceedings;
pub mod record_keeping;
mod stored;
pub mod workforce;

pub use code::{Code, NotACode};
pub use entities::{Entities, EntityRole};
pub use stored::{MalformedEvent, RecordedEvent};

use serde::{Deserialize, Serialize};

use crate::envelope::Category;
use crate::time::Occurred;

/// One fact of a journey: when it happened, which processes it belongs to, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    /// When it happened in practice.
    pub occurred: Occurred,
    /// The processes it belongs to, by role.
    pub entities: Entities,
    /// What happened.
    pub body: Body,
}

impl CaseEvent {
    /// An event that belongs to no process.
    pub fn new(occurred: Occurred, body: impl Into<Body>) -> Self {
        Self { occurred, entities: Entities::none(), body: body.into() }
    }

    /// The same event, belonging to one process more.
    #[must_use]
    pub fn of(mut self, role: EntityRole, entity: crate::ids::EntityId) -> Self {
        self.entities.insert(role, entity);
        self
    }

    /// The process that this event is about itself, such as the referral of a `referral_received`.
    pub fn own_entity(&self) -> Option<crate::ids::EntityId> {
        self.body.kind().own_role().and_then(|role| self.entities.get(role))
    }
}

/// Facts of an event kind: a shape that can be written and read.
pub trait Facts: Serialize + for<'de> Deserialize<'de> + schemars::JsonSchema {}

impl<T: Serialize + for<'de> Deserialize<'de> + schemars::JsonSchema> Facts for T {}

/// Declares the facts of one event: the shape is strict; an absent `Option` is left out of the stored form.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $kind:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind),*
        }
    )*};
}
pub(crate) use facts;

/// Declares a closed list of codes with their `snake_case` names.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$code_doc:meta])* $code:ident),+ $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$code_doc])* $code),+
        }
    )*};
}
pub(crate) use codes;

macro_rules! event_kinds {
    ($($module:ident :: $variant:ident = $name:literal, $version:literal, $category:ident $(, $own:ident)? ;)+) => {
        /// What happened: one variant per event kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is documented at the facts that it holds")]
        pub enum Body {
            $($variant($module::$variant)),+
        }

        /// The name of an event kind, without its facts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each variant is documented at the facts that it names")]
        pub enum Kind {
            $($variant),+
        }

        impl Kind {
            /// Every kind, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable `snake_case` name, as stored.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The newest schema version of its facts.
            pub const fn schema_version(self) -> u16 {
                match self { $(Self::$variant => $version),+ }
            }

            /// The category of stream in which it stands.
            pub const fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category),+ }
            }

            /// The role of the process that an event of this kind is about itself.
            pub const fn own_role(self) -> Option<EntityRole> {
                match self { $(Self::$variant => event_kinds!(@own $($own)?)),+ }
            }

            /// The JSON schema of its facts' `details`.
            pub fn details_schema(self) -> schemars::Schema {
                match self { $(Self::$variant => schemars::schema_for!($module::$variant)),+ }
            }

            fn by_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }

        impl Body {
            /// The kind of this event.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant),+ }
            }

            fn details(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $(Self::$variant(facts) => serde_json::to_value(facts)),+ }
            }

            fn read(kind: Kind, text: &str) -> Result<(Self, Entities), serde_json::Error> {
                match kind { $(Kind::$variant => {
                    let read: stored::StoredFacts<$module::$variant> = serde_json::from_str(text)?;
                    Ok((Self::$variant(read.details), read.entities))
                }),+ }
            }
        }

        $(impl From<$module::$variant> for Body {
            fn from(facts: $module::$variant) -> Self {
                Self::$variant(facts)
            }
        })+
    };
    (@own) => { None };
    (@own $own:ident) => { Some(EntityRole::$own) };
}

event_kinds! {
    record_keeping::LedgerOpened = "ledger_opened", 1, System;
    custody::LogKeyRegistered = "log_key_registered", 1, System;
    custody::OfficerKeyRegistered = "officer_key_registered", 1, System;
    custody::OfficerKeyRevoked = "officer_key_revoked", 1, System;
    custody::LegalHoldPlaced = "legal_hold_placed", 1, System;
    custody::LegalHoldLifted = "legal_hold_lifted", 1, System;
    custody::DisposalAuthorised = "disposal_authorised", 1, System;
    custody::RecordDisposed = "record_disposed", 1, System;
    custody::KeyDestroyed = "key_destroyed", 1, System;
    custody::EpochOpened = "epoch_opened", 1, System;
    custody::RosterRecorded = "roster_recorded", 1, System;
    record_keeping::EventCorrected = "event_corrected", 1, Child;
    record_keeping::EventWithdrawn = "event_withdrawn", 1, Child;
    record_keeping::EventReinstated = "event_reinstated", 1, Child;
    record_keeping::SourceClaimDisputed = "source_claim_disputed", 1, Child;
    record_keeping::HistoryCoverageStated = "history_coverage_stated", 1, Child;
    record_keeping::ObservationNoted = "observation_noted", 1, Child;
    governance::ExtractDeclared = "extract_declared", 1, Authority;
    governance::DelayReasonRecorded = "delay_reason_recorded", 1, Child;
    workforce::WorkerRegistered = "worker_registered", 1, Worker;
    workforce::WorkerAllocated = "worker_allocated", 1, Child;
    workforce::WorkerDeallocated = "worker_deallocated", 1, Child;
    identity::ChildRegistered = "child_registered", 1, Child;
    identity::UnbornChildRegistered = "unborn_child_registered", 1, Child;
    identity::BirthRecorded = "birth_recorded", 1, Child;
    identity::ChildDied = "child_died", 1, Child;
    identity::IdentifierLinked = "identifier_linked", 1, Child;
    identity::DisabilityRecorded = "disability_recorded", 1, Child;
    identity::AsylumStatusRecorded = "asylum_status_recorded", 1, Child;
    identity::TransferInNotified = "transfer_in_notified", 1, Child;
    identity::TransferredOut = "transferred_out", 1, Child;
    early_help::EarlyHelpAssessmentStarted = "early_help_assessment_started", 1, Child, EarlyHelpAssessment;
    early_help::EarlyHelpAssessmentCompleted = "early_help_assessment_completed", 1, Child, EarlyHelpAssessment;
    front_door::ContactReceived = "contact_received", 1, Child, Contact;
    front_door::ReferralReceived = "referral_received", 1, Child, Referral;
    front_door::ReferralDecisionMade = "referral_decision_made", 1, Child, Referral;
    front_door::CaseClosed = "case_closed", 1, Child, Referral;
    assessment::AssessmentStarted = "assessment_started", 1, Child, Assessment;
    assessment::AssessmentCheckpointHeld = "assessment_checkpoint_held", 1, Child, Assessment;
    assessment::ChildSeen = "child_seen", 1, Child;
    assessment::AssessmentAuthorised = "assessment_authorised", 1, Child, Assessment;
    child_in_need::ChildInNeedCaseOpened = "child_in_need_case_opened", 1, Child, ChildInNeedCase;
    child_in_need::ChildInNeedCaseClosed = "child_in_need_case_closed", 1, Child, ChildInNeedCase;
    child_in_need::ChildInNeedPlanStarted = "child_in_need_plan_started", 1, Child, ChildInNeedPlan;
    child_in_need::ChildInNeedPlanEnded = "child_in_need_plan_ended", 1, Child, ChildInNeedPlan;
    child_in_need::ChildInNeedVisitMade = "child_in_need_visit_made", 1, Child;
    child_protection::StrategyDiscussionHeld = "strategy_discussion_held", 1, Child, StrategyDiscussion;
    child_protection::Section47EnquiryStarted = "section47_enquiry_started", 1, Child, Enquiry;
    child_protection::Section47EnquiryCompleted = "section47_enquiry_completed", 1, Child, Enquiry;
    child_protection::ConferenceNotRequired = "conference_not_required", 1, Child, Enquiry;
    child_protection::InitialConferenceHeld = "initial_conference_held", 1, Child, Conference;
    child_protection::ReviewConferenceHeld = "review_conference_held", 1, Child, Conference;
    child_protection::ChildProtectionPlanStarted = "child_protection_plan_started", 1, Child, Plan;
    child_protection::PlanCategoryRecorded = "plan_category_recorded", 1, Child, Plan;
    child_protection::ChildProtectionPlanEnded = "child_protection_plan_ended", 1, Child, Plan;
    child_protection::CoreGroupHeld = "core_group_held", 1, Child;
    child_protection::ChildProtectionVisitMade = "child_protection_visit_made", 1, Child;
    pre_proceedings::PreProceedingsStarted = "pre_proceedings_started", 1, Child, PreProceedings;
    pre_proceedings::LetterBeforeProceedingsSent = "letter_before_proceedings_sent", 1, Child, PreProceedings;
    pre_proceedings::PreProceedingsMeetingHeld = "pre_proceedings_meeting_held", 1, Child, PreProceedings;
    pre_proceedings::FamilyGroupMeetingOffered = "family_group_meeting_offered", 1, Child, PreProceedings;
    pre_proceedings::FamilyGroupMeetingHeld = "family_group_meeting_held", 1, Child, PreProceedings;
    pre_proceedings::PreProceedingsConcluded = "pre_proceedings_concluded", 1, Child, PreProceedings;
    pre_proceedings::LetterOfIssueSent = "letter_of_issue_sent", 1, Child, PreProceedings;
    court::ProceedingsOpened = "proceedings_opened", 1, Proceedings, Proceedings;
    court::ApplicationIssued = "application_issued", 1, Child, Application;
    court::HearingHeld = "hearing_held", 1, Child, Hearing;
    court::InterimOrderMade = "interim_order_made", 1, Child, Application;
    court::TimetableExtended = "timetable_extended", 1, Child, Application;
    court::FinalOrderMade = "final_order_made", 1, Child, Application;
    court::ApplicationWithdrawn = "application_withdrawn", 1, Child, Application;
    court::ApplicationDismissed = "application_dismissed", 1, Child, Application;
    court::NoOrderMade = "no_order_made", 1, Child, Application;
    looked_after::BecameLookedAfter = "became_looked_after", 1, Child, PeriodOfCare;
    looked_after::LegalStatusChanged = "legal_status_changed", 1, Child, PeriodOfCare;
    looked_after::PlacementStarted = "placement_started", 1, Child, Placement;
    looked_after::PlacementEnded = "placement_ended", 1, Child, Placement;
    looked_after::PermanencePlanRecorded = "permanence_plan_recorded", 1, Child, PeriodOfCare;
    looked_after::LookedAfterReviewHeld = "looked_after_review_held", 1, Child, Review;
    looked_after::LookedAfterVisitMade = "looked_after_visit_made", 1, Child;
    looked_after::ReviewingOfficerContactMade = "reviewing_officer_contact_made", 1, Child;
    looked_after::ReturnInterviewRecorded = "return_interview_recorded", 1, Child;
    looked_after::CeasedToBeLookedAfter = "ceased_to_be_looked_after", 1, Child, PeriodOfCare;
    health::HealthAssessmentCompleted = "health_assessment_completed", 1, Child;
    health::DentalCheckDone = "dental_check_done", 1, Child;
    care_leavers::CareLeaverEligibilityRecorded = "care_leaver_eligibility_recorded", 1, Child;
    care_leavers::CareLeaverContactRecorded = "care_leaver_contact_recorded", 1, Child;
    care_leavers::CareLeaverAccommodationRecorded = "care_leaver_accommodation_recorded", 1, Child;
    care_leavers::CareLeaverActivityRecorded = "care_leaver_activity_recorded", 1, Child;
    adoption::AdoptionDecisionMade = "adoption_decision_made", 1, Child, AdoptionCase;
    adoption::PlacementOrderMade = "placement_order_made", 1, Child, AdoptionCase;
    adoption::MatchApproved = "match_approved", 1, Child, AdoptionCase;
    adoption::FosterToAdoptPlaced = "foster_to_adopt_placed", 1, Child, AdoptionCase;
    adoption::PlacedForAdoption = "placed_for_adoption", 1, Child, AdoptionCase;
    adoption::AdoptionOrderMade = "adoption_order_made", 1, Child, AdoptionCase;
    adoption::AdoptionDecisionReversed = "adoption_decision_reversed", 1, Child, AdoptionCase;
    adoption::AdopterRegistered = "adopter_registered", 1, Adopter, Adopter;
    adoption::AdopterStepReached = "adopter_step_reached", 1, Adopter, Adopter;
    adoption::AdopterLeft = "adopter_left", 1, Adopter, Adopter;
}

#[cfg(test)]
mod tests;
