//! The clock engine on small invented journeys, and on the public validator's cases.

mod boundaries;
mod counting;
mod endings;
mod journeys;
mod not_recorded;
mod oracle;
mod support;
mod ties;
mod uncertain;
mod validators;
mod what_if;
