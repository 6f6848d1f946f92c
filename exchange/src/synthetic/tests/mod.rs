//! The synthetic authority, checked from outside: what it writes is read back and counted anew.
//!
//! Everybody here is invented. Nothing in these tests uses the generator's own calendar or rates, except to
//! enlarge a rare route.

mod against_schema;
mod calibration;
mod corpus;
mod holidays;
mod lawful;
mod whole_file;
