//! What the court directs: reports, hearings that fall away, Cafcass, the local family justice board.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A listed hearing will not take place.
    HearingVacated {
        /// Which hearing.
        kind: Option<Code> as hearing_kind,
        /// The day that falls away.
        listed_on: Option<NaiveDate>,
        /// The new day.
        new_listed_on: Option<NaiveDate>,
        /// Why.
        reason: Option<Code> as hearing_vacated,
    }

    /// The court directed an expert's report or an assessment.
    ExpertOrdered seals(court_reference) {
        /// Which.
        kind: Option<Code> as court_assessment,
        /// Last day for filing.
        due_on: Option<NaiveDate>,
    }

    /// A report or an assessment was filed with the court.
    AssessmentFiled {
        /// Which.
        kind: Option<Code> as court_assessment,
        /// Last day for filing, as it stood.
        due_on: Option<NaiveDate>,
    }

    /// A direction of the court was not met in time.
    DirectionMissed {
        /// Last day as directed.
        due_on: Option<NaiveDate>,
        /// Who missed it.
        by: Option<Code> as court_party,
        /// Why.
        reason: Option<Code> as delay_reason,
    }

    /// The Children and Family Court Advisory and Support Service (Cafcass) took up the case.
    CafcassInvolved {
        /// In which role.
        role: Option<Code> as cafcass_role,
    }

    /// The local family justice board reviewed proceedings.
    LocalFamilyJusticeBoardReviewed seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Sets of proceedings that were open.
        sets_open: Option<u32>,
    }
}
