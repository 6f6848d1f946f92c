//! Tools of early help, and programmes for families with many needs.

use std::collections::BTreeSet;

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// A graded care profile was completed.
    GradedCareProfileCompleted seals(areas) {
        /// Version of the tool.
        version: Option<Code>,
        /// Score; the scale is the tool's.
        score: Option<u32>,
    }

    /// A neglect toolkit was used.
    NeglectToolkitUsed {
        /// Which.
        tool: Option<Code> as neglect_tool,
        /// Score; the scale is the tool's.
        score: Option<u32>,
    }

    /// An outcomes star was recorded.
    OutcomesStarRecorded {
        /// Which star.
        star: Option<Code> as outcomes_star,
        /// Sum of the scores.
        score: Option<u32>,
    }

    /// A family was found to belong to a programme for families with many needs.
    PriorityFamilyIdentified {
        /// Which programme.
        programme: Option<Code> as family_programme,
        /// Codes of the criteria that are met.
        #[serde(default)]
        criteria: BTreeSet<Code>,
    }

    /// A key worker was given to the family.
    KeyWorkerAllocated {
        /// The worker's stream.
        worker: Option<StreamId>,
        /// Agency of the key worker.
        agency: Option<Code> as agency,
    }

    /// A payment was claimed for a result.
    PaymentByResultClaimed {
        /// Which result.
        outcome: Option<Code> as programme_outcome,
        /// Amount in pence.
        amount_pence: Option<i64>,
    }
}
