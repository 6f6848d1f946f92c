//! The way to a placement and through it: requests, panels, plan, authority, changes, disruption.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A placement was asked for.
    PlacementRequested {
        /// Type that is sought.
        placement_type: Option<Code> as placement_type,
        /// Day on which it is needed.
        needed_on: Option<NaiveDate>,
        /// Whether it is an emergency.
        emergency: Option<bool>,
    }

    /// A panel decided on a placement.
    PlacementPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Last day for which the placement is agreed.
        agreed_until: Option<NaiveDate>,
        /// Whether other agencies pay.
        joint_funding: Option<bool>,
    }

    /// Brokerage was asked to find a placement.
    BrokerageRequested {
        /// Type that is sought.
        placement_type: Option<Code> as placement_type,
        /// How many providers were asked.
        providers_asked: Option<u32>,
    }

    /// A placement plan was made (regulation 9 of the Care Planning Regulations 2010).
    PlacementPlanMade {}

    /// It was agreed what carers may decide.
    DelegatedAuthorityAgreed {
        /// Areas that were delegated.
        #[serde(default)]
        areas: BTreeSet<Code> as delegated_area,
    }

    /// Something about a placement changed while the child stayed.
    PlacementChanged seals(urn) {
        /// Type from now on.
        placement_type: Option<Code> as placement_type,
        /// Provider from now on.
        provider: Option<Code> as placement_provider,
        /// Whether it is meant to last to the eighteenth birthday.
        intended_until_eighteen: Option<bool>,
    }

    /// A placement broke down or is about to.
    PlacementDisrupted {
        /// Reason code of SSDA903.
        reason: Option<Code> as placement_end,
        /// Days of notice that were given.
        notice_days: Option<u32>,
    }

    /// The complex needs panel decided on a child.
    ComplexNeedsPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Last day for which the placement is agreed.
        agreed_until: Option<NaiveDate>,
        /// Whether other agencies pay.
        joint_funding: Option<bool>,
    }

    /// The panel that papers call CASP decided on a child (the papers do not spell the name out).
    CaspDecisionMade {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Last day for which it is agreed.
        agreed_until: Option<NaiveDate>,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// The panel that reviews residential placements met about a child.
    ResidentialReviewPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Last day for which the placement is agreed.
        agreed_until: Option<NaiveDate>,
    }

    /// The multi-agency resource panel (MARP) decided on a child.
    MarpHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Whether other agencies pay.
        joint_funding: Option<bool>,
    }

    /// The case review panel met about a child.
    CaseReviewPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// The panel that looks for ways out of care met about a child.
    LacReductionPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }
}
