//! What is true in a child's case journey: events, identifiers, time, corrections and practice order.
//!
//! Everything here is pure: no I/O, no async, no clock on the wall. The other rooms bring the events in,
//! and this room says what they mean.

pub mod calendar;
pub mod canonical;
mod canonical_scan;
pub mod clocks;
pub mod decider;
pub mod envelope;
pub mod events;
pub mod identifier;
pub mod ids;
pub mod journey;
pub mod nearest;
pub mod observations;
pub mod processes;
pub mod rules;
pub mod time;
