//! The subjects with traps, each replayed at three moments of knowledge: before, after a late entry, after a correction.
//!
//! Every child is invented. What is recorded passes through the decider, as it would in a service.

mod adoption;
mod ages;
mod conferences;
mod imports;
mod proceedings;
mod refusals;
mod reviews;
mod teller;
mod transfers;
mod unborn;
