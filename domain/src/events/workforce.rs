//! Workers and who holds a case. Names are sealed in the worker's own stream.

use super::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// A worker is known; the name is sealed.
    WorkerRegistered {
        /// Role code, where the source states one.
        role: Option<Code>,
    }

    /// A worker was given the case.
    WorkerAllocated {
        /// The worker's stream; absent where only the team is known.
        worker: Option<StreamId>,
        /// Role code.
        role: Option<Code>,
    }

    /// A worker no longer has the case.
    WorkerDeallocated {
        /// The worker's stream.
        worker: Option<StreamId>,
    }
}
