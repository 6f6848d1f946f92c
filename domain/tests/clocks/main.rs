//! The clock engine on small invented journeys, and on the public validator's cases.

mod adopted;
mod allocation;
mod belonging;
mod boundaries;
mod counting;
mod endings;
mod everything_ends;
mod figures;
mod journeys;
mod limits;
mod look_backs;
mod marks;
mod not_recorded;
mod once;
mod oracle;
mod periods;
mod permanence;
mod readings;
mod replaced;
mod shown;
mod support;
mod ties;
mod uncertain;
mod validators;
mod what_if;
