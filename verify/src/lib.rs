//! Checks a ledger without trusting whoever wrote it: a database, an exported log or a child's bundle.
//!
//! This room is written from `docs/ledger-format.md` and shares no code with the rooms that write: a mistake made there
//! is not repeated here by inheritance. It never writes, opens no sealed text and needs no key of a child.
//! Invariant: it says "clean" only of what it has read and hashed itself; whatever it could not read is a finding.

mod anchors;
mod audit;
mod canonical;
mod commands;
mod custody;
mod database;
mod file;
mod finding;
mod hash;
mod heads;
mod lanes;
mod leaf;
mod notes;
mod report;
mod row;
mod sealed;
mod section;
mod streams;
mod tree;
mod witnesses;

pub use anchors::{KeptCheckpoint, Receipt, ReceiptFault, SeenBefore};
pub use canonical::NotCanonical;
pub use database::{
    BatchKey, DatabaseFault, DatabaseQuestion, Looked, State, StateFault, hash_again, verify_batches,
    verify_database,
};
pub use file::{FileFault, FileQuestion, verify_file};
pub use finding::{Finding, Findings, Kind, Place};
pub use hash::Hash;
pub use notes::{Key, base64};
pub use report::{NOTHING_COMPARED, Report};
pub use witnesses::{WitnessKey, Witnesses};

#[cfg(test)]
mod tests;
