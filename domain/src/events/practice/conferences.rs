//! The way to a child protection conference: requested, decided, scheduled, put off, broken off, cancelled; and
//! who reports and attends. That one is held stands in [`super::child_protection`].

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A child protection conference was asked for.
    ConferenceRequested {
        /// Which conference.
        kind: Option<Code> as conference_kind,
        /// Who was asked.
        requested_from: Option<Code> as agency,
    }

    /// It was decided whether a conference is to be held.
    ConferenceDecisionMade {
        /// Whether it is to be held.
        to_be_held: bool,
        /// Whether the chair was consulted.
        chair_consulted: Option<bool>,
        /// Whether the threshold was found to be met.
        threshold_met: Option<bool>,
    }

    /// A day was set for a conference.
    ConferenceScheduled {
        /// The day; it may lie in the future.
        planned_on: NaiveDate,
        /// Last day in time as the service states it.
        target_on: Option<NaiveDate>,
    }

    /// A conference was put off.
    ConferencePostponed {
        /// The day that falls away.
        planned_on: Option<NaiveDate>,
        /// The new day, where one is set.
        new_planned_on: Option<NaiveDate>,
        /// Why.
        reason: Option<Code> as conference_delay,
    }

    /// A conference was given another day.
    ConferenceRescheduled {
        /// The new day; it may lie in the future.
        new_planned_on: NaiveDate,
        /// Why.
        reason: Option<Code> as conference_delay,
    }

    /// A conference met and was broken off, for instance because it was not quorate. It has not been held.
    ConferenceAdjourned {
        /// Whether it was quorate.
        quorate: Option<bool>,
        /// Day on which it goes on.
        resumes_on: Option<NaiveDate>,
        /// Why.
        reason: Option<Code> as conference_delay,
    }

    /// A conference will not take place.
    ConferenceCancelled {
        /// Why.
        reason: Option<Code> as conference_delay,
    }

    /// An agency sent its report to a conference.
    AgencyReportReceived {
        /// Which.
        agency: Code as agency,
        /// Whether in time, where it is stated.
        on_time: Option<bool>,
    }

    /// Whether an agency attended a conference.
    AgencyAttended {
        /// Which.
        agency: Code as agency,
        /// Whether it attended.
        attended: bool,
    }
}
