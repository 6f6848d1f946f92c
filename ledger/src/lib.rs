//! The append-only log in PostgreSQL: append, read, subscribe, seal and prove.
//!
//! This room orders events, keeps them and finds them again. It never looks inside the facts and does not
//! know what an event means. `docs/ledger-format.md` says what is stored, byte by byte.
//! Invariant: positions are dense and in commit order, and a stored event never changes.

mod aggregate_store;
mod append;
pub mod backup;
mod batch_mac;
mod clash;
mod clock;
mod damage;
pub mod disclosure;
pub mod disposal;
mod durable;
mod genesis;
mod guards;
pub mod handout;
mod hash;
mod hash_many;
mod identifiers;
mod install;
mod keyed_ids;
pub mod keys;
pub mod leaf;
mod ledger;
mod ledger_time;
pub mod notes;
pub mod officers;
pub mod proof;
mod read;
mod rows;
mod same_event;
pub mod sealing;
mod subscribe;
#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
pub mod tree;
pub mod witness;

pub use aggregate_store::{AggregateStore, StoreFault, StoredAggregate};
pub use append::{
    AppendError, BulkReport, Command, EVENTS_PER_CHUNK, Expected, Fed, FedEvent, FeedFault, MAX_EVENT_BYTES,
    MAX_EVENTS_PER_CHUNK, MAX_EVENTS_PER_COMMAND, Recorded, StartFault, StreamAppend, StreamRevisions,
};
pub use clash::Clash;
pub use clock::Clock;
pub use damage::{HeadWithoutEvents, NewestHead, is_damage};
pub use genesis::{FORMAT, Genesis, GenesisFault, Opening, READER_VERSION};
pub use guards::{GuardDifference, compare_guards};
pub use hash::Hash;
pub use identifiers::Identifier;
pub use install::{InstallFault, install};
pub use keyed_ids::LedgerIds;
pub use ledger::{
    Admitted, Adoption, IndexDifference, IndexRows, KeyStoreFault, LeapFault, Ledger, OpenFault, Options,
    StoreProblem, UnsealFault, refill_kinds,
};
pub use ledger_time::{Leap, LedgerTime};
pub use read::{Head, ReadFault, StreamRange, may_pass};
pub use rows::MalformedRow;
pub use same_event::Part;
pub use subscribe::{Batch, Cursor, CursorFault, EventFilter, MalformedCursor, SubscribeFault, Subscription};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
