//! Views and answers at every moment of knowledge, on every basis and for every day asked about, held against slow and
//! obvious second implementations that begin from nothing.
//!
//! `care` counts reviews, visits, placements for adoption and short breaks of random lives in care;
//! `world` makes random histories of invented children; `slow_view` says what was known by going through all that was ever
//! said; `slow_clocks` counts days one by one; `slow_readings` tries every day and every order of what is uncertain. Neither calls the fold, the engine, the calendar or the rule book.

#![expect(clippy::unwrap_used, reason = "what cannot be built or read fails the test")]
#![expect(clippy::indexing_slicing, reason = "a place outside fails the test")]

mod answers;
mod care;
mod merges;
mod readings;
mod slow_clocks;
mod slow_readings;
mod slow_view;
mod views;
mod world;
