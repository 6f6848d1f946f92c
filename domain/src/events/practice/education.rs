//! Education: personal education plans, attendance, results, education, health and care plans.

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A personal education plan was completed or reviewed.
    PepCompleted seals(school) {
        /// School term, such as autumn.
        term: Option<Code> as school_term,
        /// Year in which the school year began.
        school_year: Option<u32>,
        /// Quality, where it was graded.
        quality: Option<Code> as audit_grade,
    }

    /// Use of the pupil premium plus was agreed.
    PupilPremiumAgreed {
        /// Amount in pence.
        amount_pence: Option<i64>,
    }

    /// Attendance over a period was recorded.
    AttendanceRecorded seals(school) {
        /// First day.
        from: NaiveDate,
        /// Last day, inclusive.
        to: NaiveDate,
        /// Sessions that were possible.
        sessions_possible: u32,
        /// Sessions attended.
        sessions_attended: u32,
    }

    /// A result of examinations or assessments was recorded.
    ExamResultRecorded {
        /// Which.
        stage: Code as exam_stage,
        /// What it says.
        measure: Option<Code> as exam_measure,
        /// Whether the measure was reached.
        reached: Option<bool>,
    }

    /// An education, health and care (EHC) needs assessment was asked for.
    EhcRequestReceived {
        /// Who asked.
        source: Option<Code> as ehc_source,
    }

    /// An education, health and care needs assessment was decided or completed.
    EhcAssessmentCompleted {
        /// Outcome.
        outcome: Option<Code> as ehc_outcome,
    }

    /// A final education, health and care plan was issued.
    EhcPlanIssued {
        /// Primary need.
        primary_need: Option<Code> as sen_need,
        /// Kind of school that it names.
        placement: Option<Code> as school_kind,
    }
}
