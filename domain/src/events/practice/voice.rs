//! What the child says, and the transition of disabled young people. The words are sealed.

use std::collections::BTreeSet;

use crate::events::{Code, facts};

facts! {
    /// What the child says was recorded; the words are sealed.
    VoiceOfChildRecorded seals(answers) {
        /// How the child was heard.
        method: Option<Code> as voice_method,
        /// What it is about.
        about: Option<Code> as voice_about,
    }

    /// What the child thinks of the plan was recorded; the words are sealed.
    ChildViewOnPlanRecorded seals(answers) {
        /// Which plan.
        plan: Option<Code> as plan_kind,
        /// Whether the child agrees, where it is stated.
        agrees: Option<bool>,
    }

    /// The move of a disabled young person to adult services was planned.
    DisabilityTransitionPlanned {
        /// Code of the tool.
        tool: Option<Code>,
        /// Agencies that take part.
        #[serde(default)]
        agencies: BTreeSet<Code> as agency,
    }
}
