//! Alerts of reviewing officers and challenges of conference chairs with their stages, and complaints.

use crate::events::{Code, facts};

facts! {
    /// The independent reviewing officer raised an alert (dispute resolution).
    IroAlertRaised seals(text) {
        /// What it is about.
        about: Option<Code> as alert_about,
        /// Whether it is formal.
        formal: Option<bool>,
    }

    /// An alert was acknowledged.
    IroAlertAcknowledged {}

    /// An alert went to the next stage.
    IroAlertEscalated {
        /// Which stage, from 1.
        stage: u32,
        /// To whom.
        to: Option<Code> as alert_level,
    }

    /// The reviewing officer referred the case to Cafcass (section 25B(3) of the Children Act 1989).
    IroAlertReferredToCafcass {}

    /// An alert was resolved.
    IroAlertResolved {
        /// At which stage.
        stage: Option<u32>,
        /// How.
        outcome: Option<Code> as alert_outcome,
    }

    /// The conference chair challenged practice.
    CpChairChallengeRaised seals(text) {
        /// What it is about.
        about: Option<Code> as alert_about,
    }

    /// A challenge of the conference chair was answered.
    CpChairChallengeResolved {
        /// How.
        outcome: Option<Code> as alert_outcome,
    }

    /// A complaint was received.
    ComplaintReceived seals(text) {
        /// Stage of the procedure.
        stage: Option<Code> as complaint_stage,
        /// What it is about.
        about: Option<Code> as alert_about,
    }
}
