//! Every kind of event: its name, schema version, categories, process, rank and title.
//!
//! One row is all that a fold does not have to know. A row reads
//! `module::Facts = "stored_name" version [categories] Stage(process) @ rank "title"`. The first category is the
//! usual one; the others are streams in which the same act also stands (a siblings' conference in the household's).
//! `alone` marks a kind whose process may have no opening that anybody recorded. The rank orders events of one day
//! (see [`crate::journey::rank`]). Names are never changed and never reused.

use super::*;
use crate::envelope::Category;

macro_rules! event_kinds {
    ($($group:ident { $(
        $module:ident :: $variant:ident = $name:literal $version:literal [$($category:ident)+]
            $stage:ident $(($own:ident))? $($alone:ident)? @ $rank:literal $title:literal ;
    )+ })+) => {
        /// What happened: one variant per event kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is documented at the facts that it holds")]
        pub enum Body {
            $($($variant($module::$variant)),+),+
        }

        /// The name of an event kind, without its facts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each variant is documented at the facts that it names")]
        pub enum Kind {
            $($($variant),+),+
        }

        impl Kind {
            /// Every kind, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$($(Self::$variant),+),+];

            /// The stable `snake_case` name, as stored.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name),+),+ }
            }

            /// A short title for the reader, in the past tense.
            pub const fn title(self) -> &'static str {
                match self { $($(Self::$variant => $title),+),+ }
            }

            /// The subject of practice that it belongs to.
            pub const fn group(self) -> Group {
                match self { $($(Self::$variant)|+ => Group::$group),+ }
            }

            /// The newest schema version of its facts.
            pub const fn schema_version(self) -> u16 {
                match self { $($(Self::$variant => $version),+),+ }
            }

            /// The categories of stream in which it may stand, the usual one first; never empty.
            pub const fn categories(self) -> &'static [Category] {
                match self { $($(Self::$variant => &[$(Category::$category),+]),+),+ }
            }

            /// The role of the process that an event of this kind is about itself.
            pub const fn own_role(self) -> Option<EntityRole> {
                match self { $($(Self::$variant => event_kinds!(@own $($own)?)),+),+ }
            }

            /// What an event of this kind does to its own process.
            pub const fn stage(self) -> Stage {
                match self { $($(Self::$variant => Stage::$stage),+),+ }
            }

            /// Whether a source may tell of this kind without ever telling how its process began.
            pub const fn may_stand_alone(self) -> bool {
                match self { $($(Self::$variant => event_kinds!(@alone $($alone)?)),+),+ }
            }

            /// Rank among the events of one day: the usual order of practice.
            pub const fn rank(self) -> u16 {
                match self { $($(Self::$variant => $rank),+),+ }
            }

            /// The JSON schema of its facts' `details`.
            pub fn details_schema(self) -> schemars::Schema {
                match self { $($(Self::$variant => schemars::schema_for!($module::$variant)),+),+ }
            }

            pub(super) fn by_name(name: &str) -> Option<Self> {
                match name { $($($name => Some(Self::$variant),)+)+ _ => None }
            }
        }

        impl Body {
            /// The kind of this event.
            pub const fn kind(&self) -> Kind {
                match self { $($(Self::$variant(_) => Kind::$variant),+),+ }
            }

            /// Its facts, as something whose codes can be looked through.
            pub fn coded(&self) -> &dyn Coded {
                match self { $($(Self::$variant(facts) => facts),+),+ }
            }

            /// Writes the facts' `details`, so that a rule can ask for one of their fields.
            pub(crate) fn write_details<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self { $($(Self::$variant(facts) => serde::Serialize::serialize(facts, to)),+),+ }
            }

            pub(super) fn details(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $($(Self::$variant(facts) => serde_json::to_value(facts)),+),+ }
            }

            /// The event of a kind with these `details`, in the kind's newest shape.
            ///
            /// # Errors
            /// What is wrong with the details: a field that the kind does not have, or one that is missing.
            pub fn of(kind: Kind, details: serde_json::Value) -> Result<Self, serde_json::Error> {
                match kind {
                    $($(Kind::$variant => serde_json::from_value(details).map(Self::$variant)),+),+
                }
            }

            pub(super) fn read(kind: Kind, text: &str) -> Result<stored::StoredFacts<Self>, serde_json::Error> {
                match kind { $($(Kind::$variant => {
                    let read: stored::StoredFacts<$module::$variant> = serde_json::from_str(text)?;
                    Ok(read.with(Self::$variant))
                }),+),+ }
            }
        }

        $($(impl From<$module::$variant> for Body {
            fn from(facts: $module::$variant) -> Self {
                Self::$variant(facts)
            }
        })+)+
    };
    (@own) => { None };
    (@own $own:ident) => { Some(EntityRole::$own) };
    (@alone) => { false };
    (@alone alone) => { true };
}

impl Kind {
    /// The usual category of stream.
    pub const fn category(self) -> Category {
        match self.categories() {
            [usual, ..] => *usual,
            [] => unreachable!(),
        }
    }

    /// Whether it may stand in a stream of this category.
    pub fn stands_in(self, category: Category) -> bool {
        self.categories().contains(&category)
    }

    /// Whether it amends another event; amendments are commands of their own, because they name what they amend.
    pub const fn is_amendment(self) -> bool {
        matches!(self, Self::EventCorrected | Self::EventWithdrawn | Self::EventReinstated)
    }
}

/// A subject of practice, in the order of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The ledger's own keeping, and the record about the record.
    RecordKeeping,
    /// Identity and structure: children, households, workers, moves between authorities.
    Identity,
    /// Early help.
    EarlyHelp,
    /// Front door and multi-agency safeguarding hub.
    FrontDoor,
    /// Assessment and child in need.
    Assessment,
    /// Child protection.
    ChildProtection,
    /// Pre-proceedings and court.
    Court,
    /// Looked after.
    LookedAfter,
    /// Health and education.
    Health,
    /// Permanence, adoption, special guardianship.
    Permanence,
    /// Edge of care, reunification, exit.
    EdgeOfCare,
    /// Care leavers.
    CareLeavers,
    /// Missing, exploitation, custody, homelessness.
    MissingAndRisk,
    /// Private fostering.
    PrivateFostering,
    /// Governance.
    Governance,
}

