//! Clocks: what a journey answers to the rules, at one day and with one knowledge.
//!
//! A [`ClockEngine`] is compiled once from a rule book; [`ClockEngine::run`] is a pure fold of a journey to
//! [`Answers`]: every clock that a rule starts, open ones included, and every flag that looks back. What was known when
//! is decided before, by the journey; the engine only sees known events.
//!
//! What it does not do: it chooses no period, divides nothing and stores nothing.
//!
//! Invariants: the answers depend on the known events, never on the order in which they were recorded; a clock whose dates
//! do not settle it says `cannot_tell`, and one whose history has a gap says `history_incomplete`: neither is ever `met`
//! or `late`.

mod adrift;
mod awaited;
mod bounded;
mod case;
mod clock;
mod compiled;
mod due;
mod ended;
mod ends;
mod engine;
mod figures;
mod followed;
mod found;
mod gapped;
mod heard;
mod index;
mod interrupted;
mod interviews;
mod judge;
mod judged;
mod limits;
mod links;
mod look_back;
mod marks;
mod names;
mod neighbours;
mod never_began;
mod numbered;
mod otherwise;
mod over;
mod owner;
mod points;
mod question;
mod ranks;
mod readings;
mod replaced;
mod reviews;
mod run;
mod settled;
mod short_breaks;
mod states;
mod stopped;
mod tally;
mod unlisted;
mod verdict;
mod versions;
mod what_if;
mod whichever;
mod whole;

pub use clock::{Clock, DelayReason, Evidence, Extension, Marks, State, Why};
pub use engine::{Answers, ClockEngine};
pub use figures::Figures;
pub use look_back::{Looked, LookedBack};
pub use question::Question;
pub use tally::{Heading, Tallied, Tick};
pub use unlisted::{Unlisted, UnlistedClocks};
pub use what_if::{Difference, Side, differences};
