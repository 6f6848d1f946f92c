//! What needs two people: requests that officers sign, who the officers are, and what has been asked for so far.
//!
//! An officer is a role that holds a key (its name is the key's name), never a person's name. Requests are signed
//! notes, so an officer can read what is signed. Nothing here reads the clock, a file or the database but
//! [`record`](Ledger::custody), which asks the ledger for its system stream.
//! Invariant: what is folded here depends on the system stream alone, so anybody with an exported log can fold it
//! again and must come to the same officers, holds, disposals and unauthorised entries.

mod check;
mod custody;
mod key_store;
mod particulars;
mod recognise;
mod record;
mod request;
mod signing;

pub use check::{RequestFault, Signed};
pub use custody::{Authorisation, Custody, Hold, Irregular, IrregularCause, Officer};
pub use key_store::NotedStore;
pub use particulars::{Particulars, ParticularsFault};
pub use recognise::RecogniseFault;
pub use record::{CarryOutFault, CustodyFault};
pub(crate) use request::instant;
pub use request::{Action, Malformed, Request};
pub use signing::{SignRequestFault, sign_request};

#[cfg(test)]
mod tests;

#[cfg(doc)]
use crate::Ledger;
