//! Tests of the log against a real PostgreSQL, a fresh database each.

mod aggregates;
mod appending;
mod authentic;
mod bulk;
mod disclosing;
mod disposal;
mod following;
mod forbidden;
mod key_crashes;
mod key_store;
mod keys;
mod leaping;
mod model;
mod outages;
mod pressure;
mod processes;
mod proving;
mod reading;
mod recognised;
mod sealing;
mod signing;
mod witnessing;
