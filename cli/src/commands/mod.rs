//! The commands: each asks a room and prints its answer.

pub(crate) mod backup;
pub(crate) mod checkpoint;
pub(crate) mod deadline;
pub(crate) mod demo;
pub(crate) mod disclose;
pub(crate) mod dispose;
pub(crate) mod doctor;
pub(crate) mod due;
pub(crate) mod epoch;
pub(crate) mod export;
pub(crate) mod hold;
pub(crate) mod import;
pub(crate) mod indicators;
pub(crate) mod keys;
mod knowledge;
pub(crate) mod log_key;
pub(crate) mod officer;
pub(crate) mod reconcile;
pub(crate) mod replay;
mod requests;
pub(crate) mod restore;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod synth;
pub(crate) mod verify;
pub(crate) mod witness;
