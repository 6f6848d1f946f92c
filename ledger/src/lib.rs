//! The append-only log in PostgreSQL: append, read, subscribe, seal and prove.
//!
//! This room orders events, keeps them and finds them again. It never looks inside the facts and does not
//! know what an event means. `docs/ledger-format.md` says what is stored, byte by byte.
//! Invariant: positions are dense and in commit order, and a stored event never changes.

mod hash;
mod identifiers;
mod keyed_ids;
pub mod keys;
pub mod leaf;
pub mod sealing;
pub mod tree;

pub use hash::Hash;
pub use identifiers::Identifier;
pub use keyed_ids::LedgerIds;

#[cfg(test)]
mod vectors;
