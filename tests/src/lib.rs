//! What the tests and programs of this room share: the program as a user runs it, a data folder to run it in, files
//! to feed it, the benchmark, and the faults.
//!
//! Nothing here checks anything; a helper that fails panics and so fails the test that called it. Every child in
//! the files that are made here is invented.
#![expect(clippy::missing_panics_doc, reason = "what fails in a helper fails the test that called it")]

pub mod annex_a;
pub mod bench;
pub mod data_folder;
pub mod dice;
pub mod events;
pub mod faults;
pub mod program;
pub mod served;