impl Group {
    /// The name for the reader.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecordKeeping => "Record keeping",
            Self::Identity => "Identity and structure",
            Self::EarlyHelp => "Early help",
            Self::FrontDoor => "Front door",
            Self::Assessment => "Assessment and child in need",
            Self::ChildProtection => "Child protection",
            Self::Court => "Pre-proceedings and court",
            Self::LookedAfter => "Looked after",
            Self::Health => "Health and education",
            Self::Permanence => "Permanence, adoption, special guardianship",
            Self::EdgeOfCare => "Edge of care, reunification, exit",
            Self::CareLeavers => "Care leavers",
            Self::MissingAndRisk => "Missing, exploitation, custody, homelessness",
            Self::PrivateFostering => "Private fostering",
            Self::Governance => "Governance",
        }
    }
}

event_kinds! {
    RecordKeeping {
        record_keeping::LedgerOpened = "ledger_opened" 1 [System] Apart @ 0 "Ledger opened";
        custody::LogKeyRegistered = "log_key_registered" 1 [System] Apart @ 0 "Key of the log registered";
        custody::OfficerKeyRegistered = "officer_key_registered" 1 [System] Apart @ 0 "Key of an officer registered";
        custody::OfficerKeyRevoked = "officer_key_revoked" 1 [System] Apart @ 0 "Key of an officer revoked";
        custody::LegalHoldPlaced = "legal_hold_placed" 1 [System] Apart @ 0 "Legal hold placed";
        custody::LegalHoldLifted = "legal_hold_lifted" 1 [System] Apart @ 0 "Legal hold lifted";
        custody::DisposalAuthorised = "disposal_authorised" 1 [System] Apart @ 0 "Disposal authorised";
        custody::RecordDisposed = "record_disposed" 1 [System] Apart @ 0 "Record disposed of";
        custody::KeyDestroyed = "key_destroyed" 1 [System] Apart @ 0 "Key destroyed";
        custody::KeyStoreNoted = "key_store_noted" 1 [System] Apart @ 0 "Key store noted";
        custody::EpochOpened = "epoch_opened" 1 [System] Apart @ 0 "Epoch opened";
        custody::LedgerTimeSet = "ledger_time_set" 1 [System] Apart @ 0 "Time of the ledger set right";
        custody::RosterRecorded = "roster_recorded" 1 [System] Apart @ 0 "Roster of streams recorded";
        record_keeping::EventCorrected = "event_corrected" 1 [Child Household Proceedings Adopter Worker Authority] Apart @ 710 "Event corrected";
        record_keeping::EventWithdrawn = "event_withdrawn" 1 [Child Household Proceedings Adopter Worker Authority] Apart @ 710 "Event withdrawn";
        record_keeping::EventReinstated = "event_reinstated" 1 [Child Household Proceedings Adopter Worker Authority] Apart @ 710 "Event reinstated";
        record_keeping::SourceClaimDisputed = "source_claim_disputed" 1 [Child Household Proceedings Adopter Worker Authority] Apart @ 700 "Row of a source disputed";
        record_keeping::HistoryCoverageStated = "history_coverage_stated" 1 [Child Household Proceedings Adopter Worker Authority] Apart @ 0 "Coverage of the history stated";
        record_keeping::ObservationNoted = "observation_noted" 1 [Child Household Proceedings Adopter Worker Authority] Apart @ 700 "Observation noted";
    }
    Identity {
        workforce::WorkerRegistered = "worker_registered" 1 [Worker] Apart @ 0 "Worker registered";
        workforce::WorkerAllocated = "worker_allocated" 1 [Child] Apart @ 100 "Worker allocated";
        workforce::WorkerDeallocated = "worker_deallocated" 1 [Child] Apart @ 90 "Worker deallocated";
        identity::ChildRegistered = "child_registered" 1 [Child] Apart @ 10 "Child registered";
        identity::UnbornChildRegistered = "unborn_child_registered" 1 [Child] Apart @ 10 "Unborn child registered";
        identity::BirthRecorded = "birth_recorded" 1 [Child] Apart @ 10 "Birth recorded";
        identity::ChildDied = "child_died" 1 [Child] Apart @ 670 "Child died";
        identity::IdentifierLinked = "identifier_linked" 1 [Child] Apart @ 10 "Identifier linked";
        identity::DisabilityRecorded = "disability_recorded" 1 [Child] Apart @ 20 "Disability recorded";
        identity::AsylumStatusRecorded = "asylum_status_recorded" 1 [Child] Apart @ 20 "Unaccompanied asylum-seeking status recorded";
        identity::TransferInNotified = "transfer_in_notified" 1 [Child] Apart @ 30 "Transfer in notified";
        identity::TransferredOut = "transferred_out" 1 [Child] Apart @ 660 "Transferred out";
        records::RecordsMerged = "records_merged" 1 [Child] Apart @ 21 "Records merged";
        records::RecordsSplit = "records_split" 1 [Child] Apart @ 22 "Records split";
        records::FamilyLinked = "family_linked" 1 [Child] Apart @ 23 "Family linked";
        records::AddressChanged = "address_changed" 1 [Child Household] Apart @ 24 "Address changed";
        records::ImmigrationStatusChanged = "immigration_status_changed" 1 [Child] Apart @ 25 "Immigration status changed";
        records::UascCeased = "uasc_ceased" 1 [Child] Apart @ 26 "Unaccompanied asylum-seeking status ceased";
        records::CaseTransferred = "case_transferred" 1 [Child] Apart @ 105 "Case transferred";
        records::AgeAssessmentCompleted = "age_assessment_completed" 1 [Child] Apart @ 27 "Age assessment completed";
        unborn::ExpectedBirthDateChanged = "expected_birth_date_changed" 1 [Child] Apart @ 12 "Expected date of birth changed";
        unborn::PregnancyEnded = "pregnancy_ended" 1 [Child] Apart @ 14 "Pregnancy ended";
        transfers::TransferAccepted = "transfer_accepted" 1 [Child] Apart @ 32 "Transfer accepted";
        transfers::TransferDeclined = "transfer_declined" 1 [Child] Apart @ 32 "Transfer declined";
        transfers::TemporaryPlanListed = "temporary_plan_listed" 1 [Child] Opens(TemporaryPlan) @ 33 "Temporary plan listed";
        transfers::TemporaryPlanRemoved = "temporary_plan_removed" 1 [Child] Ends(TemporaryPlan) alone @ 34 "Temporary plan removed";
        households::HouseholdFormed = "household_formed" 1 [Household] Apart @ 15 "Household formed";
        households::HouseholdMemberJoined = "household_member_joined" 1 [Household] Apart @ 16 "Household member joined";
        households::HouseholdMemberLeft = "household_member_left" 1 [Household] Apart @ 17 "Household member left";
    }
    EarlyHelp {
        early_help::EarlyHelpAssessmentStarted = "early_help_assessment_started" 1 [Child] Opens(EarlyHelpAssessment) @ 40 "Early help assessment started";
        early_help::EarlyHelpAssessmentCompleted = "early_help_assessment_completed" 1 [Child] Ends(EarlyHelpAssessment) @ 50 "Early help assessment completed";
        early_help::EarlyHelpRequested = "early_help_requested" 1 [Child] Opens(EarlyHelpCase) @ 40 "Early help requested";
        early_help::EarlyHelpClosed = "early_help_closed" 1 [Child] Ends(EarlyHelpCase) alone @ 56 "Early help closed";
        early_help::TeamAroundTheChildHeld = "team_around_the_child_held" 1 [Child Household] Apart @ 52 "Team around the child met";
        early_help::LeadProfessionalAssigned = "lead_professional_assigned" 1 [Child Household] Apart @ 51 "Lead professional assigned";
        early_help::SteppedUp = "stepped_up" 1 [Child] Apart @ 57 "Stepped up";
        early_help::SteppedDown = "stepped_down" 1 [Child] Apart @ 638 "Stepped down";
        early_help::FamilyPartnershipZoneAllocated = "family_partnership_zone_allocated" 1 [Child Household] Apart @ 53 "Family partnership zone allocated";
        family_tools::GradedCareProfileCompleted = "graded_care_profile_completed" 1 [Child] Apart @ 54 "Graded care profile completed";
        family_tools::NeglectToolkitUsed = "neglect_toolkit_used" 1 [Child] Apart @ 54 "Neglect toolkit used";
        family_tools::OutcomesStarRecorded = "outcomes_star_recorded" 1 [Child] Apart @ 54 "Outcomes star recorded";
        family_tools::PriorityFamilyIdentified = "priority_family_identified" 1 [Household Child] Opens(FamilyProgramme) @ 41 "Priority family identified";
        family_tools::KeyWorkerAllocated = "key_worker_allocated" 1 [Household Child] Continues(FamilyProgramme) alone @ 42 "Key worker allocated";
        family_tools::PaymentByResultClaimed = "payment_by_result_claimed" 1 [Household Child] Continues(FamilyProgramme) alone @ 59 "Payment by result claimed";
        schools_and_work::SchoolPanelHeld = "school_panel_held" 1 [Child] Apart @ 55 "School panel held";
        schools_and_work::Section139AssessmentCompleted = "section139_assessment_completed" 1 [Child] Apart @ 497 "Section 139A assessment completed";
        schools_and_work::NeetStatusRecorded = "neet_status_recorded" 1 [Child] Apart @ 498 "Education, employment or training status recorded";
    }
    FrontDoor {
        front_door::ContactReceived = "contact_received" 1 [Child] Opens(Contact) @ 60 "Contact received";
        front_door::ReferralReceived = "referral_received" 1 [Child] Opens(Referral) @ 70 "Referral received";
        front_door::ReferralDecisionMade = "referral_decision_made" 1 [Child] Continues(Referral) @ 80 "Decision on referral";
        front_door::CaseClosed = "case_closed" 1 [Child] Ends(Referral) @ 640 "Case closed";
        front_door::ContactScreened = "contact_screened" 1 [Child] Continues(Contact) @ 65 "Contact screened";
        front_door::MashEnquiryHeld = "mash_enquiry_held" 1 [Child] Continues(Contact) @ 66 "Multi-agency safeguarding hub enquiry held";
        front_door::ReferrerInformed = "referrer_informed" 1 [Child] Continues(Referral) @ 85 "Referrer informed";
        front_door::MaracHeard = "marac_heard" 1 [Child Household] Apart @ 86 "Multi-agency risk assessment conference heard the case";
        front_door::MappaHeard = "mappa_heard" 1 [Child Household] Apart @ 86 "Multi-agency public protection panel heard the case";
    }
    Assessment {
        assessment::AssessmentStarted = "assessment_started" 1 [Child] Opens(Assessment) @ 120 "Assessment started";
        assessment::AssessmentCheckpointHeld = "assessment_checkpoint_held" 1 [Child] Continues(Assessment) @ 140 "Assessment checkpoint held";
        assessment::ChildSeen = "child_seen" 1 [Child] Apart @ 130 "Child seen";
        assessment::AssessmentAuthorised = "assessment_authorised" 1 [Child] Ends(Assessment) @ 150 "Assessment authorised";
        child_in_need::ChildInNeedCaseOpened = "child_in_need_case_opened" 1 [Child] Opens(ChildInNeedCase) @ 240 "Child in need case opened";
        child_in_need::ChildInNeedCaseClosed = "child_in_need_case_closed" 1 [Child] Ends(ChildInNeedCase) @ 650 "Child in need case closed";
        child_in_need::ChildInNeedPlanStarted = "child_in_need_plan_started" 1 [Child] Opens(ChildInNeedPlan) @ 250 "Child in need plan started";
        child_in_need::ChildInNeedPlanEnded = "child_in_need_plan_ended" 1 [Child] Ends(ChildInNeedPlan) @ 220 "Child in need plan ended";
        child_in_need::ChildInNeedVisitMade = "child_in_need_visit_made" 1 [Child] Apart @ 290 "Child in need visit made";
        child_in_need::ChildInNeedPlanReviewed = "child_in_need_plan_reviewed" 1 [Child] Continues(ChildInNeedPlan) @ 255 "Child in need plan reviewed";
        voice::VoiceOfChildRecorded = "voice_of_child_recorded" 1 [Child] Apart @ 136 "Voice of the child recorded";
        voice::ChildViewOnPlanRecorded = "child_view_on_plan_recorded" 1 [Child] Apart @ 137 "View of the child on the plan recorded";
        voice::DisabilityTransitionPlanned = "disability_transition_planned" 1 [Child] Apart @ 638 "Transition of a disabled young person planned";
    }
    ChildProtection {
        child_protection::StrategyDiscussionHeld = "strategy_discussion_held" 1 [Child Household] Opens(StrategyDiscussion) @ 160 "Strategy discussion held";
        child_protection::Section47EnquiryStarted = "section47_enquiry_started" 1 [Child] Opens(Enquiry) @ 170 "Section 47 enquiry started";
        child_protection::Section47EnquiryCompleted = "section47_enquiry_completed" 1 [Child] Ends(Enquiry) @ 180 "Section 47 enquiry completed";
        child_protection::ConferenceNotRequired = "conference_not_required" 1 [Child] Continues(Enquiry) @ 190 "Conference not required";
        child_protection::InitialConferenceHeld = "initial_conference_held" 1 [Child Household] Opens(Conference) @ 200 "Initial child protection conference held";
        child_protection::ReviewConferenceHeld = "review_conference_held" 1 [Child Household] Opens(Conference) @ 210 "Review child protection conference held";
        child_protection::ChildProtectionPlanStarted = "child_protection_plan_started" 1 [Child] Opens(Plan) @ 260 "Child protection plan started";
        child_protection::PlanCategoryRecorded = "plan_category_recorded" 1 [Child] Continues(Plan) @ 270 "Category of abuse recorded";
        child_protection::ChildProtectionPlanEnded = "child_protection_plan_ended" 1 [Child] Ends(Plan) @ 230 "Child protection plan ended";
        child_protection::CoreGroupHeld = "core_group_held" 1 [Child Household] Apart @ 280 "Core group held";
        child_protection::ChildProtectionVisitMade = "child_protection_visit_made" 1 [Child] Apart @ 290 "Child protection visit made";
        conferences::ConferenceRequested = "conference_requested" 1 [Child Household] Accompanies(Conference) @ 191 "Conference requested";
        conferences::ConferenceDecisionMade = "conference_decision_made" 1 [Child Household] Accompanies(Conference) @ 192 "Decision on holding a conference made";
        conferences::ConferenceScheduled = "conference_scheduled" 1 [Child Household] Accompanies(Conference) @ 193 "Conference scheduled";
        conferences::ConferencePostponed = "conference_postponed" 1 [Child Household] Accompanies(Conference) @ 194 "Conference postponed";
        conferences::ConferenceRescheduled = "conference_rescheduled" 1 [Child Household] Accompanies(Conference) @ 195 "Conference rescheduled";
        conferences::ConferenceAdjourned = "conference_adjourned" 1 [Child Household] Accompanies(Conference) @ 196 "Conference adjourned";
        conferences::ConferenceCancelled = "conference_cancelled" 1 [Child Household] Accompanies(Conference) @ 197 "Conference cancelled";
        conferences::AgencyReportReceived = "agency_report_received" 1 [Child Household] Accompanies(Conference) @ 198 "Agency report received";
        conferences::AgencyAttended = "agency_attended" 1 [Child Household] Accompanies(Conference) @ 212 "Agency attended or not";
        advocacy::AdvocacyOffered = "advocacy_offered" 1 [Child] Apart @ 199 "Advocacy offered";
        advocacy::AdvocacyAccepted = "advocacy_accepted" 1 [Child] Apart @ 199 "Advocacy accepted or declined";
        advocacy::AdvocateAttended = "advocate_attended" 1 [Child] Apart @ 212 "Advocate attended";
        emergency::EpoGranted = "epo_granted" 1 [Child] Opens(EmergencyOrder) @ 372 "Emergency protection order granted";
        emergency::EpoExtended = "epo_extended" 1 [Child] Continues(EmergencyOrder) @ 373 "Emergency protection order extended";
        emergency::EpoEnded = "epo_ended" 1 [Child] Ends(EmergencyOrder) @ 374 "Emergency protection order ended";
        emergency::PolicePowersUsed = "police_powers_used" 1 [Child] Opens(PoliceProtection) @ 370 "Police protection started";
        emergency::PolicePowersEnded = "police_powers_ended" 1 [Child] Ends(PoliceProtection) @ 371 "Police protection ended";
        emergency::ChildAssessmentOrderGranted = "child_assessment_order_granted" 1 [Child] Opens(ChildAssessmentOrder) @ 375 "Child assessment order granted";
        emergency::ChildAssessmentOrderEnded = "child_assessment_order_ended" 1 [Child] Ends(ChildAssessmentOrder) @ 376 "Child assessment order ended";
        safeguarding_practice::SignsOfSafetyScored = "signs_of_safety_scored" 1 [Child Household] Apart @ 213 "Signs of safety scored";
        safeguarding_practice::EscalationRaised = "escalation_raised" 1 [Child] Opens(Escalation) @ 290 "Escalation raised";
        safeguarding_practice::EscalationResolved = "escalation_resolved" 1 [Child] Ends(Escalation) alone @ 291 "Escalation resolved";
    }
    Court {
        pre_proceedings::PreProceedingsStarted = "pre_proceedings_started" 1 [Child] Opens(PreProceedings) @ 300 "Pre proceedings started";
        pre_proceedings::LetterBeforeProceedingsSent = "letter_before_proceedings_sent" 1 [Child Household] Continues(PreProceedings) alone @ 310 "Letter before proceedings sent";
        pre_proceedings::PreProceedingsMeetingHeld = "pre_proceedings_meeting_held" 1 [Child Household] Continues(PreProceedings) alone @ 340 "Pre proceedings meeting held";
        pre_proceedings::FamilyGroupMeetingOffered = "family_group_meeting_offered" 1 [Child Household] Continues(PreProceedings) alone @ 320 "Family group decision-making meeting offered";
        pre_proceedings::FamilyGroupMeetingHeld = "family_group_meeting_held" 1 [Child Household] Continues(PreProceedings) alone @ 330 "Family group decision-making meeting held";
        pre_proceedings::PreProceedingsConcluded = "pre_proceedings_concluded" 1 [Child] Ends(PreProceedings) alone @ 350 "Pre proceedings concluded";
        pre_proceedings::LetterOfIssueSent = "letter_of_issue_sent" 1 [Child] Continues(PreProceedings) alone @ 360 "Letter of issue sent";
        court::ProceedingsOpened = "proceedings_opened" 1 [Proceedings] Opens(Proceedings) @ 370 "Proceedings opened";
        court::ApplicationIssued = "application_issued" 1 [Child Proceedings] Opens(Application) @ 380 "Application issued";
        court::HearingHeld = "hearing_held" 1 [Child Proceedings] Opens(Hearing) @ 390 "Hearing held";
        court::InterimOrderMade = "interim_order_made" 1 [Child Proceedings] Continues(Application) @ 400 "Interim order made";
        court::TimetableExtended = "timetable_extended" 1 [Child Proceedings] Continues(Application) @ 410 "Timetable extended";
        court::FinalOrderMade = "final_order_made" 1 [Child Proceedings] Ends(Application) @ 420 "Final order made";
        court::ApplicationWithdrawn = "application_withdrawn" 1 [Child Proceedings] Ends(Application) @ 420 "Application withdrawn";
        court::ApplicationDismissed = "application_dismissed" 1 [Child Proceedings] Ends(Application) @ 420 "Application dismissed";
        court::NoOrderMade = "no_order_made" 1 [Child Proceedings] Ends(Application) @ 420 "No order made";
        gateway::LegalGatewayHeld = "legal_gateway_held" 1 [Child Household] Apart @ 292 "Legal gateway meeting held";
        gateway::DipMeetingHeld = "dip_meeting_held" 1 [Child Household] Apart @ 292 "Decision in principle meeting held";
        court_directions::HearingVacated = "hearing_vacated" 1 [Child Proceedings] Accompanies(Hearing) @ 386 "Hearing vacated";
        court_directions::ExpertOrdered = "expert_ordered" 1 [Child Proceedings] Opens(Direction) @ 392 "Expert or assessment directed";
        court_directions::AssessmentFiled = "assessment_filed" 1 [Child Proceedings] Ends(Direction) alone @ 394 "Report or assessment filed";
        court_directions::DirectionMissed = "direction_missed" 1 [Child Proceedings] Continues(Direction) alone @ 393 "Direction missed";
        court_directions::CafcassInvolved = "cafcass_involved" 1 [Child Proceedings] Apart @ 387 "Cafcass involved";
        court_directions::LocalFamilyJusticeBoardReviewed = "local_family_justice_board_reviewed" 1 [Authority Proceedings] Apart @ 395 "Local family justice board reviewed";
        court_sets::ChildJoinedProceedings = "child_joined_proceedings" 1 [Child Proceedings] Continues(Proceedings) alone @ 378 "Child joined proceedings";
        court_sets::ProceedingsConsolidated = "proceedings_consolidated" 1 [Child Proceedings] Ends(Proceedings) alone @ 423 "Proceedings consolidated";
        court_sets::ProceedingsTransferred = "proceedings_transferred" 1 [Child Proceedings] Continues(Proceedings) alone @ 379 "Proceedings transferred";
    }
    LookedAfter {
        looked_after::BecameLookedAfter = "became_looked_after" 1 [Child] Opens(PeriodOfCare) @ 450 "Became looked after";
        looked_after::LegalStatusChanged = "legal_status_changed" 1 [Child] Continues(PeriodOfCare) @ 460 "Legal status changed";
        looked_after::PlacementStarted = "placement_started" 2 [Child] Opens(Placement) @ 470 "Placement started";
        looked_after::PlacementEnded = "placement_ended" 1 [Child] Ends(Placement) @ 430 "Placement ended";
        looked_after::PermanencePlanRecorded = "permanence_plan_recorded" 1 [Child] Continues(PeriodOfCare) @ 510 "Permanence plan recorded";
        looked_after::LookedAfterReviewHeld = "looked_after_review_held" 1 [Child] Opens(Review) @ 500 "Looked-after review held";
        looked_after::LookedAfterVisitMade = "looked_after_visit_made" 1 [Child] Apart @ 480 "Looked-after visit made";
        looked_after::ReviewingOfficerContactMade = "reviewing_officer_contact_made" 1 [Child] Apart @ 480 "Independent reviewing officer visit or contact";
        looked_after::ReturnInterviewRecorded = "return_interview_recorded" 1 [Child] Apart @ 520 "Return interview recorded";
        looked_after::CeasedToBeLookedAfter = "ceased_to_be_looked_after" 1 [Child] Ends(PeriodOfCare) @ 440 "Ceased to be looked after";
        care_planning::EpisodeChanged = "episode_changed" 1 [Child] Continues(PeriodOfCare) @ 462 "Episode changed";
        care_planning::CarePlanMade = "care_plan_made" 1 [Child] Opens(CarePlan) @ 441 "Care plan made";
        care_planning::CarePlanChanged = "care_plan_changed" 1 [Child] Continues(CarePlan) alone @ 511 "Care plan changed";
        care_planning::IroAppointed = "iro_appointed" 1 [Child] Apart @ 463 "Independent reviewing officer appointed";
        care_planning::ConvictionRecorded = "conviction_recorded" 1 [Child] Apart @ 490 "Conviction or caution recorded";
        care_planning::SubstanceMisuseRecorded = "substance_misuse_recorded" 1 [Child] Apart @ 491 "Substance misuse recorded";
        care_planning::SecureOrderMade = "secure_order_made" 1 [Child] Apart @ 465 "Secure accommodation order made";
        care_planning::RemandStarted = "remand_started" 1 [Child] Apart @ 464 "Remand started";
        care_planning::DeprivationOfLibertyOrderStarted = "deprivation_of_liberty_order_started" 1 [Child] Opens(DeprivationOfLibertyOrder) @ 466 "Deprivation of liberty order started";
        care_planning::DeprivationOfLibertyOrderEnded = "deprivation_of_liberty_order_ended" 1 [Child] Ends(DeprivationOfLibertyOrder) alone @ 432 "Deprivation of liberty order ended";
        placement_work::PlacementRequested = "placement_requested" 1 [Child] Accompanies(Placement) @ 436 "Placement requested";
        placement_work::PlacementPanelHeld = "placement_panel_held" 1 [Child] Accompanies(Placement) @ 437 "Placement panel held";
        placement_work::BrokerageRequested = "brokerage_requested" 1 [Child] Accompanies(Placement) @ 438 "Brokerage requested";
        placement_work::PlacementPlanMade = "placement_plan_made" 1 [Child] Accompanies(Placement) @ 471 "Placement plan made";
        placement_work::DelegatedAuthorityAgreed = "delegated_authority_agreed" 1 [Child] Accompanies(Placement) @ 472 "Delegated authority agreed";
        placement_work::PlacementChanged = "placement_changed" 1 [Child] Continues(Placement) @ 473 "Placement changed without a move";
        placement_work::PlacementDisrupted = "placement_disrupted" 1 [Child] Continues(Placement) @ 425 "Placement disrupted";
        placement_work::ComplexNeedsPanelHeld = "complex_needs_panel_held" 1 [Child] Apart @ 439 "Complex needs panel held";
        placement_work::CaspDecisionMade = "casp_decision_made" 1 [Child] Apart @ 439 "Children's access and support panel decided";
        placement_work::ResidentialReviewPanelHeld = "residential_review_panel_held" 1 [Child] Apart @ 505 "Residential review panel held";
        placement_work::MarpHeld = "marp_held" 1 [Child] Apart @ 439 "Multi-agency resource panel held";
        placement_work::CaseReviewPanelHeld = "case_review_panel_held" 1 [Child] Apart @ 439 "Case review panel held";
        placement_work::LacReductionPanelHeld = "lac_reduction_panel_held" 1 [Child] Apart @ 505 "Panel on reducing care held";
        looked_after_reviews::LookedAfterReviewCancelled = "looked_after_review_cancelled" 1 [Child] Accompanies(Review) @ 498 "Looked-after review cancelled";
        looked_after_reviews::LookedAfterReviewAdjourned = "looked_after_review_adjourned" 1 [Child] Accompanies(Review) @ 499 "Looked-after review adjourned";
        looked_after_reviews::ReviewPartHeld = "review_part_held" 1 [Child] Accompanies(Review) @ 499 "Part of a review held";
        looked_after_reviews::ReviewCompleted = "review_completed" 1 [Child] Accompanies(Review) @ 501 "Review completed";
        looked_after_reviews::ReviewDecisionRecorded = "review_decision_recorded" 1 [Child] Accompanies(Review) @ 502 "Decision of a review recorded";
        looked_after_reviews::ReviewDecisionsCirculated = "review_decisions_circulated" 1 [Child] Accompanies(Review) @ 503 "Decisions of a review circulated";
        looked_after_reviews::ReviewRecordCirculated = "review_record_circulated" 1 [Child] Accompanies(Review) @ 504 "Record of a review circulated";
        looked_after_reviews::ActionDue = "action_due" 1 [Child Household] Opens(Action) @ 506 "Action agreed";
        looked_after_reviews::ActionDone = "action_done" 1 [Child Household] Ends(Action) @ 507 "Action done";
    }
    Health {
        health::HealthAssessmentCompleted = "health_assessment_completed" 1 [Child] Apart @ 490 "Health assessment completed";
        health::DentalCheckDone = "dental_check_done" 1 [Child] Apart @ 490 "Dental check done";
        health_work::IhaRequested = "iha_requested" 1 [Child] Apart @ 467 "Initial health assessment requested";
        health_work::HealthPlanMade = "health_plan_made" 1 [Child] Apart @ 495 "Health plan made";
        health_work::HealthAssessmentAudited = "health_assessment_audited" 1 [Child Authority] Apart @ 496 "Health assessment audited";
        health_work::ImmunisationsUpdated = "immunisations_updated" 1 [Child] Apart @ 492 "Immunisations updated";
        health_work::SdqScored = "sdq_scored" 1 [Child] Apart @ 493 "Strengths and difficulties questionnaire scored";
        health_work::EmotionalHealthReviewHeld = "emotional_health_review_held" 1 [Child] Apart @ 494 "Emotional health review held";
        health_work::HealthSummaryProvided = "health_summary_provided" 1 [Child] Apart @ 443 "Health summary provided";
        health_work::DevelopmentReviewDone = "development_review_done" 1 [Child] Apart @ 494 "Development review done";
        health_work::AntenatalRiskFlagged = "antenatal_risk_flagged" 1 [Child] Apart @ 62 "Antenatal risk flagged";
        education::PepCompleted = "pep_completed" 1 [Child] Apart @ 497 "Personal education plan completed";
        education::PupilPremiumAgreed = "pupil_premium_agreed" 1 [Child] Apart @ 498 "Pupil premium agreed";
        education::AttendanceRecorded = "attendance_recorded" 1 [Child] Apart @ 498 "School attendance recorded";
        education::ExamResultRecorded = "exam_result_recorded" 1 [Child] Apart @ 498 "Examination result recorded";
        education::EhcRequestReceived = "ehc_request_received" 1 [Child] Opens(EducationHealthCare) @ 487 "Request for an education, health and care assessment received";
        education::EhcAssessmentCompleted = "ehc_assessment_completed" 1 [Child] Continues(EducationHealthCare) alone @ 488 "Education, health and care assessment completed";
        education::EhcPlanIssued = "ehc_plan_issued" 1 [Child] Continues(EducationHealthCare) alone @ 489 "Education, health and care plan issued";
    }
    Permanence {
        adoption::AdoptionDecisionMade = "adoption_decision_made" 1 [Child] Continues(AdoptionCase) alone @ 530 "Decision that the child should be placed for adoption";
        adoption::PlacementOrderMade = "placement_order_made" 1 [Child] Continues(AdoptionCase) alone @ 540 "Placement order made";
        adoption::MatchApproved = "match_approved" 1 [Child] Continues(AdoptionCase) alone @ 550 "Match approved";
        adoption::FosterToAdoptPlaced = "foster_to_adopt_placed" 1 [Child] Continues(AdoptionCase) alone @ 560 "Placed with carers who may adopt";
        adoption::PlacedForAdoption = "placed_for_adoption" 1 [Child] Continues(AdoptionCase) alone @ 570 "Placed for adoption";
        adoption::AdoptionOrderMade = "adoption_order_made" 1 [Child] Ends(AdoptionCase) alone @ 580 "Adoption order made";
        adoption::AdoptionDecisionReversed = "adoption_decision_reversed" 1 [Child] Ends(AdoptionCase) alone @ 590 "Decision that the child should no longer be placed for adoption";
        adoption::AdopterRegistered = "adopter_registered" 1 [Adopter] Opens(Adopter) @ 600 "Adopter registered";
        adoption::AdopterStepReached = "adopter_step_reached" 1 [Adopter] Continues(Adopter) @ 610 "Adopter reached a step";
        adoption::AdopterLeft = "adopter_left" 1 [Adopter] Ends(Adopter) @ 620 "Adopter left the process";
        permanence::PermanenceDiscussedAtReview = "permanence_discussed_at_review" 1 [Child] Apart @ 508 "Permanence discussed at a review";
        permanence::PermanencePlanAgreed = "permanence_plan_agreed" 1 [Child] Apart @ 509 "Permanence plan agreed";
        permanence::PermanencyPlanningMeetingHeld = "permanency_planning_meeting_held" 1 [Child] Apart @ 512 "Permanency planning meeting held";
        permanence::PermanenceTrackingMeetingHeld = "permanence_tracking_meeting_held" 1 [Child Authority] Apart @ 512 "Permanence tracking meeting held";
        permanence::PermanencePanelHeld = "permanence_panel_held" 1 [Child] Apart @ 513 "Permanence panel held";
        permanence::EarlyAdoptionNotificationSent = "early_adoption_notification_sent" 1 [Child] Apart @ 468 "Adoption service notified early";
        permanence::SgoNoticeReceived = "sgo_notice_received" 1 [Child] Apart @ 514 "Notice of a special guardianship application received";
        permanence::SgoApplied = "sgo_applied" 1 [Child] Apart @ 515 "Special guardianship applied for";
        permanence::SgoMade = "sgo_made" 1 [Child] Apart @ 418 "Special guardianship order made";
        permanence::ChildArrangementsOrderMade = "child_arrangements_order_made" 1 [Child] Apart @ 419 "Child arrangements order made";
        permanence::DisruptionMeetingHeld = "disruption_meeting_held" 1 [Child] Apart @ 426 "Disruption meeting held";
        permanence::LifeStoryWorkDone = "life_story_work_done" 1 [Child] Apart @ 516 "Life story work done";
        permanence::SupportPlanAgreed = "support_plan_agreed" 1 [Child Adopter Household] Apart @ 517 "Support plan agreed";
        adoption_work::FamilyFindingStarted = "family_finding_started" 1 [Child] Continues(AdoptionCase) alone @ 541 "Family finding started";
        adoption_work::ProfileUpdated = "profile_updated" 1 [Child] Continues(AdoptionCase) alone @ 542 "Profile updated";
        adoption_work::ActivityDayAttended = "activity_day_attended" 1 [Child] Continues(AdoptionCase) alone @ 543 "Activity day attended";
        adoption_work::AdoptionPanelHeld = "adoption_panel_held" 1 [Child Adopter] Apart @ 525 "Adoption panel held";
        adoption_work::AdoptionDisrupted = "adoption_disrupted" 1 [Child] Continues(AdoptionCase) alone @ 575 "Adoption disrupted";
        adoption_work::AdopterCharterSigned = "adopter_charter_signed" 1 [Adopter] Continues(Adopter) alone @ 611 "Adopter charter signed";
        adoption_work::RegionalAgencyTransferred = "regional_agency_transferred" 1 [Child Adopter Authority] Apart @ 596 "Passed to a regional adoption agency";
    }
    EdgeOfCare {
        edge_of_care::EdgeOfCareReferred = "edge_of_care_referred" 1 [Child Household] Opens(EdgeOfCareService) @ 293 "Referred to an edge of care service";
        edge_of_care::EdgeOfCareDeclined = "edge_of_care_declined" 1 [Child Household] Ends(EdgeOfCareService) @ 294 "Edge of care service declined the referral";
        edge_of_care::EdgeOfCareWithdrawn = "edge_of_care_withdrawn" 1 [Child Household] Ends(EdgeOfCareService) @ 294 "Referral to an edge of care service withdrawn";
        edge_of_care::EdgeOfCareStarted = "edge_of_care_started" 1 [Child Household] Continues(EdgeOfCareService) alone @ 295 "Edge of care service started";
        edge_of_care::EdgeOfCareEnded = "edge_of_care_ended" 1 [Child Household] Ends(EdgeOfCareService) alone @ 296 "Edge of care service ended";
        edge_of_care::DutyVisitMade = "duty_visit_made" 1 [Child Household] Apart @ 131 "Duty visit made";
        edge_of_care::FgcReferred = "fgc_referred" 1 [Child Household] Opens(FamilyGroupConference) @ 297 "Family group conference asked for";
        edge_of_care::FgcHeld = "fgc_held" 1 [Child Household] Continues(FamilyGroupConference) alone @ 298 "Family group conference held";
        edge_of_care::FamilyPlanAgreed = "family_plan_agreed" 1 [Child Household] Continues(FamilyGroupConference) alone @ 299 "Family plan agreed";
        edge_of_care::ReunificationPlanned = "reunification_planned" 1 [Child] Apart @ 518 "Reunification planned";
        edge_of_care::ReturnedHome = "returned_home" 1 [Child] Apart @ 442 "Returned home";
        edge_of_care::OutcomeSavingRecorded = "outcome_saving_recorded" 1 [Child Household] Apart @ 639 "Saving from an outcome recorded";
    }
    CareLeavers {
        care_leavers::CareLeaverEligibilityRecorded = "care_leaver_eligibility_recorded" 1 [Child] Apart @ 630 "Care leaver eligibility recorded";
        care_leavers::CareLeaverContactRecorded = "care_leaver_contact_recorded" 1 [Child] Apart @ 630 "Care leaver contact recorded";
        care_leavers::CareLeaverAccommodationRecorded = "care_leaver_accommodation_recorded" 1 [Child] Apart @ 630 "Care leaver accommodation recorded";
        care_leavers::CareLeaverActivityRecorded = "care_leaver_activity_recorded" 1 [Child] Apart @ 630 "Care leaver activity recorded";
        pathway::PathwayAssessmentCompleted = "pathway_assessment_completed" 1 [Child] Apart @ 621 "Pathway assessment completed";
        pathway::PathwayPlanMade = "pathway_plan_made" 1 [Child] Opens(PathwayPlan) @ 622 "Pathway plan made";
        pathway::PathwayPlanReviewed = "pathway_plan_reviewed" 1 [Child] Continues(PathwayPlan) alone @ 623 "Pathway plan reviewed";
        pathway::PersonalAdviserAllocated = "personal_adviser_allocated" 1 [Child] Apart @ 624 "Personal adviser allocated";
        pathway::PaContactMade = "pa_contact_made" 1 [Child] Apart @ 625 "Contact by the personal adviser";
        pathway::StayingPutAgreed = "staying_put_agreed" 1 [Child] Apart @ 626 "Staying put agreed";
        pathway::PreIndependenceProgrammeJoined = "pre_independence_programme_joined" 1 [Child] Apart @ 627 "Pre-independence programme joined";
        pathway::CareLeaverClosed = "care_leaver_closed" 1 [Child] Apart @ 636 "Care leaver closed";
    }
    MissingAndRisk {
        missing::MissingReported = "missing_reported" 1 [Child] Opens(MissingEpisode) @ 481 "Reported missing";
        missing::FoundOrReturned = "found_or_returned" 1 [Child] Ends(MissingEpisode) alone @ 482 "Found or returned";
        missing::RhiOffered = "rhi_offered" 1 [Child] Accompanies(MissingEpisode) @ 483 "Return home interview offered";
        missing::RhiAccepted = "rhi_accepted" 1 [Child] Accompanies(MissingEpisode) @ 484 "Return home interview accepted";
        missing::RhiRefused = "rhi_refused" 1 [Child] Accompanies(MissingEpisode) @ 484 "Return home interview refused";
        missing::RhiHeld = "rhi_held" 1 [Child] Accompanies(MissingEpisode) @ 485 "Return home interview held";
        missing::MissingPreventionPlanMade = "missing_prevention_plan_made" 1 [Child] Apart @ 486 "Plan against going missing made";
        exploitation::CseScreened = "cse_screened" 1 [Child] Apart @ 138 "Screened for exploitation";
        exploitation::CseRiskChanged = "cse_risk_changed" 1 [Child] Apart @ 139 "Risk of exploitation changed";
        exploitation::GangConcernRecorded = "gang_concern_recorded" 1 [Child] Apart @ 139 "Concern about gangs recorded";
        exploitation::PreventReferralMade = "prevent_referral_made" 1 [Child] Apart @ 139 "Prevent referral made";
        exploitation::VcmHeld = "vcm_held" 1 [Child] Apart @ 214 "Vulnerable children meeting held";
        exploitation::MissingCsePanelHeld = "missing_cse_panel_held" 1 [Child] Apart @ 214 "Missing and exploitation panel held";
        detention::PoliceDetentionStarted = "police_detention_started" 1 [Child] Opens(Detention) @ 474 "Detention started";
        detention::CustodyNotificationReceived = "custody_notification_received" 1 [Child] Accompanies(Detention) @ 475 "Notification of detention received";
        detention::DetentionVisitMade = "detention_visit_made" 1 [Child] Accompanies(Detention) @ 476 "Visit in detention made";
        detention::DetentionEnded = "detention_ended" 1 [Child] Ends(Detention) alone @ 477 "Detention ended";
        detention::YotInvolved = "yot_involved" 1 [Child] Apart @ 478 "Youth offending team involved";
        homelessness::HomelessReferralReceived = "homeless_referral_received" 1 [Child] Opens(HomelessReferral) @ 71 "Homelessness of a young person referred";
        homelessness::DecisionNotToBeLookedAfter = "decision_not_to_be_looked_after" 1 [Child] Continues(HomelessReferral) @ 87 "Decision not to be looked after";
        homelessness::DecisionReviewed = "decision_reviewed" 1 [Child] Continues(HomelessReferral) @ 88 "Decision not to be looked after reviewed";
    }
    PrivateFostering {
        private_fostering::PrivateFosteringArrangementStarted = "private_fostering_arrangement_started" 1 [Child] Opens(PrivateFostering) @ 458 "Private fostering arrangement started";
        private_fostering::PrivateFosteringVisitMade = "private_fostering_visit_made" 1 [Child] Continues(PrivateFostering) alone @ 486 "Private fostering visit made";
        private_fostering::PrivateFosteringArrangementEnded = "private_fostering_arrangement_ended" 1 [Child] Ends(PrivateFostering) @ 433 "Private fostering arrangement ended";
    }
    Governance {
        governance::ExtractDeclared = "extract_declared" 1 [Authority] Apart @ 0 "Extract declared";
        governance::DelayReasonRecorded = "delay_reason_recorded" 1 [Child] Apart @ 700 "Delay reason recorded";
        alerts::IroAlertRaised = "iro_alert_raised" 1 [Child] Opens(Alert) @ 650 "Alert of the reviewing officer raised";
        alerts::IroAlertAcknowledged = "iro_alert_acknowledged" 1 [Child] Continues(Alert) alone @ 651 "Alert acknowledged";
        alerts::IroAlertEscalated = "iro_alert_escalated" 1 [Child] Continues(Alert) alone @ 652 "Alert escalated";
        alerts::IroAlertReferredToCafcass = "iro_alert_referred_to_cafcass" 1 [Child] Continues(Alert) alone @ 653 "Alert referred to Cafcass";
        alerts::IroAlertResolved = "iro_alert_resolved" 1 [Child] Ends(Alert) alone @ 654 "Alert resolved";
        alerts::CpChairChallengeRaised = "cp_chair_challenge_raised" 1 [Child] Opens(Challenge) @ 655 "Challenge of the conference chair raised";
        alerts::CpChairChallengeResolved = "cp_chair_challenge_resolved" 1 [Child] Ends(Challenge) alone @ 656 "Challenge of the conference chair resolved";
        alerts::ComplaintReceived = "complaint_received" 1 [Child Authority] Apart @ 657 "Complaint received";
        oversight::SupervisionHeld = "supervision_held" 1 [Child Worker] Apart @ 658 "Supervision held";
        oversight::ManagementOversightRecorded = "management_oversight_recorded" 1 [Child] Apart @ 659 "Management oversight recorded";
        oversight::CaseAuditCompleted = "case_audit_completed" 1 [Child Authority] Apart @ 660 "Case audit completed";
        oversight::MultiAgencyAuditDone = "multi_agency_audit_done" 1 [Child Authority] Apart @ 660 "Multi-agency audit done";
        oversight::ChronologySummarised = "chronology_summarised" 1 [Child] Apart @ 661 "Chronology summarised";
        oversight::DmtChampionAssigned = "dmt_champion_assigned" 1 [Authority Child] Apart @ 662 "Champion of the management team assigned";
        oversight::LearningReviewHeld = "learning_review_held" 1 [Child Authority] Apart @ 663 "Learning review held";
        oversight::ServiceFeedbackReceived = "service_feedback_received" 1 [Child Household Authority] Apart @ 664 "Feedback on the service received";
        incidents::SeriousIncidentKnown = "serious_incident_known" 1 [Child Authority] Opens(Incident) @ 665 "Serious incident known";
        incidents::SeriousIncidentNotified = "serious_incident_notified" 1 [Child Authority] Continues(Incident) alone @ 666 "Serious incident notified";
        incidents::RapidReviewDone = "rapid_review_done" 1 [Child Authority] Continues(Incident) alone @ 667 "Rapid review done";
        panels::PanelHeld = "panel_held" 1 [Child Household Proceedings Adopter Authority] Apart @ 668 "Panel or body met";
        published::ScrutinyReportIssued = "scrutiny_report_issued" 1 [Authority] Apart @ 680 "Report to scrutiny issued";
        published::FigurePublished = "figure_published" 1 [Authority] Apart @ 679 "Figure published";
        published::TargetSet = "target_set" 1 [Authority] Apart @ 676 "Target set";
        published::PopulationSet = "population_set" 1 [Authority] Apart @ 675 "Population set";
        published::RuleVersionActivated = "rule_version_activated" 1 [Authority] Apart @ 674 "Rule version activated";
        published::CalendarChanged = "calendar_changed" 1 [Authority] Apart @ 673 "Calendar changed";
        published::ThresholdMatrixChanged = "threshold_matrix_changed" 1 [Authority] Apart @ 672 "Threshold matrix changed";
        improvement::ImprovementActionAgreed = "improvement_action_agreed" 1 [Authority] Opens(ImprovementAction) @ 681 "Improvement action agreed";
        improvement::ImprovementActionProgressed = "improvement_action_progressed" 1 [Authority] Continues(ImprovementAction) @ 682 "Improvement action progressed";
        improvement::ImprovementActionClosed = "improvement_action_closed" 1 [Authority] Ends(ImprovementAction) @ 683 "Improvement action closed";
    }
}
