//! Workers and who holds a case. Names are sealed in the worker's own stream.

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// A worker is known; the name is sealed.
    WorkerRegistered seals(name) {
        /// Role code, where the source states one.
        role: Option<Code> as worker_role,
    }

    /// A worker was given the case.
    #[derive(Default)]
    WorkerAllocated {
        /// The worker's stream; absent where only the team is known.
        worker: Option<StreamId>,
        /// Role code.
        role: Option<Code> as worker_role,
        /// Why.
        reason: Option<Code> as allocation_reason,
    }

    /// A worker no longer has the case.
    #[derive(Default)]
    WorkerDeallocated {
        /// The worker's stream.
        worker: Option<StreamId>,
        /// Why.
        reason: Option<Code> as allocation_reason,
    }
}
