//! The `caseledger` program from the outside: files in, answers out, over one private PostgreSQL.
//!
//! Each module holds one promise to the people who use it. Every child in the files is invented.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails in a helper fails the test")]

mod backups;
mod bad_input;
mod canary;
mod cases;
mod clock_ahead;
mod destroyed;
mod disposal;
mod doctor;
mod elsewhere;
mod every_kind;
mod exit_codes;
mod extracts;
mod files;
mod formats;
mod groups;
mod imported;
mod json_lines;
mod key_store;
mod limits;
mod lookups;
mod outside;
mod overruled;
mod processes;
mod read_models;
mod readme_query;
mod recorded;
mod remembered;
mod samples;
mod signed;
mod stays_up;
mod tallies;
mod upgrades;
