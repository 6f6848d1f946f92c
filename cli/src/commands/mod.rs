//! The commands: each asks a room and prints its answer.

pub(crate) mod deadline;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod due;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod indicators;
mod knowledge;
pub(crate) mod reconcile;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod synth;
