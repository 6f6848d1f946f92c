//! The one way in for what somebody records: streams are read, the decider decides, and one append holds it all.
//!
//! A [`Request`] is one or several [`Act`]s that are recorded together or not at all: a conference of three siblings is one
//! request. What cannot be true is refused with the events that it contradicts; what is odd is recorded, and told. Somebody
//! else who records at the same time never costs an answer: the decision is taken again over what they recorded. The same
//! command id gets the same answer for ever.

mod act;
mod asked;
mod copies;
mod decided;
mod fault;
mod identifiers;
mod receipt;
mod recorder;

pub use act::{Act, Request, To};
pub use asked::{AskFault, act_of, only_running};
pub use exchange::actions::{Amendment, Amends, Change};
pub use fault::RecordFault;
pub use identifiers::indexed;
pub use receipt::{Receipt, RecordedAct};
pub use recorder::Recorder;
