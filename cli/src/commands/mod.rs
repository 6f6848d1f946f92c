//! The commands: each asks a room and prints its answer.

pub(crate) mod deadline;
pub(crate) mod rules;
