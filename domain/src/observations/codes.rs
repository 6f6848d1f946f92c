//! Irregular codes: not in the closed list of a national return, or not valid on the day of practice.
//!
//! An imported row keeps such a code as it stands; a live command is refused for what is certain. Codes of open
//! (local) lists are never irregular.

use super::{Observation, ObservationCode, about};
use crate::events::code_lists::{self, Judgement};
use crate::events::{Body, CodeAt};
use crate::journey::Journey;
use crate::time::Occurred;

/// An irregular code where it stands.
pub(crate) struct IrregularCode<'a> {
    /// Field, list and code.
    pub(crate) at: CodeAt<'a>,
    /// What its list says.
    pub(crate) judgement: Judgement,
    /// The observation that it makes.
    pub(crate) observation: ObservationCode,
}

/// Every irregular code of an event, in the order of its fields.
pub(crate) fn irregular(body: &Body, occurred: Occurred) -> Vec<IrregularCode<'_>> {
    let mut found = Vec::new();
    body.coded().codes(&mut |at| {
        let Some(list) = code_lists::list(at.list) else { return };
        let judgement = list.judge(at.code, occurred);
        if let Some(observation) = observation(judgement) {
            found.push(IrregularCode { at, judgement, observation });
        }
    });
    found
}

const fn observation(judgement: Judgement) -> Option<ObservationCode> {
    match judgement {
        Judgement::Valid | Judgement::Local => None,
        Judgement::Unknown => Some(ObservationCode::CodeUnrecognised),
        Judgement::OutOfYears { read: true, .. } => Some(ObservationCode::CodeOutOfYears),
        Judgement::OutOfYears { read: false, .. } => Some(ObservationCode::CodeYearsDoubtful),
    }
}

pub(super) fn observe(journey: &Journey, found: &mut Vec<Observation>) {
    for event in &journey.events {
        let codes = irregular(&event.body, event.occurred);
        found.extend(codes.into_iter().map(|code| about(code.observation, &[event])));
    }
}
